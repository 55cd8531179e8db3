"""The open clocks of a case, and the one of them that the case shows."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from cases.models import Case, Clock, ClockState
from cases.stages import ClockKind

OPEN_CLOCKS = (
    select(Clock)
    .where(Clock.case_id == bindparam("case_id"), Clock.state != ClockState.STOPPED, Clock.kind != ClockKind.REPLY)
    .order_by(Clock.id)
    .execution_options(populate_existing=True)
)


def running(session: Session, case: Case) -> dict[ClockKind, Clock]:
    """The case's own open clocks, running or paused, at most one of a kind; orders' replies are limited beside them."""
    return {clock.kind: clock for clock in session.scalars(OPEN_CLOCKS, {"case_id": case.id})}


def show_on_case(case: Case, clocks: dict[ClockKind, Clock]) -> None:
    """Copy to the case the clock that burns, so that lists need no join.

    The handling clock comes first if it runs, then the stage's own, then a paused one; a sign clock never hides the
    handling limit beside it. `handle_due_at` follows the handling clock as long as it is open.
    """
    if handle := clocks.get(ClockKind.HANDLE):
        case.handle_due_at = handle.due_at
    shown = _burning(clocks.values())
    case.clock_kind = shown.kind if shown else None
    case.due_at = shown.due_at if shown else None
    case.yellow_at = shown.yellow_at if shown else None
    case.paused = shown is not None and shown.state is ClockState.PAUSED


def _burning(clocks: Iterable[Clock]) -> Clock | None:
    def rank(clock: Clock) -> tuple[bool, bool, bool, datetime]:
        return (
            clock.state is not ClockState.RUNNING,
            clock.kind is not ClockKind.HANDLE,
            clock.kind is ClockKind.SIGN,
            clock.due_at,
        )

    return min((clock for clock in clocks if clock.state is not ClockState.STOPPED), key=rank, default=None)
