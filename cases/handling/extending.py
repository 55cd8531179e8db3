"""More time for the work (延期): request_extension, decide_extension."""

from typing import Any

from sqlalchemy import text

from cases.clock import written
from cases.errors import DeadlinePassed, NoMoreExtensions
from cases.handling.clockwork import LIMIT_BEGINS, limit_at
from cases.handling.fields import Fields
from cases.handling.joint import follow_deadline
from cases.handling.requests import (
    ask,
    check_not_asked,
    decide,
    find_decision,
    guard_decision,
    read_decision,
    turn_to_decide,
)
from cases.handling.work import Deed, Look, Reading, Work, nothing
from cases.models import RequestKind, RequestState
from cases.stages import Outcome, Verb
from cases.workdays import Unit, limit_minutes
from people.roles import Seat

KIND = RequestKind.EXTENSION

# A limit begins with its clock, or with another condition. Both stand in the story, whose order is that of the ids.
GRANTED = text(f"""
    SELECT count(*) FROM events
    WHERE case_id = :case_id AND verb = '{Verb.DECIDE_EXTENSION}' AND outcome = '{Outcome.GRANTED}' AND id > (
        SELECT max(id) FROM events WHERE case_id = :case_id AND (data ? '{LIMIT_BEGINS}' OR data ? 'condition'))
""")  # noqa: S608  names of our own


def most_of(look: Look) -> tuple[int, Unit]:
    """What may be granted at most, in its own unit: as much as is asked for, or may be: the step's original limit."""
    request = look.open_request(KIND)
    return _original(look) if request is None else (request.data["limit"], Unit(request.data["unit"]))


def _original(look: Look) -> tuple[int, Unit]:
    condition = look.condition
    assert condition is not None  # it was filed
    return limit_at(condition, look.case.step)


def _guard_request(look: Look, _: Seat | None) -> None:
    check_not_asked(look, KIND)
    most = look.settings.handling.extensions_most
    granted = [one for one in look.all_requests() if one.kind is KIND and one.state is RequestState.GRANTED]
    if len(granted) >= most and _granted_to_this_limit(look) >= most:
        raise NoMoreExtensions(most=most)
    due_at = look.case.handle_due_at
    if due_at is None or look.now.replace(microsecond=0) > due_at:
        raise DeadlinePassed(due_at=due_at and written(due_at))


def _granted_to_this_limit(look: Look) -> int:
    """How often the limit that runs was extended; what was granted to another one ended with it."""
    return look.session.scalar(GRANTED, {"case_id": look.case.id}) or 0


def _read_limit(fields: Fields, most: int) -> int | None:
    limit = fields.whole("limit")
    if limit is not None and not 1 <= limit <= most:
        fields.fault("limit", "limit_out_of_reach", most=most)
    return limit


def _read_request(fields: Fields, reading: Reading) -> dict[str, Any]:
    most, unit = _original(reading.look)
    limit = _read_limit(fields, most) or most
    return {"reason": fields.text("reason", required=True), "data": _more(limit, unit)}


def _more(limit: int, unit: Unit) -> dict[str, Any]:
    return {"limit": limit, "unit": unit, "seconds": limit_minutes(limit, unit) * 60}


def _request(work: Work) -> None:
    ask(work, KIND, work.values["data"])


def _read_decide(fields: Fields, reading: Reading) -> dict[str, Any]:
    """Who approves may grant less than is asked for; whoever decides next decides on that."""
    most, unit = most_of(reading.look)
    data = _more(_read_limit(fields, most) or most, unit)
    return {**read_decision(fields, reading), "data": data, "seconds": data["seconds"]}


def _decide(work: Work) -> None:
    request = decide(work, KIND)
    if work.outcome is not Outcome.DENIED:
        request.data = work.values["data"]
    work.data |= request.data


def _decided(work: Work) -> None:
    if work.outcome is Outcome.GRANTED:
        follow_deadline(work)


DEEDS: dict[Verb, Deed] = {
    Verb.REQUEST_EXTENSION: Deed(_read_request, _request, nothing, _guard_request),
    Verb.DECIDE_EXTENSION: Deed(
        _read_decide, _decide, _decided, guard_decision(KIND), find_decision(KIND), turn_to_decide(KIND), decides=KIND
    ),
}
