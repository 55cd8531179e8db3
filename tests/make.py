"""Test data made by walking the real workflow: a small town's people, and cases that came where they are by verbs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.handling import perform
from cases.intake.taking import take
from cases.models import Case, FilingCondition, Source
from cases.stages import Outcome, Stage, Verb
from cases.workdays import SHANGHAI
from core.settings import Settings
from grid.models import Centre, Department
from people.accounts import load_actor
from people.models import Person, Post
from people.roles import Actor, Role

CITY = "310000000000"
DISTRICT = "310101000000"  # 黄浦区
STREET = "310101002000"  # 南京东路街道
OTHER_STREET = "310106013000"  # 静安寺街道
PEOPLES_SQUARE = (121.4737, 31.2304)
JINGAN_PARK = (121.4470, 31.2280)  # at the other street
MANHOLE, RUBBISH, SMALL_MATTER = "01001", "06010", "06007"
WORKS, GREEN, CITY_WORKS = "t-works", "t-green", "t-city-works"

SEATS: tuple[tuple[str, Role, str, str | None], ...] = (
    ("inspector", Role.INSPECTOR, STREET, None),
    ("acceptor", Role.ACCEPTOR, STREET, None),
    ("shift_lead", Role.SHIFT_LEAD, STREET, None),
    ("dispatcher", Role.DISPATCHER, STREET, None),
    ("handler", Role.HANDLER, STREET, WORKS),
    ("green_handler", Role.HANDLER, STREET, GREEN),
    ("works_head", Role.LEADER, STREET, WORKS),
    ("leader", Role.LEADER, STREET, None),
    ("district_shift_lead", Role.SHIFT_LEAD, DISTRICT, None),
    ("district_dispatcher", Role.DISPATCHER, DISTRICT, None),
    ("district_leader", Role.LEADER, DISTRICT, None),
    ("city_leader", Role.LEADER, CITY, None),
    ("city_dispatcher", Role.DISPATCHER, CITY, None),
    ("city_handler", Role.HANDLER, CITY, CITY_WORKS),
    ("admin", Role.ADMIN, CITY, None),
    ("other_dispatcher", Role.DISPATCHER, OTHER_STREET, None),
    ("other_inspector", Role.INSPECTOR, OTHER_STREET, None),
)
"""A seat for every role at one street, and some above and beside it."""


@dataclass
class Town:
    """The people of the tests, by username, on one session at one moment that is moved by hand."""

    session: Session
    settings: Settings
    now: datetime
    people: dict[str, Actor] = field(default_factory=dict)
    departments: dict[str, Department] = field(default_factory=dict)

    def __getitem__(self, username: str) -> Actor:
        return self.people[username]

    def move(self, **delta: float) -> datetime:
        """Let time pass."""
        self.now += timedelta(**delta)
        return self.now

    def case(self, stage: Stage = Stage.REPORTED, **facts: Any) -> Case:
        """A case that came to the stage by the main road's verbs; `facts` as in `make_case`."""
        return make_case(self, stage=stage, **facts)

    def do(self, verb: Verb, case: Case, by: str | None = None, **fields: Any) -> Case:
        """The verb by who usually does it, with the fields that it needs unless others are given."""
        return perform(
            self.session,
            self.people[by or USUAL[verb]],
            case.no,
            verb,
            {**usual_fields(self, verb, case), **fields},
            version=case.version,
            now=self.now,
            settings=self.settings,
        )


def make_town(session: Session, settings: Settings, now: datetime) -> Town:
    """Departments and people at a street, its district, the city and a street elsewhere. The city's grid is loaded."""
    town = Town(session, settings, now)
    wanted = {CITY, DISTRICT, STREET, OTHER_STREET}
    centres = {one.code: one for one in session.scalars(select(Centre).where(Centre.code.in_(wanted)))}
    for code, centre, zh in ((WORKS, STREET, "市政所"), (GREEN, STREET, "绿化所"), (CITY_WORKS, CITY, "市政局")):
        made = Department(code=code, name=zh, name_en=code, centre_id=centres[centre].id)
        town.departments[code] = made
        session.add(made)
    rows = [Person(username=f"t_{name}", name=name, password_hash="!", created_at=now) for name, *_ in SEATS]
    session.add_all(rows)
    session.flush()
    for row, (_, role, centre, department) in zip(rows, SEATS, strict=True):
        department_id = town.departments[department].id if department else None
        session.add(Post(person_id=row.id, role=role, centre_id=centres[centre].id, department_id=department_id))
    session.flush()
    for row, (name, *_) in zip(rows, SEATS, strict=True):
        town.people[name] = load_actor(session, row.id)
    return town


# --- a case -----------------------------------------------------------------------------------------------------------

Step = tuple[Verb, Mapping[str, Any]]

ROAD: dict[Stage, tuple[Step, ...]] = {
    Stage.REPORTED: (),
    Stage.VERIFYING: ((Verb.SEND_VERIFY, {}),),
    Stage.PENDING_FILING: ((Verb.ACCEPT, {}),),
    Stage.REJECTED: ((Verb.REJECT, {}),),
    Stage.CANCELLED: ((Verb.CANCEL, {}),),
}
for _stage, _from, _verb in (
    (Stage.PENDING_DISPATCH, Stage.PENDING_FILING, Verb.FILE),
    (Stage.DISPATCHED, Stage.PENDING_DISPATCH, Verb.DISPATCH),
    (Stage.HANDLING, Stage.DISPATCHED, Verb.SIGN),
    (Stage.HANDLED, Stage.HANDLING, Verb.FINISH),
    (Stage.CHECKING, Stage.HANDLED, Verb.SEND_CHECK),
    (Stage.PENDING_CLOSING, Stage.CHECKING, Verb.CHECK),
    (Stage.CLOSED, Stage.PENDING_CLOSING, Verb.CLOSE),
):
    ROAD[_stage] = (*ROAD[_from], (_verb, {}))

USUAL: dict[Verb, str] = {
    Verb.SELF_HANDLE: "inspector",
    Verb.SEND_VERIFY: "acceptor",
    Verb.VERIFY: "inspector",
    Verb.ACCEPT: "acceptor",
    Verb.REJECT: "acceptor",
    Verb.FILE: "shift_lead",
    Verb.SEND_BACK: "shift_lead",
    Verb.DISPATCH: "dispatcher",
    Verb.SIGN: "handler",
    Verb.REFUSE: "handler",
    Verb.FINISH: "handler",
    Verb.SEND_CHECK: "acceptor",
    Verb.CHECK: "inspector",
    Verb.CLOSE: "shift_lead",
    Verb.CANCEL: "shift_lead",
    Verb.FORCE_CLOSE: "leader",
    Verb.REQUEST_EXTENSION: "handler",
    Verb.DECIDE_EXTENSION: "works_head",
    Verb.REQUEST_SUSPENSION: "handler",
    Verb.DECIDE_SUSPENSION: "dispatcher",
    Verb.RESUME: "dispatcher",
    Verb.APPEAL: "handler",
    Verb.DECIDE_APPEAL: "dispatcher",
    Verb.REOPEN: "shift_lead",
    Verb.PASS_UP: "dispatcher",
    Verb.URGE: "leader",
    Verb.SUPERVISE: "district_shift_lead",
    Verb.REPLY_SUPERVISION: "shift_lead",
    Verb.NOTE: "leader",
    Verb.MERGE: "acceptor",
    Verb.RECATEGORISE: "acceptor",
    Verb.RELOCATE: "acceptor",
}


NEEDS_REASON = frozenset(
    {
        Verb.SEND_BACK, Verb.REFUSE, Verb.CANCEL, Verb.REOPEN, Verb.PASS_UP, Verb.FORCE_CLOSE, Verb.REQUEST_EXTENSION,
        Verb.APPEAL,
    }
)  # fmt: skip


def photos(number: int = 1) -> list[str]:
    """Ids of photos whose bytes never follow."""
    return [str(uuid4()) for _ in range(number)]


def point(lon: float, lat: float) -> dict[str, Any]:
    """A place as it is sent."""
    return {"lon": lon, "lat": lat, "crs": "wgs84"}


def usual_fields(town: Town, verb: Verb, case: Case) -> dict[str, Any]:
    """The fewest fields with which the verb succeeds."""
    if verb is Verb.FILE:
        return {"condition_id": next((condition.id for condition in conditions(town.session, case)), None)}
    plain: dict[Verb, dict[str, Any]] = {
        Verb.VERIFY: {"outcome": Outcome.CONFIRMED.value, "photos": photos()},
        Verb.CHECK: {"outcome": Outcome.PASSED.value, "photos": photos()},
        Verb.REJECT: {"reason_code": "duplicate"},
        Verb.DISPATCH: {"department": WORKS},
        Verb.SELF_HANDLE: {"photos": photos()},
        Verb.FINISH: {"photos": photos(2)},
        Verb.NOTE: {"text": "看过"},
        Verb.REQUEST_SUSPENSION: {"reason": "等汛期过后施工", "resume_on": day_after(town.now, 30)},
        Verb.DECIDE_EXTENSION: {"outcome": Outcome.GRANTED.value},
        Verb.DECIDE_SUSPENSION: {"outcome": Outcome.GRANTED.value},
        Verb.DECIDE_APPEAL: {"outcome": Outcome.GRANTED.value},
        Verb.SUPERVISE: {"text": "请说明为何未处置"},
        Verb.RECATEGORISE: {"reason": "分类有误", "category_code": RUBBISH},
        Verb.RELOCATE: {"reason": "位置有误", "point": point(*JINGAN_PARK)},
        Verb.REPLY_SUPERVISION: {"text": "今日处置完毕"},
    }
    return {"reason": "写错了"} if verb in NEEDS_REASON else plain.get(verb, {})


def day_after(now: datetime, days: int) -> str:
    """The day so many days after today, as it is sent."""
    return (now.astimezone(SHANGHAI).date() + timedelta(days=days)).isoformat()


def conditions(session: Session, case: Case) -> list[FilingCondition]:
    """The filing conditions of the case's category, in their order."""
    wanted = select(FilingCondition).where(FilingCondition.category_id == case.category_id)
    return list(session.scalars(wanted.order_by(FilingCondition.position)))


def make_case(
    town: Town,
    *,
    stage: Stage = Stage.REPORTED,
    category: str | None = MANHOLE,
    source: Source = Source.INSPECTOR,
    by: str | None = None,
    located: bool = True,
    limit: int = 0,
) -> Case:
    """A report of People's Square taken by the real intake, brought to the stage by the main road's verbs.

    `by` sends it: the inspector, or for another source the acceptor. Without a point (`located`) it lies at the
    sender's own centre. `limit` picks the condition to file by, counted from 0.
    """
    case = _report(town, category, source, by or ("inspector" if source is Source.INSPECTOR else "acceptor"), located)
    for verb, fields in ROAD[stage]:
        picked = {"condition_id": conditions(town.session, case)[limit].id} if limit and verb is Verb.FILE else {}
        town.do(verb, case, **fields, **picked)
    assert case.stage is stage
    return case


def _report(town: Town, category: str | None, source: Source, by: str, located: bool) -> Case:
    place: dict[str, Any] = {"point": point(*PEOPLES_SQUARE)} if located else {"address": "人民大道"}
    body = {"category_code": category, "description": "井盖缺失", "source": source.value, "photos": photos(), **place}
    raw = orjson.dumps({key: value for key, value in body.items() if value is not None})
    taken = take(town.session.connection(), town[by], uuid4(), raw, now=town.now, settings=town.settings)
    no = orjson.loads(taken.answer)["case"]["no"]
    return town.session.scalars(select(Case).where(Case.no == no)).one()
