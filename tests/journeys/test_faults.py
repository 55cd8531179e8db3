"""Workers are killed every second and the database crashes once: every rung fires once, and every message arrives.

Real processes on a cluster of their own. FAULT_CLOCKS sets the number of due clocks (20,000 unless it says otherwise).
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from itertools import count
from pathlib import Path
from threading import Lock, Timer
from typing import Any

import orjson
import pytest
from sqlalchemy import Engine, NullPool, create_engine, text
from sqlalchemy.exc import OperationalError

from cases.verifying import verify
from scripts.cluster import DatabaseError, Place, binaries, find_place, running, start, stop
from tests.conftest import ROOT
from tests.loopback import taking

CLOCKS = int(os.environ.get("FAULT_CLOCKS", "20000"))
WORKERS = 4
SPREAD = 16
"""Seconds over which the limits run out, while workers are killed."""
CRASH_AFTER = 6
STREETS = ("310101002000", "310106013000", "310115004000", "310104003000")

# --- a database that may crash ----------------------------------------------------------------------------------------


@pytest.fixture
def place(fresh_city_url: str, tmp_path: Path) -> Iterator[Place]:
    """A cluster of its own with the city in it."""
    try:
        made = find_place(tmp_path / "checkout")
        bins = binaries(made)
    except DatabaseError as missing:
        pytest.skip(f"no server that may crash: {missing}")
    try:
        start(made)
        dump = tmp_path / "city.dump"
        subprocess.run([bins / "pg_dump", "-Fc", "-Z0", "-f", dump, _plain(fresh_city_url)], check=True)
        subprocess.run([bins / "pg_restore", "-j2", "--no-owner", "-d", _plain(made.url), dump], check=True)
        yield made
    finally:
        stop(made)
        shutil.rmtree(made.directory)
        shutil.rmtree(made.socket, ignore_errors=True)


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg:", "postgresql:")


@contextmanager
def _engine(place: Place) -> Iterator[Engine]:
    engine = create_engine(place.url, isolation_level="AUTOCOMMIT", poolclass=NullPool)  # none outlives the crash
    yield engine
    engine.dispose()


def crash(place: Place) -> None:
    """The server drops everything where it stands, and comes back from its log."""
    pid = running(place)
    assert pid
    os.kill(pid, signal.SIGQUIT)
    while running(place):
        time.sleep(0.02)
    start(place)


def ask(engine: Engine, statement: str, **values: Any) -> Any:
    """One value; while the database is away it is asked again."""
    end = time.monotonic() + 60
    while True:
        try:
            with engine.connect() as connection:
                return connection.execute(text(statement), values).scalar_one()
        except OperationalError:
            assert time.monotonic() < end, "the database stays away"
            time.sleep(0.1)


def wait_until(engine: Engine, statement: str, wanted: Any, seconds: float) -> None:
    end = time.monotonic() + seconds
    while (found := ask(engine, statement)) != wanted:
        assert time.monotonic() < end, f"{statement}: {found}, not {wanted}"
        time.sleep(0.1)


# --- what is due ------------------------------------------------------------------------------------------------------

# Urgent work of an hour: half an hour ago its warning was due, its limit runs out within the next seconds; every tenth
# began half an hour earlier and is due to be supervised. Limits run out at whole seconds, as the product reckons them.
DUE = (
    """
    INSERT INTO cases (no, stage, version, round, source, description, urgent, centre_id, why, reported_at, paused,
        urged_count, red_card, clock_kind, due_at, yellow_at, city_code, district_code, street_code)
    SELECT 'f' || g, 'handling', 1, 1, 'hotline', '', true, centres.id, '{}', began.at, false, 0, false, 'handle',
        began.at + interval '60 minutes', began.at + interval '30 minutes', line ->> 0, line ->> 1, line ->> 2
    FROM generate_series(1, :clocks) AS g
    JOIN centres ON centres.code = (CAST(:streets AS text[]))[g % :number + 1]
    CROSS JOIN LATERAL (
        SELECT date_trunc('second', now() + :spread * interval '1 second' * g / :clocks)
            - CASE WHEN g % 10 = 0 THEN interval '91 minutes' ELSE interval '60 minutes' END AS at
    ) AS began
    """,
    """
    INSERT INTO events (case_id, at, verb, stage_to, data) SELECT id, reported_at, 'report', 'handling', '{}' FROM cases
    """,
    """
    INSERT INTO clocks (case_id, kind, round, state, urgent, unit, limit_seconds, calendar_id, segments, started_at,
        due_at, yellow_at, next_rung, next_raise_at)
    SELECT id, 'handle', 1, 'running', true, 'urgent_hour', 3600, 1,
        jsonb_build_array(jsonb_build_array(
            to_char(reported_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), NULL, NULL)),
        reported_at, due_at, yellow_at, 1, yellow_at
    FROM cases
    """,
)
EXPECTED = """
    SELECT clocks.id AS clock_id, position
    FROM clocks JOIN cases ON cases.id = case_id CROSS JOIN generate_series(1, 3) AS position
    WHERE clocks.kind = 'handle' AND (position <= 2 OR substr(no, 2)::integer % 10 = 0)
"""


def lay(engine: Engine, receiver: "Receiver") -> None:
    """The clocks, and a webhook at each street and at the city, in one transaction."""
    values = {"clocks": CLOCKS, "streets": list(STREETS), "number": len(STREETS), "spread": SPREAD}
    hooks = """
        INSERT INTO webhooks (name, url, secret, centre_id, version, created_at)
        SELECT code, :url, 'secret', id, 1, now() FROM centres WHERE code = ANY(:codes)
    """
    with engine.connect().execution_options(isolation_level="READ COMMITTED") as connection, connection.begin():
        for statement in DUE:
            connection.execute(text(statement), {k: v for k, v in values.items() if f":{k}" in statement})
        connection.execute(text(hooks), {"url": receiver.url, "codes": [*STREETS, "310000000000"]})
    with engine.connect() as connection:
        connection.execute(text("ANALYZE"))


# --- who is told ------------------------------------------------------------------------------------------------------


@dataclass
class Receiver:
    """Takes messages, now and then with a 500 after it has taken one: then it gets the same again."""

    url: str = ""
    got: list[tuple[str, bytes]] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)
    asked: Iterator[int] = field(default_factory=count)

    def take(self, _: str, headers: Message, body: bytes) -> tuple[int, dict[str, str]]:
        with self.lock:
            self.got.append((headers["X-Wangge-Delivery"], body))
            return (500 if next(self.asked) % 5 == 4 else 200), {}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    box = Receiver()
    with taking(box.take) as address:
        box.url = f"{address}/"
        yield box


# --- workers ----------------------------------------------------------------------------------------------------------


class Crew:
    """Four workers; whoever is killed is replaced."""

    def __init__(self, place: Place, log: Path, number: int = WORKERS) -> None:
        self.log = log.open("ab")
        self.environment = {
            **os.environ, "WANGGE_DATABASE_URL": place.service_url, "WANGGE_ESCALATION_TICK_SECONDS": "0.2",
            "WANGGE_ESCALATION_BATCH": "100", "WANGGE_DELIVERY_TICK_SECONDS": "0.2",
            "WANGGE_DELIVERY_RETRY_SECONDS": "0.2", "WANGGE_DELIVERY_DIGEST_FROM": "1",
            "WANGGE_DELIVERY_DIGEST_MINUTES": "0", "WANGGE_DELIVERY_ATTEMPTS_MOST": "50",
            "WANGGE_DELIVERY_PRIVATE_TARGETS": "127.0.0.0/8", "WANGGE_LOGS_LEVEL": "ERROR",
        }  # fmt: skip
        self.killed = 0
        self.members = [self._hire() for _ in range(number)]

    def _hire(self) -> subprocess.Popen[bytes]:
        # `flask cases work` without the web's imports: a new one each second costs the machine enough
        command = [sys.executable, "-X", "faulthandler", "-c", "from cases.commands import cases; cases(['work'])"]
        return subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=self.log, stderr=self.log)

    def kill_one(self, chance: random.Random) -> None:
        index = chance.randrange(WORKERS)
        self.members[index].kill()
        self.members[index].wait()
        self.members[index] = self._hire()
        self.killed += 1

    def end(self) -> set[int]:
        """How they ended: orderly, or so soon after they were hired that they could not know better."""
        for member in self.members:
            member.send_signal(signal.SIGTERM)
        try:
            return {member.wait(60) for member in self.members}
        except subprocess.TimeoutExpired:
            for member in self.members:
                member.send_signal(signal.SIGABRT)  # tells in the log where it is
            time.sleep(1)
            raise

    def gone(self) -> None:
        for member in self.members:
            member.kill()
            member.wait()
        self.log.close()


@contextmanager
def crew(place: Place, log: Path, number: int = WORKERS) -> Iterator[Crew]:
    made = Crew(place, log, number)
    try:
        yield made
    finally:
        made.gone()


# --- the journey ------------------------------------------------------------------------------------------------------


@pytest.mark.slow  # a minute of crashes
def test_whatever_dies_each_rung_fires_once_and_each_message_arrives(
    place: Place, receiver: Receiver, tmp_path: Path
) -> None:
    chance, log = random.Random(20_000), tmp_path / "workers.log"
    with _engine(place) as engine:
        with crew(place, log) as workers:
            wait_until(engine, "SELECT count(DISTINCT worker) >= 4 FROM heartbeats WHERE job = 'escalate'", True, 120)
            lay(engine, receiver)
            began = time.monotonic()
            falling = Timer(CRASH_AFTER, crash, [place])
            falling.start()
            while time.monotonic() - began < SPREAD:
                time.sleep(1)
                workers.kill_one(chance)
            falling.join()
            wait_until(engine, "SELECT count(*) FROM clocks WHERE next_raise_at <= now()", 0, 180)
            raised = time.monotonic() - began
            assert workers.end() <= {0, -signal.SIGTERM}, log.read_text()
        # nobody lives who could hold a message: its time is over
        with engine.connect() as connection:
            connection.execute(text("UPDATE deliveries SET due_at = now() WHERE state = 'sending'"))
        with crew(place, log, 2) as last:
            wait_until(engine, NOT_TOLD, 0, 180)
            assert last.end() <= {0, -signal.SIGTERM}, log.read_text()
        assert "starting up" in log.read_text() or "server closed" in log.read_text(), "they met the crash"
        check_rungs(engine)
        twins = check_messages(engine, receiver)
        told = ask(engine, "SELECT count(*) FROM notices")
    print(  # noqa: T201  the figures
        f"\n{CLOCKS:,} clocks: {CLOCKS * 2 + CLOCKS // 10:,} rungs in {raised:.0f} s, {workers.killed} workers killed, "
        f"1 crash of the database; {told:,} notices in {len(set(dict(receiver.got))):,} messages, {twins} of them twice"
    )


NOT_TOLD = """
    SELECT (SELECT count(*) FROM deliveries WHERE state <> 'sent')
        + (SELECT count(*) FROM notices WHERE id > (SELECT coalesce(max(last_id), 0) FROM tails WHERE name = 'notices'))
"""


def check_rungs(engine: Engine) -> None:
    """Exactly what was due has fired; the story tells each once and is whole; nobody's version moved."""
    fired = "SELECT clock_id, position FROM escalations"
    for one, other in ((EXPECTED, fired), (fired, EXPECTED)):
        assert ask(engine, f"SELECT count(*) FROM (({one}) EXCEPT ({other})) AS d") == 0
    number = CLOCKS * 2 + CLOCKS // 10
    assert ask(engine, "SELECT count(*) FROM escalations") == number
    assert ask(engine, "SELECT count(*) FROM events WHERE verb = 'escalate'") == number
    assert ask(engine, "SELECT count(*) FROM cases WHERE urged_count = 1 AND version = 1") == CLOCKS
    assert ask(engine, "SELECT count(*) FROM supervision_orders") == CLOCKS // 10
    assert ask(engine, "SELECT count(*) FROM clocks WHERE kind = 'reply'") == CLOCKS // 10
    with engine.connect() as connection:
        found = verify(connection)
    assert (found.cases, found.events, found.broken) == (CLOCKS, CLOCKS + number, [])


def check_messages(engine: Engine, receiver: Receiver) -> int:
    """Every rung was told to the street's webhook and to the city's, each notice under one id; how many came twice."""
    times = Counter(delivery for delivery, _ in receiver.got)
    with engine.connect() as connection:
        sent = {str(one) for one in connection.execute(text("SELECT id FROM deliveries")).scalars()}
        number = connection.execute(text("SELECT count(*) FROM escalations")).scalar_one()
    assert set(times) == sent
    under: dict[tuple[str, int], str] = {}
    heard: set[tuple[str, str, str]] = set()
    for delivery, body in receiver.got:
        message = orjson.loads(body)
        hook = message["webhook"]["name"]
        assert message["id"] == delivery
        for notice in message["notices"]:
            assert under.setdefault((hook, notice["id"]), delivery) == delivery
            heard |= {(hook, notice["case"]["no"], rung) for rung in notice["data"]["rungs"]}
    assert len(heard) == 2 * number
    return sum(1 for seen in times.values() if seen > 1)
