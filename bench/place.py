"""A database of the benchmark's own with the city in it, and the product's web server on it."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

from cases.demo.cast import create_cast
from core.db import Sessions
from core.settings import Settings, load_settings
from people.accounts import find_person, load_actor
from people.passwords import hash_password
from people.tokens import make_token
from scripts.cluster import for_service
from scripts.serve import web

ROOT = Path(__file__).resolve().parent.parent
NAME = f"wangge_bench_{os.getpid()}"


@dataclass(frozen=True)
class Place:
    """Where a benchmark runs."""

    url: str
    settings: Settings
    tokens: dict[str, str]

    @property
    def plain_url(self) -> str:
        """For libpq's programs."""
        return self.url.replace("postgresql+psycopg://", "postgresql://")

    def query(self, statement: str, *values: Any) -> list[Any]:
        with psycopg.connect(self.plain_url, autocommit=True) as connection:
            done = connection.execute(statement, values or None)
            return done.fetchall() if done.description else []


def flask(url: str, *words: str) -> str:
    command = [sys.executable, "-m", "flask", "--app", "app", *words]
    environment = {**os.environ, "WANGGE_DATABASE_URL": url}
    return subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout


@contextmanager
def bench_place() -> Iterator[Place]:
    """A fresh database with grid, categories, calendar and the demo's people; dropped at the end."""
    base = make_url(os.environ["WANGGE_DATABASE_URL"])
    server = base.set(database="postgres", drivername="postgresql").render_as_string(hide_password=False)
    url = base.set(database=NAME).render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{NAME}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{NAME}"')
    try:
        flask(url, "db", "upgrade")
        flask(url, "grid", "load", "data/shanghai-grid.geojson.gz", "--edition", "bench", "--activate")
        flask(url, "cases", "load-categories")
        settings = load_settings(environ={"WANGGE_DATABASE_URL": url, "WANGGE_DEMO_ENABLED": "true"})
        place = Place(url, settings, _people(settings))
        place.query("VACUUM ANALYZE")
        yield place
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{NAME}" WITH (FORCE)')


def _people(settings: Settings) -> dict[str, str]:
    sessions, now = Sessions(settings), datetime.now(UTC)
    with sessions.begin() as session:
        names = create_cast(session, password_hash=hash_password("benchmarks only"), now=now)
        actors = {name: load_actor(session, find_person(session, name).id) for name in names}
        tokens = {
            name: make_token(session, actor, "bench", now=now, settings=settings).secret
            for name, actor in actors.items()
        }
    sessions.close()
    return tokens


@dataclass
class Server:
    """The running web server: its address and its processes."""

    url: str
    process: subprocess.Popen[bytes]

    def workers(self) -> list[int]:
        """The processes that answer (the parent only watches)."""
        listed = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)],  # noqa: S607
            capture_output=True,
            text=True,
            check=False,
        )
        return [int(pid) for pid in listed.stdout.split()] or [self.process.pid]

    def cpu_seconds(self) -> dict[int, float]:
        """CPU that each worker has used so far."""
        used = {}
        for pid in self.workers():
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            used[pid] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return used


@contextmanager
def web_server(place: Place) -> Iterator[Server]:
    """The product's own web server on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "WANGGE_DATABASE_URL": for_service(place.url),
        "WANGGE_DEMO_ENABLED": "true",
        "WANGGE_WEB_PORT": str(port),
        "WANGGE_LOGS_LEVEL": "WARNING",
    }
    child = web(place.settings, "127.0.0.1", port)
    program = str(Path(sys.executable).parent / child.command[0])
    process = subprocess.Popen([program, *child.command[1:]], cwd=ROOT, env=environment)
    try:
        _wait(f"http://127.0.0.1:{port}/healthz")
        yield Server(f"http://127.0.0.1:{port}", process)
    finally:
        process.terminate()
        process.wait(20)


def _wait(url: str) -> None:
    for _ in range(200):
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 (our own address)
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"{url} does not answer")
