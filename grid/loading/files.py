"""GeoJSON (also gzipped), GeoPackage and Shapefile → cells in WGS-84, with every fault of a single feature."""

import gzip
import hashlib
import io
import json
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError
from shapely.geometry import shape

from grid.checks import CellData, Fault, FaultKind, check_cells
from grid.coordinates import BadCoordinate, Crs, to_wgs84_many
from grid.errors import BadGridFile
from grid.levels import Level

LARGEST = 512 * 1024 * 1024
"""Bytes of a GeoJSON file after unzipping; a whole province at village level has less."""

CODE = re.compile(r"[0-9A-Za-z_-]{1,24}")


@dataclass(frozen=True)
class Reading:
    """What a file held: its cells, all faults found in it, and where it came from."""

    cells: list[CellData]
    faults: list[Fault]
    source: str


def read_file(path: Path) -> Reading:
    """Read and check a grid file; `.gpkg` and `.shp` by GDAL, all else as GeoJSON, gzipped or not.

    Raises BadGridFile when no features can be read at all; faults of single cells are listed in the result.
    """
    if not path.is_file():
        raise BadGridFile(f"{path}: there is no such file")
    if path.suffix.lower() in {".gpkg", ".shp"}:
        return _reading(*_read_by_gdal(path), source=path.name)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadGridFile(f"{path}: {error.strerror}") from error
    return read_bytes(data, name=path.name)


def read_bytes(data: bytes, *, name: str) -> Reading:
    """Read and check GeoJSON, gzipped or not; raises as `read_file` does."""
    digest = hashlib.sha256(data).hexdigest()
    document = _parse(_unzip(data) if data[:2] == b"\x1f\x8b" else data)
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or document.get("type") != "FeatureCollection":
        raise BadGridFile("this is JSON, but no GeoJSON FeatureCollection")
    with np.errstate(invalid="ignore"):  # a NaN is told as a fault of its cell
        pairs = [_from_geojson(feature) for feature in features]
    return _reading(pairs, document.get("crs"), source=f"{name} sha256:{digest}")


# --- formats ----------------------------------------------------------------------------------------------------------

Pairs = list[tuple[Mapping[str, Any], Any]]


def _unzip(data: bytes) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            plain = file.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise BadGridFile(f"it looks gzipped, but cannot be unzipped: {error}") from error
    if len(plain) > LARGEST:
        raise BadGridFile(f"more than {LARGEST // 1024 // 1024} MiB when unzipped")
    return plain


def _parse(data: bytes) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as strict:
        # NaN is no JSON, but many write it: read it, so that the cell can be named.
        try:
            return json.loads(data)
        except (ValueError, RecursionError):
            raise BadGridFile(f"this is no JSON: {strict}") from strict


def _from_geojson(feature: Any) -> tuple[Mapping[str, Any], Any]:
    if not isinstance(feature, dict):
        return {}, None
    properties = feature.get("properties")
    try:
        geom = shape(feature["geometry"])
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, shapely.errors.ShapelyError):
        geom = None
    return properties if isinstance(properties, dict) else {}, geom


def _read_by_gdal(path: Path) -> tuple[Pairs, Any]:
    # 30 MiB that a web process carries only when somebody loads such a file
    import pyogrio.raw  # noqa: PLC0415
    from pyogrio.errors import DataLayerError, DataSourceError  # noqa: PLC0415

    try:
        meta, _, geoms, columns = pyogrio.raw.read(path)
    except (DataSourceError, DataLayerError) as error:
        raise BadGridFile(f"{path.name}: {error}") from error
    # A Shapefile cuts names of columns after ten letters.
    names = ["parent_code" if name == "parent_cod" else name for name in meta["fields"]]
    shapes = shapely.from_wkb(geoms)
    rows = zip(*columns, strict=True)
    return [(dict(zip(names, row, strict=True)), geom) for row, geom in zip(rows, shapes, strict=True)], meta["crs"]


# --- features ---------------------------------------------------------------------------------------------------------


def _reading(pairs: Pairs, crs: Any, *, source: str) -> Reading:
    if not pairs:
        raise BadGridFile("there is no feature in it")
    faults: list[Fault] = []
    to_wgs84 = _way_to_wgs84(crs)
    cells = []
    for number, (properties, geom) in enumerate(pairs, start=1):
        code = str(properties.get("code") or f"feature-{number}").replace("\0", "\N{REPLACEMENT CHARACTER}")
        polygons = _polygons(code, geom, to_wgs84, faults)
        cell = _cell(code, properties, polygons, faults)
        if cell is not None:
            cells.append(cell)
    return Reading(cells, faults + check_cells(cells), source)


def _cell(code: str, properties: Mapping[str, Any], geom: Any, faults: list[Fault]) -> CellData | None:
    """The cell, or None when it cannot take part in further checks."""
    faults.extend(_check_properties(code, properties))
    level = _text(properties.get("level"))
    if level not in set(Level) or "parent_code" not in properties:
        return None
    parent, nbs_code = (_text(properties.get(key)) for key in ("parent_code", "nbs_code"))
    return CellData(code, Level(level), parent, str(properties.get("name")), nbs_code, geom)


def _text(value: Any) -> str | None:
    return None if value is None or value != value or value == "" else str(value)  # noqa: PLR0124 - GDAL's null is a NaN


def _check_properties(code: str, properties: Mapping[str, Any]) -> Iterable[Fault]:
    for key in ("code", "level", "name"):
        if _text(properties.get(key)) is None:
            yield Fault(FaultKind.MISSING_PROPERTY, (code,), f"the property {key!r} is missing or empty")
    if "parent_code" not in properties:
        yield Fault(FaultKind.MISSING_PROPERTY, (code,), "the property 'parent_code' is missing (null at the root)")
    level = _text(properties.get("level"))
    if level is not None and level not in set(Level):
        known = " ".join(Level)
        yield Fault(FaultKind.UNKNOWN_LEVEL, (code,), f"{level[:40]!r} is no level; the levels are {known}")
    for key in ("code", "parent_code", "nbs_code"):
        value = _text(properties.get(key))
        if value is not None and not CODE.fullmatch(value):
            yield Fault(FaultKind.BAD_PROPERTY, (code[:24],), f"{key} is not 1 to 24 letters and digits")
    yield from _check_name(code, str(properties.get("name")))


def _check_name(code: str, name: str) -> Iterable[Fault]:
    if "\0" in name:
        yield Fault(FaultKind.BAD_PROPERTY, (code,), "name holds a character that cannot be kept (NUL)")
    if len(name) > 120:
        yield Fault(FaultKind.BAD_PROPERTY, (code,), "name is longer than 120 characters")


def _polygons(code: str, geom: Any, to_wgs84: "Way", faults: list[Fault]) -> Any:
    """The geometry as a MultiPolygon in WGS-84, or None with the fault noted."""
    if geom is None or geom.is_empty or geom.geom_type not in {"Polygon", "MultiPolygon"}:
        found = (
            "nothing readable" if geom is None else f"an empty {geom.geom_type}" if geom.is_empty else geom.geom_type
        )
        faults.append(Fault(FaultKind.NO_GEOMETRY, (code,), f"a Polygon or MultiPolygon is needed, here is {found}"))
        return None
    flat = shapely.force_2d(geom)
    coordinates = shapely.get_coordinates(flat)
    if not np.isfinite(coordinates).all():
        faults.append(Fault(FaultKind.NOT_FINITE, (code,), "a coordinate is NaN or infinite"))
        return None
    try:
        moved = shapely.transform(flat, to_wgs84) if to_wgs84 else flat
        to_wgs84_many(Crs.WGS84, *shapely.get_coordinates(moved).T)
    except BadCoordinate as error:
        hint = "; longitude comes first" if error.reason == "swapped" else ""
        detail = f"({error.x}, {error.y}) is no longitude and latitude{hint}"
        faults.append(Fault(FaultKind.OUT_OF_RANGE, (code,), detail))
        return None
    return shapely.multipolygons([moved]) if moved.geom_type == "Polygon" else moved


Way = Any
"""A function from coordinates (n, 2) to coordinates (n, 2) in WGS-84, or None where they are so already."""


def _way_to_wgs84(crs: Any) -> Way:
    """How to come from the file's reference to WGS-84: our own names, or what PROJ knows. None: it is WGS-84."""
    if isinstance(crs, dict):  # GeoJSON of 2008: {"type": "name", "properties": {"name": …}}
        properties = crs.get("properties")
        crs = properties.get("name") if isinstance(properties, dict) else str(crs)
    if crs is None:
        return None
    if str(crs).lower() in set(Crs):
        own = Crs(str(crs).lower())
        return lambda c: np.column_stack(to_wgs84_many(own, c[:, 0].copy(), c[:, 1].copy()))
    try:
        known = CRS.from_user_input(crs)
        code = known.to_epsg() or known.to_authority()
        if code in {4326, 4490, ("OGC", "CRS84")}:  # CGCS2000 and WGS-84 are the same to some decimetres
            return None
        transformer = Transformer.from_crs(known, "EPSG:4326", always_xy=True)
    except CRSError as error:
        raise BadGridFile(f"the reference {str(crs)[:80]!r} is not known") from error
    return lambda c: np.column_stack(transformer.transform(c[:, 0], c[:, 1]))
