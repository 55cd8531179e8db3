"""How a deadline came about, day by day."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.calendars import Calendars, calendars
from cases.clock import halt, pause, resume, succeed
from cases.detail import show_case
from cases.models import Category, Clock, FilingCondition
from cases.reckoning import DAYS_MOST, explain, reckon
from cases.stages import Stage, Verb
from cases.workdays import DayKind, Unit
from tests.cases.calendar_edits.edits import TUESDAY, at, clock_of, count_all, days, edit, open_case, shifts
from tests.make import MANHOLE, RUBBISH, Town


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


def corrected(session: Session, first: Clock, now: datetime, unit: Unit, round_: int = 2) -> Clock:
    return succeed(
        first, calendars(session), now=now, reason="recategorise", round=round_, limit_seconds=first.limit_seconds,
        unit=unit, urgent=False,
    )  # fmt: skip


def test_each_stretch_is_counted_by_its_own_unit_and_is_no_pause(session: Session) -> None:
    first = clock_of(session, open_case(session), TUESDAY)
    clock = corrected(session, first, at("2026-03-10", "11:00"), Unit.NATURAL_DAY)
    assert told(session, clock)[0] == ("03-10", "03-10", 120 + 13 * 60, None, ""), "two by day, then round the clock"
    found = reckon(clock, calendars(session))["days"]
    counted = sum(one["minutes"] * ((one["to"] - one["from"]).days + 1) for one in found)
    assert counted * 60 == clock.limit_seconds
    assert paused(session, clock) == []


def test_a_correction_to_round_the_clock_leaves_no_day_out_of_hours(session: Session) -> None:
    first = clock_of(session, open_case(session), at("2026-03-14", "20:00"), unit=Unit.WORK_DAY)
    middle = corrected(session, first, at("2026-03-14", "21:00"), Unit.WORK_HOUR)
    clock = corrected(session, middle, at("2026-03-14", "22:00"), Unit.URGENT_HOUR, 3)
    assert all(skipped is None for *_, skipped, _ in told(session, clock))
    before = reckon(clock, calendars(session))["before"]
    assert [(one["unit"], one["minutes"], one["until"]) for one in before] == [
        (Unit.WORK_DAY, 0, at("2026-03-14", "21:00")), (Unit.WORK_HOUR, 0, at("2026-03-14", "22:00")),
    ]  # fmt: skip


def test_what_counted_before_a_correction_is_summed_up_over_its_pauses(session: Session) -> None:
    first = clock_of(session, open_case(session), TUESDAY)
    pause(session, first, now=at("2026-03-10", "10:00"), reason="refuse")
    resume(session, first, now=at("2026-03-10", "11:00"))
    clock = corrected(session, first, at("2026-03-10", "11:30"), Unit.URGENT_HOUR)
    [before] = reckon(clock, calendars(session))["before"]
    assert (before["unit"], before["minutes"], before["until"]) == (Unit.WORK_HOUR, 90, at("2026-03-10", "11:30"))


def test_a_moment_of_a_working_day_is_not_said_to_be_out_of_hours(session: Session) -> None:
    for name, seconds in (("a", 0.4), ("b", 20)):
        clock = clock_of(session, open_case(session, name), TUESDAY)
        pause(session, clock, now=TUESDAY + timedelta(seconds=seconds), reason="decide_suspension")
        assert told(session, clock) == []


def test_an_extension_is_named_and_goes_with_the_limit_that_it_was_granted_to(town: Town) -> None:
    case = town.case(Stage.HANDLING, category=RUBBISH)

    def named() -> tuple[Any, ...]:
        shown = show_case(town.session, town["handler"], case.no, now=town.now, settings=town.settings)
        why = shown["why"]["deadline"]
        return why["limit"], [(one["limit"], one["unit"]) for one in why["extensions"]]

    limit, none = named()
    assert none == []
    for more in (2, 1):
        town.do(Verb.REQUEST_EXTENSION, case, limit=more)
        town.do(Verb.DECIDE_EXTENSION, case)
        town.do(Verb.DECIDE_EXTENSION, case, "dispatcher")
    assert named() == (limit, [(2, "work_hour"), (1, "work_hour")])
    town.do(Verb.RECATEGORISE, case, category_code=MANHOLE, condition_id=other_condition(town))
    assert named()[1] == [], "the correction set a limit of its own"


def other_condition(town: Town) -> int:
    wanted = select(FilingCondition.id).join(Category, Category.id == FilingCondition.category_id)
    found = town.session.scalars(wanted.where(Category.code == MANHOLE).order_by(FilingCondition.position))
    return found.first() or 0


def test_at_the_second_step_its_own_limit_is_told() -> None:
    condition = FilingCondition(
        zh="甲", en="A", limit=1, unit=Unit.URGENT_HOUR, then_limit=5, then_unit=Unit.WORK_DAY
    )  # fmt: skip
    rules = Calendars.__new__(Calendars)  # nothing is counted before there is a clock
    first, second = (explain(condition, step, None, [], rules) for step in (1, 2))
    assert [(one["limit"], one["unit"], one["step"]) for one in (first, second)] == [
        (1, Unit.URGENT_HOUR, 1), (5, Unit.WORK_DAY, 2),
    ]  # fmt: skip


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
