"""Reports and the cases that they become, with their handling rounds and photos."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    Sequence,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import UUID as UUID_
from sqlalchemy.orm import Mapped, mapped_column

from cases.stages import ClockKind, CloseType, Stage
from core.db import Base, choice
from grid.levels import Level

# The running part of a case's number: no lock that reports would queue for, gaps allowed (contract §4).
case_running = Sequence("case_running", metadata=Base.metadata)

OPEN = text("ended_at IS NULL")


class Source(StrEnum):
    """Where a report comes from (contract §4); its two digits stand in the case's number."""

    INSPECTOR = "inspector"
    PUBLIC = "public"
    HOTLINE = "hotline"
    SENSOR = "sensor"
    VEHICLE = "vehicle"
    DRONE = "drone"
    VIDEO = "video"
    DEPARTMENT = "department"
    SUPERIOR = "superior"

    @property
    def digits(self) -> str:
        """01 … 09, in the order above."""
        return f"{list(Source).index(self) + 1:02d}"


class Report(Base):
    """What somebody sent in (上报), as it was sent; `answer` is given again when it is sent again."""

    __tablename__ = "reports"

    id: Mapped[UUID] = mapped_column(UUID_(as_uuid=True), primary_key=True)
    # no foreign key: written by the statement that writes the case (docs/decisions/0003)
    case_id: Mapped[int] = mapped_column(BigInteger, index=True)
    person_id: Mapped[int | None]
    received_at: Mapped[datetime]
    body: Mapped[dict[str, Any]]
    body_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    answer: Mapped[dict[str, Any]]


class Case(Base):
    """A case (案件): one row; each department that handles it has a handling row."""

    __tablename__ = "cases"
    __table_args__ = (
        # the desk's lists, "burns next" first: city, district, street (a village filters its street's)
        Index("ix_cases_open_city", "due_at", "id", postgresql_where=OPEN),
        Index("ix_cases_open_district", "district_code", "due_at", "id", postgresql_where=OPEN),
        Index("ix_cases_open_street", "street_code", "due_at", "id", postgresql_where=OPEN),
        Index("ix_cases_street_code_reported_at", "street_code", "reported_at", "id"),
        Index("ix_cases_reported_at", "reported_at", "id"),
        Index("ix_cases_centre_id", "centre_id", postgresql_where=OPEN),
        Index("ix_cases_department_id", "department_id", "due_at", postgresql_where=text("department_id IS NOT NULL")),
        Index("ix_cases_reporter_id", "reporter_id", "id", postgresql_where=text("reporter_id IS NOT NULL")),
        Index("ix_cases_geom", "geom", postgresql_using="gist"),
        # what the worker resumes (cases/jobs.py), and the duplicates under a first case
        Index("ix_cases_resume_at", "resume_at", postgresql_where=text("resume_at IS NOT NULL")),
        # what departments have returned, and the higher centre decides on
        Index("ix_cases_returned", "due_at", "id", postgresql_where=text("refused_count > 0 AND ended_at IS NULL")),
        Index("ix_cases_merged_into_id", "merged_into_id", postgresql_where=text("merged_into_id IS NOT NULL")),
        # the bulletin (cases/bulletin.py)
        Index("ix_cases_red_card", "id", postgresql_where=text("red_card")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    no: Mapped[str] = mapped_column(String(24), unique=True)
    stage: Mapped[Stage] = mapped_column(choice(Stage, "stage"))
    version: Mapped[int] = mapped_column(default=1)
    # handling round: 0 before the first dispatch, +1 with each new handling row
    round: Mapped[int] = mapped_column(SmallInteger, default=0)
    source: Mapped[Source] = mapped_column(choice(Source, "source"))
    description: Mapped[str] = mapped_column(Text, default="")
    address: Mapped[str | None] = mapped_column(Text)
    reporter_id: Mapped[int | None]

    # what (categories.id and its code, without a foreign key; None: an inspector's quick report)
    category_id: Mapped[int | None]
    category_code: Mapped[str | None] = mapped_column(String(8))
    condition_id: Mapped[int | None]
    urgent: Mapped[bool] = mapped_column(default=False)
    # of a condition with two limits in a row: 1 make safe, 2 repair
    step: Mapped[int] = mapped_column(SmallInteger, default=1, server_default="1")

    # where (None: unlocated; the line is then that of the centre that keyed it)
    geom: Mapped[WKBElement | None] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False))
    edition_id: Mapped[int | None]
    city_code: Mapped[str | None] = mapped_column(String(24))
    district_code: Mapped[str | None] = mapped_column(String(24))
    street_code: Mapped[str | None] = mapped_column(String(24))
    village_code: Mapped[str | None] = mapped_column(String(24))
    # {"cell","line","method","confidence","candidates","edition", "raw": {as sent}}
    placement: Mapped[dict[str, Any] | None]

    # who
    centre_id: Mapped[int] = mapped_column(ForeignKey("centres.id"))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    suggested_department_id: Mapped[int | None]
    inspector_id: Mapped[int | None]
    # the unit below the department that works on it (二级派遣)
    unit_id: Mapped[int | None]
    # assisting departments have handling rows beside the lead's (联合处置)
    joint: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    # how often departments have returned it since it was filed; the second time the higher centre decides
    refused_count: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    # the higher centre has named the department after a second return: it can't refuse
    designated: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    rework_count: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    # the first case that this one is a duplicate of
    merged_into_id: Mapped[int | None] = mapped_column(BigInteger)
    # {"centre": {"rule", …}, "department": {"rule", …}}: data that the page puts into words
    why: Mapped[dict[str, Any]]

    # when
    reported_at: Mapped[datetime]
    observed_at: Mapped[datetime | None]
    filed_at: Mapped[datetime | None]
    dispatched_at: Mapped[datetime | None]
    handled_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    # when a suspended case comes back by itself
    resume_at: Mapped[datetime | None]
    # its appeal was granted: left out of statistics, the overrun stays on record
    excused_at: Mapped[datetime | None]
    # the clock that burns now, copied from clocks so that lists need no join
    clock_kind: Mapped[ClockKind | None] = mapped_column(choice(ClockKind, "clock_kind"))
    due_at: Mapped[datetime | None]
    yellow_at: Mapped[datetime | None]
    paused: Mapped[bool] = mapped_column(default=False)
    # the whole handling limit (捆绑处置截止时间), from dispatch on
    handle_due_at: Mapped[datetime | None]
    handled_on_time: Mapped[bool | None]
    close_type: Mapped[CloseType | None] = mapped_column(choice(CloseType, "close_type"))
    urged_count: Mapped[int] = mapped_column(SmallInteger, default=0)
    # the highest level that supervises it now
    supervised_level: Mapped[Level | None] = mapped_column(choice(Level, "supervised_level"))
    red_card: Mapped[bool] = mapped_column(default=False)


class HandlingState(StrEnum):
    OPEN = "open"
    REFUSED = "refused"
    FINISHED = "finished"
    PASSED = "passed"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


class Handling(Base):
    """One department's turn at a case (处置): deadline, refusal, rework and on-time live here.

    A round has one lead row and, where departments work jointly, a row for each assisting one.
    """

    __tablename__ = "handlings"
    __table_args__ = (
        UniqueConstraint("case_id", "round", "department_id"),
        Index("uq_handlings_lead", "case_id", "round", unique=True, postgresql_where=text("lead")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    round: Mapped[int] = mapped_column(SmallInteger)
    centre_id: Mapped[int] = mapped_column(ForeignKey("centres.id"), index=True)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"), index=True)
    lead: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    unit_id: Mapped[int | None]
    state: Mapped[HandlingState] = mapped_column(choice(HandlingState, "state"))
    dispatched_at: Mapped[datetime]
    dispatched_by: Mapped[int | None]
    due_at: Mapped[datetime]
    # the end of the window in which the department may return it; None: a turn from before there were windows
    refuse_until: Mapped[datetime | None]
    signed_at: Mapped[datetime | None]
    signed_by: Mapped[int | None]
    ended_at: Mapped[datetime | None]
    on_time: Mapped[bool | None]
    # of two limits in a row: whether the first was kept
    step_on_time: Mapped[bool | None]
    text: Mapped[str] = mapped_column(Text, default="")


class PhotoKind(StrEnum):
    REPORT = "report"
    VERIFY = "verify"
    AFTER = "after"
    CHECK = "check"


class Photo(Base):
    """A photo that has arrived; its bytes lie under its SHA-256 (cases/photos.py)."""

    __tablename__ = "photos"
    # what the worker has still to re-encode
    __table_args__ = (Index("ix_photos_waiting", "received_at", postgresql_where=text("processed_at IS NULL")),)

    id: Mapped[UUID] = mapped_column(UUID_(as_uuid=True), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    media_type: Mapped[str] = mapped_column(String(40))
    bytes: Mapped[int]
    person_id: Mapped[int | None]
    received_at: Mapped[datetime]
    # from EXIF, before it is stripped: {"lon","lat","taken_at"}
    exif: Mapped[dict[str, Any] | None]
    # the re-encoded copy without EXIF that is handed out; None until the worker has made it
    clean_sha256: Mapped[str | None] = mapped_column(String(64))
    processed_at: Mapped[datetime | None]


class CasePhoto(Base):
    """A photo named by a report or verb; its bytes may follow, so `photo_id` is no foreign key."""

    __tablename__ = "case_photos"
    __table_args__ = (Index("ix_case_photos_photo_id", "photo_id"),)

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    photo_id: Mapped[UUID] = mapped_column(UUID_(as_uuid=True), primary_key=True)
    kind: Mapped[PhotoKind] = mapped_column(choice(PhotoKind, "kind"))
    round: Mapped[int] = mapped_column(SmallInteger, default=0)
    person_id: Mapped[int | None]
    at: Mapped[datetime]
