"""The verbs through the one door, on a real database: what each changes, demands, refuses, and does to the clocks."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, func, select

from cases.clock import running
from cases.errors import (
    NoCalendar,
    NoCentreAbove,
    NothingReturned,
    NotYet,
    StaleVersion,
    VerifyFirst,
    WrongStage,
)
from cases.handling import lock_and_look, may_verb, perform
from cases.handling.door import DEEDS
from cases.models import (
    Case,
    CasePhoto,
    Clock,
    ClockState,
    Event,
    Handling,
    HandlingState,
    Notice,
    PhotoKind,
    Source,
    SupervisionOrder,
)
from cases.stages import NOT_YET, TABLE, ClockKind, CloseType, Stage, Verb
from core.errors import Invalid, NotAllowed, NotFound
from grid.levels import Level
from grid.models import Centre
from people.models import Post
from people.roles import Role
from tests.make import (
    DISTRICT,
    GREEN,
    MANHOLE,
    RUBBISH,
    SMALL_MATTER,
    STREET,
    WORKS,
    Town,
    conditions,
    photos,
)


def clocks(town: Town, case: Case) -> dict[ClockKind, tuple[ClockState, int]]:
    return {kind: (clock.state, clock.round) for kind, clock in running(town.session, case).items()}


def clock(town: Town, case: Case, kind: ClockKind) -> Clock:
    wanted = select(Clock).where(Clock.case_id == case.id, Clock.kind == kind).order_by(Clock.round.desc())
    return town.session.scalars(wanted).first()  # type: ignore[return-value]


def turns(town: Town, case: Case) -> list[HandlingState]:
    wanted = select(Handling.state).where(Handling.case_id == case.id).order_by(Handling.round)
    return list(town.session.scalars(wanted))


def last_event(town: Town, case: Case) -> Event:
    wanted = select(Event).where(Event.case_id == case.id).order_by(Event.id.desc()).limit(1)
    return town.session.scalars(wanted).one()


def last_notices(town: Town, case: Case) -> list[Notice]:
    newest = select(func.max(Notice.at)).where(Notice.case_id == case.id).scalar_subquery()
    kind = select(Notice.kind).where(Notice.case_id == case.id).order_by(Notice.id.desc()).limit(1).scalar_subquery()
    wanted = select(Notice).where(Notice.case_id == case.id, Notice.at == newest, Notice.kind == kind)
    return list(town.session.scalars(wanted.order_by(Notice.id)))


def codes(error: Invalid) -> dict[str, str]:
    return {one.field: one.code for one in error.errors}


def refused(town: Town, verb: Verb, case: Case, by: str | None = None, **fields: Any) -> dict[str, str]:
    """The field errors of a verb that is refused, which changes nothing."""
    version, stage = case.version, case.stage
    with pytest.raises(Invalid) as error:
        town.do(verb, case, by, **fields)
    assert (case.version, case.stage) == (version, stage)
    return codes(error.value)


# --- the road ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage is not Stage.SUSPENDED])
def test_a_case_comes_to_every_stage_by_verbs(town: Town, stage: Stage) -> None:
    case = town.case(stage)
    assert case.stage is stage
    assert (case.ended_at is not None) == (stage in {Stage.CLOSED, Stage.REJECTED, Stage.CANCELLED})
    assert (case.clock_kind is None) == (case.ended_at is not None)


def test_every_verb_writes_who_did_what_and_what_changed(town: Town) -> None:
    case = town.case()
    town.move(minutes=3)
    town.do(Verb.ACCEPT, case, note="  属实  ")
    event = last_event(town, case)
    assert (event.verb, event.stage_from, event.stage_to) == ("accept", "reported", "pending_filing")
    assert (event.person_id, event.role, event.at) == (town["acceptor"].person_id, "acceptor", town.now)
    assert (event.data["version"], event.data["note"]) == (2, "属实")
    assert event.data["changed"]["stage"] == ["reported", "pending_filing"]
    assert event.data["changed"]["clock_kind"] == ["accept", "file"]
    assert case.version == 2


def test_accepting_stops_its_clock_and_starts_the_filings(town: Town) -> None:
    case = town.case()
    due = case.due_at
    town.move(minutes=5)
    town.do(Verb.ACCEPT, case)
    assert clocks(town, case) == {ClockKind.FILE: (ClockState.RUNNING, 1)}
    assert clock(town, case, ClockKind.ACCEPT).on_time is True
    assert case.due_at is not None
    assert due is not None
    assert case.due_at == town.now + timedelta(minutes=15)
    [notice] = last_notices(town, case)
    street = town.session.scalars(select(Centre).where(Centre.code == STREET)).one()
    assert (notice.kind, notice.centre_id, notice.role) == ("accepted", street.id, Role.SHIFT_LEAD)


def test_the_accept_clock_rests_while_the_question_is_in_the_field(town: Town) -> None:
    case = town.case(source=Source.PUBLIC)
    town.move(minutes=10)
    town.do(Verb.SEND_VERIFY, case)
    assert clocks(town, case) == {
        ClockKind.ACCEPT: (ClockState.PAUSED, 1),
        ClockKind.VERIFY: (ClockState.RUNNING, 1),
    }
    assert (case.clock_kind, case.paused) == (ClockKind.VERIFY, False)
    town.move(minutes=25)
    town.do(Verb.VERIFY, case, text="属实")
    assert clocks(town, case) == {ClockKind.FILE: (ClockState.RUNNING, 1)}
    accept = clock(town, case, ClockKind.ACCEPT)
    assert accept.on_time is True, "35 minutes passed, 10 of them the acceptor's"
    assert clock(town, case, ClockKind.VERIFY).on_time is True
    kinds = town.session.scalars(select(CasePhoto.kind).where(CasePhoto.case_id == case.id)).all()
    assert sorted(kinds) == [PhotoKind.REPORT, PhotoKind.VERIFY]


def test_an_unfounded_report_is_rejected_without_a_photo_and_its_sender_told(town: Town) -> None:
    case = town.case(Stage.VERIFYING, source=Source.PUBLIC)
    case.reporter_id = town["leader"].person_id
    town.do(Verb.VERIFY, case, outcome="unfounded", photos=[])
    assert case.stage is Stage.REJECTED
    assert clocks(town, case) == {}
    told = last_notices(town, case)
    assert {(notice.role, notice.person_id) for notice in told} == {
        (Role.ACCEPTOR, None),
        (None, town["leader"].person_id),
    }


@pytest.mark.parametrize("source", [Source.PUBLIC, Source.HOTLINE])
def test_a_report_from_the_public_is_verified_before_it_is_accepted(town: Town, source: Source) -> None:
    case = town.case(source=source)
    seen = lock_and_look(town.session, case.no)
    assert seen is not None
    assert not may_verb(town["acceptor"], Verb.ACCEPT, seen)
    assert may_verb(town["acceptor"], Verb.SEND_VERIFY, seen)
    with pytest.raises(VerifyFirst):
        town.do(Verb.ACCEPT, case)
    town.do(Verb.SEND_VERIFY, case)
    town.do(Verb.VERIFY, case)
    town.do(Verb.SEND_BACK, case)
    assert town.do(Verb.ACCEPT, case).stage is Stage.PENDING_FILING, "it was verified before"


def test_a_sensors_report_may_be_accepted_as_it_is(town: Town) -> None:
    assert town.do(Verb.ACCEPT, town.case(source=Source.SENSOR)).stage is Stage.PENDING_FILING


def test_a_rejection_has_a_reason(town: Town) -> None:
    case = town.case()
    assert refused(town, Verb.REJECT, case, reason_code=None) == {"reason_code": "required"}
    assert refused(town, Verb.REJECT, case, reason_code="because") == {"reason_code": "not_one_of"}
    town.do(Verb.REJECT, case, reason_code=None, reason="另案处理")
    assert last_event(town, case).data["reason_code"] == "other"
    assert last_notices(town, case)[0].person_id == town["inspector"].person_id


def test_what_the_inspector_settles_on_the_spot_is_closed_at_once_and_never_filed(town: Town) -> None:
    case = town.case()
    assert refused(town, Verb.SELF_HANDLE, case, photos=[]) == {"photos": "too_few_photos"}
    town.do(Verb.SELF_HANDLE, case, text="已扶正")
    assert (case.stage, case.close_type) == (Stage.CLOSED, CloseType.SELF_HANDLED)
    assert case.ended_at == town.now
    assert case.filed_at is None
    assert clocks(town, case) == {}


# --- a quick report gets its category ---------------------------------------------------------------------------------


def test_a_quick_report_gets_its_category_when_it_is_accepted_and_is_routed_by_it(town: Town) -> None:
    case = town.case(category=None)
    assert refused(town, Verb.ACCEPT, case) == {"category_code": "required"}
    assert refused(town, Verb.ACCEPT, case, category_code="99999") == {"category_code": "no_such_category"}
    town.do(Verb.ACCEPT, case, category_code=SMALL_MATTER)
    assert case.category_code == SMALL_MATTER
    village = town.session.get_one(Centre, case.centre_id)
    assert village.level is Level.VILLAGE, "the village's own matter"
    assert case.why["centre"]["category"] == SMALL_MATTER


def test_it_gets_it_at_the_latest_when_it_is_filed(town: Town) -> None:
    case = town.case(Stage.VERIFYING, category=None)
    town.do(Verb.VERIFY, case)
    with pytest.raises(Invalid) as error:
        town.do(Verb.FILE, case, condition_id=1)
    assert codes(error.value) == {"category_code": "required"}
    with pytest.raises(Invalid) as error:
        town.do(Verb.FILE, case, condition_id="first")
    assert codes(error.value) == {"category_code": "required", "condition_id": "not_whole_number"}
    other = town.case()
    town.do(Verb.FILE, case, category_code=MANHOLE, condition_id=conditions(town.session, other)[0].id)
    assert (case.category_code, case.stage, case.urgent) == (MANHOLE, Stage.PENDING_DISPATCH, True)


def test_a_category_is_not_changed_by_the_way(town: Town) -> None:
    case = town.case()
    assert refused(town, Verb.ACCEPT, case, category_code=RUBBISH) == {"category_code": "category_set"}
    town.do(Verb.ACCEPT, case, category_code=MANHOLE)


# --- filing -----------------------------------------------------------------------------------------------------------


def test_filing_picks_the_condition_that_sets_the_limit(town: Town) -> None:
    case = town.case(Stage.PENDING_FILING)
    first, *_ = conditions(town.session, case)
    town.do(Verb.FILE, case)
    assert (case.condition_id, case.filed_at, case.urgent) == (first.id, town.now, True)
    assert last_event(town, case).data["condition"]["limit"] == first.limit
    dispatch = running(town.session, case)[ClockKind.DISPATCH]
    assert (dispatch.urgent, dispatch.unit.value) == (True, "urgent_hour"), "an urgent case's stages run night and day"


def test_a_condition_of_another_category_is_refused(town: Town) -> None:
    case, other = town.case(Stage.PENDING_FILING), town.case(category=RUBBISH)
    foreign = conditions(town.session, other)[0].id
    assert refused(town, Verb.FILE, case, condition_id=foreign) == {"condition_id": "no_such_condition"}
    several = len(conditions(town.session, case)) > 1
    if several:
        assert refused(town, Verb.FILE, case, condition_id=None) == {"condition_id": "required"}


def test_a_categorys_only_condition_need_not_be_named(town: Town) -> None:
    case = town.case(Stage.PENDING_FILING)
    for condition in conditions(town.session, case)[1:]:
        condition.category_id += 1
        condition.position += 100
    town.session.flush()
    town.do(Verb.FILE, case, condition_id=None)
    assert case.condition_id == conditions(town.session, case)[0].id


def test_sending_back_from_filing_restarts_the_accept_clock(town: Town) -> None:
    case = town.case(Stage.PENDING_FILING)
    assert refused(town, Verb.SEND_BACK, case, reason="  ") == {"reason": "required"}
    town.do(Verb.SEND_BACK, case)
    assert clocks(town, case) == {ClockKind.ACCEPT: (ClockState.RUNNING, 2)}


def test_only_a_returned_case_goes_back_from_dispatch_and_is_then_filed_anew(town: Town) -> None:
    case = town.case(Stage.PENDING_DISPATCH)
    with pytest.raises(NothingReturned):
        town.do(Verb.SEND_BACK, case, "dispatcher")
    town.do(Verb.DISPATCH, case)
    town.do(Verb.REFUSE, case)
    town.do(Verb.SEND_BACK, case, "dispatcher")
    assert (case.stage, case.filed_at, case.condition_id, case.urgent) == (Stage.REPORTED, None, None, False)
    assert clocks(town, case) == {ClockKind.ACCEPT: (ClockState.RUNNING, 2)}


# --- dispatch and work ------------------------------------------------------------------------------------------------


def test_dispatch_opens_a_round_and_starts_the_handling_limit_beside_the_signing(town: Town) -> None:
    case = town.case(Stage.PENDING_DISPATCH, category=RUBBISH)
    town.do(Verb.DISPATCH, case, note="请尽快")
    assert case.department_id == town.departments[WORKS].id
    assert clocks(town, case) == {
        ClockKind.HANDLE: (ClockState.RUNNING, 1),
        ClockKind.SIGN: (ClockState.RUNNING, 1),
    }
    assert case.clock_kind is ClockKind.HANDLE
    turn = town.session.scalars(select(Handling).where(Handling.case_id == case.id)).one()
    assert (turn.round, turn.state, turn.due_at) == (1, HandlingState.OPEN, case.handle_due_at)
    [notice] = last_notices(town, case)
    assert (notice.department_id, notice.role) == (town.departments[WORKS].id, Role.HANDLER)
    assert notice.data == {"note": "请尽快"}


def test_a_department_must_answer_for_the_place(town: Town) -> None:
    case = town.case(Stage.PENDING_DISPATCH)
    assert refused(town, Verb.DISPATCH, case, department="nobody") == {"department": "no_department_here"}
    assert refused(town, Verb.DISPATCH, case, department=5) == {"department": "not_text"}
    town.departments[WORKS].retired_at = town.now
    assert refused(town, Verb.DISPATCH, case, department=WORKS) == {"department": "no_department_here"}


def _dispatch(town: Town, case: Case, **fields: Any) -> Case:
    return perform(
        town.session, town["dispatcher"], case.no, Verb.DISPATCH, fields,
        version=case.version, now=town.now, settings=town.settings,
    )  # fmt: skip


def test_without_a_name_the_suggested_department_gets_it_and_without_one_the_centre(town: Town) -> None:
    nobody, suggested = town.case(Stage.PENDING_DISPATCH), town.case(Stage.PENDING_DISPATCH)
    _dispatch(town, nobody)
    assert (nobody.stage, nobody.department_id) == (Stage.DISPATCHED, None)
    assert last_notices(town, nobody)[0].role == Role.HANDLER
    suggested.suggested_department_id = town.departments[GREEN].id
    _dispatch(town, suggested)
    assert suggested.department_id == town.departments[GREEN].id
    back = town.case(Stage.PENDING_DISPATCH)
    back.suggested_department_id = town.departments[GREEN].id
    _dispatch(town, back, department=None)
    assert back.department_id is None, "null names the centre itself"


def test_signing_stops_its_clock_and_says_whether_it_was_in_time(town: Town) -> None:
    case = town.case(Stage.DISPATCHED)
    town.move(minutes=11)
    town.do(Verb.SIGN, case)
    assert clocks(town, case) == {ClockKind.HANDLE: (ClockState.RUNNING, 1)}
    assert last_event(town, case).data["on_time"] is False, "an urgent case is signed for within 10 minutes"
    assert last_notices(town, case)[0].kind == "dispatched", "signing tells nobody"


def test_a_return_lets_the_handling_clock_rest_and_the_same_department_goes_on_with_it(town: Town) -> None:
    case = town.case(Stage.DISPATCHED, category=RUBBISH)
    due = case.handle_due_at
    assert due is not None
    town.move(minutes=10)
    assert refused(town, Verb.REFUSE, case, reason=None) == {"reason": "required"}
    town.do(Verb.REFUSE, case)
    assert clocks(town, case) == {
        ClockKind.HANDLE: (ClockState.PAUSED, 1),
        ClockKind.DISPATCH: (ClockState.RUNNING, 2),
    }
    assert (case.department_id, turns(town, case)) == (None, [HandlingState.REFUSED])
    town.move(minutes=12)
    town.do(Verb.DISPATCH, case)
    assert clocks(town, case)[ClockKind.HANDLE] == (ClockState.RUNNING, 1)
    assert case.handle_due_at == due + timedelta(minutes=12)
    assert turns(town, case) == [HandlingState.REFUSED, HandlingState.OPEN]
    assert case.round == 2


def test_another_department_begins_with_the_whole_limit(town: Town) -> None:
    case = town.case(Stage.DISPATCHED)
    first = case.handle_due_at
    assert first is not None
    town.move(minutes=10)
    town.do(Verb.REFUSE, case)
    town.move(minutes=2)
    town.do(Verb.DISPATCH, case, department=GREEN)
    assert clocks(town, case)[ClockKind.HANDLE] == (ClockState.RUNNING, 2)
    assert case.handle_due_at == first + timedelta(minutes=12)


def test_who_has_just_refused_is_asked_again_only_by_name(town: Town) -> None:
    case = town.case(Stage.PENDING_DISPATCH)
    case.suggested_department_id = town.departments[WORKS].id
    _dispatch(town, case)
    town.do(Verb.REFUSE, case)
    with pytest.raises(Invalid) as error:
        _dispatch(town, case)
    assert codes(error.value) == {"department": "required"}


def test_finishing_stops_the_handling_clock_and_asks_for_the_photos_of_the_condition(town: Town) -> None:
    case = town.case(Stage.HANDLING)
    needed = conditions(town.session, case)[0].photos_after
    assert needed >= 1
    twin = str(uuid4())
    with pytest.raises(Invalid) as error:
        town.do(Verb.FINISH, case, photos=[twin] * (needed - 1))
    [fault] = error.value.errors
    assert (fault.code, dict(fault.data)) == ("too_few_photos", {"least": needed, "given": min(1, needed - 1)})
    town.move(minutes=30)
    town.do(Verb.FINISH, case, text="已更换", photos=photos(needed))
    assert (case.handled_at, case.handled_on_time) == (town.now, True)
    turn = town.session.scalars(select(Handling).where(Handling.case_id == case.id)).one()
    assert (turn.state, turn.on_time, turn.text, turn.ended_at) == (
        HandlingState.FINISHED, True, "已更换", town.now,
    )  # fmt: skip
    assert clocks(town, case) == {ClockKind.SEND_CHECK: (ClockState.RUNNING, 1)}


def test_a_photo_proves_only_once(town: Town) -> None:
    case = town.case(Stage.HANDLING)
    before = town.session.scalars(select(CasePhoto.photo_id).where(CasePhoto.case_id == case.id)).one()
    with pytest.raises(Invalid) as error, town.session.begin_nested():
        town.do(Verb.FINISH, case, photos=[str(before), *photos(2)])
    assert codes(error.value) == {"photos": "photo_used"}


def test_work_that_comes_late_is_closed_as_overdue(town: Town) -> None:
    case = town.case(Stage.HANDLING)
    town.move(hours=3)
    town.do(Verb.FINISH, case)
    assert case.handled_on_time is False
    town.do(Verb.SEND_CHECK, case)
    town.do(Verb.CHECK, case)
    town.do(Verb.CLOSE, case, note="结案")
    assert case.close_type is CloseType.OVERDUE


# --- check and end ----------------------------------------------------------------------------------------------------


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
    early = town.case()
    town.do(Verb.CANCEL, early, "acceptor")
    assert [notice.person_id for notice in last_notices(town, early)] == [town["inspector"].person_id]


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


# --- beside the road --------------------------------------------------------------------------------------------------


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


# --- the guards of the door -------------------------------------------------------------------------------------------


def test_there_is_no_case_for_who_does_not_see_it(town: Town) -> None:
    case = town.case()
    with pytest.raises(NotFound):
        town.do(Verb.NOTE, case, "other_dispatcher")
    with pytest.raises(NotFound):
        perform(
            town.session, town["dispatcher"], "0" * 19, Verb.NOTE, {}, version=1, now=town.now, settings=town.settings
        )


def test_a_verb_of_another_role_is_not_allowed_whatever_the_stage_and_version(town: Town) -> None:
    case = town.case(Stage.CLOSED)
    with pytest.raises(NotAllowed):
        perform(
            town.session, town["handler"], case.no, Verb.ACCEPT, {}, version=1, now=town.now, settings=town.settings
        )


def test_the_wrong_stage_names_the_stage_and_what_is_possible(town: Town) -> None:
    case = town.case(Stage.PENDING_FILING)
    with pytest.raises(WrongStage) as refusal:
        town.do(Verb.CLOSE, case)
    assert refusal.value.data["stage"] == "pending_filing"
    assert refusal.value.data["possible"] == ["reject", "file", "send_back", "cancel", "pass_up", "note"]


def test_handing_on_below_a_department_comes_later(town: Town) -> None:
    with pytest.raises(WrongStage):
        town.do(Verb.DISPATCH, town.case(Stage.HANDLING), "works_head")


@pytest.mark.parametrize("verb", sorted({verb for _, verb in NOT_YET} - {Verb.DISPATCH}))
def test_what_is_not_built_yet_says_so_and_is_not_offered(town: Town, verb: Verb) -> None:
    case = town.case(Stage.HANDLING)
    with pytest.raises(NotYet):
        town.do(verb, case, "dispatcher")
    seen = lock_and_look(town.session, case.no)
    assert seen is not None
    assert not any(may_verb(who, verb, seen) for who in town.people.values())
    assert verb not in DEEDS


def test_a_version_that_is_not_the_present_one_is_told_what_differs(town: Town) -> None:
    case = town.case()
    town.do(Verb.ACCEPT, case)
    town.do(Verb.FILE, case)
    with pytest.raises(StaleVersion) as refusal:
        perform(
            town.session, town["shift_lead"], case.no, Verb.FILE, {}, version=2, now=town.now, settings=town.settings
        )
    assert refusal.value.data["version"] == 3
    differs = {one["field"]: (one["yours"], one["now"]) for one in refusal.value.data["differs"]}
    assert differs["stage"] == ("pending_filing", "pending_dispatch")
    assert differs["urgent"] == (False, True)


def test_what_changed_and_changed_back_does_not_differ(town: Town) -> None:
    case = town.case()
    town.do(Verb.ACCEPT, case)
    town.do(Verb.SEND_BACK, case)
    with pytest.raises(StaleVersion) as refusal:
        perform(
            town.session, town["acceptor"], case.no, Verb.ACCEPT, {}, version=1, now=town.now, settings=town.settings
        )
    assert "stage" not in {one["field"] for one in refusal.value.data["differs"]}


@pytest.mark.parametrize("version", [None, "1", 1.0, True])
def test_a_missing_version_is_a_field_error_among_the_others(town: Town, version: object) -> None:
    case = town.case(Stage.PENDING_FILING)
    with pytest.raises(Invalid) as error:
        perform(
            town.session, town["shift_lead"], case.no, Verb.SEND_BACK, {"colour": "red"},
            version=version, now=town.now, settings=town.settings,
        )  # fmt: skip
    assert codes(error.value) == {
        "version": "required" if version is None else "not_whole_number",
        "reason": "required",
        "colour": "unknown",
    }


@pytest.mark.parametrize(
    ("value", "code"), [("长" * 2001, "too_long"), (5, "not_text"), ("a\0b", "nul_character"), (["x"], "not_text")]
)
def test_a_text_is_text_of_reasonable_length(town: Town, value: object, code: str) -> None:
    assert refused(town, Verb.SEND_BACK, town.case(Stage.PENDING_FILING), reason=value) == {"reason": code}


@pytest.mark.parametrize(
    ("value", "faults"),
    [
        ("no list", {"photos": "not_list"}),
        (None, {"photos": "too_few_photos"}),
        ([str(uuid4()) for _ in range(21)], {"photos": "too_many"}),
        (["nonsense", 7, "x" * 36], {"photos.0": "not_uuid", "photos.1": "not_uuid", "photos.2": "not_uuid"}),
    ],
)
def test_photos_are_ids(town: Town, value: object, faults: dict[str, str]) -> None:
    case = town.case(Stage.CHECKING)
    assert refused(town, Verb.CHECK, case, photos=value) == faults
    town.do(Verb.CHECK, case, photos=[UUID(int=5)])


def test_a_case_that_is_an_inspectors_is_told_to_that_inspector(town: Town) -> None:
    case = town.case(Stage.HANDLED)
    case.inspector_id = town["inspector"].person_id
    town.do(Verb.SEND_CHECK, case)
    assert [notice.person_id for notice in last_notices(town, case)] == [town["inspector"].person_id]


def test_where_nobody_sits_the_next_centre_above_is_told(town: Town) -> None:
    case = town.case(category=None)
    village = town.session.scalars(select(Centre).where(Centre.code == case.village_code)).one()
    case.centre_id = village.id
    town.do(Verb.ACCEPT, case, category_code=SMALL_MATTER)
    [notice] = last_notices(town, case)
    street = town.session.scalars(select(Centre).where(Centre.code == STREET)).one()
    assert notice.centre_id == street.id, "the village has no shift lead, its street has"


def test_where_nobody_sits_at_all_the_responsible_centre_is_told(town: Town) -> None:
    case = town.case()
    town.session.execute(delete(Post).where(Post.role == Role.SHIFT_LEAD))
    town.do(Verb.ACCEPT, case)
    assert [notice.centre_id for notice in last_notices(town, case)] == [case.centre_id]


def test_a_calendar_that_ends_is_said_and_changes_nothing(town: Town) -> None:
    case = town.case(Stage.PENDING_DISPATCH, category=RUBBISH)
    town.move(days=3650)
    with pytest.raises(NoCalendar), town.session.begin_nested():
        town.do(Verb.DISPATCH, case)
    town.session.refresh(case)
    assert case.stage is Stage.PENDING_DISPATCH


def test_every_deed_has_a_line_in_the_table_and_words_for_those_concerned() -> None:
    from cases.handling.telling import TELLS

    ready = {(verb, outcome) for (stage, verb, outcome) in TABLE if (stage, verb) not in NOT_YET}
    assert {verb for verb, _ in ready} == set(DEEDS)
    assert set(TELLS) == ready
