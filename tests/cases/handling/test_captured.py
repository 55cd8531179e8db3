"""Tasks answered offline: what counts, what the story keeps, and what the ladder did meanwhile."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from cases.clock import running, written
from cases.escalation import escalate_overdue
from cases.models import Case, Clock, ClockState
from cases.stages import ClockKind, Outcome, Stage, Verb
from tests.cases.handling.looks import clock, last_event, refused
from tests.make import Town, photos

TASKS = [(Stage.VERIFYING, Verb.VERIFY, ClockKind.VERIFY), (Stage.CHECKING, Verb.CHECK, ClockKind.CHECK)]


def answer(town: Town, case: Case, captured: datetime | None, **fields: Any) -> Clock:
    """The task's answer comes now; its clock."""
    verb, kind = (Verb.VERIFY, ClockKind.VERIFY) if case.stage is Stage.VERIFYING else (Verb.CHECK, ClockKind.CHECK)
    sent = {} if captured is None else {"captured_at": written(captured)}
    town.do(verb, case, **sent, **fields)
    return clock(town, case, kind)


def sweep(town: Town) -> list[str]:
    return [one.rung for one in escalate_overdue(town.session, now=town.now, batch=500, reply_minutes_least=120)]


@pytest.mark.parametrize(("stage", "verb", "kind"), TASKS)
def test_an_answer_counts_by_its_capture_and_stands_in_the_story_at_its_receipt(
    town: Town, stage: Stage, verb: Verb, kind: ClockKind
) -> None:
    case = town.case(stage)
    captured = town.move(minutes=10)
    received = town.move(hours=2)
    stopped = answer(town, case, captured)
    assert (stopped.kind, stopped.state, stopped.on_time) == (kind, ClockState.STOPPED, True)
    assert (stopped.stopped_at, stopped.segments[-1][1]) == (captured, written(captured))
    event = last_event(town, case)
    assert (event.verb, event.at) == (verb, received)
    assert (event.data["captured_at"], event.data["counted_at"]) == (written(captured), written(captured))


def test_the_next_clock_begins_at_the_receipt(town: Town) -> None:
    case = town.case(Stage.VERIFYING)
    captured = town.move(minutes=10)
    received = town.move(hours=2)
    answer(town, case, captured)
    assert clock(town, case, ClockKind.FILE).started_at == received


@pytest.mark.parametrize(("stage", "verb", "kind"), TASKS)
def test_without_a_capture_the_receipt_counts_as_ever(town: Town, stage: Stage, verb: Verb, kind: ClockKind) -> None:
    case = town.case(stage)
    received = town.move(hours=2)
    stopped = answer(town, case, None)
    assert (stopped.kind, stopped.stopped_at, stopped.on_time) == (kind, received, False)
    assert {"captured_at", "counted_at"}.isdisjoint(last_event(town, case).data)


def test_a_capture_from_before_the_task_was_there_counts_at_the_receipt(town: Town) -> None:
    before = town.now - timedelta(minutes=1)
    case = town.case(Stage.VERIFYING)
    received = town.move(hours=2)
    assert answer(town, case, before).stopped_at == received
    event = last_event(town, case)
    assert event.data["captured_at"] == written(before)
    assert "counted_at" not in event.data


def test_the_moment_the_clock_began_is_in_its_time(town: Town) -> None:
    case = town.case(Stage.VERIFYING)
    began = clock(town, case, ClockKind.VERIFY).started_at
    town.move(hours=1)
    assert answer(town, case, began).stopped_at == began


@pytest.mark.parametrize(("back", "counts"), [(timedelta(hours=12), True), (timedelta(hours=12, seconds=1), False)])
def test_a_capture_counts_at_most_twelve_hours_back(town: Town, back: timedelta, counts: bool) -> None:
    case = town.case(Stage.CHECKING)
    received = town.move(hours=20)
    captured = received - back
    assert answer(town, case, captured).stopped_at == (captured if counts else received)


def test_a_little_ahead_counts_now_and_more_is_refused(town: Town) -> None:
    case = town.case(Stage.VERIFYING)
    received = town.move(minutes=5)
    fields = refused(town, Verb.VERIFY, case, captured_at=written(received + timedelta(minutes=11)))
    assert fields == {"captured_at": "in_future"}
    assert answer(town, case, received + timedelta(minutes=9)).stopped_at == received


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("2026-03-10T09:30:00", "no_offset"),
        ("yesterday", "not_time"),
        (17, "not_time"),
        ("1999-01-01T00:00:00Z", "too_long_ago"),
    ],
)
def test_what_is_no_moment_is_refused(town: Town, sent: object, code: str) -> None:
    case = town.case(Stage.VERIFYING)
    assert refused(town, Verb.VERIFY, case, captured_at=sent) == {"captured_at": code}


@pytest.mark.parametrize(("stage", "verb", "kind"), TASKS)
def test_the_story_keeps_what_the_phones_own_clock_said_and_nothing_goes_by_it(
    town: Town, stage: Stage, verb: Verb, kind: ClockKind
) -> None:
    case = town.case(stage)
    captured = town.move(minutes=10)
    town.move(hours=2)
    stopped = answer(town, case, captured, device_at="1970-01-01T08:03:00+08:00")
    assert (stopped.kind, stopped.stopped_at) == (kind, captured)
    data = last_event(town, case).data
    assert (data["captured_at"], data["device_at"]) == (written(captured), "1970-01-01T00:03:00Z")


def test_a_phones_own_clock_says_a_moment_or_nothing(town: Town) -> None:
    case = town.case(Stage.VERIFYING)
    assert refused(town, Verb.VERIFY, case, device_at="2026-03-10T09:30:00") == {"device_at": "no_offset"}
    assert refused(town, Verb.VERIFY, case, device_at=17) == {"device_at": "not_time"}


def test_other_verbs_know_no_capture(town: Town) -> None:
    case = town.case(Stage.REPORTED)
    assert refused(town, Verb.ACCEPT, case, device_at=written(town.now)) == {"device_at": "unknown"}
    assert refused(town, Verb.ACCEPT, case, captured_at=written(town.now)) == {"captured_at": "unknown"}


def test_a_rung_that_fired_meanwhile_stays_fired_and_the_answer_is_still_in_time(town: Town) -> None:
    case = town.case(Stage.CHECKING)
    seen = case.version
    captured = town.move(minutes=10)
    town.move(minutes=90)
    assert sweep(town) == ["warn", "urge", "supervise_1"]
    town.session.refresh(case)
    assert (case.urged_count, case.version) == (1, seen)  # what the phone saw is no stale version
    stopped = answer(town, case, captured)
    assert stopped.on_time
    assert (stopped.next_rung, stopped.next_raise_at) == (None, None)
    assert case.urged_count == 1
    town.move(hours=30)
    assert ClockKind.CHECK not in {one.kind for one in running(town.session, case).values()}


def test_an_unfounded_report_stops_its_task_at_the_capture_and_what_rests_where_it_rests(town: Town) -> None:
    case = town.case(Stage.VERIFYING)
    accept = clock(town, case, ClockKind.ACCEPT)
    rested = accept.segments[-1][1]
    captured = town.move(minutes=10)
    town.move(hours=2)
    stopped = answer(town, case, captured, outcome=Outcome.UNFOUNDED.value, photos=[])
    assert (case.stage, stopped.stopped_at) == (Stage.REJECTED, captured)
    assert case.ended_at == town.now
    assert clock(town, case, ClockKind.ACCEPT).segments[-1][1] == rested


def test_a_failed_check_sent_late_counts_by_its_capture_and_the_work_begins_anew_at_the_receipt(town: Town) -> None:
    case = town.case(Stage.CHECKING)
    captured = town.move(minutes=10)
    received = town.move(hours=2)
    stopped = answer(town, case, captured, outcome=Outcome.FAILED.value, text="未修好", photos=photos())
    assert (case.stage, stopped.stopped_at) == (Stage.PENDING_DISPATCH, captured)
    assert clock(town, case, ClockKind.DISPATCH).started_at == received


def test_a_capture_before_the_stretch_that_runs_costs_nothing_of_the_pause(town: Town) -> None:
    """No verb pauses a task today; whatever will, what was used before the pause stays used and no more."""
    case = town.case(Stage.CHECKING)
    running = clock(town, case, ClockKind.CHECK)
    began = running.started_at
    paused, again = began + timedelta(minutes=20), began + timedelta(hours=1)
    running.segments = [[written(began), written(paused), "test"], [written(again), None, None]]
    town.session.flush()
    town.move(hours=2)
    stopped = answer(town, case, began + timedelta(minutes=10))
    assert stopped.segments[-1][:2] == [written(again), written(again)]
    assert (stopped.stopped_at, stopped.on_time) == (again, True)


def test_a_task_that_rests_stops_where_it_rests(town: Town) -> None:
    case = town.case(Stage.CHECKING)
    resting = clock(town, case, ClockKind.CHECK)
    paused = town.now + timedelta(minutes=20)
    resting.segments = [[resting.segments[0][0], written(paused), "test"]]
    resting.state, resting.next_raise_at = ClockState.PAUSED, None
    town.session.flush()
    captured = town.move(minutes=30)
    received = town.move(hours=2)
    stopped = answer(town, case, captured)
    assert (stopped.stopped_at, stopped.segments[-1][1]) == (received, written(paused))
