"""What a transition does to the clocks: the steps of cases/stages.py, one by one, on the clocks of the case."""

from collections.abc import Callable

from sqlalchemy import select

from cases.clock import drop, go_on, halt, new_clock, rest, revive, running, show_on_case, stage_limit, succeed
from cases.handling.captured import counted_at
from cases.handling.work import Look, Work
from cases.models import Clock, ClockState, FilingCondition
from cases.stages import Act, ClockKind, Outcome
from cases.workdays import Unit, limit_minutes
from core.settings import Settings

LIMIT_BEGINS = "limit_begins"
"""What the event keeps when the handling limit begins anew, not when a clock goes on that rested."""


def move_clocks(work: Work) -> None:
    """Do the transition's steps in their order and show on the case what burns then; nothing is flushed."""
    if not work.transition.clocks:
        return
    work.clocks = running(work.session, work.case)
    for effect in work.transition.clocks:
        _STEPS[effect.act](work, effect.kind)
    show_on_case(work.case, work.clocks)


def limit_at(condition: FilingCondition, step: int) -> tuple[int, Unit]:
    """The condition's limit in its own unit; at step 2 its second one (make safe, then repair), if it has one."""
    if step > 1 and condition.then_limit is not None and condition.then_unit is not None:
        return condition.then_limit, condition.then_unit
    return condition.limit, condition.unit


def handle_limit(condition: FilingCondition, step: int = 1) -> tuple[int, Unit]:
    """Seconds and unit of the limit at the step."""
    limit, unit = limit_at(condition, step)
    return limit_minutes(limit, unit) * 60, unit


def to_step(work: Work, step: int) -> None:
    """Let the case stand at this one of two limits in a row: what is made safe may be repaired by ordinary time."""
    work.case.step = step
    if work.look.condition is not None:
        work.case.urgent = handle_limit(work.look.condition, step)[1] is Unit.URGENT_HOUR


def limit_of(
    kind: ClockKind, condition: FilingCondition | None, *, urgent: bool, settings: Settings, step: int = 1
) -> tuple[int, Unit]:
    """Seconds and unit of any clock: the condition's for the handling, else the stage's own."""
    if kind is ClockKind.HANDLE:
        assert condition is not None  # filed before it was dispatched
        return handle_limit(condition, step)
    return stage_limit(kind, urgent, settings)


def calendar_of(kind: ClockKind, look: Look) -> int:
    """The department's own calendar for what it does, if it has one; else the centre's (domain §4.4)."""
    theirs = look.department.calendar_id if look.department is not None else None
    return theirs if theirs is not None and kind in {ClockKind.HANDLE, ClockKind.SIGN} else look.centre.calendar_id


def _start(work: Work, kind: ClockKind | None) -> None:
    assert kind is not None
    case = work.case
    limit_seconds, unit = limit_of(
        kind, work.look.condition, urgent=case.urgent, settings=work.settings, step=case.step
    )
    clock = new_clock(
        case, kind, work.rules, calendar_id=calendar_of(kind, work.look), round=_next_round(work, kind),
        now=work.now, limit_seconds=limit_seconds, unit=unit, urgent=case.urgent,
    )  # fmt: skip
    work.session.add(clock)
    work.clocks[kind] = clock
    if kind is ClockKind.HANDLE:
        work.data[LIMIT_BEGINS] = True


def _next_round(work: Work, kind: ClockKind) -> int:
    work.look.rounds[kind] = work.look.rounds.get(kind, 0) + 1
    return work.look.rounds[kind]


def _stop(work: Work, kind: ClockKind | None) -> None:
    assert kind is not None
    _stop_one(work, work.clocks.pop(kind, None))


def _stop_one(work: Work, clock: Clock | None) -> None:
    if clock is not None:
        halt(clock, now=counted_at(work, clock))
        work.stopped[clock.kind] = clock


def _stop_all(work: Work, _: ClockKind | None) -> None:
    for kind in list(work.clocks):
        _stop(work, kind)
    for clock in reply_clocks(work):
        drop(clock, now=work.now)


def _pause(work: Work, kind: ClockKind | None) -> None:
    assert kind is not None
    if kind in work.clocks:
        rest(work.clocks[kind], now=work.now, reason=work.verb.value)


def _pause_all(work: Work, _: ClockKind | None) -> None:
    for clock in (*work.clocks.values(), *reply_clocks(work)):
        rest(clock, now=work.now, reason=work.verb.value)


def _resume_all(work: Work, _: ClockKind | None) -> None:
    """From now; after a suspension that has ended by itself from its day on, though the worker may come late.

    The handling limit of a case that has moved meanwhile rests again at once, so it costs nobody that time.
    """
    since = work.data.get("resumed_from") or work.now
    for clock in (*work.clocks.values(), *reply_clocks(work)):
        rests = clock.kind is ClockKind.HANDLE and work.outcome is Outcome.MOVED
        go_on(clock, work.rules, now=work.now if rests else since)


def reply_clocks(work: Work) -> list[Clock]:
    """The clocks of the open supervision orders, which stand beside the case's own."""
    if not work.look.orders:
        return []
    wanted = select(Clock).where(
        Clock.case_id == work.case.id, Clock.kind == ClockKind.REPLY, Clock.state != ClockState.STOPPED
    )
    return list(work.session.scalars(wanted.order_by(Clock.id)))


def _extend(work: Work, kind: ClockKind | None) -> None:
    """More time on top of what the limit is: `values["seconds"]`."""
    assert kind is not None
    clock = work.clocks[kind]
    _put_in_place(work, clock, clock.limit_seconds + int(work.values["seconds"]), clock.unit)


def _replan(work: Work, kind: ClockKind | None) -> None:
    """The limit of the condition that the deed names; without one it stays, extensions included.

    What was used stays used. Nothing without an open clock.
    """
    assert kind is not None
    clock = work.clocks.get(kind)
    if clock is None:
        return
    condition: FilingCondition | None = work.values.get("condition")
    limit_seconds, unit = clock.limit_seconds, clock.unit
    if condition is not None:
        limit_seconds, unit = handle_limit(condition, work.case.step)
    now_counts = (limit_seconds, unit, work.case.urgent, calendar_of(kind, work.look))
    if now_counts != (clock.limit_seconds, clock.unit, clock.urgent, clock.calendar_id):
        _put_in_place(work, clock, limit_seconds, unit)


def _put_in_place(work: Work, clock: Clock, limit_seconds: int, unit: Unit) -> None:
    successor = succeed(
        clock, work.rules, now=work.now, reason=work.verb.value, round=_next_round(work, clock.kind),
        limit_seconds=limit_seconds, unit=unit, urgent=work.case.urgent, calendar_id=calendar_of(clock.kind, work.look),
    )  # fmt: skip
    work.session.add(successor)
    work.clocks[clock.kind] = successor


def _continue(work: Work, kind: ClockKind | None) -> None:
    """The department that gave the case back gets it again: its time goes on; any other begins with the whole limit."""
    assert kind is not None
    clock = work.clocks.get(kind)
    if clock is not None and work.same_department:
        go_on(clock, work.rules, now=work.now)
        return
    _stop(work, kind)
    _start(work, kind)


def _revive(work: Work, kind: ClockKind | None) -> None:
    """The clock that was open until the case ended at `values["ended_at"]`; one that was over by then stays so."""
    assert kind is not None
    wanted = select(Clock).where(
        Clock.case_id == work.case.id, Clock.kind == kind, Clock.stopped_at == work.values["ended_at"]
    )
    clock = work.session.scalars(wanted.order_by(Clock.round.desc()).limit(1)).one_or_none()
    if clock is not None:
        successor = revive(clock, work.rules, reason=work.verb.value, round=_next_round(work, kind))
        work.session.add(successor)
        work.clocks[kind] = successor


_STEPS: dict[Act, Callable[[Work, ClockKind | None], None]] = {
    Act.START: _start,
    Act.STOP: _stop,
    Act.STOP_ALL: _stop_all,
    Act.PAUSE: _pause,
    Act.CONTINUE: _continue,
    Act.PAUSE_ALL: _pause_all,
    Act.RESUME_ALL: _resume_all,
    Act.EXTEND: _extend,
    Act.REPLAN: _replan,
    Act.REVIVE: _revive,
}
