"""Things on the demo street's ground, poured in as a town would do it, and the beat of its inspector."""

import csv
import io
from datetime import datetime
from random import Random

from sqlalchemy import Connection, exists, insert, select
from sqlalchemy.orm import Session

from cases.categories import categories
from cases.components import component_codes
from cases.demo.cast import STREET
from cases.demo.fresh import points_in
from grid.components import COLUMNS, pour_components
from grid.models import Centre, Component, Department
from grid.overlays import AreaGiven, find_overlay, polygon_of_cells, put_overlay
from people.models import DutyPerson, Person

COMPONENTS = 420
SEED = 47678

WATER, POWER, DRAINS, ROADS, GREEN, POSTS = (
    "市自来水公司", "市电力公司", "区排水管理所", "区市政管理所", "区绿化市容局", "市通信管理中心",
)  # fmt: skip
KINDS: tuple[tuple[str, str, int], ...] = (
    ("01001", WATER, 14), ("01002", DRAINS, 12), ("01003", DRAINS, 14), ("01004", DRAINS, 10), ("01005", POWER, 6),
    ("01007", POSTS, 8), ("01013", WATER, 5), ("01027", POSTS, 3), ("01037", POWER, 18), ("01050", "区公安分局", 5),
    ("01077", ROADS, 3), ("02010", ROADS, 6), ("02014", "区公安分局", 3), ("02017", ROADS, 4), ("02025", ROADS, 4),
    ("03005", GREEN, 14), ("03008", GREEN, 3), ("04002", GREEN, 16), ("04007", GREEN, 5),
)  # fmt: skip
"""Category, who owns such things, and how often they are met."""

STATES = ("intact",) * 24 + ("damaged",) * 2 + ("lost",)
BEAT, BEAT_NAME = "310101002000-01", "人民广场责任网格"
VILLAGES = ("310101002008", "310101002009", "310101002017", "310101002018")  # around 人民广场


def lay_ground(session: Session, *, now: datetime) -> None:
    """Components of the street, where there are none at all; and the inspector's duty area, where there is none yet."""
    centre = session.scalars(select(Centre).where(Centre.code == STREET)).one_or_none()
    if centre is None:
        return  # another city's grid
    if not session.scalar(select(exists().select_from(Component))):
        file = component_file(session.connection())
        pour_components(session, file, categories=component_codes(session), now=now)
    overlay = find_overlay(session, BEAT)
    if overlay is None:
        geom = polygon_of_cells(session.connection(), centre, VILLAGES)
        overlay = put_overlay(session, centre, AreaGiven(BEAT, BEAT_NAME, geom), now=now)
    if not session.scalar(select(exists().where(DutyPerson.overlay_id == overlay.id))):
        walkers = session.scalars(select(Person.id).where(Person.username == "inspector", Person.is_demo)).all()
        rows = [{"overlay_id": overlay.id, "person_id": walker, "since": now} for walker in walkers]
        if rows:
            session.execute(insert(DutyPerson), rows)


def component_file(conn: Connection) -> bytes:
    """A CSV file as a street hands it in: always the same."""
    rng, known = Random(SEED), categories(conn)
    works = conn.execute(select(Department.code).where(Department.code == f"{STREET}-all")).scalar()
    kinds = rng.choices(KINDS, weights=[weight for _, _, weight in KINDS], k=COMPONENTS)
    counts: dict[str, int] = {}
    text = io.StringIO()
    file = csv.writer(text)
    file.writerow(COLUMNS)
    for (code, owner, _), (lon, lat) in zip(kinds, points_in(conn, STREET, COMPONENTS, seed=SEED), strict=True):
        category = known.get(code)
        assert category is not None
        counts[code] = number = counts.get(code, 0) + 1
        department = works if owner in {ROADS, GREEN} else None
        name, state = f"{category.zh} {number:03}号", rng.choice(STATES)
        file.writerow((f"310101{code}{number:06}", code, name, lon, lat, "wgs84", owner, department, state))
    return text.getvalue().encode()
