"""Several departments at one case (联合处置): whose turn a seat speaks for, and what becomes of the others' turns."""

from typing import Any

from cases.handling.work import Look, Work
from cases.models import Handling, HandlingState
from cases.stages import ClockKind, Outcome
from grid.models import Department
from people.roles import Seat


def turn_of(look: Look, seat: Seat | None) -> Handling:
    """The turn that the seat speaks for: that of an assisting department whose part is open, else the lead's."""
    lead = look.handling
    assert lead is not None  # a case that was dispatched has one
    if seat is None or seat.department_id is None:
        return lead
    return next((one for one in open_parts(look) if one.department_id == seat.department_id), lead)


def open_parts(look: Look) -> list[Handling]:
    """The assisting departments' turns that are not done yet."""
    return [one for one in look.assists if one.state is HandlingState.OPEN]


def others_open(look: Look, turn: Handling) -> bool:
    """Whether another department still works at the case when this turn is done."""
    lead = look.handling
    others = [*look.assists, *([] if lead is None else [lead])]
    return any(one is not turn and one.state is HandlingState.OPEN for one in others)


def end_turns(work: Work) -> None:
    """All turns of the round that are still open end without a result."""
    lead = work.look.handling
    for turn in (*work.look.assists, *([] if lead is None else [lead])):
        if turn.state is HandlingState.OPEN:
            turn.state = HandlingState.WITHDRAWN
            turn.ended_at = work.now


def settle_turns(work: Work, state: HandlingState) -> None:
    """What the check found holds for every part that was finished."""
    work.handling.state = state
    for turn in work.look.assists:
        if turn.state is HandlingState.FINISHED:
            turn.state = state


def follow_deadline(work: Work) -> None:
    """The open turns of the round are due when the handling clock is now."""
    clock, lead = work.clocks.get(ClockKind.HANDLE), work.look.handling
    for turn in (*work.look.assists, *([] if lead is None else [lead])) if clock is not None else ():
        if turn.state is HandlingState.OPEN:
            turn.due_at = clock.due_at  # type: ignore[union-attr]


def name_turn(work: Work, turn: Handling) -> None:
    """Where several work at a case, the event says whose part it was, and who was slower is told what became of it."""
    if not work.look.assists:
        return
    if work.outcome is Outcome.PART:
        work.changed["part"] = [None, "signed" if turn.state is HandlingState.OPEN else turn.state.value]
    department = None if turn.department_id is None else work.session.get(Department, turn.department_id)
    work.data["department"] = named(department)


def named(department: Department | None) -> dict[str, Any] | None:
    """A department as events keep it; None: the centre itself."""
    return None if department is None else {"id": department.id, "code": department.code, "name": department.name}
