"""Village's line + category (+ component) → responsible centre and department, with the reason as data."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, text

from core.errors import Invalid
from grid.levels import Level

WITHOUT_CATEGORY = Level.STREET
"""Who answers for a report of which nobody knows yet what it is about."""


class Subject(Protocol):
    """What routing must know of a category."""

    @property
    def code(self) -> str: ...
    @property
    def class_code(self) -> str: ...
    @property
    def responsible_level(self) -> Level: ...


@dataclass(frozen=True, slots=True)
class CentreRow:
    """A centre as routing sees it; `line` holds the codes from the root down to itself."""

    id: int
    code: str
    level: Level
    name: str
    line: tuple[str, ...]
    calendar_id: int


@dataclass(frozen=True, slots=True)
class DepartmentRow:
    """A department as routing sees it."""

    id: int
    code: str
    name: str
    name_en: str
    centre_code: str
    retired_at: datetime | None

    def as_json(self) -> dict[str, Any]:
        """For the reason: by name, so that it can be read later whatever becomes of the department."""
        return {"id": self.id, "code": self.code, "name": self.name, "name_en": self.name_en}


@dataclass(frozen=True, slots=True)
class DutyRow:
    """A duty with its department; the smaller `rank`, the more special its subject."""

    id: int
    cell_code: str
    category_code: str | None
    class_code: str | None
    department: DepartmentRow
    valid_from: datetime | None
    valid_to: datetime | None

    @property
    def rank(self) -> int:
        """0 for a category's, 1 for a class's, 2 for everything's."""
        return 0 if self.category_code else 1 if self.class_code else 2

    def is_for(self, category_code: str | None, class_code: str | None) -> bool:
        """Whether the duty's subject takes in the category; what has none belongs to "everything" only."""
        if self.category_code is not None:
            return self.category_code == category_code
        return self.class_code is None or self.class_code == class_code

    def is_valid(self, now: datetime) -> bool:
        """Whether it holds at that moment, its department included."""
        begun = self.valid_from is None or self.valid_from <= now
        ended = self.valid_to is not None and self.valid_to <= now
        return begun and not ended and _works(self.department, now)


@dataclass(frozen=True, slots=True)
class Component:
    """A thing of the city and the department that looks after it, if it has one of its own."""

    id: str
    department: DepartmentRow | None


@dataclass(frozen=True, slots=True)
class Route:
    """Who answers: the centre, its department (None: the centre itself), and why, as data for `web` to word."""

    centre_id: int
    centre_code: str
    centre_level: Level
    calendar_id: int
    department_id: int | None
    why: dict[str, Any]


class Router:
    """Centres and duties in memory: all of them for many reports, or those of one line for one report.

    Validity of duties is judged at each call, so that a kept router does not miss the day when one begins.
    """

    def __init__(self, conn: Connection, now: datetime, *, line: Sequence[str] | None = None) -> None:
        self.now = now
        centres, found_duties = (_CENTRES, _DUTIES) if line is None else (_CENTRES_OF_LINE, _DUTIES_OF_LINE)
        values = {} if line is None else {"line": list(line)}
        self.centres: dict[str, CentreRow] = {
            row.code: CentreRow(row.id, row.code, Level(row.level), row.name, tuple(row.line), row.calendar_id)
            for row in conn.execute(centres, values)
        }
        self.departments: dict[int, DepartmentRow] = {}
        duties: defaultdict[str, list[DutyRow]] = defaultdict(list)
        for row in conn.execute(found_duties, values):
            department = self.departments.setdefault(row.department_id, _department(row))
            duty = DutyRow(
                row.id, row.cell_code, row.category_code, row.class_code, department, row.valid_from, row.valid_to
            )
            duties[duty.cell_code].append(duty)
        self.duties: Mapping[str, list[DutyRow]] = {
            code: sorted(found, key=lambda duty: (duty.rank, duty.id)) for code, found in duties.items()
        }

    def route(
        self,
        line: Sequence[str],
        category_code: str | None,
        class_code: str | None,
        responsible_level: Level | None,
        component: Component | None = None,
        *,
        now: datetime | None = None,
    ) -> Route:
        """Who answers for a category on the ground of a line (codes from the root down to the village).

        The category's level picks the centre (a level that the line lacks: the deepest above it, else the root). A
        component's own department beats all duties if it belongs to the line; else the duty on the cell nearest to
        the village wins, then the more special subject, then the lowest id, among departments of the responsible
        centre or one above it. None of these: the centre itself answers.
        """
        now = now or self.now
        level = responsible_level or WITHOUT_CATEGORY
        centres = [self.centres[code] for code in line if code in self.centres]
        if not centres:
            raise Invalid.one("point", "no_centre")
        centre = next((found for found in reversed(centres) if found.level >= level), centres[0])
        rule = "category-level" if responsible_level else "no-category"
        why: dict[str, Any] = {
            "centre": {
                "rule": rule,
                "level": level.value,
                "category": category_code,
                "centre": {"code": centre.code, "name": centre.name, "level": centre.level.value},
            }
        }
        department, why["department"] = self._department(line, centre, category_code, class_code, component, now)
        department_id = department.id if department else None
        return Route(centre.id, centre.code, centre.level, centre.calendar_id, department_id, why)

    def route_subject(
        self, line: Sequence[str], subject: Subject | None, component: Component | None = None, *, now: datetime
    ) -> Route:
        """The same for a category as a value."""
        if subject is None:
            return self.route(line, None, None, None, component, now=now)
        return self.route(line, subject.code, subject.class_code, subject.responsible_level, component, now=now)

    def _department(
        self,
        line: Sequence[str],
        centre: CentreRow,
        category_code: str | None,
        class_code: str | None,
        component: Component | None,
        now: datetime,
    ) -> tuple[DepartmentRow | None, dict[str, Any]]:
        own = component.department if component else None
        if component and own and _works(own, now) and own.centre_code in line:
            return own, {"rule": "component", "component": component.id, "department": own.as_json()}
        for code in reversed(line):
            for duty in self.duties.get(code, ()):
                if (
                    duty.is_for(category_code, class_code)
                    and duty.department.centre_code in centre.line
                    and duty.is_valid(now)
                ):
                    return duty.department, self._reason(duty)
        return None, {"rule": "centre-itself", "department": None}

    def _reason(self, duty: DutyRow) -> dict[str, Any]:
        cell = self.centres.get(duty.cell_code)
        return {
            "rule": "duty",
            "duty": duty.id,
            "cell": {"code": duty.cell_code, "name": cell.name if cell else None},
            "subject": ("category", "class", "all")[duty.rank],
            "code": duty.category_code or duty.class_code,
            "department": duty.department.as_json(),
        }


def route(
    conn: Connection,
    line: Sequence[str],
    category: Subject | None,
    component_id: str | None = None,
    *,
    now: datetime,
) -> Route:
    """Who answers, read for one line. Raises Invalid on `component_id` when there is no such component."""
    component = find_component(conn, component_id) if component_id else None
    return Router(conn, now, line=line).route_subject(line, category, component, now=now)


def find_component(conn: Connection, component_id: str) -> Component:
    """The component with its own department. Raises Invalid on `component_id`.

    One that is retired is taken, too: a phone without a network may not know it yet, and its report is not lost for
    it. But nobody looks after it any more; the ground's duties tell who comes.
    """
    row = conn.execute(_COMPONENT, {"id": component_id}).one_or_none()
    if row is None:
        raise Invalid.one("component_id", "no_such_component")
    return Component(row.component, None if row.department_id is None else _department(row))


def _department(row: Any) -> DepartmentRow:
    return DepartmentRow(row.department_id, row.code, row.name, row.name_en, row.centre_code, row.retired_at)


def _works(department: DepartmentRow, now: datetime) -> bool:
    return department.retired_at is None or department.retired_at > now


_ALL_CENTRES = "SELECT id, code, level, name, line, calendar_id FROM centres"
_ALL_DUTIES = """
SELECT duties.id, duties.cell_code, duties.category_code, duties.class_code, duties.valid_from, duties.valid_to,
    departments.id AS department_id, departments.code, departments.name, departments.name_en,
    centres.code AS centre_code, departments.retired_at
FROM duties JOIN departments ON departments.id = duties.department_id JOIN centres ON centres.id = departments.centre_id
"""
_CENTRES, _DUTIES = text(_ALL_CENTRES), text(_ALL_DUTIES)
_CENTRES_OF_LINE = text(f"{_ALL_CENTRES} WHERE code = ANY(:line)")
_DUTIES_OF_LINE = text(f"{_ALL_DUTIES} WHERE duties.cell_code = ANY(:line)")

_COMPONENT = text("""
SELECT components.id AS component, departments.id AS department_id, departments.code, departments.name,
    departments.name_en, centres.code AS centre_code, departments.retired_at
FROM components
LEFT JOIN departments ON departments.id = components.department_id AND components.retired_at IS NULL
LEFT JOIN centres ON centres.id = departments.centre_id
WHERE components.id = :id
""")
