"""What needs somebody else's approval (extension, suspension, appeal, ends); and who has a case open."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, SmallInteger, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, choice


class RequestKind(StrEnum):
    """What is asked for (申请)."""

    EXTENSION = "extension"
    SUSPENSION = "suspension"
    APPEAL = "appeal"
    CANCEL = "cancel"
    FORCE_CLOSE = "force_close"


class RequestState(StrEnum):
    """How it ended; `lapsed`: the case went on without a decision."""

    OPEN = "open"
    GRANTED = "granted"
    DENIED = "denied"
    LAPSED = "lapsed"


class Approver(StrEnum):
    """Who decides, one after the other (config.toml, approvals)."""

    DEPARTMENT_LEADER = "department_leader"
    DISPATCHER = "dispatcher"
    ACCEPTOR = "acceptor"
    SHIFT_LEAD = "shift_lead"
    LEADER = "leader"


class Request(Base):
    """A request on a case with the approvals that it has; at most one of a kind is open."""

    __tablename__ = "requests"
    __table_args__ = (
        Index("uq_requests_open", "case_id", "kind", unique=True, postgresql_where=text("decided_at IS NULL")),
        Index("ix_requests_case_id", "case_id"),
        # the desks' queue of what waits for a decision
        Index("ix_requests_awaits", "awaits", postgresql_where=text("decided_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    kind: Mapped[RequestKind] = mapped_column(choice(RequestKind, "kind"))
    # the case's round when it was asked
    round: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[RequestState] = mapped_column(choice(RequestState, "state"))
    asked_at: Mapped[datetime]
    asked_by: Mapped[int | None]
    reason: Mapped[str] = mapped_column(Text)
    # an extension keeps "limit", "unit", "seconds"; a suspension "resume_on"
    data: Mapped[dict[str, Any]]
    # whose approval is next; None once it is decided
    awaits: Mapped[Approver | None] = mapped_column(choice(Approver, "awaits"))
    # [{"by": Approver, "person_id", "name", "at", "outcome", "text"}]
    approvals: Mapped[list[Any]]
    decided_at: Mapped[datetime | None]


class Claim(Base):
    """Who has a case open or has taken it from the pool; it ends by itself when it isn't renewed."""

    __tablename__ = "claims"

    case_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    until: Mapped[datetime]
