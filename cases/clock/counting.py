"""A limit, its ladder and its segments: what is used, what is due, which light. Nothing is written here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from cases.calendars import Calendars, Ladder, Step
from cases.models import Clock, ClockState
from cases.stages import ClockKind
from cases.workdays import Unit, WorkCalendar
from core.settings import Settings

# Where the light turns yellow if no rung says so (domain §4.6).
YELLOW_SHARE = 0.8


class Light(StrEnum):
    """灯: green up to the warning, yellow up to the limit, red beyond it."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    PAUSED = "paused"
    NONE = "none"


@dataclass(frozen=True)
class Plan:
    """When a clock that starts now is due, turns yellow, and fires its first rung (None: it has no ladder)."""

    due_at: datetime
    yellow_at: datetime
    next_rung: int | None
    next_raise_at: datetime | None


@dataclass(frozen=True)
class Segment:
    """A stretch in which the clock ran; `end` None: it runs still. Unit and calendar only where not the clock's own."""

    start: datetime
    end: datetime | None
    unit: Unit | None = None
    calendar_id: int | None = None


def stage_limit(kind: ClockKind, urgent: bool, settings: Settings) -> tuple[int, Unit]:  # noqa: FBT001  (limit, unit) of (kind, urgent)
    """Seconds and unit of a stage's own limit: duty time, but every minute when the case is urgent.

    The handling limit comes from the filing condition, a reply's from its order: ValueError for them.
    """
    if kind in {ClockKind.HANDLE, ClockKind.REPLY}:
        raise ValueError(f"the limit of {kind.value} is no stage's own")
    limits = settings.stage_limits
    minutes = limits.sign_urgent if urgent and kind is ClockKind.SIGN else getattr(limits, kind.value)
    return minutes * 60, Unit.URGENT_HOUR if urgent else Unit.WORK_HOUR


# --- pure: a limit, its ladder and its segments -----------------------------------------------------------------------


def plan(
    calendar: WorkCalendar,
    ladder: Ladder,
    *,
    start: datetime,
    limit_seconds: int,
    unit: Unit,
    urgent: bool,
    kind: ClockKind = ClockKind.HANDLE,
) -> Plan:
    """What a clock that starts at `start` will do if nothing stops it.

    Raises `workdays.CalendarMissing` if the deadline lies in a year that the calendar doesn't have.
    """
    steps = ladder.steps(kind, urgent=urgent)
    due_at = calendar.add_seconds(start, limit_seconds, unit)
    yellow_at = calendar.add_seconds(start, yellow_step(steps).at(limit_seconds), unit)
    if not steps:
        return Plan(due_at, yellow_at, None, None)
    return Plan(due_at, yellow_at, steps[0].position, calendar.add_seconds(start, steps[0].at(limit_seconds), unit))


def yellow_step(steps: Sequence[Step]) -> Step:
    """The warning is what turns the light (contract §5: 80 %, urgent 50 %)."""
    return next((step for step in steps if step.warns), Step(0, "yellow", YELLOW_SHARE, 0, 0))


def moment_when(
    rules: Calendars, calendar_id: int, segments: Iterable[Segment], unit: Unit, used: int
) -> datetime | None:
    """When the clock has used so many seconds; None: not within its closed segments, and it is not running."""
    for segment in segments:
        calendar = rules.of(segment.calendar_id or calendar_id)
        if segment.end is None:
            return calendar.add_seconds(segment.start, used, segment.unit or unit)
        here = _count(calendar, segment.start, segment.end, segment.unit or unit)
        if used <= here:
            return calendar.add_seconds(segment.start, used, segment.unit or unit)
        used -= here
    return None


def _count(calendar: WorkCalendar, start: datetime, end: datetime, unit: Unit) -> int:
    return max(0, calendar.used(start, end, unit))


def segments_of(rows: Sequence[Sequence[Any]]) -> list[Segment]:
    """The segments as they lie in the row's JSON."""
    return [_segment(*row) for row in rows]


def _segment(
    start: str, end: str | None, _why: str | None, unit: str | None = None, calendar_id: int | None = None
) -> Segment:
    ended = None if end is None else datetime.fromisoformat(end)
    return Segment(datetime.fromisoformat(start), ended, None if unit is None else Unit(unit), calendar_id)


def used_seconds(clock: Clock, rules: Calendars, now: datetime) -> int:
    """Seconds of the limit's own time that the clock has used up to `now`."""
    return sum(
        _count(
            rules.of(segment.calendar_id or clock.calendar_id),
            segment.start,
            now if segment.end is None else segment.end,
            segment.unit or clock.unit,
        )
        for segment in segments_of(clock.segments)
    )


def light(*, due_at: datetime | None, yellow_at: datetime | None, paused: bool, now: datetime) -> Light:
    """The light of a clock or of what a case shows of it; `due_at` None: nothing is running out."""
    if due_at is None or yellow_at is None:
        return Light.NONE
    if paused:
        return Light.PAUSED
    if now > due_at:
        return Light.RED
    return Light.YELLOW if now >= yellow_at else Light.GREEN


def light_of(clock: Clock, now: datetime) -> Light:
    """The light of one clock; a stopped one has none."""
    if clock.state is ClockState.STOPPED:
        return Light.NONE
    return light(due_at=clock.due_at, yellow_at=clock.yellow_at, paused=clock.state is ClockState.PAUSED, now=now)


def written(moment: datetime) -> str:
    """A moment as it stands in a segment: RFC 3339 in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
