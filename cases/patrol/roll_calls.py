"""Roll calls (点名): the centre asks those on duty where they are; an answer after the time is late, none is missed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, insert, select
from sqlalchemy.orm import Session

from cases.errors import NobodyOnDuty, PhotoNotYours, RollCallAnswered
from cases.intake.body import PointBody
from cases.models import Photo, RollCall, RollCallAnswer, Shift
from cases.patrol.given import as_point, below, check_moment, is_same_point, led_centre
from cases.patrol.telling import tell_roll_call
from core.errors import FieldError, Invalid, NotFound
from core.settings import Settings
from grid.models import Centre
from people.models import Person, Post
from people.roles import Actor, Role

STANDS = timedelta(hours=12)
"""A call that nobody answered is put before the inspector for so long after its time."""


@dataclass(frozen=True)
class Call:
    """What the centre asks; `people` None: everybody on duty on its ground."""

    centre_code: str
    minutes: int
    people: Sequence[int] | None = None
    photo_wanted: bool = False
    text: str = ""


@dataclass(frozen=True)
class Reply:
    """What the phone answers; the moment is by the server's clock as the phone reckoned it, `device_at` by its own."""

    answered_at: datetime
    point: PointBody | None = None
    photo: UUID | None = None
    text: str = ""
    device_at: datetime | None = None


class Replied(NamedTuple):
    """The person's answer, and whether it was captured after the time."""

    row: RollCallAnswer
    late: bool


class Called(NamedTuple):
    """The roll call, and who is asked."""

    call: RollCall
    people: list[int]


def call_roll(session: Session, actor: Actor, call: Call, *, now: datetime) -> Called:
    """Ask the inspectors; each has a notice.

    Raises NotFound, NotAllowed (a centre that one doesn't lead), Invalid for people who are no inspectors on its
    ground, NobodyOnDuty when nobody is named and nobody is there.
    """
    centre = led_centre(session, actor, call.centre_code)
    if call.people is None:
        people = _on_duty(session, centre)
        if not people:
            raise NobodyOnDuty(centre=centre.code)
    else:
        people = _inspectors(session, centre, call.people)
    made = RollCall(
        centre_id=centre.id,
        called_by=actor.person_id,
        called_at=now,
        answer_by=now + timedelta(minutes=call.minutes),
        photo_wanted=call.photo_wanted,
        text=call.text,
    )
    session.add(made)
    session.flush()
    session.execute(insert(RollCallAnswer), [{"roll_call_id": made.id, "person_id": one, "text": ""} for one in people])
    tell_roll_call(session, made, people, now=now)
    session.flush()
    return Called(made, people)


def answer_call(
    session: Session, actor: Actor, call_id: int, reply: Reply, *, now: datetime, settings: Settings
) -> Replied:
    """Answer for oneself; the same once more changes nothing. Late ones are taken, and shown as late.

    The photo's bytes may follow. Raises NotFound for who isn't asked, Invalid, PhotoNotYours, RollCallAnswered.
    """
    wanted = select(RollCallAnswer).where(
        RollCallAnswer.roll_call_id == call_id, RollCallAnswer.person_id == actor.person_id
    )
    row = session.scalars(wanted.with_for_update()).one_or_none()
    if row is None:
        raise NotFound(roll_call=call_id)
    call = session.get_one(RollCall, call_id)
    if row.answered_at is not None:
        said = (row.answered_at, row.photo_id, row.text) == (reply.answered_at, reply.photo, reply.text)
        if not said or not is_same_point(row.point, reply.point):
            raise RollCallAnswered(answered_at=row.answered_at)
        return Replied(row, row.answered_at > call.answer_by)
    _check_reply(call, reply, now=now, settings=settings)
    if reply.photo is not None:
        check_own_photo(session, actor, reply.photo)
    row.answered_at, row.received_at, row.device_at = reply.answered_at, now, reply.device_at
    row.point = as_point(reply.point)  # type: ignore[assignment]
    row.accuracy_m = reply.point.accuracy_m if reply.point is not None else None
    row.photo_id, row.text = reply.photo, reply.text
    session.flush()
    return Replied(row, reply.answered_at > call.answer_by)


def _check_reply(call: RollCall, reply: Reply, *, now: datetime, settings: Settings) -> None:
    check_moment("answered_at", reply.answered_at, now=now, settings=settings)
    faults = []
    # clocks differ a little: what is said to be before the call by more than they may is another call's answer
    if reply.answered_at < call.called_at - timedelta(minutes=settings.intake.future_minutes):
        faults.append(FieldError.of("answered_at", "before_call"))
    if call.photo_wanted and reply.photo is None:
        faults.append(FieldError.of("photo", "roll_call_photo"))
    if faults:
        raise Invalid(faults)


def check_own_photo(session: Session, actor: Actor, photo_id: UUID) -> None:
    """Raise PhotoNotYours when somebody else sent the photo, or named it in another answer, before."""
    sender = session.scalar(select(Photo.person_id).where(Photo.id == photo_id))
    if sender not in {None, actor.person_id}:
        raise PhotoNotYours(photo_id=str(photo_id))


def waiting_calls(conn: Connection | Session, person_id: int, *, now: datetime) -> list[dict[str, object]]:
    """The roll calls that wait for the person's answer, the most urgent first, in one statement."""
    rows = conn.execute(
        select(
            RollCall.id, RollCall.called_at, RollCall.answer_by, RollCall.photo_wanted, RollCall.text,
            Centre.code, Centre.name,
        )
        .join(RollCallAnswer, RollCallAnswer.roll_call_id == RollCall.id)
        .join(Centre, Centre.id == RollCall.centre_id)
        .where(
            RollCallAnswer.person_id == person_id,
            RollCallAnswer.answered_at.is_(None),
            RollCall.answer_by > now - STANDS,
        )
        .order_by(RollCall.answer_by, RollCall.id)
    )  # fmt: skip
    return [
        {
            "id": row.id, "centre": {"code": row.code, "name": row.name}, "called_at": row.called_at,
            "answer_by": row.answer_by, "photo_wanted": row.photo_wanted, "text": row.text,
        }
        for row in rows
    ]  # fmt: skip


def _on_duty(session: Session, centre: Centre) -> list[int]:
    wanted = select(Shift.person_id).where(Shift.ended_at.is_(None), Shift.centre_id.in_(below([centre.code])))
    return list(session.scalars(wanted.order_by(Shift.person_id)))


def _inspectors(session: Session, centre: Centre, people: Sequence[int]) -> list[int]:
    held = select(Post.id).where(
        Post.person_id == Person.id, Post.role == Role.INSPECTOR, Post.centre_id.in_(below([centre.code]))
    )
    wanted = select(Person.id).where(Person.id.in_(people), Person.disabled_at.is_(None), held.exists())
    found = set(session.scalars(wanted))
    if missing := sorted(set(people) - found):
        raise Invalid.one("people", "no_such_inspector", people=", ".join(map(str, missing[:20])))
    return sorted(found)
