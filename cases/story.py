"""The story of a case: its events as they were written, nothing left out."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.models import Case, Event
from cases.permissions import visible
from core.errors import NotFound
from people.models import Person
from people.roles import Actor


def tell_story(
    session: Session, actor: Actor, no: str, *, limit: int = 200, after: int = 0
) -> tuple[list[dict[str, Any]], int | None]:
    """Events in the order in which they happened, those after the event id `after`; and the id to go on from.

    Two statements. Raises NotFound for a case that there isn't, or that the person doesn't see.
    """
    case_id = session.scalar(select(Case.id).where(Case.no == no, visible(actor)))
    if case_id is None:
        raise NotFound
    rows = session.execute(
        select(
            Event.id, Event.at, Event.verb, Event.outcome, Event.stage_from, Event.stage_to, Event.role, Event.data,
            Person.name,
        )
        .outerjoin(Person, Person.id == Event.person_id)
        .where(Event.case_id == case_id, Event.id > after)
        .order_by(Event.id)
        .limit(limit + 1)
    ).all()  # fmt: skip
    items = [
        {
            "id": row.id, "at": row.at, "verb": row.verb, "outcome": row.outcome,
            "stage_from": row.stage_from, "stage_to": row.stage_to,
            "person": {"name": row.name, "role": row.role} if row.name else None, "data": row.data,
        }
        for row in rows[:limit]
    ]  # fmt: skip
    return items, items[-1]["id"] if len(rows) > limit else None
