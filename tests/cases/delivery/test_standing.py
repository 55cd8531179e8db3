"""What is no longer so is not told: rungs of a deadline that has moved, or of a case that has ended."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from cases.escalation import escalate_overdue
from cases.models import Case, Clock, ClockState, Delivery, DeliveryState, Notice, SupervisionOrder
from cases.stages import ClockKind, Stage, Verb
from people.models import Mail
from tests.cases.delivery.conftest import Office, Postbox
from tests.make import Town

Walk = Callable[[Callable[[Town], Any]], Any]


@pytest.fixture
def late(office: Office, walk: Walk) -> Case:
    """A case in handling whose clock is over its warning; the handler's mail waits."""
    case: Case = walk(lambda town: town.case(Stage.HANDLING))
    office.fan_out()
    office.wants("handler")
    with office.sessions.begin() as session:
        clock = session.scalars(select(Clock).where(Clock.case_id == case.id, Clock.kind == ClockKind.HANDLE)).one()
        office.now = clock.yellow_at
        assert [one.rung for one in escalate_overdue(session, now=office.now, batch=10)] == ["warn"]
    assert office.fan_out() == 1 or office.deliveries()
    return case


@pytest.fixture
def unanswered(office: Office, walk: Walk) -> Case:
    """A case with an order that nobody answers, past the warning of its reply; the shift lead's mail waits."""

    def order(town: Town) -> Case:
        return town.do(Verb.SUPERVISE, town.case(Stage.HANDLING))

    case: Case = walk(order)
    office.fan_out()
    office.wants("shift_lead", Mail.LATE)
    with office.sessions.begin() as session:
        reply = session.scalars(select(Clock).where(Clock.case_id == case.id, Clock.kind == ClockKind.REPLY)).one()
        office.now = reply.yellow_at
        assert "reply_warn" in [one.rung for one in escalate_overdue(session, now=office.now, batch=10)]
    office.fan_out()
    return case


def test_the_warning_of_a_reply_is_told_before_the_reply_is_due(
    office: Office, unanswered: Case, postbox: Postbox
) -> None:
    assert office.send() == {"sent": 1}
    assert "督办回复将到期 / Reply due soon" in postbox.mails[0]["Subject"]


def test_the_warning_of_a_reply_that_came_is_withdrawn(
    office: Office, unanswered: Case, walk: Walk, postbox: Postbox
) -> None:
    walk(lambda town: town.do(Verb.REPLY_SUPERVISION, town.session.get_one(Case, unanswered.id)))
    assert office.send() == {"withdrawn": 1}
    assert postbox.mails == []


def test_that_no_reply_came_is_told_only_when_it_is_due(office: Office, unanswered: Case) -> None:
    with office.sessions.begin() as session:
        session.execute(update(Notice).where(Notice.kind == "reply_warn").values(kind="reply_urge"))
    assert office.send() == {"withdrawn": 1}


def clock_of(office: Office, case: Case, **values: Any) -> None:
    with office.sessions.begin() as session:
        session.execute(update(Clock).where(Clock.case_id == case.id, Clock.kind == ClockKind.HANDLE).values(**values))


def test_a_warning_that_is_so_is_told(office: Office, late: Case, postbox: Postbox) -> None:
    assert office.send() == {"sent": 1}
    assert "将超期 / Due soon" in postbox.mails[0]["Subject"]
    assert "时限 / limit" in postbox.mails[0].get_content()


def test_a_warning_whose_deadline_has_moved_on_is_withdrawn(office: Office, late: Case, postbox: Postbox) -> None:
    later = office.now + timedelta(hours=2)
    clock_of(office, late, yellow_at=later, due_at=later + timedelta(hours=1))  # as an edited calendar does
    assert office.send() == {"withdrawn": 1}
    assert postbox.mails == []
    assert office.tick() == {}


def test_a_warning_of_a_clock_that_another_has_followed_is_withdrawn(office: Office, late: Case) -> None:
    clock_of(office, late, state=ClockState.STOPPED)  # as an extension does: the new clock warns in its turn
    assert office.send() == {"withdrawn": 1}


def test_nothing_is_told_of_a_clock_that_rests(office: Office, late: Case) -> None:
    clock_of(office, late, state=ClockState.PAUSED)
    assert office.send() == {"withdrawn": 1}


@pytest.mark.parametrize(
    ("request_", "decide", "deciders"),
    [
        (Verb.REQUEST_EXTENSION, Verb.DECIDE_EXTENSION, ("works_head", "dispatcher")),
        (Verb.REQUEST_SUSPENSION, Verb.DECIDE_SUSPENSION, ("dispatcher", "leader")),
    ],
)
def test_who_is_given_time_is_not_told_to_hurry(
    office: Office, late: Case, walk: Walk, postbox: Postbox, request_: Verb, decide: Verb, deciders: tuple[str, ...]
) -> None:
    def give_time(town: Town) -> None:
        case = town.session.get_one(Case, late.id)
        town.do(request_, case)
        for decider in deciders:
            town.do(decide, case, decider)

    walk(give_time)
    assert office.send() == {"withdrawn": 1}
    assert postbox.mails == []


def test_nothing_late_is_told_of_a_case_that_has_ended(office: Office, late: Case, walk: Walk) -> None:
    def end(town: Town) -> None:
        for verb in (Verb.FINISH, Verb.SEND_CHECK, Verb.CHECK, Verb.CLOSE):
            town.do(verb, town.session.get_one(Case, late.id))

    walk(end)
    office.fan_out()
    assert office.send()["withdrawn"] == 1


def test_an_order_that_stands_open_is_told_although_its_clock_has_stopped(
    office: Office, late: Case, postbox: Postbox
) -> None:
    clock_of(office, late, state=ClockState.STOPPED)
    with office.sessions.begin() as session:
        session.execute(update(Notice).where(Notice.kind == "warn").values(kind="supervise_1"))
        centre = late.centre_id
        order = {"case_id": late.id, "centre_id": centre, "to_centre_id": centre, "rung": "supervise_1"}
        session.add(SupervisionOrder(**order, issued_at=office.now, reply_due_at=office.now))
    assert office.send() == {"sent": 1}
    assert "督办" in postbox.mails[0]["Subject"]


def test_a_digest_loses_only_what_is_no_longer_so(office: Office, late: Case, postbox: Postbox) -> None:
    with office.sessions.begin() as session:
        [delivery] = session.scalars(select(Delivery).where(Delivery.state == DeliveryState.WAITING))
        fact = session.scalars(select(Notice.id).where(Notice.kind == "dispatched")).one()
        delivery.notices = [fact, *delivery.notices]
    clock_of(office, late, state=ClockState.STOPPED)
    assert office.send() == {"sent": 1}
    assert "新派遣 / Dispatched" in postbox.mails[0]["Subject"]
    assert office.deliveries()[-1].notices == [fact]


def test_the_moment_of_a_notice_is_the_citys(late: Case, office: Office, postbox: Postbox) -> None:
    office.send()
    shown = (office.now + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M")
    assert shown in postbox.mails[0].get_content()
    assert isinstance(datetime.fromisoformat(shown), datetime)
