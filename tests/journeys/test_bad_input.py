"""Bad input: a clear problem each time, and nothing changed."""

import io
import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import text

from core.db import Sessions
from tests.journeys.conftest import PEOPLES_SQUARE, Seat, Time

REPORT: dict[str, Any] = {
    "category_code": "01001",
    "description": "井盖缺失",
    "point": PEOPLES_SQUARE,
    "source": "inspector",
    "photos": ["8a5ae1a8-57f1-4b6a-9a1c-000000000001"],
}


def rows(sessions: Sessions) -> dict[str, int]:
    with sessions.read.connect() as connection:
        return {
            table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
            for table in ("reports", "cases", "events", "clocks", "notices", "photos", "handlings")
        }


def without(*keys: str, **changes: Any) -> dict[str, Any]:
    return {key: value for key, value in {**REPORT, **changes}.items() if key not in keys}


CASES: list[tuple[str, dict[str, Any], str, str | None]] = [
    ("missing crs", without(point={"lon": 121.4737, "lat": 31.2304}), "invalid", "point.crs"),
    ("unknown crs", without(point={**PEOPLES_SQUARE, "crs": "utm"}), "invalid", "point.crs"),
    ("swapped", without(point={"lon": 31.2304, "lat": 121.4737, "crs": "wgs84"}), "invalid", "point"),
    ("in the sea", without(point={"lon": 123.5, "lat": 30.9, "crs": "wgs84"}), "outside-grid", None),
    ("at the pole", without(point={"lon": -180, "lat": -90, "crs": "bd09"}), "outside-grid", None),
    ("NUL in a component", without(component_id="a\0"), "invalid", None),
    ("unknown category", without(category_code="99999"), "invalid", "category_code"),
    ("10,000 characters", without(description="长" * 10_000), "invalid", "description"),
    ("naive time", without(observed_at="2026-03-10T09:00:00"), "invalid", "observed_at"),
    ("from the future", without(observed_at="2026-03-10T09:45:00+08:00"), "invalid", "observed_at"),
    ("no photo", without("photos"), "invalid", "photos"),
    ("21 photos", without(photos=[str(uuid.UUID(int=i)) for i in range(21)]), "invalid", "photos"),
    ("no place", without("point"), "invalid", "point"),
    ("negative accuracy", without(point={**PEOPLES_SQUARE, "accuracy_m": -1}), "invalid", "point.accuracy_m"),
    ("unknown source", without(source="martian"), "invalid", "source"),
    ("unknown field", without(colour="red"), "invalid", "colour"),
    ("text for a number", without(point={**PEOPLES_SQUARE, "lon": "here"}), "invalid", "point.lon"),
]


@pytest.mark.parametrize(("name", "body", "problem", "field"), CASES, ids=[case[0] for case in CASES])
def test_a_faulty_report_is_refused_clearly_and_changes_nothing(
    name: str, body: dict[str, Any], problem: str, field: str | None, seat: Callable[[str], Seat], sessions: Sessions
) -> None:
    inspector = seat("inspector")
    before = rows(sessions)
    for language in ("en", "zh-CN"):
        inspector.language = language
        answer = inspector.ask("PUT", f"/reports/{uuid.uuid4()}", json=body)
        assert answer.status_code == 422, answer.text
        assert answer.content_type.startswith("application/problem+json")
        assert answer.json["type"] == f"urn:wangge:problem:{problem}"
        assert answer.json["detail"] or answer.json["title"]
        if field:
            named = [error["field"] for error in answer.json["errors"]]
            assert any(one == field or one.startswith(f"{field}.") for one in named), named
            assert all(error["message"] for error in answer.json["errors"])
    assert rows(sessions) == before


def test_a_point_at_the_pole_refuses_its_line_of_a_batch_alone(seat: Callable[[str], Seat]) -> None:
    place = {"source": "hotline", "category_code": "01001", "description": "井盖缺失"}
    lines = [
        {"report_id": "P1", "point": PEOPLES_SQUARE, **place},
        {"report_id": "P2", "point": {"lon": -180, "lat": -90, "crs": "bd09"}, **place},
    ]
    admin = seat("admin")
    data = "\n".join(map(json.dumps, lines)).encode()
    answer = admin.ask("POST", "/reports:batch", data=data, content_type="application/x-ndjson")
    assert [json.loads(line)["status"] for line in answer.text.splitlines()] == [201, 422]
    located = admin.ask("GET", "/locate?lon=-180&lat=-90&crs=bd09")
    assert (located.status_code, located.json["type"]) == (422, "urn:wangge:problem:outside-grid")


def test_what_a_field_may_be_is_listed_without_words_of_another_language(seat: Callable[[str], Seat]) -> None:
    inspector = seat("inspector")
    body = without(point={**PEOPLES_SQUARE, "crs": "utm"})
    for language, words in (("zh-CN", "只能是以下之一:"), ("en", "Must be one of: ")):
        inspector.language = language
        answer = inspector.ask("PUT", f"/reports/{uuid.uuid4()}", json=body)
        (error,) = answer.json["errors"]
        assert error["message"] == f"{words}wgs84, gcj02, bd09, cgcs2000, sh2000"


def test_all_faults_of_a_report_are_told_at_once(seat: Callable[[str], Seat]) -> None:
    body = {
        "category_code": "99999",
        "description": "长" * 10_000,
        "point": {"lon": 121.4, "lat": 31.2},
        "source": "inspector",
        "photos": [],
        "observed_at": "2026-03-10T09:00:00",
    }
    answer = seat("inspector").put(f"/reports/{uuid.uuid4()}", body, 422)
    fields = {error["field"] for error in answer["errors"]}
    assert {"category_code", "description", "point.crs", "photos", "observed_at"} <= fields


def test_nan_is_no_number(seat: Callable[[str], Seat], sessions: Sessions) -> None:
    inspector, before = seat("inspector"), rows(sessions)
    for raw in ('{"point": {"lon": NaN, "lat": 31.2, "crs": "wgs84"}}', '{"point": {"lon": 1e999}}', "{", "[]", "null"):
        answer = inspector.ask("PUT", f"/reports/{uuid.uuid4()}", data=raw, content_type="application/json")
        assert answer.status_code in {400, 422}, (raw, answer.text)
        assert answer.content_type.startswith("application/problem+json")
    for query in ("lon=nan&lat=31.2&crs=wgs84", "lon=121.4&lat=31.2", "lon=inf&lat=1&crs=wgs84", "lat=1&crs=wgs84"):
        assert inspector.ask("GET", f"/locate?{query}").status_code == 422
    assert rows(sessions) == before


def test_a_report_id_that_is_no_uuid_is_refused(seat: Callable[[str], Seat]) -> None:
    assert seat("inspector").ask("PUT", "/reports/not-a-uuid", json=REPORT).status_code in {404, 422}


def test_a_photo_that_is_no_image_and_one_that_is_too_large_are_refused(
    seat: Callable[[str], Seat], sessions: Sessions
) -> None:
    inspector, before = seat("inspector"), rows(sessions)
    path = f"/photos/{uuid.uuid4()}"
    no_image = inspector.ask("PUT", path, data=b"%PDF-1.7 not an image", content_type="image/jpeg")
    assert no_image.status_code in {415, 422}
    assert no_image.content_type.startswith("application/problem+json")
    out = io.BytesIO()
    Image.new("RGB", (32, 32)).save(out, "JPEG")
    large = inspector.ask("PUT", path, data=out.getvalue() + b"\0" * (21 * 1024 * 1024), content_type="image/jpeg")
    assert large.status_code == 413
    assert large.content_type.startswith("application/problem+json")
    assert inspector.ask("GET", path).status_code == 404
    assert rows(sessions) == before


def test_a_verb_at_the_wrong_stage_says_where_the_case_stands(seat: Callable[[str], Seat], sessions: Sessions) -> None:
    no = seat("inspector").report()["case"]["no"]
    lead, before = seat("shift_lead"), rows(sessions)
    answer = lead.do("close", no, status=409)
    assert answer["type"] == "urn:wangge:problem:wrong-stage"
    assert rows(sessions) == before
    assert lead.ask("POST", f"/cases/{no}/verbs/fly", json={"version": 1}).status_code in {404, 422}


def test_a_verb_that_is_not_ones_own_is_forbidden(seat: Callable[[str], Seat]) -> None:
    no = seat("inspector").report()["case"]["no"]
    assert seat("handler").do("accept", no, status=403)["type"] == "urn:wangge:problem:not-allowed"


def test_an_expired_session_is_asked_to_sign_in_again(
    seat: Callable[[str], Seat], clock: Time, sessions: Sessions
) -> None:
    inspector = seat("inspector")
    before = rows(sessions)
    clock.now += timedelta(hours=13)
    answer = inspector.ask("PUT", f"/reports/{uuid.uuid4()}", json=REPORT)
    assert answer.status_code == 401
    assert rows(sessions) == before


def test_a_write_without_the_csrf_token_is_refused(seat: Callable[[str], Seat], sessions: Sessions) -> None:
    inspector, before = seat("inspector"), rows(sessions)
    inspector.csrf = "stolen"
    assert inspector.ask("PUT", f"/reports/{uuid.uuid4()}", json=REPORT).status_code == 403
    assert rows(sessions) == before


@pytest.mark.parametrize("version", [2**31, 2**63, -(2**40), 1.5, True, "1", None])
def test_a_version_that_none_can_be_is_refused(version: Any, seat: Callable[[str], Seat], sessions: Sessions) -> None:
    no = seat("inspector").report()["case"]["no"]
    acceptor, before = seat("acceptor"), rows(sessions)
    answer = acceptor.ask("POST", f"/cases/{no}/verbs/accept", json={"version": version})
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json["errors"]] == ["version"]
    assert rows(sessions) == before
