"""Webhooks and deliveries over HTTP: kept by administrators, in their part of the city."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask
from sqlalchemy import select, update

from cases.models import Delivery, DeliveryState, Webhook
from core.db import Sessions
from people.accounts import add_person, give_post
from people.roles import Role
from tests.conftest import ROOT
from tests.web.conftest import PASSWORD, Browser

HOOK = {"name": "12345", "url": "https://hooks.example.org/wangge?x=1", "centre": "310101000000"}
ELSEWHERE = "310106000000"


def admin(app: Flask, sessions: Sessions, centre: str = "310101000000", name: str = "keeper") -> Browser:
    with sessions.begin() as session:
        person = add_person(session, name, "管", PASSWORD, now=datetime(2026, 1, 1, tzinfo=UTC))
        give_post(session, person, Role.ADMIN, centre)
    return Browser(app.test_client(), name).sign_in()


def test_a_webhook_shows_its_secret_once(app: Flask, sessions: Sessions) -> None:
    keeper = admin(app, sessions)
    made = keeper.post("/api/v1/webhooks", json=HOOK)
    assert made.status_code == 201, made.text
    assert len(made.json["secret"]) >= 40
    [shown] = keeper.get("/api/v1/webhooks").json["items"]
    assert shown == {key: value for key, value in made.json.items() if key != "secret"}
    assert (shown["kinds"], shown["disabled_at"], shown["centre"]["name"]) == (None, None, "黄浦区")


def test_all_faults_of_a_webhook_are_told_at_once(app: Flask, sessions: Sessions) -> None:
    keeper = admin(app, sessions)
    wrong = {"name": "x", "url": "http://127.0.0.1/x", "centre": ELSEWHERE, "kinds": ["urge", "nothing"]}
    answer = keeper.post("/api/v1/webhooks", json=wrong)
    assert answer.status_code == 422
    assert {(error["field"], error["code"]) for error in answer.json["errors"]} == {
        ("url", "private_target"), ("centre", "no_such_centre"), ("kinds", "not_one_of"),
    }  # fmt: skip
    for url in (
        "ftp://example.org",
        "https://me:pw@example.org",
        "http://localhost:8000",
        "http://[::1]/",
        "x",
        "http://10.0.0.1",
        "http://2130706434/",
        "http://0177.0.0.2/",
        "http://0x7f.2/",
        "http://127.2/",
        "http://0/",
        "http://127.0.0.1./",
        "http://localhost./",
        "http://[::ffff:127.0.0.1]/",
    ):
        assert keeper.post("/api/v1/webhooks", json={**HOOK, "url": url}).status_code == 422, url


def test_a_webhook_may_ask_for_each_kind_that_is_told(app: Flask, sessions: Sessions) -> None:
    keeper = admin(app, sessions)
    offered = (ROOT / "web/client/admin/kinds.ts").read_text("utf-8").split("NOTICE_KINDS = [")[1].split("]")[0]
    kinds = re.findall(r'"(\w+)"', offered)
    assert {"closed", "warn", "supervise_1", "reply_warn", "reply_urge"} <= set(kinds)
    made = keeper.post("/api/v1/webhooks", json={**HOOK, "kinds": kinds})
    assert made.status_code == 201, made.text
    for unheard in ("reply_supervise_1", "reply_closed", "reply_"):
        assert keeper.post("/api/v1/webhooks", json={**HOOK, "kinds": [unheard]}).status_code == 422, unheard


def test_a_webhook_is_changed_by_who_saw_it_as_it_is(app: Flask, sessions: Sessions) -> None:
    keeper = admin(app, sessions)
    made = keeper.post("/api/v1/webhooks", json={**HOOK, "kinds": ["urge"]}).json
    address = f"/api/v1/webhooks/{made['id']}"
    changed = keeper.ask("PATCH", address, json={"version": 1, "kinds": None, "disabled": True, "name": "other"})
    assert changed.status_code == 200, changed.text
    assert (changed.json["kinds"], changed.json["name"], changed.json["version"]) == (None, "other", 2)
    assert changed.json["disabled_at"] is not None
    late = keeper.ask("PATCH", address, json={"version": 1, "disabled": False})
    assert (late.status_code, late.json["type"], late.json["version"]) == (409, "urn:wangge:problem:stale-version", 2)
    again = keeper.ask("PATCH", address, json={"version": 2, "disabled": False, "url": "https://example.org"})
    assert (again.json["disabled_at"], again.json["url"]) == (None, "https://example.org")
    wrong = keeper.ask("PATCH", address, json={"version": 3, "url": "nowhere"})
    assert wrong.json["errors"][0]["code"] == "not_url"


def test_another_districts_administrator_finds_no_such_webhook_or_delivery(app: Flask, sessions: Sessions) -> None:
    mine = admin(app, sessions)
    hook = mine.post("/api/v1/webhooks", json=HOOK).json["id"]
    tried = mine.post(f"/api/v1/webhooks/{hook}/test")
    assert tried.status_code == 202
    other = admin(app, sessions, ELSEWHERE, "other_keeper")
    assert other.get("/api/v1/webhooks").json["items"] == []
    assert other.get("/api/v1/deliveries").json["items"] == []
    assert other.post(f"/api/v1/webhooks/{hook}/test").json["type"] == "urn:wangge:problem:webhook-not-found"
    assert other.post(f"/api/v1/deliveries/{tried.json['delivery']}/resend").status_code == 404
    [item] = mine.get("/api/v1/deliveries").json["items"]
    assert (item["id"], item["notices"], item["kinds"], item["state"]) == (tried.json["delivery"], 0, {}, "waiting")
    assert item["receiver"] == {"id": hook, "name": "12345", "address": HOOK["url"]}


def test_only_dead_letters_are_sent_again(app: Flask, sessions: Sessions) -> None:
    keeper = admin(app, sessions)
    hook = keeper.post("/api/v1/webhooks", json=HOOK).json["id"]
    delivery = keeper.post(f"/api/v1/webhooks/{hook}/test").json["delivery"]
    refused = keeper.post(f"/api/v1/deliveries/{delivery}/resend")
    assert (refused.status_code, refused.json["type"]) == (409, "urn:wangge:problem:not-to-be-sent")
    with sessions.begin() as session:
        session.execute(update(Delivery).values(state=DeliveryState.DEAD, attempts=8, error="too_slow: timed out"))
    [dead] = keeper.get("/api/v1/deliveries?state=dead").json["items"]
    assert (dead["id"], dead["error"]) == (delivery, "timed out")
    assert dead["trouble"] == {
        "code": "too_slow", "zh": "对方在时限内没有应答", "en": "The server did not answer in time",
    }  # fmt: skip
    again = keeper.post(f"/api/v1/deliveries/{delivery}/resend")
    assert (again.json["state"], again.json["attempts"]) == ("waiting", 0)
    assert keeper.get("/api/v1/deliveries?state=dead").json["items"] == []


def test_deliveries_are_paged(app: Flask, sessions: Sessions) -> None:
    keeper = admin(app, sessions)
    hook = keeper.post("/api/v1/webhooks", json=HOOK).json["id"]
    ids = {keeper.post(f"/api/v1/webhooks/{hook}/test").json["delivery"] for _ in range(3)}
    first = keeper.get("/api/v1/deliveries?limit=2").json
    rest = keeper.get(f"/api/v1/deliveries?limit=2&cursor={first['next']}").json
    assert {item["id"] for item in first["items"] + rest["items"]} == ids
    assert rest["next"] is None
    assert keeper.get("/api/v1/deliveries?cursor=WyIyIiwiMyJd").status_code == 422


def test_only_who_keeps_the_rules_keeps_webhooks(browser: Callable[..., Browser], sessions: Sessions) -> None:
    lead = browser("lead", Role.SHIFT_LEAD)
    for path in ("webhooks", "deliveries"):
        assert lead.get(f"/api/v1/{path}").status_code == 403, path
    assert lead.post("/api/v1/webhooks", json=HOOK).status_code == 403
    with sessions.begin() as session:
        assert session.scalar(select(Webhook.id)) is None
