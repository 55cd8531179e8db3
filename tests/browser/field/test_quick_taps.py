"""In Chromium: quick hands, and somebody who answers in the server's place. Nothing is lost, doubled or mixed."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.field.ledger import arrived
from tests.browser.field.line import Injury, Line, LoseAnswer, Say
from tests.browser.field.phone import Phone
from tests.browser.field.product import Product
from tests.browser.field.proof import only_whole
from tests.browser.field.tasks import verify_task

pytestmark = [pytest.mark.browser, pytest.mark.slow]  # a whole product and a browser

VERBS = "SELECT e.verb FROM events e JOIN cases c ON c.id = e.case_id WHERE c.no = %s ORDER BY e.id"
NOTHING = Say(200, body=b"", media_type="application/json")
EMPTY = Say(200, body=b"{}", media_type="application/json")
INJURIES: dict[str, Injury] = {"nothing with a 200": NOTHING, "an empty object": EMPTY, "a lost answer": LoseAnswer()}


def verified(product: Product, no: str) -> int:
    return [verb for (verb,) in product.rows(VERBS, no)].count("verify")


def tapped(inspector: Phone) -> dict[str, int]:
    inspector.impatient()
    return inspector.states()


def answering(inspector: Phone, no: str, number: int) -> Any:
    """The task's room, with a photo just chosen and the result tapped before it is made smaller."""
    page = inspector.page
    inspector.open(f"#/tasks/{no}")
    page.get_by_test_id("photo-input").set_input_files(inspector.shoot(number)[0], no_wait_after=True)
    page.locator("label:has(input[name=outcome][value=confirmed])").click()
    page.locator("textarea[name=text]").fill("看过了")
    return page.get_by_test_id("answer")


@pytest.mark.parametrize(
    "what", [pytest.param(what, marks=[] if what == "an empty object" else only_whole) for what in INJURIES]
)
def test_an_answer_arrives_once_in_spite_of(
    what: str, phone: Callable[..., Phone], line: Line, product: Product
) -> None:
    no = verify_task(product, f"核实 {what}")
    inspector = phone()
    answer = answering(inspector, no, 900)
    inspector.offline()
    answer.click()
    expect(inspector.page.get_by_test_id("outbox-bar")).to_be_visible()
    line.injure(INJURIES[what], f"POST /api/v1/cases/{no}/verbs/verify", 1)
    inspector.online()
    inspector.open("#/outbox")
    inspector.until(lambda: tapped(inspector) == {"accepted": 1})
    assert sum(line.injuries().values()) == 1
    assert verified(product, no) == 1


def test_two_taps_hand_over_one_answer_with_all_that_was_entered(phone: Callable[..., Phone], product: Product) -> None:
    no = verify_task(product, "核实 两次点按")
    inspector = phone()
    inspector.context.new_cdp_session(inspector.page).send("Emulation.setCPUThrottlingRate", {"rate": 4})
    answer = answering(inspector, no, 903)  # one that is made smaller on the phone
    answer.dblclick(delay=20, no_wait_after=True)
    inspector.until(lambda: inspector.states() == {"accepted": 1})
    assert verified(product, no) == 1
    (photos,) = product.rows("SELECT count(*) FROM case_photos k JOIN cases c ON c.id = k.case_id WHERE c.no = %s", no)
    assert photos == (1,)


def test_a_report_waits_for_all_photos_chosen_from_the_gallery(phone: Callable[..., Phone], product: Product) -> None:
    inspector = phone()
    page = inspector.page
    inspector.report("相册三张", photos=1, send=False)
    page.get_by_test_id("photo-gallery").set_input_files(inspector.shoot(903, 907, 911), no_wait_after=True)
    page.get_by_test_id("send-report").click()
    expect(page.get_by_test_id("receipt")).to_be_visible(timeout=60_000)
    inspector.until(lambda: inspector.states() == {"accepted": 1})
    (one,) = arrived(product, "相册三张")
    assert {903, 907, 911} < set(one.numbers)
    assert len(one.numbers) == 4
    page.get_by_test_id("report-again").click()
    expect(page.get_by_test_id("photo")).to_have_count(0)
    expect(page.get_by_test_id("drafts")).to_have_count(0)
