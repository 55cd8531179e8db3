"""In Chromium: the phone has no room left. That is said at once, and what was made then is sent all the same."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.field.ledger import arrived
from tests.browser.field.phone import Phone
from tests.browser.field.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.slow]  # a whole product and a browser


def test_a_report_that_the_phone_has_no_room_for_is_told_and_arrives_with_its_photos(
    tell: Callable[..., None], phone: Callable[..., Phone], product: Product
) -> None:
    inspector = phone()
    page = inspector.page
    inspector.until_it_starts_by_itself()
    inspector.offline()
    made = [inspector.report("满了 1")]
    inspector.fill_up()
    made.append(inspector.report("满了 2"))
    expect(page.get_by_test_id("receipt-waiting")).to_be_visible()
    page.evaluate("() => { location.hash = '#/outbox'; }")
    expect(page.get_by_test_id("unstored").or_(page.get_by_test_id("space-warning")).first).to_be_visible()
    told = [name for name in ("unstored", "space-warning") if page.get_by_test_id(name).is_visible()]
    stored = len(inspector.kept()["items"])
    inspector.online()
    inspector.until(lambda: inspector.impatient() or len(arrived_words(product)) == len(made), 90)
    inspector.until(lambda: photos_there(product) == 2 * len(made), 90)
    numbers = [one.numbers for one in arrived(product, "满了")]
    assert sorted(numbers) == sorted(sorted(one.photos) for one in made)
    photos = sum(map(len, numbers))
    tell(f"no room: {stored} of {len(made)} stored, told by {told}; arrived {len(numbers)} with {photos} photos")


def arrived_words(product: Product) -> list[str]:
    return [words for (words,) in product.rows("SELECT description FROM cases WHERE description LIKE '满了%%'")]


def photos_there(product: Product) -> int:
    statement = """
        SELECT count(*) FROM cases c JOIN case_photos k ON k.case_id = c.id JOIN photos p ON p.id = k.photo_id
        WHERE c.description LIKE '满了%%'"""
    return int(product.rows(statement)[0][0])
