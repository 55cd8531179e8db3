"""The OpenAPI document, made from what the views say of themselves, and a page that shows it.

APIFlask walks the routes; what stands beside a view (`@allow`, `@takes`, `@gives`, `@refuses`) is put into its
`doc`, and pydantic makes all schemas at once, so that a model is one component wherever it stands.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from apiflask import APIBlueprint, APIFlask
from flask import Response, current_app, redirect, render_template
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from core.errors import Refusal
from web.answers import to_json
from web.bodies import JSON, PROBLEM, Answer, Gives, Takes, refuses
from web.language import page_language
from web.problems import status_of
from web.signin import COOKIE, Access, access_of, public
from web.words import TAGS, problem_words

API = "/api/v1"
blueprint = APIBlueprint("openapi", __name__, enable_openapi=False)
SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "From POST /api/v1/tokens"},
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "From POST /api/v1/session; a write by cookie carries X-CSRF-Token too",
    },
}
REF = "#/components/schemas/{model}"
TYPED = re.compile(r"<(uuid|int):")
View = Callable[..., Any]


class FaultAnswer(Answer):
    field: str
    code: str
    message: str


class ProblemAnswer(BaseModel):
    """RFC 9457, worded by Accept-Language; further members carry the data of the problem."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FaultAnswer] | None = None
    request_id: str | None = None


def set_up_openapi(app: APIFlask) -> None:
    """Describe every route under /api/v1; the document is made when it is first asked for."""
    app.config.update(
        OPENAPI_VERSION="3.1.0",
        AUTO_OPERATION_ID=True,
        AUTO_404_RESPONSE=False,
        AUTO_200_RESPONSE=False,
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        AUTO_AUTH_ERROR_RESPONSE=False,
        SECURITY_SCHEMES=SCHEMES,
    )
    rules = {rule.endpoint: rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith(API)}
    views = {endpoint: app.view_functions[endpoint] for endpoint in rules}
    for endpoint, view in views.items():
        if TYPED.search(rules[endpoint]):
            refuses("no-such-address")(view)  # what is no such id leads to no view at all
    models = {model: None for view in views.values() for model in _models(view)} | {ProblemAnswer: None}
    schemas, references = _schemas(list(models))
    for endpoint, view in views.items():
        app.view_functions[endpoint] = _described(app, view, schemas, references)

    @app.spec_processor
    def _complete(document: Any) -> Any:
        document["components"]["schemas"] = schemas
        document["servers"] = [{"url": "/"}]
        return document


def _models(view: View) -> Iterator[type[BaseModel]]:
    takes: Takes | None = view.__dict__.get("takes")
    if takes is not None:
        yield from (model for model in (takes.body, takes.query, takes.headers) if model is not None)
    gives: tuple[Gives, ...] = view.__dict__.get("gives", ())
    yield from (answer.model for answer in gives if answer.model is not None)


def _schemas(models: list[type[BaseModel]]) -> tuple[dict[str, Any], dict[type[BaseModel], dict[str, Any]]]:
    references, document = models_json_schema([(model, "validation") for model in models], ref_template=REF)
    return document.get("$defs", {}), {model: dict(found) for (model, _), found in references.items()}  # type: ignore[misc]


def _described(
    app: APIFlask, view: View, schemas: dict[str, Any], references: dict[type[BaseModel], dict[str, Any]]
) -> View:
    access = access_of(view) or Access(public=True)
    takes: Takes | None = view.__dict__.get("takes")
    extensions: dict[str, Any] = {"x-permissions": [permission.value for permission in access.permissions]}
    named = [(takes.query, "query"), (takes.headers, "header")] if takes else []
    if parameters := [one for model, place in named if model for one in _parameters(schemas[model.__name__], place)]:
        extensions["parameters"] = parameters
    if takes and (takes.body is not None or takes.media != JSON):
        media = (takes.media, *takes.also)
        schema = references[takes.body] if takes.body else {"type": "string", "format": "binary"}
        extensions["requestBody"] = {
            "required": not takes.optional,
            "content": {kind: {"schema": schema} for kind in media},
        }
    security: list[Any] | None = None if access.public else list(SCHEMES)
    doc = app.doc(responses=_responses(view, access, takes, references), security=security, extensions=extensions)
    return doc(view)


def _parameters(schema: dict[str, Any], place: str) -> Iterator[dict[str, Any]]:
    for name, found in schema.get("properties", {}).items():
        kind = _without_null(found)
        parameter = {"name": name, "in": place, "required": name in schema.get("required", ()), "schema": kind}
        if "array" in str(kind):
            parameter |= {"style": "form", "explode": True}
        yield parameter


def _without_null(kind: dict[str, Any]) -> dict[str, Any]:
    """A parameter is there or absent, never null."""
    kinds = [one for one in kind.get("anyOf", ()) if one != {"type": "null"}]
    rest = {key: value for key, value in kind.items() if key != "anyOf" and (key, value) != ("default", None)}
    if not kinds:
        return rest
    return rest | kinds[0] if len(kinds) == 1 else rest | {"anyOf": kinds}


def _responses(
    view: View, access: Access, takes: Takes | None, references: dict[type[BaseModel], dict[str, Any]]
) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    gives: tuple[Gives, ...] = view.__dict__.get("gives", ())
    for given in gives:
        content = found.setdefault(given.status, {"content": {}})["content"]
        found[given.status]["description"] = given.text or ("Done" if given.model is None else "Good")
        if given.model is not None:
            content[given.media] = {"schema": references[given.model]}
        elif given.status != 204:
            content[given.media] = {}
    for status, text in _problems(view, access, takes):
        before = found.get(status, {}).get("description")
        found[status] = _problem(references, f"{before}; {text}" if before else text)
    found["default"] = _problem(references, "Any other problem")
    return found


def _problem(references: dict[type[BaseModel], dict[str, Any]], text: str) -> dict[str, Any]:
    return {"description": text, "content": {PROBLEM: {"schema": references[ProblemAnswer]}}}


def _problems(view: View, access: Access, takes: Takes | None) -> Iterator[tuple[int, str]]:
    if not access.public:
        yield 401, "not-signed-in, session-expired, bad-token"
        yield 403, "not-allowed, csrf-token-wrong"
    if takes:
        yield 422, "invalid"
    if takes and (takes.body is not None or takes.media != JSON):
        yield 413, "too-large"
        yield 415, "wrong-content-type"
    refusals: tuple[tuple[str, int], ...] = view.__dict__.get("refuses", ())
    known = statuses()
    for name, status in refusals:
        yield known.get(name, status), f"{name}: {problem_words(name, 'en', {})[0]}"


def statuses() -> dict[str, int]:
    """Every problem's name with its status, from the classes that are loaded."""
    found: dict[str, int] = {}
    waiting: list[type[Refusal]] = [Refusal]
    while waiting:
        kind = waiting.pop()
        found[kind.name] = status_of(kind)
        waiting += kind.__subclasses__()
    return found


@blueprint.get(f"{API}/openapi.json")
@public
def document() -> Response:
    """This document."""
    made = current_app.extensions.get("openapi.json")
    if made is None:
        assert isinstance(current_app, APIFlask) or hasattr(current_app, "spec")
        made = current_app.extensions["openapi.json"] = to_json(current_app.spec)
    return Response(made, mimetype="application/json")


@blueprint.get("/api/docs")
@public
def docs() -> str:
    """The document as a page, without a script and without another host."""
    return render_template("docs.html", spec=current_app.spec, language=page_language(), tag=TAGS[page_language()])  # type: ignore[attr-defined]


@blueprint.get(f"{API}/docs")
@public
def docs_elsewhere() -> Response:
    """Where people look for it, too."""
    return redirect("/api/docs")  # type: ignore[return-value]
