"""Components for readers: near a place, in a box, and what is new on a street's ground since a number."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from geoalchemy2 import Geography
from sqlalchemy import ColumnElement, Connection, Numeric, Select, cast, func, or_, select, text, tuple_

from core.errors import NotFound
from grid.models import WGS84, Component, Department

FARTHEST_M = 2000.0
"""`near` looks no further."""

DEGREE_M = 110_500.0
"""A degree of latitude has at least so many metres, of longitude in the city at least 94,000."""


@dataclass(frozen=True)
class Near:
    """Within `metres` of a place in WGS-84."""

    lon: float
    lat: float
    metres: float


@dataclass(frozen=True)
class ComponentFilter:
    """Which components: in a box (west, south, east, north), near a place, of a category or class, by text."""

    box: tuple[float, float, float, float] | None = None
    near: Near | None = None
    category: str | None = None
    class_code: str | None = None
    text: str | None = None


def find_one(conn: Connection, component_id: str) -> dict[str, Any]:
    """One component, also a retired one. Raises NotFound `no-such-component`."""
    row = conn.execute(_shown(None).where(Component.id == component_id)).one_or_none()
    if row is None:
        raise NotFound("no-such-component", component=component_id)
    return _as_data(row)


def list_components(
    conn: Connection, wanted: ComponentFilter, *, limit: int, after: Sequence[Any] | None = None
) -> list[dict[str, Any]]:
    """Components in use, by id; near a place the nearest first, with `distance_m`.

    `after` is what stood last: [id], or near a place [distance_m, id].
    """
    distance = None if wanted.near is None else _distance(wanted.near)
    statement = _shown(distance).where(Component.retired_at.is_(None), *_conditions(wanted, distance)).limit(limit)
    if distance is None:
        statement = statement.order_by(Component.id)
        if after is not None:
            statement = statement.where(Component.id > after[0])
    else:
        statement = statement.order_by(distance, Component.id)
        if after is not None:
            statement = statement.where(tuple_(distance, Component.id) > tuple_(*after))
    return [_as_data(row) for row in conn.execute(statement)]


def _distance(near: Near) -> ColumnElement[float]:
    """Metres on the globe, to the centimetre."""
    point = func.ST_SetSRID(func.ST_Point(near.lon, near.lat), WGS84)
    metres = func.ST_Distance(cast(Component.geom, Geography), cast(point, Geography))
    return func.round(cast(metres, Numeric), 2)


def _shown(distance: ColumnElement[float] | None) -> Select[Any]:
    more = [] if distance is None else [distance.label("distance_m")]
    return select(
        Component.id, Component.category_code, Component.name, func.ST_X(Component.geom).label("lon"),
        func.ST_Y(Component.geom).label("lat"), Component.owner, Component.state, Component.retired_at,
        Department.code.label("department_code"), Department.name.label("department_name"), Department.name_en, *more,
    ).outerjoin(Department, Department.id == Component.department_id)  # fmt: skip


def _conditions(wanted: ComponentFilter, distance: ColumnElement[float] | None) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.box is not None:
        found.append(Component.geom.op("&&")(func.ST_MakeEnvelope(*wanted.box, WGS84)))
    if wanted.near is not None and distance is not None:
        # the box by the index (ix_components_geom), the metres on what lies in it
        near, reach = wanted.near, wanted.near.metres / DEGREE_M
        wide = reach / max(math.cos(math.radians(min(abs(near.lat) + reach, 89.0))), 0.01)
        box = (near.lon - wide, near.lat - reach, near.lon + wide, near.lat + reach)
        found += [Component.geom.op("&&")(func.ST_MakeEnvelope(*box, WGS84)), distance <= near.metres]
    if wanted.category is not None:
        found.append(Component.category_code == wanted.category)
    if wanted.class_code is not None:
        found.append(Component.category_code.startswith(wanted.class_code, autoescape=True))
    if wanted.text is not None:
        found.append(
            or_(
                Component.name.icontains(wanted.text, autoescape=True),
                Component.id.startswith(wanted.text, autoescape=True),
            )
        )
    return found


def _as_data(row: Any) -> dict[str, Any]:
    department = None
    if row.department_code is not None:
        department = {"code": row.department_code, "name": row.department_name, "name_en": row.name_en}
    found = {
        "id": row.id, "category_code": row.category_code, "name": row.name, "lon": row.lon, "lat": row.lat,
        "department": department, "owner": row.owner, "state": row.state, "retired_at": row.retired_at,
    }  # fmt: skip
    return found | ({"distance_m": float(row.distance_m)} if hasattr(row, "distance_m") else {})


# --- for the phone ----------------------------------------------------------------------------------------------------

# What lies there by ix_components_street_code_changed, one stretch a street; what has left it by ix_components_moved.
_SINCE = text("""
SELECT found.id, found.category_code, found.name, found.lon, found.lat,
    CASE WHEN departments.id IS NOT NULL THEN ARRAY[departments.name, departments.name_en] END AS department,
    found.owner, found.state, found.changed, found.gone
FROM (
    SELECT here.* FROM unnest(CAST(:streets AS text[])) AS street (code) CROSS JOIN LATERAL (
        SELECT id, category_code, name, ST_X(geom) AS lon, ST_Y(geom) AS lat, department_id, owner, state, changed,
            retired_at IS NOT NULL AS gone
        FROM components WHERE street_code = street.code AND changed > :after ORDER BY changed LIMIT :most
    ) AS here
    UNION ALL
    (SELECT id, category_code, name, NULL, NULL, NULL, owner, state, changed, true
    FROM components
    WHERE left_streets <> '{}' AND left_streets && CAST(:streets AS varchar[]) AND changed > :after
        AND (street_code IS NULL OR street_code <> ALL (CAST(:streets AS text[])))
    ORDER BY changed LIMIT :most)
) AS found
LEFT JOIN departments ON departments.id = found.department_id
ORDER BY found.changed LIMIT :most
""")


class Numbers(NamedTuple):
    """`last`: the highest number given out; `origin`: what has another value when the numbers may have begun anew."""

    last: int
    origin: str


# A dump that is restored makes another database; a backup of the files that is rolled forward begins another timeline.
_NUMBERS = text("""
SELECT changes.last_value AS last,
    concat_ws(' ', system_identifier, timeline_id, (SELECT oid FROM pg_database WHERE datname = current_database()))
FROM component_changes AS changes, pg_control_system(), pg_control_checkpoint()
""")


def component_numbers(conn: Connection) -> Numbers:
    """How far the numbers of `components_since` go, and whose they are."""
    return Numbers(*conn.execute(_NUMBERS).one())


def components_since(conn: Connection, street_codes: Sequence[str], after: int, limit: int) -> dict[str, Any]:
    """What changed on the streets' ground after the number `after`, in that order, at most `limit`, by one statement.

    `{items: [[id, category_code, name, lon, lat, department's names in both languages or None, owner, state]],
    gone: [ids], last, more}`. `gone` are those retired or moved elsewhere (from 0 on nobody has any: none are told).
    `last` is where to go on.
    """
    values = {"streets": sorted(set(street_codes)), "after": after, "most": limit + 1}
    rows = conn.execute(_SINCE, values).all()
    page = rows[:limit]
    return {
        "items": [[*row[:8]] for row in page if not row.gone],
        "gone": [row.id for row in page if row.gone] if after else [],
        "last": page[-1].changed if page else after,
        "more": len(rows) > limit,
    }
