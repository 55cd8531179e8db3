"""Tables of the cases: catalogue, reports, cases, handlings, clocks, events, notices, escalation.

Rows that machines pour in (reports, cases, events, clocks) carry few foreign keys: what they point at
(editions, categories, people, calendars) is never deleted (docs/decisions/0003).
"""

from datetime import date, datetime
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
from cases.workdays import DayKind, Unit
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


class CategoryKind(StrEnum):
    COMPONENT = "component"
    EVENT = "event"


class Catalogue(Base):
    """One loaded version of a category list (gb2026, local); at most one version of a name is current."""

    __tablename__ = "catalogues"
    __table_args__ = (
        UniqueConstraint("name", "version"),
        Index("uq_catalogues_one_current", "name", unique=True, postgresql_where=text("retired_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20))
    version: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    loaded_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class Category(Base):
    """A sub-class of cases (小类); its key is (catalogue, kind, code), never the code alone (domain §0)."""

    __tablename__ = "categories"
    __table_args__ = (UniqueConstraint("catalogue_id", "kind", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    catalogue_id: Mapped[int] = mapped_column(ForeignKey("catalogues.id"))
    kind: Mapped[CategoryKind] = mapped_column(choice(CategoryKind, "kind"))
    code: Mapped[str] = mapped_column(String(8), index=True)
    class_code: Mapped[str] = mapped_column(String(4))
    class_zh: Mapped[str] = mapped_column(String(60))
    class_en: Mapped[str] = mapped_column(String(60))
    zh: Mapped[str] = mapped_column(String(120))
    en: Mapped[str] = mapped_column(String(160))
    responsible_level: Mapped[Level] = mapped_column(choice(Level, "responsible_level"))
    note: Mapped[str] = mapped_column(Text, default="")


class FilingCondition(Base):
    """A condition to file by (立案条件): it sets the handling limit and the photos asked for."""

    __tablename__ = "filing_conditions"
    __table_args__ = (UniqueConstraint("category_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    category_id: Mapped[int] = mapped_column(ForeignKey("categories.id"))
    position: Mapped[int] = mapped_column(SmallInteger)
    zh: Mapped[str] = mapped_column(Text)
    en: Mapped[str] = mapped_column(Text)
    limit: Mapped[int]
    unit: Mapped[Unit] = mapped_column(choice(Unit, "unit"))
    closing_zh: Mapped[str] = mapped_column(Text)
    closing_en: Mapped[str] = mapped_column(Text)
    photos_before: Mapped[int] = mapped_column(SmallInteger)
    photos_after: Mapped[int] = mapped_column(SmallInteger)


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


class Report(Base):
    """What somebody sent in (上报), as it was sent; `answer` is given again when it is sent again."""

    __tablename__ = "reports"

    id: Mapped[UUID] = mapped_column(UUID_(as_uuid=True), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
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
    # {"centre": {"rule", …}, "department": {"rule", …}}: data that the page puts into words
    why: Mapped[dict[str, Any]]

    # when
    reported_at: Mapped[datetime]
    observed_at: Mapped[datetime | None]
    filed_at: Mapped[datetime | None]
    dispatched_at: Mapped[datetime | None]
    handled_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
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
    """One department's turn at a case (处置): deadline, refusal, rework and on-time live here."""

    __tablename__ = "handlings"
    __table_args__ = (UniqueConstraint("case_id", "round"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    round: Mapped[int] = mapped_column(SmallInteger)
    centre_id: Mapped[int] = mapped_column(ForeignKey("centres.id"), index=True)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"), index=True)
    state: Mapped[HandlingState] = mapped_column(choice(HandlingState, "state"))
    dispatched_at: Mapped[datetime]
    dispatched_by: Mapped[int | None]
    due_at: Mapped[datetime]
    signed_at: Mapped[datetime | None]
    signed_by: Mapped[int | None]
    ended_at: Mapped[datetime | None]
    on_time: Mapped[bool | None]
    text: Mapped[str] = mapped_column(Text, default="")


class ClockState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"


class Clock(Base):
    """A limit that runs (时限). Used time is derived from `segments`, never stored beside them."""

    __tablename__ = "clocks"
    __table_args__ = (
        Index("ix_clocks_case_id", "case_id"),
        # the sweep (cases/escalation.py) finds what is due here and nowhere else
        Index("ix_clocks_next_raise_at", "next_raise_at", postgresql_where=text("next_raise_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    kind: Mapped[ClockKind] = mapped_column(choice(ClockKind, "kind"))
    # grows with each clock of the same kind on the case, from 1
    round: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[ClockState] = mapped_column(choice(ClockState, "state"))
    urgent: Mapped[bool]
    unit: Mapped[Unit] = mapped_column(choice(Unit, "unit"))
    limit_seconds: Mapped[int]
    calendar_id: Mapped[int] = mapped_column(BigInteger)
    # [[start, end or null, why it ended]], RFC 3339 in UTC
    segments: Mapped[list[Any]]
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    yellow_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]
    on_time: Mapped[bool | None]
    # position of the next rung in `rungs`, and when it fires; NULL: paused, stopped, or at the top
    next_rung: Mapped[int | None] = mapped_column(SmallInteger)
    next_raise_at: Mapped[datetime | None]


class Event(Base):
    """The story of a case, append-only."""

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_case_id_id", "case_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    at: Mapped[datetime]
    # a Verb, or "report" | "escalate" | "photo"
    verb: Mapped[str] = mapped_column(String(40))
    outcome: Mapped[str | None] = mapped_column(String(40))
    stage_from: Mapped[str | None] = mapped_column(String(40))
    stage_to: Mapped[str] = mapped_column(String(40))
    person_id: Mapped[int | None]
    role: Mapped[str | None] = mapped_column(String(40))
    data: Mapped[dict[str, Any]]


class PhotoKind(StrEnum):
    REPORT = "report"
    VERIFY = "verify"
    AFTER = "after"
    CHECK = "check"


class Photo(Base):
    """A photo that has arrived; its bytes lie under its SHA-256 (cases/photos.py)."""

    __tablename__ = "photos"

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
    __table_args__ = (UniqueConstraint("clock_id", "position"), Index("ix_escalations_case_id", "case_id"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    clock_id: Mapped[int] = mapped_column(ForeignKey("clocks.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    position: Mapped[int] = mapped_column(SmallInteger)
    rung: Mapped[str] = mapped_column(String(40))
    kind: Mapped[ClockKind] = mapped_column(choice(ClockKind, "kind"))
    # the centre that is told or that supervises
    centre_id: Mapped[int] = mapped_column(ForeignKey("centres.id"), index=True)
    # when it should have fired, and when it did
    planned_at: Mapped[datetime]
    raised_at: Mapped[datetime]


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
    rung: Mapped[str] = mapped_column(String(40))
    red_card: Mapped[bool] = mapped_column(default=False)
    issued_at: Mapped[datetime]
    reply_due_at: Mapped[datetime]
    replied_at: Mapped[datetime | None]
    reply: Mapped[str | None] = mapped_column(Text)
    closed_at: Mapped[datetime | None]


class Notice(Base):
    """Something that somebody must know: addressed to a person, or to a role at a centre (in a department)."""

    __tablename__ = "notices"
    __table_args__ = (
        Index("ix_notices_centre_id_role_id", "centre_id", "role", "id"),
        Index("ix_notices_person_id_id", "person_id", "id", postgresql_where=text("person_id IS NOT NULL")),
        Index("ix_notices_case_id", "case_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime]
    # "reported", "dispatched", "warn", "urge", "supervise_1", …
    kind: Mapped[str] = mapped_column(String(40))
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
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
