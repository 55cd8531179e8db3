"""Level, duty, component: who answers for a category on this ground, and why."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from geoalchemy2 import WKTElement
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from core.errors import Invalid
from grid.levels import Level
from grid.models import Centre, Component, Department, Duty
from grid.routing import Route, Router, route

CITY, DISTRICT, STREET, VILLAGE = "310000000000", "310101000000", "310101002000", "310101002017"
LINE = [CITY, DISTRICT, STREET, VILLAGE]
OTHER_STREET = "310106013000"
MANHOLE, RUBBISH = "01001", "06010"


@dataclass(frozen=True)
class Category:
    code: str = MANHOLE
    class_code: str = "01"
    responsible_level: Level = Level.STREET


class Ground:
    """Puts departments and duties down, and routes on them."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now = session, now

    def department(self, code: str, centre: str = STREET, retired_at: datetime | None = None) -> int:
        values = {"code": code, "name": f"{code}所", "name_en": code, "retired_at": retired_at}
        centre_id = self.session.scalar(select(Centre.id).where(Centre.code == centre))
        made = self.session.execute(insert(Department).values(centre_id=centre_id, **values).returning(Department.id))
        return made.scalar_one()

    def duty(self, department: int, cell: str = STREET, **subject: Any) -> int:
        made = self.session.execute(
            insert(Duty).values(department_id=department, cell_code=cell, **subject).returning(Duty.id)
        )
        return made.scalar_one()

    def component(self, id_: str, department: int | None) -> str:
        point = WKTElement("POINT(121.4737 31.2304)", 4326)
        values = {"category_code": MANHOLE, "name": "井盖", "department_id": department, "geom": point}
        self.session.execute(insert(Component).values(id=id_, **values))
        return id_

    def route(
        self, category: Category | None = Category(), component: str | None = None, line: list[str] = LINE
    ) -> Route:
        """By one line's rows and by all rows: the answers are the same."""
        conn = self.session.connection()
        one = route(conn, line, category, component, now=self.now)
        if component is None:
            assert Router(conn, self.now).route_subject(line, category, now=self.now) == one
        return one


@pytest.fixture
def ground(session: Session, now: datetime) -> Ground:
    return Ground(session, now)


# --- the centre -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", Level)
def test_the_categorys_level_picks_the_centre(level: Level, ground: Ground) -> None:
    found = ground.route(Category(responsible_level=level))
    assert (found.centre_code, found.centre_level) == (LINE[level.depth], level)
    assert found.department_id is None
    assert found.calendar_id == 1
    assert found.why["centre"]["rule"] == "category-level"
    assert (found.why["centre"]["level"], found.why["centre"]["category"]) == (level.value, MANHOLE)
    assert found.why["department"] == {"rule": "centre-itself", "department": None}


def test_without_a_category_the_street_answers(ground: Ground) -> None:
    found = ground.route(None)
    assert (found.centre_code, found.why["centre"]["rule"]) == (STREET, "no-category")


def test_a_level_that_the_line_lacks_falls_to_the_next_above(ground: Ground) -> None:
    assert ground.route(Category(responsible_level=Level.VILLAGE), line=LINE[:3]).centre_code == STREET
    assert ground.route(Category(responsible_level=Level.STREET), line=LINE[:1]).centre_code == CITY
    # a grid whose root is a district
    assert ground.route(Category(responsible_level=Level.CITY), line=LINE[1:]).centre_code == DISTRICT


def test_a_line_without_centres_is_refused(ground: Ground) -> None:
    with pytest.raises(Invalid):
        ground.route(line=["999999"])


# --- the department ---------------------------------------------------------------------------------------------------


def test_the_nearest_cells_duty_wins_over_a_more_special_one_above(ground: Ground) -> None:
    near, far = ground.department("near"), ground.department("far")
    ground.duty(far, DISTRICT, category_code=MANHOLE)
    assert ground.route().department_id == far
    ground.duty(near, STREET)
    assert ground.route().department_id == near
    village = ground.department("village")
    duty = ground.duty(village, VILLAGE, class_code="01")
    found = ground.route()
    assert found.department_id == village
    assert found.why["department"] == {
        "rule": "duty",
        "duty": duty,
        "cell": {"code": VILLAGE, "name": "长江居委会"},
        "subject": "class",
        "code": "01",
        "department": {"id": village, "code": "village", "name": "village所", "name_en": "village"},
    }


def test_on_one_cell_the_more_special_subject_wins_then_the_lowest_id(ground: Ground) -> None:
    all_, class_, category, twin = (ground.department(code) for code in ("all", "class", "category", "twin"))
    ground.duty(all_)
    assert ground.route().department_id == all_
    ground.duty(class_, class_code="01")
    assert ground.route().department_id == class_
    ground.duty(category, category_code=MANHOLE)
    ground.duty(twin, category_code=MANHOLE)
    assert ground.route().department_id == category


def test_a_duty_for_another_subject_does_not_count(ground: Ground) -> None:
    department = ground.department("green")
    ground.duty(department, category_code=RUBBISH)
    ground.duty(department, class_code="06")
    assert ground.route().department_id is None
    assert ground.route(Category(RUBBISH, "06")).department_id == department
    assert ground.route(None).department_id is None
    ground.duty(department)
    assert ground.route(None).department_id == department


def test_a_department_must_belong_to_the_responsible_centre_or_one_above(ground: Ground) -> None:
    district, village, other = (
        ground.department(code, centre) for code, centre in (("d", DISTRICT), ("v", VILLAGE), ("o", OTHER_STREET))
    )
    ground.duty(village)
    ground.duty(other)
    assert ground.route().department_id is None
    ground.duty(district)
    assert ground.route().department_id == district
    # the village's own matter
    assert ground.route(Category(responsible_level=Level.VILLAGE)).department_id == village


def test_duties_and_departments_count_in_their_time(ground: Ground, now: datetime) -> None:
    hour = timedelta(hours=1)
    retired = ground.department("retired", retired_at=now)
    ground.duty(retired)
    department = ground.department("works")
    ground.duty(department, valid_from=now + hour)
    ground.duty(department, valid_to=now)
    assert ground.route().department_id is None
    router = Router(ground.session.connection(), now)
    assert router.route(LINE, MANHOLE, "01", Level.STREET, now=now + hour).department_id == department
    assert router.route(LINE, MANHOLE, "01", Level.STREET, now=now - hour).department_id == retired


# --- components -------------------------------------------------------------------------------------------------------


def test_a_components_own_department_beats_every_duty(ground: Ground) -> None:
    duty, own = ground.department("duty"), ground.department("own", VILLAGE)
    ground.duty(duty, VILLAGE, category_code=MANHOLE)
    found = ground.route(component=ground.component("31010101001000001", own))
    assert found.department_id == own
    assert found.centre_code == STREET
    assert (found.why["department"]["rule"], found.why["department"]["component"]) == ("component", "31010101001000001")


def test_a_component_without_a_department_that_could_come_leaves_it_to_the_duties(
    ground: Ground, now: datetime
) -> None:
    duty = ground.department("duty")
    ground.duty(duty)
    departments = (None, ground.department("gone", retired_at=now), ground.department("elsewhere", OTHER_STREET))
    for i, department in enumerate(departments):
        assert ground.route(component=ground.component(f"c{i}", department)).department_id == duty


def test_an_unknown_component_is_refused(ground: Ground) -> None:
    with pytest.raises(Invalid) as refused:
        ground.route(component="nothing")
    assert [(fault.field, fault.code) for fault in refused.value.errors] == [("component_id", "no_such_component")]
