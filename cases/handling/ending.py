"""Ends that one post asks for and another approves: cancel (作废) and force_close (强制结案)."""

from typing import Any

from cases.errors import NothingAsked, NotYourTurn
from cases.handling.dispatching import withdraw
from cases.handling.fields import Fields
from cases.handling.requests import ONE_APPROVER, ask, check_not_asked, check_not_own, decide, is_own, role_of
from cases.handling.work import Deed, Find, Look, Read, Reading, Work, nothing
from cases.models import RequestKind
from cases.stages import AFTER_WORK, CloseType, Outcome, Verb
from people.roles import Role, Seat


def _approves(kind: RequestKind, seat: Seat | None) -> bool:
    return seat is not None and seat.role is role_of(ONE_APPROVER[kind])


def _guard_cancel(look: Look, seat: Seat | None) -> None:
    """The shift lead cancels also of their own accord."""
    if not _approves(RequestKind.CANCEL, seat):
        check_not_asked(look, RequestKind.CANCEL)


def _guard_force_close(look: Look, seat: Seat | None) -> None:
    """The leader only approves what the shift lead has asked for."""
    if not _approves(RequestKind.FORCE_CLOSE, seat):
        check_not_asked(look, RequestKind.FORCE_CLOSE)
    elif look.open_request(RequestKind.FORCE_CLOSE) is None:
        raise NothingAsked(kind=RequestKind.FORCE_CLOSE.value)


def _turn_to_force_close(look: Look) -> Role:
    asked = look.open_request(RequestKind.FORCE_CLOSE)
    return Role.SHIFT_LEAD if asked is None else Role.LEADER


def _read(kind: RequestKind) -> Read:
    def read(fields: Fields, reading: Reading) -> dict[str, Any]:
        """The reason; who only grants what was asked for need not repeat it."""
        asked = _approves(kind, reading.seat) and reading.look.open_request(kind) is not None
        asked = asked and not is_own(reading.actor, reading.look, kind)
        denied = fields.take("outcome") == Outcome.DENIED
        return {"reason": fields.text("reason", required=denied or not asked)}

    return read


def _find(kind: RequestKind) -> Find:
    def find(reading: Reading, _: dict[str, Any], named: Outcome | None) -> Outcome | None:
        if not _approves(kind, reading.seat):
            if named is not None:
                raise NotYourTurn(kind=kind.value, awaits=ONE_APPROVER[kind])
            return Outcome.ASKED
        if named is not Outcome.DENIED:
            return None
        if reading.look.open_request(kind) is None:
            raise NothingAsked(kind=kind.value)
        check_not_own(reading.actor, reading.look, kind)
        return Outcome.DENIED

    return find


def _ends(work: Work, kind: RequestKind) -> bool:
    """Whether the end is meant, not only asked for or denied; what others have asked for is decided with it.

    Who has got the post meanwhile cancels of their own accord: their own request lapses.
    """
    if work.outcome is Outcome.ASKED:
        ask(work, kind)
    elif work.look.open_request(kind) is not None and not is_own(work.actor, work.look, kind):
        request = decide(work, kind)
        work.data.setdefault("reason", request.reason)
    work.keep_text("reason")
    return work.outcome is None


def _cancel(work: Work) -> None:
    if _ends(work, RequestKind.CANCEL):
        withdraw(work)


def _force_close(work: Work) -> None:
    """The department keeps what it has finished; a turn that is open is taken from it."""
    if not _ends(work, RequestKind.FORCE_CLOSE):
        return
    if work.case.stage not in AFTER_WORK:
        withdraw(work)
    work.case.close_type = CloseType.FORCED
    work.data["close_type"] = CloseType.FORCED.value


DEEDS: dict[Verb, Deed] = {
    Verb.CANCEL: Deed(_read(RequestKind.CANCEL), _cancel, nothing, _guard_cancel, _find(RequestKind.CANCEL)),
    Verb.FORCE_CLOSE: Deed(
        _read(RequestKind.FORCE_CLOSE), _force_close, nothing, _guard_force_close, _find(RequestKind.FORCE_CLOSE),
        _turn_to_force_close, decides=RequestKind.FORCE_CLOSE,
    ),
}  # fmt: skip
