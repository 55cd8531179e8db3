"""Returns (退单): their window, their reasons, and the centre above that decides after the second one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from cases.errors import Designated, RefuseWindowOver
from cases.models import Case, ClockState, Handling, HandlingState
from cases.stages import ClockKind, Stage, Verb
from core.errors import NotAllowed
from grid.models import Centre
from tests.cases.handling.looks import clocks, last_event, last_notices, refused, turns
from tests.cases.handling.test_extending import verbs
from tests.make import CITY_WORKS, DISTRICT, GREEN, RUBBISH, STREET, Town


def window(town: Town, case: Case) -> datetime | None:
    wanted = select(Handling).where(Handling.case_id == case.id).order_by(Handling.round.desc())
    return town.session.scalars(wanted).first().refuse_until  # type: ignore[union-attr]


def centre_of(town: Town, case: Case) -> Centre:
    return town.session.get_one(Centre, case.centre_id)


def returned_twice(town: Town, **facts: Any) -> Case:
    case = town.case(Stage.DISPATCHED, **facts)
    town.do(Verb.REFUSE, case)
    town.do(Verb.DISPATCH, case, department=GREEN)
    town.move(minutes=1)
    return town.do(Verb.REFUSE, case, "green_handler")


@pytest.mark.parametrize(
    ("limit", "until"),
    [
        (0, datetime(2026, 3, 10, 3, 30, tzinfo=UTC)),  # 2 urgent hours: the limit itself
        (1, datetime(2026, 3, 10, 7, 30, tzinfo=UTC)),  # 4 working hours: the limit itself, over lunch
        (2, datetime(2026, 3, 11, 1, 30, tzinfo=UTC)),  # 2 working days: one of them
    ],
)
def test_a_department_may_return_a_case_for_a_working_day_or_a_shorter_limit(
    town: Town, limit: int, until: datetime
) -> None:
    case = town.case(Stage.DISPATCHED, limit=limit)
    assert window(town, case) == until
    town.now = until
    assert "refuse" in verbs(town, case, "handler")
    town.move(seconds=1)
    assert "refuse" not in verbs(town, case, "handler")
    with pytest.raises(RefuseWindowOver) as refusal:
        town.do(Verb.REFUSE, case)
    assert refusal.value.data == {"until": until.isoformat().replace("+00:00", "Z")}


def test_a_return_names_its_reason(town: Town) -> None:
    case = town.case(Stage.DISPATCHED)
    assert refused(town, Verb.REFUSE, case, reason=None) == {"reason_code": "required"}
    assert refused(town, Verb.REFUSE, case, reason_code="rain") == {"reason_code": "not_one_of"}
    town.do(Verb.REFUSE, case, reason=None, reason_code="wrong_place")
    assert last_event(town, case).data["reason_code"] == "wrong_place"
    assert last_notices(town, case)[0].data == {"reason_code": "wrong_place"}
    assert case.refused_count == 1


def test_after_the_second_return_the_centre_above_decides_and_its_word_binds(town: Town) -> None:
    case = returned_twice(town, category=RUBBISH)
    district = centre_of(town, case)
    assert (district.code, case.stage, case.refused_count) == (DISTRICT, Stage.PENDING_DISPATCH, 2)
    assert case.why["centre"]["rule"] == "second-refusal"
    assert case.why["centre"]["from"]["code"] == STREET
    assert clocks(town, case) == {
        ClockKind.HANDLE: (ClockState.PAUSED, 2), ClockKind.DISPATCH: (ClockState.RUNNING, 3),
    }  # fmt: skip
    assert [notice.centre_id for notice in last_notices(town, case)] == [district.id]
    with pytest.raises(NotAllowed):
        town.do(Verb.DISPATCH, case, department=GREEN)
    town.do(Verb.DISPATCH, case, "district_dispatcher", department=GREEN)
    assert case.designated
    with pytest.raises(Designated):
        town.do(Verb.REFUSE, case, "green_handler")
    assert "refuse" not in verbs(town, case, "green_handler")
    assert turns(town, case) == [HandlingState.REFUSED, HandlingState.REFUSED, HandlingState.OPEN]


def test_above_the_city_the_city_itself_decides(town: Town) -> None:
    case = town.case(Stage.PENDING_DISPATCH)
    town.do(Verb.PASS_UP, case)
    town.do(Verb.PASS_UP, case, "district_dispatcher")
    for _ in range(2):
        town.do(Verb.DISPATCH, case, "city_dispatcher", department=CITY_WORKS)
        town.do(Verb.REFUSE, case, "city_handler")
    city = centre_of(town, case)
    assert (city.parent_id, case.refused_count, case.why["centre"]["rule"]) == (None, 2, "passed-up")
    town.do(Verb.DISPATCH, case, "city_dispatcher", department=CITY_WORKS)
    with pytest.raises(Designated):
        town.do(Verb.REFUSE, case, "city_handler")


def test_a_case_that_begins_again_has_not_been_returned(town: Town) -> None:
    back = returned_twice(town)
    town.do(Verb.SEND_BACK, back, "district_dispatcher")
    assert (back.stage, back.refused_count, back.designated) == (Stage.REPORTED, 0, False)
    ended = returned_twice(town)
    town.do(Verb.DISPATCH, ended, "district_dispatcher")
    for by in ("district_shift_lead", "district_leader"):
        town.do(Verb.FORCE_CLOSE, ended, by)
    town.do(Verb.REOPEN, ended, "district_shift_lead")
    assert (ended.refused_count, ended.designated, ended.step) == (0, False, 1)


def test_work_that_fails_its_check_is_counted(town: Town) -> None:
    case = town.case(Stage.CHECKING)
    town.do(Verb.CHECK, case, outcome="failed", text="没修好")
    assert case.rework_count == 1
    for verb in (Verb.DISPATCH, Verb.SIGN, Verb.FINISH, Verb.SEND_CHECK):
        town.do(verb, case)
    town.do(Verb.CHECK, case, outcome="failed", text="还是没修好")
    assert case.rework_count == 2


def test_the_window_of_a_new_turn_begins_anew(town: Town) -> None:
    case = town.case(Stage.DISPATCHED, limit=2)
    first = window(town, case)
    town.do(Verb.REFUSE, case)
    town.move(hours=1)
    town.do(Verb.DISPATCH, case, department=GREEN)
    assert first is not None
    assert window(town, case) == first + timedelta(hours=1)


def test_passing_up_names_its_reason(town: Town) -> None:
    case = town.case(Stage.PENDING_DISPATCH)
    assert refused(town, Verb.PASS_UP, case, reason=None) == {"reason_code": "required"}
    assert refused(town, Verb.PASS_UP, case, reason_code="tired") == {"reason_code": "not_one_of"}
    town.do(Verb.PASS_UP, case, reason=None, reason_code="cannot_solve")
    assert last_event(town, case).data["reason_code"] == "cannot_solve"
