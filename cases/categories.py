"""The case categories with their filing conditions: read from CSV, checked, kept by catalogue and version, looked up.

Files and their columns: `data/README.md`. A category's conditions are the rows of its own code, or else those of its
class.
"""

import csv
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, RowMapping, func, insert, select, text, update
from sqlalchemy.orm import Session

from cases.models import Catalogue, Category, CategoryKind, FilingCondition
from cases.pinyin import read_aloud
from cases.workdays import Unit
from core.errors import Refusal
from grid.levels import Level

# --- what is looked up ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ConditionEntry:
    """A filing condition (立案条件) of one category."""

    id: int
    zh: str
    en: str
    limit: int
    unit: Unit
    closing_zh: str
    closing_en: str
    photos_before: int
    photos_after: int
    then_limit: int | None
    """A second limit that begins when the first step is done (make safe, then repair); None: there is one step."""
    then_unit: Unit | None
    then_closing_zh: str | None
    then_closing_en: str | None


@dataclass(frozen=True)
class CategoryEntry:
    """A category of the current catalogues with its conditions, in the order of the file."""

    id: int
    catalogue: str
    kind: CategoryKind
    code: str
    class_code: str
    class_zh: str
    class_en: str
    zh: str
    en: str
    pinyin: str
    """How `zh` is read: syllables without tones, a blank between them."""
    initials: str
    self_handle: bool
    """Whether an inspector may settle it on the spot: intake allows it for every category (domain §4.3)."""
    responsible_level: Level
    conditions: tuple[ConditionEntry, ...]

    def condition(self, condition_id: int) -> ConditionEntry | None:
        """The condition of that id, if it is one of this category."""
        return next((condition for condition in self.conditions if condition.id == condition_id), None)


@dataclass(frozen=True)
class Categories:
    """All categories of the current catalogues, by code (unique across them)."""

    ids: tuple[int, ...]
    """The current catalogues: whoever writes by this object can prove with them that it is not stale."""
    version: str
    """Changes with every load: an ETag."""
    by_code: Mapping[str, CategoryEntry]

    def get(self, code: str | None) -> CategoryEntry | None:
        """The category of that code; None when there is none."""
        return None if code is None else self.by_code.get(code)


CURRENT = text("SELECT id, name, version, sha256, loaded_at FROM catalogues WHERE retired_at IS NULL ORDER BY id")
_cached: tuple[tuple[Any, ...], Categories] | None = None


def categories(conn: Connection | Session) -> Categories:
    """The current categories, kept in the process; a statement a call proves that they are current."""
    global _cached  # noqa: PLW0603  a cache of the process, replaced whole
    current = tuple(tuple(row) for row in conn.execute(CURRENT))
    held = _cached
    if held is None or held[0] != current:
        held = (current, _read(conn, current))
        _cached = held
    return held[1]


def remembered() -> Categories | None:
    """What the last `categories` call found, unproved: for writers that prove `ids` within their own statement."""
    return None if _cached is None else _cached[1]


def _read(conn: Connection | Session, current: tuple[tuple[Any, ...], ...]) -> Categories:
    names = {row[0]: row[1] for row in current}
    conditions: dict[int, list[ConditionEntry]] = defaultdict(list)
    table = FilingCondition.__table__
    wanted = select(Category.__table__.c.id).where(Category.__table__.c.catalogue_id.in_(names))
    rows = conn.execute(
        select(table).where(table.c.category_id.in_(wanted)).order_by(table.c.category_id, table.c.position)
    ).mappings()
    for row in rows:
        conditions[row["category_id"]].append(
            ConditionEntry(**{key: row[key] for key in ConditionEntry.__dataclass_fields__})
        )
    of = Category.__table__
    found = {}
    for row in conn.execute(select(of).where(of.c.catalogue_id.in_(names)).order_by(of.c.code)).mappings():
        found[row["code"]] = _entry(row, names[row["catalogue_id"]], tuple(conditions[row["id"]]))
    version = hashlib.sha256(orjson.dumps([[row[1], row[2], row[3]] for row in current])).hexdigest()[:16]
    return Categories(tuple(names), version, found)


def _entry(row: RowMapping, catalogue: str, conditions: tuple[ConditionEntry, ...]) -> CategoryEntry:
    plain = {key: row[key] for key in CategoryEntry.__dataclass_fields__ if key in row}
    pinyin, initials = read_aloud(row["zh"])
    plain |= {"pinyin": pinyin, "initials": initials, "self_handle": True}
    return CategoryEntry(**plain, catalogue=catalogue, conditions=conditions)


# --- loading ----------------------------------------------------------------------------------------------------------


class Flaw(StrEnum):
    """What is wrong with a line."""

    NOT_UTF8 = "is not UTF-8"
    NO_COLUMN = "the header lacks a column"
    BAD_CATALOGUE = "a catalogue is 1 to 20 characters of a–z, 0–9 and _"
    BAD_KIND = "kind is neither component nor event"
    BAD_CODE = "a code is five digits that begin with the class code"
    BAD_CLASS = "a class code is two digits"
    TWICE = "the code stands in an earlier line or in another current catalogue"
    EMPTY = "must not be empty"
    TOO_LONG = "is too long"
    BAD_LEVEL = "the responsible level is none of city, district, street, village"
    UNKNOWN_CODE = "neither a category nor a class has this code"
    BAD_LIMIT = "a limit is a whole number from 1 to 10000"
    BAD_UNIT = "unit is none of urgent_hour, natural_day, work_hour, work_day"
    BAD_PHOTOS = "photos are a whole number from 0 to 20"
    NO_POSITION = "the code has no condition at this position"
    STEP_TWICE = "this condition's second step stands in an earlier line"
    NO_CONDITION = "neither the category nor its class has a filing condition"


@dataclass(frozen=True)
class Fault:
    """A flaw of one line; line 1 is the header."""

    file: str
    line: int
    flaw: Flaw
    value: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.value!r}: {self.flaw.value}"


class BadCatalogue(Refusal):
    """The files are refused; `faults` names every line that is wrong. Nothing was changed."""

    name = "bad-catalogue"

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(faults=[asdict(fault) for fault in faults])
        self.faults = faults


@dataclass(frozen=True)
class Loaded:
    """A catalogue after loading: which version is current, of how many categories, and whether this load made it."""

    name: str
    version: int
    categories: int
    changed: bool


CATEGORY_COLUMNS = (
    "catalogue", "kind", "code", "class_code", "class_zh", "class_en", "zh", "en", "responsible_level", "note",
)  # fmt: skip
CONDITION_COLUMNS = (
    "code", "condition_zh", "condition_en", "limit", "unit", "closing_zh", "closing_en",
    "photos_before", "photos_after",
)  # fmt: skip
SECOND_STEP_COLUMNS = ("code", "position", "then_limit", "then_unit", "then_closing_zh", "then_closing_en")
Line = tuple[int, dict[str, str]]


def load_categories(
    session: Session,
    categories_file: Path,
    conditions_file: Path,
    second_steps_file: Path | None = None,
    *,
    now: datetime,
) -> list[Loaded]:
    """Make each catalogue of the files the current one of its name, as a new version unless nothing changed in it.

    `second_steps_file` gives conditions a second limit, by code and position in `conditions_file`. Catalogues that the
    files don't name stay. Raises BadCatalogue with all faults of all files.
    """
    faults: list[Fault] = []
    rows = _lines(categories_file, CATEGORY_COLUMNS, faults)
    conditions = _lines(conditions_file, CONDITION_COLUMNS, faults)
    names = {row["catalogue"] for _, row in rows}
    session.execute(text("LOCK TABLE catalogues IN SHARE ROW EXCLUSIVE MODE"))  # two loads at once: one after the other
    taken = _codes_elsewhere(session, names)
    faults += _category_faults(categories_file.name, rows, taken)
    faults += _condition_faults(conditions_file.name, conditions, [row for _, row in rows])
    by_code: dict[str, list[dict[str, str]]] = defaultdict(list)
    for _, row in conditions:
        by_code[row["code"]].append(row)
    if second_steps_file is not None:
        faults += _add_second_steps(
            second_steps_file.name, _lines(second_steps_file, SECOND_STEP_COLUMNS, faults), by_code
        )
    for number, row in rows:
        if not (by_code[row["code"]] or by_code[row["class_code"]]):
            faults.append(Fault(categories_file.name, number, Flaw.NO_CONDITION, row["code"]))
    if faults:
        raise BadCatalogue(sorted(faults, key=lambda fault: (fault.file, fault.line)))
    resolved = [(row, by_code[row["code"]] or by_code[row["class_code"]]) for _, row in rows]
    return [
        _load_one(session, name, [pair for pair in resolved if pair[0]["catalogue"] == name], now=now)
        for name in sorted(names)
    ]


def _load_one(
    session: Session, name: str, rows: list[tuple[dict[str, str], list[dict[str, str]]]], *, now: datetime
) -> Loaded:
    digest = hashlib.sha256(orjson.dumps(rows)).hexdigest()
    living = (Catalogue.name == name, Catalogue.retired_at.is_(None))
    current = session.scalars(select(Catalogue).where(*living)).first()
    if current and current.sha256 == digest:
        return Loaded(name, current.version, len(rows), changed=False)
    last = session.scalar(select(func.max(Catalogue.version)).where(Catalogue.name == name)) or 0
    session.execute(
        update(Catalogue).where(Catalogue.name == name, Catalogue.retired_at.is_(None)).values(retired_at=now)
    )
    fresh = Catalogue(name=name, version=last + 1, sha256=digest, loaded_at=now)
    session.add(fresh)
    session.flush()
    ids = session.scalars(
        insert(Category).returning(Category.id, sort_by_parameter_order=True),
        [_category_values(row, fresh.id) for row, _ in rows],
    )
    values = [
        _condition_values(condition, category_id, position)
        for category_id, (_, conditions) in zip(ids, rows, strict=True)
        for position, condition in enumerate(conditions, 1)
    ]
    session.execute(insert(FilingCondition), values)
    return Loaded(name, last + 1, len(rows), changed=True)


def _category_values(row: dict[str, str], catalogue_id: int) -> dict[str, Any]:
    plain = {key: row[key] for key in CATEGORY_COLUMNS if key != "catalogue"}
    return plain | {
        "catalogue_id": catalogue_id,
        "kind": CategoryKind(row["kind"]),
        "responsible_level": Level(row["responsible_level"]),
    }


def _condition_values(row: dict[str, str], category_id: int, position: int) -> dict[str, Any]:
    return {
        "category_id": category_id,
        "position": position,
        "zh": row["condition_zh"],
        "en": row["condition_en"],
        "limit": int(row["limit"]),
        "unit": Unit(row["unit"]),
        "closing_zh": row["closing_zh"],
        "closing_en": row["closing_en"],
        "photos_before": int(row["photos_before"]),
        "photos_after": int(row["photos_after"]),
        "then_limit": int(row["then_limit"]) if "then_limit" in row else None,
        "then_unit": Unit(row["then_unit"]) if "then_unit" in row else None,
        "then_closing_zh": row.get("then_closing_zh"),
        "then_closing_en": row.get("then_closing_en"),
    }


def _codes_elsewhere(session: Session, names: Iterable[str]) -> set[str]:
    wanted = (
        select(Category.code).join(Catalogue).where(Catalogue.retired_at.is_(None), Catalogue.name.not_in(list(names)))
    )
    return set(session.scalars(wanted))


# --- reading and checking ---------------------------------------------------------------------------------------------


def _lines(file: Path, columns: tuple[str, ...], faults: list[Fault]) -> list[Line]:
    """The lines of a file by number; blank cells are empty strings, surrounding blanks are cut."""
    try:
        reader = csv.DictReader(file.read_text("utf-8-sig").splitlines(keepends=True), strict=True)
        missing = [column for column in columns if column not in (reader.fieldnames or ())]
        if missing:
            faults.extend(Fault(file.name, 1, Flaw.NO_COLUMN, column) for column in missing)
            return []
        found = [(reader.line_num, {column: (row[column] or "").strip() for column in columns}) for row in reader]
    except UnicodeDecodeError:
        faults.append(Fault(file.name, 1, Flaw.NOT_UTF8, ""))
        return []
    except csv.Error as error:
        faults.append(Fault(file.name, 1, Flaw.EMPTY, str(error)))
        return []
    if not found:
        faults.append(Fault(file.name, 1, Flaw.EMPTY, ""))
    return found


def _category_faults(file: str, rows: list[Line], taken: set[str]) -> Iterator[Fault]:
    seen = set(taken)
    for number, row in rows:
        is_code = re.fullmatch(r"[0-9]{5}", row["code"]) and row["code"].startswith(row["class_code"])
        checks = [
            (Flaw.BAD_CATALOGUE, "catalogue", re.fullmatch(r"[a-z0-9_]{1,20}", row["catalogue"])),
            (Flaw.BAD_KIND, "kind", row["kind"] in set(CategoryKind)),
            (Flaw.BAD_CLASS, "class_code", re.fullmatch(r"[0-9]{2}", row["class_code"])),
            (Flaw.BAD_CODE, "code", is_code),
            (Flaw.BAD_LEVEL, "responsible_level", row["responsible_level"] in set(Level)),
            (Flaw.TWICE, "code", row["code"] not in seen),
        ]
        seen.add(row["code"])
        yield from (Fault(file, number, flaw, row[column]) for flaw, column, good in checks if not good)
        widths = {"class_zh": 60, "class_en": 60, "zh": 120, "en": 160}
        yield from _text_faults(file, number, row, widths)


def _condition_faults(file: str, rows: list[Line], categories_: list[dict[str, str]]) -> Iterator[Fault]:
    known = {row["code"] for row in categories_} | {row["class_code"] for row in categories_}
    for number, row in rows:
        checks = [
            (Flaw.UNKNOWN_CODE, "code", row["code"] in known),
            (Flaw.BAD_LIMIT, "limit", _between(row["limit"], 1, 10_000)),
            (Flaw.BAD_UNIT, "unit", row["unit"] in set(Unit)),
            (Flaw.BAD_PHOTOS, "photos_before", _between(row["photos_before"], 0, 20)),
            (Flaw.BAD_PHOTOS, "photos_after", _between(row["photos_after"], 0, 20)),
        ]
        yield from (Fault(file, number, flaw, row[column]) for flaw, column, good in checks if not good)
        texts = ("condition_zh", "condition_en", "closing_zh", "closing_en")
        yield from _text_faults(file, number, row, dict.fromkeys(texts, 1000))


def _add_second_steps(file: str, rows: list[Line], by_code: Mapping[str, list[dict[str, str]]]) -> Iterator[Fault]:
    """Put each second step to its condition, and tell what is wrong with it."""
    for number, row in rows:
        own = by_code.get(row["code"], [])
        checks = [
            (Flaw.UNKNOWN_CODE, "code", own),
            (Flaw.NO_POSITION, "position", not own or _between(row["position"], 1, len(own))),
            (Flaw.BAD_LIMIT, "then_limit", _between(row["then_limit"], 1, 10_000)),
            (Flaw.BAD_UNIT, "then_unit", row["then_unit"] in set(Unit)),
        ]
        yield from (Fault(file, number, flaw, row[column]) for flaw, column, good in checks if not good)
        yield from _text_faults(file, number, row, dict.fromkeys(("then_closing_zh", "then_closing_en"), 1000))
        if all(good for _, _, good in checks):
            condition = own[int(row["position"]) - 1]
            if "then_limit" in condition:
                yield Fault(file, number, Flaw.STEP_TWICE, row["position"])
            condition |= {column: row[column] for column in SECOND_STEP_COLUMNS[2:]}


def _text_faults(file: str, number: int, row: dict[str, str], widths: dict[str, int]) -> Iterator[Fault]:
    for column, width in widths.items():
        if not row[column]:
            yield Fault(file, number, Flaw.EMPTY, column)
        elif len(row[column]) > width:
            yield Fault(file, number, Flaw.TOO_LONG, row[column][:40])


def _between(value: str, low: int, high: int) -> bool:
    return bool(re.fullmatch(r"[0-9]{1,6}", value)) and low <= int(value) <= high
