"""The ladder of escalation: read by everybody, changed as a whole by who administers the city."""

from typing import Annotated

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field, StringConstraints

from cases.calendar_edits import list_edits
from cases.ladder import LEVELS_UP, LadderWish, RungWish, change_ladder, show_ladder
from people.roles import Permission
from web.answers import answer
from web.api.calendars import EditsAnswer, Version, check_keeper
from web.bodies import LARGEST_SMALL_ID, Answer, Body, Paging, gives, refuses, takes
from web.cursors import make_cursor, read_cursor
from web.signin import allow, person_id
from web.transaction import db, now

blueprint = APIBlueprint("ladder", __name__, url_prefix="/ladder", tag="Ladder")

RUNGS_MOST = 8


class RungAnswer(Answer):
    position: int = Field(description="Stands for the rung in what has fired; ascending")
    name: str
    share: float
    plus_minutes: int
    levels_up: int


class LadderAnswer(Answer):
    version: int
    ordinary: list[RungAnswer]
    urgent: list[RungAnswer]


class RungBody(Body):
    """Fires when a clock has used `share` of its limit and `plus_minutes` more."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    share: float = Field(ge=0.05, le=20)
    plus_minutes: int = Field(0, ge=0, le=100_000)
    levels_up: int = Field(
        ge=0, le=max(LEVELS_UP), description="0: the responsible centre; 1, 2: so many levels up; 9: the city"
    )
    position: int | None = Field(None, ge=1, le=32_767, description="Its place in the list decides; this is not read")

    def wish(self) -> RungWish:
        return RungWish(self.name, self.share, self.plus_minutes, self.levels_up)


Rungs = Annotated[list[RungBody], Field(min_length=1, max_length=RUNGS_MOST)]


class LadderBody(Body):
    """The first rung warns (below 1), each comes after the one before it and calls no lower level."""

    version: Version
    ordinary: Rungs
    urgent: Rungs


@blueprint.get("")
@allow(Permission.SEE_GROUND)
@gives(LadderAnswer)
def ladder() -> Response:
    """Both rows: for ordinary limits and for urgent ones."""
    return answer(show_ladder(db()))


@blueprint.put("")
@allow(Permission.KEEP_RULES)
@takes(LadderBody)
@gives(LadderAnswer)
@refuses("stale-version")
def change(*, body: LadderBody) -> Response:
    """Another ladder. What has fired never fires again; the worker foresees the open clocks' next rungs anew."""
    check_keeper()
    wish = LadderWish(tuple(one.wish() for one in body.ordinary), tuple(one.wish() for one in body.urgent))
    change_ladder(db(), wish, version=body.version, person_id=person_id(), now=now())
    return answer(show_ladder(db()))


@blueprint.get("/edits")
@allow(Permission.KEEP_RULES)
@takes(query=Paging)
@gives(EditsAnswer)
def edits(*, query: Paging) -> Response:
    """What was changed, by whom, and how far the open clocks have followed; the newest first."""
    before = read_cursor(query.cursor, int, most=LARGEST_SMALL_ID)[0] if query.cursor else None
    found = list_edits(db(), None, before=before, limit=query.limit + 1)
    page = found[: query.limit]
    return answer({"items": page, "next": make_cursor(page[-1]["id"]) if len(found) > len(page) else None})
