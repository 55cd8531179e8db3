"""Pitfall 8: reopen, merge, re-route, retired cell, city without a parent."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from cases.errors import NoCentreAbove
from cases.escalation import Raised
from cases.models import Case, Clock, ClockState, Escalation, SupervisionOrder
from cases.stages import ClockKind, Stage, Verb
from grid.levels import Level
from grid.models import Centre
from tests.cases.escalation.ladder import LADDER, MONTHS, at, centre_of, own, rungs, sweep
from tests.cases.handling.looks import clock
from tests.make import (
    CITY,
    CITY_WORKS,
    DISTRICT,
    GREEN,
    OTHER_STREET,
    RUBBISH,
    SMALL_MATTER,
    STREET,
    WORKS,
    Town,
)

TUESDAY = "2026-03-10"


def of(raised: list[Raised], case: Case) -> list[tuple[ClockKind, str]]:
    """What the case's own clocks raised."""
    return [(one.kind, one.rung) for one in own(raised) if one.case_id == case.id]


def whole(kind: ClockKind) -> list[tuple[ClockKind, str]]:
    return [(kind, rung) for rung in LADDER]


def called(town: Town, raised: list[Raised]) -> list[str]:
    """Codes of the centres that the rungs called."""
    return [town.session.get_one(Centre, one.centre_id).code for one in own(raised)]


def supervising(town: Town, case: Case) -> dict[str, bool]:
    """Who supervises the case, by code: whether still."""
    wanted = select(Centre.code, SupervisionOrder.closed_at).join(Centre, Centre.id == SupervisionOrder.centre_id)
    rows = town.session.execute(wanted.where(SupervisionOrder.case_id == case.id).order_by(SupervisionOrder.id))
    return {code: closed_at is None for code, closed_at in rows}


def never_twice(town: Town) -> None:
    pair = (Escalation.clock_id, Escalation.position)
    twice = select(func.count()).select_from(Escalation).group_by(*pair).having(func.count() > 1)
    assert town.session.scalars(twice).all() == []
    stopped = (
        select(func.count())
        .select_from(Clock)
        .where(Clock.state == ClockState.STOPPED, Clock.next_raise_at.is_not(None))
    )
    assert town.session.scalar(stopped) == 0


# --- reopen -----------------------------------------------------------------------------------------------------------


def test_pitfall_08_a_closed_case_is_silent_and_a_reopened_one_climbs_from_the_first_rung(town: Town) -> None:
    case = town.case(Stage.HANDLING, category=RUBBISH)
    town.now = at(TUESDAY, "15:30")
    assert of(sweep(town.session, town.now), case) == [(ClockKind.HANDLE, "warn"), (ClockKind.HANDLE, "urge")]
    for verb in (Verb.FINISH, Verb.SEND_CHECK, Verb.CHECK, Verb.CLOSE):
        town.do(verb, case)
    town.now += MONTHS
    assert sweep(town.session, town.now) == [], "nothing fires after closing"
    town.do(Verb.REOPEN, case)
    assert sweep(town.session, town.now) == []
    assert of(sweep(town.session, town.now + MONTHS), case) == whole(ClockKind.DISPATCH)
    never_twice(town)


def test_pitfall_08_the_second_handling_has_a_ladder_of_its_own(town: Town) -> None:
    case = town.case(Stage.CLOSED, category=RUBBISH)
    town.do(Verb.REOPEN, case)
    town.do(Verb.DISPATCH, case)
    town.do(Verb.SIGN, case)
    assert of(sweep(town.session, town.now + MONTHS), case) == whole(ClockKind.HANDLE)
    assert clock(town, case, ClockKind.HANDLE).round == 2
    never_twice(town)


# --- merge ------------------------------------------------------------------------------------------------------------


def test_pitfall_08_a_duplicate_is_silent_and_its_first_case_climbs_on(town: Town) -> None:
    first, duplicate = town.case(), town.case()
    town.now += timedelta(minutes=12)
    assert rungs(own(sweep(town.session, town.now))) == ["warn", "warn"]
    town.do(Verb.MERGE, duplicate, into=first.no)
    raised = sweep(town.session, town.now + MONTHS)
    assert of(raised, duplicate) == []
    assert of(raised, first) == whole(ClockKind.ACCEPT)[1:]
    never_twice(town)


def test_pitfall_08_a_supervised_duplicate_asks_nobody_for_an_answer_any_more(town: Town) -> None:
    first, duplicate = town.case(), town.case(Stage.PENDING_DISPATCH)
    town.do(Verb.SUPERVISE, duplicate, "district_leader")
    town.do(Verb.MERGE, duplicate, "dispatcher", into=first.no)
    assert supervising(town, duplicate) == {DISTRICT: False}
    assert [one for one in sweep(town.session, town.now + MONTHS) if one.case_id == duplicate.id] == []


def test_pitfall_08_a_merger_that_is_taken_back_begins_its_ladder_anew(town: Town) -> None:
    first, case = town.case(), town.case()
    town.now += timedelta(minutes=12)
    sweep(town.session, town.now)
    town.do(Verb.MERGE, case, into=first.no)
    town.now += MONTHS
    sweep(town.session, town.now)
    town.do(Verb.MERGE, case, into=None, reason="不是同一处")
    assert of(sweep(town.session, town.now), case) == []
    assert of(sweep(town.session, town.now + MONTHS), case) == whole(ClockKind.ACCEPT)
    never_twice(town)


# --- re-route ---------------------------------------------------------------------------------------------------------


def test_pitfall_08_after_a_move_the_ladder_climbs_from_the_new_ground(town: Town) -> None:
    case = town.case(Stage.HANDLING, category=RUBBISH)
    town.now = at(TUESDAY, "17:30")  # 150 % of four working hours
    raised = sweep(town.session, town.now)
    assert called(town, raised) == [STREET, STREET, DISTRICT]
    town.do(Verb.RELOCATE, case)
    assert (supervising(town, case), case.supervised_level) == ({DISTRICT: False}, None)
    assert sweep(town.session, town.now) == []
    raised = sweep(town.session, town.now + MONTHS)
    other_district = centre_of(town.session, OTHER_STREET).line[1]
    assert of(raised, case) == whole(ClockKind.DISPATCH), "the handling rests until somebody has it again"
    assert called(town, raised) == [OTHER_STREET, OTHER_STREET, other_district, CITY, CITY]
    assert supervising(town, case) == {DISTRICT: False, other_district: True, CITY: True}
    never_twice(town)


def test_pitfall_08_the_citys_order_goes_along_with_a_case_that_moves(town: Town) -> None:
    case = town.case(Stage.HANDLING, category=RUBBISH)
    sweep(town.session, town.now + MONTHS)
    assert supervising(town, case) == {DISTRICT: True, CITY: True}
    town.now += MONTHS
    town.do(Verb.RELOCATE, case)
    order = town.session.scalars(select(SupervisionOrder).where(SupervisionOrder.closed_at.is_(None))).one()
    assert (order.to_centre_id, case.supervised_level) == (centre_of(town.session, OTHER_STREET).id, Level.CITY)


# --- retired cell -----------------------------------------------------------------------------------------------------


def retire(town: Town, *codes: str) -> None:
    for code in codes:
        centre_of(town.session, code).retired_at = town.now
    town.session.flush()


def test_pitfall_08_a_case_of_a_retired_cell_climbs_as_before(town: Town) -> None:
    case = town.case(category=SMALL_MATTER)
    village = case.village_code
    assert village is not None
    retire(town, village)
    raised = sweep(town.session, town.now + MONTHS)
    assert of(raised, case) == whole(ClockKind.ACCEPT)
    assert called(town, raised) == [village, village, STREET, DISTRICT, CITY]


def test_pitfall_08_nothing_is_routed_or_passed_up_to_a_retired_centre(town: Town) -> None:
    case = town.case(Stage.PENDING_DISPATCH, category=RUBBISH)
    assert case.village_code is not None
    retire(town, case.village_code, DISTRICT)
    town.do(Verb.RECATEGORISE, case, category_code=SMALL_MATTER)
    assert case.centre_id == centre_of(town.session, STREET).id, "its village is no more"
    town.do(Verb.PASS_UP, case)
    assert case.centre_id == centre_of(town.session, CITY).id, "nor is its district"


def test_pitfall_08_a_place_is_looked_up_on_the_ground_as_it_is_now(town: Town) -> None:
    case = town.case(category=SMALL_MATTER)
    placed = case.edition_id
    case.edition_id = 999  # an edition of former days
    case.village_code = "310101002999"
    town.do(Verb.RELOCATE, case, point={"lon": 121.4737, "lat": 31.2304, "crs": "wgs84"})
    assert case.edition_id == placed
    assert town.session.get_one(Centre, case.centre_id).code == case.village_code


# --- the city has no parent -------------------------------------------------------------------------------------------


def test_pitfall_08_above_the_city_there_is_nobody(town: Town) -> None:
    case = town.case(Stage.PENDING_DISPATCH)
    town.do(Verb.PASS_UP, case)
    town.do(Verb.PASS_UP, case, "district_dispatcher")
    assert town.session.get_one(Centre, case.centre_id).parent_id is None
    with pytest.raises(NoCentreAbove):
        town.do(Verb.PASS_UP, case, "city_dispatcher")


def test_pitfall_08_the_citys_own_case_climbs_to_nobody_and_the_ladder_ends(town: Town) -> None:
    case = town.case(Stage.PENDING_DISPATCH)
    town.do(Verb.PASS_UP, case)
    town.do(Verb.PASS_UP, case, "district_dispatcher")
    raised = sweep(town.session, town.now + MONTHS)
    assert of(raised, case) == whole(ClockKind.DISPATCH)
    assert set(called(town, raised)) == {CITY}
    assert supervising(town, case) == {}, "nobody asks the city"
    assert sweep(town.session, town.now + 2 * MONTHS) == []


def test_pitfall_08_returned_twice_at_the_city_it_stays_there_and_the_city_decides(town: Town) -> None:
    case = town.case(Stage.PENDING_DISPATCH)
    town.do(Verb.PASS_UP, case)
    town.do(Verb.PASS_UP, case, "district_dispatcher")
    for department, by in ((WORKS, "handler"), (GREEN, "green_handler")):
        town.do(Verb.DISPATCH, case, "city_dispatcher", department=department)
        town.do(Verb.REFUSE, case, by)
    assert (case.stage, town.session.get_one(Centre, case.centre_id).code) == (Stage.PENDING_DISPATCH, CITY)
    town.do(Verb.DISPATCH, case, "city_dispatcher", department=CITY_WORKS)
    assert case.designated is True
