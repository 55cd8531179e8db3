"""Who has a case open, and the pool that hands out the next one."""

from typing import Annotated

from apiflask import APIBlueprint
from flask import Response
from pydantic import BeforeValidator, Field

from cases.claims import claim_case, claim_next, release_case
from cases.clock import Light
from cases.models import Source
from cases.stages import Stage
from people.roles import Permission
from web.answers import answer
from web.api.case_list import Asked, filters_of
from web.bodies import Answer, Body, gives, refuses, takes
from web.case_answers import ClaimAnswer
from web.signin import allow, person
from web.transaction import db, now, runtime

blueprint = APIBlueprint("claims", __name__, tag="Cases")


class Taking(Body):
    take: bool = Field(False, description="Take it from who has it open")


class HeldAnswer(Answer):
    claim: ClaimAnswer


def _listed(value: object) -> object:
    return value.split(",") if isinstance(value, str) else value


Listed = BeforeValidator(_listed)


class ClaimAsked(Asked):
    """The filters of the list of cases; those that take several values may come as a list or with commas."""

    stage: Annotated[list[Stage] | None, Listed] = None
    light: Annotated[list[Light] | None, Listed] = None
    source: Annotated[list[Source] | None, Listed] = None


class ClaimedAnswer(Answer):
    no: str


@blueprint.put("/cases/<no>/claim")
@allow(Permission.ACT_ON_CASES)
@takes(Taking, optional=True)
@gives(HeldAnswer)
@refuses("not-found", "claimed")
def claim(no: str, *, body: Taking) -> Response:
    """Say that one has the case open; again and again while one looks: the claim ends some minutes after the last."""
    found = claim_case(db(), person(), no, now=now(), settings=runtime().settings.claims, take=body.take)
    return answer({"claim": found})


@blueprint.delete("/cases/<no>/claim")
@allow(Permission.ACT_ON_CASES)
@gives(None, 204)
@refuses("not-found")
def release(no: str) -> Response:
    """Let go of the case; nothing happens when one doesn't have it."""
    release_case(db(), person(), no)
    return Response(status=204)


@blueprint.post("/cases:claim")
@allow(Permission.ACT_ON_CASES)
@takes(ClaimAsked, optional=True)
@gives(ClaimedAnswer)
@refuses("no-cell", "nothing-to-claim")
def claim_one(*, body: ClaimAsked) -> Response:
    """Take the open case that burns most of those asked for and that nobody has: who asks at once gets another."""
    no = claim_next(db(), person(), filters_of(body), now=now(), settings=runtime().settings.claims)
    return answer({"no": no})
