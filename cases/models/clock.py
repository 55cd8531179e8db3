"""Clocks, the ladder, and what has climbed it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from cases.stages import ClockKind
from cases.workdays import Unit
from core.db import Base, choice


class ClockState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"


class Clock(Base):
    """A limit that runs (时限). Used time is derived from `segments`, never stored beside them.

    A limit never changes: an extension or another condition halts the row (`on_time` None) and a new one, of the next
    round, takes over its segments (docs/decisions/0012).
    """

    __tablename__ = "clocks"
    __table_args__ = (
        Index("ix_clocks_case_id", "case_id"),
        # the sweep (cases/escalation.py) finds what is due here and nowhere else
        Index("ix_clocks_next_raise_at", "next_raise_at", postgresql_where=text("next_raise_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    case_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[ClockKind] = mapped_column(choice(ClockKind, "kind"))
    # grows with each clock of the same kind on the case, from 1
    round: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[ClockState] = mapped_column(choice(ClockState, "state"))
    urgent: Mapped[bool]
    unit: Mapped[Unit] = mapped_column(choice(Unit, "unit"))
    limit_seconds: Mapped[int]
    calendar_id: Mapped[int] = mapped_column(BigInteger)
    # the supervision order whose reply it limits; only of kind `reply`
    order_id: Mapped[int | None] = mapped_column(BigInteger)
    # [[start, end or null, why it ended]], RFC 3339 in UTC; a stretch that counted by another unit or calendar than the
    # row's carries them behind: [start, end, why, unit, calendar_id]
    segments: Mapped[list[Any]]
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    yellow_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]
    on_time: Mapped[bool | None]
    # position of the next rung in `rungs`, and when it fires; NULL: paused, stopped, or at the top
    next_rung: Mapped[int | None] = mapped_column(SmallInteger)
    next_raise_at: Mapped[datetime | None]


class Rung(Base):
    """A rung of the ladder (contract §5); config.toml seeds the table, the table rules."""

    __tablename__ = "rungs"
    __table_args__ = (UniqueConstraint("urgent", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    urgent: Mapped[bool]
    # from 1 upward
    position: Mapped[int] = mapped_column(SmallInteger)
    name: Mapped[str] = mapped_column(String(40))
    # fires when used ≥ share × limit + plus_minutes
    share: Mapped[float]
    plus_minutes: Mapped[int] = mapped_column(default=0)
    # 0: the responsible centre; 1, 2: so many levels up; 9: the city
    levels_up: Mapped[int] = mapped_column(SmallInteger)


class Escalation(Base):
    """A rung that fired: exactly once per (case, clock, rung, round); `clock_id` stands for clock and round."""

    __tablename__ = "escalations"

    # no foreign keys: the statement that writes the row holds the locks on this clock and this case (ADR 3)
    clock_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    case_id: Mapped[int] = mapped_column(BigInteger)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    rung: Mapped[str] = mapped_column(String(40))
    kind: Mapped[ClockKind] = mapped_column(choice(ClockKind, "kind"))
    # the centre that is told or that supervises
    centre_id: Mapped[int]
    # when it should have fired, and when it did
    planned_at: Mapped[datetime]
    raised_at: Mapped[datetime]


class OrderKind(StrEnum):
    """Who or what made the order (督办): the ladder, a leader's instruction (批示), a superior centre."""

    TIMEOUT = "timeout"
    LEADER = "leader"
    SUPERIOR = "superior"


class SupervisionOrder(Base):
    """A supervision order (督办单) in a higher centre's list; at most one open a case and centre."""

    __tablename__ = "supervision_orders"
    __table_args__ = (
        Index(
            "uq_supervision_orders_open",
            "case_id",
            "centre_id",
            unique=True,
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_supervision_orders_centre_id", "centre_id", "id", postgresql_where=text("closed_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    # who supervises
    centre_id: Mapped[int] = mapped_column(ForeignKey("centres.id"))
    # who is to answer
    to_centre_id: Mapped[int] = mapped_column(ForeignKey("centres.id"), index=True)
    kind: Mapped[OrderKind] = mapped_column(choice(OrderKind, "kind"), server_default=OrderKind.TIMEOUT.value)
    # the rung that made it; "order" when a person did
    rung: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text, default="", server_default="")
    red_card: Mapped[bool] = mapped_column(default=False)
    issued_by: Mapped[int | None]
    issued_at: Mapped[datetime]
    reply_due_at: Mapped[datetime]
    replied_at: Mapped[datetime | None]
    replied_by: Mapped[int | None]
    reply: Mapped[str | None] = mapped_column(Text)
    closed_at: Mapped[datetime | None]
