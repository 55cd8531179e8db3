"""Many reports at once: the same cases as one by one, each line on its own, files of every form."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

import orjson
import pytest
from sqlalchemy import Engine, create_engine, func, select, text
from sqlalchemy.orm import Session

from cases.categories import categories
from cases.errors import ReportDiffers
from cases.intake import batch as batches
from cases.intake import take, take_lines
from cases.intake.files import SYSTEM
from cases.intake.lines import id_of, read_line
from cases.intake.many import Handover, Opened, take_many
from cases.models import Case, CasePhoto, Clock, Event, Notice, Report
from core.db import Sessions
from core.errors import FieldError, Invalid, NotAllowed, Refusal
from core.settings import Settings
from grid.levels import Level
from people.accounts import add_person
from people.roles import Actor, Role, Seat
from tests.make import photos

SQUARE = {"lon": 121.4737, "lat": 31.2304, "crs": "wgs84"}


def line(**changes: Any) -> dict[str, Any]:
    plain = {
        "report_id": f"R{uuid4().hex[:12]}", "reported_at": "2026-03-09T10:00:00+08:00", **SQUARE, "source": "hotline",
        "category_code": "06010", "description": "暴露垃圾",
    }  # fmt: skip
    return {key: value for key, value in (plain | changes).items() if value is not None}


def ndjson(lines: Iterable[dict[str, Any]]) -> bytes:
    return b"\n".join(map(orjson.dumps, lines))


def many(
    sessions: Sessions, settings: Settings, now: datetime, *lines: dict[str, Any], actor: Actor = SYSTEM
) -> list[Any]:
    return take_many(sessions.write, [read_line(orjson.dumps(one)) for one in lines], Handover(actor, now, settings))


def actor(role: Role, code: str = "310101002000") -> Actor:
    codes = ("310000000000", "310101000000", "310101002000")
    level = Level.STREET if code == codes[2] else Level.CITY
    line_ = codes if level is Level.STREET else codes[:1]
    return Actor(7, "somebody", "somebody", (Seat(role, 3, code, "here", level, line_),))


def count(sessions: Sessions, *tables: Any) -> list[int]:
    with sessions.begin() as session:
        return [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


# --- the same as one by one -------------------------------------------------------------------------------------------

SHOWN = {
    Case: "no id",
    Clock: "id case_id",
    Event: "id case_id data hash",
    Notice: "id case_id",
    CasePhoto: "case_id photo_id",
    Report: "id case_id answer body_sha256",
}
BODIES: list[dict[str, Any]] = [
    {"point": SQUARE},
    {"point": SQUARE | {"accuracy_m": 60}},
    {
        "point": SQUARE,
        "category_code": "01001",
        "description": 'a\tb\n"c"\\d\r',
        "address": "路\\n",
        "condition": "urgent",
    },
    {"point": {"crs": "gcj02", "lon": 121.478198, "lat": 31.228445}},
    {"point": {"crs": "sh2000", "x": 0.0, "y": 0.0}},
    {"point": SQUARE, "source": "inspector", "category_code": None, "photos": photos(2)},
    {"point": SQUARE, "source": "inspector", "photos": photos(2), "self_handled": True},
    {"point": SQUARE, "observed_at": "2026-03-10T01:00:00.5Z"},
]


@pytest.mark.parametrize("changes", BODIES)
def test_a_line_becomes_what_a_single_report_becomes(
    changes: dict[str, Any], sessions: Sessions, settings: Settings, now: datetime
) -> None:
    with sessions.begin() as session:
        urgent = categories(session).by_code["01001"].conditions[0].id
    body = {"source": "hotline", "category_code": "06010", "description": "暴露垃圾"} | changes
    body = {key: urgent if value == "urgent" else value for key, value in body.items() if value is not None}
    acceptor, first, second = actor(Role.ACCEPTOR), uuid4(), uuid4()
    with sessions.read.connect() as connection:
        one = take(connection, acceptor, first, orjson.dumps(body), now=now, settings=settings)
    (other,) = many(sessions, settings, now, {"report_id": str(second), **body}, actor=acceptor)
    assert isinstance(other, Opened)
    with sessions.begin() as session:
        single, bulk = (_rows(session, orjson.loads(answer)) for answer in (one.answer, other.answer))
    assert single == bulk
    assert _plain(orjson.loads(one.answer)) == _plain(orjson.loads(other.answer))


def _plain(answer: dict[str, Any]) -> dict[str, Any]:
    return answer | {"report_id": "", "case": answer["case"] | {"no": ""}}


def _rows(session: Session, answer: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    case = session.scalars(select(Case).where(Case.no == answer["case"]["no"])).one()
    found = {}
    for model, hidden in SHOWN.items():
        key = model.__table__.c.id if model is Case else model.__table__.c.case_id
        columns = [column for column in model.__table__.c if column.name not in hidden.split()]
        rows = session.execute(select(*columns).where(key == case.id).order_by(*columns[:1])).mappings()
        found[model.__name__] = [{name: str(value) for name, value in row.items()} for row in rows]
    return found


# --- each line on its own ---------------------------------------------------------------------------------------------


def test_each_line_is_accepted_or_refused_on_its_own(sessions: Sessions, settings: Settings, now: datetime) -> None:
    results = many(
        sessions, settings, now,
        line(), line(crs=None), line(lon=31.2, lat=121.4), line(lon=0, lat=0), line(category_code="99999"),
        line(source="martian"), line(report_id=None), line(component_id="none"),
        line(reported_at="2026-03-09T10:00:00"),
        line(lon=None, lat=None, crs=None, address="人民大道"), line(lon=None, lat=None, crs=None),
    )  # fmt: skip
    assert isinstance(results[0], Opened)
    assert all(isinstance(result, Refusal) for result in results[1:])
    codes = [result.errors[0].code for result in results[1:]]
    assert codes == [
        "required", "swapped", "outside_grid", "no_such_category", "not_one_of", "required", "no_such_component",
        "no_offset", "point_needed", "point_or_address",
    ]  # fmt: skip
    assert count(sessions, Case, Report, Event, Clock) == [1, 1, 1, 1]


def test_twins_in_one_batch_are_one_case(sessions: Sessions, settings: Settings, now: datetime) -> None:
    one = line()
    results = many(sessions, settings, now, one, one, one | {"description": "别的"}, one)
    assert [getattr(result, "created", None) for result in results] == [True, False, None, False]
    assert isinstance(results[2], ReportDiffers)
    assert results[0].answer == results[1].answer
    again = many(sessions, settings, now + timedelta(days=1), one, one | {"lon": 121.0})
    assert orjson.loads(again[0].answer) == orjson.loads(results[0].answer)
    assert isinstance(again[1], ReportDiffers)
    assert count(sessions, Case) == [1]


def test_a_line_and_a_single_report_of_one_uuid_are_one_case(
    sessions: Sessions, settings: Settings, now: datetime
) -> None:
    report_id = uuid4()
    body = {"point": SQUARE, "source": "hotline", "category_code": "06010", "description": "x"}
    with sessions.read.connect() as connection:
        take(connection, SYSTEM, report_id, orjson.dumps(body), now=now, settings=settings)
    (result,) = many(sessions, settings, now, {"uuid": str(report_id), "report_id": "R1", **body})
    assert not result.created


def test_a_number_that_is_taken_is_drawn_wider(
    sessions: Sessions, engine: Engine, settings: Settings, now: datetime
) -> None:
    for _ in range(2):
        with engine.begin() as owner:
            owner.execute(text("SELECT setval('case_running', 7)"))
        results = many(sessions, settings, now, line(), line())
        assert all(isinstance(result, Opened) for result in results)
    assert count(sessions, Case) == [4]


def test_history_counts_from_when_it_was_reported_and_others_from_receipt(
    sessions: Sessions, settings: Settings, now: datetime
) -> None:
    moments = {}
    for who in (SYSTEM, actor(Role.ADMIN), actor(Role.ACCEPTOR)):
        (result,) = many(sessions, settings, now, line(), actor=who)
        no = orjson.loads(result.answer)["case"]["no"]
        with sessions.begin() as session:
            case = session.scalars(select(Case).where(Case.no == no)).one()
            moments[who.seats[0].role if who.seats else None] = (case.reported_at, case.observed_at)
    told = datetime.fromisoformat("2026-03-09T10:00:00+08:00")
    assert moments == {None: (told, told), Role.ADMIN: (told, told), Role.ACCEPTOR: (now, told)}


def test_an_inspectors_batch_needs_photos_and_its_own_source(
    sessions: Sessions, settings: Settings, now: datetime
) -> None:
    inspector = actor(Role.INSPECTOR)
    results = many(
        sessions, settings, now, line(source="inspector"), line(), line(source="inspector", photos=photos()),
        actor=inspector,
    )  # fmt: skip
    assert results[0].errors[0].code == "photo_needed"
    assert isinstance(results[1], NotAllowed)
    assert results[2].created


def test_days_without_a_calendar_are_refused_and_the_others_taken(
    sessions: Sessions, settings: Settings, now: datetime
) -> None:
    results = many(sessions, settings, now, line(), line(reported_at="2010-03-09T10:00:00+08:00"))
    assert results[0].created
    assert results[1].problem == "calendar-missing"


def test_a_batch_tells_each_lines_name_and_result(
    sessions: Sessions, settings: Settings, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "CHUNK", 2)
    lines = [line(report_id=f"R{number}") for number in range(5)]
    data = ndjson(lines) + b"\n\n{\n[]\n"
    told = list(take_lines(sessions.write, SYSTEM, data, now=now, settings=settings))
    assert [one.name for one in told] == ["R0", "R1", "R2", "R3", "R4", None, None]
    first = orjson.loads(told[0].result)
    assert (first["report_id"], first["status"], first["placement"]["method"]) == ("R0", 201, "inside")
    assert isinstance(told[5].result, Invalid)
    again = list(take_lines(sessions.write, SYSTEM, data, now=now, settings=settings))
    assert orjson.loads(again[0].result) == first | {"status": 200}


def test_too_many_lines_are_refused_before_the_first(sessions: Sessions, settings: Settings, now: datetime) -> None:
    with pytest.raises(Invalid) as refused:
        take_lines(sessions.write, SYSTEM, b"{}\n" * (settings.intake.batch_lines + 1), now=now, settings=settings)
    assert refused.value.errors[0].code == "too_many"


def test_a_database_that_is_too_busy_refuses_the_chunk_and_not_the_batch(
    sessions: Sessions, settings: Settings, now: datetime
) -> None:
    impatient = create_engine(settings.database.url, connect_args={"options": "-c lock_timeout=50ms"})
    data = ndjson([line()])
    with sessions.write.begin() as blocker:
        blocker.execute(text("LOCK TABLE editions IN ACCESS EXCLUSIVE MODE"))
        (told,) = take_lines(impatient, SYSTEM, data, now=now, settings=settings)
    assert isinstance(told.result, Refusal)
    assert told.result.problem == "busy"
    assert count(sessions, Case) == [0]
    (told,) = take_lines(impatient, SYSTEM, data, now=now, settings=settings)
    assert isinstance(told.result, bytes)
    impatient.dispose()


def test_a_name_is_an_id_and_a_uuid_is_itself() -> None:
    named = uuid4()
    assert id_of(str(named)) == named
    assert id_of("R202500000001") == id_of("R202500000001") != id_of("R202500000002")
    assert id_of("R202500000001") != uuid5(NAMESPACE_URL, "R202500000001")
    assert id_of("x" * 36) == id_of("x" * 36)


def test_two_senders_may_give_one_name_to_different_reports(
    sessions: Sessions, settings: Settings, now: datetime
) -> None:
    for sender in ("feed-a", "feed-b"):
        with sessions.begin() as session:
            person = add_person(session, sender, sender, "correct horse battery", now=now)
            session.flush()
            who = Actor(person.id, sender, sender, actor(Role.ADMIN, "310000000000").seats)
        data = ndjson([line(report_id="SN-1", description=sender)])
        for status in (201, 200):
            (told,) = take_lines(sessions.write, who, data, now=now, settings=settings)
            assert isinstance(told.result, bytes)
            assert orjson.loads(told.result)["status"] == status
    assert count(sessions, Report) == [2]


ABROAD: list[dict[str, Any]] = [
    {"crs": "bd09", "lon": -180, "lat": -90},
    {"crs": "bd09", "lon": 73, "lat": -90},
    {"crs": "gcj02", "lon": 180, "lat": -90},
    {"crs": "wgs84", "lon": 30, "lat": -7.5},
]


def test_a_place_on_the_other_side_of_the_globe_refuses_its_line_alone(
    sessions: Sessions, settings: Settings, now: datetime
) -> None:
    results = many(sessions, settings, now, line(), *(line(**place) for place in ABROAD), line(component_id="a\0"))
    assert [getattr(result, "problem", None) for result in results] == [None, *["outside-grid"] * 4, "invalid"]
    assert results[5].errors == [FieldError.of("component_id", "nul_character")]
    assert count(sessions, Case) == [1]
