"""What rungs do besides having fired: events, notices, marks on the cases and supervision orders, as rows to write."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cases.calendars import Step
from cases.escalation.climbing import Fired
from cases.stages import ClockKind
from grid.levels import Level
from people.roles import Role


def event(one: Fired, now: datetime) -> dict[str, Any]:
    """The line in the case's story."""
    return {
        "case_id": one.row.case_id,
        "at": now,
        "outcome": one.step.name,
        "stage": one.row.stage,
        "data": {
            "clock": one.row.kind,
            "planned_at": one.planned_at,
            "centre_id": one.centre_id,
            "level": one.level,
            "order": one.orders,
        },
    }


def notices(fired: list[Fired], now: datetime) -> list[dict[str, Any]]:
    """One for each case and receiver: its kind is the highest rung, its data name all of them."""
    heard: dict[tuple[int, Receiver], list[Fired]] = {}
    for one in fired:
        for receiver in receivers(one.row, one.step, one.centre_id):
            heard.setdefault((one.row.case_id, receiver), []).append(one)
    return [
        {
            "at": now,
            "kind": rungs[-1].step.name,
            "case_id": case_id,
            "centre_id": receiver.centre_id,
            "role": receiver.role,
            "department_id": receiver.department_id,
            "person_id": receiver.person_id,
            "data": {
                "clock": rungs[-1].row.kind,
                "due_at": rungs[-1].row.due_at,
                "level": rungs[-1].level,
                "rungs": [one.step.name for one in rungs],
            },
        }
        for (case_id, receiver), rungs in heard.items()
    ]


@dataclass(frozen=True, slots=True)
class Receiver:
    """Whom a notice is for: a person, or a role at a centre, there in a department."""

    centre_id: int | None
    role: Role | None
    department_id: int | None = None
    person_id: int | None = None


_SEAT = {
    ClockKind.ACCEPT: Role.ACCEPTOR,
    ClockKind.SEND_CHECK: Role.ACCEPTOR,
    ClockKind.FILE: Role.SHIFT_LEAD,
    ClockKind.CLOSE: Role.SHIFT_LEAD,
    ClockKind.DISPATCH: Role.DISPATCHER,
}


def receivers(row: Any, step: Step, centre_id: int) -> list[Receiver]:
    """Who must know of a rung: see the module's head.

    An inspector's task goes to the inspector who has it, else to the inspectors of the place's street. Work that no
    department has is the centre's own: its handler's, with the shift lead for a department's leader.
    """
    own = row.centre_id
    if not step.supervises:
        return _awaited(row) if step.warns else [Receiver(own, Role.SHIFT_LEAD), *_department_leader(row)]
    if centre_id == own:
        return [Receiver(own, Role.LEADER)]
    told = [Receiver(centre_id, Role.SHIFT_LEAD), Receiver(own, Role.SHIFT_LEAD)]
    return told if step.levels_up == 1 else [*told, Receiver(centre_id, Role.LEADER)]


def _awaited(row: Any) -> list[Receiver]:
    if role := _SEAT.get(row.kind):
        return [Receiver(row.centre_id, role)]
    if row.kind in {ClockKind.VERIFY, ClockKind.CHECK}:
        if row.inspector_id is not None:
            return [Receiver(None, None, None, row.inspector_id)]
        return [Receiver(row.beat_centre_id or row.centre_id, Role.INSPECTOR)]
    if row.department_id is None:
        return [Receiver(row.centre_id, Role.HANDLER), Receiver(row.centre_id, Role.SHIFT_LEAD)]
    return [Receiver(row.department_centre_id, Role.HANDLER, row.department_id), *_department_leader(row)]


def _department_leader(row: Any) -> list[Receiver]:
    """Of the department whose work is late, not of one that waits for the centre."""
    if row.department_id is None or row.kind not in {ClockKind.SIGN, ClockKind.HANDLE}:
        return []
    return [Receiver(row.department_centre_id, Role.LEADER, row.department_id)]


def marks(fired: list[Fired]) -> list[dict[str, Any]]:
    """What changes on the cases; they are locked, so whole values are written."""
    marks: dict[int, dict[str, Any]] = {}
    for one in fired:
        if one.step.warns:
            continue
        row = one.row
        mark = marks.setdefault(
            row.case_id,
            {
                "id": row.case_id,
                "urged_count": row.urged_count,
                "supervised_level": row.supervised_level,
                "red_card": row.red_card,
            },
        )
        mark["urged_count"] += not one.step.supervises
        mark["red_card"] |= one.red_card
        if one.orders and (mark["supervised_level"] is None or one.level > Level(mark["supervised_level"])):
            mark["supervised_level"] = one.level
    return list(marks.values())


def orders(fired: list[Fired], now: datetime) -> list[dict[str, Any]]:
    """One for each case and supervising centre, with the highest rung that calls it."""
    orders: dict[tuple[int, int], dict[str, Any]] = {}
    for one in fired:
        if not one.orders:
            continue
        order = {
            "case_id": one.row.case_id,
            "centre_id": one.centre_id,
            "to_centre_id": one.row.centre_id,
            "rung": one.step.name,
            "position": one.step.position,
            "red_card": one.red_card,
            "issued_at": now,
            "reply_due_at": one.reply_due_at,
        }
        before = orders.get((one.row.case_id, one.centre_id))
        if before is None or before["position"] <= one.step.position:
            orders[one.row.case_id, one.centre_id] = order
    return list(orders.values())
