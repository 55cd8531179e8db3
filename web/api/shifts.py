"""Clocking in and out, and who was on duty when."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field

from cases.intake.body import DeviceMoment, PointBody
from cases.patrol.shift_list import ShiftFilter, list_shifts, show_shift
from cases.patrol.shifts import End, Start, clock_in, clock_out
from core.errors import Invalid
from people.roles import Permission
from web.answers import answer
from web.bodies import Answer, Body, Moment, Paging, gives, refuses, takes
from web.case_answers import PlaceName
from web.cursors import make_cursor, read_cursor
from web.signin import allow, person
from web.transaction import db, now, runtime

blueprint = APIBlueprint("shifts", __name__, url_prefix="/shifts", tag="Patrol")

OWN_CLOCK = "What the phone's own clock said then, right or wrong"
DEVICE = "What the phone's own clock said, where that is another moment"
Code = Annotated[str, Field(min_length=1, max_length=24)]


class LonLat(Answer):
    """WGS-84 degrees."""

    lon: float
    lat: float


class PersonName(Answer):
    id: int
    name: str


class ShiftAnswer(Answer):
    id: UUID
    person: PersonName
    centre: PlaceName
    started_at: Moment = Field(description="By the server's clock as the phone reckoned it")
    started_received_at: Moment = Field(description="When the server heard of it")
    started_device_at: Moment | None = Field(description=DEVICE)
    started_point: LonLat | None
    ended_at: Moment | None
    ended_received_at: Moment | None
    ended_device_at: Moment | None = Field(description=DEVICE)
    ended_point: LonLat | None
    forgotten: bool = Field(
        description="The server put the end, as far as it knew; the phone may still say when it ended"
    )


class ShiftsAnswer(Answer):
    items: list[ShiftAnswer]
    next: str | None


class ClockingIn(Body):
    started_at: Moment
    device_at: DeviceMoment | None = Field(None, description=OWN_CLOCK)
    point: PointBody | None = None
    centre_code: Code | None = Field(None, description="Where one is inspector at several centres: which")


class ClockingOut(Body):
    ended_at: Moment
    device_at: DeviceMoment | None = Field(None, description=OWN_CLOCK)
    point: PointBody | None = None


class ShiftsAsked(Paging):
    centre: Code | None = Field(None, description="On its ground; only for who leads its patrol")
    on: date | None = Field(
        None, ge=date(2000, 1, 1), le=date(2200, 1, 1), description="Begun on this day of the calendar's zone"
    )
    open: bool | None = None


@blueprint.put("/<uuid:shift_id>")
@allow(Permission.REPORT)
@takes(ClockingIn)
@gives(ShiftAnswer, 201)
@gives(ShiftAnswer, 200, text="It had come before")
@refuses("on-duty-elsewhere", "shift-overlaps", "shift-differs")
def begin(shift_id: UUID, *, body: ClockingIn) -> Response:
    """Clock in (上班打卡). The phone makes the id; the same once more gives the shift as it is now."""
    start = Start(body.started_at, body.point, body.centre_code, body.device_at)
    created, shift = clock_in(db(), person(), shift_id, start, now=now(), settings=runtime().settings)
    return answer(show_shift(db(), shift.id), 201 if created else 200)


@blueprint.post("/<uuid:shift_id>/end")
@allow(Permission.REPORT)
@takes(ClockingOut)
@gives(ShiftAnswer)
@refuses("not-found", "shift-ended", "shift-overlaps")
def end(shift_id: UUID, *, body: ClockingOut) -> Response:
    """Clock out (下班打卡). The same moment once more changes nothing; points behind it are forgotten."""
    ending = End(body.ended_at, body.point, body.device_at)
    shift = clock_out(db(), person(), shift_id, ending, now=now(), settings=runtime().settings)
    return answer(show_shift(db(), shift.id))


@blueprint.get("")
@allow(Permission.REPORT, Permission.LEAD_PATROL)
@takes(query=ShiftsAsked)
@gives(ShiftsAnswer)
@refuses("no-such-centre")
def list_all(*, query: ShiftsAsked) -> Response:
    """Shifts, the latest first: one's own, and those of the inspectors whose patrol one leads."""
    after = _read_key(query.cursor) if query.cursor else None
    wanted = ShiftFilter(query.centre, query.on, query.open)
    items = list_shifts(db(), person(), wanted, limit=query.limit + 1, after=after, settings=runtime().settings)
    page = items[: query.limit]
    last = page[-1] if len(items) > query.limit else None
    return answer({"items": page, "next": last and make_cursor(last["started_at"], str(last["id"]))})


def _read_key(cursor: str) -> tuple[datetime, str]:
    """Raises Invalid for what this list didn't make."""
    started_at, shift_id = read_cursor(cursor, str, str)
    try:
        moment, found = datetime.fromisoformat(started_at), str(UUID(shift_id))
    except ValueError:
        raise Invalid.one("cursor", "bad_cursor") from None
    if moment.tzinfo is None:
        raise Invalid.one("cursor", "bad_cursor")
    return moment, found
