"""Departments, their units and their duties."""

from typing import Annotated, Any

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from cases.categories import categories
from core.errors import Invalid
from grid.departments import (
    DepartmentFilter,
    add_duty,
    change_department,
    end_duty,
    find_centre,
    find_department,
    find_duty,
    list_departments,
    make_department,
    retire_department,
    show_department,
)
from grid.levels import Level
from people.roles import Permission
from web.answers import answer, nothing
from web.api.calendars import check_keeper
from web.bodies import LARGEST_SMALL_ID, Answer, Body, Line, Moment, Paging, gives, refuses, takes
from web.cursors import make_cursor, read_cursor
from web.signin import allow
from web.transaction import db, now, reader

blueprint = APIBlueprint("departments", __name__, tag="Departments")

CellCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{1,24}$")]
DepartmentCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z_.-]{0,39}$")]
Name = Annotated[Line, Field(max_length=120)]


class CellName(Answer):
    code: str
    name: str


class CentreName(CellName):
    level: Level


class DutyAnswer(Answer):
    id: int
    cell: CellName
    category_code: str | None
    class_code: str | None = Field(description="Neither this nor a category: everything")


class DepartmentAnswer(Answer):
    code: str
    name: str
    name_en: str
    centre: CentreName
    parent: str | None = Field(description="The department that it is a unit of")
    calendar_id: int | None = Field(description="Null: its centre's")
    retired_at: Moment | None
    duties: list[DutyAnswer]


class DepartmentsAnswer(Answer):
    items: list[DepartmentAnswer]
    next: str | None


class DepartmentsQuery(Paging):
    centre: CellCode | None = None
    retired: bool = Field(False, description="Those that are retired, too")


class NewDepartment(Body):
    code: DepartmentCode
    name: Name
    name_en: Name
    centre: CellCode
    parent: DepartmentCode | None = Field(None, description="The department of the same centre that it is a unit of")


class DepartmentChange(Body):
    """What is left out stays."""

    name: Name | None = None
    name_en: Name | None = None
    parent: DepartmentCode | None = Field(None, description="Null: no unit any more")

    @model_validator(mode="after")
    def _says_something(self) -> "DepartmentChange":
        for name in self.model_fields_set - {"parent"}:
            if getattr(self, name) is None:
                raise PydanticCustomError("required", "a department has names")
        if not self.model_fields_set:
            raise PydanticCustomError("nothing_changes", "nothing")
        return self


class NewDuty(Body):
    """A category's, a class's, or of neither: for everything on the cell's ground."""

    cell: CellCode
    category_code: Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$")] | None = None
    class_code: Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$")] | None = None

    @model_validator(mode="after")
    def _one_subject(self) -> "NewDuty":
        if self.category_code is not None and self.class_code is not None:
            raise PydanticCustomError("category_or_class", "not both")
        return self


@blueprint.get("/departments")
@allow(Permission.SEE_GROUND)
@takes(query=DepartmentsQuery)
@gives(DepartmentsAnswer)
def departments(*, query: DepartmentsQuery) -> Response:
    """Departments by code, with their duties."""
    after: str | None = read_cursor(query.cursor, str)[0] if query.cursor else None
    wanted = DepartmentFilter(query.centre, query.retired)
    found = list_departments(reader(), wanted, now=now(), after=after, limit=query.limit + 1)
    page = found[: query.limit]
    return answer({"items": page, "next": make_cursor(page[-1]["code"]) if len(found) > len(page) else None})


@blueprint.post("/departments")
@allow(Permission.KEEP_RULES)
@takes(NewDepartment)
@gives(DepartmentAnswer, 201)
@refuses("no-such-centre", "department-taken")
def make(*, body: NewDepartment) -> Response:
    """A new department, or a unit of one."""
    centre = find_centre(db(), body.centre)
    check_keeper(centre.line)
    make_department(db(), centre, body.code, name=body.name, name_en=body.name_en, parent=body.parent)
    return _shown(body.code, 201)


@blueprint.patch("/departments/<code>")
@allow(Permission.KEEP_RULES)
@takes(DepartmentChange)
@gives(DepartmentAnswer)
@refuses("no-such-department", "department-retired", "grid-busy")
def change(code: str, *, body: DepartmentChange) -> Response:
    """Other names, or another department that it is a unit of."""
    department, centre = find_department(db(), code)
    check_keeper(centre.line)
    change_department(db(), department, body.model_dump(include=body.model_fields_set))
    return _shown(code)


@blueprint.post("/departments/<code>/retire")
@allow(Permission.KEEP_RULES)
@gives(DepartmentAnswer)
@refuses("no-such-department", "department-retired", "department-has-units")
def retire(code: str) -> Response:
    """Nothing is sent to it any more; what it has it finishes."""
    department, centre = find_department(db(), code)
    check_keeper(centre.line)
    retire_department(db(), department, now=now())
    return _shown(code)


@blueprint.post("/departments/<code>/duties")
@allow(Permission.KEEP_RULES)
@takes(NewDuty)
@gives(DepartmentAnswer, 201)
@refuses("no-such-department", "department-retired", "duty-taken")
def give_duty(code: str, *, body: NewDuty) -> Response:
    """From now on the department looks after this on the cell's ground."""
    department, centre = find_department(db(), code)
    check_keeper(centre.line)
    _check_subject(body)
    values: dict[str, Any] = {"category_code": body.category_code, "class_code": body.class_code}
    add_duty(db(), department, centre, body.cell, now=now(), **values)
    return _shown(code, 201)


@blueprint.delete(f"/duties/<int(max={LARGEST_SMALL_ID}):duty_id>")
@allow(Permission.KEEP_RULES)
@gives(None, 204)
@refuses("no-such-duty")
def take_duty(duty_id: int) -> Response:
    """The duty ends now; cases that it has routed stay where they are."""
    duty, _, centre = find_duty(db(), duty_id, now=now())
    check_keeper(centre.line)
    end_duty(db(), duty, now=now())
    return nothing()


def _check_subject(body: NewDuty) -> None:
    known = categories(db())
    if body.category_code is not None and known.get(body.category_code) is None:
        raise Invalid.one("category_code", "no_such_category")
    if body.class_code is not None and all(one.class_code != body.class_code for one in known.by_code.values()):
        raise Invalid.one("class_code", "no_such_class")


def _shown(code: str, status: int = 200) -> Response:
    return answer(show_department(db(), code, now=now()), status)
