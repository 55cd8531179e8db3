"""Every no: its form, its status, its words in both languages."""

import ast
import string
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from core.errors import FieldError, Invalid, NotAllowed, NotFound, NotPossible, Refusal
from core.faults import CODES
from people.errors import BadSignIn, NotSignedIn, SessionExpired, SignInThrottled
from tests.house.tree import modules, parsed
from web.problems import HTTP_NAMES, STATUS, status_of
from web.signin import public
from web.transaction import db
from web.words import LANGUAGES, catalogue, field_words, fill

GENERIC = {"Refusal", "NotFound", "NotAllowed", "NotPossible", "Invalid"}


# --- the words


def constants(path: Path) -> Iterator[tuple[str, str]]:
    """("problem" | "field", name) of everything that a module can say no with."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ClassDef):
            yield from (
                ("problem", statement.value.value)
                for statement in node.body
                if isinstance(statement, ast.Assign)
                and isinstance(statement.targets[0], ast.Name)
                and statement.targets[0].id == "name"
                and isinstance(statement.value, ast.Constant)
                and any(base_of(base).endswith(ENDINGS) for base in node.bases)
            )
        if isinstance(node, ast.Call):
            yield from said(node)


ENDINGS = ("Refusal", "NotFound", "NotAllowed", "NotPossible", "Invalid", "NotSignedIn")


def base_of(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def said(call: ast.Call) -> Iterator[tuple[str, str]]:
    function = ast.unparse(call.func)
    texts = [argument.value if isinstance(argument, ast.Constant) else None for argument in call.args]
    if function in {"FieldError", "FieldError.of", "Invalid.one"} and len(texts) > 1 and texts[1]:
        yield "field", texts[1]
    if function in GENERIC - {"Invalid"} and texts and texts[0]:
        yield "problem", texts[0]
    if function == "Invalid" and len(texts) > 1 and texts[1]:
        yield "problem", texts[1]
    if function == "PydanticCustomError" and texts and texts[0]:
        yield "field", texts[0]
    if function == "refuses":
        yield from (("problem", text) for text in texts if text)


def all_said() -> set[tuple[str, str]]:
    return {found for path in modules() for found in constants(path)}


@pytest.mark.slow  # parses every module
def test_every_problem_has_words_in_both_languages() -> None:
    names = {text for kind, text in all_said() if kind == "problem"} | set(HTTP_NAMES.values())
    assert len(names) > 20
    assert sorted(names - set(catalogue("problems"))) == []


def test_every_field_code_has_words_in_both_languages() -> None:
    codes = {CODES.get(text, text) for kind, text in all_said() if kind == "field"} | set(CODES.values())
    assert len(codes) > 20
    assert sorted(codes - set(catalogue("fields"))) == []


@pytest.mark.parametrize("kind", ["problems", "fields", "roles", "names", "checks"])
def test_both_languages_say_something_and_fill_the_same_places(kind: str) -> None:
    for entry_name, entry in catalogue(kind).items():
        expected = {"zh", "en"} | ({"zh_detail", "en_detail"} if kind == "problems" else set())
        assert set(entry) == expected, entry_name
        assert all(words.strip() for words in entry.values()), entry_name
        for ending in ("", "_detail") if kind == "problems" else ("",):
            zh, en = (places(entry[f"{language}{ending}"]) for language in LANGUAGES)
            # what a library says in English helps nobody who reads Chinese
            assert zh - {"detail"} == en - {"detail"}, entry_name


def places(words: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(words) if field}


def test_nobody_is_shouted_at() -> None:
    shouting = [
        key
        for kind in ("problems", "fields")
        for key, entry in catalogue(kind).items()
        if any("!" in words or "！" in words for words in entry.values())
    ]
    assert shouting == []


def test_a_place_without_its_data_shows_a_dash_and_an_unknown_code_says_so() -> None:
    assert fill("{a} and {b}", {"a": [1, 2]}) == "1, 2 and –"
    assert field_words("no such code", "en", {}) == "This is not right"


# --- the status


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (NotFound, 404),
        (NotAllowed, 403),
        (NotPossible, 409),
        (Invalid, 422),
        (NotSignedIn, 401),
        (SessionExpired, 401),
        (BadSignIn, 401),
        (SignInThrottled, 429),
        (Refusal, 409),
    ],
)
def test_each_refusal_has_its_status(kind: type[Refusal], status: int) -> None:
    assert status_of(kind) == status
    assert kind in STATUS or kind is SessionExpired


# --- over HTTP


@pytest.fixture
def refusing(app: Flask) -> Callable[[BaseException], FlaskClient]:
    def make(error: BaseException) -> FlaskClient:
        @public
        def fail() -> str:
            raise error

        app.add_url_rule("/api/fail", view_func=fail)
        app.config["PROPAGATE_EXCEPTIONS"] = False
        return app.test_client()

    return make


def test_the_data_of_a_refusal_goes_along_but_never_replaces_its_own_members(
    refusing: Callable[[BaseException], FlaskClient],
) -> None:
    answer = refusing(NotFound("not-found", code="310", status=200, title="x")).get("/api/fail")
    assert answer.status_code == 404
    assert answer.json["code"] == "310"
    assert (answer.json["status"], answer.json["type"]) == (404, "urn:wangge:problem:not-found")
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_field_errors_are_worded_in_the_readers_language(refusing: Callable[[BaseException], FlaskClient]) -> None:
    client = refusing(Invalid([FieldError.of("text", "too_long", most=5), FieldError.of("at", "no_offset")]))
    english = client.get("/api/fail", headers={"Accept-Language": "en"})
    chinese = client.get("/api/fail", headers={"Accept-Language": "fr,zh-TW;q=0.8,en;q=0.1"})
    assert english.json["errors"][0] == {"field": "text", "code": "too_long", "message": "At most 5 characters"}
    assert chinese.json["errors"][0]["message"] == "最多 5 个字符"
    assert (english.headers["Content-Language"], chinese.headers["Content-Language"]) == ("en", "zh-CN")
    assert "Accept-Language" in english.headers["Vary"]


def test_an_unforeseen_error_is_a_500_that_names_its_request_and_tells_nothing_else(
    refusing: Callable[[BaseException], FlaskClient],
) -> None:
    answer = refusing(ZeroDivisionError("secret")).get("/api/fail", headers={"X-Request-ID": "request-1"})
    assert answer.status_code == 500
    assert answer.mimetype == "application/problem+json"
    assert answer.json["request_id"] == answer.headers["X-Request-ID"] == "request-1"
    assert "request-1" in answer.json["detail"]
    assert "secret" not in answer.text


class Away(Exception):
    def __init__(self, sqlstate: str | None) -> None:
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("sqlstate", "status", "problem"),
    [
        (None, 503, "database-away"),
        ("08006", 503, "database-away"),
        ("57P01", 503, "database-away"),
        ("55P03", 503, "busy"),
        ("57014", 503, "busy"),
        ("22003", 500, "internal-error"),
    ],
)
def test_a_database_that_is_away_or_busy_is_said_as_such(
    refusing: Callable[[BaseException], FlaskClient], sqlstate: str | None, status: int, problem: str
) -> None:
    answer = refusing(OperationalError("SELECT", {}, Away(sqlstate))).get("/api/fail")
    assert (answer.status_code, answer.json["type"]) == (status, f"urn:wangge:problem:{problem}")
    assert ("Retry-After" in answer.headers) == (status == 503)


def test_a_commit_that_fails_is_the_answer(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    @public
    def write() -> str:
        def fail() -> None:
            raise OperationalError("COMMIT", {}, Away("40001"))

        monkeypatch.setattr(db(), "commit", fail)
        return "written"

    app.add_url_rule("/api/write", view_func=write)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = client.get("/api/write")
    assert (answer.status_code, answer.json["type"]) == (503, "urn:wangge:problem:busy")


@pytest.mark.parametrize(
    ("method", "path", "status", "problem"),
    [
        ("GET", "/api/v1/nowhere", 404, "no-such-address"),
        ("GET", "/api/nowhere", 404, "no-such-address"),
        ("PUT", "/api/v1/session", 405, "method-not-allowed"),
        ("GET", "/tiles/nowhere", 404, "no-such-address"),
    ],
)
def test_the_routers_own_no_is_a_problem_too(
    client: FlaskClient, method: str, path: str, status: int, problem: str
) -> None:
    answer = client.open(path, method=method, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.json["type"]) == (status, f"urn:wangge:problem:{problem}")
    assert answer.mimetype == "application/problem+json"
    assert ("Allow" in answer.headers) == (status == 405)


def test_a_person_gets_a_page_and_a_program_a_problem(client: FlaskClient) -> None:
    page = client.get("/nowhere", headers={"Accept": "text/html,*/*;q=0.8", "Accept-Language": "en"})
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert "No such address" in page.text
    assert client.get("/nowhere", headers={"Accept": "application/json"}).mimetype == "application/problem+json"


@pytest.mark.parametrize(
    ("given", "kept"), [("abcdefgh-1", True), ("short", False), ("x" * 65, False), ("with space", False)]
)
def test_a_request_id_is_kept_when_it_is_sane(client: FlaskClient, given: str, kept: bool) -> None:
    answer = client.get("/healthz", headers={"X-Request-ID": given})
    assert (answer.headers["X-Request-ID"] == given) == kept
    assert len(answer.headers["X-Request-ID"]) >= 8


@pytest.mark.slow  # parses every module
def test_a_module_says_its_problems_where_the_words_test_finds_them() -> None:
    assert ("problem", "session-expired") in all_said()
    assert ("field", "no_such_centre") in all_said()
