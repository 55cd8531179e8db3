"""All that the inspector's app needs to start a shift, and to go on without a network, in one answer.

What seldom changes carries a version; a part whose version the phone names is left out (None). Each part is one
statement or few, none in a loop; `tests/cases/test_syncing.py` counts them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from cases.categories import categories
from cases.clock import light
from cases.delivery.push import public_key
from cases.models import Case, CasePhoto, Category
from cases.notices import unread
from cases.phrases import phrases
from cases.search import Filters, Sort, list_cases
from cases.stages import Stage
from core.settings import Settings
from people.roles import Actor

TASKS_MOST = 200
REPORTS_MOST = 50


@dataclass(frozen=True)
class Held:
    """What the phone has already: the versions of an earlier answer, and the last number of a component."""

    categories: str | None = None
    phrases: str | None = None
    grid: str | None = None
    components: int | None = None
    street: str | None = None
    """Components of this street instead of the person's own."""


def sync(conn: Connection, actor: Actor, held: Held, *, now: datetime, settings: Settings) -> dict[str, Any]:
    """The answer to `GET /sync`, for whoever is signed in; who has no inspector's post gets it, too.

    Raises NotFound for a street that the person doesn't see.
    """
    return {
        "now": now,
        "person": {"id": actor.person_id, "name": actor.name},
        "settings": told_settings(settings),
        "categories": _categories(conn, held.categories),
        "phrases": _phrases(settings, held.phrases),
        "grid": None,
        "components": None,
        "duty_areas": [],
        "shift": None,
        "roll_calls": [],
        "tasks": my_tasks(conn, actor, now=now),
        "reports": my_reports(conn, actor, now=now),
        "unread": unread(conn, actor),
        "alarm": None,
    }


def told_settings(settings: Settings) -> dict[str, Any]:
    """The settings that the app goes by."""
    field, track, fence = settings.field_app, settings.track, settings.fence
    return {
        "fix_seconds": field.fix_seconds,
        "fix_metres": field.fix_metres,
        "poor_metres": field.poor_metres,
        "photo_side": field.photo_side,
        "photo_bytes": settings.storage.photo_bytes,
        "track": {"enabled": track.enabled, "every_seconds": track.every_seconds, "batch": track.batch},
        "fence": {"enabled": fence.enabled, "metres": fence.metres, "minutes": fence.minutes},
        "push_key": public_key(settings),
        "basemap": None,
    }


def _categories(conn: Connection, held: str | None) -> dict[str, Any] | None:
    found = categories(conn)
    if found.version == held:
        return None
    return {"version": found.version, "items": list(found.by_code.values())}


def _phrases(settings: Settings, held: str | None) -> dict[str, Any] | None:
    found = phrases(settings)
    return None if found.version == held else {"version": found.version, "items": found.items}


def my_tasks(conn: Connection, actor: Actor, *, now: datetime) -> list[dict[str, Any]]:
    """What waits for the person to be verified or checked, what is due next first, with the photos of each case."""
    asked = Filters(stages=(Stage.VERIFYING, Stage.CHECKING), mine=True)
    page = list_cases(conn, actor, asked, now=now, sort=Sort.BURNS, limit=TASKS_MOST)
    photos = _photos(conn, [item["no"] for item in page.items])
    return [item | {"photos": photos.get(item["no"], [])} for item in page.items]


def _photos(conn: Connection, numbers: Sequence[str]) -> Mapping[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    if not numbers:
        return found
    # cases by their number (uq_cases_no), their photos by the primary key
    named = (
        select(Case.no, CasePhoto.photo_id)
        .join(CasePhoto, CasePhoto.case_id == Case.id)
        .where(Case.no.in_(numbers))
        .order_by(Case.no, CasePhoto.at, CasePhoto.photo_id)
    )
    for row in conn.execute(named):
        found.setdefault(row.no, []).append(row.photo_id)
    return found


def my_reports(conn: Connection, actor: Actor, *, now: datetime) -> list[dict[str, Any]]:
    """How the person's own latest reports stand, the newest first."""
    # by ix_cases_reporter_id
    latest = (
        select(
            Case.no, Case.stage, Case.reported_at, Case.due_at, Case.yellow_at, Case.paused,
            Category.code, Category.kind, Category.zh, Category.en,
            Category.class_code, Category.class_zh, Category.class_en,
        )
        .outerjoin(Category, Category.id == Case.category_id)
        .where(Case.reporter_id == actor.person_id)
        .order_by(Case.id.desc())
        .limit(REPORTS_MOST)
    )  # fmt: skip
    return [_report(row, now) for row in conn.execute(latest)]


def _report(row: Any, now: datetime) -> dict[str, Any]:
    named = ("code", "kind", "zh", "en", "class_code", "class_zh", "class_en")
    return {
        "no": row.no,
        "stage": row.stage,
        "light": light(due_at=row.due_at, yellow_at=row.yellow_at, paused=row.paused, now=now),
        "category": None if row.code is None else {name: getattr(row, name) for name in named},
        "reported_at": row.reported_at,
    }
