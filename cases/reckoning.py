"""How a deadline came about: which days counted with how many minutes, which were skipped and why, and the pauses."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from cases.calendars import Calendars
from cases.clock import Segment, segments_of
from cases.models import Clock
from cases.workdays import CalendarMissing, DayKind, Unit, runs_always

# Nobody reads more; a limit of months is told as far as this.
DAYS_MOST = 400


class Skipped(StrEnum):
    """Why a day added nothing."""

    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    CLOSED = "closed"


@dataclass(frozen=True)
class Run:
    """Days in a row that are alike: so many minutes each, or skipped for a reason; `name` is the holiday's."""

    first: date
    last: date
    minutes: int
    skipped: Skipped | None
    name: str

    def as_json(self) -> dict[str, Any]:
        """As the API shows it."""
        return {
            "from": self.first, "to": self.last, "minutes": self.minutes, "skipped": self.skipped, "name": self.name,
        }  # fmt: skip


def reckon(clock: Clock, rules: Calendars) -> dict[str, Any]:
    """The days up to the deadline in order, alike ones joined, and the pauses `[from, to or null, reason]`.

    Days are those of the calendar's zone. Where every minute counts no day is told: `days` is empty. Where the calendar
    lacks a year the story ends at its last day.
    """
    segments = segments_of(clock.segments)
    return {
        "days": [run.as_json() for run in _joined(_days(clock, rules, segments))],
        "pauses": list(_pauses(clock, segments)),
    }


def _pauses(clock: Clock, segments: list[Segment]) -> Iterator[dict[str, Any]]:
    following = [*(segment.start for segment in segments[1:]), clock.stopped_at]
    for segment, row, after in zip(segments, clock.segments, following, strict=True):
        if segment.end is not None and row[2] != "stopped" and (after is None or after > segment.end):
            yield {"from": segment.end, "to": after, "reason": row[2]}


def _days(clock: Clock, rules: Calendars, segments: list[Segment]) -> Iterator[Run]:
    for segment in segments:
        calendar_id, unit = segment.calendar_id or clock.calendar_id, segment.unit or clock.unit
        start, end = segment.start, clock.due_at if segment.end is None else min(segment.end, clock.due_at)
        if end <= start or runs_always(unit):
            continue
        try:
            yield from _days_between(rules, calendar_id, unit, start, end)
        except CalendarMissing:
            return


def _days_between(rules: Calendars, calendar_id: int, unit: Unit, start: datetime, end: datetime) -> Iterator[Run]:
    calendar = rules.of(calendar_id)
    zone = calendar.zone
    day = start.astimezone(zone).date()
    for _ in range(DAYS_MOST):
        opens = datetime.combine(day, time(), zone).astimezone(UTC)
        closes = datetime.combine(day + timedelta(1), time(), zone).astimezone(UTC)
        if opens >= end:
            return
        minutes = calendar.used(max(opens, start), min(closes, end), unit) // 60
        kind, name = rules.day(calendar_id, day)
        yield Run(day, day, minutes, None if minutes else _reason(kind), name if not minutes else "")
        day += timedelta(1)


def _reason(kind: DayKind) -> Skipped:
    if kind is DayKind.HOLIDAY:
        return Skipped.HOLIDAY
    return Skipped.WEEKEND if kind is DayKind.WEEKEND else Skipped.CLOSED


def _joined(days: Iterator[Run]) -> list[Run]:
    """Runs of alike days; what two stretches counted on one day is one day's."""
    runs: list[Run] = []
    for day in days:
        last = runs[-1] if runs else None
        if last is not None and last.last == day.first:
            runs[-1:] = _same_day(last, day)
        else:
            runs.append(day)
        if len(runs) > 1 and _alike(runs[-2], runs[-1]):
            first, second = runs[-2:]
            runs[-2:] = [Run(first.first, second.last, second.minutes, second.skipped, second.name)]
    return runs


def _same_day(run: Run, day: Run) -> list[Run]:
    """The day on which one stretch ended and the next began, split from the run that it ends."""
    minutes = (0 if run.skipped else run.minutes) + day.minutes
    whole = Run(day.first, day.first, minutes, None if minutes else day.skipped, "" if minutes else day.name)
    if run.first == run.last:
        return [whole]
    return [Run(run.first, run.last - timedelta(1), run.minutes, run.skipped, run.name), whole]


def _alike(first: Run, second: Run) -> bool:
    adjacent = first.last + timedelta(1) == second.first
    alike = (first.minutes, first.skipped, first.name) == (second.minutes, second.skipped, second.name)
    return adjacent and alike
