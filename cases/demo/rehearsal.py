"""A session that remembers the case that is walked, so that a year of verbs takes minutes and not a quarter of an hour.

Every verb still goes through `cases.handling.perform`. While a case is held, what the door asks again and again (the
case under its lock with what stands around it, its clocks, conditions, photos) is answered from memory, and what it
writes is kept until the batch ends. Only a process that is alone with its cases may do so. What is asked in a way
unknown here is written out first and then asked of the database: slower, never wrong (tests/cases/test_demo.py compares
both).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Insert, Select, insert, select, text
from sqlalchemy.orm import Session

from cases.calendars import calendars
from cases.clock import OPEN_CLOCKS
from cases.handling.door import RECORD
from cases.handling.work import LOOK
from cases.models import Case, CasePhoto, Clock, ClockState, FilingCondition, Handling, Request
from cases.permissions import line_of
from cases.stages import ClockKind
from core.db import to_json
from grid.models import Centre, Department
from people.models import Post

Given = list[dict[str, Any]]


# What RECORD (cases/handling/door.py) writes for one verb, for many.
_ROWS = """
    json_to_recordset(CAST(:rows AS json)) AS r (
        case_id bigint, at timestamptz, verb text, outcome text, stage_from text, stage_to text, person_id integer,
        role text, data text, kind text, said text, addresses text
    )
"""
ADD_EVENTS = text(f"""
    INSERT INTO events (case_id, at, verb, outcome, stage_from, stage_to, person_id, role, data)
    SELECT case_id, at, verb, outcome, stage_from, stage_to, person_id, role, CAST(data AS jsonb) FROM {_ROWS}
""")  # noqa: S608  no value from outside
ADD_NOTICES = text(f"""
    INSERT INTO notices (at, kind, case_id, centre_id, role, department_id, person_id, data)
    SELECT r.at, r.kind, r.case_id, a.centre_id, a.role, a.department_id, a.person_id, CAST(r.said AS jsonb)
    FROM {_ROWS} CROSS JOIN LATERAL json_to_recordset(CAST(r.addresses AS json))
        AS a (centre_id integer, role text, department_id integer, person_id integer)
""")  # noqa: S608


@dataclass
class Held:
    """What is known of the case that is walked."""

    case: Case
    clocks: list[Clock] = field(default_factory=list)
    handlings: list[Handling] = field(default_factory=list)
    photos: set[UUID] = field(default_factory=set)
    asked: bool = False


class Known(list[Any]):
    """An answer from memory, as far as the door reads a result."""

    def all(self) -> list[Any]:
        return self

    def one(self) -> Any:
        (only,) = self
        return only

    one_or_none = one


class Rehearsal(Session):
    """See the module's first lines."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs, autoflush=False, expire_on_commit=False)
        self.held: Held | None = None
        self._prepared: dict[int, Held] = {}
        self._walking = False
        self._records: Given = []
        self._photos: Given = []
        self._conditions: dict[int | None, Known] = defaultdict(Known)
        for condition in self.scalars(select(FilingCondition).order_by(FilingCondition.position)):
            self._conditions[condition.category_id].append(condition)
        self._posts: dict[str | None, list[tuple[str, int, str]]] = defaultdict(list)
        sitting = select(Post.role, Centre.id, Centre.code).join(Centre, Centre.id == Post.centre_id).distinct()
        for role, centre_id, code in self.execute(sitting).all():
            self._posts[code].append((role.value, centre_id, code))
        self._stamp = calendars(self).stamp
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
        for case_id in self.scalars(select(Request.case_id).where(Request.case_id.in_(ids))):
            found[case_id].asked = True
        self._prepared |= found

    def hold(self, case: Case) -> None:
        """Remember this case from now on."""
        if case.id not in self._prepared:
            self.read_around([case])
        self.held = self._prepared.pop(case.id)

    def read_clocks(self) -> None:
        """Read the held case and its clocks anew, because the ladder has changed them in the database."""
        assert self.held is not None
        self.refresh(self.held.case)
        clocks = select(Clock).where(Clock.case_id == self.held.case.id).order_by(Clock.id)
        self.held.clocks = list(self.scalars(clocks, execution_options={"populate_existing": True}))

    def open_clocks(self) -> list[Clock]:
        """Those of the held case that are running or paused, its orders' among them."""
        assert self.held is not None
        return [clock for clock in self.held.clocks if clock.state is not ClockState.STOPPED]

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
        photos, self._photos = self._photos, []
        records, self._records = self._records, []
        if photos:
            super().execute(insert(CasePhoto), photos)
        if records:
            super().execute(ADD_EVENTS, {"rows": to_json(records)})
            super().execute(ADD_NOTICES, {"rows": to_json(records)})

    def add(self, instance: object, *args: Any, **kwargs: Any) -> None:
        super().add(instance, *args, **kwargs)
        if self.held is not None and isinstance(instance, Clock):
            self.held.clocks.append(instance)
        elif self.held is not None and isinstance(instance, Handling):
            self.held.handlings.append(instance)
        elif self.held is not None and isinstance(instance, Request):
            self.held.asked = True

    # --- what is asked ------------------------------------------------------------------------------------------------

    def execute(self, statement: Any, params: Any = None, *args: Any, **kwargs: Any) -> Any:
        known = self._remembered(statement, params)
        return self._asked("execute", statement, params, *args, **kwargs) if known is None else known

    def scalars(self, statement: Any, params: Any = None, *args: Any, **kwargs: Any) -> Any:
        known = self._remembered(statement, params)
        return self._asked("scalars", statement, params, *args, **kwargs) if known is None else known

    def _asked(self, how: str, *args: Any, **kwargs: Any) -> Any:
        if self._walking:
            self._write()
        return getattr(super(), how)(*args, **kwargs)

    def _remembered(self, statement: Any, params: Any) -> Known | None:
        if not self._walking or self.held is None:
            return None
        if statement is RECORD:
            self._records.append(params)
            return Known()
        if isinstance(statement, Insert) and statement.table.name == "case_photos":
            return self._hang(self.held, params)
        if statement is LOOK:
            return self._around(self.held)
        if statement is OPEN_CLOCKS:
            return Known(clock for clock in self.open_clocks() if clock.kind is not ClockKind.REPLY)
        if isinstance(statement, Select) and [c["name"] for c in statement.column_descriptions] == ["FilingCondition"]:
            return self._conditions[self.held.case.category_id]
        return None

    def _hang(self, held: Held, rows: Given) -> Known:
        """Photos that do not hang on the case yet are hung there."""
        rows = [row for row in rows if row["photo_id"] not in held.photos]
        held.photos |= {row["photo_id"] for row in rows}
        self._photos += rows
        return Known(row["photo_id"] for row in rows)

    def _around(self, held: Held) -> Known:
        """The row of `cases.handling.work.lock_and_look`."""
        case = held.case
        condition = self.get(FilingCondition, case.condition_id) if case.condition_id else None
        handling = next((row for row in held.handlings if row.round == case.round and row.lead), None)
        department = self.get(Department, handling.department_id) if handling and handling.department_id else None
        rounds: dict[str, int] = {}
        for clock in held.clocks:
            rounds[clock.kind] = max(rounds.get(clock.kind, 0), clock.round)
        posts = [post for code in line_of(case) for post in self._posts.get(code, ())]
        centre = self.get(Centre, case.centre_id)
        return Known([(case, centre, condition, handling, department, self._stamp, rounds, posts, held.asked)])
