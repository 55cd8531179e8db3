"""Duty areas (责任网格) of inspectors: drawn and given out by who leads the patrol."""

from typing import Annotated, Any

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from core.errors import Invalid
from grid.overlays import CODE, AreaGiven, check_ground, polygon_of_cells, read_polygon
from people.duty_areas import check_leads, drop_area, find_seen_centre, give_people, list_areas, put_area
from people.roles import Permission
from web.answers import answer, nothing
from web.bodies import LARGEST_SMALL_ID, Answer, Body, Line, Moment, Paging, gives, refuses, takes
from web.cursors import make_cursor, read_cursor
from web.signin import allow, person
from web.transaction import db, now, reader

blueprint = APIBlueprint("duty_areas", __name__, url_prefix="/duty-areas", tag="Patrol")

CellCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{1,24}$")]
PersonId = Annotated[int, Field(ge=1, le=LARGEST_SMALL_ID)]


class CentreName(Answer):
    code: str
    name: str


class WalkerAnswer(Answer):
    id: int
    name: str
    since: Moment


class DutyAreaAnswer(Answer):
    code: str
    name: str
    centre: CentreName
    polygon: dict[str, Any] = Field(description="GeoJSON MultiPolygon, WGS-84")
    area_m2: float
    people: list[WalkerAnswer]
    changed_at: Moment


class DutyAreasAnswer(Answer):
    items: list[DutyAreaAnswer]
    next: str | None


class DutyAreasQuery(Paging):
    centre: CellCode | None = Field(None, description="Of this centre and those below it")


class DutyAreaBody(Body):
    """Its ground is a polygon, or whole cells."""

    name: Annotated[Line, Field(max_length=120)]
    centre_code: CellCode
    polygon: dict[str, Any] | None = Field(None, description="GeoJSON Polygon or MultiPolygon, WGS-84")
    cells: Annotated[list[CellCode], Field(min_length=1, max_length=500)] | None = Field(
        None, description="Codes of cells of the active edition"
    )

    @model_validator(mode="after")
    def _one_ground(self) -> "DutyAreaBody":
        if (self.polygon is None) == (self.cells is None):
            raise PydanticCustomError("polygon_or_cells", "one of them")
        return self


class Walkers(Body):
    people: Annotated[list[PersonId], Field(max_length=500)] = Field(description="Ids of inspectors; all of them")


@blueprint.get("")
@allow(Permission.SEE_GROUND)
@takes(query=DutyAreasQuery)
@gives(DutyAreasAnswer)
@refuses("no-such-centre")
def duty_areas(*, query: DutyAreasQuery) -> Response:
    """The duty areas below one's own centres, by code."""
    after: str | None = read_cursor(query.cursor, str)[0] if query.cursor else None
    found = list_areas(reader(), person(), centre=query.centre, after=after, limit=query.limit + 1)
    page = found[: query.limit]
    return answer({"items": page, "next": make_cursor(page[-1]["code"]) if len(found) > len(page) else None})


@blueprint.put("/<code>")
@allow(Permission.LEAD_PATROL)
@takes(DutyAreaBody)
@gives(DutyAreaAnswer, 201)
@gives(DutyAreaAnswer, 200, text="It was there and is now so")
@refuses("no-such-centre", "duty-area-taken", "no-such-edition")
def put(code: str, *, body: DutyAreaBody) -> Response:
    """Make or change a duty area of a centre whose patrol one leads."""
    if not CODE.fullmatch(code):
        raise Invalid.one("code", "bad_form")
    centre = find_seen_centre(db(), person(), body.centre_code)
    check_leads(person(), centre.line)
    conn = db().connection()
    if body.cells is not None:
        geom = polygon_of_cells(conn, centre, body.cells)
    else:
        geom = read_polygon(body.polygon)
        check_ground(conn, centre, geom)
    is_new = put_area(db(), person(), centre, AreaGiven(code, body.name, geom), now=now())
    return _shown(code, 201 if is_new else 200)


@blueprint.delete("/<code>")
@allow(Permission.LEAD_PATROL)
@gives(None, 204)
@refuses("no-such-duty-area")
def drop(code: str) -> Response:
    """The area is no longer in use; nobody walks it."""
    drop_area(db(), person(), code, now=now())
    return nothing()


@blueprint.put("/<code>/people")
@allow(Permission.LEAD_PATROL)
@takes(Walkers)
@gives(DutyAreaAnswer)
@refuses("no-such-duty-area")
def people(code: str, *, body: Walkers) -> Response:
    """Who walks the area from now on: these inspectors of its centre or below, no others."""
    give_people(db(), person(), code, body.people, now=now())
    return _shown(code)


def _shown(code: str, status: int = 200) -> Response:
    return answer(list_areas(db(), person(), code=code)[0], status)
