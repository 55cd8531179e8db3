"""A case that another centre answers for from now on, with what becomes of the supervision orders on it."""

from typing import Any

from sqlalchemy import select

from cases.clock import drop
from cases.handling.clockwork import reply_clocks
from cases.handling.work import Work
from grid.models import Centre

MOVED_UP = frozenset({"passed-up", "second-refusal"})
"""The rules by which people, not the route, let a centre answer."""


def move_to(work: Work, centre: Centre, why: dict[str, Any], *, department_id: int | None = None) -> None:
    """Let the centre answer for the case: `why` is kept on it, `department_id` is whom it suggests.

    Orders of centres that don't stand above the new one are closed and their reply clocks halted; the others are its to
    answer now, until when they were. The event names both centres.
    """
    case, before = work.case, work.look.centre
    case.suggested_department_id, case.why = department_id, why
    if centre.id == before.id:
        return
    case.centre_id = centre.id
    work.look.centre = centre
    work.data["from_centre"] = {"code": before.code, "name": before.name}
    work.data["to_centre"] = {"code": centre.code, "name": centre.name}
    if work.look.orders:
        _hand_over_orders(work, centre)


def move_up(work: Work, rule: str) -> Centre:
    """Let the centre one level up answer, or the next above one that was retired, and say by which rule.

    A guard has made sure that there is one.
    """
    before = work.look.centre
    above = work.session.get_one(Centre, before.parent_id)
    while above.retired_at is not None and above.parent_id is not None:
        above = work.session.get_one(Centre, above.parent_id)
    named = {"code": above.code, "name": above.name, "level": above.level.value}
    why = {
        "centre": {"rule": rule, "centre": named, "from": {"code": before.code, "name": before.name}},
        "department": {"rule": "to-be-named", "department": None},
    }
    move_to(work, above, why)
    return above


def _hand_over_orders(work: Work, centre: Centre) -> None:
    wanted = select(Centre.id, Centre.level).where(Centre.code.in_(centre.line[:-1]))
    above = {row.id: row.level for row in work.session.execute(wanted)}
    kept = [order for order in work.look.orders if order.centre_id in above]
    closed = {order.id for order in work.look.orders if order.centre_id not in above}
    for clock in reply_clocks(work) if closed else ():
        if clock.order_id in closed:
            drop(clock, now=work.now)
    for order in work.look.orders:
        if order.id in closed:
            order.closed_at = work.now
        else:
            order.to_centre_id = centre.id
    work.look.orders = kept
    work.case.supervised_level = max((above[order.centre_id] for order in kept), default=None)
