"""What each verb would do, said before it is done: the next stage, and the clock that would burn then."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from cases.calendars import Calendars
from cases.clock import moment_when, plan, segments_of, show_on_case, used_seconds
from cases.handling.clockwork import calendar_of, limit_of
from cases.handling.dispatching import usual_department_id
from cases.handling.door import DEEDS, check_verb
from cases.handling.extending import most_of
from cases.handling.joint import turn_of
from cases.handling.work import Look, Reading
from cases.models import Case, Clock, ClockState, FilingCondition
from cases.stages import (
    MAY_BE_UNNAMED,
    NAMED,
    OUTCOMES,
    Act,
    ClockEffect,
    ClockKind,
    Outcome,
    Transition,
    Verb,
    outcomes,
    transition,
)
from cases.workdays import CalendarMissing, Unit, limit_minutes
from core.errors import NotPossible
from core.settings import Settings
from people.roles import Actor


def effects(
    actor: Actor,
    seen: Look,
    verbs: Iterable[str],
    clocks: Iterable[Clock],
    rules: Calendars,
    *,
    conditions: Sequence[FilingCondition] = (),
    now: datetime,
    settings: Settings,
) -> dict[str, Any]:
    """Verb → `{"to", "clock": {"kind", "due_at"} | None}`; a verb with outcomes says it for each under `outcomes`.

    Of departments that work at a case together, and of two limits in a row, it is said for the person's own part; of an
    approval that is not the last one, and of an end that is only asked for, what becomes of the case at once. For a
    dispatch it is the usual department that is meant; for a filing an ordinary condition, and under `conditions` it is
    said for each of the category's, by its id: an urgent one lets the dispatch clock run round the clock. Of an
    extension `limits` says the deadline for each number of units.
    """
    open_clocks: dict[ClockKind, Clock] = {
        clock.kind: clock
        for clock in clocks
        if clock.state is not ClockState.STOPPED and clock.kind is not ClockKind.REPLY
    }
    foresight = Foresight(seen, open_clocks, rules, now, settings)
    found = {}
    for name in verbs:
        verb = Verb(name)
        by_outcome = {
            named: foresight.of(verb, outcome)
            for named, outcome in _outcomes(actor, verb, seen, now, settings)
            if transition(seen.case.stage, verb, outcome) is not None
        }
        first = next(iter(by_outcome.values()))
        told = {outcome.value: effect for outcome, effect in by_outcome.items() if outcome is not None}
        found[name] = first | {"outcomes": told} if verb in OUTCOMES else first
        if verb in EXTENDS:
            found[name] |= {"limits": foresight.extended(*most_of(seen))}
        if verb is Verb.FILE:
            by_urgency = {urgent: foresight.of(verb, None, urgent=urgent) for urgent in (False, True)}
            told = {str(one.id): by_urgency[one.unit is Unit.URGENT_HOUR] for one in conditions}
            found[name] = by_urgency[False] | {"conditions": told}
    return found


EXTENDS = frozenset({Verb.REQUEST_EXTENSION, Verb.DECIDE_EXTENSION})
OWN_PART = frozenset({Verb.SIGN, Verb.REFUSE, Verb.FINISH})
"""Verbs whose outcome lies in whose turn it is, not in the fields."""
DECIDED = frozenset({Verb.CANCEL, Verb.FORCE_CLOSE, Verb.DECIDE_EXTENSION, Verb.DECIDE_SUSPENSION, Verb.DECIDE_APPEAL})
"""Verbs whose outcome lies in who does it: asked for, or approved by one of several."""


def _outcomes(
    actor: Actor, verb: Verb, seen: Look, now: datetime, settings: Settings
) -> Iterator[tuple[Outcome | None, Outcome | None]]:
    """(what is named, what it leads to); what the door finds by itself stands under its own name."""
    find = DEEDS[verb].outcome
    if find is None or verb not in OWN_PART | DECIDED | {Verb.RESUME}:
        yield from ((outcome, outcome) for outcome in outcomes(verb))
        return
    seat = check_verb(actor, verb, seen)
    reading = Reading(seen, actor, seat, now, settings)
    values = {"turn": turn_of(seen, seat)} if verb in OWN_PART else {}
    unnamed = () if verb in NAMED and verb not in MAY_BE_UNNAMED else (None,)
    for named in (*unnamed, *NAMED.get(verb, ())):
        try:
            found = find(reading, values, named)
        except NotPossible:
            continue
        yield (found if named is None else named), found


class Foresight:
    """Transitions tried out on clocks that are never kept."""

    def __init__(
        self, seen: Look, clocks: dict[ClockKind, Clock], rules: Calendars, now: datetime, settings: Settings
    ) -> None:
        self.seen = seen
        self.clocks = clocks
        self.rules = rules
        self.now = now
        self.settings = settings
        self.urgent = seen.case.urgent
        self.step = seen.case.step

    def of(self, verb: Verb, outcome: Outcome | None, *, urgent: bool | None = None) -> dict[str, Any]:
        """Stage and clock after the verb; `urgent` if the verb itself decides on that."""
        self.urgent = self.seen.case.urgent if urgent is None else urgent
        self.step = self.seen.case.step + (outcome is Outcome.STEP)
        found = transition(self.seen.case.stage, verb, outcome)
        assert found is not None  # only what is possible is asked
        return {"to": found.to.value, "clock": self._clock_after(found)}

    def extended(self, most: int, unit: Unit) -> dict[str, datetime]:
        """The deadline with one more of the unit, with two, up to `most`, as far as the calendar goes."""
        clock = self.clocks[ClockKind.HANDLE]
        segments, found = segments_of(clock.segments), {}
        try:
            for limit in range(1, most + 1):
                used = clock.limit_seconds + limit_minutes(limit, unit) * 60
                due_at = moment_when(self.rules, clock.calendar_id, segments, clock.unit, used)
                assert due_at is not None  # it runs while the case is handled
                found[str(limit)] = due_at
        except CalendarMissing:
            pass
        return found

    def _clock_after(self, found: Transition) -> dict[str, Any] | None:
        clocks = dict(self.clocks)
        try:
            for effect in found.clocks:
                self._try(clocks, effect)
        except CalendarMissing:
            return None  # the verb itself will say so
        shown = Case()
        show_on_case(shown, clocks)
        return None if shown.clock_kind is None else {"kind": shown.clock_kind.value, "due_at": shown.due_at}

    def _try(self, clocks: dict[ClockKind, Clock], effect: ClockEffect) -> None:
        if effect.kind is None:
            self._try_all(clocks, effect.act)
            return
        kind, clock = effect.kind, clocks.get(effect.kind)
        match effect.act:
            case Act.EXTEND | Act.REPLAN | Act.REVIVE:
                pass  # by how much is said by the fields; what rests doesn't burn
            case Act.STOP:
                clocks.pop(kind, None)
            case Act.PAUSE if clock is not None:
                clocks[kind] = _as(clock, ClockState.PAUSED, clock.due_at)
            case Act.CONTINUE if clock is not None and self._goes_back():
                clocks[kind] = _as(clock, ClockState.RUNNING, self._due_when_resumed(clock))
            case Act.START | Act.CONTINUE:
                clocks[kind] = self._started(kind)

    def _try_all(self, clocks: dict[ClockKind, Clock], act: Act) -> None:
        if act is Act.STOP_ALL:
            clocks.clear()
        for kind, clock in list(clocks.items()):
            clocks[kind] = self._all(clock, act)

    def _all(self, clock: Clock, act: Act) -> Clock:
        if act is Act.PAUSE_ALL:
            return _as(clock, ClockState.PAUSED, clock.due_at)
        return _as(clock, ClockState.RUNNING, self._due_when_resumed(clock))

    def _goes_back(self) -> bool:
        last = self.seen.handling
        return last is not None and last.department_id == usual_department_id(self.seen.case, last)

    def _due_when_resumed(self, clock: Clock) -> datetime:
        calendar = self.rules.of(clock.calendar_id)
        left = clock.limit_seconds - used_seconds(clock, self.rules, self.now)
        return calendar.add_seconds(self.now, left, clock.unit) if left > 0 else clock.due_at

    def _started(self, kind: ClockKind) -> Clock:
        urgent = self.urgent
        limit_seconds, unit = limit_of(kind, self.seen.condition, urgent=urgent, settings=self.settings, step=self.step)
        planned = plan(
            self.rules.of(calendar_of(kind, self.seen)), self.rules.ladder, start=self.now,
            limit_seconds=limit_seconds, unit=unit, urgent=urgent, kind=kind,
        )  # fmt: skip
        return Clock(kind=kind, state=ClockState.RUNNING, due_at=planned.due_at, yellow_at=planned.yellow_at)


def _as(clock: Clock, state: ClockState, due_at: datetime) -> Clock:
    return Clock(kind=clock.kind, state=state, due_at=due_at, yellow_at=clock.yellow_at)
