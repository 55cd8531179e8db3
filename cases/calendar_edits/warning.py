"""Warn in time: a year that a calendar in use does not have, or only guesses, because its notice is not out.

China decrees holidays and make-up days each November for the next year only; from `calendar.warn_from` on (1 December)
whoever administers the city is told, by a notice once a calendar and year, in GET /calendars, and in the log each day.
"""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import select, union
from sqlalchemy.orm import Session

from cases.calendars import calendar_report
from cases.models import Calendar, Notice
from cases.notices import NoticeKind
from core.settings import Settings
from grid.models import Centre, Department
from people.roles import Role

log = structlog.get_logger()


@dataclass(frozen=True)
class YearWarning:
    """A calendar in use lacks days of the year (`missing`), or so many of them are guessed (`provisional`)."""

    calendar_id: int
    name: str
    year: int
    missing: bool
    provisional: int


def year_warnings(session: Session, *, now: datetime, settings: Settings) -> list[YearWarning]:
    """What calendars in use lack of this year, and from `calendar.warn_from` on of the next."""
    today = now.astimezone(ZoneInfo(settings.calendar.zone)).date()
    years = [today.year] + ([today.year + 1] if today >= warn_from(today.year, settings) else [])
    reports = {(one.calendar_id, one.year): one for one in calendar_report(session)}
    used: Any = union(
        select(Centre.calendar_id).where(Centre.retired_at.is_(None)),
        select(Department.calendar_id).where(Department.retired_at.is_(None), Department.calendar_id.is_not(None)),
    )
    wanted = select(Calendar.id, Calendar.name).where(Calendar.id.in_(used)).order_by(Calendar.id)
    found = []
    for row in session.execute(wanted):
        for year in years:
            report = reports.get((row.id, year))
            missing, provisional = report is None or not report.complete, report.provisional if report else 0
            if missing or provisional:
                found.append(YearWarning(row.id, row.name, year, missing, provisional))
    return found


def warn_from(year: int, settings: Settings) -> date:
    """The day from which the next year is missed; ValueError for a setting that is no day like 12-01."""
    return date.fromisoformat(f"{year}-{settings.calendar.warn_from}")


def tell_administrators(session: Session, *, now: datetime, settings: Settings) -> int:
    """Log what is lacking, and tell who administers the city once a calendar and year; how many notices were new."""
    warnings = year_warnings(session, now=now, settings=settings)
    roots = session.scalars(select(Centre.id).where(Centre.parent_id.is_(None), Centre.retired_at.is_(None))).all()
    for warning in warnings:
        log.warning("calendar-ends", **asdict(warning))
    new = [
        Notice(at=now, kind=NoticeKind.CALENDAR_ENDS, centre_id=root, role=Role.ADMIN, data=asdict(warning))
        for warning in warnings
        for root in roots
        if not _is_told(session, root, warning)
    ]
    session.add_all(new)
    session.flush()
    return len(new)


def _is_told(session: Session, centre_id: int, warning: YearWarning) -> bool:
    """Asked with the calendar's row locked, so that of two workers the second finds the notice of the first."""
    session.execute(select(Calendar.id).where(Calendar.id == warning.calendar_id).with_for_update())
    told = select(Notice.id).where(
        Notice.centre_id == centre_id,
        Notice.role == Role.ADMIN,
        Notice.kind == NoticeKind.CALENDAR_ENDS,
        Notice.data["calendar_id"].as_integer() == warning.calendar_id,
        Notice.data["year"].as_integer() == warning.year,
    )
    return session.scalar(told.limit(1)) is not None
