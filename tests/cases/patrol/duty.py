"""Shifts and tracks as the tests of the patrol make them."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import select

from cases.models import Alarm, Shift
from cases.patrol.shifts import End, Start, clock_in, clock_out
from cases.patrol.tracks import Intake, Point, take_points
from tests.make import Town


def begin(town: Town, who: str = "inspector", shift_id: UUID | None = None, ago: float = 0.0, **more: object) -> Shift:
    """A shift that began `ago` minutes ago."""
    start = Start(town.now - timedelta(minutes=ago), **more)
    return clock_in(town.session, town[who], shift_id or uuid4(), start, now=town.now, settings=town.settings).shift


def finish(town: Town, shift: Shift, at: datetime, who: str = "inspector") -> Shift:
    """The shift, ended at that moment."""
    return clock_out(town.session, town[who], shift.id, End(at), now=town.now, settings=town.settings)


NORTH_OF_IT = (121.4737, 31.30)
"""Some seven kilometres off the street of the inspector, PEOPLES_SQUARE."""


def send(
    town: Town, *points: tuple[float, tuple[float, float]], who: str = "inspector", accuracy: float = 5.0
) -> Intake:
    """A batch of points, each `(minutes from now, (lon, lat))`."""
    batch = [Point(ms_of(town.now + timedelta(minutes=minute)), *place, accuracy) for minute, place in points]
    return take_points(town.session, town[who], batch, now=town.now, settings=town.settings)


def ms_of(moment: datetime) -> int:
    """As the phone sends it."""
    return round(moment.timestamp() * 1000)


def alarms_of(town: Town, who: str = "inspector") -> list[tuple[float, float | None]]:
    """Minutes from now when the person's alarms began and ended."""
    found = select(Alarm).where(Alarm.person_id == town[who].person_id).order_by(Alarm.started_at)
    rows = town.session.scalars(found.execution_options(populate_existing=True))
    return [(minutes(town, one.started_at), one.ended_at and minutes(town, one.ended_at)) for one in rows]


def minutes(town: Town, moment: datetime) -> float:
    return (moment - town.now) / timedelta(minutes=1)
