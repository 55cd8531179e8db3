"""A town of nine cells in the middle of Shanghai, and what may go wrong with it."""

import json
from typing import Any

WEST, MIDDLE, EAST = 121.40, 121.42, 121.44
SOUTH, HALF, NORTH = 31.20, 31.21, 31.22

CITY = "310000000000"
LEFT, RIGHT = "310101000000", "310102000000"
LEFT_STREET, RIGHT_STREET = "310101001000", "310102001000"
SOUTH_WEST, NORTH_WEST = "310101001001", "310101001002"
SOUTH_EAST, NORTH_EAST = "310102001001", "310102001002"


def box(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    # every corner that a neighbour has is there, as in a real coverage
    ys = sorted({south, north} | ({HALF} if south < HALF < north else set()))
    xs = sorted({west, east} | ({MIDDLE} if west < MIDDLE < east else set()))
    ring = [[x, south] for x in xs] + [[east, y] for y in ys[1:]]
    ring += [[x, north] for x in reversed(xs[:-1])] + [[west, y] for y in reversed(ys[:-1])]
    return {"type": "Polygon", "coordinates": [ring]}


def cell(code: str, level: str, parent: str | None, name: str, geometry: dict[str, Any]) -> dict[str, Any]:
    properties = {"code": code, "level": level, "parent_code": parent, "name": name}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def town() -> dict[str, dict[str, Any]]:
    """Features by code: a city of two districts, each one street of two villages."""
    west, east = (WEST, SOUTH, MIDDLE, NORTH), (MIDDLE, SOUTH, EAST, NORTH)
    cells = [
        cell(CITY, "city", None, "小城", box(WEST, SOUTH, EAST, NORTH)),
        cell(LEFT, "district", CITY, "西区", box(*west)),
        cell(RIGHT, "district", CITY, "东区", box(*east)),
        cell(LEFT_STREET, "street", LEFT, "西街道", box(*west)),
        cell(RIGHT_STREET, "street", RIGHT, "东街道", box(*east)),
        cell(SOUTH_WEST, "village", LEFT_STREET, "西南村", box(WEST, SOUTH, MIDDLE, HALF)),
        cell(NORTH_WEST, "village", LEFT_STREET, "西北村", box(WEST, HALF, MIDDLE, NORTH)),
        cell(SOUTH_EAST, "village", RIGHT_STREET, "东南村", box(MIDDLE, SOUTH, EAST, HALF)),
        cell(NORTH_EAST, "village", RIGHT_STREET, "东北村", box(MIDDLE, HALF, EAST, NORTH)),
    ]
    return {feature["properties"]["code"]: feature for feature in cells}


def as_bytes(features: dict[str, dict[str, Any]] | list[dict[str, Any]], **more: Any) -> bytes:
    """The features as a GeoJSON file."""
    listed = list(features.values()) if isinstance(features, dict) else features
    return json.dumps({"type": "FeatureCollection", "features": listed, **more}).encode()
