"""In Chromium: a roll call's answer outlives all and is receipted; what nobody needs any more is told."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.field.line import Ask, Say
from tests.browser.field.phone import Phone
from tests.browser.field.product import Product
from tests.browser.field.tasks import Person, verify_task

pytestmark = [pytest.mark.browser, pytest.mark.slow]  # a whole product and a browser

STREET = "310101002000"
NOWHERE = "() => { navigator.geolocation.watchPosition = () => 1; }"  # no position comes, and no refusal


def call_roll(product: Product) -> int:
    words = {"centre_code": STREET, "minutes": 10, "photo_wanted": True, "text": "请报位置"}
    called: int = Person(product, "shift_lead").ask("POST", "/roll-calls", words)["id"]
    return called


def test_the_answer_to_a_roll_call_outlives_another_room_and_a_flat_battery_and_is_receipted(
    phone: Callable[..., Phone], product: Product
) -> None:
    inspector = phone()
    page = inspector.page
    page.get_by_test_id("clock-in").click()
    inspector.until(lambda: inspector.states().get("accepted", 0) == 1)
    called = call_roll(product)
    expect(page.get_by_test_id("roll-call")).to_contain_text("请报位置", timeout=20_000)
    inspector.until_it_starts_by_itself()
    inspector.offline()
    page.get_by_test_id("roll-call-photo").set_input_files(inspector.shoot(1020)[0])
    remove = page.get_by_test_id("roll-call").locator(".photo .remove")
    box = remove.bounding_box()
    assert box
    assert min(box["width"], box["height"]) >= 48
    page.get_by_test_id("roll-call").get_by_role("textbox").fill("在人民广场")
    page.get_by_test_id("tab-map").click()
    expect(page.get_by_test_id("roll-call-bar")).to_contain_text("有点名等你回复 · 剩 9:")
    inspector.restart()
    page = inspector.page
    inspector.open("#/tasks")
    expect(page.get_by_test_id("roll-call").get_by_role("textbox")).to_have_value("在人民广场")
    expect(page.get_by_test_id("roll-call").locator(".photo img")).to_have_count(1)
    page.evaluate(NOWHERE)
    page.get_by_test_id("roll-call-answer").click()
    expect(page.get_by_test_id("roll-call-receipt")).to_contain_text("已存在手机")
    inspector.restart()  # while it looks for a position
    page = inspector.page
    inspector.open("#/tasks")
    expect(page.get_by_test_id("roll-call")).to_have_count(0)
    receipt = page.get_by_test_id("roll-call-receipt")
    expect(receipt).to_have_attribute("data-state", "waiting")
    inspector.online()
    expect(receipt).to_have_attribute("data-state", "accepted", timeout=60_000)
    expect(receipt).to_contain_text("已送达")
    seen = Person(product, "shift_lead").ask("GET", f"/roll-calls/{called}")
    own = next(one for one in seen["answers"] if one["state"] != "waiting")
    assert (own["state"], own["text"], own["photo"] is not None) == ("answered", "在人民广场", True)


def test_an_answer_to_a_case_that_was_rejected_meanwhile_says_so_and_can_be_put_away(
    phone: Callable[..., Phone], product: Product
) -> None:
    no = verify_task(product, "核实:已不需要")
    inspector = phone()
    page = inspector.page
    page.locator(f'[data-testid="task"][data-no="{no}"]').click()
    expect(page.get_by_test_id("answer")).to_be_visible()
    inspector.offline()
    page.get_by_test_id("photo-input").set_input_files(inspector.shoot(1021)[0])
    page.locator('input[name=outcome][value="confirmed"]').check()
    page.get_by_test_id("answer").click()
    inspector.until(lambda: inspector.states() == {"waiting": 1})
    Person(product, "acceptor").do("reject", no, reason="已有案件")
    inspector.online()
    inspector.until(lambda: inspector.states() == {"refused": 1})
    expect(page.get_by_test_id("outbox-bar")).to_contain_text("1 件回复已不再需要")
    expect(page.locator(f'[data-testid="task"][data-no="{no}"]')).to_have_count(0)
    page.get_by_test_id("outbox-bar").click()
    kept = page.get_by_test_id("kept")
    expect(kept).to_contain_text("案件现在是“不予立案”,不再需要这次回复")
    expect(kept).not_to_contain_text("differs")
    expect(page.get_by_test_id("kept-edit").or_(page.get_by_test_id("kept-send"))).to_have_count(0)
    page.get_by_test_id("kept-read").click()
    inspector.until(lambda: inspector.states() == {})
    expect(page.get_by_test_id("outbox-bar")).to_have_count(0)
    inspector.open(f"#/tasks/{no}")
    expect(page.get_by_test_id("answer")).to_have_count(0)
    expect(page.locator("main")).to_contain_text("案件现在是“不予立案”")


@pytest.mark.parametrize(
    "said",
    [
        Say(200),
        Say(500),
        Say(403),
        Say(200, body=b"{}", media_type="application/json"),
    ],
    ids=["page", "500", "403", "json"],
)
def test_behind_a_portal_nobody_is_online_and_the_page_goes_on(phone: Callable[..., Phone], said: Say) -> None:
    inspector = phone()
    page = inspector.page
    inspector.until_it_starts_by_itself()

    def portal(ask: Ask) -> Say | None:
        return said if "/api/" in ask.path else None

    inspector.line.judge = portal
    inspector.open()
    expect(page.get_by_test_id("connection")).to_have_attribute("data-state", "offline")
    inspector.report("门户后面", photos=1)
    assert inspector.states() == {"waiting": 1}
    inspector.line.heal()
    page.evaluate("() => window.dispatchEvent(new Event('online'))")
    expect(page.get_by_test_id("connection")).to_have_attribute("data-state", "online")
    inspector.until(lambda: inspector.states() == {"accepted": 1})
