"""In Chromium: what the hand needs is within its reach, with what was taken before; no blank is sent unseen."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.field.phone import Phone
from tests.browser.field.product import Product
from tests.browser.field.tasks import verify_task

pytestmark = [pytest.mark.browser, pytest.mark.slow]  # a whole product and a browser

LONG = "长乐路口的垃圾桶满了,没有人来收,味道很大。" * 80


def left_edge(page: Page, strip: str) -> float:
    first = page.get_by_test_id(strip).locator(".thumb").first
    return float(first.evaluate("one => one.getBoundingClientRect().left"))


def test_photos_taken_before_the_tick_become_those_of_after(phone: Callable[..., Phone]) -> None:
    inspector = phone()
    page = inspector.page
    page.get_by_test_id("tab-report").click()
    for n, file in enumerate(inspector.shoot(4001, 4002), 1):
        page.get_by_test_id("photo-input").set_input_files(file)
        expect(page.get_by_test_id("photo")).to_have_count(n)
    page.get_by_test_id("self-handled").check()
    assert left_edge(page, "strip-before") == left_edge(page, "strip-after")
    page.get_by_test_id("photo").nth(1).click()
    large = page.get_by_test_id("photo-large")
    expect(large).to_be_visible()
    assert (large.bounding_box() or {"width": 0})["width"] > 300
    page.get_by_test_id("photo-to-after").click()
    for side in ("before", "after"):
        expect(page.get_by_test_id(f"strip-{side}").get_by_test_id("photo")).to_have_count(1)


def test_a_blank_that_is_left_is_told_before_it_is_sent(phone: Callable[..., Phone]) -> None:
    inspector = phone()
    page = inspector.page
    inspector.report("", photos=1, category="02001", send=False)
    page.get_by_test_id("phrase").filter(has_text="__").first.click()
    words = page.locator("textarea[name=description]")
    expect(words).to_be_focused()
    assert words.evaluate("box => box.value.slice(box.selectionStart, box.selectionEnd)") == "__"
    page.get_by_test_id("send-report").click()
    expect(page.get_by_test_id("gap-told")).to_be_visible()
    page.get_by_test_id("gap-fill").click()
    page.keyboard.type("3")
    expect(page.get_by_test_id("gap")).to_have_count(0)
    page.get_by_test_id("send-report").click()
    expect(page.get_by_test_id("receipt-waiting").or_(page.get_by_test_id("receipt")).first).to_be_visible()


def test_the_answer_is_in_reach_however_long_the_report(phone: Callable[..., Phone], product: Product) -> None:
    task = verify_task(product, LONG)
    inspector = phone()
    page = inspector.page
    expect(page.locator(f'[data-no="{task}"]')).to_contain_text(LONG[:20])
    page.locator(f'[data-no="{task}"]').click()
    for width, height in ((390, 844), (320, 568)):
        page.set_viewport_size({"width": width, "height": height})
        expect(page.get_by_test_id("answer")).to_be_in_viewport(ratio=1)
        box = page.get_by_test_id("photo-input").locator("xpath=..").bounding_box()
        assert box is not None
        assert box["y"] < 1200
    page.get_by_test_id("unfold").click()
    expect(page.get_by_test_id("answer")).to_be_in_viewport(ratio=1)
