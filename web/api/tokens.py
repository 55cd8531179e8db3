"""Bearer tokens of machines and scripts."""

from typing import Annotated

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field

from people.models import Token
from people.roles import Permission
from people.tokens import list_tokens, make_token, revoke_token
from web.answers import answer, nothing
from web.bodies import LARGEST_SMALL_ID, Answer, Body, Line, Moment, Paging, gives, refuses, takes
from web.cursors import make_cursor, read_cursor
from web.signin import allow, person, person_id, presence
from web.transaction import db, now, runtime

blueprint = APIBlueprint("tokens", __name__, url_prefix="/tokens", tag="Tokens")


class NewToken(Body):
    name: Annotated[Line, Field(max_length=120, description="What the token is for")]
    days: int | None = Field(None, ge=1, le=3660, description="Its life; at most the settings' `token_days`")


class TokenAnswer(Answer):
    id: int
    name: str
    created_at: Moment
    expires_at: Moment


class NewTokenAnswer(TokenAnswer):
    token: str = Field(description="Shown this once; send it as `Authorization: Bearer TOKEN`")


class TokensAnswer(Answer):
    items: list[TokenAnswer]
    next: str | None


def _shown(token: Token) -> dict[str, object]:
    return {
        "id": token.id,
        "name": token.name,
        "created_at": token.created_at,
        "expires_at": token.expires_at,
    }


@blueprint.post("")
@allow(Permission.KEEP_TOKENS)
@takes(NewToken)
@gives(NewTokenAnswer, 201)
@refuses("session-needed")
def make(*, body: NewToken) -> Response:
    """Make a token that acts as oneself."""
    presence()
    fresh = make_token(db(), person(), body.name, now=now(), settings=runtime().settings, days=body.days)
    return answer(
        {
            "id": fresh.id,
            "name": fresh.name,
            "token": fresh.secret,
            "created_at": fresh.created_at,
            "expires_at": fresh.expires_at,
        },
        201,
    )


@blueprint.get("")
@allow(Permission.KEEP_TOKENS)
@takes(query=Paging)
@gives(TokensAnswer)
def show(*, query: Paging) -> Response:
    """One's own tokens that still work, the newest first."""
    before = read_cursor(query.cursor, int, most=LARGEST_SMALL_ID)[0] if query.cursor else None
    found = list_tokens(db(), person_id(), now=now(), before=before, limit=query.limit + 1)
    page, more = found[: query.limit], len(found) > query.limit
    return answer({"items": [_shown(token) for token in page], "next": make_cursor(page[-1].id) if more else None})


@blueprint.delete(f"/<int(max={LARGEST_SMALL_ID}):token_id>")
@allow(Permission.KEEP_TOKENS)
@gives(None, 204)
@refuses("token-not-found", "session-needed")
def revoke(token_id: int) -> Response:
    """Withdraw a token: within two seconds no process takes it any more."""
    presence()
    revoke_token(db(), person_id(), token_id, now=now())
    runtime().tokens.forget()
    return nothing()
