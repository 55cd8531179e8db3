"""Working-time arithmetic: the vectors of the standard, the edges of the day, zones, and what must hold always."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.calendar_seed import calendar_days
from cases.workdays import (
    SHANGHAI,
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

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = (Shift(480, 720), Shift(840, 1080))
MONDAY = date(2025, 3, 3)
SECOND = timedelta(seconds=1)
WORK_UNITS = [Unit.WORK_HOUR, Unit.WORK_DAY]
ALWAYS_UNITS = [Unit.URGENT_HOUR, Unit.NATURAL_DAY]


@cache
def china() -> WorkCalendar:
    days = calendar_days(2018, 2027)
    return WorkCalendar.of_days(
        {one.day: one.kind for one in days},
        [WorkSchedule(date(2018, 1, 1), OFFICE)],
        provisional=[one.day for one in days if one.provisional],
    )


@pytest.fixture(scope="module", autouse=True)
def _calendar_is_built_before_hypothesis_takes_the_time() -> None:
    china()


def week(*shifts: Shift, days: str = "1111100", weeks: int = 4, zone: ZoneInfo = SHANGHAI) -> WorkCalendar:
    """Four weeks from a Monday on, worked on the days marked 1."""
    working = [mark == "1" for mark in days * weeks]
    return WorkCalendar(MONDAY, working, [WorkSchedule(MONDAY, shifts or OFFICE)], zone=zone)


def local(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


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


# --- zones whose clocks change


@pytest.mark.parametrize(
    ("start", "deadline"),
    [
        ("2025-03-29 12:00", "2025-03-30 13:00"),  # 23-hour day: a natural day is 1,440 minutes
        ("2025-10-25 12:00", "2025-10-26 11:00"),  # 25-hour day
    ],
)
def test_a_natural_day_is_1440_minutes_even_when_the_clocks_change(start: str, deadline: str) -> None:
    calendar = week(zone=BERLIN)
    assert calendar.add(local(start, BERLIN), 1440, Unit.NATURAL_DAY) == local(deadline, BERLIN)


def berlin(first_day: date, *shifts: Shift) -> WorkCalendar:
    return WorkCalendar(first_day, [True] * 4, [WorkSchedule(first_day, shifts)], zone=BERLIN)


def test_office_hours_keep_their_local_time_over_the_change_of_the_clocks() -> None:
    spring, autumn = berlin(date(2025, 3, 29), *OFFICE), berlin(date(2025, 10, 25), *OFFICE)
    for calendar, saturday, sunday in ((spring, "2025-03-29", "2025-03-30"), (autumn, "2025-10-25", "2025-10-26")):
        start, deadline = local(f"{saturday} 16:00", BERLIN), local(f"{sunday} 16:00", BERLIN)
        assert calendar.add(start, 480, Unit.WORK_DAY) == deadline
        assert calendar.used(start, deadline, Unit.WORK_HOUR) == 480 * 60


@pytest.mark.parametrize(
    ("shift", "minutes"),
    [
        (Shift(60, 240), 120),  # 01:00–04:00 without the hour from 2 to 3
        (Shift(150, 240), 60),  # 02:30 is never reached: it opens at 3
        (Shift(60, 150), 60),  # closes when the clocks change
        (Shift(130, 170), 0),  # swallowed whole
        (Shift(120, 180), 0),
    ],
)
def test_a_night_shift_loses_the_hour_that_the_clocks_skip(shift: Shift, minutes: int) -> None:
    calendar = berlin(date(2025, 3, 29), shift)
    day = (local("2025-03-30 00:00", BERLIN), local("2025-03-31 00:00", BERLIN))
    assert calendar.used(*day, Unit.WORK_HOUR) == minutes * 60


def test_a_shift_in_the_skipped_hour_opens_at_the_very_change() -> None:
    calendar = berlin(date(2025, 3, 29), Shift(150, 240))
    change = datetime(2025, 3, 30, 1, 0, tzinfo=UTC)
    assert calendar.next_open(change - timedelta(hours=12)) == change
    assert not calendar.is_open(change - SECOND)


def test_a_night_shift_gains_the_hour_that_comes_twice() -> None:
    calendar = berlin(date(2025, 10, 25), Shift(60, 240))
    day = (local("2025-10-26 00:00", BERLIN), local("2025-10-27 00:00", BERLIN))
    assert calendar.used(*day, Unit.WORK_HOUR) == 240 * 60


# --- what must hold always

FIRST, LAST = datetime(2018, 6, 1), datetime(2027, 6, 1)  # noqa: DTZ001 - hypothesis adds the zone itself
MOMENTS = st.datetimes(FIRST, LAST, timezones=st.just(UTC))
MINUTES = st.integers(0, 20_000)  # up to a quarter of a year of work
UNITS = st.sampled_from(Unit)


@given(start=MOMENTS, minutes=MINUTES, unit=UNITS)
def test_the_time_used_until_the_deadline_is_the_limit(start: datetime, minutes: int, unit: Unit) -> None:
    assert china().used(start, china().add(start, minutes, unit), unit) == minutes * 60


@given(end=MOMENTS, minutes=MINUTES, unit=UNITS)
def test_the_time_used_from_the_moment_counted_back_is_the_same(end: datetime, minutes: int, unit: Unit) -> None:
    assert china().used(china().subtract(end, minutes, unit), end, unit) == minutes * 60


@given(start=MOMENTS, minutes=st.integers(1, 20_000), unit=UNITS)
def test_a_second_before_the_deadline_there_is_time_left(start: datetime, minutes: int, unit: Unit) -> None:
    due = china().add(start, minutes, unit)
    assert china().used(start, due - SECOND, unit) == minutes * 60 - 1
    assert unit in ALWAYS_UNITS or china().is_open(due - SECOND)


@given(start=MOMENTS, first=MINUTES, second=MINUTES, unit=UNITS)
def test_a_limit_in_two_parts_ends_where_the_whole_does(start: datetime, first: int, second: int, unit: Unit) -> None:
    start = start.replace(microsecond=0)
    halfway = china().add(start, first, unit)
    assert china().add(halfway, second, unit) == china().add(start, first + second, unit)


@given(start=MOMENTS, end=MOMENTS, unit=UNITS)
def test_time_used_grows_with_time_and_never_faster(start: datetime, end: datetime, unit: Unit) -> None:
    start, end = sorted((start, end))
    used = china().used(start, end, unit)
    assert 0 <= used <= (end - start) / SECOND + 1
    assert china().used(end, start, unit) == -used


@given(moment=MOMENTS)
def test_the_next_opening_is_the_first_open_moment(moment: datetime) -> None:
    opening = china().next_open(moment)
    assert china().is_open(opening)
    assert china().used(moment, opening, Unit.WORK_HOUR) == 0
    assert (opening == moment.replace(microsecond=0)) == china().is_open(moment)


@settings(max_examples=40, deadline=None)
@given(
    marks=st.lists(st.integers(0, 1440), min_size=2, max_size=8, unique=True).filter(lambda marks: len(marks) % 2 == 0),
    days=st.text("01", min_size=7, max_size=7).filter(lambda days: "1" in days),
    start=st.integers(0, 7 * 86_400 - 1),
    seconds=st.integers(1, 100_000),
)
def test_any_schedule_agrees_with_counting_second_by_second(
    marks: list[int], days: str, start: int, seconds: int
) -> None:
    marks.sort()
    shifts = [Shift(opens, closes) for opens, closes in list(pairwise(marks))[::2]]
    calendar = week(*shifts, days=days)
    begin = local("2025-03-03 00:00") + timedelta(seconds=start)
    ticks = np.zeros(28 * 86_400, bool)
    for day in range(28):
        for shift in shifts if days[day % 7] == "1" else ():
            ticks[day * 86_400 + shift.start_minute * 60 : day * 86_400 + shift.end_minute * 60] = True
    counted = np.flatnonzero(ticks[start:])
    assert calendar.is_open(begin) is bool(ticks[start])
    if len(counted) >= seconds:
        due = begin + timedelta(seconds=int(counted[seconds - 1]) + 1)
        assert calendar.add_seconds(begin, seconds, Unit.WORK_HOUR) == due
    else:
        with pytest.raises(CalendarMissing):
            calendar.add_seconds(begin, seconds, Unit.WORK_HOUR)


# --- one and many


def test_many_deadlines_are_those_of_each_alone() -> None:
    calendar = china()
    random = np.random.default_rng(1)
    first, last = (int(local(text).timestamp()) for text in ("2018-01-01 00:00", "2027-06-01 00:00"))
    starts = random.integers(first, last, 3000)
    starts[:1000] -= starts[:1000] % 1800  # openings, closings and midnights among them
    starts[0] = first
    seconds = random.integers(0, 600_000, 3000)
    seconds[::3] -= seconds[::3] % 14_400
    alone = [
        calendar.add_seconds(datetime.fromtimestamp(start, UTC), length, Unit.WORK_HOUR)
        for start, length in zip(starts.tolist(), seconds.tolist(), strict=True)
    ]
    many = calendar.add_many(starts, seconds)
    assert many.tolist() == [int(moment.timestamp()) for moment in alone]
    assert calendar.used_many(starts, many).tolist() == seconds.tolist()
    assert (calendar.used_many(many, starts) == -seconds).all()


def test_many_refuse_what_one_refuses() -> None:
    calendar = week()
    inside, outside = (int(local(text).timestamp()) for text in ("2025-03-10 09:00", "2025-03-02 09:00"))
    with pytest.raises(CalendarMissing, match="2025-03-02"):
        calendar.add_many(np.array([inside, outside]), np.array([1, 1]))
    with pytest.raises(CalendarMissing, match="2025-03-31"):
        calendar.add_many(np.array([inside, inside]), np.array([1, 10_000_000]))
    with pytest.raises(CalendarMissing, match="2025-03-02"):
        calendar.used_many(np.array([outside]), np.array([inside]))


def test_no_starts_give_no_deadlines() -> None:
    nothing = np.array([], dtype=np.int64)
    assert week().add_many(nothing, nothing).shape == (0,)
