"""In which street components lie: told in bulk by the same polygons and rules as `locate`."""

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from grid.coordinates import Floats
from grid.levels import Level
from grid.locating import Grid, load_grid
from grid.locating.many import OUTSIDE
from grid.lock import lock_ground

_PLACES = text("SELECT id, ST_X(geom) AS lon, ST_Y(geom) AS lat FROM components WHERE retired_at IS NULL ORDER BY id")
_UNPLACED = text("""
SELECT editions.id FROM editions WHERE editions.state = 'active'
    AND EXISTS (SELECT FROM components WHERE street_code IS NULL AND retired_at IS NULL)
""")
_MOVE = text("""
UPDATE components SET street_code = given.street, changed = nextval('component_changes'),
    left_streets = array_remove(left_streets, given.street) || array_remove(ARRAY[street_code], NULL)
FROM unnest(CAST(:ids AS text[]), CAST(:streets AS text[])) AS given (component, street)
WHERE components.id = given.component AND street_code IS DISTINCT FROM given.street
""")


def streets_of(grid: Grid, lons: Floats, lats: Floats) -> list[tuple[str | None, list[str]]]:
    """Of each point the street, and the codes from the root down to its village; None and none outside the grid."""
    located = grid.locate_many(lons, lats)
    lines = [[cell["code"] for cell in line] for line in grid.lines]
    streets = [next((cell["code"] for cell in line if cell["level"] == Level.STREET), None) for line in grid.lines]
    rows = np.where(located.method == OUTSIDE, -1, located.village).tolist()
    return [(None, []) if row < 0 else (streets[row], lines[row]) for row in rows]


def place_components(session: Session, edition_id: int) -> int:
    """Tell anew in which streets of an edition the components lie; how many were asked. Only those moved are changed.

    The caller holds the ground's lock.
    """
    rows = session.execute(_PLACES).all()
    if rows:
        grid = load_grid(session.connection(), edition_id)
        places = streets_of(grid, np.array([row.lon for row in rows]), np.array([row.lat for row in rows]))
        session.execute(_MOVE, {"ids": [row.id for row in rows], "streets": [street for street, _ in places]})
    return len(rows)


def place_unplaced(session: Session) -> int:
    """Tell of components in no street in which one of the active edition they lie; how many were asked.

    So are those from before components knew their street, and those that no street covers. Raises GridBusy.
    """
    if session.scalar(_UNPLACED) is None:
        return 0
    lock_ground(session)
    edition_id = session.scalar(_UNPLACED)
    return 0 if edition_id is None else place_components(session, edition_id)
