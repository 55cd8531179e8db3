"""Any legal verb by anybody who may, at any time: after each step the case, its clocks and its story must agree.

Hypothesis walks four cases of the town at once, so that they are merged, extended, suspended, disputed and supervised
in every order that it can think of; what it finds, it shows in the fewest steps. The suite walks the same walks each
time; `WALKS=500 make test ARGS="-k any_walk"` goes for others.
"""

import os
import sys
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import settings as trial
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from cases.calendars import calendars
from cases.categories import categories
from cases.clock import used_seconds
from cases.detail import show_case
from cases.escalation import escalate_overdue
from cases.handling import allowed_verbs, lock_and_look
from cases.models import Case, Clock, ClockState, Escalation, Event, Request, SupervisionOrder
from cases.permissions import sees
from cases.stages import ENDED, ClockKind, Outcome, Stage, Verb
from core.errors import Invalid, NotPossible, Refusal
from core.settings import Settings
from tests.cases.test_stages import CLOCKS
from tests.make import MANHOLE, PEOPLES_SQUARE, RUBBISH, conditions, make_town, photos

START = datetime(2026, 3, 10, 1, 30, tzinfo=UTC)
LAST = datetime(2026, 11, 1, tzinfo=UTC)
"""Nobody walks on into a year whose calendar is a guess."""
STEPS_LEAST = 2_000
CATEGORIES = (MANHOLE, RUBBISH, "06013", "90501")
ELSEWHERE = (121.4480, 31.2238)  # 静安寺街道
ENDING = {Verb.REJECT, Verb.SELF_HANDLE, Verb.CANCEL, Verb.FORCE_CLOSE, Verb.MERGE}
BY_FIELDS = {"merge", "recategorise", "relocate"}


DICE = st.integers(0, 2**32 - 1).map(Random)
"""One draw a rule: what is offered hangs on the database, and no draw may."""


class Walk(RuleBasedStateMachine):
    """Four cases, everybody of the town, and a clock that only goes forward."""

    engine: ClassVar[Engine]
    options: ClassVar[Settings]
    steps: ClassVar[Counter[str]]

    @initialize()
    def begin(self) -> None:
        self.connection = self.engine.connect()
        self.outer = self.connection.begin()
        self.session = Session(self.connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
        self.town = make_town(self.session, self.options, START)
        self.cases = [self.town.case(category=category) for category in CATEGORIES]
        self.versions = {case.id: case.version for case in self.cases}
        self.used: dict[int, int] = {}
        self.fired: dict[int, int] = {}

    def teardown(self) -> None:
        if hasattr(self, "session"):
            self.session.close()
            self.outer.rollback()
            self.connection.close()

    # --- what can happen ----------------------------------------------------------------------------------------------

    @rule(minutes=st.one_of(st.integers(1, 30), st.integers(31, 600), st.integers(601, 20_000)), sweep=st.booleans())
    def time_passes(self, minutes: int, sweep: bool) -> None:
        """And the worker looks, or it is down."""
        if self.town.now < LAST:
            self.town.move(minutes=minutes)
        if sweep:
            self.sweep()
        self.steps["time"] += 1

    @precondition(lambda self: hasattr(self, "cases"))
    @rule(dice=DICE)
    def somebody_goes_on(self, dice: Random) -> None:
        """More is done than is waited for."""
        for _ in range(dice.randint(1, 4)):
            self.town.move(minutes=2)
            self.somebody_does_something(dice)

    def somebody_does_something(self, dice: Random) -> None:
        """Whoever may do whatever is offered to them, in whatever words the form allows."""
        case = dice.choice(self.cases)
        verb, by = self.choose(case, dice)
        fields = self.fields(case, verb, by, dice)
        stage, refused = case.stage, None
        try:
            with self.session.begin_nested():
                self.town.do(verb, case, by, **fields)
        except (NotPossible, Invalid) as refusal:  # offered, and still refused: only because of what the fields say
            refused = refusal
            self.session.refresh(case)
        assert refused is None or verb.value in BY_FIELDS, (verb, by, fields, refused)
        assert case.version == self.versions[case.id] + (refused is None)
        self.steps[f"{verb.value} at {stage.value}"] += refused is None
        self.versions[case.id] = case.version
        self.steps["verbs"] += 1

    @rule(dice=DICE)
    def somebody_tries_what_is_not_offered(self, dice: Random) -> None:
        """It is refused and changes nothing."""
        case = dice.choice(self.cases)
        verb = dice.choice(list(Verb))
        by = dice.choice(sorted(self.town.people))
        if (verb, by) in self.offered(case):
            return
        before = self.state(case)
        with pytest.raises(Refusal), self.session.begin_nested():
            self.town.do(verb, case, by)
        self.session.refresh(case)
        assert self.state(case) == before
        self.steps["refused"] += 1

    def choose(self, case: Case, dice: Random) -> tuple[Verb, str]:
        """One of the verbs that are offered, and somebody to whom it is; ends are rare, or no walk would be long."""
        offered = self.offered(case)
        verbs = sorted({verb for verb, _ in offered})
        going_on = [verb for verb in verbs if verb not in ENDING and verb is not Verb.NOTE]
        ends = dice.randint(0, 9) == 9
        verb = dice.choice(verbs if ends or not going_on else going_on)
        return verb, dice.choice([by for one, by in offered if one is verb])

    def sweep(self) -> None:
        while escalate_overdue(self.session, now=self.town.now, batch=50):
            pass
        self.session.expire_all()

    # --- what can be said ---------------------------------------------------------------------------------------------

    def offered(self, case: Case) -> list[tuple[Verb, str]]:
        """(verb, person) as the pages would show their buttons."""
        seen = lock_and_look(self.session, case.no, now=self.town.now, settings=self.options)
        assert seen is not None
        people = sorted(self.town.people.items())
        return [(Verb(verb), name) for name, who in people if sees(who, case) for verb in allowed_verbs(who, seen)]

    def shown(self, case: Case, by: str) -> dict[str, Any]:
        return show_case(self.session, self.town[by], case.no, now=self.town.now, settings=self.options)

    def fields(self, case: Case, verb: Verb, by: str, dice: Random) -> dict[str, Any]:
        """Fields that the form would let through."""
        make = getattr(self, f"fields_of_{verb.value}", None)
        return make(case, by, dice) if make else {}

    def fields_of_dispatch(self, case: Case, by: str, dice: Random) -> dict[str, Any]:
        if case.stage is Stage.HANDLING:
            units = [unit["code"] for unit in self.shown(case, by)["units"]]
            return {"department": dice.choice([*units, None])}
        here = [one["code"] for one in self.shown(case, by)["departments"]]
        lead = dice.choice([*here, None])
        assist = dice.choice([[], *([one] for one in here)])
        return {"department": lead, "assist": [one for one in assist if lead is not None and one != lead]}

    def fields_of_file(self, case: Case, _: str, dice: Random) -> dict[str, Any]:
        return {"condition_id": dice.choice([one.id for one in conditions(self.session, case)])}

    def fields_of_verify(self, _: Case, __: str, dice: Random) -> dict[str, Any]:
        return {"outcome": dice.choice(["confirmed", "unfounded"]), "text": "看过", "photos": photos()}

    def fields_of_check(self, _: Case, __: str, dice: Random) -> dict[str, Any]:
        return {"outcome": dice.choice(["passed", "failed"]), "text": "看过", "photos": photos()}

    def decision(self, dice: Random) -> dict[str, Any]:
        outcome = dice.choice([Outcome.GRANTED, Outcome.GRANTED, Outcome.DENIED])
        return {"outcome": outcome.value, "reason": "不同意" if outcome is Outcome.DENIED else None}

    def fields_of_decide_extension(self, _: Case, __: str, dice: Random) -> dict[str, Any]:
        return self.decision(dice)

    def fields_of_decide_suspension(self, case: Case, _: str, dice: Random) -> dict[str, Any]:
        return {**self.decision(dice), "resume_on": self.day(dice)}

    def fields_of_decide_appeal(self, _: Case, __: str, dice: Random) -> dict[str, Any]:
        return self.decision(dice)

    def fields_of_cancel(self, case: Case, by: str, dice: Random) -> dict[str, Any]:
        return self.end(case, by, "cancel", "shift_lead", dice)

    def fields_of_force_close(self, case: Case, by: str, dice: Random) -> dict[str, Any]:
        return self.end(case, by, "force_close", "leader", dice)

    def end(self, case: Case, by: str, kind: str, approver: str, dice: Random) -> dict[str, Any]:
        asked = any(one["kind"] == kind and one["state"] == "open" for one in self.shown(case, by)["requests"])
        approves = any(seat.role.value == approver for seat in self.town[by].seats)
        denied = asked and approves and dice.random() < 0.5
        return {"reason": "情况有变", **({"outcome": "denied"} if denied else {})}

    def day(self, dice: Random) -> str:
        today: date = (self.town.now + timedelta(hours=8)).date()
        return (today + timedelta(days=dice.randint(1, 30))).isoformat()

    def fields_of_request_extension(self, _: Case, __: str, dice: Random) -> dict[str, Any]:
        return {"reason": "等材料", "limit": dice.choice([1, None])}

    def fields_of_request_suspension(self, _: Case, __: str, dice: Random) -> dict[str, Any]:
        return {"reason": "等汛期过", "resume_on": self.day(dice)}

    def fields_of_reply_supervision(self, case: Case, by: str, dice: Random) -> dict[str, Any]:
        centres = {seat.centre_id for seat in self.town[by].seats}
        wanted = select(SupervisionOrder).where(
            SupervisionOrder.case_id == case.id, SupervisionOrder.closed_at.is_(None)
        )
        orders = [one.id for one in self.session.scalars(wanted) if one.to_centre_id in centres]
        return {"text": "已加派人手", "order_id": dice.choice(orders)}

    def fields_of_merge(self, case: Case, by: str, dice: Random) -> dict[str, Any]:
        if case.stage in ENDED:
            return {"into": None, "reason": "不是一回事"}
        return {"into": dice.choice(self.others(case, by))}

    def others(self, case: Case, by: str) -> list[str]:
        """Numbers of the other cases that the person sees; of nobody's case when there are none."""
        return [one.no for one in self.cases if one is not case and sees(self.town[by], one)] or [case.no]

    def fields_of_recategorise(self, case: Case, _: str, dice: Random) -> dict[str, Any]:
        code = dice.choice([one for one in CATEGORIES if one != case.category_code])
        entry = categories(self.session).get(code)
        assert entry is not None
        condition = dice.choice([one.id for one in entry.conditions])
        filed = {"condition_id": condition} if case.filed_at is not None else {}
        return {"category_code": code, "reason": "类别有误", **filed}

    def fields_of_relocate(self, _: Case, __: str, dice: Random) -> dict[str, Any]:
        lon, lat = dice.choice([PEOPLES_SQUARE, ELSEWHERE])
        return {"point": {"lon": lon, "lat": lat, "crs": "wgs84"}, "reason": "位置有误"}

    def fields_of_reopen(self, case: Case, _: str, __: st.DataObject) -> dict[str, Any]:
        named = {} if case.condition_id is not None else {"condition_id": conditions(self.session, case)[0].id}
        return {"reason": "市民又来电", **named}

    # --- what must be so ----------------------------------------------------------------------------------------------

    def state(self, case: Case) -> tuple[Any, ...]:
        events = self.session.scalar(select(func.count()).select_from(Event).where(Event.case_id == case.id))
        return case.stage, case.version, case.due_at, case.centre_id, case.department_id, events

    def of_each(self, table: type[Any]) -> dict[int, list[Any]]:
        """The rows of each case, in the order in which they were written."""
        order = table.clock_id if table is Escalation else table.id
        found: dict[int, list[Any]] = {case.id: [] for case in self.cases}
        fresh = {"populate_existing": True}
        for row in self.session.scalars(select(table).order_by(order), execution_options=fresh):
            found[row.case_id].append(row)
        return found

    @precondition(lambda self: hasattr(self, "cases"))
    @invariant()
    def all_agree(self) -> None:
        """Whatever was done."""
        clocks, events, rungs = self.of_each(Clock), self.of_each(Event), self.of_each(Escalation)
        requests, orders = self.of_each(Request), self.of_each(SupervisionOrder)
        for case in self.cases:
            still = [clock for clock in clocks[case.id] if clock.state is not ClockState.STOPPED]
            self.a_stage_has_its_clocks_and_one_of_a_kind(case, still)
            self.used_time_never_falls(still)
            self.rungs_fire_once_and_never_after_the_end(case, still, rungs[case.id], events[case.id])
            self.the_story_leads_to_where_the_case_stands(case, events[case.id])
            open_orders = [order for order in orders[case.id] if order.closed_at is None]
            self.orders_have_their_clocks(case, still, open_orders)
            self.an_end_leaves_nothing_open(case, requests[case.id], open_orders)

    def a_stage_has_its_clocks_and_one_of_a_kind(self, case: Case, still: list[Clock]) -> None:
        own = [clock for clock in still if clock.kind is not ClockKind.REPLY]
        kinds = [clock.kind for clock in own]
        assert len(kinds) == len(set(kinds)), "one open clock of a kind"
        rests = {ClockKind.HANDLE} if case.stage is Stage.PENDING_DISPATCH else set()
        assert set(kinds) - rests == CLOCKS[case.stage] - rests
        if case.stage is Stage.SUSPENDED:
            assert all(clock.state is ClockState.PAUSED for clock in still), "nothing runs while it is suspended"

    def used_time_never_falls(self, still: list[Clock]) -> None:
        rules = calendars(self.session)
        for clock in still:
            used = used_seconds(clock, rules, self.town.now)
            assert used >= self.used.get(clock.id, 0)
            self.used[clock.id] = used

    def rungs_fire_once_and_never_after_the_end(
        self, case: Case, still: list[Clock], rungs: list[Escalation], events: list[Event]
    ) -> None:
        told = [event for event in events if event.verb == "escalate"]
        assert len(rungs) == len(told) == len({(rung.clock_id, rung.position) for rung in rungs})
        assert len(rungs) >= self.fired.get(case.id, 0)
        self.fired[case.id] = len(rungs)
        if case.ended_at is not None or case.stage is Stage.SUSPENDED:
            assert all(clock.next_raise_at is None for clock in still)
        if case.ended_at is not None:
            assert all(rung.raised_at <= case.ended_at for rung in rungs)

    def the_story_leads_to_where_the_case_stands(self, case: Case, events: list[Event]) -> None:
        for before, after in pairwise(events):
            assert after.stage_from == before.stage_to
            assert after.at >= before.at
        assert events[-1].stage_to == case.stage
        versions = [event.data["version"] for event in events if "version" in event.data]
        assert versions == sorted(versions)

    def orders_have_their_clocks(self, case: Case, still: list[Clock], open_orders: list[SupervisionOrder]) -> None:
        centres = [order.centre_id for order in open_orders]
        assert len(centres) == len(set(centres)), "one open order a centre"
        assert bool(open_orders) == (case.supervised_level is not None)
        replies = [clock.order_id for clock in still if clock.kind is ClockKind.REPLY]
        assert sorted(filter(None, replies)) == [order.id for order in open_orders]

    def an_end_leaves_nothing_open(
        self, case: Case, requests: list[Request], open_orders: list[SupervisionOrder]
    ) -> None:
        waiting = [request.kind for request in requests if request.decided_at is None]
        assert len(waiting) == len(set(waiting)), "one open request of a kind"
        assert (case.ended_at is not None) == (case.stage in ENDED)
        assert (case.resume_at is not None) == (case.stage is Stage.SUSPENDED)
        if case.stage in ENDED:
            assert set(waiting) <= {"appeal"}
            assert not open_orders


@pytest.mark.slow
def test_whatever_is_done_in_whatever_order_the_case_its_clocks_and_its_story_agree(
    engine: Engine, settings: Settings
) -> None:
    steps: Counter[str] = Counter()
    machine = type("AWalk", (Walk,), {"engine": engine, "options": settings, "steps": steps})
    run_state_machine_as_test(
        machine,
        settings=_few(int(os.environ.get("WALKS", "70")), 40),
    )
    told = f"{steps['verbs']} verbs, {steps['refused']} refused, {steps['time']} steps of time, {len(steps) - 3} kinds"
    sys.stdout.write(f"{told}\n")
    assert steps["verbs"] + steps["refused"] + steps["time"] >= STEPS_LEAST


def _few(examples: int, steps: int) -> trial:
    return trial(
        max_examples=examples, stateful_step_count=steps, deadline=None, print_blob=True,
        derandomize="WALKS" not in os.environ,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
