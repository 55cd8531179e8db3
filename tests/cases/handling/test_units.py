"""The head of a department hands its work to a unit below it (二级派遣)."""

import pytest
from sqlalchemy import select

from cases.errors import NotTheLead
from cases.models import Handling
from cases.stages import Stage, Verb
from core.errors import Invalid, NotAllowed
from grid.models import Department
from people.accounts import load_actor
from people.models import Post
from people.roles import Role
from tests.cases.handling.looks import add_unit, bare, clocks, codes, last_event, last_notices, refused
from tests.make import GREEN, WORKS, Town


@pytest.fixture
def squad(town: Town) -> Department:
    """A unit below 市政所, with its own handler: `town["squad_handler"]`."""
    return add_unit(town, "t-works-1", WORKS, "squad_handler")


def test_the_departments_head_hands_the_work_to_a_unit_whose_handlers_then_do_it(town: Town, squad: Department) -> None:
    case = town.case(Stage.HANDLING)
    before = clocks(town, case), case.due_at
    with pytest.raises(NotAllowed):
        town.do(Verb.FINISH, case, "squad_handler")
    town.move(minutes=1)
    town.do(Verb.DISPATCH, case, "works_head", department=squad.code, note="请一班去")
    assert (case.stage, case.unit_id, case.round) == (Stage.HANDLING, squad.id, 1)
    assert (clocks(town, case), case.due_at) == before, "no new clock"
    assert {one.department_id for one in last_notices(town, case)} == {squad.id}
    assert last_event(town, case).data["unit"]["code"] == squad.code
    turn = town.session.scalars(select(Handling).where(Handling.case_id == case.id)).one()
    assert (turn.unit_id, turn.department_id) == (squad.id, town.departments[WORKS].id)
    town.do(Verb.FINISH, case, "squad_handler")
    assert case.stage is Stage.HANDLED


def test_the_work_is_taken_back_from_the_unit(town: Town, squad: Department) -> None:
    case = town.case(Stage.HANDLING)
    town.do(Verb.DISPATCH, case, "works_head", department=squad.code)
    town.move(minutes=1)
    town.do(Verb.DISPATCH, case, "works_head", department=None)
    assert case.unit_id is None
    assert {one.department_id for one in last_notices(town, case)} == {town.departments[WORKS].id}
    with pytest.raises(NotAllowed):
        town.do(Verb.FINISH, case, "squad_handler")


def test_only_a_unit_below_the_lead_is_handed_the_work(town: Town, squad: Department) -> None:
    case = town.case(Stage.HANDLING)
    other = add_unit(town, "t-green-1", GREEN, "green_squad")
    for code in (other.code, WORKS, GREEN, "nobody"):
        assert refused(town, Verb.DISPATCH, case, "works_head", department=code) == {"department": "no_such_unit"}
    squad.retired_at = town.now
    assert refused(town, Verb.DISPATCH, case, "works_head", department=squad.code) == {"department": "no_such_unit"}
    assert refused(town, Verb.DISPATCH, case, "works_head", department=squad.code, assist=[GREEN]) == {
        "department": "no_such_unit", "assist": "unknown",
    }  # fmt: skip


def test_the_unit_must_be_said(town: Town, squad: Department) -> None:
    case = town.case(Stage.HANDLING)
    with pytest.raises(Invalid) as error:
        bare(town, "works_head", case, Verb.DISPATCH)
    assert codes(error.value) == {"department": "required"}


def test_the_head_of_an_assisting_department_has_no_say_over_the_leads_units(town: Town, squad: Department) -> None:
    case = town.case(Stage.PENDING_DISPATCH)
    town.do(Verb.DISPATCH, case, assist=[GREEN])
    town.do(Verb.SIGN, case)
    person_id = town["green_handler"].person_id
    green = town.departments[GREEN]
    town.session.add(Post(person_id=person_id, role=Role.LEADER, centre_id=green.centre_id, department_id=green.id))
    town.session.flush()
    town.people["green_head"] = load_actor(town.session, person_id or 0)
    with pytest.raises(NotTheLead):
        town.do(Verb.DISPATCH, case, "green_head", department=squad.code)


def test_a_new_round_is_not_the_units(town: Town, squad: Department) -> None:
    case = town.case(Stage.HANDLING)
    town.do(Verb.DISPATCH, case, "works_head", department=squad.code)
    town.do(Verb.FINISH, case, "squad_handler")
    town.do(Verb.SEND_CHECK, case)
    town.do(Verb.CHECK, case, outcome="failed", text="没修好")
    town.do(Verb.DISPATCH, case)
    assert case.unit_id is None
