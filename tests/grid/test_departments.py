"""Departments, their units and duties, and that routing follows them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from core.errors import Invalid, NotFound
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
from grid.errors import DepartmentHasUnits, DepartmentRetired, DepartmentTaken, DutyTaken
from grid.models import Department
from grid.routing import Router
from tests.make import CITY, DISTRICT, OTHER_STREET, STREET

NOW = datetime(2026, 3, 10, 1, 30, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
Maker = Callable[..., Department]


@pytest.fixture
def department(session: Session) -> Maker:
    def make(code: str = "works", centre: str = STREET, parent: str | None = None) -> Department:
        return make_department(session, find_centre(session, centre), code, name="市政所", name_en=code, parent=parent)

    return make


def routed(session: Session, now: datetime = LATER) -> str | None:
    """Who has the manholes of the street."""
    line = [CITY, DISTRICT, STREET]
    router = Router(session.connection(), now, line=line)
    return (
        router.route(line, "01001", "01", None, now=now).why["department"].get("department", {})
        and (router.route(line, "01001", "01", None, now=now).why["department"]["department"]["code"])
    )


# --- departments ------------------------------------------------------------------------------------------------------


def test_a_department_is_listed_with_its_centre_and_duties(session: Session, department: Maker) -> None:
    works = department()
    centre = find_centre(session, STREET)
    duty = add_duty(session, works, centre, STREET, class_code="01", now=NOW)
    assert show_department(session, "works", now=NOW) == {
        "code": "works", "name": "市政所", "name_en": "works", "parent": None, "calendar_id": None, "retired_at": None,
        "centre": {"code": STREET, "name": "南京东路街道", "level": "street"},
        "duties": [
            {"id": duty.id, "cell": {"code": STREET, "name": "南京东路街道"}, "category_code": None, "class_code": "01"}
        ],
    }  # fmt: skip


def test_departments_are_listed_by_code_page_by_page_by_centre_and_without_the_retired(
    session: Session, department: Maker
) -> None:
    for code, centre in (("c", STREET), ("a", STREET), ("b", CITY)):
        department(code, centre)
    gone = department("d")
    retire_department(session, gone, now=NOW)

    def codes(limit: int = 50, after: str | None = None, **wanted: object) -> list[str]:
        found = list_departments(session, DepartmentFilter(**wanted), now=LATER, after=after, limit=limit)  # type: ignore[arg-type]
        return [one["code"] for one in found]

    assert codes() == ["a", "b", "c"]
    assert (codes(limit=2), codes(after="b")) == (["a", "b"], ["c"])
    assert (codes(centre=STREET), codes(centre=STREET, retired=True)) == (["a", "c"], ["a", "c", "d"])


def test_a_code_that_is_taken_is_refused_even_by_a_retired_one(session: Session, department: Maker) -> None:
    retire_department(session, department(), now=NOW)
    with pytest.raises(DepartmentTaken):
        department()


def test_names_and_parent_change_and_what_is_left_out_stays(session: Session, department: Maker) -> None:
    works, lamps = department(), department("lamps")
    change_department(session, lamps, {"parent": "works"})
    change_department(session, lamps, {"name": "路灯班"})
    assert (lamps.name, lamps.name_en, lamps.parent_id) == ("路灯班", "lamps", works.id)
    change_department(session, lamps, {"parent": None, "name_en": "Lamps"})
    assert (lamps.name, lamps.name_en, lamps.parent_id) == ("路灯班", "Lamps", None)


def test_a_unit_belongs_to_a_working_department_of_its_centre_that_is_no_unit(
    session: Session, department: Maker
) -> None:
    department()
    unit = department("unit", parent="works")
    department("elsewhere", OTHER_STREET)
    retire_department(session, department("gone"), now=NOW)
    for parent in ("unit", "elsewhere", "gone", "nobody"):
        with pytest.raises(Invalid) as refusal:
            department(f"of-{parent}", parent=parent)
        assert [(one.field, one.code) for one in refusal.value.errors] == [("parent", "no_such_parent")]
    with pytest.raises(Invalid):
        change_department(session, unit, {"parent": "unit"})


def test_a_department_with_units_becomes_no_unit(session: Session, department: Maker) -> None:
    works = department()
    department("unit", parent="works")
    department("other")
    with pytest.raises(Invalid) as refusal:
        change_department(session, works, {"parent": "other"})
    assert refusal.value.errors[0].code == "has_units"


def test_units_are_retired_first_and_what_is_retired_stays_as_it_is(session: Session, department: Maker) -> None:
    works = department()
    unit = department("unit", parent="works")
    with pytest.raises(DepartmentHasUnits) as refusal:
        retire_department(session, works, now=NOW)
    assert refusal.value.data["units"] == ["unit"]
    retire_department(session, unit, now=NOW)
    retire_department(session, works, now=NOW)
    with pytest.raises(DepartmentRetired):
        retire_department(session, works, now=NOW)
    with pytest.raises(DepartmentRetired):
        change_department(session, works, {"name": "x"})
    with pytest.raises(DepartmentRetired):
        add_duty(session, works, find_centre(session, STREET), STREET, now=NOW)


def test_what_is_not_there_is_not_found(session: Session) -> None:
    for find, problem in (
        (lambda: find_centre(session, "1"), "no-such-centre"),
        (lambda: find_department(session, "x"), "no-such-department"),
        (lambda: show_department(session, "x", now=NOW), "no-such-department"),
        (lambda: find_duty(session, 99, now=NOW), "no-such-duty"),
    ):
        with pytest.raises(NotFound) as refusal:
            find()
        assert refusal.value.problem == problem


def test_a_retired_centre_gets_no_department(session: Session, department: Maker) -> None:
    find_centre(session, STREET).retired_at = NOW
    with pytest.raises(Invalid):
        department()


# --- duties -----------------------------------------------------------------------------------------------------------


def test_routing_follows_a_duty_from_its_beginning_to_its_end(session: Session, department: Maker) -> None:
    works, centre = department(), find_centre(session, STREET)
    assert routed(session) is None
    duty = add_duty(session, works, centre, STREET, category_code="01001", now=NOW)
    assert routed(session) == "works"
    found, owner, place = find_duty(session, duty.id, now=LATER)
    assert (owner.code, place.code) == ("works", STREET)
    end_duty(session, found, now=LATER)
    assert routed(session, LATER) is None
    assert show_department(session, "works", now=LATER)["duties"] == []
    with pytest.raises(NotFound):
        find_duty(session, duty.id, now=LATER)


def test_routing_leaves_a_retired_department_out(session: Session, department: Maker) -> None:
    works = department()
    add_duty(session, works, find_centre(session, STREET), STREET, now=NOW)
    assert routed(session) == "works"
    retire_department(session, works, now=NOW)
    assert routed(session) is None


def test_a_duty_lies_on_the_ground_of_its_departments_centre(session: Session, department: Maker) -> None:
    works, centre = department(), find_centre(session, STREET)
    for cell in (OTHER_STREET, DISTRICT, "999"):
        with pytest.raises(Invalid) as refusal:
            add_duty(session, works, centre, cell, now=NOW)
        assert refusal.value.errors[0].code == "not_its_ground"
    city = department("city", CITY)
    assert add_duty(session, city, find_centre(session, CITY), STREET, now=NOW).cell_code == STREET


def test_the_same_duty_twice_is_refused_until_the_first_has_ended(session: Session, department: Maker) -> None:
    works, centre = department(), find_centre(session, STREET)
    first = add_duty(session, works, centre, STREET, class_code="01", now=NOW)
    add_duty(session, works, centre, STREET, now=NOW)
    with pytest.raises(DutyTaken):
        add_duty(session, works, centre, STREET, class_code="01", now=NOW)
    end_duty(session, first, now=NOW)
    assert add_duty(session, works, centre, STREET, class_code="01", now=LATER).id > first.id
