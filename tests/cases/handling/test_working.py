"""Dispatch and work: rounds, returns, photos, and whose time it is."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from cases.handling import perform
from cases.models import (
    Case,
    CasePhoto,
    ClockState,
    Handling,
    HandlingState,
)
from cases.stages import ClockKind, CloseType, Stage, Verb
from core.errors import Invalid
from people.roles import Role
from tests.cases.handling.looks import clocks, codes, last_event, last_notices, refused, turns
from tests.make import (
    GREEN,
    RUBBISH,
    WORKS,
    Town,
    conditions,
    photos,
)


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
    assert refused(town, Verb.REFUSE, case, reason=None) == {"reason_code": "required"}
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


def test_why_names_the_department_that_a_person_has_chosen(town: Town) -> None:
    case = town.case(Stage.PENDING_DISPATCH)
    town.do(Verb.DISPATCH, case, department=GREEN)
    assert case.why["department"]["rule"] == "chosen"
    assert case.why["department"]["department"]["code"] == GREEN
    itself = town.case(Stage.PENDING_DISPATCH)
    itself.suggested_department_id = town.departments[GREEN].id
    town.do(Verb.DISPATCH, itself, department=None)
    assert itself.why["department"] == {"rule": "chosen-itself", "department": None}
    suggested = town.case(Stage.PENDING_DISPATCH)
    suggested.suggested_department_id, before = town.departments[WORKS].id, suggested.why["department"]
    town.do(Verb.DISPATCH, suggested, department=WORKS)
    assert suggested.why["department"] == before
    town.do(Verb.PASS_UP, suggested)
    assert suggested.why["department"]["rule"] == "to-be-named"
