"""The look at the place after the work: send_check (发核查) and check (核查), passed or failed."""

from typing import Any

from cases.handling.captured import keep_captured, read_captured
from cases.handling.fields import Fields
from cases.handling.joint import settle_turns
from cases.handling.work import Deed, Reading, Work, nothing
from cases.models import HandlingState, PhotoKind
from cases.stages import Outcome, Verb


def _read_send_check(fields: Fields, _: Reading) -> dict[str, Any]:
    return {"note": fields.text("note")}


def _send_check(work: Work) -> None:
    work.keep_text("note")


def _read_check(fields: Fields, reading: Reading) -> dict[str, Any]:
    failed = fields.take("outcome") == Outcome.FAILED.value
    return {
        "text": fields.text("text", required=failed),
        "photos": fields.photos(least=1),
        **read_captured(fields, reading),
    }


def _check(work: Work) -> None:
    work.keep_text("text")
    keep_captured(work)
    work.keep_photos(PhotoKind.CHECK)
    if work.outcome is Outcome.PASSED:
        settle_turns(work, HandlingState.PASSED)
        return
    settle_turns(work, HandlingState.FAILED)
    work.case.rework_count += 1
    work.case.handled_at = work.case.handled_on_time = None  # the work is to be done again


DEEDS: dict[Verb, Deed] = {
    Verb.SEND_CHECK: Deed(_read_send_check, _send_check, nothing),
    Verb.CHECK: Deed(_read_check, _check, nothing),
}
