"""Tracks over HTTP: what a batch may be, and ten phones that send at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from core.db import Sessions
from core.settings import Settings
from people.roles import Role
from tests.web.conftest import Browser

HOME, AWAY = (121.4737, 31.2304), (121.4737, 31.30)


@pytest.fixture
def app(settings: Settings, sessions: Sessions) -> Flask:
    from app import create_app

    made = create_app(replace(settings, track=replace(settings.track, enabled=True)), sessions)
    made.testing = True
    return made


@pytest.fixture
def inspector(browser: Callable[..., Browser], monkeypatch: pytest.MonkeyPatch, now: datetime) -> Browser:
    """On duty for an hour."""
    monkeypatch.setattr("web.transaction.read_clock", lambda: now)
    made = browser("li", Role.INSPECTOR)
    begun = made.ask("PUT", f"/api/v1/shifts/{uuid4()}", json={"started_at": (now - timedelta(hours=1)).isoformat()})
    assert begun.status_code == 201, begun.text
    return made


def points(now: datetime, *minutes: float, place: tuple[float, float] = HOME) -> list[list[Any]]:
    return [[round((now.timestamp() - 60 * minute) * 1000), *place, 8] for minute in minutes]


def send(who: Browser, batch: Any) -> Any:
    return who.post("/api/v1/tracks", json={"points": batch})


def test_a_batch_is_kept_once_and_read_again(inspector: Browser, now: datetime) -> None:
    batch = points(now, 3, 2, 1)
    assert send(inspector, batch).json == {"kept": 3, "known": 0, "refused": [], "alarm": None}
    assert send(inspector, [*batch, *points(now, 61)]).json == {
        "kept": 0, "known": 3, "refused": [{"index": 3, "code": "off_duty"}], "alarm": None,
    }  # fmt: skip
    me = inspector.get("/api/v1/shifts").json["items"][0]["person"]["id"]
    asked = {"person": me, "from": (now - timedelta(hours=1)).isoformat(), "to": now.isoformat()}
    read = inspector.get("/api/v1/tracks", query_string=asked)
    assert read.status_code == 200, read.text
    assert read.json["points"] == [[*one[:3], 8.0] for one in batch]
    assert read.json["more"] is False


def test_a_batch_that_is_too_long_or_none_is_refused_whole(inspector: Browser, now: datetime) -> None:
    many = points(now, *(step / 1000 for step in range(5000)))
    refused = send(inspector, many)
    assert (refused.status_code, refused.json["errors"][0]["code"]) == (422, "too_many")
    assert send(inspector, many[:1000]).json["kept"] == 1000
    for bad in (
        [[1, 2, 3]],
        [["1", 2, 3, None]],
        [[1.5, 2, 3, None]],
        [[1, None, 3, None]],
        [[10**30, 2, 3, None]],
        {},
    ):
        assert send(inspector, bad).status_code == 422, bad
    nan = inspector.post("/api/v1/tracks", data='{"points": [[1, NaN, 31.2, 5]]}', content_type="application/json")
    assert (nan.status_code, nan.json["errors"][0]["code"]) == (422, "not_json")


def test_an_alarm_is_told_in_the_answer_and_to_the_inbox(inspector: Browser, now: datetime) -> None:
    answer = send(inspector, points(now, *range(9, 0, -1), place=AWAY))
    assert answer.json["alarm"]["kind"] == "outside"
    assert [one["kind"] for one in inspector.get("/api/v1/notices").json["items"]] == ["fence"]


@pytest.mark.slow  # ten signed-in requests at once
def test_ten_batches_at_once_raise_one_alarm(app: Flask, inspector: Browser, now: datetime) -> None:
    phones = [Browser(app.test_client(), "li").sign_in() for _ in range(10)]
    parts = [points(now, *(minute + part / 10 for minute in range(20, 0, -1)), place=AWAY) for part in range(10)]
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda pair: send(*pair), zip(phones, parts, strict=True)))
    assert {one.status_code for one in answers} == {200}
    assert sum(one.json["kept"] for one in answers) == 200
    assert [one["kind"] for one in inspector.get("/api/v1/notices").json["items"]] == ["fence"]
    assert send(inspector, []).json["alarm"]["started_at"] == (now - timedelta(minutes=20.9)).isoformat().replace(
        "+00:00", "Z"
    )


def test_tracks_that_are_off_are_refused(
    settings: Settings, sessions: Sessions, inspector: Browser, now: datetime
) -> None:
    from app import create_app

    off = Browser(create_app(settings, sessions).test_client(), "li").sign_in()
    answer = send(off, points(now, 1))
    assert (answer.status_code, answer.json["type"]) == (409, "urn:wangge:problem:tracks-off")


def test_somebody_elses_track_is_not_found(inspector: Browser, browser: Callable[..., Browser], now: datetime) -> None:
    me = inspector.get("/api/v1/shifts").json["items"][0]["person"]["id"]
    asked = {"person": me, "from": (now - timedelta(hours=1)).isoformat(), "to": now.isoformat()}
    assert browser("zhao", Role.INSPECTOR).get("/api/v1/tracks", query_string=asked).status_code == 404
    assert browser("qian", Role.SHIFT_LEAD).get("/api/v1/tracks", query_string=asked).status_code == 200
