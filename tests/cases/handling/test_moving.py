"""Cases that another centre answers for: moved up, about something else, or lying elsewhere."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text

from cases.calendars import Calendars, calendars
from cases.clock import used_seconds
from cases.errors import StaleVersion
from cases.handling import perform
from cases.models import (
    Calendar,
    Case,
    Category,
    Clock,
    ClockState,
    FilingCondition,
    Handling,
    HandlingState,
    Report,
    Source,
    SupervisionOrder,
)
from cases.stages import ClockKind, Stage, Verb
from cases.workdays import Unit
from core.errors import NotAllowed
from grid.errors import OutsideGrid
from grid.levels import Level
from grid.models import Centre, Component, Duty
from people.roles import Role
from tests.cases.handling.looks import clock, clocks, codes, last_event, last_notices, refused, turns
from tests.make import (
    CITY,
    DISTRICT,
    GREEN,
    JINGAN_PARK,
    MANHOLE,
    OTHER_STREET,
    RUBBISH,
    SMALL_MATTER,
    STREET,
    WORKS,
    Town,
    conditions,
    point,
)

NEXT_DOOR = point(121.4741, 31.2306)  # the same village


def centre(town: Town, code: str) -> Centre:
    return town.session.scalars(select(Centre).where(Centre.code == code)).one()


def duty(town: Town, department: str, cell: str = STREET, **subject: str) -> Duty:
    made = Duty(cell_code=cell, department_id=town.departments[department].id, **subject)
    town.session.add(made)
    town.session.flush()
    return made


def answers(town: Town, case: Case) -> str:
    return town.session.get_one(Centre, case.centre_id).code


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
    assert used_seconds(now_burns, town_rules(town), town.now) == 3600
    assert began is not None
    due = began.replace(hour=7, minute=30)
    assert (now_burns.due_at, case.handle_due_at, case.due_at) == (due, due, due)
    turn = town.session.scalars(select(Handling).where(Handling.case_id == case.id)).one()
    assert (turn.state, turn.due_at) == (HandlingState.OPEN, due)
    assert (case.urgent, turns(town, case)) == (False, [HandlingState.OPEN])


def town_rules(town: Town) -> Calendars:
    return calendars(town.session)


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
    assert used_seconds(rests, town_rules(town), town.now) == 1800


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
    assert used_seconds(handle, town_rules(town), town.now) == (1800 if goes_on else 0)
    assert handle.round == (2 if goes_on else 3)


def test_a_department_that_was_chosen_by_hand_keeps_what_the_route_does_not_take_away(town: Town) -> None:
    case = town.case(Stage.HANDLING)  # no duty says that it is the works'
    town.do(Verb.RECATEGORISE, case)
    assert (case.stage, case.department_id) == (Stage.HANDLING, town.departments[WORKS].id)


def test_a_suspended_case_stays_where_it_is_and_keeps_its_pause(town: Town) -> None:
    case = town.case(Stage.HANDLING)
    duty(town, GREEN, category_code=RUBBISH)
    town.do(Verb.REQUEST_SUSPENSION, case)
    town.do(Verb.DECIDE_SUSPENSION, case, "dispatcher")
    town.do(Verb.DECIDE_SUSPENSION, case, "leader")
    town.do(Verb.RECATEGORISE, case)
    assert (case.stage, case.department_id) == (Stage.SUSPENDED, town.departments[WORKS].id)
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


# --- moved up by people -----------------------------------------------------------------------------------------------


def test_a_correction_that_leaves_the_route_leaves_a_case_with_whom_it_was_passed_up_to(town: Town) -> None:
    case = town.case(Stage.PENDING_DISPATCH)
    town.do(Verb.PASS_UP, case)
    town.do(Verb.RELOCATE, case, "district_dispatcher", point=NEXT_DOOR)
    assert (answers(town, case), case.why["centre"]["rule"]) == (DISTRICT, "passed-up")


def test_a_correction_that_changes_the_route_begins_below_again(town: Town) -> None:
    case = town.case(Stage.PENDING_DISPATCH)
    duty(town, GREEN, category_code=RUBBISH)
    town.do(Verb.PASS_UP, case)
    town.do(Verb.RECATEGORISE, case, "district_dispatcher")
    assert (answers(town, case), case.suggested_department_id) == (STREET, town.departments[GREEN].id)
    assert case.why["centre"]["rule"] == "category-level"


# --- relocate ---------------------------------------------------------------------------------------------------------


def test_a_case_that_lies_elsewhere_is_that_grounds(town: Town) -> None:
    case = town.case(Stage.PENDING_DISPATCH)
    case.inspector_id = town["inspector"].person_id
    no = case.no
    town.do(Verb.RELOCATE, case, reason="在静安公园门口", address="南京西路")
    assert (case.street_code, answers(town, case), case.no) == (OTHER_STREET, OTHER_STREET, no)
    assert (case.inspector_id, case.address) == (None, "南京西路")
    at = town.session.execute(select(func.ST_X(Case.geom), func.ST_Y(Case.geom)).where(Case.id == case.id)).one()
    assert tuple(at) == JINGAN_PARK
    assert case.placement is not None
    assert (case.placement["cell"]["code"], case.placement["raw"]) == (case.village_code, point(*JINGAN_PARK))
    [notice] = last_notices(town, case)
    assert (notice.kind, notice.role, notice.centre_id) == ("relocated", Role.DISPATCHER, case.centre_id)
    was, became = last_event(town, case).data["changed"]["place"]
    assert (round(was["lon"], 4), became["cell"]["code"]) == (121.4737, case.village_code)


def test_the_department_of_the_wrong_place_loses_it(town: Town) -> None:
    case = town.case(Stage.HANDLING)
    town.do(Verb.RELOCATE, case)
    assert (case.stage, case.department_id, turns(town, case)) == (
        Stage.PENDING_DISPATCH, None, [HandlingState.WITHDRAWN],
    )  # fmt: skip


def test_a_point_a_few_steps_away_changes_nothing_else(town: Town) -> None:
    case = town.case(Stage.HANDLING)
    town.move(minutes=5)
    town.do(Verb.RELOCATE, case, point=NEXT_DOOR)
    assert (case.stage, case.department_id) == (Stage.HANDLING, town.departments[WORKS].id)
    assert clocks(town, case) == {ClockKind.HANDLE: (ClockState.RUNNING, 1)}
    assert last_event(town, case).outcome is None


def test_time_that_was_granted_stays_granted_at_the_right_place(town: Town) -> None:
    case = town.case(Stage.HANDLING)
    town.do(Verb.REQUEST_EXTENSION, case)
    town.do(Verb.DECIDE_EXTENSION, case, "works_head")
    town.do(Verb.DECIDE_EXTENSION, case, "dispatcher")
    due = case.handle_due_at
    town.do(Verb.RELOCATE, case, point=NEXT_DOOR)
    assert case.handle_due_at == due


def test_another_calendar_at_the_right_place_counts_what_is_left(town: Town) -> None:
    case = town.case(Stage.PENDING_DISPATCH, category=RUBBISH)
    town.do(Verb.DISPATCH, case, department=None)
    town.move(minutes=60)
    centre(town, OTHER_STREET).calendar_id = calendar_id = _copy_calendar(town)
    town.session.flush()
    town.do(Verb.RELOCATE, case)
    handle = clock(town, case, ClockKind.HANDLE)
    assert (handle.calendar_id, handle.state) == (calendar_id, ClockState.PAUSED)
    assert used_seconds(handle, town_rules(town), town.now) == 3600


def _copy_calendar(town: Town) -> int:
    duty_calendar = Calendar(name="值班", zone="Asia/Shanghai")
    town.session.add(duty_calendar)
    town.session.flush()
    for table, columns in (
        ("calendar_days", "day, kind, name, provisional, source"),
        ("schedules", "valid_from, shifts"),
    ):
        statement = (
            f"INSERT INTO {table} (calendar_id, {columns}) SELECT :new, {columns} FROM {table} WHERE calendar_id = 1"
        )
        town.session.execute(text(statement), {"new": duty_calendar.id})
    return duty_calendar.id


def test_an_unlocated_case_stays_where_it_was_keyed_until_it_gets_its_place(town: Town) -> None:
    case = town.case(source=Source.HOTLINE, located=False)
    town.do(Verb.RECATEGORISE, case, category_code=SMALL_MATTER)
    assert (answers(town, case), case.why["centre"]["rule"]) == (STREET, "keyed-here")
    town.do(Verb.RELOCATE, case, point=NEXT_DOOR)
    assert (answers(town, case), case.why["centre"]["rule"]) == (case.village_code, "category-level")
    was, _ = last_event(town, case).data["changed"]["place"]
    assert was is None


@pytest.mark.parametrize(
    ("sent", "faults"),
    [
        (None, {"point": "required"}),
        ("here", {"point": "not_object"}),
        ({"lon": 31.23, "lat": 121.47, "crs": "wgs84"}, {"point": "swapped"}),
        ({"lon": "x", "lat": 31.2, "crs": "moon"}, {"point.lon": "not_number", "point.crs": "not_one_of"}),
        ({"lon": 121.4, "crs": "wgs84"}, {"point": "point_incomplete"}),
    ],
)
def test_a_point_is_checked_as_that_of_a_report(town: Town, sent: object, faults: dict[str, str]) -> None:
    case = town.case()
    assert refused(town, Verb.RELOCATE, case, point=sent, reason=None) == {**faults, "reason": "required"}


def test_a_good_point_with_other_faults_is_not_located(town: Town) -> None:
    assert refused(town, Verb.RELOCATE, town.case(), address="长" * 501) == {"address": "too_long"}


def test_nobody_answers_outside_the_grid(town: Town) -> None:
    case = town.case()
    with pytest.raises(OutsideGrid) as error:
        town.do(Verb.RELOCATE, case, point=point(122.9, 31.2))
    assert (codes(error.value), case.version) == ({"point": "outside_grid"}, 1)


def test_who_saw_it_at_the_former_place_is_told_so(town: Town) -> None:
    case = town.case()
    town.do(Verb.RELOCATE, case, point=NEXT_DOOR)
    with pytest.raises(StaleVersion) as refusal:
        perform(
            town.session, town["acceptor"], case.no, Verb.ACCEPT, {}, version=1, now=town.now, settings=town.settings
        )
    assert [one["field"] for one in refusal.value.data["differs"]] == ["place"]


def test_a_deadline_moves_with_the_condition_in_place(town: Town) -> None:
    case = town.case(Stage.DISPATCHED)
    mine = conditions(town.session, case)
    due = case.handle_due_at
    assert due is not None
    town.do(Verb.RECATEGORISE, case, category_code=MANHOLE, condition_id=mine[1].id)
    assert case.handle_due_at == due + timedelta(hours=4)  # 4 working hours over noon instead of 2 urgent ones
