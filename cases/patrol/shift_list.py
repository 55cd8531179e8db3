"""Shifts as they are shown: one, or a page of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, or_, select, tuple_
from sqlalchemy.orm import Session

from cases.models import Shift
from cases.patrol.given import below, device_moment, led_centre, led_codes, lon_lat, place
from core.settings import Settings
from grid.models import Centre
from people.models import Person
from people.roles import Actor

Key = tuple[datetime, str]


@dataclass(frozen=True)
class ShiftFilter:
    """Which shifts: on a centre's ground, begun on a day of the calendar's zone, open or ended."""

    centre: str | None = None
    on: date | None = None
    open: bool | None = None


def show_shift(session: Session, shift_id: UUID) -> dict[str, Any]:
    """One shift."""
    return _shown(session.execute(_rows().where(Shift.id == shift_id)).one())


def list_shifts(
    session: Session, actor: Actor, wanted: ShiftFilter, *, limit: int, after: Key | None, settings: Settings
) -> list[dict[str, Any]]:
    """Shifts, the latest first, those after the key `(started_at, id)`: one's own, and those of whom one leads.

    A centre that is named shows those on its ground only. Raises NotFound, NotAllowed for one that isn't led.
    """
    statement = _rows().where(*_conditions(session, actor, wanted, settings))
    if after is not None:
        statement = statement.where(tuple_(Shift.started_at, Shift.id) < tuple_(after[0], UUID(after[1])))
    rows = session.execute(statement.order_by(Shift.started_at.desc(), Shift.id.desc()).limit(limit)).all()
    return [_shown(row) for row in rows]


def _conditions(session: Session, actor: Actor, wanted: ShiftFilter, settings: Settings) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.centre is not None:
        found.append(Shift.centre_id.in_(below([led_centre(session, actor, wanted.centre).code])))
    else:
        found.append(_within_sight(actor, led_codes(actor)))
    if wanted.on is not None:
        begins = datetime.combine(wanted.on, datetime.min.time(), ZoneInfo(settings.calendar.zone))
        found += [Shift.started_at >= begins, Shift.started_at < begins + timedelta(days=1)]
    if wanted.open is not None:
        found.append(Shift.ended_at.is_(None) if wanted.open else Shift.ended_at.is_not(None))
    return found


def _within_sight(actor: Actor, codes: Sequence[str]) -> ColumnElement[bool]:
    own = Shift.person_id == actor.person_id
    return or_(own, Shift.centre_id.in_(below(codes))) if codes else own


def _rows() -> Any:
    return (
        select(
            Shift.id, Shift.person_id, Shift.started_at, Shift.started_received_at, Shift.ended_at,
            Shift.ended_received_at, Shift.started_device_at, Shift.ended_device_at,
            Person.name.label("person_name"), Centre.code, Centre.name, Centre.level,
            *lon_lat(Shift.started_point, "started"), *lon_lat(Shift.ended_point, "ended"),
        )
        .join(Person, Person.id == Shift.person_id)
        .join(Centre, Centre.id == Shift.centre_id)
    )  # fmt: skip


def _shown(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "person": {"id": row.person_id, "name": row.person_name},
        "centre": {"code": row.code, "level": row.level, "name": row.name},
        "started_at": row.started_at,
        "started_received_at": row.started_received_at,
        "started_device_at": device_moment(row.started_device_at, row.started_at),
        "started_point": place(row, "started"),
        "ended_at": row.ended_at,
        "ended_received_at": row.ended_received_at,
        "ended_device_at": device_moment(row.ended_device_at, row.ended_at),
        "ended_point": place(row, "ended"),
        "forgotten": row.ended_at is not None and row.ended_received_at is None,
    }
