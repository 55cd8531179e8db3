"""Push messages to the browsers of the person who is signed in."""

from typing import Annotated, Literal

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field, StringConstraints

from cases.delivery.addresses import drop_address, keep_address, push_settings
from cases.delivery.push import Address
from cases.delivery.targets import URL_LENGTH
from people.roles import Permission
from web.answers import answer, nothing
from web.bodies import Answer, Body, Query, gives, refuses, takes
from web.signin import allow, person
from web.transaction import db, now, runtime

blueprint = APIBlueprint("push", __name__, url_prefix="/push", tag="Field")
Endpoint = Annotated[str, StringConstraints(min_length=1, max_length=URL_LENGTH)]


class PushKeys(Body):
    p256dh: str = Field(max_length=120)
    auth: str = Field(max_length=60)


class PushBody(Body):
    """What `PushSubscription.toJSON()` gives, without what the browser says of its end."""

    endpoint: Endpoint
    keys: PushKeys
    language: Literal["zh", "en"]


class PushNamed(Query):
    endpoint: Endpoint


class PushAnswer(Answer):
    key: str | None = Field(description="For `pushManager.subscribe`; null: this installation pushes nothing")
    addresses: int = Field(description="At so many browsers one is told")


@blueprint.get("")
@allow(Permission.SEE_NOTICES)
@gives(PushAnswer)
def show_push() -> Response:
    """Whether messages are pushed here, and to how many of one's browsers."""
    return answer(push_settings(db(), person(), runtime().settings))


@blueprint.put("")
@allow(Permission.SEE_NOTICES)
@takes(PushBody)
@gives(PushAnswer)
@refuses("push-off")
def put_push(*, body: PushBody) -> Response:
    """Have urgent notices pushed to this browser: tasks, roll calls, alarms, and what is late."""
    address = Address(body.endpoint, body.keys.p256dh, body.keys.auth, body.language)
    keep_address(db(), person(), address, now=now(), settings=runtime().settings)
    return answer(push_settings(db(), person(), runtime().settings))


@blueprint.delete("")
@allow(Permission.SEE_NOTICES)
@takes(query=PushNamed)
@gives(None, 204)
def delete_push(*, query: PushNamed) -> Response:
    """Push nothing to this browser any more."""
    drop_address(db(), person(), query.endpoint)
    return nothing()
