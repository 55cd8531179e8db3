"""Claims over HTTP: who has a case open is seen, and the next case is taken from the pool."""

from collections.abc import Callable
from datetime import datetime

import pytest

from people.roles import Role
from tests.web.conftest import Browser
from tests.web.test_verbs import do, morning, report  # noqa: F401  `morning` is a fixture

Desks = tuple[Browser, Browser]


@pytest.fixture
def desks(browser: Callable[..., Browser], morning: datetime) -> Desks:  # noqa: F811  the fixture of that name
    """Two people at the same desk."""
    posts = (Role.INSPECTOR, Role.ACCEPTOR, Role.SHIFT_LEAD)
    return browser("li", *posts), browser("zhao", *posts)


def test_who_has_a_case_open_is_seen_by_the_others_until_they_let_go(desks: Desks) -> None:
    li, zhao = desks
    no = report(li)
    mine = li.ask("PUT", f"/api/v1/cases/{no}/claim")
    assert (mine.status_code, mine.json["claim"]["mine"]) == (200, True)
    refused = zhao.ask("PUT", f"/api/v1/cases/{no}/claim", json={})
    assert (refused.status_code, refused.json["type"]) == (409, "urn:wangge:problem:claimed")
    assert refused.json["until"] == mine.json["claim"]["until"]
    assert zhao.get(f"/api/v1/cases/{no}").json["claim"]["mine"] is False
    assert zhao.get("/api/v1/cases").json["items"][0]["claim_by"] == "王"
    assert li.delete(f"/api/v1/cases/{no}/claim").status_code == 204
    assert zhao.get(f"/api/v1/cases/{no}").json["claim"] is None


def test_a_case_is_taken_over_only_when_that_is_said(desks: Desks) -> None:
    li, zhao = desks
    no = report(li)
    li.ask("PUT", f"/api/v1/cases/{no}/claim")
    assert zhao.ask("PUT", f"/api/v1/cases/{no}/claim", json={"take": True}).json["claim"]["mine"]
    assert zhao.ask("PUT", f"/api/v1/cases/{no}/claim", json={"take": "yes"}).status_code == 422


def test_the_next_case_of_a_view_is_taken_from_the_pool(desks: Desks) -> None:
    li, zhao = desks
    first, second = report(li), report(li)
    asked = {"queue": "accept", "stage": "reported,verifying", "source": ["inspector"]}
    taken = [one.post("/api/v1/cases:claim", json=asked) for one in (li, zhao)]
    assert [answer.json for answer in taken] == [{"no": first}, {"no": second}]
    none = li.post("/api/v1/cases:claim", json=asked)
    assert (none.status_code, none.json["type"]) == (404, "urn:wangge:problem:nothing-to-claim")


def test_faults_in_what_is_asked_of_the_pool_are_told_at_once(desks: Desks) -> None:
    answer = desks[0].post("/api/v1/cases:claim", json={"queue": "none", "stage": "nowhere", "sort": "burns"})
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json["errors"]} == {"queue", "stage.0", "sort"}


def test_a_verb_that_ends_a_case_ends_its_claim_and_another_leaves_it(desks: Desks) -> None:
    li, zhao = desks
    no, other = report(li), report(li)
    for case in (no, other):
        li.ask("PUT", f"/api/v1/cases/{case}/claim")
    do(zhao, no, "accept", version=1)
    assert li.get(f"/api/v1/cases/{no}").json["claim"]["mine"]
    do(zhao, no, "cancel", version=2, reason="写错了")
    bulk = {"verb": "reject", "reason_code": "duplicate", "cases": [{"no": other, "version": 1}]}
    assert zhao.post("/api/v1/cases:bulk", json=bulk).json["items"][0]["ok"]
    assert [li.get(f"/api/v1/cases/{case}").json["claim"] for case in (no, other)] == [None, None]


def test_nobody_claims_what_they_do_not_see(desks: Desks) -> None:
    assert desks[0].ask("PUT", "/api/v1/cases/31010100012026031000001/claim").status_code == 404
    assert desks[0].delete("/api/v1/cases/31010100012026031000001/claim").status_code == 404
