"""Point → deepest cell and its line up to the city, with method and confidence: one by PostGIS, many by STRtree.

Both ways keep the same rules, which stand in `_choose` and `Grid.locate_many`, and a test proves them equal.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from core.errors import Invalid
from grid.coordinates import to_plane
from grid.errors import NoEdition, OutsideGrid

NEAR_M = 50.0
"""A point outside, but at most so far from a village, still belongs to it (contract §3)."""

FARTHEST_M = 5000.0
"""A larger accuracy says nothing more and is taken as this."""

UNSURE_M = 50.0
"""With an accuracy worse than this every answer is of low confidence (domain §8.3)."""

MOST_CANDIDATES = 20
"""The nearest so many are named; a circle of kilometres touches hundreds of villages."""

_ZONE = ZoneInfo("Asia/Shanghai")  # `valid_from` is a day of the city's calendar


class Method(StrEnum):
    """How the village was found."""

    INSIDE = "inside"
    EDGE = "edge"
    NEAR = "near"


class Confidence(StrEnum):
    """Whether another village may be meant."""

    HIGH = "high"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Another village that the accuracy circle touches; distance in metres, to the millimetre."""

    code: str
    name: str
    distance_m: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where a point lies. `line` holds {code, level, name} from the root down to the village itself."""

    line: list[dict[str, str]]
    method: Method
    confidence: Confidence
    candidates: list[Candidate]
    distance_m: float
    edition: str
    edition_id: int

    @property
    def cell(self) -> dict[str, str]:
        """The village: {code, level, name}."""
        return self.line[-1]

    @property
    def codes(self) -> list[str]:
        """Codes from the root down to the village."""
        return [cell["code"] for cell in self.line]

    def as_json(self) -> dict[str, Any]:
        """The answer of `/locate`, and what a case keeps as its placement."""
        cell = self.cell
        return {
            "cell": {"code": cell["code"], "name": cell["name"]},
            "line": self.line,
            # the village's own centre; which centre is responsible depends on the category (grid/routing.py)
            "centre": {"code": cell["code"], "name": cell["name"], "level": cell["level"]},
            "method": self.method.value,
            "confidence": self.confidence.value,
            "candidates": [
                {"code": other.code, "name": other.name, "distance_m": other.distance_m} for other in self.candidates
            ],
            "distance_m": self.distance_m,
            "edition": self.edition,
        }


@dataclass(frozen=True, slots=True)
class Hit:
    """A village within reach of a point; `distance_m` is 0 when it covers the point."""

    code: str
    name: str
    covers: bool
    distance_m: float
    row: Any


@dataclass(frozen=True, slots=True)
class Choice:
    """What the rules make of the villages within reach."""

    hit: Hit
    method: Method
    confidence: Confidence
    others: list[Hit]


def reach_of(accuracy_m: float | None, near_m: float) -> float:
    """The radius in metres within which villages matter."""
    return max(min(accuracy_m or 0.0, FARTHEST_M), near_m)


def choose(hits: Sequence[Hit], accuracy_m: float | None, near_m: float) -> Choice | None:
    """The rules: covered by one, inside; by several, on the edge, the lowest code; by none, the nearest within reach.

    Distances are compared to the millimetre, so that the rounding of one library or another decides nothing; of
    equally near villages the lowest code wins. None: no village is within reach.
    """
    circle = min(accuracy_m or 0.0, FARTHEST_M)
    reach = reach_of(accuracy_m, near_m)
    covering = [hit for hit in hits if hit.covers]
    if covering:
        best = min(covering, key=lambda hit: hit.code)
        method, radius = (Method.INSIDE if len(covering) == 1 else Method.EDGE), circle
    else:
        within = [hit for hit in hits if hit.distance_m <= reach]
        if not within:
            return None
        best = min(within, key=lambda hit: (hit.distance_m, hit.code))
        method, radius = Method.NEAR, reach
    others = [hit for hit in hits if hit is not best and hit.distance_m <= radius and (hit.covers or radius > 0)]
    others.sort(key=lambda hit: (hit.distance_m, hit.code))
    sure = method == Method.INSIDE and not others and circle <= UNSURE_M
    return Choice(best, method, Confidence.HIGH if sure else Confidence.LOW, others[:MOST_CANDIDATES])


# --- one point --------------------------------------------------------------------------------------------------------

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
    # the edges of plane and globe differ by centimetres: look a little further than the rules ask
    values: dict[str, Any] = {"lon": lon, "lat": lat, "x": x, "y": y, "reach": reach_of(accuracy_m, near_m) + 1.0}
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
        if code is not None
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


def outside(hits: Sequence[Hit], edition: str) -> OutsideGrid:
    """The refusal of a point outside, with the nearest of `hits`."""
    best = min(hits, key=lambda hit: (hit.distance_m, hit.code), default=None)
    if best is None:
        return OutsideGrid(nearest=None, distance_m=None, edition=edition)
    nearest: Mapping[str, str] = {"code": best.code, "name": best.name}
    return OutsideGrid(nearest=dict(nearest), distance_m=round(best.distance_m, 1), edition=edition)
