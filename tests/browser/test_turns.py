"""In Chromium: three cases dispatched at once, more time asked for and granted, suspended and resumed — all live."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]  # a whole product and a browser

# as the pages ask: with the session's cookie and its token
ASK = """async ([method, path, body]) => {
  const session = await (await fetch("/api/v1/session")).json();
  const headers = {"Content-Type": "application/json", "X-CSRF-Token": session.csrf_token};
  const answer = await fetch(`/api/v1/${path}`, {method, headers, ...(body && {body: JSON.stringify(body)})});
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : null;
}"""
SQUARE = {"lon": 121.4737, "lat": 31.2304, "crs": "wgs84"}


def ask(page: Page, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    return page.evaluate(ASK, [method, path, body])


def verb(page: Page, no: str, name: str, **fields: Any) -> None:
    version = ask(page, "GET", f"cases/{no}")["version"]
    ask(page, "POST", f"cases/{no}/verbs/{name}", {"version": version, **fields})


def file_a_case(acceptor: Page, lead: Page, n: int) -> str:
    """A missing cover that waits for its dispatch."""
    body = {
        "source": "department", "category_code": "01001", "description": f"井盖缺失 {n}",
        "point": SQUARE | {"lon": SQUARE["lon"] + n / 10_000}, "observed_at": datetime.now(UTC).isoformat(),  # noqa: TID251 (the server reads the real clock too)
    }  # fmt: skip
    no: str = ask(acceptor, "PUT", f"reports/{uuid4()}", body)["case"]["no"]
    verb(acceptor, no, "accept")
    conditions = ask(lead, "GET", f"cases/{no}")["conditions"]
    longest = next(one for one in conditions if one["unit"] != "urgent_hour") if len(conditions) > 1 else conditions[0]
    verb(lead, no, "file", condition_id=longest["id"])
    return no


def open_case(page: Page, no: str) -> None:
    page.goto(f"{page.url.split('/desk')[0].split('/leadership')[0]}/desk?case={no}")
    expect(page.get_by_test_id("case-no")).to_have_text(no)


def press(page: Page, name: str) -> Any:
    page.get_by_test_id(f"verb-{name}").click()
    form = page.get_by_test_id(f"form-{name}")
    expect(form.get_by_test_id("effect")).not_to_be_empty()
    return form


def decide(page: Page, kind: str, *, approve: bool = True, reason: str = "") -> None:
    page.get_by_test_id(f"{'approve' if approve else 'deny'}-{kind}").click()
    form = page.get_by_test_id(f"form-decide_{kind}")
    expect(form.get_by_test_id("effect")).not_to_be_empty()
    if reason:
        form.locator("[name=reason]").fill(reason)
    form.get_by_test_id("submit").click()
    expect(form).to_have_count(0)


def stage(page: Page, expected: str) -> None:
    expect(page.get_by_test_id("case-stage")).to_have_attribute("data-stage", expected)


def test_three_cases_are_dispatched_at_once_and_the_one_that_cannot_be_stays_selected(
    visit: Callable[..., Page],
) -> None:
    acceptor, lead = visit("acceptor"), visit("shift_lead")
    numbers = [file_a_case(acceptor, lead, n) for n in range(3)]
    dispatcher = visit("dispatcher")
    dispatcher.goto(f"{dispatcher.url.split('/desk')[0]}/desk?view=dispatch")
    rows = dispatcher.get_by_test_id("select")
    expect(rows).to_have_count(3)
    rows.first.click()
    rows.nth(2).click(modifiers=["Shift"])
    expect(dispatcher.get_by_test_id("bulk-bar")).to_contain_text("已选 3 件")
    verb(lead, numbers[1], "cancel", reason="重复登记")

    dispatcher.get_by_test_id("bulk-act").click()
    results = dispatcher.get_by_test_id("bulk-results")
    dispatcher.get_by_test_id("bulk-dispatch").click()
    dispatcher.get_by_test_id("bulk-form-dispatch").locator("[name=note]").fill("今天处置")
    dispatcher.get_by_test_id("bulk-submit").click()
    expect(results.locator("[data-ok=yes]")).to_have_count(2)
    expect(results.locator("[data-ok=no]")).to_have_count(1)
    expect(results.locator("[data-ok=no]")).to_have_attribute("data-no", numbers[1])
    expect(dispatcher.get_by_test_id("bulk-bar")).to_contain_text("已选 1 件")


def test_more_time_is_asked_for_and_granted_then_the_case_is_suspended_and_resumed(visit: Callable[..., Page]) -> None:
    acceptor, lead = visit("acceptor"), visit("shift_lead")
    no = file_a_case(acceptor, lead, 7)
    dispatcher, handler = visit("dispatcher"), visit("handler")
    verb(dispatcher, no, "dispatch")
    verb(handler, no, "sign")
    open_case(handler, no)
    before = ask(handler, "GET", f"cases/{no}")["handle_due_at"]

    form = press(handler, "request_extension")
    form.locator("[name=limit]").fill("1")
    form.locator("[name=reason]").fill("配件明天到货")
    form.get_by_test_id("submit").click()
    expect(handler.get_by_test_id("request-extension")).to_contain_text("配件明天到货")
    expect(handler.get_by_test_id("approve-extension")).to_have_count(0)
    chief = visit("department_leader")
    open_case(chief, no)
    decide(chief, "extension")
    open_case(dispatcher, no)
    decide(dispatcher, "extension")
    # nobody reloads: the stream tells the handler
    expect(handler.get_by_test_id("past-requests")).to_contain_text("已同意")
    assert ask(handler, "GET", f"cases/{no}")["handle_due_at"] > before

    day = (datetime.now(ZoneInfo("Asia/Shanghai")) + timedelta(days=30)).date().isoformat()  # noqa: TID251 (as above)
    form = press(handler, "request_suspension")
    form.locator("[name=resume_on]").fill(day)
    form.locator("[name=reason]").fill("地下管线施工")
    form.get_by_test_id("submit").click()
    expect(dispatcher.get_by_test_id("request-suspension")).to_contain_text(day)
    decide(dispatcher, "suspension")
    leader = visit("leader")
    open_case(leader, no)
    decide(leader, "suspension")
    stage(leader, "suspended")
    expect(handler.get_by_test_id("suspended")).to_contain_text(day)
    stage(dispatcher, "suspended")
    press(dispatcher, "resume").get_by_test_id("submit").click()
    stage(dispatcher, "handling")
    stage(handler, "handling")


def test_who_opens_a_case_that_somebody_has_open_is_told_and_may_take_it_over(visit: Callable[..., Page]) -> None:
    acceptor, lead = visit("acceptor"), visit("shift_lead")
    no = file_a_case(acceptor, lead, 9)
    first, second = visit("dispatcher"), visit("district_dispatcher")
    with first.expect_response(lambda answer: answer.url.endswith(f"{no}/claim") and answer.status == 200):
        open_case(first, no)
    open_case(second, no)
    expect(second.get_by_test_id("claim")).to_contain_text("南东派遣员")
    first.get_by_test_id("verb-dispatch").click()
    first.locator("[name=note]").fill("写到一半")
    second.get_by_test_id("take-over").click()
    expect(second.get_by_test_id("claim")).to_have_count(0)
    verb(second, no, "note", text="由区里接手")
    expect(first.get_by_test_id("claim-lost")).to_contain_text("黄浦派遣员")
    expect(first.locator("[name=note]")).to_have_value("写到一半")
