"""Leadership's numbers: every one opens the list of its cases."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from apiflask import APIBlueprint
from flask import Response
from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints, TypeAdapter, WithJsonSchema
from pydantic_core import PydanticCustomError

from cases.models import Source
from cases.statistics.breakdowns import By, Question, statistics
from cases.statistics.measures import NAMES
from core.errors import Invalid
from grid.levels import Level
from people.roles import Permission
from web.answers import answer
from web.bodies import Answer, Moment, Query, gives, refuses, takes
from web.signin import allow, person
from web.transaction import now, reader, runtime

blueprint = APIBlueprint("statistics", __name__, url_prefix="/statistics", tag="Statistics")


DAY = re.compile(r"(19|20|21)\d\d-\d\d-\d\d")


def _day(value: object) -> object:
    if not isinstance(value, str) or DAY.fullmatch(value) is None:
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise PydanticCustomError("not_date", "no such day") from None


def _day_or_moment(value: object) -> object:
    day = _day(value)
    return day if isinstance(day, date) else MOMENT.validate_python(value)


MOMENT: TypeAdapter[datetime] = TypeAdapter(Moment)
DayOrMoment = Annotated[
    Any,
    BeforeValidator(_day_or_moment),
    WithJsonSchema({"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]}),
]


def _measure(value: object) -> object:
    if value not in NAMES:
        raise PydanticCustomError("not_one_of", "unknown", {"expected": ", ".join(NAMES)})
    return value


Measure = Annotated[str, BeforeValidator(_measure), WithJsonSchema({"type": "string", "enum": list(NAMES)})]
Code = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{1,24}$")]


class Asked(Query):
    """A day in `to` is included; a moment in `to` is not."""

    start: DayOrMoment = Field(None, alias="from", description="A day of the city, or a moment, included")
    end: DayOrMoment = Field(None, alias="to", description="A day (included), or a moment (not included)")
    by: By = Field(By.NONE, description="What a row stands for")
    level: Level | None = Field(None, description="Rows of this level's areas, when `by` says nothing")
    cell: Code | None = Field(None, description="Only this area, of any level")
    category: Annotated[str, StringConstraints(pattern=r"^[0-9]{2,8}$")] | None = Field(
        None, description="A category's code, or the two digits of a class"
    )
    source: list[Source] | None = None
    measures: list[Measure] | None = Field(None, description="Only these numbers and rates; else all")


class Numbers(Answer):
    """Measures by name; `median_handle_minutes` is the time from dispatch to the end of handling."""

    model_config = ConfigDict(extra="allow", allow_inf_nan=False)


class CellName(Answer):
    code: str
    name: str
    level: Level


class Item(Numbers):
    key: str | None = Field(description="What lists take as `cell`, `category`, `source` or `centre`; null: unknown")
    name: str | None
    name_en: str | None
    level: Level | None
    query: str | None = Field(description="Behind `/api/v1/cases?measure=NAME&`: the cases of this row's numbers")


class StatisticsAnswer(Answer):
    as_of: Moment
    date: str = Field(description="The moment by which a case belongs to the period")
    start: Moment | None = Field(alias="from")
    end: Moment | None = Field(alias="to", description="Not included")
    by: By
    cell: CellName | None
    line: list[CellName]
    totals: Numbers
    rates: dict[str, float | None] = Field(description="0 … 1; null where there is nothing to divide by")
    query: str
    formulas: dict[str, str]
    targets: dict[str, float]
    items: list[Item]


@blueprint.get("")
@allow(Permission.SEE_STATISTICS)
@takes(query=Asked)
@gives(StatisticsAnswer)
@refuses("no-cell")
def ask(*, query: Asked) -> Response:
    """Numbers and rates of a period, in all and by area, category, source or centre."""
    zone = ZoneInfo(runtime().settings.calendar.zone)
    start, end = moment_of(query.start, zone, 0), moment_of(query.end, zone, 1)
    if start is not None and end is not None and end <= start:
        raise Invalid.one("to", "before_from")
    question = Question(
        by=By(query.level.value) if query.by is By.NONE and query.level not in {None, Level.CITY} else query.by,
        start=start,
        end=end,
        cell=query.cell,
        category=query.category,
        sources=tuple(source.value for source in query.source or ()),
        measures=tuple(query.measures or ()),
    )
    return answer(statistics(reader(), person(), question, now=now()))


def moment_of(given: date | datetime | None, zone: ZoneInfo, days: int) -> datetime | None:
    """The moment itself, or midnight of the day in `zone`, so many days on."""
    if given is None or isinstance(given, datetime):
        return given.astimezone(UTC) if given else None
    return datetime.combine(given + timedelta(days=days), time(), zone).astimezone(UTC)
