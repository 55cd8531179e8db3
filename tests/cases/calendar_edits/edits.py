"""What the tests of calendar edits share: wishes, edits made and counted to the end, and clocks to count."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, insert, select, text
from sqlalchemy.orm import Session

from cases.calendar_edits import DayWish, ScheduleWish, Wish, edit_calendar, recount
from cases.calendars import calendars
from cases.clock import new_clock, show_on_case
from cases.models import Calendar, CalendarDay, CalendarEdit, Case, Clock, Rung, Schedule, Source
from cases.stages import ClockKind, Stage
from cases.workdays import DayKind, Unit
from grid.models import Centre
from tests.make import STREET

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR = 3600


def at(day: str, clock: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=zone)


TUESDAY = at("2026-03-10", "09:00")


def days(*given: tuple[str, DayKind] | tuple[str, DayKind, str]) -> Wish:
    """A wish for these days: (day, kind) or (day, kind, name)."""
    return Wish(
        tuple(
            DayWish(date.fromisoformat(one[0]), one[1], one[2] if len(one) > 2 else "", f"days.{index}.day")
            for index, one in enumerate(given)
        )
    )


def shifts(valid_from: str, *pairs: tuple[str, str]) -> Wish:
    """A wish for the shifts from a day on."""
    return Wish(schedules=(ScheduleWish(date.fromisoformat(valid_from), pairs, "schedules.0"),))


def open_case(session: Session, no: str = "k1", *, code: str = STREET, **facts: Any) -> Case:
    """A case at a centre that is being handled, without a clock."""
    centre = session.scalars(select(Centre).where(Centre.code == code)).one()
    values = {"stage": Stage.HANDLING, "source": Source.HOTLINE, "why": {}, "reported_at": TUESDAY, **facts}
    made = Case(no=no, centre_id=centre.id, city_code="310000000000", **values)
    session.add(made)
    session.flush()
    return made


def clock_of(
    session: Session, case: Case, now: datetime, *, hours: float = 16, kind: ClockKind = ClockKind.HANDLE, **facts: Any
) -> Clock:
    """A clock that runs on the case from `now`, shown on it; `calendar_id` 1 unless said."""
    values = {"unit": Unit.WORK_HOUR, "urgent": False, "calendar_id": 1, "round": 1, **facts}
    made = new_clock(case, kind, calendars(session), now=now, limit_seconds=round(hours * HOUR), **values)
    session.add(made)
    session.flush()
    show_on_case(case, {kind: made})
    session.flush()
    return made


def edit(session: Session, wish: Wish, *, now: datetime, calendar_id: int = 1) -> CalendarEdit:
    """The edit, made at the version that is there."""
    version = session.scalars(select(Calendar.version).where(Calendar.id == calendar_id)).one()
    made, _ = edit_calendar(session, calendar_id, wish, version=version, person_id=None, now=now)
    return made


def count_all(session: Session, *, now: datetime, batch: int = 200) -> int:
    """Batch after batch until nothing waits; how many batches. The session sees what they wrote."""
    done = 0
    while recount(session, now=now + timedelta(seconds=3), batch=batch):
        done += 1
    session.expire_all()
    return done


@contextmanager
def rules_put_back(engine: Engine) -> Iterator[None]:
    """Calendars, ladder and centres as they were, for tests that commit."""
    tables = (CalendarDay.__table__, Schedule.__table__, Rung.__table__)
    with engine.begin() as connection:
        kept = [[dict(row) for row in connection.execute(select(table)).mappings()] for table in tables]
    yield
    with engine.begin() as connection:
        connection.execute(text("TRUNCATE calendar_edits, calendar_days, schedules, rungs"))
        connection.execute(text("UPDATE centres SET calendar_id = 1 WHERE calendar_id <> 1"))
        connection.execute(text("DELETE FROM calendars WHERE id > 1"))
        connection.execute(text("UPDATE calendars SET version = 1"))
        for table, rows in zip(tables, kept, strict=True):
            connection.execute(insert(table), rows)
