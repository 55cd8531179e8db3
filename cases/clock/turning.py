"""What is done to a clock: start, rest, go on, halt, and another limit that takes over."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases.calendars import Calendars, Step, calendars
from cases.clock.counting import Segment, moment_when, plan, segments_of, used_seconds, written, yellow_step
from cases.models import Case, Clock, ClockState
from cases.stages import ClockKind
from cases.workdays import Unit
from grid.models import Centre

HALTED = "stopped"
"""Why the last stretch of a clock that was halted while it ran has ended."""


class ClockStopped(ValueError):
    """A stopped clock is history: it neither pauses nor runs again."""


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


def revive(clock: Clock, rules: Calendars, *, reason: str, round: int) -> Clock:  # noqa: A002  the column's name
    """Answer the clock that takes over from one whose halt is taken back: it rests since then, with what was used.

    Nothing was kept or missed by the halted one. What it has reached has fired. Raises as `plan`.
    """
    *before, (start, end, why, *rest_of_it) = clock.segments
    used = used_seconds(clock, rules, _last_end(clock))
    following = _next_rung(clock, rules.ladder.steps(clock.kind, urgent=clock.urgent), used, clock.limit_seconds)
    successor = Clock(
        case_id=clock.case_id, kind=clock.kind, round=round, state=ClockState.PAUSED, urgent=clock.urgent,
        unit=clock.unit, limit_seconds=clock.limit_seconds, calendar_id=clock.calendar_id, order_id=clock.order_id,
        segments=[*before, [start, end, reason if why == HALTED else why, *rest_of_it]], started_at=clock.started_at,
        due_at=clock.due_at, yellow_at=clock.yellow_at, next_rung=following,
    )  # fmt: skip
    foresee(successor, rules)
    clock.on_time = None
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


def drop(clock: Clock, *, now: datetime) -> None:
    """`halt` for what nobody is to do any more: it was neither in time nor late."""
    halt(clock, now=now)
    clock.on_time = None


def halt(clock: Clock, *, now: datetime) -> None:
    """`stop` on the clock alone."""
    if clock.state is ClockState.STOPPED:
        return
    if clock.state is ClockState.RUNNING:
        _close_segment(clock, now, HALTED)
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
