"""Files of four kinds become editions; activating one is one step; a refused one leaves no trace."""

import gzip
import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import numpy as np
import pyogrio.raw
import pytest
import shapely
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.db import Sessions
from core.errors import Invalid, NotFound, NotPossible
from core.settings import ROOT, load_settings
from grid.checks import FaultKind
from grid.coordinates import Crs, from_wgs84_many, to_plane_many
from grid.errors import BadGrid, BadGridFile, EditionNotReady, EditionTaken, GridBusy
from grid.loading import Reading, activate, check_edition, find_edition, read_bytes, read_file, store
from grid.models import Cell, Centre, Edition, EditionState
from tests.grid.town import CITY, LEFT, LEFT_STREET, NORTH_EAST, RIGHT, SOUTH_WEST, as_bytes, town

OSM = ROOT.parent / "shared" / "data" / "shanghai-osm.geojson.gz"


def reading(**more: Any) -> Reading:
    return read_bytes(as_bytes(town(), **more), name="town.geojson")


def moved(crs: Crs) -> list[dict[str, Any]]:
    """The town with its coordinates in another reference."""
    features = json.loads(as_bytes(town()))["features"]
    for feature in features:
        rings = feature["geometry"]["coordinates"]
        for ring in rings:
            points = np.array(ring)
            xs, ys = from_wgs84_many(crs, points[:, 0].copy(), points[:, 1].copy())
            ring[:] = np.column_stack([xs, ys]).tolist()
    return features


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["name", "code", "parent_code", "nbs_code", "level"])
def test_a_nul_in_a_property_is_a_fault_of_its_cell(key: str, session: Session, now: datetime) -> None:
    features = town()
    features[SOUTH_WEST]["properties"][key] = "31\0"
    found = read_bytes(as_bytes(features), name="nul")
    codes = {code for fault in found.faults for code in fault.codes}
    assert {"31\N{REPLACEMENT CHARACTER}" if key == "code" else SOUTH_WEST} <= codes
    with pytest.raises(BadGrid):
        store(session, found, name="nul", now=now)


def test_plain_and_gzipped_geojson_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.geojson").write_bytes(as_bytes(town()))
    (tmp_path / "b.geojson.gz").write_bytes(gzip.compress(as_bytes(town())))
    for name in ("a.geojson", "b.geojson.gz"):
        found = read_file(tmp_path / name)
        assert (len(found.cells), found.faults) == (9, [])
        assert found.source.startswith(f"{name} sha256:")


@pytest.mark.parametrize(("name", "driver"), [("town.gpkg", "GPKG"), ("town.shp", "ESRI Shapefile")])
@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:4490", "EPSG:32651"])
def test_geopackage_and_shapefile_are_read_in_their_own_reference(
    name: str, driver: str, crs: str, tmp_path: Path
) -> None:
    from pyproj import Transformer

    cells = reading().cells
    to_file = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    shapes = shapely.transform(
        np.array([cell.geom for cell in cells]), lambda c: np.column_stack(to_file.transform(c[:, 0], c[:, 1]))
    )
    columns = [
        np.array([getattr(cell, key) for cell in cells], dtype=object)
        for key in ("code", "level", "parent_code", "name")
    ]
    pyogrio.raw.write(
        tmp_path / name,
        shapely.to_wkb(shapes),
        columns,
        ["code", "level", "parent_cod" if name.endswith("shp") else "parent_code", "name"],  # a .dbf's ten letters
        geometry_type="MultiPolygon",
        driver=driver,
        crs=crs,
        encoding="UTF-8",
    )
    found = read_file(tmp_path / name)
    assert found.faults == []
    assert [(c.code, c.level, c.parent_code, c.name) for c in found.cells] == [
        (c.code, c.level, c.parent_code, c.name) for c in cells
    ]
    away = [shapely.hausdorff_distance(a.geom, b.geom) for a, b in zip(found.cells, cells, strict=True)]
    assert max(away) < 1e-6  # degrees; WGS-84 and CGCS2000 count as one


@pytest.mark.parametrize("crs", [Crs.SH2000, Crs.GCJ02, Crs.BD09, Crs.CGCS2000])
def test_our_own_references_are_taken_by_name(crs: Crs) -> None:
    found = read_bytes(as_bytes(moved(crs), crs=crs.value), name="x")
    assert found.faults == []
    away = [shapely.hausdorff_distance(a.geom, b.geom) for a, b in zip(found.cells, reading().cells, strict=True)]
    assert max(away) < 1e-9


def test_the_old_crs_member_of_geojson_is_understood() -> None:
    name = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    assert reading(crs=name).faults == []
    assert reading(crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}).faults == []


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no JSON"),
        (b"{", "no JSON"),
        (b"\x89PNG", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "FeatureCollection"),
        (b"1", "FeatureCollection"),
        (b'{"type": "Feature"}', "FeatureCollection"),
        (b'{"type": "FeatureCollection", "features": 3}', "FeatureCollection"),
        (b'{"type": "FeatureCollection", "features": []}', "no feature"),
        (gzip.compress(b"x" * 999, mtime=0)[:-9], "unzipped"),
        (b"\x1f\x8bnothing", "unzipped"),
        (as_bytes(town(), crs="EPSG:999999"), "not known"),
        (as_bytes(town(), crs={"type": "name"}), "not known"),
    ],
)
def test_a_file_without_cells_is_refused_with_the_reason(data: bytes, words: str) -> None:
    with pytest.raises(BadGridFile, match=words):
        read_bytes(data, name="x")


def test_a_bomb_of_zeros_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grid.loading.files.LARGEST", 1024 * 1024)
    with pytest.raises(BadGridFile, match="MiB"):
        read_bytes(gzip.compress(bytes(2 * 1024 * 1024)), name="x")


def test_features_that_are_none_are_faults() -> None:
    found = read_bytes(as_bytes([1, None, {}, {"properties": 3, "geometry": {"type": "Polygon"}}]), name="x")  # type: ignore[list-item]
    assert {fault.kind for fault in found.faults} >= {FaultKind.MISSING_PROPERTY, FaultKind.NO_GEOMETRY}


def test_missing_and_broken_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadGridFile, match="no such file"):
        read_file(tmp_path / "nothing.geojson")
    (tmp_path / "broken.gpkg").write_bytes(b"nothing")
    with pytest.raises(BadGridFile, match="broken"):
        read_file(tmp_path / "broken.gpkg")


def test_heights_are_dropped() -> None:
    cells = json.loads(as_bytes(town()))["features"]
    for cell in cells:
        for ring in cell["geometry"]["coordinates"]:
            ring[:] = [[*point, 4.5] for point in ring]
    found = read_bytes(as_bytes(cells), name="x")
    assert found.faults == []
    assert not any(shapely.has_z(cell.geom) for cell in found.cells)


# --- editions ---------------------------------------------------------------------------------------------------------


def snapshot(session: Session) -> tuple[Any, ...]:
    session.expire_all()
    return (
        session.execute(select(Edition.name, Edition.state, Edition.activated_at).order_by(Edition.id)).all(),
        session.scalar(select(func.count()).select_from(Cell)),
        session.execute(select(func.count(), func.count(Centre.retired_at))).all(),
    )


def test_a_stored_edition_is_checked_and_not_yet_active(session: Session, now: datetime) -> None:
    before = session.scalar(select(Edition.name).where(Edition.state == EditionState.ACTIVE))
    edition = store(session, reading(), name="town", valid_from=date(2026, 1, 1), now=now)
    assert (edition.state, edition.cell_count, edition.faults) == (EditionState.CHECKED, 9, [])
    assert find_edition(session, "active").name == before
    cell = session.scalars(select(Cell).where(Cell.edition_id == edition.id, Cell.code == NORTH_EAST)).one()
    assert [step["name"] for step in cell.line] == ["小城", "东区", "东街道", "东北村"]
    assert cell.area_m2 == pytest.approx(1906 * 1108.7, rel=0.002)
    assert check_edition(session, edition) == []
    assert edition.state == EditionState.CHECKED


def test_activating_seats_a_centre_for_each_cell_and_retires_the_former_edition(
    session: Session, now: datetime
) -> None:
    store(session, reading(), name="town", now=now)
    former = find_edition(session, "active")
    edition = activate(session, "town", now=now)
    assert (edition.state, edition.activated_at) == (EditionState.ACTIVE, now)
    session.refresh(former)
    assert (former.state, former.retired_at) == (EditionState.RETIRED, now)
    seated = {centre.code: centre for centre in session.scalars(select(Centre).where(Centre.retired_at.is_(None)))}
    assert set(seated) == set(town())
    village = seated[SOUTH_WEST]
    assert village.line == [CITY, LEFT, LEFT_STREET, SOUTH_WEST]
    assert village.parent_id == seated[LEFT_STREET].id
    assert seated[CITY].parent_id is None
    assert (seated[RIGHT].name, seated[RIGHT].level) == ("东区", "district")


def test_a_centre_outlives_editions_under_its_own_id(session: Session, now: datetime) -> None:
    store(session, reading(), name="town", now=now)
    activate(session, "town", now=now)
    ids = {code: id_ for id_, code in session.execute(select(Centre.id, Centre.code))}
    cells = town()
    cells[SOUTH_WEST]["properties"]["name"] = "新名村"
    store(session, read_bytes(as_bytes(cells), name="x"), name="town-2", now=now)
    activate(session, "town-2", now=now + timedelta(days=1))
    session.expire_all()
    centre = session.scalars(select(Centre).where(Centre.code == SOUTH_WEST)).one()
    assert (centre.id, centre.name) == (ids[SOUTH_WEST], "新名村")


def test_activating_again_changes_nothing(session: Session, now: datetime) -> None:
    store(session, reading(), name="town", now=now)
    activate(session, "town", now=now)
    assert activate(session, "town", now=now + timedelta(hours=1)).activated_at == now


def test_a_retired_edition_is_not_activated_again(session: Session, now: datetime) -> None:
    former = find_edition(session, "active").name
    store(session, reading(), name="town", now=now)
    activate(session, "town", now=now)
    with pytest.raises(EditionNotReady) as refused:
        activate(session, former, now=now)
    assert refused.value.data == {"edition": former, "state": "retired"}
    with pytest.raises(NotFound):
        activate(session, "nowhere", now=now)


def test_an_edition_never_used_is_replaced_and_a_used_one_is_not(session: Session, now: datetime) -> None:
    store(session, reading(), name="town", now=now)
    cells = town()
    cells[CITY]["properties"]["name"] = "新城"
    edition = store(session, read_bytes(as_bytes(cells), name="x"), name="town", now=now)
    assert session.scalar(select(Cell.name).where(Cell.edition_id == edition.id, Cell.code == CITY)) == "新城"
    assert session.scalar(select(func.count()).select_from(Edition).where(Edition.name == "town")) == 1
    activate(session, "town", now=now)
    with pytest.raises(EditionTaken):
        store(session, reading(), name="town", now=now)


def test_a_faulty_grid_leaves_everything_as_it_was(session: Session, now: datetime) -> None:
    before = snapshot(session)
    cells = town()
    del cells[SOUTH_WEST]
    with pytest.raises(BadGrid) as refused:
        store(session, read_bytes(as_bytes(cells), name="x"), name="town", now=now)
    (fault,) = refused.value.faults
    assert refused.value.data["faults"] == [fault.as_json()]
    assert snapshot(session) == before


@pytest.mark.parametrize("name", ["", "active", " a", "a/b", "x" * 81, "a\nb"])
def test_a_bad_name_is_refused(name: str, session: Session, now: datetime) -> None:
    with pytest.raises(Invalid):
        store(session, reading(), name=name, now=now)


def test_a_stored_edition_that_was_damaged_becomes_a_draft(session: Session, now: datetime) -> None:
    edition = store(session, reading(), name="town", now=now)
    session.execute(Cell.__table__.delete().where(Cell.edition_id == edition.id, Cell.code == SOUTH_WEST))
    (fault,) = check_edition(session, edition)
    assert (fault.kind, fault.codes, edition.state) == (FaultKind.GAP, (LEFT_STREET,), EditionState.DRAFT)
    assert edition.faults == [fault.as_json()]
    with pytest.raises(EditionNotReady):
        activate(session, "town", now=now)


# --- two at once ------------------------------------------------------------------------------------------------------


def together(*works: Callable[[], Any]) -> list[Any]:
    """Do the works at the same time; their results or errors."""
    gate, results = Barrier(len(works)), [None] * len(works)

    def run(i: int, work: Callable[[], Any]) -> None:
        gate.wait()
        try:
            results[i] = work()
        except NotPossible as error:
            results[i] = error

    threads = [Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.fixture
def empty_sessions(empty_url: str) -> Any:
    made = Sessions(
        load_settings(environ={"WANGGE_DATABASE_URL": empty_url, "WANGGE_DATABASE_LOCK_TIMEOUT_SECONDS": "1"}),
        as_owner=True,
    )
    yield made
    made.close()


def test_two_loads_and_activations_at_once_leave_one_active(empty_sessions: Sessions, now: datetime) -> None:
    def load_and_activate(name: str) -> Callable[[], str]:
        def work() -> str:
            with empty_sessions.begin() as session:
                store(session, reading(), name=name, now=now)
                activate(session, name, now=now)
            return name

        return work

    names = [f"town-{i}" for i in range(4)]
    assert together(*(load_and_activate(name) for name in names)) == names
    with empty_sessions.begin() as session:
        states = session.scalars(select(Edition.state)).all()
        assert sorted(states) == ["active", "retired", "retired", "retired"]
        assert session.scalar(select(func.count()).select_from(Centre)) == 9


def test_who_waits_too_long_for_the_grid_is_told_so(empty_sessions: Sessions, now: datetime) -> None:
    with empty_sessions.begin() as session:
        store(session, reading(), name="town", now=now)
        with empty_sessions.begin() as other, pytest.raises(GridBusy):
            store(other, reading(), name="town-2", now=now)


# --- the real city ----------------------------------------------------------------------------------------------------


@pytest.mark.slow  # 6,734 cells with all checks: some seconds
@pytest.mark.skipif(not OSM.exists(), reason="shanghai-osm.geojson.gz is under ODbL and not part of this project")
def test_the_grid_from_openstreetmap_loads_and_has_no_fault(session: Session, now: datetime) -> None:
    found = read_file(OSM)
    assert (len(found.cells), found.faults) == (6734, [])
    edition = store(session, found, name="osm", now=now)
    activate(session, "osm", now=now)
    assert check_edition(session, edition) == []
    assert to_plane_many(np.array([121.4737]), np.array([31.2304]))[0][0] == pytest.approx(643.64, abs=0.01)
