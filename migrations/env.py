"""Alembic's environment: our own types by their plain names, GeoAlchemy2's helpers, one advisory lock, a lock timeout."""

from typing import Any, Literal

from alembic import context
from geoalchemy2 import alembic_helpers
from sqlalchemy import Connection, create_engine, pool, text

import cases.models
import grid.models
import people.models
from core.db import Base, Instant
from core.settings import load_settings

MODELS = (grid.models, people.models, cases.models)
# Any number of processes may start an upgrade at once; one does it, the others wait and find it done.
UPGRADE_LOCK = 815_470_001


def render_item(kind: str, item: Any, autogen: Any) -> str | Literal[False]:
    if kind == "type" and isinstance(item, Instant):
        return "sa.DateTime(timezone=True)"
    rendered: str | Literal[False] = alembic_helpers.render_item(kind, item, autogen)  # type: ignore[no-untyped-call]
    return rendered


def include_object(item: Any, name: str | None, kind: Any, reflected: bool, compare_to: Any) -> bool:  # noqa: FBT001 (Alembic calls it so)
    if kind == "table" and name is not None and (name == "spatial_ref_sys" or name.startswith("tracks_")):
        return False  # PostGIS's own, and the days of `tracks`
    included: bool = alembic_helpers.include_object(item, name, kind, reflected, compare_to)  # type: ignore[no-untyped-call]
    return included


def run(connection: Connection) -> None:
    connection.execute(text("SET lock_timeout = '10s'"))
    connection.execute(text("SET statement_timeout = 0"))
    connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": UPGRADE_LOCK})
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_object=include_object,
        render_item=render_item,
        transaction_per_migration=True,
        compare_type=True,
        version_table_pk=True,
    )
    try:
        with context.begin_transaction():
            context.run_migrations()
    finally:
        connection.rollback()
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": UPGRADE_LOCK})
        connection.commit()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    engine = create_engine(load_settings().database.url, poolclass=pool.NullPool)
    with engine.connect() as own:
        run(own)
