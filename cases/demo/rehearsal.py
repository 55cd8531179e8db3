"""A session that remembers the case that is walked, so that a year of verbs takes minutes and not a quarter of an hour.

Every verb still goes through `cases.handling.perform`. While a case is held, what the door asks again and again (the
case under its lock, its clocks, handling rows, photos, who sits where) is answered from memory, and what it writes is
kept until the batch ends. Only a process that is alone with its cases may do so. What is asked in a way unknown here
is written out first and then asked of the database: slower, never wrong (tests/cases/test_demo.py compares both).
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Connection, Insert, Select, TextClause, insert, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.visitors import iterate

from cases.models import Case, CasePhoto, Clock, ClockState, Event, FilingCondition, Handling, Notice
from grid.models import Centre, Department
from people.models import Post
from people.roles import Role

KEPT = {"events": Event, "notices": Notice, "case_photos": CasePhoto}
Given = list[dict[str, Any]]


@dataclass
class Held:
    """What is known of the case that is walked."""

    case: Case
    clocks: list[Clock] = field(default_factory=list)
    handlings: list[Handling] = field(default_factory=list)
    photos: set[UUID] = field(default_factory=set)


class Known(list[Any]):
    """An answer from memory, as far as the door reads a result."""

    def all(self) -> list[Any]:
        return self

    def one(self) -> Any:
        (only,) = self
        return only


class Rehearsal(Session):
    """See the module's first lines."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs, autoflush=False, expire_on_commit=False)
        self.held: Held | None = None
        self._prepared: dict[int, Held] = {}
        self._walking = False
        self._waiting: dict[str, Given] = defaultdict(list)
        self._seats: dict[tuple[Any, ...], Known] = {}
        self._conditions: dict[int | None, Known] = defaultdict(Known)
        for condition in self.scalars(select(FilingCondition).order_by(FilingCondition.position)):
            self._conditions[condition.category_id].append(condition)
        self._staffed = set(self.scalars(select(Centre.code).join(Post, Post.centre_id == Centre.id)))
        self._rules: dict[str, Any] = {}
        # the identity map holds its rows weakly
        self._ground = [*self.scalars(select(Centre)), *self.scalars(select(Department))]

    # --- which case ---------------------------------------------------------------------------------------------------

    def read_around(self, cases: Sequence[Case]) -> None:
        """Read what stands around these cases, so that each can be held without a statement."""
        self.flush()
        ids = [case.id for case in cases]
        found = {case.id: Held(case) for case in cases}
        fresh = {"populate_existing": True}
        for clock in self.scalars(
            select(Clock).where(Clock.case_id.in_(ids)).order_by(Clock.id), execution_options=fresh
        ):
            found[clock.case_id].clocks.append(clock)
        for handling in self.scalars(select(Handling).where(Handling.case_id.in_(ids)), execution_options=fresh):
            found[handling.case_id].handlings.append(handling)
        photos = select(CasePhoto.case_id, CasePhoto.photo_id).where(CasePhoto.case_id.in_(ids))
        for case_id, photo_id in self.execute(photos).all():
            found[case_id].photos.add(photo_id)
        self._prepared = found

    def hold(self, case: Case) -> None:
        """Remember this case from now on."""
        if case.id not in self._prepared:
            self.read_around([case])
        self.held = self._prepared.pop(case.id)

    @contextmanager
    def walking(self) -> Iterator[None]:
        """Within, answers come from memory and nothing is written yet."""
        self._walking = True
        try:
            yield
        finally:
            self._walking = False

    # --- what is written ----------------------------------------------------------------------------------------------

    def flush(self, objects: Sequence[Any] | None = None) -> None:
        if not self._walking:
            self._write()

    def commit(self) -> None:
        self._write()
        super().commit()

    def _write(self) -> None:
        super().flush()
        waiting, self._waiting = self._waiting, defaultdict(list)
        for table, rows in waiting.items():
            super().execute(insert(KEPT[table]), rows)

    def add(self, instance: object, *args: Any, **kwargs: Any) -> None:
        super().add(instance, *args, **kwargs)
        if self.held is not None and isinstance(instance, Clock):
            self.held.clocks.append(instance)
        elif self.held is not None and isinstance(instance, Handling):
            self.held.handlings.append(instance)

    def connection(self, *args: Any, **kwargs: Any) -> Any:
        found = super().connection(*args, **kwargs)
        return _Remembering(found, self._rules) if self._walking else found

    # --- what is asked ------------------------------------------------------------------------------------------------

    def execute(self, statement: Any, params: Any = None, *args: Any, **kwargs: Any) -> Any:
        known = self._remembered(statement, params)
        return self._asked("execute", statement, params, *args, **kwargs) if known is None else known

    def scalars(self, statement: Any, params: Any = None, *args: Any, **kwargs: Any) -> Any:
        known = self._remembered(statement, params)
        return self._asked("scalars", statement, params, *args, **kwargs) if known is None else known

    def scalar(self, statement: Any, params: Any = None, *args: Any, **kwargs: Any) -> Any:
        known = self._remembered(statement, params)
        return self._asked("scalar", statement, params, *args, **kwargs) if known is None else known.one()

    def _asked(self, how: str, *args: Any, **kwargs: Any) -> Any:
        if self._walking:
            self._write()
        return getattr(super(), how)(*args, **kwargs)

    def _remembered(self, statement: Any, params: Any) -> Known | None:
        if not self._walking or self.held is None:
            return None
        if isinstance(statement, Insert):
            return self._later(self.held, statement.table.name, params)
        if not isinstance(statement, Select):
            return None
        asked = tuple(column["name"] for column in statement.column_descriptions)
        answer = _ANSWERS.get(asked if asked[0] != "calendar_id" else asked[:1])
        return answer(self, self.held, statement) if answer else None

    def _later(self, held: Held, table: str, rows: Any) -> Known | None:
        if table not in KEPT or not isinstance(rows, list):
            return None
        if table == "case_photos":
            rows = [row for row in rows if row["photo_id"] not in held.photos]
            held.photos |= {row["photo_id"] for row in rows}
        self._waiting[table] += rows
        return Known(row.get("photo_id") for row in rows)

    def around(self, held: Held, _: Select[Any]) -> Known:
        """The held case's centre, condition, handling row and department."""
        case = held.case
        condition = self.get(FilingCondition, case.condition_id) if case.condition_id else None
        handling = next((row for row in held.handlings if row.round == case.round), None)
        department = self.get(Department, handling.department_id) if handling and handling.department_id else None
        return Known([(self.get(Centre, case.centre_id), condition, handling, department)])

    def calendar_and_round(self, held: Held, statement: Select[Any]) -> Known:
        """The calendar of the case's centre, and the last round of the clock's kind that the statement asks for."""
        centre = self.get(Centre, held.case.centre_id)
        assert centre is not None
        values = _values(statement)
        last = max((clock.round for clock in held.clocks if clock.kind in values), default=0)
        return Known([(centre.calendar_id, last)])

    def conditions(self, held: Held, _: Select[Any]) -> Known:
        """The filing conditions of the case's category."""
        return self._conditions[held.case.category_id]

    def sitting(self, _: Held, statement: Select[Any]) -> Known:
        """Who sits where: asked once for each line of centres with people, and roles."""
        key = tuple(
            tuple(sorted(one for one in value if isinstance(one, Role) or one in self._staffed))
            for value in _values(statement)
        )
        if key not in self._seats:
            self._seats[key] = Known(super().execute(statement).all())
        return self._seats[key]


class _Remembering:
    """A connection that asks for the rules' stamp (cases/calendars.py) once: nobody edits them during the replay."""

    def __init__(self, connection: Connection, known: dict[str, Any]) -> None:
        self._connection = connection
        self._known = known

    def execute(self, statement: Any, *args: Any, **kwargs: Any) -> Any:
        if args or kwargs or not isinstance(statement, TextClause):
            return self._connection.execute(statement, *args, **kwargs)
        if statement.text not in self._known:
            self._known[statement.text] = self._connection.execute(statement).freeze()
        return self._known[statement.text]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def _values(statement: Select[Any]) -> list[Any]:
    """The values that the statement asks with."""
    return [part.value for part in iterate(statement) if isinstance(part, BindParameter)]


def _open_clocks(_: Rehearsal, held: Held, __: Select[Any]) -> Known:
    return Known(clock for clock in held.clocks if clock.state is not ClockState.STOPPED)


_ANSWERS: dict[tuple[str, ...], Callable[[Rehearsal, Held, Select[Any]], Known]] = {
    ("Case",): lambda _, held, __: Known([held.case]),
    ("Centre", "FilingCondition", "Handling", "Department"): Rehearsal.around,
    ("Clock",): _open_clocks,
    ("calendar_id",): Rehearsal.calendar_and_round,
    ("FilingCondition",): Rehearsal.conditions,
    ("role", "id", "code"): Rehearsal.sitting,
}
"""What the door asks, told by the columns."""
