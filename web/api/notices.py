"""The inbox: what is addressed to the person or to one of their posts."""

from datetime import timedelta
from typing import Any

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from cases.delivery.keeping import mail_settings, set_mail
from cases.folding import CASES, FOLD_MOST, Fold, folded_inbox
from cases.notices import UNREAD_MOST, mark_read, unread
from cases.stages import Stage
from people.models import Mail
from people.roles import Permission
from web.answers import answer
from web.bodies import Answer, Body, Id, Moment, Paging, gives, takes
from web.cursors import make_cursor, read_cursor
from web.signin import allow, person, person_id
from web.transaction import db, now, runtime

blueprint = APIBlueprint("notices", __name__, url_prefix="/notices", tag="Notices")


class NoticeCase(Answer):
    no: str
    stage: Stage
    category: str | None


class Folded(Answer):
    """Rungs that came one upon the other; the line shows the newest."""

    count: int
    by_kind: dict[str, int]
    ids: list[int] = Field(description="To mark all of them as read")
    cases: list[str] = Field(description=f"Numbers of the newest, at most {CASES}")
    start: Moment = Field(alias="from")
    end: Moment = Field(alias="to")


class NoticeItem(Answer):
    id: int
    at: Moment
    kind: str
    case: NoticeCase | None = Field(
        description="Null: about a working calendar (`calendar_ends`), or the patrol (`roll_call`, `fence`)"
    )
    data: dict[str, Any]
    read: bool
    folded: Folded | None = Field(description="Not null: the line stands for several notices")


class NoticesAnswer(Answer):
    items: list[NoticeItem]
    unread: int = Field(description=f"Counted up to {UNREAD_MOST}")
    next: str | None


class Reading(Body):
    ids: list[Id] | None = Field(None, max_length=FOLD_MOST, description="These notices")
    all_before: Id | None = Field(None, description="Or all up to this one, it included")

    @model_validator(mode="after")
    def _one_of_both(self) -> "Reading":
        if (self.ids is None) == (self.all_before is None):
            raise PydanticCustomError("ids_or_all_before", "one of both")
        return self


class MailSettings(Body):
    email: str | None = Field(max_length=254, description="Null: none")
    mail: Mail = Field(
        strict=False, description="Which notices come by mail: `late`: rungs of the ladder, urging and orders"
    )


class MailAnswer(Answer):
    email: str | None
    mail: Mail
    possible: bool = Field(description="False: this installation sends no mail")


class ReadAnswer(Answer):
    marked: int
    unread: int


@blueprint.get("")
@allow(Permission.SEE_NOTICES)
@takes(query=Paging)
@gives(NoticesAnswer)
def list_notices(*, query: Paging) -> Response:
    """The newest first; rungs of the ladder that came in a storm stand as one line."""
    cursor = read_cursor(query.cursor, int)[0] if query.cursor else None
    delivery = runtime().settings.delivery
    fold = Fold(delivery.digest_from, timedelta(minutes=delivery.digest_minutes))
    page = folded_inbox(db(), person(), fold, limit=query.limit, cursor=cursor)
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


@blueprint.get("/settings")
@allow(Permission.SEE_NOTICES)
@gives(MailAnswer)
def show_settings() -> Response:
    """Which of one's notices come by mail, and where to."""
    return answer(mail_settings(db(), person_id()) | _possible())


@blueprint.put("/settings")
@allow(Permission.SEE_NOTICES)
@takes(MailSettings)
@gives(MailAnswer)
def change_settings(*, body: MailSettings) -> Response:
    """Change them; what already waits goes by them too."""
    return answer(set_mail(db(), person_id(), email=body.email, mail=body.mail) | _possible())


def _possible() -> dict[str, bool]:
    return {"possible": bool(runtime().settings.mail.host)}
