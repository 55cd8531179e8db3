"""Likely duplicates of a case: near in place, time and kind."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, case, func, select
from sqlalchemy.orm import Session, aliased

from cases.models import Case
from cases.permissions import visible
from cases.search.items import items_where
from core.errors import NotFound
from people.roles import Actor

# A Shanghai study's weights (domain §4.3): time exp(-days / 2), distance exp(-metres / 300).
REACH_M, REACH_DAYS = 300.0, 7
DEGREES_A_METRE = 1 / 95_000.0  # of longitude at Shanghai's latitude, of latitude a little less: a box to look in
OTHER_KIND = 0.5
LEAST, MOST = 0.1, 10


def similar_cases(conn: Connection | Session, actor: Actor, no: str, *, now: datetime) -> list[dict[str, Any]]:
    """Up to ten cases of the same large class within 300 m and a week, the likeliest first, as items of a list.

    Each carries `score` (0 to 1), `distance_m` and `hours` (reported later than this one; negative: earlier). Only
    what the person sees. Raises NotFound for a case that they don't see.
    """
    wanted = select(Case.id, Case.geom, Case.reported_at, Case.category_code).where(Case.no == no, visible(actor))
    this = conn.execute(wanted).one_or_none()
    if this is None:
        raise NotFound
    if this.geom is None or this.category_code is None:
        return []
    one = aliased(Case)
    metres = func.ST_DistanceSphere(Case.geom, one.geom)
    hours = func.extract("epoch", Case.reported_at - one.reported_at) / 3600
    alike = case((Case.category_code == this.category_code, 1.0), else_=OTHER_KIND)
    score = alike * func.exp(-metres / 300.0) * func.exp(-func.abs(hours) / 48.0)
    week = timedelta(days=REACH_DAYS)
    found = conn.execute(
        select(Case.id, metres.label("metres"), hours.label("hours"), score.label("score"))
        .join(one, one.id == this.id)
        .where(
            Case.geom.op("&&")(func.ST_Expand(one.geom, REACH_M * DEGREES_A_METRE)),
            Case.reported_at.between(this.reported_at - week, this.reported_at + week),
            Case.category_code.startswith(this.category_code[:2]),
            Case.id != this.id,
            metres <= REACH_M,
            score >= LEAST,
            visible(actor),
        )
        .order_by(score.desc(), Case.id)
        .limit(MOST)
    ).all()
    items = items_where(conn, [row.id for row in found], now=now)
    return [
        item | {"score": round(row.score, 3), "distance_m": round(row.metres, 1), "hours": round(float(row.hours), 1)}
        for item, row in zip(items, found, strict=True)
    ]
