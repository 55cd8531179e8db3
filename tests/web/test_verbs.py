"""Verbs over HTTP: versions, problems in both languages, many at once, and the inbox."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from core.db import Sessions
from people.roles import Role
from tests.web.conftest import Browser

PLACE = {"lon": 121.4737, "lat": 31.2304, "crs": "wgs84"}


@pytest.fixture
def morning(monkeypatch: pytest.MonkeyPatch, now: datetime) -> datetime:
    monkeypatch.setattr("web.transaction.read_clock", lambda: now)
    return now


@pytest.fixture
def desk(browser: Callable[..., Browser], morning: datetime) -> Browser:
    """One person with every post of a street's desk."""
    return browser("desk", Role.INSPECTOR, Role.ACCEPTOR, Role.SHIFT_LEAD, Role.DISPATCHER, Role.HANDLER)


def report(desk: Browser, **changes: Any) -> str:
    body = {
        "category_code": "01001", "description": "井盖缺失", "point": PLACE, "source": "inspector",
        "photos": [str(uuid4())], **changes,
    }  # fmt: skip
    answer = desk.ask("PUT", f"/api/v1/reports/{uuid4()}", json=body)
    assert answer.status_code == 201, answer.text
    no: str = answer.json["case"]["no"]
    return no


def do(desk: Browser, no: str, verb: str, headers: dict[str, str] | None = None, **fields: Any) -> Any:
    return desk.post(f"/api/v1/cases/{no}/verbs/{verb}", json=fields, headers=headers or {})


def test_a_verb_answers_the_case_as_it_is_then_and_its_version_as_etag(desk: Browser) -> None:
    no = report(desk)
    answer = do(desk, no, "accept", version=1)
    assert (answer.status_code, answer.json["stage"], answer.headers["ETag"]) == (200, "pending_filing", '"2"')
    assert desk.get(f"/api/v1/cases/{no}").headers["ETag"] == '"2"'


@pytest.mark.parametrize("given", ['"1"', "1", 'W/"1"'])
def test_the_version_may_come_as_if_match(desk: Browser, given: str) -> None:
    assert do(desk, report(desk), "accept", {"If-Match": given}).status_code == 200


def test_without_a_version_nothing_is_done(desk: Browser) -> None:
    no = report(desk)
    for headers in ({}, {"If-Match": "*"}):
        answer = do(desk, no, "accept", headers)
        assert answer.status_code == 422
        assert [(e["field"], e["code"]) for e in answer.json["errors"]] == [("version", "required")]
    empty = desk.post(f"/api/v1/cases/{no}/verbs/accept")
    assert empty.status_code == 422


def test_who_is_slower_is_told_what_differs(desk: Browser) -> None:
    no = report(desk)
    do(desk, no, "accept", version=1)
    answer = do(desk, no, "accept", version=1)
    assert (answer.status_code, answer.json["type"]) == (409, "urn:wangge:problem:stale-version")
    assert answer.json["version"] == 2
    assert {"field": "stage", "yours": "reported", "now": "pending_filing"} in answer.json["differs"]


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "waiting for acceptance"), ("zh-CN", "案件现在是“待受理”,不能“结案”。您现在可以:自处置、发核实")],
)
def test_a_refusal_says_in_the_readers_words_what_is_possible(desk: Browser, language: str, words: str) -> None:
    answer = do(desk, report(desk), "close", {"Accept-Language": language}, version=1)
    assert (answer.status_code, answer.json["type"]) == (409, "urn:wangge:problem:wrong-stage")
    assert words in answer.json["detail"]
    assert "accept" in answer.json["possible"]


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Leader at 南京东路街道 or a centre above it"), ("zh-CN", "“催办”须由")]
)
def test_a_refusal_names_who_could(desk: Browser, language: str, words: str) -> None:
    answer = do(desk, report(desk), "urge", {"Accept-Language": language}, version=1)
    assert (answer.status_code, answer.json["type"]) == (403, "urn:wangge:problem:not-allowed")
    assert words in answer.json["detail"]


def test_a_trial_answers_what_would_be_and_keeps_nothing(desk: Browser) -> None:
    no = report(desk)
    before = desk.get(f"/api/v1/cases/{no}").json
    path = f"/api/v1/cases/{no}/verbs/accept?dry_run=true"
    would_be = desk.post(path, json={"version": 1})
    assert (would_be.status_code, would_be.json["stage"], would_be.json["version"]) == (200, "pending_filing", 2)
    assert "ETag" not in would_be.headers
    assert desk.get(f"/api/v1/cases/{no}").json == before
    assert len(desk.get(f"/api/v1/cases/{no}/events").json["items"]) == 1
    assert desk.post(path, json={"version": 7}).json["type"] == "urn:wangge:problem:stale-version"
    assert desk.post(f"/api/v1/cases/{no}/verbs/accept?dry_run=perhaps", json={"version": 1}).status_code == 422


def test_a_verb_that_there_is_not(desk: Browser) -> None:
    assert do(desk, report(desk), "fly", version=1).json["type"] == "urn:wangge:problem:no-verb"


def test_a_body_is_an_object(desk: Browser) -> None:
    path = f"/api/v1/cases/{report(desk)}/verbs/accept"
    assert desk.post(path, data="[]", content_type="application/json").json["errors"][0]["code"] == "not_object"
    assert desk.post(path, data="{", content_type="application/json").json["errors"][0]["code"] == "not_json"
    assert desk.post(path, data="{}", content_type="text/plain").status_code == 415


def test_a_refused_verb_leaves_nothing_behind(desk: Browser, sessions: Sessions) -> None:
    no = report(desk)
    before = desk.get(f"/api/v1/cases/{no}/events").json
    twice = desk.get(f"/api/v1/cases/{no}").json["photo"]
    assert do(desk, no, "self_handle", version=1, photos=[twice]).status_code == 422
    assert desk.get(f"/api/v1/cases/{no}/events").json == before
    assert desk.get(f"/api/v1/cases/{no}").json["version"] == 1


# --- many at once -----------------------------------------------------------------------------------------------------


def bulk(desk: Browser, **body: Any) -> Any:
    return desk.post("/api/v1/cases:bulk", json=body)


def test_many_cases_each_get_a_result_and_none_is_skipped(desk: Browser) -> None:
    first, second = report(desk), report(desk)
    do(desk, second, "accept", version=1)
    named = [
        {"no": first, "version": 1},
        {"no": second, "version": 1},
        {"no": "0" * 19, "version": 1},
        {"no": first, "version": 1},
        {"no": first},
    ]
    answer = bulk(desk, verb="accept", cases=named, note="一起受理")
    assert answer.status_code == 200, answer.text
    items = answer.json["items"]
    assert [item["no"] for item in items] == [one["no"] for one in named]
    assert [item["ok"] for item in items] == [True, False, False, False, False]
    kinds = [item["problem"]["type"].rsplit(":", 1)[1] for item in items[1:]]
    assert kinds == ["stale-version", "not-found", "stale-version", "wrong-stage"]
    assert (items[0]["stage"], items[0]["version"]) == ("pending_filing", 2)
    assert desk.get(f"/api/v1/cases/{first}").json["version"] == 2


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({}, {"verb": "required", "cases": "required"}),
        ({"verb": "fly", "cases": "all"}, {"verb": "not_one_of", "cases": "not_list"}),
        ({"verb": "accept", "cases": []}, {"cases": "too_few"}),
        ({"verb": "accept", "cases": [{"no": "1"}] * 201}, {"cases": "too_many"}),
        (
            {"verb": "accept", "cases": ["1", {}, {"no": 5}]},
            {"cases.0": "not_object", "cases.1.no": "required", "cases.2.no": "not_text"},
        ),
        ({"verb": "merge", "cases": [{"no": "1"}], "into": []}, {"into": "not_text"}),
        ({"verb": "accept", "cases": [{"no": "1"}], "wish": 1}, {"wish": "unknown"}),
    ],
)
def test_a_bulk_that_cannot_be_read_is_refused_whole(desk: Browser, body: Any, faults: dict[str, str]) -> None:
    answer = bulk(desk, **body)
    assert answer.status_code == 422
    assert {error["field"]: error["code"] for error in answer.json["errors"]} == faults


# --- the inbox --------------------------------------------------------------------------------------------------------


def test_the_inbox_pages_and_is_marked_as_read(desk: Browser) -> None:
    numbers = [report(desk) for _ in range(3)]
    page = desk.get("/api/v1/notices?limit=2").json
    assert [item["case"]["no"] for item in page["items"]] == [numbers[2], numbers[1]]
    assert page["unread"] == 3
    rest = desk.get(f"/api/v1/notices?limit=2&cursor={page['next']}").json
    assert ([item["case"]["no"] for item in rest["items"]], rest["next"]) == ([numbers[0]], None)
    one = page["items"][0]["id"]
    assert desk.post("/api/v1/notices/read", json={"ids": [one]}).json == {"marked": 1, "unread": 2}
    assert desk.post("/api/v1/notices/read", json={"all_before": one}).json == {"marked": 2, "unread": 0}


@pytest.mark.parametrize("body", [{}, {"ids": [1], "all_before": 2}, {"ids": ["x"]}, {"all_before": -1}])
def test_reading_names_either_some_or_all(desk: Browser, body: dict[str, Any]) -> None:
    assert desk.post("/api/v1/notices/read", json=body).status_code == 422


def test_the_story_comes_in_pages_over_http(desk: Browser) -> None:
    no = report(desk)
    do(desk, no, "note", version=1, text="一")
    do(desk, no, "note", version=2, text="二")
    page = desk.get(f"/api/v1/cases/{no}/events?limit=2").json
    rest = desk.get(f"/api/v1/cases/{no}/events?limit=2&cursor={page['next']}").json
    assert [item["verb"] for item in page["items"] + rest["items"]] == ["report", "note", "note"]
    assert desk.get(f"/api/v1/cases/{no}/events?cursor=zzz").status_code == 422


def test_a_stranger_is_asked_to_sign_in(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/api/v1/cases/310101260310010000001").status_code == 401
    assert client.post("/api/v1/cases:bulk", json={}).status_code == 401
