"""In Chromium: one injury of the line at a time, so that a failure names its cause. Each report arrives once, whole."""

from collections.abc import Callable

import pytest

from tests.browser.field.ledger import compare
from tests.browser.field.line import Cut, Drop, HalfAnswer, Injury, Line, LoseAnswer, Say
from tests.browser.field.phone import Phone
from tests.browser.field.product import Product
from tests.browser.field.proof import only_whole

pytestmark = [pytest.mark.browser, pytest.mark.slow]  # a whole product and a browser

REPORTS, PHOTOS = "PUT /api/v1/reports/", "(PUT|PATCH) /api/v1/photos/"
INJURIES = {
    "a dropped connection at the report": (Drop(), REPORTS, 2),
    "a dropped connection at a photo": (Drop(), PHOTOS, 2),
    "a report cut in the middle": (Cut(60), REPORTS, 1),
    "a photo cut in mid-upload": (Cut(50_000), PHOTOS, 2),
    "a lost answer to the report": (LoseAnswer(), REPORTS, 1),
    "a lost answer to a photo": (LoseAnswer(), PHOTOS, 1),
    "half an answer to the report": (HalfAnswer(), REPORTS, 1),
    "half an answer that looks whole": (HalfAnswer(whole=True), REPORTS, 1),
    "half an answer to a photo": (HalfAnswer(), PHOTOS, 1),
    "500 at the report": (Say(500), REPORTS, 1),
    "500 at a photo": (Say(500), PHOTOS, 1),
    "429 with Retry-After": (Say(429, retry_after=1), REPORTS, 2),
    "503 with Retry-After": (Say(503, retry_after=1), PHOTOS, 1),
    "a portal that answers 200 with a page": (Say(200), REPORTS, 1),
}


IN_SHORT = {
    "a report cut in the middle",
    "a photo cut in mid-upload",
    "a lost answer to the report",
    "half an answer that looks whole",
    "500 at a photo",
    "429 with Retry-After",
}


def everything_is_accepted(phone: Phone, n: int) -> bool:
    kept = phone.kept()["items"]
    done = [
        one for one in kept if one["state"] in {"accepted", "sent"} and all(photo["sent"] for photo in one["pictures"])
    ]
    return len(done) == n == len(kept)


@pytest.mark.parametrize(
    "what", [pytest.param(what, marks=[] if what in IN_SHORT else only_whole) for what in INJURIES]
)
def test_a_report_with_two_photos_arrives_once_and_whole_in_spite_of(
    tell: Callable[..., None], what: str, phone: Callable[..., Phone], line: Line, product: Product
) -> None:
    inspector = phone()
    inspector.offline()
    mark = f"injured by {what}"
    made = [inspector.report(mark)]
    kept = inspector.kept()["items"]
    injury: Injury
    injury, on, times = INJURIES[what]
    line.injure(injury, on, times)
    inspector.online()
    inspector.open("#/outbox")
    inspector.until(lambda: inspector.impatient() or everything_is_accepted(inspector, 1))
    assert sum(line.injuries().values()) == times
    tell(mark, compare(product, mark, made, kept), dict(line.injuries()))
