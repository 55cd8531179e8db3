"""What somebody wants of a calendar, checked against what it is: the days and shifts that would change.

Only days from today on change: what has been counted stays counted. A year that a calendar lacks, and the guessed days
of one that is imported as text (the decree with its 调休), are filled by the days of the week.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cases.calendars import shift
from cases.workdays import CalendarMissing, DayKind, NoWorkingTime, WorkCalendar, WorkSchedule
from core.errors import FieldError, Invalid

EDITED, IMPORTED, FILLED = "edited", "imported", "weekday"
# No decree reaches further than the next year; a slip of the pen shall not fill a century.
YEARS_AHEAD = 5
Shifts = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class DayWish:
    """A day as it shall be; `place` is where it stands in the input."""

    day: date
    kind: DayKind
    name: str
    place: str


@dataclass(frozen=True)
class ScheduleWish:
    """The shifts from a day on; none: the schedule that begins that day goes away."""

    valid_from: date
    shifts: Shifts
    place: str


@dataclass(frozen=True)
class Wish:
    """All that one edit shall change; of `text` each line is a day: `2027-01-01,holiday,元旦`."""

    days: tuple[DayWish, ...] = ()
    text: str = ""
    schedules: tuple[ScheduleWish, ...] = ()


@dataclass(frozen=True)
class KeptDay:
    kind: DayKind
    name: str
    provisional: bool
    source: str


@dataclass(frozen=True)
class KeptCalendar:
    """A calendar as it lies in the database."""

    id: int
    zone: ZoneInfo
    days: Mapping[date, KeptDay]
    schedules: Mapping[date, Shifts]

    def work_calendar(self) -> WorkCalendar:
        """Ready for arithmetic; raises what `workdays.WorkCalendar` raises."""
        schedules = [
            WorkSchedule(valid_from, tuple(shift(*pair) for pair in shifts))
            for valid_from, shifts in self.schedules.items()
        ]
        return WorkCalendar.of_days({day: kept.kind for day, kept in self.days.items()}, schedules, zone=self.zone)


@dataclass(frozen=True)
class Change:
    """What an edit makes of a calendar; `changed` names the days whose kind or name becomes another."""

    days: Mapping[date, KeptDay]
    schedules: Mapping[date, Shifts]
    after: WorkCalendar
    changed: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """As an edit keeps it."""
        return {
            "days": [[one["day"].isoformat(), one["kind"].value, one["name"]] for one in self.changed],
            "schedules": [[day.isoformat(), shifts] for day, shifts in sorted(self.schedules.items())],
        }


def plan_change(kept: KeptCalendar, wish: Wish, *, now: datetime) -> Change:
    """What the wish would change from today on. Raises Invalid with all that is wrong with it.

    That is: lines that say no day, days twice or past, make-up days within the week, a year behind a gap, shifts that
    overlap, a calendar without working time from now on, and a wish that changes nothing.
    """
    today = now.astimezone(kept.zone).date()
    read = list(_lines(wish.text))
    errors = [one for one in read if isinstance(one, FieldError)]
    named = [one for one in read if isinstance(one, DayWish)]
    errors += _faults_of_days(kept, [*wish.days, *named], today)
    errors += _faults_of_schedules(kept, wish.schedules, today)
    if errors:
        raise Invalid(errors)
    days = _new_days(kept, wish.days, named, today)
    schedules = {one.valid_from: one.shifts for one in wish.schedules if _moves(kept, one)}
    if not days and not schedules:
        raise Invalid.one("", "nothing_changes")
    return Change(days, schedules, _after(kept, days, schedules, now), _changed(kept, days))


def _lines(text: str) -> Iterator[DayWish | FieldError]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        place = f"text.{number}"
        try:
            day, kind, name = (part.strip() for part in [*line.split(",", 2), ""][:3])
            yield DayWish(date.fromisoformat(day), DayKind(kind), name[:80], place)
        except ValueError:
            yield FieldError.of(place, "bad_line", expected=", ".join(DayKind))


def _faults_of_days(kept: KeptCalendar, wishes: list[DayWish], today: date) -> Iterator[FieldError]:
    seen: set[date] = set()
    last = max((day.year for day in kept.days), default=today.year - 1)
    years = {wish.day.year for wish in wishes}
    for wish in wishes:
        before = kept.days.get(wish.day)
        if wish.day in seen:
            yield FieldError.of(wish.place, "duplicate")
        elif wish.day < today and (before is None or (before.kind, before.name) != (wish.kind, wish.name)):
            yield FieldError.of(wish.place, "day_past", today=today.isoformat())
        elif wish.kind is DayKind.MAKEUP and wish.day.weekday() < 5:
            yield FieldError.of(wish.place, "not_a_weekend")
        elif wish.day.year > today.year + YEARS_AHEAD:
            yield FieldError.of(wish.place, "too_far_ahead", years=YEARS_AHEAD)
        elif any(year not in years for year in range(last + 1, wish.day.year)):
            yield FieldError.of(wish.place, "year_gap", year=last + 1)
        seen.add(wish.day)


def _faults_of_schedules(kept: KeptCalendar, wishes: tuple[ScheduleWish, ...], today: date) -> Iterator[FieldError]:
    seen: set[date] = set()
    for wish in wishes:
        if wish.valid_from in seen:
            yield FieldError.of(f"{wish.place}.valid_from", "duplicate")
        elif wish.valid_from < today and _moves(kept, wish):
            yield FieldError.of(f"{wish.place}.valid_from", "day_past", today=today.isoformat())
        seen.add(wish.valid_from)
        try:
            if wish.shifts:
                WorkSchedule(wish.valid_from, tuple(shift(*pair) for pair in wish.shifts))
        except ValueError:
            yield FieldError.of(f"{wish.place}.shifts", "shifts_overlap")


def _moves(kept: KeptCalendar, wish: ScheduleWish) -> bool:
    return kept.schedules.get(wish.valid_from, ()) != wish.shifts


def _new_days(
    kept: KeptCalendar, wishes: tuple[DayWish, ...], named: list[DayWish], today: date
) -> dict[date, KeptDay]:
    """The rows that become others: what is wished, and what fills the years around it."""
    days: dict[date, KeptDay] = {}
    decreed = {wish.day.year for wish in named}
    for year in sorted(decreed | {wish.day.year for wish in wishes}):
        for day in _days_of(year):
            before = kept.days.get(day)
            if before is None or (before.provisional and year in decreed and day >= today):
                plain = DayKind.WEEKEND if day.weekday() >= 5 else DayKind.WORKDAY
                days[day] = KeptDay(plain, "", year not in decreed, FILLED)
    for source, given in ((EDITED, wishes), (IMPORTED, named)):
        days |= {one.day: KeptDay(one.kind, one.name, provisional=False, source=source) for one in given}
    return {day: new for day, new in days.items() if not _same(kept.days.get(day), new)}


def _same(before: KeptDay | None, new: KeptDay) -> bool:
    if before is None:
        return False
    return (before.kind, before.name, before.provisional) == (new.kind, new.name, new.provisional)


def _days_of(year: int) -> Iterator[date]:
    first = date(year, 1, 1)
    return (first + timedelta(offset) for offset in range((date(year + 1, 1, 1) - first).days))


def _after(
    kept: KeptCalendar, days: Mapping[date, KeptDay], schedules: Mapping[date, Shifts], now: datetime
) -> WorkCalendar:
    all_schedules = {day: shifts for day, shifts in {**kept.schedules, **schedules}.items() if shifts}
    try:
        after = KeptCalendar(kept.id, kept.zone, {**kept.days, **days}, all_schedules).work_calendar()
        after.next_open(now)
    except (NoWorkingTime, CalendarMissing):
        raise Invalid.one("", "no_working_time") from None
    except ValueError:  # a shift over midnight runs into the next day's
        raise Invalid.one("schedules", "shifts_overlap") from None
    return after


def _changed(kept: KeptCalendar, days: Mapping[date, KeptDay]) -> list[dict[str, Any]]:
    changed = []
    for day, new in sorted(days.items()):
        before = kept.days.get(day)
        if before is None or (before.kind, before.name) != (new.kind, new.name):
            changed.append({"day": day, "was": before.kind if before else None, "kind": new.kind, "name": new.name})
    return changed
