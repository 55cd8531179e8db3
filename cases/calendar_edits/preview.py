"""Which deadlines an edit would move, before anybody makes it.

Clocks that have run in one stretch, nearly all, are counted by one vectorised addition; those with pauses, or with
stretches of another unit or calendar, each as the clock itself counts (cases/clock.py, `foresee`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
import structlog
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from cases.calendar_edits.editing import find_calendar, read_calendar
from cases.calendar_edits.wishes import Wish, plan_change
from cases.calendars import Calendars, calendars
from cases.clock import foresee, segments_of, written
from cases.models import Clock, ClockState
from cases.stages import ClockKind
from cases.workdays import CalendarMissing, Unit, WorkCalendar, runs_always

log = structlog.get_logger()

SHOWN = 50


@dataclass(frozen=True)
class Moved:
    """A deadline that would become another."""

    no: str
    kind: ClockKind
    due_at: datetime
    new_due_at: datetime


@dataclass(frozen=True)
class Preview:
    """What an edit would do: the days, and of the open clocks that count by the calendar how many would move."""

    version: int
    changed: list[dict[str, Any]]
    clocks: int
    moved: list[Moved] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """With the first deadlines that would move, in their order."""
        earlier = sum(one.new_due_at < one.due_at for one in self.moved)
        return {
            "version": self.version, "changed": self.changed, "clocks": self.clocks, "moved": len(self.moved),
            "earlier": earlier, "later": len(self.moved) - earlier, "items": self.moved[:SHOWN],
        }  # fmt: skip


def preview(session: Session, calendar_id: int, wish: Wish, *, version: int, now: datetime) -> Preview:
    """What the edit would do if it were made now; nothing is changed. Raises as `edit_calendar`."""
    calendar = find_calendar(session, calendar_id, version=version)
    change = plan_change(read_calendar(session, calendar), wish, now=now)
    rules = calendars(session).instead(calendar_id, change.after)
    rows = session.execute(_OPEN, {"calendar_id": calendar_id}).all()
    moved = sorted(_moved(rows, rules, change.after), key=lambda one: (one.due_at, one.no))
    return Preview(calendar.version, change.changed, len(rows), moved)


# Through the open cases, whose index is small; a closed one has no open clock.
_OPEN = text("""
    SELECT cases.no, clocks.kind, clocks.state, clocks.urgent, clocks.unit, clocks.limit_seconds, clocks.calendar_id,
        clocks.started_at, clocks.due_at, clocks.yellow_at, clocks.next_rung, clocks.next_raise_at,
        CASE WHEN clocks.state = 'paused' OR jsonb_array_length(clocks.segments) > 1 THEN clocks.segments END AS rests
    FROM cases JOIN clocks ON clocks.case_id = cases.id
    WHERE cases.ended_at IS NULL AND clocks.state <> 'stopped' AND (
        clocks.calendar_id = :calendar_id
        OR EXISTS (
            SELECT FROM jsonb_array_elements(clocks.segments) AS segment
            WHERE CAST(segment ->> 4 AS bigint) = :calendar_id
        )
    )
""")


def _moved(rows: Sequence[Row[Any]], rules: Calendars, calendar: WorkCalendar) -> list[Moved]:
    plain = [row for row in rows if row.rests is None]
    working = [row for row in plain if not runs_always(Unit(row.unit))]  # every minute counts for the others
    moved = [one for row in rows if row.rests is not None for one in _one(row, rules)]
    try:
        dues = calendar.add_many(
            np.array([int(row.started_at.timestamp()) for row in working], np.int64),
            np.array([row.limit_seconds for row in working], np.int64),
        )
    except CalendarMissing:  # of one of them, who knows which
        return moved + [one for row in working for one in _one(row, rules)]
    new = (datetime.fromtimestamp(int(due), UTC) for due in dues)
    return moved + [
        Moved(row.no, ClockKind(row.kind), row.due_at, due)
        for row, due in zip(working, new, strict=True)
        if due != row.due_at
    ]


def _one(row: Row[Any], rules: Calendars) -> list[Moved]:
    """A clock that never gets into the session, counted as the real one will be."""
    clock = Clock(
        kind=ClockKind(row.kind), state=ClockState(row.state), urgent=row.urgent, unit=Unit(row.unit),
        limit_seconds=row.limit_seconds, calendar_id=row.calendar_id, due_at=row.due_at, yellow_at=row.yellow_at,
        segments=row.rests or [[written(row.started_at), None, None]], next_rung=row.next_rung,
        next_raise_at=row.next_raise_at,
    )  # fmt: skip
    count_anew(clock, rules)
    return [Moved(row.no, clock.kind, row.due_at, clock.due_at)] if clock.due_at != row.due_at else []


def count_anew(clock: Clock, rules: Calendars) -> bool:
    """`foresee` a clock; whether its deadline moved. Where the calendar ends before, it stays as it is."""
    before = clock.due_at
    try:
        foresee(clock, rules)
    except CalendarMissing as missing:
        log.warning("calendar-missing", calendar=clock.calendar_id, day=missing.day, clocks=1)
    return clock.due_at != before


def calendars_of(clock: Clock) -> set[int]:
    """The calendars by which a clock counts: its own, and those of stretches that were counted otherwise."""
    others = {one.calendar_id for one in segments_of(clock.segments) if one.calendar_id is not None}
    return {clock.calendar_id, *others}
