"""What a report becomes: the values of its case, clock, event and notice, the same for one and for many."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from cases.clock import Plan, written
from cases.intake.body import Checked, Sent
from cases.models import Source
from cases.stages import Stage
from cases.workdays import SHANGHAI, Unit
from core.errors import Invalid, NotAllowed
from grid.levels import Level
from grid.locating import Place
from grid.routing import Route
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
    """Where a case lies: a place in the grid, or, unlocated, the centre that keyed its address (`where` None)."""

    lon: float | None
    lat: float | None
    edition_id: int | None
    codes: dict[Level, str]
    where: str | None
    """The placement that is answered, as JSON text."""
    method: str = ""

    @property
    def line(self) -> list[str]:
        """The codes from the root down."""
        return list(self.codes.values())

    @property
    def district(self) -> str:
        """The six digits in the case's number."""
        return UNLOCATED if self.where is None else self.codes.get(Level.DISTRICT, UNLOCATED)[:6]


def spot_of(place: Place, lon: float, lat: float) -> Spot:
    """The spot of a located report."""
    codes = {Level(cell["level"]): cell["code"] for cell in place.line}
    return Spot(lon, lat, place.edition_id, codes, orjson.dumps(place.as_json()).decode(), place.method.value)


def unlocated(seat: Seat) -> Spot:
    """The spot of an address that was keyed at this seat."""
    return Spot(None, None, None, dict(zip(Level, seat.line, strict=False)), None)


@dataclass(frozen=True, slots=True)
class Draft:
    """A report that is in order, located and routed; `seat` is by which it was sent, None for the system."""

    report_id: UUID
    sent: Sent
    checked: Checked
    seat: Seat | None
    received_at: datetime
    spot: Spot
    route: Route

    @property
    def urgent(self) -> bool:
        """Whether the condition that the sender names counts by the hour, round the clock."""
        condition = self.checked.condition
        return condition is not None and condition.unit is Unit.URGENT_HOUR

    @property
    def settled(self) -> bool:
        """Whether the inspector has settled it on the spot: then it is closed at once, and no clock runs."""
        return self.checked.body.self_handled

    @property
    def prefix(self) -> str:
        """The first 14 of the number's 19 digits: district, day in Shanghai, source (contract §4)."""
        day = self.received_at.astimezone(SHANGHAI)
        return f"{self.spot.district}{day:%y%m%d}{self.checked.body.source.digits}"

    @property
    def placement(self) -> str | None:
        """What the case keeps of its place, as JSON text: what is answered, and the point as sent."""
        if self.spot.where is None:
            return None
        return f'{self.spot.where[:-1]},"raw":{orjson.dumps(self.sent.values["point"]).decode()}}}'


@dataclass(frozen=True, slots=True)
class Opening:
    """How a case begins: at which stage, and with which accept clock (None: it is settled already)."""

    stage: Stage
    plan: Plan | None
    limit_seconds: int = 0
    unit: Unit = Unit.WORK_HOUR


def answer_parts(draft: Draft, opening: Opening) -> tuple[str, str]:
    """The answer's JSON text around the number, which is drawn later: head + number + tail."""
    due = f'"{written(opening.plan.due_at)}"' if opening.plan else "null"
    tail = f'","stage":"{opening.stage.value}","version":1,"due_at":{due}}},"placement":{draft.spot.where or "null"}}}'
    return f'{{"report_id":"{draft.report_id}","case":{{"no":"', tail
