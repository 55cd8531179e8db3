"""The demo street has things on its ground, and its inspector a beat."""

from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from cases.demo.cast import STREET, create_cast
from cases.demo.ground import BEAT, COMPONENTS, component_file, lay_ground
from grid.components import components_since
from grid.models import Component
from people.duty_areas import areas_of
from people.models import Person


def test_the_demo_street_has_components_and_its_inspector_a_duty_area(session: Session, now: datetime) -> None:
    create_cast(session, password_hash="!", now=now)
    lay_ground(session, now=now)
    told = components_since(session.connection(), [STREET], 0, 5000)
    assert len(told["items"]) == COMPONENTS
    assert {item[5] and item[5][0] for item in told["items"]} == {None, "南京东路街道城市运行综合处置队"}
    inspector = session.scalars(select(Person.id).where(Person.username == "inspector")).one()
    [area] = areas_of(session.connection(), inspector)
    assert (area["code"], area["polygon"]["type"]) == (BEAT, "MultiPolygon")


def test_a_second_load_leaves_what_was_changed_since(session: Session, now: datetime) -> None:
    create_cast(session, password_hash="!", now=now)
    lay_ground(session, now=now)
    session.execute(update(Component).values(owner="业主"))
    lay_ground(session, now=now + timedelta(days=1))
    assert session.scalar(select(func.count()).where(Component.owner == "业主")) == COMPONENTS


def test_the_file_is_always_the_same(session: Session) -> None:
    assert component_file(session.connection()) == component_file(session.connection())
