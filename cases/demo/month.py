"""The last weeks' turns at 南京东路街道: extended, suspended, disputed, supervised, merged, worked on jointly.

Each is a report taken as over HTTP and walked verb by verb by the people of the demo, at moments counted back from now
in working hours: they lie on the desks as a month of real work would have left them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid5

import orjson
from sqlalchemy import Connection, select

from cases.demo.cast import STREET
from cases.demo.fresh import points_in
from cases.demo.pictures import SPACE, Roll
from cases.demo.stories import Step
from cases.demo.walking import Scene, walk
from cases.intake.taking import take
from cases.models import Case, Source
from cases.stages import Outcome, Verb
from cases.workdays import SHANGHAI, Unit
from people.roles import Role

WORK = "310101002000-all"  # 南京东路街道's own department
GREEN, ORDER, PUBLIC_WORKS = "310101000000-green", "310101000000-order", "310101000000-works"
V, O = Verb, Outcome  # noqa: E741  the table below is read by columns


@dataclass(frozen=True)
class Turn:
    """A case of the last weeks: `steps` are (working hours ago, verb, who, fields), the report came just before."""

    category: str
    steps: tuple[tuple[float, Verb, str, dict[str, Any]], ...]
    source: Source = Source.INSPECTOR
    condition: int = 0
    """Which of the category's conditions it is filed by, counted from 0."""
    said: str = ""
    same_place: bool = False
    """At the place of the turn before it."""
    natural: bool = False
    """Its hours are counted round the clock."""
    days: dict[str, int] = field(default_factory=dict)
    """Fields that are days, so many after today."""


def _to_dispatch(hours: float, department: str | None = None, desk: str = "", **fields: Any) -> tuple[Any, ...]:
    """Accepted, filed and dispatched so many working hours ago."""
    sent = fields if department is None else {"department": department, **fields}
    return (
        (hours + 0.3, V.ACCEPT, f"{desk}acceptor", {}),
        (hours + 0.15, V.FILE, f"{desk}shift_lead", {}),
        (hours, V.DISPATCH, f"{desk}dispatcher", sent),
    )


def _to_work(hours: float, department: str | None = None, by: str = "handler", **fields: Any) -> tuple[Any, ...]:
    """… and signed for."""
    return (*_to_dispatch(hours, department, **fields), (hours - 0.2, V.SIGN, by, {}))


GRANTED, DENIED = {"outcome": O.GRANTED.value}, O.DENIED.value
TURNS: tuple[Turn, ...] = (
    Turn("06013", (
        *_to_work(36),
        (9, V.REQUEST_EXTENSION, "handler", {"reason": "需调运沥青料,连日阴雨无法摊铺", "limit": 3}),
        (8, V.DECIDE_EXTENSION, "department_leader", {**GRANTED, "reason": "情况属实"}),
        (7, V.DECIDE_EXTENSION, "dispatcher", GRANTED),
    ), said="路面破损约 1.2 平方米,已摆放警示桩"),
    Turn("02017", (
        *_to_work(20),
        (3, V.REQUEST_EXTENSION, "handler", {"reason": "护栏需定制,厂家三天后到货"}),
    ), said="护栏被撞弯约 6 米", condition=1),
    Turn("06013", (
        *_to_work(60),
        (48, V.REQUEST_SUSPENSION, "handler", {"reason": "地下管线正在施工,回填后方可修复路面"}),
        (46, V.DECIDE_SUSPENSION, "dispatcher", GRANTED),
        (44, V.DECIDE_SUSPENSION, "leader", {**GRANTED, "reason": "请施工单位做好围挡"}),
    ), said="施工路段路面沉陷", days={"resume_on": 12}),
    Turn("04002", (
        *_to_work(12),
        (4, V.REQUEST_SUSPENSION, "handler", {"reason": "枯树需报绿化部门审批后移除"}),
        (2, V.DECIDE_SUSPENSION, "dispatcher", GRANTED),
    ), said="行道树枯死", condition=2, days={"resume_on": 20}),
    Turn("06018", (
        *_to_dispatch(5),
        (4.5, V.REFUSE, "handler", {"reason_code": "not_my_duty", "reason": "堆放点在区管绿地内,不属街道范围"}),
        (4.3, V.DISPATCH, "dispatcher", {"department": GREEN}),
        (3.5, V.REFUSE, "district_handler", {"reason_code": "not_my_duty", "reason": "红线外,应由属地街道清理"}),
    ), source=Source.VIDEO, said="绿地边缘堆放修剪枝叶,权属不清"),
    Turn("06011", (
        *_to_dispatch(14),
        (13, V.REFUSE, "handler", {"reason_code": "no_means", "reason": "渣土量大,需专业清运"}),
        (12.8, V.DISPATCH, "dispatcher", {"department": PUBLIC_WORKS}),
        (12, V.REFUSE, "district_handler", {"reason_code": "not_my_duty", "reason": "来源为沿街装修,应由城管认定"}),
        (11.5, V.DISPATCH, "district_dispatcher", {"department": ORDER}),
        (11, V.SIGN, "district_handler", {}),
    ), said="积存渣土约两立方米"),
    Turn("06013", (
        *_to_work(52),
        (6, V.SUPERVISE, "district_leader", {"text": "主干道破损,请说明进度并抓紧修复", "reply_minutes": 960}),
    ), said="主干道路面坑槽,市民多次反映"),
    Turn("07003", (
        *_to_work(10),
        (5, V.SUPERVISE, "leader", {"text": "请在本周内完成整改", "reply_minutes": 480}),
        (2, V.REPLY_SUPERVISION, "shift_lead", {"text": "已约谈商户,明日上午拆除"}),
    ), said="店招灯箱擅自加高", condition=1),
    Turn("06010", (
        *_to_work(2.5, WORK, assist=[GREEN]),
        (2.2, V.SIGN, "district_handler", {}),
        (1, V.FINISH, "handler", {"text": "垃圾已清走,等待绿化补植"}),
    ), said="绿化带内暴露垃圾,植被受损"),
    Turn("90501", (
        *_to_dispatch(1.4, desk="district_"),
        (1.3, V.SIGN, "district_handler", {}),
        (0.7, V.FINISH, "district_handler", {"text": "阀门已关,路面已围护"}),
    ), said="路面冒水,疑似供水管爆裂", natural=True),
    Turn("06012", (*_to_work(1.5),), said="路面油污约十米"),
    Turn("06012", (
        (1.2, V.SEND_VERIFY, "acceptor", {}),
        (1.0, V.VERIFY, "inspector", {"outcome": O.CONFIRMED.value, "text": "与巡查员上报为同一处"}),
        (0.9, V.MERGE, "acceptor", {"into": "before", "reason": "同一处油污"}),
    ), source=Source.HOTLINE, said="市民来电:路上有一大滩油,很滑", same_place=True),
    Turn("06042", (
        *_to_work(30),
        (22, V.FINISH, "handler", {"text": "已清运"}),
        (21.8, V.SEND_CHECK, "acceptor", {}),
        (21.5, V.CHECK, "inspector", {"outcome": O.PASSED.value, "text": "现场已恢复"}),
        (21.2, V.CLOSE, "shift_lead", {}),
        (3, V.APPEAL, "handler", {"reason": "当日道路临时管制,清运车无法进入"}),
    ), said="垃圾箱满溢"),
    Turn("09006", (
        (3.2, V.ACCEPT, "acceptor", {}),
        (3, V.FILE, "shift_lead", {}),
        (1, V.CANCEL, "acceptor", {"reason": "到场前摊贩已离开,重复立案"}),
    ), said="占道经营"),
    Turn("01037", (
        *_to_work(28),
        (2, V.FORCE_CLOSE, "shift_lead", {"reason": "灯杆已列入下月整体更换工程"}),
    ), said="路灯杆倾斜"),
    Turn("06036", (
        *_to_work(6),
        (5, V.RECATEGORISE, "dispatcher", {"category_code": "06035", "reason": "实为废弃沙发,应按废弃家具处置"}),
    ), said="路边堆放大件"),
)  # fmt: skip
"""As they are told in docs/demo.md."""


def lay_out_month(conn: Connection, scene: Scene, *, seed: int) -> list[str]:
    """Take and walk all of the month's turns; the cases' numbers. `conn` is an autocommit connection."""
    rng, numbers, points = Random(seed), list[str](), points_in(conn, STREET, len(TURNS), seed=11)
    for index, turn in enumerate(TURNS):
        point = points[index - turn.same_place]
        numbers.append(_one(conn, scene, turn, point, uuid5(SPACE, f"month {index}"), numbers[-1:], rng))
    return numbers


def _one(
    conn: Connection,
    scene: Scene,
    turn: Turn,
    point: tuple[float, float],
    report_id: UUID,
    before: list[str],
    rng: Random,
) -> str:
    category = scene.catalogue.get(turn.category)
    assert category is not None
    photos = Roll(category.class_code).take("before")
    body = {
        "source": turn.source.value, "category_code": turn.category, "description": turn.said, "photos": photos,
        "point": {"lon": point[0], "lat": point[1], "crs": "wgs84", "accuracy_m": 8},
    }  # fmt: skip
    sender = scene.players.named("inspector" if turn.source is Source.INSPECTOR else "acceptor")
    unit = Unit.URGENT_HOUR if turn.natural else Unit.WORK_HOUR
    moments = [scene.rules.of(1).subtract_seconds(scene.now, round(step[0] * 3600), unit) for step in turn.steps]
    received = moments[0] - timedelta(minutes=4)
    taken = take(conn, sender, report_id, orjson.dumps(body), now=received, settings=scene.settings)
    no: str = orjson.loads(taken.answer)["case"]["no"]
    case = scene.session.scalars(select(Case).where(Case.no == no)).one()
    walk(scene, case, _steps(scene, turn, moments, before), rng, photos=len(photos))
    scene.session.commit()
    return no


def _steps(scene: Scene, turn: Turn, moments: Sequence[datetime], before: list[str]) -> Iterator[Step]:
    today = scene.now.astimezone(SHANGHAI).date()
    for (_, verb, who, given), moment in zip(turn.steps, moments, strict=True):
        fields = dict(given)
        if verb is Verb.FILE:
            category = scene.catalogue.get(turn.category)
            assert category is not None
            fields["condition_id"] = category.conditions[min(turn.condition, len(category.conditions) - 1)].id
        if verb is Verb.MERGE:
            fields["into"] = before[0]
        if verb in {Verb.REQUEST_SUSPENSION, Verb.DECIDE_SUSPENSION}:
            asked = verb is Verb.REQUEST_SUSPENSION
            fields |= {name: (today + timedelta(days=n)).isoformat() for name, n in turn.days.items() if asked}
        yield Step(verb, Role.HANDLER, at=moment, fields=fields, by=who)
