"""Calendars and moments that the tests of working time share."""

from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from cases.calendar_seed import calendar_days
from cases.workdays import (
    SHANGHAI,
    Shift,
    Unit,
    WorkCalendar,
    WorkSchedule,
)

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = (Shift(480, 720), Shift(840, 1080))
MONDAY = date(2025, 3, 3)
SECOND = timedelta(seconds=1)
WORK_UNITS = [Unit.WORK_HOUR, Unit.WORK_DAY]
ALWAYS_UNITS = [Unit.URGENT_HOUR, Unit.NATURAL_DAY]


@cache
def china() -> WorkCalendar:
    days = calendar_days(2018, 2027)
    return WorkCalendar.of_days(
        {one.day: one.kind for one in days},
        [WorkSchedule(date(2018, 1, 1), OFFICE)],
        provisional=[one.day for one in days if one.provisional],
    )


def week(*shifts: Shift, days: str = "1111100", weeks: int = 4, zone: ZoneInfo = SHANGHAI) -> WorkCalendar:
    """Four weeks from a Monday on, worked on the days marked 1."""
    working = [mark == "1" for mark in days * weeks]
    return WorkCalendar(MONDAY, working, [WorkSchedule(MONDAY, shifts or OFFICE)], zone=zone)


def local(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)
