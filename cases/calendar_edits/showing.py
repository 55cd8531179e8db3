"""Calendars, their days and the edits of them, as readers see them."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases.calendar_edits.editing import find_calendar, year_of
from cases.calendars import YearReport, calendar_report
from cases.models import Calendar, CalendarEdit, Schedule
from grid.models import Centre, Department
from people.models import Person


def list_calendars(session: Session, *, after: int = 0, limit: int = 50) -> list[dict[str, Any]]:
    """Calendars by id, those after `after`, with their schedules, their years and how many use them."""
    wanted = select(Calendar).where(Calendar.id > after).order_by(Calendar.id).limit(limit)
    return _shown(session, list(session.scalars(wanted)))


def show_calendar(session: Session, calendar_id: int) -> dict[str, Any]:
    """One of them; raises NotFound `no-such-calendar`."""
    return _shown(session, [find_calendar(session, calendar_id)])[0]


def _shown(session: Session, calendars: list[Calendar]) -> list[dict[str, Any]]:
    ids = [one.id for one in calendars]
    schedules: dict[int, list[dict[str, Any]]] = {one: [] for one in ids}
    rows = session.execute(
        select(Schedule.calendar_id, Schedule.valid_from, Schedule.shifts)
        .where(Schedule.calendar_id.in_(ids))
        .order_by(Schedule.valid_from)
    )
    for row in rows:
        schedules[row.calendar_id].append({"valid_from": row.valid_from, "shifts": row.shifts})
    years: dict[int, list[dict[str, Any]]] = {one: [] for one in ids}
    for year in calendar_report(session):
        if year.calendar_id in years:
            years[year.calendar_id].append(_year(year))
    centres, departments = _users(session, Centre.calendar_id), _users(session, Department.calendar_id)
    return [
        {
            "id": one.id, "name": one.name, "zone": one.zone, "version": one.version, "schedules": schedules[one.id],
            "years": years[one.id], "centres": centres.get(one.id, 0), "departments": departments.get(one.id, 0),
        }
        for one in calendars
    ]  # fmt: skip


def _year(year: YearReport) -> dict[str, Any]:
    return {"year": year.year, "days": year.days, "complete": year.complete, "provisional": year.provisional}


def _users(session: Session, column: Any) -> dict[int, int]:
    """How many that are not retired point at each calendar."""
    table = column.class_
    counted = select(column, func.count()).where(column.is_not(None), table.retired_at.is_(None)).group_by(column)
    return {row[0]: row[1] for row in session.execute(counted)}


def show_days(session: Session, calendar_id: int, year: int) -> dict[str, Any]:
    """The days of one year, none if the calendar doesn't have it; raises NotFound `no-such-calendar`."""
    calendar = find_calendar(session, calendar_id)
    return {"year": year, "version": calendar.version, "days": year_of(session, calendar_id, year)}


def list_edits(
    session: Session, calendar_id: int | None, *, before: int | None = None, limit: int = 50
) -> list[dict[str, Any]]:
    """The edits of a calendar, or of the ladder (None), the newest first; raises NotFound `no-such-calendar`."""
    if calendar_id is not None:
        find_calendar(session, calendar_id)
    wanted = _edits().where(CalendarEdit.calendar_id.is_not_distinct_from(calendar_id))
    if before is not None:
        wanted = wanted.where(CalendarEdit.id < before)
    rows = session.execute(wanted.order_by(CalendarEdit.id.desc()).limit(limit))
    return [_edit(row.CalendarEdit, row.person) for row in rows]


def edit_as_json(session: Session, edit: CalendarEdit) -> dict[str, Any]:
    """One edit, with who made it."""
    row = session.execute(_edits().where(CalendarEdit.id == edit.id)).one()
    return _edit(row.CalendarEdit, row.person)


def _edits() -> Any:
    return select(CalendarEdit, Person.name.label("person")).outerjoin(Person, Person.id == CalendarEdit.person_id)


def _edit(edit: CalendarEdit, person: str | None) -> dict[str, Any]:
    names = ("id", "at", "version", "change", "clocks", "moved", "done_at")
    return {**{name: getattr(edit, name) for name in names}, "person": person}
