"""One case: everything about it, and its story."""

from typing import Any

from apiflask import APIBlueprint
from flask import Response

from cases.detail import show_case
from cases.story import tell_story
from people.roles import Permission
from web.answers import answer
from web.bodies import Cursor, Limit, Query, gives, refuses, takes
from web.case_answers import CaseDetail, EventsAnswer
from web.cursors import make_cursor, read_cursor
from web.signin import allow, person
from web.transaction import db, now, runtime
from web.why import why_words

blueprint = APIBlueprint("cases", __name__, url_prefix="/cases", tag="Cases")


class StoryPage(Query):
    limit: Limit = 200
    cursor: Cursor | None = None


def shown(no: str, *, in_hand: bool = False) -> dict[str, Any]:
    """The case as it stands within this request, its reasons in words; `in_hand` as in `show_case`."""
    case = show_case(db(), person(), no, now=now(), settings=runtime().settings, in_hand=in_hand)
    case["why"]["words"] = why_words(case["why"], runtime().settings.calendar.zone)
    return case


def with_version(case: dict[str, Any]) -> Response:
    """The case as an answer; its version is its ETag, to be sent back as If-Match."""
    return answer(case, headers={"ETag": f'"{case["version"]}"'})


@blueprint.get("/<no>")
@allow(Permission.SEE_CASES)
@gives(CaseDetail)
@refuses("not-found")
def show(no: str) -> Response:
    """Everything about a case: its clocks, its turns, why it is here, and what one may do next."""
    return with_version(shown(no))


@blueprint.get("/<no>/events")
@allow(Permission.SEE_CASES)
@takes(query=StoryPage)
@gives(EventsAnswer)
@refuses("not-found")
def story(no: str, *, query: StoryPage) -> Response:
    """The whole story, from the report on."""
    after = read_cursor(query.cursor, int)[0] if query.cursor else 0
    items, last = tell_story(db(), person(), no, limit=query.limit, after=after)
    return answer({"items": items, "next": None if last is None else make_cursor(last)})
