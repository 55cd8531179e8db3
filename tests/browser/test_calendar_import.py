"""In Chromium: a holiday notice is pasted, its effect looked at, taken over, and the deadline of an open case moves."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from cases.calendar_edits import recount
from core.db import Sessions
from core.settings import load_settings
from tests.browser.conftest import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]  # a whole product and a browser

ASK = """async ([method, path, body]) => {
  const token = (await (await fetch("/api/v1/session")).json()).csrf_token;
  const headers = { "Content-Type": "application/json", "X-CSRF-Token": token };
  const answer = await fetch("/api/v1" + path, { method, headers, body: body && JSON.stringify(body) });
  return { status: answer.status, body: await answer.json() };
}"""


def ask(page: Page, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """What the API answers to who is signed in on the page."""
    answer = page.evaluate(ASK, [method, path, body])
    assert answer["status"] < 300, answer
    found: dict[str, Any] = answer["body"]
    return found


def dispatched_case(visit: Callable[..., Page]) -> dict[str, Any]:
    """A case whose handling counts working time; its detail."""
    acceptor, lead, dispatcher = visit("acceptor"), visit("shift_lead"), visit("dispatcher")
    report = {
        "source": "superior", "category_code": "01001", "description": "井盖松动", "observed_at": moment(),
        "point": {"lon": 121.4737, "lat": 31.2304, "crs": "wgs84"},
    }  # fmt: skip
    no = ask(acceptor, "PUT", f"/reports/{uuid4()}", report)["case"]["no"]
    verb(acceptor, no, "accept")
    conditions = ask(lead, "GET", f"/cases/{no}")["conditions"]
    working = next(one for one in conditions if one["unit"] in {"work_hour", "work_day"})
    verb(lead, no, "file", condition_id=working["id"])
    return verb(dispatcher, no, "dispatch")


def verb(page: Page, no: str, name: str, **values: Any) -> dict[str, Any]:
    version = ask(page, "GET", f"/cases/{no}")["version"]
    return ask(page, "POST", f"/cases/{no}/verbs/{name}", {"version": version, **values})


def moment() -> str:
    return datetime.now(UTC).isoformat()  # noqa: TID251 (the web server reads the real clock too)


def count_anew(site: Site) -> None:
    """What the worker does after an edit."""
    sessions = Sessions(load_settings(environ={"WANGGE_DATABASE_URL": site.database}))
    again = True
    while again:
        with sessions.begin() as session:
            again = recount(session, now=datetime.fromisoformat(moment()) + timedelta(seconds=5))
    sessions.close()


def test_an_import_is_looked_at_then_taken_over_and_moves_the_deadline_of_a_case(
    visit: Callable[..., Page], site: Site
) -> None:
    case = dispatched_case(visit)
    due = datetime.fromisoformat(case["handle_due_at"])
    day = due.astimezone(ZoneInfo("Asia/Shanghai")).date().isoformat()

    admin = visit("admin")
    admin.get_by_test_id("calendar-1").click()
    admin.get_by_test_id("tab-import").click()
    admin.fill("textarea[name=import]", f"{day},holiday")
    expect(admin.get_by_test_id("read-lines")).to_contain_text(day)
    admin.fill("textarea[name=import]", f"# 示例\n{day},holiday,临时放假\n2027-13-01,holiday")
    expect(admin.get_by_test_id("read-lines")).to_contain_text("第 3 行")
    expect(admin.get_by_test_id("preview")).to_have_count(0)
    admin.fill("textarea[name=import]", f"# 示例\n{day},holiday,临时放假")
    admin.reload()
    expect(admin.locator("textarea[name=import]")).to_have_value(f"# 示例\n{day},holiday,临时放假")
    admin.get_by_test_id("preview").click()
    expect(admin.get_by_test_id("preview-effect")).to_contain_text("推后")
    expect(admin.get_by_test_id("changed-days")).to_contain_text(day)
    expect(admin.get_by_test_id("moved-cases")).to_contain_text(case["no"])
    assert ask(admin, "GET", f"/cases/{case['no']}")["handle_due_at"] == case["handle_due_at"]

    admin.get_by_test_id("apply").click()
    expect(admin.get_by_test_id("recount")).to_be_visible()
    expect(admin.locator("textarea[name=import]")).to_have_value("")
    count_anew(site)
    expect(admin.get_by_test_id("recount")).to_have_attribute("data-done", "yes")
    moved = datetime.fromisoformat(ask(admin, "GET", f"/cases/{case['no']}")["handle_due_at"])
    assert moved > due
    assert moved.astimezone(ZoneInfo("Asia/Shanghai")).date().isoformat() > day
    admin.get_by_test_id("tab-history").click()
    expect(admin.get_by_test_id("edits")).to_contain_text("临时放假")


def test_a_slip_on_the_ladder_is_told_beside_its_field_and_what_was_typed_survives(visit: Callable[..., Page]) -> None:
    page = visit("admin", path="/admin?part=ladder")
    rung = page.get_by_test_id("rung-ordinary-1")
    rung.locator("input").first.fill("70")
    expect(rung).to_contain_text("必须晚于上一级")
    expect(page.get_by_test_id("save-ladder")).to_be_disabled()
    page.get_by_test_id("part-people").click()
    expect(page.get_by_test_id("people")).to_contain_text("admin")
    page.get_by_test_id("language").click()
    page.get_by_test_id("part-ladder").click()
    expect(rung.locator("input").first).to_have_value("70")
    expect(rung).to_contain_text("It must come later than the rung before")


def test_the_page_is_for_administrators(visit: Callable[..., Page]) -> None:
    page = visit("dispatcher")
    answer = page.goto(f"{page.url.split('/desk')[0]}/admin")
    assert answer is not None
    assert answer.status == 403
    expect(page.get_by_role("heading")).to_have_text("没有权限")
