"""Which rungs a clock has reached, where each stands, and when the next one is due."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

import orjson

from cases.calendars import Calendars, Step
from cases.clock import Segment, moment_when, plan, segments_of
from cases.escalation.chains import Chain
from cases.stages import ClockKind
from cases.workdays import CalendarMissing, Unit
from grid.levels import ORDER, Level

# A clock whose calendar lacks the year comes up again after this, until somebody has brought the year.
RETRY = timedelta(hours=1)

UNITS = {unit.value: unit for unit in Unit}


class Due(NamedTuple):
    """A claimed clock with its case: the columns of the claim (statements.py), in their order."""

    clock_id: int
    case_id: int
    kind: str
    urgent: bool
    unit: str
    limit_seconds: int
    calendar_id: int
    started_at: datetime
    segments: str | None
    due_at: datetime
    next_rung: int
    stage: str
    centre_id: int
    department_id: int | None
    inspector_id: int | None
    urged_count: int
    supervised_level: str | None
    red_card: bool
    centre_calendar_id: int
    department_centre_id: int | None
    beat_centre_id: int | None
    order_centre_id: int | None


class Reply(NamedTuple):
    """The clock of an order's answer, as `clocks` keeps it; it starts when the order is made."""

    unit: str
    limit_seconds: int
    calendar_id: int
    due_at: datetime
    yellow_at: datetime
    next_rung: int | None
    next_raise_at: datetime | None


class Fired(NamedTuple):
    """A rung that is to fire, the centre that it calls, and the clock of that one's order, if it makes one."""

    due: Due
    step: Step
    planned_at: datetime
    centre_id: int
    level: Level
    reply: Reply | None

    @property
    def orders(self) -> bool:
        """Whether a centre above gets an order."""
        return self.reply is not None


class Following(NamedTuple):
    """Where a clock's ladder goes on; None: nowhere."""

    clock_id: int
    rung: int | None
    at: datetime | None


class Climb:
    """Walks clocks up the ladder as far as `now`, and says where each goes on."""

    def __init__(self, rules: Calendars, chains: Mapping[int, Chain], now: datetime, reply_seconds_least: int) -> None:
        self.rules = rules
        self.chains = chains
        self.now = now
        self.reply_seconds_least = reply_seconds_least
        self.fired: list[Fired] = []
        self.following: list[Following] = []
        # (calendar, day that it lacks) → clocks that wait for it
        self.unknown: Counter[tuple[int, date]] = Counter()
        # the moment is the same for all of a batch: few limits differ
        self._replies: dict[tuple[int, Unit, int, bool], Reply] = {}
        self._steps = {
            (kind.value, urgent): rules.ladder.steps(kind, urgent=urgent)
            for kind in ClockKind
            for urgent in (True, False)
        }

    def one(self, due: Due) -> None:
        """Fire what the clock has reached. Moments are counted anew: the stored one says that it is time to look."""
        unit = UNITS[due.unit]
        segments = [Segment(due.started_at, None)] if due.segments is None else segments_of(orjson.loads(due.segments))
        for step in self._steps[due.kind, due.urgent]:
            if step.position < due.next_rung:
                continue
            try:
                planned_at = moment_when(self.rules, due.calendar_id, segments, unit, step.at(due.limit_seconds))
                assert planned_at is not None  # a running clock's last segment is open
                if planned_at > self.now:
                    self.following.append(Following(due.clock_id, step.position, planned_at))
                    return
                self.fired.append(self._fire(due, step, planned_at))
            except CalendarMissing as missing:
                self.unknown[due.calendar_id, missing.day] += 1
                self.following.append(Following(due.clock_id, step.position, self.now + RETRY))
                return
        self.following.append(Following(due.clock_id, None, None))

    def _fire(self, due: Due, step: Step, planned_at: datetime) -> Fired:
        level, ids = self.chains[due.centre_id]
        if due.order_centre_id is not None and not step.warns:
            return Fired(due, step, planned_at, due.order_centre_id, self.chains[due.order_centre_id].level, None)
        if not step.supervises:
            return Fired(due, step, planned_at, due.centre_id, level, None)
        levels_up = min(step.levels_up, len(ids) - 1)
        reply = self._reply(due) if levels_up else None
        return Fired(due, step, planned_at, ids[levels_up], ORDER[max(level.depth - levels_up, 0)], reply)

    def _reply(self, due: Due) -> Reply:
        """Half of the limit that was overrun, but not too little, by the calendar of the centre that is to answer."""
        calendar_id, unit = due.centre_calendar_id, UNITS[due.unit]
        limit = max(due.limit_seconds // 2, self.reply_seconds_least)
        key = (calendar_id, unit, limit, due.urgent)
        known = self._replies.get(key)
        if known is None:
            planned = plan(
                self.rules.of(calendar_id), self.rules.ladder, start=self.now, limit_seconds=limit, unit=unit,
                urgent=due.urgent, kind=ClockKind.REPLY,
            )  # fmt: skip
            known = self._replies[key] = Reply(
                due.unit, limit, calendar_id, planned.due_at, planned.yellow_at, planned.next_rung,
                planned.next_raise_at,
            )  # fmt: skip
        return known
