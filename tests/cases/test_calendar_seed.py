"""The seed of the working calendar: two sources that agree, and a guess that says so."""

from collections import Counter
from datetime import date, timedelta
from functools import cache

import pytest

from cases.calendar_seed import SeedDay, SourcesDisagree, calendar_days
from cases.workdays import DayKind


@cache
def seeded() -> dict[date, SeedDay]:
    return {one.day: one for one in calendar_days(2018, 2027)}


def test_every_day_of_the_years_is_there_once_and_in_order() -> None:
    days = [one.day for one in calendar_days(2024, 2025)]
    assert days == [date(2024, 1, 1) + timedelta(offset) for offset in range(366 + 365)]


@pytest.mark.parametrize(
    ("day", "kind", "name"),
    [
        (date(2018, 9, 28), DayKind.WORKDAY, ""),
        (date(2018, 9, 29), DayKind.MAKEUP, "国庆节"),
        (date(2018, 9, 30), DayKind.MAKEUP, "国庆节"),
        (date(2018, 10, 1), DayKind.HOLIDAY, "国庆节"),
        (date(2018, 10, 7), DayKind.HOLIDAY, "国庆节"),
        (date(2018, 10, 8), DayKind.WORKDAY, ""),
        (date(2018, 10, 13), DayKind.WEEKEND, ""),
        (date(2018, 12, 31), DayKind.HOLIDAY, "元旦"),
        (date(2020, 1, 31), DayKind.HOLIDAY, "春节"),
        (date(2024, 2, 29), DayKind.WORKDAY, ""),
        (date(2026, 2, 28), DayKind.MAKEUP, "春节"),
    ],
)
def test_decreed_days_are_what_the_decree_says(day: date, kind: DayKind, name: str) -> None:
    assert seeded()[day] == SeedDay(day, kind, name, provisional=False, source="holidays+chinesecalendar")


@pytest.mark.parametrize(
    ("day", "kind", "name"),
    [
        (date(2027, 1, 1), DayKind.HOLIDAY, "元旦"),
        (date(2027, 2, 6), DayKind.HOLIDAY, "春节"),
        (date(2027, 1, 4), DayKind.WORKDAY, ""),
        (date(2027, 1, 9), DayKind.WEEKEND, ""),
    ],
)
def test_a_year_without_a_decree_is_guessed_and_marked(day: date, kind: DayKind, name: str) -> None:
    assert seeded()[day] == SeedDay(day, kind, name, provisional=True, source="holidays")


def test_exactly_the_year_without_a_decree_is_provisional() -> None:
    assert {one.day.year for one in seeded().values() if one.provisional} == {2027}
    assert all(one.provisional for one in seeded().values() if one.day.year == 2027)


def test_a_guess_knows_no_makeup_days() -> None:
    makeup = Counter(one.day.year for one in seeded().values() if one.kind is DayKind.MAKEUP)
    assert makeup == {2018: 7, 2019: 6, 2020: 6, 2021: 7, 2022: 7, 2023: 7, 2024: 8, 2025: 5, 2026: 6}


def test_makeup_days_are_weekend_days_and_named() -> None:
    for one in seeded().values():
        if one.kind is DayKind.MAKEUP:
            assert one.day.weekday() >= 5
            assert one.name


def test_a_disagreement_names_the_days() -> None:
    with pytest.raises(SourcesDisagree, match="2005-12-31") as refusal:  # a real one between the two packages
        calendar_days(2005, 2006)
    assert refusal.value.days == [date(2005, 12, 31)]


@pytest.mark.parametrize(("first", "last"), [(2027, 2026), (1900, 2020), (2020, 2400)])
def test_years_that_nobody_knows_are_refused(first: int, last: int) -> None:
    with pytest.raises(ValueError, match="no calendar from"):
        calendar_days(first, last)
