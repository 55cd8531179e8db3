"""Pitfall 6: opening and closing second, lunch, a shift over midnight, no working day at all, loops bounded."""

from datetime import date, timedelta
from time import process_time

import pytest
from sqlalchemy.orm import Session

from cases.calendar_edits import DayWish, Wish, preview
from cases.workdays import CalendarMissing, DayKind, NoWorkingTime, Shift, Unit, WorkCalendar, WorkSchedule
from core.errors import Invalid
from tests.cases.calendar_edits.edits import TUESDAY, at, clock_of, count_all, edit, open_case, shifts
from tests.cases.escalation.ladder import rungs, sweep
from tests.cases.office import MONDAY, china, local, week

SECOND = timedelta(seconds=1)
HOUR = Unit.WORK_HOUR


def test_pitfall_06_the_opening_second_counts_and_the_closing_second_does_not() -> None:
    office = week()
    opening, closing = local("2025-03-03T08:00"), local("2025-03-03T18:00")
    assert office.is_open(opening)
    assert not office.is_open(opening - SECOND)
    assert office.is_open(closing - SECOND)
    assert not office.is_open(closing)
    assert office.used(opening - SECOND, opening + SECOND, HOUR) == 1
    assert office.used(closing - SECOND, closing + SECOND, HOUR) == 1


def test_pitfall_06_a_deadline_at_closing_stays_there_and_the_next_second_is_tomorrows() -> None:
    office = week()
    start = local("2025-03-03T17:00")
    assert office.add_seconds(start, 3600, HOUR) == local("2025-03-03T18:00")
    assert office.add_seconds(start, 3601, HOUR) == local("2025-03-04T08:00:01")


def test_pitfall_06_a_clock_due_at_closing_is_urged_at_closing_not_next_morning(session: Session) -> None:
    clock = clock_of(session, open_case(session), at("2026-03-10", "16:00"), hours=2)
    assert clock.due_at == at("2026-03-10", "18:00")
    assert rungs(sweep(session, at("2026-03-10", "17:59:59"))) == ["warn"]
    assert rungs(sweep(session, at("2026-03-10", "18:00"))) == ["urge"]


def test_pitfall_06_lunch_does_not_count() -> None:
    office = week()
    assert office.add(local("2025-03-03T11:30"), 60, HOUR) == local("2025-03-03T14:30")
    assert office.add(local("2025-03-03T12:30"), 30, HOUR) == local("2025-03-03T14:30")
    assert office.used(local("2025-03-03T12:00"), local("2025-03-03T14:00"), HOUR) == 0


def test_pitfall_06_a_shift_over_midnight_belongs_to_the_day_on_which_it_starts() -> None:
    nights = week(Shift(1320, 1800))
    assert nights.add(local("2025-03-07T23:00"), 6 * 60, HOUR) == local("2025-03-08T05:00")  # Friday's, on Saturday
    assert not nights.is_open(local("2025-03-08T22:30"))
    assert nights.add(local("2025-03-08T05:30"), 60, HOUR) == local("2025-03-10T22:30")


def test_pitfall_06_a_duty_shift_over_midnight_set_by_an_edit_moves_the_clocks_under_way(session: Session) -> None:
    clock = clock_of(session, open_case(session), at("2026-03-10", "17:00"), hours=8)
    edit(session, shifts("2026-03-10", ("20:00", "04:00")), now=TUESDAY)
    count_all(session, now=TUESDAY)
    assert clock.due_at == at("2026-03-11", "04:00"), "the end of the night, not the next evening"
    assert rungs(sweep(session, at("2026-03-11", "03:59:59"))) == ["warn"]
    assert rungs(sweep(session, at("2026-03-11", "04:00"))) == ["urge"]


def test_pitfall_06_a_calendar_without_a_working_day_is_refused() -> None:
    with pytest.raises(NoWorkingTime):
        week(days="0000000")
    with pytest.raises(NoWorkingTime):
        WorkCalendar(MONDAY, [], [WorkSchedule(MONDAY, (Shift(480, 720),))])


def test_pitfall_06_an_edit_that_leaves_no_working_day_is_refused_and_changes_nothing(session: Session) -> None:
    first, last = date(2026, 3, 10), date(2027, 12, 31)
    row = (first + timedelta(offset) for offset in range((last - first).days + 1))
    wish = Wish(tuple(DayWish(day, DayKind.HOLIDAY, "", "days") for day in row))
    with pytest.raises(Invalid) as refusal:
        edit(session, wish, now=TUESDAY)
    assert [error.code for error in refusal.value.errors] == ["no_working_time"]
    assert clock_of(session, open_case(session), TUESDAY, hours=1).due_at == at("2026-03-10", "10:00")
    with pytest.raises(Invalid):
        preview(session, 1, wish, version=1, now=TUESDAY)


def test_pitfall_06_no_question_walks_day_by_day_however_far_it_goes() -> None:
    calendar = china()
    start = local("2018-01-02T08:00")
    begun = process_time()
    for _ in range(2000):
        calendar.add(start, 2_400 * 480, Unit.WORK_DAY)  # nine years of work days
        calendar.used(start, local("2027-12-31T18:00"), HOUR)
    assert process_time() - begun < 1
    with pytest.raises(CalendarMissing):
        calendar.add(start, 10**9, HOUR)
