"""Working calendars: schedules and days."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from cases.workdays import DayKind
from core.db import Base, choice


class Calendar(Base):
    """A working calendar; a centre points at one. `version` grows with every edit of days or schedules."""

    __tablename__ = "calendars"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    zone: Mapped[str] = mapped_column(String(60))
    version: Mapped[int] = mapped_column(default=1)


class Schedule(Base):
    """The shifts of a calendar's working day from a day on: [["08:00", "12:00"], …]."""

    __tablename__ = "schedules"
    __table_args__ = (UniqueConstraint("calendar_id", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    calendar_id: Mapped[int] = mapped_column(ForeignKey("calendars.id"))
    valid_from: Mapped[date]
    shifts: Mapped[list[Any]]


class CalendarDay(Base):
    """What a day is for a calendar; a provisional day is guessed, because its notice is not out yet."""

    __tablename__ = "calendar_days"

    calendar_id: Mapped[int] = mapped_column(ForeignKey("calendars.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[DayKind] = mapped_column(choice(DayKind, "kind"))
    name: Mapped[str] = mapped_column(String(80), default="")
    provisional: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str] = mapped_column(String(80), default="")


class CalendarEdit(Base):
    """A change of days, schedules or the ladder that was made, and how far the open clocks were counted anew after it.

    `calendar_id` None: it changed the ladder.
    """

    __tablename__ = "calendar_edits"
    __table_args__ = (Index("ix_calendar_edits_waiting", "id", postgresql_where=text("done_at IS NULL")),)

    id: Mapped[int] = mapped_column(primary_key=True)
    calendar_id: Mapped[int | None] = mapped_column(ForeignKey("calendars.id"), index=True)
    # the calendar's, or the ladder's, version after the change
    version: Mapped[int]
    at: Mapped[datetime]
    person_id: Mapped[int | None]
    # {"days": [[day, kind, name]], "schedules": [[valid_from, shifts]]}, or {"ladder": …}, as they became
    change: Mapped[dict[str, Any]]
    # the cases up to this id have been looked at; so many open clocks were counted anew, so many deadlines moved
    last_case_id: Mapped[int] = mapped_column(BigInteger, default=0)
    clocks: Mapped[int] = mapped_column(default=0)
    moved: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
