"""Who walks which duty area, who keeps them, and what a phone is told of its own."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
import structlog
from sqlalchemy import Connection, delete, false, func, insert, or_, select, text
from sqlalchemy.orm import Session

from core.errors import FieldError, Invalid, NotAllowed, NotFound
from grid.models import Centre, Overlay, OverlayKind
from grid.overlays import LEAST_M2, AreaGiven, find_overlay, put_overlay
from people.errors import DutyAreaTaken
from people.models import DutyPerson, Person, Post
from people.roles import Actor, Permission, Role

log = structlog.get_logger()


# --- found ------------------------------------------------------------------------------------------------------------


def areas_of(conn: Connection, person_id: int) -> list[dict[str, Any]]:
    """The duty areas that a person walks: code, name, `polygon` (GeoJSON, WGS-84, 1e-7 degree), by code."""
    rows = conn.execute(
        select(Overlay.code, Overlay.name, func.ST_AsGeoJSON(Overlay.geom, 7).label("polygon"))
        .join(DutyPerson, DutyPerson.overlay_id == Overlay.id)
        .where(DutyPerson.person_id == person_id, Overlay.kind == OverlayKind.DUTY_GRID, Overlay.retired_at.is_(None))
        .order_by(Overlay.code)
    )
    return [{"code": row.code, "name": row.name, "polygon": orjson.loads(row.polygon)} for row in rows]


def streets_walked(conn: Connection, person_id: int, most: int) -> list[tuple[str, str]]:
    """The streets of the active edition on which the person's duty areas lie, as (district, street), at most `most`.

    Where most of their ground lies comes first; a sliver (LEAST_M2) makes no street theirs.
    """
    rows = conn.execute(
        WALKED, {"person_id": person_id, "kind": OverlayKind.DUTY_GRID, "least": LEAST_M2, "most": most}
    )
    return [(row.district, row.street) for row in rows]


# by ix_duty_people_person_id, ix_cells_geom
WALKED = text("""
    SELECT cells.parent_code AS district, cells.code AS street
    FROM duty_people JOIN overlays ON overlays.id = duty_people.overlay_id
    JOIN editions ON editions.state = 'active'
    JOIN cells ON cells.edition_id = editions.id AND cells.level = 'street' AND cells.geom && overlays.geom
    CROSS JOIN LATERAL (SELECT ST_Area(ST_Intersection(cells.plane, overlays.plane)) AS area) AS shared
    WHERE duty_people.person_id = :person_id AND overlays.kind = :kind AND overlays.retired_at IS NULL
        AND shared.area >= :least
    GROUP BY cells.parent_code, cells.code
    ORDER BY sum(shared.area) DESC, cells.code
    LIMIT :most
""")


def list_areas(
    conn: Connection | Session,
    actor: Actor,
    *,
    centre: str | None = None,
    code: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """The areas in use below the person's centres, by code, with their people; of a centre: of its subtree.

    Raises NotFound `no-such-centre` for a centre that the person doesn't see.
    """
    if centre is not None:
        find_seen_centre(conn, actor, centre)
    seen = or_(false(), *(Centre.line.contains([one]) for _, one in sorted(actor.scope)))
    conditions = [Overlay.kind == OverlayKind.DUTY_GRID, Overlay.retired_at.is_(None), seen]
    if centre is not None:
        conditions.append(Centre.line.contains([centre]))
    if code is not None:
        conditions.append(Overlay.code == code)
    if after is not None:
        conditions.append(Overlay.code > after)
    rows = conn.execute(
        select(
            Overlay.id, Overlay.code, Overlay.name, Overlay.changed_at, func.ST_Area(Overlay.plane).label("area"),
            func.ST_AsGeoJSON(Overlay.geom, 7).label("polygon"), Centre.code.label("centre"), Centre.name.label("of"),
        )
        .join(Centre, Centre.id == Overlay.centre_id)
        .where(*conditions)
        .order_by(Overlay.code)
        .limit(limit)
    ).all()  # fmt: skip
    people = _people(conn, [row.id for row in rows])
    return [
        {
            "code": row.code, "name": row.name, "centre": {"code": row.centre, "name": row.of},
            "polygon": orjson.loads(row.polygon), "area_m2": round(row.area, 1), "people": people[row.id],
            "changed_at": row.changed_at,
        }
        for row in rows
    ]  # fmt: skip


def _people(conn: Connection | Session, ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    rows = conn.execute(
        select(DutyPerson.overlay_id, Person.id, Person.name, DutyPerson.since)
        .join(Person, Person.id == DutyPerson.person_id)
        .where(DutyPerson.overlay_id.in_(ids))
        .order_by(Person.id)
    )
    for row in rows:
        found[row.overlay_id].append({"id": row.id, "name": row.name, "since": row.since})
    return found


def find_seen_centre(conn: Connection | Session, actor: Actor, code: str) -> Centre | Any:
    """The centre (id, code, name, line) in use that the person sees. Raises NotFound `no-such-centre`."""
    wanted = select(Centre.id, Centre.code, Centre.name, Centre.line)
    found = conn.execute(wanted.where(Centre.code == code, Centre.retired_at.is_(None))).one_or_none()
    if found is None or not actor.sees(found.line):
        raise NotFound("no-such-centre", centre=code)
    return found


def check_leads(actor: Actor, line: Sequence[str]) -> None:
    """Raise NotAllowed unless the person leads the patrol of a centre with that line."""
    if not actor.leads(line):
        raise NotAllowed(needs=[Permission.LEAD_PATROL.value])


# --- changed ----------------------------------------------------------------------------------------------------------


def put_area(session: Session, actor: Actor, centre: Any, given: AreaGiven, *, now: datetime) -> bool:
    """Make or change a duty area of the centre; whether it is new. People who are not inspectors there are left out.

    Raises NotAllowed, and DutyAreaTaken when a centre that the person doesn't lead has the code.
    """
    check_leads(actor, centre.line)
    found = find_overlay(session, given.code)
    if found is not None and found.retired_at is None:
        line = session.scalar(select(Centre.line).where(Centre.id == found.centre_id)) or []
        if not actor.leads(line):
            raise DutyAreaTaken(duty_area=given.code)
    is_new = found is None or found.retired_at is not None
    overlay = put_overlay(session, centre, given, now=now)
    fitting = select(DutyPerson.person_id).where(DutyPerson.person_id.in_(_inspectors(centre.code)))
    session.execute(delete(DutyPerson).where(DutyPerson.overlay_id == overlay.id, DutyPerson.person_id.not_in(fitting)))
    return is_new


def drop_area(session: Session, actor: Actor, code: str, *, now: datetime) -> None:
    """The area is no longer in use and nobody's. Raises NotFound `no-such-duty-area`, NotAllowed."""
    overlay, _ = _find_led(session, actor, code)
    session.execute(delete(DutyPerson).where(DutyPerson.overlay_id == overlay.id))
    overlay.retired_at = overlay.changed_at = now
    session.flush()
    log.info("duty-area-dropped", duty_area=code)


def give_people(session: Session, actor: Actor, code: str, people: Sequence[int], *, now: datetime) -> None:
    """These people walk the area from now on, no others; who walked it already does so since then.

    Raises NotFound, NotAllowed, and Invalid for everybody who is no inspector at its centre or below.
    """
    overlay, centre_code = _find_led(session, actor, code)
    fitting = set(session.scalars(_inspectors(centre_code).where(Post.person_id.in_(people))))
    errors = [FieldError.of(f"people.{i}", "no_inspector_here") for i, one in enumerate(people) if one not in fitting]
    if errors:
        raise Invalid(errors)
    there = set(session.scalars(select(DutyPerson.person_id).where(DutyPerson.overlay_id == overlay.id)))
    session.execute(delete(DutyPerson).where(DutyPerson.overlay_id == overlay.id, DutyPerson.person_id.not_in(fitting)))
    if fitting - there:
        rows = [{"overlay_id": overlay.id, "person_id": one, "since": now} for one in sorted(fitting - there)]
        session.execute(insert(DutyPerson), rows)
    log.info("duty-area-people", duty_area=code, people=sorted(fitting))


def _find_led(session: Session, actor: Actor, code: str) -> tuple[Overlay, str]:
    overlay = find_overlay(session, code)
    centre = None if overlay is None else session.get(Centre, overlay.centre_id)
    if overlay is None or overlay.retired_at is not None or centre is None or not actor.sees(centre.line):
        raise NotFound("no-such-duty-area", duty_area=code)
    check_leads(actor, centre.line)
    return overlay, centre.code


def _inspectors(centre_code: str) -> Any:
    """Ids of the inspectors at the centre or below, whose accounts are open."""
    return (
        select(Post.person_id)
        .join(Centre, Centre.id == Post.centre_id)
        .join(Person, Person.id == Post.person_id)
        .where(Post.role == Role.INSPECTOR, Centre.line.contains([centre_code]), Person.disabled_at.is_(None))
    )
