"""The departments' part: sign (接单), refuse (退单), finish (处置完毕); of the lead, and of those that assist."""

from typing import Any

from cases.errors import AlreadySigned, PartDone, SignFirst
from cases.handling.clockwork import to_step
from cases.handling.dispatching import withdraw
from cases.handling.fields import Fields
from cases.handling.joint import follow_deadline, name_turn, others_open, turn_of
from cases.handling.refusing import RefuseReason, check_may_return, count_return, read_reasons
from cases.handling.work import Deed, Look, Reading, Work, nothing
from cases.models import Handling, HandlingState, PhotoKind
from cases.stages import ClockKind, Outcome, Verb
from people.roles import Seat


def _turn(reading: Reading) -> Handling:
    return turn_of(reading.look, reading.seat)


def _read_sign(fields: Fields, reading: Reading) -> dict[str, Any]:
    return {"turn": _turn(reading), "note": fields.text("note")}


def _guard_unsigned(look: Look, seat: Seat | None) -> None:
    """What was signed for is neither signed for again nor returned."""
    if turn_of(look, seat).signed_at is not None:
        raise AlreadySigned


def _guard_refuse(look: Look, seat: Seat | None) -> None:
    _guard_unsigned(look, seat)
    check_may_return(look.case, turn_of(look, seat), look.now)


def _find_part(_: Reading, values: dict[str, Any], __: Outcome | None) -> Outcome | None:
    """An assisting department speaks for its own part alone."""
    return None if values["turn"].lead else Outcome.PART


def _sign(work: Work) -> None:
    turn: Handling = work.values["turn"]
    turn.signed_at = work.now
    turn.signed_by = work.actor.person_id
    name_turn(work, turn)
    work.keep_text("note")


def _signed(work: Work) -> None:
    if work.outcome is None:
        work.data["on_time"] = work.stopped[ClockKind.SIGN].on_time


def _read_refuse(fields: Fields, reading: Reading) -> dict[str, Any]:
    return {"turn": _turn(reading), **read_reasons(fields, RefuseReason)}


def _refuse(work: Work) -> None:
    turn: Handling = work.values["turn"]
    turn.state = HandlingState.REFUSED
    turn.ended_at = work.now
    turn.text = work.values["reason"] or ""
    name_turn(work, turn)
    if turn.lead:
        withdraw(work)
        count_return(work)
    work.keep_text("reason_code", "reason")


def _guard_finish(look: Look, seat: Seat | None) -> None:
    turn = turn_of(look, seat)
    if turn.signed_at is None:
        raise SignFirst
    if turn.state is HandlingState.FINISHED and others_open(look, turn):
        raise PartDone


def _read_finish(fields: Fields, reading: Reading) -> dict[str, Any]:
    turn, condition = _turn(reading), reading.look.condition
    least = condition.photos_after if condition else 1
    done = turn.state is HandlingState.FINISHED  # only the word is missing that the whole is handled
    return {"turn": turn, "text": fields.text("text"), "photos": fields.photos(least=0 if done else least)}


def _find_finish(reading: Reading, values: dict[str, Any], _: Outcome | None) -> Outcome | None:
    """Of two limits in a row the first is the lead's alone; then the last department that is done ends the handling."""
    turn: Handling = values["turn"]
    condition = reading.look.condition
    if turn.lead and reading.case.step == 1 and condition is not None and condition.then_limit is not None:
        return Outcome.STEP
    return Outcome.PART if others_open(reading.look, turn) else None


def _finish(work: Work) -> None:
    turn: Handling = work.values["turn"]
    if work.outcome is Outcome.STEP:
        to_step(work, 2)
    elif turn.state is HandlingState.OPEN:
        turn.state = HandlingState.FINISHED
        turn.ended_at = work.now
        turn.text = work.values["text"] or ""
    if work.outcome is None:
        work.case.handled_at = work.now
    name_turn(work, turn)
    work.keep_text("text")
    work.keep_photos(PhotoKind.AFTER)


def _finished(work: Work) -> None:
    turn: Handling = work.values["turn"]
    kept = _is_kept(work)
    work.data["on_time"] = kept
    if work.outcome is Outcome.STEP:
        turn.step_on_time = kept
        follow_deadline(work)
        return
    whole = kept and work.handling.step_on_time is not False
    if turn.on_time is None:
        turn.on_time = whole
    if work.outcome is None:
        work.case.handled_on_time = whole


def _is_kept(work: Work) -> bool | None:
    """Whether the limit that runs is kept; a part doesn't stop its clock."""
    stopped, due_at = work.stopped.get(ClockKind.HANDLE), work.case.handle_due_at
    if stopped is not None:
        return stopped.on_time
    return due_at is None or work.now.replace(microsecond=0) <= due_at


DEEDS: dict[Verb, Deed] = {
    Verb.SIGN: Deed(_read_sign, _sign, _signed, _guard_unsigned, _find_part),
    Verb.REFUSE: Deed(_read_refuse, _refuse, nothing, _guard_refuse, _find_part),
    Verb.FINISH: Deed(_read_finish, _finish, _finished, _guard_finish, _find_finish),
}
