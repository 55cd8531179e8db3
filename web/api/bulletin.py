"""The bulletin of red cards: what climbed to the city's own order, by period and area."""

from datetime import datetime
from zoneinfo import ZoneInfo

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field

from cases.bulletin import Asked, bulletin
from cases.stages import Stage
from core.errors import Invalid
from grid.levels import Level
from people.roles import Permission
from web.answers import answer, instant
from web.api.statistics import Code, DayOrMoment, moment_of
from web.bodies import Answer, Moment, Paging, gives, refuses, takes
from web.case_answers import PlaceName
from web.cursors import make_cursor, read_cursor
from web.signin import allow, person
from web.transaction import db, now, runtime

blueprint = APIBlueprint("bulletin", __name__, url_prefix="/bulletin", tag="Statistics")


class BulletinAsked(Paging):
    start: DayOrMoment = Field(None, alias="from", description="A day of the city, or a moment, included")
    end: DayOrMoment = Field(None, alias="to", description="A day (included), or a moment (not included)")
    cell: Code | None = Field(None, description="Only this area, of any level")


class CardName(Answer):
    code: str
    name: str
    name_en: str


class CardOrder(Answer):
    centre: PlaceName
    level: Level
    issued_at: Moment
    replied_at: Moment | None
    closed_at: Moment | None = Field(
        description="Null: open. Without `replied_at`: the case went elsewhere or ended, and nobody replies any more"
    )


class Card(Answer):
    no: str
    category: CardName | None
    line: list[PlaceName] = Field(description="From the city down, as far as it is known")
    centre: PlaceName
    department: CardName | None
    stage: Stage
    raised_at: Moment = Field(description="When it got the card")
    handle_due_at: Moment | None
    overdue_minutes: int | None = Field(description="Minutes by the wall's clock that handling went over its limit")
    orders: list[CardOrder]
    ended_at: Moment | None


class CardArea(Answer):
    code: str
    name: str
    red_cards: int


class BulletinAnswer(Answer):
    start: Moment | None = Field(alias="from")
    end: Moment | None = Field(alias="to", description="Not included")
    as_of: Moment
    total: int
    items: list[Card]
    areas: list[CardArea] = Field(description="All areas one level below, those without a card too")
    next: str | None


@blueprint.get("")
@allow(Permission.SEE_STATISTICS)
@takes(query=BulletinAsked)
@gives(BulletinAnswer)
@refuses("no-cell")
def show(*, query: BulletinAsked) -> Response:
    """Red cards by the moment when they were given, the latest first."""
    zone = ZoneInfo(runtime().settings.calendar.zone)
    start, end = moment_of(query.start, zone, 0), moment_of(query.end, zone, 1)
    if start is not None and end is not None and end <= start:
        raise Invalid.one("to", "before_from")
    before = _read_key(query.cursor) if query.cursor else None
    found = bulletin(db(), person(), Asked(start, end, query.cell), now=now(), limit=query.limit, before=before)
    key = found["next"]
    return answer(found | {"next": key and make_cursor(instant(key[0]), key[1])})


def _read_key(cursor: str) -> tuple[datetime, int]:
    at, case_id = read_cursor(cursor, str, int)
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        raise Invalid.one("cursor", "bad_cursor") from None
    if moment.tzinfo is None:
        raise Invalid.one("cursor", "bad_cursor")
    return moment, case_id
