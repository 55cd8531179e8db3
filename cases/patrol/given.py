"""What a phone says of a moment and a place, checked in one way for shifts, tracks and roll calls."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from geoalchemy2 import WKBElement, WKTElement
from geoalchemy2.shape import to_shape
from sqlalchemy import ARRAY, ColumnElement, Float, Select, Text, cast, func, select
from sqlalchemy.orm import Session

from cases.intake.body import PointBody
from core.errors import FieldError, Invalid, NotAllowed, NotFound
from core.settings import Settings
from grid.models import WGS84, Centre
from people.roles import Actor


def moment_faults(field: str, moment: datetime, *, now: datetime, settings: Settings) -> list[FieldError]:
    """What is wrong with a moment that a phone reckoned: too far ahead of the server, or older than is still taken."""
    if moment > now + timedelta(minutes=settings.intake.future_minutes):
        return [FieldError.of(field, "in_future", minutes=settings.intake.future_minutes)]
    if moment < now - timedelta(days=settings.track.late_days):
        return [FieldError.of(field, "older_than_days", days=settings.track.late_days)]
    return []


def check_moment(field: str, moment: datetime, *, now: datetime, settings: Settings) -> None:
    """Raise Invalid unless the moment is one that `moment_faults` finds nothing wrong with."""
    if found := moment_faults(field, moment, now=now, settings=settings):
        raise Invalid(found)


def device_moment(said: datetime | None, reckoned: datetime | None) -> datetime | None:
    """What the phone's own clock said, where that is another moment than the one it reckoned."""
    return None if said == reckoned else said


def as_point(given: PointBody | None) -> WKTElement | None:
    """The place as a column takes it, EPSG:4326 lon/lat."""
    if given is None:
        return None
    lon, lat = given.wgs84()
    return WKTElement(f"POINT({lon!r} {lat!r})", srid=WGS84)


def is_same_point(kept: WKBElement | WKTElement | None, given: PointBody | None) -> bool:
    """Whether a column holds the place that is given."""
    if kept is None or given is None:
        return kept is None and given is None
    found = to_shape(kept)
    return (found.x, found.y) == given.wgs84()


def lon_lat(column: Any, name: str) -> tuple[ColumnElement[float], ColumnElement[float]]:
    """Longitude and latitude of a column of points, as `NAME_lon` and `NAME_lat`."""
    return cast(func.ST_X(column), Float).label(f"{name}_lon"), cast(func.ST_Y(column), Float).label(f"{name}_lat")


def place(row: Any, name: str) -> dict[str, float] | None:
    """The place that `lon_lat` read."""
    lon = getattr(row, f"{name}_lon")
    return None if lon is None else {"lon": lon, "lat": getattr(row, f"{name}_lat")}


def led_centre(session: Session, actor: Actor, code: str) -> Centre:
    """The centre, of which the person leads the patrol. Raises NotFound when they don't see it, else NotAllowed."""
    centre = session.scalar(select(Centre).where(Centre.code == code, Centre.retired_at.is_(None)))
    if centre is None or not actor.sees(centre.line):
        raise NotFound("no-such-centre", centre=code)
    if not actor.leads(centre.line):
        raise NotAllowed(needs=["lead_patrol"])
    return centre


def below(codes: Sequence[str]) -> Select[int]:
    """Ids of the centres at these codes and below them."""
    return select(Centre.id).where(func.jsonb_exists_any(Centre.line, cast(list(codes), ARRAY(Text))))


def led_codes(actor: Actor) -> list[str]:
    """Codes of the centres whose patrol the person leads."""
    return sorted({seat.centre_code for seat in actor.seats if actor.leads([seat.centre_code])})
