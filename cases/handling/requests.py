"""What needs somebody else's approval (申请): asked for, approved by one after the other, granted, denied or lapsed."""

from typing import Any

from sqlalchemy import exists, select

from cases.clock import written
from cases.errors import AlreadyAsked, NothingAsked, NotYourTurn, OwnRequest
from cases.handling.fields import Fields
from cases.handling.work import Find, Guard, Look, Reading, Turn, Work
from cases.models import Approver, Request, RequestKind, RequestState
from cases.stages import Outcome, Stage, Verb, is_possible
from core.settings import BadSettings, Settings
from people.models import Post
from people.roles import Actor, Role, Seat

DECIDED_BY: dict[RequestKind, Verb] = {
    RequestKind.EXTENSION: Verb.DECIDE_EXTENSION,
    RequestKind.SUSPENSION: Verb.DECIDE_SUSPENSION,
    RequestKind.APPEAL: Verb.DECIDE_APPEAL,
    RequestKind.CANCEL: Verb.CANCEL,
    RequestKind.FORCE_CLOSE: Verb.FORCE_CLOSE,
}
"""The verb that decides a request of the kind; where that can't be done any more, the request lapses."""

ONE_APPROVER: dict[RequestKind, Approver] = {
    RequestKind.CANCEL: Approver.SHIFT_LEAD,
    RequestKind.FORCE_CLOSE: Approver.LEADER,
}
"""Ends have one approver, whatever the settings say (domain §4.3)."""

MAY_APPROVE: dict[RequestKind, frozenset[Approver]] = {
    RequestKind.EXTENSION: frozenset({Approver.DEPARTMENT_LEADER, Approver.DISPATCHER}),
    RequestKind.SUSPENSION: frozenset({Approver.DISPATCHER, Approver.LEADER}),
    RequestKind.APPEAL: frozenset({Approver.DISPATCHER, Approver.ACCEPTOR}),
}
"""Who can be named in the settings: those to whom cases/permissions.py gives the verb."""


# --- who approves -----------------------------------------------------------------------------------------------------


def approvers(kind: RequestKind, settings: Settings) -> tuple[Approver, ...]:
    """Who approves such a request, one after the other."""
    if kind in ONE_APPROVER:
        return (ONE_APPROVER[kind],)
    return tuple(Approver(name) for name in getattr(settings.approvals, kind.value))


def check_approvals(settings: Settings) -> None:
    """Raise BadSettings where `[approvals]` names nobody, somebody twice, or who may not decide."""
    for kind, allowed in MAY_APPROVE.items():
        named = getattr(settings.approvals, kind.value)
        if not named or len(set(named)) < len(named) or not set(named) <= {one.value for one in allowed}:
            known = ", ".join(sorted(allowed))
            raise BadSettings(f"approvals.{kind.value}: {list(named)!r}, but each once and only of {known}")


def role_of(approver: Approver) -> Role:
    """The post by which somebody approves."""
    return Role.LEADER if approver is Approver.DEPARTMENT_LEADER else Role(approver.value)


def next_approver(look: Look, kind: RequestKind, *, after: Approver | None = None) -> Approver | None:
    """Who is asked next; None after the last one. A post that nobody holds is left out, but never the last."""
    steps = approvers(kind, look.settings)
    left = steps[steps.index(after) + 1 :] if after in steps else steps
    if after is not None and after not in steps:
        left = left[-1:]  # the settings have changed while it was open: the last word is asked for
    return next((one for one in left if one is steps[-1] or _is_held(look, one)), None)


def _is_held(look: Look, approver: Approver) -> bool:
    if approver is Approver.DEPARTMENT_LEADER:
        department_id = look.case.department_id
        head = exists().where(Post.role == Role.LEADER, Post.department_id == department_id)
        return department_id is not None and bool(look.session.scalar(select(head)))
    return any(role == approver.value and code in look.centre.line for role, _, code in look.posts)


def turn_to_decide(kind: RequestKind) -> Turn:
    """Of several posts of a person the one counts that is awaited."""

    def turn(look: Look) -> Role | None:
        request = look.open_request(kind)
        return None if request is None or request.awaits is None else role_of(request.awaits)

    return turn


# --- asking -----------------------------------------------------------------------------------------------------------


def check_not_asked(look: Look, kind: RequestKind) -> None:
    """Raise AlreadyAsked while such a request waits."""
    request = look.open_request(kind)
    if request is not None:
        raise AlreadyAsked(kind=kind.value, awaits=request.awaits)


def ask(work: Work, kind: RequestKind, data: dict[str, Any] | None = None) -> None:
    """Keep the request with the reason that was given, and whose approval it waits for."""
    request = Request(
        case_id=work.case.id, kind=kind, round=work.case.round, state=RequestState.OPEN, asked_at=work.now,
        asked_by=work.actor.person_id, reason=work.values["reason"], data=data or {},
        awaits=next_approver(work.look, kind), approvals=[], decided_at=None,
    )  # fmt: skip
    work.session.add(request)
    work.look.all_requests().append(request)
    work.look.asked = True
    work.request = request
    work.data |= {"awaits": request.awaits, **request.data}
    work.changed[_field(kind)] = [None, request.awaits]
    work.keep_text("reason")


# --- deciding ---------------------------------------------------------------------------------------------------------


def read_decision(fields: Fields, _: Reading) -> dict[str, Any]:
    """Who denies says why."""
    return {"reason": fields.text("reason", required=fields.take("outcome") == Outcome.DENIED)}


def guard_decision(kind: RequestKind) -> Guard:
    """There is such a request, and it waits for this post."""

    def guard(look: Look, seat: Seat | None) -> None:
        request = look.open_request(kind)
        if request is None:
            raise NothingAsked(kind=kind.value)
        assert seat is not None  # decided by people
        assert request.awaits is not None  # it is open
        if seat.role is not role_of(request.awaits):
            raise NotYourTurn(kind=kind.value, awaits=request.awaits)

    return guard


def check_not_own(actor: Actor, look: Look, kind: RequestKind) -> None:
    """Raise OwnRequest to who has asked for what waits, or has approved it already."""
    request = look.open_request(kind)
    if request is not None and is_own(actor, look, kind):
        raise OwnRequest(kind=kind.value, awaits=request.awaits)


def is_own(actor: Actor, look: Look, kind: RequestKind) -> bool:
    """Whether the person has asked for what waits, or approved it already."""
    request = look.open_request(kind)
    return request is not None and actor.person_id in {
        request.asked_by,
        *(one["person_id"] for one in request.approvals),
    }


def find_decision(kind: RequestKind) -> Find:
    """An approval is only endorsed as long as somebody else decides next."""

    def find(reading: Reading, _: dict[str, Any], named: Outcome | None) -> Outcome | None:
        request = reading.look.open_request(kind)
        assert request is not None  # the guard has seen it
        if named is Outcome.GRANTED and next_approver(reading.look, kind, after=request.awaits) is not None:
            return Outcome.ENDORSED
        return named

    return find


def decide(work: Work, kind: RequestKind) -> Request:
    """Keep who approved or denied it; after the last approval, and after any denial, it is decided."""
    request = work.look.open_request(kind)
    assert request is not None  # the guard has seen it
    assert request.awaits is not None  # it is open
    outcome = work.outcome or Outcome.GRANTED
    before = request.awaits
    request.approvals = [
        *request.approvals,
        {
            "by": before, "person_id": work.actor.person_id, "name": work.actor.name, "at": written(work.now),
            "outcome": outcome, "text": work.values["reason"] or "",
        },
    ]  # fmt: skip
    if outcome is Outcome.ENDORSED:
        request.awaits = next_approver(work.look, kind, after=before)
        work.data["awaits"] = request.awaits
    else:
        _end(work, request, RequestState(outcome.value))
    work.changed[_field(kind)] = [before, request.awaits or request.state]
    work.request = request
    work.keep_text("reason")
    return request


def lapse(work: Work, stage_from: Stage) -> None:
    """End without a decision what nobody can decide any more where the case has come to, or under its new limit."""
    look = work.look
    if not look.asked or (work.case.stage is stage_from and not _has_another_limit(work)):
        return
    for request in look.all_requests():
        if request.decided_at is None and _is_past(request, work):
            work.data.setdefault("lapsed", []).append(request.kind)
            work.changed[_field(request.kind)] = [request.awaits, RequestState.LAPSED]
            _end(work, request, RequestState.LAPSED)


def _is_past(request: Request, work: Work) -> bool:
    """More time that was asked for one limit is not meant for the next."""
    over = request.kind is RequestKind.EXTENSION and _has_another_limit(work)
    return over or not is_possible(work.case.stage, DECIDED_BY[request.kind])


def _has_another_limit(work: Work) -> bool:
    """The second of two limits in a row begins, or the case stands under another condition."""
    return work.outcome is Outcome.STEP or "condition" in work.data


def _end(work: Work, request: Request, state: RequestState) -> None:
    request.state, request.awaits, request.decided_at = state, None, work.now


def _field(kind: RequestKind) -> str:
    return f"request_{kind.value}"
