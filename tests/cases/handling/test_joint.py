"""Several departments at one case: each has its part, and it is handled when all are done."""

from typing import Any

import pytest
from sqlalchemy import select, update

from cases.errors import AlreadySigned, PartDone, SignFirst, StaleVersion, WrongStage
from cases.handling import allowed_verbs, perform
from cases.handling.work import lock_and_look
from cases.models import Case, Handling, HandlingState
from cases.stages import ClockKind, Stage, Verb
from core.errors import NotAllowed
from grid.models import Department
from people.accounts import load_actor
from people.models import Post
from people.roles import Role
from tests.cases.handling.looks import bare, clocks, last_event, last_notices, refused
from tests.make import CITY_WORKS, GREEN, WORKS, Town, photos

OPEN, REFUSED, FINISHED = HandlingState.OPEN, HandlingState.REFUSED, HandlingState.FINISHED
WITHDRAWN, PASSED, FAILED = HandlingState.WITHDRAWN, HandlingState.PASSED, HandlingState.FAILED


def joint(town: Town, *assist: str, stage: Stage = Stage.DISPATCHED) -> Case:
    """A case that 市政所 leads and the others, 绿化所 unless named, assist at."""
    case = town.case(Stage.PENDING_DISPATCH)
    town.do(Verb.DISPATCH, case, assist=list(assist) or [GREEN])
    if stage is Stage.HANDLING:
        town.do(Verb.SIGN, case)
        town.do(Verb.SIGN, case, "green_handler")
    return case


def parts(town: Town, case: Case) -> dict[str | None, tuple[HandlingState, bool | None]]:
    """State and whether in time of each department's turn in the last round, by the department's code."""
    rows = town.session.execute(
        select(Department.code, Handling)
        .select_from(Handling)
        .outerjoin(Department, Department.id == Handling.department_id)
        .where(Handling.case_id == case.id, Handling.round == case.round)
    )
    return {code: (turn.state, turn.on_time) for code, turn in rows}


def can(town: Town, case: Case, by: str) -> set[str]:
    seen = lock_and_look(town.session, case.no, now=town.now, settings=town.settings)
    assert seen is not None
    return {"sign", "refuse", "finish", "dispatch"} & set(allowed_verbs(town[by], seen))


# --- who is asked -----------------------------------------------------------------------------------------------------


def test_lead_and_assisting_departments_get_a_turn_each_and_are_told(town: Town) -> None:
    case = joint(town)
    assert case.joint
    assert parts(town, case) == {WORKS: (OPEN, None), GREEN: (OPEN, None)}
    leads = town.session.scalars(select(Handling.department_id).where(Handling.case_id == case.id, Handling.lead))
    assert list(leads) == [town.departments[WORKS].id]
    told = {(one.department_id, one.role) for one in last_notices(town, case)}
    assert told == {(town.departments[code].id, Role.HANDLER) for code in (WORKS, GREEN)}
    assert [one["code"] for one in last_event(town, case).data["assist"]] == [GREEN]


@pytest.mark.parametrize(
    ("assist", "faults"),
    [
        ("t-green", {"assist": "not_list"}),
        ([7], {"assist": "not_list"}),
        (["nobody", GREEN, WORKS], {"assist.0": "no_department_here", "assist.2": "leads_itself"}),
        (["x"] * 9, {"assist": "too_many"}),
    ],
)
def test_assisting_departments_are_others_of_the_place(town: Town, assist: Any, faults: dict[str, str]) -> None:
    assert refused(town, Verb.DISPATCH, town.case(Stage.PENDING_DISPATCH), assist=assist) == faults


@pytest.mark.parametrize("assist", [[], None])
def test_without_assisting_departments_the_case_is_one_departments_own(town: Town, assist: list[str] | None) -> None:
    case = town.case(Stage.PENDING_DISPATCH)
    town.do(Verb.DISPATCH, case, assist=assist)
    assert not case.joint
    assert "assist" not in last_event(town, case).data


def test_the_centre_itself_may_lead_with_departments_at_its_side(town: Town) -> None:
    case = town.case(Stage.PENDING_DISPATCH)
    town.do(Verb.DISPATCH, case, department=None, assist=[GREEN, GREEN])
    assert parts(town, case) == {None: (OPEN, None), GREEN: (OPEN, None)}
    town.do(Verb.SIGN, case, "green_handler")
    assert case.stage is Stage.DISPATCHED
    town.do(Verb.SIGN, case, "handler")
    assert case.stage is Stage.HANDLING


def test_where_the_centre_leads_its_handlers_of_no_department_speak_for_it(town: Town) -> None:
    case = town.case(Stage.PENDING_DISPATCH)
    town.do(Verb.DISPATCH, case, department=None, assist=[GREEN])
    town.session.execute(update(Post).where(Post.person_id == town["handler"].person_id).values(department_id=None))
    town.people["own_handler"] = load_actor(town.session, town["handler"].person_id or 0)
    town.do(Verb.SIGN, case, "own_handler")
    assert last_event(town, case).data["department"] is None
    assert case.stage is Stage.HANDLING


# --- parts ------------------------------------------------------------------------------------------------------------


def test_an_assisting_department_signs_for_its_own_part_alone(town: Town) -> None:
    case = joint(town)
    town.do(Verb.SIGN, case, "green_handler", note="收到")
    assert case.stage is Stage.DISPATCHED
    event = last_event(town, case)
    assert (event.outcome, event.data["department"]["code"], event.data["note"]) == ("part", GREEN, "收到")
    assert last_notices(town, case)[0].kind != "signed", "nobody waits for that"
    town.do(Verb.SIGN, case)
    assert case.stage is Stage.HANDLING
    assert last_event(town, case).data["department"]["code"] == WORKS


def test_an_assisting_department_may_be_later_than_the_lead(town: Town) -> None:
    case = joint(town)
    town.do(Verb.SIGN, case)
    assert can(town, case, "green_handler") == {"sign", "refuse"}
    town.do(Verb.SIGN, case, "green_handler")
    assert can(town, case, "green_handler") == {"finish"}
    assert case.stage is Stage.HANDLING


def test_the_case_is_handled_when_the_last_part_is_done_whoever_does_it(town: Town) -> None:
    case = joint(town, stage=Stage.HANDLING)
    town.do(Verb.FINISH, case, text="井盖已换")
    assert (case.stage, case.handled_at) == (Stage.HANDLING, None)
    assert parts(town, case) == {WORKS: (FINISHED, True), GREEN: (OPEN, None)}
    assert last_event(town, case).outcome == "part"
    assert {one.kind for one in last_notices(town, case)} == {"part_done"}
    assert ClockKind.HANDLE in clocks(town, case), "the limit is that of the whole"
    town.move(minutes=5)
    town.do(Verb.FINISH, case, "green_handler")
    assert (case.stage, case.handled_at, case.handled_on_time) == (Stage.HANDLED, town.now, True)
    assert parts(town, case) == {WORKS: (FINISHED, True), GREEN: (FINISHED, True)}


def test_an_assisting_department_may_be_done_before_the_lead_has_signed(town: Town) -> None:
    case = joint(town)
    town.do(Verb.SIGN, case, "green_handler")
    town.do(Verb.FINISH, case, "green_handler")
    assert case.stage is Stage.DISPATCHED
    assert can(town, case, "green_handler") == set()
    town.do(Verb.SIGN, case)
    town.do(Verb.FINISH, case)
    assert case.stage is Stage.HANDLED


def test_a_part_that_came_too_late_is_late_and_so_is_the_whole(town: Town) -> None:
    case = joint(town, stage=Stage.HANDLING)
    town.do(Verb.FINISH, case)
    town.move(days=30)
    town.do(Verb.FINISH, case, "green_handler")
    assert parts(town, case) == {WORKS: (FINISHED, True), GREEN: (FINISHED, False)}
    assert case.handled_on_time is False


def test_a_late_part_before_the_last_is_late_as_well(town: Town) -> None:
    case = joint(town, stage=Stage.HANDLING)
    town.move(days=30)
    town.do(Verb.FINISH, case, "green_handler")
    assert last_event(town, case).data["on_time"] is False
    assert parts(town, case)[GREEN] == (FINISHED, False)


def test_who_was_slower_is_told_that_another_part_was_done(town: Town) -> None:
    case = joint(town, stage=Stage.HANDLING)
    version = case.version
    town.do(Verb.FINISH, case, "green_handler")
    with pytest.raises(StaleVersion) as refusal:
        perform(
            town.session, town["handler"], case.no, Verb.FINISH, {"photos": photos(2)},
            version=version, now=town.now, settings=town.settings,
        )  # fmt: skip
    assert refusal.value.data["differs"] == [{"field": "part", "yours": None, "now": "finished"}]


def test_a_part_needs_its_photos_like_the_whole(town: Town) -> None:
    case = joint(town, stage=Stage.HANDLING)
    assert refused(town, Verb.FINISH, case, "green_handler", photos=[]) == {"photos": "too_few_photos"}


# --- what is not possible ---------------------------------------------------------------------------------------------


def test_what_was_signed_for_is_neither_signed_again_nor_returned(town: Town) -> None:
    case = joint(town, stage=Stage.HANDLING)
    for verb in (Verb.SIGN, Verb.REFUSE):
        for by in ("handler", "green_handler"):
            with pytest.raises(AlreadySigned):
                town.do(verb, case, by)
    assert can(town, case, "handler") == {"finish"}


def test_nobody_finishes_before_they_have_signed(town: Town) -> None:
    case = joint(town)
    for by in ("handler", "green_handler"):
        with pytest.raises(SignFirst):
            town.do(Verb.FINISH, case, by)


def test_who_is_done_waits_for_the_others(town: Town) -> None:
    case = joint(town, stage=Stage.HANDLING)
    town.do(Verb.FINISH, case)
    with pytest.raises(PartDone):
        town.do(Verb.FINISH, case)
    assert can(town, case, "handler") == set()


def test_after_its_part_an_assisting_department_has_nothing_to_do_with_the_case(town: Town) -> None:
    case = joint(town, stage=Stage.HANDLING)
    town.do(Verb.FINISH, case, "green_handler")
    with pytest.raises(NotAllowed):
        town.do(Verb.FINISH, case, "green_handler")
    town.do(Verb.FINISH, case)
    with pytest.raises(WrongStage):
        town.do(Verb.FINISH, case)


def test_who_works_in_two_departments_speaks_for_the_one_that_has_something_left_to_do(town: Town) -> None:
    both, works = town["green_handler"], town.departments[WORKS]
    town.session.add(
        Post(person_id=both.person_id, role=Role.HANDLER, centre_id=works.centre_id, department_id=works.id)
    )
    town.session.flush()
    town.people["both"] = load_actor(town.session, both.person_id or 0)
    case = joint(town)
    for verb in (Verb.SIGN, Verb.SIGN):
        town.do(verb, case, "both")
    assert can(town, case, "both") == {"finish"}
    town.do(Verb.FINISH, case, "both")
    assert case.stage is Stage.HANDLING
    town.do(Verb.FINISH, case, "both")
    assert case.stage is Stage.HANDLED


# --- returns ----------------------------------------------------------------------------------------------------------


def test_an_assisting_department_returns_its_own_part_and_the_others_go_on(town: Town) -> None:
    case = joint(town)
    town.do(Verb.REFUSE, case, "green_handler", reason="此处没有树")
    assert case.stage is Stage.DISPATCHED
    assert parts(town, case) == {WORKS: (OPEN, None), GREEN: (REFUSED, None)}
    assert {one.kind for one in last_notices(town, case)} == {"part_refused"}
    town.do(Verb.SIGN, case)
    town.do(Verb.FINISH, case)
    assert case.stage is Stage.HANDLED, "a part that was returned keeps nobody waiting"


def test_when_the_last_open_part_is_returned_the_lead_says_that_all_is_done(town: Town) -> None:
    case = joint(town)
    town.do(Verb.SIGN, case)
    town.do(Verb.FINISH, case)
    finished_at = town.now
    town.move(minutes=5)
    town.do(Verb.REFUSE, case, "green_handler")
    assert case.stage is Stage.HANDLING
    town.do(Verb.FINISH, case, photos=[])
    assert (case.stage, case.handled_at) == (Stage.HANDLED, town.now)
    turn = town.session.scalars(select(Handling).where(Handling.case_id == case.id, Handling.lead)).one()
    assert (turn.state, turn.ended_at, turn.on_time) == (FINISHED, finished_at, True)


def test_when_the_lead_returns_the_case_every_turn_ends_with_it(town: Town) -> None:
    case = joint(town)
    town.do(Verb.SIGN, case, "green_handler")
    town.do(Verb.REFUSE, case)
    assert case.stage is Stage.PENDING_DISPATCH
    assert parts(town, case) == {WORKS: (REFUSED, None), GREEN: (WITHDRAWN, None)}
    town.do(Verb.DISPATCH, case, department=GREEN)
    assert not case.joint
    assert parts(town, case) == {GREEN: (OPEN, None)}


def test_what_is_passed_up_is_withdrawn_from_all(town: Town) -> None:
    case = joint(town, stage=Stage.HANDLING)
    town.do(Verb.FINISH, case, "green_handler")
    town.do(Verb.PASS_UP, case)
    assert parts(town, case) == {WORKS: (WITHDRAWN, None), GREEN: (FINISHED, True)}
    with pytest.raises(NotAllowed):
        town.do(Verb.DISPATCH, case)


# --- the check --------------------------------------------------------------------------------------------------------


def checked(town: Town, outcome: str) -> Case:
    case = joint(town, GREEN, CITY_WORKS, stage=Stage.HANDLING)
    town.do(Verb.REFUSE, case, "city_handler")
    town.do(Verb.FINISH, case, "green_handler")
    town.do(Verb.FINISH, case)
    town.do(Verb.SEND_CHECK, case)
    town.do(Verb.CHECK, case, outcome=outcome, text="还缺一块", photos=photos())
    return case


def test_a_passed_check_is_every_parts(town: Town) -> None:
    case = checked(town, "passed")
    assert parts(town, case) == {WORKS: (PASSED, True), GREEN: (PASSED, True), CITY_WORKS: (REFUSED, None)}


def test_after_a_failed_check_the_same_departments_are_asked_unless_others_are_named(town: Town) -> None:
    case = checked(town, "failed")
    assert parts(town, case) == {WORKS: (FAILED, True), GREEN: (FAILED, True), CITY_WORKS: (REFUSED, None)}
    told = {one.department_id for one in last_notices(town, case)}
    assert {town.departments[WORKS].id, town.departments[GREEN].id} <= told
    bare(town, "dispatcher", case, Verb.DISPATCH)
    assert parts(town, case) == {WORKS: (OPEN, None), GREEN: (OPEN, None)}


def test_after_a_failed_check_a_named_department_comes_alone(town: Town) -> None:
    case = checked(town, "failed")
    town.do(Verb.DISPATCH, case)
    assert parts(town, case) == {WORKS: (OPEN, None)}
    assert not case.joint
