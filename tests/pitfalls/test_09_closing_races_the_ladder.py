"""Pitfall 9, its first half: a close and a sweep meet on one case; nothing fires after closing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

import pytest
from sqlalchemy import func, select, text

from cases.handling import perform
from cases.jobs import drain
from cases.models import Case, Event, SupervisionOrder
from cases.stages import Stage, Verb
from core.db import Sessions
from core.settings import Settings
from tests.make import make_town

ROUNDS = 8  # who comes first is chance


@pytest.mark.slow  # rounds of real transactions
def test_pitfall_09_whoever_comes_first_nothing_fires_after_closing(
    sessions: Sessions, settings: Settings, now: datetime
) -> None:
    with sessions.begin() as session:
        town = make_town(session, settings, now)
        cases = [town.case(Stage.PENDING_CLOSING) for _ in range(ROUNDS)]
        versions = {case.no: case.version for case in cases}
        later, lead = town.move(hours=1), town["shift_lead"]  # half an hour was the limit
    raised = 0
    for no, version in versions.items():
        start = Barrier(2)

        def close(no: str = no, version: int = version, start: Barrier = start) -> int:
            start.wait(20)
            with sessions.begin() as session:
                closed = perform(session, lead, no, Verb.CLOSE, {}, version=version, now=later, settings=settings)
                return closed.version

        def climb(start: Barrier = start) -> int:
            start.wait(20)
            return drain(sessions, settings, read_clock=lambda: later).total()

        with ThreadPoolExecutor(2) as pool:
            closing, climbing = pool.submit(close), pool.submit(climb)
            assert closing.result() == version + 1, "a sweep never makes who closes a slower writer"
            raised += climbing.result()
    with sessions.begin() as session:
        for case in session.scalars(select(Case)):
            assert (case.stage, case.supervised_level, case.due_at) == (Stage.CLOSED, None, None)
            told = session.scalars(select(Event.verb).where(Event.case_id == case.id).order_by(Event.id)).all()
            assert told[-1] == Verb.CLOSE
        open_orders = select(func.count()).select_from(SupervisionOrder).where(SupervisionOrder.closed_at.is_(None))
        assert session.scalar(open_orders) == 0
        assert session.scalar(text("SELECT count(*) FROM clocks WHERE next_raise_at IS NOT NULL")) == 0
        assert session.scalar(text("SELECT count(*) FROM escalations")) == raised
    assert drain(sessions, settings, read_clock=lambda: town.move(days=90)).total() == 0
