"""Which verb tells whom, as data, and the addresses behind it."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from cases.handling.work import Work
from cases.notices import Audience, NoticeKind
from cases.permissions import line_of
from cases.stages import Outcome, Stage, Verb
from people.roles import Role


class Who(StrEnum):
    """Those who may have to know."""

    REPORTER = "reporter"
    INSPECTOR = "inspector"
    ACCEPTOR = "acceptor"
    SHIFT_LEAD = "shift_lead"
    DISPATCHER = "dispatcher"
    DEPARTMENT = "department"
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
    (Verb.SELF_HANDLE, None): (_K.SELF_HANDLED, (Who.SHIFT_LEAD,)),
    (Verb.SEND_VERIFY, None): (_K.VERIFY_ASKED, (Who.INSPECTOR,)),
    (Verb.VERIFY, Outcome.CONFIRMED): (_K.VERIFIED, (Who.SHIFT_LEAD,)),
    (Verb.VERIFY, Outcome.UNFOUNDED): (_K.UNFOUNDED, (Who.ACCEPTOR, Who.REPORTER)),
    (Verb.ACCEPT, None): (_K.ACCEPTED, (Who.SHIFT_LEAD,)),
    (Verb.REJECT, None): (_K.REJECTED, (Who.REPORTER,)),
    (Verb.FILE, None): (_K.FILED, (Who.DISPATCHER,)),
    (Verb.SEND_BACK, None): (_K.SENT_BACK, (Who.ACCEPTOR,)),
    (Verb.DISPATCH, None): (_K.DISPATCHED, (Who.DEPARTMENT,)),
    (Verb.SIGN, None): (_K.DISPATCHED, ()),
    (Verb.REFUSE, None): (_K.REFUSED, (Who.DISPATCHER,)),
    (Verb.FINISH, None): (_K.HANDLED, (Who.ACCEPTOR,)),
    (Verb.SEND_CHECK, None): (_K.CHECK_ASKED, (Who.INSPECTOR,)),
    (Verb.CHECK, Outcome.PASSED): (_K.CHECK_PASSED, (Who.SHIFT_LEAD,)),
    (Verb.CHECK, Outcome.FAILED): (_K.CHECK_FAILED, (Who.DISPATCHER, Who.DEPARTMENT)),
    (Verb.CLOSE, None): (_K.CLOSED, (Who.REPORTER, Who.DEPARTMENT)),
    (Verb.CANCEL, None): (_K.CANCELLED, (Who.REPORTER, Who.DEPARTMENT)),
    (Verb.REOPEN, None): (_K.REOPENED, (Who.DISPATCHER, Who.DEPARTMENT)),
    (Verb.PASS_UP, None): (_K.PASSED_UP, (Who.TURN,)),
    (Verb.URGE, None): (_K.URGED, (Who.SHIFT_LEAD, Who.TURN)),
    (Verb.NOTE, None): (_K.NOTED, (Who.TURN,)),
}
"""Signing tells nobody: it answers the dispatcher's own deed, and the list shows it."""

SAID = frozenset({"reason", "reason_code", "text", "note"})
"""What of the event goes along with the notice."""


def notices_of(work: Work) -> tuple[NoticeKind, list[Audience], dict[str, Any]]:
    """Kind, addresses and data of the verb's notices; whoever did it isn't told by name."""
    kind, listeners = TELLS[work.verb, work.outcome]
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
        elif who is not None:
            found.append(_seat(work, Role(who.value)))
    return found


def _department(work: Work) -> list[Audience]:
    """The department's handlers; of a case that was never dispatched nobody's."""
    department = work.look.department
    if department is not None:
        return [Audience(department.centre_id, Role.HANDLER, department.id)]
    return [_seat(work, Role.HANDLER)] if work.case.round else []


def _reporter(work: Work) -> list[Audience]:
    reporter_id = work.case.reporter_id
    return [] if reporter_id in {None, work.actor.person_id} else [Audience(person_id=reporter_id)]


def _seat(work: Work, role: Role) -> Audience:
    """The lowest centre with somebody in the role: of the place's line for inspectors, else of the centre's own."""
    line = line_of(work.case) if role is Role.INSPECTOR else work.look.centre.line
    held = {code: centre_id for held_role, centre_id, code in work.look.posts if held_role == role}
    lowest = next((held[code] for code in reversed(line) if code in held), work.look.centre.id)
    return Audience(lowest, role)
