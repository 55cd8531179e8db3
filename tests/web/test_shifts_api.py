"""Shifts over HTTP: two phones at once, lost answers, and what the answers say."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from people.roles import Role
from tests.web.conftest import Browser

PLACE = {"lon": 121.4737, "lat": 31.2304, "crs": "wgs84", "accuracy_m": 9}


@pytest.fixture
def morning(monkeypatch: pytest.MonkeyPatch, now: datetime) -> datetime:
    monkeypatch.setattr("web.transaction.read_clock", lambda: now)
    return now


@pytest.fixture
def inspector(browser: Callable[..., Browser], morning: datetime) -> Browser:
    return browser("li", Role.INSPECTOR)


def clock_in(inspector: Browser, started_at: datetime, shift_id: Any = None, **more: Any) -> Any:
    body = {"started_at": started_at.isoformat(), **more}
    return inspector.ask("PUT", f"/api/v1/shifts/{shift_id or uuid4()}", json=body)


def test_a_shift_goes_from_clocking_in_to_clocking_out(inspector: Browser, morning: datetime) -> None:
    begun = clock_in(inspector, morning, point=PLACE, centre_code="310101002000")
    assert begun.status_code == 201, begun.text
    assert begun.json["started_point"] == {"lon": 121.4737, "lat": 31.2304}
    assert (begun.json["centre"]["code"], begun.json["ended_at"]) == ("310101002000", None)
    again = clock_in(inspector, morning, begun.json["id"], point=PLACE, centre_code="310101002000")
    assert (again.status_code, again.json) == (200, begun.json)
    end = {"ended_at": (morning + timedelta(minutes=1)).isoformat(), "point": None}
    ended = [inspector.post(f"/api/v1/shifts/{begun.json['id']}/end", json=end) for _ in range(2)]
    assert [one.status_code for one in ended] == [200, 200]
    assert ended[0].json == ended[1].json
    assert inspector.get("/api/v1/shifts?open=false").json == {"items": [ended[0].json], "next": None}


@pytest.mark.slow  # ten signed-in requests at once
def test_ten_phones_at_once_get_one_shift_and_nine_say_which(app: Flask, inspector: Browser, morning: datetime) -> None:
    def go(_: int) -> Any:
        phone = Browser(app.test_client(), "li").sign_in()
        return clock_in(phone, morning)

    with ThreadPoolExecutor(10) as phones:
        answers = list(phones.map(go, range(10)))
    winner = next(one for one in answers if one.status_code == 201)
    refused = [one for one in answers if one is not winner]
    assert {(one.status_code, one.json["type"]) for one in refused} == {(409, "urn:wangge:problem:on-duty-elsewhere")}
    assert {one.json["shift"] for one in refused} == {winner.json["id"]}


@pytest.mark.slow  # ten signed-in requests at once
def test_one_clocking_in_sent_ten_times_at_once_is_one_shift(app: Flask, inspector: Browser, morning: datetime) -> None:
    shift_id = uuid4()

    def go(_: int) -> Any:
        return clock_in(Browser(app.test_client(), "li").sign_in(), morning, shift_id)

    with ThreadPoolExecutor(10) as phones:
        answers = list(phones.map(go, range(10)))
    assert sorted(one.status_code for one in answers) == [200] * 9 + [201]
    assert len(inspector.get("/api/v1/shifts").json["items"]) == 1


def test_faults_are_told_by_field_and_nothing_is_kept(inspector: Browser, morning: datetime) -> None:
    swapped = clock_in(inspector, morning, point={"lon": 31.2, "lat": 121.4, "crs": "wgs84"})
    assert [(one["field"], one["code"]) for one in swapped.json["errors"]] == [("point", "swapped")]
    ahead = clock_in(inspector, morning + timedelta(hours=3))
    assert [(one["field"], one["code"]) for one in ahead.json["errors"]] == [("started_at", "in_future")]
    assert clock_in(inspector, morning, centre_code="none").json["errors"][0]["code"] == "not_on_this_beat"
    assert inspector.get("/api/v1/shifts").json["items"] == []


def test_who_is_no_inspector_does_not_clock_in(browser: Callable[..., Browser], morning: datetime) -> None:
    assert clock_in(browser("zhao", Role.SHIFT_LEAD), morning).status_code == 403
    assert clock_in(browser("qian", Role.HANDLER), morning).status_code == 403


def test_pages_of_shifts_follow_each_other(inspector: Browser, morning: datetime) -> None:
    for hours in (5, 3, 1):
        begun = clock_in(inspector, morning - timedelta(hours=hours)).json
        end = {"ended_at": (morning - timedelta(hours=hours - 1)).isoformat()}
        inspector.post(f"/api/v1/shifts/{begun['id']}/end", json=end)
    seen, cursor = [], ""
    for _ in range(3):
        page = inspector.get(f"/api/v1/shifts?limit=1{cursor}").json
        seen += [one["started_at"] for one in page["items"]]
        cursor = f"&cursor={page['next']}"
    assert page["next"] is None
    assert seen == sorted(seen, reverse=True)
    assert inspector.get("/api/v1/shifts?cursor=WyJhIiwiYiJd").status_code == 422
