"""Who is on duty on a centre's ground, and where they were last seen: one statement for all of them."""

from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from cases.patrol.shifts import FORGOTTEN_AFTER
from people.roles import Actor

log = structlog.get_logger()

MOST = 5000
SEEN_WITHIN = FORGOTTEN_AFTER + timedelta(hours=8)
"""No farther back than this a last point is looked for: so only the partitions of two or three days are touched."""

# The last point is the end of a person's own piece of the key, one look a person and day.
ON_DUTY = text("""
    WITH ground AS MATERIALIZED (
        SELECT id, code, name, level FROM centres WHERE jsonb_exists_any(line, CAST(:codes AS text[]))
    ), duty AS MATERIALIZED (
        SELECT shifts.id, shifts.person_id, shifts.started_at, ground.code, ground.name, ground.level
        FROM shifts JOIN ground ON ground.id = shifts.centre_id
        WHERE shifts.ended_at IS NULL ORDER BY shifts.started_at, shifts.id LIMIT :most
    ), areas AS MATERIALIZED (
        SELECT duty_people.person_id, jsonb_agg(
            jsonb_build_object('code', overlays.code, 'name', overlays.name) ORDER BY overlays.code) AS areas
        FROM duty_people JOIN overlays ON overlays.id = duty_people.overlay_id
        WHERE overlays.kind = 'duty_grid' AND overlays.retired_at IS NULL GROUP BY duty_people.person_id
    ), alarm AS MATERIALIZED (
        SELECT DISTINCT ON (person_id) person_id, kind, started_at FROM alarms
        WHERE ended_at IS NULL ORDER BY person_id, kind DESC
    ), waiting AS MATERIALIZED (
        SELECT DISTINCT ON (answers.person_id) answers.person_id, calls.id, calls.answer_by
        FROM roll_call_answers AS answers JOIN roll_calls AS calls ON calls.id = answers.roll_call_id
        WHERE answers.answered_at IS NULL AND calls.called_at > :since ORDER BY answers.person_id, calls.id DESC
    )
    SELECT duty.id, duty.person_id, people.name AS person_name, duty.started_at, duty.code, duty.name, duty.level,
        seen.at, seen.lon, seen.lat, seen.accuracy_m, coalesce(areas.areas, '[]') AS areas,
        alarm.kind AS alarm_kind, alarm.started_at AS alarm_since, waiting.id AS call_id, waiting.answer_by
    FROM duty JOIN people ON people.id = duty.person_id
    LEFT JOIN LATERAL (
        SELECT at, lon, lat, accuracy_m FROM tracks
        WHERE tracks.person_id = duty.person_id AND tracks.at >= :since AND tracks.at <= :until
        ORDER BY at DESC LIMIT 1
    ) AS seen ON seen.at >= duty.started_at
    LEFT JOIN areas ON areas.person_id = duty.person_id
    LEFT JOIN alarm ON alarm.person_id = duty.person_id
    LEFT JOIN waiting ON waiting.person_id = duty.person_id
    ORDER BY alarm.kind IS NULL, people.name, duty.person_id
""")


def on_duty(
    conn: Connection | Session, codes: list[str], *, now: datetime, most: int = MOST
) -> tuple[list[dict[str, Any]], bool]:
    """Who has an open shift at the centres `codes` or below, those with an alarm first, then by name, in one statement.

    And whether there are more than `most`. Points up to an hour ahead of the server count as seen.
    """
    asked = {"codes": codes, "since": now - SEEN_WITHIN, "until": now + timedelta(hours=1), "most": most + 1}
    rows = conn.execute(ON_DUTY, asked).all()
    return [_shown(row, now) for row in rows[:most]], len(rows) > most


def look_at_patrol(
    session: Session, actor: Actor, codes: list[str], *, now: datetime
) -> tuple[list[dict[str, Any]], bool]:
    """`on_duty` for somebody: that they saw where others are is written to the log, one line for all of them."""
    items, more = on_duty(session, codes, now=now)
    seen = sorted(one["person"]["id"] for one in items if one["seen"] is not None)
    if others := [person_id for person_id in seen if person_id != actor.person_id]:
        log.info("positions-read", reader=actor.person_id, centres=codes, people=others)
    return items, more


def _shown(row: Any, now: datetime) -> dict[str, Any]:
    seen = None
    if row.at is not None:
        age = max(0, round((now - row.at).total_seconds()))
        seen = {"at": row.at, "age_seconds": age, "lon": row.lon, "lat": row.lat, "accuracy_m": row.accuracy_m}
    return {
        "shift": row.id,
        "person": {"id": row.person_id, "name": row.person_name},
        "centre": {"code": row.code, "level": row.level, "name": row.name},
        "since": row.started_at,
        "seen": seen,
        "duty_areas": row.areas,
        "alarm": row.alarm_kind and {"kind": row.alarm_kind, "started_at": row.alarm_since},
        "roll_call": row.call_id and {"id": row.call_id, "answer_by": row.answer_by},
    }
