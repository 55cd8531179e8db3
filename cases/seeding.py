"""What every installation starts with: Shanghai's working calendar and the ladder. Safe to run again and again.

What is there stays as it is: whoever edits a day, a shift or a rung must not lose it at the next upgrade. A provisional
day is the exception, because it is a guess: it is replaced once the sources hold the decree.
"""

from datetime import date

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from cases.calendar_seed import calendar_days
from cases.calendars import TO_THE_CITY, shift
from cases.models import Calendar, Rung, Schedule
from cases.workdays import WorkSchedule
from core.settings import Calendar as CalendarSettings
from core.settings import Settings

# Centres point at it unless they are given another one (Centre.calendar_id).
DEFAULT_CALENDAR = 1

# Contract §5: name, share of the limit, minutes on top of it, levels up.
ORDINARY = (
    ("warn", 0.8, 0, 0),
    ("urge", 1.0, 0, 0),
    ("supervise_1", 1.5, 0, 1),
    ("supervise_2", 2.0, 0, 2),
    ("supervise_3", 3.0, 0, TO_THE_CITY),
)
URGENT = (
    ("warn", 0.5, 0, 0),
    ("urge", 1.0, 0, 0),
    ("supervise_1", 1.0, 30, 1),
    ("supervise_2", 1.0, 60, 2),
    ("supervise_3", 1.0, 120, TO_THE_CITY),
)


def seed(session: Session, settings: Settings) -> None:
    """Bring calendar 1 with its years and shifts, and the ladder; a calendar that was changed gets its next version.

    Raises `calendar_seed.SourcesDisagree` if the two sources differ on a day, ValueError for shifts that are none.
    """
    session.execute(text("LOCK TABLE calendars, rungs IN SHARE ROW EXCLUSIVE MODE"))
    _seed_calendar(session, settings.calendar)
    _seed_rungs(session)
    session.flush()


def _seed_calendar(session: Session, settings: CalendarSettings) -> None:
    calendar = session.get(Calendar, DEFAULT_CALENDAR)
    fresh = calendar is None
    if calendar is None:
        calendar = Calendar(id=DEFAULT_CALENDAR, name="Shanghai", zone=settings.zone, version=1)
        session.add(calendar)
        session.flush()
        # the id was given, so the column's own sequence has not moved
        session.execute(text("SELECT setval(pg_get_serial_sequence('calendars', 'id'), max(id)) FROM calendars"))
    changed = _seed_schedule(session, settings)
    changed = _seed_days(session, settings) or changed
    if changed and not fresh:
        calendar.version += 1


def _seed_schedule(session: Session, settings: CalendarSettings) -> bool:
    if session.scalar(select(Schedule.id).where(Schedule.calendar_id == DEFAULT_CALENDAR).limit(1)) is not None:
        return False
    shifts = [part.split("-", 1) for part in settings.shifts]
    first_day = date(settings.first_year, 1, 1)
    WorkSchedule(first_day, tuple(shift(start, end) for start, end in shifts))  # refuses what is no schedule
    session.add(Schedule(calendar_id=DEFAULT_CALENDAR, valid_from=first_day, shifts=shifts))
    return True


def _seed_days(session: Session, settings: CalendarSettings) -> bool:
    """Whether a day was added or a guessed one replaced by a decreed one."""
    days = calendar_days(settings.first_year, settings.last_year)
    written = session.execute(
        _WRITE_DAYS,
        {
            "calendar_id": DEFAULT_CALENDAR,
            "days": [day.day for day in days],
            "kinds": [day.kind.value for day in days],
            "names": [day.name for day in days],
            "provisional": [day.provisional for day in days],
            "sources": [day.source for day in days],
        },
    )
    return bool(written.scalars().first())


_WRITE_DAYS = text("""
    INSERT INTO calendar_days AS kept (calendar_id, day, kind, name, provisional, source)
    SELECT :calendar_id, seed.*
    FROM unnest(
        CAST(:days AS date[]), CAST(:kinds AS text[]), CAST(:names AS text[]),
        CAST(:provisional AS boolean[]), CAST(:sources AS text[])
    ) AS seed
    ON CONFLICT (calendar_id, day) DO UPDATE
    SET kind = excluded.kind, name = excluded.name, provisional = false, source = excluded.source
    WHERE kept.provisional AND NOT excluded.provisional
    RETURNING true
""")


def _seed_rungs(session: Session) -> None:
    if session.scalar(select(Rung.id).limit(1)) is not None:
        return
    for urgent, ladder in ((False, ORDINARY), (True, URGENT)):
        for position, (name, share, plus_minutes, levels_up) in enumerate(ladder, start=1):
            session.add(
                Rung(
                    urgent=urgent,
                    position=position,
                    name=name,
                    share=share,
                    plus_minutes=plus_minutes,
                    levels_up=levels_up,
                )
            )
