"""The desk's views: what waits for whom."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, exists, false, or_

from cases.models import Case, SupervisionOrder
from cases.permissions import visible
from cases.stages import Stage
from people.roles import Actor, Role, Seat

Condition = ColumnElement[bool]
OPEN: Condition = Case.ended_at.is_(None)


class Queue(StrEnum):
    """A view of the desk; all but the last three are what a stage waits for."""

    ACCEPT = "accept"
    VERIFY = "verify"
    FILE = "file"
    DISPATCH = "dispatch"
    SIGN = "sign"
    HANDLE = "handle"
    CHECK = "check"
    CLOSE = "close"
    OVERDUE = "overdue"
    SOON = "soon"
    SUPERVISED = "supervised"


QUEUES: dict[Queue, tuple[Stage, ...]] = {
    Queue.ACCEPT: (Stage.REPORTED,),
    Queue.VERIFY: (Stage.VERIFYING,),
    Queue.FILE: (Stage.PENDING_FILING,),
    Queue.DISPATCH: (Stage.PENDING_DISPATCH,),
    Queue.SIGN: (Stage.DISPATCHED,),
    Queue.HANDLE: (Stage.HANDLING,),
    Queue.CHECK: (Stage.HANDLED, Stage.CHECKING),
    Queue.CLOSE: (Stage.PENDING_CLOSING,),
}

# Whose turn it is at a stage (domain §4.2); what is theirs is narrowed by `_own`.
TURNS: dict[Role, tuple[Stage, ...]] = {
    Role.INSPECTOR: (Stage.VERIFYING, Stage.CHECKING),
    Role.ACCEPTOR: (Stage.REPORTED, Stage.HANDLED),
    Role.SHIFT_LEAD: (Stage.PENDING_FILING, Stage.PENDING_CLOSING),
    Role.DISPATCHER: (Stage.PENDING_DISPATCH,),
    Role.HANDLER: (Stage.DISPATCHED, Stage.HANDLING),
}


def in_queue(queue: Queue, actor: Actor, *, now: datetime) -> Condition:
    """The condition under which an open case stands in the view."""
    if queue in QUEUES:
        return and_(OPEN, Case.stage.in_(QUEUES[queue]))
    if queue is Queue.SUPERVISED:
        return supervised(actor)
    return overdue(now) if queue is Queue.OVERDUE else soon(now)


def overdue(now: datetime) -> Condition:
    """Red: the clock that burns has run out."""
    return and_(OPEN, Case.paused.is_(False), Case.due_at < now)


def soon(now: datetime) -> Condition:
    """Yellow: past the warning, not yet over."""
    return and_(OPEN, Case.paused.is_(False), Case.due_at >= now, Case.yellow_at <= now)


def supervised(actor: Actor) -> Condition:
    """A supervision order is open that one of the person's own centres has issued, or must answer."""
    centres = {seat.centre_id for seat in actor.seats}
    order = exists().where(
        SupervisionOrder.case_id == Case.id,
        SupervisionOrder.closed_at.is_(None),
        or_(SupervisionOrder.centre_id.in_(centres), SupervisionOrder.to_centre_id.in_(centres)),
    )
    return and_(OPEN, order)


def mine(actor: Actor) -> Condition:
    """What waits for the person: their stages, at their own centre, department or beat."""
    parts = [and_(Case.stage.in_(TURNS[seat.role]), _own(actor, seat)) for seat in actor.seats if seat.role in TURNS]
    return and_(OPEN, or_(false(), *parts))


def _own(actor: Actor, seat: Seat) -> Condition:
    if seat.role is Role.INSPECTOR:
        place = visible(Actor(actor.person_id, actor.username, actor.name, (seat,)))
        return and_(place, or_(Case.inspector_id.is_(None), Case.inspector_id == actor.person_id))
    if seat.role is Role.HANDLER and seat.department_id is not None:
        own = Case.department_id == seat.department_id
        return or_(own, and_(Case.department_id.is_(None), Case.centre_id == seat.centre_id))
    if seat.role is Role.HANDLER:
        return and_(Case.department_id.is_(None), Case.centre_id == seat.centre_id)
    return Case.centre_id == seat.centre_id
