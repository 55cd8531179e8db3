import uuid
from datetime import UTC, datetime, timedelta, timezone

import orjson
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from core.db import Instant, Sessions, to_json
from core.errors import FieldError, Invalid, NotFound
from core.settings import BadSettings, Settings
from people.models import Person


def test_a_moment_goes_in_aware_and_comes_out_in_utc(session: Session) -> None:
    east = datetime(2026, 3, 10, 9, 30, tzinfo=timezone(timedelta(hours=8)))
    person = Person(username="li", name="李", password_hash="!", created_at=east)
    session.add(person)
    session.flush()
    session.expire(person)
    assert person.created_at == east
    assert person.created_at.tzinfo is UTC


def test_a_naive_moment_is_refused(session: Session) -> None:
    session.add(Person(username="li", name="李", password_hash="!", created_at=datetime(2026, 3, 10)))  # noqa: DTZ001 (the fault itself)
    with pytest.raises(StatementError, match="a naive moment"):
        session.flush()
    session.rollback()
    assert Instant().process_result_value(None, session.connection().dialect) is None


def test_the_reader_commits_each_statement_and_keeps_its_prepared_statements(settings: Settings) -> None:
    def backend(connection: Connection) -> int:
        return connection.execute(text("SELECT pg_backend_pid()")).scalar_one()

    def prepared(connection: Connection) -> int:
        return connection.execute(text("SELECT count(*) FROM pg_prepared_statements")).scalar_one()

    sessions = Sessions(settings)  # a pool of its own: the next connection is the same one
    with sessions.read.connect() as connection:
        for _ in range(6):
            connection.execute(text("SELECT 1 + :a"), {"a": 1})
        first, count = backend(connection), prepared(connection)
    with sessions.read.connect() as connection:
        assert backend(connection) == first
        assert prepared(connection) >= count >= 1
    sessions.close()


def test_work_that_raises_is_undone(sessions: Sessions, now: datetime) -> None:
    def fail() -> None:
        with sessions.begin() as session:
            session.add(Person(username="li", name="李", password_hash="!", created_at=now))
            session.flush()
            raise NotFound

    with pytest.raises(NotFound):
        fail()
    with sessions.begin() as session:
        assert session.query(Person).count() == 0


def test_a_process_without_a_database_is_told_what_to_set() -> None:
    with pytest.raises(BadSettings, match="WANGGE_DATABASE_URL"):
        Sessions(Settings())


def test_json_knows_uuids_and_moments(now: datetime) -> None:
    name = uuid.uuid4()
    assert orjson.loads(to_json({"id": name, "at": now})) == {"id": str(name), "at": "2026-03-10T01:30:00Z"}


def test_a_refusal_carries_its_name_and_data() -> None:
    assert NotFound().problem == "not-found"
    assert NotFound("no-such-case", no="1").data == {"no": "1"}
    refusal = Invalid.one("point.crs", "missing", one_of=["wgs84"])
    assert refusal.errors == [FieldError("point.crs", "missing", (("one_of", ["wgs84"]),))]
    assert refusal.problem == "invalid"
