"""How a deadline came about, day by day."""

from datetime import date, datetime

import pytest
from sqlalchemy.orm import Session

from cases.calendars import calendars
from cases.clock import halt, pause, resume, succeed
from cases.detail import show_case
from cases.models import Clock
from cases.reckoning import DAYS_MOST, reckon
from cases.stages import Stage
from cases.workdays import DayKind, Unit
from tests.cases.calendar_edits.edits import TUESDAY, at, clock_of, count_all, days, edit, open_case, shifts
from tests.make import RUBBISH, Town


def told(session: Session, clock: Clock) -> list[tuple[str, str, int, str | None, str]]:
    found = reckon(clock, calendars(session))["days"]
    return [
        (f"{one['from']:%m-%d}", f"{one['to']:%m-%d}", one["minutes"], one["skipped"], one["name"]) for one in found
    ]


def paused(session: Session, clock: Clock) -> list[tuple[datetime, datetime | None, str]]:
    return [(one["from"], one["to"], one["reason"]) for one in reckon(clock, calendars(session))["pauses"]]


@pytest.fixture
def clock(session: Session) -> Clock:
    """40 working hours from Tuesday 09:00: over a weekend, to the next Tuesday 09:00."""
    return clock_of(session, open_case(session), TUESDAY, hours=40)


def test_days_that_are_alike_are_joined_and_a_weekend_is_skipped(session: Session, clock: Clock) -> None:
    assert told(session, clock) == [
        ("03-10", "03-10", 420, None, ""),
        ("03-11", "03-13", 480, None, ""),
        ("03-14", "03-15", 0, "weekend", ""),
        ("03-16", "03-16", 480, None, ""),
        ("03-17", "03-17", 60, None, ""),
    ]
    assert paused(session, clock) == []


def test_the_minutes_are_those_of_the_limit(session: Session, clock: Clock) -> None:
    found = reckon(clock, calendars(session))["days"]
    assert sum(one["minutes"] * ((one["to"] - one["from"]).days + 1) for one in found) == 40 * 60


def test_a_holiday_has_its_name_and_the_days_follow_an_edit(session: Session, clock: Clock) -> None:
    edit(session, days(("2026-03-12", DayKind.HOLIDAY, "停电")), now=TUESDAY)
    count_all(session, now=TUESDAY)
    assert ("03-12", "03-12", 0, "holiday", "停电") in told(session, clock)


def test_a_clock_that_begins_after_hours_tells_that_the_evening_did_not_count(session: Session) -> None:
    clock = clock_of(session, open_case(session), at("2026-03-10", "19:00"), hours=1)
    assert told(session, clock) == [("03-10", "03-10", 0, "closed", ""), ("03-11", "03-11", 60, None, "")]


def test_a_pause_within_a_day_leaves_the_day_one_and_is_told(session: Session, clock: Clock) -> None:
    begin, end = at("2026-03-10", "10:00"), at("2026-03-10", "11:00")
    pause(session, clock, now=begin, reason="refuse")
    resume(session, clock, now=end)
    assert told(session, clock)[0] == ("03-10", "03-10", 360, None, "")
    assert paused(session, clock) == [(begin, end, "refuse")]


def test_a_pause_over_days_leaves_them_out(session: Session, clock: Clock) -> None:
    pause(session, clock, now=at("2026-03-11", "12:00"), reason="decide_suspension")
    resume(session, clock, now=at("2026-03-13", "14:00"))
    assert told(session, clock)[:4] == [
        ("03-10", "03-10", 420, None, ""), ("03-11", "03-11", 240, None, ""), ("03-13", "03-13", 240, None, ""),
        ("03-14", "03-15", 0, "weekend", ""),
    ]  # fmt: skip


def test_a_pause_that_cuts_a_run_of_days_cuts_it_at_its_last(session: Session, clock: Clock) -> None:
    pause(session, clock, now=at("2026-03-13", "12:00"), reason="refuse")
    resume(session, clock, now=at("2026-03-13", "14:00"))
    assert told(session, clock)[1] == ("03-11", "03-13", 480, None, ""), "lunch cost nothing"


def test_a_pause_in_the_evening_leaves_the_days_around_it_joined(session: Session, clock: Clock) -> None:
    pause(session, clock, now=at("2026-03-12", "18:30"), reason="refuse")
    resume(session, clock, now=at("2026-03-12", "19:00"))
    assert told(session, clock)[1] == ("03-11", "03-13", 480, None, "")


def test_a_limit_of_years_is_told_as_far_as_anybody_reads(session: Session) -> None:
    clock = clock_of(session, open_case(session), at("2024-01-02", "08:00"), hours=8 * 480)
    found = reckon(clock, calendars(session))["days"]
    assert (found[-1]["to"] - found[0]["from"]).days == DAYS_MOST - 1


def test_a_clock_that_rests_tells_the_days_so_far_and_the_open_pause(session: Session, clock: Clock) -> None:
    moment = at("2026-03-11", "09:00")
    pause(session, clock, now=moment, reason="refuse")
    assert told(session, clock) == [("03-10", "03-10", 420, None, ""), ("03-11", "03-11", 60, None, "")]
    assert paused(session, clock) == [(moment, None, "refuse")]


def test_a_clock_stopped_in_its_pause_ends_the_pause_and_one_stopped_running_has_none(session: Session) -> None:
    moment, end = at("2026-03-11", "09:00"), at("2026-03-12", "09:00")
    rested = clock_of(session, open_case(session, "rested"), TUESDAY)
    pause(session, rested, now=moment, reason="refuse")
    halt(rested, now=end)
    ran = clock_of(session, open_case(session, "ran"), TUESDAY)
    halt(ran, now=moment)
    assert paused(session, rested) == [(moment, end, "refuse")]
    assert paused(session, ran) == []
    assert told(session, ran)[-1] == ("03-11", "03-11", 60, None, "")


def test_what_counted_by_another_unit_is_told_where_days_counted_and_is_no_pause(session: Session) -> None:
    first = clock_of(session, open_case(session), TUESDAY)
    clock = succeed(
        first, calendars(session), now=at("2026-03-10", "11:00"), reason="recategorise", round=2,
        limit_seconds=first.limit_seconds, unit=Unit.NATURAL_DAY, urgent=False,
    )  # fmt: skip
    assert told(session, clock) == [("03-10", "03-10", 120, None, "")]
    assert paused(session, clock) == []


def test_where_every_minute_counts_no_day_is_told(session: Session) -> None:
    clock = clock_of(session, open_case(session), TUESDAY, unit=Unit.URGENT_HOUR)
    assert told(session, clock) == []


def test_a_night_shift_counts_on_both_days(session: Session) -> None:
    edit(session, shifts("2026-03-10", ("22:00", "06:00")), now=TUESDAY)
    clock = clock_of(session, open_case(session), at("2026-03-10", "20:00"), hours=8)
    assert told(session, clock) == [("03-10", "03-10", 120, None, ""), ("03-11", "03-11", 360, None, "")]


def test_a_year_that_is_missing_ends_the_story(session: Session) -> None:
    clock = clock_of(session, open_case(session), at("2027-12-30", "14:00"), hours=8)
    clock.due_at = at("2028-01-10", "09:00")
    assert told(session, clock)[0][0] == "12-30"
    assert all(one[0].startswith("12-") for one in told(session, clock))


def test_the_page_of_a_case_tells_them(town: Town) -> None:
    case = town.case(Stage.HANDLING, category=RUBBISH)
    shown = show_case(town.session, town["handler"], case.no, now=town.now, settings=town.settings)
    why = shown["why"]["deadline"]
    assert why["days"][0]["from"] == date(2026, 3, 10)
    assert why["days"][-1]["to"] == why["due_at"].astimezone(at("2026-03-10", "00:00").tzinfo).date()
    assert why["pauses"] == []
    waiting = town.case(Stage.PENDING_DISPATCH, category=RUBBISH)
    shown = show_case(town.session, town["dispatcher"], waiting.no, now=town.now, settings=town.settings)
    assert (shown["why"]["deadline"]["days"], shown["why"]["deadline"]["pauses"]) == ([], [])
