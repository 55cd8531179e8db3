"""Notices on their way out of the house: e-mail and webhooks, tried again until they arrive or are given up."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger, String, Text, text
from sqlalchemy.dialects.postgresql import UUID as UUID_
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, choice


class Webhook(Base):
    """An address of another system that is told what a centre and those below it are told."""

    __tablename__ = "webhooks"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    url: Mapped[str] = mapped_column(Text)
    # signs each message (HMAC-SHA-256); shown once
    secret: Mapped[str] = mapped_column(String(120))
    centre_id: Mapped[int] = mapped_column(ForeignKey("centres.id"), index=True)
    # kinds of notices; None: all
    kinds: Mapped[list[Any] | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    created_by: Mapped[int | None]
    disabled_at: Mapped[datetime | None]


class Channel(StrEnum):
    MAIL = "mail"
    WEBHOOK = "webhook"
    PUSH = "push"


class DeliveryState(StrEnum):
    """waiting → sending → sent, or waiting again; dead: given up, withdrawn: its deadline has moved."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"
    WITHDRAWN = "withdrawn"


class Delivery(Base):
    """One message to one receiver, of one notice or a digest of several; its id lets the receiver drop twins."""

    __tablename__ = "deliveries"
    __table_args__ = (
        # what is to be sent (cases/delivery): due, or in the hands of a worker that may have died
        Index("ix_deliveries_due_at", "due_at", postgresql_where=text("state IN ('waiting', 'sending')")),
        Index("ix_deliveries_dead", "created_at", postgresql_where=text("state = 'dead'")),
        Index("ix_deliveries_created_at", "created_at", "id"),
        # the digest that a receiver's next notice may join
        Index("ix_deliveries_person_id", "person_id", "created_at", postgresql_where=text("person_id IS NOT NULL")),
        Index("ix_deliveries_webhook_id", "webhook_id", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(UUID_(as_uuid=True), primary_key=True)
    channel: Mapped[Channel] = mapped_column(choice(Channel, "channel"))
    person_id: Mapped[int | None]
    webhook_id: Mapped[int | None] = mapped_column(ForeignKey("webhooks.id"))
    # a push address of that person; no foreign key: addresses come and go, what was sent stays
    push_id: Mapped[int | None] = mapped_column(BigInteger)
    # ids of notices, oldest first
    notices: Mapped[list[Any]]
    state: Mapped[DeliveryState] = mapped_column(choice(DeliveryState, "state"))
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    created_at: Mapped[datetime]
    # when it is to be tried (next); while sending: when the worker's turn ends
    due_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)


class Tail(Base):
    """How far a reader of a growing table has come: each row is read once, in the order of the ids."""

    __tablename__ = "tails"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    last_id: Mapped[int] = mapped_column(BigInteger)
