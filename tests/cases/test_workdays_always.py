"""Working time over changing clocks, what must hold always, and many moments at once."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.workdays import (
    CalendarMissing,
    Shift,
    Unit,
    WorkCalendar,
    WorkSchedule,
)
from tests.cases.office import (
    ALWAYS_UNITS,
    BERLIN,
    OFFICE,
    SECOND,
    china,
    local,
    week,
)


@pytest.fixture(scope="module", autouse=True)
def _calendar_is_built_before_hypothesis_takes_the_time() -> None:
    china()


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
