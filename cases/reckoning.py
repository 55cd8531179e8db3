"""How a deadline came about: limit and extensions, the days that counted or were skipped and why, and the pauses."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from cases.calendars import Calendars
from cases.clock import Segment, segments_of
from cases.handling.clockwork import limit_at
from cases.models import Clock, FilingCondition, Request, RequestKind, RequestState
from cases.workdays import CalendarMissing, DayKind, Unit, limit_minutes, runs_always

# Nobody reads more; a limit of months is told as far as this.
DAYS_MOST = 400
MINUTE = timedelta(minutes=1)


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


def explain(
    condition: FilingCondition, step: int, clock: Clock | None, requests: Sequence[Request], rules: Calendars
) -> dict[str, Any]:
    """The rule that set the limit of the step, what it was extended by, the moment it led to, and `reckon`."""
    limit, unit = limit_at(condition, step)
    return {
        "rule": "condition", "limit": limit, "unit": unit, "step": step, "zh": condition.zh, "en": condition.en,
        "from": clock.started_at if clock else None, "due_at": clock.due_at if clock else None,
        "extensions": [] if clock is None else _extensions(clock, limit_minutes(limit, unit) * 60, requests),
        **(reckon(clock, rules) if clock else {"days": [], "pauses": [], "before": []}),
    }  # fmt: skip


def _extensions(clock: Clock, limit_seconds: int, requests: Sequence[Request]) -> list[dict[str, Any]]:
    """What was granted to this limit, the oldest first: the newest ones that the clock has more than the rule gives."""
    more, found = clock.limit_seconds - limit_seconds, []
    for request in reversed(requests):
        given = request.kind is RequestKind.EXTENSION and request.state is RequestState.GRANTED
        if given and 0 < request.data["seconds"] <= more:
            more -= request.data["seconds"]
            found.append({"limit": request.data["limit"], "unit": request.data["unit"]})
    return found[::-1]


def reckon(clock: Clock, rules: Calendars) -> dict[str, Any]:
    """The days up to the deadline in order, alike ones joined, and the pauses `[from, to or null, reason]`.

    Days are those of the calendar's zone, counted by the unit that counted then; what another unit than the limit's has
    counted is summed up under `before`. Where every minute counts all the time no day is told: `days` is empty. Where
    the calendar lacks a year the story ends at its last day.
    """
    segments = segments_of(clock.segments)
    by_days = any(not runs_always(segment.unit or clock.unit) for segment in segments)
    return {
        "days": [run.as_json() for run in _joined(_days(clock, rules, segments))] if by_days else [],
        "pauses": list(_pauses(clock, segments)),
        "before": _before(clock, rules, segments),
    }


def _before(clock: Clock, rules: Calendars, segments: list[Segment]) -> list[dict[str, Any]]:
    """Minutes that counted by other units, and until when; what followed each other in one unit as one."""
    found: list[dict[str, Any]] = []
    for segment in segments:
        unit = segment.unit or clock.unit
        if unit is clock.unit or segment.end is None:
            continue
        calendar = rules.of(segment.calendar_id or clock.calendar_id)
        seconds = max(0, calendar.used(segment.start, segment.end, unit))
        if found and found[-1]["unit"] is unit:
            seconds += found.pop()["seconds"]
        found.append({"unit": unit, "seconds": seconds, "until": segment.end})
    return [{"unit": one["unit"], "minutes": one["seconds"] // 60, "until": one["until"]} for one in found]


def _pauses(clock: Clock, segments: list[Segment]) -> Iterator[dict[str, Any]]:
    following = [*(segment.start for segment in segments[1:]), clock.stopped_at]
    for segment, row, after in zip(segments, clock.segments, following, strict=True):
        if segment.end is not None and row[2] != "stopped" and (after is None or after > segment.end):
            yield {"from": segment.end, "to": after, "reason": row[2]}


def _days(clock: Clock, rules: Calendars, segments: list[Segment]) -> Iterator[Run]:
    for segment in segments:
        calendar_id, unit = segment.calendar_id or clock.calendar_id, segment.unit or clock.unit
        start, end = segment.start, clock.due_at if segment.end is None else min(segment.end, clock.due_at)
        if end <= start:
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
        first, last = max(opens, start), min(closes, end)
        seconds = calendar.used(first, last, unit)
        kind, name = rules.day(calendar_id, day)
        # that less than a minute of a working day counted nothing worth telling has no reason
        if seconds >= 60 or (seconds <= 0 and (kind is not DayKind.WORKDAY or last - first >= MINUTE)):
            minutes = seconds // 60
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
