"""In Chromium: two people share a phone. What one is writing is neither shown to the other nor sent by them."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD
from tests.browser.field.ledger import arrived
from tests.browser.field.phone import Phone
from tests.browser.field.product import Product
from tests.browser.field.test_full_phone import photos_there
from tests.browser.field.test_great import revoke_all_sessions

pytestmark = [pytest.mark.browser, pytest.mark.slow]  # a whole product and a browser

WORDS = "textarea[name=description]"
SENT_BY = """
SELECT p.username FROM cases c JOIN people p ON p.id = c.reporter_id WHERE c.description = %s"""


def sign_in_there(page: Page, username: str) -> None:
    """In the box over the other one's page."""
    box = page.get_by_test_id("signin-again")
    expect(box).to_be_visible()
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", PASSWORD)
    with page.expect_navigation():
        box.get_by_test_id("signin-submit").click()
    expect(page.get_by_test_id("tab-report")).to_be_visible()


def end_session(phone: Phone, product: Product, username: str) -> None:
    revoke_all_sessions(product, username)
    phone.page.reload()


def test_a_report_being_written_is_shown_to_its_own_person_alone(
    tell: Callable[..., None], phone: Callable[..., Phone], product: Product
) -> None:
    first = phone()
    page = first.page
    first.until_it_starts_by_itself()  # without the worker the server shows its own sign-in page
    own = first.report("两人 甲", send=False)
    expect(page.locator(WORDS)).to_have_value("两人 甲")
    page.wait_for_timeout(500)
    end_session(first, product, first.username)
    sign_in_there(page, "district_inspector")
    other = first.report("两人 乙", photos=1)
    first.until(lambda: photos_there(product, "两人") == 1)
    first.open("#/report")
    page.reload()
    expect(page.get_by_test_id("photo-input")).to_be_attached()
    expect(page.get_by_test_id("photo")).to_have_count(0)
    expect(page.get_by_test_id("drafts")).to_have_count(0)
    end_session(first, product, "district_inspector")
    sign_in_there(page, first.username)
    page.get_by_test_id("tab-report").click()
    expect(page.get_by_test_id("photo")).to_have_count(2)
    expect(page.locator(WORDS)).to_have_value("两人 甲")
    page.get_by_test_id("send-report").click()
    first.until(lambda: photos_there(product, "两人") == 3)
    numbers = {one.words: one.numbers for one in arrived(product, "两人")}
    assert numbers == {"两人 甲": own.photos, "两人 乙": other.photos}
    senders = [product.rows(SENT_BY, words) for words in ("两人 甲", "两人 乙")]
    assert senders == [[("inspector",)], [("district_inspector",)]]
    tell(f"two people, one phone: {numbers}, each under their own name")
