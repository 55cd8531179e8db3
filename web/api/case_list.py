"""Lists of cases: the desk's, those behind a number, an inspector's own; queues with counts; likely duplicates."""

import math
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from apiflask import APIBlueprint
from flask import Response
from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from cases.clock import Light
from cases.measures import MEASURES
from cases.models import Approver, Source
from cases.search import Filters, Key, Queue, Sort, count_cases, count_queues, list_cases, similar_cases
from cases.stages import Stage
from core.errors import Invalid
from grid.levels import Level
from people.roles import Permission
from web.answers import answer, instant
from web.api.statistics import DayOrMoment, moment_of
from web.bodies import Answer, Paging, Query, gives, refuses, takes
from web.case_answers import CaseItem
from web.cursors import make_cursor, read_cursor
from web.signin import allow, person
from web.transaction import now, reader, runtime

blueprint = APIBlueprint("case_list", __name__, url_prefix="/cases", tag="Cases")
Code = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]{1,40}$")]


ME = "me"
Who = Annotated[str, StringConstraints(pattern=r"^(me|[0-9]{1,9})$")]


def _box(value: object) -> object:
    try:
        west, south, east, north = map(float, value) if isinstance(value, list) else map(float, str(value).split(","))
    except ValueError:
        raise PydanticCustomError("bad_box", "four numbers") from None
    sane = -180 <= west <= east <= 180 and -90 <= south <= north <= 90
    if not sane or math.isnan(west + south + east + north):
        raise PydanticCustomError("bad_box", "no box")
    return west, south, east, north


Box = Annotated[
    tuple[float, float, float, float],
    BeforeValidator(_box),
    WithJsonSchema({"type": "string", "description": "west,south,east,north in degrees of WGS-84"}),
]


class Asked(Query):
    """What a list is asked for; `stage`, `light` and `source` may be given several times or with commas."""

    stage: list[Stage] | None = None
    light: list[Light] | None = None
    source: list[Source] | None = None
    centre: Code | None = Field(None, description="Code of the responsible centre")
    cell: Code | None = Field(None, description="Code of an area of any level")
    level: Level | None = Field(None, description="Level of the responsible centre")
    category: Annotated[str, StringConstraints(pattern=r"^[0-9]{2,8}$")] | None = Field(
        None, description="A category's code, or the two digits of a class"
    )
    department: Code | None = None
    inspector: Who | None = Field(None, description="`me` or a person's id")
    reporter: Who | None = Field(None, description="`me` or a person's id")
    q: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)] | None = Field(
        None, description="The number's beginning, or a piece of description or address"
    )
    bbox: Box | None = None
    reported_from: DayOrMoment = Field(None, description="A day of the city, or a moment, included")
    reported_to: DayOrMoment = Field(None, description="A day (included), or a moment (not included)")
    open: bool | None = None
    overdue: bool | None = None
    mine: bool | None = Field(None, description="What waits for oneself; false: what doesn't")
    supervised: bool | None = Field(
        None, description="With an open supervision order of one's own centre; false: without"
    )
    suspended: bool | None = Field(None, description="Put off to a day; false: not")
    disputed: bool | None = Field(None, description="Returned so often that the higher centre decides; false: not")
    joint: bool | None = Field(None, description="Other departments assist; false: none does")
    awaits: Approver | None = Field(None, description="A request on the case waits for this approval")
    measure: str | None = Field(None, description=f"Behind a number of the statistics: {', '.join(MEASURES)}")
    queue: Queue | None = Field(None, description="A view of the desk")


class ListAsked(Asked, Paging):
    sort: Sort | None = Field(None, description="`burns`, what is due next first, for what is open; else the newest")
    count: bool = Field(False, description="Count all of them too")


class CasesAnswer(Answer):
    items: list[CaseItem]
    next: str | None
    count: int | None = Field(None, description="With `count=true`")


class QueuesAnswer(Answer):
    """How many open cases stand in each view."""

    accept: int
    verify: int
    file: int
    dispatch: int
    sign: int
    handle: int
    check: int
    close: int
    overdue: int
    soon: int
    supervised: int
    decisions: int = Field(
        description="Requests that wait for one of one's posts, none that one asked for or approved, of ended cases too"
    )
    suspended: int
    disputed: int
    open: int
    mine: int


class SimilarItem(CaseItem):
    score: float = Field(description="0 to 1, by distance, time and category")
    distance_m: float
    hours: float = Field(description="Reported so many hours later; negative: earlier")


class SimilarAnswer(Answer):
    items: list[SimilarItem]


@blueprint.get("")
@allow(Permission.SEE_CASES)
@takes(query=ListAsked)
@gives(CasesAnswer)
@refuses("no-cell")
def list_them(*, query: ListAsked) -> Response:
    """The cases that one sees, filtered and ordered, page by page."""
    filters = filters_of(query)
    sort = query.sort or filters.sort
    after = _read_key(query.cursor, sort) if query.cursor else None
    page = list_cases(reader(), person(), filters, now=now(), sort=sort, limit=query.limit, after=after)
    body: dict[str, Any] = {"items": page.items, "next": _make_key(page.next, sort) if page.next else None}
    if query.count:
        body["count"] = count_cases(reader(), person(), filters, now=now())
    return answer(body)


@blueprint.get("/queues")
@allow(Permission.SEE_CASES)
@gives(QueuesAnswer)
def queues() -> Response:
    """How many open cases stand in each view of the desk."""
    return answer(count_queues(reader(), person(), now=now(), refusals_most=_refusals_most()))


@blueprint.get("/<no>/similar")
@allow(Permission.SEE_CASES)
@gives(SimilarAnswer)
@refuses("not-found")
def similar(no: str) -> Response:
    """Likely duplicates: near in place, time and kind, the likeliest first."""
    return answer({"items": similar_cases(reader(), person(), no, now=now())})


def filters_of(query: Asked) -> Filters:
    """What a list is asked for, as the search takes it."""
    zone = ZoneInfo(runtime().settings.calendar.zone)
    start, end = moment_of(query.reported_from, zone, 0), moment_of(query.reported_to, zone, 1)
    if start is not None and end is not None and end <= start:
        raise Invalid.one("reported_to", "before_from")
    same = {"stage", "light", "source", "inspector", "reporter", "reported_from", "reported_to"}
    plain = {name: getattr(query, name) for name in Asked.model_fields if name not in same}
    return replace(
        Filters(**plain),
        stages=tuple(query.stage or ()),
        lights=tuple(query.light or ()),
        sources=tuple(query.source or ()),
        inspector=_id(query.inspector),
        reporter=_id(query.reporter),
        reported_from=start,
        reported_to=end,
        refusals_most=_refusals_most(),
    )


def _refusals_most() -> int:
    return runtime().settings.handling.refusals_most


def _id(who: str | None) -> int | None:
    if who is None:
        return None
    return person().person_id if who == ME else int(who)


def _make_key(key: Key, sort: Sort) -> str:
    return make_cursor(sort.value, "" if key.at is None else instant(key.at), key.id)


def _read_key(cursor: str, sort: Sort) -> Key:
    made_for, at, case_id = read_cursor(cursor, str, str, int)
    try:
        moment = datetime.fromisoformat(at) if at else None
    except ValueError:
        moment, made_for = None, ""
    known = moment is None or moment.tzinfo is not None
    if made_for != sort or not known or not 0 <= case_id < 2**63 or (moment is None and sort is not Sort.BURNS):
        raise Invalid.one("cursor", "bad_cursor")
    return Key(moment, case_id)
