"""Base, names of constraints, moments in UTC only, enums stored by value, engines and sessions."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import JSON, CheckConstraint, DateTime, Engine, Enum, MetaData, create_engine
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

from core.settings import BadSettings, Settings

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Instant(TypeDecorator[datetime]):
    """A moment, `timestamptz`: goes in aware, comes out in UTC; a naive value is refused with ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError(f"a naive moment: {value!r}")
        return value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """All tables."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: Instant(), dict[str, Any]: JSONB(), list[Any]: JSONB(), JSON: JSONB()}


def choice(kind: type[StrEnum], name: str) -> Enum:
    """A column type that stores `kind` by value as text with a CHECK named `name`."""
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=40,
        values_callable=lambda members: [member.value for member in members],
        validate_strings=True,
    )


def one_of(column: str, kind: type[StrEnum], name: str) -> CheckConstraint:
    """A CHECK that a text column holds a value of `kind`."""
    return CheckConstraint(f"{column} IN ({', '.join(repr(m.value) for m in kind)})", name=name)


def to_json(value: Any) -> str:
    """JSON text of dicts, lists, UUIDs, aware datetimes and dataclasses."""
    return orjson.dumps(value, option=orjson.OPT_UTC_Z, default=str).decode()


class Sessions:
    """The two engines of a process: `write` (transactions) and `read` (autocommit, prepared statements stay).

    psycopg forgets its prepared statements at every ROLLBACK and SQLAlchemy ends each read session with one:
    that is why single statements get an engine of their own (docs/decisions/0002).
    """

    def __init__(self, settings: Settings, *, application: str = "wangge") -> None:
        if not settings.database.url:
            raise BadSettings(
                "database.url is empty: set WANGGE_DATABASE_URL, or for the private database "
                'run `scripts/database start` and `export WANGGE_DATABASE_URL="$(scripts/database url)"`'
            )
        # `lock_timeout` and `statement_timeout` go along at connect: no statement more per session.
        options = (
            f"-c lock_timeout={settings.database.lock_timeout_seconds}s"
            f" -c statement_timeout={settings.database.statement_timeout_seconds}s -c timezone=UTC"
        )
        common: dict[str, Any] = {
            "json_serializer": to_json,
            "json_deserializer": orjson.loads,
            "pool_size": settings.database.pool_size,
            "max_overflow": 4,
            "pool_pre_ping": False,
            "connect_args": {"options": options, "application_name": application, "prepare_threshold": 3},
        }
        self.write: Engine = create_engine(settings.database.url, **common)
        self.read: Engine = create_engine(
            settings.database.url,
            isolation_level="AUTOCOMMIT",
            skip_autocommit_rollback=True,
            pool_reset_on_return=None,
            **common,
        )
        self.make = sessionmaker(self.write, expire_on_commit=False)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A session whose work is committed at the end, and undone when something is raised."""
        with self.make.begin() as session:
            yield session

    def close(self) -> None:
        """Give all connections back."""
        self.write.dispose()
        self.read.dispose()
