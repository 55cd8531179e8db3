"""Departments with their units and duties (责任): listed, made, renamed, retired; every change goes into the log.

A department belongs to a centre; a unit (二级) to a department of the same centre. A duty names who looks after a
category, a class or everything on one cell's ground; one that is taken away ends, because stories refer to it.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Connection, or_, select, text
from sqlalchemy.orm import Session, aliased

from core.errors import Invalid, NotFound
from grid.errors import DepartmentHasUnits, DepartmentRetired, DepartmentTaken, DutyTaken
from grid.lock import lock_ground
from grid.models import Centre, Department, Duty

log = structlog.get_logger()

ParentDepartment = aliased(Department, name="parent")


@dataclass(frozen=True)
class DepartmentFilter:
    """Which departments: of a centre, and whether those that are retired, too."""

    centre: str | None = None
    retired: bool = False


# --- found ------------------------------------------------------------------------------------------------------------


def find_centre(session: Session, code: str) -> Centre:
    """The centre, locked for a change. Raises NotFound `no-such-centre`."""
    found = session.scalars(select(Centre).where(Centre.code == code).with_for_update()).one_or_none()
    if found is None:
        raise NotFound("no-such-centre", centre=code)
    return found


def find_department(session: Session, code: str) -> tuple[Department, Centre]:
    """The department, locked for a change, and its centre. Raises NotFound `no-such-department`."""
    row = session.execute(
        select(Department, Centre)
        .join(Centre, Centre.id == Department.centre_id)
        .where(Department.code == code)
        .with_for_update(of=Department)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound("no-such-department", department=code)
    return row.Department, row.Centre


def find_duty(session: Session, duty_id: int, *, now: datetime) -> tuple[Duty, Department, Centre]:
    """A duty that has not ended, locked, with its department and centre. Raises NotFound `no-such-duty`."""
    row = session.execute(
        select(Duty, Department, Centre)
        .join(Department, Department.id == Duty.department_id)
        .join(Centre, Centre.id == Department.centre_id)
        .where(Duty.id == duty_id, _holds(now))
        .with_for_update(of=Duty)
    ).one_or_none()
    if row is None:
        raise NotFound("no-such-duty", duty=duty_id)
    return row.Duty, row.Department, row.Centre


def list_departments(
    conn: Connection | Session, wanted: DepartmentFilter, *, now: datetime, after: str | None = None, limit: int = 50
) -> list[dict[str, Any]]:
    """Departments by code, those after `after`, each with its centre and the duties that have not ended."""
    conditions: list[ColumnElement[bool]] = [] if wanted.retired else [Department.retired_at.is_(None)]
    if wanted.centre is not None:
        conditions.append(Centre.code == wanted.centre)
    if after is not None:
        conditions.append(Department.code > after)
    return _shown(conn, conditions, now, limit)


def show_department(conn: Connection | Session, code: str, *, now: datetime) -> dict[str, Any]:
    """One of them, as in the list. Raises NotFound `no-such-department`."""
    found = _shown(conn, [Department.code == code], now, 1)
    if not found:
        raise NotFound("no-such-department", department=code)
    return found[0]


def _shown(
    conn: Connection | Session, conditions: Sequence[ColumnElement[bool]], now: datetime, limit: int
) -> list[dict[str, Any]]:
    rows = conn.execute(
        select(
            Department.id, Department.code, Department.name, Department.name_en, Department.calendar_id,
            Department.retired_at, ParentDepartment.code.label("parent"),
            Centre.code.label("centre_code"), Centre.name.label("centre_name"), Centre.level,
        )
        .join(Centre, Centre.id == Department.centre_id)
        .outerjoin(ParentDepartment, ParentDepartment.id == Department.parent_id)
        .where(*conditions)
        .order_by(Department.code)
        .limit(limit)
    ).all()  # fmt: skip
    duties = _duties(conn, [row.id for row in rows], now)
    return [
        {
            "code": row.code, "name": row.name, "name_en": row.name_en, "parent": row.parent,
            "centre": {"code": row.centre_code, "name": row.centre_name, "level": row.level},
            "calendar_id": row.calendar_id, "retired_at": row.retired_at, "duties": duties[row.id],
        }
        for row in rows
    ]  # fmt: skip


def _duties(conn: Connection | Session, ids: list[int], now: datetime) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    rows = conn.execute(
        select(Duty.id, Duty.department_id, Duty.cell_code, Duty.category_code, Duty.class_code, Centre.name)
        .outerjoin(Centre, Centre.code == Duty.cell_code)  # a centre has its cell's code and name
        .where(Duty.department_id.in_(ids), _holds(now))
        .order_by(Duty.id)
    )
    for row in rows:
        found[row.department_id].append(
            {
                "id": row.id, "cell": {"code": row.cell_code, "name": row.name or row.cell_code},
                "category_code": row.category_code, "class_code": row.class_code,
            }
        )  # fmt: skip
    return found


def _holds(now: datetime) -> ColumnElement[bool]:
    return or_(Duty.valid_to.is_(None), Duty.valid_to > now)


# --- changed ----------------------------------------------------------------------------------------------------------


def make_department(
    session: Session, centre: Centre, code: str, *, name: str, name_en: str, parent: str | None = None
) -> Department:
    """A department at the centre, or a unit of another one there. Raises DepartmentTaken, Invalid on `parent`."""
    if centre.retired_at is not None:
        raise Invalid.one("centre", "no_such_centre", centre=centre.code)
    if session.scalar(select(Department.id).where(Department.code == code)) is not None:
        raise DepartmentTaken(department=code)
    made = Department(code=code, name=name, name_en=name_en, centre_id=centre.id)
    if parent is not None:
        made.parent_id = _parent_of(session, made, parent).id
    session.add(made)
    session.flush()
    log.info("department-made", department=code, centre=centre.code, parent=parent)
    return made


# by ix_components_department_id
_TELL_PHONES = text("""
UPDATE components SET changed = nextval('component_changes') WHERE department_id = :department AND retired_at IS NULL
""")


def change_department(session: Session, department: Department, values: dict[str, Any]) -> Department:
    """Another `name`, `name_en` or `parent` (a department's code, None: no unit any more); what is left out stays.

    Raises DepartmentRetired, GridBusy, and Invalid on `parent`.
    """
    _check_works(department)
    before = (department.name, department.name_en)
    if "parent" in values:
        parent = values["parent"]
        if parent is not None and session.scalar(_units_of(department).limit(1)) is not None:
            raise Invalid.one("parent", "has_units")
        department.parent_id = None if parent is None else _parent_of(session, department, parent).id
    department.name = values.get("name", department.name)
    department.name_en = values.get("name_en", department.name_en)
    session.flush()
    if before != (department.name, department.name_en):
        lock_ground(session)  # numbers grow in the order of commits, so that a phone misses none
        session.execute(_TELL_PHONES, {"department": department.id})
    log.info("department-changed", department=department.code, **values)
    return department


def retire_department(session: Session, department: Department, *, now: datetime) -> Department:
    """Nothing is sent to it any more; what it has it finishes. Raises DepartmentRetired, DepartmentHasUnits."""
    _check_works(department)
    units = session.scalars(_units_of(department).order_by(Department.code)).all()
    if units:
        raise DepartmentHasUnits(department=department.code, units=list(units))
    department.retired_at = now
    session.flush()
    log.info("department-retired", department=department.code)
    return department


def add_duty(
    session: Session,
    department: Department,
    centre: Centre,
    cell: str,
    *,
    category_code: str | None = None,
    class_code: str | None = None,
    now: datetime,
) -> Duty:
    """Let the department look after a category, a class, or everything (neither) on the cell's ground, from now on.

    Raises Invalid on `cell` for ground that isn't its centre's, DepartmentRetired, DutyTaken.
    """
    _check_works(department)
    line = session.scalar(select(Centre.line).where(Centre.code == cell, Centre.retired_at.is_(None)))
    if line is None or centre.code not in line:
        raise Invalid.one("cell", "not_its_ground", centre=centre.name)
    subject = (Duty.category_code.is_not_distinct_from(category_code), Duty.class_code.is_not_distinct_from(class_code))
    same = select(Duty.id).where(Duty.department_id == department.id, Duty.cell_code == cell, _holds(now), *subject)
    if session.scalar(same.limit(1)) is not None:
        raise DutyTaken(department=department.code, cell=cell)
    made = Duty(
        cell_code=cell, category_code=category_code, class_code=class_code, department_id=department.id, valid_from=now
    )
    session.add(made)
    session.flush()
    log.info("duty-added", duty=made.id, department=department.code, cell=cell, subject=category_code or class_code)
    return made


def end_duty(session: Session, duty: Duty, *, now: datetime) -> None:
    """From now on it is nobody's, or that of who comes next."""
    duty.valid_to = now
    session.flush()
    log.info("duty-ended", duty=duty.id, cell=duty.cell_code)


def _check_works(department: Department) -> None:
    if department.retired_at is not None:
        raise DepartmentRetired(department=department.code)


def _parent_of(session: Session, department: Department, code: str) -> Department:
    """A working department of the same centre that is no unit itself, locked."""
    wanted = select(Department).where(Department.code == code).with_for_update()
    parent = session.scalars(wanted).one_or_none()
    fits = (
        parent is not None
        and parent.centre_id == department.centre_id
        and parent.id != department.id
        and parent.parent_id is None
        and parent.retired_at is None
    )
    if not fits or parent is None:
        raise Invalid.one("parent", "no_such_parent")
    return parent


def _units_of(department: Department) -> Any:
    return select(Department.code).where(Department.parent_id == department.id, Department.retired_at.is_(None))
