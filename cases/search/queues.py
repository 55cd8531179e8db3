"""The desk's views: what waits for whom."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, any_, exists, false, func, or_, select
from sqlalchemy.orm import aliased

from cases.models import Approver, Case, Handling, HandlingState, Request, SupervisionOrder
from cases.permissions import visible
from cases.stages import Stage
from grid.models import Centre, Department
from people.models import Post
from people.roles import Actor, Role, Seat

Condition = ColumnElement[bool]
OPEN: Condition = Case.ended_at.is_(None)


class Queue(StrEnum):
    """A view of the desk; up to `close` they are what a stage waits for."""

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
    DECISIONS = "decisions"
    SUSPENDED = "suspended"
    DISPUTED = "disputed"


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


def in_queue(queue: Queue, actor: Actor, *, now: datetime, refusals_most: int) -> Condition:
    """The condition under which a case stands in the view; only what waits for a decision may have ended."""
    if queue in QUEUES:
        return and_(OPEN, Case.stage.in_(QUEUES[queue]))
    match queue:
        case Queue.SUPERVISED:
            return supervised(actor)
        case Queue.DECISIONS:
            return decisions(actor)
        case Queue.SUSPENDED:
            return suspended()
        case Queue.DISPUTED:
            return disputed(refusals_most)
    return overdue(now) if queue is Queue.OVERDUE else soon(now)


def overdue(now: datetime) -> Condition:
    """Red: the clock that burns has run out."""
    return and_(OPEN, Case.paused.is_(False), Case.due_at < now)


def soon(now: datetime) -> Condition:
    """Yellow: past the warning, not yet over."""
    return and_(OPEN, Case.paused.is_(False), Case.due_at >= now, Case.yellow_at <= now)


def suspended() -> Condition:
    """Put off to a day; few are, by `ix_cases_resume_at`."""
    return and_(Case.stage == Stage.SUSPENDED, Case.resume_at.is_not(None))


def disputed(refusals_most: int) -> Condition:
    """Returned so often that the higher centre decides who does it; by `ix_cases_returned`."""
    return and_(OPEN, Case.refused_count > 0, Case.refused_count >= refusals_most)


def awaiting(approver: Approver, *also: Condition) -> Condition:
    """An open request, of which `also` is true, waits for this approval; by `ix_requests_awaits`."""
    open_one = exists().where(
        Request.case_id == Case.id, Request.decided_at.is_(None), Request.awaits == approver, *also
    )
    return open_one.correlate(Case)


def decisions(actor: Actor) -> Condition:
    """An open request waits for one of the person's posts; by `ix_requests_awaits`.

    What the person has asked for, or approved already, waits for somebody else (handling/requests.py `check_not_own`).
    """
    others = and_(
        Request.asked_by.is_distinct_from(actor.person_id),
        ~Request.approvals.contains([{"person_id": actor.person_id}]),
    )
    return or_(false(), *(_decides(seat, others) for seat in actor.seats if seat.role in APPROVES))


APPROVES = frozenset({Role.DISPATCHER, Role.ACCEPTOR, Role.SHIFT_LEAD, Role.LEADER})


def _decides(seat: Seat, others: Condition) -> Condition:
    """A head's department has the case; or no centre below the seat's own, down to the case's, has such a post."""
    if seat.department_id is not None:
        return and_(awaiting(Approver.DEPARTMENT_LEADER, others), Case.department_id == seat.department_id)
    below = aliased(Centre)
    nearer = (
        exists()
        .where(
            Post.centre_id == below.id,
            Post.role == seat.role,
            Post.department_id.is_(None),
            Centre.line.contains(func.jsonb_build_array(below.code)),
            below.line.contains([seat.centre_code]),
            below.id != seat.centre_id,
        )
        .correlate(Centre)
    )
    own = exists().where(Centre.id == Case.centre_id, Centre.line.contains([seat.centre_code]), ~nearer)
    return and_(awaiting(Approver(seat.role.value), others), own.correlate(Case))


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
        centres_own = and_(Case.department_id.is_(None), Case.centre_id == seat.centre_id)
        return or_(Case.department_id == seat.department_id, centres_own, *_parts(seat.department_id))
    if seat.role is Role.HANDLER:
        return and_(Case.department_id.is_(None), Case.centre_id == seat.centre_id)
    return Case.centre_id == seat.centre_id


def _parts(department_id: int) -> tuple[Condition, Condition]:
    """What a department has of another's case: as its unit (二级派遣), or an open part of a joint one.

    Each is found by an index, so that the whole is no walk through all open cases.
    """
    above = select(Department.parent_id).where(Department.id == department_id).scalar_subquery()
    open_parts = select(Handling.case_id).where(
        Handling.department_id == department_id, ~Handling.lead, Handling.state == HandlingState.OPEN
    )
    return and_(Case.department_id == above, Case.unit_id == department_id), Case.id == any_(
        func.array(open_parts.scalar_subquery())
    )


def assisted_by(department_id: ColumnElement[int]) -> Condition:
    """The department has, or had, a part of the joint case in its present round."""
    part = exists().where(
        Handling.case_id == Case.id,
        Handling.round == Case.round,
        Handling.department_id == department_id,
        ~Handling.lead,
        Handling.state.not_in([HandlingState.REFUSED, HandlingState.WITHDRAWN]),
    )
    return and_(Case.joint, part.correlate(Case))
