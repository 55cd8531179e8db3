"""The numbers of a period, in all and by area, category, source or centre, for what one person sees.

Two statements an answer, whatever is asked: names (centres and categories), then all numbers and all rows at once
by GROUPING SETS over `ix_cases_street_code_reported_at` (a street or village) or `ix_cases_reported_at`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    String,
    and_,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from cases.measures import MEASURES, condition
from cases.models import Case, Catalogue, Category
from cases.permissions import visible
from cases.statistics.measures import DATE, MEDIAN, NAMES, RATES, TARGETS, rates
from core.errors import Invalid, NotFound
from grid.levels import Level
from grid.models import Centre
from people.roles import Actor


class By(StrEnum):
    """What a row stands for."""

    NONE = "none"
    DISTRICT = "district"
    STREET = "street"
    VILLAGE = "village"
    CATEGORY = "category"
    CLASS = "class"
    SOURCE = "source"
    CENTRE = "centre"


AREAS: dict[By, Level] = {By.DISTRICT: Level.DISTRICT, By.STREET: Level.STREET, By.VILLAGE: Level.VILLAGE}
CODE: dict[Level, InstrumentedAttribute[str | None]] = {
    Level.CITY: Case.city_code,
    Level.DISTRICT: Case.district_code,
    Level.STREET: Case.street_code,
    Level.VILLAGE: Case.village_code,
}


@dataclass(frozen=True)
class Question:
    """Which cases (half-open period by `reported_at`, area, category or class, sources), by what, which numbers."""

    by: By = By.NONE
    start: datetime | None = None
    end: datetime | None = None
    cell: str | None = None
    category: str | None = None
    sources: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    """Measures and rates by name (`NAMES`); none named: all."""

    @property
    def asked(self) -> tuple[str, ...]:
        return self.measures or NAMES

    @property
    def counted(self) -> list[str]:
        """The measures that are asked for, and those of which the rates are made."""
        parts = {part for name, rate in RATES.items() if name in self.asked for part in (rate.part, rate.whole)}
        return [name for name in MEASURES if name in self.asked or name in parts]

    def shown(self, numbers: dict[str, Any]) -> dict[str, Any]:
        """Those of the numbers that are asked for."""
        return {name: number for name, number in numbers.items() if name in self.asked}


@dataclass(frozen=True)
class Named:
    """A row's key in words."""

    code: str
    name: str
    name_en: str | None = None
    level: str | None = None
    line: Sequence[str] = ()


@dataclass
class Names:
    """Centres and categories by code, and the cell that was asked for."""

    cell: Named | None = None
    centres: dict[str, Named] = field(default_factory=dict)
    categories: dict[str, Named] = field(default_factory=dict)


def statistics(connection: Connection | Session, actor: Actor, question: Question, *, now: datetime) -> dict[str, Any]:
    """The answer of `GET /statistics`: totals, rates and rows; every number counts what its list of cases shows.

    Only what the actor sees is counted. Raises NotFound for a cell outside their subtree (or none), Invalid where the
    rows would be larger than the cell.
    """
    names = _names(connection, question)
    conditions = [*_place(names, actor, question), *_filters(question)]
    totals: dict[str, Any] = {}
    found: dict[str | None, dict[str, Any]] = {}
    for row in connection.execute(_numbers(question, conditions, now)).mappings():
        numbers = {name: row[name] for name in (*question.counted, MEDIAN)}
        if row["is_total"]:
            totals = numbers
        else:
            found[row["key"]] = numbers
    for code in _empty_areas(names, actor, question):
        found.setdefault(code, dict.fromkeys(question.counted, 0) | {MEDIAN: None})
    return {
        "as_of": now,
        "date": DATE,
        "from": question.start,
        "to": question.end,
        "by": question.by,
        "cell": _shown_cell(names),
        "line": _shown_line(names),
        "totals": question.shown(totals),
        "rates": rates(totals, question.asked),
        "query": _query(question, None),
        "formulas": {name: rate.formula for name, rate in RATES.items() if name in question.asked},
        "targets": {name: target for name, target in TARGETS.items() if name in question.asked},
        "items": [_item(question, names, key, found[key]) for key in sorted(found, key=lambda key: (key is None, key))],
    }


# --- which cases ------------------------------------------------------------------------------------------------------


def _place(names: Names, actor: Actor, question: Question) -> list[ColumnElement[bool]]:
    if question.cell is None:
        return [visible(actor)]
    cell = names.cell
    if cell is None or not actor.sees(cell.line):
        raise NotFound("no-cell")
    assert cell.level is not None
    level = Level(cell.level)
    if question.by in AREAS and AREAS[question.by] > level:
        raise Invalid.one("by", "above_cell")
    conditions = [CODE[level] == cell.code]
    if level is Level.VILLAGE:  # its street leads into the index
        conditions.append(Case.street_code == cell.line[-2])
    return conditions


def _filters(question: Question) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if question.start is not None:
        conditions.append(Case.reported_at >= question.start)
    if question.end is not None:
        conditions.append(Case.reported_at < question.end)
    if question.category is not None:
        conditions.append(Case.category_code.startswith(question.category, autoescape=True))
    if question.sources:
        conditions.append(Case.source.in_(question.sources))
    return conditions


# --- how many ---------------------------------------------------------------------------------------------------------


def _key(by: By) -> ColumnElement[Any]:
    if by in AREAS:
        return CODE[AREAS[by]].expression
    keys: dict[By, ColumnElement[Any]] = {
        By.NONE: null().cast(String),
        By.CATEGORY: Case.category_code.expression,
        By.CLASS: func.left(Case.category_code, literal_column("2")),
        By.SOURCE: Case.source.expression,
        By.CENTRE: Centre.code.expression,
    }
    return keys[by]


def _numbers(question: Question, conditions: list[ColumnElement[bool]], now: datetime) -> Select[Any]:
    """One row a key and one row in all (`is_total`)."""
    counts = [func.count().filter(condition(name, now=now)).label(name) for name in question.counted]
    minutes = func.extract("epoch", Case.handled_at - Case.dispatched_at) / 60
    median = func.percentile_cont(0.5).within_group(minutes).filter(condition("handled_num", now=now))
    columns = [*counts, func.round(median).label(MEDIAN)]
    key = _key(question.by)
    if question.by is By.NONE:
        return select(null().label("key"), literal(1).label("is_total"), *columns).where(*conditions)
    query = select(key.label("key"), func.grouping(key).label("is_total"), *columns).select_from(Case)
    if question.by is By.CENTRE:
        query = query.join(Centre, Centre.id == Case.centre_id)
    return query.where(*conditions).group_by(func.grouping_sets(key, tuple_()))


# --- in words ---------------------------------------------------------------------------------------------------------


def _names(connection: Connection | Session, question: Question) -> Names:
    cell = select(Centre.line).where(Centre.code == question.cell).scalar_subquery()
    wanted: list[ColumnElement[bool]] = []
    if question.cell is not None:
        wanted.append(cell.contains(func.to_jsonb(Centre.code)))  # itself and the line above it
    if question.by in AREAS:
        area = Centre.level == AREAS[question.by]
        wanted.append(and_(area, Centre.line.contains([question.cell])) if question.cell else area)
    if question.by is By.CENTRE:
        wanted.append(Centre.line.contains([question.cell]) if question.cell else Centre.id.is_not(None))
    parts: list[Select[Any]] = []
    if wanted:
        parts.append(
            select(
                literal("centre").label("kind"), Centre.code, Centre.name, null().cast(String).label("name_en"),
                Centre.level.cast(String).label("level"), Centre.line,
            ).where(or_(*wanted))
        )  # fmt: skip
    if question.by in {By.CATEGORY, By.CLASS}:
        parts.append(_category_names(question.by))
    names = Names()
    for row in connection.execute(union_all(*parts)) if parts else ():
        named = Named(row.code, row.name, row.name_en, row.level, tuple(row.line or ()))
        (names.centres if row.kind == "centre" else names.categories)[row.code] = named
    names.cell = names.centres.get(question.cell) if question.cell else None
    return names


def _category_names(by: By) -> Select[Any]:
    columns: tuple[Any, ...] = (Category.code, Category.zh, Category.en)
    if by is By.CLASS:
        columns = (Category.class_code, Category.class_zh, Category.class_en)
    code, zh, en = columns
    return (
        select(
            literal("category").label("kind"), code.label("code"), zh.label("name"), en.label("name_en"),
            null().cast(String).label("level"), null().cast(Centre.line.type).label("line"),
        )
        .join(Catalogue, Catalogue.id == Category.catalogue_id)
        .where(Catalogue.retired_at.is_(None))
        .distinct()
    )  # fmt: skip


def _empty_areas(names: Names, actor: Actor, question: Question) -> list[str]:
    """Areas without a case stand in the table too: nothing reported is also an answer."""
    if question.by not in AREAS:
        return []
    level = AREAS[question.by].value
    return [
        code
        for code, centre in names.centres.items()
        if centre.level == level and actor.sees(centre.line) and (question.cell is None or question.cell in centre.line)
    ]


def _shown_cell(names: Names) -> dict[str, Any] | None:
    cell = names.cell
    return None if cell is None else {"code": cell.code, "name": cell.name, "level": cell.level}


def _shown_line(names: Names) -> list[dict[str, Any]]:
    if names.cell is None:
        return []
    line = [names.centres[code] for code in names.cell.line if code in names.centres]
    return [{"code": cell.code, "name": cell.name, "level": cell.level} for cell in line]


def _item(question: Question, names: Names, key: str | None, numbers: dict[str, Any]) -> dict[str, Any]:
    named = None
    if key is not None:
        named = (names.categories if question.by in {By.CATEGORY, By.CLASS} else names.centres).get(key)
    return {
        "key": key,
        "name": named.name if named else key,
        "name_en": named.name_en if named else None,
        "level": named.level if named else None,
        "query": _query(question, key) if key is not None else None,
        **question.shown(numbers),
        **rates(numbers, question.asked),
    }


def _query(question: Question, key: str | None) -> str:
    """What lists the cases behind a row's number: `/cases?measure=NAME&` and this."""
    chosen: dict[str, Any] = {"cell": question.cell, "category": question.category, "source": question.sources or None}
    if key is not None:
        names = {By.CLASS: "category"} | dict.fromkeys(AREAS, "cell")
        chosen[names.get(question.by, question.by.value)] = key
    period = {"reported_from": question.start, "reported_to": question.end}
    chosen |= {name: at.isoformat().replace("+00:00", "Z") for name, at in period.items() if at is not None}
    return urlencode({name: value for name, value in chosen.items() if value is not None}, doseq=True)
