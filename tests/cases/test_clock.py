"""Limits as segments on a working calendar: what is used, what is due, which light."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases.calendars import Calendars, Ladder, calendars
from cases.clock import (
    ClockStopped,
    Light,
    light,
    light_of,
    moment_when,
    pause,
    plan,
    resume,
    running,
    segments_of,
    show_on_case,
    stage_limit,
    start,
    stop,
    used_seconds,
)
from cases.models import Case, Clock, ClockState, Source
from cases.stages import ClockKind, Stage
from cases.workdays import CalendarMissing, Unit
from core.settings import Settings
from grid.models import Centre
from tests.make import STREET

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR = 3600


def at(day: str, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=SHANGHAI)


FRIDAY_17 = at("2026-03-06", "17:00")
MONDAY_9 = at("2026-03-09", "09:00")


@pytest.fixture
def case(session: Session) -> Case:
    centre = session.scalars(select(Centre).where(Centre.code == STREET)).one()
    made = Case(no="1", stage=Stage.HANDLING, source=Source.HOTLINE, centre_id=centre.id, why={}, reported_at=FRIDAY_17)
    session.add(made)
    session.flush()
    return made


@pytest.fixture
def rules(session: Session) -> Calendars:
    return calendars(session)


def handle(session: Session, case: Case, now: datetime, hours: float = 8, **facts: Any) -> Clock:
    known = {"unit": Unit.WORK_HOUR, "urgent": False, **facts}
    return start(session, case, ClockKind.HANDLE, now=now, limit_seconds=round(hours * HOUR), **known)


def used(session: Session, clock: Clock, now: datetime) -> int:
    return used_seconds(clock, calendars(session), now)


# --- starting ---------------------------------------------------------------------------------------------------------


def test_a_clock_starts_on_its_centres_calendar_with_due_yellow_and_first_rung(session: Session, case: Case) -> None:
    clock = handle(session, case, at("2026-03-10", "09:00"), hours=5)
    assert (clock.round, clock.state, clock.calendar_id) == (1, ClockState.RUNNING, 1)
    assert clock.due_at == at("2026-03-10", "16:00")
    assert clock.yellow_at == at("2026-03-10", "15:00")
    assert (clock.next_rung, clock.next_raise_at) == (1, at("2026-03-10", "15:00"))
    assert clock.segments == [["2026-03-10T01:00:00Z", None, None]]
    assert clock.due_at.tzinfo is UTC


def test_an_urgent_clock_runs_day_and_night_and_warns_at_half(session: Session, case: Case) -> None:
    clock = handle(session, case, at("2026-03-06", "23:00"), hours=2, unit=Unit.URGENT_HOUR, urgent=True)
    assert clock.due_at == at("2026-03-07", "01:00")
    assert clock.yellow_at == clock.next_raise_at == at("2026-03-07", "00:00")


def test_the_next_clock_of_a_kind_has_the_next_round(session: Session, case: Case) -> None:
    first = handle(session, case, FRIDAY_17)
    stop(session, first, now=MONDAY_9)
    assert handle(session, case, MONDAY_9).round == 2


def test_a_limit_that_ends_in_an_unknown_year_fails_loudly(session: Session, case: Case) -> None:
    with pytest.raises(CalendarMissing):
        handle(session, case, at("2027-12-31", "17:00"), hours=40)
    assert session.scalar(select(func.count()).select_from(Clock)) == 0


def test_a_clock_without_a_ladder_is_due_and_turns_yellow_at_80_percent(rules: Calendars) -> None:
    planned = plan(rules.of(1), Ladder((), ()), start=MONDAY_9, limit_seconds=HOUR, unit=Unit.WORK_HOUR, urgent=False)
    assert (planned.next_rung, planned.next_raise_at) == (None, None)
    assert planned.yellow_at == MONDAY_9 + timedelta(minutes=48)


@pytest.mark.parametrize("kind", [kind for kind in ClockKind if kind not in {ClockKind.HANDLE, ClockKind.REPLY}])
def test_every_stage_has_a_limit_in_duty_time_unless_urgent(kind: ClockKind, settings: Settings) -> None:
    seconds, unit = stage_limit(kind, False, settings)
    assert seconds == getattr(settings.stage_limits, kind.value) * 60
    assert unit is Unit.WORK_HOUR
    assert stage_limit(kind, True, settings)[1] is Unit.URGENT_HOUR


def test_an_urgent_order_is_signed_within_10_minutes(settings: Settings) -> None:
    assert stage_limit(ClockKind.SIGN, True, settings) == (600, Unit.URGENT_HOUR)
    assert stage_limit(ClockKind.SIGN, False, settings) == (1800, Unit.WORK_HOUR)


def test_the_handling_limit_is_no_stage_limit(settings: Settings) -> None:
    with pytest.raises(ValueError, match="no stage's own"):
        stage_limit(ClockKind.HANDLE, False, settings)


# --- pausing ----------------------------------------------------------------------------------------------------------


def test_a_paused_clock_does_not_run_at_night(session: Session, case: Case) -> None:
    clock = handle(session, case, at("2026-03-10", "16:00"), hours=4)
    pause(session, clock, now=at("2026-03-10", "17:00"), reason="suspended")
    assert used(session, clock, at("2026-03-11", "09:00")) == HOUR
    resume(session, clock, now=at("2026-03-11", "09:00"))
    assert used(session, clock, at("2026-03-11", "10:00")) == 2 * HOUR
    assert clock.due_at == at("2026-03-11", "12:00")
    assert clock.segments == [
        ["2026-03-10T08:00:00Z", "2026-03-10T09:00:00Z", "suspended"],
        ["2026-03-11T01:00:00Z", None, None],
    ]


def test_a_clock_paused_from_friday_17_to_monday_9_loses_two_working_hours_only(session: Session, case: Case) -> None:
    paused, other = handle(session, case, at("2026-03-06", "16:00")), handle(session, case, at("2026-03-06", "16:00"))
    pause(session, paused, now=FRIDAY_17, reason="returned")
    resume(session, paused, now=MONDAY_9)
    assert used(session, paused, MONDAY_9) == HOUR, "the pause itself adds nothing"
    assert used(session, other, MONDAY_9) == 3 * HOUR
    assert other.due_at == at("2026-03-09", "16:00")
    assert paused.due_at == at("2026-03-09", "18:00")


def test_several_pauses_a_day_each_count(session: Session, case: Case) -> None:
    clock = handle(session, case, at("2026-03-10", "08:00"), hours=3)
    for out, back in (("08:30", "09:00"), ("09:15", "10:00"), ("11:00", "11:30")):
        pause(session, clock, now=at("2026-03-10", out), reason="returned")
        resume(session, clock, now=at("2026-03-10", back))
    assert used(session, clock, at("2026-03-10", "12:00")) == (30 + 15 + 60 + 30) * 60
    assert clock.due_at == at("2026-03-10", "14:45")
    assert clock.next_raise_at == at("2026-03-10", "14:09")


def test_no_rung_waits_on_a_paused_clock_and_the_ladder_goes_on_where_it_was(session: Session, case: Case) -> None:
    clock = handle(session, case, at("2026-03-10", "08:00"), hours=2)
    clock.next_rung = 2  # the warning has fired
    pause(session, clock, now=at("2026-03-10", "09:45"), reason="suspended")
    assert clock.next_raise_at is None
    assert light_of(clock, at("2026-03-10", "12:00")) is Light.PAUSED
    resume(session, clock, now=at("2026-03-10", "14:00"))
    assert (clock.next_rung, clock.next_raise_at) == (2, at("2026-03-10", "14:15"))


def test_a_rung_reached_before_the_pause_is_due_when_the_clock_resumes(session: Session, case: Case) -> None:
    clock = handle(session, case, at("2026-03-10", "08:00"), hours=1)
    pause(session, clock, now=at("2026-03-10", "09:30"), reason="suspended")
    resume(session, clock, now=at("2026-03-10", "11:00"))
    assert clock.due_at == at("2026-03-10", "09:00"), "what was overdue stays overdue"
    assert clock.next_raise_at == at("2026-03-10", "08:48")


def test_a_clock_at_the_top_of_the_ladder_resumes_without_a_rung(session: Session, case: Case) -> None:
    clock = handle(session, case, at("2026-03-10", "08:00"), hours=1)
    clock.next_rung = None
    pause(session, clock, now=at("2026-03-10", "11:30"), reason="suspended")
    resume(session, clock, now=at("2026-03-11", "08:00"))
    assert (clock.next_rung, clock.next_raise_at) == (None, None)


def test_pausing_twice_and_resuming_twice_change_nothing(session: Session, case: Case) -> None:
    clock = handle(session, case, at("2026-03-10", "08:00"))
    resume(session, clock, now=at("2026-03-10", "08:10"))
    assert len(clock.segments) == 1
    pause(session, clock, now=at("2026-03-10", "08:30"), reason="returned")
    pause(session, clock, now=at("2026-03-10", "08:40"), reason="suspended")
    assert clock.segments == [["2026-03-10T00:00:00Z", "2026-03-10T00:30:00Z", "returned"]]


def test_a_moment_before_the_segments_start_counts_as_its_start(session: Session, case: Case) -> None:
    clock = handle(session, case, at("2026-03-10", "09:00"))
    pause(session, clock, now=at("2026-03-10", "08:00"), reason="returned")
    assert used(session, clock, at("2026-03-10", "12:00")) == 0
    resume(session, clock, now=at("2026-03-10", "08:30"))
    assert clock.segments[-1][0] == "2026-03-10T01:00:00Z"
    assert used(session, clock, at("2026-03-10", "08:00")) == 0


def test_a_moment_that_closed_segments_do_not_reach_is_unknown(rules: Calendars) -> None:
    segments = segments_of([["2026-03-10T01:00:00Z", "2026-03-10T02:00:00Z", "returned"]])
    assert moment_when(rules, 1, segments, Unit.WORK_HOUR, HOUR) == at("2026-03-10", "10:00")
    assert moment_when(rules, 1, segments, Unit.WORK_HOUR, HOUR + 1) is None


# --- stopping ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ended", "on_time"),
    [("09:59:59", True), ("10:00:00", True), ("10:00:00.7", True), ("10:00:01", False), ("17:00:00", False)],
)
def test_a_clock_stopped_by_its_deadline_was_on_time(session: Session, case: Case, ended: str, on_time: bool) -> None:
    clock = handle(session, case, at("2026-03-10", "08:00"), hours=2)
    stop(session, clock, now=at("2026-03-10", ended))
    assert (clock.state, clock.on_time) == (ClockState.STOPPED, on_time)
    assert clock.stopped_at == at("2026-03-10", ended)
    assert clock.segments[-1][2] == "stopped"
    assert (clock.next_rung, clock.next_raise_at) == (None, None)
    assert light_of(clock, at("2026-03-12", "08:00")) is Light.NONE


def test_a_clock_stopped_in_its_pause_counts_up_to_the_pause(session: Session, case: Case) -> None:
    clock = handle(session, case, at("2026-03-10", "08:00"), hours=2)
    pause(session, clock, now=at("2026-03-10", "09:00"), reason="suspended")
    stop(session, clock, now=at("2026-03-20", "09:00"))
    assert clock.on_time is True
    assert used(session, clock, at("2026-03-20", "09:00")) == HOUR


def test_a_stopped_clock_is_history(session: Session, case: Case) -> None:
    clock = handle(session, case, at("2026-03-10", "08:00"))
    stop(session, clock, now=at("2026-03-10", "09:00"))
    stop(session, clock, now=at("2026-03-10", "11:00"))
    assert clock.stopped_at == at("2026-03-10", "09:00")
    with pytest.raises(ClockStopped):
        pause(session, clock, now=at("2026-03-10", "11:00"), reason="returned")
    with pytest.raises(ClockStopped):
        resume(session, clock, now=at("2026-03-10", "11:00"))


# --- what is seen -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clock", "shown"),
    [
        ("08:00", Light.GREEN),
        ("09:35:59", Light.GREEN),
        ("09:36:00", Light.YELLOW),
        ("10:00:00", Light.YELLOW),
        ("10:00:01", Light.RED),
    ],
)
def test_the_light_is_green_to_80_percent_yellow_to_the_limit_and_red_beyond(
    session: Session, case: Case, clock: str, shown: Light
) -> None:
    two_hours = handle(session, case, at("2026-03-10", "08:00"), hours=2)
    assert light_of(two_hours, at("2026-03-10", clock)) is shown


def test_without_a_deadline_there_is_no_light(now: datetime) -> None:
    assert light(due_at=None, yellow_at=None, paused=False, now=now) is Light.NONE
    assert light(due_at=now, yellow_at=None, paused=False, now=now) is Light.NONE


def test_the_handling_clock_hides_the_sign_clock(session: Session, case: Case) -> None:
    ten = at("2026-03-10", "10:00")
    start(session, case, ClockKind.SIGN, now=ten, limit_seconds=1800, unit=Unit.WORK_HOUR, urgent=False)
    clock = handle(session, case, ten)
    show_on_case(case, running(session, case))
    assert (case.clock_kind, case.due_at, case.yellow_at, case.paused) == (
        ClockKind.HANDLE, clock.due_at, clock.yellow_at, False,
    )  # fmt: skip
    assert case.handle_due_at == clock.due_at


def test_the_stages_own_clock_shows_while_the_handling_clock_is_paused(session: Session, case: Case) -> None:
    ten = at("2026-03-10", "10:00")
    paused = handle(session, case, ten)
    pause(session, paused, now=ten, reason="returned")
    dispatch = start(session, case, ClockKind.DISPATCH, now=ten, limit_seconds=900, unit=Unit.WORK_HOUR, urgent=False)
    show_on_case(case, running(session, case))
    assert (case.clock_kind, case.due_at, case.paused) == (ClockKind.DISPATCH, dispatch.due_at, False)
    assert case.handle_due_at == paused.due_at


def test_a_paused_clock_shows_when_nothing_runs_and_no_clock_when_all_are_stopped(session: Session, case: Case) -> None:
    ten = at("2026-03-10", "10:00")
    clock = handle(session, case, ten)
    pause(session, clock, now=ten, reason="suspended")
    show_on_case(case, running(session, case))
    assert (case.clock_kind, case.paused) == (ClockKind.HANDLE, True)
    stop(session, clock, now=ten)
    assert running(session, case) == {}
    show_on_case(case, running(session, case))
    assert (case.clock_kind, case.due_at, case.yellow_at, case.paused) == (None, None, None, False)


def test_a_sign_clock_has_no_rung_that_supervises(rules: Calendars) -> None:
    for urgent in (True, False):
        assert [step.name for step in rules.ladder.steps(ClockKind.SIGN, urgent=urgent)] == ["warn", "urge"]
        assert len(rules.ladder.steps(ClockKind.HANDLE, urgent=urgent)) == 5


def test_a_rung_counts_in_whole_seconds(rules: Calendars) -> None:
    warn = rules.ladder.ordinary[0]
    assert [warn.at(limit) for limit in (900, 3600, 28800)] == [720, 2880, 23040]
    assert replace(warn, share=1.0, plus_seconds=1800).at(7200) == 9000
