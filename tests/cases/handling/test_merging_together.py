"""Mergers that meet other deeds on the same cases: no lost update, one winner, one clear no, nobody waits in a ring."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier
from typing import Any, NamedTuple

import pytest
from sqlalchemy import func, select

from cases.handling import lock_together, perform
from cases.models import Case, Clock, ClockState, Event, Notice, Source
from cases.stages import ENDED, Stage, Verb
from core.db import Sessions
from core.errors import Refusal
from core.settings import Settings
from people.roles import Actor
from tests.make import Town, make_town, usual_fields

ROUNDS = 4  # who comes first is chance


class Try(NamedTuple):
    """A deed as a person sends it, who saw the case before the race."""

    actor: Actor
    no: str
    version: int
    verb: Verb
    fields: dict[str, Any]


Race = Callable[..., list[str]]


@pytest.fixture
def race(sessions: Sessions, settings: Settings, now: datetime) -> Race:
    """Try all at once, each in a transaction of its own; "done" or the refusal's name for each."""

    def one(deed: Try, start: Barrier) -> str:
        start.wait()
        try:
            with sessions.begin() as session:
                perform(
                    session, deed.actor, deed.no, deed.verb, deed.fields,
                    version=deed.version, now=now, settings=settings,
                )  # fmt: skip
        except Refusal as refusal:
            return refusal.problem
        return "done"

    def run(*deeds: Try) -> list[str]:
        start = Barrier(len(deeds))
        with ThreadPoolExecutor(len(deeds)) as pool:
            return [waiting.result() for waiting in [pool.submit(one, deed, start) for deed in deeds]]

    return run


@pytest.fixture
def make(sessions: Sessions, settings: Settings, now: datetime) -> Callable[[Callable[[Town], Any]], Any]:
    """Do something in the town and commit it; the town is made once."""
    towns: list[Town] = []

    def build(what: Callable[[Town], Any]) -> Any:
        with sessions.begin() as session:
            if not towns:
                towns.append(make_town(session, settings, now))
            towns[0].session = session
            return what(towns[0])

    return build


def merging(case: Case, first: Case, by: Actor) -> Try:
    return Try(by, case.no, case.version, Verb.MERGE, {"into": first.no})


def as_they_are(sessions: Sessions, *cases: Case) -> list[Case]:
    with sessions.begin() as session:
        wanted = {one.no: one for one in session.scalars(select(Case).where(Case.no.in_([case.no for case in cases])))}
        session.expunge_all()
    return [wanted[case.no] for case in cases]


def events(sessions: Sessions, case: Case, verb: Verb) -> int:
    with sessions.begin() as session:
        wanted = select(func.count()).select_from(Event).where(Event.case_id == case.id, Event.verb == verb)
        return session.scalar(wanted) or 0


FIRST_CASES = [
    (Stage.VERIFYING, Verb.VERIFY, "inspector"),
    (Stage.CHECKING, Verb.CHECK, "inspector"),
    (Stage.PENDING_CLOSING, Verb.CLOSE, "shift_lead"),
    (Stage.REPORTED, Verb.REJECT, "acceptor"),
]


@pytest.mark.slow  # several rounds of real transactions
@pytest.mark.parametrize(("stage", "verb", "by"), FIRST_CASES)
def test_a_merger_meets_what_is_done_to_its_first_case(
    make: Any, race: Race, sessions: Sessions, stage: Stage, verb: Verb, by: str
) -> None:
    for _ in range(ROUNDS):
        first, duplicate, deed, merge = make(
            lambda town: (
                first := town.case(stage), duplicate := town.case(),
                Try(town[by], first.no, first.version, verb, usual_fields(town, verb, first)),
                merging(duplicate, first, town["acceptor"]),
            )
        )  # fmt: skip
        version = first.version
        results = race(deed, merge)
        first, duplicate = as_they_are(sessions, first, duplicate)
        assert results[0] == "done", "a merger takes nothing from the first case"
        assert first.version == version + 1
        ends = first.stage in ENDED
        assert results[1] in ({"done", "first-case-ended"} if ends else {"done"})
        merged = results[1] == "done"
        assert (duplicate.merged_into_id, duplicate.version) == ((first.id, 2) if merged else (None, 1))
        assert events(sessions, first, Verb.MERGE) == events(sessions, duplicate, Verb.MERGE) == merged


@pytest.mark.slow  # the same
def test_who_reported_the_duplicate_hears_of_the_end_whoever_was_faster(
    make: Any, race: Race, sessions: Sessions
) -> None:
    for _ in range(ROUNDS):
        first, duplicate, close, merge = make(
            lambda town: (
                first := town.case(Stage.PENDING_CLOSING, source=Source.DEPARTMENT, by="dispatcher"),
                duplicate := town.case(),
                Try(town["shift_lead"], first.no, first.version, Verb.CLOSE, {}),
                merging(duplicate, first, town["acceptor"]),
            )
        )  # fmt: skip
        _, merged = race(close, merge)
        with sessions.begin() as session:
            told = session.scalars(
                select(Notice.person_id).where(Notice.case_id == first.id, Notice.kind == "closed")
            ).all()
        assert (duplicate.reporter_id in told) == (merged == "done")


@pytest.mark.slow  # the same
def test_of_two_mergers_that_cross_one_wins(make: Any, race: Race, sessions: Sessions) -> None:
    for _ in range(ROUNDS):
        one, other, acceptor = make(lambda town: (town.case(), town.case(), town["acceptor"]))
        results = race(merging(one, other, acceptor), merging(other, one, acceptor))
        assert sorted(results) == ["done", "first-case-merged"]
        found = as_they_are(sessions, one, other)
        assert sorted(case.merged_into_id is None for case in found) == [False, True]
        assert sorted(case.version for case in found) == [1, 2]


@pytest.mark.slow  # the same
def test_mergers_in_a_ring_end_with_one_case_that_is_open(make: Any, race: Race, sessions: Sessions) -> None:
    for _ in range(ROUNDS):
        ring, acceptor = make(lambda town: ([town.case() for _ in range(4)], town["acceptor"]))
        results = race(*(merging(case, ring[index - 1], acceptor) for index, case in enumerate(ring)))
        assert set(results) == {"done", "first-case-merged"}
        found = as_they_are(sessions, *ring)
        assert sum(case.stage is Stage.REJECTED for case in found) == results.count("done")
        assert any(case.stage is Stage.REPORTED for case in found)


@pytest.mark.slow  # the same
def test_of_two_who_merge_the_same_case_one_wins_and_the_other_sees_what_differs(
    make: Any, race: Race, sessions: Sessions
) -> None:
    for _ in range(ROUNDS):
        case, one, other, acceptor = make(lambda town: (town.case(), town.case(), town.case(), town["acceptor"]))
        results = race(merging(case, one, acceptor), merging(case, other, acceptor))
        assert sorted(results) == ["done", "stale-version"]
        [after] = as_they_are(sessions, case)
        assert after.merged_into_id == (one if results[0] == "done" else other).id
        assert after.version == 2
        with sessions.begin() as session:
            runs = (
                select(func.count())
                .select_from(Clock)
                .where(Clock.case_id == case.id, Clock.state != ClockState.STOPPED)
            )
            assert session.scalar(runs) == 0


@pytest.mark.slow  # the same
def test_a_merger_meets_the_verification_of_the_duplicate(make: Any, race: Race, sessions: Sessions) -> None:
    for _ in range(ROUNDS):
        _, case, deed, merge = make(
            lambda town: (
                first := town.case(), case := town.case(Stage.VERIFYING),
                Try(town["inspector"], case.no, case.version, Verb.VERIFY, usual_fields(town, Verb.VERIFY, case)),
                merging(case, first, town["acceptor"]),
            )
        )  # fmt: skip
        results = race(deed, merge)
        assert sorted(results) == ["done", "stale-version"]
        [after] = as_they_are(sessions, case)
        assert after.version == case.version + 1
        assert (after.merged_into_id is None) == (results[0] == "done")


@pytest.mark.slow  # the same
def test_locks_on_many_cases_are_taken_in_one_order_however_they_are_named(make: Any, sessions: Sessions) -> None:
    cases, acceptor = make(lambda town: ([town.case() for _ in range(12)], town["acceptor"]))
    numbers = [case.no for case in cases]
    start = Barrier(4)

    def lock(index: int) -> bool:
        start.wait()
        for _ in range(10):
            with sessions.begin() as session:
                lock_together(session, acceptor, numbers if index % 2 else reversed(numbers))
        return True

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(lock, range(4)))
