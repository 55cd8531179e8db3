"""Pages of cases by keyset: the next page starts behind the last row, and costs what the first one did."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, literal_column, or_, select, tuple_
from sqlalchemy.orm import Session

from cases.models import Case, SupervisionOrder
from cases.permissions import visible
from cases.search.filters import Filters, Sort, conditions
from cases.search.items import items_where
from cases.search.queues import OPEN, Queue, decisions, in_queue, mine
from people.roles import Actor

Condition = ColumnElement[bool]
BURNING: Condition = and_(OPEN, Case.due_at.is_not(None))
RESTING: Condition = or_(Case.ended_at.is_not(None), Case.due_at.is_(None))


@dataclass(frozen=True)
class Key:
    """Where a page ends: the sorted moment (None: of what has none, by id) and the id of its last row."""

    at: datetime | None
    id: int


@dataclass(frozen=True)
class Page:
    """Items of a list, and where the next page goes on; None: there is none."""

    items: list[dict[str, Any]]
    next: Key | None


def list_cases(
    conn: Connection | Session,
    actor: Actor,
    filters: Filters,
    *,
    now: datetime,
    sort: Sort | None = None,
    limit: int = 50,
    after: Key | None = None,
) -> Page:
    """A page of the cases that the person sees and asks for, in at most six statements.

    Burning: what is due next comes first, then, the newest first, what has no clock. Raises as `filters.conditions`.
    """
    asked = conditions(conn, actor, filters, now=now)
    keys: list[Any] = []
    for walk in _walks(asked, sort or filters.sort, after):
        keys += conn.execute(walk.limit(limit + 1 - len(keys))).all()
        if len(keys) > limit:
            break
    shown = keys[:limit]
    items = items_where(conn, [row.id for row in shown], now=now)
    return Page(items, Key(shown[-1].at, shown[-1].id) if len(keys) > limit else None)


def _walks(asked: list[Condition], sort: Sort, after: Key | None) -> Iterator[Select[Any]]:
    """The statements that find a page's ids, each walking an index: the next one where the one before ends."""
    walk: Any
    if sort is not Sort.BURNS:
        walk = select(Case.id, Case.reported_at.label("at")).where(*asked)
        at = tuple_(Case.reported_at, Case.id)
        if sort is Sort.NEWEST:
            walk = walk.order_by(Case.reported_at.desc(), Case.id.desc())
            yield walk if after is None else walk.where(at < (after.at, after.id))
        else:
            walk = walk.order_by(Case.reported_at, Case.id)
            yield walk if after is None else walk.where(at > (after.at, after.id))
        return
    if after is None or after.at is not None:
        walk = select(Case.id, Case.due_at.label("at")).where(*asked, BURNING).order_by(Case.due_at, Case.id)
        yield walk if after is None else walk.where(tuple_(Case.due_at, Case.id) > (after.at, after.id))
    walk = select(Case.id, literal_column("NULL::timestamptz").label("at")).where(*asked, RESTING)
    walk = walk.order_by(Case.id.desc())
    yield walk if after is None or after.at is not None else walk.where(Case.id < after.id)


def count_cases(conn: Connection | Session, actor: Actor, filters: Filters, *, now: datetime) -> int:
    """How many cases the list has in all."""
    asked = conditions(conn, actor, filters, now=now)
    return conn.execute(select(func.count()).select_from(Case).where(*asked)).scalar_one()


def count_queues(conn: Connection | Session, actor: Actor, *, now: datetime, refusals_most: int) -> dict[str, int]:
    """How many cases stand in each view of the desk, in all (`open`), and wait for the person (`mine`)."""
    counts = [
        func.count().filter(in_queue(queue, actor, now=now, refusals_most=refusals_most)).label(queue.value)
        for queue in Queue
        if queue not in {Queue.SUPERVISED, Queue.DECISIONS}
    ]
    own = {seat.centre_id for seat in actor.seats}
    supervised = (
        select(func.count(SupervisionOrder.case_id.distinct()))
        .join(Case, Case.id == SupervisionOrder.case_id)
        .where(
            SupervisionOrder.closed_at.is_(None),
            or_(SupervisionOrder.centre_id.in_(own), SupervisionOrder.to_centre_id.in_(own)),
            OPEN,
            visible(actor),
        )
        .scalar_subquery()
    )
    waiting = (
        select(func.count()).select_from(Case).where(decisions(actor), visible(actor)).correlate(None).scalar_subquery()
    )
    counts += [func.count().filter(mine(actor)).label("mine"), func.count().label("open")]
    beside = (supervised.label("supervised"), waiting.label("decisions"))
    row = conn.execute(select(*counts, *beside).where(OPEN, visible(actor))).mappings().one()
    return {queue.value: row[queue.value] for queue in Queue} | {"open": row["open"], "mine": row["mine"]}
