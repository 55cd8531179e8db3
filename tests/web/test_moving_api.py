"""Merging, recategorising and relocating over HTTP: what is answered, and how it says no in both languages."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from people.roles import Role
from tests.web.conftest import Browser

PLACE = {"lon": 121.4737, "lat": 31.2304, "crs": "wgs84"}
ELSEWHERE = {"lon": 121.4470, "lat": 31.2280, "crs": "wgs84"}


@pytest.fixture
def desk(browser: Callable[..., Browser], monkeypatch: pytest.MonkeyPatch, now: datetime) -> Browser:
    """One person with every post of a street's desk."""
    monkeypatch.setattr("web.transaction.read_clock", lambda: now)
    return browser("desk", Role.INSPECTOR, Role.ACCEPTOR, Role.SHIFT_LEAD, Role.DISPATCHER, Role.HANDLER)


def report(desk: Browser) -> str:
    body = {
        "category_code": "01001", "description": "井盖缺失", "point": PLACE, "source": "inspector",
        "photos": [str(uuid4())],
    }  # fmt: skip
    answer = desk.ask("PUT", f"/api/v1/reports/{uuid4()}", json=body)
    assert answer.status_code == 201, answer.text
    no: str = answer.json["case"]["no"]
    return no


def do(desk: Browser, no: str, verb: str, headers: dict[str, str] | None = None, **fields: Any) -> Any:
    return desk.post(f"/api/v1/cases/{no}/verbs/{verb}", json=fields, headers=headers or {})


def kind(answer: Any) -> str:
    name: str = answer.json["type"].rsplit(":", 1)[1]
    return name


def codes(answer: Any) -> dict[str, str]:
    assert answer.status_code == 422, answer.text
    return {error["field"]: error["code"] for error in answer.json["errors"]}


# --- merge ------------------------------------------------------------------------------------------------------------


def test_a_merger_is_answered_shown_and_taken_back(desk: Browser) -> None:
    first, duplicate = report(desk), report(desk)
    answer = do(desk, duplicate, "merge", version=1, into=first)
    assert (answer.status_code, answer.json["stage"], answer.json["merged_into"]) == (200, "rejected", first)
    [under] = desk.get(f"/api/v1/cases/{first}").json["duplicates"]
    assert (under["no"], under["reporter"], len(under["photos"])) == (duplicate, "王", 1)
    listed = {item["no"]: item["merged_into"] for item in desk.get("/api/v1/cases").json["items"]}
    assert listed == {first: None, duplicate: first}
    story = desk.get(f"/api/v1/cases/{first}/events").json["items"]
    assert (story[-1]["outcome"], story[-1]["data"]) == ("received", {"duplicate": duplicate})
    answer = do(desk, duplicate, "merge", version=2, into=None, reason="不是同一处")
    assert (answer.status_code, answer.json["stage"], answer.json["merged_into"]) == (200, "reported", None)
    assert desk.get(f"/api/v1/cases/{first}").json["duplicates"] == []


@pytest.mark.parametrize(
    ("language", "ended", "merged"),
    [
        ("en", "is rejected; nothing can be merged into it", "has been merged into another one"),
        ("zh-CN", "已经结束(不予立案)", "已并入另一案件"),
    ],
)
def test_a_first_case_that_is_none_says_why(desk: Browser, language: str, ended: str, merged: str) -> None:
    first, second, third = report(desk), report(desk), report(desk)
    do(desk, second, "merge", version=1, into=first)
    headers = {"Accept-Language": language}
    answer = do(desk, third, "merge", headers, version=1, into=second)
    assert (answer.status_code, kind(answer)) == (409, "first-case-merged")
    assert merged in answer.json["detail"]
    do(desk, first, "reject", version=1, reason_code="no_problem")
    answer = do(desk, third, "merge", headers, version=1, into=first)
    assert (answer.status_code, kind(answer), answer.json["no"]) == (409, "first-case-ended", first)
    assert ended in answer.json["detail"]
    answer = do(desk, first, "merge", headers, version=2, into=None, reason="错了")
    assert (answer.status_code, kind(answer)) == (409, "not-merged")


def test_fields_of_a_merger_are_named(desk: Browser) -> None:
    no = report(desk)
    assert codes(do(desk, no, "merge", version=1)) == {"into": "required"}
    assert codes(do(desk, no, "merge", version=1, into=no)) == {"into": "itself"}
    assert codes(do(desk, no, "merge", into="0" * 19)) == {"into": "no_such_case", "version": "required"}


def test_many_duplicates_are_merged_at_once(desk: Browser) -> None:
    first, *others = (report(desk) for _ in range(4))
    named = [{"no": no, "version": 1} for no in (*others, first)]
    answer = desk.post("/api/v1/cases:bulk", json={"verb": "merge", "cases": named, "into": first})
    assert [item["ok"] for item in answer.json["items"]] == [True, True, True, False]
    assert answer.json["items"][3]["problem"]["errors"][0]["code"] == "itself"
    assert [one["no"] for one in desk.get(f"/api/v1/cases/{first}").json["duplicates"]] == others
    named = [{"no": no, "version": 2} for no in others]
    answer = desk.post("/api/v1/cases:bulk", json={"verb": "merge", "cases": named, "into": None, "reason": "错了"})
    assert [item["stage"] for item in answer.json["items"]] == ["reported"] * 3


@pytest.mark.slow  # two at once, several times
def test_two_who_merge_many_crosswise_never_wait_for_each_other_in_a_ring(desk: Browser, app: Flask) -> None:
    def ask(sender: Browser, start: Barrier, first: str, others: list[str]) -> list[bool]:
        start.wait()
        named = [{"no": no, "version": 1} for no in others]
        answer = sender.post("/api/v1/cases:bulk", json={"verb": "merge", "cases": named, "into": first})
        assert answer.status_code == 200, answer.text
        return [item["ok"] for item in answer.json["items"]]

    second = Browser(app.test_client(), desk.username).sign_in()
    for _ in range(3):
        numbers = [report(desk) for _ in range(6)]
        start = Barrier(2)
        with ThreadPoolExecutor(2) as pool:
            up = pool.submit(ask, desk, start, numbers[0], numbers[1:])
            down = pool.submit(ask, second, start, numbers[-1], numbers[-2::-1])
            assert sorted([sum(up.result()), sum(down.result())]) == [0, 5]


# --- recategorise, relocate -------------------------------------------------------------------------------------------


def test_another_category_is_answered_with_its_reasons(desk: Browser) -> None:
    no = report(desk)
    answer = do(desk, no, "recategorise", version=1, category_code="06010", reason="是垃圾")
    assert (answer.status_code, answer.json["category"]["code"]) == (200, "06010")
    assert answer.json["why"]["centre"]["category"] == "06010"
    again = do(desk, no, "recategorise", version=2, category_code="06010", reason="是垃圾")
    assert codes(again) == {"category_code": "same_category"}
    assert again.json["errors"][0]["message"] == "The case has this category and condition already"


def test_the_effects_say_where_a_correction_could_lead(desk: Browser) -> None:
    no = report(desk)
    condition = do(desk, no, "accept", version=1).json["conditions"][0]["id"]
    assert do(desk, no, "file", version=2, condition_id=condition).status_code == 200
    assert do(desk, no, "dispatch", version=3, department=None).status_code == 200
    effect = desk.get(f"/api/v1/cases/{no}").json["effects"]["relocate"]
    assert (effect["to"], effect["outcomes"]["moved"]["to"]) == ("dispatched", "pending_dispatch")


def test_who_sends_a_case_out_of_their_own_sight_is_shown_it_a_last_time(desk: Browser) -> None:
    no = report(desk)
    answer = do(desk, no, "relocate", version=1, point=ELSEWHERE, reason="在静安")
    assert (answer.status_code, answer.json["centre"]["name"]) == (200, "静安寺街道")
    assert (answer.json["allowed_verbs"], answer.headers["ETag"]) == ([], '"2"')
    assert desk.get(f"/api/v1/cases/{no}").status_code == 404


def test_a_place_is_refused_as_in_a_report(desk: Browser) -> None:
    no = report(desk)
    answer = do(desk, no, "relocate", version=1, point={"lon": 122.9, "lat": 31.2, "crs": "wgs84"}, reason="错位")
    assert (kind(answer), codes(answer)) == ("outside-grid", {"point": "outside_grid"})
    answer = do(desk, no, "relocate", version=1, point={"lon": 1e400, "lat": 31.2, "crs": "wgs84"}, reason="错位")
    assert answer.status_code == 422
    assert codes(do(desk, no, "relocate", version=1, point=[], reason="错位")) == {"point": "not_object"}
    assert desk.get(f"/api/v1/cases/{no}").json["version"] == 1


def test_who_may_correct_is_said(browser: Callable[..., Browser], desk: Browser) -> None:
    no = report(desk)
    handler = browser("works", Role.HANDLER)
    for verb in ("merge", "recategorise", "relocate"):
        answer = do(handler, no, verb, version=1)
        assert (answer.status_code, kind(answer)) == (403, "not-allowed")
        assert "Acceptor" in answer.json["detail"]
