"""The inspectors of a centre's ground, on duty or not: whom a duty area is given to and a roll call may name."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, exists, select
from sqlalchemy.orm import Session

from cases.models import Shift
from cases.patrol.given import below
from people.models import Person, Post
from people.roles import Role


def list_inspectors(
    conn: Connection | Session, codes: Sequence[str], *, limit: int, after: int | None
) -> list[dict[str, Any]]:
    """Inspectors at the centres `codes` or below, by id, those after `after`, in one statement."""
    held = exists().where(Post.person_id == Person.id, Post.role == Role.INSPECTOR, Post.centre_id.in_(below(codes)))
    on_duty = exists().where(Shift.person_id == Person.id, Shift.ended_at.is_(None)).label("on_duty")
    wanted = select(Person.id, Person.name, on_duty).where(held, Person.disabled_at.is_(None))
    if after is not None:
        wanted = wanted.where(Person.id > after)
    return [row._asdict() for row in conn.execute(wanted.order_by(Person.id).limit(limit))]
