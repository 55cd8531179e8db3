"""Several people at one case at once: one winner, one clear answer for each of the others, no lost update."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

from sqlalchemy import func, select

from cases.errors import StaleVersion
from cases.handling import perform
from cases.handling.resuming import resume_due
from cases.models import Case, Clock, ClockState, Event, Handling, HandlingState, Request, SupervisionOrder
from cases.stages import ClockKind, Stage, Verb
from core.db import Sessions
from core.settings import Settings
from people.roles import Actor
from tests.make import GREEN, WORKS, make_town, photos


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


def test_of_two_departments_that_finish_at_once_the_last_one_ends_the_handling_once(
    sessions: Sessions, settings: Settings, now: datetime
) -> None:
    with sessions.begin() as session:
        town = make_town(session, settings, now)
        case = town.case(Stage.PENDING_DISPATCH)
        town.do(Verb.DISPATCH, case, assist=[GREEN])
        town.do(Verb.SIGN, case)
        town.do(Verb.SIGN, case, "green_handler")
        no, people = case.no, (town["handler"], town["green_handler"])
    start = Barrier(2)

    def finish(actor: Actor) -> int:
        tries = 0
        start.wait()
        while True:
            tries += 1
            with sessions.begin() as session:
                version = session.scalar(select(Case.version).where(Case.no == no))
            try:
                with sessions.begin() as session:
                    fields = {"photos": photos(2)}
                    perform(session, actor, no, Verb.FINISH, fields, version=version, now=now, settings=settings)
            except StaleVersion:
                continue
            return tries

    with ThreadPoolExecutor(2) as pool:
        assert all(pool.map(finish, people))
    with sessions.begin() as session:
        after = session.scalars(select(Case).where(Case.no == no)).one()
        assert (after.stage, after.handled_on_time) == (Stage.HANDLED, True)
        outcomes = session.scalars(select(Event.outcome).where(Event.verb == "finish").order_by(Event.id)).all()
        assert outcomes == ["part", None], "one part, then the end of the handling, exactly once"
        assert set(session.scalars(select(Handling.state))) == {HandlingState.FINISHED}
        opened = select(Clock.kind).where(Clock.state == ClockState.RUNNING)
        assert session.scalars(opened).all() == [ClockKind.SEND_CHECK]


def test_of_two_who_answer_an_order_at_once_one_does(sessions: Sessions, settings: Settings, now: datetime) -> None:
    with sessions.begin() as session:
        town = make_town(session, settings, now)
        case = town.case()
        town.do(Verb.SUPERVISE, case)
        no, version, people = case.no, case.version, (town["shift_lead"], town["dispatcher"])
    start = Barrier(2)
    with ThreadPoolExecutor(2) as pool:
        waiting = [
            pool.submit(
                attempt, sessions, one, no, Verb.REPLY_SUPERVISION, {"text": one.name}, settings,
                version=version, now=now, start=start,
            )
            for one in people
        ]  # fmt: skip
        assert sorted(one.result() for one in waiting) == ["done", "nothing differs"]
    with sessions.begin() as session:
        order = session.scalars(select(SupervisionOrder)).one()
        assert order.reply in {one.name for one in people}


def test_of_two_who_supervise_for_one_centre_at_once_one_does(
    sessions: Sessions, settings: Settings, now: datetime
) -> None:
    with sessions.begin() as session:
        town = make_town(session, settings, now)
        case = town.case()
        no, version, people = case.no, case.version, (town["district_leader"], town["district_shift_lead"])
    start = Barrier(2)
    with ThreadPoolExecutor(2) as pool:
        waiting = [
            pool.submit(
                attempt, sessions, one, no, Verb.SUPERVISE, {"text": "请抓紧"}, settings,
                version=version, now=now, start=start,
            )
            for one in people
        ]  # fmt: skip
        assert sorted(one.result() for one in waiting) == ["done", "nothing differs"]
    with sessions.begin() as session:
        assert session.scalar(select(func.count()).select_from(SupervisionOrder)) == 1
        assert session.scalar(select(func.count()).where(Clock.kind == ClockKind.REPLY)) == 1


def test_of_two_who_decide_at_once_one_wins_and_the_other_is_told_what_was_decided(
    sessions: Sessions, settings: Settings, now: datetime
) -> None:
    with sessions.begin() as session:
        town = make_town(session, settings, now)
        case = town.case(Stage.HANDLING)
        town.do(Verb.REQUEST_EXTENSION, case)
        no, version, head = case.no, case.version, town["works_head"]
    start = Barrier(4)

    def decide(outcome: str) -> str:
        start.wait()
        fields = {"outcome": outcome, "reason": "不必"}
        try:
            with sessions.begin() as session:
                perform(session, head, no, Verb.DECIDE_EXTENSION, fields, version=version, now=now, settings=settings)
        except StaleVersion as refusal:
            (differs,) = refusal.data["differs"]
            assert (differs["field"], differs["yours"]) == ("request_extension", "department_leader")
            return f"told {differs['now']}"
        return "done"

    with ThreadPoolExecutor(4) as pool:
        results = sorted(pool.map(decide, ("granted", "denied", "granted", "denied")))
    with sessions.begin() as session:
        (row,) = session.scalars(select(Request))
        assert len(row.approvals) == 1
        found = row.awaits if row.decided_at is None else row.state
        assert results == ["done", *[f"told {found}"] * 3]
        assert session.scalar(select(Case.version).where(Case.no == no)) == version + 1


def test_of_two_who_ask_at_once_one_request_is_made(sessions: Sessions, settings: Settings, now: datetime) -> None:
    with sessions.begin() as session:
        town = make_town(session, settings, now)
        case = town.case(Stage.HANDLING)
        no, version, handler = case.no, case.version, town["handler"]
    start = Barrier(3)

    def ask(_: int) -> str:
        start.wait()
        try:
            with sessions.begin() as session:
                perform(
                    session, handler, no, Verb.REQUEST_EXTENSION, {"reason": "等材料"},
                    version=version, now=now, settings=settings,
                )  # fmt: skip
        except StaleVersion as refusal:
            return str(refusal.data["differs"][0]["now"])
        return "done"

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(ask, range(3))) == ["department_leader", "department_leader", "done"]
    with sessions.begin() as session:
        assert session.scalar(select(func.count()).select_from(Request)) == 1


def test_several_workers_resume_each_case_once(sessions: Sessions, settings: Settings, now: datetime) -> None:
    with sessions.begin() as session:
        town = make_town(session, settings, now)
        for _ in range(8):
            case = town.case(Stage.HANDLING)
            town.do(Verb.REQUEST_SUSPENSION, case)
            for by in ("dispatcher", "leader"):
                town.do(Verb.DECIDE_SUSPENSION, case, by)
    later, start = now + timedelta(days=40), Barrier(3)

    def work(_: int) -> int:
        start.wait()
        done, after = 0, None
        while True:
            with sessions.begin() as session:
                here, after = resume_due(session, now=later, batch=2, settings=settings, after=after)
            done += here
            if after is None:
                return done

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(work, range(3))) == 8
    with sessions.begin() as session:
        events = select(func.count()).select_from(Event).where(Event.verb == "resume")
        assert session.scalar(events) == 8
        stages = session.scalars(select(Case.stage).distinct()).all()
        assert stages == [Stage.HANDLING]
