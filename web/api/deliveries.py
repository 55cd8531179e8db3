"""What goes out of the house, by e-mail and webhook: what waits, what arrived, and dead letters to be sent again."""

from datetime import datetime
from typing import Any
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field

from cases.delivery.keeping import list_deliveries, resend
from cases.delivery.troubles import Trouble
from cases.models import Channel, DeliveryState
from core.errors import Invalid
from people.roles import Permission
from web.answers import answer, instant
from web.bodies import Answer, Moment, Paging, gives, refuses, takes
from web.cursors import make_cursor, read_cursor
from web.signin import allow, person
from web.transaction import db, now
from web.words import LANGUAGES, names_of

blueprint = APIBlueprint("deliveries", __name__, url_prefix="/deliveries", tag="Deliveries")


class DeliveriesAsked(Paging):
    state: DeliveryState | None = None


class Receiver(Answer):
    id: int
    name: str
    address: str | None


class TroubleTold(Answer):
    code: Trouble
    zh: str
    en: str


class DeliveryItem(Answer):
    id: str
    channel: Channel
    receiver: Receiver
    state: DeliveryState
    attempts: int
    created_at: Moment
    due_at: Moment = Field(description="When it is tried (next); while `sending`: until when its worker has it")
    sent_at: Moment | None
    trouble: TroubleTold | None = Field(description="What the last attempt met")
    error: str | None = Field(description="The same as machines said it")
    notices: int = Field(description="How many it tells: more than one is a digest, none a test")
    kinds: dict[str, int]


class DeliveriesAnswer(Answer):
    items: list[DeliveryItem]
    next: str | None


@blueprint.get("")
@allow(Permission.KEEP_RULES)
@takes(query=DeliveriesAsked)
@gives(DeliveriesAnswer)
def show(*, query: DeliveriesAsked) -> Response:
    """Those to people and webhooks of the centres that one keeps, the newest first; `state=dead`: the dead letters."""
    before = _read_key(query.cursor) if query.cursor else None
    found = list_deliveries(db(), person(), state=query.state, limit=query.limit + 1, before=before)
    page = found[: query.limit]
    more = len(found) > query.limit
    following = make_cursor(instant(page[-1]["created_at"]), str(page[-1]["id"])) if more else None
    return answer({"items": [_told(one) for one in page], "next": following})


@blueprint.post("/<uuid:delivery_id>/resend")
@allow(Permission.KEEP_RULES)
@gives(DeliveryItem)
@refuses("delivery-not-found", "not-to-be-sent")
def send_again(delivery_id: UUID) -> Response:
    """Have a dead message sent again, under the same id."""
    return answer(_told(resend(db(), person(), delivery_id, now=now())))


def _told(delivery: dict[str, Any]) -> dict[str, Any]:
    """With its trouble in words."""
    trouble: Trouble | None = delivery["trouble"]
    if trouble is None:
        return delivery
    words = {language: names_of(trouble, language, "trouble") for language in LANGUAGES}
    return {**delivery, "trouble": {"code": trouble, **words}}


def _read_key(cursor: str) -> tuple[datetime, UUID]:
    at, delivery_id = read_cursor(cursor, str, str)
    try:
        moment, key = datetime.fromisoformat(at), UUID(delivery_id)
    except ValueError:
        raise Invalid.one("cursor", "bad_cursor") from None
    if moment.tzinfo is None:
        raise Invalid.one("cursor", "bad_cursor")
    return moment, key
