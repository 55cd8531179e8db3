"""What each number of leadership counts, as one condition on `cases` (domain §5.1).

The same condition counts in the statistics and lists the cases behind the number (`GET /cases?measure=NAME`); it
stands outside `cases.statistics` because the lists may not look in there (house.md §3.4). A case gives 0 or 1.
"""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import aliased

from cases.models import Case, Event, Handling, HandlingState
from cases.stages import AFTER_WORK, CloseType, Stage
from core.errors import FieldError, Invalid

Condition = ColumnElement[bool]

# Self-handled reports (自处置) stay out of every other number (domain §0.10).
SELF_HANDLED: Condition = Case.close_type.is_not_distinct_from(CloseType.SELF_HANDLED)
REPORTED: Condition = Case.close_type.is_distinct_from(CloseType.SELF_HANDLED)
# A granted appeal (超时申诉) takes a case out of all numbers but that of the reports; that it was late stays on record.
EXCUSED: Condition = Case.excused_at.is_not(None)
NORMAL: Condition = and_(REPORTED, ~EXCUSED)

FILED: Condition = Case.filed_at.is_not(None)
DISPATCHED: Condition = Case.dispatched_at.is_not(None)
OPEN: Condition = Case.ended_at.is_(None)
CLOSED: Condition = Case.stage == Stage.CLOSED
# A failed check or a reopening sends the case back to work: then handling has not ended.
HANDLED: Condition = and_(Case.handled_at.is_not(None), Case.stage.in_([*sorted(AFTER_WORK), Stage.CLOSED]))
ON_TIME: Condition = and_(HANDLED, Case.handled_on_time.is_(True))


def _overdue_open(now: datetime) -> Condition:
    """In handling, and the whole handling limit (捆绑处置截止时间) is over. A suspended case is not in handling."""
    return and_(Case.stage.in_([Stage.DISPATCHED, Stage.HANDLING]), Case.handle_due_at < now)


def _red(now: datetime) -> Condition:
    """The clock that burns now has run out, whichever it is: what shows a red light."""
    return and_(OPEN, Case.paused.is_(False), Case.due_at < now)


def _rejected(*at: Stage) -> Condition:
    """Rejected at one of these stages; the story knows at which."""
    ended = exists().where(
        Event.case_id == Case.id, Event.stage_to == Stage.REJECTED.value, Event.stage_from.in_([s.value for s in at])
    )
    return and_(Case.stage == Stage.REJECTED, ended)


def _reworked() -> Condition:
    """A department handled it again after a failed check (返工): its row is failed, and a later row is its own too."""
    failed, again = aliased(Handling), aliased(Handling)
    pair = select(failed.id).where(
        failed.case_id == Case.id,
        failed.state == HandlingState.FAILED,
        failed.lead,
        again.lead,
        again.case_id == failed.case_id,
        again.round > failed.round,
        again.centre_id == failed.centre_id,
        again.department_id.is_not_distinct_from(failed.department_id),
    )
    return and_(Case.round > 1, pair.correlate(Case).exists())


def _sent_elsewhere() -> Condition:
    """The last department is not the first one (domain §5.2: the rate that was always 100 %)."""
    other = exists().where(
        Handling.case_id == Case.id,
        Handling.lead,
        Handling.centre_id.is_distinct_from(Case.centre_id)
        | Handling.department_id.is_distinct_from(Case.department_id),
    )
    return and_(Case.round > 1, other)


MEASURES: dict[str, Callable[[datetime], Condition]] = {
    "report_num": lambda _: REPORTED,
    "self_report_num": lambda _: SELF_HANDLED,
    "valid_report_num": lambda _: and_(NORMAL, FILED, Case.stage != Stage.CANCELLED),
    "file_num": lambda _: and_(NORMAL, FILED),
    "not_accept_num": lambda _: _rejected(Stage.REPORTED, Stage.VERIFYING),
    "not_file_num": lambda _: _rejected(Stage.PENDING_FILING),
    "cancel_num": lambda _: Case.stage == Stage.CANCELLED,
    "need_dispatch_num": lambda _: and_(NORMAL, FILED),
    "accurate_dispatch_num": lambda _: and_(NORMAL, DISPATCHED, ~_sent_elsewhere()),
    "need_handle_num": lambda _: and_(NORMAL, DISPATCHED),
    "handled_num": lambda _: and_(NORMAL, HANDLED),
    "ontime_handled_num": lambda _: and_(NORMAL, ON_TIME),
    "overdue_open_num": _overdue_open,
    "need_close_num": lambda now: and_(NORMAL, HANDLED | _overdue_open(now)),
    "closed_num": lambda _: and_(NORMAL, CLOSED),
    "ontime_closed_num": lambda _: and_(NORMAL, CLOSED, ON_TIME),
    "overdue_closed_num": lambda _: and_(NORMAL, CLOSED, HANDLED, Case.handled_on_time.is_(False)),
    "excused_num": lambda _: EXCUSED,
    "rework_num": lambda _: and_(NORMAL, _reworked()),
    "open_num": lambda _: OPEN,
    "red_num": _red,
    "supervised_num": lambda _: and_(OPEN, Case.supervised_level.is_not(None)),
}
"""Every number by its name."""


def condition(measure: str, *, now: datetime) -> Condition:
    """The condition on `cases` under which a case counts for the measure. Raises Invalid for an unknown one."""
    try:
        make = MEASURES[measure]
    except KeyError:
        raise Invalid([FieldError.of("measure", "not_one_of", expected=", ".join(MEASURES))]) from None
    return make(now)
