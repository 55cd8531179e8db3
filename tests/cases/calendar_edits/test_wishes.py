"""What an edit may ask of a calendar, and what it makes of it; no database."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from cases.calendar_edits.wishes import (
    EDITED,
    FILLED,
    IMPORTED,
    Change,
    DayWish,
    KeptCalendar,
    KeptDay,
    ScheduleWish,
    Wish,
    plan_change,
)
from cases.calendar_seed import calendar_days
from cases.workdays import DayKind
from core.errors import Invalid
from tests.cases.calendar_edits.edits import TUESDAY, days, shifts

OFFICE = (("08:00", "12:00"), ("14:00", "18:00"))
DECREE = "2027-01-01,holiday,元旦\n2027-01-03,makeup,元旦\n\n# 春节\n2027-02-05,holiday,春节\n"


@cache
def china() -> KeptCalendar:
    """2026 decreed, 2027 guessed."""
    kept = {one.day: KeptDay(one.kind, one.name, one.provisional, one.source) for one in calendar_days(2026, 2027)}
    return KeptCalendar(1, ZoneInfo("Asia/Shanghai"), kept, {date(2026, 1, 1): OFFICE})


def plan(wish: Wish, kept: KeptCalendar | None = None) -> Change:
    return plan_change(kept or china(), wish, now=TUESDAY)


def refused(wish: Wish, kept: KeptCalendar | None = None) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refusal:
        plan(wish, kept)
    return [(error.field, error.code) for error in refusal.value.errors]


# --- days -------------------------------------------------------------------------------------------------------------


def test_a_day_that_becomes_a_holiday_is_told_with_what_it_was() -> None:
    change = plan(days(("2026-03-11", DayKind.HOLIDAY, "停电")))
    assert change.changed == [
        {"day": date(2026, 3, 11), "was": DayKind.WORKDAY, "kind": DayKind.HOLIDAY, "name": "停电"}
    ]
    assert change.days[date(2026, 3, 11)] == KeptDay(DayKind.HOLIDAY, "停电", False, EDITED)
    assert change.as_json() == {"days": [["2026-03-11", "holiday", "停电"]], "schedules": []}


def test_today_may_change_and_yesterday_may_not() -> None:
    assert plan(days(("2026-03-10", DayKind.HOLIDAY))).changed
    assert refused(days(("2026-03-09", DayKind.HOLIDAY))) == [("days.0.day", "day_past")]


def test_a_past_day_that_stays_as_it_is_may_stand_in_a_decree() -> None:
    past = china().days[date(2026, 1, 1)]
    wish = Wish(text=f"2026-01-01,{past.kind},{past.name}\n2026-03-11,holiday,停电")
    assert [one["day"] for one in plan(wish).changed] == [date(2026, 3, 11)]


def test_today_is_that_of_the_calendars_zone() -> None:
    """09:00 in Shanghai on the 10th is still the 9th in New York."""
    there = replace(china(), zone=ZoneInfo("America/New_York"))
    assert plan(days(("2026-03-09", DayKind.HOLIDAY)), there).changed


def test_all_faults_come_at_once() -> None:
    wish = Wish(
        days(("2026-03-09", DayKind.HOLIDAY), ("2026-03-11", DayKind.MAKEUP), ("2040-01-01", DayKind.HOLIDAY)).days,
        "2026-03-11,holiday\n2026-02-30,holiday,二月\nnonsense\n2026-05-01,feast,劳动节",
        (ScheduleWish(date(2026, 3, 1), OFFICE, "schedules.0"),),
    )
    assert refused(wish) == [
        ("text.2", "bad_line"), ("text.3", "bad_line"), ("text.4", "bad_line"),
        ("days.0.day", "day_past"), ("days.1.day", "not_a_weekend"), ("days.2.day", "too_far_ahead"),
        ("text.1", "duplicate"), ("schedules.0.valid_from", "day_past"),
    ]  # fmt: skip


def test_a_year_behind_a_gap_is_refused_and_two_years_in_a_row_are_not() -> None:
    assert refused(days(("2029-01-01", DayKind.HOLIDAY))) == [("days.0.day", "year_gap")]
    both = plan(days(("2028-01-01", DayKind.HOLIDAY), ("2029-01-01", DayKind.HOLIDAY)))
    assert len(both.changed) == 366 + 365


@pytest.mark.parametrize(
    "wish",
    [Wish(), Wish(text="# nothing\n\n"), days(("2026-03-11", DayKind.WORKDAY)), shifts("2026-01-01", *OFFICE)],
)
def test_what_changes_nothing_is_refused(wish: Wish) -> None:
    assert refused(wish) == [("", "nothing_changes")]


# --- a year as text ---------------------------------------------------------------------------------------------------


def test_a_decree_makes_its_year_sure_and_guesses_that_it_leaves_out_plain() -> None:
    guessed = {day for day, kept in china().days.items() if kept.kind is DayKind.HOLIDAY and day.year == 2027}
    change = plan(Wish(text=DECREE))
    after = {**china().days, **change.days}
    year = {day: kept for day, kept in after.items() if day.year == 2027}
    assert len(year) == 365
    assert not any(kept.provisional for kept in year.values())
    named = {day: (kept.kind, kept.name) for day, kept in year.items() if kept.source == IMPORTED}
    assert named == {
        date(2027, 1, 1): (DayKind.HOLIDAY, "元旦"),
        date(2027, 1, 3): (DayKind.MAKEUP, "元旦"),
        date(2027, 2, 5): (DayKind.HOLIDAY, "春节"),
    }
    assert guessed > {date(2027, 1, 1)}
    plain = {year[day].kind for day in guessed - set(named)}
    assert plain == {DayKind.WORKDAY, DayKind.WEEKEND}


def test_a_decree_leaves_decreed_days_of_its_year_alone() -> None:
    change = plan(Wish(text="2026-12-31,holiday,元旦"))
    assert set(change.days) == {date(2026, 12, 31)}


def test_days_alone_make_sure_only_themselves() -> None:
    change = plan(days(("2027-03-01", DayKind.HOLIDAY)))
    assert set(change.days) == {date(2027, 3, 1)}
    assert not change.days[date(2027, 3, 1)].provisional


def test_a_guessed_day_that_is_confirmed_as_it_was_is_a_change_though_its_kind_stays() -> None:
    change = plan(days(("2027-01-01", DayKind.HOLIDAY, china().days[date(2027, 1, 1)].name)))
    assert change.changed == []
    assert not change.days[date(2027, 1, 1)].provisional


@pytest.mark.parametrize(("by_text", "provisional"), [(True, False), (False, True)])
def test_a_year_that_is_missing_is_filled_by_the_days_of_the_week(by_text: bool, provisional: bool) -> None:
    line, wish = "2028-02-29,holiday,闰日", days(("2028-02-29", DayKind.HOLIDAY, "闰日"))
    change = plan(Wish(text=line) if by_text else wish)
    assert len(change.days) == 366
    filled = {day: kept for day, kept in change.days.items() if kept.source == FILLED}
    assert set(change.days) - set(filled) == {date(2028, 2, 29)}
    assert {kept.provisional for kept in filled.values()} == {provisional}
    assert all((kept.kind is DayKind.WEEKEND) == (day.weekday() >= 5) for day, kept in filled.items())
    assert change.changed[0]["was"] is None


# --- shifts -----------------------------------------------------------------------------------------------------------


def test_shifts_from_a_day_on_over_midnight_are_taken() -> None:
    change = plan(shifts("2026-04-01", ("06:00", "14:00"), ("14:00", "22:00"), ("22:00", "06:00")))
    assert change.after.is_open(TUESDAY.replace(month=4, hour=3))
    assert change.as_json()["schedules"] == [
        ["2026-04-01", (("06:00", "14:00"), ("14:00", "22:00"), ("22:00", "06:00"))]
    ]


@pytest.mark.parametrize(
    "pairs",
    [
        (("08:00", "12:00"), ("11:00", "18:00")),
        (("14:00", "18:00"), ("08:00", "12:00")),
        (("24:00", "06:00"),),
    ],
)
def test_shifts_that_overlap_or_stand_in_the_wrong_order_are_refused(pairs: tuple[tuple[str, str], ...]) -> None:
    assert refused(shifts("2026-04-01", *pairs)) == [("schedules.0.shifts", "shifts_overlap")]


def test_a_shift_that_runs_into_the_next_days_is_refused() -> None:
    assert refused(shifts("2026-04-01", ("07:00", "12:00"), ("22:00", "08:00"))) == [("schedules", "shifts_overlap")]


def test_a_schedule_twice_is_refused_and_one_to_come_can_be_taken_back() -> None:
    one = ScheduleWish(date(2026, 4, 1), (("09:00", "17:00"),), "schedules.0")
    assert refused(Wish(schedules=(one, replace(one, place="schedules.1")))) == [
        ("schedules.1.valid_from", "duplicate")
    ]
    kept = replace(china(), schedules={**china().schedules, one.valid_from: one.shifts})
    gone = plan(shifts("2026-04-01"), kept)
    assert gone.after.is_open(TUESDAY.replace(month=4, hour=8))
    assert not kept.work_calendar().is_open(TUESDAY.replace(month=4, hour=8))


# --- a calendar without working time ----------------------------------------------------------------------------------


def all_days(kind: Callable[[date], DayKind], first: date = date(2026, 3, 10)) -> Wish:
    last = max(china().days)
    row = [first + timedelta(offset) for offset in range((last - first).days + 1)]
    return Wish(tuple(DayWish(day, kind(day), "", "days") for day in row))


def test_a_calendar_on_which_nobody_works_from_now_on_is_refused() -> None:
    assert refused(all_days(lambda _: DayKind.HOLIDAY)) == [("", "no_working_time")]


def test_one_working_day_left_is_enough() -> None:
    last = max(china().days)
    one = plan(all_days(lambda day: DayKind.WORKDAY if day == last else DayKind.HOLIDAY))
    assert one.after.next_open(TUESDAY).astimezone(china().zone).date() == last
