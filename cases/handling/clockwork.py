"""What a transition does to the clocks: the steps of cases/stages.py, one by one, on the clocks of the case."""

from collections.abc import Callable

from cases.clock import go_on, halt, new_clock, rest, running, show_on_case, stage_limit
from cases.handling.work import Work
from cases.models import Clock, FilingCondition
from cases.stages import Act, ClockKind
from cases.workdays import Unit, limit_minutes
from core.settings import Settings


def move_clocks(work: Work) -> None:
    """Do the transition's steps in their order and show on the case what burns then; nothing is flushed."""
    if not work.transition.clocks:
        return
    work.clocks = running(work.session, work.case)
    for effect in work.transition.clocks:
        _STEPS[effect.act](work, effect.kind)
    show_on_case(work.case, work.clocks)


def handle_limit(condition: FilingCondition) -> tuple[int, Unit]:
    """Seconds and unit of the condition's limit."""
    return limit_minutes(condition.limit, condition.unit) * 60, condition.unit


def limit_of(
    kind: ClockKind, condition: FilingCondition | None, *, urgent: bool, settings: Settings
) -> tuple[int, Unit]:
    """Seconds and unit of any clock: the condition's for the handling, else the stage's own."""
    if kind is ClockKind.HANDLE:
        assert condition is not None  # filed before it was dispatched
        return handle_limit(condition)
    return stage_limit(kind, urgent, settings)


def _start(work: Work, kind: ClockKind | None) -> None:
    assert kind is not None
    case = work.case
    limit_seconds, unit = limit_of(kind, work.look.condition, urgent=case.urgent, settings=work.settings)
    clock = new_clock(
        case, kind, work.rules, calendar_id=work.look.centre.calendar_id, round=work.look.rounds.get(kind, 0) + 1,
        now=work.now, limit_seconds=limit_seconds, unit=unit, urgent=case.urgent,
    )  # fmt: skip
    work.session.add(clock)
    work.clocks[kind] = clock


def _stop(work: Work, kind: ClockKind | None) -> None:
    assert kind is not None
    _stop_one(work, work.clocks.pop(kind, None))


def _stop_one(work: Work, clock: Clock | None) -> None:
    if clock is not None:
        halt(clock, now=work.now)
        work.stopped[clock.kind] = clock


def _stop_all(work: Work, _: ClockKind | None) -> None:
    for kind in list(work.clocks):
        _stop(work, kind)


def _pause(work: Work, kind: ClockKind | None) -> None:
    assert kind is not None
    rest(work.clocks[kind], now=work.now, reason=work.verb.value)


def _continue(work: Work, kind: ClockKind | None) -> None:
    """The department that gave the case back gets it again: its time goes on; any other begins with the whole limit."""
    assert kind is not None
    clock = work.clocks.get(kind)
    if clock is not None and work.same_department:
        go_on(clock, work.rules, now=work.now)
        return
    _stop(work, kind)
    _start(work, kind)


_STEPS: dict[Act, Callable[[Work, ClockKind | None], None]] = {
    Act.START: _start,
    Act.STOP: _stop,
    Act.STOP_ALL: _stop_all,
    Act.PAUSE: _pause,
    Act.CONTINUE: _continue,
}
"""EXTEND, REPLAN, PAUSE_ALL and RESUME_ALL belong to verbs that the door doesn't open for yet."""
