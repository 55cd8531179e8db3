"""Supervision (督办): an order to the responsible centre with a reply clock of its own, and the answer to it."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from cases.clock import halt, new_clock, rest, running
from cases.errors import AlreadySupervised, NoCalendar, NoOrder
from cases.handling.clockwork import reply_clocks
from cases.handling.fields import Fields
from cases.handling.work import Deed, Look, Reading, Work, nothing
from cases.models import Clock, OrderKind, SupervisionOrder
from cases.stages import ClockKind, Stage, Verb
from cases.workdays import CalendarMissing, Unit
from grid.models import Centre
from people.roles import Role, Seat

BY_PERSON = "order"
"""`SupervisionOrder.rung` of what no rung of the ladder made."""

REPLY_MINUTES_LEAST, REPLY_MINUTES_MOST = 60, 7 * 24 * 60


def _guard_supervise(look: Look, seat: Seat | None) -> None:
    if seat is not None and any(order.centre_id == seat.centre_id for order in look.orders):
        raise AlreadySupervised(centre=seat.centre_name)


def _read_supervise(fields: Fields, _: Reading) -> dict[str, Any]:
    values = {"text": fields.text("text", required=True), "reply_minutes": fields.whole("reply_minutes")}
    minutes = values["reply_minutes"]
    if isinstance(minutes, int) and minutes < REPLY_MINUTES_LEAST:
        fields.fault("reply_minutes", "too_small", least=REPLY_MINUTES_LEAST)
    if isinstance(minutes, int) and minutes > REPLY_MINUTES_MOST:
        fields.fault("reply_minutes", "too_large", most=REPLY_MINUTES_MOST)
    return values


def _supervise(work: Work) -> None:
    case, seat = work.case, work.seat
    assert seat is not None
    clock = _reply_clock(work)
    order = _issue(work, seat, clock.due_at)
    clock.order_id = order.id
    work.session.add(clock)
    work.look.orders.append(order)
    work.order = order
    if case.supervised_level is None or seat.level > case.supervised_level:
        case.supervised_level = seat.level
    work.data |= {
        "order_id": order.id, "kind": order.kind.value, "reply_due_at": order.reply_due_at,
        "centre": {"code": seat.centre_code, "name": seat.centre_name, "level": seat.level.value},
    }  # fmt: skip
    work.keep_text("text")


def _reply_limit(work: Work) -> tuple[int, Unit]:
    """What was asked for, else half of the limit that burns, the handling's before any other, but not too little."""
    clocks = running(work.session, work.case)
    burning = clocks.get(ClockKind.HANDLE) or next(iter(clocks.values()), None)
    unit = burning.unit if burning else Unit.URGENT_HOUR if work.case.urgent else Unit.WORK_HOUR
    if work.values["reply_minutes"] is not None:
        return work.values["reply_minutes"] * 60, unit
    least = work.settings.escalation.reply_minutes_least * 60
    return max(burning.limit_seconds // 2 if burning else 0, least), unit


def _issue(work: Work, seat: Seat, due_at: datetime) -> SupervisionOrder:
    """The order's row, at once: its clock names it."""
    row = insert(SupervisionOrder).values(
        case_id=work.case.id,
        centre_id=seat.centre_id,
        to_centre_id=work.look.centre.id,
        kind=OrderKind.LEADER if seat.role is Role.LEADER else OrderKind.SUPERIOR,
        rung=BY_PERSON,
        text=work.values["text"],
        issued_by=work.actor.person_id,
        issued_at=work.now,
        reply_due_at=due_at,
    )
    return work.session.scalars(row.returning(SupervisionOrder)).one()


def _reply_clock(work: Work) -> Clock:
    seconds, unit = _reply_limit(work)
    round_ = work.look.rounds[ClockKind.REPLY] = work.look.rounds.get(ClockKind.REPLY, 0) + 1
    try:
        clock = new_clock(
            work.case, ClockKind.REPLY, work.rules, calendar_id=work.look.centre.calendar_id, round=round_,
            now=work.now, limit_seconds=seconds, unit=unit, urgent=work.case.urgent,
        )  # fmt: skip
    except CalendarMissing as missing:
        raise NoCalendar(day=missing.day.isoformat()) from None
    if work.case.stage is Stage.SUSPENDED:
        rest(clock, now=work.now, reason=work.verb.value)  # no clock of a suspended case runs
    return clock


def _to_me(look: Look, seat: Seat | None) -> list[SupervisionOrder]:
    return [order for order in look.orders if seat is not None and order.to_centre_id == seat.centre_id]


def _check_order(look: Look) -> None:
    if not look.orders:
        raise NoOrder


def _read_reply(fields: Fields, reading: Reading) -> dict[str, Any]:
    orders, chosen = _to_me(reading.look, reading.seat), fields.whole("order_id")
    if chosen is not None:
        order = next((one for one in orders if one.id == chosen), None)
    else:
        order = orders[0] if len(orders) == 1 else None
    if order is None and not any(error.field == "order_id" for error in fields.errors):
        fields.fault("order_id", "required" if chosen is None else "no_such_order")
    return {"order": order, "text": fields.text("text", required=True)}


def _reply(work: Work) -> None:
    order: SupervisionOrder = work.values["order"]
    work.order = order
    clock = next((one for one in reply_clocks(work) if one.order_id == order.id), None)
    if clock is not None:
        halt(clock, now=work.now)
        work.data["on_time"] = clock.on_time
    order.replied_at = order.closed_at = work.now
    order.replied_by = work.actor.person_id
    order.reply = work.values["text"]
    work.look.orders.remove(order)
    work.case.supervised_level = _highest(work)
    work.data["order_id"] = order.id
    work.keep_text("text")


def _highest(work: Work) -> Any:
    """The highest level among the orders that are left."""
    if not work.look.orders:
        return None
    wanted = select(Centre.level).where(Centre.id.in_([order.centre_id for order in work.look.orders]))
    return max(work.session.scalars(wanted))


DEEDS: dict[Verb, Deed] = {
    Verb.SUPERVISE: Deed(_read_supervise, _supervise, nothing, _guard_supervise),
    Verb.REPLY_SUPERVISION: Deed(_read_reply, _reply, nothing, premise=_check_order),
}
