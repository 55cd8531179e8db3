"""The way that inspectors go: taken in batches, shown to them and to whoever leads them."""

from typing import Annotated
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field

from cases.models import AlarmKind
from cases.patrol.tracks import LONGEST, MOST_POINTS, Point, read_track, take_points
from core.errors import Invalid
from people.roles import Permission
from web.answers import answer
from web.bodies import LARGEST_SMALL_ID, Answer, Body, Moment, Query, gives, refuses, takes
from web.signin import allow, person
from web.transaction import db, now, runtime

blueprint = APIBlueprint("tracks", __name__, url_prefix="/tracks", tag="Patrol")

LAST_MS = 7_258_118_400_000
"""The year 2200."""
Milliseconds = Annotated[int, Field(ge=0, le=LAST_MS)]
OnePoint = tuple[Milliseconds, float, float, float | None]
AS_SENT = "Each `[ms, lon, lat, accuracy_m]`: milliseconds since 1970 (UTC), WGS-84 degrees, metres or null"
HOURS = int(LONGEST.total_seconds() / 3600)


class Batch(Body):
    points: list[OnePoint] = Field(description=f"{AS_SENT}. At most twice the setting track.batch")


class RefusedPoint(Answer):
    index: int = Field(description="Its place in the batch, from 0")
    code: str = Field(description="`off_duty`, `in_future`, `older_than_days`, `swapped` or `no_place`")


class AlarmSince(Answer):
    kind: AlarmKind
    started_at: Moment


class IntakeAnswer(Answer):
    """The phone may forget all points of the batch, the refused ones, too."""

    kept: int
    known: int = Field(description="Had come before")
    refused: list[RefusedPoint]
    alarm: AlarmSince | None = Field(description="The person's own, if one is open")


class TrackAsked(Query):
    person: Annotated[int, Field(ge=0, le=LARGEST_SMALL_ID)]
    start: Moment = Field(alias="from")
    end: Moment = Field(alias="to", description=f"Not included; at most {HOURS} hours later")


class TrackShift(Answer):
    id: UUID
    started_at: Moment
    ended_at: Moment | None


class TrackAlarm(AlarmSince):
    ended_at: Moment | None


class TrackAnswer(Answer):
    person: int
    shifts: list[TrackShift]
    points: list[OnePoint] = Field(description=AS_SENT)
    alarms: list[TrackAlarm]
    more: bool = Field(description=f"There are more than {MOST_POINTS} points: ask for less time")


@blueprint.post("")
@allow(Permission.REPORT)
@takes(Batch)
@gives(IntakeAnswer)
@refuses("tracks-off")
def take(*, body: Batch) -> Response:
    """Keep points of one's own duty time; the same again are harmless, and a refused one does not fail the rest."""
    settings = runtime().settings
    if len(body.points) > 2 * settings.track.batch:
        raise Invalid.one("points", "too_many", most=2 * settings.track.batch)
    points = [Point(*one) for one in body.points]
    return answer(take_points(db(), person(), points, now=now(), settings=settings))


@blueprint.get("")
@allow(Permission.REPORT, Permission.LEAD_PATROL)
@takes(query=TrackAsked)
@gives(TrackAnswer)
@refuses("not-found")
def show(*, query: TrackAsked) -> Response:
    """One's own way, or that of an inspector whom one leads; who looks at somebody else's is written to the log."""
    return answer(read_track(db(), person(), query.person, query.start, query.end))
