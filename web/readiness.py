"""Whether this process can do its work: database, migration head, story, worker, disk."""

import shutil
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from core.db import CAN_LEAVE_ITS_ROLE
from core.settings import ROOT, Settings
from web.words import Language, check_words

# A worker that has said nothing for so many of its heartbeats is taken for dead.
MISSED_HEARTBEATS = 6


# What the role may do with the story, and whether the login could leave the role for one that may.
_STORY = text(f"""
    SELECT current_user, session_user, has_table_privilege(current_user, 'events', 'UPDATE, DELETE, TRUNCATE'),
        ({CAN_LEAVE_ITS_ROLE}) OR EXISTS (SELECT FROM pg_roles WHERE pg_has_role(session_user, oid, 'MEMBER')
            AND has_table_privilege(oid, 'events', 'UPDATE, DELETE, TRUNCATE'))
""")  # noqa: S608  a constant


@dataclass(frozen=True)
class Check:
    """One thing that must be so; `says` and `data` make the words of `web/words/checks.toml`."""

    name: str
    ok: bool
    says: str
    data: dict[str, Any] = field(default_factory=dict)

    def text(self, language: Language) -> str:
        """What was found, in words."""
        return check_words(self.says, language, self.data)

    def title(self, language: Language) -> str:
        """What was looked at, in words."""
        return check_words(self.name, language, {})


@cache
def wanted_head() -> str:
    """The migration that this code needs (`migrations/head`)."""
    return (ROOT / "migrations" / "head").read_text("utf-8").strip()


def checks(connection: Connection | None, settings: Settings, *, now: datetime) -> list[Check]:
    """Every check, in the order in which one would look; `connection` None: the database is away."""
    if connection is None:
        return [Check("database", ok=False, says="no-connection"), _disk(settings)]
    try:
        return [_head(connection), _story(connection), _worker(connection, settings, now=now), _disk(settings)]
    except SQLAlchemyError as error:
        return [Check("database", False, "database-broke-off", {"error": type(error).__name__}), _disk(settings)]


def _head(connection: Connection) -> Check:
    found = connection.execute(text("SELECT string_agg(version_num, ', ') FROM alembic_version")).scalar()
    if found == wanted_head():
        return Check("database", True, "migration", {"found": found})
    return Check("database", False, "old-migration", {"found": found, "wanted": wanted_head()})


def _story(connection: Connection) -> Check:
    """Whether this process can change the story. It is told and stops nothing: the chains show what was changed."""
    role, login, may, could = connection.execute(_STORY).one()
    says = "story-open" if may else "story-ajar" if could else "story-closed"
    return Check("story", ok=True, says=says, data={"role": role, "login": login})


def _worker(connection: Connection, settings: Settings, *, now: datetime) -> Check:
    last: datetime | None = connection.execute(text("SELECT max(at) FROM heartbeats")).scalar()
    if last is None:
        return Check("worker", ok=False, says="worker-never-seen")
    silent = (now - last).total_seconds()
    ok = silent <= settings.escalation.heartbeat_seconds * MISSED_HEARTBEATS
    return Check("worker", ok, "worker-heard", {"seconds": max(0, round(silent))})


def _disk(settings: Settings) -> Check:
    place = ROOT / settings.storage.photos
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free // (1024 * 1024)
    ok = free >= settings.storage.min_free_mb
    return Check("disk", ok, "disk-free", {"free": free, "least": settings.storage.min_free_mb})
