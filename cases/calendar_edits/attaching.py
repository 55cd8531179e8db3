"""Which calendar an organisation works by: a duty centre runs shifts over midnight, an office does not (domain §4.4).

A clock keeps the calendar that it began with (docs/decisions/0012): what is attached counts for the clocks that begin.
"""

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.models import Calendar
from core.errors import Invalid
from grid.models import Centre, Department

log = structlog.get_logger()


def attach_to_centre(session: Session, centre: Centre, calendar_id: int) -> Centre:
    """Let the centre work by the calendar. Raises Invalid on `calendar_id` when there is none."""
    _check(session, calendar_id)
    log.info("calendar-attached", centre=centre.code, before=centre.calendar_id, calendar=calendar_id)
    centre.calendar_id = calendar_id
    session.flush()
    return centre


def attach_to_department(session: Session, department: Department, calendar_id: int | None) -> Department:
    """Let the department work by a calendar of its own, or by its centre's (None); raises as `attach_to_centre`."""
    if calendar_id is not None:
        _check(session, calendar_id)
    log.info("calendar-attached", department=department.code, before=department.calendar_id, calendar=calendar_id)
    department.calendar_id = calendar_id
    session.flush()
    return department


def _check(session: Session, calendar_id: int) -> None:
    if session.scalar(select(Calendar.id).where(Calendar.id == calendar_id)) is None:
        raise Invalid.one("calendar_id", "no_such_calendar")
