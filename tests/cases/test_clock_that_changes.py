"""A limit that changes while its clock runs or rests: an extension, another condition, calendar or ladder."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from cases.calendars import Calendars, Ladder, calendars
from cases.clock import ClockStopped, foresee, go_on, halt, rest, start, succeed, used_seconds
from cases.models import Case, Clock, ClockState, Source
from cases.stages import ClockKind, Stage
from cases.workdays import CalendarMissing, Unit
from grid.models import Centre
from tests.make import STREET

HOUR = 3600


def at(clock: str, day: str = "2026-03-10") -> datetime:
    """A moment of a Tuesday in Shanghai."""
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def rules(session: Session) -> Calendars:
    return calendars(session)


@pytest.fixture
def clock(session: Session) -> Clock:
    """Five working hours from 09:00: due at 16:00, warned of at 15:00."""
    centre = session.scalars(select(Centre).where(Centre.code == STREET)).one()
    case = Case(
        no="1", stage=Stage.HANDLING, source=Source.HOTLINE, centre_id=centre.id, why={}, reported_at=at("09:00")
    )
    session.add(case)
    session.flush()
    facts: dict[str, Any] = {"unit": Unit.WORK_HOUR, "urgent": False}
    return start(session, case, ClockKind.HANDLE, now=at("09:00"), limit_seconds=5 * HOUR, **facts)


def change(clock: Clock, rules: Calendars, now: datetime, hours: float, **facts: Any) -> Clock:
    known: dict[str, Any] = {"unit": clock.unit, "urgent": clock.urgent, **facts}
    seconds = round(hours * HOUR)
    return succeed(clock, rules, now=now, reason="test", round=clock.round + 1, limit_seconds=seconds, **known)


def test_more_time_moves_the_deadline_and_the_old_row_is_history(clock: Clock, rules: Calendars) -> None:
    longer = change(clock, rules, at("10:00"), 10)
    assert (longer.round, longer.state, longer.started_at) == (2, ClockState.RUNNING, clock.started_at)
    assert longer.due_at == at("10:00", "2026-03-11") + timedelta(hours=1)
    assert (longer.next_rung, longer.next_raise_at) == (1, at("09:00", "2026-03-11"))
    assert (clock.state, clock.on_time, clock.next_raise_at) == (ClockState.STOPPED, None, None)
    assert clock.segments == [["2026-03-10T01:00:00Z", "2026-03-10T02:00:00Z", "test"]]


def test_what_was_used_and_every_pause_go_on(clock: Clock, rules: Calendars) -> None:
    rest(clock, now=at("10:00"), reason="returned")
    go_on(clock, rules, now=at("11:00"))
    longer = change(clock, rules, at("11:30"), 6)
    assert used_seconds(longer, rules, at("11:30")) == 1.5 * HOUR
    assert longer.segments[0][2] == "returned"
    assert longer.due_at == at("18:00")


def test_a_paused_clock_stays_paused_under_another_limit(clock: Clock, rules: Calendars) -> None:
    rest(clock, now=at("10:00"), reason="suspended")
    longer = change(clock, rules, at("11:00"), 6)
    assert (longer.state, longer.next_raise_at, longer.next_rung) == (ClockState.PAUSED, None, 1)
    assert longer.due_at == at("17:00")  # as if it ran on from its pause
    go_on(longer, rules, now=at("11:00"))
    assert longer.due_at == at("18:00")


def test_a_rung_that_lies_behind_under_the_new_limit_too_never_fires_again(clock: Clock, rules: Calendars) -> None:
    clock.next_rung = 2  # warned at 15:00
    shorter = change(clock, rules, at("15:30"), 4.6)
    assert shorter.next_rung == 2
    assert shorter.next_raise_at == at("15:36")


def test_a_rung_that_lies_ahead_again_fires_again(clock: Clock, rules: Calendars) -> None:
    clock.next_rung = 2
    longer = change(clock, rules, at("15:30"), 10)
    assert longer.next_rung == 1


def test_a_rung_that_the_shorter_limit_reaches_is_due_at_once(clock: Clock, rules: Calendars) -> None:
    shorter = change(clock, rules, at("11:00"), 1)
    assert (shorter.next_rung, shorter.next_raise_at) == (1, at("09:48"))
    assert shorter.due_at == at("10:00")


def test_a_clock_that_has_climbed_to_the_top_stays_there_unless_the_top_lies_ahead_again(
    clock: Clock, rules: Calendars
) -> None:
    clock.next_rung = None
    same = change(clock, rules, at("09:00", "2026-03-16"), 5.1)
    assert (same.next_rung, same.next_raise_at) == (None, None)
    same.next_rung = None
    assert change(same, rules, at("09:00", "2026-03-16"), 20).next_rung == 4  # 29 hours used of 20: 200 % lies ahead


def test_time_in_another_unit_stays_counted_as_it_was(clock: Clock, rules: Calendars) -> None:
    urgent = change(clock, rules, at("13:00"), 6, unit=Unit.URGENT_HOUR, urgent=True)
    assert used_seconds(urgent, rules, at("13:00")) == 3 * HOUR  # 09:00 to 12:00, not the lunch
    assert used_seconds(urgent, rules, at("13:30")) == 3.5 * HOUR  # now every minute counts
    assert urgent.due_at == at("16:00")
    assert urgent.segments == [
        ["2026-03-10T01:00:00Z", "2026-03-10T05:00:00Z", "test", "work_hour", 1],
        ["2026-03-10T05:00:00Z", None, None],
    ]
    back = change(urgent, rules, at("14:30"), 6, unit=Unit.WORK_HOUR, urgent=False)
    assert used_seconds(back, rules, at("15:00")) == 5 * HOUR
    assert [row[3] for row in back.segments[:2]] == ["work_hour", "urgent_hour"]


def test_a_paused_clock_changes_its_unit_without_a_stretch_of_no_length(clock: Clock, rules: Calendars) -> None:
    rest(clock, now=at("10:00"), reason="suspended")
    urgent = change(clock, rules, at("11:00"), 4, unit=Unit.URGENT_HOUR, urgent=True)
    assert urgent.segments == [["2026-03-10T01:00:00Z", "2026-03-10T02:00:00Z", "suspended", "work_hour", 1]]
    go_on(urgent, rules, now=at("12:30"))
    assert urgent.due_at == at("15:30")
    halt(urgent, now=at("15:30"))
    assert urgent.on_time


def test_a_stopped_clock_has_no_successor_and_is_not_foreseen(clock: Clock, rules: Calendars) -> None:
    halt(clock, now=at("10:00"))
    with pytest.raises(ClockStopped):
        change(clock, rules, at("11:00"), 6)
    with pytest.raises(ClockStopped):
        foresee(clock, rules)


def test_a_limit_that_ends_in_an_unknown_year_changes_nothing(clock: Clock, rules: Calendars) -> None:
    before = [list(row) for row in clock.segments]
    with pytest.raises(CalendarMissing):
        change(clock, rules, at("10:00"), 8 * 600)
    assert (clock.state, clock.segments) == (ClockState.RUNNING, before)


def test_another_calendar_counts_from_now_on(session: Session, clock: Clock, rules: Calendars) -> None:
    session.execute(
        text("INSERT INTO calendars (id, name, zone, version) VALUES (7, 'round the clock', 'Asia/Shanghai', 1)")
    )
    session.execute(
        text(
            "INSERT INTO schedules (calendar_id, valid_from, shifts) VALUES (7, '2018-01-01', CAST(:shifts AS jsonb))"
        ),
        {"shifts": '[["00:00", "24:00"]]'},
    )
    session.execute(
        text(
            "INSERT INTO calendar_days (calendar_id, day, kind, name, provisional, source)"
            " SELECT 7, day, 'workday', '', false, 'test' FROM calendar_days WHERE calendar_id = 1"
        )
    )
    rules = calendars(session)
    moved = change(clock, rules, at("11:00"), 5, calendar_id=7)
    assert moved.calendar_id == 7
    assert moved.due_at == at("14:00")
    assert moved.segments[0][3:] == ["work_hour", 1]


def test_a_clock_is_foreseen_anew_on_another_ladder(clock: Clock, rules: Calendars) -> None:
    assert foresee(clock, rules) is False
    early = replace(rules.ladder.ordinary[0], share=0.5)
    steps = (early, *rules.ladder.ordinary[2:])  # the rung at the limit is gone
    edited = replace(rules, ladder=Ladder(steps, rules.ladder.urgent))
    assert foresee(clock, edited) is True
    assert clock.next_raise_at == clock.yellow_at == at("11:30")
    clock.next_rung = 2
    foresee(clock, edited)
    assert clock.next_rung == 3
