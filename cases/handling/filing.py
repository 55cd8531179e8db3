"""Filing: file (立案) by a condition, which sets the limit; send_back to acceptance."""

from typing import Any

from sqlalchemy import select

from cases.errors import NothingReturned
from cases.handling.accepting import read_category, set_category
from cases.handling.fields import Fields
from cases.handling.refusing import begin_again
from cases.handling.work import Deed, Look, Reading, Work, nothing
from cases.models import FilingCondition, HandlingState
from cases.stages import Stage, Verb
from cases.workdays import Unit
from people.roles import Seat


def read_condition(fields: Fields, reading: Reading, category_id: int | None) -> FilingCondition | None:
    """The filing condition, one of the category's; a category's only condition need not be named."""
    chosen = fields.whole("condition_id")
    if category_id is None:
        return None  # without a category, which is asked for, there are no conditions
    mine = reading.session.scalars(select(FilingCondition).where(FilingCondition.category_id == category_id)).all()
    if chosen is None:
        if len(mine) != 1 and not any(error.field == "condition_id" for error in fields.errors):
            fields.fault("condition_id", "required")
        return mine[0] if len(mine) == 1 else None
    found = next((condition for condition in mine if condition.id == chosen), None)
    if found is None:
        fields.fault("condition_id", "no_such_condition")
    return found


def set_condition(work: Work) -> None:
    """File the case by the condition that was read."""
    name_condition(work, work.values["condition"])
    work.case.filed_at = work.now


def name_condition(work: Work, condition: FilingCondition) -> None:
    """Let the condition say what the limit is, and whether it is urgent."""
    work.case.condition_id = condition.id
    work.case.urgent = condition.unit is Unit.URGENT_HOUR
    work.look.condition = condition
    work.data["condition"] = {
        "id": condition.id, "zh": condition.zh, "en": condition.en, "limit": condition.limit, "unit": condition.unit,
    }  # fmt: skip


def _read_file(fields: Fields, reading: Reading) -> dict[str, Any]:
    category = read_category(fields, reading, required=True)
    category_id = category.id if category else reading.case.category_id
    return {
        "category": category,
        "condition": read_condition(fields, reading, category_id),
        "note": fields.text("note"),
    }


def _file(work: Work) -> None:
    set_category(work)
    set_condition(work)
    work.keep_text("note")


def _read_send_back(fields: Fields, _: Reading) -> dict[str, Any]:
    return {"reason": fields.text("reason", required=True)}


def _guard_send_back(look: Look, _: Seat | None) -> None:
    returned = look.handling is not None and look.handling.state is HandlingState.REFUSED
    if look.case.stage is Stage.PENDING_DISPATCH and not returned:
        raise NothingReturned


def _send_back(work: Work) -> None:
    case = work.case
    if case.stage is Stage.PENDING_DISPATCH:  # it will be filed anew
        case.condition_id = case.filed_at = case.handle_due_at = case.dispatched_at = None
        case.urgent = False
        begin_again(case)
    work.keep_text("reason")


DEEDS: dict[Verb, Deed] = {
    Verb.FILE: Deed(_read_file, _file, nothing),
    Verb.SEND_BACK: Deed(_read_send_back, _send_back, nothing, _guard_send_back),
}
