"""What has arrived, as the database and the photo folder have it, against what was made on the phone."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.browser.field.camera import number_of
from tests.browser.field.phone import Made
from tests.browser.field.product import Product

ARRIVED = """
SELECT r.id::text AS id, r.received_at, c.no, c.description, r.body, c.id AS case_id
FROM reports r JOIN cases c ON c.id = r.case_id
WHERE c.description LIKE %s ORDER BY r.received_at, r.case_id
"""
PHOTOS = """
SELECT k.photo_id::text, p.sha256, p.bytes FROM case_photos k LEFT JOIN photos p ON p.id = k.photo_id
WHERE k.case_id = %s
"""


@dataclass
class Arrived:
    """A report at the server, with the numbers that stand in its photos."""

    id: str
    no: str
    words: str
    received_at: datetime
    observed_at: datetime
    device_at: datetime | None
    photos: dict[str, str]  # id → SHA-256 of the file that is there
    numbers: list[int]


def arrived(product: Product, mark: str) -> list[Arrived]:
    """The reports whose words begin with the mark, in the order in which they came."""
    return [_read(product, *row) for row in product.rows(ARRIVED, f"{mark}%")]


def _read(product: Product, id_: str, at: datetime, no: str, words: str, body: dict[str, Any], case: int) -> Arrived:
    photos, numbers = {}, []
    for photo_id, sha256, size in product.rows(PHOTOS, case):
        assert sha256, f"the photo {photo_id} of {words} has not arrived"
        file = product.photos / sha256[:2] / sha256[2:4] / sha256
        content = file.read_bytes()
        assert len(content) == size
        assert hashlib.sha256(content).hexdigest() == sha256
        photos[photo_id] = sha256
        numbers.append(number_of(file))
    device = body.get("device_at")
    return Arrived(
        id_, no, words, at, datetime.fromisoformat(body["observed_at"]),
        datetime.fromisoformat(device) if device else None, photos, sorted(numbers),
    )  # fmt: skip


def compare(product: Product, mark: str, made: list[Made], kept: list[dict[str, Any]]) -> dict[str, int]:
    """Proves that all that was made is there once, in order, with its own photos and times; answers with the counts.

    `kept` is what lay in the phone's outbox before anything was sent.
    """
    there = arrived(product, mark)
    counts = Counter(one.words for one in there)
    lost = [one.words for one in made if counts[one.words] == 0]
    twice = [words for words, n in counts.items() if n > 1]
    assert not lost, f"lost: {lost}"
    assert not twice, f"twice: {twice}"
    assert len(there) == len(made)
    by_words = {one.words: one for one in there}
    for report in made:
        _compare_one(report, by_words[report.words])
    on_phone = {item["id"]: item for item in kept if item["kind"] == "report"}
    assert {one.id for one in there} <= set(on_phone), "other uuids than the phone's"
    for one in there:
        own = {picture["id"]: picture["own_sha256"] for picture in on_phone[one.id]["pictures"]}
        assert one.photos == own, f"{one.words}: other bytes than the phone's"
    order = [one.words for one in there]
    assert order == [one.words for one in made], f"out of order: {order}"
    photos = [sha256 for one in there for sha256 in one.photos.values()]
    assert len(photos) == len(set(photos)) == sum(len(one.photos) for one in made)
    return {"reports": len(there), "photos": len(photos), "lost": len(lost), "twice": len(twice)}


def _compare_one(report: Made, one: Arrived) -> None:
    slack = timedelta(seconds=2)
    assert report.after - slack <= one.observed_at <= report.before + slack, (
        f"{report.words}: made {report.before}, says {one.observed_at}, device {one.device_at}"
    )
    assert one.numbers == sorted(report.photos), f"{report.words}: photos {one.numbers}, made {report.photos}"
    if report.clock_wrong:
        assert one.device_at, f"{report.words}: device_at is not kept"
        wrong = one.device_at - one.observed_at
        assert abs(wrong.total_seconds() - report.clock_wrong) < 4, (
            f"{report.words}: the phone's clock was {wrong} wrong"
        )
