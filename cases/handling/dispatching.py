"""Dispatch (派遣) to a department, a handling row a round; pass_up (上报上级) to the centre one level up."""

from typing import Any

from sqlalchemy import select

from cases.errors import NoCentreAbove
from cases.handling.fields import Fields
from cases.handling.moving import move_up
from cases.handling.work import Deed, Look, Reading, Work, nothing
from cases.models import Case, Handling, HandlingState
from cases.stages import ClockKind, Verb
from grid.models import Centre, Department
from people.roles import Seat


def departments_for(line: list[str]) -> Any:
    """The statement of the departments that a case at such a place may be sent to: those of the line's centres."""
    return (
        select(Department)
        .join(Centre, Centre.id == Department.centre_id)
        .where(Centre.code.in_(line), Department.retired_at.is_(None))
    )


def usual_department_id(case: Case, handling: Handling | None) -> int | None:
    """Whom the case goes to when nobody is named: after a failed check the same department, else the suggested one."""
    if handling is not None and handling.state is HandlingState.FAILED:
        return handling.department_id
    return case.suggested_department_id


def _read_dispatch(fields: Fields, reading: Reading) -> dict[str, Any]:
    values: dict[str, Any] = {"department": None, "note": fields.text("note")}
    if fields.has("department"):
        code = fields.text("department", most=40)
        if code is None:
            return values  # null: the centre itself
        department = reading.session.scalar(departments_for(reading.line).where(Department.code == code))
        if department is None:
            fields.fault("department", "no_department_here")
        return values | {"department": department}
    handling = reading.look.handling
    usual = usual_department_id(reading.case, handling)
    if handling is not None and handling.state is HandlingState.REFUSED and handling.department_id == usual:
        fields.fault("department", "required")  # who has just refused is asked again only by name
    elif usual is not None:
        values["department"] = reading.session.get(Department, usual)
    return values


def _dispatch(work: Work) -> None:
    case, last = work.case, work.look.handling
    department: Department | None = work.values["department"]
    department_id = department.id if department else None
    work.same_department = last is not None and last.department_id == department_id
    case.department_id = department_id
    case.round += 1
    case.dispatched_at = work.now
    work.look.department = department
    named = None if department is None else {"id": department_id, "code": department.code, "name": department.name}
    work.data |= {"department": named, "round": case.round}
    work.keep_text("note")


def _open_round(work: Work) -> None:
    work.session.add(
        Handling(
            case_id=work.case.id,
            round=work.case.round,
            centre_id=work.case.centre_id,
            department_id=work.case.department_id,
            state=HandlingState.OPEN,
            dispatched_at=work.now,
            dispatched_by=work.actor.person_id,
            due_at=work.clocks[ClockKind.HANDLE].due_at,
            text="",
        )
    )


def _read_pass_up(fields: Fields, _: Reading) -> dict[str, Any]:
    return {"reason": fields.text("reason", required=True)}


def _guard_pass_up(look: Look, _: Seat | None) -> None:
    if look.centre.parent_id is None:
        raise NoCentreAbove(centre=look.centre.name)


def withdraw(work: Work) -> None:
    """The department's turn ends without a result."""
    handling = work.look.handling
    if handling is not None and handling.state is HandlingState.OPEN:
        handling.state = HandlingState.WITHDRAWN
        handling.ended_at = work.now
    work.case.department_id = None


def _pass_up(work: Work) -> None:
    if work.transition.to is not work.case.stage:
        withdraw(work)
    move_up(work, "passed-up")
    work.keep_text("reason")


DEEDS: dict[Verb, Deed] = {
    Verb.DISPATCH: Deed(_read_dispatch, _dispatch, _open_round),
    Verb.PASS_UP: Deed(_read_pass_up, _pass_up, nothing, _guard_pass_up),
}
