"""Lines of batches and rows of files, as bodies of reports: flat or in the form of `PUT /reports/{uuid}`."""

import csv
import gzip
import zlib
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast
from uuid import UUID, uuid5

import orjson

from cases.intake.body import ReportBody, Sent, sent_values
from core.errors import FieldError, Invalid
from grid.rows import parse_row, read_rows

NAMES = UUID("0d7c6a4e-5b7f-5d0c-9e0a-6d1f3f8b2c31")
"""Names of other systems (R202500000001) become ids of ours: in one space the same name is the same report. This is the
space of `flask cases load`; who sends batches has one of their own, so that two feeds may both have an SN-1."""
FIELDS = frozenset(ReportBody.model_fields)
POINT = ("lon", "lat", "x", "y", "crs", "accuracy_m")
NUMBERS = ("lon", "lat", "x", "y", "accuracy_m")


class Line(NamedTuple):
    """One report of many; `name` as its sender calls it, to find it again in the answer."""

    name: str | None
    report_id: UUID | None
    sent: Sent | None
    fault: Invalid | None = None
    number: int | None = None
    """Where it begins in its file, from 1."""


def space_of(sender: str) -> UUID:
    """The space of the names that one sender gives (`person:7`)."""
    return uuid5(NAMES, sender)


def read_lines(data: bytes, space: UUID = NAMES) -> Iterator[Line]:
    """The lines of an NDJSON text; empty ones are no lines."""
    return (read_line(raw, space) for raw in data.splitlines() if raw.strip())


def read_line(raw: bytes, space: UUID = NAMES) -> Line:
    """A line of NDJSON; what is wrong with it as a whole stands in `fault`."""
    try:
        values = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        return Line(None, None, None, Invalid.one("", "not_json", line=1, column=error.colno))
    if not isinstance(values, dict):
        return Line(None, None, None, Invalid.one("", "not_object"))
    return read_values(values, space)


def read_values(values: Mapping[str, Any], space: UUID = NAMES) -> Line:
    """A line already read; further fields are ignored."""
    given = values.get("uuid") or values.get("report_id")
    if not isinstance(given, str) or not 0 < len(given) <= 100:
        return Line(None, None, None, Invalid.one("report_id", "required" if given is None else "bad_form"))
    name = values.get("report_id")
    return Line(name if isinstance(name, str) else given, id_of(given, space), sent_values(_body(values)))


def id_of(name: str, space: UUID = NAMES) -> UUID:
    """The report's id: the name itself when it is a UUID, else one made of it in its sender's space."""
    if len(name) >= 32:
        try:
            return UUID(name)
        except ValueError:
            pass
    return uuid5(space, name)


def _body(values: Mapping[str, Any]) -> dict[str, Any]:
    """The form of `PUT /reports/{uuid}`; a flat point is gathered, `reported_at` is when it was observed."""
    body = {key: value for key in FIELDS if (value := values.get(key)) is not None and value != ""}
    if "point" not in body:
        point = {key: value for key in POINT if (value := values.get(key)) is not None and value != ""}
        if point:
            body["point"] = point
    if "observed_at" not in body and values.get("reported_at"):
        body["observed_at"] = values["reported_at"]
    return body


# --- files ------------------------------------------------------------------------------------------------------------

COLUMNS = ("report_id", "reported_at", "lon", "lat", "crs", "source", "category_code", "description")


class BadFile(Invalid):
    """The file cannot be read as reports (any further); `reason` says why in English."""

    name = "bad-file"

    def __init__(self, reason: str) -> None:
        super().__init__([FieldError.of("file", "unreadable", reason=reason)], reason=reason)
        self.reason = reason


def read_file(path: Path, space: UUID = NAMES) -> Iterator[Line]:
    """The reports of a CSV or NDJSON file, compressed by gzip or not, by its name. Raises BadFile.

    A line that cannot be read is told in its `fault`, and the next one is read.
    """
    form = path.name.removesuffix(".gz").rpartition(".")[2].lower()
    readers = {"csv": _read_csv, "ndjson": _read_ndjson, "jsonl": _read_ndjson}
    if form not in readers:
        raise BadFile(f"{path.name} ends neither in .csv nor in .ndjson, with or without .gz")
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            yield from readers[form](cast("BinaryIO", file), space)
    except (OSError, EOFError, zlib.error) as error:
        raise BadFile(f"{path.name}: {error}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadFile(f"{path.name} is no CSV in UTF-8: {error}") from None


def _read_ndjson(file: BinaryIO, space: UUID) -> Iterator[Line]:
    for number, raw in enumerate(file, start=1):
        if raw.strip():
            yield read_line(raw, space)._replace(number=number)


# --- CSV --------------------------------------------------------------------------------------------------------------


def _read_csv(file: BinaryIO, space: UUID) -> Iterator[Line]:
    header = parse_row(next(iter(file), b"").removeprefix(BOM_UTF8))
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        raise BadFile(f"the header lacks {', '.join(missing)}")
    at = {column: index for index, column in enumerate(header)}
    own = [(column, at[column]) for column in header if column in FIELDS]
    place = [(column, at[column], column in NUMBERS) for column in POINT if column in at]
    name, seen = at["report_id"], at["reported_at"]
    for number, row in read_rows(file, len(header)):
        if isinstance(row, Invalid):
            yield Line(None, None, None, row, number)
            continue
        if len(row) < len(header):
            short = Invalid.one("", "too_few", least=len(header))
            yield Line(row[name] if len(row) > name else None, None, None, short, number)
            continue
        values: dict[str, Any] = {column: value for column, index in own if (value := row[index])}
        point = {
            column: _number(value) if number_ else value for column, index, number_ in place if (value := row[index])
        }
        if point:
            values["point"] = point
        if "observed_at" not in values and row[seen]:
            values["observed_at"] = row[seen]
        yield _named(row[name], values, space, number)


def _named(name: str, body: dict[str, Any], space: UUID, number: int) -> Line:
    if not 0 < len(name) <= 100:
        fault = Invalid.one("report_id", "required" if not name else "bad_form")
        return Line(None, None, None, fault, number)
    return Line(name, id_of(name, space), sent_values(body), None, number)


def _number(given: str) -> float | str:
    try:
        return float(given)
    except ValueError:
        return given  # told as a fault of its field
