"""What lies on the desks today: reports taken one by one as over HTTP, each walked to its stage and left there.

Moments are counted backwards from now on the working calendar, so that every light shows at any hour; some rungs of the
ladder come due within minutes, so that it is seen climbing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from uuid import UUID, uuid5

import orjson
from sqlalchemy import Connection, select, text

from cases.categories import CategoryEntry, ConditionEntry
from cases.clock import stage_limit
from cases.demo.cast import DISTRICT, STREET
from cases.demo.pictures import SPACE, Roll
from cases.demo.stories import Step
from cases.demo.walking import Scene, walk
from cases.intake.taking import take
from cases.models import Case, Source
from cases.stages import ClockKind, Outcome, Verb
from cases.workdays import Unit, WorkCalendar, limit_minutes
from people.roles import Actor, Role

LAST = uuid5(SPACE, "the last report of the demo")
"""Its report says that the demo is whole."""


@dataclass(frozen=True)
class Wish:
    """A case that waits for `clock`'s verb, with that share of its limit used, and some minutes more or less."""

    category: str
    clock: ClockKind
    share: float
    minutes: float = 0.0
    source: Source = Source.INSPECTOR
    urgent: bool = False
    detour: Verb | None = None


_K = ClockKind
_H = Source.HOTLINE
STREET_WISHES: tuple[Wish, ...] = (
    # the ladder climbs within minutes, at any hour
    Wish("01001", _K.ACCEPT, 0.5, -1, urgent=True),
    Wish("09005", _K.ACCEPT, 1.0, -2, urgent=True),
    Wish("01001", _K.HANDLE, 0.5, -3, urgent=True),
    Wish("09005", _K.HANDLE, 1.0, -4, urgent=True),
    Wish("01001", _K.HANDLE, 1.0, 30 - 5, urgent=True),
    Wish("90506", _K.HANDLE, 1.0, 60 - 7, urgent=True),
    Wish("09005", _K.HANDLE, 1.0, 120 - 9, urgent=True),
    Wish("90596", _K.DISPATCH, 1.0, -6, urgent=True),
    Wish("01001", _K.SIGN, 1.0, -1.5, urgent=True),
    # every stage, in every light
    Wish("06010", _K.ACCEPT, 0.1),
    Wish("06042", _K.ACCEPT, 0.4),
    Wish("07001", _K.ACCEPT, 0.85, source=Source.VIDEO),
    Wish("09010", _K.ACCEPT, 1.2),
    Wish("06010", _K.ACCEPT, 0.3, source=_H),
    Wish("09006", _K.VERIFY, 0.2, source=_H),
    Wish("06012", _K.VERIFY, 0.88, source=Source.PUBLIC),
    Wish("06013", _K.VERIFY, 1.3, source=_H),
    Wish("01037", _K.FILE, 0.3),
    Wish("06010", _K.FILE, 0.9, source=_H),
    Wish("06036", _K.DISPATCH, 0.3),
    Wish("07001", _K.DISPATCH, 1.25),
    Wish("06042", _K.DISPATCH, 0.4, detour=Verb.REFUSE),
    Wish("06010", _K.SIGN, 0.15),
    Wish("09010", _K.SIGN, 0.9, source=_H),
    Wish("02017", _K.HANDLE, 0.1),
    Wish("06013", _K.HANDLE, 0.3),
    Wish("01004", _K.HANDLE, 0.45, source=_H),
    Wish("06010", _K.HANDLE, 0.6),
    Wish("06012", _K.HANDLE, 0.83),
    Wish("06042", _K.HANDLE, 0.93, source=Source.VIDEO),
    Wish("07001", _K.HANDLE, 1.1),
    Wish("09010", _K.HANDLE, 1.3, source=Source.PUBLIC),
    Wish("08004", _K.HANDLE, 1.7),
    Wish("06010", _K.HANDLE, 2.2),
    Wish("06012", _K.HANDLE, 3.1, source=_H),
    Wish("09006", _K.HANDLE, 0.2, detour=Verb.CHECK),
    Wish("06010", _K.SEND_CHECK, 0.3),
    Wish("09010", _K.SEND_CHECK, 1.1),
    Wish("07001", _K.CHECK, 0.2),
    Wish("06042", _K.CHECK, 0.85, source=_H),
    Wish("06012", _K.CHECK, 1.2),
    Wish("01037", _K.CLOSE, 0.3),
    Wish("06010", _K.CLOSE, 0.9, source=Source.PUBLIC),
)
DISTRICT_WISHES: tuple[Wish, ...] = (
    Wish("90501", _K.HANDLE, 0.5, -2, urgent=True),
    Wish("90505", _K.HANDLE, 1.0, -8, urgent=True, source=_H),
    Wish("90505", _K.HANDLE, 1.0, 30 - 3, urgent=True),
    Wish("02009", _K.ACCEPT, 0.3),
    Wish("01071", _K.ACCEPT, 1.1, source=_H),
    Wish("02006", _K.VERIFY, 0.4, source=_H),
    Wish("02009", _K.FILE, 0.4),
    Wish("01071", _K.DISPATCH, 0.85),
    Wish("02006", _K.SIGN, 0.3),
    Wish("02009", _K.HANDLE, 0.4),
    Wish("01071", _K.HANDLE, 0.9),
    Wish("02006", _K.HANDLE, 1.6, source=_H),
    Wish("02009", _K.CHECK, 0.5),
    Wish("01071", _K.CLOSE, 0.4),
    Wish("06010", _K.HANDLE, 1.8),
    Wish("09010", _K.HANDLE, 0.5),
    Wish("06012", _K.ACCEPT, 0.2, source=_H),
)
ROAD: tuple[tuple[ClockKind, Verb, Role], ...] = (
    (_K.FILE, Verb.FILE, Role.SHIFT_LEAD),
    (_K.DISPATCH, Verb.DISPATCH, Role.DISPATCHER),
    (_K.SIGN, Verb.SIGN, Role.HANDLER),
    (_K.HANDLE, Verb.FINISH, Role.HANDLER),
    (_K.SEND_CHECK, Verb.SEND_CHECK, Role.ACCEPTOR),
    (_K.CHECK, Verb.CHECK, Role.INSPECTOR),
    (_K.CLOSE, Verb.CLOSE, Role.SHIFT_LEAD),
)
"""From acceptance on: the clock that runs, and the verb that ends it."""


def lay_out(conn: Connection, scene: Scene, *, seed: int) -> int:
    """Take and walk all of today's cases; how many there are. `conn` is an autocommit connection."""
    rng = Random(seed)
    wishes = [*STREET_WISHES, *DISTRICT_WISHES]
    points = [*points_in(conn, STREET, len(STREET_WISHES)), *points_in(conn, DISTRICT, len(DISTRICT_WISHES))]
    for number, (wish, point) in enumerate(zip(wishes, points, strict=True), 1):
        report_id = LAST if number == len(wishes) else uuid5(SPACE, f"fresh {number}")
        _one(conn, scene, wish, point, report_id, rng)
    return len(wishes)


def _one(conn: Connection, scene: Scene, wish: Wish, point: tuple[float, float], report_id: UUID, rng: Random) -> None:
    category = scene.catalogue.get(wish.category)
    assert category is not None
    condition = _condition(category, urgent=wish.urgent)
    moments = list(_backwards(scene, wish, condition))
    steps = list(_steps(wish, condition, moments[1:]))
    photos = Roll(category.class_code).take("before")
    body = {
        "source": wish.source.value,
        "category_code": wish.category,
        "description": f"{category.zh},{condition.zh}",
        "point": {"lon": point[0], "lat": point[1], "crs": "wgs84", "accuracy_m": 8},
        "photos": photos,
    } | ({"condition": condition.id} if wish.urgent else {})
    taken = take(
        conn, _sender(scene, wish.source), report_id, orjson.dumps(body), now=moments[0], settings=scene.settings
    )
    no = orjson.loads(taken.answer)["case"]["no"]
    case = scene.session.scalars(select(Case).where(Case.no == no)).one()
    walk(scene, case, steps, rng, photos=len(photos))
    scene.session.commit()


def _sender(scene: Scene, source: Source) -> Actor:
    """Who sends it: the inspector of the demo, the acceptor for what the telephone brings, or a machine."""
    if source in {Source.INSPECTOR, Source.PUBLIC, Source.HOTLINE}:
        return scene.players.named("inspector" if source is Source.INSPECTOR else "acceptor")
    return Actor(None, "system", "system", ())


def _condition(category: CategoryEntry, *, urgent: bool) -> ConditionEntry:
    """A condition of the wished kind; the first one where the category has none."""
    fitting = [one for one in category.conditions if (one.unit is Unit.URGENT_HOUR) is urgent]
    return (fitting or category.conditions)[0]


# --- when -------------------------------------------------------------------------------------------------------------


def _verbs(wish: Wish) -> Sequence[Verb]:
    """What has been done to the case, in order; the clock of the wish runs since the last of them."""
    if wish.clock is ClockKind.ACCEPT:
        return ()
    asked = wish.source in {Source.PUBLIC, Source.HOTLINE}
    if wish.clock is ClockKind.VERIFY:
        return (Verb.SEND_VERIFY,)
    verbs = [Verb.SEND_VERIFY, Verb.VERIFY] if asked else [Verb.ACCEPT]
    for clock, verb, _ in ROAD:
        if clock is wish.clock:
            break
        verbs.append(verb)
    if wish.detour is Verb.REFUSE:
        verbs += [Verb.DISPATCH, Verb.REFUSE]
    if wish.detour is Verb.CHECK:
        verbs += [Verb.FINISH, Verb.SEND_CHECK, Verb.CHECK, Verb.DISPATCH, Verb.SIGN]
    return verbs


def _backwards(scene: Scene, wish: Wish, condition: ConditionEntry) -> Iterator[datetime]:
    """The report's moment and that of each verb: the last so that the share is used up now, the others before it."""
    calendar = scene.rules.of(1)
    urgent = condition.unit is Unit.URGENT_HOUR and (wish.urgent or wish.clock not in {_K.ACCEPT, _K.VERIFY, _K.FILE})
    if wish.clock is ClockKind.HANDLE:
        limit, unit = limit_minutes(condition.limit, condition.unit) * 60, condition.unit
    else:
        limit, unit = stage_limit(wish.clock, urgent, scene.settings)
    used = max(int(wish.share * limit + wish.minutes * 60), 20)
    verbs = _verbs(wish)
    moments = [_back(calendar, scene.now, used, unit)]
    if wish.clock is ClockKind.HANDLE:  # it runs since the dispatch; the signature followed two minutes later
        moments.insert(0, moments[0])
        moments[1] = min(calendar.add_seconds(moments[0], 120, unit), scene.now)
    while len(moments) <= len(verbs):
        moments.insert(0, _back(calendar, moments[0], 240, Unit.URGENT_HOUR if urgent else Unit.WORK_HOUR))
    yield from moments


def _back(calendar: WorkCalendar, end: datetime, seconds: int, unit: Unit) -> datetime:
    return calendar.subtract_seconds(end, seconds, unit)


# --- what -------------------------------------------------------------------------------------------------------------

WHO = {verb: role for _, verb, role in ROAD} | {
    Verb.SEND_VERIFY: Role.ACCEPTOR,
    Verb.VERIFY: Role.INSPECTOR,
    Verb.ACCEPT: Role.ACCEPTOR,
    Verb.REFUSE: Role.HANDLER,
}


def _steps(wish: Wish, condition: ConditionEntry, moments: Sequence[datetime]) -> Iterator[Step]:
    for verb, moment in zip(_verbs(wish), moments, strict=True):
        fields: dict[str, object] = {}
        if verb is Verb.FILE:
            fields = {"condition_id": condition.id}
        elif verb is Verb.VERIFY:
            fields = {"outcome": Outcome.CONFIRMED, "text": "现场核实,情况属实"}
        elif verb is Verb.REFUSE:
            fields = {"reason": "不属于本部门职责范围"}
        elif verb is Verb.FINISH:
            fields = {"text": "已处置完毕"}
        elif verb is Verb.CHECK and wish.detour is Verb.CHECK:
            fields = {"outcome": Outcome.FAILED, "text": "问题仍然存在,请返工"}
        elif verb is Verb.CHECK:
            fields = {"outcome": Outcome.PASSED, "text": "现场已恢复"}
        yield Step(verb, WHO[verb], at=moment, fields=fields)


# --- where ------------------------------------------------------------------------------------------------------------

_POINTS = text("""
    SELECT ST_X(point) AS lon, ST_Y(point) AS lat
    FROM (
        SELECT (ST_Dump(ST_GeneratePoints(ST_Buffer(cells.geom, -0.0004), :count, :seed))).geom AS point
        FROM cells JOIN editions ON editions.id = cells.edition_id
        WHERE editions.state = 'active' AND cells.code = :code
    ) AS points
""")


def points_in(conn: Connection, code: str, count: int, *, seed: int = 7) -> list[tuple[float, float]]:
    """Places well inside the cell, the same every time: (lon, lat) in WGS-84."""
    rows = conn.execute(_POINTS, {"code": code, "count": count, "seed": seed})
    return [(round(row.lon, 6), round(row.lat, 6)) for row in rows]
