"""Every no, told as RFC 9457 `application/problem+json` or as a page, in the reader's language."""

from typing import Any
from urllib.parse import quote

import structlog
from flask import Flask, Response, g, redirect, render_template, request
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException, InternalServerError

from cases.errors import GroundMoves, NoRoom, NotKept, PhotoTooLarge, TooManyStreams
from core.errors import FieldError, Invalid, NotAllowed, NotFound, NotPossible, Refusal
from people.errors import BadSignIn, NotSignedIn, SignInThrottled
from web.answers import to_json
from web.language import language, page_language
from web.words import TAGS, Language, field_words, problem_words

log = structlog.get_logger()

# The most special class on the way up decides.
STATUS: dict[type[Refusal], int] = {
    NotFound: 404,
    NotAllowed: 403,
    NotPossible: 409,
    Invalid: 422,
    NotSignedIn: 401,
    BadSignIn: 401,
    SignInThrottled: 429,
    PhotoTooLarge: 413,
    GroundMoves: 503,
    NoRoom: 507,
    NotKept: 503,
    TooManyStreams: 503,
    Refusal: 409,
}
HTTP_NAMES = {
    400: "bad-request",
    404: "no-such-address",
    405: "method-not-allowed",
    406: "not-acceptable",
    413: "too-large",
    415: "wrong-content-type",
    500: "internal-error",
    503: "unavailable",
}
OWN_MEMBERS = {"type", "title", "status", "detail", "errors", "instance", "request_id"}
# SQLSTATE: lock not available, query cancelled (our time limits), deadlock, serialization
BUSY = {"55P03", "57014", "40P01", "40001"}
# connection failures; the server starts, stops or has no room
AWAY = ("08", "57P", "53")


def set_up_problems(app: Flask) -> None:
    """Route every refusal and error through here."""
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(InternalServerError, _broken)
    app.register_error_handler(DBAPIError, _database)


def status_of(kind: type[Refusal]) -> int:
    """The HTTP status of a refusal's class."""
    return next(STATUS[parent] for parent in kind.__mro__ if parent in STATUS)


def problem_body(
    name: str, status: int, data: dict[str, Any], words: Language, errors: list[FieldError] | None = None
) -> dict[str, Any]:
    """The members of a problem; `data` goes along under its own names."""
    shown = {key: value for key, value in data.items() if key not in OWN_MEMBERS}
    title, detail = problem_words(name, words, data)
    body: dict[str, Any] = {"type": f"urn:wangge:problem:{name}", "title": title, "status": status, "detail": detail}
    if errors is not None:
        body["errors"] = [
            {"field": e.field, "code": e.code, "message": field_words(e.code, words, dict(e.data))} for e in errors
        ]
    return shown | body


def refusal_body(error: Refusal, words: Language) -> dict[str, Any]:
    """A refusal as a problem: for the answers of a batch, line by line."""
    errors = error.errors if isinstance(error, Invalid) else None
    return problem_body(error.problem, status_of(type(error)), error.data, words, errors)


def wants_page() -> bool:
    """Whether a person with a browser asks, not a program."""
    if request.path.startswith(("/api", "/tiles", "/static", "/healthz", "/readyz", "/metrics")):
        return False
    return request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"


def respond(body: dict[str, Any], words: Language, headers: dict[str, str] | None = None) -> Response:
    """The problem as an answer."""
    body["request_id"] = g.get("request_id")
    status = body["status"]
    if wants_page():
        page = render_template("problem.html", problem=body, language=page_language(), tag=TAGS[page_language()])
        response = Response(page, status, mimetype="text/html")
    else:
        response = Response(to_json(body), status, mimetype="application/problem+json")
    response.headers.update(headers or {})
    response.headers["Content-Language"] = TAGS[words]
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept-Language")
    return response


def _words() -> Language:
    return page_language() if wants_page() else language()


def _refused(error: Refusal) -> Response:
    if isinstance(error, NotSignedIn) and wants_page():
        target = request.full_path.rstrip("?")
        return redirect("/" if target == "/" else f"/?next={quote(target, safe='')}")  # type: ignore[return-value]
    headers = {}
    if isinstance(error, NotSignedIn):
        headers["WWW-Authenticate"] = 'Bearer realm="wangge"'
    if isinstance(error, SignInThrottled):
        headers["Retry-After"] = str(error.data["retry_after"])
    words = _words()
    return respond(refusal_body(error, words), words, headers)


def _http(error: HTTPException) -> Response | HTTPException:
    status = error.code or 500
    if status < 400:
        return error  # a redirect
    words = _words()
    name = HTTP_NAMES.get(status, "bad-request" if status < 500 else "internal-error")
    headers = {key: value for key, value in error.get_headers() if key in {"Allow", "Retry-After"}}
    return respond(problem_body(name, status, {"request_id": g.get("request_id")}, words), words, headers)


def _broken(error: InternalServerError) -> Response:
    """Nobody foresaw it; unless it is the database that failed at commit, when the view had already answered."""
    original = error.original_exception
    if isinstance(original, DBAPIError) and (name := _trouble(original)):
        return _try_again(name, original)
    words = _words()
    return respond(problem_body("internal-error", 500, {"request_id": g.get("request_id")}, words), words)


def _database(error: DBAPIError) -> Response:
    """The database is away or too busy: 503, try again; anything else is our fault and stays an error."""
    name = _trouble(error)
    if name is None:
        raise error
    return _try_again(name, error)


def _trouble(error: DBAPIError) -> str | None:
    code = getattr(error.orig, "sqlstate", None)
    if error.connection_invalidated or code is None or code.startswith(AWAY):
        return "database-away"
    return "busy" if code in BUSY else None


def _try_again(name: str, error: DBAPIError) -> Response:
    log.error(name, error=str(error.orig))
    words = _words()
    return respond(problem_body(name, 503, {}, words), words, {"Retry-After": "2"})
