"""More time for the work (延期): asked before the deadline, approved one after the other, and what the clock makes."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

from cases.errors import (
    AlreadyAsked,
    DeadlinePassed,
    NoMoreExtensions,
    NothingAsked,
    NotYourTurn,
    OwnRequest,
    StaleVersion,
    WrongStage,
)
from cases.handling import allowed_verbs, lock_and_look
from cases.handling.requests import approvers, check_approvals
from cases.models import Approver, Case, ClockState, Handling, Request, RequestKind, RequestState
from cases.stages import ClockKind, Stage, Verb
from core.errors import NotAllowed
from core.settings import Approvals, BadSettings, Settings
from people.models import Post
from people.roles import Role
from tests.cases.handling.looks import clock, clocks, last_event, last_notices, refused
from tests.cases.handling.test_two_steps import burst
from tests.make import GREEN, RUBBISH, WORKS, Town, conditions

ASK, DECIDE = Verb.REQUEST_EXTENSION, Verb.DECIDE_EXTENSION


def asked(town: Town, case: Case) -> list[tuple[RequestState, Approver | None]]:
    rows = town.session.scalars(select(Request).where(Request.case_id == case.id).order_by(Request.id))
    return [(one.state, one.awaits) for one in rows]


def grant(town: Town, case: Case, **fields: Any) -> Case:
    """Both approvals, one after the other."""
    town.do(DECIDE, case, "works_head", **fields)
    return town.do(DECIDE, case, "dispatcher", **fields)


def verbs(town: Town, case: Case, by: str) -> list[str]:
    seen = lock_and_look(town.session, case.no, now=town.now, settings=town.settings)
    assert seen is not None
    return allowed_verbs(town[by], seen)


def test_an_extension_is_approved_by_the_departments_head_and_then_by_the_dispatcher(town: Town) -> None:
    case = town.case(Stage.HANDLING, category=RUBBISH)
    due = case.handle_due_at
    assert due is not None
    town.move(hours=1)
    town.do(ASK, case, reason="等备件")
    assert asked(town, case) == [(RequestState.OPEN, Approver.DEPARTMENT_LEADER)]
    [notice] = last_notices(town, case)
    assert (notice.kind, notice.role, notice.department_id) == (
        "extension_asked", Role.LEADER, town.departments[WORKS].id,
    )  # fmt: skip
    assert notice.data == {"reason": "等备件", "limit": 4, "unit": "work_hour"}
    town.do(DECIDE, case, "works_head")
    assert (last_event(town, case).outcome, case.handle_due_at) == ("endorsed", due)
    assert asked(town, case) == [(RequestState.OPEN, Approver.DISPATCHER)]
    assert [notice.role for notice in last_notices(town, case)] == [Role.DISPATCHER]
    town.do(DECIDE, case, "dispatcher")
    assert asked(town, case) == [(RequestState.GRANTED, None)]
    assert last_event(town, case).outcome == "granted"
    told = {(notice.person_id, notice.role) for notice in last_notices(town, case)}
    assert told == {(town["handler"].person_id, None), (None, Role.HANDLER)}
    assert clocks(town, case) == {ClockKind.HANDLE: (ClockState.RUNNING, 2)}
    assert case.handle_due_at == case.due_at > due
    longer = clock(town, case, ClockKind.HANDLE)
    assert (longer.limit_seconds, longer.started_at) == (8 * 3600, clock(town, case, ClockKind.SIGN).started_at)
    turn = town.session.scalars(select(Handling).where(Handling.case_id == case.id)).one()
    assert turn.due_at == case.handle_due_at


def test_an_extension_counts_from_the_deadline_and_not_from_now(town: Town) -> None:
    case = town.case(Stage.HANDLING)
    due = case.handle_due_at
    assert due is not None
    town.do(ASK, case, limit=1)
    town.move(hours=5)
    grant(town, case)
    assert case.handle_due_at == due + timedelta(hours=1), "decided late, it is the same hour"


def test_more_time_is_asked_for_before_the_deadline(town: Town) -> None:
    case = town.case(Stage.HANDLING)
    assert case.handle_due_at is not None
    town.now = case.handle_due_at
    assert ASK in verbs(town, case, "handler")
    town.move(seconds=1)
    assert ASK not in verbs(town, case, "handler")
    with pytest.raises(DeadlinePassed) as refusal:
        town.do(ASK, case)
    assert refusal.value.data == {"due_at": "2026-03-10T03:30:00Z"}


def test_one_request_waits_at_a_time_and_two_are_granted_a_limit(town: Town) -> None:
    case = town.case(Stage.HANDLING, category=RUBBISH)
    town.do(ASK, case)
    with pytest.raises(AlreadyAsked) as already:
        town.do(ASK, case)
    assert already.value.data == {"kind": "extension", "awaits": "department_leader"}
    town.do(DECIDE, case, outcome="denied", reason="人手足够")
    town.do(ASK, case)
    grant(town, case)
    town.do(ASK, case)
    grant(town, case)
    assert [state for state, _ in asked(town, case)] == [
        RequestState.DENIED, RequestState.GRANTED, RequestState.GRANTED,
    ]  # fmt: skip
    with pytest.raises(NoMoreExtensions) as refusal:
        town.do(ASK, case)
    assert refusal.value.data == {"most": 2}
    for verb in (Verb.FINISH, Verb.SEND_CHECK):
        town.do(verb, case)
    town.do(Verb.CHECK, case, outcome="failed", text="没修好")
    for verb in (Verb.DISPATCH, Verb.SIGN, ASK):
        town.do(verb, case)
    assert asked(town, case)[-1][0] is RequestState.OPEN, "another limit begins anew"


def test_whoever_denies_says_why_and_the_clock_goes_on(town: Town) -> None:
    case = town.case(Stage.HANDLING)
    due = case.handle_due_at
    town.do(ASK, case)
    assert refused(town, DECIDE, case, outcome="denied") == {"reason": "required"}
    assert refused(town, DECIDE, case, outcome=None) == {"outcome": "required"}
    assert refused(town, DECIDE, case, outcome="endorsed") == {"outcome": "not_one_of"}
    town.do(DECIDE, case, outcome="denied", reason="人手足够")
    assert asked(town, case) == [(RequestState.DENIED, None)]
    assert (case.handle_due_at, clocks(town, case)) == (due, {ClockKind.HANDLE: (ClockState.RUNNING, 1)})
    assert {notice.kind for notice in last_notices(town, case)} == {"extension_denied"}
    assert last_event(town, case).data["reason"] == "人手足够"


def test_at_most_the_original_limit_is_asked_for_and_less_may_be_granted(town: Town) -> None:
    case = town.case(Stage.HANDLING, category=RUBBISH)
    before = clock(town, case, ClockKind.HANDLE).limit_seconds
    for limit, code in ((0, "limit_out_of_reach"), (5, "limit_out_of_reach"), ("1", "not_whole_number")):
        assert refused(town, ASK, case, limit=limit) == {"limit": code}
    assert refused(town, ASK, case, reason=None) == {"reason": "required"}
    town.do(ASK, case, limit=3)
    assert refused(town, DECIDE, case, limit=4) == {"limit": "limit_out_of_reach"}
    town.do(DECIDE, case, "works_head", limit=2)
    assert refused(town, DECIDE, case, "dispatcher", limit=3) == {"limit": "limit_out_of_reach"}
    town.do(DECIDE, case, "dispatcher", limit=1)
    assert clock(town, case, ClockKind.HANDLE).limit_seconds == before + 3600
    row = town.session.scalars(select(Request)).one()
    assert row.data == {"limit": 1, "unit": "work_hour", "seconds": 3600}
    assert [(one["by"], one["outcome"], one["name"]) for one in row.approvals] == [
        ("department_leader", "endorsed", "works_head"), ("dispatcher", "granted", "dispatcher"),
    ]  # fmt: skip


def test_who_is_not_awaited_is_told_whose_turn_it_is(town: Town) -> None:
    case = town.case(Stage.HANDLING)
    with pytest.raises(NothingAsked):
        town.do(DECIDE, case)
    town.do(ASK, case)
    assert DECIDE not in verbs(town, case, "dispatcher")
    with pytest.raises(NotYourTurn) as refusal:
        town.do(DECIDE, case, "dispatcher")
    assert refusal.value.data == {"kind": "extension", "awaits": "department_leader"}
    town.do(DECIDE, case, "works_head")
    with pytest.raises(NotYourTurn):
        town.do(DECIDE, case, "works_head")
    for other in ("leader", "green_handler", "shift_lead"):
        with pytest.raises(NotAllowed):
            town.do(DECIDE, case, other)


def test_who_holds_several_posts_acts_by_the_one_that_is_awaited(town: Town) -> None:
    case = town.case(Stage.HANDLING)
    town.do(ASK, case)
    head, dispatcher = town["works_head"], town["dispatcher"]
    town.people["both"] = replace(head, seats=(*dispatcher.seats, *head.seats))
    town.do(DECIDE, case, "both")
    assert asked(town, case) == [(RequestState.OPEN, Approver.DISPATCHER)]
    assert last_event(town, case).role == Role.LEADER


def test_nobody_approves_twice_whatever_posts_they_hold(town: Town) -> None:
    case = town.case(Stage.HANDLING)
    town.do(ASK, case)
    head, dispatcher = town["works_head"], town["dispatcher"]
    town.people["both"] = replace(head, seats=(*dispatcher.seats, *head.seats))
    town.do(DECIDE, case, "both")
    assert DECIDE not in verbs(town, case, "both")
    for decision in ({}, {"outcome": "denied", "reason": "不必"}):
        with pytest.raises(OwnRequest) as refusal:
            town.do(DECIDE, case, "both", **decision)
    assert refusal.value.data == {"kind": "extension", "awaits": "dispatcher"}
    town.do(DECIDE, case, "dispatcher")
    assert asked(town, case) == [(RequestState.GRANTED, None)]


@pytest.mark.parametrize("kind", ["extension", "suspension", "appeal"])
def test_who_asked_does_not_approve_whatever_posts_they_hold(town: Town, kind: str) -> None:
    case = town.case(Stage.CLOSED if kind == "appeal" else Stage.HANDLING)
    case.handled_on_time = None if kind != "appeal" else False
    ask = Verb.APPEAL if kind == "appeal" else Verb(f"request_{kind}")
    posts = ("handler", "works_head", "dispatcher")
    town.people["all"] = replace(town["handler"], seats=tuple(seat for name in posts for seat in town[name].seats))
    town.do(ask, case, "all")
    with pytest.raises(OwnRequest):
        town.do(Verb(f"decide_{kind}"), case, "all")
    town.do(Verb(f"decide_{kind}"), case)


def test_a_post_that_nobody_holds_is_left_out_but_never_the_last(town: Town) -> None:
    headless = town.case(Stage.PENDING_DISPATCH)
    town.do(Verb.DISPATCH, headless, department=GREEN)
    town.do(Verb.SIGN, headless, "green_handler")
    town.do(ASK, headless, "green_handler")
    assert asked(town, headless) == [(RequestState.OPEN, Approver.DISPATCHER)]
    nobodys = town.case(Stage.PENDING_DISPATCH)
    town.do(Verb.DISPATCH, nobodys, department=None)
    town.do(Verb.SIGN, nobodys)
    town.do(ASK, nobodys)
    assert asked(town, nobodys) == [(RequestState.OPEN, Approver.DISPATCHER)], "the centre itself has no head"
    alone = town.case(Stage.HANDLING)
    town.session.execute(delete(Post).where(Post.role.in_([Role.DISPATCHER, Role.LEADER])))
    town.do(ASK, alone)
    assert asked(town, alone) == [(RequestState.OPEN, Approver.DISPATCHER)]
    assert [notice.centre_id for notice in last_notices(town, alone)] == [alone.centre_id]


def test_what_nobody_has_decided_lapses_when_the_case_goes_on(town: Town) -> None:
    case = town.case(Stage.HANDLING)
    town.do(ASK, case)
    town.do(Verb.FINISH, case)
    assert asked(town, case) == [(RequestState.LAPSED, None)]
    event = last_event(town, case)
    assert event.data["lapsed"] == ["extension"]
    assert event.data["changed"]["request_extension"] == ["department_leader", "lapsed"]
    with pytest.raises(WrongStage):
        town.do(DECIDE, case)


def test_settings_that_change_meanwhile_leave_the_last_word_to_the_last_approver(town: Town) -> None:
    case = town.case(Stage.HANDLING)
    town.do(ASK, case)
    town.settings = replace(town.settings, approvals=Approvals(extension=("dispatcher",)))
    town.do(DECIDE, case, "works_head")
    assert asked(town, case) == [(RequestState.OPEN, Approver.DISPATCHER)]
    town.do(DECIDE, case, "dispatcher")
    assert asked(town, case) == [(RequestState.GRANTED, None)]


def test_a_decision_is_seen_by_who_was_slower(town: Town) -> None:
    case = town.case(Stage.HANDLING)
    town.do(ASK, case)
    version = case.version
    town.do(DECIDE, case, outcome="denied", reason="不必")
    case.version, after = version, case.version
    town.session.expunge(case)
    with pytest.raises(StaleVersion) as refusal:
        town.do(DECIDE, case)
    assert refusal.value.data["version"] == after
    assert refusal.value.data["differs"] == [
        {"field": "request_extension", "yours": "department_leader", "now": "denied"}
    ]


@pytest.mark.parametrize("named", [(), ("dispatcher", "dispatcher"), ("leader",), ("mayor",)])
def test_settings_name_each_once_and_only_who_may_decide(settings: Settings, named: tuple[str, ...]) -> None:
    check_approvals(settings)
    with pytest.raises(BadSettings):
        check_approvals(replace(settings, approvals=Approvals(extension=named)))
    assert approvers(RequestKind.CANCEL, settings) == (Approver.SHIFT_LEAD,)


def test_each_of_two_limits_in_a_row_is_extended_on_its_own(town: Town) -> None:
    case = burst(town)
    town.do(ASK, case)
    assert town.session.scalars(select(Request)).one().data["unit"] == "urgent_hour"
    town.do(Verb.FINISH, case)
    assert asked(town, case) == [(RequestState.LAPSED, None)], "it was meant for the first"
    assert refused(town, ASK, case, limit=6) == {"limit": "limit_out_of_reach"}
    town.do(ASK, case, limit=2)
    grant(town, case)
    assert clock(town, case, ClockKind.HANDLE).limit_seconds == 7 * 8 * 3600


def test_a_case_without_a_limit_has_none_to_extend(town: Town) -> None:
    case = town.case(Stage.HANDLING)
    case.handle_due_at = None
    assert ASK not in verbs(town, case, "handler")


def other_condition(town: Town, case: Case, position: int) -> Case:
    """The case under another condition of its category, handled by whom it is handled."""
    wanted = conditions(town.session, case)[position]
    return town.do(Verb.RECATEGORISE, case, category_code=case.category_code, condition_id=wanted.id)


def test_a_request_for_more_of_one_limit_lapses_when_another_condition_brings_another(town: Town) -> None:
    case = town.case(Stage.HANDLING, limit=1)
    town.do(ASK, case)
    other_condition(town, case, 0)
    assert (case.stage, asked(town, case)) == (Stage.HANDLING, [(RequestState.LAPSED, None)])
    assert last_event(town, case).data["lapsed"] == ["extension"]
    with pytest.raises(NothingAsked):
        town.do(DECIDE, case)
    town.do(ASK, case)
    grant(town, case)
    assert clock(town, case, ClockKind.HANDLE).limit_seconds == 2 * 2 * 3600, "at most the new limit once more"


def test_what_waits_beside_more_time_does_not_lapse_with_the_condition(town: Town) -> None:
    case = town.case(Stage.HANDLING, limit=1)
    town.do(Verb.REQUEST_SUSPENSION, case)
    other_condition(town, case, 0)
    assert asked(town, case) == [(RequestState.OPEN, Approver.DISPATCHER)]


def twice(town: Town, case: Case) -> Case:
    """As often as it is granted."""
    for _ in range(2):
        town.do(ASK, case, limit=1)
        grant(town, case)
    with pytest.raises(NoMoreExtensions):
        town.do(ASK, case)
    return case


def test_extensions_of_another_condition_count_no_more(town: Town) -> None:
    case = twice(town, town.case(Stage.HANDLING, limit=1))
    other_condition(town, case, 0)
    twice(town, case)
    other_condition(town, case, 1)
    twice(town, case)


def test_the_same_department_that_gets_a_case_again_has_had_its_extensions(town: Town) -> None:
    case = twice(town, town.case(Stage.HANDLING, category=RUBBISH))
    town.do(Verb.PASS_UP, case)
    town.do(Verb.DISPATCH, case, "district_dispatcher")
    town.do(Verb.SIGN, case)
    assert clocks(town, case)[ClockKind.HANDLE] == (ClockState.RUNNING, 3), "it goes on"
    with pytest.raises(NoMoreExtensions):
        town.do(ASK, case)


def test_another_department_has_extensions_of_its_own(town: Town) -> None:
    case = twice(town, town.case(Stage.HANDLING, category=RUBBISH))
    town.do(Verb.PASS_UP, case)
    town.do(Verb.DISPATCH, case, "district_dispatcher", department=GREEN)
    town.do(Verb.SIGN, case, "green_handler")
    town.do(ASK, case, "green_handler")
    assert asked(town, case)[-1][0] is RequestState.OPEN
