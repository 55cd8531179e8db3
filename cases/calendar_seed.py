"""The days that a new working calendar starts from: two packages compared day by day, guesses marked as guesses.

China's holidays and make-up days (调休) are decreed each November for the next year only. `chinesecalendar` holds the
decrees and refuses other years; `holidays` holds them too and guesses the rest without make-up days.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import chinese_calendar
import holidays

from cases.workdays import DayKind

DECREED = "holidays+chinesecalendar"
GUESSED = "holidays"


@dataclass(frozen=True)
class SeedDay:
    """One day as it should enter a calendar. `name` is the holiday's in Chinese, empty on plain days."""

    day: date
    kind: DayKind
    name: str
    provisional: bool
    source: str


class SourcesDisagree(ValueError):
    """The two packages tell different stories about `days`: a person must look into the decree."""

    def __init__(self, days: list[date]) -> None:
        super().__init__(f"holidays and chinesecalendar disagree on {', '.join(day.isoformat() for day in days)}")
        self.days = days


def calendar_days(first_year: int, last_year: int) -> list[SeedDay]:
    """Every day of the years, in order; days of a year without a decree come from one source and are provisional.

    Raises SourcesDisagree with all days that only one of the two takes for a day of work, ValueError for years that
    stand in the wrong order or that no source covers.
    """
    book = holidays.country_holidays("CN", language="zh_CN")
    if not book.start_year <= first_year <= last_year <= book.end_year:
        raise ValueError(
            f"no calendar from {first_year} to {last_year}: years stand in order from {book.start_year} on"
        )
    days: list[SeedDay] = []
    for year in range(first_year, last_year + 1):
        judge = _decreed if _is_decreed(year) else partial(_guessed, book)
        days += [judge(day) for day in _days(year)]
    disagreed = [one.day for one in days if one.kind.works != book.is_working_day(one.day)]
    if disagreed:
        raise SourcesDisagree(disagreed)
    return days


def _days(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(offset) for offset in range((date(year + 1, 1, 1) - first).days)]


def _is_decreed(year: int) -> bool:
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def _decreed(day: date) -> SeedDay:
    off, festival = chinese_calendar.get_holiday_detail(day)
    name = chinese_calendar.Holiday(festival).chinese if festival else ""
    if off:
        kind = DayKind.HOLIDAY if festival else DayKind.WEEKEND
    else:
        kind = DayKind.MAKEUP if festival else DayKind.WORKDAY
    return SeedDay(day, kind, name, provisional=False, source=DECREED)


def _guessed(book: holidays.HolidayBase, day: date) -> SeedDay:
    plain = DayKind.WEEKEND if book.is_weekend(day) else DayKind.WORKDAY
    name = book.get(day, "")
    return SeedDay(day, DayKind.HOLIDAY if name else plain, name, provisional=True, source=GUESSED)
