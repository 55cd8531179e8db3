"""Base, names of constraints, moments in UTC only, enums stored by value, engines and sessions."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import orjson
import structlog
from sqlalchemy import JSON, CheckConstraint, DateTime, Engine, Enum, MetaData, create_engine, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

from core.settings import BadSettings, Settings

log = structlog.get_logger()

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


# Since PostgreSQL 16 a member needs SET besides.
MAY_BE_TAKEN = """
    SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %(role)s AND pg_has_role(
        oid, CASE WHEN current_setting('server_version_num')::integer < 160000 THEN 'MEMBER' ELSE 'SET' END))
"""

# SET ROLE makes a login again whatever it is a member of, and an owner may do everything with a table.
CAN_LEAVE_ITS_ROLE = """
    SELECT EXISTS (SELECT FROM pg_roles WHERE (rolsuper OR rolcreaterole) AND pg_has_role(session_user, oid, 'MEMBER'))
        OR EXISTS (SELECT FROM pg_class WHERE relnamespace = to_regnamespace('public') AND relkind = 'r'
            AND pg_has_role(session_user, relowner, 'MEMBER'))
"""


class Become:
    """Lets new connections be of another role from their first moment, so that no RESET brings them back.

    Where the role is missing or may not be taken, they stay who they connect as: the log says so once, and a role that
    comes later is taken by the next connection.
    """

    def __init__(self, role: str) -> None:
        self.role = role
        self.told = False

    def __call__(
        self, dialect: Dialect, _record: object, words: tuple[Any, ...], named: dict[str, Any]
    ) -> DBAPIConnection:
        escaped = self.role.replace("\\", "\\\\").replace(" ", "\\ ")
        options = f"{named.get('options', '')} -c role={escaped}"
        try:
            return dialect.connect(*words, **{**named, "options": options})
        except dialect.loaded_dbapi.OperationalError as refusal:
            with ExitStack() as undoing:
                plain = dialect.connect(*words, **named)
                undoing.callback(plain.close)
                if self._may_be_taken(plain):  # then it was something else
                    raise
                undoing.pop_all()
            if not self.told:
                self.told = True
                log.warning("database-role-not-taken", role=self.role, error=str(refusal).strip())
            return plain

    def _may_be_taken(self, connection: Any) -> bool:
        found = connection.execute(MAY_BE_TAKEN, {"role": self.role}).fetchone()
        connection.rollback()
        return bool(found[0])


def _look_for_a_way_back(connection: Any, _record: object) -> None:
    found = connection.execute(CAN_LEAVE_ITS_ROLE).fetchone()
    connection.rollback()
    if found[0]:
        log.warning("database-role-can-be-left", advice="give the service a login of its own: docs/operations.md")


class Sessions:
    """The two engines of a process: `write` (transactions) and `read` (autocommit, prepared statements stay).

    psycopg forgets its prepared statements at every ROLLBACK and SQLAlchemy ends each read session with one:
    that is why single statements get an engine of their own (docs/decisions/0002).

    Their connections become `settings.database.role`, which can add to the story and never change it
    (docs/decisions/0013). `as_owner` stays who it connects as: for tables, seeds, a grid, and to empty what is there.
    """

    def __init__(self, settings: Settings, *, application: str = "wangge", as_owner: bool = False) -> None:
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
        if settings.database.role and not as_owner:
            become = Become(settings.database.role)
            for engine in (self.write, self.read):
                event.listen(engine, "do_connect", become)
        self.make = sessionmaker(self.write, expire_on_commit=False)

    def tell_of_a_way_back(self) -> None:
        """Let the log say, at the first connection, that this login could leave its role and do what the owner may."""
        event.listen(self.read, "first_connect", _look_for_a_way_back)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A session whose work is committed at the end, and undone when something is raised."""
        with self.make.begin() as session:
            yield session

    def close(self) -> None:
        """Give all connections back."""
        self.write.dispose()
        self.read.dispose()
