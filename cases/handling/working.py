"""The department's part: sign (接单), refuse (退单), finish (处置完毕)."""

from typing import Any

from cases.handling.fields import Fields
from cases.handling.work import Deed, Reading, Work, nothing
from cases.models import HandlingState, PhotoKind
from cases.stages import ClockKind, Verb


def _read_sign(fields: Fields, _: Reading) -> dict[str, Any]:
    return {"note": fields.text("note")}


def _sign(work: Work) -> None:
    work.handling.signed_at = work.now
    work.handling.signed_by = work.actor.person_id
    work.keep_text("note")


def _signed(work: Work) -> None:
    work.data["on_time"] = work.stopped[ClockKind.SIGN].on_time


def _read_refuse(fields: Fields, _: Reading) -> dict[str, Any]:
    return {"reason": fields.text("reason", required=True)}


def _refuse(work: Work) -> None:
    handling = work.handling
    handling.state = HandlingState.REFUSED
    handling.ended_at = work.now
    handling.text = work.values["reason"]
    work.case.department_id = None
    work.keep_text("reason")


def _read_finish(fields: Fields, reading: Reading) -> dict[str, Any]:
    condition = reading.look.condition
    least = condition.photos_after if condition else 1
    return {"text": fields.text("text"), "photos": fields.photos(least=least)}


def _finish(work: Work) -> None:
    handling = work.handling
    handling.state = HandlingState.FINISHED
    handling.ended_at = work.now
    handling.text = work.values["text"] or ""
    work.case.handled_at = work.now
    work.keep_text("text")
    work.keep_photos(PhotoKind.AFTER)


def _finished(work: Work) -> None:
    on_time = work.stopped[ClockKind.HANDLE].on_time
    work.handling.on_time = on_time
    work.case.handled_on_time = on_time
    work.data["on_time"] = on_time


DEEDS: dict[Verb, Deed] = {
    Verb.SIGN: Deed(_read_sign, _sign, _signed),
    Verb.REFUSE: Deed(_read_refuse, _refuse, nothing),
    Verb.FINISH: Deed(_read_finish, _finish, _finished),
}
