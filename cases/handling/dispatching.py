"""Dispatch (派遣) to departments, a handling row each, and to a unit (二级派遣); pass_up (上报上级) one level."""

from typing import Any

from sqlalchemy import select

from cases.errors import NoCentreAbove, NotTheLead
from cases.handling.fields import Fields
from cases.handling.joint import end_turns, named
from cases.handling.moving import move_up
from cases.handling.refusing import PassUpReason, is_disputed, read_reasons, refuse_until
from cases.handling.work import Deed, Look, Reading, Work, nothing
from cases.models import Case, Handling, HandlingState
from cases.stages import ClockKind, Stage, Verb
from grid.models import Centre, Department
from people.roles import Seat

ASSIST_MOST = 8
"""So many departments may assist at a case."""


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


def _guard_dispatch(look: Look, seat: Seat | None) -> None:
    """While it is handled only the head of the department that leads the work hands it on, to a unit of theirs."""
    case = look.case
    heads = seat is not None and seat.department_id is not None and seat.department_id == case.department_id
    if case.stage is Stage.HANDLING and not heads:
        raise NotTheLead


def _read_dispatch(fields: Fields, reading: Reading) -> dict[str, Any]:
    if reading.case.stage is Stage.HANDLING:
        return {"unit": _read_unit(fields, reading), "note": fields.text("note")}
    lead = _read_lead(fields, reading)
    return {"department": lead, "assist": _read_assist(fields, reading, lead), "note": fields.text("note")}


def _read_lead(fields: Fields, reading: Reading) -> Department | None:
    """The department that leads the work; None: the centre itself."""
    if fields.has("department"):
        code = fields.text("department", most=40)
        department = None if code is None else _department(reading, code)
        if code is not None and department is None:
            fields.fault("department", "no_department_here")
        return department
    handling = reading.look.handling
    usual = usual_department_id(reading.case, handling)
    if handling is not None and handling.state is HandlingState.REFUSED and handling.department_id == usual:
        fields.fault("department", "required")  # who has just refused is asked again only by name
        return None
    return None if usual is None else reading.session.get(Department, usual)


def _department(reading: Reading, code: str) -> Department | None:
    found: Department | None = reading.session.scalar(departments_for(reading.line).where(Department.code == code))
    return found


def _read_assist(fields: Fields, reading: Reading, lead: Department | None) -> list[Department]:
    """The departments that assist; left out together with the lead after a failed check: the same as before."""
    if not fields.has("assist"):
        again = [] if fields.has("department") else _assisted_before(reading)
        return [one for one in again if one is not lead]
    codes = fields.take("assist")
    if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
        if codes is not None:
            fields.fault("assist", "not_list")
        return []
    if len(codes) > ASSIST_MOST:
        fields.fault("assist", "too_many", most=ASSIST_MOST)
        return []
    found: dict[int, Department] = {}
    for index, code in enumerate(codes):
        department = _department(reading, code)
        if department is None:
            fields.fault(f"assist.{index}", "no_department_here")
        elif lead is not None and department.id == lead.id:
            fields.fault(f"assist.{index}", "leads_itself")
        else:
            found[department.id] = department
    return list(found.values())


def _assisted_before(reading: Reading) -> list[Department]:
    ids = [one.department_id for one in reading.look.assists if one.state is HandlingState.FAILED]
    if not ids:
        return []
    wanted = departments_for(reading.line).where(Department.id.in_(ids)).order_by(Department.id)
    return list(reading.session.scalars(wanted))


def _read_unit(fields: Fields, reading: Reading) -> Department | None:
    """A unit below the department; null takes the work back from the unit that has it."""
    if not fields.has("department"):
        fields.fault("department", "required")
    code = fields.text("department", most=40)
    if code is None:
        return None
    units = units_of(reading.case).where(Department.code == code)
    unit: Department | None = reading.session.scalar(units)
    if unit is None:
        fields.fault("department", "no_such_unit")
    return unit


def units_of(case: Case) -> Any:
    """The statement of the units below the department that leads the work."""
    return select(Department).where(
        Department.parent_id == case.department_id,
        Department.parent_id.is_not(None),
        Department.retired_at.is_(None),
    )


def _dispatch(work: Work) -> None:
    work.keep_text("note")
    if work.case.stage is Stage.HANDLING:
        _dispatch_to_unit(work)
        return
    case, last = work.case, work.look.handling
    department: Department | None = work.values["department"]
    department_id = department.id if department else None
    work.same_department = last is not None and last.department_id == department_id
    case.department_id, case.unit_id = department_id, None
    case.round += 1
    case.joint, case.designated = bool(work.values["assist"]), is_disputed(work)
    case.dispatched_at = work.now
    work.look.department = department
    work.data |= {"department": named(department), "round": case.round}
    if department_id != case.suggested_department_id:
        case.why = {**case.why, "department": _chosen(department)}
    if case.joint:
        work.data["assist"] = [named(one) for one in work.values["assist"]]


def _chosen(department: Department | None) -> dict[str, Any]:
    """Why this department: a person has named it, whatever the rules suggest."""
    if department is None:
        return {"rule": "chosen-itself", "department": None}
    who = {"code": department.code, "name": department.name, "name_en": department.name_en}
    return {"rule": "chosen", "department": who}


def _dispatch_to_unit(work: Work) -> None:
    unit: Department | None = work.values["unit"]
    work.case.unit_id = work.handling.unit_id = None if unit is None else unit.id
    work.data |= {"department": named(work.look.department), "unit": named(unit)}


def _open_round(work: Work) -> None:
    if work.case.stage is Stage.HANDLING:
        return
    look, last = work.look, work.look.handling
    look.handling = _turn(work, look.department, lead=True)
    if work.case.step > 1 and last is not None:
        look.handling.step_on_time = last.step_on_time  # whether it was made safe in time stays with the case
    look.assists = [_turn(work, one, lead=False) for one in work.values["assist"]]
    work.session.add_all([look.handling, *look.assists])


def _turn(work: Work, department: Department | None, *, lead: bool) -> Handling:
    """A department's turn in the new round; an assisting one's names its own centre, where its people are told."""
    own = None if lead or department is None else department.centre_id
    return Handling(
        case_id=work.case.id,
        round=work.case.round,
        centre_id=own or work.case.centre_id,
        department_id=None if department is None else department.id,
        lead=lead,
        state=HandlingState.OPEN,
        dispatched_at=work.now,
        dispatched_by=work.actor.person_id,
        due_at=work.clocks[ClockKind.HANDLE].due_at,
        refuse_until=refuse_until(work),
        text="",
    )


def _read_pass_up(fields: Fields, _: Reading) -> dict[str, Any]:
    return read_reasons(fields, PassUpReason)


def _guard_pass_up(look: Look, _: Seat | None) -> None:
    if look.centre.parent_id is None:
        raise NoCentreAbove(centre=look.centre.name)


def withdraw(work: Work) -> None:
    """The departments' turns end without a result."""
    end_turns(work)
    work.case.department_id = work.case.unit_id = None


def _pass_up(work: Work) -> None:
    if work.transition.to is not work.case.stage or work.case.stage is Stage.SUSPENDED:
        withdraw(work)
    move_up(work, "passed-up")
    work.keep_text("reason_code", "reason")


DEEDS: dict[Verb, Deed] = {
    Verb.DISPATCH: Deed(_read_dispatch, _dispatch, _open_round, _guard_dispatch),
    Verb.PASS_UP: Deed(_read_pass_up, _pass_up, nothing, _guard_pass_up),
}
