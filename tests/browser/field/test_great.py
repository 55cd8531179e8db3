"""In Chromium: a bad day. Everything is made without a network, everything that can fail fails, nothing is lost.

FIELD_PROOF=whole makes 40 reports with 80 photos; without it a smaller day with the same blows.
"""

import random
from collections.abc import Callable
from itertools import count

import pytest
from playwright.sync_api import Page, expect

from tests.browser.field.ledger import arrived, compare
from tests.browser.field.line import Ask, Cut, Drop, HalfAnswer, Injury, Line, LoseAnswer, Say
from tests.browser.field.phone import Made, Phone
from tests.browser.field.product import Product
from tests.browser.field.proof import WHOLE

pytestmark = [pytest.mark.browser, pytest.mark.slow]  # a whole product and a browser

REPORTS = 40 if WHOLE else 8
MARK = "上报 "


def bad(seed: int, share: float) -> Callable[[Ask], Injury | None]:
    """A share of what is written meets an injury; never more than two in a row.

    (What fails three times alone lets the others pass, and comes out of order: that is meant.)
    """
    chance = random.Random(seed)
    row = count()
    kinds: list[Callable[[Ask], Injury]] = [
        lambda _: Drop(),
        lambda ask: Cut(ask.length // 2),
        lambda _: LoseAnswer(),
        lambda _: HalfAnswer(),
        lambda _: HalfAnswer(whole=True),
        lambda _: Say(500),
        lambda _: Say(429, retry_after=1),
        lambda _: Say(503, retry_after=1),
    ]

    def judge(ask: Ask) -> Injury | None:
        nonlocal row
        if ask.method == "GET" or "/session" in ask.path:
            return None
        if chance.random() < share and next(row) < 2:
            return chance.choice(kinds)(ask)
        row = count()
        return None

    return judge


def revoke_all_sessions(product: Product, username: str) -> None:
    product.rows(
        "UPDATE sign_ins SET revoked_at = now() WHERE revoked_at IS NULL"
        " AND person_id = (SELECT id FROM people WHERE username = %s)",
        username,
    )


def sign_in_again(phone: Phone) -> None:
    """In place: what lies on the phone stays."""
    page = phone.page
    page.get_by_test_id("signin-again").or_(page.locator("input[name=password]")).first.wait_for()
    if page.locator("input[name=password]").count() == 0:
        page.get_by_test_id("signin-again").click()
    from tests.browser.conftest import PASSWORD

    if page.locator("input[name=username]").is_editable():
        page.fill("input[name=username]", phone.username)
    page.fill("input[name=password]", PASSWORD)
    page.get_by_test_id("signin-submit").click()


def make_reports(phone: Phone, made: list[Made], upto: int, page: Page | None = None) -> None:
    while len(made) < upto:
        made.append(phone.report(f"{MARK}{len(made) + 1:02}", page=page))


def test_a_day_of_reports_made_without_a_network_arrives_once_in_order_with_its_own_times(
    tell: Callable[..., None], phone: Callable[..., Phone], line: Line, product: Product
) -> None:
    inspector = phone()
    inspector.until_it_starts_by_itself()
    made: list[Made] = []
    part = REPORTS // 8
    inspector.offline()

    make_reports(inspector, made, part)
    inspector.page.reload()
    make_reports(inspector, made, 2 * part)
    inspector.restart()
    inspector.context.set_offline(True)
    inspector.open()
    make_reports(inspector, made, 3 * part)
    inspector.set_clock(3)
    make_reports(inspector, made, 4 * part)
    inspector.set_clock(0)
    inspector.page.get_by_test_id("language").click()
    expect(inspector.page.locator("html")).to_have_attribute("lang", "en")
    make_reports(inspector, made, 5 * part)
    make_reports(inspector, made, 6 * part)
    second = inspector.context.new_page()
    second.goto(f"{line.url}/field")
    make_reports(inspector, made, 7 * part, page=second)
    inspector.page.reload()
    make_reports(inspector, made, REPORTS)

    on_phone = inspector.kept()["items"]
    photos = sum(len(one["pictures"]) for one in on_phone)
    assert (len(on_phone), photos) == (REPORTS, 2 * REPORTS)
    assert not arrived(product, MARK)
    tell(f"on the phone: {len(on_phone)} reports, {photos} photos, all waiting")

    revoke_all_sessions(product, inspector.username)
    line.judge = bad(seed=4, share=0.3)
    inspector.online()
    sign_in_again(inspector)
    inspector.open("#/outbox")
    inspector.until(lambda: waits_for(inspector, product) >= REPORTS // 4, 120)
    product.kill()
    inspector.page.wait_for_timeout(1500)
    product.start()
    inspector.until(lambda: waits_for(inspector, product) >= REPORTS // 2, 120)
    inspector.page.get_by_test_id("language").click()
    product.kill()
    product.start()
    revoke_all_sessions(product, inspector.username)
    sign_in_again(inspector)

    def all_accepted() -> bool:
        inspector.impatient()
        kept = inspector.kept()["items"]
        return all(one["state"] in {"accepted", "sent"} and all(p["sent"] for p in one["pictures"]) for one in kept)

    inspector.until(all_accepted, 240)
    counts = compare(product, MARK, made, on_phone)
    tell(f"arrived: {counts}; the phone says {inspector.states()}")
    tell(f"injuries done: {dict(line.injuries())}, server killed 2 times, sessions revoked 2 times")
    tell(f"requests: {line.count('PUT .*/reports/')} for reports, {line.count('(PUT|PATCH) .*/photos/')} for photos")


def waits_for(phone: Phone, product: Product) -> int:
    """How many have arrived so far."""
    phone.impatient()
    (n,) = product.rows("SELECT count(*) FROM cases WHERE description LIKE %s", f"{MARK}%")[0]
    return int(n)
