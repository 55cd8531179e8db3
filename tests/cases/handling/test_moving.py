"""Cases that another centre answers for, with the orders on them, and cases that are about something else (改类)."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from cases.models import (
    Case,
    Category,
    Clock,
    ClockState,
    FilingCondition,
    Handling,
    HandlingState,
    Report,
    SupervisionOrder,
)
from cases.stages import ClockKind, Stage, Verb
from cases.workdays import Unit
from core.errors import NotAllowed
from grid.levels import Level
from grid.models import Centre, Component
from people.roles import Role
from tests.cases.handling.looks import (
    answers,
    clock,
    clocks,
    duty,
    last_event,
    last_notices,
    refused,
    turns,
    used,
)
from tests.make import (
    CITY,
    DISTRICT,
    GREEN,
    JINGAN_PARK,
    MANHOLE,
    RUBBISH,
    SMALL_MATTER,
    STREET,
    WORKS,
    Town,
    conditions,
    point,
)

NEXT_DOOR = point(121.4741, 31.2306)  # the same village


# --- orders go along --------------------------------------------------------------------------------------------------


def orders(town: Town, case: Case) -> dict[str, SupervisionOrder]:
    rows = town.session.execute(
        select(Centre.code, SupervisionOrder)
        .join(Centre, Centre.id == SupervisionOrder.centre_id)
        .where(SupervisionOrder.case_id == case.id)
    )
    return dict(rows.all())


def replies(town: Town, case: Case) -> list[ClockState]:
    wanted = select(Clock.state).where(Clock.case_id == case.id, Clock.kind == ClockKind.REPLY).order_by(Clock.id)
    return list(town.session.scalars(wanted))


def test_who_supervised_a_case_and_answers_for_it_now_has_nobody_to_ask(town: Town) -> None:
    case = town.case(Stage.PENDING_DISPATCH)
    town.do(Verb.SUPERVISE, case, "district_leader")
    assert replies(town, case) == [ClockState.RUNNING]
    town.do(Verb.PASS_UP, case)
    assert orders(town, case)[DISTRICT].closed_at == town.now
    assert (case.supervised_level, replies(town, case)) == (None, [ClockState.STOPPED])


def test_an_order_of_a_higher_centre_is_for_the_new_centre_to_answer_in_the_same_time(town: Town) -> None:
    case = town.case(Stage.PENDING_DISPATCH)
    town.do(Verb.SUPERVISE, case, "district_leader")
    town.do(Verb.SUPERVISE, case, "city_leader")
    due = orders(town, case)[CITY].reply_due_at
    town.do(Verb.PASS_UP, case)
    found = orders(town, case)
    assert (found[CITY].to_centre_id, found[CITY].closed_at, found[CITY].reply_due_at) == (case.centre_id, None, due)
    assert found[DISTRICT].closed_at == town.now
    assert (case.supervised_level, replies(town, case)) == (Level.CITY, [ClockState.STOPPED, ClockState.RUNNING])
    town.do(Verb.REPLY_SUPERVISION, case, "district_shift_lead")
    assert case.supervised_level is None


def test_only_higher_orders_leave_their_clocks_alone(town: Town) -> None:
    case = town.case(Stage.PENDING_DISPATCH)
    town.do(Verb.SUPERVISE, case, "city_leader")
    town.do(Verb.PASS_UP, case)
    assert (case.supervised_level, replies(town, case)) == (Level.CITY, [ClockState.RUNNING])


# --- recategorise -----------------------------------------------------------------------------------------------------


def test_another_category_says_anew_who_answers_and_why(town: Town) -> None:
    case = town.case(Stage.PENDING_DISPATCH)
    duty(town, GREEN, class_code="06")
    town.do(Verb.RECATEGORISE, case, reason="是垃圾")
    assert (case.category_code, case.suggested_department_id) == (RUBBISH, town.departments[GREEN].id)
    assert (case.why["department"]["rule"], case.why["centre"]["category"]) == ("duty", RUBBISH)
    assert case.condition_id == conditions(town.session, case)[0].id
    event = last_event(town, case)
    assert event.data["reason"] == "是垃圾"
    assert event.data["changed"]["category_code"] == [MANHOLE, RUBBISH]


def test_a_category_of_another_level_brings_the_case_to_another_centre(town: Town) -> None:
    case = town.case()
    town.do(Verb.RECATEGORISE, case, category_code=SMALL_MATTER)
    assert answers(town, case) == case.village_code
    event = last_event(town, case).data
    assert (event["from_centre"]["code"], event["to_centre"]["code"]) == (STREET, case.village_code)
    [notice] = last_notices(town, case)
    assert (notice.kind, notice.role) == ("recategorised", Role.ACCEPTOR)


def test_a_quick_report_gets_its_category_so_as_well(town: Town) -> None:
    case = town.case(category=None)
    town.do(Verb.RECATEGORISE, case)
    assert (case.category_code, case.why["centre"]["rule"]) == (RUBBISH, "category-level")


def test_the_category_must_be_another_or_the_condition(town: Town) -> None:
    case = town.case(Stage.PENDING_DISPATCH)
    mine = conditions(town.session, case)
    assert refused(town, Verb.RECATEGORISE, case, category_code=None, reason=None) == {
        "category_code": "required", "reason": "required",
    }  # fmt: skip
    assert refused(town, Verb.RECATEGORISE, case, category_code="99999") == {"category_code": "no_such_category"}
    assert refused(town, Verb.RECATEGORISE, case, category_code=MANHOLE) == {"condition_id": "required"}
    same = {"category_code": MANHOLE, "condition_id": mine[0].id}
    assert refused(town, Verb.RECATEGORISE, case, **same) == {"category_code": "same_category"}
    assert refused(town, Verb.RECATEGORISE, case, condition_id=mine[1].id) == {"condition_id": "no_such_condition"}
    town.do(Verb.RECATEGORISE, case, category_code=MANHOLE, condition_id=mine[1].id)
    assert (case.condition_id, case.urgent) == (mine[1].id, False)


def test_what_a_sender_named_before_the_filing_is_forgotten_with_the_category(town: Town) -> None:
    case = town.case()
    named = conditions(town.session, case)
    assert refused(town, Verb.RECATEGORISE, case, category_code=MANHOLE) == {"category_code": "same_category"}
    town.do(Verb.RECATEGORISE, case, category_code=MANHOLE, condition_id=named[0].id)
    assert (case.condition_id, case.urgent, case.filed_at) == (named[0].id, True, None)
    town.do(Verb.RECATEGORISE, case)
    assert (case.condition_id, case.urgent) == (None, False)


def test_the_limit_is_worked_out_anew_and_what_was_used_stays_used(town: Town) -> None:
    case = town.case(Stage.HANDLING)  # two urgent hours
    began = case.handle_due_at
    town.move(minutes=60)
    town.do(Verb.RECATEGORISE, case)  # four working hours: 09:30–12:00, 14:00–15:30
    assert case.stage is Stage.HANDLING
    assert clocks(town, case) == {ClockKind.HANDLE: (ClockState.RUNNING, 2)}
    now_burns = clock(town, case, ClockKind.HANDLE)
    assert used(town, case) == 3600
    assert began is not None
    due = began.replace(hour=7, minute=30)
    assert (now_burns.due_at, case.handle_due_at, case.due_at) == (due, due, due)
    turn = town.session.scalars(select(Handling).where(Handling.case_id == case.id)).one()
    assert (turn.state, turn.due_at) == (HandlingState.OPEN, due)
    assert (case.urgent, turns(town, case)) == (False, [HandlingState.OPEN])


def test_a_pause_is_kept_when_the_limit_changes(town: Town) -> None:
    case = town.case(Stage.DISPATCHED, category=RUBBISH)
    town.move(minutes=30)
    town.do(Verb.REFUSE, case)
    town.move(minutes=60)
    mine = {"category_code": MANHOLE, "condition_id": None}
    assert refused(town, Verb.RECATEGORISE, case, **mine) == {"condition_id": "required"}
    first = town.session.scalars(manhole_conditions()).first()
    assert first is not None
    town.do(Verb.RECATEGORISE, case, category_code=MANHOLE, condition_id=first.id)
    rests = clock(town, case, ClockKind.HANDLE)
    assert (rests.state, rests.unit, rests.next_raise_at) == (ClockState.PAUSED, Unit.URGENT_HOUR, None)
    assert used(town, case) == 1800


def manhole_conditions() -> Any:
    wanted = select(FilingCondition).join(Category, Category.id == FilingCondition.category_id)
    return wanted.where(Category.code == MANHOLE).order_by(FilingCondition.position)


@pytest.mark.parametrize("stage", [Stage.DISPATCHED, Stage.HANDLING])
def test_the_department_loses_a_case_that_is_anothers_duty_now(town: Town, stage: Stage) -> None:
    case = town.case(stage)
    duty(town, GREEN, category_code=RUBBISH)
    town.move(minutes=10)
    town.do(Verb.RECATEGORISE, case, "dispatcher")
    assert (case.stage, case.department_id) == (Stage.PENDING_DISPATCH, None)
    assert turns(town, case) == [HandlingState.WITHDRAWN]
    assert clocks(town, case) == {
        ClockKind.HANDLE: (ClockState.PAUSED, 2),
        ClockKind.DISPATCH: (ClockState.RUNNING, 2),
    }
    assert last_event(town, case).outcome == "moved"
    told = {(notice.role, notice.department_id) for notice in last_notices(town, case)}
    assert told == {(Role.DISPATCHER, None), (Role.HANDLER, town.departments[WORKS].id)}


@pytest.mark.parametrize(("department", "goes_on"), [(WORKS, True), (GREEN, False)])
def test_after_it_the_same_department_goes_on_and_another_begins(town: Town, department: str, goes_on: bool) -> None:
    case = town.case(Stage.HANDLING)
    duty(town, GREEN, category_code=RUBBISH)
    town.move(minutes=30)
    town.do(Verb.RECATEGORISE, case)
    town.move(minutes=30)
    town.do(Verb.DISPATCH, case, department=department)
    handle = clock(town, case, ClockKind.HANDLE)
    assert used(town, case) == (1800 if goes_on else 0)
    assert handle.round == (2 if goes_on else 3)


def test_a_department_that_was_chosen_by_hand_keeps_what_the_route_does_not_take_away(town: Town) -> None:
    case = town.case(Stage.HANDLING)  # no duty says that it is the works'
    town.do(Verb.RECATEGORISE, case)
    assert (case.stage, case.department_id) == (Stage.HANDLING, town.departments[WORKS].id)


def test_a_suspended_case_rests_on_but_its_department_loses_what_is_anothers_duty_now(town: Town) -> None:
    case = town.case(Stage.HANDLING)
    duty(town, GREEN, category_code=RUBBISH)
    town.do(Verb.REQUEST_SUSPENSION, case)
    town.do(Verb.DECIDE_SUSPENSION, case, "dispatcher")
    town.do(Verb.DECIDE_SUSPENSION, case, "leader")
    town.do(Verb.RECATEGORISE, case)
    assert (case.stage, case.department_id, turns(town, case)) == (Stage.SUSPENDED, None, [HandlingState.WITHDRAWN])
    assert case.suggested_department_id == town.departments[GREEN].id
    assert clocks(town, case) == {ClockKind.HANDLE: (ClockState.PAUSED, 2)}


def test_of_two_limits_in_a_row_the_step_is_kept_as_long_as_there_are_two(town: Town) -> None:
    case = town.case(Stage.HANDLING, category=RUBBISH)
    first, second, *_ = town.session.scalars(manhole_conditions())
    first.then_limit, first.then_unit = 5, Unit.WORK_DAY
    case.step = 2
    town.session.flush()
    town.do(Verb.RECATEGORISE, case, category_code=MANHOLE, condition_id=first.id)
    assert (case.step, case.urgent, clock(town, case, ClockKind.HANDLE).limit_seconds) == (2, False, 5 * 8 * 3600)
    town.do(Verb.RECATEGORISE, case, category_code=MANHOLE, condition_id=second.id)
    assert (case.step, clock(town, case, ClockKind.HANDLE).limit_seconds) == (1, 4 * 3600)


def test_what_departments_said_of_the_former_category_counts_no_more(town: Town) -> None:
    case = town.case(Stage.HANDLING)
    case.refused_count, case.designated = 1, True
    duty(town, GREEN, category_code=RUBBISH)
    town.do(Verb.RECATEGORISE, case)
    assert (case.refused_count, case.designated) == (0, False)


def test_a_component_has_its_department_whatever_the_category_is(town: Town) -> None:
    case = town.case()
    duty(town, WORKS)
    place = func.ST_SetSRID(func.ST_Point(*JINGAN_PARK), 4326)
    green = town.departments[GREEN].id
    town.session.add(Component(id="c-1", category_code=MANHOLE, name="井", department_id=green, geom=place))
    report = town.session.scalars(select(Report).where(Report.case_id == case.id)).one()
    report.body = {**report.body, "component_id": "c-1"}
    town.session.flush()
    town.do(Verb.RECATEGORISE, case)
    assert (case.suggested_department_id, case.why["department"]["rule"]) == (green, "component")
    town.session.delete(town.session.get_one(Component, "c-1"))
    town.session.flush()
    town.do(Verb.RECATEGORISE, case, category_code=MANHOLE)
    assert (case.suggested_department_id, case.why["department"]["rule"]) == (town.departments[WORKS].id, "duty")


def test_only_acceptance_and_dispatch_correct_a_case(town: Town) -> None:
    case = town.case()
    for verb in (Verb.RECATEGORISE, Verb.RELOCATE):
        for other in ("leader", "shift_lead", "handler", "inspector"):
            with pytest.raises(NotAllowed):
                town.do(verb, case, other)


def test_a_deadline_moves_with_the_condition_in_place(town: Town) -> None:
    case = town.case(Stage.DISPATCHED)
    mine = conditions(town.session, case)
    due = case.handle_due_at
    assert due is not None
    town.do(Verb.RECATEGORISE, case, category_code=MANHOLE, condition_id=mine[1].id)
    assert case.handle_due_at == due + timedelta(hours=4)  # 4 working hours over noon instead of 2 urgent ones
