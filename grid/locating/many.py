"""Many points by an STRtree over one edition's villages: the same polygons and the same rules as `locate`."""

from collections import defaultdict
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from grid.coordinates import Floats, to_plane_many
from grid.errors import NoEdition, OutsideGrid
from grid.locating.rules import (
    FARTHEST_M,
    MOST_CANDIDATES,
    NEAR_M,
    UNSURE_M,
    Candidate,
    Confidence,
    Hit,
    Method,
    Place,
    outside,
)

Rows = NDArray[np.int64]

_ROUNDING_DEGREES = 1e-12  # far more than rounding moves an edge, far less than anybody can measure (0.1 µm)

INSIDE, EDGE, NEAR, OUTSIDE = range(4)
METHODS = (Method.INSIDE, Method.EDGE, Method.NEAR, None)


@dataclass(frozen=True)
class Located:
    """Answers to n points, as arrays of n: `village` is a row of the grid or -1, `method` an index into METHODS.

    `distance_m` is 0 where the village covers the point and NaN outside. `others` names, for some of the points of low
    confidence, rows and distances of the other villages that the accuracy circle touches, the nearest first.
    """

    village: Rows
    method: NDArray[np.int8]
    sure: NDArray[np.bool_]
    distance_m: Floats
    others: dict[int, list[tuple[int, float]]]


class Grid:
    """The villages of one edition in memory, in the order of their codes; never changes."""

    def __init__(self, edition_id: int, edition: str, villages: list[tuple[str, str, Any, bytes, bytes]]) -> None:
        villages = sorted(villages, key=lambda village: village[0])
        self.edition_id = edition_id
        self.edition = edition
        self.codes: list[str] = [village[0] for village in villages]
        self.names: list[str] = [village[1] for village in villages]
        self.lines: list[list[dict[str, str]]] = [village[2] for village in villages]
        self.geoms: NDArray[Any] = np.array(shapely.from_wkb([bytes(village[3]) for village in villages]), dtype=object)
        self.planes: NDArray[Any] = np.array(
            shapely.from_wkb([bytes(village[4]) for village in villages]), dtype=object
        )
        shapely.prepare(self.geoms)
        shapely.prepare(self.planes)
        self._tree = shapely.STRtree(self.geoms)
        self._plane_tree = shapely.STRtree(self.planes)

    def locate_many(
        self, lons: Floats, lats: Floats, *, accuracy_m: Floats | None = None, near_m: float = NEAR_M
    ) -> Located:
        """The villages of n points in WGS-84, by the rules of `locate`; NaN in `accuracy_m` means that none was given.

        Lowest code and lowest row are the same, because the rows stand in the order of the codes.
        """
        count = len(lons)
        circle = np.zeros(count) if accuracy_m is None else np.minimum(np.nan_to_num(accuracy_m, nan=0.0), FARTHEST_M)
        points, covering = self._cover(lons, lats)
        hits = np.bincount(points, minlength=count)
        village = np.full(count, len(self.codes), dtype=np.int64)
        np.minimum.at(village, points, covering)
        method = np.where(hits == 0, OUTSIDE, np.where(hits == 1, INSIDE, EDGE)).astype(np.int8)
        distance = np.where(hits == 0, np.nan, 0.0)
        village[hits == 0] = -1

        pairs = self._within(lons, lats, circle, hits, np.maximum(circle, near_m))
        self._settle_near(pairs, np.maximum(circle, near_m), village, method, distance)
        others = self._name_others(points, covering, pairs, village, method, circle)
        sure = (method == INSIDE) & (circle <= UNSURE_M)
        sure[list(others)] = False
        return Located(village, method, sure, distance, others)

    def place(self, located: Located, i: int) -> Place:
        """The i-th answer in full, as `locate` gives it; not for points outside."""
        row, method = int(located.village[i]), METHODS[located.method[i]]
        assert method is not None
        return Place(
            line=self.lines[row],
            method=method,
            confidence=Confidence.HIGH if located.sure[i] else Confidence.LOW,
            candidates=[
                Candidate(self.codes[other], self.names[other], away) for other, away in located.others.get(i, ())
            ],
            distance_m=float(located.distance_m[i]),
            edition=self.edition,
            edition_id=self.edition_id,
        )

    def refusal(self, lon: float, lat: float) -> OutsideGrid:
        """The refusal of a point outside, with the nearest village; none is where the plane does not reach."""
        xs, ys = to_plane_many(np.array([lon]), np.array([lat]))
        if not (self.codes and np.isfinite(xs[0]) and np.isfinite(ys[0])):
            return outside([], self.edition)
        point = shapely.points(xs[0], ys[0])
        rows, away = self._plane_tree.query_nearest(point, return_distance=True, all_matches=True)
        row = int(rows.min())
        return outside([Hit(self.codes[row], self.names[row], False, float(away[0]), None)], self.edition)

    # --- steps ---

    def _cover(self, lons: Floats, lats: Floats) -> tuple[Rows, Rows]:
        """Pairs (point, village) in which the village covers the point: boxes first, then the prepared polygons.

        PostGIS tells the side of an edge by one product less another in double precision, and a difference of nothing
        as "on the edge"; shapely is exact. What lies within rounding of an edge is told as PostGIS does.
        """
        spots = shapely.points(lons, lats)
        points, rows = self._tree.query(spots)
        covers = shapely.intersects_xy(self.geoms[rows], lons[points], lats[points])
        missed = np.flatnonzero(~covers)
        doubtful = missed[shapely.dwithin(self.geoms[rows[missed]], spots[points[missed]], _ROUNDING_DEGREES)]
        for pair in doubtful.tolist():
            point = points[pair]
            covers[pair] = _on_an_edge(self.geoms[rows[pair]], lons[point], lats[point])
        return points[covers], rows[covers]

    def _within(
        self, lons: Floats, lats: Floats, circle: Floats, hits: Rows, reach: Floats
    ) -> tuple[Rows, Rows, Floats]:
        """Triples (point, village, metres) within reach, for the points that are uncovered or have a circle."""
        asked = np.flatnonzero((hits == 0) | (circle > 0))
        if not len(asked):
            return np.array([], dtype=np.int64), np.array([], dtype=np.int64), np.array([])
        xs, ys = to_plane_many(lons[asked], lats[asked])
        on_plane = np.isfinite(xs) & np.isfinite(ys)  # on the other side of the globe it has no answer
        asked = asked[on_plane]
        radius = np.where(hits[asked] == 0, reach[asked], circle[asked])
        spots = shapely.points(xs[on_plane], ys[on_plane])
        found, rows = self._plane_tree.query(spots, predicate="dwithin", distance=radius + 1.0)
        metres = np.round(shapely.distance(self.planes[rows], spots[found]), 3)
        kept = metres <= radius[found]
        return asked[found[kept]], rows[kept], metres[kept]

    def _settle_near(
        self,
        pairs: tuple[Rows, Rows, Floats],
        reach: Floats,
        village: Rows,
        method: NDArray[np.int8],
        distance: Floats,
    ) -> None:
        points, rows, metres = pairs
        open_ = (method[points] == OUTSIDE) & (metres <= reach[points])
        points, rows, metres = points[open_], rows[open_], metres[open_]
        order = np.lexsort((rows, metres, points))
        nearest, first = np.unique(points[order], return_index=True)
        village[nearest] = rows[order][first]
        distance[nearest] = metres[order][first]
        method[nearest] = NEAR

    def _name_others(
        self,
        points: Rows,
        covering: Rows,
        pairs: tuple[Rows, Rows, Floats],
        village: Rows,
        method: NDArray[np.int8],
        circle: Floats,
    ) -> dict[int, list[tuple[int, float]]]:
        """The other villages touched, as rows with metres: those that cover too (0 m), and those in the circle."""
        found: defaultdict[int, dict[int, float]] = defaultdict(dict)
        for point, row, away in zip(*(part.tolist() for part in pairs), strict=True):
            if row != village[point]:
                found[point][row] = away
        edges = method[points] == EDGE
        for point, row in zip(points[edges].tolist(), covering[edges].tolist(), strict=True):
            if row != village[point]:
                found[point][row] = 0.0
        return {
            point: sorted(rows.items(), key=lambda pair: (pair[1], pair[0]))[:MOST_CANDIDATES]
            for point, rows in found.items()
        }


def _on_an_edge(geom: Any, lon: float, lat: float) -> bool:
    """Whether PostGIS takes the point as lying on one of the polygons' edges."""
    rings = shapely.get_rings(shapely.get_parts(geom))
    vertices, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    a, b = vertices[:-1][same], vertices[1:][same]
    side = (b[:, 0] - a[:, 0]) * (lat - a[:, 1]) - (lon - a[:, 0]) * (b[:, 1] - a[:, 1])
    point = np.array([lon, lat])
    beside = (np.minimum(a, b) <= point) & (point <= np.maximum(a, b))
    return bool(((side == 0) & beside.all(axis=1)).any())


# --- from the database ------------------------------------------------------------------------------------------------

_VILLAGES = """
SELECT code, name, line, ST_AsBinary(geom), ST_AsBinary(plane) FROM cells
WHERE edition_id = :edition AND level = 'village'
"""


def load_grid(conn: Connection, edition_id: int | None = None) -> Grid:
    """The villages of an edition, of the active one if none is named. Raises NoEdition."""
    if edition_id is None:
        return active_grid(conn)
    name = conn.execute(text("SELECT name FROM editions WHERE id = :id"), {"id": edition_id}).scalar()
    if name is None:
        raise NoEdition
    rows = conn.execute(text(_VILLAGES), {"edition": edition_id}).all()
    return Grid(edition_id, name, [(row[0], row[1], row[2], row[3], row[4]) for row in rows])


_kept: dict[tuple[str, int], Grid] = {}
_lock = Lock()


def active_grid(conn: Connection) -> Grid:
    """The active edition's grid, kept in the process; which edition is active is asked each time. Raises NoEdition.

    What follows must still refuse to write when the edition has changed meanwhile: this reads, and holds nothing.
    """
    edition_id = conn.execute(text("SELECT id FROM editions WHERE state = 'active'")).scalar()
    if edition_id is None:
        raise NoEdition
    key = (conn.engine.url.render_as_string(), edition_id)
    with _lock:
        if key not in _kept:
            _kept.clear()  # the former edition's; one is enough
            _kept[key] = load_grid(conn, edition_id)
        return _kept[key]
