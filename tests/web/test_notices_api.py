"""Notices, what comes by mail, and the bulletin, over HTTP."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from cases.escalation import escalate_overdue
from cases.stages import Stage
from core.db import Sessions
from core.settings import Settings
from people.roles import Role
from tests.make import make_town
from tests.web.conftest import Browser

SETTINGS = "/api/v1/notices/settings"


def test_everybody_says_for_themselves_what_comes_by_mail(browser: Callable[..., Browser]) -> None:
    wang = browser("wang", Role.HANDLER)
    assert wang.get(SETTINGS).json == {"email": None, "mail": "late", "possible": False}
    changed = wang.ask("PUT", SETTINGS, json={"email": " wang@town.example ", "mail": "all"})
    assert changed.json == {"email": "wang@town.example", "mail": "all", "possible": False}
    assert wang.get(SETTINGS).json == changed.json
    assert wang.ask("PUT", SETTINGS, json={"email": None, "mail": "none"}).json["email"] is None


@pytest.mark.parametrize(
    "email", ["wang", "a@b@c", "a b@c.d", "a@b.c\nBcc: x@y.z", "王@town.example", "a@" + "b" * 260]
)
def test_what_is_no_address_is_refused(browser: Callable[..., Browser], email: str) -> None:
    answer = browser().ask("PUT", SETTINGS, json={"email": email, "mail": "all"})
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "email")


def test_an_inbox_tells_of_folded_lines(browser: Callable[..., Browser]) -> None:
    assert browser().get("/api/v1/notices").json == {"items": [], "unread": 0, "next": None}


def test_the_bulletin_is_leaderships(browser: Callable[..., Browser]) -> None:
    leader = browser("leader", Role.LEADER)
    found = leader.get("/api/v1/bulletin?from=2026-03-01&to=2026-03-31").json
    assert (found["total"], found["items"], found["next"]) == (0, [], None)
    assert (found["from"], found["to"]) == ("2026-02-28T16:00:00Z", "2026-03-31T16:00:00Z")
    assert {area["red_cards"] for area in found["areas"]} == {0}
    assert browser("handler", Role.HANDLER).get("/api/v1/bulletin").status_code == 403
    assert leader.get("/api/v1/bulletin?cell=310106013000").json["type"] == "urn:wangge:problem:no-cell"
    wrong = leader.get("/api/v1/bulletin?from=2026-03-02&to=2026-03-01")
    assert wrong.json["errors"][0]["code"] == "before_from"
    assert leader.get("/api/v1/bulletin?cursor=WyIyIiwzXQ").json["errors"][0]["code"] == "bad_cursor"
    assert leader.get("/api/v1/bulletin?cursor=WyIyMDI2LTAzLTAxIiwzXQ").json["errors"][0]["code"] == "bad_cursor"


def test_the_bulletin_names_orders_with_how_they_stand(
    browser: Callable[..., Browser], sessions: Sessions, settings: Settings
) -> None:
    with sessions.begin() as session:
        town = make_town(session, settings, datetime(2026, 3, 10, 1, 30, tzinfo=UTC))
        no = town.case(Stage.HANDLING).no
        town.move(days=40)
        while escalate_overdue(session, now=town.now, batch=500):
            pass
    [item] = browser("leader", Role.LEADER).get("/api/v1/bulletin").json["items"]
    assert item["no"] == no
    issued_at = "2026-04-19T01:30:00Z"
    assert [{**order, "centre": order["centre"]["code"]} for order in item["orders"]] == [
        {"centre": "310101000000", "level": "district", "issued_at": issued_at, "replied_at": None, "closed_at": None},
        {"centre": "310000000000", "level": "city", "issued_at": issued_at, "replied_at": None, "closed_at": None},
    ]
