"""Working-time arithmetic: the vectors of the standard, the edges of the day, zones, and what must hold always."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pytest

from cases.workdays import (
    CalendarMissing,
    DayKind,
    NoWorkingTime,
    Shift,
    Unit,
    WorkCalendar,
    WorkSchedule,
    limit_minutes,
    runs_always,
)

if TYPE_CHECKING:
    from collections.abc import Callable
from tests.cases.office import ALWAYS_UNITS, MONDAY, OFFICE, WORK_UNITS, china, local, week


@pytest.fixture(scope="module", autouse=True)
def _calendar_is_built_before_hypothesis_takes_the_time() -> None:
    china()


# --- units


@pytest.mark.parametrize(
    ("limit", "unit", "minutes"),
    [
        (2, Unit.URGENT_HOUR, 120),
        (1, Unit.NATURAL_DAY, 1440),
        (4, Unit.WORK_HOUR, 240),
        (5, Unit.WORK_DAY, 2400),
        (Decimal("0.5"), Unit.WORK_DAY, 240),
        (Decimal("0.25"), Unit.WORK_HOUR, 15),
        (0, Unit.WORK_DAY, 0),
    ],
)
def test_a_limit_is_worth_its_minutes(limit: int | Decimal, unit: Unit, minutes: int) -> None:
    assert limit_minutes(limit, unit) == minutes


@pytest.mark.parametrize("limit", [-1, Decimal("0.001"), Decimal("NaN"), Decimal("Infinity"), Decimal("-Infinity")])
@pytest.mark.parametrize("unit", Unit)
def test_a_limit_that_is_no_whole_number_of_minutes_is_refused(limit: int | Decimal, unit: Unit) -> None:
    with pytest.raises(ValueError, match="whole number of minutes"):
        limit_minutes(limit, unit)


def test_two_units_run_round_the_clock_and_two_by_the_calendar() -> None:
    assert [unit for unit in Unit if runs_always(unit)] == ALWAYS_UNITS


def test_workdays_and_makeup_days_are_worked() -> None:
    assert {kind for kind in DayKind if kind.works} == {DayKind.WORKDAY, DayKind.MAKEUP}


# --- shifts, schedules and calendars that cannot be


@pytest.mark.parametrize(("start", "end"), [(-1, 60), (1440, 1500), (60, 60), (60, 30), (60, 1501)])
def test_a_shift_that_cannot_be_is_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="minute"):
        Shift(start, end)


def test_shifts_that_overlap_or_stand_in_the_wrong_order_are_refused() -> None:
    for shifts in ((Shift(480, 720), Shift(719, 1080)), (Shift(840, 1080), Shift(480, 720))):
        with pytest.raises(ValueError, match="overlap"):
            WorkSchedule(MONDAY, shifts)


def test_a_schedule_without_a_shift_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one shift"):
        WorkSchedule(MONDAY, ())


def test_two_schedules_from_one_day_on_are_refused() -> None:
    with pytest.raises(ValueError, match="two schedules begin on 2025-03-03"):
        WorkCalendar(MONDAY, [True], [WorkSchedule(MONDAY, OFFICE)] * 2)


@pytest.mark.parametrize(
    ("working", "schedules"),
    [
        ([], [WorkSchedule(MONDAY, OFFICE)]),
        ([False] * 7, [WorkSchedule(MONDAY, OFFICE)]),
        ([True] * 7, []),
        ([True] * 7, [WorkSchedule(MONDAY + timedelta(7), OFFICE)]),
    ],
)
def test_a_calendar_that_is_never_open_is_refused(working: list[bool], schedules: list[WorkSchedule]) -> None:
    with pytest.raises(NoWorkingTime):
        WorkCalendar(MONDAY, working, schedules)


def test_a_calendar_of_no_days_is_refused() -> None:
    with pytest.raises(NoWorkingTime):
        WorkCalendar.of_days({}, [WorkSchedule(MONDAY, OFFICE)])


def test_a_day_left_out_of_the_calendar_is_named() -> None:
    days = {MONDAY + timedelta(offset): DayKind.WORKDAY for offset in (0, 1, 3)}
    with pytest.raises(CalendarMissing, match="2025-03-05") as refusal:
        WorkCalendar.of_days(days, [WorkSchedule(MONDAY, OFFICE)])
    assert refusal.value.day == date(2025, 3, 5)


def test_a_calendar_knows_its_first_and_last_day() -> None:
    assert (china().first_day, china().last_day) == (date(2018, 1, 1), date(2027, 12, 31))


# --- the vectors of domain.md §4.5


@pytest.mark.parametrize(
    ("start", "limit", "unit", "deadline"),
    [
        ("2018-09-30 17:00", 4, Unit.WORK_HOUR, "2018-10-08 11:00"),
        ("2018-09-29 16:00", 1, Unit.WORK_DAY, "2018-09-30 16:00"),
        ("2018-09-29 16:00", 5, Unit.WORK_DAY, "2018-10-11 16:00"),
        ("2018-09-28 11:30", 1, Unit.WORK_HOUR, "2018-09-28 14:30"),
        ("2018-09-28 19:00", Decimal("0.5"), Unit.WORK_HOUR, "2018-09-29 08:30"),
        ("2018-10-03 09:00", 4, Unit.WORK_HOUR, "2018-10-08 12:00"),
        ("2018-09-30 23:30", 2, Unit.URGENT_HOUR, "2018-10-01 01:30"),
        # and some more of the same kind
        ("2018-09-30 23:30", 1, Unit.NATURAL_DAY, "2018-10-01 23:30"),
        ("2018-12-29 17:30", 1, Unit.WORK_HOUR, "2019-01-02 08:30"),  # a make-up Saturday, then New Year
        ("2024-02-28 17:00", 1, Unit.WORK_DAY, "2024-02-29 17:00"),
        ("2024-02-29 17:00", 1, Unit.WORK_DAY, "2024-03-01 17:00"),
        ("2025-02-28 17:00", 1, Unit.WORK_DAY, "2025-03-03 17:00"),
        ("2024-02-28 23:30", 1, Unit.NATURAL_DAY, "2024-02-29 23:30"),
    ],
)
def test_the_deadline_is_that_of_the_standard(start: str, limit: int | Decimal, unit: Unit, deadline: str) -> None:
    minutes = limit_minutes(limit, unit)
    assert china().add(local(start), minutes, unit) == local(deadline)
    assert china().used(local(start), local(deadline), unit) == minutes * 60


def test_a_work_day_is_eight_hours_however_long_the_schedules_day_is() -> None:
    short = week(Shift(540, 720), Shift(780, 1020))  # 09–12, 13–17: seven hours
    assert WorkSchedule(MONDAY, (Shift(540, 720), Shift(780, 1020))).minutes == 420
    assert short.add(local("2025-03-03 09:00"), limit_minutes(1, Unit.WORK_DAY), Unit.WORK_DAY) == local(
        "2025-03-04 10:00"
    )


def test_a_new_schedule_takes_over_on_its_day() -> None:
    summer = WorkSchedule(date(2025, 3, 5), (Shift(420, 660),))
    calendar = WorkCalendar(MONDAY, [True] * 5, [summer, WorkSchedule(MONDAY, OFFICE)])
    assert calendar.add(local("2025-03-04 17:00"), 120, Unit.WORK_HOUR) == local("2025-03-05 08:00")


# --- the edges of the day


@pytest.mark.parametrize(
    ("moment", "open_now", "next_open"),
    [
        ("2025-03-03 07:59:59", False, "2025-03-03 08:00:00"),
        ("2025-03-03 08:00:00", True, "2025-03-03 08:00:00"),
        ("2025-03-03 11:59:59", True, "2025-03-03 11:59:59"),
        ("2025-03-03 12:00:00", False, "2025-03-03 14:00:00"),
        ("2025-03-03 13:59:59", False, "2025-03-03 14:00:00"),
        ("2025-03-07 17:59:59", True, "2025-03-07 17:59:59"),
        ("2025-03-07 18:00:00", False, "2025-03-10 08:00:00"),
        ("2025-03-08 10:00:00", False, "2025-03-10 08:00:00"),
    ],
)
def test_it_is_open_from_the_opening_second_to_the_last_before_closing(
    moment: str, open_now: bool, next_open: str
) -> None:
    assert week().is_open(local(moment)) is open_now
    assert week().next_open(local(moment)) == local(next_open)


def test_a_deadline_at_the_end_of_a_period_stays_there() -> None:
    calendar = week()
    assert calendar.add(local("2025-03-03 09:00"), 180, Unit.WORK_HOUR) == local("2025-03-03 12:00")
    assert calendar.add(local("2025-03-03 09:00"), 181, Unit.WORK_HOUR) == local("2025-03-03 14:01")
    assert calendar.add(local("2025-03-07 17:00"), 60, Unit.WORK_HOUR) == local("2025-03-07 18:00")


def test_time_taken_back_from_an_opening_ends_before_the_break() -> None:
    calendar = week()
    assert calendar.subtract(local("2025-03-10 08:00"), 60, Unit.WORK_HOUR) == local("2025-03-07 17:00")
    assert calendar.subtract(local("2025-03-10 09:00"), 60, Unit.WORK_HOUR) == local("2025-03-10 08:00")
    assert calendar.subtract(local("2025-03-08 12:00"), 1, Unit.WORK_HOUR) == local("2025-03-07 17:59")
    assert calendar.subtract(local("2025-03-10 09:00"), 120, Unit.URGENT_HOUR) == local("2025-03-10 07:00")


def test_seconds_count_exactly() -> None:
    calendar = week()
    start = local("2025-03-03 11:59:41")
    assert calendar.add(start, 1, Unit.WORK_HOUR) == local("2025-03-03 14:00:41")
    assert calendar.used(start, local("2025-03-03 14:00:00"), Unit.WORK_HOUR) == 19
    assert calendar.add_seconds(start, 19, Unit.WORK_HOUR) == local("2025-03-03 12:00:00")
    assert calendar.add_seconds(start, 20, Unit.WORK_HOUR) == local("2025-03-03 14:00:01")
    assert calendar.subtract_seconds(local("2025-03-03 14:00:01"), 20, Unit.WORK_HOUR) == start


def test_a_moment_is_cut_to_its_second() -> None:
    start = local("2025-03-03 09:00:00.999999")
    for unit in Unit:
        assert week().add(start, 1, unit) == local("2025-03-03 09:01")
        assert week().used(start, local("2025-03-03 09:01"), unit) == 60


@pytest.mark.parametrize("unit", Unit)
def test_no_time_to_count_ends_where_it_starts_open_or_not(unit: Unit) -> None:
    for start in (local("2025-03-03 09:00"), local("2025-03-08 03:00:00.5")):
        assert week().add(start, 0, unit) == start
        assert week().subtract(start, 0, unit) == start


def test_a_weekend_adds_nothing() -> None:
    assert week().used(local("2025-03-07 18:00"), local("2025-03-10 08:00"), Unit.WORK_HOUR) == 0


def test_what_is_left_turns_negative_when_it_is_over() -> None:
    due, now = local("2025-03-07 17:00"), local("2025-03-10 09:00")
    assert week().used(now, due, Unit.WORK_HOUR) == -2 * 3600


def test_a_shift_over_midnight_belongs_to_the_day_it_starts_on() -> None:
    night = week(Shift(1320, 1800))  # 22:00–06:00, Monday to Friday
    assert night.is_open(local("2025-03-08 05:59:59"))  # Saturday morning, Friday's shift
    assert not night.is_open(local("2025-03-08 06:00:00"))
    assert not night.is_open(local("2025-03-03 05:00"))
    assert night.add(local("2025-03-07 23:00"), 8 * 60, Unit.WORK_HOUR) == local("2025-03-10 23:00")


def test_a_night_shift_ends_with_the_calendar() -> None:
    night = week(Shift(1320, 1800), days="1111111", weeks=1)
    assert night.add(local("2025-03-09 22:00"), 120, Unit.WORK_HOUR) == local("2025-03-10 00:00")
    with pytest.raises(CalendarMissing, match="2025-03-10"):
        night.add(local("2025-03-09 22:00"), 121, Unit.WORK_HOUR)


def test_a_night_shift_that_runs_into_the_next_days_is_refused() -> None:
    with pytest.raises(ValueError, match="2025-03-04"):
        week(Shift(300, 720), Shift(1320, 1800))


def test_round_the_clock_shifts_never_close() -> None:
    calendar = week(Shift(0, 1440), days="1111111")
    start = local("2025-03-03 23:59:30")
    assert calendar.add(start, 1, Unit.WORK_HOUR) == start + timedelta(minutes=1)
    assert calendar.is_open(local("2025-03-04 00:00"))


# --- what the calendar does not have


@pytest.mark.parametrize("unit", WORK_UNITS)
def test_a_day_outside_the_calendar_is_named_and_not_guessed(unit: Unit) -> None:
    calendar = week()  # 2025-03-03 … 2025-03-30
    inside, before, after = local("2025-03-10 09:00"), local("2025-03-02 23:59:59"), local("2025-03-31 00:00:01")
    asks: list[tuple[Callable[[], object], date]] = [
        (lambda: calendar.add(before, 1, unit), date(2025, 3, 2)),
        (lambda: calendar.add(after, 1, unit), date(2025, 3, 31)),
        (lambda: calendar.add(inside, 1_000_000_000, unit), date(2025, 3, 31)),
        (lambda: calendar.subtract(inside, 1_000_000_000, unit), date(2025, 3, 2)),
        (lambda: calendar.subtract(after, 1, unit), date(2025, 3, 31)),
        (lambda: calendar.used(before, inside, unit), date(2025, 3, 2)),
        (lambda: calendar.used(inside, after, unit), date(2025, 3, 31)),
        (lambda: calendar.is_open(before), date(2025, 3, 2)),
        (lambda: calendar.is_open(local("2025-03-31 00:00")), date(2025, 3, 31)),
        (lambda: calendar.next_open(after), date(2025, 3, 31)),
        (lambda: calendar.next_open(local("2025-03-28 18:00")), date(2025, 3, 31)),
    ]
    for ask, day in asks:
        with pytest.raises(CalendarMissing) as refusal:
            ask()
        assert refusal.value.day == day


def test_round_the_clock_units_need_no_calendar() -> None:
    start = local("1999-12-31 23:00")
    for unit in ALWAYS_UNITS:
        assert week().add(start, 120, unit) == local("2000-01-01 01:00")
        assert week().used(start, local("2000-01-01 01:00"), unit) == 7200
        assert week().subtract(local("2000-01-01 01:00"), 120, unit) == start


def test_the_days_before_the_first_schedule_are_unknown() -> None:
    calendar = WorkCalendar(MONDAY, [True] * 14, [WorkSchedule(date(2025, 3, 10), OFFICE)])
    assert calendar.first_day == date(2025, 3, 10)
    with pytest.raises(CalendarMissing, match="2025-03-09"):
        calendar.is_open(local("2025-03-09 10:00"))
    assert not calendar.is_open(local("2025-03-10 07:00"))


def test_the_last_midnight_still_ends_a_period_but_begins_nothing() -> None:
    calendar = week(Shift(1380, 1440), days="1111111", weeks=1)
    midnight = local("2025-03-10 00:00")
    assert calendar.add(local("2025-03-09 12:00"), 60, Unit.WORK_HOUR) == midnight
    assert calendar.used(local("2025-03-09 12:00"), midnight, Unit.WORK_HOUR) == 3600
    with pytest.raises(CalendarMissing, match="2025-03-10"):
        calendar.add(midnight, 1, Unit.WORK_HOUR)


# --- naive moments and time that runs backwards


@pytest.mark.parametrize("unit", Unit)
def test_a_naive_moment_is_refused_everywhere(unit: Unit) -> None:
    naive, aware = datetime(2025, 3, 3, 9), local("2025-03-03 09:00")  # noqa: DTZ001 - that is the point
    calendar = week()
    asks: list[Callable[[], object]] = [
        lambda: calendar.add(naive, 0, unit),
        lambda: calendar.add(naive, 5, unit),
        lambda: calendar.subtract(naive, 5, unit),
        lambda: calendar.used(naive, aware, unit),
        lambda: calendar.used(aware, naive, unit),
        lambda: calendar.is_open(naive),
        lambda: calendar.next_open(naive),
        lambda: calendar.touches_provisional(naive, aware),
    ]
    for ask in asks:
        with pytest.raises(ValueError, match="naive"):
            ask()


@pytest.mark.parametrize("unit", Unit)
def test_negative_time_is_refused(unit: Unit) -> None:
    start = local("2025-03-03 09:00")
    with pytest.raises(ValueError, match="never negative"):
        week().add(start, -1, unit)
    with pytest.raises(ValueError, match="never negative"):
        week().subtract(start, -1, unit)
    with pytest.raises(ValueError, match="never negative"):
        week().add_many(np.array([0]), np.array([-1]))


def test_answers_are_in_utc() -> None:
    start = local("2025-03-03 09:00")
    calendar = week()
    answers = [calendar.next_open(start)]
    for unit in Unit:
        answers += [calendar.add(start, m, unit) for m in (0, 5)] + [calendar.subtract(start, m, unit) for m in (0, 5)]
    assert all(answer.tzinfo is UTC for answer in answers)


def test_the_offset_a_moment_is_written_in_changes_nothing() -> None:
    start = local("2025-03-03 11:30")
    other = start.astimezone(timezone(timedelta(hours=-7)))
    assert week().add(start, 60, Unit.WORK_HOUR) == week().add(other, 60, Unit.WORK_HOUR)


# --- provisional days


@pytest.mark.parametrize(
    ("start", "end", "touched"),
    [
        ("2026-12-30 09:00", "2026-12-31 18:00", False),
        ("2026-12-30 09:00", "2027-01-01 00:00", False),
        ("2026-12-30 09:00", "2027-01-01 00:00:01", True),
        ("2027-03-01 09:00", "2027-03-01 09:00", True),
        ("2020-01-01 09:00", "2027-12-31 09:00", True),
        ("2028-01-01 09:00", "2028-01-02 09:00", False),
    ],
)
def test_a_span_over_a_guessed_day_says_so(start: str, end: str, touched: bool) -> None:
    assert china().touches_provisional(local(start), local(end)) is touched
