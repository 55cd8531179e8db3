"""One point by PostGIS, in one statement."""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from core.errors import Invalid
from grid.coordinates import to_plane
from grid.errors import NoEdition
from grid.locating.rules import NEAR_M, Candidate, Hit, Place, choose, outside, reach_of

_ZONE = ZoneInfo("Asia/Shanghai")  # `valid_from` is a day of the city's calendar

# One round trip. The partial index on the villages' planes finds what is within reach, covering or not; where nothing
# is, the last branch brings the nearest village for the refusal. An edition without any village in reach still answers.
_LOCATE = """
WITH edition AS MATERIALIZED ({edition}),
hits AS MATERIALIZED (
    SELECT cells.code, cells.name, cells.line,
        ST_Covers(cells.geom, ST_SetSRID(ST_Point(%(lon)s::float8, %(lat)s::float8), 4326)) AS covers,
        ST_Distance(cells.plane, ST_Point(%(x)s::float8, %(y)s::float8)) AS distance_m, edition.id, edition.name
    FROM edition JOIN cells ON cells.edition_id = edition.id
    WHERE cells.level = 'village' AND ST_DWithin(cells.plane, ST_Point(%(x)s::float8, %(y)s::float8), %(reach)s::float8)
)
SELECT * FROM hits
UNION ALL
SELECT nearest.*, edition.id, edition.name FROM edition LEFT JOIN LATERAL (
    SELECT cells.code, cells.name, cells.line, false,
        ST_Distance(cells.plane, ST_Point(%(x)s::float8, %(y)s::float8)) AS distance_m
    FROM cells WHERE cells.edition_id = edition.id AND cells.level = 'village'
    ORDER BY cells.plane <-> ST_Point(%(x)s::float8, %(y)s::float8) LIMIT 1
) AS nearest ON true
WHERE NOT EXISTS (SELECT FROM hits)
"""

_ACTIVE = "SELECT id, name FROM editions WHERE state = 'active'"
_BY_ID = "SELECT id, name FROM editions WHERE id = %(edition_id)s::int"
# In use at that moment; before the first was, the one that was valid by its date.
_AT = """
    SELECT id, name FROM editions
    WHERE state IN ('active', 'retired') AND (retired_at IS NULL OR retired_at > %(at)s::timestamptz)
        AND (activated_at <= %(at)s::timestamptz OR valid_from <= %(day)s::date)
    ORDER BY activated_at <= %(at)s::timestamptz DESC, valid_from DESC NULLS LAST, id LIMIT 1
"""
LOCATE_ACTIVE, LOCATE_BY_ID, LOCATE_AT = (_LOCATE.format(edition=edition) for edition in (_ACTIVE, _BY_ID, _AT))

# The same statement with pgbench's variables :a and :b for a point in the city; its plane coordinates to some metres.
BENCH_SQL = LOCATE_ACTIVE % {
    "lon": "(121.30 + :a * 5e-7)",
    "lat": "(31.05 + :b * 6.25e-7)",
    "x": "((121.30 - 121.46694 + :a * 5e-7) * 95340)",
    "y": "((31.05 - 31.23528 + :b * 6.25e-7) * 110870)",
    "reach": "51",
}


def locate(
    conn: Connection,
    lon: float,
    lat: float,
    *,
    accuracy_m: float | None = None,
    near_m: float = NEAR_M,
    edition_id: int | None = None,
    at: datetime | None = None,
) -> Place:
    """The village of a point in WGS-84 and its line, by the active edition, or that with `edition_id`, or in use `at`.

    One statement; meant for an autocommit connection. Raises OutsideGrid with the nearest village; NoEdition when none
    is active; Invalid on `at` when none was in use then.
    """
    statement, values = locate_statement(lon, lat, accuracy_m=accuracy_m, near_m=near_m, edition_id=edition_id, at=at)
    rows = conn.exec_driver_sql(statement, values).all()
    if not rows and at is not None:
        raise Invalid.one("at", "no_edition_then")
    return place_of(rows, accuracy_m=accuracy_m, near_m=near_m)


def locate_statement(
    lon: float,
    lat: float,
    *,
    accuracy_m: float | None = None,
    near_m: float = NEAR_M,
    edition_id: int | None = None,
    at: datetime | None = None,
) -> tuple[str, dict[str, Any]]:
    """The statement of `locate` and its values, for who sends it along with others."""
    x, y = to_plane(lon, lat)
    # a long edge lies metres apart on the plane and on the globe: look a little further than the rules ask
    reach = max(reach_of(accuracy_m, near_m), NEAR_M) + 1.0
    values: dict[str, Any] = {"lon": lon, "lat": lat, "x": x, "y": y, "reach": reach}
    if edition_id is not None:
        return LOCATE_BY_ID, values | {"edition_id": edition_id}
    if at is not None:
        return LOCATE_AT, values | {"at": at, "day": at.astimezone(_ZONE).date()}
    return LOCATE_ACTIVE, values


def place_of(rows: Sequence[Sequence[Any]], *, accuracy_m: float | None = None, near_m: float = NEAR_M) -> Place:
    """What the rows of `locate_statement` say. Raises OutsideGrid and NoEdition."""
    if not rows:
        raise NoEdition
    edition_id, edition = rows[0][5], rows[0][6]
    hits = [
        Hit(code, name, covers, 0.0 if covers else round(distance, 3), line)
        for code, name, line, covers, distance, *_ in rows
        # on the other side of the globe the plane has no answer, and PostGIS no distance
        if code is not None and distance is not None and math.isfinite(distance)
    ]
    chosen = choose(hits, accuracy_m, near_m)
    if chosen is None:
        raise outside(hits, edition)
    return Place(
        line=chosen.hit.row,
        method=chosen.method,
        confidence=chosen.confidence,
        candidates=[Candidate(other.code, other.name, other.distance_m) for other in chosen.others],
        distance_m=chosen.hit.distance_m,
        edition=edition,
        edition_id=edition_id,
    )
