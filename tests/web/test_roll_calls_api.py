"""Roll calls over HTTP: from the desk's question to the phone's answer and back."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from people.roles import Role
from tests.web.conftest import STREET, Browser

POINT = {"lon": 121.4737, "lat": 31.2304, "crs": "wgs84", "accuracy_m": 9}


@pytest.fixture
def pair(browser: Callable[..., Browser], monkeypatch: pytest.MonkeyPatch, now: datetime) -> tuple[Browser, Browser]:
    """A shift lead, and an inspector on duty."""
    monkeypatch.setattr("web.transaction.read_clock", lambda: now)
    lead, li = browser("lead", Role.SHIFT_LEAD), browser("li", Role.INSPECTOR)
    begun = li.ask("PUT", f"/api/v1/shifts/{uuid4()}", json={"started_at": now.isoformat()})
    assert begun.status_code == 201, begun.text
    return lead, li


def call(lead: Browser, **more: Any) -> Any:
    return lead.post("/api/v1/roll-calls", json={"centre_code": STREET, "minutes": 10, **more})


def test_a_roll_call_goes_to_the_phone_and_comes_back(pair: tuple[Browser, Browser], now: datetime) -> None:
    lead, li = pair
    called = call(lead, photo_wanted=True, text="请报位置")
    assert called.status_code == 201, called.text
    assert called.json["counts"] == {"asked": 1, "waiting": 1, "answered": 0, "late": 0, "missed": 0}
    path = f"/api/v1/roll-calls/{called.json['id']}"
    assert [one["data"]["roll_call"] for one in li.get("/api/v1/notices").json["items"]] == [called.json["id"]]
    said = {
        "answered_at": (now + timedelta(minutes=1)).isoformat(),
        "point": POINT,
        "photo": str(uuid4()),
        "text": "在岗",
    }
    answers = [li.post(f"{path}/answer", json=said) for _ in range(2)]
    assert [one.status_code for one in answers] == [200, 200]
    assert answers[0].json == answers[1].json
    assert answers[0].json["late"] is False
    assert (
        li.post(f"{path}/answer", json=said | {"text": "不在"}).json["type"] == "urn:wangge:problem:roll-call-answered"
    )
    shown = lead.get(path).json["answers"][0]
    assert (shown["state"], shown["away_m"], shown["text"], shown["photo"]) == ("answered", 0, "在岗", None)
    assert lead.get(f"/api/v1/roll-calls?centre={STREET}").json["items"][0]["counts"]["answered"] == 1


def test_only_a_lead_calls_and_only_who_is_asked_answers(pair: tuple[Browser, Browser], now: datetime) -> None:
    lead, li = pair
    asked = call(lead).json["id"]
    assert call(li).status_code == 403
    assert li.get(f"/api/v1/roll-calls/{asked}").status_code == 403
    said = {"answered_at": now.isoformat(), "point": None}
    assert lead.post(f"/api/v1/roll-calls/{asked}/answer", json=said).status_code == 404
    for number in (asked + 1, 10**30):
        assert li.post(f"/api/v1/roll-calls/{number}/answer", json=said).status_code == 404
        assert lead.get(f"/api/v1/roll-calls/{number}").status_code == 404


def test_faults_of_a_call_are_told_by_field(pair: tuple[Browser, Browser]) -> None:
    lead, _ = pair
    refused = call(lead, minutes=0, people=[], text="x" * 501)
    assert {one["field"] for one in refused.json["errors"]} == {"minutes", "people", "text"}
    assert call(lead, people=[2**31 - 1]).json["errors"][0]["code"] == "no_such_inspector"
    assert call(lead, centre_code="nowhere").status_code == 404
    assert lead.get("/api/v1/roll-calls").json == {"items": [], "next": None}


def test_pages_of_roll_calls_follow_each_other(pair: tuple[Browser, Browser]) -> None:
    lead, _ = pair
    made = [call(lead).json["id"] for _ in range(3)]
    first = lead.get("/api/v1/roll-calls?limit=2").json
    second = lead.get(f"/api/v1/roll-calls?limit=2&cursor={first['next']}").json
    assert [one["id"] for one in first["items"] + second["items"]] == made[::-1]
    assert second["next"] is None
