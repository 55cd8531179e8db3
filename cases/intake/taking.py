"""One report, the hot path: a reading statement that locates it, a writing one that makes report and case, durable."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from psycopg.errors import UniqueViolation
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from cases.clock import written
from cases.errors import GroundMoves, ReportDiffers
from cases.intake import driver
from cases.intake.body import Rules, Sent, as_sent, check_body
from cases.intake.known import Known, known
from cases.intake.opening import (
    Draft,
    Opening,
    Spot,
    answer_parts,
    check_may_report,
    desk_seat,
    ground_of,
    unlocated,
)
from cases.intake.planning import plan_opening
from cases.intake.statement import BEFORE, WRITE
from cases.stages import CloseType
from core.errors import Invalid
from core.settings import Settings
from grid.levels import Level
from grid.locating import locate_statement, place_of
from people.roles import Actor

CODES = [f"{level.value}_code" for level in Level]


class Taken(NamedTuple):
    """The answer to a report as JSON text; `created` is False when it was sent before."""

    created: bool
    answer: bytes


def take(conn: Connection, actor: Actor, report_id: UUID, raw: bytes, *, now: datetime, settings: Settings) -> Taken:
    """Locate, route and open a case for the report in `raw`; the same report again gives the same answer.

    `conn` is an autocommit connection: the writing statement is the transaction, and durable when this returns. It
    writes only if edition, categories, duties and calendars are still those that routed the report.
    Raises Invalid with all faults, OutsideGrid, NotAllowed (a source that is not the sender's), ReportDiffers.
    """
    sent = as_sent(raw)
    for fresh in (False, True, True, True):
        rulebook = known(conn, now=now, fresh=fresh)
        try:
            values = _prepare(conn, actor, report_id, sent, rulebook, now=now, settings=settings)
        except Invalid:
            if again := sent_before(conn, report_id, sent):
                return again
            if fresh or not rulebook.is_stale(conn):
                raise
            continue
        taken = _write(conn, values)
        if taken is not None:
            return Taken(True, taken)
        if again := sent_before(conn, report_id, sent):
            return again
    raise GroundMoves


def sent_before(conn: Connection, report_id: UUID, sent: Sent) -> Taken | None:
    """The answer given to the same report earlier; None when it is new. Raises ReportDiffers."""
    rows = driver.run(conn, BEFORE, {"report_id": report_id})
    if not rows:
        return None
    sha256, answer = rows[0]
    if bytes(sha256) != sent.sha256:
        raise ReportDiffers(report_id=str(report_id))
    return Taken(False, answer.encode())


def _write(conn: Connection, values: dict[str, Any]) -> bytes | None:
    """The answer as stored; None when nothing was written: the report is there, or what routed it has changed."""
    for digits in (5, 7):  # a day may need wider numbers (contract §4)
        try:
            new = orjson.dumps(values | {"digits": digits, "modulus": 10**digits}).decode()
            rows = driver.run(conn, WRITE, {"new": new})
        except IntegrityError as error:
            if not _number_taken(error) or digits == 7:
                raise
            continue
        return f"{values['head']}{rows[0][0]}{values['tail']}".encode() if rows else None
    return None


def _number_taken(error: IntegrityError) -> bool:
    return isinstance(error.orig, UniqueViolation) and error.orig.diag.constraint_name == "uq_cases_no"


def _prepare(
    conn: Connection, actor: Actor, report_id: UUID, sent: Sent, rulebook: Known, *, now: datetime, settings: Settings
) -> dict[str, Any]:
    """The values of WRITE."""
    checked = check_body(sent, Rules(rulebook.categories, settings.intake, now))
    seat = check_may_report(actor, checked.body.source)
    point = checked.body.point
    if point is None:
        seat = desk_seat(actor)
        spot = unlocated(seat)
    else:
        lon, lat = point.wgs84()
        accuracy_m, near_m = point.accuracy_m, settings.intake.near_metres
        rows = driver.run(conn, *locate_statement(lon, lat, accuracy_m=accuracy_m, near_m=near_m))
        spot = Spot(lon, lat, ground_of(place_of(rows, accuracy_m=accuracy_m, near_m=near_m)))
    routed = rulebook.route(conn, spot, checked, seat, now=now)
    draft = Draft(report_id, sent, checked, seat, now, spot, routed)
    opening = plan_opening(draft, rulebook.rules, settings)
    return (
        rulebook.guard_values(spot.ground, routed.route)
        | _case_values(draft, opening)
        | _clock_values(draft, opening)
        | {"person_id": actor.person_id}
    )


def _case_values(draft: Draft, opening: Opening) -> dict[str, Any]:
    body, spot, category = draft.checked.body, draft.spot, draft.checked.category
    head, tail = answer_parts(draft, opening)
    return {
        "report_id": draft.report_id,
        "now": draft.received_at,
        "body": orjson.Fragment(draft.sent.kept),
        "sha256": draft.sent.sha256.hex(),
        "head": head,
        "tail": tail,
        "prefix": draft.prefix,
        "stage": opening.stage.value,
        "source": body.source.value,
        "description": body.description,
        "address": body.address,
        "category_id": category.id if category else None,
        "category_code": body.category_code,
        "condition_id": body.condition,
        "urgent": draft.urgent,
        "lon": spot.lon,
        "lat": spot.lat,
        **dict(zip(CODES, spot.ground.codes, strict=True)),
        "placement": orjson.Fragment(draft.placement or "null"),
        "suggested": draft.routed.route.department_id,
        "why": orjson.Fragment(draft.routed.why),
        "observed_at": body.observed_at,
        "close_type": CloseType.SELF_HANDLED.value if draft.settled else None,
        "role": draft.seat.role.value if draft.seat else None,
        "photos": body.photos,
        "after": body.photos[-1] if draft.settled else None,
        "settled": draft.settled,
    }


def _clock_values(draft: Draft, opening: Opening) -> dict[str, Any]:
    if opening.due_at is None:
        return {}
    return {
        "unit": opening.unit.value,
        "limit_seconds": opening.limit_seconds,
        "segments": [[written(draft.received_at), None, None]],
        "due_at": opening.due_at,
        "yellow_at": opening.yellow_at,
        "next_rung": opening.next_rung,
        "next_raise_at": opening.next_raise_at,
    }
