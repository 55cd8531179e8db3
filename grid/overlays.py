"""Duty areas (责任网格): polygons besides the grid, each kept by a centre; whose beat one is stands in `people`."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import orjson
import shapely
import structlog
from geoalchemy2.shape import from_shape
from shapely.geometry import shape
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.errors import FieldError, Invalid
from grid.cells import ACTIVE, find_edition_id
from grid.checks import area_m2, to_plane_geometry
from grid.coordinates import BadCoordinate, Crs, Fault, to_wgs84_many
from grid.errors import BadGridFile
from grid.models import WGS84, Cell, Centre, Overlay, OverlayKind
from grid.rows import CONTROLS

MOST_VERTICES, MOST_NAME = 20_000, 120
LEAST_M2 = 100.0
"""A smaller beat is a slip of the hand."""

LEAST_SHARE = 0.5
"""So much of an area lies on the ground of its centre: borders differ, but a beat elsewhere is another centre's."""

CODE = re.compile(r"[0-9A-Za-z_-]{1,24}")
"""It stands in addresses."""

_PLACE = re.compile(r"\[(\S+) (\S+)\]$")

log = structlog.get_logger()


@dataclass(frozen=True)
class AreaGiven:
    """A duty area as somebody wants it; `geom` is a valid MultiPolygon in WGS-84."""

    code: str
    name: str
    geom: Any


# --- polygons ---------------------------------------------------------------------------------------------------------


def read_polygon(given: Any, field: str = "polygon") -> Any:
    """The MultiPolygon of a GeoJSON geometry in WGS-84. Raises Invalid on the field: no polygon, crossing itself, …"""
    geom = _read(given)
    if geom is None or geom.is_empty or geom.geom_type not in {"Polygon", "MultiPolygon"}:
        raise Invalid.one(field, "no_polygon")
    flat = shapely.force_2d(geom)
    vertices = shapely.get_coordinates(flat)
    if len(vertices) > MOST_VERTICES:
        raise Invalid.one(field, "too_many", most=MOST_VERTICES)
    try:
        to_wgs84_many(Crs.WGS84, *vertices.T)
    except BadCoordinate as error:
        raise Invalid.one(field, "swapped" if error.reason is Fault.SWAPPED else "no_place") from None
    if not shapely.is_valid(flat):
        raise Invalid.one(field, "crosses_itself", at=_where_invalid(flat))
    if not float(area_m2(flat)) >= LEAST_M2:
        raise Invalid.one(field, "too_small_area", least=int(LEAST_M2))
    return _multi(flat)


def _where_invalid(geom: Any) -> str | None:
    """`lon, lat` of what makes a polygon none; None: GEOS, which says why in English only, names no place."""
    found = _PLACE.search(str(shapely.is_valid_reason(geom)))
    return f"{found[1]}, {found[2]}" if found else None


def _read(given: Any) -> Any:
    try:
        with np.errstate(invalid="ignore"):
            return shape(given)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, shapely.errors.ShapelyError):
        return None


def _multi(geom: Any) -> Any:
    return shapely.multipolygons([geom]) if geom.geom_type == "Polygon" else geom


def polygon_of_cells(conn: Connection, centre: Centre, codes: Sequence[str]) -> Any:
    """The union of cells of the active edition. Raises Invalid for those that are not on the centre's ground."""
    edition_id = find_edition_id(conn, ACTIVE)
    found = {
        row.code: row
        for row in conn.execute(
            select(Cell.code, Cell.line, Cell.geom.ST_AsBinary().label("geom")).where(
                Cell.edition_id == edition_id, Cell.code.in_(codes)
            )
        )
    }
    errors = []
    for i, code in enumerate(codes):
        if code not in found:
            errors.append(FieldError.of(f"cells.{i}", "no_such_cell", cell=code))
        elif all(above["code"] != centre.code for above in found[code].line):
            errors.append(FieldError.of(f"cells.{i}", "not_its_ground", centre=centre.name))
    if errors:
        raise Invalid(errors)
    return _multi(shapely.union_all(shapely.from_wkb([bytes(row.geom) for row in found.values()])))


_SHARE = text("""
SELECT ST_Area(ST_Intersection(cells.plane, ST_GeomFromWKB(:plane))) / ST_Area(ST_GeomFromWKB(:plane))
FROM cells JOIN editions ON editions.id = cells.edition_id AND editions.state = 'active' WHERE cells.code = :code
""")


def check_ground(conn: Connection, centre: Centre, geom: Any, field: str = "polygon") -> None:
    """Raise Invalid unless at least half of the polygon lies on the centre's ground."""
    plane = shapely.to_wkb(to_plane_geometry(geom))
    share = conn.execute(_SHARE, {"plane": plane, "code": centre.code}).scalar()
    if share is None or share < LEAST_SHARE:
        raise Invalid.one(field, "not_its_ground", centre=centre.name)


# --- rows -------------------------------------------------------------------------------------------------------------


def find_overlay(session: Session, code: str) -> Overlay | None:
    """The duty area of that code, locked for a change, also one that is no longer in use."""
    wanted = select(Overlay).where(Overlay.kind == OverlayKind.DUTY_GRID, Overlay.code == code).with_for_update()
    return session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()


def put_overlay(session: Session, centre: Centre, given: AreaGiven, *, now: datetime) -> Overlay:
    """Make the area, or change it to what is given; the same again changes nothing, not even `changed_at`."""
    found = find_overlay(session, given.code)
    if found is None:
        made = Overlay(kind=OverlayKind.DUTY_GRID, code=given.code, retired_at=None)
        _write(made, centre, given, now)
        try:
            with session.begin_nested():
                session.add(made)
                session.flush()
        except IntegrityError:  # somebody made it meanwhile
            return put_overlay(session, centre, given, now=now)
        log.info("duty-area-made", duty_area=given.code, centre=centre.code)
        return made
    same = (found.name, found.centre_id, found.retired_at) == (given.name, centre.id, None)
    if not (same and bytes(found.geom.data) == bytes(from_shape(given.geom, WGS84, extended=True).data)):
        _write(found, centre, given, now)
        session.flush()
        log.info("duty-area-changed", duty_area=given.code, centre=centre.code)
    return found


def _write(overlay: Overlay, centre: Centre, given: AreaGiven, now: datetime) -> None:
    overlay.name, overlay.centre_id, overlay.retired_at, overlay.changed_at = given.name, centre.id, None, now
    overlay.geom = from_shape(given.geom, WGS84, extended=True)
    overlay.plane = from_shape(to_plane_geometry(given.geom))


# --- from a file ------------------------------------------------------------------------------------------------------


def load_areas(session: Session, data: bytes, *, now: datetime) -> int:
    """Put the duty areas of a GeoJSON FeatureCollection (properties code, name, centre_code); how many they are.

    Raises BadGridFile, and Invalid with every fault, `features.NUMBER` from 1: then nothing has changed.
    """
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BadGridFile(f"this is no JSON: {error}") from error
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or not features:
        raise BadGridFile("this is no GeoJSON FeatureCollection with features")
    centres = {centre.code: centre for centre in session.scalars(select(Centre).where(Centre.retired_at.is_(None)))}
    errors: list[FieldError] = []
    wanted = [_area(session, i, feature, centres, errors) for i, feature in enumerate(features, start=1)]
    codes = Counter(area.code for area, _ in filter(None, wanted))
    errors += [FieldError.of(f"features.{code}", "duplicate") for code, count in codes.items() if count > 1]
    if errors:
        raise Invalid(errors)
    for area, centre in filter(None, wanted):
        put_overlay(session, centre, area, now=now)
    return len(wanted)


def _area(
    session: Session, number: int, feature: Any, centres: dict[str, Centre], errors: list[FieldError]
) -> tuple[AreaGiven, Centre] | None:
    field = f"features.{number}"
    properties = feature.get("properties") if isinstance(feature, dict) else None
    values = [properties.get(key) if isinstance(properties, dict) else None for key in ("code", "name", "centre_code")]
    code, name, centre_code = (value.strip() if isinstance(value, str) else "" for value in values)
    if code and not CODE.fullmatch(code):
        errors.append(FieldError.of(f"{field}.code", "bad_form"))
    elif not code:
        errors.append(FieldError.of(f"{field}.code", "required"))
    if not name or CONTROLS.search(name):
        errors.append(FieldError.of(f"{field}.name", "required"))
    elif len(name) > MOST_NAME:
        errors.append(FieldError.of(f"{field}.name", "too_long", most=MOST_NAME))
    centre = centres.get(centre_code)
    if centre is None:
        errors.append(FieldError.of(f"{field}.centre_code", "no_such_centre", centre=centre_code or "–"))
        return None
    try:
        geom = read_polygon(feature.get("geometry"), f"{field}.geometry")
        check_ground(session.connection(), centre, geom, f"{field}.geometry")
    except Invalid as error:
        errors += error.errors
        return None
    return AreaGiven(code, name, geom), centre
