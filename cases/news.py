"""What has just happened, for those who look on: events of cases that one sees, and that something came in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, func, select
from sqlalchemy.orm import Session

from cases.models import Case, Event, Notice
from cases.notices import NoticeKind, hears
from cases.permissions import visible
from people.roles import Actor

AT_ONCE = 500
CALLING = (NoticeKind.ROLL_CALL, NoticeKind.FENCE, NoticeKind.VERIFY_ASKED, NoticeKind.CHECK_ASKED)
CALLS_MOST = 2000


@dataclass(frozen=True)
class News:
    """An event with its case as it is after it; `line` holds the codes of the case's place, city … village."""

    id: int
    at: datetime
    verb: str
    stage: str
    version: int
    no: str
    line: tuple[str | None, ...]


@dataclass(frozen=True)
class Address:
    """Where a notice went: to a person, or to a role at a centre (in a department)."""

    centre_id: int | None
    role: str | None
    department_id: int | None
    person_id: int | None


@dataclass(frozen=True)
class Call:
    """A notice that calls one person: about a case, by its number, or about a roll call."""

    id: int
    kind: str
    person_id: int
    no: str | None
    roll_call: int | None


def read_news(
    session: Session | Connection, *, after: int, upto: int, actor: Actor | None = None
) -> Iterator[list[News]]:
    """Events behind `after`, up to `upto`, in their order, some hundreds at a time; only what the actor sees, if given.

    Whoever asks knows that nothing can still appear up to `upto` (delivery/tail.py).
    """
    wanted = _events() if actor is None else _events().where(visible(actor))
    while True:
        rows = session.execute(wanted.where(Event.id > after, Event.id <= upto).limit(AT_ONCE)).all()
        if rows:
            yield [News(*row[:6], line=tuple(row[6:])) for row in rows]
        if len(rows) < AT_ONCE:
            return
        after = rows[-1].id


def _events() -> Select[int, datetime, str, str, int, str, str | None, str | None, str | None, str | None]:
    # a rung of the ladder and a photo leave the version alone and name none
    version = func.coalesce(Event.data["version"].as_integer(), Case.version)
    return (
        select(
            Event.id, Event.at, Event.verb, Event.stage_to, version, Case.no,
            Case.city_code, Case.district_code, Case.street_code, Case.village_code,
        )
        .join(Case, Case.id == Event.case_id)
        .order_by(Event.id)
    )  # fmt: skip


def read_addresses(session: Session | Connection, *, after: int, upto: int) -> list[Address]:
    """Where the notices behind `after`, up to `upto`, went, each address once."""
    columns = (Notice.centre_id, Notice.role, Notice.department_id, Notice.person_id)
    rows = session.execute(select(*columns).where(Notice.id > after, Notice.id <= upto).distinct())
    return [Address(*row) for row in rows]


def read_calls(session: Session | Connection, *, after: int, upto: int) -> list[Call]:
    """The notices behind `after`, up to `upto`, that call one person by name and at once (CALLING), in their order.

    CALLS_MOST at most: in a storm the count of what is unread says it, too.
    """
    rows = session.execute(
        select(Notice.id, Notice.kind, Notice.person_id, Case.no, Notice.data["roll_call"].as_integer())
        .outerjoin(Case, Case.id == Notice.case_id)
        .where(Notice.id > after, Notice.id <= upto, Notice.person_id.is_not(None), Notice.kind.in_(CALLING))
        .order_by(Notice.id)
        .limit(CALLS_MOST)
    )
    return [Call(*row) for row in rows]


def is_addressed(actor: Actor, address: Address) -> bool:
    """Whether the person finds it in their inbox (cases/notices.py)."""
    if address.person_id is not None:
        return address.person_id == actor.person_id
    return any(
        seat.centre_id == address.centre_id and seat.role == address.role and hears(seat, address.department_id)
        for seat in actor.seats
    )
