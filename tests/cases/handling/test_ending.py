"""Check and end, second beginnings, and what leaves a case where it stands."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from cases.errors import AlreadyAsked, NoCentreAbove, NothingAsked, NotYourTurn, OwnRequest
from cases.handling import perform
from cases.models import (
    Approver,
    Case,
    ClockState,
    HandlingState,
    RequestState,
    SupervisionOrder,
)
from cases.stages import ClockKind, CloseType, Stage, Verb
from core.errors import NotAllowed
from grid.levels import Level
from grid.models import Centre
from people.roles import Role
from tests.cases.handling.looks import clocks, last_event, last_notices, refused, turns
from tests.cases.handling.test_extending import asked, verbs
from tests.make import (
    DISTRICT,
    GREEN,
    WORKS,
    Town,
    conditions,
)


def _dispatch(town: Town, case: Case, **fields: Any) -> Case:
    return perform(
        town.session, town["dispatcher"], case.no, Verb.DISPATCH, fields,
        version=case.version, now=town.now, settings=town.settings,
    )  # fmt: skip


def test_a_failed_check_is_rework_by_the_same_department_with_a_new_limit(town: Town) -> None:
    case = town.case(Stage.CHECKING)
    assert refused(town, Verb.CHECK, case, outcome="failed") == {"text": "required"}
    assert refused(town, Verb.CHECK, case, photos=[]) == {"photos": "too_few_photos"}
    assert refused(town, Verb.CHECK, case, outcome=None) == {"outcome": "required"}
    assert refused(town, Verb.CHECK, case, outcome="confirmed") == {"outcome": "not_one_of"}
    town.do(Verb.CHECK, case, outcome="failed", text="仍有缺损")
    assert (case.stage, case.handled_at, case.handled_on_time) == (Stage.PENDING_DISPATCH, None, None)
    assert clocks(town, case) == {ClockKind.DISPATCH: (ClockState.RUNNING, 2)}
    assert {notice.role for notice in last_notices(town, case)} == {Role.DISPATCHER, Role.HANDLER}
    town.move(minutes=5)
    _dispatch(town, case)
    assert case.department_id == town.departments[WORKS].id, "rework keeps its department"
    assert clocks(town, case)[ClockKind.HANDLE] == (ClockState.RUNNING, 2)
    assert case.handle_due_at == town.now + timedelta(hours=2)
    assert turns(town, case) == [HandlingState.FAILED, HandlingState.OPEN]


def test_a_passed_check_leads_to_the_closing(town: Town) -> None:
    case = town.case(Stage.PENDING_CLOSING)
    assert turns(town, case) == [HandlingState.PASSED]
    assert clocks(town, case) == {ClockKind.CLOSE: (ClockState.RUNNING, 1)}
    town.do(Verb.CLOSE, case)
    assert (case.close_type, case.ended_at, clocks(town, case)) == (CloseType.NORMAL, town.now, {})
    told = {(notice.person_id, notice.department_id) for notice in last_notices(town, case)}
    assert told == {(town["inspector"].person_id, None), (None, town.departments[WORKS].id)}


def test_an_end_closes_the_orders_that_stand_open(town: Town) -> None:
    case = town.case(Stage.PENDING_CLOSING)
    district = town["district_leader"].seats[0].centre_id
    town.session.add(
        SupervisionOrder(
            case_id=case.id, centre_id=district, to_centre_id=case.centre_id, rung="supervise_1",
            issued_at=town.now, reply_due_at=town.now,
        )
    )  # fmt: skip
    case.supervised_level = Level.DISTRICT
    town.session.flush()
    town.do(Verb.CLOSE, case)
    order = town.session.scalars(select(SupervisionOrder).where(SupervisionOrder.case_id == case.id)).one()
    town.session.refresh(order)
    assert (order.closed_at, case.supervised_level) == (town.now, None)


def test_cancelling_a_dispatched_case_takes_it_from_the_department_and_says_so(town: Town) -> None:
    case = town.case(Stage.DISPATCHED)
    town.do(Verb.CANCEL, case)
    assert (turns(town, case), case.department_id) == ([HandlingState.WITHDRAWN], None)
    told = {(notice.person_id, notice.department_id) for notice in last_notices(town, case)}
    assert told == {(town["inspector"].person_id, None), (None, town.departments[WORKS].id)}


def test_an_acceptor_asks_for_the_cancelling_and_the_shift_lead_approves(town: Town) -> None:
    case = town.case()
    town.do(Verb.CANCEL, case, "acceptor", reason="重复")
    assert (case.stage, last_event(town, case).outcome) == (Stage.REPORTED, "asked")
    assert asked(town, case) == [(RequestState.OPEN, Approver.SHIFT_LEAD)]
    [notice] = last_notices(town, case)
    assert (notice.kind, notice.role, notice.data) == ("cancel_asked", Role.SHIFT_LEAD, {"reason": "重复"})
    with pytest.raises(AlreadyAsked):
        town.do(Verb.CANCEL, case, "acceptor")
    with pytest.raises(AlreadyAsked):
        town.do(Verb.CANCEL, case, "acceptor", outcome="granted")
    town.do(Verb.CANCEL, case, reason=None)
    assert (case.stage, asked(town, case)) == (Stage.CANCELLED, [(RequestState.GRANTED, None)])
    assert last_event(town, case).data["reason"] == "重复"
    told = {notice.person_id for notice in last_notices(town, case)}
    assert told == {town["inspector"].person_id, town["acceptor"].person_id}


def test_a_denied_cancelling_leaves_the_case_where_it_stands(town: Town) -> None:
    case = town.case(Stage.PENDING_FILING)
    with pytest.raises(NothingAsked):
        town.do(Verb.CANCEL, case, outcome="denied")
    with pytest.raises(NotYourTurn):
        town.do(Verb.CANCEL, case, "acceptor", outcome="granted")
    town.do(Verb.CANCEL, case, "acceptor")
    assert refused(town, Verb.CANCEL, case, outcome="denied", reason=None) == {"reason": "required"}
    town.do(Verb.CANCEL, case, outcome="denied", reason="不是重复")
    assert (case.stage, asked(town, case)) == (Stage.PENDING_FILING, [(RequestState.DENIED, None)])
    assert [notice.person_id for notice in last_notices(town, case)] == [town["acceptor"].person_id]
    assert refused(town, Verb.CANCEL, case, reason=None) == {"reason": "required"}
    town.do(Verb.CANCEL, case, reason="确是重复")
    assert case.stage is Stage.CANCELLED


def test_a_request_to_cancel_stays_while_the_case_can_be_cancelled(town: Town) -> None:
    case = town.case(Stage.PENDING_DISPATCH)
    town.do(Verb.CANCEL, case, "acceptor")
    town.do(Verb.DISPATCH, case)
    assert asked(town, case) == [(RequestState.OPEN, Approver.SHIFT_LEAD)]
    town.do(Verb.SIGN, case)
    assert asked(town, case) == [(RequestState.LAPSED, None)]


@pytest.mark.parametrize("stage", [Stage.PENDING_DISPATCH, Stage.HANDLING, Stage.PENDING_CLOSING])
def test_a_shift_lead_asks_for_a_forced_closing_and_a_leader_approves(town: Town, stage: Stage) -> None:
    case = town.case(stage)
    department = case.department_id
    assert Verb.FORCE_CLOSE not in verbs(town, case, "leader")
    with pytest.raises(NothingAsked):
        town.do(Verb.FORCE_CLOSE, case)
    with pytest.raises(NotAllowed):
        town.do(Verb.FORCE_CLOSE, case, "works_head")
    town.do(Verb.FORCE_CLOSE, case, "shift_lead", reason="道路已改建")
    assert (case.stage, asked(town, case)) == (stage, [(RequestState.OPEN, Approver.LEADER)])
    with pytest.raises(AlreadyAsked):
        town.do(Verb.FORCE_CLOSE, case, "shift_lead")
    town.do(Verb.FORCE_CLOSE, case, outcome="granted", reason=None)
    assert (case.stage, case.close_type, case.ended_at) == (Stage.CLOSED, CloseType.FORCED, town.now)
    assert (clocks(town, case), asked(town, case)) == ({}, [(RequestState.GRANTED, None)])
    assert town["shift_lead"].person_id in {notice.person_id for notice in last_notices(town, case)}
    if stage is Stage.HANDLING:
        assert (turns(town, case), case.department_id) == ([HandlingState.WITHDRAWN], None)
    else:
        assert case.department_id == department


def test_a_denied_forced_closing_and_one_that_was_overtaken(town: Town) -> None:
    case = town.case(Stage.PENDING_CLOSING)
    town.do(Verb.FORCE_CLOSE, case, "shift_lead")
    town.do(Verb.FORCE_CLOSE, case, outcome="denied", reason="正常结案即可")
    assert [notice.person_id for notice in last_notices(town, case)] == [town["shift_lead"].person_id]
    town.do(Verb.FORCE_CLOSE, case, "shift_lead")
    town.do(Verb.CLOSE, case)
    assert [state for state, _ in asked(town, case)] == [RequestState.DENIED, RequestState.LAPSED]


def test_who_holds_both_posts_asks_and_another_leader_approves(town: Town) -> None:
    case = town.case(Stage.HANDLING)
    town.people["both"] = replace(town["shift_lead"], seats=(*town["leader"].seats, *town["shift_lead"].seats))
    town.do(Verb.FORCE_CLOSE, case, "both")
    assert (case.stage, last_event(town, case).role) == (Stage.HANDLING, Role.SHIFT_LEAD)
    assert Verb.FORCE_CLOSE not in verbs(town, case, "both")
    with pytest.raises(OwnRequest) as refusal:
        town.do(Verb.FORCE_CLOSE, case, "both")
    assert refusal.value.data == {"kind": "force_close", "awaits": "leader"}
    town.do(Verb.FORCE_CLOSE, case, "leader")
    assert (case.stage, last_event(town, case).role) == (Stage.CLOSED, Role.LEADER)


def test_who_has_become_shift_lead_cancels_directly_and_does_not_grant_their_own_request(town: Town) -> None:
    case = town.case()
    town.do(Verb.CANCEL, case, "acceptor")
    town.people["risen"] = replace(town["acceptor"], seats=town["shift_lead"].seats)
    with pytest.raises(OwnRequest):
        town.do(Verb.CANCEL, case, "risen", outcome="denied", reason="不必")
    assert refused(town, Verb.CANCEL, case, "risen", reason=None) == {"reason": "required"}
    town.do(Verb.CANCEL, case, "risen", reason="重复")
    assert (case.stage, asked(town, case)) == (Stage.CANCELLED, [(RequestState.LAPSED, None)])


def test_a_closed_case_is_reopened_for_dispatch(town: Town) -> None:
    case = town.case(Stage.CLOSED)
    town.do(Verb.REOPEN, case)
    assert (case.stage, case.ended_at, case.close_type) == (Stage.PENDING_DISPATCH, None, None)
    assert (case.handled_at, case.handled_on_time) == (None, None)
    assert clocks(town, case) == {ClockKind.DISPATCH: (ClockState.RUNNING, 2)}
    _dispatch(town, case, department=GREEN)
    assert turns(town, case) == [HandlingState.PASSED, HandlingState.OPEN]


def test_what_was_settled_on_the_spot_is_filed_when_it_is_reopened(town: Town) -> None:
    case = town.case()
    town.do(Verb.SELF_HANDLE, case)
    assert refused(town, Verb.REOPEN, case, condition_id=999_999) == {"condition_id": "no_such_condition"}
    town.do(Verb.REOPEN, case, condition_id=conditions(town.session, case)[0].id)
    assert (case.filed_at, case.stage) == (town.now, Stage.PENDING_DISPATCH)
    assert town.do(Verb.DISPATCH, case).stage is Stage.DISPATCHED
    quick = town.case(category=None)
    town.do(Verb.SELF_HANDLE, quick)
    assert refused(town, Verb.REOPEN, quick) == {"condition_id": "no_category"}


@pytest.mark.parametrize("stage", [Stage.REPORTED, Stage.HANDLING, Stage.CLOSED])
def test_a_note_leaves_the_case_where_it_stands_and_tells_whose_turn_it_is(town: Town, stage: Stage) -> None:
    case = town.case(stage)
    before = (case.stage, case.due_at, clocks(town, case))
    assert refused(town, Verb.NOTE, case, text="") == {"text": "required"}
    town.do(Verb.NOTE, case, "inspector", text="居民来电")
    assert (case.stage, case.due_at, clocks(town, case)) == before
    told = [notice.role for notice in last_notices(town, case) if notice.kind == "noted"]
    assert told == {Stage.REPORTED: [Role.ACCEPTOR], Stage.HANDLING: [Role.HANDLER], Stage.CLOSED: []}[stage]


def test_urging_is_counted_and_told(town: Town) -> None:
    case = town.case(Stage.HANDLING)
    town.do(Verb.URGE, case, "district_leader", text="请抓紧")
    assert case.urged_count == 1
    assert {notice.role for notice in last_notices(town, case)} == {Role.SHIFT_LEAD, Role.HANDLER}
    with pytest.raises(NotAllowed):
        town.do(Verb.URGE, case, "shift_lead")


@pytest.mark.parametrize("stage", [Stage.REPORTED, Stage.PENDING_DISPATCH, Stage.DISPATCHED, Stage.HANDLING])
def test_what_a_centre_cannot_solve_goes_one_level_up(town: Town, stage: Stage) -> None:
    case = town.case(stage)
    town.do(Verb.PASS_UP, case)
    district = town.session.get_one(Centre, case.centre_id)
    assert district.code == DISTRICT
    assert case.stage is (Stage.REPORTED if stage is Stage.REPORTED else Stage.PENDING_DISPATCH)
    assert case.why["centre"]["rule"] == "passed-up"
    if stage in {Stage.DISPATCHED, Stage.HANDLING}:
        assert (turns(town, case), case.department_id) == ([HandlingState.WITHDRAWN], None)
        assert clocks(town, case)[ClockKind.HANDLE] == (ClockState.PAUSED, 1)
    if stage is Stage.PENDING_DISPATCH:
        assert clocks(town, case) == {ClockKind.DISPATCH: (ClockState.RUNNING, 2)}
        [notice] = last_notices(town, case)
        assert notice.centre_id == district.id
        with pytest.raises(NotAllowed):
            town.do(Verb.DISPATCH, case)
        town.do(Verb.DISPATCH, case, "district_dispatcher")
        assert case.stage is Stage.DISPATCHED


def test_above_the_city_there_is_nobody(town: Town) -> None:
    case = town.case(Stage.PENDING_DISPATCH)
    town.do(Verb.PASS_UP, case)
    town.do(Verb.PASS_UP, case, "district_dispatcher")
    with pytest.raises(NoCentreAbove):
        town.do(Verb.PASS_UP, case, "city_dispatcher")
