"""The body of a report: what is right, and every fault by its field and code, all at once."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest
from sqlalchemy.orm import Session

from cases.categories import categories
from cases.intake.body import Checked, Rules, as_sent, check_body, sent_values
from core.errors import Invalid
from core.settings import Settings

POINT = {"lon": 121.4737, "lat": 31.2304, "crs": "wgs84"}


def body(*without: str, **changes: Any) -> dict[str, Any]:
    plain = {
        "category_code": "01001",
        "description": "井盖缺失",
        "point": POINT,
        "source": "inspector",
        "photos": [str(uuid4())],
    }
    return {key: value for key, value in (plain | changes).items() if key not in without}


@pytest.fixture
def rules(session: Session, settings: Settings, now: datetime) -> Rules:
    return Rules(categories(session), settings.intake, now)


def check(values: object, rules: Rules) -> Checked:
    return check_body(as_sent(orjson.dumps(values)), rules)


def test_a_full_report_is_taken_as_it_is(rules: Rules, now: datetime) -> None:
    condition = rules.categories.by_code["01001"].conditions[0]
    checked = check(
        body(observed_at="2026-03-10T09:00:00+08:00", condition=condition.id, address="人民大道", component_id="x"),
        rules,
    )
    assert checked.category is rules.categories.by_code["01001"]
    assert checked.condition is condition
    assert checked.body.observed_at == now - timedelta(minutes=30)


FAULTS: list[tuple[dict[str, Any], set[tuple[str, str]]]] = [
    (body("point"), {("point", "point_or_address")}),
    (body("point", address="  "), {("point", "point_or_address")}),
    (body(point={"lon": 121.4, "lat": 31.2}), {("point.crs", "required")}),
    (body(point={"lon": 121.4, "crs": "wgs84"}), {("point", "point_incomplete")}),
    (body(point={"lon": 121.4, "lat": 31.2, "crs": "sh2000"}), {("point", "point_incomplete")}),
    (body(point={"lon": 31.2, "lat": 121.4, "crs": "gcj02"}), {("point", "swapped")}),
    (body(point={"lon": 200, "lat": 31.2, "crs": "wgs84"}), {("point", "no_place")}),
    (body(point={"x": 9e5, "y": 0, "crs": "sh2000"}), {("point", "no_place")}),
    (body(point=POINT | {"accuracy_m": -1}), {("point.accuracy_m", "too_small")}),
    (body(point=POINT | {"accuracy_m": 1e9}), {("point.accuracy_m", "too_large")}),
    (body(point=POINT | {"lon": "121.4"}), {("point.lon", "not_number")}),
    (body(point=POINT | {"lon": True}), {("point.lon", "not_number")}),
    (body(point=POINT | {"height": 3}), {("point.height", "unknown")}),
    (body(point=[121, 31]), {("point", "not_object")}),
    (body(category_code="01016"), {("category_code", "no_such_category")}),
    (body("category_code", source="public"), {("category_code", "category_needed")}),
    (body(description="长" * 2001), {("description", "too_long")}),
    (body(description="a\0b"), {("description", "nul_character")}),
    (body(address="路" * 501), {("address", "too_long")}),
    (body(source="martian"), {("source", "not_one_of")}),
    (body("source"), {("source", "required")}),
    (body(photos=[]), {("photos", "photo_needed")}),
    (body("photos"), {("photos", "photo_needed")}),
    (body(photos=["x"]), {("photos.0", "not_uuid")}),
    (body(photos=[str(uuid4())] * 2), {("photos", "duplicate")}),
    (body(photos=[str(uuid4()) for _ in range(21)]), {("photos", "too_many")}),
    (body(observed_at="2026-03-10T09:00:00"), {("observed_at", "no_offset")}),
    (body(observed_at="2026-03-10T09:41:00+08:00"), {("observed_at", "in_future")}),
    (body(observed_at="1999-12-31T00:00:00Z"), {("observed_at", "too_long_ago")}),
    (body(observed_at="0001-01-01T00:00:00+14:00"), {("observed_at", "too_long_ago")}),
    (body(observed_at="2026-02-30T00:00:00Z"), {("observed_at", "not_time")}),
    (body(observed_at="yesterday"), {("observed_at", "not_time")}),
    (body(observed_at=1_741_570_000), {("observed_at", "not_time")}),
    (body(condition=-1), {("condition", "no_such_condition")}),
    (body("category_code", condition=1), {("condition", "no_such_condition")}),
    (body(component_id=""), {("component_id", "too_short")}),
    (body(colour="red"), {("colour", "unknown")}),
    (body(self_handled=True), {("photos", "before_and_after")}),
    (
        body("category_code", source="hotline", self_handled=True),
        {("self_handled", "inspectors_only"), ("category_code", "category_needed"), ("photos", "before_and_after")},
    ),
    (
        {"source": "public", "description": "x" * 9999, "observed_at": "x"},
        {
            ("point", "point_or_address"),
            ("category_code", "category_needed"),
            ("description", "too_long"),
            ("observed_at", "not_time"),
        },
    ),
]


@pytest.mark.parametrize(("values", "faults"), FAULTS)
def test_each_fault_is_told_by_field_and_code(
    values: dict[str, Any], faults: set[tuple[str, str]], rules: Rules
) -> None:
    with pytest.raises(Invalid) as refused:
        check(values, rules)
    assert {(fault.field, fault.code) for fault in refused.value.errors} == faults


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b'"x"', b'{"point": NaN}', b"\xff"])
def test_what_is_no_json_object_is_no_report(raw: bytes) -> None:
    with pytest.raises(Invalid):
        as_sent(raw)


def test_an_inspectors_quick_report_needs_no_category(rules: Rules) -> None:
    assert check(body("category_code"), rules).category is None


def test_a_moment_ten_minutes_ahead_is_just_right(rules: Rules) -> None:
    assert check(body(observed_at="2026-03-10T09:40:00+08:00"), rules).body.observed_at == rules.latest


def test_order_of_fields_and_white_space_make_no_other_body() -> None:
    one, two = b'{"a": 1, "b": [1, 2], "c": null}', b'{"b":[1,2],\n"a":1}'
    assert as_sent(one).sha256 == as_sent(two).sha256
    assert as_sent(one).sha256 != as_sent(b'{"a":1,"b":[2,1]}').sha256


def test_a_line_may_give_numbers_and_truth_as_text(rules: Rules) -> None:
    values = body(point={"lon": "121.4", "lat": "31.2", "crs": "bd09"}, self_handled="false")
    checked = check_body(sent_values(values), rules)
    assert checked.body.point is not None
    assert checked.body.point.pair == (121.4, 31.2)
