"""Work that has to wait (挂账): once a case, approved by two, resting until its day, back by itself or by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from cases.detail import show_case
from cases.errors import AlreadyAsked, NotYourTurn, SuspendedBefore
from cases.handling import perform
from cases.handling.resuming import SYSTEM, resume_due
from cases.models import Approver, Case, Category, ClockState, FilingCondition, Handling, HandlingState, RequestState
from cases.stages import ClockKind, Stage, Verb
from core.errors import NotAllowed
from people.roles import Role
from tests.cases.escalation.ladder import sweep
from tests.cases.handling.looks import clock, clocks, duty, last_event, last_notices, refused, turns, used
from tests.cases.handling.test_extending import asked, verbs
from tests.make import GREEN, PEOPLES_SQUARE, RUBBISH, SMALL_MATTER, Town, day_after, point

ASK, DECIDE = Verb.REQUEST_SUSPENSION, Verb.DECIDE_SUSPENSION


def suspended(town: Town, days: int = 30, **facts: Any) -> Case:
    case = town.case(Stage.HANDLING, **facts)
    town.do(ASK, case, resume_on=day_after(town.now, days))
    town.do(DECIDE, case, "dispatcher")
    return town.do(DECIDE, case, "leader")


def resume(town: Town, batch: int = 50) -> int:
    done, _ = resume_due(town.session, now=town.now, batch=batch, settings=town.settings)
    return done


def test_a_suspension_is_approved_by_the_dispatcher_and_then_by_the_leader(town: Town) -> None:
    case = town.case(Stage.HANDLING, category=RUBBISH)
    due = case.handle_due_at
    town.do(ASK, case, reason="等汛期过后", resume_on="2026-04-09")
    [notice] = last_notices(town, case)
    assert (notice.kind, notice.role) == ("suspension_asked", Role.DISPATCHER)
    assert notice.data == {"reason": "等汛期过后", "resume_on": "2026-04-09"}
    with pytest.raises(NotYourTurn):
        town.do(DECIDE, case, "leader")
    town.do(DECIDE, case, "dispatcher")
    assert asked(town, case) == [(RequestState.OPEN, Approver.LEADER)]
    assert (case.stage, last_event(town, case).outcome) == (Stage.HANDLING, "endorsed")
    with pytest.raises(NotAllowed):
        town.do(DECIDE, case, "works_head")
    town.move(minutes=30)
    town.do(DECIDE, case, "leader")
    assert (case.stage, case.due_at, case.paused) == (Stage.SUSPENDED, due, True)
    assert case.resume_at == datetime(2026, 4, 8, 16, 0, tzinfo=UTC), "midnight in Shanghai"
    assert clocks(town, case) == {ClockKind.HANDLE: (ClockState.PAUSED, 1)}
    paused = clock(town, case, ClockKind.HANDLE)
    assert (paused.segments[-1][2], paused.next_raise_at) == ("decide_suspension", None)
    told = {(notice.person_id, notice.role) for notice in last_notices(town, case)}
    assert told == {
        (town["handler"].person_id, None), (None, Role.HANDLER), (town["inspector"].person_id, None),
    }  # fmt: skip


def test_the_day_lies_ahead_and_within_a_year(town: Town) -> None:
    case = town.case(Stage.HANDLING)
    for day, code in (
        (day_after(town.now, 0), "not_after_today"), (day_after(town.now, 366), "too_many_days"), ("soon", "not_date"),
        (20260409, "not_date"), ("2026-02-30", "not_date"), ("20260409", "not_date"), (None, "required"),
    ):  # fmt: skip
        assert refused(town, ASK, case, resume_on=day) == {"resume_on": code}
    town.do(ASK, case, resume_on=day_after(town.now, 365))


def test_today_is_the_calendars_day_and_not_greenwichs(town: Town) -> None:
    case = town.case(Stage.HANDLING)
    town.now = datetime(2026, 3, 10, 17, 0, tzinfo=UTC)  # the 11th, one in the night, in Shanghai
    assert refused(town, ASK, case, resume_on="2026-03-11") == {"resume_on": "not_after_today"}
    town.do(ASK, case, resume_on="2026-03-12")


def test_who_approves_may_name_another_day(town: Town) -> None:
    case = town.case(Stage.HANDLING)
    town.do(ASK, case, resume_on="2026-04-09")
    town.do(DECIDE, case, "dispatcher", resume_on="2026-03-20")
    assert refused(town, DECIDE, case, "leader", resume_on="2026-03-10") == {"resume_on": "not_after_today"}
    town.do(DECIDE, case, "leader")
    assert case.resume_at == datetime(2026, 3, 19, 16, 0, tzinfo=UTC)


def test_a_day_that_came_while_nobody_decided_is_named_anew(town: Town) -> None:
    case = town.case(Stage.HANDLING)
    town.do(ASK, case, resume_on="2026-03-12")
    town.move(days=3)
    assert refused(town, DECIDE, case) == {"resume_on": "not_after_today"}
    town.do(DECIDE, case, outcome="denied", reason="已不需要", resume_on="2026-03-12")
    assert asked(town, case) == [(RequestState.DENIED, None)]


def test_a_case_is_suspended_once(town: Town) -> None:
    case = town.case(Stage.HANDLING)
    town.do(ASK, case)
    with pytest.raises(AlreadyAsked):
        town.do(ASK, case)
    assert refused(town, DECIDE, case, outcome="denied") == {"reason": "required"}
    town.do(DECIDE, case, outcome="denied", reason="现在就修")
    town.do(ASK, case)
    town.do(DECIDE, case, "dispatcher")
    town.do(DECIDE, case, "leader")
    town.do(Verb.RESUME, case)
    assert ASK not in verbs(town, case, "handler")
    with pytest.raises(SuspendedBefore):
        town.do(ASK, case)


def test_a_suspended_case_comes_back_on_its_day_by_itself(town: Town) -> None:
    case = suspended(town, category=RUBBISH)
    left = town.session.scalars(select(Handling).where(Handling.case_id == case.id)).one().due_at - town.now
    assert case.resume_at is not None
    town.now = case.resume_at - timedelta(seconds=1)
    assert resume(town) == 0
    town.now = datetime(2026, 4, 9, 0, 0, tzinfo=UTC)  # eight in the morning
    assert resume(town) == 1
    assert (case.stage, case.resume_at, case.paused) == (Stage.HANDLING, None, False)
    event = last_event(town, case)
    assert (event.verb, event.person_id, event.role) == ("resume", None, None)
    assert {notice.role for notice in last_notices(town, case)} == {Role.HANDLER, Role.DISPATCHER}
    turn = town.session.scalars(select(Handling).where(Handling.case_id == case.id)).one()
    assert turn.due_at == case.handle_due_at
    assert left == timedelta(hours=6), "with the lunch hour"
    assert case.handle_due_at == town.now + timedelta(hours=4)
    assert resume(town) == 0


def test_a_worker_that_comes_late_lengthens_no_deadline(town: Town) -> None:
    prompt, late = suspended(town, category=RUBBISH), suspended(town, category=RUBBISH)
    town.do(Verb.SUPERVISE, late)
    day, town.now = prompt.resume_at, datetime(2026, 4, 9, 0, 0, tzinfo=UTC)
    resume_due(town.session, now=town.now, batch=1, settings=town.settings)
    assert (prompt.stage, late.stage) == (Stage.HANDLING, Stage.SUSPENDED)
    town.move(days=3)
    assert resume(town) == 1
    assert late.handle_due_at == prompt.handle_due_at
    event = last_event(town, late)
    assert (event.at, datetime.fromisoformat(event.data["resumed_from"])) == (town.now, day)
    for kind in (ClockKind.HANDLE, ClockKind.REPLY):
        assert datetime.fromisoformat(clock(town, late, kind).segments[-1][0]) == day
    turn = town.session.scalars(select(Handling).where(Handling.case_id == late.id)).one()
    assert turn.due_at == late.handle_due_at
    fired = {raised.rung for raised in sweep(town.session, town.now) if raised.case_id == late.id}
    assert "urge" in fired, "what was reached meanwhile fires now"


def test_who_resumes_by_hand_resumes_from_that_moment(town: Town) -> None:
    case = suspended(town)
    town.move(days=40)  # past its day, and no worker ran
    town.do(Verb.RESUME, case)
    assert "resumed_from" not in last_event(town, case).data
    assert datetime.fromisoformat(clock(town, case, ClockKind.HANDLE).segments[-1][0]) == town.now


def test_the_dispatcher_resumes_before_the_day(town: Town) -> None:
    case = suspended(town)
    town.move(days=2)
    with pytest.raises(NotAllowed):
        town.do(Verb.RESUME, case, "handler")
    town.do(Verb.RESUME, case, note="材料到了")
    assert (case.stage, case.resume_at) == (Stage.HANDLING, None)
    assert last_event(town, case).data["note"] == "材料到了"
    assert case.handle_due_at == town.now + timedelta(hours=2)


def test_the_system_does_nothing_but_what_is_its_own(town: Town) -> None:
    case = town.case(Stage.HANDLING)
    with pytest.raises(NotAllowed):
        perform(
            town.session, SYSTEM, case.no, Verb.NOTE, {"text": "?"}, version=case.version, now=town.now,
            settings=town.settings,
        )  # fmt: skip


def test_an_extension_that_waits_lapses_with_the_suspension(town: Town) -> None:
    case = town.case(Stage.HANDLING)
    town.do(Verb.REQUEST_EXTENSION, case)
    town.do(ASK, case)
    town.do(DECIDE, case, "dispatcher")
    town.do(DECIDE, case, "leader")
    assert sorted(state for state, _ in asked(town, case)) == [RequestState.GRANTED, RequestState.LAPSED]


def test_a_suspended_case_that_is_closed_does_not_come_back(town: Town) -> None:
    case = suspended(town)
    town.do(Verb.FORCE_CLOSE, case, "shift_lead")
    town.do(Verb.FORCE_CLOSE, case, "leader")
    assert (case.stage, case.resume_at) == (Stage.CLOSED, None)
    town.move(days=40)
    assert resume(town) == 0


def test_a_case_whose_calendar_ends_waits_and_lets_the_others_go_on(town: Town) -> None:
    stuck, fine = suspended(town, category=RUBBISH), suspended(town)
    town.session.execute(text("DELETE FROM calendar_days WHERE day > '2026-04-01'"))
    town.session.execute(text("UPDATE calendars SET version = version + 1"))
    town.now = datetime(2026, 4, 9, 0, 0, tzinfo=UTC)
    done, following = resume_due(town.session, now=town.now, batch=1, settings=town.settings)
    assert (done, following is not None) == (0, True)
    assert resume_due(town.session, now=town.now, batch=1, settings=town.settings, after=following)[0] == 1
    for case in (stuck, fine):
        town.session.refresh(case)
    assert (stuck.stage, fine.stage) == (Stage.SUSPENDED, Stage.HANDLING)


# --- moved while it rests ---------------------------------------------------------------------------------------------


def moved(town: Town, how: str) -> Case:
    """A suspended case that another centre or department is to answer for."""
    case = suspended(town, category=RUBBISH)
    town.move(days=1)
    if how == "relocated":
        town.do(Verb.RELOCATE, case)
    elif how == "passed up":
        town.do(Verb.PASS_UP, case)
    else:
        duty(town, GREEN, category_code=SMALL_MATTER)
        wanted = town.session.scalars(select(Category).where(Category.code == SMALL_MATTER)).one()
        first = town.session.scalars(select(FilingCondition).where(FilingCondition.category_id == wanted.id)).first()
        assert first is not None
        town.do(Verb.RECATEGORISE, case, category_code=SMALL_MATTER, condition_id=first.id)
    return case


@pytest.mark.parametrize("how", ["relocated", "recategorised", "passed up"])
@pytest.mark.parametrize("by_itself", [True, False])
def test_a_case_that_moved_while_it_rested_is_dispatched_anew(town: Town, how: str, by_itself: bool) -> None:
    case = moved(town, how)
    assert (case.stage, case.department_id, turns(town, case)) == (Stage.SUSPENDED, None, [HandlingState.WITHDRAWN])
    assert case.resume_at is not None, "it rests until its day all the same"
    assert clocks(town, case)[ClockKind.HANDLE][0] is ClockState.PAUSED
    town.now = case.resume_at
    if by_itself:
        assert resume(town) == 1
    else:
        dispatchers = {
            "relocated": "other_dispatcher",
            "recategorised": "dispatcher",
            "passed up": "district_dispatcher",
        }
        town.do(Verb.RESUME, case, dispatchers[how])
    assert (case.stage, case.resume_at) == (Stage.PENDING_DISPATCH, None)
    assert clocks(town, case)[ClockKind.HANDLE][0] is ClockState.PAUSED
    assert clocks(town, case)[ClockKind.DISPATCH][0] is ClockState.RUNNING
    assert (last_event(town, case).verb, last_event(town, case).outcome) == ("resume", "moved")
    assert [notice.role for notice in last_notices(town, case)] == [Role.DISPATCHER]
    if how == "relocated":
        town.do(Verb.DISPATCH, case, "other_dispatcher", department=None)
        assert case.stage is Stage.DISPATCHED
        assert clocks(town, case)[ClockKind.HANDLE] == (ClockState.RUNNING, 2), "another begins anew"


def test_the_page_says_where_resuming_leads(town: Town) -> None:
    stays, goes = suspended(town), moved(town, "relocated")
    for case, by, to, kind in (
        (stays, "dispatcher", Stage.HANDLING, ClockKind.HANDLE),
        (goes, "other_dispatcher", Stage.PENDING_DISPATCH, ClockKind.DISPATCH),
    ):
        shown = show_case(town.session, town[by], case.no, now=town.now, settings=town.settings)
        effect = shown["effects"]["resume"]
        assert (effect["to"], effect["clock"]["kind"]) == (to, kind)


def test_a_case_that_moved_and_came_back_goes_on_with_its_department(town: Town) -> None:
    case = suspended(town, category=RUBBISH)
    spent = used(town, case)
    town.do(Verb.RELOCATE, case)
    town.do(Verb.RELOCATE, case, "other_dispatcher", point=point(*PEOPLES_SQUARE))
    town.do(Verb.RESUME, case)
    town.do(Verb.DISPATCH, case)
    assert (clocks(town, case)[ClockKind.HANDLE], used(town, case)) == ((ClockState.RUNNING, 1), spent)


def test_replies_to_orders_run_again_when_a_case_that_moved_resumes(town: Town) -> None:
    case = suspended(town)
    town.do(Verb.SUPERVISE, case, "city_leader")
    town.do(Verb.RELOCATE, case)
    town.do(Verb.RESUME, case, "other_dispatcher")
    assert clock(town, case, ClockKind.REPLY).state is ClockState.RUNNING
