"""Working-time arithmetic: from a moment and a limit to the deadline and back, over shifts, holidays and make-up days.

A calendar lays its open hours out as one row of periods in epoch seconds with their running sum; each question is then
one or two binary searches. Moments are aware datetimes, cut to the whole second; answers are in UTC.
Rules: the four units of `domain.md` §4.5; a deadline at the end of a period stays there.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import accumulate, pairwise
from typing import Self
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Seconds = NDArray[np.int64]

MINUTES_A_DAY = 1440
SHANGHAI = ZoneInfo("Asia/Shanghai")


class Unit(StrEnum):
    """What a limit counts in: the first two run round the clock, the others inside the calendar's open hours."""

    URGENT_HOUR = "urgent_hour"
    NATURAL_DAY = "natural_day"
    WORK_HOUR = "work_hour"
    WORK_DAY = "work_day"


_ALWAYS = (Unit.URGENT_HOUR, Unit.NATURAL_DAY)
_WORTH = {Unit.URGENT_HOUR: 60, Unit.NATURAL_DAY: 1440, Unit.WORK_HOUR: 60, Unit.WORK_DAY: 480}


def limit_minutes(limit: int | Decimal, unit: Unit) -> int:
    """Minutes that a limit is worth: a work day is always 8 work hours, however long the schedule's own day is.

    Raises ValueError for a negative limit and for one that is no whole number of minutes.
    """
    minutes = Decimal(limit) * _WORTH[unit]
    if not minutes.is_finite() or minutes < 0 or minutes != minutes.to_integral_value():
        raise ValueError(f"a limit of {limit} {unit.value} is no whole number of minutes from 0 up")
    return int(minutes)


def runs_always(unit: Unit) -> bool:
    """Whether the unit counts every minute, so that no calendar is asked."""
    return unit in _ALWAYS


class DayKind(StrEnum):
    """What a day of the calendar is; a make-up day (调休) is a Saturday or Sunday on which people work."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKEUP = "makeup"

    @property
    def works(self) -> bool:
        """Whether the schedule's shifts are worked on such a day."""
        return self in {DayKind.WORKDAY, DayKind.MAKEUP}


@dataclass(frozen=True)
class Shift:
    """Open hours from one minute of the local day to another, both counted from midnight; the end is outside.

    A shift over midnight belongs to the day on which it starts: 22:00 to 06:00 is (1320, 1800).
    """

    start_minute: int
    end_minute: int

    def __post_init__(self) -> None:
        if not 0 <= self.start_minute < MINUTES_A_DAY:
            raise ValueError(f"a shift starts within its day, not at minute {self.start_minute}")
        if not self.start_minute < self.end_minute <= self.start_minute + MINUTES_A_DAY:
            raise ValueError(f"a shift from minute {self.start_minute} cannot end at minute {self.end_minute}")


@dataclass(frozen=True)
class WorkSchedule:
    """The shifts of a working day from `valid_from` on, until a later schedule takes over."""

    valid_from: date
    shifts: tuple[Shift, ...]

    def __post_init__(self) -> None:
        if not self.shifts:
            raise ValueError("a schedule has at least one shift")
        for earlier, later in pairwise(self.shifts):
            if later.start_minute < earlier.end_minute:
                raise ValueError(f"the shifts {earlier} and {later} overlap or stand in the wrong order")

    @property
    def minutes(self) -> int:
        """Length of its working day."""
        return sum(shift.end_minute - shift.start_minute for shift in self.shifts)


class CalendarMissing(LookupError):
    """The answer needs a day that the calendar doesn't have; nothing is guessed."""

    def __init__(self, day: date) -> None:
        super().__init__(f"the working calendar doesn't have {day.isoformat()}")
        self.day = day


class NoWorkingTime(ValueError):
    """A calendar without a single open minute: no deadline could ever fall due."""


class WorkCalendar:
    """Which hours are open from the first to the last of its days, ready for arithmetic.

    Built from a first day and one flag a day (is it worked?), the schedules, the zone of its local days and the days
    that are guessed because their notice isn't out. Days before the first schedule count as unknown. Raises ValueError
    for schedules of one day or for shifts that run into the next day's, NoWorkingTime if nothing is ever open.
    """

    def __init__(
        self,
        first_day: date,
        working: Sequence[bool],
        schedules: Iterable[WorkSchedule],
        *,
        zone: ZoneInfo = SHANGHAI,
        provisional: Iterable[date] = (),
    ) -> None:
        plan = sorted(schedules, key=lambda schedule: schedule.valid_from)
        for earlier, later in pairwise(plan):
            if earlier.valid_from == later.valid_from:
                raise ValueError(f"two schedules begin on {later.valid_from.isoformat()}")
        if not plan or not any(working):
            raise NoWorkingTime("a working calendar needs a schedule and a working day")
        self.zone = zone
        self.first_day = max(first_day, plan[0].valid_from)
        self.last_day = first_day + timedelta(len(working) - 1)
        self._from = _instant(self.first_day, 0, zone)
        self._until = _instant(self.last_day, MINUTES_A_DAY, zone)
        self._provisional = sorted(provisional)
        periods = _periods(first_day, working, plan, zone, self._until)
        if not periods:
            raise NoWorkingTime(f"nothing is open from {self.first_day} to {self.last_day}")
        self._opens = [opens for opens, _ in periods]
        self._closes = [closes for _, closes in periods]
        self._after = list(accumulate(closes - opens for opens, closes in periods))
        self._before = [0, *self._after[:-1]]
        self._total = self._after[-1]
        self._arrays = tuple(np.array(row, np.int64) for row in (self._opens, self._closes, self._before, self._after))

    @classmethod
    def of_days(
        cls,
        days: Mapping[date, DayKind],
        schedules: Iterable[WorkSchedule],
        *,
        zone: ZoneInfo = SHANGHAI,
        provisional: Iterable[date] = (),
    ) -> Self:
        """A calendar from what is kept a day; raises CalendarMissing for the first day that is left out."""
        if not days:
            raise NoWorkingTime("a working calendar needs days")
        first, last = min(days), max(days)
        row = [first + timedelta(offset) for offset in range((last - first).days + 1)]
        for day in row:
            if day not in days:
                raise CalendarMissing(day)
        return cls(first, [days[day].works for day in row], schedules, zone=zone, provisional=provisional)

    def add(self, start: datetime, minutes: int, unit: Unit) -> datetime:
        """The deadline: the first moment at which `minutes` of the unit's time have been used since `start`.

        At the end of a period it stays there; 0 minutes give `start` itself, open or not. Raises ValueError for a
        naive moment and for negative minutes, CalendarMissing if the answer lies outside the calendar.
        """
        return self.add_seconds(start, minutes * 60, unit)

    def add_seconds(self, start: datetime, seconds: int, unit: Unit) -> datetime:
        """`add` to the second, for what is left of a limit when a paused clock runs on."""
        at = _epoch(start)
        if seconds <= 0:
            return _unmoved(start, seconds)
        if unit in _ALWAYS:
            return _moment(at + seconds)
        target = self._worked(at) + seconds
        if target > self._total:
            raise CalendarMissing(self.last_day + timedelta(1))
        index = bisect_left(self._after, target)
        return _moment(self._closes[index] - (self._after[index] - target))

    def subtract(self, end: datetime, minutes: int, unit: Unit) -> datetime:
        """The last moment from which on `minutes` of the unit's time are used until `end`; raises as `add` does."""
        return self.subtract_seconds(end, minutes * 60, unit)

    def subtract_seconds(self, end: datetime, seconds: int, unit: Unit) -> datetime:
        """`subtract` to the second."""
        at = _epoch(end)
        if seconds <= 0:
            return _unmoved(end, seconds)
        if unit in _ALWAYS:
            return _moment(at - seconds)
        target = self._worked(at) - seconds
        if target < 0:
            raise CalendarMissing(self.first_day - timedelta(1))
        index = bisect_right(self._before, target) - 1
        return _moment(self._opens[index] + target - self._before[index])

    def used(self, start: datetime, end: datetime, unit: Unit) -> int:
        """Seconds of the unit's time from `start` to `end`; `used(now, due)` is what is left, negative when over.

        Raises ValueError for a naive moment, CalendarMissing for one outside the calendar.
        """
        first, last = _epoch(start), _epoch(end)
        return last - first if unit in _ALWAYS else self._worked(last) - self._worked(first)

    def is_open(self, moment: datetime) -> bool:
        """Whether working time runs in the second that begins at `moment`: at the opening yes, at the closing no."""
        at = self._known(moment)
        index = bisect_right(self._opens, at)
        return index > 0 and at < self._closes[index - 1]

    def next_open(self, moment: datetime) -> datetime:
        """`moment` if it is open, else the next opening; raises CalendarMissing if the calendar ends before."""
        at = self._known(moment)
        index = bisect_right(self._closes, at)
        if index == len(self._opens):
            raise CalendarMissing(self.last_day + timedelta(1))
        return _moment(max(at, self._opens[index]))

    def touches_provisional(self, start: datetime, end: datetime) -> bool:
        """Whether a day from `start` to `end` is only guessed, so that a deadline counted over it may still move."""
        first, last = _epoch(start), _epoch(end)
        index = bisect_left(self._provisional, self._day_of(first))
        return index < len(self._provisional) and self._provisional[index] <= self._day_of(max(first, last - 1))

    def add_many(self, starts: Seconds, seconds: Seconds) -> Seconds:
        """`add_seconds` in working time, on arrays (n,) of epoch seconds; raises as it does if one of them fails."""
        if (seconds < 0).any():
            raise ValueError("working time to add is never negative")
        _, closes, _, after = self._arrays
        target = self._worked_many(starts) + seconds
        if (target > self._total).any():
            raise CalendarMissing(self.last_day + timedelta(1))
        index = np.searchsorted(after, target, side="left")
        return np.where(seconds == 0, starts, closes[index] - (after[index] - target))

    def used_many(self, starts: Seconds, ends: Seconds) -> Seconds:
        """`used` in working time on arrays (n,) of epoch seconds."""
        return self._worked_many(ends) - self._worked_many(starts)

    def _worked(self, at: int) -> int:
        """Seconds that were open from the calendar's beginning to `at`."""
        if not self._from <= at <= self._until:
            raise CalendarMissing(self._day_of(at))
        index = bisect_right(self._opens, at) - 1
        if index < 0:
            return 0
        return self._before[index] + min(at, self._closes[index]) - self._opens[index]

    def _worked_many(self, at: Seconds) -> Seconds:
        unknown = (at < self._from) | (at > self._until)
        if unknown.any():
            raise CalendarMissing(self._day_of(int(at[unknown.argmax()])))
        opens, closes, before, _ = self._arrays
        index = np.maximum(np.searchsorted(opens, at, side="right") - 1, 0)
        return before[index] + np.maximum(np.minimum(at, closes[index]) - opens[index], 0)

    def _known(self, moment: datetime) -> int:
        at = _epoch(moment)
        if not self._from <= at < self._until:
            raise CalendarMissing(self._day_of(at))
        return at

    def _day_of(self, at: int) -> date:
        return datetime.fromtimestamp(at, self.zone).date()


def _periods(
    first_day: date, working: Sequence[bool], plan: Sequence[WorkSchedule], zone: ZoneInfo, until: int
) -> list[tuple[int, int]]:
    """Opening and closing of each period in epoch seconds; one that a change of the clocks swallows is left out."""
    valid_from = [schedule.valid_from for schedule in plan]
    periods: list[tuple[int, int]] = []
    for offset, works in enumerate(working):
        day = first_day + timedelta(offset)
        rank = bisect_right(valid_from, day)
        for shift in plan[rank - 1].shifts if works and rank else ():
            opens = _instant(day, shift.start_minute, zone)
            closes = min(_instant(day, shift.end_minute, zone), until)
            if periods and opens < periods[-1][1]:
                raise ValueError(f"the shift {shift} of {day.isoformat()} begins before the one of the day before ends")
            if opens < closes:
                periods.append((opens, closes))
    return periods


def _instant(day: date, minute: int, zone: ZoneInfo) -> int:
    """Epoch second of a local minute: the first of two when clocks go back, the change itself if it is skipped."""
    local = datetime.combine(
        day + timedelta(minute // MINUTES_A_DAY), time(minute % MINUTES_A_DAY // 60, minute % 60), zone
    )
    early, late = _epoch(local), _epoch(local.replace(fold=1))
    if early <= late:
        return early
    before = datetime.fromtimestamp(late, zone).utcoffset()
    low, high = late, early  # skipped: the change lies between the two readings
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _epoch(moment: datetime) -> int:
    if moment.utcoffset() is None:
        raise ValueError(f"{moment.isoformat()} is naive: a moment carries its offset")
    since = moment - _EPOCH
    return since.days * 86_400 + since.seconds


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _unmoved(moment: datetime, seconds: int) -> datetime:
    if seconds < 0:
        raise ValueError(f"{seconds} seconds: time to count is never negative")
    return moment.astimezone(UTC)
