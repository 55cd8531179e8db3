"""When a phone rings: at once, of a storm within a minute, and for nothing that is over."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from geoalchemy2 import WKTElement
from sqlalchemy import select, update

from cases.models import (
    Alarm,
    AlarmKind,
    Case,
    Channel,
    DeliveryState,
    RollCall,
    RollCallAnswer,
    Shift,
)
from cases.patrol.telling import tell_alarm, tell_roll_call
from cases.stages import Stage
from grid.models import Centre
from people.models import Mail
from tests.cases.delivery.conftest import Office
from tests.cases.delivery.push.conftest import Browser, actor, inspector, put, subscribe
from tests.make import STREET


def test_of_a_storm_the_rest_comes_as_a_digest_within_a_minute(office: Office, case: Case, browser: Browser) -> None:
    subscribe(office, "inspector", browser.address)
    for _ in range(9):
        office.tell(case, inspector(office), "check_asked")
    most = office.settings.delivery.digest_from - 1
    assert office.tick() == {"sent": most}
    office.now += timedelta(seconds=30)
    office.tell(case, inspector(office), "check_asked")
    assert office.tick() == {}
    office.now += timedelta(seconds=30)
    assert office.tick() == {"sent": 1}
    assert browser.opened()["title"] == f"To check · and {10 - most - 1} more"
    office.tell(case, inspector(office), "check_asked")
    assert office.tick() == {"sent": 1}, "it is quiet again"


def test_tasks_of_a_usual_hour_are_pushed_one_by_one_at_once(office: Office, case: Case, browser: Browser) -> None:
    subscribe(office, "inspector", browser.address)
    for _ in range(6):
        office.now += timedelta(minutes=1)
        office.tell(case, inspector(office), "check_asked", "urged")
        assert office.tick() == {"sent": 2}


def test_a_minutes_digest_by_push_leaves_that_by_mail_as_it_is(office: Office, case: Case, browser: Browser) -> None:
    office.wants("inspector", Mail.ALL)
    subscribe(office, "inspector", browser.address)
    office.tell(case, inspector(office), *["check_asked"] * 9)
    office.tick()
    office.now += timedelta(minutes=1)
    assert office.tick() == {"sent": 1}
    [waits] = [one for one in office.deliveries() if one.state is DeliveryState.WAITING]
    assert (waits.channel, waits.due_at - waits.created_at) == (Channel.MAIL, timedelta(minutes=15))


@pytest.mark.parametrize("kind", ["roll_call", "fence"])
def test_what_has_minutes_to_be_answered_waits_for_no_digest(
    office: Office, case: Case, browser: Browser, kind: str
) -> None:
    subscribe(office, "inspector", browser.address)
    for _ in range(9):
        office.tell(case, inspector(office), "check_asked")
    office.tick()
    for more in (1, 2):
        before = len(browser.got)
        office.tell(case, inspector(office), kind)
        assert office.tick() == {"sent": 1}, more
        assert len(browser.got) == before + 1
    office.now += timedelta(minutes=1)
    assert office.tick() == {"sent": 1}  # the tasks


def called(office: Office, minutes: int) -> RollCall:
    """A roll call of the inspector, written down and told, and not sent yet."""
    with office.sessions.begin() as session:
        centre = session.scalars(select(Centre).where(Centre.code == STREET)).one()
        by, me = actor(office, "shift_lead").person_id, actor(office, "inspector").person_id
        until = office.now + timedelta(minutes=minutes)
        call = RollCall(centre_id=centre.id, called_by=by, called_at=office.now, answer_by=until, photo_wanted=False)
        session.add(call)
        session.flush()
        session.add(RollCallAnswer(roll_call_id=call.id, person_id=me))
        tell_roll_call(session, call, [me or 0], now=office.now)
    office.fan_out()
    return call


def test_a_push_service_keeps_a_roll_call_no_longer_than_it_may_be_answered(
    office: Office, case: Case, browser: Browser
) -> None:
    subscribe(office, "inspector", browser.address)
    called(office, minutes=5)
    assert office.send() == {"sent": 1}
    assert browser.got[0][0]["TTL"] == "300"


@pytest.mark.parametrize("why", ["answered", "expired"])
def test_nobody_is_called_to_a_roll_call_that_they_have_answered_or_that_is_over(
    office: Office, case: Case, browser: Browser, why: str
) -> None:
    subscribe(office, "inspector", browser.address)
    browser.says = [503]
    call = called(office, minutes=5)
    assert office.send() == {"waiting": 1}
    office.now += timedelta(minutes=1 if why == "answered" else 5)
    if why == "answered":
        with office.sessions.begin() as session:
            mine = RollCallAnswer.roll_call_id == call.id
            session.execute(update(RollCallAnswer).where(mine).values(answered_at=office.now))
    assert office.send() == {"withdrawn": 1}
    assert len(browser.got) == 1


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("check_asked", {"stage": Stage.PENDING_CLOSING}),
        ("verify_asked", {"stage": Stage.CHECKING}),
        ("check_asked", {"inspector_id": None}),
        ("urged", {"ended_at": datetime(2026, 3, 2, tzinfo=UTC)}),
    ],
)
def test_nobody_is_called_to_a_task_that_is_done_or_somebody_elses(
    office: Office, case: Case, browser: Browser, kind: str, values: dict[str, Any]
) -> None:
    office.wants("inspector", Mail.ALL)
    subscribe(office, "inspector", browser.address)
    office.tell(case, inspector(office), kind)
    office.fan_out()
    if "inspector_id" in values:
        values = {"inspector_id": actor(office, "other_inspector").person_id}
    put(office, case, **values)
    assert office.send() == {"sent": 1, "withdrawn": 1}, "by mail it is a fact"
    assert browser.got == []


@pytest.mark.parametrize("ended", [False, True])
def test_a_phone_rings_for_an_alarm_of_the_fence_only_while_it_lasts(
    office: Office, case: Case, browser: Browser, ended: bool
) -> None:
    subscribe(office, "shift_lead", browser.address)
    me = actor(office, "inspector").person_id
    with office.sessions.begin() as session:
        centre = session.scalars(select(Centre).where(Centre.code == STREET)).one()
        shift = Shift(id=uuid4(), person_id=me, centre_id=centre.id, started_at=office.now)
        shift.started_received_at = office.now
        session.add(shift)
        session.flush()
        alarm = Alarm(kind=AlarmKind.OUTSIDE, person_id=me, shift_id=shift.id, centre_id=centre.id)
        alarm.started_at, alarm.point = office.now, WKTElement("POINT (121.47 31.23)", 4326)  # type: ignore[assignment]
        session.add(alarm)
        session.flush()
        tell_alarm(session, alarm, now=office.now)
        if ended:
            alarm.ended_at = office.now
    assert office.tick() == ({"withdrawn": 1} if ended else {"sent": 1})
