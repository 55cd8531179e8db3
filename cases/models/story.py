"""The story of a case, and who must know of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base


class Event(Base):
    """The story of a case: append-only, and each event carries the hash of itself and of the one before it.

    The database makes `hash` (docs/decisions/0013); the application's role can neither update nor delete.
    """

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_case_id_id", "case_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    case_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
    # a Verb, or "report" | "escalate" | "photo"
    verb: Mapped[str] = mapped_column(String(40))
    outcome: Mapped[str | None] = mapped_column(String(40))
    stage_from: Mapped[str | None] = mapped_column(String(40))
    stage_to: Mapped[str] = mapped_column(String(40))
    person_id: Mapped[int | None]
    role: Mapped[str | None] = mapped_column(String(40))
    data: Mapped[dict[str, Any]]
    hash: Mapped[bytes | None] = mapped_column(LargeBinary)


class Notice(Base):
    """Something that somebody must know: addressed to a person, or to a role at a centre (in a department).

    `case_id` None: it is about no case, but about a working calendar (cases/calendar_edits/warning.py) or the
    patrol (cases/patrol/telling.py).
    """

    __tablename__ = "notices"
    __table_args__ = (
        Index("ix_notices_centre_id_role_id", "centre_id", "role", "id"),
        Index("ix_notices_person_id_id", "person_id", "id", postgresql_where=text("person_id IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime]
    # "reported", "dispatched", "warn", "urge", "supervise_1", …
    kind: Mapped[str] = mapped_column(String(40))
    case_id: Mapped[int | None] = mapped_column(BigInteger)
    centre_id: Mapped[int | None]
    role: Mapped[str | None] = mapped_column(String(40))
    department_id: Mapped[int | None]
    person_id: Mapped[int | None]
    data: Mapped[dict[str, Any]]


class NoticeRead(Base):
    """Who has read which notice."""

    __tablename__ = "notice_reads"

    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class Heartbeat(Base):
    """That a worker lives: `/readyz` looks here, and a job whose silence is too long is seen."""

    __tablename__ = "heartbeats"

    worker: Mapped[str] = mapped_column(String(80), primary_key=True)
    job: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime]
    count: Mapped[int] = mapped_column(BigInteger, default=0)
