"""The patrol at a glance: who is on duty, where they were last seen, who has an alarm or a roll call open."""

from uuid import UUID

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field

from cases.patrol.given import led_centre, led_codes
from cases.patrol.inspectors import list_inspectors
from cases.patrol.on_duty import MOST, look_at_patrol
from people.roles import Permission
from web.answers import answer
from web.api.shifts import Code, PersonName
from web.api.tracks import AlarmSince
from web.bodies import LARGEST_SMALL_ID, Answer, Moment, Paging, Query, gives, refuses, takes
from web.case_answers import PlaceName
from web.cursors import make_cursor, read_cursor
from web.signin import allow, person
from web.transaction import db, now, runtime

blueprint = APIBlueprint("patrol", __name__, url_prefix="/patrol", tag="Patrol")


class SeenAnswer(Answer):
    at: Moment
    age_seconds: int
    lon: float
    lat: float
    accuracy_m: float | None


class AreaName(Answer):
    code: str
    name: str


class WaitingCall(Answer):
    id: int
    answer_by: Moment


class OnDuty(Answer):
    shift: UUID
    person: PersonName
    centre: PlaceName
    since: Moment
    seen: SeenAnswer | None = Field(description="The last point of this shift")
    duty_areas: list[AreaName]
    alarm: AlarmSince | None
    roll_call: WaitingCall | None = Field(description="The latest that they have not answered")


class PatrolAnswer(Answer):
    now: Moment
    tracks: bool = Field(description="Whether this installation keeps tracks: without them nobody is seen")
    items: list[OnDuty]
    more: bool = Field(description=f"More than {MOST} are on duty: ask for a smaller centre")


class PatrolAsked(Query):
    centre: Code | None = Field(None, description="On its ground; else of all centres that one leads")


class Inspector(PersonName):
    on_duty: bool


class InspectorsAnswer(Answer):
    items: list[Inspector]
    next: str | None


class InspectorsAsked(Paging):
    centre: Code | None = Field(None, description="On its ground; else of all centres that one leads")


@blueprint.get("")
@allow(Permission.LEAD_PATROL)
@takes(query=PatrolAsked)
@gives(PatrolAnswer)
@refuses("no-such-centre")
def show(*, query: PatrolAsked) -> Response:
    """Who is on duty now, those with an alarm first; who looks at others' positions is written to the log."""
    items, more = look_at_patrol(db(), person(), _codes(query.centre), now=now())
    return answer({"now": now(), "tracks": runtime().settings.track.enabled, "items": items, "more": more})


@blueprint.get("/inspectors")
@allow(Permission.LEAD_PATROL)
@takes(query=InspectorsAsked)
@gives(InspectorsAnswer)
@refuses("no-such-centre")
def inspectors(*, query: InspectorsAsked) -> Response:
    """Inspectors on duty or not: whom a duty area is given to, and a roll call may name."""
    after = read_cursor(query.cursor, int, most=LARGEST_SMALL_ID)[0] if query.cursor else None
    items = list_inspectors(db(), _codes(query.centre), limit=query.limit + 1, after=after)
    page = items[: query.limit]
    return answer({"items": page, "next": make_cursor(page[-1]["id"]) if len(items) > query.limit else None})


def _codes(centre: str | None) -> list[str]:
    """The centre that is asked for, else all whose patrol the person leads."""
    return led_codes(person()) if centre is None else [led_centre(db(), person(), centre).code]
