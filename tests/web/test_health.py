"""/healthz, /readyz, /metrics."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection, Engine, text

from core.db import Sessions
from core.settings import Settings
from scripts.cluster import for_service
from web.readiness import Check, checks


def beat(sessions: Sessions, at: datetime) -> None:
    with sessions.begin() as session:
        session.execute(
            text("INSERT INTO heartbeats (worker, job, at, count) VALUES ('w', 'escalate', :at, 1)"), {"at": at}
        )


def test_a_process_that_answers_is_healthy(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"ok": True}


def test_without_a_worker_it_is_not_ready_and_says_what_to_run(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    states = {check["name"]: check for check in answer.json["checks"]}
    assert states["database"]["ok"]
    assert not states["worker"]["ok"]
    assert "flask cases work" in states["worker"]["text"]


@pytest.mark.parametrize(("silent", "ok"), [(0, True), (60, True), (61, False)])
def test_a_worker_that_is_silent_for_six_heartbeats_is_dead(
    sessions: Sessions, settings: Settings, now: datetime, silent: int, ok: bool
) -> None:
    beat(sessions, now - timedelta(seconds=silent))
    with sessions.read.connect() as connection:
        found = {check.name: check.ok for check in checks(connection, settings, now=now)}
    assert found == {"database": True, "story": True, "worker": ok, "disk": True}


def test_an_old_migration_a_full_disk_and_a_database_that_is_away_are_told(
    engine: Engine, settings: Settings, now: datetime
) -> None:
    full = replace(settings, storage=replace(settings.storage, min_free_mb=10**12))
    with engine.connect() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
        found = {check.name: check for check in checks(connection, full, now=now)}
        connection.rollback()
    assert not found["database"].ok
    assert "flask db upgrade" in found["database"].text("zh")
    assert not found["disk"].ok
    away = {check.name: check.ok for check in checks(None, settings, now=now)}
    assert away == {"database": False, "disk": True}


def test_who_could_change_the_story_is_told_and_stops_nothing(
    engine: Engine, sessions: Sessions, settings: Settings, now: datetime
) -> None:
    def story(connection: Connection) -> Check:
        (found,) = (check for check in checks(connection, settings, now=now) if check.name == "story")
        return found

    one_login = Sessions(settings)  # becomes the role, and could leave it
    with sessions.read.connect() as application, one_login.read.connect() as both, engine.connect() as owner:
        closed = "story-closed" if for_service(settings.database.url) != settings.database.url else "story-ajar"
        assert (story(application).ok, story(application).says) == (True, closed)
        assert (story(both).ok, story(both).says) == (True, "story-ajar")
        assert (story(owner).ok, story(owner).says) == (True, "story-open")
        assert "wangge_app" in story(application).text("en")
        assert "could leave" in story(both).text("en")
    one_login.close()


def test_the_metrics_count_requests_by_route(client: FlaskClient) -> None:
    client.get("/healthz")
    text_ = client.get("/metrics").text
    assert 'wangge_request_seconds_count{method="GET",route="/healthz",status="200"}' in text_


def test_a_database_that_breaks_off_is_told(sessions: Sessions, settings: Settings, now: datetime) -> None:
    with sessions.write.connect() as connection:
        connection.execute(text("SET LOCAL search_path = nowhere"))
        found = {check.name: check for check in checks(connection, settings, now=now)}
        connection.rollback()
    assert (found["database"].ok, found["database"].text("en")) == (False, "ProgrammingError")


def test_without_a_database_the_process_answers_that_it_is_not_ready(settings: Settings) -> None:
    from app import create_app

    nowhere = replace(settings, database=replace(settings.database, url="postgresql+psycopg://x@127.0.0.1:1/x"))
    answer = create_app(nowhere).test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json["checks"][0] == {"name": "database", "ok": False, "text": "no connection"}
