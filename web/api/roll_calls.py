"""Roll calls: the centre asks inspectors where they are, and sees who answered, how late, and how far off."""

from typing import Annotated
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field

from cases.intake.body import DeviceMoment, PointBody
from cases.patrol.roll_calls import Call, Reply, answer_call, call_roll
from cases.patrol.roll_list import AnswerState, list_calls, show_call
from people.roles import Permission
from web.answers import answer
from web.api.shifts import DEVICE, OWN_CLOCK, Code, LonLat, PersonName
from web.bodies import LARGEST_ID, LARGEST_SMALL_ID, Answer, Body, Moment, Paging, gives, refuses, takes
from web.case_answers import PlaceName
from web.cursors import make_cursor, read_cursor
from web.signin import allow, person
from web.transaction import db, now, runtime

blueprint = APIBlueprint("roll_calls", __name__, url_prefix="/roll-calls", tag="Patrol")

TEXT = 500
PersonId = Annotated[int, Field(ge=0, le=LARGEST_SMALL_ID)]
Words = Annotated[str, Field(max_length=TEXT)]


class Calling(Body):
    centre_code: Code
    people: list[PersonId] | None = Field(
        None, min_length=1, max_length=5000, description="Inspectors on its ground; null: all who are on duty there"
    )
    minutes: int = Field(ge=1, le=240, description="So long an answer is in time")
    photo_wanted: bool = False
    text: Words = ""


class Replying(Body):
    answered_at: Moment = Field(description="When it was captured: it decides whether the answer is late")
    device_at: DeviceMoment | None = Field(None, description=OWN_CLOCK)
    point: PointBody | None = None
    photo: UUID | None = Field(None, description="Its bytes may follow by PUT or PATCH /photos/{uuid}")
    text: Words = ""


class Counts(Answer):
    asked: int
    waiting: int
    answered: int
    late: int
    missed: int


class RollCallAnswer(Answer):
    id: int
    centre: PlaceName
    called_by: PersonName
    called_at: Moment
    answer_by: Moment
    photo_wanted: bool
    text: str
    counts: Counts


class OneAnswer(Answer):
    person: PersonName
    state: AnswerState
    answered_at: Moment | None
    received_at: Moment | None = Field(description="When the server heard of it")
    device_at: Moment | None = Field(description=DEVICE)
    point: LonLat | None
    accuracy_m: float | None
    away_m: float | None = Field(
        description="Metres to the person's duty area, 0 inside; without one to the centre's cell"
    )
    photo: UUID | None = Field(description="Null until its bytes are here")
    photo_named: bool
    text: str


class RollCallWhole(RollCallAnswer):
    answers: list[OneAnswer]


class RollCallsAnswer(Answer):
    items: list[RollCallAnswer]
    next: str | None


class CallsAsked(Paging):
    centre: Code | None = Field(None, description="On its ground; else of all centres that one leads")


class Answered(Answer):
    roll_call: int
    answered_at: Moment
    received_at: Moment
    late: bool


@blueprint.post("")
@allow(Permission.LEAD_PATROL)
@takes(Calling)
@gives(RollCallWhole, 201)
@refuses("no-such-centre", "nobody-on-duty")
def call(*, body: Calling) -> Response:
    """Call the roll (点名): each inspector has a notice, and `minutes` to answer."""
    asked = Call(body.centre_code, body.minutes, body.people, body.photo_wanted, body.text)
    made, _ = call_roll(db(), person(), asked, now=now())
    return answer(show_call(db(), person(), made.id, now=now()), 201)


@blueprint.get("")
@allow(Permission.LEAD_PATROL)
@takes(query=CallsAsked)
@gives(RollCallsAnswer)
@refuses("no-such-centre")
def list_all(*, query: CallsAsked) -> Response:
    """Roll calls, the latest first, with how many answered."""
    before = read_cursor(query.cursor, int)[0] if query.cursor else None
    items = list_calls(db(), person(), centre=query.centre, limit=query.limit + 1, before=before, now=now())
    page = items[: query.limit]
    return answer({"items": page, "next": make_cursor(page[-1]["id"]) if len(items) > query.limit else None})


@blueprint.get("/<int:call_id>")
@allow(Permission.LEAD_PATROL)
@gives(RollCallWhole)
@refuses("not-found")
def show(call_id: int) -> Response:
    """One roll call with everybody's answer."""
    return answer(show_call(db(), person(), min(call_id, LARGEST_ID), now=now()))


@blueprint.post("/<int:call_id>/answer")
@allow(Permission.REPORT)
@takes(Replying)
@gives(Answered)
@refuses("not-found", "roll-call-answered", "photo-not-yours")
def reply(call_id: int, *, body: Replying) -> Response:
    """Answer for oneself. The same once more changes nothing; late ones are taken and marked."""
    given = Reply(body.answered_at, body.point, body.photo, body.text, body.device_at)
    found = answer_call(db(), person(), min(call_id, LARGEST_ID), given, now=now(), settings=runtime().settings)
    return answer(
        {
            "roll_call": found.row.roll_call_id,
            "answered_at": found.row.answered_at,
            "received_at": found.row.received_at,
            "late": found.late,
        }
    )
