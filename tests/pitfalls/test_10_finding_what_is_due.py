"""Pitfall 10: what is due is found by a partial index; a due time that moved on the same day is told of again."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from cases.escalation.statements import CLAIM_DUE
from cases.models import Escalation
from cases.stages import ClockKind, Stage, Verb
from tests.cases.escalation.ladder import at, own, rungs, sweep
from tests.cases.handling.looks import clock
from tests.make import RUBBISH, STREET, Town

# Open cases whose clocks run, long before anything is due.
CALM = (
    """
    INSERT INTO cases (no, stage, version, round, source, description, urgent, centre_id, why, reported_at, paused,
        urged_count, red_card)
    SELECT 'calm' || g + :from, 'handling', 1, 1, 'hotline', '', false, centres.id, '{}', :now, false, 0, false
    FROM generate_series(1, :number) AS g, centres WHERE centres.code = :street
    """,
    """
    INSERT INTO clocks (case_id, kind, round, state, urgent, unit, limit_seconds, calendar_id, segments, started_at,
        due_at, yellow_at, next_rung, next_raise_at)
    SELECT id, 'handle', 1, 'running', false, 'work_hour', 3600, 1, '[]', :now, :due, :due, 1, :due
    FROM cases WHERE no LIKE 'calm%' AND NOT EXISTS (SELECT FROM clocks WHERE clocks.case_id = cases.id)
    """,
)


def calm(town: Town, number: int, start: int) -> None:
    due = at("2026-03-20", "09:00")
    values = {"from": start, "number": number, "street": STREET, "now": town.now, "due": due}
    for statement in CALM:
        town.session.execute(text(statement), {k: v for k, v in values.items() if f":{k}" in statement})
    town.session.execute(text("ANALYZE cases, clocks"))


def plan(town: Town) -> dict[str, Any]:
    """How the database finds what is due now, and how many pages it looks at."""
    explain = text(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {CLAIM_DUE.text}")
    found = town.session.execute(explain, {"now": town.now, "batch": 500}).scalar_one()
    root: dict[str, Any] = found[0]["Plan"]
    return root


def nodes(root: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield root
    for child in root.get("Plans", ()):
        yield from nodes(child)


@pytest.mark.slow  # 20,000 open cases
def test_pitfall_10_what_is_due_is_found_by_the_partial_index_whatever_else_is_open(town: Town) -> None:
    for _ in range(3):
        town.case(Stage.HANDLING)
    town.move(hours=2)
    pages = []
    for number, start in ((500, 0), (19_500, 500)):
        calm(town, number, start)
        root = plan(town)
        used = [node for node in nodes(root) if node.get("Relation Name") == "clocks"]
        assert [node.get("Index Name") for node in used] == ["ix_clocks_next_raise_at"]
        assert all(node["Actual Rows"] * node["Actual Loops"] <= 10 for node in nodes(root))
        pages.append(root["Shared Hit Blocks"] + root["Shared Read Blocks"])
    assert pages[1] <= pages[0] + 20, f"40 times as many open cases: {pages} pages"


def test_pitfall_10_a_due_time_that_moved_on_the_same_day_is_told_of_again(town: Town) -> None:
    town.now = at("2026-03-10", "08:00")
    case = town.case(Stage.HANDLING, category=RUBBISH)  # four working hours: due at noon
    town.now = at("2026-03-10", "11:30")
    sweep(town.session, town.now)
    town.do(Verb.REQUEST_EXTENSION, case, limit=1, reason="等备件")
    for by in ("works_head", "dispatcher"):
        town.do(Verb.DECIDE_EXTENSION, case, by)
    assert clock(town, case, ClockKind.HANDLE).due_at == at("2026-03-10", "15:00")
    assert rungs(own(sweep(town.session, at("2026-03-10", "12:30")))) == ["warn"], "four of five hours are used"
    assert rungs(own(sweep(town.session, at("2026-03-10", "15:00")))) == ["urge"]
    fired = town.session.query(Escalation).filter_by(case_id=case.id, kind=ClockKind.HANDLE).all()
    assert sorted(one.rung for one in fired) == ["urge", "warn", "warn"], "the second deadline warns on its own"
