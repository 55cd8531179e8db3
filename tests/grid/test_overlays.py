"""Duty areas from a file: all or nothing, and the same file again changes nothing."""

from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import Invalid
from grid.errors import BadGridFile
from grid.models import Overlay
from grid.overlays import load_areas, read_polygon

STREET = "310101002000"


def feature(code: Any = "A1", west: float = 121.470, **other: Any) -> dict[str, Any]:
    ring = [[west, 31.232], [west + 0.006, 31.232], [west + 0.006, 31.236], [west, 31.236], [west, 31.232]]
    return {
        "type": "Feature",
        "properties": {"code": code, "name": "人民广场片区", "centre_code": STREET} | other,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def file(*features: Any) -> bytes:
    return orjson.dumps({"type": "FeatureCollection", "features": features})


def test_areas_are_loaded_changed_and_left_alone(session: Session, now: datetime) -> None:
    later = now + timedelta(days=1)
    assert load_areas(session, file(feature(), feature("A2", 121.4701)), now=now) == 2
    assert load_areas(session, file(feature(), feature("A2", 121.4702)), now=later) == 2
    found = dict(session.execute(select(Overlay.code, Overlay.changed_at)).all())
    assert found == {"A1": now, "A2": later}


def test_every_fault_of_a_file_is_named_and_nothing_is_loaded(session: Session, now: datetime) -> None:
    bow = feature("bow")
    bow["geometry"]["coordinates"][0][1:3] = reversed(bow["geometry"]["coordinates"][0][1:3])
    bad = file(
        feature(), feature(), feature("x" * 25), feature(None), feature("far", 116.4), bow,
        feature("nowhere", centre_code="1"), {"type": "Feature", "properties": None, "geometry": None}, 7,
    )  # fmt: skip
    with pytest.raises(Invalid) as refused:
        load_areas(session, bad, now=now)
    assert [(error.field, error.code) for error in refused.value.errors] == [
        ("features.3.code", "bad_form"),
        ("features.4.code", "required"),
        ("features.5.geometry", "not_its_ground"),
        ("features.6.geometry", "crosses_itself"),
        ("features.7.centre_code", "no_such_centre"),
        ("features.8.code", "required"),
        ("features.8.name", "required"),
        ("features.8.centre_code", "no_such_centre"),
        ("features.9.code", "required"),
        ("features.9.name", "required"),
        ("features.9.centre_code", "no_such_centre"),
        ("features.A1", "duplicate"),
    ]
    assert session.scalars(select(Overlay.code)).all() == []


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"{}", file(), b'{"features": "x"}', b"\xff\xfe", b"PK\x03\x04"])
def test_what_is_no_file_of_areas_is_refused(data: bytes, session: Session, now: datetime) -> None:
    with pytest.raises(BadGridFile):
        load_areas(session, data, now=now)


def test_a_third_dimension_is_left_out() -> None:
    given = feature()["geometry"]
    given["coordinates"] = [[[*place, 4.0] for place in given["coordinates"][0]]]
    assert not read_polygon(given).has_z
