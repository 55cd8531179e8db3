"""The way that inspectors go (轨迹): points in duty time only, taken in batches, read by whoever leads them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import structlog
from sqlalchemy import Connection, literal, select, text, true, union_all
from sqlalchemy.orm import Session

from cases.errors import TracksOff
from cases.intake.body import MOST_ACCURACY_M
from cases.models import Alarm, Shift, Track
from cases.patrol.fence import judge
from cases.patrol.given import below, led_codes, moment_faults
from core.errors import Invalid, NotFound
from core.settings import Settings
from grid.coordinates import BadCoordinate, Crs, Fault, check_range, is_near_city
from people.models import Person, Post
from people.roles import Actor, Role

log = structlog.get_logger()

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST = timedelta(hours=48)
"""So much of a track is read at once."""
MOST_POINTS = 20_000


class Point(NamedTuple):
    """As sent: milliseconds since 1970 by the server's clock as the phone reckoned it, WGS-84 degrees, metres."""

    ms: int
    lon: float
    lat: float
    accuracy_m: float | None

    @property
    def at(self) -> datetime:
        return EPOCH + timedelta(milliseconds=self.ms)


@dataclass(frozen=True)
class Intake:
    """What became of a batch: `kept` are new, `known` had come before; the others were refused, by index and code."""

    kept: int = 0
    known: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)
    alarm: dict[str, Any] | None = None


# The shifts' rows are held until the end, so that of two batches of a person one is judged after the other.
TAKE = text("""
    WITH given AS (
        SELECT * FROM unnest(CAST(:position AS int[]), CAST(:at AS timestamptz[]), CAST(:lon AS float8[]),
            CAST(:lat AS float8[]), CAST(:accuracy AS float8[])) AS given (position, at, lon, lat, accuracy_m)
    ), mine AS MATERIALIZED (
        SELECT id, started_at, coalesce(ended_at, 'infinity') AS ended_at FROM shifts
        WHERE person_id = :person_id AND started_at <= :last AND (ended_at IS NULL OR ended_at >= :first)
        ORDER BY id FOR NO KEY UPDATE
    ), placed AS MATERIALIZED (
        SELECT given.*, (
            SELECT id FROM mine WHERE given.at BETWEEN mine.started_at AND mine.ended_at
            ORDER BY started_at DESC LIMIT 1
        ) AS shift_id FROM given
    ), kept AS (
        INSERT INTO tracks (person_id, at, lon, lat, accuracy_m, received_at)
        SELECT :person_id, at, lon, lat, accuracy_m, :now FROM placed WHERE shift_id IS NOT NULL ORDER BY at, position
        ON CONFLICT DO NOTHING RETURNING at
    )
    SELECT placed.position, placed.at, placed.shift_id, kept.at IS NOT NULL AS kept
    FROM placed LEFT JOIN kept USING (at)
""")


def take_points(
    session: Session, actor: Actor, points: Sequence[Point], *, now: datetime, settings: Settings
) -> Intake:
    """Keep the points that lie in the person's own shifts, in one statement, and judge the fence around them.

    The same points again are `known`. Others are refused one by one: `off_duty`, `in_future`, `older_than_days`,
    `swapped`, `no_place` (nowhere near the city, too). Raises TracksOff.
    """
    if not settings.track.enabled:
        raise TracksOff
    assert actor.person_id is not None
    codes = [_fault(point, now=now, settings=settings) for point in points]
    sound = [index for index, code in enumerate(codes) if code is None]
    rows = session.execute(TAKE, _values(points, sound, actor.person_id, now)).all() if sound else []
    off_duty = {row.position for row in rows if row.shift_id is None}
    if settings.fence.enabled:
        for shift_id in sorted({row.shift_id for row in rows if row.kept}):
            shift = session.get_one(Shift, shift_id, populate_existing=True)
            first = min(row.at for row in rows if row.kept and row.shift_id == shift_id)
            judge(session, shift, first, now=now, settings=settings)
    kept = len({row.at for row in rows if row.kept})
    refused = [
        {"index": index, "code": code or "off_duty"} for index, code in enumerate(codes) if code or index in off_duty
    ]
    alarm = open_alarm_of(session, actor.person_id)
    return Intake(kept, len(sound) - len(off_duty) - kept, refused, alarm)


def _fault(point: Point, *, now: datetime, settings: Settings) -> str | None:
    try:
        check_range(Crs.WGS84, point.lon, point.lat)
    except BadCoordinate as error:
        return "swapped" if error.reason is Fault.SWAPPED else "no_place"
    if not is_near_city(point.lon, point.lat):
        return "no_place"
    if point.accuracy_m is not None and not 0 <= point.accuracy_m <= MOST_ACCURACY_M:
        return "no_place"
    faults = moment_faults("at", point.at, now=now, settings=settings)
    return faults[0].code if faults else None


def _values(points: Sequence[Point], sound: Sequence[int], person_id: int, now: datetime) -> dict[str, Any]:
    at = [points[index].at for index in sound]
    return {
        "person_id": person_id,
        "now": now,
        "first": min(at),
        "last": max(at),
        "position": list(sound),
        "at": at,
        "lon": [points[index].lon for index in sound],
        "lat": [points[index].lat for index in sound],
        "accuracy": [points[index].accuracy_m for index in sound],
    }


def open_alarm_of(conn: Connection | Session, person_id: int) -> dict[str, Any] | None:
    """The person's open alarm as `{kind, started_at}`, leaving the area before standing still; in one statement."""
    wanted = select(Alarm.kind, Alarm.started_at).where(Alarm.person_id == person_id, Alarm.ended_at.is_(None))
    row = conn.execute(wanted.order_by(Alarm.kind.desc()).limit(1)).first()
    return None if row is None else {"kind": row.kind, "started_at": row.started_at}


# --- reading ----------------------------------------------------------------------------------------------------------


def read_track(session: Session, actor: Actor, person_id: int, begin: datetime, end: datetime) -> dict[str, Any]:
    """The person's points from `begin` up to, not including, `end`, at most MOST_POINTS, with shifts and alarms.

    One's own, or in shifts on ground whose patrol one leads: that is written to the log.
    Raises NotFound for people whom one does not lead, Invalid for more than LONGEST.
    """
    if not begin < end:
        raise Invalid.one("to", "before_from")
    if end - begin > LONGEST:
        raise Invalid.one("to", "too_long_a_time", hours=int(LONGEST / timedelta(hours=1)))
    within = true() if person_id == actor.person_id else Shift.centre_id.in_(below(led_codes(actor)))
    overlaps = (Shift.person_id == person_id, Shift.started_at < end)
    ends_later = Shift.ended_at.is_(None) | (Shift.ended_at >= begin)
    shifts = session.execute(
        select(Shift.id, Shift.started_at, Shift.ended_at)
        .where(*overlaps, ends_later, within)
        .order_by(Shift.started_at)
    ).all()
    if person_id != actor.person_id:
        if not shifts and not _leads_person(session, actor, person_id):
            raise NotFound(person=person_id)
        log.info("track-read", reader=actor.person_id, person=person_id, begin=begin, end=end)
    spans = [(max(one.started_at, begin), min(one.ended_at or end, end)) for one in shifts]
    points = _points(session, person_id, spans, end)
    alarms = select(Alarm.kind, Alarm.started_at, Alarm.ended_at).where(Alarm.shift_id.in_([one.id for one in shifts]))
    return {
        "person": person_id,
        "shifts": [one._asdict() for one in shifts],
        "points": [
            [round((one.at - EPOCH) / timedelta(milliseconds=1)), one.lon, one.lat, one.accuracy_m] for one in points
        ],
        "alarms": [one._asdict() for one in session.execute(alarms.order_by(Alarm.started_at))],
        "more": len(points) == MOST_POINTS,
    }


def _points(session: Session, person_id: int, spans: Sequence[tuple[datetime, datetime]], end: datetime) -> list[Any]:
    """What is kept in the spans; each part names its time, so that only the partitions of its days are looked at."""
    parts = [
        select(Track.at, Track.lon, Track.lat, Track.accuracy_m).where(
            Track.person_id == person_id, Track.at >= begin, Track.at <= until, Track.at < end
        )
        for begin, until in spans
    ]
    if not parts:
        return []
    every = union_all(*parts).subquery() if len(parts) > 1 else parts[0].subquery()
    return list(session.execute(select(every).distinct().order_by(every.c.at).limit(literal(MOST_POINTS))))


def _leads_person(session: Session, actor: Actor, person_id: int) -> bool:
    """Whether the person is inspector on ground whose patrol the reader leads."""
    held = select(Post.id).where(
        Post.person_id == person_id, Post.role == Role.INSPECTOR, Post.centre_id.in_(below(led_codes(actor)))
    )
    return session.scalar(select(Person.id).where(Person.id == person_id, held.exists())) is not None
