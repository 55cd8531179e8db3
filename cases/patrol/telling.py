"""Who is told of alarms and roll calls: notices about no case, in the inbox and by what else is set up."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases.models import Alarm, Notice, RollCall
from cases.notices import NoticeKind
from grid.models import Centre
from people.models import Person, Post
from people.roles import Role


def tell_alarm(session: Session, alarm: Alarm, *, now: datetime) -> None:
    """Tell the shift leads of the lowest centre that has one, and the person."""
    name = session.scalar(select(Person.name).where(Person.id == alarm.person_id))
    data = {
        "alarm": alarm.kind.value, "started_at": alarm.started_at.isoformat(), "shift": str(alarm.shift_id),
        "person": alarm.person_id, "name": name,
    }  # fmt: skip
    lead = _lead_centre(session, alarm.centre_id)
    addresses: list[dict[str, Any]] = [{"centre_id": lead, "role": Role.SHIFT_LEAD}, {"person_id": alarm.person_id}]
    session.add_all(Notice(at=now, kind=NoticeKind.FENCE, data=data, **to) for to in addresses)


def tell_roll_call(session: Session, call: RollCall, people: Sequence[int], *, now: datetime) -> None:
    """Tell each person who is asked."""
    centre = session.get_one(Centre, call.centre_id)
    data = {
        "roll_call": call.id, "name": centre.name, "answer_by": call.answer_by.isoformat(), "text": call.text,
        "photo_wanted": call.photo_wanted,
    }  # fmt: skip
    session.add_all(Notice(at=now, kind=NoticeKind.ROLL_CALL, person_id=one, data=data) for one in people)


def _lead_centre(session: Session, centre_id: int) -> int:
    """The lowest centre from this one up where somebody is shift lead; nobody anywhere: this one."""
    line = select(func.jsonb_array_elements_text(Centre.line)).where(Centre.id == centre_id)
    held = select(Post.id).where(Post.centre_id == Centre.id, Post.role == Role.SHIFT_LEAD)
    wanted = select(Centre.id).where(Centre.code.in_(line), Centre.retired_at.is_(None), held.exists())
    found = session.scalar(wanted.order_by(func.jsonb_array_length(Centre.line).desc()).limit(1))
    return centre_id if found is None else found
