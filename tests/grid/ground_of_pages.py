"""What the pages' own tests of locating stand on: 黄浦区 as a phone keeps it, and some hundred points with answers.

`python -m tests.grid.ground_of_pages` writes both anew; `test_compact.py` proves that both are still true.
"""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray

from core.settings import ROOT
from grid.checks import CellData, to_plane_geometry
from grid.compact import SCALE, CompactCell, compact
from grid.levels import Level
from grid.loading import read_file
from grid.locating import Grid
from grid.locating.many import OUTSIDE
from grid.locating.rules import NEAR_M

FOLDER = ROOT / "web" / "client" / "tests" / "ground"
GRID = ROOT / "data" / "shanghai-grid.geojson.gz"
DISTRICT = "310101000000"
ATTRIBUTION = (
    "Made from data/shanghai-grid.geojson.gz: CC BY 4.0, see data/ATTRIBUTION.md. Approximate outlines for"
    " demonstration, not official boundaries."
)
CLEAR_M = 0.5
"""No answer of a point here hangs on so little: another way to measure metres decides nothing."""


def read_district(cells: list[CellData], district: str = DISTRICT) -> list[CompactCell]:
    """The district's cells and the city, out of the file."""
    found = [cell for cell in cells if cell.level is Level.CITY or cell.code.startswith(district[:6])]
    return [CompactCell(cell.code, cell.level, cell.parent_code, cell.name, cell.geom) for cell in found]


def grid_of(cells: list[CompactCell], edition: str = "demo") -> Grid:
    """The server's own grid, of these villages alone."""
    villages = [cell for cell in cells if cell.level is Level.VILLAGE]
    geoms = np.array([cell.geom for cell in villages], dtype=object)
    wkb, planes = shapely.to_wkb(geoms), shapely.to_wkb(to_plane_geometry(geoms))
    lines: list[Any] = [[{"code": cell.code, "level": "village", "name": cell.name}] for cell in villages]
    rows = zip(villages, lines, wkb, planes, strict=True)
    return Grid(1, edition, [(cell.code, cell.name, line, geom, plane) for cell, line, geom, plane in rows])


def answer(grid: Grid, points: list[dict[str, Any]]) -> list[dict[str, Any] | None]:
    """What the server says of each point; None: outside."""
    lons, lats, accuracies = (np.array([point[key] for point in points], dtype=float) for key in KEYS)
    located = grid.locate_many(lons, lats, accuracy_m=accuracies)
    return [None if located.method[i] == OUTSIDE else _as_data(grid, located, i) for i in range(len(points))]


KEYS = ("lon", "lat", "accuracy_m")


def _as_data(grid: Grid, located: Any, i: int) -> dict[str, Any]:
    place = grid.place(located, i)
    return {
        "cell": place.cell["code"],
        "method": place.method.value,
        "confidence": place.confidence.value,
        "distance_m": place.distance_m,
        "candidates": [{"code": other.code, "distance_m": other.distance_m} for other in place.candidates],
    }


# --- making -----------------------------------------------------------------------------------------------------------


def make_points(grid: Grid) -> list[dict[str, Any]]:
    """Inside, with circles, vertices, one step beside a vertex, on edges, a little and far outside; always the same."""
    chance = np.random.default_rng(20260101)
    ground = shapely.union_all(grid.geoms)
    vertices = np.unique(shapely.get_coordinates(grid.geoms), axis=0)
    some = vertices[chance.choice(len(vertices), 90, replace=False)]
    beside = some[60:] + chance.choice([-1, 1], (30, 2)) / SCALE
    parts = [
        (_within(chance, ground, 90), None, 7),
        (_within(chance, ground, 30), None, 15),
        (_within(chance, ground, 80), (3, 49), 7),
        (_within(chance, ground, 30), (51, 900), 7),
        (some[:60], None, 7),
        (some[:20], (1, 40), 7),
        (beside, None, 7),
        (_on_level_edges(grid), None, 7),
        (_around(chance, ground, 0.00045, 30), None, 7),
        (_around(chance, ground, 0.004, 30), (60, 500), 7),
        (_around(chance, ground, 0.2, 10), None, 7),
    ]
    points = [
        {"lon": lon, "lat": lat, "accuracy_m": None if circle is None else round(float(chance.uniform(*circle)), 1)}
        for places, circle, decimals in parts
        for lon, lat in np.round(places, decimals).tolist()
    ]
    return [point for point in points if _is_clear(grid, point)]


def _within(chance: np.random.Generator, ground: Any, count: int) -> NDArray[np.float64]:
    west, south, east, north = ground.bounds
    tried = chance.uniform((west, south), (east, north), (count * 8, 2))
    return tried[shapely.contains_xy(ground, tried)][:count]


def _around(chance: np.random.Generator, ground: Any, degrees: float, count: int) -> NDArray[np.float64]:
    west, south, east, north = ground.buffer(degrees).bounds
    tried = chance.uniform((west, south), (east, north), (60_000, 2))
    places = shapely.points(tried)
    return tried[shapely.dwithin(ground, places, degrees) & ~shapely.covers(ground, places)][:count]


def _on_level_edges(grid: Grid) -> NDArray[np.float64]:
    """The middles of edges along a meridian or a parallel: there rounding tells nobody anything else."""
    found = []
    for geom in grid.geoms:
        vertices = shapely.get_coordinates(geom)
        for one, other in pairwise(vertices):
            if (one == other).sum() == 1:
                found.append((one + other) / 2)
    return np.array(found[:20] or np.empty((0, 2)))


def _is_clear(grid: Grid, point: dict[str, Any]) -> bool:
    """Whether the answer stays the same with a circle, and the distance for `near`, a little larger and smaller."""
    circle = point["accuracy_m"]
    for step in (-CLEAR_M, CLEAR_M):
        other = {**point, "accuracy_m": None if circle is None else max(circle + step, 0.1)}
        if _names(answer(grid, [point])[0]) != _names(answer(grid, [other])[0]):
            return False
    apart = grid.locate_many(
        np.array([point["lon"]]), np.array([point["lat"]]), accuracy_m=np.array([circle or 0.0]), near_m=NEAR_M
    )
    nearest = (
        apart.distance_m[0] if apart.village[0] >= 0 else grid.refusal(point["lon"], point["lat"]).data["distance_m"]
    )
    metres = [float(nearest), *(away for _, away in apart.others.get(0, ()))]
    steps = np.diff(sorted(away for away in metres if away > 0))
    reach = max(circle or 0.0, NEAR_M)
    return bool((steps > CLEAR_M).all()) and all(abs(away - reach) > CLEAR_M for away in metres)


def _names(found: dict[str, Any] | None) -> Any:
    return found and (found["cell"], found["method"], found["confidence"], [one["code"] for one in found["candidates"]])


def made() -> tuple[dict[str, Any], dict[str, Any]]:
    """What stands in the two files."""
    cells = read_district(read_file(GRID).cells)
    grid = grid_of(cells)
    points = make_points(grid)
    answers = answer(grid, points)
    district = {"attribution": ATTRIBUTION, **compact(cells, edition="demo", district=DISTRICT)}
    listed = [{**point, "answer": found} for point, found in zip(points, answers, strict=True)]
    return district, {"attribution": ATTRIBUTION, "version": district["version"], "points": listed}


def write(folder: Path = FOLDER) -> None:
    district, points = made()
    (folder / "huangpu.json").write_bytes(orjson.dumps(district) + b"\n")
    lines = b",\n".join(orjson.dumps(point) for point in points.pop("points"))
    (folder / "points.json").write_bytes(orjson.dumps(points)[:-1] + b',"points":[\n' + lines + b"\n]}\n")


if __name__ == "__main__":
    write()
