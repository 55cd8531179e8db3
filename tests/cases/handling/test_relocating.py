"""Cases that lie elsewhere (改位置): found anew on the grid, whoever answered for them before."""

import pytest
from sqlalchemy import func, select, text, update

from cases.errors import StaleVersion
from cases.handling import perform
from cases.models import (
    Calendar,
    Case,
    ClockState,
    HandlingState,
    Source,
)
from cases.stages import ClockKind, Stage, Verb
from grid.errors import OutsideGrid
from grid.models import Centre
from people.roles import Role
from tests.cases.handling.looks import (
    answers,
    clock,
    clocks,
    codes,
    duty,
    last_event,
    last_notices,
    refused,
    turns,
    used,
)
from tests.make import (
    DISTRICT,
    GREEN,
    JINGAN_PARK,
    OTHER_STREET,
    RUBBISH,
    SMALL_MATTER,
    STREET,
    WORKS,
    Town,
    point,
)

NEXT_DOOR = point(121.4741, 31.2306)  # the same village


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
    calendar_id = _copy_calendar(town)
    town.session.execute(update(Centre).where(Centre.code == OTHER_STREET).values(calendar_id=calendar_id))
    town.session.flush()
    town.do(Verb.RELOCATE, case)
    handle = clock(town, case, ClockKind.HANDLE)
    assert (handle.calendar_id, handle.state) == (calendar_id, ClockState.PAUSED)
    assert used(town, case) == 3600


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
