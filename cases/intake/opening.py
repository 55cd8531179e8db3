"""What a report becomes: the values of its case, clock, event and notice, the same for one and for many."""

from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

import orjson

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
DIGITS = {source: source.digits for source in Source}


class Routed(NamedTuple):
    """Who answers, and why as JSON text."""

    route: Route
    why: str


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


class Ground(NamedTuple):
    """What is the same for all points that lie alike in a village; or the centre that keyed an address."""

    edition_id: int | None
    codes: tuple[str | None, ...]
    """City, district, street, village; None below where the line ends."""
    where: str | None
    """The placement that is answered, as JSON text; None: unlocated."""
    method: str

    @property
    def line(self) -> list[str]:
        """The codes from the root down."""
        return [code for code in self.codes if code is not None]

    @property
    def district(self) -> str:
        """The six digits in the case's number."""
        return UNLOCATED if self.where is None else (self.codes[1] or UNLOCATED)[:6]


class Spot(NamedTuple):
    """Where a case lies: WGS-84, None when it is unlocated, and the ground there."""

    lon: float | None
    lat: float | None
    ground: Ground


def ground_of(place: Place) -> Ground:
    """The ground of a located point."""
    codes = {cell["level"]: cell["code"] for cell in place.line}
    where = orjson.dumps(place.as_json()).decode()
    return Ground(place.edition_id, tuple(codes.get(level) for level in Level), where, place.method.value)


def unlocated(seat: Seat) -> Spot:
    """The spot of an address that was keyed at this seat."""
    codes = (*seat.line, None, None, None)[: len(Level)]
    return Spot(None, None, Ground(None, codes, None, ""))


class Draft(NamedTuple):
    """A report that is in order, located and routed; `seat` is by which it was sent, None for the system."""

    report_id: UUID
    sent: Sent
    checked: Checked
    seat: Seat | None
    received_at: datetime
    spot: Spot
    routed: Routed

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
        day = _day(int(self.received_at.timestamp()) // 3600)
        return f"{self.spot.ground.district}{day}{DIGITS[self.checked.body.source]}"

    @property
    def placement(self) -> str | None:
        """What the case keeps of its place, as JSON text: what is answered, and the point as sent."""
        where = self.spot.ground.where
        if where is None:
            return None
        return f'{where[:-1]},"raw":{orjson.dumps(self.sent.values["point"]).decode()}}}'


@lru_cache(maxsize=10_000)
def _day(hour: int) -> str:
    """yyMMdd in Shanghai of the hour that begins so many hours after 1970."""
    return f"{datetime.fromtimestamp(hour * 3600, SHANGHAI):%y%m%d}"


class Opening(NamedTuple):
    """How a case begins: at which stage, and with which accept clock; moments are RFC 3339 in UTC.

    No `due_at`: it is settled already, and no clock runs.
    """

    stage: Stage
    due_at: str | None = None
    yellow_at: str | None = None
    next_rung: int | None = None
    next_raise_at: str | None = None
    limit_seconds: int = 0
    unit: Unit = Unit.WORK_HOUR


def answer_parts(draft: Draft, opening: Opening) -> tuple[str, str]:
    """The answer's JSON text around the number, which is drawn later: head + number + tail."""
    due = f'"{opening.due_at}"' if opening.due_at else "null"
    where = draft.spot.ground.where or "null"
    centre = orjson.dumps(draft.routed.route.why["centre"]["centre"]).decode()
    tail = f'","stage":"{opening.stage}","version":1,"due_at":{due},"centre":{centre}}},"placement":{where}}}'
    return f'{{"report_id":"{draft.report_id}","case":{{"no":"', tail
