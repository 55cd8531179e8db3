"""Lists, photos, categories and batches over HTTP: what the address takes, and how a no is told."""

import io
import json
from collections.abc import Callable
from uuid import uuid4

import pytest
from PIL import Image

from people.roles import Role
from tests.web.conftest import Browser

CASES, PHOTOS = "/api/v1/cases", "/api/v1/photos"
LINE = {
    "reported_at": "2026-01-05T10:00:00+08:00", "lon": 121.4737, "lat": 31.2304, "crs": "wgs84", "source": "hotline",
    "category_code": "06010", "description": "暴露垃圾",
}  # fmt: skip


def jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (32, 32)).save(out, "JPEG")
    return out.getvalue()


def send_batch(browser: Browser, count: int) -> list[dict[str, object]]:
    lines = b"\n".join(json.dumps(LINE | {"report_id": f"R{number}"}).encode() for number in range(count))
    answer = browser.post("/api/v1/reports:batch", data=lines, content_type="application/x-ndjson")
    assert answer.status_code == 200
    assert answer.mimetype == "application/x-ndjson"
    return [json.loads(line) for line in answer.text.splitlines()]


@pytest.fixture
def acceptor(browser: Callable[..., Browser]) -> Browser:
    return browser("acceptor", Role.ACCEPTOR)


def test_pages_follow_by_the_cursor(acceptor: Browser) -> None:
    sent = {line["case"]["no"] for line in send_batch(acceptor, 5)}
    found, cursor = set(), ""
    for size in (2, 2, 1):
        page = acceptor.get(f"{CASES}?limit=2&open=true&count=true{cursor}").json
        assert (len(page["items"]), page["count"]) == (size, 5)
        found |= {item["no"] for item in page["items"]}
        cursor = f"&cursor={page['next']}"
    assert found == sent
    assert page["next"] is None


BAD = [
    ("sort=price", "sort"),
    ("stage=gone", "stage"),
    ("bbox=1,2,3", "bbox"),
    ("bbox=nan,1,2,3", "bbox"),
    ("bbox=9,1,2,3", "bbox"),
    ("category=x", "category"),
    ("inspector=you", "inspector"),
    ("measure=joy", "measure"),
    ("reported_from=yesterday", "reported_from"),
    ("reported_from=2026-02-02&reported_to=2026-02-01", "reported_to"),
    ("limit=201", "limit"),
    ("colour=red", "colour"),
    ("cursor=xyz", "cursor"),
]


@pytest.mark.parametrize(("query", "field"), BAD)
def test_a_faulty_question_is_refused_by_field(acceptor: Browser, query: str, field: str) -> None:
    answer = acceptor.get(f"{CASES}?{query}")
    assert answer.status_code == 422
    assert any(error["field"].split(".")[0] == field and error["message"] for error in answer.json["errors"])


def test_a_cursor_of_another_order_is_refused(acceptor: Browser) -> None:
    send_batch(acceptor, 2)
    cursor = acceptor.get(f"{CASES}?limit=1").json["next"]
    assert acceptor.get(f"{CASES}?limit=1&sort=burns&cursor={cursor}").status_code == 422


def test_many_filters_may_stand_together(acceptor: Browser) -> None:
    send_batch(acceptor, 1)
    query = (
        "stage=reported,verifying&source=hotline&light=red&light=green&bbox=121,31,122,32&q=垃圾&reporter=me&mine=true"
    )
    assert len(acceptor.get(f"{CASES}?{query}").json["items"]) == 1
    assert len(acceptor.get(f"{CASES}?cell=310101000000&queue=accept").json["items"]) == 1
    assert acceptor.get(f"{CASES}?cell=310106000000").status_code == 404


def test_queues_and_likely_duplicates(acceptor: Browser) -> None:
    first, second = (line["case"]["no"] for line in send_batch(acceptor, 2))
    counts = acceptor.get(f"{CASES}/queues").json
    assert (counts["accept"], counts["mine"], counts["open"], counts["close"]) == (2, 2, 2, 0)
    assert [item["no"] for item in acceptor.get(f"{CASES}/{first}/similar").json["items"]] == [second]
    unknown = acceptor.get(f"{CASES}/1234567890123456789/similar")
    assert (unknown.status_code, unknown.json["type"]) == (404, "urn:wangge:problem:not-found")


def test_the_statistics_tell_the_measures_that_are_asked_for(browser: Callable[..., Browser]) -> None:
    leader = browser("leader", Role.LEADER)
    for query in ("measures=open_num,file_num", "measures=open_num&measures=file_num"):
        found = leader.get(f"/api/v1/statistics?by=source&{query}").json
        assert (found["totals"], found["rates"]) == ({"open_num": 0, "file_num": 0}, {})
    refused = leader.get("/api/v1/statistics?measures=open_num,joy")
    assert refused.status_code == 422
    assert [(fault["field"], fault["code"]) for fault in refused.json["errors"]] == [("measures.1", "not_one_of")]


def test_a_batch_tells_each_refusal_in_the_readers_language(acceptor: Browser) -> None:
    data = json.dumps(LINE | {"report_id": "R1", "crs": "utm"}) + "\n{"
    answer = acceptor.post(
        "/api/v1/reports:batch", data=data.encode(), content_type="application/x-ndjson",
        headers={"Accept-Language": "zh-CN"},
    )  # fmt: skip
    told = [json.loads(line) for line in answer.text.splitlines()]
    assert [(line["report_id"], line["status"], line["problem"]["title"]) for line in told] == [
        ("R1", 422, "填写有误"),
        (None, 422, "填写有误"),
    ]


def test_a_report_of_another_content_type_is_refused(acceptor: Browser) -> None:
    answer = acceptor.ask("PUT", f"/api/v1/reports/{uuid4()}", data=b"<xml/>", content_type="text/xml")
    assert answer.status_code == 415


def test_a_photo_goes_in_once_and_comes_out_clean(acceptor: Browser, browser: Callable[..., Browser]) -> None:
    path = f"{PHOTOS}/{uuid4()}"
    assert acceptor.ask("PUT", path, data=jpeg(), content_type="image/jpeg").status_code == 201
    assert acceptor.ask("PUT", path, data=jpeg(), content_type="image/jpeg").status_code == 200
    other = jpeg() + b"\0"
    refused = acceptor.ask("PUT", path, data=other, content_type="image/jpeg")
    assert (refused.status_code, refused.json["type"]) == (409, "urn:wangge:problem:photo-differs")
    handed = acceptor.get(path)
    assert (handed.status_code, handed.mimetype) == (200, "image/jpeg")
    assert acceptor.get(path, headers={"If-None-Match": handed.headers["ETag"]}).status_code == 304
    stranger = browser("stranger", Role.ACCEPTOR)
    assert stranger.get(path).status_code == 404


def test_a_full_disk_is_told_as_507(acceptor: Browser, app: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cases.photos.shutil.disk_usage", lambda _: type("Usage", (), {"free": 0})())
    answer = acceptor.ask("PUT", f"{PHOTOS}/{uuid4()}", data=jpeg(), content_type="image/jpeg")
    assert (answer.status_code, answer.json["type"]) == (507, "urn:wangge:problem:no-room")


def test_categories_come_whole_and_are_not_sent_again(acceptor: Browser) -> None:
    answer = acceptor.get("/api/v1/categories")
    assert len(answer.json["items"]) == 257
    assert all(item["conditions"] for item in answer.json["items"])
    again = acceptor.get("/api/v1/categories", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
