"""Pitfall 5: a holiday or 调休 edit recomputes open clocks once, closed ones never."""

import signal
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from cases.calendar_edits import Wish
from cases.clock import halt
from cases.workdays import DayKind
from core.db import Sessions
from core.settings import Settings
from tests.cases.calendar_edits.edits import TUESDAY, at, clock_of, count_all, days, edit, open_case
from tests.cases.test_jobs import count, real_worker, wait_for
from tests.make import STREET

HOLIDAY = days(("2026-03-11", DayKind.HOLIDAY, "停电"))
TIAOXIU = Wish(text="2026-03-13,holiday,调休\n2026-03-14,makeup,调休\n")


@pytest.mark.parametrize(
    ("wish", "due_at"),
    [(HOLIDAY, at("2026-03-17", "09:00")), (TIAOXIU, at("2026-03-16", "09:00"))],
    ids=["holiday", "调休"],
)
def test_pitfall_05_an_edit_moves_open_clocks_and_leaves_closed_ones_byte_for_byte(
    session: Session, wish: Wish, due_at: datetime
) -> None:
    opened = open_case(session, "open")
    running = clock_of(session, opened, TUESDAY, hours=32)
    ended = open_case(session, "ended", ended_at=TUESDAY)
    stopped = clock_of(session, ended, TUESDAY, hours=32)
    halt(stopped, now=TUESDAY)
    session.flush()
    row = text("SELECT ctid::text || clocks::text FROM clocks WHERE id = :id")
    case_row = text("SELECT ctid::text || cases::text FROM cases WHERE id = :id")
    before = session.scalar(row, {"id": stopped.id}), session.scalar(case_row, {"id": ended.id})
    assert running.due_at == at("2026-03-16", "09:00")
    made = edit(session, wish, now=TUESDAY)
    count_all(session, now=TUESDAY)
    assert running.due_at == opened.due_at == due_at
    assert (session.scalar(row, {"id": stopped.id}), session.scalar(case_row, {"id": ended.id})) == before
    assert made.clocks == 1


def test_pitfall_05_the_worker_looks_at_each_open_clock_once_an_edit(session: Session) -> None:
    for number in range(5):
        clock_of(session, open_case(session, f"k{number}"), TUESDAY)
    made = edit(session, HOLIDAY, now=TUESDAY)
    count_all(session, now=TUESDAY, batch=2)
    session.execute(text("UPDATE clocks SET due_at = due_at + interval '1 hour'"))
    assert count_all(session, now=at("2026-03-12", "09:00")) == 0, "what is done is done"
    assert (made.clocks, made.moved) == (5, 5)


# --- real workers, killed ---------------------------------------------------------------------------------------------

CASES = text("""
    INSERT INTO cases (no, stage, version, round, source, description, urgent, centre_id, why, reported_at, ended_at,
        paused, urged_count, red_card)
    SELECT 'k' || g, CASE WHEN g % 4 = 0 THEN 'closed' ELSE 'handling' END, 3, 1, 'hotline', '', false, centres.id,
        '{}', :start, CASE WHEN g % 4 = 0 THEN CAST(:start AS timestamptz) END, false, 0, false
    FROM generate_series(1, :cases) AS g, centres WHERE centres.code = :code
""")
CLOCKS = text("""
    INSERT INTO clocks (case_id, kind, round, state, urgent, unit, limit_seconds, calendar_id, segments, started_at,
        due_at, yellow_at, next_rung, next_raise_at, stopped_at, on_time)
    SELECT id, 'handle', 1, CASE WHEN ended_at IS NULL THEN 'running' ELSE 'stopped' END, false, 'work_hour', 57600, 1,
        jsonb_build_array(jsonb_build_array('2030-03-12T01:00:00Z',
            CASE WHEN ended_at IS NOT NULL THEN '2030-03-12T01:00:00Z' END, NULL)), reported_at,
        CAST('2030-03-14T01:00:00Z' AS timestamptz), CAST('2030-03-13T06:48:00Z' AS timestamptz),
        CASE WHEN ended_at IS NULL THEN 1 END,
        CASE WHEN ended_at IS NULL THEN CAST('2030-03-13T06:48:00Z' AS timestamptz) END, ended_at,
        CASE WHEN ended_at IS NOT NULL THEN true END
    FROM cases
""")
# The calendar is as long as the worker's own day needs; the story lies ahead of it, so that nothing is late.
START = datetime(2030, 3, 12, 1, 0, tzinfo=UTC)  # a Tuesday, 09:00 in Shanghai
NUMBER = 4000


@pytest.fixture
def url(fresh_city_url: str) -> str:
    """A city with years up to 2030, 4,000 cases with a clock each, a quarter of them closed, and an edit to count."""
    engine = create_engine(fresh_city_url)
    with Session(engine) as session:
        for year in (2028, 2029, 2030):
            edit(session, Wish(text=f"{year}-01-01,holiday,元旦"), now=TUESDAY)
        session.execute(text("UPDATE calendar_edits SET done_at = at"))
        session.execute(CASES, {"start": START, "cases": NUMBER, "code": STREET})
        session.execute(CLOCKS)
        session.commit()
        edit(session, days(("2030-03-13", DayKind.HOLIDAY, "停电")), now=TUESDAY)
        session.commit()
    engine.dispose()
    return fresh_city_url


@pytest.mark.slow  # processes start and are killed
def test_pitfall_05_a_worker_killed_half_way_leaves_no_clock_out_and_counts_none_twice(
    url: str, settings: Settings
) -> None:
    sessions = Sessions(replace(settings, database=replace(settings.database, url=url)))
    stopped = "SELECT md5(string_agg(ctid::text || c::text, ',' ORDER BY id)) FROM clocks c WHERE state = 'stopped'"
    before, far = count(sessions, stopped), "SELECT last_case_id FROM calendar_edits WHERE done_at IS NULL"
    with real_worker(url) as victim:
        wait_for(url, f"SELECT coalesce(({far}), {NUMBER})", lambda reached: reached > 0)
        victim.send_signal(signal.SIGKILL)
        victim.wait(10)
        assert count(sessions, f"SELECT coalesce(({far}), 0)") in range(1, NUMBER), "it was killed in the middle"
        with real_worker(url), real_worker(url):
            wait_for(url, "SELECT count(*) FROM calendar_edits WHERE done_at IS NULL", lambda waiting: waiting == 0)
    moved = "SELECT count(*) FROM clocks WHERE due_at = '2030-03-15T01:00:00Z' AND state = 'running'"
    assert count(sessions, moved) == NUMBER * 3 // 4
    assert count(sessions, "SELECT count(*) FROM cases WHERE due_at = '2030-03-15T01:00:00Z'") == NUMBER * 3 // 4
    assert count(sessions, "SELECT max(clocks) FROM calendar_edits") == NUMBER * 3 // 4
    assert count(sessions, "SELECT max(moved) FROM calendar_edits") == NUMBER * 3 // 4
    assert count(sessions, stopped) == before
    sessions.close()
