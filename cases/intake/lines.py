"""Lines of batches and rows of files, as bodies of reports: flat or in the form of `PUT /reports/{uuid}`."""

import csv
import gzip
import zlib
from collections.abc import Iterator, Mapping
from io import TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast
from uuid import UUID, uuid5

import orjson

from cases.intake.body import ReportBody, Sent, sent_values
from core.errors import FieldError, Invalid

# Names of other systems (R202500000001) become ids of ours: the same name is the same report.
NAMES = UUID("0d7c6a4e-5b7f-5d0c-9e0a-6d1f3f8b2c31")
FIELDS = frozenset(ReportBody.model_fields)
POINT = ("lon", "lat", "x", "y", "crs", "accuracy_m")
NUMBERS = ("lon", "lat", "x", "y", "accuracy_m")


class Line(NamedTuple):
    """One report of many; `name` as its sender calls it, to find it again in the answer."""

    name: str | None
    report_id: UUID | None
    sent: Sent | None
    fault: Invalid | None = None


def read_lines(data: bytes) -> Iterator[Line]:
    """The lines of an NDJSON text; empty ones are no lines."""
    return (read_line(raw) for raw in data.splitlines() if raw.strip())


def read_line(raw: bytes) -> Line:
    """A line of NDJSON; what is wrong with it as a whole stands in `fault`."""
    try:
        values = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        return Line(None, None, None, Invalid.one("", "not_json", line=1, column=error.colno))
    if not isinstance(values, dict):
        return Line(None, None, None, Invalid.one("", "not_object"))
    return read_values(values)


def read_values(values: Mapping[str, Any]) -> Line:
    """A line already read; further fields are ignored."""
    given = values.get("uuid") or values.get("report_id")
    if not isinstance(given, str) or not 0 < len(given) <= 100:
        return Line(None, None, None, Invalid.one("report_id", "required" if given is None else "bad_form"))
    name = values.get("report_id")
    return Line(name if isinstance(name, str) else given, id_of(given), sent_values(_body(values)))


def id_of(name: str) -> UUID:
    """The report's id: the name itself when it is a UUID, else one made of it."""
    if len(name) >= 32:
        try:
            return UUID(name)
        except ValueError:
            pass
    return uuid5(NAMES, name)


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


def read_file(path: Path) -> Iterator[Line]:
    """The reports of a CSV or NDJSON file, compressed by gzip or not, by its name. Raises BadFile."""
    form = path.name.removesuffix(".gz").rpartition(".")[2].lower()
    readers = {"csv": _read_csv, "ndjson": _read_ndjson, "jsonl": _read_ndjson}
    if form not in readers:
        raise BadFile(f"{path.name} ends neither in .csv nor in .ndjson, with or without .gz")
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            yield from readers[form](cast("BinaryIO", file))
    except (OSError, EOFError, zlib.error) as error:
        raise BadFile(f"{path.name}: {error}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadFile(f"{path.name} is no CSV in UTF-8: {error}") from None


def _read_ndjson(file: BinaryIO) -> Iterator[Line]:
    return (read_line(raw) for raw in file if raw.strip())


def _read_csv(file: BinaryIO) -> Iterator[Line]:
    with TextIOWrapper(file, "utf-8-sig", newline="") as lines:
        yield from _read_rows(csv.reader(lines, strict=True))


def _read_rows(rows: Iterator[list[str]]) -> Iterator[Line]:
    header = next(rows, [])
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        raise BadFile(f"the header lacks {', '.join(missing)}")
    at = {column: index for index, column in enumerate(header)}
    own = [(column, at[column]) for column in header if column in FIELDS]
    place = [(column, at[column], column in NUMBERS) for column in POINT if column in at]
    name, seen = at["report_id"], at["reported_at"]
    for row in rows:
        if len(row) < len(header):
            yield Line(
                row[name] if len(row) > name else None, None, None, Invalid.one("", "too_few", least=len(header))
            )
            continue
        values: dict[str, Any] = {column: value for column, index in own if (value := row[index])}
        point = {
            column: _number(value) if number else value for column, index, number in place if (value := row[index])
        }
        if point:
            values["point"] = point
        if "observed_at" not in values and row[seen]:
            values["observed_at"] = row[seen]
        yield _named(row[name], values)


def _named(name: str, body: dict[str, Any]) -> Line:
    if not 0 < len(name) <= 100:
        return Line(None, None, None, Invalid.one("report_id", "required" if not name else "bad_form"))
    return Line(name, id_of(name), sent_values(body))


def _number(given: str) -> float | str:
    try:
        return float(given)
    except ValueError:
        return given  # told as a fault of its field
