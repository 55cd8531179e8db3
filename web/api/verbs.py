"""Verbs on cases, one at a time and many at once."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

import orjson
from apiflask import APIBlueprint
from flask import Response, abort, request
from pydantic import Field

from cases.claims import end_claim
from cases.handling import lock_together, perform
from cases.intake.body import DeviceMoment
from cases.stages import Stage, Verb
from core.errors import FieldError, Invalid, NotFound, Refusal
from people.roles import Permission
from web.answers import answer
from web.api.cases import shown, with_version
from web.bodies import JSON, Answer, Body, Moment, Query, Takes, gives, parse_json, read_model, refuses, takes
from web.case_answers import CaseDetail
from web.language import language
from web.problems import refusal_body
from web.signin import allow, person
from web.transaction import db, now, runtime

blueprint = APIBlueprint("verbs", __name__, tag="Cases")

MOST_AT_ONCE = 200
IF_MATCH = re.compile(r'(?:W/)?"?(\d{1,9})"?')
View = TypeVar("View", bound=Callable[..., Any])


class VerbFields(Body):
    """The fields of all verbs; which of them a verb takes and needs is said in docs/permissions.md."""

    version: int | None = Field(None, description="The version that was seen; or as If-Match")
    outcome: str | None = Field(
        None,
        description="verify: confirmed, unfounded; check: passed, failed; decide_…: granted, denied; cancel and "
        "force_close by who approves: granted (or nothing), denied",
    )
    note: str | None = None
    text: str | None = None
    reason: str | None = None
    reason_code: str | None = Field(None, description="reject, refuse, pass_up: see docs/permissions.md")
    category_code: str | None = Field(
        None, description="recategorise; accept, verify, file: for a case that has no category"
    )
    condition_id: int | None = Field(None, description="file, recategorise; reopen of a case that was never filed")
    department: str | None = Field(
        None, description="dispatch: a department's code; null: the centre itself; while handling: a unit below it"
    )
    assist: list[str] | None = Field(None, description="dispatch: codes of assisting departments")
    limit: int | None = Field(
        None, description="request_extension, decide_extension: how much more, in the unit of the case's condition"
    )
    resume_on: date | None = Field(None, description="request_suspension, decide_suspension: the day it goes on")
    reply_minutes: int | None = Field(None, description="supervise: how long the reply may take")
    order_id: int | None = Field(None, description="reply_supervision, where several orders are open")
    into: str | None = Field(None, description="merge: the first case's number; null takes a merger back")
    point: dict[str, Any] | None = Field(None, description="relocate: as in a report")
    address: str | None = Field(None, description="relocate")
    photos: list[UUID] | None = None
    captured_at: Moment | None = Field(
        None, description="verify, check: when the answer was made; offline it counts by this moment (docs/turns.md)"
    )
    device_at: DeviceMoment | None = Field(
        None, description="verify, check: what the phone's own clock said then, right or wrong"
    )


class Trial(Query):
    dry_run: bool = Field(False, description="Only answer what would be; nothing is kept")


class Named(Body):
    no: str
    version: int


class BulkFields(VerbFields):
    verb: Verb
    cases: list[Named] = Field(max_length=MOST_AT_ONCE, min_length=1)


class BulkResult(Answer):
    no: str
    ok: bool
    stage: Stage | None = None
    version: int | None = None
    problem: dict[str, Any] | None = Field(None, description="The problem that the verb alone would have answered")


class BulkAnswer(Answer):
    items: list[BulkResult]


def _documents(body: type[Body], query: type[Query] | None = None) -> Callable[[View], View]:
    """Say what the body is; the door reads its fields by itself, after it has asked whether the person may."""

    def mark(view: View) -> View:
        view.__dict__["takes"] = Takes(body, query, JSON, optional=False)
        return view

    return mark


def _read_object() -> dict[str, Any]:
    raw = request.get_data()
    if not raw:
        return {}
    if request.mimetype != JSON and not request.mimetype.endswith("+json"):
        abort(415)
    body = parse_json(raw)
    if not isinstance(body, dict):
        raise Invalid.one("", "not_object")
    return body


def _seen_version(body: dict[str, Any]) -> Any:
    """The version in the body, else the one in If-Match; None without either."""
    if "version" in body:
        return body.pop("version")
    found = IF_MATCH.fullmatch(request.headers.get("If-Match", "").strip())
    return int(found[1]) if found else None


def _verb(name: str) -> Verb:
    try:
        return Verb(name)
    except ValueError:
        raise NotFound("no-verb", verb=name) from None


@blueprint.post("/cases/<no>/verbs/<verb>")
@allow(Permission.ACT_ON_CASES)
@_documents(VerbFields, Trial)
@takes(query=Trial)
@gives(CaseDetail)
@refuses("not-found", "no-verb")
@refuses("wrong-stage", "stale-version", "verify-first", "nothing-returned", status=409)
@refuses("already-signed", "sign-first", "part-done", "not-the-lead", "already-supervised", "no-order", status=409)
@refuses("not-merged", "first-case-ended", "first-case-merged", status=409)
@refuses("already-asked", "nothing-asked", "not-your-turn", "own-request", status=409)
@refuses("deadline-passed", "no-more-extensions", status=409)
@refuses("suspended-before", "nothing-to-appeal", "refuse-window-over", "designated", "no-centre-above", status=409)
def do_verb(no: str, verb: str, *, query: Trial) -> Response:
    """Do a verb to a case; answers the case as it is then, a last time to who has sent it out of their own sight.

    A trial answers the same, or refuses for the same reasons, and keeps nothing.
    """
    known = _verb(verb)
    body = _read_object()
    version = _seen_version(body)
    case = perform(db(), person(), no, known, body, version=version, now=now(), settings=runtime().settings)
    if query.dry_run:
        would_be = shown(no, in_hand=True)
        db().rollback()
        return answer(would_be)
    end_claim(db(), case)
    return with_version(shown(no, in_hand=True))


@blueprint.post("/cases:bulk")
@allow(Permission.ACT_ON_CASES)
@_documents(BulkFields)
@gives(BulkAnswer)
def do_many() -> Response:
    """The same verb with the same fields to many cases: a result for each, in the order asked; none is skipped.

    Each is done or refused on its own. All are locked first, with the first case of a merger and in the order of their
    ids, so that two such requests never wait for each other in a ring.
    """
    body = _read_object()
    verb, named = _read_bulk(body)
    read_model(VerbFields, orjson.dumps(body))  # what is no such field for any case is refused whole
    lock_together(db(), person(), [*(no for _, no, _ in named), body.get("into")])
    results: dict[int, dict[str, Any]] = {}
    for index, no, version in sorted(named, key=lambda one: (one[1], one[0])):
        results[index] = _do_one(no, verb, body, version)
    return answer({"items": [results[index] for index in range(len(named))]})


def _do_one(no: str, verb: Verb, fields: Mapping[str, Any], version: Any) -> dict[str, Any]:
    try:
        with db().begin_nested():
            case = perform(db(), person(), no, verb, fields, version=version, now=now(), settings=runtime().settings)
            end_claim(db(), case)
    except Refusal as refusal:
        db().expire_all()
        return {"no": no, "ok": False, "problem": refusal_body(refusal, language())}
    return {"no": no, "ok": True, "stage": case.stage, "version": case.version}


def _read_bulk(body: dict[str, Any]) -> tuple[Verb, list[tuple[int, str, Any]]]:
    errors: list[FieldError] = []
    verb = next((one for one in Verb if one.value == body.get("verb")), None)
    if verb is None:
        known = ", ".join(one.value for one in Verb)
        missing = body.get("verb") is None
        errors.append(
            FieldError.of("verb", "required") if missing else FieldError.of("verb", "not_one_of", expected=known)
        )
    named = body.get("cases")
    if not isinstance(named, list):
        errors.append(FieldError.of("cases", "required" if named is None else "not_list"))
    elif not 1 <= len(named) <= MOST_AT_ONCE:
        code = "too_many" if named else "too_few"
        errors.append(FieldError.of("cases", code, most=MOST_AT_ONCE, least=1))
    else:
        errors += _faults_of_names(named)
    if errors or verb is None or not isinstance(named, list):
        raise Invalid(errors)
    del body["verb"], body["cases"]
    return verb, [(index, one["no"], one.get("version")) for index, one in enumerate(named)]


def _faults_of_names(named: list[Any]) -> list[FieldError]:
    found = []
    for index, one in enumerate(named):
        if not isinstance(one, dict):
            found.append(FieldError.of(f"cases.{index}", "not_object"))
        elif not isinstance(one.get("no"), str):
            found.append(FieldError.of(f"cases.{index}.no", "required" if one.get("no") is None else "not_text"))
    return found
