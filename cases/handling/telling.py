"""Which verb tells whom, as data, and the addresses behind it."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any

from cases.duplicates import reporters_of_duplicates
from cases.handling.work import Work
from cases.models import Approver, HandlingState
from cases.notices import Audience, NoticeKind
from cases.permissions import line_of
from cases.stages import ENDED, Outcome, Stage, Verb
from grid.models import Department
from people.roles import Role


class Who(StrEnum):
    """Those who may have to know."""

    REPORTER = "reporter"
    INSPECTOR = "inspector"
    ACCEPTOR = "acceptor"
    SHIFT_LEAD = "shift_lead"
    DISPATCHER = "dispatcher"
    DEPARTMENT = "department"
    DEPARTMENT_LEADER = "department_leader"
    APPROVER = "approver"  # whose approval a request of the case waits for
    ASKER = "asker"  # who made the request that was decided
    ADDRESSED = "addressed"  # whom a supervision order is addressed to
    ISSUER = "issuer"  # who issued the order that was answered
    TURN = "turn"  # whoever the case waits for now


TURN: dict[Stage, Who] = {
    Stage.REPORTED: Who.ACCEPTOR,
    Stage.VERIFYING: Who.INSPECTOR,
    Stage.PENDING_FILING: Who.SHIFT_LEAD,
    Stage.PENDING_DISPATCH: Who.DISPATCHER,
    Stage.DISPATCHED: Who.DEPARTMENT,
    Stage.HANDLING: Who.DEPARTMENT,
    Stage.SUSPENDED: Who.DEPARTMENT,
    Stage.HANDLED: Who.ACCEPTOR,
    Stage.CHECKING: Who.INSPECTOR,
    Stage.PENDING_CLOSING: Who.SHIFT_LEAD,
}

_K = NoticeKind
TELLS: dict[tuple[Verb, Outcome | None], tuple[NoticeKind, tuple[Who, ...]]] = {
    (Verb.SELF_HANDLE, None): (_K.SELF_HANDLED, (Who.SHIFT_LEAD, Who.REPORTER)),
    (Verb.SEND_VERIFY, None): (_K.VERIFY_ASKED, (Who.INSPECTOR,)),
    (Verb.VERIFY, Outcome.CONFIRMED): (_K.VERIFIED, (Who.SHIFT_LEAD,)),
    (Verb.VERIFY, Outcome.UNFOUNDED): (_K.UNFOUNDED, (Who.ACCEPTOR, Who.REPORTER)),
    (Verb.ACCEPT, None): (_K.ACCEPTED, (Who.SHIFT_LEAD,)),
    (Verb.REJECT, None): (_K.REJECTED, (Who.REPORTER,)),
    (Verb.FILE, None): (_K.FILED, (Who.DISPATCHER,)),
    (Verb.SEND_BACK, None): (_K.SENT_BACK, (Who.ACCEPTOR,)),
    (Verb.DISPATCH, None): (_K.DISPATCHED, (Who.DEPARTMENT,)),
    (Verb.SIGN, None): (_K.SIGNED, ()),
    (Verb.SIGN, Outcome.PART): (_K.SIGNED, ()),
    (Verb.REFUSE, None): (_K.REFUSED, (Who.DISPATCHER,)),
    (Verb.REFUSE, Outcome.PART): (_K.PART_REFUSED, (Who.DISPATCHER, Who.DEPARTMENT)),
    (Verb.FINISH, None): (_K.HANDLED, (Who.ACCEPTOR,)),
    (Verb.FINISH, Outcome.PART): (_K.PART_DONE, (Who.DEPARTMENT,)),
    (Verb.FINISH, Outcome.STEP): (_K.STEP_DONE, (Who.DISPATCHER,)),
    (Verb.REQUEST_EXTENSION, None): (_K.EXTENSION_ASKED, (Who.APPROVER,)),
    (Verb.DECIDE_EXTENSION, Outcome.ENDORSED): (_K.EXTENSION_ENDORSED, (Who.APPROVER,)),
    (Verb.DECIDE_EXTENSION, Outcome.GRANTED): (_K.EXTENSION_GRANTED, (Who.ASKER, Who.DEPARTMENT)),
    (Verb.DECIDE_EXTENSION, Outcome.DENIED): (_K.EXTENSION_DENIED, (Who.ASKER, Who.DEPARTMENT)),
    (Verb.REQUEST_SUSPENSION, None): (_K.SUSPENSION_ASKED, (Who.APPROVER,)),
    (Verb.DECIDE_SUSPENSION, Outcome.ENDORSED): (_K.SUSPENSION_ENDORSED, (Who.APPROVER,)),
    (Verb.DECIDE_SUSPENSION, Outcome.GRANTED): (_K.SUSPENDED, (Who.ASKER, Who.DEPARTMENT, Who.REPORTER)),
    (Verb.DECIDE_SUSPENSION, Outcome.DENIED): (_K.SUSPENSION_DENIED, (Who.ASKER, Who.DEPARTMENT)),
    (Verb.RESUME, None): (_K.RESUMED, (Who.DEPARTMENT, Who.DISPATCHER)),
    (Verb.RESUME, Outcome.MOVED): (_K.RESUMED, (Who.DISPATCHER,)),
    (Verb.SEND_CHECK, None): (_K.CHECK_ASKED, (Who.INSPECTOR,)),
    (Verb.CHECK, Outcome.PASSED): (_K.CHECK_PASSED, (Who.SHIFT_LEAD,)),
    (Verb.CHECK, Outcome.FAILED): (_K.CHECK_FAILED, (Who.DISPATCHER, Who.DEPARTMENT)),
    (Verb.CLOSE, None): (_K.CLOSED, (Who.REPORTER, Who.DEPARTMENT)),
    (Verb.FORCE_CLOSE, None): (_K.FORCE_CLOSED, (Who.REPORTER, Who.DEPARTMENT, Who.ASKER)),
    (Verb.FORCE_CLOSE, Outcome.ASKED): (_K.FORCE_CLOSE_ASKED, (Who.APPROVER,)),
    (Verb.FORCE_CLOSE, Outcome.DENIED): (_K.FORCE_CLOSE_DENIED, (Who.ASKER,)),
    (Verb.CANCEL, None): (_K.CANCELLED, (Who.REPORTER, Who.DEPARTMENT, Who.ASKER)),
    (Verb.CANCEL, Outcome.ASKED): (_K.CANCEL_ASKED, (Who.APPROVER,)),
    (Verb.CANCEL, Outcome.DENIED): (_K.CANCEL_DENIED, (Who.ASKER,)),
    (Verb.REOPEN, None): (_K.REOPENED, (Who.DISPATCHER, Who.DEPARTMENT)),
    (Verb.PASS_UP, None): (_K.PASSED_UP, (Who.TURN,)),
    (Verb.URGE, None): (_K.URGED, (Who.SHIFT_LEAD, Who.TURN)),
    (Verb.SUPERVISE, None): (_K.SUPERVISED, (Who.ADDRESSED, Who.DEPARTMENT_LEADER)),
    (Verb.REPLY_SUPERVISION, None): (_K.SUPERVISION_REPLIED, (Who.ISSUER,)),
    (Verb.MERGE, None): (_K.MERGED, (Who.REPORTER, Who.DEPARTMENT)),
    (Verb.RECATEGORISE, None): (_K.RECATEGORISED, (Who.TURN,)),
    (Verb.RECATEGORISE, Outcome.MOVED): (_K.RECATEGORISED, (Who.DISPATCHER, Who.DEPARTMENT)),
    (Verb.RELOCATE, None): (_K.RELOCATED, (Who.TURN,)),
    (Verb.RELOCATE, Outcome.MOVED): (_K.RELOCATED, (Who.DISPATCHER, Who.DEPARTMENT)),
    (Verb.APPEAL, None): (_K.APPEALED, (Who.APPROVER,)),
    (Verb.DECIDE_APPEAL, Outcome.ENDORSED): (_K.APPEAL_ENDORSED, (Who.APPROVER,)),
    (Verb.DECIDE_APPEAL, Outcome.GRANTED): (_K.APPEAL_GRANTED, (Who.ASKER, Who.DEPARTMENT)),
    (Verb.DECIDE_APPEAL, Outcome.DENIED): (_K.APPEAL_DENIED, (Who.ASKER, Who.DEPARTMENT)),
    (Verb.NOTE, None): (_K.NOTED, (Who.TURN,)),
}
"""Signing tells nobody: it answers the dispatcher's own deed, and the list shows it."""

UNMERGED = (_K.UNMERGED, (Who.TURN, Who.REPORTER))
"""A merger that is taken back: the case waits again, for whom it waited before."""

SAID = frozenset({"reason", "reason_code", "text", "note", "into", "resume_on", "limit", "unit", "order_id"})
"""What of the event goes along with the notice."""


def notices_of(work: Work) -> tuple[NoticeKind, list[Audience], dict[str, Any]]:
    """Kind, addresses and data of the verb's notices; whoever did it isn't told by name."""
    undone = work.verb is Verb.MERGE and work.case.merged_into_id is None
    kind, listeners = UNMERGED if undone else TELLS[work.verb, work.outcome]
    said = {key: value for key, value in work.data.items() if key in SAID}
    return kind, _addresses(work, listeners), said


def _addresses(work: Work, listeners: Iterable[Who]) -> list[Audience]:
    case = work.case
    found: list[Audience] = []
    for who in dict.fromkeys(TURN.get(case.stage) if who is Who.TURN else who for who in listeners):
        if who is Who.REPORTER:
            found += _reporter(work)
        elif who is Who.INSPECTOR and case.inspector_id is not None:
            found.append(Audience(person_id=case.inspector_id))
        elif who is Who.DEPARTMENT:
            found += _department(work)
        elif who in _OTHERS:
            found += _OTHERS[who](work)
        elif who is not None:
            found.append(_seat(work, Role(who.value)))
    return list(dict.fromkeys(found))


def _department(work: Work) -> list[Audience]:
    """The department's handlers, its unit's, and those of assisting ones; of a case never dispatched nobody's.

    What the department's head hands to a unit is that unit's matter alone.
    """
    department, unit = work.look.department, _unit(work)
    if department is not None:
        lead = [Audience(department.centre_id, Role.HANDLER, department.id)]
    else:
        lead = [_seat(work, Role.HANDLER)] if work.case.round else []
    if work.verb is Verb.DISPATCH and work.case.stage is Stage.HANDLING:
        return unit or lead
    return [*lead, *unit, *_assisting(work)]


def _assisting(work: Work) -> list[Audience]:
    """The handlers of the departments that assist; their turns stand under their own centres."""
    return [
        Audience(one.centre_id, Role.HANDLER, one.department_id)
        for one in work.look.assists
        if one.state is not HandlingState.REFUSED
    ]


def _unit(work: Work) -> list[Audience]:
    """The handlers of the unit that works on the case."""
    if work.case.unit_id is None:
        return []
    unit = work.session.get_one(Department, work.case.unit_id)
    return [Audience(unit.centre_id, Role.HANDLER, unit.id)]


def _department_leader(work: Work) -> list[Audience]:
    department = work.look.department
    return [] if department is None else [Audience(department.centre_id, Role.LEADER, department.id)]


def _approver(work: Work) -> list[Audience]:
    """Whose approval the request waits for; the deed leaves it in `work.request`."""
    request = work.request
    assert request is not None  # it was asked for, or endorsed
    assert request.awaits is not None
    if request.awaits is Approver.DEPARTMENT_LEADER:
        return _department_leader(work)
    return [_seat(work, Role(request.awaits.value))]


def _asker(work: Work) -> list[Audience]:
    asked_by = work.request.asked_by if work.request is not None else None
    return [] if asked_by in {None, work.actor.person_id} else [Audience(person_id=asked_by)]


def _addressed(work: Work) -> list[Audience]:
    assert work.order is not None  # made by the deed
    return [Audience(work.order.to_centre_id, Role.SHIFT_LEAD)]


def _issuer(work: Work) -> list[Audience]:
    """Who issued the order, and the shift lead of their centre; of the ladder's the centre's shift lead alone."""
    assert work.order is not None  # answered by the deed
    by = [] if work.order.issued_by is None else [Audience(person_id=work.order.issued_by)]
    return [*by, Audience(work.order.centre_id, Role.SHIFT_LEAD)]


_OTHERS: dict[Who, Callable[[Work], list[Audience]]] = {
    Who.DEPARTMENT_LEADER: _department_leader,
    Who.APPROVER: _approver,
    Who.ASKER: _asker,
    Who.ADDRESSED: _addressed,
    Who.ISSUER: _issuer,
}


def _reporter(work: Work) -> list[Audience]:
    """Who reported it; when it ends, who reported its duplicates, too."""
    case = work.case
    others = reporters_of_duplicates(work.session, case.id) if case.stage in ENDED else []
    return [Audience(person_id=one) for one in (case.reporter_id, *others) if one not in {None, work.actor.person_id}]


def _seat(work: Work, role: Role) -> Audience:
    """The lowest centre with somebody in the role: of the place's line for inspectors, else of the centre's own."""
    line = line_of(work.case) if role is Role.INSPECTOR else work.look.centre.line
    held = {code: centre_id for held_role, centre_id, code in work.look.posts if held_role == role}
    lowest = next((held[code] for code in reversed(line) if code in held), work.look.centre.id)
    return Audience(lowest, role)
