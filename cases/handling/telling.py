"""Which verb tells whom, as data, and the addresses behind it."""

from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy import select

from cases.handling.work import Work
from cases.notices import Audience, NoticeKind, at_centre, in_department, person, tell
from cases.permissions import line_of
from cases.stages import Outcome, Stage, Verb
from grid.models import Centre
from people.models import Post
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


def tell_those_concerned(work: Work) -> None:
    """Write the notices of the verb; whoever did it isn't told by name."""
    kind, listeners = TELLS[work.verb, work.outcome]
    to = _addresses(work, listeners)
    if to:
        said = {key: value for key, value in work.data.items() if key in SAID}
        tell(work.session, kind, work.case, now=work.now, to=to, data=said)


def _addresses(work: Work, listeners: Iterable[Who]) -> list[Audience]:
    case = work.case
    wanted = dict.fromkeys(TURN.get(case.stage) if who is Who.TURN else who for who in listeners)
    found: list[Audience] = []
    roles: list[Role] = []
    for who in wanted:
        if who is Who.REPORTER:
            found += _reporter(work)
        elif who is Who.INSPECTOR and case.inspector_id is not None:
            found.append(person(case.inspector_id))
        elif who is Who.DEPARTMENT:
            if department := work.look.department:
                found.append(in_department(department))
            elif case.round:
                roles.append(Role.HANDLER)
        elif who is not None:
            roles.append(Role(who.value))
    return found + _seats(work, roles)


def _reporter(work: Work) -> list[Audience]:
    reporter_id = work.case.reporter_id
    return [] if reporter_id in {None, work.actor.person_id} else [Audience(person_id=reporter_id)]


def _seats(work: Work, roles: list[Role]) -> list[Audience]:
    """For each role the lowest centre with somebody in it: inspectors in the place's line, others in the centre's."""
    if not roles:
        return []
    place = [code for code in line_of(work.case) if code]
    rows = work.session.execute(
        select(Post.role, Centre.id, Centre.code)
        .join(Centre, Centre.id == Post.centre_id)
        .where(Centre.code.in_({*place, *work.look.centre.line}), Post.role.in_(roles))
        .distinct()
    ).all()
    found = []
    for role in roles:
        line = place if role is Role.INSPECTOR else work.look.centre.line
        held = {row.code: row.id for row in rows if row.role is role}
        lowest = next((held[code] for code in reversed(line) if code in held), work.look.centre.id)
        found.append(at_centre(lowest, role))
    return found
