"""Several people at one case at once: one winner, one clear answer for each of the others, no lost update."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

from sqlalchemy import func, select

from cases.errors import StaleVersion
from cases.handling import perform
from cases.models import Case, Clock, ClockState, Event, Handling
from cases.stages import Stage, Verb
from core.db import Sessions
from core.settings import Settings
from people.roles import Actor
from tests.make import GREEN, WORKS, make_town


def attempt(
    sessions: Sessions, actor: Actor, no: str, verb: Verb, fields: dict[str, object], settings: Settings,
    *, version: int, now: datetime, start: Barrier,
) -> str:  # fmt: skip
    start.wait()
    try:
        with sessions.begin() as session:
            perform(session, actor, no, verb, fields, version=version, now=now, settings=settings)
    except StaleVersion as refusal:
        return "stale" if "stage" in {one["field"] for one in refusal.data["differs"]} else "nothing differs"
    return "done"


def test_of_two_dispatchers_one_wins_and_the_other_is_told(
    sessions: Sessions, settings: Settings, now: datetime
) -> None:
    with sessions.begin() as session:
        town = make_town(session, settings, now)
        case = town.case(Stage.PENDING_DISPATCH)
        no, version, dispatcher = case.no, case.version, town["dispatcher"]
    start = Barrier(4)
    with ThreadPoolExecutor(4) as pool:
        waiting = [
            pool.submit(
                attempt, sessions, dispatcher, no, Verb.DISPATCH, {"department": department}, settings,
                version=version, now=now, start=start,
            )
            for department in (WORKS, GREEN, WORKS, GREEN)
        ]  # fmt: skip
        results = sorted(one.result() for one in waiting)
    assert results == ["done", "stale", "stale", "stale"]
    with sessions.begin() as session:
        after = session.scalars(select(Case).where(Case.no == no)).one()
        assert (after.version, after.round, after.stage) == (version + 1, 1, Stage.DISPATCHED)
        assert session.scalar(select(func.count()).select_from(Handling)) == 1
        running = select(func.count()).select_from(Clock).where(Clock.state == ClockState.RUNNING)
        assert session.scalar(running) == 2
        dispatches = select(func.count()).select_from(Event).where(Event.verb == "dispatch")
        assert session.scalar(dispatches) == 1


def test_notes_by_many_at_once_lose_none(sessions: Sessions, settings: Settings, now: datetime) -> None:
    with sessions.begin() as session:
        town = make_town(session, settings, now)
        no, leader = town.case().no, town["leader"]

    def add(index: int) -> int:
        tries = 0
        while True:
            tries += 1
            with sessions.begin() as session:
                version = session.scalar(select(Case.version).where(Case.no == no))
            try:
                with sessions.begin() as session:
                    fields = {"text": str(index)}
                    perform(session, leader, no, Verb.NOTE, fields, version=version, now=now, settings=settings)
            except StaleVersion:
                continue
            return tries

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(add, range(12)))
    with sessions.begin() as session:
        assert session.scalar(select(Case.version).where(Case.no == no)) == 13
        texts = session.scalars(select(Event.data["text"].as_string()).where(Event.verb == "note")).all()
        assert sorted(texts, key=int) == [str(index) for index in range(12)]
