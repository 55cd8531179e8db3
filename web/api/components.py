"""Components (部件): found on the map, and brought in from a file."""

from typing import Annotated, Any, Final

from apiflask import APIBlueprint
from flask import Response, request
from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from cases.components import component_codes
from core.errors import FieldError
from grid.components import ComponentFilter, Near, find_one, list_components, pour_components
from grid.coordinates import BadCoordinate, Crs, Fault, check_range
from grid.models import ComponentState
from people.roles import Permission
from web.answers import answer
from web.api.case_list import Box
from web.api.ground import check_grid_keeper
from web.bodies import Answer, Moment, Paging, Query, gives, refuses, takes
from web.cursors import make_cursor, read_cursor
from web.language import language
from web.signin import allow, big_body
from web.transaction import db, now, reader
from web.words import field_words

blueprint = APIBlueprint("components", __name__, tag="Components")

CSV: Final = "text/csv"
LARGEST_FILE: Final = 32 * 1024 * 1024
MOST_METRES: Final = 2000
MOST_WARNINGS: Final = 200


def _spot(value: object) -> object:
    try:
        lon, lat = map(float, value) if isinstance(value, list) else map(float, str(value).split(","))
        check_range(Crs.WGS84, lon, lat)
    except BadCoordinate as error:
        raise PydanticCustomError("swapped" if error.reason is Fault.SWAPPED else "no_place", "no place") from None
    except ValueError:
        raise PydanticCustomError("bad_spot", "two numbers") from None
    return lon, lat


Spot = Annotated[
    tuple[float, float],
    BeforeValidator(_spot),
    WithJsonSchema({"type": "string", "description": "lon,lat in degrees of WGS-84"}),
]


class ComponentsQuery(Paging):
    bbox: Box | None = None
    near: Spot | None = Field(None, description="The nearest first, with `distance_m`")
    metres: float = Field(100, gt=0, le=MOST_METRES, description="How far from `near`")
    category: Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$")] | None = None
    class_: Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$")] | None = Field(None, alias="class")
    q: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)] | None = Field(
        None, description="Part of the name, or how the code begins"
    )


class DepartmentName(Answer):
    code: str
    name: str
    name_en: str


class ComponentAnswer(Answer):
    id: str
    category_code: str
    name: str
    lon: float = Field(description="WGS-84")
    lat: float
    department: DepartmentName | None = Field(description="Its own; null: whose duty the ground is")
    owner: str
    state: ComponentState
    retired_at: Moment | None
    distance_m: float | None = Field(None, description="With `near`")


class ComponentsAnswer(Answer):
    items: list[ComponentAnswer]
    next: str | None


class ImportQuery(Query):
    dry_run: bool = Field(False, description="Only say what would happen")
    whole: bool = Field(False, description="Retire what the file does not name")


class WarningAnswer(Answer):
    field: str = Field(description="lines.NUMBER.column")
    code: str
    message: str


class ImportAnswer(Answer):
    read: int
    made: int
    changed: int
    unchanged: int
    retired: int
    dry_run: bool
    warnings: list[WarningAnswer] = Field(description=f"The first {MOST_WARNINGS}: taken, but look at these lines")
    warning_count: int


@blueprint.get("/components")
@allow(Permission.SEE_GROUND)
@takes(query=ComponentsQuery)
@gives(ComponentsAnswer)
def components(*, query: ComponentsQuery) -> Response:
    """Components in use, by code; near a place the nearest first."""
    near = None if query.near is None else Near(*query.near, query.metres)
    wanted = ComponentFilter(query.bbox, near, query.category, query.class_, query.q)
    kinds = (str,) if near is None else (float, str)
    after: list[Any] | None = read_cursor(query.cursor, *kinds) if query.cursor else None
    found = list_components(reader(), wanted, limit=query.limit + 1, after=after)
    page = found[: query.limit]
    following = None
    if len(found) > len(page):
        last = page[-1]
        following = make_cursor(last["id"]) if near is None else make_cursor(last["distance_m"], last["id"])
    return answer({"items": page, "next": following})


@blueprint.get("/components/<component_id>")
@allow(Permission.SEE_GROUND)
@gives(ComponentAnswer)
@refuses("no-such-component")
def component(component_id: str) -> Response:
    """One component, also one that is retired."""
    return answer(find_one(reader(), component_id))


@blueprint.post("/components:import")
@allow(Permission.KEEP_GRID)
@big_body(LARGEST_FILE)
@takes(query=ImportQuery, raw=CSV)
@gives(ImportAnswer)
@refuses("bad-components", "grid-busy", "no-edition")
def import_components(*, query: ImportQuery) -> Response:
    """Bring in components from CSV in UTF-8: id, category_code, name, lon, lat, crs; owner, department_code, state.

    One fault, and nothing is kept; the faults are listed by line. The same file again changes nothing.
    """
    check_grid_keeper()
    codes, data = component_codes(db()), request.get_data(cache=False)
    poured = pour_components(db(), data, categories=codes, now=now(), whole=query.whole, dry=query.dry_run)
    return answer(
        {
            "read": poured.read, "made": poured.made, "changed": poured.changed, "unchanged": poured.unchanged,
            "retired": poured.retired, "dry_run": query.dry_run, "warning_count": len(poured.warnings),
            "warnings": [_worded(warning) for warning in poured.warnings[:MOST_WARNINGS]],
        }
    )  # fmt: skip


def _worded(warning: FieldError) -> dict[str, str]:
    message = field_words(warning.code, language(), dict(warning.data))
    return {"field": warning.field, "code": warning.code, "message": message}
