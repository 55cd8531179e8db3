"""Clocking in and out: at most one open shift a person, by the id that the phone made: sending again is harmless.

A shift that nobody ended has `ended_at` and no `ended_received_at` once the server closed it; the phone that comes back
and knows better says when it really ended.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, delete, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from cases.errors import OnDutyElsewhere, ShiftDiffers, ShiftEnded, ShiftOverlaps
from cases.intake.body import PointBody
from cases.models import Alarm, Shift, Track
from cases.patrol.given import as_point, check_moment, is_same_point
from core.errors import Invalid, NotAllowed, NotFound
from core.settings import Settings
from grid.models import Centre
from people.models import Person
from people.roles import Actor, Role, Seat

FORGOTTEN_AFTER = timedelta(hours=16)
"""A shift still open so long after it began, and after the server heard of it, was forgotten: nobody walks so long."""


CLOCKS_DIFFER = timedelta(minutes=2)
"""Shifts may overlap by so much: a phone that learns its error between two clockings shifts one of them."""


@dataclass(frozen=True)
class Start:
    """What the phone says at clocking in; the moment is by the server's clock as the phone reckoned it.

    `device_at` is what its own clock showed: kept as a remark, no part of what tells two bodies apart.
    """

    started_at: datetime
    point: PointBody | None = None
    centre_code: str | None = None
    device_at: datetime | None = None


@dataclass(frozen=True)
class End:
    """What the phone says at clocking out."""

    ended_at: datetime
    point: PointBody | None = None
    device_at: datetime | None = None


class Clocked(NamedTuple):
    """The shift; `created` is False when it had come before."""

    created: bool
    shift: Shift


def clock_in(
    session: Session, actor: Actor, shift_id: UUID, start: Start, *, now: datetime, settings: Settings
) -> Clocked:
    """Begin a shift at the inspector's centre; the same once more gives the shift as it is now.

    One that comes late and began before another is over, as far as is known, when that began; its phone says better.
    Raises NotAllowed (no inspector), Invalid (the moment, or a centre where they are none), OnDutyElsewhere and
    ShiftOverlaps naming the shift in which they were then, ShiftDiffers.
    """
    person_id = _lock_person(session, actor)
    known = session.get(Shift, shift_id)
    if known is not None:
        if not _is_same(session, known, person_id, start):
            raise ShiftDiffers(shift=str(shift_id))
        return Clocked(False, known)
    seat = _beat(actor, start.centre_code)
    check_moment("started_at", start.started_at, now=now, settings=settings)
    guessed = _around(session, person_id, start.started_at, settings)
    made = session.scalar(
        insert(Shift)
        .values(
            id=shift_id,
            person_id=person_id,
            centre_id=seat.centre_id,
            started_at=start.started_at,
            started_received_at=now,
            started_device_at=start.device_at,
            started_point=as_point(start.point),
            ended_at=_next_start(session, person_id, start.started_at),
        )
        .on_conflict_do_nothing(index_elements=[Shift.id])
        .returning(Shift)
    )
    if made is None:  # somebody else's phone made the same id in the same moment
        raise ShiftDiffers(shift=str(shift_id))
    for shift in guessed:
        close(session, shift, ended_at=start.started_at, received_at=None)
    return Clocked(True, made)


def _around(session: Session, person_id: int, moment: datetime, settings: Settings) -> Sequence[Shift]:
    """The person's shifts around a moment whose end was only guessed. Raises for others: OnDutyElsewhere, …Overlaps."""
    later = or_(Shift.ended_at.is_(None), Shift.ended_at > moment + CLOCKS_DIFFER)
    wanted = select(Shift).where(Shift.person_id == person_id, Shift.started_at <= moment, later)
    found = session.scalars(wanted.order_by(Shift.started_at).with_for_update(key_share=True)).all()
    for shift in found:
        if shift.ended_at is None:
            raise OnDutyElsewhere(shift=str(shift.id), started_at=shift.started_at)
        if shift.ended_received_at is not None:
            raise _overlaps(shift, settings)
    return found


def _next_start(session: Session, person_id: int, moment: datetime) -> datetime | None:
    """When the next shift of the person that is known began, and not longer than a shift is; None: there is none."""
    begun = select(func.min(Shift.started_at)).where(Shift.person_id == person_id, Shift.started_at > moment)
    found = session.scalar(begun)
    return None if found is None else min(found, moment + FORGOTTEN_AFTER)


def _overlaps(other: Shift, settings: Settings) -> ShiftOverlaps:
    zone = ZoneInfo(settings.calendar.zone)
    span = [
        moment.astimezone(zone).strftime("%m-%d %H:%M") if moment else ""
        for moment in (other.started_at, other.ended_at)
    ]
    return ShiftOverlaps(
        shift=str(other.id), started_at=other.started_at, ended_at=other.ended_at, span=" – ".join(span).rstrip()
    )


def clock_out(session: Session, actor: Actor, shift_id: UUID, end: End, *, now: datetime, settings: Settings) -> Shift:
    """End one's own shift; the same moment once more changes nothing, and what the server closed is put right.

    Alarms end with the shift, and points behind its end are forgotten: they were off duty.
    Raises NotFound (also for somebody else's), Invalid, ShiftEnded (at another moment, or elsewhere), ShiftOverlaps.
    """
    wanted = select(Shift).where(Shift.id == shift_id, Shift.person_id == actor.person_id)
    shift = session.scalars(wanted.with_for_update(key_share=True)).one_or_none()
    if shift is None:
        raise NotFound(shift=str(shift_id))
    if shift.ended_at is not None and shift.ended_received_at is not None:
        if shift.ended_at != end.ended_at or not is_same_point(shift.ended_point, end.point):
            raise ShiftEnded(shift=str(shift_id), ended_at=shift.ended_at)
        return shift
    check_moment("ended_at", end.ended_at, now=now, settings=settings)
    if end.ended_at < shift.started_at:
        raise Invalid.one("ended_at", "before_from")
    _check_next(session, shift, end.ended_at, settings)
    close(session, shift, ended_at=end.ended_at, received_at=now)
    told = {"ended_point": as_point(end.point), "ended_device_at": end.device_at}
    session.execute(update(Shift).where(Shift.id == shift.id).values(told))
    return shift


def _check_next(session: Session, shift: Shift, ended_at: datetime, settings: Settings) -> None:
    """Raise ShiftOverlaps when another shift of the person had begun by then."""
    wanted = select(Shift).where(
        Shift.person_id == shift.person_id,
        Shift.id != shift.id,
        Shift.started_at >= shift.started_at,
        Shift.started_at < ended_at - CLOCKS_DIFFER,
    )
    other = session.scalars(wanted.order_by(Shift.started_at).limit(1)).first()
    if other is not None:
        raise _overlaps(other, settings)


def close(session: Session, shift: Shift, *, ended_at: datetime, received_at: datetime | None) -> None:
    """Put the end to a shift that is locked, to its alarms and to points behind it."""
    before, shift.ended_at, shift.ended_received_at = shift.ended_at, ended_at, received_at
    alarms = Alarm.shift_id == shift.id
    session.execute(delete(Alarm).where(alarms, Alarm.started_at > ended_at))
    # those that end with the shift: open, beyond the new end, or put to the end that was guessed
    with_it = or_(Alarm.ended_at.is_(None), Alarm.ended_at > ended_at, Alarm.ended_at == before)
    session.execute(update(Alarm).where(alarms, with_it).values(ended_at=ended_at))
    other = aliased(Shift)
    elsewhere = exists().where(
        other.person_id == Track.person_id,
        other.id != shift.id,
        other.started_at <= Track.at,
        or_(other.ended_at.is_(None), other.ended_at >= Track.at),
    )
    session.execute(delete(Track).where(Track.person_id == shift.person_id, Track.at > ended_at, ~elsewhere))
    session.flush()


def open_shift_of(conn: Connection | Session, person_id: int) -> dict[str, Any] | None:
    """The person's open shift as `{id, started_at}`, in one statement."""
    row = conn.execute(_open(person_id)).first()
    return None if row is None else {"id": row.id, "started_at": row.started_at}


def close_forgotten(session: Session, *, now: datetime, batch: int = 200) -> int:
    """Close shifts that were forgotten open, at their last point, or without any after FORGOTTEN_AFTER; how many.

    No `ended_received_at` then says that nobody ended it. A shift that was told late waits as long for its own end.
    """
    before = now - FORGOTTEN_AFTER
    wanted = select(Shift).where(
        Shift.ended_at.is_(None), Shift.started_at < before, Shift.started_received_at < before
    )
    shifts = session.scalars(wanted.order_by(Shift.started_at).limit(batch).with_for_update(skip_locked=True)).all()
    for shift in shifts:
        longest = shift.started_at + FORGOTTEN_AFTER
        seen = select(func.max(Track.at)).where(
            Track.person_id == shift.person_id, Track.at >= shift.started_at, Track.at <= longest
        )
        close(session, shift, ended_at=session.scalar(seen) or longest, received_at=None)
    return len(shifts)


def _is_same(session: Session, known: Shift, person_id: int, start: Start) -> bool:
    """Whether a clocking in that came before said the same; without a centre it means whichever it was."""
    said = (known.person_id, known.started_at) == (person_id, start.started_at)
    if not said or not is_same_point(known.started_point, start.point):
        return False
    return start.centre_code in {None, session.get_one(Centre, known.centre_id).code}


def _open(person_id: int) -> Any:
    return select(Shift.id, Shift.started_at).where(Shift.person_id == person_id, Shift.ended_at.is_(None))


def _lock_person(session: Session, actor: Actor) -> int:
    """One clocking in of a person after the other: two phones at once get one shift and one no."""
    locked = select(Person.id).where(Person.id == actor.person_id).with_for_update(key_share=True)
    return session.scalars(locked).one()


def _beat(actor: Actor, code: str | None) -> Seat:
    """The seat as inspector, at the centre that is named, or the first."""
    seats = [seat for seat in actor.seats if seat.role is Role.INSPECTOR]
    if not seats:
        raise NotAllowed(needs=[Role.INSPECTOR.value])
    found = next((seat for seat in seats if code in {None, seat.centre_code}), None)
    if found is None:
        raise Invalid.one("centre_code", "not_on_this_beat")
    return found
