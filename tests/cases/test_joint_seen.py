"""How joint work, units, two limits and orders are seen: in lists, by measures, and on the case's own page."""

from typing import Any

import pytest
from sqlalchemy import select

from cases.detail import show_case
from cases.measures import MEASURES, condition
from cases.models import Case
from cases.search import Filters, count_cases, count_queues, list_cases
from cases.stages import ClockKind, Stage, Verb
from cases.workdays import Unit
from tests.cases.handling.looks import add_unit
from tests.make import GREEN, RUBBISH, WORKS, Town, conditions


def listed(town: Town, by: str, **filters: Any) -> list[str]:
    page = list_cases(town.session, town[by], Filters(**filters), now=town.now)
    return [item["no"] for item in page.items]


def shown(town: Town, case: Case, by: str) -> dict[str, Any]:
    return show_case(town.session, town[by], case.no, now=town.now, settings=town.settings)


@pytest.fixture
def joint(town: Town) -> Case:
    return town.do(Verb.DISPATCH, town.case(Stage.PENDING_DISPATCH), assist=[GREEN])


# --- lists ------------------------------------------------------------------------------------------------------------


def test_a_joint_case_waits_for_all_its_departments_until_each_is_done(town: Town, joint: Case) -> None:
    others = town.case(Stage.DISPATCHED)
    assert listed(town, "green_handler", mine=True) == [joint.no]
    assert set(listed(town, "handler", mine=True)) == {joint.no, others.no}
    town.do(Verb.SIGN, joint, "green_handler")
    assert listed(town, "green_handler", mine=True) == [joint.no]
    town.do(Verb.FINISH, joint, "green_handler")
    assert listed(town, "green_handler", mine=True) == []
    assert listed(town, "green_handler", mine=False, open=True).count(joint.no) == 1


def test_the_desk_counts_what_lists_show(town: Town, joint: Case) -> None:
    refusals = town.settings.handling.refusals_most
    counts = count_queues(town.session, town["green_handler"], now=town.now, refusals_most=refusals)
    assert counts["mine"] == count_cases(town.session, town["green_handler"], Filters(mine=True), now=town.now) == 1
    assert joint.joint


def test_a_units_work_waits_for_the_unit_and_its_department(town: Town) -> None:
    add_unit(town, "t-works-1", WORKS, "squad_handler")
    case = town.case(Stage.HANDLING)
    assert listed(town, "squad_handler", mine=True) == []
    town.do(Verb.DISPATCH, case, "works_head", department="t-works-1")
    assert listed(town, "squad_handler", mine=True) == listed(town, "handler", mine=True) == [case.no]


def test_a_department_lists_what_it_assists_at_but_is_measured_by_what_it_leads(town: Town, joint: Case) -> None:
    assert listed(town, "dispatcher", department=GREEN) == [joint.no]
    assert listed(town, "dispatcher", department=WORKS) == [joint.no]
    assert listed(town, "dispatcher", department=GREEN, measure="report_num") == []
    assert listed(town, "dispatcher", department=WORKS, measure="report_num") == [joint.no]
    town.do(Verb.REFUSE, joint, "green_handler")
    assert listed(town, "dispatcher", department=GREEN) == []


def test_parts_do_not_make_a_case_one_that_was_sent_elsewhere_or_reworked(town: Town) -> None:
    case = town.do(Verb.DISPATCH, town.case(Stage.PENDING_DISPATCH), assist=[GREEN])
    for by in ("handler", "green_handler"):
        town.do(Verb.SIGN, case, by)
        town.do(Verb.FINISH, case, by)
    town.do(Verb.SEND_CHECK, case)
    town.do(Verb.CHECK, case, outcome="failed", text="没修好")
    town.do(Verb.DISPATCH, case, department=GREEN, assist=[WORKS])
    counted = {name for name in MEASURES if town.session.scalar(select(Case.id).where(condition(name, now=town.now)))}
    assert {name for name in counted if "rework" in name} == set()


# --- the case's own page ----------------------------------------------------------------------------------------------


def test_the_page_shows_every_turn_and_which_leads(town: Town, joint: Case) -> None:
    turns = shown(town, joint, "green_handler")["handlings"]
    assert [(one["department"]["code"], one["lead"]) for one in turns] == [(WORKS, True), (GREEN, False)]


def test_the_page_foretells_the_persons_own_part(town: Town, joint: Case) -> None:
    effects = shown(town, joint, "green_handler")["effects"]
    assert effects["sign"]["to"] == "dispatched"
    assert set(effects["sign"]["outcomes"]) == {"part"}
    effects = shown(town, joint, "handler")["effects"]
    assert (effects["sign"]["to"], effects["sign"]["outcomes"]) == ("handling", {})
    assert effects["refuse"]["to"] == "pending_dispatch"


def test_the_page_foretells_the_second_limit(town: Town) -> None:
    case = town.case(Stage.HANDLING)
    filed_by = conditions(town.session, case)[0]
    filed_by.then_limit, filed_by.then_unit = 5, Unit.WORK_DAY
    town.session.flush()
    effects = shown(town, case, "handler")["effects"]
    town.do(Verb.FINISH, case)
    assert effects["finish"]["to"] == case.stage
    assert effects["finish"]["clock"] == {"kind": "handle", "due_at": case.due_at}
    page = shown(town, case, "handler")
    assert page["then"]
    assert page["step"] == 2


def test_the_page_shows_an_order_with_its_clock_and_light(town: Town) -> None:
    case = town.case(Stage.HANDLING, category=RUBBISH)
    town.do(Verb.SUPERVISE, case, text="请说明", reply_minutes=600)
    town.move(hours=1)
    page = shown(town, case, "shift_lead")
    [order] = page["orders"]
    assert (order["kind"], order["rung"], order["text"]) == ("superior", "order", "请说明")
    assert (order["issued_by"], order["replied_by"], order["open"]) == ("district_shift_lead", None, True)
    assert (order["clock"]["kind"], order["clock"]["light"]) == (ClockKind.REPLY, "green")
    assert (order["clock"]["limit_minutes"], order["clock"]["used_minutes"]) == (600, 60)
    assert order["clock"]["due_at"] == order["reply_due_at"]
    assert "reply_supervision" in page["allowed_verbs"]
    assert page["clock"]["kind"] == ClockKind.HANDLE
    effects = page["effects"]
    assert effects["reply_supervision"] == {"to": "handling", "clock": {"kind": "handle", "due_at": case.due_at}}
    town.do(Verb.REPLY_SUPERVISION, case)
    [order] = shown(town, case, "shift_lead")["orders"]
    assert (order["replied_by"], order["open"]) == ("shift_lead", False)
    assert (order["clock"]["light"], order["clock"]["on_time"]) == ("none", True)


def test_units_to_choose_from_are_those_of_the_lead(town: Town) -> None:
    add_unit(town, "t-works-1", WORKS, "squad_handler")
    add_unit(town, "t-green-1", GREEN, "green_squad")
    case = town.case(Stage.HANDLING)
    page = shown(town, case, "works_head")
    assert [one["code"] for one in page["units"]] == ["t-works-1"]
    assert "dispatch" in page["allowed_verbs"]
