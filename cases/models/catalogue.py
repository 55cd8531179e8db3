"""Categories and filing conditions, versioned by catalogue."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    ForeignKey,
    Index,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from cases.workdays import Unit
from core.db import Base, choice
from grid.levels import Level


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
    # a second limit that begins when the first step is done (make safe, then repair); None: there is one step
    then_limit: Mapped[int | None]
    then_unit: Mapped[Unit | None] = mapped_column(choice(Unit, "then_unit"))
    then_closing_zh: Mapped[str | None] = mapped_column(Text)
    then_closing_en: Mapped[str | None] = mapped_column(Text)
