"""Pitfall 2: thousands of overdue cases after downtime, in order, one digest a receiver, and then it is quiet."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from cases.calendars import calendars
from cases.clock import moment_when, segments_of
from cases.escalation import Raised, escalate_overdue
from cases.models import Case, Channel, Clock, Notice
from cases.stages import ClockKind, Stage
from core.db import Sessions
from tests.cases.delivery.conftest import Office, Postbox, office, postbox, settings, walk  # noqa: F401  fixtures
from tests.cases.test_jobs import LATER, overdue
from tests.conftest import flask
from tests.make import Town

CASES = 5000
TELLS = ("shift_lead", "works_head", "district_shift_lead")


def multiply(session: Session, case: Case, times: int) -> None:
    """So many cases like this one, each with a handling clock like its own."""
    columns = ", ".join(column.name for column in Case.__table__.columns if column.name not in {"id", "no"})
    clock = ", ".join(column.name for column in Clock.__table__.columns if column.name not in {"id", "case_id"})
    session.execute(
        text(f"""
            WITH made AS (
                INSERT INTO cases (no, {columns}) SELECT 'storm' || number, {columns}
                FROM cases, generate_series(1, :times) AS number WHERE cases.id = :id RETURNING id
            )
            INSERT INTO clocks (case_id, {clock}) SELECT made.id, {clock}
            FROM clocks, made WHERE clocks.case_id = :id AND clocks.kind = 'handle' AND clocks.state = 'running'
        """),
        {"times": times, "id": case.id},
    )


def sweep(office: Office) -> list[list[Raised]]:  # noqa: F811
    """Until nothing is due, a transaction a batch, as the worker does."""
    batches = []
    while True:
        with office.sessions.begin() as session:
            raised = escalate_overdue(session, now=office.now, batch=500)
        if not raised:
            return batches
        batches.append(raised)
        office.fan_out()


@pytest.mark.slow  # 5,000 cases climb three rungs each
def test_pitfall_02_a_storm_goes_out_as_one_digest_and_the_next_tick_sends_nothing(
    office: Office,  # noqa: F811
    postbox: Postbox,  # noqa: F811
    walk: Callable[[Callable[[Town], Any]], Any],  # noqa: F811
) -> None:
    case: Case = walk(lambda town: town.case(Stage.HANDLING))
    with office.sessions.begin() as session:
        multiply(session, case, CASES - 1)
        clock = session.scalars(select(Clock).where(Clock.case_id == case.id, Clock.kind == ClockKind.HANDLE)).one()
        rules = calendars(session)
        third = rules.ladder.steps(ClockKind.HANDLE, urgent=clock.urgent)[2].at(clock.limit_seconds)
        due = moment_when(rules, clock.calendar_id, segments_of(clock.segments), clock.unit, third)
    office.fan_out()
    addresses = {office.wants(name) for name in TELLS}
    assert due is not None
    office.now = due  # nobody swept until the third rung was due, too

    batches = sweep(office)

    fired = [one for batch in batches for one in batch]
    assert Counter(one.rung for one in fired) == {"warn": CASES, "urge": CASES, "supervise_1": CASES}
    assert all(batch == sorted(batch, key=lambda one: one.planned_at) for batch in batches), "in order"
    with office.sessions.begin() as session:
        notices = session.scalars(select(Notice.id).where(Notice.at == office.now)).all()
    mails = [one for one in office.deliveries() if one.channel is Channel.MAIL]
    for person_id in {one.person_id for one in mails}:
        theirs = [one for one in mails if one.person_id == person_id]
        alone = office.settings.delivery.digest_from - 1
        assert [len(one.notices) for one in theirs] == [1] * alone + [CASES - alone], (
            "few alone, the rest in ONE digest"
        )
        told = [notice for one in sorted(theirs, key=lambda one: one.notices[0]) for notice in one.notices]
        assert told == sorted(told)
        assert set(told) <= set(notices)
    assert office.send() == {"sent": len(addresses) * alone}
    office.now += timedelta(minutes=15)
    assert office.tick() == {"sent": len(addresses)}
    assert {mail["To"] for mail in postbox.mails if f"{CASES - alone} notices" in mail["Subject"]} == addresses
    for _ in range(2):
        office.now += timedelta(minutes=5)
        assert sweep(office) == []
        assert office.tick() == {}, "the next tick sends nothing"


@pytest.mark.slow  # two processes start
def test_pitfall_02_a_process_that_comes_back_raises_all_that_was_missed_and_the_next_one_nothing(
    sessions: Sessions, city_url: str
) -> None:
    overdue(sessions, 300)
    first, second = (flask("cases", "escalate", "--now", LATER.isoformat(), url=city_url) for _ in range(2))
    assert first.stdout.splitlines()[-1] == "raised: 1500"
    assert second.stdout.splitlines()[-1] == "raised: 0"
    late = "SELECT count(*) FROM escalations WHERE raised_at < planned_at OR planned_at > :now"
    with sessions.read.connect() as connection:
        assert connection.execute(text(late), {"now": LATER}).scalar() == 0
        told = text("SELECT array_agg(outcome ORDER BY id) FROM events WHERE verb = 'escalate' GROUP BY case_id")
        ladder = ["warn", "urge", "supervise_1", "supervise_2", "supervise_3"]
        assert all(row == ladder for row in connection.execute(told).scalars()), "each case climbs in order"
