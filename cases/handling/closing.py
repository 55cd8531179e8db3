"""Ends and second beginnings: close (结案), reopen (重启), and what every end does."""

from typing import Any

from sqlalchemy import update

from cases.handling.clockwork import to_step
from cases.handling.fields import Fields
from cases.handling.filing import read_condition, set_condition
from cases.handling.refusing import begin_again
from cases.handling.work import Deed, Reading, Work, nothing
from cases.models import SupervisionOrder
from cases.stages import CloseType, Verb


def end(work: Work) -> None:
    """What every end does: the moment is kept, and nobody supervises the case any longer."""
    case = work.case
    case.ended_at, case.resume_at = work.now, None
    if case.supervised_level is None:
        return
    case.supervised_level = None
    work.session.execute(
        update(SupervisionOrder)
        .where(SupervisionOrder.case_id == case.id, SupervisionOrder.closed_at.is_(None))
        .values(closed_at=work.now)
        .execution_options(synchronize_session=False)
    )


def _read_close(fields: Fields, _: Reading) -> dict[str, Any]:
    return {"note": fields.text("note")}


def _close(work: Work) -> None:
    work.case.close_type = CloseType.OVERDUE if work.case.handled_on_time is False else CloseType.NORMAL
    work.data["close_type"] = work.case.close_type.value
    work.keep_text("note")


def _read_reopen(fields: Fields, reading: Reading) -> dict[str, Any]:
    """A case that was settled on the spot was never filed: then the reopening names the condition."""
    values: dict[str, Any] = {"reason": fields.text("reason", required=True)}
    if reading.case.condition_id is None:
        if reading.case.category_id is None:
            fields.fault("condition_id", "no_category")
        values["condition"] = read_condition(fields, reading, reading.case.category_id)
    return values


def _reopen(work: Work) -> None:
    case = work.case
    case.ended_at = case.close_type = case.handled_at = case.handled_on_time = None
    case.excused_at = None  # what was late then is over; the work that comes is measured again
    begin_again(case)
    to_step(work, 1)  # the first limit again, by its own time
    if "condition" in work.values:
        set_condition(work)
    work.keep_text("reason")


DEEDS: dict[Verb, Deed] = {
    Verb.CLOSE: Deed(_read_close, _close, nothing),
    Verb.REOPEN: Deed(_read_reopen, _reopen, nothing),
}
