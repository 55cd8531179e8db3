"""Two limits in a row: the spot is made safe, then it is repaired; the case is in time when both were."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from cases.handling.clockwork import handle_limit, limit_at
from cases.models import Case, ClockState, FilingCondition, Handling, HandlingState
from cases.stages import ClockKind, Outcome, Stage, Verb
from cases.workdays import Unit
from tests.cases.handling.looks import clock, clocks, last_event, last_notices, refused, turns
from tests.make import GREEN, WORKS, Town, conditions, photos


def burst(town: Town, stage: Stage = Stage.HANDLING) -> Case:
    """A case to be made safe within two hours by the clock on the wall, and then repaired in five work days."""
    case = town.case(Stage.PENDING_DISPATCH)
    [condition, *_] = conditions(town.session, case)
    assert (condition.limit, condition.unit) == (2, Unit.URGENT_HOUR)
    condition.then_limit, condition.then_unit = 5, Unit.WORK_DAY
    town.session.flush()
    if stage is Stage.HANDLING:
        town.do(Verb.DISPATCH, case)
        town.do(Verb.SIGN, case)
    return case


def turn(town: Town, case: Case) -> Handling:
    wanted = select(Handling).where(Handling.case_id == case.id, Handling.round == case.round, Handling.lead)
    return town.session.scalars(wanted).one()


def test_when_the_spot_is_safe_the_second_limit_begins(town: Town) -> None:
    case = burst(town)
    first = clock(town, case, ClockKind.HANDLE)
    assert (case.step, case.urgent, first.limit_seconds, first.unit) == (1, True, 7200, Unit.URGENT_HOUR)
    now = town.move(minutes=30)
    pictures = photos(2)
    town.do(Verb.FINISH, case, text="已止水", photos=pictures)
    second = clock(town, case, ClockKind.HANDLE)
    assert (first.state, first.on_time) == (ClockState.STOPPED, True)
    assert (second.round, second.limit_seconds, second.unit, second.started_at) == (2, 5 * 8 * 3600, Unit.WORK_DAY, now)
    assert (case.stage, case.step, case.handled_at) == (Stage.HANDLING, 2, None)
    assert case.urgent is second.urgent is False, "the repair is no emergency any more"
    assert case.due_at == case.handle_due_at == turn(town, case).due_at == second.due_at
    assert (turn(town, case).state, turn(town, case).step_on_time) == (HandlingState.OPEN, True)
    event = last_event(town, case)
    assert (event.outcome, event.data["on_time"], event.data["photos"]) == (Outcome.STEP, True, pictures)
    assert {one.kind for one in last_notices(town, case)} == {"step_done"}


def test_a_condition_without_a_second_limit_has_the_first_at_any_step() -> None:
    two = FilingCondition(limit=2, unit=Unit.URGENT_HOUR, then_limit=5, then_unit=Unit.WORK_DAY)
    one = FilingCondition(limit=3, unit=Unit.WORK_HOUR)
    assert [limit_at(two, step) for step in (1, 2)] == [(2, Unit.URGENT_HOUR), (5, Unit.WORK_DAY)]
    assert [limit_at(one, step) for step in (1, 2)] == [(3, Unit.WORK_HOUR)] * 2
    assert [handle_limit(two, step) for step in (1, 2)] == [(7200, Unit.URGENT_HOUR), (5 * 8 * 3600, Unit.WORK_DAY)]


def test_more_time_is_asked_for_in_the_measure_of_the_limit_that_runs(town: Town) -> None:
    case = burst(town)
    assert refused(town, Verb.REQUEST_EXTENSION, case, limit=3, reason="等材料") == {"limit": "limit_out_of_reach"}
    town.do(Verb.FINISH, case)
    town.do(Verb.REQUEST_EXTENSION, case)
    asked = last_event(town, case).data
    assert (asked["limit"], asked["unit"]) == (5, Unit.WORK_DAY)


def test_the_first_step_shows_its_photos_too(town: Town) -> None:
    assert refused(town, Verb.FINISH, burst(town), photos=[]) == {"photos": "too_few_photos"}


@pytest.mark.parametrize(("late_first", "late_second"), [(False, False), (True, False), (False, True), (True, True)])
def test_both_limits_must_be_kept(town: Town, late_first: bool, late_second: bool) -> None:
    case = burst(town)
    town.move(minutes=150 if late_first else 30)
    town.do(Verb.FINISH, case)
    town.move(days=30 if late_second else 1)
    town.do(Verb.FINISH, case)
    in_time = not (late_first or late_second)
    assert (case.stage, case.handled_on_time) == (Stage.HANDLED, in_time)
    done = turn(town, case)
    assert (done.step_on_time, done.on_time, done.state) == (not late_first, in_time, HandlingState.FINISHED)
    assert last_event(town, case).data["on_time"] is not late_second


def test_a_condition_with_one_limit_has_one_step(town: Town) -> None:
    case = town.case(Stage.HANDLING)
    town.do(Verb.FINISH, case)
    assert (case.stage, case.step) == (Stage.HANDLED, 1)


def test_rework_begins_with_the_repair_and_the_first_step_stays_kept_or_missed(town: Town) -> None:
    case = burst(town)
    town.move(minutes=150)
    town.do(Verb.FINISH, case)
    town.do(Verb.FINISH, case)
    town.do(Verb.SEND_CHECK, case)
    town.do(Verb.CHECK, case, outcome="failed", text="路面仍不平")
    town.do(Verb.DISPATCH, case)
    again = clock(town, case, ClockKind.HANDLE)
    assert (case.step, again.unit, again.limit_seconds) == (2, Unit.WORK_DAY, 5 * 8 * 3600)
    town.do(Verb.SIGN, case)
    town.do(Verb.FINISH, case)
    assert case.stage is Stage.HANDLED
    assert case.handled_on_time is False, "it was made safe too late, whoever repaired it"


def test_who_gets_the_case_during_the_repair_has_the_second_limit(town: Town) -> None:
    case = burst(town)
    town.do(Verb.FINISH, case)
    town.do(Verb.PASS_UP, case)
    assert turns(town, case) == [HandlingState.WITHDRAWN]
    town.do(Verb.DISPATCH, case, "district_dispatcher", department=GREEN)
    begun = clock(town, case, ClockKind.HANDLE)
    assert (begun.started_at, begun.unit) == (town.now, Unit.WORK_DAY)
    assert turn(town, case).step_on_time is True


def test_with_several_departments_the_lead_makes_it_safe_and_parts_count_in_the_repair(town: Town) -> None:
    case = burst(town, Stage.PENDING_DISPATCH)
    town.do(Verb.DISPATCH, case, assist=[GREEN])
    town.do(Verb.SIGN, case)
    town.do(Verb.SIGN, case, "green_handler")
    town.do(Verb.FINISH, case)
    assert (case.step, case.stage) == (2, Stage.HANDLING)
    due = {one.due_at for one in town.session.scalars(select(Handling).where(Handling.case_id == case.id))}
    assert due == {case.handle_due_at}, "both departments' turns follow the limit"
    town.do(Verb.FINISH, case, "green_handler")
    assert case.stage is Stage.HANDLING
    town.do(Verb.FINISH, case)
    assert case.stage is Stage.HANDLED


def test_an_assisting_departments_part_does_not_make_the_spot_safe(town: Town) -> None:
    case = burst(town, Stage.PENDING_DISPATCH)
    town.do(Verb.DISPATCH, case, department=WORKS, assist=[GREEN])
    town.do(Verb.SIGN, case)
    town.do(Verb.SIGN, case, "green_handler")
    town.do(Verb.FINISH, case, "green_handler")
    assert (case.step, case.stage) == (1, Stage.HANDLING)
    town.do(Verb.FINISH, case)
    town.do(Verb.FINISH, case)
    assert case.stage is Stage.HANDLED


def test_the_case_that_is_handled_is_checked_by_ordinary_time(town: Town) -> None:
    case = burst(town)
    town.do(Verb.FINISH, case)
    town.do(Verb.FINISH, case)
    assert set(clocks(town, case)) == {ClockKind.SEND_CHECK}
    assert clock(town, case, ClockKind.SEND_CHECK).unit is Unit.WORK_HOUR
    assert case.due_at is not None
    assert case.due_at - town.now >= timedelta(minutes=1)


def test_a_reopened_case_begins_with_the_first_limit(town: Town) -> None:
    case = burst(town)
    town.do(Verb.FINISH, case)
    town.do(Verb.FINISH, case)
    for verb in (Verb.SEND_CHECK, Verb.CHECK, Verb.CLOSE, Verb.REOPEN, Verb.DISPATCH):
        town.do(verb, case)
    begun = clock(town, case, ClockKind.HANDLE)
    assert (case.step, case.urgent, begun.unit, begun.urgent) == (1, True, Unit.URGENT_HOUR, True)
    assert turn(town, case).step_on_time is None
