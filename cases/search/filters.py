"""What a list is asked for, as conditions on `cases`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from cases.clock import Light
from cases.measures import condition
from cases.models import Approver, Case, Source
from cases.permissions import visible
from cases.search.queues import (
    Queue,
    assisted_by,
    awaiting,
    disputed,
    in_queue,
    mine,
    overdue,
    soon,
    supervised,
    suspended,
)
from cases.stages import Stage
from core.errors import NotFound
from grid.levels import Level
from grid.models import Centre, Department
from people.roles import Actor

Condition = ColumnElement[bool]
CODE: dict[Level, InstrumentedAttribute[str | None]] = {
    Level.CITY: Case.city_code,
    Level.DISTRICT: Case.district_code,
    Level.STREET: Case.street_code,
    Level.VILLAGE: Case.village_code,
}


class Sort(StrEnum):
    """Orders of a list: what burns next, the newest, the oldest."""

    BURNS = "burns"
    NEWEST = "-reported_at"
    OLDEST = "reported_at"


@dataclass(frozen=True)
class Filters:
    """All that may be asked of a list; what is None or empty asks nothing."""

    stages: tuple[Stage, ...] = ()
    lights: tuple[Light, ...] = ()
    sources: tuple[Source, ...] = ()
    centre: str | None = None
    cell: str | None = None
    level: Level | None = None
    category: str | None = None
    department: str | None = None
    inspector: int | None = None
    reporter: int | None = None
    q: str | None = None
    bbox: tuple[float, float, float, float] | None = None
    reported_from: datetime | None = None
    """Included."""
    reported_to: datetime | None = None
    """Not included."""
    open: bool | None = None
    overdue: bool | None = None
    mine: bool | None = None
    supervised: bool | None = None
    suspended: bool | None = None
    disputed: bool | None = None
    joint: bool | None = None
    awaits: Approver | None = None
    measure: str | None = None
    queue: Queue | None = None
    refusals_most: int = 2
    """With so many returns a case is disputed (config.toml, handling)."""

    @property
    def sort(self) -> Sort:
        """The order when none is asked for: what burns next of what is open, else the newest."""
        waits = (self.open, self.overdue, self.mine, self.supervised, self.suspended, self.disputed, self.queue)
        return Sort.BURNS if any(waits) or self.awaits is not None else Sort.NEWEST


def conditions(conn: Connection | Session, actor: Actor, filters: Filters, *, now: datetime) -> list[Condition]:
    """The conditions on `cases`, the person's scope among them; one statement if an area is named.

    Raises NotFound for an area that the person doesn't see, Invalid for an unknown measure.
    """
    found = [*_plain(filters), *_looked_for(filters), *_timed(filters, now), *_personal(filters, actor, now)]
    found += _turned(filters)
    found += _place(conn, actor, filters.cell) if filters.cell else [visible(actor)]
    if filters.measure is not None:
        found.append(condition(filters.measure, now=now))
    return found


def _place(conn: Connection | Session, actor: Actor, cell: str) -> list[Condition]:
    row = conn.execute(select(Centre.level, Centre.line).where(Centre.code == cell)).first()
    if row is None or not (actor.sees(row.line) or any(cell in seat.line for seat in actor.seats)):
        raise NotFound("no-cell", cell=cell)
    found: list[Condition] = [CODE[row.level] == cell]
    if row.level is Level.VILLAGE:
        found.append(Case.street_code == row.line[-2])  # leads into the street's index
    if not actor.sees(row.line):
        found.append(visible(actor))  # an area above one's own
    return found


def _plain(filters: Filters) -> Iterator[Condition]:
    if filters.stages:
        yield Case.stage.in_(filters.stages)
    if filters.sources:
        yield Case.source.in_(filters.sources)
    if filters.category is not None:
        yield Case.category_code.startswith(filters.category, autoescape=True)
    if filters.centre is not None:
        yield Case.centre_id == select(Centre.id).where(Centre.code == filters.centre).scalar_subquery()
    if filters.level is not None:
        yield Case.centre_id.in_(select(Centre.id).where(Centre.level == filters.level))
    if filters.department is not None:
        named = select(Department.id).where(Department.code == filters.department).scalar_subquery()
        leads = Case.department_id == named
        # a measure counts a case for the department that leads
        yield leads if filters.measure is not None else or_(leads, assisted_by(named))


def _timed(filters: Filters, now: datetime) -> Iterator[Condition]:
    if filters.reported_from is not None:
        yield Case.reported_at >= filters.reported_from
    if filters.reported_to is not None:
        yield Case.reported_at < filters.reported_to
    if filters.open is not None:
        yield Case.ended_at.is_(None) if filters.open else Case.ended_at.is_not(None)
    if filters.overdue is not None:
        yield overdue(now) if filters.overdue else ~func.coalesce(overdue(now), False)
    if filters.lights:
        yield or_(*(lit(light, now) for light in filters.lights))


def _turned(filters: Filters) -> Iterator[Condition]:
    if filters.suspended is not None:
        yield suspended() if filters.suspended else Case.stage != Stage.SUSPENDED
    if filters.disputed is not None:
        found = disputed(filters.refusals_most)
        yield found if filters.disputed else ~found
    if filters.joint is not None:
        yield Case.joint.is_(filters.joint)
    if filters.awaits is not None:
        yield awaiting(filters.awaits)


def _looked_for(filters: Filters) -> Iterator[Condition]:
    if filters.bbox is not None:
        yield Case.geom.op("&&")(func.ST_MakeEnvelope(*filters.bbox, 4326))
    if filters.q is not None:
        yield _text(filters.q)


def _personal(filters: Filters, actor: Actor, now: datetime) -> Iterator[Condition]:
    if filters.inspector is not None:
        yield Case.inspector_id == filters.inspector
    if filters.reporter is not None:
        yield Case.reporter_id == filters.reporter
    if filters.mine is not None:
        yield mine(actor) if filters.mine else ~func.coalesce(mine(actor), False)
    if filters.supervised is not None:
        yield supervised(actor) if filters.supervised else ~supervised(actor)
    if filters.queue is not None:
        yield in_queue(filters.queue, actor, now=now, refusals_most=filters.refusals_most)


def _text(words: str) -> Condition:
    """The number from its beginning, or a piece of description or address."""
    if words.isascii() and words.isdigit() and len(words) >= 6:
        return Case.no.startswith(words)
    return or_(Case.description.icontains(words, autoescape=True), Case.address.icontains(words, autoescape=True))


def lit(light: Light, now: datetime) -> Condition:
    """The condition under which a case shows the light: the same rule as `clock.light`."""
    runs = and_(Case.due_at.is_not(None), Case.paused.is_(False))
    return {
        Light.NONE: Case.due_at.is_(None),
        Light.PAUSED: and_(Case.due_at.is_not(None), Case.paused.is_(True)),
        Light.RED: and_(runs, Case.due_at < now),
        Light.YELLOW: soon(now),
        Light.GREEN: and_(runs, Case.yellow_at > now, Case.due_at >= now),
    }[light]
