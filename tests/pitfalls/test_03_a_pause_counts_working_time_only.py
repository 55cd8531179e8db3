"""Pitfall 3: a pause counts working time only; several pauses a day; no breach while paused."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.calendar_edits import copy_calendar
from cases.calendars import calendars
from cases.clock import Light, light_of, pause, resume, show_on_case, used_seconds
from cases.models import Case, Clock, Request
from cases.stages import ClockKind, Outcome, Stage, Verb
from cases.workdays import Unit
from tests.cases.calendar_edits.edits import at, clock_of, edit, open_case, shifts
from tests.cases.escalation.ladder import rungs, sweep
from tests.make import RUBBISH, Town

FRIDAY_17, MONDAY_9 = at("2026-03-13", "17:00"), at("2026-03-16", "09:00")
HOUR = 3600


@pytest.fixture
def nine_to_five(session: Session) -> int:
    """A calendar that closes on Friday at 17:00 and opens on Monday at 09:00."""
    made = copy_calendar(session, "nine to five", 1, now=at("2026-03-01", "09:00"))
    edit(session, shifts("2026-03-01", ("09:00", "17:00")), now=at("2026-03-01", "09:00"), calendar_id=made.id)
    return made.id


@pytest.fixture
def case(session: Session) -> Case:
    return open_case(session)


def test_pitfall_03_a_pause_from_friday_17_to_monday_9_adds_nothing(
    session: Session, case: Case, nine_to_five: int
) -> None:
    paused = clock_of(session, case, at("2026-03-13", "15:00"), hours=5, calendar_id=nine_to_five)
    due_at = paused.due_at
    pause(session, paused, now=FRIDAY_17, reason="refuse")
    resume(session, paused, now=MONDAY_9)
    assert paused.due_at == due_at == at("2026-03-16", "12:00")
    assert used_seconds(paused, calendars(session), MONDAY_9) == 2 * HOUR


def test_pitfall_03_a_pause_adds_exactly_its_own_working_time(session: Session, case: Case, nine_to_five: int) -> None:
    clock = clock_of(session, case, at("2026-03-13", "15:00"), hours=5, calendar_id=nine_to_five)
    due_at = clock.due_at
    pause(session, clock, now=FRIDAY_17 - timedelta(minutes=30), reason="refuse")
    resume(session, clock, now=MONDAY_9 + timedelta(minutes=15))
    assert clock.due_at == due_at + timedelta(minutes=45)


def test_pitfall_03_where_every_minute_counts_the_weekend_does_too(session: Session, case: Case) -> None:
    clock = clock_of(session, case, at("2026-03-13", "15:00"), hours=5, unit=Unit.URGENT_HOUR)
    due_at = clock.due_at
    pause(session, clock, now=FRIDAY_17, reason="refuse")
    resume(session, clock, now=MONDAY_9)
    assert clock.due_at == due_at + (MONDAY_9 - FRIDAY_17)


def test_pitfall_03_several_pauses_a_day_add_up(session: Session, case: Case, nine_to_five: int) -> None:
    clock = clock_of(session, case, at("2026-03-10", "09:00"), hours=7, calendar_id=nine_to_five)
    for begin, end in (("10:00", "10:30"), ("11:00", "11:10"), ("11:10", "11:30"), ("15:00", "15:00")):
        pause(session, clock, now=at("2026-03-10", begin), reason="send_verify")
        resume(session, clock, now=at("2026-03-10", end))
    assert clock.due_at == at("2026-03-10", "17:00")
    assert used_seconds(clock, calendars(session), at("2026-03-10", "17:00")) == 7 * HOUR


def test_pitfall_03_nothing_is_breached_while_paused_and_the_rungs_come_after(
    session: Session, case: Case, nine_to_five: int
) -> None:
    clock: Clock = clock_of(session, case, at("2026-03-10", "09:00"), hours=5, calendar_id=nine_to_five)
    pause(session, clock, now=at("2026-03-10", "12:00"), reason="decide_suspension")
    show_on_case(case, {ClockKind.HANDLE: clock})
    months = at("2026-06-10", "09:00")
    assert sweep(session, months) == []
    assert light_of(clock, months) is Light.PAUSED
    resume(session, clock, now=months)
    assert sweep(session, months) == [], "two hours of its limit are left"
    assert rungs(sweep(session, months + timedelta(hours=1))) == ["warn"]
    assert rungs(sweep(session, months + timedelta(hours=2))) == ["urge"]


def test_pitfall_03_a_suspended_case_is_never_late_and_loses_no_working_time(town: Town) -> None:
    """By the verbs: asked by the department, granted, resumed by a person."""
    case = town.case(Stage.HANDLING, category=RUBBISH)
    before = case.handle_due_at
    assert before is not None
    left = calendars(town.session).of(1).used(town.now, before, Unit.WORK_HOUR)
    town.do(Verb.REQUEST_SUSPENSION, case, "handler", reason="下雨", resume_on="2026-04-01")
    while case.stage is not Stage.SUSPENDED:
        town.do(Verb.DECIDE_SUSPENSION, case, _awaited(town, case), outcome=Outcome.GRANTED.value)
    assert sweep(town.session, town.now + timedelta(days=90)) == []
    town.move(days=15)
    town.session.refresh(case)
    town.do(Verb.RESUME, case, "dispatcher")
    assert case.handle_due_at is not None
    assert calendars(town.session).of(1).used(town.now, case.handle_due_at, Unit.WORK_HOUR) == left


def _awaited(town: Town, case: Case) -> str:
    """Whose turn it is; the people of the town are called by their posts."""
    wanted = select(Request.awaits).where(Request.case_id == case.id, Request.decided_at.is_(None))
    return str(town.session.scalars(wanted).one())
