"""Components out of a CSV file: every fault of a line, with its number."""

import csv
import io
import re
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from typing import Final

from core.errors import FieldError, Invalid
from grid.coordinates import BadCoordinate, Crs, Fault, to_wgs84
from grid.errors import BadComponents
from grid.models import ComponentState
from grid.rows import CONTROLS, parse_row, read_rows

NEEDED: Final = ("id", "category_code", "name", "lon", "lat", "crs")
COLUMNS: Final = (*NEEDED, "owner", "department_code", "state")
ID: Final = re.compile(r"(?!\.{1,2}\Z)[0-9A-Za-z._-]{1,24}")
"""It stands in addresses, where `.` and `..` are steps."""
MOST_NAME: Final = 120
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class ComponentLine:
    """A component as its line gives it, with its place in WGS-84; `number` is the line's, from 1."""

    number: int
    id: str
    category_code: str
    name: str
    lon: float
    lat: float
    owner: str
    department_code: str | None
    state: ComponentState


@dataclass
class Reader:
    """Reads line by line; `faults` grows meanwhile. `categories` holds the codes that a component may have."""

    data: bytes
    categories: Container[str]
    faults: list[FieldError] = field(default_factory=list)
    _first: dict[str, int] = field(default_factory=dict)
    """The line on which an id stood first."""

    def __iter__(self) -> Iterator[ComponentLine]:
        """The faultless lines. Raises BadComponents when there is no header, or nothing below it."""
        file = io.BytesIO(self.data.removeprefix(_BOM))
        columns = self._header(file.readline())
        count = 0
        for number, cells in read_rows(file, len(columns)):
            count += 1
            found = self._line(number, columns, cells)
            if found is not None:
                yield found
        if not count:
            raise BadComponents([FieldError.of("file", "no_rows")])

    @property
    def ids(self) -> list[str]:
        """The ids read so far."""
        return list(self._first)

    def fault(self, number: int, column: str, code: str, **data: object) -> None:
        """Remember what is wrong with a line."""
        self.faults.append(FieldError.of(f"lines.{number}.{column}" if column else f"lines.{number}", code, **data))

    def _header(self, raw: bytes) -> list[str]:
        try:
            names = [name.strip().lower() for name in parse_row(raw)]
        except UnicodeDecodeError:
            raise BadComponents([FieldError.of("lines.1", "not_utf8")]) from None
        except csv.Error:  # a quote that is open
            names = []
        errors = [FieldError.of(f"lines.1.{name}", "required") for name in NEEDED if name not in names]
        errors += [FieldError.of(f"lines.1.{name}", "duplicate") for name in COLUMNS if names.count(name) > 1]
        if errors:
            raise BadComponents(errors)
        return names

    def _line(self, number: int, columns: list[str], cells: list[str] | Invalid) -> ComponentLine | None:
        if isinstance(cells, Invalid):
            self.fault(number, "", cells.errors[0].code)
            return None
        if len(cells) != len(columns):
            self.fault(number, "", "cells_missing", cells=len(cells), columns=len(columns))
            return None
        values = {name: text.strip() for name, text in zip(columns, cells, strict=True) if name in COLUMNS}
        before = len(self.faults)
        self._check_texts(number, values)
        self._check_codes(number, values)
        place = self._place(number, values)
        if place is None or len(self.faults) > before:
            return None
        return ComponentLine(
            number, values["id"], values["category_code"], values["name"], *place, values.get("owner", ""),
            values.get("department_code") or None, ComponentState(values.get("state") or ComponentState.INTACT),
        )  # fmt: skip

    def _check_texts(self, number: int, values: dict[str, str]) -> None:
        for name in NEEDED:
            if not values[name]:
                self.fault(number, name, "required")
        for name, value in values.items():
            if CONTROLS.search(value):
                self.fault(number, name, "nul_character")
            elif name != "id" and len(value) > MOST_NAME:
                self.fault(number, name, "too_long", most=MOST_NAME)

    def _check_codes(self, number: int, values: dict[str, str]) -> None:
        if values["category_code"] and values["category_code"] not in self.categories:
            self.fault(number, "category_code", "no_component_category")
        if values.get("state") and values["state"] not in set(ComponentState):
            self.fault(number, "state", "not_one_of", expected=" ".join(ComponentState))
        if values["id"] and not ID.fullmatch(values["id"]):
            self.fault(number, "id", "bad_form")
        first = self._first.setdefault(values["id"], number)
        if values["id"] and first != number:
            self.fault(number, "id", "stands_before", line=first)

    def _place(self, number: int, values: dict[str, str]) -> tuple[float, float] | None:
        crs = values["crs"].lower()
        known = crs in set(Crs)
        if crs and not known:
            self.fault(number, "crs", "not_one_of", expected=" ".join(Crs))
        pair = [self._number(number, name, values[name]) for name in ("lon", "lat")]
        if not known or pair[0] is None or pair[1] is None:
            return None
        try:
            return to_wgs84(Crs(crs), pair[0], pair[1])
        except BadCoordinate as error:
            self.fault(number, "lat", "swapped" if error.reason is Fault.SWAPPED else "no_place")
            return None

    def _number(self, number: int, name: str, text: str) -> float | None:
        try:
            return float(text)
        except ValueError:
            if text:
                self.fault(number, name, "not_number")
            return None
