"""Who has an account, and the state of the system: what administrators look at."""

from typing import Annotated, Any

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field

from people.accounts import Account, list_people
from people.roles import Permission, Role
from web.answers import answer
from web.bodies import Answer, Moment, Paging, gives, takes
from web.case_answers import PlaceName
from web.cursors import make_cursor, read_cursor
from web.language import language
from web.readiness import checks
from web.signin import allow
from web.transaction import db, now, reader, runtime

blueprint = APIBlueprint("people", __name__, tag="People")


class PostDepartment(Answer):
    code: str
    name: str


class PostAnswer(Answer):
    role: Role
    centre: PlaceName
    department: PostDepartment | None


class AccountAnswer(Answer):
    username: str
    name: str
    demo: Annotated[bool, Field(description="Signs in only where the demo is enabled")]
    created_at: Moment
    disabled_at: Moment | None
    posts: list[PostAnswer]


class PeopleAnswer(Answer):
    items: list[AccountAnswer]
    next: str | None


class CheckAnswer(Answer):
    name: str
    ok: bool
    title: str
    text: str


class SystemAnswer(Answer):
    """As `/readyz`, in the reader's language."""

    ready: bool
    checks: list[CheckAnswer]


def _shown(account: Account) -> dict[str, Any]:
    return {
        "username": account.username,
        "name": account.name,
        "demo": account.is_demo,
        "created_at": account.created_at,
        "disabled_at": account.disabled_at,
        "posts": [
            {
                "role": seat.role,
                "centre": {"code": seat.centre_code, "level": seat.level, "name": seat.centre_name},
                "department": seat.department_code
                and {"code": seat.department_code, "name": seat.department_name},
            }
            for seat in account.seats
        ],
    }  # fmt: skip


@blueprint.get("/people")
@allow(Permission.KEEP_PEOPLE)
@takes(query=Paging)
@gives(PeopleAnswer)
def show_people(*, query: Paging) -> Response:
    """Accounts with their posts, by username; `flask people` keeps them."""
    after = read_cursor(query.cursor, str)[0] if query.cursor else ""
    found = list_people(db(), after=after.replace("\0", ""), limit=query.limit + 1)
    page, more = found[: query.limit], len(found) > query.limit
    return answer({"items": [_shown(one) for one in page], "next": make_cursor(page[-1].username) if more else None})


@blueprint.get("/system")
@allow(Permission.KEEP_PEOPLE)
@gives(SystemAnswer)
def show_system() -> Response:
    """Whether database, worker and disk are as they must be."""
    found, words = checks(reader(), runtime().settings, now=now()), language()
    told = [{"name": one.name, "ok": one.ok, "title": one.title(words), "text": one.text(words)} for one in found]
    return answer({"ready": all(one.ok for one in found), "checks": told})
