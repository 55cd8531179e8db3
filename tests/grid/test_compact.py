"""A phone's copy of a district is the district: the same polygons, the same answers, and small."""

import gzip
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any

import numpy as np
import orjson
import pytest
import shapely
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from core.db import Sessions
from core.errors import NotFound
from core.settings import ROOT
from grid.checks import CellData
from grid.compact import SCALE, CompactCell, compact, compact_grid
from grid.errors import NoEdition
from grid.levels import Level
from grid.loading import activate, read_bytes, read_file, store
from grid.locating import load_grid, locate
from tests.grid import ground_of_pages
from tests.grid.ground_of_pages import DISTRICT, GRID, answer, grid_of, read_district
from tests.grid.town import LEFT, LEFT_STREET, SOUTH_WEST, as_bytes, town

PUDONG = "310115000000"


@pytest.fixture(scope="module")
def cells() -> list[CellData]:
    return read_file(GRID).cells


@pytest.fixture
def reader(sessions: Sessions) -> Iterator[Connection]:
    with sessions.read.connect() as connection:
        yield connection


def opened(found: dict[str, Any]) -> dict[str, Any]:
    """The polygons of a compact grid, by code: what the phone's `decode` does."""
    arcs = [np.cumsum(np.array(arc).reshape(-1, 2), axis=0) for arc in found["arcs"]]

    def ring(numbers: list[int]) -> Any:
        parts = [arcs[i] if i >= 0 else arcs[~i][::-1] for i in numbers]
        for before, part in zip(parts, parts[1:] + parts[:1], strict=True):
            assert (before[-1] == part[0]).all()
        return np.concatenate([part[:-1] for part in parts] + [parts[0][:1]]) / found["scale"]

    return {
        code: shapely.MultiPolygon([(ring(rings[0]), [ring(hole) for hole in rings[1:]]) for rings in polygons])
        for code, polygons in found["polygons"].items()
    }


def multi(geom: Any) -> Any:
    return shapely.MultiPolygon(list(shapely.get_parts(geom)))


def cell(code: str, geom: Any) -> CompactCell:
    return CompactCell(code, Level.VILLAGE, "s", code, geom)


# --- the same ground --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("district", [DISTRICT, PUDONG])
def test_the_polygons_come_back_to_the_last_bit(district: str, cells: list[CellData]) -> None:
    villages = read_district(cells, district)
    found = compact(villages, edition="demo", district=district)
    back = opened(found)
    assert not found["rounded"]
    for village in villages:
        if village.level is Level.VILLAGE:
            assert back[village.code].normalize().equals_exact(multi(village.geom).normalize(), tolerance=0)
            assert [ring.is_ccw for ring in shapely.get_rings(back[village.code])] == [
                ring.is_ccw for ring in shapely.get_rings(village.geom)
            ]


def test_no_border_is_there_twice(cells: list[CellData]) -> None:
    found = compact(read_district(cells), edition="demo", district=DISTRICT)
    edges = set()
    for arc in found["arcs"]:
        places = [tuple(place) for place in np.cumsum(np.array(arc).reshape(-1, 2), axis=0).tolist()]
        for edge in pairwise(places):
            assert frozenset(edge) not in edges
            edges.add(frozenset(edge))
    used = [
        i if i >= 0 else ~i for polygons in found["polygons"].values() for p in polygons for ring in p for i in ring
    ]
    assert set(used) == set(range(len(found["arcs"])))
    assert max(np.bincount(used)) == 2


def test_what_a_phone_would_locate_is_what_the_server_locates(reader: Connection, cells: list[CellData]) -> None:
    found = compact_grid(reader, DISTRICT)
    back = opened(found)
    phone = grid_of([cell(code, geom) for code, geom in back.items()])
    server = load_grid(reader)
    chance = np.random.default_rng(4)
    ground = shapely.union_all(list(back.values()))
    vertices = np.unique(shapely.get_coordinates(list(back.values())), axis=0)
    inner = vertices[shapely.contains_properly(ground, shapely.points(vertices))]
    west, south, east, north = ground.bounds
    tried = chance.uniform((west, south), (east, north), (60_000, 2))
    tried = tried[shapely.contains_xy(ground, tried)]
    spots = np.concatenate([inner, np.round(tried[:12_000], 7), tried[12_000:]])[:20_000]
    assert len(spots) == 20_000
    here, there = (grid.locate_many(spots[:, 0], spots[:, 1]) for grid in (phone, server))
    assert [phone.codes[row] for row in here.village] == [server.codes[row] for row in there.village]
    assert (here.method == there.method).all()
    assert (here.sure == there.sure).all()
    for lon, lat in spots[: len(inner) : 20].tolist():
        assert locate(reader, lon, lat).cell["code"] in phone.codes


def test_a_district_is_small_enough_for_a_phone(cells: list[CellData]) -> None:
    found = orjson.dumps(compact(read_district(cells), edition="demo", district=DISTRICT))
    assert len(gzip.compress(found, 6)) <= 60_000  # 12.0 kB; 9.1 by brotli
    large = orjson.dumps(compact(read_district(cells, PUDONG), edition="demo", district=PUDONG))
    assert len(gzip.compress(large, 6)) <= 120_000  # 102 kB, 77 by brotli: 1,520 villages


# --- odd ground -------------------------------------------------------------------------------------------------------


def test_islands_holes_and_loops_come_back() -> None:
    island = shapely.box(1, 1, 2, 2)
    around = shapely.Polygon([(0, 0), (5, 0), (5, 5), (0, 5)], [[(1, 1), (1, 2), (2, 2), (2, 1)]])
    two = shapely.MultiPolygon([shapely.box(5, 0, 6, 5), shapely.box(8, 8, 9, 9)])
    touching = shapely.box(9, 9, 10, 10)  # at one corner only
    given = {"a": island, "b": around, "c": two, "d": touching}
    found = compact([cell(code, geom) for code, geom in given.items()], edition="e", district="x")
    assert {code: geom.normalize().wkt for code, geom in opened(found).items()} == {
        code: multi(geom).normalize().wkt for code, geom in given.items()
    }
    assert found["polygons"]["a"][0][0][0] == ~found["polygons"]["b"][0][1][0]


def test_finer_ground_is_rounded_and_says_so() -> None:
    sliver = shapely.box(0, 0, 1e-9, 1)
    pond = shapely.Polygon([(0, 0), (1, 0), (1, 1), (0, 1)], [[(0.5, 0.5), (0.5, 0.50000001), (0.50000001, 0.5)]])
    fine = shapely.Polygon([(2, 0), (3.00000004, 0), (3, 1.00000006)])
    found = compact([cell("a", sliver), cell("b", pond), cell("c", fine)], edition="e", district="x")
    assert found["rounded"]
    assert found["polygons"]["a"] == []
    assert len(found["polygons"]["b"][0]) == 1
    assert (
        opened(found)["c"].normalize().wkt == multi(shapely.Polygon([(2, 0), (3, 0), (3, 1.0000001)])).normalize().wkt
    )


# --- from the database ------------------------------------------------------------------------------------------------


def test_a_district_comes_with_the_cells_above_it_and_a_version_of_its_own(session: Session, now: datetime) -> None:
    conn = session.connection()
    huangpu = compact_grid(conn, DISTRICT)
    assert huangpu["cells"][0] == {"code": "310000000000", "name": "上海市", "level": "city", "parent": None}
    assert huangpu["cells"][1]["code"] == DISTRICT
    assert len(huangpu["polygons"]) == 170
    assert compact_grid(conn, DISTRICT) is huangpu
    assert huangpu["scale"] == SCALE
    edition, code, digest = huangpu["version"].split(":")
    assert (edition, code, len(digest)) == ("demo", DISTRICT, 12)

    store(session, read_bytes(as_bytes(town()), name="town"), name="town", now=now)
    assert compact_grid(conn, DISTRICT) is huangpu  # not before it is active
    activate(session, "town", now=now)
    left = compact_grid(conn, LEFT)
    assert left["edition"] == "town"
    assert [found["code"] for found in left["cells"]][1:3] == [LEFT, LEFT_STREET]
    assert opened(left)[SOUTH_WEST].area == pytest.approx(0.0002)


@pytest.mark.parametrize("code", ["310000000000", "310101002000", "310199000000", "", "'", "x\N{SNOWMAN}"])
def test_only_a_district_has_a_compact_grid(session: Session, code: str) -> None:
    with pytest.raises(NotFound) as refused:
        compact_grid(session.connection(), code)
    assert refused.value.data == {"cell": code}


def test_without_an_active_edition_there_is_none(session: Session) -> None:
    session.execute(text("UPDATE editions SET state = 'retired'"))
    with pytest.raises(NoEdition):
        compact_grid(session.connection(), DISTRICT)


# --- what the pages' tests stand on -----------------------------------------------------------------------------------


def test_the_pages_test_on_what_the_server_says_today(reader: Connection) -> None:
    files = {
        name: orjson.loads((ground_of_pages.FOLDER / name).read_bytes()) for name in ("huangpu.json", "points.json")
    }
    attribution = {"attribution": ground_of_pages.ATTRIBUTION}
    assert files["huangpu.json"] == attribution | compact_grid(reader, DISTRICT)
    assert files["points.json"]["version"] == files["huangpu.json"]["version"]
    back = opened(files["huangpu.json"])
    points = files["points.json"]["points"]
    names = {found["code"]: found["name"] for found in files["huangpu.json"]["cells"]}
    grid = grid_of([CompactCell(code, Level.VILLAGE, None, names[code], geom) for code, geom in back.items()])
    assert answer(grid, points) == [point["answer"] for point in points]
    assert {point["answer"] and point["answer"]["method"] for point in points} == {"inside", "edge", "near", None}
    assert len(points) > 350
    for name in files:
        assert (ROOT / "web/client/tests/ground" / name).stat().st_size < 200_000
