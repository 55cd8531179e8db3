"""Real PostGIS for every test: migrated template databases, one clone a worker, and a `now` that does not move."""

import fcntl
import hashlib
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.orm import Session

from core.db import Sessions
from core.settings import Settings, load_settings
from scripts.cluster import for_service

ROOT = Path(__file__).resolve().parent.parent
# What a template holds depends on these; another content makes another template.
TEMPLATE_INPUTS = (
    "migrations/**/*.py",
    "data/*.csv",
    "data/shanghai-grid.geojson.gz",
    "grid/*.py",
    "grid/loading/*.py",
    "cases/categories.py",
    "cases/seeding.py",
    "cases/calendar_seed.py",
    "cases/sealing.py",
    "core/*.py",
    "config.toml",
)
KEPT_TABLES = {
    "alembic_version", "spatial_ref_sys", "editions", "cells", "centres", "calendars", "schedules", "calendar_days",
    "catalogues", "categories", "filing_conditions", "rungs",
}  # fmt: skip


# --- databases --------------------------------------------------------------------------------------------------------


def _server_url() -> str:
    if url := os.environ.get("WANGGE_DATABASE_URL"):
        return url
    subprocess.run([ROOT / "scripts/database", "start"], check=True, capture_output=True)
    shown = subprocess.run([ROOT / "scripts/database", "url"], check=True, capture_output=True, text=True)
    return shown.stdout.strip()


def _named(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)


@contextmanager
def _maintenance(url: str) -> Iterator[psycopg.Connection[Any]]:
    plain = _named(url, "postgres").replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(plain, autocommit=True) as connection:
        yield connection


def flask(*words: str, url: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a `flask …` command on a database, as a person would; raises when it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", *words],
        cwd=ROOT,
        env={**os.environ, "WANGGE_DATABASE_URL": url, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"flask {' '.join(words)}: {done.stdout}{done.stderr}"
    return done


def _template(url: str, kind: str, build: Callable[[str], None]) -> str:
    digest = hashlib.sha256()
    for pattern in TEMPLATE_INPUTS:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(path.name.encode() + path.read_bytes())
    name = f"wangge_tpl_{kind}_{digest.hexdigest()[:12]}"
    lock = ROOT / "var" / "test-templates.lock"
    lock.parent.mkdir(exist_ok=True)
    with lock.open("w") as held, _maintenance(url) as server:
        fcntl.flock(held, fcntl.LOCK_EX)
        if server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return name
        building = f"{name}_building"
        server.execute(f'DROP DATABASE IF EXISTS "{building}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{building}"')
        build(_named(url, building))
        server.execute(f'ALTER DATABASE "{building}" RENAME TO "{name}"')
        for (old,) in server.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE %s AND datname <> %s AND datname NOT LIKE '%%building'",
            [f"wangge_tpl_{kind}_%", name],
        ).fetchall():
            in_use = server.execute("SELECT 1 FROM pg_stat_activity WHERE datname = %s", [old]).fetchone()
            if not in_use:
                server.execute(f'DROP DATABASE IF EXISTS "{old}"')
    return name


@pytest.fixture(scope="session")
def server_url() -> str:
    return _server_url()


@pytest.fixture(scope="session")
def empty_template(server_url: str) -> str:
    """Migrated and seeded (calendar, ladder); no ground, no categories."""
    return _template(server_url, "empty", lambda url: flask("db", "upgrade", url=url) and None)


@pytest.fixture(scope="session")
def city_template(server_url: str) -> str:
    """Shanghai: its grid active, its categories loaded."""

    def build(url: str) -> None:
        flask("db", "upgrade", url=url)
        flask("grid", "load", "data/shanghai-grid.geojson.gz", "--edition", "demo", "--activate", url=url)
        flask("cases", "load-categories", url=url)
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("VACUUM ANALYZE"))
        engine.dispose()

    return _template(server_url, "city", build)


@contextmanager
def _clone(server_url: str, template: str) -> Iterator[str]:
    name = f"wangge_test_{os.getpid()}_{uuid.uuid4().hex[:8]}"
    with _maintenance(server_url) as server:
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield _named(server_url, name)
    finally:
        with _maintenance(server_url) as server:
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def city_url(server_url: str, city_template: str) -> Iterator[str]:
    """One clone of the city for this worker; tests leave it as they found it."""
    with _clone(server_url, city_template) as url:
        yield url


@pytest.fixture
def fresh_city_url(server_url: str, city_template: str) -> Iterator[str]:
    """A clone for one test that changes ground, categories or calendars, or runs processes of its own."""
    with _clone(server_url, city_template) as url:
        yield url


@pytest.fixture
def empty_url(server_url: str, empty_template: str) -> Iterator[str]:
    """A clone without ground for one test."""
    with _clone(server_url, empty_template) as url:
        yield url


@pytest.fixture(scope="session")
def engine(city_url: str) -> Iterator[Engine]:
    made = create_engine(city_url)
    yield made
    made.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session in a transaction that is undone at the end; what the code commits are savepoints."""
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as made:
            yield made
        outer.rollback()


@pytest.fixture(scope="session")
def _worker_sessions(city_url: str) -> Iterator[Sessions]:
    settings = load_settings(environ={"WANGGE_DATABASE_URL": for_service(city_url)})
    made = Sessions(settings, application="wangge-tests")
    yield made
    made.close()


@pytest.fixture
def sessions(_worker_sessions: Sessions, engine: Engine) -> Iterator[Sessions]:
    """The engines of a web process on the clone, for what commits; all but ground and categories is emptied after."""
    yield _worker_sessions
    with engine.begin() as connection:  # the application's role may not empty the story
        found = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars()
        names = ", ".join(f'"{name}"' for name in sorted(set(found) - KEPT_TABLES))
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY"))


# --- time, settings, the app ------------------------------------------------------------------------------------------


@pytest.fixture
def now() -> datetime:
    """Tuesday 2026-03-10 09:30 in Shanghai, an ordinary working morning."""
    return datetime(2026, 3, 10, 1, 30, tzinfo=UTC)


@pytest.fixture
def settings(city_url: str, tmp_path: Path) -> Settings:
    plain = load_settings(environ={"WANGGE_DATABASE_URL": city_url})
    # the demo's cast plays in the journeys
    return replace(
        plain, demo=replace(plain.demo, enabled=True), storage=replace(plain.storage, photos=str(tmp_path / "photos"))
    )


@pytest.fixture
def app(settings: Settings, sessions: Sessions) -> Flask:
    from app import create_app

    made = create_app(settings, sessions)
    made.testing = True
    return made


@pytest.fixture
def client(app: Flask) -> Iterator[FlaskClient]:
    with app.test_client() as made:
        yield made


# --- slow tests say so ------------------------------------------------------------------------------------------------


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    wall, busy = time.perf_counter(), time.process_time()
    result = yield
    wall, busy = time.perf_counter() - wall, time.process_time() - busy
    # the machine may be busy with something else, which slows a shared core's CPU by half and the wall by much more
    second = 3 if item.config.getoption("cov_source", None) else 1.5  # tracing costs
    if (busy > second or wall > 5 * second) and not item.get_closest_marker("slow"):
        pytest.fail(f"slow: {busy:.1f} s of CPU, {wall:.1f} s in all; make it faster or mark it `slow`")
    return result
