"""The bulletin of red cards (红牌通报): cases that climbed to the last rung, the city's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, true, tuple_
from sqlalchemy.orm import Session

from cases.models import Case, Category, Clock, Escalation, SupervisionOrder
from cases.permissions import visible
from core.errors import NotFound
from grid.levels import Level
from grid.models import Centre, Department
from people.roles import Actor

Key = tuple[datetime, int]

COLUMNS = {
    Level.CITY: Case.city_code,
    Level.DISTRICT: Case.district_code,
    Level.STREET: Case.street_code,
    Level.VILLAGE: Case.village_code,
}
LINE = tuple(COLUMNS.values())


@dataclass(frozen=True)
class Asked:
    """A half-open period by the moment of the card, and an area of any level; None: all that the person sees."""

    start: datetime | None = None
    end: datetime | None = None
    cell: str | None = None


def bulletin(
    session: Session, actor: Actor, asked: Asked, *, now: datetime, limit: int, before: Key | None = None
) -> dict[str, Any]:
    """Red cards of what the person sees, the latest first, and how many there are in all and in each area below.

    Cases whose appeal was granted stay out. `next` is the key to go on from. Raises NotFound for a cell that lies
    outside of the person's subtree.
    """
    level, inside = _place(session, actor, asked.cell)
    cards = _cards(asked, inside).cte("cards")
    below = level.below
    area = COLUMNS[below].key if below else "id"
    numbers = session.execute(select(cards.c[area], func.count()).group_by(cards.c[area])).all()
    counts = {row[0]: row[1] for row in numbers}
    page = select(cards.c.id, cards.c.raised_at).order_by(cards.c.raised_at.desc(), cards.c.id.desc()).limit(limit + 1)
    if before is not None:
        page = page.where(tuple_(cards.c.raised_at, cards.c.id) < before)
    rows = session.execute(page).all()
    shown = rows[:limit]
    return {
        "from": asked.start,
        "to": asked.end,
        "as_of": now,
        "total": sum(counts.values()),
        "items": _items(session, {row.id: row.raised_at for row in shown}, now),
        "areas": _areas(session, actor, below, asked.cell, counts) if below else [],
        "next": (shown[-1].raised_at, shown[-1].id) if len(rows) > limit else None,
    }


def _place(session: Session, actor: Actor, cell: str | None) -> tuple[Level, list[ColumnElement[bool]]]:
    """The level of the area that is asked for, and the condition on its cases."""
    if cell is None:
        return max(level for level, _ in actor.scope), [visible(actor)]
    found = session.execute(select(Centre.level, Centre.line).where(Centre.code == cell)).one_or_none()
    if found is None or not actor.sees(found.line):
        raise NotFound("no-cell")
    return found.level, [COLUMNS[found.level] == cell]


def _cards(asked: Asked, inside: Sequence[ColumnElement[bool]]) -> Select[Any]:
    """Cases with a red card, and when they got it: the highest rung that fired on a case is the one that gave it."""
    highest = (
        select(Escalation.raised_at)
        .join(Clock, Clock.id == Escalation.clock_id)
        .where(Clock.case_id == Case.id)
        .order_by(Escalation.position.desc(), Escalation.raised_at.desc())
        .limit(1)
        .lateral("highest")
    )
    chosen = select(Case.id, highest.c.raised_at, *LINE).join(highest, true())
    chosen = chosen.where(Case.red_card, Case.excused_at.is_(None), *inside)
    if asked.start is not None:
        chosen = chosen.where(highest.c.raised_at >= asked.start)
    if asked.end is not None:
        chosen = chosen.where(highest.c.raised_at < asked.end)
    return chosen


def _areas(
    session: Session, actor: Actor, level: Level, cell: str | None, numbers: Mapping[Any, int]
) -> list[dict[str, Any]]:
    """All areas of the level, those without a red card too."""
    wanted = select(Centre.code, Centre.name, Centre.line).where(Centre.level == level, Centre.retired_at.is_(None))
    if cell is not None:
        wanted = wanted.where(Centre.line.contains([cell]))
    rows = [row for row in session.execute(wanted.order_by(Centre.code)) if actor.sees(row.line)]
    return [{"code": row.code, "name": row.name, "red_cards": numbers.get(row.code, 0)} for row in rows]


def _items(session: Session, raised: Mapping[int, datetime], now: datetime) -> list[dict[str, Any]]:
    """The cases in the order of `raised`, in three statements."""
    wanted = (
        select(
            Case.id, Case.no, Case.stage, Case.handle_due_at, Case.handled_at, Case.ended_at, *LINE,
            Category.code.label("category_code"), Category.zh, Category.en,
            Centre.code, Centre.name, Centre.level,
            Department.code.label("department_code"), Department.name.label("department_name"),
            Department.name_en.label("department_name_en"),
        )
        .join(Centre, Centre.id == Case.centre_id)
        .outerjoin(Category, Category.id == Case.category_id)
        .outerjoin(Department, Department.id == Case.department_id)
        .where(Case.id.in_(raised))
    )  # fmt: skip
    rows = {row.id: row for row in session.execute(wanted)}
    codes = {
        code for row in rows.values() for code in (row.city_code, row.district_code, row.street_code, row.village_code)
    }
    names = {
        one.code: one
        for one in session.execute(
            select(Centre.code, Centre.name, Centre.level).where(Centre.code.in_(codes - {None}))
        )
    }
    orders = _orders(session, raised)
    return [_item(rows[id_], at, names, orders.get(id_, []), now) for id_, at in raised.items()]


def _orders(session: Session, ids: Mapping[int, datetime]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for row in session.execute(
        select(
            SupervisionOrder.case_id, SupervisionOrder.issued_at, SupervisionOrder.replied_at,
            SupervisionOrder.closed_at, Centre.code, Centre.name, Centre.level,
        )
        .join(Centre, Centre.id == SupervisionOrder.centre_id)
        .where(SupervisionOrder.case_id.in_(ids))
        .order_by(SupervisionOrder.id)
    ):  # fmt: skip
        order = {
            "centre": _place_name(row),
            "level": row.level,
            "issued_at": row.issued_at,
            "replied_at": row.replied_at,
            "closed_at": row.closed_at,
        }
        found.setdefault(row.case_id, []).append(order)
    return found


def _place_name(row: Any) -> dict[str, Any]:
    return {"code": row.code, "name": row.name, "level": row.level}


def _item(
    row: Any, raised_at: datetime, names: Mapping[str, Any], orders: list[dict[str, Any]], now: datetime
) -> dict[str, Any]:
    line = [
        names[code] for code in (row.city_code, row.district_code, row.street_code, row.village_code) if code in names
    ]
    until = row.handled_at or row.ended_at or now
    over = None if row.handle_due_at is None else max(0, int((until - row.handle_due_at).total_seconds() // 60))
    return {
        "no": row.no,
        "stage": row.stage,
        "category": row.category_code and {"code": row.category_code, "name": row.zh, "name_en": row.en},
        "line": [_place_name(one) for one in line],
        "centre": _place_name(row),
        "department": row.department_code
        and {"code": row.department_code, "name": row.department_name, "name_en": row.department_name_en},
        "raised_at": raised_at,
        "handle_due_at": row.handle_due_at,
        "overdue_minutes": over,
        "orders": orders,
        "ended_at": row.ended_at,
    }
