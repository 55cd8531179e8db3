"""Which rungs a clock has reached, where each stands, and when the next one is due."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
import structlog

from cases.calendars import Calendars, Step
from cases.clock import Segment, moment_when, segments_of
from cases.stages import ClockKind
from cases.workdays import CalendarMissing, Unit
from grid.levels import ORDER, Level

log = structlog.get_logger()

# A clock whose calendar lacks the year comes up again after this, until somebody has brought the year.
RETRY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Fired:
    """A rung that is to fire: `row` is the claimed clock with its case."""

    row: Any
    step: Step
    planned_at: datetime
    centre_id: int
    level: Level
    reply_due_at: datetime | None

    @property
    def orders(self) -> bool:
        """Whether a centre above gets an order."""
        return self.step.supervises and self.centre_id != self.row.centre_id

    @property
    def red_card(self) -> bool:
        return self.step.last


@dataclass(frozen=True, slots=True)
class Next:
    """Where a clock's ladder goes on; None: nowhere."""

    clock_id: int
    rung: int | None
    at: datetime | None


class Climb:
    """Walks clocks up the ladder as far as `now`, and says where each goes on."""

    def __init__(self, rules: Calendars, now: datetime, reply_seconds_least: int) -> None:
        self.rules = rules
        self.now = now
        self.reply_seconds_least = reply_seconds_least
        self.fired: list[Fired] = []
        self.following: list[Next] = []
        self._steps = {
            (kind.value, urgent): rules.ladder.steps(kind, urgent=urgent)
            for kind in ClockKind
            for urgent in (True, False)
        }

    def one(self, row: Any) -> None:
        """Fire what the clock has reached. Moments are counted anew: the stored one says that it is time to look."""
        calendar = self.rules.of(row.calendar_id)
        unit = Unit(row.unit)
        segments = [Segment(row.started_at, None)] if row.segments is None else segments_of(orjson.loads(row.segments))
        for step in self._steps[row.kind, row.urgent]:
            if step.position < row.next_rung:
                continue
            try:
                planned_at = moment_when(calendar, segments, unit, step.at(row.limit_seconds))
                assert planned_at is not None  # a running clock's last segment is open
                if planned_at > self.now:
                    self.following.append(Next(row.clock_id, step.position, planned_at))
                    return
                fired = self._fire(row, step, planned_at)
            except CalendarMissing as missing:
                log.exception("calendar-missing", calendar=row.calendar_id, day=missing.day, clock=row.clock_id)
                self.following.append(Next(row.clock_id, step.position, self.now + RETRY))
                return
            self.fired.append(fired)
        self.following.append(Next(row.clock_id, None, None))

    def _fire(self, row: Any, step: Step, planned_at: datetime) -> Fired:
        chain = [centre for centre in (row.centre_id, row.up_1, row.up_2, row.up_3) if centre is not None]
        levels_up = min(step.levels_up, len(chain) - 1)
        reply_due_at = None
        if levels_up:
            reply_seconds = max(row.limit_seconds // 2, self.reply_seconds_least)
            reply_due_at = self.rules.of(row.calendar_id).add_seconds(self.now, reply_seconds, Unit(row.unit))
        level = ORDER[max(Level(row.level).depth - levels_up, 0)]
        return Fired(row, step, planned_at, chain[levels_up], level, reply_due_at)
