"""What views take: strict JSON, every fault at once, strict queries."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Annotated, Literal
from uuid import UUID

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from pydantic import Field
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import Invalid
from tests.web.conftest import Browser
from web.answers import answer, instant, to_json
from web.bodies import Answer, Body, Moment, Paging, Query, gives, parse_json, takes
from web.cursors import make_cursor
from web.signin import big_body, public


class Point(Body):
    lon: float
    lat: float


class Sent(Body):
    id: UUID | None = None
    kind: Literal["a", "b"] = "a"
    at: Moment | None = None
    count: int = Field(1, ge=1, le=5)
    text: Annotated[str, Field(max_length=5)] = ""
    point: Point | None = None
    many: list[int] = Field([], max_length=2)


class Filter(Paging):
    stage: list[Literal["x", "y"]] | None = None
    at: Moment | None = None
    open: bool | None = None


class Shown(Answer):
    ok: bool


@pytest.fixture
def asked(app: Flask, client: FlaskClient) -> Iterator[FlaskClient]:
    @public
    @takes(Sent)
    def send(*, body: Sent) -> Response:
        return answer(body)

    @public
    @takes(query=Filter)
    def find(*, query: Filter) -> Response:
        return answer(query)

    @public
    @takes(Sent, optional=True)
    @big_body(2_000_000)
    def maybe(*, body: Sent) -> Response:
        return answer(body)

    @public
    @gives(Shown)
    def lie() -> Response:
        return answer({"ok": "perhaps"})

    app.add_url_rule("/api/send", view_func=send, methods=["POST"])
    app.add_url_rule("/api/find", view_func=find)
    app.add_url_rule("/api/maybe", view_func=maybe, methods=["POST"])
    app.add_url_rule("/api/lie", view_func=lie)
    return client


def faults(client: FlaskClient, raw: str | bytes) -> list[tuple[str, str]]:
    answer = client.post("/api/send", data=raw, content_type="application/json")
    assert answer.status_code == 422, answer.text
    assert answer.mimetype == "application/problem+json"
    assert all(fault["message"] for fault in answer.json["errors"])
    return [(fault["field"], fault["code"]) for fault in answer.json["errors"]]


def test_a_good_body_arrives(asked: FlaskClient) -> None:
    sent = {
        "id": "00000000-0000-4000-8000-000000000000",
        "at": "2026-03-10T09:30:00+08:00",
        "point": {"lon": 121, "lat": 31.2},
        "many": [1],
    }
    answer = asked.post("/api/send", json=sent)
    assert answer.status_code == 200
    assert answer.json["at"] == "2026-03-10T01:30:00Z"
    assert answer.json["point"] == {"lon": 121.0, "lat": 31.2}


def test_all_faults_come_at_once(asked: FlaskClient) -> None:
    raw = '{"id":"x","kind":"c","at":"2026-03-10T09:30:00","count":9,"text":"123456","point":{"lon":"121"},"more":1}'
    assert faults(asked, raw) == [
        ("at", "no_offset"),
        ("count", "too_large"),
        ("id", "not_uuid"),
        ("kind", "not_one_of"),
        ("more", "unknown"),
        ("point.lat", "required"),
        ("point.lon", "not_number"),
        ("text", "too_long"),
    ]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("", ("", "not_json")),
        ("{", ("", "not_json")),
        ("[1]", ("", "not_object")),
        ("null", ("", "not_object")),
        ('{"point":{"lon":NaN,"lat":1}}', ("", "not_json")),
        ('{"point":{"lon":Infinity,"lat":1}}', ("", "not_json")),
        ('{"point":{"lon":1e999,"lat":1}}', ("", "not_json")),
        ('{"count":1,"count":2}', ("count", "duplicate")),
        ('{"point":{"lon":1,"lon":2,"lat":1}}', ("lon", "duplicate")),
        ('{"text":"\\u0000"}', ("", "nul_character")),
        ('{"text":"\\ud800"}', ("", "not_json")),
        (b'{"text":"\xff"}', ("", "not_json")),
        ('{"count":"1"}', ("count", "not_whole_number")),
        ('{"count":1.5}', ("count", "not_whole_number")),
        ('{"count":true}', ("count", "not_whole_number")),
        ('{"count":' + "9" * 30 + "}", ("count", "too_large")),
        ('{"text":5}', ("text", "not_text")),
        ('{"many":{}}', ("many", "not_list")),
        ('{"many":[1,2,3]}', ("many", "too_many")),
        ('{"many":["a"]}', ("many.0", "not_whole_number")),
        ('{"point":[]}', ("point", "not_object")),
        ('{"at":"yesterday"}', ("at", "not_time")),
        ('{"at":1773106200}', ("at", "not_time")),
        ('{"at":"2026-02-30T00:00:00Z"}', ("at", "not_time")),
        ('{"at":"0001-01-01T00:00:00+08:00"}', ("at", "not_time")),
        ('{"many":' + "[" * 5000 + "]" * 5000 + "}", ("", "not_json")),
    ],
)
def test_a_bad_body_is_told_what_is_wrong(asked: FlaskClient, raw: str | bytes, expected: tuple[str, str]) -> None:
    assert faults(asked, raw) == [expected]


def test_another_content_type_is_415_and_too_much_is_413(asked: FlaskClient) -> None:
    plain = asked.post("/api/send", data="{}", content_type="text/plain")
    assert (plain.status_code, plain.json["type"]) == (415, "urn:wangge:problem:wrong-content-type")
    large = asked.post("/api/send", data=b" " * 1_100_000, content_type="application/json")
    assert (large.status_code, large.json["type"]) == (413, "urn:wangge:problem:too-large")
    taken = asked.post("/api/maybe", data=b"{}" + b" " * 1_100_000, content_type="application/json")
    assert taken.status_code == 200
    assert asked.post("/api/maybe").status_code == 200


def test_a_chunked_body_is_whole_or_refused(asked: FlaskClient) -> None:
    def send(size: int) -> int:
        return asked.post(
            "/api/send",
            input_stream=BytesIO(b"{}" + b" " * size),
            content_type="application/json",
            headers={"Transfer-Encoding": "chunked"},
            environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": ""},
        ).status_code

    assert send(1_000) == 200
    assert send(2_000_000) == 413


def test_a_query_is_read_with_lists_by_comma_and_by_repeating(asked: FlaskClient) -> None:
    answer = asked.get("/api/find?stage=x,y&stage=x&limit=3&open=true")
    assert answer.json | {"at": None} == {
        "limit": 3, "cursor": None, "stage": ["x", "y", "x"], "at": None, "open": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("limit=0", [("limit", "too_small")]),
        ("limit=201", [("limit", "too_large")]),
        ("limit=ten", [("limit", "not_whole_number")]),
        ("limit=", [("limit", "not_whole_number")]),
        ("cursor=", [("cursor", "too_short")]),
        ("stage=", [("stage.0", "not_one_of")]),
        ("limit=1&limit=2", [("limit", "duplicate")]),
        ("stag=x", [("stag", "unknown")]),
        ("stage=x,z", [("stage.1", "not_one_of")]),
        ("at=2026-03-10", [("at", "not_time")]),
        ("at=0", [("at", "not_time")]),
        ("open=perhaps", [("open", "not_true_or_false")]),
        ("cursor=%00", [("cursor", "nul_character")]),
        ("limit=0&at=x", [("at", "not_time"), ("limit", "too_small")]),
    ],
)
def test_a_bad_query_is_told_what_is_wrong(asked: FlaskClient, query: str, expected: list[tuple[str, str]]) -> None:
    answer = asked.get(f"/api/find?{query}")
    assert answer.status_code == 422
    assert [(fault["field"], fault["code"]) for fault in answer.json["errors"]] == expected


def test_an_answer_that_is_not_what_was_promised_fails_its_test(asked: FlaskClient) -> None:
    with pytest.raises(AssertionError, match="/api/lie"):
        asked.get("/api/lie")


def test_a_nul_in_a_path_is_no_address(asked: FlaskClient) -> None:
    assert asked.get("/api/v1/session/%00").status_code == 404


def test_moments_go_out_in_utc_and_nan_never_does() -> None:
    moment = datetime(2026, 3, 10, 1, 30, tzinfo=UTC)
    assert to_json({"at": moment, "id": UUID(int=1), "set": {2, 1}}) == (
        b'{"at":"2026-03-10T01:30:00Z","id":"00000000-0000-0000-0000-000000000001","set":[1,2]}'
    )
    assert to_json(float("nan")) == b"null"
    with pytest.raises(TypeError):
        to_json(object())


def test_json_is_parsed_as_it_stands() -> None:
    assert parse_json(b'{"a":[1,{"b":"\\\\u0000"}]}') == {"a": [1, {"b": "\\u0000"}]}


def test_a_query_model_without_lists_takes_none() -> None:
    class Plain(Query):
        q: str | None = None

    assert Plain(q="a,b").q == "a,b"


def test_rows_models_and_decimals_have_one_way_into_json(session: Session) -> None:
    row = session.execute(text("SELECT 1 AS one, 2.5::numeric AS two")).one()
    assert to_json([row, row._mapping]) == b'[{"one":1,"two":2.5},{"one":1,"two":2.5}]'
    assert to_json(Shown(ok=True)) == b'{"ok":true}'
    assert instant(datetime(2026, 3, 10, 1, 30, tzinfo=UTC)) == "2026-03-10T01:30:00Z"


def test_a_name_or_a_key_with_nul_is_found_wherever_it_hides() -> None:
    for raw in (b'{"\\u0000":1}', b'[["a\\u0000"]]', b'{"a":{"b":"\\u0000"}}'):
        with pytest.raises(Invalid):
            parse_json(raw)


BIG, BIGGER = 2**31, 2**63


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("DELETE", f"/tokens/{BIG}", 404),
        ("DELETE", f"/session/devices/{BIG}", 404),
        ("GET", f"/tokens?cursor={make_cursor(BIG)}", 422),
        ("GET", f"/editions?cursor={make_cursor(BIG)}", 422),
        ("GET", f"/notices?cursor={make_cursor(-1)}", 422),
        ("GET", "/tokens?cursor=WzkyMjMzNzIwMzY4NTQ3NzU4MDhd", 422),
        ("GET", "/editions?cursor=WzkyMjMzNzIwMzY4NTQ3NzU4MDhd", 422),
        ("GET", "/notices?cursor=WzkyMjMzNzIwMzY4NTQ3NzU4MDhd", 422),
    ],
)
def test_a_number_that_no_id_can_be_is_refused(
    browser: Callable[..., Browser], method: str, path: str, status: int
) -> None:
    assert browser().ask(method, f"/api/v1{path}").status_code == status


@pytest.mark.parametrize("body", [{"ids": [BIGGER]}, {"ids": [-1]}, {"all_before": BIGGER}])
def test_a_notice_that_no_number_can_be_is_refused(browser: Callable[..., Browser], body: dict[str, object]) -> None:
    answer = browser().post("/api/v1/notices/read", json=body)
    assert answer.status_code == 422
    assert {fault["field"] for fault in answer.json["errors"]} <= {"ids.0", "all_before"}


def test_the_largest_numbers_that_an_id_can_be_are_taken(browser: Callable[..., Browser]) -> None:
    mine = browser()
    assert mine.post("/api/v1/notices/read", json={"ids": [BIGGER - 1]}).json["marked"] == 0
    assert mine.post("/api/v1/notices/read", json={"all_before": BIGGER - 1}).status_code == 200
    assert mine.delete(f"/api/v1/tokens/{BIG - 1}").json["type"] == "urn:wangge:problem:token-not-found"
    assert mine.get(f"/api/v1/tokens?cursor={make_cursor(BIG - 1)}").status_code == 200
