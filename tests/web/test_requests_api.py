"""Requests and their approvals over HTTP: what the page is told, what lists and queues show, and each no in words."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask

from core.db import Sessions
from people.accounts import add_person, give_post
from people.roles import Role
from tests.make import STREET
from tests.web.conftest import PASSWORD, Browser
from tests.web.test_verbs import do, report

CASES = "/api/v1/cases"


@pytest.fixture
def morning(monkeypatch: pytest.MonkeyPatch, now: datetime) -> datetime:
    monkeypatch.setattr("web.transaction.read_clock", lambda: now)
    return now


@pytest.fixture
def desk(browser: Callable[..., Browser], morning: datetime) -> Browser:
    """One person with every post of a street's desk, a leader's excepted."""
    return browser("desk", Role.INSPECTOR, Role.ACCEPTOR, Role.SHIFT_LEAD, Role.DISPATCHER, Role.HANDLER)


@pytest.fixture
def leader(browser: Callable[..., Browser], morning: datetime) -> Browser:
    return browser("leader", Role.LEADER)


@pytest.fixture
def dispatcher(browser: Callable[..., Browser], morning: datetime) -> Browser:
    return browser("dispatcher", Role.DISPATCHER)


def handling(desk: Browser) -> tuple[str, int]:
    """A case in handling, and its version."""
    no = report(desk)
    conditions = desk.get(f"{CASES}/{no}").json["conditions"]
    steps: tuple[tuple[str, dict[str, Any]], ...] = (
        ("accept", {}), ("file", {"condition_id": conditions[0]["id"]}), ("dispatch", {}), ("sign", {}),
    )  # fmt: skip
    for version, (verb, fields) in enumerate(steps, 1):
        answer = do(desk, no, verb, version=version, **fields)
        assert answer.status_code == 200, answer.text
    return no, 5


def problem(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["type"].rsplit(":", 1)[1]


def test_a_suspension_is_asked_for_approved_and_shown(desk: Browser, dispatcher: Browser, leader: Browser) -> None:
    no, version = handling(desk)
    answer = do(desk, no, "request_suspension", version=version, reason="等汛期过后", resume_on="2026-04-09")
    assert answer.status_code == 200, answer.text
    (asked,) = answer.json["requests"]
    assert asked | {"id": 0} == {
        "id": 0, "kind": "suspension", "state": "open", "asked_at": "2026-03-10T01:30:00Z", "asked_by": "王",
        "reason": "等汛期过后", "data": {"resume_on": "2026-04-09"}, "awaits": "dispatcher", "approvals": [],
        "decided_at": None,
    }  # fmt: skip
    assert answer.json["awaits"] == "dispatcher"
    for query in ("queue=decisions", "awaits=dispatcher"):
        (item,) = dispatcher.get(f"{CASES}?{query}").json["items"]
        assert (item["no"], item["awaits"], item["joint"]) == (no, "dispatcher", False)
    assert desk.get(f"{CASES}?queue=decisions").json["items"] == [], "who asked does not decide"
    counts = dispatcher.get(f"{CASES}/queues").json
    assert (counts["decisions"], counts["suspended"], counts["disputed"]) == (1, 0, 0)
    do(dispatcher, no, "decide_suspension", version=6, outcome="granted")
    assert leader.get(f"{CASES}?queue=decisions").json["items"][0]["no"] == no
    answer = do(leader, no, "decide_suspension", version=7, outcome="granted", reason="同意")
    shown = answer.json
    assert (shown["stage"], shown["resume_at"], shown["awaits"]) == ("suspended", "2026-04-08T16:00:00Z", None)
    (asked,) = shown["requests"]
    assert (asked["state"], asked["awaits"], asked["decided_at"]) == ("granted", None, "2026-03-10T01:30:00Z")
    assert [(one["by"], one["name"], one["outcome"], one["text"]) for one in asked["approvals"]] == [
        ("dispatcher", "王", "endorsed", ""), ("leader", "王", "granted", "同意"),
    ]  # fmt: skip
    assert all("person_id" not in one for one in asked["approvals"])
    assert [item["no"] for item in desk.get(f"{CASES}?suspended=true").json["items"]] == [no]


def test_what_the_page_says_of_the_turns(desk: Browser) -> None:
    no, _ = handling(desk)
    shown = desk.get(f"{CASES}/{no}").json
    expected = {
        "step": 1, "then": None, "resume_at": None, "rework_count": 0, "refused_count": 0, "designated": False,
        "excused_at": None, "units": [], "requests": [], "awaits": None, "joint": False,
    }  # fmt: skip
    assert {name: shown[name] for name in expected} == expected
    (turn,) = shown["handlings"]
    assert (turn["lead"], turn["unit"], turn["step_on_time"]) == (True, None, None)
    assert turn["refuse_until"] == shown["handle_due_at"], "an urgent limit is a window itself"
    assert shown["effects"]["request_extension"]["limits"]["1"] == "2026-03-10T04:30:00Z"


@pytest.mark.parametrize(
    ("language", "title", "detail"),
    [
        ("zh", "不能审批自己的申请", "这项申请(“挂账”)由您提出或已经由您审批,须由另一位派遣员审批。"),
        (
            "en", "Your own request",
            "You asked for this (suspension), or have approved it already: another Dispatcher decides.",
        ),
    ],
)  # fmt: skip
def test_who_asked_is_told_that_somebody_else_decides(desk: Browser, language: str, title: str, detail: str) -> None:
    no, version = handling(desk)
    do(desk, no, "request_suspension", version=version, reason="等汛期过后", resume_on="2026-04-09")
    answer = do(desk, no, "decide_suspension", {"Accept-Language": language}, version=6, outcome="granted")
    assert problem(answer) == (409, "own-request")
    assert (answer.json["title"], answer.json["detail"]) == (title, detail)


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "The request (suspension) waits for the Dispatcher."), ("zh-CN", "这项申请(“挂账”)正等派遣员审批。")],
)
def test_a_refusal_names_whose_turn_it_is(desk: Browser, leader: Browser, language: str, words: str) -> None:
    no, version = handling(desk)
    do(desk, no, "request_suspension", version=version, reason="等", resume_on="2026-04-09")
    answer = do(leader, no, "decide_suspension", {"Accept-Language": language}, version=6, outcome="granted")
    assert problem(answer) == (409, "not-your-turn")
    assert (answer.json["detail"], answer.json["awaits"]) == (words, "dispatcher")


def test_each_refusal_is_a_409_with_words(desk: Browser, leader: Browser) -> None:
    no, version = handling(desk)
    nothing = do(desk, no, "decide_extension", version=version, outcome="granted")
    assert problem(nothing) == (409, "nothing-asked")
    assert nothing.json["detail"] == "The case has no request (extension) that waits for a decision."
    do(desk, no, "request_extension", version=5, reason="等备件")
    again = do(desk, no, "request_extension", version=6, reason="等备件")
    assert problem(again) == (409, "already-asked")
    assert "Dispatcher" in again.json["detail"]
    assert problem(do(leader, no, "force_close", version=6)) == (409, "nothing-asked")
    stale = do(desk, no, "decide_extension", version=5, outcome="granted")
    assert problem(stale) == (409, "stale-version")
    assert stale.json["differs"] == [{"field": "request_extension", "yours": None, "now": "dispatcher"}]


def test_fields_that_are_wrong_are_told_at_once(desk: Browser) -> None:
    no, version = handling(desk)
    answer = do(desk, no, "request_suspension", version=version, resume_on="2028-01-01")
    assert {one["field"]: one["message"] for one in answer.json["errors"]} == {
        "resume_on": "At most 365 days ahead", "reason": "Needed",
    }  # fmt: skip
    answer = do(desk, no, "request_extension", version=version, reason="等", limit=9)
    assert [(one["field"], one["message"]) for one in answer.json["errors"]] == [("limit", "Must be from 1 to 2")]


def test_an_acceptor_asks_and_a_shift_lead_cancels(app: Flask, sessions: Sessions, morning: datetime) -> None:
    people = {}
    for name, role in (("acceptor", Role.ACCEPTOR), ("lead", Role.SHIFT_LEAD), ("inspector", Role.INSPECTOR)):
        with sessions.begin() as session:
            give_post(session, add_person(session, name, name, PASSWORD, now=morning), role, STREET)
        people[name] = Browser(app.test_client(), name).sign_in()
    no = report(people["inspector"])
    asked = do(people["acceptor"], no, "cancel", version=1, reason="重复")
    assert (asked.json["stage"], asked.json["awaits"]) == ("reported", "shift_lead")
    assert "cancel" not in asked.json["allowed_verbs"]
    assert problem(do(people["acceptor"], no, "cancel", version=2, reason="重复")) == (409, "already-asked")
    done = do(people["lead"], no, "cancel", version=2)
    assert (done.json["stage"], done.json["requests"][0]["state"]) == ("cancelled", "granted")
