"""Webhooks: addresses of other systems that are told what a centre and those below it are told (docs/webhooks.md)."""

from typing import Annotated, Any

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field, StringConstraints

from cases.delivery.keeping import Kept, change_webhook, list_webhooks, make_webhook, try_webhook
from grid.levels import Level
from people.roles import Permission
from web.answers import answer
from web.bodies import LARGEST_SMALL_ID, Answer, Body, Line, Moment, Paging, gives, refuses, takes
from web.cursors import make_cursor, read_cursor
from web.signin import allow, person
from web.transaction import db, now, runtime

blueprint = APIBlueprint("webhooks", __name__, url_prefix="/webhooks", tag="Webhooks")

Name = Annotated[Line, Field(max_length=120)]
Url = Annotated[
    str, StringConstraints(min_length=1, max_length=2000), Field(description="Of a public host, see docs/webhooks.md")
]
Kinds = Annotated[
    list[Annotated[str, StringConstraints(min_length=1, max_length=40)]],
    Field(max_length=100, description="Kinds of notices and rungs of the ladder; null: all"),
]
Version = Annotated[int, Field(ge=0, le=LARGEST_SMALL_ID)]
ADDRESS = f"/<int(max={LARGEST_SMALL_ID}):webhook_id>"


class NewWebhook(Body):
    name: Name
    url: Url
    centre: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{1,24}$"), Field(description="A centre's code")]
    kinds: Kinds | None = None


class WebhookChange(Body):
    """What is left out stays as it is."""

    version: Version
    name: Name | None = None
    url: Url | None = None
    kinds: Kinds | None = None
    disabled: bool | None = None


class WebhookCentre(Answer):
    code: str
    name: str
    level: Level


class WebhookAnswer(Answer):
    id: int
    name: str
    url: str
    centre: WebhookCentre
    kinds: list[str] | None
    version: int
    created_at: Moment
    disabled_at: Moment | None


class NewWebhookAnswer(WebhookAnswer):
    secret: str = Field(description="Shown this once; it signs each message")


class WebhooksAnswer(Answer):
    items: list[WebhookAnswer]
    next: str | None


class TriedAnswer(Answer):
    delivery: str = Field(description="Its id in `GET /deliveries`, where its fate is told")


@blueprint.get("")
@allow(Permission.KEEP_RULES)
@takes(query=Paging)
@gives(WebhooksAnswer)
def show(*, query: Paging) -> Response:
    """Those of the centres that one keeps, the oldest first."""
    after = read_cursor(query.cursor, int, most=LARGEST_SMALL_ID)[0] if query.cursor else 0
    found = list_webhooks(db(), person(), limit=query.limit + 1, after=after)
    page = found[: query.limit]
    following = make_cursor(page[-1].webhook.id) if len(found) > query.limit else None
    return answer({"items": [_shown(kept) for kept in page], "next": following})


@blueprint.post("")
@allow(Permission.KEEP_RULES)
@takes(NewWebhook)
@gives(NewWebhookAnswer, 201)
def make(*, body: NewWebhook) -> Response:
    """Make a webhook; messages go from the next notice on."""
    kept = make_webhook(db(), person(), **dict(body), now=now(), settings=runtime().settings)
    return answer(_shown(kept) | {"secret": kept.webhook.secret}, 201)


@blueprint.patch(ADDRESS)
@allow(Permission.KEEP_RULES)
@takes(WebhookChange)
@gives(WebhookAnswer)
@refuses("webhook-not-found", "stale-version")
def change(webhook_id: int, *, body: WebhookChange) -> Response:
    """Change it, or disable it: what waits for it then goes nowhere."""
    given = {name: getattr(body, name) for name in body.model_fields_set - {"version"}}
    # only `kinds` may be null: all
    changes = {name: value for name, value in given.items() if value is not None or name == "kinds"}
    kept = change_webhook(
        db(), person(), webhook_id, version=body.version, changes=changes, now=now(), settings=runtime().settings
    )
    return answer(_shown(kept))


@blueprint.post(f"{ADDRESS}/test")
@allow(Permission.KEEP_RULES)
@gives(TriedAnswer, 202, text="A message without notices is on its way")
@refuses("webhook-not-found")
def attempt(webhook_id: int) -> Response:
    """Send it a message without notices."""
    return answer({"delivery": try_webhook(db(), person(), webhook_id, now=now())}, 202)


def _shown(kept: Kept) -> dict[str, Any]:
    webhook, centre = kept.webhook, kept.centre
    return {
        "id": webhook.id,
        "name": webhook.name,
        "url": webhook.url,
        "centre": {"code": centre.code, "name": centre.name, "level": centre.level},
        "kinds": webhook.kinds,
        "version": webhook.version,
        "created_at": webhook.created_at,
        "disabled_at": webhook.disabled_at,
    }
