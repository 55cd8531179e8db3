"""Where a point is, the cells of the grid, and its editions."""

from datetime import date
from typing import Annotated, Any, Literal

import orjson
from apiflask import APIBlueprint
from flask import Response, request
from pydantic import Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from core.errors import Invalid, NotAllowed
from grid.cells import ACTIVE, CellFilter, count_cells, find_cell, find_edition_id, list_cells, list_editions
from grid.coordinates import BadCoordinate, Crs, Fault, to_wgs84
from grid.levels import Level
from grid.loading import activate, read_bytes, store
from grid.locating import locate
from grid.models import Edition, EditionState
from people.roles import MAY, Permission
from web.answers import answer, to_json
from web.bodies import JSON, LARGEST_SMALL_ID, Answer, Limit, Moment, Paging, Query, gives, refuses, takes
from web.cursors import make_cursor, read_cursor
from web.signin import allow, big_body, person
from web.transaction import db, now, reader, runtime

blueprint = APIBlueprint("ground", __name__, tag="Ground")

GEO = "application/geo+json"
GZIP = "application/gzip"
LARGEST_FILE = 64 * 1024 * 1024
MOST_ACCURACY_M = 100_000.0
Code = Annotated[str, StringConstraints(min_length=1, max_length=24)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=80)]


# --- locate -----------------------------------------------------------------------------------------------------------


class Point(Query):
    """`lon` and `lat` in degrees of `crs`; for `sh2000` `x` (east) and `y` (north) in metres."""

    crs: Crs
    lon: float | None = Field(None, validate_default=True)
    lat: float | None = Field(None, validate_default=True)
    x: float | None = Field(None, validate_default=True)
    y: float | None = Field(None, validate_default=True)
    accuracy_m: float | None = Field(None, ge=0, le=MOST_ACCURACY_M, description="Radius in which the point may lie")
    at: Moment | None = Field(None, description="By the edition in use then; else by the active one")

    @field_validator("lon", "lat", "x", "y")
    @classmethod
    def _fits_the_crs(cls, value: float | None, info: ValidationInfo) -> float | None:
        metres = info.data.get("crs") is Crs.SH2000
        wanted = (info.field_name in {"x", "y"}) is metres
        if wanted and value is None:
            raise PydanticCustomError("required", "needed")
        if not wanted and value is not None and "crs" in info.data:
            raise PydanticCustomError("unknown", "not of this crs")
        return value

    def wgs84(self) -> tuple[float, float]:
        """Longitude and latitude in WGS-84. Raises Invalid on the field that is at fault."""
        first, second = (self.x, self.y) if self.crs is Crs.SH2000 else (self.lon, self.lat)
        assert first is not None
        assert second is not None
        try:
            return to_wgs84(self.crs, first, second)
        except BadCoordinate as error:
            code = "swapped" if error.reason is Fault.SWAPPED else "no_place"
            raise Invalid.one("y" if self.crs is Crs.SH2000 else "lat", code) from None


class CellName(Answer):
    code: str
    name: str


class LevelName(CellName):
    level: Level


class CandidateAnswer(CellName):
    distance_m: float


class PlaceAnswer(Answer):
    """Where a point lies: its village and the line up to the city."""

    cell: CellName
    line: list[LevelName] = Field(description="From the city down to the village")
    centre: LevelName = Field(description="The village's own; who is responsible depends on the category")
    method: Literal["inside", "edge", "near"]
    confidence: Literal["high", "low"]
    candidates: list[CandidateAnswer] = Field(description="Other villages that the accuracy circle touches")
    distance_m: float = Field(description="0 unless `near`")
    edition: str


@blueprint.get("/locate")
@allow(Permission.SEE_GROUND)
@takes(query=Point)
@gives(PlaceAnswer)
@refuses("outside-grid", "no-edition")
def locate_point(*, query: Point) -> Response:
    """The village of a point and its line up to the city."""
    lon, lat = query.wgs84()
    near_m = runtime().settings.intake.near_metres
    place = locate(reader(), lon, lat, accuracy_m=query.accuracy_m, near_m=near_m, at=query.at)
    return answer(place.as_json())


# --- cells ------------------------------------------------------------------------------------------------------------


class InEdition(Query):
    edition: Name = Field(ACTIVE, description="Name of an edition")


class CellsQuery(InEdition, Paging):
    level: Level | None = None
    parent: Code | None = None
    q: Annotated[str, StringConstraints(min_length=1, max_length=60)] | None = Field(
        None, description="Part of the name, or how the code begins"
    )
    count: bool = False


class ChildrenQuery(InEdition):
    limit: Limit = 200
    cursor: str | None = Field(None, max_length=500)


class CellAnswer(Answer):
    code: str
    level: Level
    parent_code: str | None
    name: str
    nbs_code: str | None
    area_m2: float
    line: list[LevelName]


class CellsAnswer(Answer):
    items: list[CellAnswer]
    next: str | None
    count: int | None = Field(None, description="With `count=true`")


class FeatureAnswer(Answer):
    type: Literal["Feature"]
    id: str
    properties: CellAnswer
    geometry: dict[str, Any]


class FeaturesAnswer(Answer):
    type: Literal["FeatureCollection"]
    features: list[FeatureAnswer]
    next: str | None
    count: int | None = None


@blueprint.get("/cells")
@allow(Permission.SEE_GROUND)
@takes(query=CellsQuery)
@gives(CellsAnswer)
@gives(FeaturesAnswer, media=GEO)
@refuses("no-such-edition")
def cells(*, query: CellsQuery) -> Response:
    """Cells by code; `Accept: application/geo+json` gives them with their outlines."""
    return _cells(query, CellFilter(query.level, query.parent, query.q), with_count=query.count, geo=_wants_geo())


@blueprint.get("/cells.geojson")
@allow(Permission.SEE_GROUND)
@takes(query=CellsQuery)
@gives(FeaturesAnswer, media=GEO)
@refuses("no-such-edition")
def cells_geo(*, query: CellsQuery) -> Response:
    """Cells with their outlines."""
    return _cells(query, CellFilter(query.level, query.parent, query.q), with_count=query.count, geo=True)


@blueprint.get("/cells/<code>")
@allow(Permission.SEE_GROUND)
@takes(query=InEdition)
@gives(CellAnswer)
@gives(FeatureAnswer, media=GEO)
@refuses("no-cell", "no-such-edition")
def cell(code: str, *, query: InEdition) -> Response:
    """One cell."""
    return _cell(code, query.edition, geo=_wants_geo())


@blueprint.get("/cells/<code>.geojson")
@allow(Permission.SEE_GROUND)
@takes(query=InEdition)
@gives(FeatureAnswer, media=GEO)
@refuses("no-cell", "no-such-edition")
def cell_geo(code: str, *, query: InEdition) -> Response:
    """One cell with its outline."""
    return _cell(code, query.edition, geo=True)


@blueprint.get("/cells/<code>/children")
@allow(Permission.SEE_GROUND)
@takes(query=ChildrenQuery)
@gives(CellsAnswer)
@gives(FeaturesAnswer, media=GEO)
@refuses("no-cell", "no-such-edition")
def children(code: str, *, query: ChildrenQuery) -> Response:
    """The cells directly below one."""
    return _children(code, query, geo=_wants_geo())


@blueprint.get("/cells/<code>/children.geojson")
@allow(Permission.SEE_GROUND)
@takes(query=ChildrenQuery)
@gives(FeaturesAnswer, media=GEO)
@refuses("no-cell", "no-such-edition")
def children_geo(code: str, *, query: ChildrenQuery) -> Response:
    """The cells directly below one, with their outlines."""
    return _children(code, query, geo=True)


def _wants_geo() -> bool:
    return request.accept_mimetypes.best_match(["application/json", GEO]) == GEO


def _cell(code: str, edition: str, *, geo: bool) -> Response:
    found = find_cell(reader(), find_edition_id(reader(), edition), code, geometry=geo)
    return _vary(Response(to_json(_feature(found)), mimetype=GEO) if geo else answer(found))


def _children(code: str, query: ChildrenQuery, *, geo: bool) -> Response:
    find_cell(reader(), find_edition_id(reader(), query.edition), code)
    return _cells(query, CellFilter(parent=code), geo=geo)


def _cells(query: CellsQuery | ChildrenQuery, wanted: CellFilter, *, geo: bool, with_count: bool = False) -> Response:
    after: str | None = read_cursor(query.cursor, str)[0] if query.cursor else None
    conn = reader()
    edition_id = find_edition_id(conn, query.edition)
    found = list_cells(conn, edition_id, wanted, limit=query.limit + 1, after=after, geometry=geo)
    page = found[: query.limit]
    more: dict[str, Any] = {"next": make_cursor(page[-1]["code"]) if len(found) > len(page) else None}
    if with_count:
        more["count"] = count_cells(conn, edition_id, wanted)
    if geo:
        collection = {"type": "FeatureCollection", "features": [_feature(cell) for cell in page]}
        return _vary(Response(to_json(collection | more), mimetype=GEO))
    return _vary(answer({"items": page} | more))


def _feature(cell: dict[str, Any]) -> dict[str, Any]:
    geometry = orjson.Fragment(cell.pop("geometry"))
    return {"type": "Feature", "id": cell["code"], "properties": cell, "geometry": geometry}


def _vary(response: Response) -> Response:
    response.vary.add("Accept")
    return response


# --- editions ---------------------------------------------------------------------------------------------------------


class GridFaultAnswer(Answer):
    kind: str
    codes: list[str]
    area_m2: float | None
    detail: str


class EditionAnswer(Answer):
    name: str
    state: EditionState
    valid_from: date | None
    source: str
    cell_count: int
    faults: list[GridFaultAnswer]
    created_at: Moment
    activated_at: Moment | None
    retired_at: Moment | None


class EditionsAnswer(Answer):
    items: list[EditionAnswer]
    next: str | None


class NewEdition(Query):
    name: Name
    valid_from: date | None = None


@blueprint.get("/editions")
@allow(Permission.SEE_GROUND)
@takes(query=Paging)
@gives(EditionsAnswer)
def editions(*, query: Paging) -> Response:
    """Editions of the grid, the newest first."""
    after: int | None = read_cursor(query.cursor, int, most=LARGEST_SMALL_ID)[0] if query.cursor else None
    found = list_editions(reader(), limit=query.limit + 1, after=after)
    page = found[: query.limit]
    following = make_cursor(page[-1]["id"]) if len(found) > len(page) else None
    return answer({"items": [_edition(row) for row in page], "next": following})


@blueprint.post("/editions")
@allow(Permission.KEEP_GRID)
@big_body(LARGEST_FILE)
@takes(query=NewEdition, raw=(GEO, JSON, GZIP))
@gives(EditionAnswer, 201, text="Checked and kept; not yet active")
@refuses("bad-grid", "bad-grid-file", "edition-taken", "grid-busy")
def load(*, query: NewEdition) -> Response:
    """Load a grid: the body is GeoJSON, gzipped or not. One fault, and nothing is kept; all faults are listed."""
    check_grid_keeper()
    reading = read_bytes(request.get_data(cache=False), name="upload")
    edition = store(db(), reading, name=query.name, valid_from=query.valid_from, now=now())
    return answer(_edition(_row(edition)), 201)


@blueprint.post("/editions/<name>/activate")
@allow(Permission.KEEP_GRID)
@gives(EditionAnswer)
@refuses("no-such-edition", "edition-not-ready", "grid-busy")
def activate_edition(name: str) -> Response:
    """Make a checked edition the active one, in one transaction; the former is retired."""
    check_grid_keeper()
    return answer(_edition(_row(activate(db(), name, now=now()))))


def check_grid_keeper() -> None:
    """The grid is one for the whole city: only who administers its root may change it."""
    if not any(Permission.KEEP_GRID in MAY[seat.role] and len(seat.line) == 1 for seat in person().seats):
        raise NotAllowed(needs=[Permission.KEEP_GRID.value])


def _row(edition: Edition) -> dict[str, Any]:
    return {column.key: getattr(edition, column.key) for column in Edition.__table__.columns}


def _edition(row: dict[str, Any]) -> dict[str, Any]:
    return {key: row[key] for key in EditionAnswer.model_fields} | {"faults": row["faults"] or []}
