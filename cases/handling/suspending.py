"""Work that has to wait (挂账): request_suspension, decide_suspension, resume."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from cases.errors import SuspendedBefore
from cases.handling.clockwork import calendar_of
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
from cases.models import HandlingState, RequestKind, RequestState
from cases.stages import ClockKind, Outcome, Verb
from people.roles import Seat

KIND = RequestKind.SUSPENSION


def _guard_request(look: Look, _: Seat | None) -> None:
    check_not_asked(look, KIND)
    if any(one.kind is KIND and one.state is RequestState.GRANTED for one in look.all_requests()):
        raise SuspendedBefore


def _check_day(fields: Fields, reading: Reading, day: date) -> dict[str, Any]:
    """The day and the moment at which it begins; it must lie ahead, and not too far."""
    look, most = reading.look, reading.settings.handling.suspension_days_most
    assert look.rules is not None  # read with the lock
    zone = look.rules.of(calendar_of(ClockKind.HANDLE, look)).zone
    ahead = day - reading.now.astimezone(zone).date()
    if ahead <= timedelta(0):
        fields.fault("resume_on", "not_after_today")
    elif ahead > timedelta(days=most):
        fields.fault("resume_on", "too_many_days", most=most)
    return {"resume_on": day.isoformat(), "resume_at": datetime.combine(day, time.min, zone).astimezone(UTC)}


def _read_request(fields: Fields, reading: Reading) -> dict[str, Any]:
    day = fields.day("resume_on", required=True)
    data = {} if day is None else _check_day(fields, reading, day)
    return {"reason": fields.text("reason", required=True), "data": data}


def _request(work: Work) -> None:
    ask(work, KIND, {"resume_on": work.values["data"]["resume_on"]})


def _read_decide(fields: Fields, reading: Reading) -> dict[str, Any]:
    """The day that was asked for, or another that who approves names; it must still lie ahead."""
    request = reading.look.open_request(KIND)
    assert request is not None  # the guard has seen it
    named = fields.day("resume_on")
    values = read_decision(fields, reading)
    if fields.take("outcome") == Outcome.DENIED:
        return values
    return values | {"data": _check_day(fields, reading, named or date.fromisoformat(request.data["resume_on"]))}


def _decide(work: Work) -> None:
    request = decide(work, KIND)
    if work.outcome is not Outcome.DENIED:
        request.data = {"resume_on": work.values["data"]["resume_on"]}
    work.data |= request.data
    if work.outcome is Outcome.GRANTED:
        work.case.resume_at = work.values["data"]["resume_at"]


def _read_resume(fields: Fields, _: Reading) -> dict[str, Any]:
    return {"note": fields.text("note")}


def _find_resume(reading: Reading, _: dict[str, Any], __: Outcome | None) -> Outcome | None:
    """MOVED: the department lost the case while it rested; another centre or department is to get it."""
    turn = reading.look.handling
    assert turn is not None  # it was worked on
    return None if turn.state is HandlingState.OPEN else Outcome.MOVED


def _resume(work: Work) -> None:
    """On its day by itself: time goes on from the day's beginning, however late that is done."""
    if work.seat is None:
        work.data["resumed_from"] = work.case.resume_at
    work.case.resume_at = None
    work.keep_text("note")


DEEDS: dict[Verb, Deed] = {
    Verb.REQUEST_SUSPENSION: Deed(_read_request, _request, nothing, _guard_request),
    Verb.DECIDE_SUSPENSION: Deed(
        _read_decide, _decide, nothing, guard_decision(KIND), find_decision(KIND), turn_to_decide(KIND), decides=KIND
    ),
    Verb.RESUME: Deed(_read_resume, _resume, follow_deadline, outcome=_find_resume),
}
