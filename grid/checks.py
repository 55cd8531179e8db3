"""What may be wrong with a grid: codes, tree, polygons, gaps and overlaps; every fault found, all at once."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from grid.coordinates import to_plane_many
from grid.levels import Level

TOLERANCE_M2 = 1.0
"""Overlaps, gaps and overhangs up to this area are rounding of coordinates."""


class FaultKind(StrEnum):
    """Stable names of faults, as stored and as sent."""

    MISSING_PROPERTY = "missing_property"
    BAD_PROPERTY = "bad_property"
    UNKNOWN_LEVEL = "unknown_level"
    DUPLICATE_CODE = "duplicate_code"
    NO_GEOMETRY = "no_geometry"
    NOT_FINITE = "not_finite"
    OUT_OF_RANGE = "out_of_range"
    INVALID_POLYGON = "invalid_polygon"
    NO_ROOT = "no_root"
    TWO_ROOTS = "two_roots"
    ORPHAN = "orphan"
    CYCLE = "cycle"
    LEVEL_ORDER = "level_order"
    CHILDLESS = "childless"
    OUTSIDE_PARENT = "outside_parent"
    OVERLAP = "overlap"
    GAP = "gap"


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: with which cells, over how much ground (m² in Shanghai 2000), and in words."""

    kind: FaultKind
    codes: tuple[str, ...]
    detail: str
    area_m2: float | None = None

    @property
    def words(self) -> str:
        """The fault in one English line, with codes and area."""
        area = "" if self.area_m2 is None else f" ({self.area_m2:,.1f} m²)"
        return f"{self.kind.value}: {' '.join(self.codes)}: {self.detail}{area}"

    def as_json(self) -> dict[str, Any]:
        """Plain data, for the edition's row and the API."""
        area = None if self.area_m2 is None else round(self.area_m2, 1)
        return {"kind": self.kind.value, "codes": list(self.codes), "area_m2": area, "detail": self.detail}


@dataclass(frozen=True)
class CellData:
    """A cell as read from a file: its properties, and its polygons in WGS-84 (None: there are none to compare)."""

    code: str
    level: Level
    parent_code: str | None
    name: str
    nbs_code: str | None
    geom: Any


def check_cells(cells: Sequence[CellData]) -> list[Fault]:
    """All faults of a whole grid: duplicate codes, the tree, the polygons, and how these lie to each other.

    Of several cells with one code the first stands for all in the other checks. Overlaps, gaps and overhangs are
    found in WGS-84, where the vertices are, and measured in Shanghai 2000.
    """
    counts = Counter(cell.code for cell in cells)
    faults = [
        Fault(FaultKind.DUPLICATE_CODE, (code,), f"{count} cells have this code")
        for code, count in counts.items()
        if count > 1
    ]
    first: dict[str, CellData] = {}
    for cell in cells:
        first.setdefault(cell.code, cell)
    return faults + check_tree(first) + check_ground(list(first.values()))


# --- the tree ---------------------------------------------------------------------------------------------------------


def check_tree(cells: dict[str, CellData]) -> list[Fault]:
    """Exactly one root; every other cell hangs one level below its parent; only villages have no children."""
    return [*_check_roots(cells), *_check_parents(cells), *_find_cycles(cells), *_check_childless(cells)]


def _check_roots(cells: dict[str, CellData]) -> Iterable[Fault]:
    roots = tuple(cell.code for cell in cells.values() if cell.parent_code is None)
    if not roots:
        yield Fault(FaultKind.NO_ROOT, (), "no cell is without a parent, so nothing is the whole city")
    if len(roots) > 1:
        yield Fault(FaultKind.TWO_ROOTS, roots, f"{len(roots)} cells have no parent; exactly one may")


def _check_parents(cells: dict[str, CellData]) -> Iterable[Fault]:
    for cell in cells.values():
        if cell.parent_code is None:
            continue
        parent = cells.get(cell.parent_code)
        if parent is None:
            detail = f"its parent {cell.parent_code} is not in the grid"
            yield Fault(FaultKind.ORPHAN, (cell.code,), detail)
        elif cell.level.above != parent.level:
            detail = f"a {cell.level} cannot lie directly in a {parent.level}"
            yield Fault(FaultKind.LEVEL_ORDER, (cell.code, parent.code), detail)


def _find_cycles(cells: dict[str, CellData]) -> Iterable[Fault]:
    done: set[str] = set()
    for start in cells:
        path: list[str] = []
        code: str | None = start
        while code in cells and code not in done:
            done.add(code)
            path.append(code)
            code = cells[code].parent_code
        if code in path:
            ring = tuple(path[path.index(code) :])
            yield Fault(FaultKind.CYCLE, ring, "each is the parent of another, in a ring")


def _check_childless(cells: dict[str, CellData]) -> Iterable[Fault]:
    parents = {cell.parent_code for cell in cells.values()}
    for cell in cells.values():
        if cell.level != Level.VILLAGE and cell.code not in parents:
            yield Fault(FaultKind.CHILDLESS, (cell.code,), f"a {cell.level} without cells in it: no village there")


# --- the polygons -----------------------------------------------------------------------------------------------------


def to_plane_geometry(geoms: Any) -> Any:
    """Geometries (one or an array) in WGS-84, moved to the metres of Shanghai 2000 vertex by vertex."""
    return shapely.transform(geoms, lambda c: np.column_stack(to_plane_many(c[:, 0], c[:, 1])))


def area_m2(geoms: Any) -> NDArray[np.float64]:
    """Areas in m² of an array of geometries in WGS-84."""
    areas: NDArray[np.float64] = shapely.area(to_plane_geometry(geoms))
    return areas


def check_ground(cells: Sequence[CellData]) -> list[Fault]:
    """Valid polygons; children inside their parent, without overlap among siblings, without a gap in the parent."""
    solid = [cell for cell in cells if cell.geom is not None]
    geoms = np.array([cell.geom for cell in solid], dtype=object)
    invalid = np.flatnonzero(~shapely.is_valid(geoms)) if solid else np.array([], dtype=int)
    faults = [
        Fault(FaultKind.INVALID_POLYGON, (solid[i].code,), str(shapely.is_valid_reason(geoms[i]))) for i in invalid
    ]
    # An invalid polygon is compared as what it most likely meant, so that the other faults are found in one go.
    for i in invalid:
        geoms[i] = shapely.make_valid(geoms[i])
    hollow = {cell.parent_code for cell in cells if cell.geom is None}
    rows = {cell.code: i for i, cell in enumerate(solid)}
    parents = np.array([rows.get(cell.parent_code or "", -1) for cell in solid], dtype=int)
    ground = _Ground(solid, geoms, parents)
    return [*faults, *_find_overhangs(ground), *_find_overlaps(ground), *_find_gaps(ground, hollow)]


@dataclass(frozen=True)
class _Ground:
    cells: list[CellData]
    geoms: NDArray[Any]
    # the parent's row of each cell, -1 where there is none
    parents: NDArray[np.int_]


def _find_overhangs(ground: _Ground) -> Iterable[Fault]:
    children = np.flatnonzero(ground.parents >= 0)
    areas = area_m2(shapely.difference(ground.geoms[children], ground.geoms[ground.parents[children]]))
    for i in np.flatnonzero(areas > TOLERANCE_M2):
        child = ground.cells[children[i]]
        codes = (child.code, str(child.parent_code))
        yield Fault(FaultKind.OUTSIDE_PARENT, codes, "the first reaches out of its parent", float(areas[i]))


def _find_overlaps(ground: _Ground) -> Iterable[Fault]:
    children = np.flatnonzero(ground.parents >= 0)
    if not len(children):
        return
    geoms, parents = ground.geoms[children], ground.parents[children]
    one, other = shapely.STRtree(geoms).query(geoms)
    siblings = (one < other) & (parents[one] == parents[other])
    one, other = one[siblings], other[siblings]
    areas = area_m2(shapely.intersection(geoms[one], geoms[other]))
    for i in np.flatnonzero(areas > TOLERANCE_M2):
        codes = tuple(sorted(ground.cells[children[j]].code for j in (one[i], other[i])))
        yield Fault(FaultKind.OVERLAP, codes, "two cells of one parent overlap", float(areas[i]))


def _find_gaps(ground: _Ground, hollow: set[str | None]) -> Iterable[Fault]:
    order = np.argsort(ground.parents, kind="stable")
    parents, starts = np.unique(ground.parents[order], return_index=True)
    for parent, rows in zip(parents, np.split(order, starts[1:]), strict=False):
        if parent < 0 or ground.cells[parent].code in hollow:
            continue
        gap = shapely.difference(ground.geoms[parent], shapely.union_all(ground.geoms[rows]))
        area = float(area_m2(gap))
        if area > TOLERANCE_M2:
            code = ground.cells[parent].code
            spot = shapely.point_on_surface(_largest(gap))
            detail = f"its cells leave ground uncovered, at {spot.x:.6f} {spot.y:.6f}"
            yield Fault(FaultKind.GAP, (code,), detail, area)


def _largest(geom: Any) -> Any:
    parts = shapely.get_parts(geom)
    return parts[int(np.argmax(shapely.area(parts)))]
