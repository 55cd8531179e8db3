"""The patrol at a glance: who is on duty, where they were last seen, who has an alarm or a roll call open."""

from uuid import UUID

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field

from cases.patrol.given import led_centre, led_codes
from cases.patrol.on_duty import MOST, on_duty
from people.roles import Permission
from web.answers import answer
from web.api.shifts import Code, PersonName
from web.api.tracks import AlarmSince
from web.bodies import Answer, Moment, Query, gives, refuses, takes
from web.case_answers import PlaceName
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


@blueprint.get("")
@allow(Permission.LEAD_PATROL)
@takes(query=PatrolAsked)
@gives(PatrolAnswer)
@refuses("no-such-centre")
def show(*, query: PatrolAsked) -> Response:
    """Who is on duty now, those with an alarm first."""
    actor = person()
    codes = led_codes(actor) if query.centre is None else [led_centre(db(), actor, query.centre).code]
    items, more = on_duty(db(), codes, now=now())
    return answer({"now": now(), "tracks": runtime().settings.track.enabled, "items": items, "more": more})
