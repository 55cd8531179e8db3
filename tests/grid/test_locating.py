"""Exact, and the same everywhere: inside, edge, near, outside; one by PostGIS and many by STRtree."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, event, text, update
from sqlalchemy.orm import Session

from core.db import Sessions
from core.errors import Invalid
from core.settings import ROOT
from grid.coordinates import to_plane
from grid.errors import NoEdition, OutsideGrid
from grid.loading import activate, read_bytes, read_file, store
from grid.locating import Confidence, Grid, Method, active_grid, load_grid, locate, locate_statement, place_of
from grid.locating.many import METHODS, OUTSIDE
from grid.locating.rules import MOST_CANDIDATES, Hit, choose
from grid.models import Edition
from tests.grid.town import (
    EAST,
    HALF,
    MIDDLE,
    NORTH,
    NORTH_EAST,
    NORTH_WEST,
    SOUTH,
    SOUTH_EAST,
    SOUTH_WEST,
    WEST,
    as_bytes,
    town,
)

METRE_EAST, METRE_NORTH = 1 / 95_300, 1 / 110_867  # in degrees, here
OSM = ROOT.parent / "shared" / "data" / "shanghai-osm.geojson.gz"


@pytest.fixture
def small(session: Session, now: datetime) -> Connection:
    """The town is the active edition."""
    store(session, read_bytes(as_bytes(town()), name="town"), name="town", now=now)
    activate(session, "town", now=now)
    session.flush()
    return session.connection()


@pytest.fixture
def reader(sessions: Sessions) -> Iterator[Connection]:
    with sessions.read.connect() as connection:
        yield connection


# --- the rules --------------------------------------------------------------------------------------------------------


def test_a_point_inside_one_village_has_its_line_and_is_sure(small: Connection) -> None:
    place = locate(small, WEST + 0.01, SOUTH + 0.005)
    assert [cell["code"][:9] for cell in place.line] == ["310000000", "310101000", "310101001", "310101001"]
    assert [cell["level"] for cell in place.line] == ["city", "district", "street", "village"]
    assert (place.method, place.confidence, place.candidates) == (Method.INSIDE, Confidence.HIGH, [])
    assert place.as_json() == {
        "cell": {"code": SOUTH_WEST, "name": "西南村"},
        "line": place.line,
        "centre": {"code": SOUTH_WEST, "name": "西南村", "level": "village"},
        "method": "inside",
        "confidence": "high",
        "candidates": [],
        "distance_m": 0.0,
        "edition": "town",
    }
    assert place.codes == [cell["code"] for cell in place.line]


def test_on_an_edge_the_lowest_code_wins_and_the_others_are_named(small: Connection) -> None:
    corner = locate(small, MIDDLE, HALF)
    assert (corner.cell["code"], corner.method, corner.confidence) == (SOUTH_WEST, Method.EDGE, Confidence.LOW)
    assert [other.code for other in corner.candidates] == [NORTH_WEST, SOUTH_EAST, NORTH_EAST]
    rim = locate(small, WEST, SOUTH)
    assert (rim.cell["code"], rim.method, rim.confidence) == (SOUTH_WEST, Method.INSIDE, Confidence.HIGH)


@pytest.mark.parametrize(("metres", "method"), [(1, Method.NEAR), (49.9, Method.NEAR), (50.2, None), (500, None)])
def test_so_close_outside_still_belongs_to_the_nearest_village(
    metres: float, method: Method | None, small: Connection
) -> None:
    lon, lat = EAST + metres * METRE_EAST, SOUTH + 0.005
    if method is None:
        with pytest.raises(OutsideGrid) as refused:
            locate(small, lon, lat)
        assert refused.value.data["nearest"] == {"code": SOUTH_EAST, "name": "东南村"}
        assert refused.value.data["distance_m"] == pytest.approx(metres, abs=0.2)
    else:
        place = locate(small, lon, lat)
        assert (place.cell["code"], place.method, place.confidence) == (SOUTH_EAST, method, Confidence.LOW)
        assert place.distance_m == pytest.approx(metres, abs=0.1)


def test_a_point_outside_belongs_by_its_accuracy_and_of_equally_near_the_lowest_code_wins(small: Connection) -> None:
    lon = EAST + 300 * METRE_EAST
    with pytest.raises(OutsideGrid):
        locate(small, lon, HALF, accuracy_m=290)
    place = locate(small, lon, HALF, accuracy_m=310)
    assert (place.cell["code"], place.method) == (SOUTH_EAST, Method.NEAR)
    assert [other.code for other in place.candidates] == [NORTH_EAST]


@pytest.mark.parametrize(
    ("away", "accuracy", "confidence"),
    [
        (20, None, Confidence.HIGH),
        (20, 0, Confidence.HIGH),
        (20, 19, Confidence.HIGH),
        (20, 21, Confidence.LOW),
        (500, 50, Confidence.HIGH),
        (500, 51, Confidence.LOW),
    ],
)
def test_confidence_is_low_when_the_circle_touches_another_village_or_is_wide(
    away: float, accuracy: float | None, confidence: Confidence, small: Connection
) -> None:
    place = locate(small, WEST + 0.01, HALF - away * METRE_NORTH, accuracy_m=accuracy)
    assert (place.cell["code"], place.method, place.confidence) == (SOUTH_WEST, Method.INSIDE, confidence)
    touched = accuracy is not None and accuracy > away
    assert [other.code for other in place.candidates] == ([NORTH_WEST] if touched else [])
    if touched:
        assert place.candidates[0].distance_m == pytest.approx(away, abs=0.1)


def test_a_senseless_accuracy_is_cut_to_five_kilometres(small: Connection) -> None:
    with pytest.raises(OutsideGrid):
        locate(small, EAST + 6000 * METRE_EAST, HALF, accuracy_m=1e9)


def test_many_candidates_are_cut_to_the_nearest() -> None:
    hits = [Hit(f"{i:03}", "村", False, float(i), None) for i in range(100)]
    chosen = choose([Hit("x", "村", True, 0.0, None), *hits], 5000, 50)
    assert chosen is not None
    assert [hit.code for hit in chosen.others] == [f"{i:03}" for i in range(MOST_CANDIDATES)]


def test_without_an_active_edition_nothing_can_be_located(session: Session) -> None:
    session.execute(update(Edition).values(state="retired"))
    with pytest.raises(NoEdition):
        locate(session.connection(), 121.47, 31.23)
    with pytest.raises(NoEdition):
        active_grid(session.connection())
    with pytest.raises(NoEdition):
        load_grid(session.connection(), -1)


def test_an_edition_without_villages_answers_that_there_is_no_nearest(small: Connection) -> None:
    small.execute(text("DELETE FROM cells WHERE level = 'village'"))
    with pytest.raises(OutsideGrid) as refused:
        locate(small, MIDDLE, HALF)
    assert refused.value.data["nearest"] is None
    grid = load_grid(small)
    assert grid.locate_many(np.array([MIDDLE]), np.array([HALF])).village.tolist() == [-1]
    assert grid.refusal(MIDDLE, HALF).data["nearest"] is None


# --- by another edition -----------------------------------------------------------------------------------------------


def test_a_retired_edition_answers_for_its_own_time(session: Session, now: datetime) -> None:
    conn = session.connection()
    first = session.query(Edition).one()
    first.activated_at, first.valid_from = now - timedelta(days=100), date(2024, 1, 1)
    edition = store(session, read_bytes(as_bytes(town()), name="town"), name="town", now=now)
    activate(session, "town", now=now)
    session.flush()

    def by(at: datetime) -> str:
        return locate(conn, MIDDLE - 0.001, HALF, at=at).edition

    assert by(now) == "town"
    assert by(now + timedelta(days=9999)) == "town"
    assert by(now - timedelta(seconds=1)) == "demo"
    assert by(now - timedelta(days=100)) == "demo"
    # before it was in use: by the day from which it is valid, in Shanghai
    assert by(datetime(2023, 12, 31, 16, tzinfo=UTC)) == "demo"
    with pytest.raises(Invalid) as refused:
        by(datetime(2023, 12, 31, 15, tzinfo=UTC))
    assert [(fault.field, fault.code) for fault in refused.value.errors] == [("at", "no_edition_then")]
    assert locate(conn, MIDDLE - 0.001, HALF, edition_id=first.id).edition == "demo"
    assert locate(conn, MIDDLE - 0.001, HALF, edition_id=edition.id).edition == "town"


def test_a_draft_never_answers(session: Session, now: datetime) -> None:
    store(session, read_bytes(as_bytes(town()), name="town"), name="town", valid_from=date(2020, 1, 1), now=now)
    assert locate(session.connection(), MIDDLE - 0.001, HALF).edition == "demo"
    assert locate(session.connection(), MIDDLE - 0.001, HALF, at=now + timedelta(days=9999)).edition == "demo"


# --- one statement, by an index ---------------------------------------------------------------------------------------


def test_one_point_costs_one_statement_also_when_it_is_outside(reader: Connection) -> None:
    seen: list[str] = []
    event.listen(reader, "before_cursor_execute", lambda *args: seen.append(args[2]))
    assert locate(reader, 121.4737, 31.2304).line[2]["name"] == "南京东路街道"
    assert len(seen) == 1
    with pytest.raises(OutsideGrid):
        locate(reader, 123.5, 30.9)
    assert len(seen) == 2


@pytest.mark.parametrize(("lon", "lat"), [(121.4737, 31.2304), (123.5, 30.9)])
def test_the_villages_are_found_by_their_index(lon: float, lat: float, session: Session) -> None:
    conn = session.connection()
    conn.execute(text("SET LOCAL plan_cache_mode = force_generic_plan"))
    statement, values = locate_statement(lon, lat, accuracy_m=20)
    plan = "\n".join(row[0] for row in conn.exec_driver_sql(f"EXPLAIN (ANALYZE, COSTS OFF) {statement}", values))
    assert plan.count("Index Scan using ix_cells_village_plane") == 2
    assert "Seq Scan on cells" not in plan


def test_both_ways_name_the_same_place_in_full(reader: Connection) -> None:
    grid = load_grid(reader)
    lons, lats = np.array([121.4737, 121.45]), np.array([31.2304, 31.25])
    located = grid.locate_many(lons, lats, accuracy_m=np.array([80.0, np.nan]))
    for i, accuracy in enumerate((80.0, None)):
        assert grid.place(located, i) == locate(reader, lons[i], lats[i], accuracy_m=accuracy)


def test_the_grid_in_memory_is_that_of_the_active_edition(reader: Connection, sessions: Sessions) -> None:
    grid = active_grid(reader)
    assert active_grid(reader) is grid
    assert grid.codes == sorted(grid.codes)
    assert (len(grid.codes), grid.edition) == (6496, "demo")


def test_the_refusal_of_many_names_the_nearest_village_as_that_of_one(reader: Connection) -> None:
    with pytest.raises(OutsideGrid) as refused:
        locate(reader, 123.5, 30.9)
    assert load_grid(reader).refusal(123.5, 30.9).data["nearest"] == refused.value.data["nearest"]


# --- one and many are equal -------------------------------------------------------------------------------------------


def trying(grid: Grid, count: int, seed: int) -> tuple[Any, Any]:
    """Points all over the grid: vertices, midpoints, spots on edges, beside edges, inside and outside."""
    rng = np.random.default_rng(seed)
    rings = shapely.get_rings(np.concatenate([shapely.get_parts(geom) for geom in grid.geoms]))
    vertices, ring = shapely.get_coordinates(rings, return_index=True)
    edges = np.flatnonzero(ring[1:] == ring[:-1])

    def some(n: int) -> tuple[Any, Any]:
        picked = rng.choice(edges, n)
        return vertices[picked], vertices[picked + 1]

    fifth = count // 5
    corners = some(fifth)[0]
    a, b = some(fifth)
    middles = (a + b) / 2
    a, b = some(fifth)
    along = a + rng.random((fifth, 1)) * (b - a)
    # beside the grid's rim: edges that only one village has
    a, b = vertices[edges], vertices[edges + 1]
    flip = (a[:, 0] > b[:, 0]) | ((a[:, 0] == b[:, 0]) & (a[:, 1] > b[:, 1]))
    ends = np.where(flip[:, None], np.hstack([b, a]), np.hstack([a, b]))
    ends, times = np.unique(ends, axis=0, return_counts=True)
    rim = rng.choice(ends[times == 1], fifth)
    beside = rim[:, :2] + rng.random((fifth, 1)) * (rim[:, 2:] - rim[:, :2]) + rng.normal(0, 3e-4, (fifth, 2))
    west, south, east, north = shapely.total_bounds(grid.geoms)
    anywhere = rng.uniform((west - 0.01, south - 0.01), (east + 0.01, north + 0.01), (count - 4 * fifth, 2))
    points = np.concatenate([corners, middles, along, beside, anywhere])
    return np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1])


def one_by_one(conn: Connection, lons: Any, lats: Any, accuracies: Any) -> list[tuple[Any, ...]]:
    answers: list[tuple[Any, ...]] = []
    for lon, lat, accuracy in zip(lons.tolist(), lats.tolist(), accuracies.tolist(), strict=True):
        try:
            place = locate(conn, lon, lat, accuracy_m=None if np.isnan(accuracy) else accuracy)
        except OutsideGrid:
            answers.append((None, None, None, ()))
        else:
            others = tuple(other.code for other in place.candidates)
            answers.append((place.cell["code"], place.method, place.confidence, others))
    return answers


def all_together(grid: Grid, lons: Any, lats: Any, accuracies: Any) -> list[tuple[Any, ...]]:
    located = grid.locate_many(lons, lats, accuracy_m=accuracies)
    answers: list[tuple[Any, ...]] = []
    for i in range(len(lons)):
        if located.method[i] == OUTSIDE:
            answers.append((None, None, None, ()))
        else:
            place = grid.place(located, i)
            others = tuple(other.code for other in place.candidates)
            answers.append((place.cell["code"], METHODS[located.method[i]], place.confidence, others))
    return answers


def compare(conn: Connection, count: int, seed: int) -> dict[Method | None, int]:
    grid = load_grid(conn)
    lons, lats = trying(grid, count, seed)
    accuracies = np.random.default_rng(seed).choice([np.nan, 0.0, 5.0, 30.0, 80.0], count)
    one, many = one_by_one(conn, lons, lats, accuracies), all_together(grid, lons, lats, accuracies)
    different = [(lons[i], lats[i], one[i], many[i]) for i in range(count) if one[i] != many[i]]
    assert different == []
    return {method: sum(answer[1] == method for answer in one) for method in METHODS}


def test_one_and_many_are_equal_on_some_points(reader: Connection) -> None:
    counted = compare(reader, 1_000, seed=1)
    assert min(counted.values()) > 10


@pytest.mark.slow  # 5,000 statements
def test_one_and_many_are_equal_on_5000_points(reader: Connection) -> None:
    compare(reader, 5_000, seed=2)


@pytest.mark.slow  # 100,000 statements: about half a minute
def test_one_and_many_are_equal_on_100_000_points_with_edges_and_vertices(reader: Connection) -> None:
    counted = compare(reader, 100_000, seed=3)
    assert counted[Method.EDGE] > 20_000


def test_points_that_postgis_takes_for_edges_by_rounding_are_edges_for_both(reader: Connection) -> None:
    # found among a million points on edges: exact arithmetic sees them beside the edge
    points = [
        (121.90546395, 30.856366),
        (121.52027632, 31.26457918),
        (121.56763085, 30.84315938),
        (121.81714, 31.3407201),
    ]
    lons, lats = (np.array(column) for column in zip(*points, strict=True))
    nothing = np.full(len(points), np.nan)
    assert all_together(load_grid(reader), lons, lats, nothing) == one_by_one(reader, lons, lats, nothing)


@given(
    lon=st.floats(121.39, 121.45) | st.sampled_from([WEST, MIDDLE, EAST]),
    lat=st.floats(31.19, 31.23) | st.sampled_from([SOUTH, HALF, NORTH]),
    accuracy=st.none() | st.floats(0, 3000),
)
@hypothesis_settings(max_examples=200, deadline=None)
def test_the_rules_hold_for_any_point(lon: float, lat: float, accuracy: float | None) -> None:
    grid = memory()
    located = grid.locate_many(
        np.array([lon]), np.array([lat]), accuracy_m=np.array([np.nan if accuracy is None else accuracy])
    )
    covering = [code for code, geom in zip(grid.codes, grid.geoms, strict=True) if geom.covers(shapely.Point(lon, lat))]
    if covering:
        assert grid.codes[located.village[0]] == min(covering)
        assert METHODS[located.method[0]] == (Method.INSIDE if len(covering) == 1 else Method.EDGE)
    else:
        spot = shapely.Point(*to_plane(lon, lat))
        away = [round(plane.distance(spot), 3) for plane in grid.planes]
        within = min(away) <= max(accuracy or 0, 50)
        assert located.village[0] == (away.index(min(away)) if within else -1)


_memory: list[Grid] = []


def memory() -> Grid:
    """The town in memory alone."""
    if not _memory:
        from grid.checks import to_plane_geometry

        cells = [cell for cell in read_bytes(as_bytes(town()), name="x").cells if cell.level == "village"]
        villages = [
            (cell.code, cell.name, [], shapely.to_wkb(cell.geom), shapely.to_wkb(to_plane_geometry(cell.geom)))
            for cell in cells
        ]
        _memory.append(Grid(1, "town", villages))
    return _memory[0]


# --- real outlines ----------------------------------------------------------------------------------------------------


@pytest.mark.slow  # loads 6,734 cells
@pytest.mark.skipif(not OSM.exists(), reason="shanghai-osm.geojson.gz is under ODbL and not part of this project")
def test_one_and_many_are_equal_on_outlines_from_openstreetmap(session: Session, now: datetime) -> None:
    store(session, read_file(OSM), name="osm", now=now)
    activate(session, "osm", now=now)
    session.flush()
    conn = session.connection()
    assert locate(conn, 121.4737, 31.2304).line[2]["name"] == "南京东路街道"
    compare(conn, 5_000, seed=4)


def test_rows_of_no_edition_at_all_are_told(engine: Engine) -> None:
    with pytest.raises(NoEdition):
        place_of([])
