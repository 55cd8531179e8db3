"""In Chromium: the server is away and the browser was closed. The app opens, knows where it is, and takes a report."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.field.ledger import compare
from tests.browser.field.phone import Phone
from tests.browser.field.product import Product
from tests.browser.field.tasks import verify_task

pytestmark = [pytest.mark.browser, pytest.mark.slow]  # a whole product and a browser

OWN_CELL = "南京东路街道"


def test_the_app_opens_without_a_server_after_a_restart_and_a_report_made_then_arrives(
    tell: Callable[..., None], phone: Callable[..., Phone], product: Product
) -> None:
    no = verify_task(product, "等候核实的任务")
    inspector = phone()
    expect(inspector.page.locator(f'[data-testid="task"][data-no="{no}"]')).to_be_visible()
    inspector.until_it_starts_by_itself()
    product.kill()
    try:
        inspector.restart()
        page = inspector.page
        inspector.open()
        expect(page.get_by_test_id("connection")).to_have_attribute("data-state", "offline")
        expect(page.locator(f'[data-testid="task"][data-no="{no}"]')).to_be_visible()
        page.get_by_test_id("tab-map").click()
        expect(page.locator("canvas").first).to_be_visible()
        expect(page.locator(f'[data-testid="map-task"][data-no="{no}"]').first).to_be_attached()
        made = [inspector.report("二次启动", send=False)]
        expect(page.get_by_test_id("falls")).to_contain_text(OWN_CELL)
        where = page.get_by_test_id("falls").inner_text()
        page.get_by_test_id("send-report").click()
        expect(page.get_by_test_id("receipt-waiting")).to_be_visible()
        kept = inspector.kept()["items"]
    finally:
        product.start()
    inspector.until(lambda: inspector.states() == {"accepted": 1}, 90)
    tell(
        "second start without a server: opened, task and map there, own cell",
        where,
        compare(product, "二次启动", made, kept),
    )
