"""The inbox: what is addressed to the person or to one of their posts."""

from typing import Any

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from cases.notices import UNREAD_MOST, inbox, mark_read, unread
from cases.stages import Stage
from people.roles import Permission
from web.answers import answer
from web.bodies import Answer, Body, Id, Moment, Paging, gives, takes
from web.cursors import make_cursor, read_cursor
from web.signin import allow, person
from web.transaction import db, now

blueprint = APIBlueprint("notices", __name__, url_prefix="/notices", tag="Notices")


class NoticeCase(Answer):
    no: str
    stage: Stage
    category: str | None


class NoticeItem(Answer):
    id: int
    at: Moment
    kind: str
    case: NoticeCase | None = Field(description="Null: `calendar_ends`, which is about a working calendar")
    data: dict[str, Any]
    read: bool


class NoticesAnswer(Answer):
    items: list[NoticeItem]
    unread: int = Field(description=f"Counted up to {UNREAD_MOST}")
    next: str | None


class Reading(Body):
    ids: list[Id] | None = Field(None, max_length=200, description="These notices")
    all_before: Id | None = Field(None, description="Or all up to this one, it included")

    @model_validator(mode="after")
    def _one_of_both(self) -> "Reading":
        if (self.ids is None) == (self.all_before is None):
            raise PydanticCustomError("ids_or_all_before", "one of both")
        return self


class ReadAnswer(Answer):
    marked: int
    unread: int


@blueprint.get("")
@allow(Permission.SEE_NOTICES)
@takes(query=Paging)
@gives(NoticesAnswer)
def list_notices(*, query: Paging) -> Response:
    """The newest first."""
    cursor = read_cursor(query.cursor, int)[0] if query.cursor else None
    page = inbox(db(), person(), limit=query.limit, cursor=cursor)
    following = None if page.next is None else make_cursor(page.next)
    return answer({"items": page.items, "unread": page.unread, "next": following})


@blueprint.post("/read")
@allow(Permission.SEE_NOTICES)
@takes(Reading)
@gives(ReadAnswer)
def read(*, body: Reading) -> Response:
    """Mark notices as read; those of others are left alone."""
    marked = mark_read(db(), person(), now=now(), ids=body.ids or (), all_before=body.all_before)
    return answer({"marked": marked, "unread": unread(db(), person())})
