"""What was asked for on a case (申请), as its page shows it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from cases.models import Approver, Request
from people.models import Person

SHOWN = ("id", "kind", "state", "asked_at", "reason", "data", "awaits", "decided_at")


def requests_of(session: Session, case_id: int) -> Sequence[Any]:
    """The requests with the names of who made them, the oldest first; by `ix_requests_case_id`."""
    wanted = select(Request, Person.name.label("asked_by")).outerjoin(Person, Person.id == Request.asked_by)
    rows: Sequence[Any] = session.execute(wanted.where(Request.case_id == case_id).order_by(Request.id)).all()
    return rows


def as_request(row: Row[Any]) -> dict[str, Any]:
    """One of them, with the approvals that it has; people by name alone."""
    request: Request = row.Request
    approvals = [{name: one[name] for name in ("by", "name", "at", "outcome", "text")} for one in request.approvals]
    return {**{name: getattr(request, name) for name in SHOWN}, "asked_by": row.asked_by, "approvals": approvals}


def awaited(rows: Sequence[Any]) -> Approver | None:
    """Whose approval the oldest open request waits for; lists show the same (cases/search/items.py)."""
    return next((row.Request.awaits for row in rows if row.Request.decided_at is None), None)
