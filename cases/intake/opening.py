"""What a report becomes: the values of its case, clock, event and notice, the same for one and for many."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from cases.clock import Plan
from cases.intake.body import Checked
from cases.models import Source
from cases.stages import Stage
from cases.workdays import SHANGHAI
from core.errors import Invalid, NotAllowed
from grid.levels import Level
from grid.locating import Place
from people.roles import Actor, Role, Seat

DESK = (Role.ACCEPTOR, Role.SHIFT_LEAD, Role.DISPATCHER, Role.ADMIN)
ALL = frozenset(Source)
SENDS: dict[Role, frozenset[Source]] = {
    Role.INSPECTOR: frozenset({Source.INSPECTOR}),
    Role.ACCEPTOR: ALL,  # keys in what comes by telephone, and holds the tokens of sensors and gateways
    Role.SHIFT_LEAD: ALL - {Source.INSPECTOR},
    Role.DISPATCHER: ALL - {Source.INSPECTOR},
    Role.HANDLER: frozenset(),
    Role.LEADER: frozenset(),
    Role.ADMIN: ALL,
}
"""Which sources a role may send reports of; the system itself may send all."""
UNLOCATED = "000000"


def check_may_report(actor: Actor, source: Source) -> Seat | None:
    """The seat by which the person reports; None for the system. Raises NotAllowed when no seat may send the source."""
    if actor.person_id is None:
        return None
    for seat in actor.seats:
        if source in SENDS[seat.role]:
            return seat
    raise NotAllowed("not-your-source", source=source.value)


def is_machine(actor: Actor) -> bool:
    """Whether the actor may bring reports of other systems: inspectors' without photos."""
    return actor.person_id is None or any(seat.role in {Role.ACCEPTOR, Role.ADMIN} for seat in actor.seats)


def brings_history(actor: Actor) -> bool:
    """Whether `reported_at` of a batch's line counts as the moment of receipt: for the system and administrators."""
    return actor.person_id is None or any(seat.role is Role.ADMIN for seat in actor.seats)


def desk_seat(actor: Actor) -> Seat:
    """Where an address without a point is keyed; raises Invalid for who has no desk: they must give a point."""
    for seat in actor.seats:
        if seat.role in DESK:
            return seat
    raise Invalid.one("point", "point_needed")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a case lies: a place in the grid, or, unlocated, the centre that keyed its address."""

    lon: float | None
    lat: float | None
    edition_id: int | None
    codes: dict[Level, str]
    placement: dict[str, Any] | None

    @property
    def line(self) -> list[str]:
        """The codes from the root down."""
        return list(self.codes.values())

    @property
    def district(self) -> str:
        """The six digits in the case's number."""
        return self.codes.get(Level.DISTRICT, UNLOCATED)[:6] if self.placement else UNLOCATED


def spot_of(place: Place, lon: float, lat: float) -> Spot:
    """The spot of a located report."""
    codes = {Level(cell["level"]): cell["code"] for cell in place.line}
    return Spot(lon, lat, place.edition_id, codes, place.as_json())


def unlocated(seat: Seat) -> Spot:
    """The spot of an address that was keyed at this seat."""
    return Spot(None, None, None, dict(zip(Level, seat.line, strict=False)), None)


def number_prefix(district: str, now: datetime, source: Source) -> str:
    """The first 14 of the number's 19 digits: district, day in Shanghai, source (contract §4)."""
    return f"{district}{now.astimezone(SHANGHAI):%y%m%d}{source.digits}"


@dataclass(frozen=True, slots=True)
class Opening:
    """How a case begins: its stage, and the accept clock unless the inspector has settled it already."""

    stage: Stage
    plan: Plan | None

    @property
    def due_at(self) -> datetime | None:
        """When the report must be accepted."""
        return self.plan.due_at if self.plan else None


def answer_parts(report_id: UUID, opening: Opening, spot: Spot) -> tuple[str, str]:
    """The answer's JSON around the number, which the database draws: head + number + tail."""
    tail = {"stage": opening.stage.value, "version": 1, "due_at": opening.due_at}
    rest = orjson.dumps(tail, option=orjson.OPT_UTC_Z).decode()
    where = orjson.dumps(spot.placement).decode()
    return f'{{"report_id":"{report_id}","case":{{"no":"', f'",{rest[1:]},"placement":{where}}}'


def kept_placement(spot: Spot, checked: Checked) -> bytes | None:
    """What the case keeps of its place: the answer's placement and the point as sent."""
    if spot.placement is None:
        return None
    point = checked.body.point
    return orjson.dumps(spot.placement | {"raw": point.raw() if point else None})
