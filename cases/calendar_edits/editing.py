"""A calendar read, changed and copied; whoever edits it holds its row, so that of two at once one is told to look."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert as insert_or
from sqlalchemy.orm import Session

from cases.calendar_edits.wishes import Change, KeptCalendar, KeptDay, Wish, plan_change
from cases.errors import CalendarTaken, StaleRules
from cases.models import Calendar, CalendarDay, CalendarEdit, Schedule
from core.errors import Invalid, NotFound

log = structlog.get_logger()


def find_calendar(session: Session, calendar_id: int, *, version: int | None = None, lock: bool = False) -> Calendar:
    """The calendar's row, at that version if one is given. Raises NotFound `no-such-calendar`, StaleRules."""
    wanted = select(Calendar).where(Calendar.id == calendar_id).execution_options(populate_existing=True)
    found = session.scalars(wanted.with_for_update() if lock else wanted).one_or_none()
    if found is None:
        raise NotFound("no-such-calendar", calendar=calendar_id)
    if version is not None and version != found.version:
        raise StaleRules(version=found.version)
    return found


def read_calendar(session: Session, calendar: Calendar) -> KeptCalendar:
    """Its days and schedules as they are kept."""
    days = session.execute(
        select(CalendarDay.day, CalendarDay.kind, CalendarDay.name, CalendarDay.provisional, CalendarDay.source).where(
            CalendarDay.calendar_id == calendar.id
        )
    )
    schedules = session.execute(select(Schedule.valid_from, Schedule.shifts).where(Schedule.calendar_id == calendar.id))
    return KeptCalendar(
        calendar.id,
        ZoneInfo(calendar.zone),
        {row.day: KeptDay(row.kind, row.name, row.provisional, row.source) for row in days},
        {row.valid_from: tuple((start, end) for start, end in row.shifts) for row in schedules},
    )


def edit_calendar(
    session: Session, calendar_id: int, wish: Wish, *, version: int, person_id: int | None, now: datetime
) -> tuple[CalendarEdit, Change]:
    """Change the calendar to its next version and leave word for the worker to count the open clocks anew.

    Raises NotFound, StaleRules when somebody was faster, and as `plan_change`.
    """
    calendar = find_calendar(session, calendar_id, version=version, lock=True)
    change = plan_change(read_calendar(session, calendar), wish, now=now)
    _write_days(session, calendar_id, change)
    _write_schedules(session, calendar_id, change)
    calendar.version += 1
    edit = CalendarEdit(
        calendar_id=calendar_id, version=calendar.version, at=now, person_id=person_id, change=change.as_json(),
        last_case_id=0, clocks=0, moved=0,
    )  # fmt: skip
    session.add(edit)
    session.flush()
    log.info("calendar-edited", calendar=calendar_id, version=calendar.version, days=len(change.days))
    return edit, change


def _write_days(session: Session, calendar_id: int, change: Change) -> None:
    if not change.days:
        return
    rows = [
        {
            "calendar_id": calendar_id, "day": day, "kind": new.kind, "name": new.name,
            "provisional": new.provisional, "source": new.source,
        }
        for day, new in sorted(change.days.items())
    ]  # fmt: skip
    write = insert_or(CalendarDay)
    columns = ("kind", "name", "provisional", "source")
    put = write.on_conflict_do_update(
        index_elements=["calendar_id", "day"], set_={name: write.excluded[name] for name in columns}
    )
    session.execute(put, rows)


def _write_schedules(session: Session, calendar_id: int, change: Change) -> None:
    for valid_from, shifts in change.schedules.items():
        wanted = select(Schedule).where(Schedule.calendar_id == calendar_id, Schedule.valid_from == valid_from)
        kept = session.scalars(wanted).one_or_none()
        rows: list[Any] = [list(pair) for pair in shifts]
        if kept is None:
            session.add(Schedule(calendar_id=calendar_id, valid_from=valid_from, shifts=rows))
        elif rows:
            kept.shifts = rows
        else:
            session.delete(kept)


def copy_calendar(session: Session, name: str, copy_of: int, *, now: datetime) -> Calendar:
    """A new calendar with the days and shifts of another. Raises Invalid for one that isn't there, CalendarTaken."""
    session.execute(text("LOCK TABLE calendars IN SHARE ROW EXCLUSIVE MODE"))
    source = session.get(Calendar, copy_of, populate_existing=True)
    if source is None:
        raise Invalid.one("copy_of", "no_such_calendar")
    if session.scalar(select(func.count()).select_from(Calendar).where(Calendar.name == name)):
        raise CalendarTaken(name=name)
    made = Calendar(name=name, zone=source.zone, version=1)
    session.add(made)
    session.flush()
    values = {"made": made.id, "source": source.id}
    session.execute(_COPY_DAYS, values)
    session.execute(_COPY_SCHEDULES, values)
    log.info("calendar-made", calendar=made.id, copy_of=copy_of, at=now)
    return made


_COPY_DAYS = text("""
    INSERT INTO calendar_days (calendar_id, day, kind, name, provisional, source)
    SELECT :made, day, kind, name, provisional, source FROM calendar_days WHERE calendar_id = :source
""")
_COPY_SCHEDULES = text("""
    INSERT INTO schedules (calendar_id, valid_from, shifts)
    SELECT :made, valid_from, shifts FROM schedules WHERE calendar_id = :source
""")


def year_of(session: Session, calendar_id: int, year: int) -> list[dict[str, Any]]:
    """The days of a year as they are kept, in order."""
    rows = session.execute(
        select(CalendarDay.day, CalendarDay.kind, CalendarDay.name, CalendarDay.provisional, CalendarDay.source)
        .where(CalendarDay.calendar_id == calendar_id)
        .where(CalendarDay.day >= date(year, 1, 1), CalendarDay.day <= date(year, 12, 31))
        .order_by(CalendarDay.day)
    )
    return [dict(row) for row in rows.mappings()]
