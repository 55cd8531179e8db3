"""From report to filing: what each verb changes, demands, refuses, and does to the clocks."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from cases.clock import running
from cases.errors import (
    NothingReturned,
    VerifyFirst,
)
from cases.handling import lock_and_look, may_verb
from cases.models import (
    CasePhoto,
    ClockState,
    PhotoKind,
    Source,
)
from cases.stages import ClockKind, CloseType, Stage, Verb
from core.errors import Invalid
from grid.levels import Level
from grid.models import Centre
from people.roles import Role
from tests.cases.handling.looks import clock, clocks, codes, last_event, last_notices, refused
from tests.make import (
    MANHOLE,
    RUBBISH,
    SMALL_MATTER,
    STREET,
    Town,
    conditions,
)


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
    seen = lock_and_look(town.session, case.no, now=town.now, settings=town.settings)
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
