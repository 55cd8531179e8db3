"""The worker: what its jobs do, that a failing one comes again, and that killed workers raise nothing twice."""

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, select, text

from cases import jobs
from cases.commands import cases as commands
from cases.jobs import JOBS, Job, Worker, drain, heartbeat, photos, sweep, work
from cases.models import Case, Event, Heartbeat
from cases.stages import Stage, Verb
from core.db import Sessions
from core.settings import Settings
from people.models import SigninFailure
from scripts.cluster import for_service
from tests.conftest import ROOT
from tests.make import STREET, day_after, make_town

START = datetime(2026, 3, 9, 0, 0, tzinfo=UTC)  # a Monday, 08:00 in Shanghai
LATER = START + timedelta(hours=3, minutes=1)

# Overdue cases of one hour: warn, urge, supervise_1 to 3 have all been reached at LATER.
CASES = text("""
    INSERT INTO cases (no, stage, version, round, source, description, urgent, centre_id, why, reported_at, paused,
        urged_count, red_card)
    SELECT 'k' || g, 'handling', 3, 1, 'hotline', '', false, centres.id, '{}', :start, false, 0, false
    FROM generate_series(1, :cases) AS g, centres WHERE centres.code = :code
""")
CLOCKS = text("""
    INSERT INTO clocks (case_id, kind, round, state, urgent, unit, limit_seconds, calendar_id, segments, started_at,
        due_at, yellow_at, next_rung, next_raise_at)
    SELECT id, 'handle', 1, 'running', false, 'work_hour', 3600, 1,
        jsonb_build_array(jsonb_build_array('2026-03-09T00:00:00Z', NULL, NULL)), reported_at,
        reported_at + interval '1 hour', reported_at + interval '48 minutes', 1, reported_at + interval '48 minutes'
    FROM cases
""")


def overdue(sessions: Sessions, number: int) -> None:
    with sessions.write.begin() as connection:
        connection.execute(CASES, {"start": START, "cases": number, "code": STREET})
        connection.execute(CLOCKS)


@pytest.fixture
def worker(sessions: Sessions, settings: Settings) -> Worker:
    quick = replace(settings, escalation=replace(settings.escalation, batch=2, tick_seconds=60.0))
    return Worker("here:1", sessions, quick, threading.Event())


def count(sessions: Sessions, statement: str) -> Any:
    with sessions.read.connect() as connection:
        return connection.execute(text(statement)).scalar_one()


# --- jobs -------------------------------------------------------------------------------------------------------------


def test_a_sweep_drains_what_is_due_batch_by_batch(worker: Worker) -> None:
    overdue(worker.sessions, 5)
    assert sweep(worker) == 25
    assert sweep(worker) == 0
    assert count(worker.sessions, "SELECT count(*) FROM escalations") == 25


def test_a_worker_that_shall_stop_begins_no_other_batch(worker: Worker) -> None:
    overdue(worker.sessions, 5)
    worker.stopping.set()
    assert sweep(worker) == 0
    assert photos(worker) == 0


def test_the_clock_is_read_anew_for_each_batch(worker: Worker) -> None:
    overdue(worker.sessions, 3)
    moments = iter([START, LATER, LATER, LATER])
    assert drain(worker.sessions, worker.settings, read_clock=lambda: next(moments)).total() == 0
    assert drain(worker.sessions, worker.settings, read_clock=lambda: next(moments)) == {
        "warn": 3, "urge": 3, "supervise_1": 3, "supervise_2": 3, "supervise_3": 3,
    }  # fmt: skip


def test_photos_are_processed_until_none_waits(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = iter([10, 3, 0])
    monkeypatch.setattr(jobs, "process_photos", lambda *_, **__: next(waiting))
    assert photos(worker) == 13


def test_a_suspended_case_is_resumed_when_its_day_has_come(worker: Worker, settings: Settings) -> None:
    now = datetime.now(UTC) - timedelta(days=9)  # noqa: TID251  as below
    with worker.sessions.begin() as session:
        town = make_town(session, settings, now)
        ready, waiting = town.case(Stage.HANDLING), town.case(Stage.HANDLING)
        for case, days in ((ready, 3), (waiting, 200)):
            town.do(Verb.REQUEST_SUSPENSION, case, resume_on=day_after(now, days))
            for by in ("dispatcher", "leader"):
                town.do(Verb.DECIDE_SUSPENSION, case, by)
    worker.stopping.set()
    assert jobs.resume(worker) == 0, "a worker that shall stop begins nothing"
    worker.stopping.clear()
    assert jobs.resume(worker) == 1
    assert jobs.resume(worker) == 0
    with worker.sessions.begin() as session:
        stages = session.scalars(select(Case.stage).order_by(Case.id)).all()
        assert stages == [Stage.HANDLING, Stage.SUSPENDED]
        (resumed,) = session.scalars(select(Event).where(Event.verb == "resume"))
        assert (resumed.person_id, resumed.role) == (None, None)


def test_workers_that_have_long_been_gone_are_forgotten(worker: Worker) -> None:
    now = datetime.now(UTC)  # noqa: TID251  the job is an edge and reads the clock itself
    with worker.sessions.begin() as session:
        session.add_all(
            Heartbeat(worker=name, job="escalate", at=now - age, count=1)
            for name, age in (("old", timedelta(days=2)), ("new", timedelta(minutes=2)))
        )
    assert heartbeat(worker) == 1
    with worker.sessions.begin() as session:
        assert session.scalars(select(Heartbeat.worker)).all() == ["new"]


def test_the_table_of_jobs_says_when_each_runs(settings: Settings) -> None:
    assert {job.name: job.every(settings) for job in JOBS} == {
        "escalate": settings.escalation.tick_seconds,
        "photos": jobs.PHOTOS_SECONDS,
        "resume": jobs.RESUME_SECONDS,
        "recount": jobs.RECOUNT_SECONDS,
        "calendars": jobs.CALENDARS_SECONDS,
        "tell": settings.delivery.tick_seconds,
        "send": settings.delivery.tick_seconds,
        "heartbeat": settings.escalation.heartbeat_seconds,
        "tidy": jobs.TIDY_SECONDS,
        "tracks": jobs.TRACKS_SECONDS,
        "shifts": jobs.SHIFTS_SECONDS,
    }


def test_failed_signins_that_nobody_counts_any_more_are_deleted(worker: Worker) -> None:
    fresh = datetime.now(UTC)  # noqa: TID251  as above
    old = fresh - timedelta(days=1)
    with worker.sessions.begin() as session:
        session.add_all(SigninFailure(id=uuid4(), username="li", address="::1", at=at) for at in (old, fresh))
    assert jobs.tidy(worker) == 1
    assert jobs.tidy(worker) == 0


@contextmanager
def ended_when(reached: threading.Event) -> Iterator[None]:
    """The process gets SIGTERM once the event is set; its handlers are put back after."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    threshold = gc.get_threshold()
    pid = os.getpid()

    def end() -> None:
        reached.wait(10)
        os.kill(pid, signal.SIGTERM)

    thread = threading.Thread(target=end)
    thread.start()
    try:
        yield
    finally:
        thread.join()
        gc.unfreeze()
        gc.set_threshold(*threshold)
        for number, handler in before.items():
            signal.signal(number, handler)


def test_a_failing_job_comes_again_and_disturbs_no_other_and_sigterm_ends_the_worker(
    sessions: Sessions, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures, fine = iter([True, True, False]), threading.Event()
    tries: list[bool] = []

    def failing(worker: Worker) -> int:
        tries.append(next(failures, False))
        if tries[-1]:
            raise RuntimeError("the first two times")
        fine.set()
        return 7

    table = (Job("failing", lambda _: 0.02, failing), Job("heartbeat", lambda _: 0.02, heartbeat))
    monkeypatch.setattr(jobs, "JOBS", table)
    with ended_when(fine):
        work(sessions, settings)
    assert tries[:3] == [True, True, False]
    with sessions.begin() as session:
        beats = {beat.job: beat for beat in session.scalars(select(Heartbeat))}
    assert set(beats) == {"failing", "heartbeat"}
    assert beats["failing"].count >= 7
    assert beats["failing"].worker.endswith(f":{os.getpid()}")


# --- commands ---------------------------------------------------------------------------------------------------------


def test_escalate_drains_and_prints_how_many_by_rung(
    sessions: Sessions, city_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    overdue(sessions, 3)
    monkeypatch.setenv("WANGGE_DATABASE_URL", city_url)
    done = CliRunner().invoke(commands, ["escalate", "--now", "2026-03-09T09:30:00+08:00"])
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[-4:] == ["supervise_1: 3", "urge: 3", "warn: 3", "raised: 9"]
    again = CliRunner().invoke(commands, ["escalate", "--now", "2026-03-09T09:30:00+08:00"])
    assert again.stdout.splitlines()[-1] == "raised: 0"
    present = CliRunner().invoke(commands, ["escalate"])
    assert present.stdout.splitlines()[-1] == "raised: 12", "each order's answer is warned of, then missed"


@pytest.mark.parametrize("given", ["2026-03-09T09:30:00", "yesterday"])
def test_escalate_refuses_a_time_without_offset_or_sense(given: str) -> None:
    done = CliRunner().invoke(commands, ["escalate", "--now", given])
    assert done.exit_code == 2
    assert given in done.output


# --- two real workers, one of them killed -----------------------------------------------------------------------------


@contextmanager
def real_worker(url: str) -> Iterator[subprocess.Popen[bytes]]:
    """`flask cases work` in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "app", "cases", "work"],
        cwd=ROOT,
        env={
            **os.environ, "WANGGE_DATABASE_URL": for_service(url), "WANGGE_ESCALATION_TICK_SECONDS": "0.2",
            "WANGGE_ESCALATION_BATCH": "50", "WANGGE_LOGS_LEVEL": "WARNING",
        },
        stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_for(url: str, statement: str, reached: Any, seconds: float = 60) -> int:
    """Ask again and again until the answer has been reached; the answer."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    end = time.monotonic() + seconds
    try:
        with engine.connect() as connection:
            while not reached(found := connection.execute(text(statement)).scalar_one()):
                assert time.monotonic() < end, f"{statement}: {found} after {seconds} s"
                time.sleep(0.02)
            return int(found)
    finally:
        engine.dispose()


@pytest.mark.slow  # three processes start, and 25,000 rungs fire
def test_of_two_workers_one_killed_in_the_middle_of_a_sweep_all_is_raised_once_and_nothing_twice(
    fresh_city_url: str, settings: Settings
) -> None:
    number, url = 5000, fresh_city_url
    sessions = Sessions(replace(settings, database=replace(settings.database, url=url)))
    raised = "SELECT count(*) FROM escalations"
    with real_worker(url) as victim, real_worker(url) as survivor:
        wait_for(url, "SELECT count(DISTINCT worker) FROM heartbeats WHERE job = 'escalate'", lambda n: n == 2)
        overdue(sessions, number)
        seen = wait_for(url, raised, lambda n: n > 0)
        victim.send_signal(signal.SIGKILL)
        victim.wait(10)
        after_kill = count(sessions, raised)
        assert seen <= after_kill < 5 * number, "it was killed in the middle"
        wait_for(url, raised, lambda n: n == 5 * number)
        survivor.send_signal(signal.SIGTERM)
        assert survivor.wait(20) == 0, survivor.stderr.read() if survivor.stderr else ""
    assert count(sessions, "SELECT count(DISTINCT (clock_id, position)) FROM escalations") == 5 * number
    assert count(sessions, "SELECT count(*) FROM events WHERE verb = 'escalate'") == 5 * number
    assert count(sessions, "SELECT count(*) FROM clocks WHERE next_raise_at IS NOT NULL AND kind <> 'reply'") == 0
    assert count(sessions, "SELECT count(*) FROM cases WHERE urged_count = 1 AND red_card AND version = 3") == number
    # a street's case: one order at the district, one at the city, each strengthened where it stood
    assert count(sessions, "SELECT count(*) FROM supervision_orders") == 2 * number
    assert count(sessions, "SELECT count(DISTINCT order_id) FROM clocks WHERE kind = 'reply'") == 2 * number
    assert count(
        sessions, "SELECT count(*) FROM (SELECT FROM notices GROUP BY case_id, centre_id, role) AS n"
    ) == count(sessions, "SELECT count(*) FROM notices")
    with sessions.begin() as session:
        assert drain(sessions, settings, read_clock=lambda: LATER).total() == 0
        assert session.scalar(text(raised)) == 5 * number
    sessions.close()
