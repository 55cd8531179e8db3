"""Who plays in the demo: departments and their duties, people for every role at a street, its district and the city."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from grid.levels import Level
from grid.models import Centre, Department, Duty
from people.models import Person, Post
from people.roles import Role

STREET = "310101002000"  # 南京东路街道
DISTRICT = "310101000000"  # 黄浦区
CITY = "310000000000"
OTHER_STREET = "310106013000"  # 静安寺街道, another district's

# A street's one department works on everything; a district's and the city's are divided by class.
ZH_EN = {
    "works": ("市政水务管理所", "Public works and water"),
    "green": ("绿化市容管理所", "Greening and sanitation"),
    "order": ("城管执法大队", "Urban law enforcement"),
}
CLASSES = {"01": "works", "02": "works", "90": "works", "03": "green", "04": "green", "06": "green"}
ORDER_CLASSES = ("05", "07", "08", "09", "10")


@dataclass(frozen=True)
class Part:
    """An account of the demo: who they are, and the roles they hold at a centre."""

    username: str
    name: str
    centre: str
    roles: tuple[Role, ...]
    heads: bool = False
    """Leads the centre's departments, not the centre."""


def _staff(prefix: str, place: str, centre: str) -> Iterable[Part]:
    names = {
        Role.INSPECTOR: "巡查员",
        Role.ACCEPTOR: "受理员",
        Role.SHIFT_LEAD: "值班长",
        Role.DISPATCHER: "派遣员",
        Role.HANDLER: "处置员",
        Role.LEADER: "负责人",
    }
    for role, name in names.items():
        yield Part(f"{prefix}{role.value}", f"{place}{name}", centre, (role,))


CAST: tuple[Part, ...] = (
    *_staff("", "南东", STREET),
    Part("department_leader", "南东处置队队长", STREET, (Role.LEADER,), heads=True),
    *_staff("district_", "黄浦", DISTRICT),
    *_staff("city_", "市中心", CITY),
    Part("admin", "系统管理员", CITY, (Role.ADMIN,)),
    Part("other_dispatcher", "静安寺派遣员", OTHER_STREET, (Role.DISPATCHER,)),
)


def create_cast(session: Session, *, password_hash: str, now: datetime) -> list[str]:
    """Create departments, duties and people of the demo; answers the usernames. All share one password.

    Does nothing to what exists already, so that a second start keeps the data. The grid must be loaded.
    """
    centres = {centre.code: centre for centre in session.scalars(select(Centre).where(Centre.level != Level.VILLAGE))}
    if session.scalar(select(Department.id).limit(1)) is None:
        _create_departments(session, centres.values())
    present = set(session.scalars(select(Person.username)))
    wanted = [part for part in CAST if part.username not in present and part.centre in centres]
    _create_people(session, wanted, centres, password_hash, now)
    return [part.username for part in CAST]


def create_background(session: Session, *, now: datetime) -> None:
    """One inspector and one member of staff at every street, district and the city, who cannot sign in.

    They stand in the stories of replayed cases; the disabled password keeps their accounts shut.
    """
    centres = {centre.code: centre for centre in session.scalars(select(Centre).where(Centre.level != Level.VILLAGE))}
    present = set(session.scalars(select(Person.username)))
    desk = (Role.ACCEPTOR, Role.SHIFT_LEAD, Role.DISPATCHER)
    parts = [
        part
        for code, centre in sorted(centres.items())
        for part in (
            Part(f"demo_inspector_{code}", f"{centre.name}巡查员", code, (Role.INSPECTOR,)),
            Part(f"demo_desk_{code}", f"{centre.name}坐席", code, desk),
            Part(f"demo_handler_{code}", f"{centre.name}处置员", code, (Role.HANDLER,)),
        )
        if part.username not in present
    ]
    _create_people(session, parts, centres, "!", now)


def _create_departments(session: Session, centres: Iterable[Centre]) -> None:
    for centre in sorted(centres, key=lambda centre: centre.code):
        kinds = {"all": ("城市运行综合处置队", "City operations team")} if centre.level is Level.STREET else ZH_EN
        for kind, (zh, en) in kinds.items():
            session.add(
                Department(code=f"{centre.code}-{kind}", name=f"{centre.name}{zh}", name_en=en, centre_id=centre.id)
            )
    session.flush()
    departments = dict(session.execute(select(Department.code, Department.id)).all())
    session.execute(insert(Duty), [row for code, id_ in departments.items() for row in _duties(code, id_)])


def _duties(department_code: str, department_id: int) -> Iterable[dict[str, str | int | None]]:
    cell, kind = department_code.split("-")
    base: dict[str, str | int | None] = {"cell_code": cell, "category_code": None, "department_id": department_id}
    if kind == "all":
        yield base | {"class_code": None}
        return
    subjects = ORDER_CLASSES if kind == "order" else [name for name, owner in CLASSES.items() if owner == kind]
    for subject in subjects:
        yield base | {"class_code": subject}


def _create_people(
    session: Session, parts: list[Part], centres: dict[str, Centre], password_hash: str, now: datetime
) -> None:
    departments: dict[int, list[int]] = {}
    for centre_id, id_ in session.execute(select(Department.centre_id, Department.id).order_by(Department.id)):
        departments.setdefault(centre_id, []).append(id_)
    people = [
        Person(username=part.username, name=part.name, password_hash=password_hash, is_demo=True, created_at=now)
        for part in parts
    ]
    session.add_all(people)
    session.flush()
    for part, person in zip(parts, people, strict=True):
        centre = centres[part.centre]
        for role in part.roles:
            # a handler of the demo works in all departments of the centre (a street has one)
            for department in departments.get(centre.id, [None]) if role is Role.HANDLER or part.heads else [None]:
                session.add(Post(person_id=person.id, role=role, centre_id=centre.id, department_id=department))
    session.flush()
