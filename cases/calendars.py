"""The working calendars and the ladder as the database holds them now, kept in the process between two questions.

Every question costs one small statement that reads the calendars' versions and the rungs; days are read again only
for a calendar whose version has changed. A year that a calendar doesn't have raises `workdays.CalendarMissing` the
moment that an answer would need it: no day is ever taken for a work day because nobody said otherwise.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import URL, Connection, select, text
from sqlalchemy.orm import Session

from cases.models import CalendarDay, Rung, Schedule
from cases.stages import ClockKind
from cases.workdays import CalendarMissing, DayKind, Shift, WorkCalendar, WorkSchedule

log = structlog.get_logger()

# The state of what is kept, and of the grid that says which centre stands above which, as one text; a caller that
# reads something anyway may take it along as a column.
# xmin, the transaction that wrote the row, tells a version that was rolled back from its namesake that came to stay.
RULES_STAMP = """(
    (SELECT coalesce(string_agg(id || ':' || version || ':' || xmin, ',' ORDER BY id), '') FROM calendars) || '|' ||
    (SELECT coalesce(string_agg(rungs::text, ',' ORDER BY urgent, position), '') FROM rungs) || '|' ||
    (SELECT coalesce(max(activated_at)::text, '') FROM editions)
)"""
_STAMP = text(f"SELECT {RULES_STAMP}")


# Rung.levels_up of the rung that always goes to the top
TO_THE_CITY = 9
# Clocks that run beside the case's own
BESIDE = (ClockKind.SIGN, ClockKind.REPLY)
# With it begin the names of the rungs on the clock of an order's reply, and none that a person gives
REPLY_PREFIX = "reply_"


class UnknownCalendar(LookupError):
    """A centre points at a calendar that isn't there."""


class RulesUnsettled(RuntimeError):
    """The calendars changed again and again while they were read."""


@dataclass(frozen=True)
class Step:
    """A rung of the ladder: it fires when used ≥ share × limit + plus_seconds."""

    position: int
    name: str
    share: float
    plus_seconds: int
    levels_up: int

    def at(self, limit_seconds: int) -> int:
        """The used seconds from which on the rung is due."""
        return round(self.share * limit_seconds) + self.plus_seconds

    @property
    def warns(self) -> bool:
        """Whether it fires before the limit is over; that turns the light yellow."""
        return self.share < 1

    @property
    def last(self) -> bool:
        """Whether it is the city's own order, with the red card."""
        return self.levels_up >= TO_THE_CITY

    @property
    def supervises(self) -> bool:
        """Whether it calls a higher centre; the others stay with the responsible one."""
        return self.levels_up > 0


@dataclass(frozen=True)
class Ladder:
    """All rungs in the order in which they fire: one row for ordinary limits, one for urgent ones (contract §5)."""

    ordinary: tuple[Step, ...]
    urgent: tuple[Step, ...]

    def steps(self, kind: ClockKind, *, urgent: bool) -> tuple[Step, ...]:
        """The rungs of a clock. A sign clock and an order's reply only warn and urge: the handling limit supervises.

        Those of a reply have names of their own (`reply_warn`): they are not the case's.
        """
        steps = self.urgent if urgent else self.ordinary
        if kind not in BESIDE:
            return steps
        own = REPLY_PREFIX if kind is ClockKind.REPLY else ""
        return tuple(replace(step, name=own + step.name) for step in steps if not step.supervises)


Days = Mapping[date, tuple[DayKind, str]]


@dataclass(frozen=True)
class Calendars:
    """All working calendars and the ladder in one consistent state; `stamp` tells which."""

    stamp: str
    ladder: Ladder
    _versions: dict[int, str]
    _by_id: dict[int, WorkCalendar]
    _days: dict[int, Days]

    def of(self, calendar_id: int) -> WorkCalendar:
        """The calendar; raises UnknownCalendar."""
        try:
            return self._by_id[calendar_id]
        except KeyError:
            raise UnknownCalendar(f"there is no working calendar {calendar_id}") from None

    def day(self, calendar_id: int, day: date) -> tuple[DayKind, str]:
        """What a day is and its holiday's name, for who explains; raises `workdays.CalendarMissing`."""
        try:
            return self._days[calendar_id][day]
        except KeyError:
            raise CalendarMissing(day) from None

    def instead(self, calendar_id: int, calendar: WorkCalendar) -> "Calendars":
        """The same with another calendar in one's place, to try out what would be."""
        return replace(self, _by_id={**self._by_id, calendar_id: calendar})


_kept: dict[URL, Calendars] = {}  # one entry a database: the tests of one process have several
_keeping = threading.Lock()


def calendars(session: Session | Connection, *, stamp: str | None = None) -> Calendars:
    """The rules as they stand, by one statement; by none if the caller has just read RULES_STAMP and gives it."""
    connection = session.connection() if isinstance(session, Session) else session
    database = connection.engine.url
    for _ in range(5):
        stamp = stamp or connection.execute(_STAMP).scalar_one()
        kept = _kept.get(database)
        if kept is not None and kept.stamp == stamp:
            return kept
        read = _read(connection, stamp, kept)
        stamp = connection.execute(_STAMP).scalar_one()
        if stamp == read.stamp:
            with _keeping:
                _kept[database] = read
            return read
    raise RulesUnsettled("the working calendars changed while they were read, five times in a row")


def _read(connection: Connection, stamp: str, kept: Calendars | None) -> Calendars:
    versions: dict[int, str] = {}
    by_id: dict[int, WorkCalendar] = {}
    days: dict[int, Days] = {}
    for row in connection.execute(
        text("SELECT id, zone, version || ':' || xmin AS version FROM calendars ORDER BY id")
    ):
        versions[row.id] = row.version
        if kept is not None and kept._versions.get(row.id) == row.version:  # noqa: SLF001  its own kind
            by_id[row.id], days[row.id] = kept.of(row.id), kept._days[row.id]  # noqa: SLF001
        else:
            by_id[row.id], days[row.id] = _calendar(connection, row.id, ZoneInfo(row.zone))
    return Calendars(stamp, _ladder(connection), versions, by_id, days)


def _calendar(connection: Connection, calendar_id: int, zone: ZoneInfo) -> tuple[WorkCalendar, Days]:
    days = connection.execute(
        select(CalendarDay.day, CalendarDay.kind, CalendarDay.name, CalendarDay.provisional).where(
            CalendarDay.calendar_id == calendar_id
        )
    ).all()
    rows = connection.execute(
        select(Schedule.valid_from, Schedule.shifts).where(Schedule.calendar_id == calendar_id)
    ).all()
    schedules = [WorkSchedule(row.valid_from, tuple(shift(*pair) for pair in row.shifts)) for row in rows]
    provisional = sorted(row.day for row in days if row.provisional)
    made = WorkCalendar.of_days({row.day: row.kind for row in days}, schedules, zone=zone, provisional=provisional)
    if provisional:
        years = sorted({day.year for day in provisional})
        log.warning("provisional", calendar=calendar_id, years=years, days=len(provisional))
    return made, {row.day: (row.kind, row.name) for row in days}


def _ladder(connection: Connection) -> Ladder:
    found: dict[bool, list[Step]] = {False: [], True: []}
    for row in connection.execute(select(*Rung.__table__.columns).order_by(Rung.urgent, Rung.position)):
        found[row.urgent].append(Step(row.position, row.name, row.share, row.plus_minutes * 60, row.levels_up))
    return Ladder(tuple(found[False]), tuple(found[True]))


def shift(start: str, end: str) -> Shift:
    """A shift of local times like 08:00 and 12:00; an end that isn't after its start lies on the next day.

    Raises ValueError for what is no time.
    """
    opens, closes = _minute(start), _minute(end)
    return Shift(opens, closes if closes > opens else closes + 1440)


def _minute(clock: str) -> int:
    hours, _, minutes = clock.partition(":")
    if not (hours.isdigit() and minutes.isdigit() and int(hours) <= 24 and int(minutes) <= 59):
        raise ValueError(f"{clock!r} is no time of day like 08:00")
    return int(hours) * 60 + int(minutes)


@dataclass(frozen=True)
class YearReport:
    """How far one year of a calendar can be relied on."""

    calendar_id: int
    year: int
    days: int
    provisional: int
    source: str

    @property
    def complete(self) -> bool:
        """Whether every day of the year is there."""
        return self.days == date(self.year, 12, 31).timetuple().tm_yday


def calendar_report(session: Session) -> list[YearReport]:
    """Which years each calendar has and how many of their days are only guessed, by calendar and year."""
    rows: Any = session.execute(
        text(
            "SELECT calendar_id, extract(year FROM day)::int AS year, count(*) AS days,"
            " count(*) FILTER (WHERE provisional) AS provisional,"
            " string_agg(DISTINCT source, ', ' ORDER BY source) AS source"
            " FROM calendar_days GROUP BY 1, 2 ORDER BY 1, 2"
        )
    )
    return [YearReport(row.calendar_id, row.year, row.days, row.provisional, row.source) for row in rows]
