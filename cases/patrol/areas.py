"""The ground that somebody walks: their duty areas, or without any the cell of the centre where they are on duty."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from grid.coordinates import Floats, to_plane_many

DISTANCES = text("""
    WITH areas AS MATERIALIZED (
        SELECT overlays.plane FROM duty_people JOIN overlays ON overlays.id = duty_people.overlay_id
        WHERE duty_people.person_id = :person_id AND overlays.kind = 'duty_grid' AND overlays.retired_at IS NULL
    ), ground AS MATERIALIZED (
        SELECT plane FROM areas
        UNION ALL
        SELECT cells.plane FROM centres JOIN cells ON cells.code = centres.code
        JOIN editions ON editions.id = cells.edition_id AND editions.state = 'active'
        WHERE centres.id = :centre_id AND NOT EXISTS (SELECT FROM areas)
    )
    SELECT spot.position, min(ST_Distance(ground.plane, ST_Point(spot.x, spot.y)))
    FROM unnest(CAST(:x AS float8[]), CAST(:y AS float8[])) WITH ORDINALITY AS spot (x, y, position)
    CROSS JOIN ground GROUP BY spot.position ORDER BY spot.position
""")


def on_plane(places: Sequence[tuple[float, float]]) -> tuple[Floats, Floats]:
    """Metres east and north of places in WGS-84 lon, lat; infinite where the plane does not reach."""
    degrees = np.array(places, dtype=np.float64).reshape(-1, 2)
    return to_plane_many(degrees[:, 0], degrees[:, 1])


def distances(
    conn: Connection | Session, person_id: int, centre_id: int, places: Sequence[tuple[float, float]]
) -> list[float | None]:
    """Metres from each place (WGS-84 lon, lat) to the person's ground, 0 inside, in one statement.

    None where there is no such ground: nobody can be outside of it. Infinite on the other side of the globe.
    """
    xs, ys = on_plane(places)
    reached = np.isfinite(xs) & np.isfinite(ys)
    given = {"x": xs[reached].tolist(), "y": ys[reached].tolist()}
    rows = conn.execute(DISTANCES, given | {"person_id": person_id, "centre_id": centre_id}).all()
    if not rows and reached.any():
        return [None] * len(places)
    found: list[float | None] = [math.inf] * len(places)
    for position, (_, metres) in zip(np.flatnonzero(reached).tolist(), rows, strict=True):
        found[position] = metres
    return found


DISTANCES_EACH = text("""
    WITH cell AS MATERIALIZED (
        SELECT cells.plane FROM centres JOIN cells ON cells.code = centres.code
        JOIN editions ON editions.id = cells.edition_id AND editions.state = 'active' WHERE centres.id = :centre_id
    )
    SELECT spot.person_id, coalesce(
        (SELECT min(ST_Distance(overlays.plane, ST_Point(spot.x, spot.y))) FROM duty_people
            JOIN overlays ON overlays.id = duty_people.overlay_id
            WHERE duty_people.person_id = spot.person_id AND overlays.kind = 'duty_grid'
                AND overlays.retired_at IS NULL),
        (SELECT ST_Distance(cell.plane, ST_Point(spot.x, spot.y)) FROM cell)
    ) FROM unnest(CAST(:person AS int[]), CAST(:x AS float8[]), CAST(:y AS float8[])) AS spot (person_id, x, y)
""")


def distances_each(
    conn: Connection | Session, centre_id: int, places: Mapping[int, tuple[float, float]]
) -> dict[int, float | None]:
    """Metres from each person's place (WGS-84 lon, lat) to that person's ground, in one statement; as `distances`.

    People whom the plane does not reach are left out.
    """
    people = list(places)
    xs, ys = on_plane(list(places.values()))
    reached = np.flatnonzero(np.isfinite(xs) & np.isfinite(ys)).tolist()
    given = {"person": [people[index] for index in reached], "x": xs[reached].tolist(), "y": ys[reached].tolist()}
    return {row[0]: row[1] for row in conn.execute(DISTANCES_EACH, given | {"centre_id": centre_id})}
