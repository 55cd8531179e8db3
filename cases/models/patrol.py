"""The patrol (巡查): shifts, the way an inspector went, alarms of leaving the duty area, roll calls, push addresses."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import BigInteger, Float, ForeignKey, Identity, Index, SmallInteger, String, Text, text
from sqlalchemy.dialects.postgresql import UUID as UUID_
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, choice
from grid.models import WGS84


class Shift(Base):
    """An inspector's turn of duty, from clocking in to clocking out (上下班打卡); the phone makes its id."""

    __tablename__ = "shifts"
    __table_args__ = (
        # nobody is on duty twice
        Index("uq_shifts_person_id_open", "person_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("ix_shifts_person_id_started_at", "person_id", "started_at"),
        Index("ix_shifts_centre_id_started_at", "centre_id", "started_at"),
    )

    id: Mapped[UUID] = mapped_column(UUID_(as_uuid=True), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    centre_id: Mapped[int] = mapped_column(ForeignKey("centres.id"))
    # moments by the server's clock as the phone reckoned it, and beside them when the server heard of it
    started_at: Mapped[datetime]
    started_received_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_received_at: Mapped[datetime | None]
    # what the phone's own clock said then, right or wrong
    started_device_at: Mapped[datetime | None]
    ended_device_at: Mapped[datetime | None]
    # where, EPSG:4326 lon/lat; None: the phone had no position
    started_point: Mapped[WKBElement | None] = mapped_column(Geometry("POINT", srid=WGS84, spatial_index=False))
    ended_point: Mapped[WKBElement | None] = mapped_column(Geometry("POINT", srid=WGS84, spatial_index=False))


class Track(Base):
    """One point of the way an inspector went (轨迹); partitioned by day (UTC) of `at`, old days are dropped whole.

    The key makes sending again harmless. Written by many phones, so it has no foreign keys (docs/decisions/0003).
    """

    __tablename__ = "tracks"
    __table_args__ = {"postgresql_partition_by": "RANGE (at)"}

    person_id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    # WGS-84 degrees; metres
    lon: Mapped[float] = mapped_column(Float)
    lat: Mapped[float] = mapped_column(Float)
    accuracy_m: Mapped[float | None] = mapped_column(Float)
    received_at: Mapped[datetime]


class AlarmKind(StrEnum):
    """outside: off the duty area in duty time (电子围栏); idle: on one spot for too long."""

    OUTSIDE = "outside"
    IDLE = "idle"


class Alarm(Base):
    """That an inspector on duty left the duty area, or stood still too long; at most one of a kind is open."""

    __tablename__ = "alarms"
    __table_args__ = (
        Index(
            "uq_alarms_person_id_kind_open", "person_id", "kind", unique=True, postgresql_where=text("ended_at IS NULL")
        ),
        Index("ix_alarms_shift_id", "shift_id"),
        Index("ix_alarms_centre_id_started_at", "centre_id", "started_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kind: Mapped[AlarmKind] = mapped_column(choice(AlarmKind, "kind"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    shift_id: Mapped[UUID] = mapped_column(UUID_(as_uuid=True), ForeignKey("shifts.id"))
    centre_id: Mapped[int] = mapped_column(ForeignKey("centres.id"))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    point: Mapped[WKBElement] = mapped_column(Geometry("POINT", srid=WGS84, spatial_index=False))


class RollCall(Base):
    """The centre asks those on duty where they are (点名); who is asked has a row among the answers."""

    __tablename__ = "roll_calls"
    __table_args__ = (Index("ix_roll_calls_centre_id_called_at", "centre_id", "called_at"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    centre_id: Mapped[int] = mapped_column(ForeignKey("centres.id"))
    called_by: Mapped[int]
    called_at: Mapped[datetime]
    # answers captured later than this are late
    answer_by: Mapped[datetime]
    photo_wanted: Mapped[bool]
    text: Mapped[str] = mapped_column(Text, default="")


class RollCallAnswer(Base):
    """One asked person's answer to a roll call; `answered_at` None: not yet."""

    __tablename__ = "roll_call_answers"
    __table_args__ = (
        # what waits for a person
        Index("ix_roll_call_answers_waiting", "person_id", postgresql_where=text("answered_at IS NULL")),
        # whose photo it is (cases/photos.py)
        Index("ix_roll_call_answers_photo_id", "photo_id", postgresql_where=text("photo_id IS NOT NULL")),
    )

    roll_call_id: Mapped[int] = mapped_column(ForeignKey("roll_calls.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(primary_key=True)
    # when it was captured, by the server's clock as the phone reckoned it
    answered_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]
    # what the phone's own clock said then, right or wrong
    device_at: Mapped[datetime | None]
    point: Mapped[WKBElement | None] = mapped_column(Geometry("POINT", srid=WGS84, spatial_index=False))
    accuracy_m: Mapped[float | None] = mapped_column(Float)
    photo_id: Mapped[UUID | None] = mapped_column(UUID_(as_uuid=True))
    text: Mapped[str] = mapped_column(Text, default="")


class PushAddress(Base):
    """Where a person's browser takes Web Push messages (RFC 8030); the key pair encrypts them (RFC 8291)."""

    __tablename__ = "push_addresses"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    endpoint: Mapped[str] = mapped_column(Text, unique=True)
    p256dh: Mapped[str] = mapped_column(String(120))
    auth: Mapped[str] = mapped_column(String(60))
    # zh | en
    language: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime]
    # the push service said that it is gone
    gone_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
