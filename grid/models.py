"""Tables of the ground and of who answers for it."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Sequence, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, choice
from grid.levels import Level

# Shanghai 2000 (domain: coordinates §8.1) has no EPSG number; planes are stored without one (SRID 0), in metres.
WGS84 = 4326

component_changes = Sequence("component_changes", metadata=Base.metadata)


class EditionState(StrEnum):
    """draft → checked → active → retired."""

    DRAFT = "draft"
    CHECKED = "checked"
    ACTIVE = "active"
    RETIRED = "retired"


class Edition(Base):
    """One state of the whole grid. At most one is active."""

    __tablename__ = "editions"
    __table_args__ = (Index("uq_editions_one_active", "state", unique=True, postgresql_where=text("state = 'active'")),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    state: Mapped[EditionState] = mapped_column(choice(EditionState, "state"))
    valid_from: Mapped[date | None]
    source: Mapped[str] = mapped_column(Text)
    cell_count: Mapped[int] = mapped_column(default=0)
    faults: Mapped[list[Any] | None]
    created_at: Mapped[datetime]
    activated_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]


class Cell(Base):
    """One polygon of the grid at one level (网格)."""

    __tablename__ = "cells"
    __table_args__ = (
        UniqueConstraint("edition_id", "code"),
        Index("ix_cells_edition_id_parent_code", "edition_id", "parent_code"),
        Index("ix_cells_geom", "geom", postgresql_using="gist"),
        # locating: one point against the villages of one edition (grid/locating.py)
        Index("ix_cells_village_plane", "plane", postgresql_using="gist", postgresql_where=text("level = 'village'")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("editions.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(24))
    level: Mapped[Level] = mapped_column(choice(Level, "level"))
    parent_code: Mapped[str | None] = mapped_column(String(24))
    name: Mapped[str] = mapped_column(String(120))
    nbs_code: Mapped[str | None] = mapped_column(String(24))
    # [{"code", "level", "name"}] from the root down to the cell itself
    line: Mapped[list[Any]]
    area_m2: Mapped[float]
    # EPSG:4326, lon/lat degrees: exact for ST_Covers
    geom: Mapped[WKBElement] = mapped_column(Geometry("MULTIPOLYGON", srid=WGS84, spatial_index=False))
    # Shanghai 2000 metres: for distances
    plane: Mapped[WKBElement] = mapped_column(Geometry("MULTIPOLYGON", srid=-1, spatial_index=False))


class Centre(Base):
    """The organisation that answers for a cell (中心); it outlives editions and is known by the cell's code.

    `line` holds the codes from the city down to itself; a person at this centre sees what has `code` in its line.
    """

    __tablename__ = "centres"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(24), unique=True)
    level: Mapped[Level] = mapped_column(choice(Level, "level"))
    name: Mapped[str] = mapped_column(String(120))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("centres.id"), index=True)
    line: Mapped[list[Any]]
    calendar_id: Mapped[int] = mapped_column(BigInteger, default=1, server_default="1", index=True)
    retired_at: Mapped[datetime | None]


class Department(Base):
    """Who does the work (处置部门), at a centre."""

    __tablename__ = "departments"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120))
    centre_id: Mapped[int] = mapped_column(ForeignKey("centres.id"), index=True)
    # the department that it is a unit of (二级派遣)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"), index=True)
    # its own working calendar; None: its centre's
    calendar_id: Mapped[int | None] = mapped_column(BigInteger)
    retired_at: Mapped[datetime | None]


class Duty(Base):
    """A department's duty (责任) for a category, a whole class, or everything, on one cell's ground.

    Exactly one of `category_code` (5 digits) and `class_code` (2 digits) is set, or neither for everything.
    """

    __tablename__ = "duties"
    __table_args__ = (
        CheckConstraint("category_code IS NULL OR class_code IS NULL", name="one_subject"),
        Index("ix_duties_cell_code", "cell_code"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    cell_code: Mapped[str] = mapped_column(String(24))
    category_code: Mapped[str | None] = mapped_column(String(8))
    class_code: Mapped[str | None] = mapped_column(String(4))
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"), index=True)
    valid_from: Mapped[datetime | None]
    valid_to: Mapped[datetime | None]


class ComponentState(StrEnum):
    """状态 (GB/T 47678.5-2026 GLBJZT): 完好, 破损, 丢失, 废弃, 移除."""

    INTACT = "intact"
    DAMAGED = "damaged"
    LOST = "lost"
    ABANDONED = "abandoned"
    REMOVED = "removed"


class Component(Base):
    """A thing of the city with a number (部件): its own department beats the ground's.

    `changed` comes from `component_changes`, so that a phone asks only for what is new since its last number.
    """

    __tablename__ = "components"
    __table_args__ = (
        Index("ix_components_geom", "geom", postgresql_using="gist"),
        # what is new on a street's ground (grid/components.py)
        Index("ix_components_street_code_changed", "street_code", "changed"),
        # what has left a street's ground: few
        Index("ix_components_moved", "changed", postgresql_where=text("left_streets <> '{}'")),
    )

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    category_code: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(120))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"), index=True)
    # 权属单位: who owns it, in words
    owner: Mapped[str] = mapped_column(String(120), default="", server_default="")
    state: Mapped[ComponentState] = mapped_column(
        choice(ComponentState, "state"), default=ComponentState.INTACT, server_default=ComponentState.INTACT.value
    )
    # where it lay when it was loaded; None: outside the grid of that time
    street_code: Mapped[str | None] = mapped_column(String(24))
    # streets that it was moved away from: their phones are told that it is gone
    left_streets: Mapped[list[str]] = mapped_column(ARRAY(String(24)), default=list, server_default="{}")
    changed: Mapped[int] = mapped_column(BigInteger, component_changes, server_default=component_changes.next_value())
    retired_at: Mapped[datetime | None]
    # EPSG:4326, lon/lat degrees
    geom: Mapped[WKBElement] = mapped_column(Geometry("POINT", srid=WGS84, spatial_index=False))


class OverlayKind(StrEnum):
    """Nets besides the grid; duty_grid: the beat of an inspector (责任网格)."""

    DUTY_GRID = "duty_grid"


class Overlay(Base):
    """A polygon besides the grid, kept by a centre: a duty area has inspectors (`duty_people`)."""

    __tablename__ = "overlays"
    __table_args__ = (UniqueConstraint("kind", "code"), Index("ix_overlays_geom", "geom", postgresql_using="gist"))

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[OverlayKind] = mapped_column(choice(OverlayKind, "kind"))
    code: Mapped[str] = mapped_column(String(24))
    name: Mapped[str] = mapped_column(String(120))
    centre_id: Mapped[int] = mapped_column(ForeignKey("centres.id"), index=True)
    # EPSG:4326 lon/lat degrees, and Shanghai 2000 metres for distances
    geom: Mapped[WKBElement] = mapped_column(Geometry("MULTIPOLYGON", srid=WGS84, spatial_index=False))
    plane: Mapped[WKBElement] = mapped_column(Geometry("MULTIPOLYGON", srid=-1, spatial_index=False))
    changed_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
