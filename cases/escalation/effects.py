"""What rungs do besides having fired: events, notices, marks on the cases and supervision orders, as rows to write."""

from datetime import datetime
from typing import Any

from cases.calendars import Step
from cases.clock import written
from cases.escalation.climbing import Due, Fired
from cases.notices import Audience
from cases.stages import ClockKind
from grid.levels import Level
from people.roles import Role


def event(one: Fired) -> dict[str, Any]:
    """The line in the case's story."""
    return {
        "case_id": one.due.case_id,
        "outcome": one.step.name,
        "stage": one.due.stage,
        "data": {
            "clock": one.due.kind,
            "planned_at": one.planned_at,
            "centre_id": one.centre_id,
            "level": one.level,
            "order": one.orders,
        },
    }


def notices(fired: list[Fired]) -> list[dict[str, Any]]:
    """One for each case and receiver: its kind is the highest rung, its data name all of them."""
    heard: dict[tuple[int, Audience], list[Fired]] = {}
    for one in fired:
        for receiver in receivers(one.due, one.step, one.centre_id):
            heard.setdefault((one.due.case_id, receiver), []).append(one)
    return [
        {
            "kind": rungs[-1].step.name,
            "case_id": case_id,
            "centre_id": receiver.centre_id,
            "role": receiver.role,
            "department_id": receiver.department_id,
            "person_id": receiver.person_id,
            "data": {
                "clock": rungs[-1].due.kind,
                "due_at": rungs[-1].due.due_at,
                "level": rungs[-1].level,
                "rungs": [one.step.name for one in rungs],
            },
        }
        for (case_id, receiver), rungs in heard.items()
    ]


_SEAT: dict[str, Role] = {
    ClockKind.ACCEPT: Role.ACCEPTOR,
    ClockKind.SEND_CHECK: Role.ACCEPTOR,
    ClockKind.FILE: Role.SHIFT_LEAD,
    ClockKind.CLOSE: Role.SHIFT_LEAD,
    ClockKind.DISPATCH: Role.DISPATCHER,
    ClockKind.REPLY: Role.SHIFT_LEAD,
}


def receivers(due: Due, step: Step, centre_id: int) -> list[Audience]:
    """Who must know of a rung; `centre_id` is the one that it calls.

    Work that no department has is the centre's own: its handlers', with the shift lead in the place of a department's
    leader. A centre without people is told as well; whoever comes to sit there finds it. That an order was not answered
    is told to the centre that made it.
    """
    own = due.centre_id
    if due.order_centre_id is not None and not step.warns:
        return [Audience(centre_id, Role.SHIFT_LEAD), Audience(centre_id, Role.LEADER)]
    if not step.supervises:
        return _awaited(due) if step.warns else [Audience(own, Role.SHIFT_LEAD), *_department_leader(due)]
    if centre_id == own:
        return [Audience(own, Role.LEADER)]
    told = [Audience(centre_id, Role.SHIFT_LEAD), Audience(own, Role.SHIFT_LEAD)]
    return told if step.levels_up == 1 else [*told, Audience(centre_id, Role.LEADER)]


def _awaited(due: Due) -> list[Audience]:
    """Whom the stage waits for; an inspector's task without an inspector: those of the place (cases/notices.py)."""
    if role := _SEAT.get(due.kind):
        return [Audience(due.centre_id, role)]
    if due.kind in {ClockKind.VERIFY, ClockKind.CHECK}:
        if due.inspector_id is not None:
            return [Audience(person_id=due.inspector_id)]
        return [Audience(due.beat_centre_id or due.centre_id, Role.INSPECTOR)]
    if due.department_id is None:
        return [Audience(due.centre_id, Role.HANDLER), Audience(due.centre_id, Role.SHIFT_LEAD)]
    return [Audience(due.department_centre_id, Role.HANDLER, due.department_id), *_department_leader(due)]


def _department_leader(due: Due) -> list[Audience]:
    """Of the department whose work is late, not of one that waits for the centre."""
    if due.department_id is None or due.kind not in {ClockKind.SIGN, ClockKind.HANDLE}:
        return []
    return [Audience(due.department_centre_id, Role.LEADER, due.department_id)]


def marks(fired: list[Fired]) -> list[dict[str, Any]]:
    """What changes on the cases; they are locked, so whole values are written."""
    marks: dict[int, dict[str, Any]] = {}
    for one in fired:
        due = one.due
        if one.step.warns or due.kind == ClockKind.REPLY:
            continue
        mark = marks.setdefault(
            due.case_id,
            {
                "id": due.case_id,
                "urged_count": due.urged_count,
                "supervised_level": due.supervised_level,
                "red_card": due.red_card,
            },
        )
        mark["urged_count"] += not one.step.supervises
        mark["red_card"] |= one.step.last
        if one.orders and (mark["supervised_level"] is None or one.level > Level(mark["supervised_level"])):
            mark["supervised_level"] = one.level
    return list(marks.values())


def orders(fired: list[Fired], now: datetime) -> list[dict[str, Any]]:
    """One for each case and supervising centre, with the highest rung that calls it, and with its reply's clock."""
    segments = [[written(now), None, None]]
    orders: dict[tuple[int, int], dict[str, Any]] = {}
    for one in fired:
        if one.reply is None:
            continue
        order = {
            "case_id": one.due.case_id,
            "centre_id": one.centre_id,
            "to_centre_id": one.due.centre_id,
            "rung": one.step.name,
            "position": one.step.position,
            "red_card": one.step.last,
            "reply_due_at": one.reply.due_at,
            "urgent": one.due.urgent,
            "unit": one.reply.unit,
            "limit_seconds": one.reply.limit_seconds,
            "calendar_id": one.reply.calendar_id,
            "yellow_at": one.reply.yellow_at,
            "next_rung": one.reply.next_rung,
            "next_raise_at": one.reply.next_raise_at,
            "segments": segments,
        }
        before = orders.get((one.due.case_id, one.centre_id))
        if before is None or before["position"] <= one.step.position:
            orders[one.due.case_id, one.centre_id] = order
    return list(orders.values())
