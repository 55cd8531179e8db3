"""One of the processes of bench/escalation.py: gets ready, waits for the shot, works until nothing is due."""

import sys
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from cases.calendars import calendars
from cases.jobs import drain, settle
from core.db import Sessions
from core.logs import set_up_logs
from core.settings import load_settings

BATCH = 500
NOW = datetime(2026, 3, 10, 2, 30, tzinfo=UTC)  # a Tuesday, 10:30 in Shanghai

# The limit's clocks were due a year before the product's.
BARE = text("""
    WITH due AS (
        SELECT clocks.id, clocks.case_id, clocks.next_rung, clocks.next_raise_at FROM clocks
        WHERE next_raise_at <= :now ORDER BY next_raise_at LIMIT :batch FOR UPDATE SKIP LOCKED
    ), moved AS (
        UPDATE clocks SET next_rung = due.next_rung + 1, next_raise_at = :later FROM due WHERE clocks.id = due.id
        RETURNING clocks.id, clocks.case_id, due.next_rung, due.next_raise_at
    )
    INSERT INTO escalations (clock_id, case_id, position, rung, kind, centre_id, planned_at, raised_at)
    SELECT id, case_id, next_rung, 'urge', 'handle', 1, next_raise_at, :at FROM moved
""")


def limit(sessions: Sessions) -> int:
    """Claim, move on, insert: in batches, in transactions, no more."""
    done = 0
    values = {
        "now": NOW - timedelta(days=180),
        "batch": BATCH,
        "later": NOW + timedelta(days=60),
        "at": NOW - timedelta(days=1),
    }
    while True:
        with sessions.write.begin() as connection:
            here = connection.execute(BARE, values).rowcount
        if not here:
            return done
        done += here


def main() -> None:
    set_up_logs("ERROR")
    settings = load_settings()
    sessions = Sessions(settings)
    with sessions.begin() as session:
        calendars(session)
    settle()
    print("ready", flush=True)
    sys.stdin.readline()
    print(limit(sessions) if sys.argv[1] == "limit" else drain(sessions, settings, read_clock=lambda: NOW).total())


if __name__ == "__main__":
    main()
