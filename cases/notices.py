"""Who must know: notices in the inboxes of people and of roles at a centre, written with what happened."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select, union_all
from sqlalchemy.dialects.postgresql import insert as insert_or_leave
from sqlalchemy.orm import Session

from cases.models import Case, Notice, NoticeRead
from people.roles import Actor, Role, Seat

UNREAD_MOST = 1000
"""So many unread notices are counted at most; the page says 999+."""


class NoticeKind(StrEnum):
    """What happened, from the reader's side; the rungs of the ladder (warn, urge, supervise_1 …) are kinds too."""

    REPORTED = "reported"
    VERIFY_ASKED = "verify_asked"
    VERIFIED = "verified"
    UNFOUNDED = "unfounded"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    SELF_HANDLED = "self_handled"
    FILED = "filed"
    SENT_BACK = "sent_back"
    DISPATCHED = "dispatched"
    REFUSED = "refused"
    HANDLED = "handled"
    CHECK_ASKED = "check_asked"
    CHECK_PASSED = "check_passed"
    CHECK_FAILED = "check_failed"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    REOPENED = "reopened"
    PASSED_UP = "passed_up"
    URGED = "urged"
    NOTED = "noted"
    CANCEL_ASKED = "cancel_asked"
    CANCEL_DENIED = "cancel_denied"
    FORCE_CLOSE_ASKED = "force_close_asked"
    FORCE_CLOSE_DENIED = "force_close_denied"
    FORCE_CLOSED = "force_closed"
    SIGNED = "signed"
    PART_REFUSED = "part_refused"
    PART_DONE = "part_done"
    STEP_DONE = "step_done"
    EXTENSION_ASKED = "extension_asked"
    EXTENSION_ENDORSED = "extension_endorsed"
    EXTENSION_GRANTED = "extension_granted"
    EXTENSION_DENIED = "extension_denied"
    SUSPENSION_ASKED = "suspension_asked"
    SUSPENSION_ENDORSED = "suspension_endorsed"
    SUSPENDED = "suspended"
    SUSPENSION_DENIED = "suspension_denied"
    RESUMED = "resumed"
    SUPERVISED = "supervised"
    SUPERVISION_REPLIED = "supervision_replied"
    MERGED = "merged"
    UNMERGED = "unmerged"
    RECATEGORISED = "recategorised"
    RELOCATED = "relocated"
    APPEALED = "appealed"
    APPEAL_ENDORSED = "appeal_endorsed"
    APPEAL_GRANTED = "appeal_granted"
    APPEAL_DENIED = "appeal_denied"
    # to administrators, about no case: next year's calendar is not there, or only guessed
    CALENDAR_ENDS = "calendar_ends"
    # of the patrol, about no case: the centre asks where one is; an inspector left the duty area, or stands still
    ROLL_CALL = "roll_call"
    FENCE = "fence"


@dataclass(frozen=True)
class Audience:
    """An address: a person, or everybody with a role at exactly this centre (and in this department).

    What is meant for a department stands under the department's own centre, because there its people sit.
    """

    centre_id: int | None = None
    role: Role | None = None
    department_id: int | None = None
    person_id: int | None = None


@dataclass(frozen=True)
class Inbox:
    """A page of notices, newest first; `next` is the cursor of the following page."""

    items: list[dict[str, Any]]
    unread: int
    next: int | None


def inbox(session: Session, actor: Actor, *, limit: int = 50, cursor: int | None = None) -> Inbox:
    """What is addressed to the person or to one of their seats, newest first, in two statements.

    `unread` counts to UNREAD_MOST and no further.
    """
    items = read_inbox(session, actor, limit=limit + 1, cursor=cursor)
    following = items[limit - 1]["id"] if len(items) > limit else None
    return Inbox(items[:limit], unread(session, actor), following)


def read_inbox(session: Session, actor: Actor, *, limit: int, cursor: int | None) -> list[dict[str, Any]]:
    """At most `limit` notices before the id `cursor`, newest first, in one statement."""
    addressed = _addressed(actor, limit, cursor).subquery()
    rows = session.execute(
        select(
            Notice.id, Notice.at, Notice.kind, Notice.data, Case.no, Case.category_code, Case.stage,
            NoticeRead.at.label("read_at"),
        )
        .join(addressed, addressed.c.id == Notice.id)
        .outerjoin(Case, Case.id == Notice.case_id)  # a calendar's notice is about no case
        .outerjoin(NoticeRead, and_(NoticeRead.notice_id == Notice.id, NoticeRead.person_id == actor.person_id))
        .order_by(Notice.id.desc())
        .limit(limit)
    ).all()  # fmt: skip
    return [
        {
            "id": row.id, "at": row.at, "kind": row.kind, "data": row.data, "read": row.read_at is not None,
            "case": row.no and {"no": row.no, "category": row.category_code, "stage": row.stage},
        }
        for row in rows
    ]  # fmt: skip


def unread(session: Session | Connection, actor: Actor) -> int:
    """How many notices the person has not read, UNREAD_MOST at most."""
    found = _addressed(actor, UNREAD_MOST, None, _unread_by(actor)).subquery()
    counted = session.scalar(select(func.count(func.distinct(found.c.id)))) or 0
    return min(counted, UNREAD_MOST)


def mark_read(
    session: Session, actor: Actor, *, now: datetime, ids: Sequence[int] = (), all_before: int | None = None
) -> int:
    """Mark as read the notices of these ids, or all up to an id; those of others are left alone. How many were new."""
    wanted = Notice.id <= all_before if all_before is not None else Notice.id.in_(ids)
    found = _addressed(actor, None, None, wanted, _unread_by(actor)).subquery()
    ids_now = session.scalars(select(found.c.id).distinct().order_by(found.c.id)).all()
    if not ids_now:
        return 0
    rows = [{"notice_id": notice_id, "person_id": actor.person_id, "at": now} for notice_id in ids_now]
    session.execute(insert_or_leave(NoticeRead).on_conflict_do_nothing(), rows)
    return len(rows)


def _unread_by(actor: Actor) -> ColumnElement[bool]:
    return ~exists().where(NoticeRead.notice_id == Notice.id, NoticeRead.person_id == actor.person_id)


def _addressed(actor: Actor, most: int | None, cursor: int | None, *conditions: ColumnElement[bool]) -> Any:
    """Ids of the person's notices: a short index walk an address, instead of one OR over all of them."""
    if cursor is not None:
        conditions = (*conditions, Notice.id < cursor)
    walks: list[Select[int]] = [_walk(Notice.person_id == actor.person_id, *conditions, most=most)]
    walks += [_walk(condition, *conditions, most=most) for condition in _seat_conditions(actor.seats)]
    return union_all(*(select(walk.subquery().c.id) for walk in walks))


def _walk(*conditions: ColumnElement[bool], most: int | None) -> Select[int]:
    walk = select(Notice.id).where(*conditions).order_by(Notice.id.desc())
    return walk if most is None else walk.limit(most)


def hears(seat: Seat, department_id: int | None) -> bool:
    """Whether what is told to the seat's role at its centre, to one department or to all (None), is told to the seat.

    Who works in a department hears what the whole role is told, too; but its head is no leader of the centre.
    RECEIVERS (delivery/fanout.py) says the same to the database.
    """
    if department_id is None:
        return seat.department_id is None or seat.role is not Role.LEADER
    return seat.department_id == department_id


def _seat_conditions(seats: Iterable[Seat]) -> list[ColumnElement[bool]]:
    departments: dict[tuple[int, Role], set[int]] = {}
    whole: set[tuple[int, Role]] = set()
    for seat in seats:
        own = departments.setdefault((seat.centre_id, seat.role), set())
        if seat.department_id is not None:
            own.add(seat.department_id)
        if hears(seat, None):
            whole.add((seat.centre_id, seat.role))
    return [
        and_(
            Notice.centre_id == key[0],
            Notice.role == key[1],
            or_(Notice.department_id.in_(own), *([Notice.department_id.is_(None)] if key in whole else [])),
        )
        for key, own in departments.items()
    ]
