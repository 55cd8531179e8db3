"""Pitfall 1: two schedulers on one tick, or kill -9 half-way: every rung fires once."""

import os
import signal
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy import text

from cases.jobs import drain
from core.db import Sessions
from core.settings import Settings
from scripts.cluster import for_service
from tests.cases.test_jobs import LATER, count, overdue
from tests.conftest import ROOT

RUNGS = ("warn", "urge", "supervise_1", "supervise_2", "supervise_3")


def whole(sessions: Sessions, number: int) -> None:
    """Each rung of each clock has fired and is told of, once."""
    assert count(sessions, "SELECT count(*) FROM escalations") == len(RUNGS) * number
    told = "SELECT count(DISTINCT (case_id, outcome)) FROM events WHERE verb = 'escalate'"
    assert count(sessions, told) == len(RUNGS) * number
    assert count(sessions, "SELECT count(*) FROM events WHERE verb = 'escalate'") == len(RUNGS) * number
    assert count(sessions, "SELECT count(*) FROM cases WHERE urged_count = 1 AND red_card") == number


@pytest.mark.slow  # four threads fire 1,000 rungs
def test_pitfall_01_schedulers_on_the_same_tick_share_the_work_and_raise_nothing_twice(
    sessions: Sessions, settings: Settings
) -> None:
    overdue(sessions, 200)
    small = replace(settings, escalation=replace(settings.escalation, batch=10))
    tick = Barrier(4)

    def scheduler(_: int) -> Counter[str]:
        tick.wait(20)
        return drain(sessions, small, read_clock=lambda: LATER)

    with ThreadPoolExecutor(4) as pool:
        each = list(pool.map(scheduler, range(4)))
    assert sum(each, Counter()) == dict.fromkeys(RUNGS, 200)
    whole(sessions, 200)
    assert drain(sessions, small, read_clock=lambda: LATER).total() == 0, "the next tick has nothing to do"


# A sweep that has written everything and is about to commit.
HALF_WAY = """
import sys, time
from datetime import datetime
from cases.escalation import escalate_overdue
from core.db import Sessions
from core.settings import load_settings
with Sessions(load_settings()).begin() as session:
    print("raised", len(escalate_overdue(session, now=datetime.fromisoformat(sys.argv[1]), batch=500)), flush=True)
    time.sleep(600)
"""


@pytest.mark.slow  # a process starts
def test_pitfall_01_a_sweep_that_is_killed_half_way_has_raised_nothing_and_the_next_raises_all(
    sessions: Sessions, settings: Settings
) -> None:
    overdue(sessions, 20)
    environment = {**os.environ, "WANGGE_DATABASE_URL": for_service(settings.database.url)}
    with subprocess.Popen(
        [sys.executable, "-c", HALF_WAY, LATER.isoformat()], cwd=ROOT, env=environment, stdout=subprocess.PIPE
    ) as victim:
        assert victim.stdout
        assert any(line == b"raised 100\n" for line in victim.stdout), "the warnings about years come first"
        assert drain(sessions, settings, read_clock=lambda: LATER).total() == 0, "what it holds is passed over"
        victim.send_signal(signal.SIGKILL)
    with sessions.write.begin() as connection:  # as long as it takes the server to see that it is gone
        connection.execute(text("SELECT FROM clocks FOR UPDATE"))
    assert count(sessions, "SELECT count(*) FROM escalations") == 0
    assert drain(sessions, settings, read_clock=lambda: LATER) == dict.fromkeys(RUNGS, 20)
    whole(sessions, 20)
