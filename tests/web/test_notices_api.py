"""Notices, what comes by mail, and the bulletin, over HTTP."""

from collections.abc import Callable

import pytest

from people.roles import Role
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
