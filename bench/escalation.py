"""The escalation pass: two workers over 100,000 due of 2,000,000 open clocks, against the bare UPDATE and INSERT."""

import json
import os
import subprocess
import sys
import time
from typing import Any

import psycopg

from bench.escalation_worker import NOW
from bench.place import ROOT, Place
from bench.result import Result
from cases.calendars import calendars
from cases.stages import ClockKind
from cases.workdays import Unit
from core.db import Sessions
from scripts.cluster import for_service

OPEN_CLOCKS = 2_000_000
DUE = 100_000
WORKERS = 2
MUST = 20_000
LIMIT_HOURS = (2, 4, 8, 16, 40)
# Of a hundred due clocks, how many stand before each rung: most are mended once they are late.
MIX = {"warn": 50, "urge": 25, "supervise_1": 10, "supervise_2": 8, "supervise_3": 7}
TEMPLATES = 1000


def run(place: Place) -> Result:
    """Must: ≥ 20,000 raises a second, none twice, with all that the product writes: event, notices, orders.

    The limit claims as many clocks in the same batches, moves each on and inserts one escalation, nothing else.
    """
    fill(place)
    limit = DUE / timed(place, "limit")
    place.query("VACUUM clocks, escalations")
    figure = DUE / timed(place, "product")
    counted = place.query(
        "SELECT count(*), count(DISTINCT (clock_id, position)) FROM escalations WHERE raised_at = %s", NOW
    )
    rows = {
        table: place.query(f"SELECT count(*) FROM {table}")[0][0]
        for table in ("events", "notices", "supervision_orders")
    }
    once = tuple(counted[0]) == (DUE, DUE)
    return Result(
        "escalation", figure, "raises/s", limit, f"≥ {MUST:,}/s, none twice", figure >= MUST and once,
        notes={"raised": counted[0][0], "distinct": counted[0][1], "rows": rows},
    )  # fmt: skip


# --- data -------------------------------------------------------------------------------------------------------------


def fill(place: Place) -> None:
    """2,000,000 open cases with a running clock each; of each twenty one is due at NOW, one was due a year ago.

    Cases lie in the order in which they came, as they do in a database that has grown.
    """
    templates = due_templates(place)
    with psycopg.connect(place.plain_url, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE templates (n int PRIMARY KEY, urgent boolean, unit text, limit_seconds int,"
            " started_at timestamptz, due_at timestamptz, yellow_at timestamptz, next_rung int,"
            " next_raise_at timestamptz)"
        )
        with connection.cursor() as cursor, cursor.copy("COPY templates FROM STDIN") as into:
            for template in templates:
                into.write_row(template)
        for statement in FILL:
            connection.execute(
                statement, {"open": OPEN_CLOCKS, "step": OPEN_CLOCKS // DUE, "now": NOW, "templates": TEMPLATES}
            )
        for statement in ("DROP TABLE templates", "VACUUM ANALYZE cases", "VACUUM ANALYZE clocks", "CHECKPOINT"):
            connection.execute(statement)


def due_templates(place: Place) -> list[tuple[Any, ...]]:
    """Clocks that stand somewhere between one rung and the next at NOW, in the mix above; the oldest first."""
    sessions = Sessions(place.settings)
    with sessions.begin() as session:
        rules = calendars(session)
    sessions.close()
    calendar = rules.of(1)
    order = [name for name, share in MIX.items() for _ in range(share)]
    made: list[tuple[Any, ...]] = []
    for n in range(TEMPLATES):
        urgent, unit = (True, Unit.URGENT_HOUR) if n % 5 == 0 else (False, Unit.WORK_HOUR)
        steps = rules.ladder.steps(ClockKind.HANDLE, urgent=urgent)
        limit = LIMIT_HOURS[n // 100 % len(LIMIT_HOURS)] * 3600
        index = next(i for i, step in enumerate(steps) if step.name == order[n % len(order)])
        reached = steps[index].at(limit)
        following = steps[index + 1].at(limit) if index + 1 < len(steps) else reached + 3600
        used = reached + (following - reached) * (n % 90) // 100
        started = calendar.subtract_seconds(NOW, used, unit)
        due, yellow, planned = (calendar.add_seconds(started, at, unit) for at in (limit, steps[0].at(limit), reached))
        made.append((urgent, unit.value, limit, started, due, yellow, steps[index].position, planned))
    made.sort(key=lambda template: template[3])
    return [(n, *template) for n, template in enumerate(made)]


FILL = (
    """
    INSERT INTO cases (no, stage, version, round, source, description, urgent, category_code, centre_id, department_id,
        city_code, district_code, street_code, village_code, why, reported_at, filed_at, dispatched_at, handle_due_at,
        clock_kind, due_at, yellow_at, paused, urged_count, red_card)
    SELECT 'B' || g, 'handling', 5, 1, 'inspector', '道路旁有暴露垃圾', t.urgent, '01001', centre.id,
        CASE WHEN g %% 3 = 0 THEN department.id END,
        centre.line->>0, centre.line->>1, centre.line->>2, centre.line->>3, '{}', t.started_at, t.started_at,
        t.started_at, t.due_at, 'handle', t.due_at, t.yellow_at, false, 0, false
    FROM generate_series(1, %(open)s::bigint) AS g
    JOIN templates AS t ON t.n = (g - 1) * %(templates)s / %(open)s
    JOIN (SELECT id, line, row_number() OVER (ORDER BY code) - 1 AS n, count(*) OVER () AS of FROM centres) AS centre
        ON centre.n = g * 7919::bigint %% 6734
    LEFT JOIN (SELECT min(id) AS id FROM departments) AS department ON true
    ORDER BY g
    """,
    """
    INSERT INTO clocks (case_id, kind, round, state, urgent, unit, limit_seconds, calendar_id, segments, started_at,
        due_at, yellow_at, next_rung, next_raise_at)
    SELECT cases.id, 'handle', 1, 'running', t.urgent, t.unit, t.limit_seconds, 1,
        jsonb_build_array(jsonb_build_array(t.started_at, NULL, NULL)), t.started_at, t.due_at, t.yellow_at,
        t.next_rung,
        CASE cases.id %% %(step)s WHEN 0 THEN t.next_raise_at WHEN 1 THEN t.next_raise_at - interval '1 year'
            ELSE %(now)s + interval '1 hour' + cases.id %% 2000000 * interval '1 second' END
    FROM cases JOIN templates AS t ON t.n = (cases.id - 1) * %(templates)s / %(open)s
    ORDER BY cases.id
    """,
)


# --- two processes at once --------------------------------------------------------------------------------------------


def timed(place: Place, which: str) -> float:
    """Seconds from the starting shot until the last of the processes has found nothing more to do."""
    command = [sys.executable, "-m", "bench.escalation_worker", which]
    environment = {**os.environ, "WANGGE_DATABASE_URL": for_service(place.url)}
    workers = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(WORKERS)
    ]
    for worker in workers:
        assert worker.stdout
        assert worker.stdout.readline() == "ready\n"
    started = time.perf_counter()
    for worker in workers:
        assert worker.stdin
        worker.stdin.write("go\n")
        worker.stdin.flush()
    counts = [json.loads(worker.communicate()[0]) for worker in workers]
    seconds = time.perf_counter() - started
    assert sum(counts) == DUE, counts
    return seconds
