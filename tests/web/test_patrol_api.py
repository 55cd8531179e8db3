"""The patrol at a glance, over HTTP."""

from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

import pytest

from people.roles import Role
from tests.web.conftest import STREET, Browser


@pytest.fixture
def lead(browser: Callable[..., Browser], monkeypatch: pytest.MonkeyPatch, now: datetime) -> Browser:
    """A shift lead with an inspector on duty, and one who is not."""
    monkeypatch.setattr("web.transaction.read_clock", lambda: now)
    browser("zhao", Role.INSPECTOR)
    li = browser("li", Role.INSPECTOR)
    begun = li.ask("PUT", f"/api/v1/shifts/{uuid4()}", json={"started_at": now.isoformat()})
    assert begun.status_code == 201, begun.text
    return browser("lead", Role.SHIFT_LEAD)


def test_who_is_on_duty_is_shown(lead: Browser) -> None:
    shown = lead.get(f"/api/v1/patrol?centre={STREET}")
    assert shown.status_code == 200, shown.text
    assert shown.json == lead.get("/api/v1/patrol").json
    assert [(one["person"]["name"], one["seen"], one["alarm"]) for one in shown.json["items"]] == [("王", None, None)]
    assert (shown.json["tracks"], shown.json["more"]) == (False, False)
    assert lead.get("/api/v1/patrol?centre=310106013000").status_code == 404


def test_inspectors_are_listed_on_duty_or_not(lead: Browser, browser: Callable[..., Browser]) -> None:
    first = lead.get("/api/v1/patrol/inspectors?limit=1").json
    second = lead.get(f"/api/v1/patrol/inspectors?limit=1&cursor={first['next']}&centre={STREET}").json
    assert [one["on_duty"] for one in first["items"] + second["items"]] == [False, True]
    assert second["next"] is None
    for path in ("patrol", "patrol/inspectors"):
        assert browser(f"q{len(path)}", Role.INSPECTOR).get(f"/api/v1/{path}").status_code == 403
