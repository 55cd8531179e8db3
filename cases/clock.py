"""The clock of a limit (时限): start, pause, resume, stop, what is used, which light, when the next rung is due.

A clock is a row of segments `[start, end or null, why it ended]`; what is used is counted from them, never stored
(domain §4.5). Pauses, nights and holidays therefore move everything that hangs on the used time by themselves. A limit
that changes makes a new clock which takes over the segments; a stretch that counted otherwise keeps its own unit.
Moments count by the whole second, as in cases/workdays.py. The caller holds the lock on the case.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from cases.calendars import Calendars, Ladder, Step, calendars
from cases.models import Case, Clock, ClockState
from cases.stages import ClockKind
from cases.workdays import Unit, WorkCalendar
from core.settings import Settings
from grid.models import Centre

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


class ClockStopped(ValueError):
    """A stopped clock is history: it neither pauses nor runs again."""


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


# --- the clocks of a case ---------------------------------------------------------------------------------------------


def start(
    session: Session, case: Case, kind: ClockKind, *, now: datetime, limit_seconds: int, unit: Unit, urgent: bool
) -> Clock:
    """A new clock on the calendar of the case's centre; its round is the next of its kind.

    Raises as `plan`, and `calendars.UnknownCalendar`.
    """
    latest = select(func.coalesce(func.max(Clock.round), 0)).where(Clock.case_id == case.id, Clock.kind == kind)
    calendar_id, last_round = session.execute(
        select(Centre.calendar_id, latest.scalar_subquery()).where(Centre.id == case.centre_id)
    ).one()
    clock = new_clock(
        case, kind, calendars(session), calendar_id=calendar_id, round=last_round + 1, now=now,
        limit_seconds=limit_seconds, unit=unit, urgent=urgent,
    )  # fmt: skip
    session.add(clock)
    session.flush()
    return clock


def new_clock(
    case: Case,
    kind: ClockKind,
    rules: Calendars,
    *,
    calendar_id: int,
    round: int,  # noqa: A002  the column's name
    now: datetime,
    limit_seconds: int,
    unit: Unit,
    urgent: bool,
) -> Clock:
    """`start` for who has calendar and round at hand: a clock that runs from `now`, not added to a session yet."""
    planned = plan(
        rules.of(calendar_id),
        rules.ladder,
        start=now,
        limit_seconds=limit_seconds,
        unit=unit,
        urgent=urgent,
        kind=kind,
    )
    return Clock(
        case_id=case.id,
        kind=kind,
        round=round,
        state=ClockState.RUNNING,
        urgent=urgent,
        unit=unit,
        limit_seconds=limit_seconds,
        calendar_id=calendar_id,
        segments=[[written(now), None, None]],
        started_at=now,
        due_at=planned.due_at,
        yellow_at=planned.yellow_at,
        next_rung=planned.next_rung,
        next_raise_at=planned.next_raise_at,
    )


def written(moment: datetime) -> str:
    """A moment as it stands in a segment: RFC 3339 in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def pause(session: Session, clock: Clock, *, now: datetime, reason: str) -> None:
    """Let no more time count: no rung fires until `resume`. A paused clock stays as it is, with its first reason.

    Raises ClockStopped.
    """
    rest(clock, now=now, reason=reason)
    session.flush()


def rest(clock: Clock, *, now: datetime, reason: str) -> None:
    """`pause` on the clock alone."""
    _refuse_stopped(clock)
    if clock.state is ClockState.PAUSED:
        return
    _close_segment(clock, now, reason)
    clock.state = ClockState.PAUSED
    clock.next_raise_at = None  # next_rung stays: it is where the ladder goes on


def resume(session: Session, clock: Clock, *, now: datetime) -> None:
    """Go on counting: what is due is moved by the pause's own time, and a rung that has fired doesn't fire again.

    A rung reached before the pause that no sweep has seen yet is due at once. A running clock stays as it is. Raises
    ClockStopped, and `workdays.CalendarMissing` as `plan`.
    """
    go_on(clock, calendars(session), now=now)
    session.flush()


def go_on(clock: Clock, rules: Calendars, *, now: datetime) -> None:
    """`resume` on the clock alone."""
    _refuse_stopped(clock)
    if clock.state is ClockState.RUNNING:
        return
    clock.segments = [*clock.segments, [written(max(now, _last_end(clock))), None, None]]
    clock.state = ClockState.RUNNING
    foresee(clock, rules)


def foresee(clock: Clock, rules: Calendars) -> bool:
    """Count anew when an open clock is due, turns yellow and fires its next rung; whether one of them moved.

    Used after whatever may move them: a pause, another limit, an edited calendar or ladder. A paused clock is counted
    as if it ran on from its pause. Raises `workdays.CalendarMissing` as `plan`.
    """
    _refuse_stopped(clock)
    before = (clock.due_at, clock.yellow_at, clock.next_raise_at)
    steps = rules.ladder.steps(clock.kind, urgent=clock.urgent)
    segments = segments_of(clock.segments)
    if clock.state is ClockState.PAUSED:
        segments.append(Segment(_last_end(clock), None))

    def when(used: int) -> datetime:
        moment = moment_when(rules, clock.calendar_id, segments, clock.unit, used)
        assert moment is not None  # the last segment is open
        return moment

    clock.due_at = when(clock.limit_seconds)
    clock.yellow_at = when(yellow_step(steps).at(clock.limit_seconds))
    following = next((step for step in steps if clock.next_rung is not None and step.position >= clock.next_rung), None)
    clock.next_rung = following.position if following else None
    rests = clock.state is ClockState.PAUSED
    clock.next_raise_at = when(following.at(clock.limit_seconds)) if following and not rests else None
    return before != (clock.due_at, clock.yellow_at, clock.next_raise_at)


def succeed(
    clock: Clock,
    rules: Calendars,
    *,
    now: datetime,
    reason: str,
    round: int,  # noqa: A002  the column's name
    limit_seconds: int,
    unit: Unit,
    urgent: bool,
    calendar_id: int | None = None,
) -> Clock:
    """Halt the clock and answer the one that takes over with another limit: same time used, same pauses, same state.

    A rung whose moment lies behind under the new limit, too, never fires again; one that lies ahead again will. What
    was counted in another unit, or on another calendar, stays counted so. Raises ClockStopped and as `plan`.
    """
    _refuse_stopped(clock)
    calendar_id = calendar_id or clock.calendar_id
    used = used_seconds(clock, rules, now)
    runs = clock.state is ClockState.RUNNING
    counted_otherwise = (unit, calendar_id) != (clock.unit, clock.calendar_id)
    segments = [list(row) for row in clock.segments]
    if counted_otherwise:
        if runs:
            segments[-1] = [segments[-1][0], written(max(now, datetime.fromisoformat(segments[-1][0]))), reason]
        segments = [[*row, clock.unit.value, clock.calendar_id] if len(row) == 3 else row for row in segments]
        if runs:
            segments.append([written(now), None, None])
    following = _next_rung(clock, rules.ladder.steps(clock.kind, urgent=urgent), used, limit_seconds)
    successor = Clock(
        case_id=clock.case_id, kind=clock.kind, round=round, state=clock.state, urgent=urgent, unit=unit,
        limit_seconds=limit_seconds, calendar_id=calendar_id, order_id=clock.order_id, segments=segments,
        started_at=clock.started_at, due_at=clock.due_at, yellow_at=clock.yellow_at, next_rung=following,
    )  # fmt: skip
    foresee(successor, rules)
    if runs:
        _close_segment(clock, now, reason)
    clock.state, clock.stopped_at, clock.on_time = ClockState.STOPPED, now, None
    clock.next_rung = clock.next_raise_at = None
    return successor


def _next_rung(clock: Clock, steps: Sequence[Step], used: int, limit_seconds: int) -> int | None:
    """The first rung that has not fired yet, or lies ahead again: what lies behind and has fired is passed for good."""
    ahead = next((step.position for step in steps if step.at(limit_seconds) > used), None)
    return min((position for position in (ahead, clock.next_rung) if position is not None), default=None)


def stop(session: Session, clock: Clock, *, now: datetime) -> None:
    """End the clock for good and keep whether it was in time; nothing is raised on it any more.

    A clock that is stopped while it is paused counts up to the pause. A stopped one stays as it is.
    """
    halt(clock, now=now)
    session.flush()


def halt(clock: Clock, *, now: datetime) -> None:
    """`stop` on the clock alone."""
    if clock.state is ClockState.STOPPED:
        return
    if clock.state is ClockState.RUNNING:
        _close_segment(clock, now, "stopped")
    clock.on_time = _last_end(clock).replace(microsecond=0) <= clock.due_at
    clock.state = ClockState.STOPPED
    clock.stopped_at = now
    clock.next_rung = None
    clock.next_raise_at = None


def _refuse_stopped(clock: Clock) -> None:
    if clock.state is ClockState.STOPPED:
        raise ClockStopped(f"the {clock.kind.value} clock {clock.round} of case {clock.case_id} is stopped")


def _close_segment(clock: Clock, now: datetime, reason: str) -> None:
    start, _, _ = clock.segments[-1]
    end = max(now, datetime.fromisoformat(start))
    clock.segments = [*clock.segments[:-1], [start, written(end), reason]]


def _last_end(clock: Clock) -> datetime:
    return datetime.fromisoformat(clock.segments[-1][1])


OPEN_CLOCKS = (
    select(Clock)
    .where(Clock.case_id == bindparam("case_id"), Clock.state != ClockState.STOPPED, Clock.kind != ClockKind.REPLY)
    .order_by(Clock.id)
    .execution_options(populate_existing=True)
)


def running(session: Session, case: Case) -> dict[ClockKind, Clock]:
    """The case's own open clocks, running or paused, at most one of a kind; orders' replies are limited beside them."""
    return {clock.kind: clock for clock in session.scalars(OPEN_CLOCKS, {"case_id": case.id})}


def show_on_case(case: Case, clocks: dict[ClockKind, Clock]) -> None:
    """Copy to the case the clock that burns, so that lists need no join.

    The handling clock comes first if it runs, then the stage's own, then a paused one; a sign clock never hides the
    handling limit beside it. `handle_due_at` follows the handling clock as long as it is open.
    """
    if handle := clocks.get(ClockKind.HANDLE):
        case.handle_due_at = handle.due_at
    shown = _burning(clocks.values())
    case.clock_kind = shown.kind if shown else None
    case.due_at = shown.due_at if shown else None
    case.yellow_at = shown.yellow_at if shown else None
    case.paused = shown is not None and shown.state is ClockState.PAUSED


def _burning(clocks: Iterable[Clock]) -> Clock | None:
    def rank(clock: Clock) -> tuple[bool, bool, bool, datetime]:
        return (
            clock.state is not ClockState.RUNNING,
            clock.kind is not ClockKind.HANDLE,
            clock.kind is ClockKind.SIGN,
            clock.due_at,
        )

    return min((clock for clock in clocks if clock.state is not ClockState.STOPPED), key=rank, default=None)
