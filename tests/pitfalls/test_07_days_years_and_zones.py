"""Pitfall 7: UTC storage; leap day; a holiday across New Year; a zone with DST."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from cases.calendar_edits import copy_calendar
from cases.calendars import calendars
from cases.models import Calendar
from cases.workdays import SHANGHAI, DayKind, Unit, WorkCalendar, WorkSchedule
from tests.cases.calendar_edits.edits import TUESDAY, at, clock_of, count_all, days, edit, open_case
from tests.cases.office import OFFICE, china, local

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = Unit.WORK_HOUR


def test_pitfall_07_moments_are_stored_in_utc_whatever_zone_they_come_in(session: Session) -> None:
    case = open_case(session)
    clock = clock_of(session, case, at("2026-03-10", "09:00", SHANGHAI))
    session.expire_all()
    assert clock.started_at.tzinfo is UTC
    assert clock.segments == [["2026-03-10T01:00:00Z", None, None]]
    raw = session.execute(text("SELECT started_at::text, due_at::text FROM clocks")).one()
    session.execute(text("SET LOCAL TIME ZONE 'America/New_York'"))
    assert clock.due_at == at("2026-03-12", "09:00")
    session.execute(text("SET LOCAL TIME ZONE 'UTC'"))
    assert session.execute(text("SELECT started_at::text, due_at::text FROM clocks")).one() == raw
    clock.due_at = datetime(2026, 3, 10, 9, 0)  # noqa: DTZ001  that is the point
    with pytest.raises(StatementError):
        session.flush()


def test_pitfall_07_a_leap_day_counts_like_any_day_and_only_in_its_year() -> None:
    calendar = china()
    assert calendar.add(local("2024-02-28T17:00"), 120, HOUR) == local("2024-02-29T09:00")
    assert calendar.add(local("2023-02-28T17:00"), 120, HOUR) == local("2023-03-01T09:00")
    week = timedelta(days=7)
    assert calendar.used(local("2024-02-26T08:00"), local("2024-02-26T08:00") + week, HOUR) == 5 * 8 * 3600


def test_pitfall_07_an_imported_leap_year_has_its_day(session: Session) -> None:
    now = at("2027-11-20", "09:00")
    edit(session, days(("2028-01-01", DayKind.HOLIDAY, "元旦")), now=now)
    rules = calendars(session)
    assert rules.day(1, date(2028, 2, 29)) == (DayKind.WORKDAY, "")
    assert rules.of(1).add(at("2028-02-28", "17:00"), 120, HOUR) == at("2028-02-29", "09:00")


def test_pitfall_07_a_holiday_across_new_year_is_skipped_as_one() -> None:
    """2026-12-31 is a work day; 2023-12-30 to 2024-01-01 were off."""
    calendar = china()
    assert calendar.add(local("2023-12-29T17:00"), 120, HOUR) == local("2024-01-02T09:00")


def test_pitfall_07_a_holiday_across_new_year_made_by_an_edit_moves_the_clock_over_it(session: Session) -> None:
    start = at("2026-12-31", "09:00")
    clock = clock_of(session, open_case(session), start, hours=8)
    before = clock.due_at
    edit(session, days(("2026-12-31", DayKind.HOLIDAY, "元旦"), ("2027-01-04", DayKind.HOLIDAY, "元旦")), now=TUESDAY)
    count_all(session, now=TUESDAY)
    assert before.year == clock.due_at.year == 2027
    assert clock.due_at == calendars(session).of(1).add(start, 480, HOUR)
    assert clock.due_at > before


def berlin() -> WorkCalendar:
    first, last = date(2026, 3, 1), date(2026, 12, 31)
    row = [(first + timedelta(offset)).weekday() < 5 for offset in range((last - first).days + 1)]
    return WorkCalendar(first, row, [WorkSchedule(first, OFFICE)], zone=BERLIN)


@pytest.mark.parametrize(
    ("friday", "monday", "hours_apart"), [("2026-03-27", "2026-03-30", 63), ("2026-10-23", "2026-10-26", 65)]
)
def test_pitfall_07_in_a_zone_with_dst_a_working_day_keeps_its_hours(
    friday: str, monday: str, hours_apart: int
) -> None:
    """The clocks change on the Sunday between: the wall says the same, the moments are an hour nearer or farther."""
    calendar = berlin()
    start = at(friday, "17:00", BERLIN)
    due_at = calendar.add(start, 120, HOUR)
    assert due_at == at(monday, "09:00", BERLIN)
    assert due_at - start == timedelta(hours=hours_apart)


def test_pitfall_07_in_a_zone_with_dst_every_minute_is_a_minute() -> None:
    calendar = berlin()
    start = at("2026-03-29", "01:30", BERLIN)
    assert calendar.add(start, 60, Unit.URGENT_HOUR) == at("2026-03-29", "03:30", BERLIN)


def test_pitfall_07_a_calendar_of_another_zone_in_the_database_counts_by_its_own_wall(session: Session) -> None:
    made = copy_calendar(session, "Berlin", 1, now=TUESDAY)
    session.get_one(Calendar, made.id).zone = "Europe/Berlin"
    session.flush()
    edit(session, days(("2026-03-30", DayKind.HOLIDAY)), now=TUESDAY, calendar_id=made.id)
    clock = clock_of(session, open_case(session), at("2026-03-27", "17:00", BERLIN), hours=2, calendar_id=made.id)
    assert clock.due_at == at("2026-03-31", "09:00", BERLIN) == datetime(2026, 3, 31, 7, 0, tzinfo=UTC)
