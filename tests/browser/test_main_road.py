"""In Chromium: an inspector reports on the phone, the desk takes it through to closed, leadership's number moves."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]  # a whole product and a browser


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), (90, 120, 60)).save(out, "JPEG")
    path = tmp_path / "photo.jpg"
    path.write_bytes(out.getvalue())
    return path


def report_a_missing_cover(page: Page, photo: Path) -> str:
    page.get_by_test_id("tab-report").click()
    page.get_by_test_id("photo-input").set_input_files(photo)
    expect(page.get_by_test_id("falls")).to_contain_text("南京东路街道")
    page.fill("input[name=category-search]", "供水井盖")
    page.locator('[data-code="01001"]').first.click()
    page.fill("textarea[name=description]", "井盖缺失,行人危险")
    page.get_by_test_id("send-report").click()
    expect(page.get_by_test_id("receipt-place")).to_contain_text("黄浦区 › 南京东路街道")
    return page.get_by_test_id("receipt-no").inner_text()


def open_case(page: Page, no: str) -> None:
    page.goto(f"{page.url.split('/desk')[0]}/desk?case={no}")
    expect(page.get_by_test_id("case-no")).to_have_text(no)


def do(page: Page, verb: str, stage: str, fill: Callable[[Page], None] = lambda _: None) -> None:
    """Press the verb's button, fill its form, send it, and see the stage that follows."""
    page.get_by_test_id(f"verb-{verb}").click()
    form = page.get_by_test_id(f"form-{verb}")
    expect(form.get_by_test_id("effect")).not_to_be_empty()
    fill(page)
    form.get_by_test_id("submit").click()
    expect(page.get_by_test_id("case-stage")).to_have_attribute("data-stage", stage)


def closed_number(page: Page) -> int:
    expect(page.get_by_test_id("as-of")).to_be_visible()
    return int(page.get_by_test_id("ontime_closed_num").first.inner_text().replace(",", ""))


def test_a_report_from_the_phone_is_handled_checked_and_closed_and_leadership_sees_it(
    visit: Callable[..., Page], photo: Path
) -> None:
    leader = visit("leader")
    before = closed_number(leader)
    inspector = visit("inspector", phone=True)
    no = report_a_missing_cover(inspector, photo)

    acceptor = visit("acceptor")
    open_case(acceptor, no)
    do(acceptor, "accept", "pending_filing")
    lead = visit("shift_lead")
    open_case(lead, no)
    do(lead, "file", "pending_dispatch", lambda page: page.locator("[name=condition_id]").first.check())
    dispatcher = visit("dispatcher")
    open_case(dispatcher, no)
    expect(dispatcher.get_by_test_id("why")).to_contain_text("南京东路街道")
    do(dispatcher, "dispatch", "dispatched")
    handler = visit("handler")
    open_case(handler, no)
    do(handler, "sign", "handling")
    do(
        handler,
        "finish",
        "handled",
        lambda page: page.get_by_test_id("form-finish").locator("input[type=file]").set_input_files(photo),
    )
    acceptor.reload()
    do(acceptor, "send_check", "checking")

    inspector.get_by_test_id("tab-tasks").click()
    inspector.locator(f'[data-testid="task"][data-no="{no}"]').click()
    inspector.get_by_test_id("photo-input").set_input_files(photo)
    inspector.locator('input[name=outcome][value="passed"]').check()
    inspector.get_by_test_id("answer").click()
    expect(inspector.locator(f'[data-testid="task"][data-no="{no}"]')).to_have_count(0)

    lead.reload()
    do(lead, "close", "closed")
    leader.reload()
    assert closed_number(leader) == before + 1
    leader.get_by_test_id("ontime_closed_num").first.click()
    expect(leader.get_by_test_id("drawer-count")).to_contain_text(str(before + 1))
    leader.get_by_test_id("drawer-cases").get_by_role("button").first.click()
    expect(leader.get_by_test_id("drawer-case")).to_contain_text(no)


def test_a_wrong_password_is_told_and_what_was_typed_survives_the_language(visit: Callable[..., Page]) -> None:
    page = visit("", language="en-GB")
    page.fill("input[name=username]", "inspector")
    page.fill("input[name=password]", "wrong")
    page.get_by_test_id("signin-submit").click()
    expect(page.get_by_test_id("signin-error")).to_be_visible()
    page.get_by_test_id("language").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.locator("input[name=username]")).to_have_value("inspector")


def test_a_report_made_without_network_is_kept_and_sent_when_it_returns(
    visit: Callable[..., Page], photo: Path
) -> None:
    page = visit("inspector", phone=True)
    page.get_by_test_id("tab-report").click()
    page.get_by_test_id("photo-input").set_input_files(photo)
    expect(page.get_by_test_id("falls")).to_be_visible()
    page.fill("input[name=category-search]", "01001")
    page.locator('[data-code="01001"]').first.click()
    page.context.set_offline(True)
    page.get_by_test_id("send-report").click()
    expect(page.get_by_test_id("receipt-waiting")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_test_id("receipt-no")).to_be_visible(timeout=30_000)
