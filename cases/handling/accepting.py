"""From report to acceptance: send_verify, verify, accept, reject, self_handle."""

from enum import StrEnum
from typing import Any

from cases.categories import CategoryEntry, categories
from cases.errors import VerifyFirst
from cases.handling.captured import keep_captured, read_captured
from cases.handling.fields import Fields
from cases.handling.work import ASKED_FIRST, Deed, Look, Reading, Work, nothing
from cases.models import PhotoKind
from cases.permissions import line_of
from cases.stages import CloseType, Outcome, Verb
from grid.models import Centre
from grid.routing import route
from people.roles import Seat


class RejectReason(StrEnum):
    """Why a report becomes no case (不予立案原因)."""

    DUPLICATE = "duplicate"
    NO_PROBLEM = "no_problem"
    ALREADY_HANDLED = "already_handled"
    OUT_OF_SCOPE = "out_of_scope"
    OUT_OF_AREA = "out_of_area"
    UNCLEAR = "unclear"
    OTHER = "other"


# --- a category for a quick report ------------------------------------------------------------------------------------


def read_category(fields: Fields, reading: Reading, *, required: bool) -> CategoryEntry | None:
    """The category for a case that came without one; a case that has one keeps it."""
    has_one = reading.case.category_id is not None
    code = fields.text("category_code")
    if code is None:
        if required and not has_one:
            fields.fault("category_code", "required")
        return None
    if has_one:
        if code != reading.case.category_code:
            fields.fault("category_code", "category_set")
        return None
    found = categories(reading.session).get(code)
    if found is None:
        fields.fault("category_code", "no_such_category")
    return found


def set_category(work: Work) -> None:
    """Give the case the category that was read, and the centre and department that it now belongs to."""
    category: CategoryEntry | None = work.values.get("category")
    if category is None:
        return
    case = work.case
    case.category_id, case.category_code = category.id, category.code
    line = [code for code in line_of(case) if code]
    found = route(work.session.connection(), line, category, now=work.now)
    case.centre_id, case.suggested_department_id, case.why = found.centre_id, found.department_id, found.why
    work.look.centre = work.session.get_one(Centre, found.centre_id)
    work.data["category_code"] = category.code


# --- the verbs --------------------------------------------------------------------------------------------------------


def _read_note(fields: Fields, _: Reading) -> dict[str, Any]:
    return {"note": fields.text("note")}


def _keep_note(work: Work) -> None:
    work.keep_text("note")


def _read_verify(fields: Fields, reading: Reading) -> dict[str, Any]:
    confirmed = fields.take("outcome") == Outcome.CONFIRMED.value
    return {
        "text": fields.text("text"),
        "photos": fields.photos(least=1 if confirmed else 0),
        "category": read_category(fields, reading, required=False),
        **read_captured(fields, reading),
    }


def _verify(work: Work) -> None:
    set_category(work)
    work.keep_text("text")
    keep_captured(work)
    work.keep_photos(PhotoKind.VERIFY)


def _read_accept(fields: Fields, reading: Reading) -> dict[str, Any]:
    return {"note": fields.text("note"), "category": read_category(fields, reading, required=True)}


def _guard_accept(look: Look, _: Seat | None) -> None:
    if look.case.source in ASKED_FIRST and not look.is_verified():
        raise VerifyFirst(source=look.case.source.value)


def _accept(work: Work) -> None:
    set_category(work)
    work.keep_text("note")


def _read_reject(fields: Fields, _: Reading) -> dict[str, Any]:
    reason = fields.text("reason")
    code = fields.one_of("reason_code", RejectReason, required=reason is None)
    return {"reason_code": code or RejectReason.OTHER, "reason": reason, "note": fields.text("note")}


def _reject(work: Work) -> None:
    work.keep_text("reason_code", "reason", "note")


def _read_self_handle(fields: Fields, _: Reading) -> dict[str, Any]:
    return {"text": fields.text("text"), "photos": fields.photos(least=1)}


def _self_handle(work: Work) -> None:
    work.case.close_type = CloseType.SELF_HANDLED
    work.keep_text("text")
    work.keep_photos(PhotoKind.AFTER)


DEEDS: dict[Verb, Deed] = {
    Verb.SEND_VERIFY: Deed(_read_note, _keep_note, nothing),
    Verb.VERIFY: Deed(_read_verify, _verify, nothing),
    Verb.ACCEPT: Deed(_read_accept, _accept, nothing, _guard_accept),
    Verb.REJECT: Deed(_read_reject, _reject, nothing),
    Verb.SELF_HANDLE: Deed(_read_self_handle, _self_handle, nothing),
}
