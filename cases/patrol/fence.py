"""The electronic fence (电子围栏): alarms of an inspector who left the duty area, or who stands still too long.

Nothing is remembered between batches: what stands in `tracks` is judged anew around each batch, and `alarms` is made to
say the same. So it makes no difference how the track was cut, in which order its pieces came, or which process took
them; the caller holds the shift's row, so that two never judge at once.
"""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from geoalchemy2 import WKTElement
from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.models import Alarm, AlarmKind, Shift, Track
from cases.patrol.areas import distances, on_plane
from cases.patrol.spells import Patience, Seen, Spell, Stood, Where, idle_spells, outside_spells
from cases.patrol.telling import tell_alarm
from core.settings import Settings
from grid.models import WGS84

IDLE_METRES = 50.0
"""Who stays within this of a spot stands still; a position less accurate than this says nothing of it."""
SILENT_POINTS = 3
"""So many points missing are a silence, behind which it is not known any more where somebody was."""

Point = tuple[datetime, float, float, float | None]
"""at, lon, lat, accuracy in metres."""


def judge(session: Session, shift: Shift, first: datetime, *, now: datetime, settings: Settings) -> None:
    """Bring the alarms of a locked shift to what its points say, after points from `first` on have come.

    Who must know is told of alarms that are new and not over: what a late batch tells of the past alarms nobody.
    """
    kept = list(session.scalars(select(Alarm).where(Alarm.shift_id == shift.id).order_by(Alarm.started_at)))
    raised = _judge_outside(session, shift, first, _of(kept, AlarmKind.OUTSIDE), settings)
    if settings.fence.idle_minutes > 0:
        raised += _judge_idle(session, shift, _of(kept, AlarmKind.IDLE), settings)
    for alarm in raised:
        if alarm.ended_at is None:
            tell_alarm(session, alarm, now=now)


def _of(alarms: Sequence[Alarm], kind: AlarmKind) -> list[Alarm]:
    return [alarm for alarm in alarms if alarm.kind is kind]


def _judge_outside(
    session: Session, shift: Shift, first: datetime, kept: Sequence[Alarm], settings: Settings
) -> list[Alarm]:
    patience = _patience(settings.fence.minutes, settings)
    begin = first - patience.reach
    points = _points(session, shift, begin)
    away = distances(session, shift.person_id, shift.centre_id, [(lon, lat) for _, lon, lat, _ in points])
    seen = [
        Seen(point[0], _where(metres, point[3], settings.fence.metres))
        for point, metres in zip(points, away, strict=True)
    ]
    before = [one for one in kept if one.started_at < begin and (one.ended_at is None or one.ended_at >= begin)]
    going_on = Spell(before[-1].started_at) if before else None
    touched = [*before, *(one for one in kept if one.started_at >= begin)]
    return _write(session, shift, AlarmKind.OUTSIDE, outside_spells(seen, patience, going_on), touched, points)


def _where(metres: float | None, accuracy_m: float | None, allowed: float) -> Where:
    """`metres` None: there is no area, so nobody leaves it."""
    if metres is None or metres <= allowed:
        return Where.INSIDE
    return Where.OUTSIDE if metres > allowed + (accuracy_m or 0.0) else Where.UNSURE


def _judge_idle(session: Session, shift: Shift, kept: Sequence[Alarm], settings: Settings) -> list[Alarm]:
    """From the shift's beginning: where somebody stands is told from where they stood before."""
    points = [one for one in _points(session, shift, shift.started_at) if (one[3] or 0.0) <= IDLE_METRES]
    xs, ys = on_plane([(lon, lat) for _, lon, lat, _ in points])
    stood = [
        Stood(point[0], x, y)
        for point, x, y in zip(points, xs.tolist(), ys.tolist(), strict=True)
        if math.isfinite(x) and math.isfinite(y)
    ]
    spells = idle_spells(stood, _patience(settings.fence.idle_minutes, settings), IDLE_METRES)
    return _write(session, shift, AlarmKind.IDLE, spells, kept, points)


def _patience(minutes: int, settings: Settings) -> Patience:
    lasts = timedelta(minutes=minutes)
    return Patience(lasts, max(lasts, timedelta(seconds=SILENT_POINTS * settings.track.every_seconds)))


def _points(session: Session, shift: Shift, begin: datetime) -> list[Point]:
    """What is kept of the shift from `begin` on, in time order."""
    wanted = select(Track.at, Track.lon, Track.lat, Track.accuracy_m).where(
        Track.person_id == shift.person_id, Track.at >= max(begin, shift.started_at)
    )
    if shift.ended_at is not None:
        wanted = wanted.where(Track.at <= shift.ended_at)
    return [(row.at, row.lon, row.lat, row.accuracy_m) for row in session.execute(wanted.order_by(Track.at))]


def _write(
    session: Session,
    shift: Shift,
    kind: AlarmKind,
    spells: Sequence[Spell],
    kept: Sequence[Alarm],
    points: Sequence[Point],
) -> list[Alarm]:
    """Make the alarms say what the spells say: one that meets a spell is that spell's; the new ones are answered."""
    left, said, new = list(kept), [], []
    for spell in spells:
        ended_at = shift.ended_at if spell.ended_at is None else spell.ended_at
        alarm = next((one for one in left if _meets(one, spell.started_at, ended_at)), None)
        if alarm is None:
            new.append((spell.started_at, ended_at))
        else:
            left.remove(alarm)
            said.append((alarm, spell.started_at, ended_at))
    for alarm in left:
        session.delete(alarm)
    session.flush()  # at most one is open, at every moment
    for alarm, started_at, ended_at in said:
        if alarm.started_at != started_at:
            alarm.started_at, alarm.point = started_at, _spot(points, started_at)  # type: ignore[assignment]
        alarm.ended_at = ended_at
    session.flush()
    made = [
        Alarm(
            kind=kind,
            person_id=shift.person_id,
            shift_id=shift.id,
            centre_id=shift.centre_id,
            started_at=started_at,
            ended_at=ended_at,
            point=_spot(points, started_at),
        )
        for started_at, ended_at in new
    ]
    session.add_all(made)
    session.flush()
    return made


def _meets(alarm: Alarm, started_at: datetime, ended_at: datetime | None) -> bool:
    begins_before_its_end = ended_at is None or alarm.started_at <= ended_at
    return begins_before_its_end and (alarm.ended_at is None or alarm.ended_at >= started_at)


def _spot(points: Sequence[Point], at: datetime) -> WKTElement:
    _, lon, lat, _ = next(point for point in points if point[0] == at)
    return WKTElement(f"POINT({lon!r} {lat!r})", srid=WGS84)
