"""An overrun that was not the department's fault (超时申诉): appeal, decide_appeal."""

from typing import Any

from cases.errors import AlreadyAsked, NothingToAppeal
from cases.handling.fields import Fields
from cases.handling.requests import ask, decide, find_decision, guard_decision, read_decision, turn_to_decide
from cases.handling.work import Deed, Look, Reading, Work, nothing
from cases.models import PhotoKind, RequestKind
from cases.stages import Outcome, Verb
from people.roles import Seat

KIND = RequestKind.APPEAL


def _guard_appeal(look: Look, _: Seat | None) -> None:
    """Once a case, whatever became of it."""
    if look.case.handled_on_time is not False:
        raise NothingToAppeal
    asked = next((one for one in look.all_requests() if one.kind is KIND), None)
    if asked is not None:
        decided = {} if asked.decided_at is None else {"because": "decided", "state": asked.state}
        raise AlreadyAsked(kind=KIND.value, awaits=asked.awaits, **decided)


def _read_appeal(fields: Fields, _: Reading) -> dict[str, Any]:
    return {"reason": fields.text("reason", required=True), "photos": fields.photos()}


def _appeal(work: Work) -> None:
    ask(work, KIND)
    work.keep_photos(PhotoKind.AFTER)


def _decide(work: Work) -> None:
    """Excused cases are left out of the statistics (cases/measures.py); that it was late stays on record."""
    decide(work, KIND)
    if work.outcome is Outcome.GRANTED:
        work.case.excused_at = work.now


DEEDS: dict[Verb, Deed] = {
    Verb.APPEAL: Deed(_read_appeal, _appeal, nothing, _guard_appeal),
    Verb.DECIDE_APPEAL: Deed(
        read_decision, _decide, nothing, guard_decision(KIND), find_decision(KIND), turn_to_decide(KIND), decides=KIND
    ),
}
