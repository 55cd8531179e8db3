"""What a return (退单) depends on and leads to: its window, and the centre above that decides after the second one."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from cases.clock import written
from cases.errors import Designated, RefuseWindowOver
from cases.handling.fields import Fields
from cases.handling.moving import move_up
from cases.handling.work import Work
from cases.models import Case, Handling
from cases.stages import ClockKind


class RefuseReason(StrEnum):
    """Why a department returns a case (退单原因)."""

    NOT_MY_DUTY = "not_my_duty"
    WRONG_PLACE = "wrong_place"
    WRONG_CATEGORY = "wrong_category"
    NO_MEANS = "no_means"
    OTHER = "other"


class PassUpReason(StrEnum):
    """Why a centre passes a case up (上报原因)."""

    CANNOT_SOLVE = "cannot_solve"
    NOT_MY_DUTY = "not_my_duty"
    OVERDUE = "overdue"
    OTHER = "other"


def read_reasons(fields: Fields, codes: type[StrEnum]) -> dict[str, Any]:
    """One of the reasons, or one in the person's own words, or both."""
    reason = fields.text("reason")
    code = fields.one_of("reason_code", codes, required=reason is None)
    return {"reason_code": code or codes("other"), "reason": reason}


def refuse_until(work: Work) -> datetime:
    """The end of the window in which a department may return what it is given now, in its limit's own time.

    A short limit is a window itself (domain §4.3: 1 work day where the limit is longer than 6 h).
    """
    clock, options = work.clocks[ClockKind.HANDLE], work.settings.handling
    short = clock.limit_seconds <= options.refuse_short_minutes * 60
    seconds = clock.limit_seconds if short else options.refuse_minutes * 60
    return work.rules.of(clock.calendar_id).add_seconds(work.now, seconds, clock.unit)


def check_may_return(case: Case, turn: Handling, now: datetime) -> None:
    """Raise Designated or RefuseWindowOver where the department can't return the case any more."""
    if turn.lead and case.designated:
        raise Designated
    if turn.refuse_until is not None and now.replace(microsecond=0) > turn.refuse_until:
        raise RefuseWindowOver(until=written(turn.refuse_until))


def count_return(work: Work) -> None:
    """With so many returns the centre above decides who does it; above the city the city itself does."""
    case = work.case
    case.refused_count += 1
    if is_disputed(work) and work.look.centre.parent_id is not None:
        move_up(work, "second-refusal")


def is_disputed(work: Work) -> bool:
    """Whether the departments have returned it so often that the next one named can't."""
    return work.case.refused_count >= work.settings.handling.refusals_most


def begin_again(case: Case) -> None:
    """Forget what the departments said of a case that is filed, or worked on, from the beginning."""
    case.refused_count, case.designated, case.step = 0, False, 1
