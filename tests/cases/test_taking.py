"""One report taken: what is written, sent twice, at once by two, by rules that change, and by whom."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from sqlalchemy import Engine, func, select, text, update
from sqlalchemy.orm import Session

from cases.errors import GroundMoves, NoCalendar, ReportDiffers
from cases.intake import taking
from cases.intake.opening import SENDS
from cases.intake.taking import Taken, take
from cases.models import (
    Calendar,
    Case,
    CasePhoto,
    Catalogue,
    Clock,
    Event,
    Notice,
    PhotoKind,
    Report,
    Source,
    case_running,
)
from cases.stages import ClockKind, CloseType, Stage
from cases.workdays import Unit
from core.db import Sessions
from core.errors import Invalid, NotAllowed
from core.settings import Settings
from grid.errors import OutsideGrid
from grid.models import Component, Duty
from people.roles import Actor, Role
from tests.make import MANHOLE, PEOPLES_SQUARE, STREET, WORKS, Town, photos

POINT = {"lon": PEOPLES_SQUARE[0], "lat": PEOPLES_SQUARE[1], "crs": "wgs84", "accuracy_m": 8}
SYSTEM = Actor(None, "system", "system", ())
TABLES = (Report, Case, Event, Clock, Notice, CasePhoto)


def body(*without: str, **changes: Any) -> dict[str, Any]:
    plain = {
        "category_code": MANHOLE,
        "description": "井盖缺失",
        "point": POINT,
        "source": "inspector",
        "photos": photos(),
    }
    return {key: value for key, value in (plain | changes).items() if key not in without}


def send(town: Town, by: str, values: dict[str, Any], report_id: UUID | None = None) -> Taken:
    raw = orjson.dumps(values)
    connection = town.session.connection()
    return take(connection, town[by], report_id or uuid4(), raw, now=town.now, settings=town.settings)


def opened(town: Town, taken: Taken) -> Case:
    no = orjson.loads(taken.answer)["case"]["no"]
    return town.session.scalars(select(Case).where(Case.no == no).execution_options(populate_existing=True)).one()


def counts(session: Session) -> dict[str, int]:
    return {table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES}


def test_a_report_writes_case_event_clock_notice_and_names_its_photo(town: Town) -> None:
    report_id, sent = uuid4(), body(observed_at="2026-03-10T09:20:00+08:00")
    before = counts(town.session)
    taken = send(town, "inspector", sent, report_id)
    assert taken.created
    assert counts(town.session) == {table: number + 1 for table, number in before.items()}
    case = opened(town, taken)
    answer = orjson.loads(taken.answer)
    assert answer["report_id"] == str(report_id)
    assert answer["case"] == {
        "no": case.no, "stage": "reported", "version": 1, "due_at": "2026-03-10T01:45:00Z",
        "centre": {"code": STREET, "level": "street", "name": "南京东路街道"},
    }  # fmt: skip
    assert answer["placement"]["cell"]["code"] == case.village_code
    assert case.no.startswith("31010126031001")
    assert len(case.no) == 19
    assert (case.stage, case.source, case.street_code) == (Stage.REPORTED, Source.INSPECTOR, STREET)
    assert (case.reporter_id, case.reported_at, case.observed_at) == (
        town["inspector"].person_id, town.now, town.now - timedelta(minutes=10),
    )  # fmt: skip
    assert case.placement == answer["placement"] | {"raw": POINT}
    assert (case.clock_kind, case.due_at) == (ClockKind.ACCEPT, town.now + timedelta(minutes=15))
    event = town.session.scalars(select(Event).where(Event.case_id == case.id)).one()
    assert (event.verb, event.stage_to, event.role, event.data["report_id"]) == (
        "report", "reported", "inspector", str(report_id),
    )  # fmt: skip
    clock = town.session.scalars(select(Clock).where(Clock.case_id == case.id)).one()
    assert (clock.unit, clock.limit_seconds, clock.next_rung) == (Unit.WORK_HOUR, 900, 1)
    assert clock.next_raise_at == clock.yellow_at == town.now + timedelta(minutes=12)
    notice = town.session.scalars(select(Notice).where(Notice.case_id == case.id)).one()
    assert (notice.kind, notice.centre_id, notice.role) == ("reported", case.centre_id, Role.ACCEPTOR)
    report = town.session.get_one(Report, report_id)
    assert (report.body, report.answer, report.case_id) == (sent, answer, case.id)


def test_the_same_report_again_gives_the_same_answer_and_writes_nothing(town: Town) -> None:
    report_id, sent = uuid4(), body()
    first = send(town, "inspector", sent, report_id)
    before = counts(town.session)
    town.move(days=1)
    again = send(town, "inspector", dict(reversed(sent.items())), report_id)
    assert not again.created
    assert orjson.loads(again.answer) == orjson.loads(first.answer)
    with pytest.raises(ReportDiffers):
        send(town, "inspector", sent | {"description": "别的"}, report_id)
    assert counts(town.session) == before


def test_a_report_sent_again_is_known_though_it_would_be_refused_by_now(town: Town) -> None:
    report_id, sent = uuid4(), body(observed_at="2026-03-10T09:39:00+08:00")
    send(town, "inspector", sent, report_id)
    town.move(minutes=-30)
    assert not send(town, "inspector", sent, report_id).created


def test_two_that_come_at_once_are_one_case(sessions: Sessions, settings: Settings, now: datetime) -> None:
    raw = orjson.dumps(body("photos", source="sensor"))

    def once(report_id: UUID) -> Taken:
        with sessions.read.connect() as connection:
            return take(connection, SYSTEM, report_id, raw, now=now, settings=settings)

    with ThreadPoolExecutor(4) as pool:
        for _ in range(10):
            taken = list(pool.map(once, [uuid4()] * 4))
            assert sum(one.created for one in taken) == 1
            assert len({orjson.dumps(orjson.loads(one.answer), option=orjson.OPT_SORT_KEYS) for one in taken}) == 1
    with sessions.begin() as session:
        assert {counts(session)[table] for table in ("reports", "cases", "events", "clocks", "notices")} == {10}


@pytest.mark.parametrize(
    ("crs", "pair"),
    [
        ("gcj02", {"lon": 121.478198, "lat": 31.228445}),
        ("bd09", {"lon": 121.484729, "lat": 31.234299}),
        ("cgcs2000", {"lon": 121.4737, "lat": 31.2304}),
    ],
)
def test_every_reference_comes_to_the_same_village(town: Town, crs: str, pair: dict[str, float]) -> None:
    right = opened(town, send(town, "inspector", body())).village_code
    case = opened(town, send(town, "inspector", body(point={"crs": crs, **pair})))
    assert case.village_code == right
    assert case.placement is not None
    assert case.placement["raw"] == {"crs": crs, **pair}


def test_outside_the_grid_nothing_is_opened(town: Town) -> None:
    before = counts(town.session)
    with pytest.raises(OutsideGrid):
        send(town, "inspector", body(point=POINT | {"lon": 123.5}))
    assert counts(town.session) == before


# --- who ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", list(Source))
@pytest.mark.parametrize("role", ["inspector", "acceptor", "shift_lead", "dispatcher", "handler", "leader", "admin"])
def test_who_may_send_which_source(town: Town, role: str, source: Source) -> None:
    if source in SENDS[Role(role)]:
        case = opened(town, send(town, role, body(source=source.value)))
        assert case.no[12:14] == source.digits
    else:
        with pytest.raises(NotAllowed) as refused:
            send(town, role, body(source=source.value))
        assert refused.value.problem == "not-your-source"


def test_an_inspector_reports_what_they_see_outside_their_own_street(town: Town) -> None:
    case = opened(town, send(town, "other_inspector", body()))
    assert case.street_code == STREET


def test_an_address_alone_waits_unlocated_where_it_was_keyed(town: Town) -> None:
    sent = body("point", "photos", source="hotline", address="人民大道 200 号")
    taken = send(town, "acceptor", sent)
    case = opened(town, taken)
    assert orjson.loads(taken.answer)["placement"] is None
    assert case.no.startswith("000000260310")
    assert (case.street_code, case.village_code, case.geom, case.placement) == (STREET, None, None, None)
    assert case.why["centre"]["rule"] == "keyed-here"
    assert case.clock_kind is ClockKind.ACCEPT


def test_an_inspector_must_give_a_point(town: Town) -> None:
    with pytest.raises(Invalid) as refused:
        send(town, "inspector", body("point", address="人民大道 200 号"))
    assert refused.value.errors[0].code == "point_needed"


def test_what_the_inspector_has_settled_is_closed_at_once(town: Town) -> None:
    before_and_after = photos(2)
    case = opened(town, send(town, "inspector", body(self_handled=True, photos=before_and_after)))
    assert (case.stage, case.close_type, case.ended_at) == (Stage.CLOSED, CloseType.SELF_HANDLED, town.now)
    assert (case.clock_kind, case.due_at) == (None, None)
    assert not town.session.scalars(select(Clock).where(Clock.case_id == case.id)).all()
    kinds = town.session.execute(select(CasePhoto.photo_id, CasePhoto.kind).where(CasePhoto.case_id == case.id))
    assert {str(photo): kind for photo, kind in kinds} == dict(
        zip(before_and_after, (PhotoKind.REPORT, PhotoKind.AFTER), strict=True)
    )


# --- rules ------------------------------------------------------------------------------------------------------------


def test_an_urgent_condition_named_by_the_sender_runs_round_the_clock(town: Town) -> None:
    town.now = datetime.fromisoformat("2026-03-10T23:00:00+08:00")
    condition = town.session.scalars(
        select(text("id")).select_from(text("filing_conditions")).where(text("unit = 'urgent_hour'"))
    )
    assert condition
    categories = taking.known(town.session.connection(), now=town.now).categories
    urgent = next(one for one in categories.by_code[MANHOLE].conditions if one.unit is Unit.URGENT_HOUR)
    case = opened(town, send(town, "inspector", body(condition=urgent.id)))
    assert (case.urgent, case.condition_id) == (True, urgent.id)
    assert case.due_at == town.now + timedelta(minutes=15)
    quiet = opened(town, send(town, "inspector", body()))
    assert quiet.due_at == datetime.fromisoformat("2026-03-11T08:15:00+08:00")


def test_a_duty_given_a_moment_ago_routes_the_next_report(town: Town) -> None:
    assert opened(town, send(town, "inspector", body())).suggested_department_id is None
    town.session.add(Duty(cell_code=STREET, category_code=MANHOLE, department_id=town.departments[WORKS].id))
    town.session.flush()
    case = opened(town, send(town, "inspector", body()))
    assert case.suggested_department_id == town.departments[WORKS].id
    assert case.why["department"]["rule"] == "duty"
    town.session.execute(update(Duty).values(valid_to=town.now))
    assert opened(town, send(town, "inspector", body())).suggested_department_id is None


def test_a_calendar_edited_a_moment_ago_plans_the_next_report(town: Town) -> None:
    opened(town, send(town, "inspector", body()))
    town.session.execute(text("UPDATE calendar_days SET kind = 'holiday' WHERE day = '2026-03-10'"))
    town.session.execute(update(Calendar).values(version=Calendar.version + 1))
    case = opened(town, send(town, "inspector", body()))
    assert case.due_at == datetime.fromisoformat("2026-03-11T08:15:00+08:00")


def test_a_category_retired_a_moment_ago_is_refused(town: Town) -> None:
    send(town, "inspector", body(category_code="90501"))
    town.session.execute(update(Catalogue).where(Catalogue.name == "local").values(retired_at=town.now))
    with pytest.raises(Invalid) as refused:
        send(town, "inspector", body(category_code="90501"))
    assert refused.value.errors[0].code == "no_such_category"


def test_a_category_loaded_a_moment_ago_is_known(town: Town) -> None:
    town.session.execute(update(Catalogue).where(Catalogue.name == "local").values(retired_at=town.now))
    with pytest.raises(Invalid):
        send(town, "inspector", body(category_code="90501"))
    town.session.execute(update(Catalogue).where(Catalogue.name == "local").values(retired_at=None))
    assert send(town, "inspector", body(category_code="90501")).created


def test_rules_that_never_stand_still_are_given_up(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "_write", lambda *_: None)
    with pytest.raises(GroundMoves):
        send(town, "inspector", body())


def test_a_components_own_department_is_suggested_and_an_unknown_one_refused(town: Town) -> None:
    own = Component(
        id="31010101001000001", category_code=MANHOLE, name="井盖", department_id=town.departments[WORKS].id,
        geom="SRID=4326;POINT(121.4737 31.2304)",
    )  # fmt: skip
    town.session.add(own)
    town.session.flush()
    case = opened(town, send(town, "inspector", body(component_id=own.id)))
    assert case.suggested_department_id == town.departments[WORKS].id
    with pytest.raises(Invalid) as refused:
        send(town, "inspector", body(component_id="nobody"))
    assert refused.value.errors[0].code == "no_such_component"


def test_beyond_the_working_calendar_nothing_is_guessed(town: Town) -> None:
    town.now = datetime.fromisoformat("2031-01-01T09:00:00+08:00")
    with pytest.raises(NoCalendar):
        send(town, "inspector", body())


def test_a_number_that_is_taken_is_drawn_wider(
    sessions: Sessions, engine: Engine, settings: Settings, now: datetime
) -> None:
    raw = orjson.dumps(body("photos", source="sensor"))
    with sessions.read.connect() as connection:
        numbers = []
        for _ in range(2):
            with engine.begin() as owner:
                owner.exec_driver_sql(f"SELECT setval('{case_running.name}', 100007)")
            taken = take(connection, SYSTEM, uuid4(), raw, now=now, settings=settings)
            numbers.append(orjson.loads(taken.answer)["case"]["no"])
    assert numbers[0].endswith("00008")
    assert numbers[1].endswith("0100009")  # the number that collided is a gap
    assert len(numbers[1]) == 21
