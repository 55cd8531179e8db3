"""In Chromium: one report, sent ten times at once by two tabs: one case."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from tests.browser.field.ledger import arrived
from tests.browser.field.phone import Phone
from tests.browser.field.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.slow]  # a whole product and a browser

TEN_TIMES = """async ([uuid, body, times]) => {
  const {csrf_token} = await (await fetch("/api/v1/session")).json();
  const headers = {"Content-Type": "application/json", "X-CSRF-Token": csrf_token};
  const once = () => fetch(`/api/v1/reports/${uuid}`, {method: "PUT", headers, body: JSON.stringify(body)})
    .then(async (answer) => [answer.status, (await answer.json()).case?.no ?? null]);
  return Promise.all(Array.from({length: times}, once));
}"""


def test_one_report_sent_ten_times_at_once_from_two_tabs_is_one_case(
    tell: Callable[..., None], phone: Callable[..., Phone], product: Product
) -> None:
    inspector = phone()
    second = inspector.context.new_page()
    second.goto(f"{inspector.line.url}/field")
    uuid = str(uuid4())
    body = {
        "source": "inspector", "category_code": "01001", "description": "十次", "photos": [str(uuid4())],
        "point": {"lon": 121.4737, "lat": 31.2304, "crs": "wgs84", "accuracy_m": 8},
        "observed_at": datetime.now(UTC).isoformat(),  # noqa: TID251 (the server reads the real clock too)
    }  # fmt: skip
    # both tabs begin before either is waited for
    start = "([script, ...given]) => { globalThis.sent = eval(script)(given); }"
    for page in (inspector.page, second):
        page.evaluate(start, [TEN_TIMES, uuid, body, 5])
    answers = inspector.page.evaluate("() => sent") + second.evaluate("() => sent")
    assert sorted(status for status, _ in answers) == [200] * 9 + [201]
    assert len({no for _, no in answers}) == 1
    assert len(arrived_numbers(product)) == 1
    tell(f"10 requests: {len(answers)} answers, {len({no for _, no in answers})} case")


def arrived_numbers(product: Product) -> list[str]:
    return [no for (no,) in product.rows("SELECT no FROM cases WHERE description = '十次'")]


def test_an_outbox_that_two_tabs_send_at_once_is_sent_once(
    tell: Callable[..., None], phone: Callable[..., Phone], product: Product
) -> None:
    inspector = phone()
    inspector.offline()
    made = [inspector.report(f"两页 {n}", photos=1) for n in range(3)]
    tabs = [inspector.context.new_page() for _ in range(2)]
    inspector.online()
    for page in tabs:
        page.goto(f"{inspector.line.url}/field")
    inspector.until(lambda: len(product.rows("SELECT 1 FROM cases WHERE description LIKE '两页%%'")) >= len(made))
    inspector.until(lambda: inspector.states().keys() <= {"accepted", "sent"})
    there = arrived(product, "两页")
    assert [one.words for one in there] == [one.words for one in made]
    tell(f"two tabs and one outbox: {len(there)} cases, {inspector.line.count('PUT .*/reports/')} requests for reports")
