"""All that the inspector's app needs to start a shift, and to go on without a network, in one answer.

What seldom changes carries a version; a part whose version the phone names is left out (None). Each part is one
statement or few, none in a loop; `tests/cases/test_syncing.py` counts them.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from cases.categories import categories
from cases.clock import light
from cases.delivery.push import public_key
from cases.models import Case, CasePhoto, Category
from cases.notices import unread
from cases.patrol.roll_calls import waiting_calls
from cases.patrol.shifts import open_shift_of
from cases.patrol.tracks import open_alarm_of
from cases.phrases import phrases
from cases.search import Filters, Sort, list_cases
from cases.stages import Stage
from core.errors import NotFound
from core.settings import Settings
from grid.basemap import told_basemap
from grid.compact import compact_grid
from grid.components import component_numbers, components_since
from grid.errors import NoEdition
from grid.levels import Level
from grid.models import Centre
from people.duty_areas import areas_of, streets_walked
from people.roles import Actor, Role, Seat

TASKS_MOST = 200
REPORTS_MOST = 50
COMPONENTS_MOST = 5000
STREETS_MOST = 5
"""Of somebody whose post is wider than a street, components of so many streets where they walk."""


@dataclass(frozen=True)
class Held:
    """What the phone has already: the versions of the parts of an earlier answer."""

    categories: str | None = None
    phrases: str | None = None
    grid: str | None = None
    components: str | None = None
    street: str | None = None
    """Components of this street instead of the person's own."""


def sync(conn: Connection, actor: Actor, held: Held, *, now: datetime, settings: Settings) -> dict[str, Any]:
    """The answer to `GET /sync`, for whoever is signed in; who has no inspector's post gets it, too.

    Raises NotFound for a street that the person doesn't see.
    """
    person_id = actor.person_id
    assert person_id is not None  # the system needs no phone
    walked = streets_walked(conn, person_id, STREETS_MOST) if _walks_wide(actor) else []
    return {
        "now": now,
        "person": {"id": person_id, "name": actor.name},
        "settings": told_settings(settings),
        "categories": _categories(conn, held.categories),
        "phrases": _phrases(settings, held.phrases),
        "grid": _grid(conn, actor, walked, held.grid),
        "components": _components(conn, actor, walked, held),
        "duty_areas": areas_of(conn, person_id),
        "shift": open_shift_of(conn, person_id),
        "roll_calls": waiting_calls(conn, person_id, now=now),
        "tasks": my_tasks(conn, actor, now=now),
        "reports": my_reports(conn, actor, now=now),
        "unread": unread(conn, actor),
        "alarm": open_alarm_of(conn, person_id),
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
        "basemap": told_basemap(settings),
    }


def _categories(conn: Connection, held: str | None) -> dict[str, Any] | None:
    found = categories(conn)
    if found.version == held:
        return None
    return {"version": found.version, "items": list(found.by_code.values())}


def _phrases(settings: Settings, held: str | None) -> dict[str, Any] | None:
    found = phrases(settings)
    return None if found.version == held else {"version": found.version, "items": found.items}


# --- the ground -------------------------------------------------------------------------------------------------------


Walked = Sequence[tuple[str, str]]
"""(district, street) where the person's duty areas lie, most of them first."""


def _walks_wide(actor: Actor) -> bool:
    """Whether somebody is inspector of a whole district, or of the city: only their duty areas say where they walk."""
    return any(seat.role is Role.INSPECTOR and seat.level in {Level.CITY, Level.DISTRICT} for seat in actor.seats)


def _grid(conn: Connection, actor: Actor, walked: Walked, held: str | None) -> dict[str, Any] | None:
    """One district: where the person walks, else that of the first post below the city, an inspector's before others.

    It is kept in the process.
    """
    posts = (seat.line[1] for seat in _nearest(actor) if seat.level is not Level.CITY)
    district = next(iter([*(district for district, _ in walked), *posts]), None)
    if district is None:
        return None
    try:
        found = compact_grid(conn, district)
    except (NoEdition, NotFound):  # no ground is loaded, or no such district on it any more
        return None
    return None if found["version"] == held else found


def _components(conn: Connection, actor: Actor, walked: Walked, held: Held) -> dict[str, Any] | None:
    """What changed on the streets' ground since the version that is held (ix_components_street_code_changed).

    A version is `MARK-NUMBER`. The mark stands for these streets and this database, the number for how far the phone
    has come: of other streets, or after a restore, the phone begins anew.
    """
    own = sorted({*_streets(actor), *(street for _, street in walked)})
    streets = own if held.street is None else [_seen_street(conn, actor, held.street)]
    if held.components is None and not streets:
        return None
    numbers = component_numbers(conn)
    mark = hashlib.sha256(repr((numbers.origin, streets)).encode()).hexdigest()[:16]
    after = _held_number(held.components, mark, numbers.last)
    found = components_since(conn, streets, after or 0, COMPONENTS_MOST)
    if after is not None and not found["items"] and not found["gone"]:
        return None
    return {"streets": streets, "version": f"{mark}-{found.pop('last')}", "whole": after is None, **found}


_VERSION = re.compile(r"([0-9a-f]{16})-(\d{1,18})")


def _held_number(version: str | None, mark: str, last: int) -> int | None:
    """The number in a version of this mark; None for another's, and for one that was never given out here."""
    found = _VERSION.fullmatch(version or "")
    return int(found[2]) if found and found[1] == mark and int(found[2]) <= last else None


def _streets(actor: Actor) -> set[str]:
    """The streets of the person's posts at streets and villages."""
    lines = [seat.line for seat in _nearest(actor) if seat.level in {Level.STREET, Level.VILLAGE}]
    return {line[2] for line in lines}


def _seen_street(conn: Connection, actor: Actor, code: str) -> str:
    # by uq_centres_code
    row = conn.execute(select(Centre.level, Centre.line).where(Centre.code == code)).first()
    if row is None or row.level is not Level.STREET or not actor.sees(row.line):
        raise NotFound("no-cell", cell=code)
    return code


def _nearest(actor: Actor) -> list[Seat]:
    return sorted(actor.seats, key=lambda seat: seat.role is not Role.INSPECTOR)


# --- work -------------------------------------------------------------------------------------------------------------


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
            func.ST_X(Case.geom).label("lon"), func.ST_Y(Case.geom).label("lat"),
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
        "point": None if row.lon is None else {"lon": row.lon, "lat": row.lat, "crs": "wgs84"},
    }
