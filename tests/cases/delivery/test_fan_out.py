"""New notices become deliveries: for whom, alone or in a digest, each once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from cases.delivery import Tailing, fan_out
from cases.delivery.fanout import NAME
from cases.models import Case, Channel, Delivery, DeliveryState, Notice, Tail
from cases.notices import Audience
from cases.stages import Verb
from grid.models import Centre
from people.models import Mail, Person
from people.roles import Role
from tests.cases.delivery.conftest import Office
from tests.make import CITY, DISTRICT, OTHER_STREET, STREET, Town

Walk = Callable[[Callable[[Town], Any]], Any]


def of(office: Office, username: str) -> list[Delivery]:
    with office.sessions.begin() as session:
        person_id = session.scalar(select(Person.id).where(Person.name == username))
    return [one for one in office.deliveries() if one.person_id == person_id]


def centre_id(office: Office, code: str) -> int:
    with office.sessions.begin() as session:
        return session.scalars(select(Centre.id).where(Centre.code == code)).one()


def test_who_holds_the_addressed_post_and_has_an_address_gets_mail(office: Office, case: Case, walk: Walk) -> None:
    office.fan_out()
    for name in ("acceptor", "shift_lead", "dispatcher"):
        office.wants(name)
    walk(lambda town: town.do(Verb.ACCEPT, case))
    assert office.fan_out() == 1
    [delivery] = office.deliveries()
    assert [delivery.id] == [one.id for one in of(office, "shift_lead")]
    assert (delivery.channel, delivery.state, delivery.due_at) == (Channel.MAIL, DeliveryState.WAITING, office.now)
    assert office.fan_out() == 0


def test_each_gets_what_they_want_of_it(office: Office, case: Case, acceptors: Audience) -> None:
    office.fan_out()
    office.wants("acceptor", Mail.LATE)
    office.tell(case, acceptors, "noted", "warn", "urged", "calendar_ends")
    office.fan_out()
    assert len(of(office, "acceptor")) == 2, "the rung and the urging"
    office.wants("acceptor", Mail.NONE)
    office.tell(case, acceptors, "urge")
    office.fan_out()
    assert len(of(office, "acceptor")) == 2


def test_a_notice_to_a_department_goes_to_its_people_and_one_to_a_person_to_them(
    office: Office, case: Case, walk: Walk
) -> None:
    office.fan_out()
    for name in ("handler", "green_handler", "works_head", "leader"):
        office.wants(name)
    works, street, handler = walk(
        lambda town: (town["handler"].seats[0].department_id, town["handler"].seats[0].centre_id, town["handler"])
    )
    office.tell(case, Audience(street, Role.HANDLER, works), "noted")
    office.tell(case, Audience(street, Role.LEADER, works), "noted")
    office.tell(case, Audience(person_id=handler.person_id), "noted")
    office.fan_out()
    counts = {name: len(of(office, name)) for name in ("handler", "green_handler", "works_head", "leader")}
    assert counts == {"handler": 2, "green_handler": 0, "works_head": 1, "leader": 0}


def test_what_the_centres_leaders_are_told_is_not_mailed_to_a_departments_head(
    office: Office, case: Case, walk: Walk
) -> None:
    office.fan_out()
    for name in ("works_head", "leader", "handler"):
        office.wants(name)
    street = centre_id(office, STREET)
    office.tell(case, Audience(street, Role.LEADER), "supervise_2")
    office.tell(case, Audience(street, Role.HANDLER), "noted")
    office.fan_out()
    counts = {name: len(of(office, name)) for name in ("works_head", "leader", "handler")}
    assert counts == {"works_head": 0, "leader": 1, "handler": 1}


def test_a_webhook_hears_of_its_centre_and_of_those_below(office: Office, case: Case, acceptors: Audience) -> None:
    office.fan_out()
    hooks = {
        code: office.hook("https://example.org", centre_id(office, code)) for code in (CITY, DISTRICT, OTHER_STREET)
    }
    office.hook("https://example.org", centre_id(office, CITY), "closed")
    urged = office.hook("https://example.org", centre_id(office, CITY), "urge", "warn")
    office.tell(case, acceptors, "urge")
    office.tell(case, Audience(acceptors.centre_id, Role.SHIFT_LEAD), "urge")  # the same, told to another post
    office.fan_out()
    assert sorted(one.webhook_id or 0 for one in office.deliveries()) == [hooks[CITY], hooks[DISTRICT], urged]
    assert {len(one.notices) for one in office.deliveries()} == {1}


def test_a_notice_to_a_person_reaches_the_webhook_of_the_cases_centre(office: Office, case: Case, walk: Walk) -> None:
    office.fan_out()
    office.hook("https://example.org", centre_id(office, DISTRICT))
    walk(lambda town: town.do(Verb.REJECT, case))  # told to the reporter alone
    office.fan_out()
    assert len(office.deliveries()) == 1


def test_from_the_fifth_in_a_quarter_of_an_hour_the_rest_goes_as_one_digest(
    office: Office, case: Case, acceptors: Audience
) -> None:
    office.fan_out()
    office.wants("acceptor")
    office.tell(case, acceptors, *["noted"] * 7)
    office.fan_out()
    office.now += timedelta(minutes=5)
    office.tell(case, acceptors, *["noted"] * 3)
    office.fan_out()
    found = of(office, "acceptor")
    assert [len(one.notices) for one in found] == [1, 1, 1, 1, 6]
    digest = found[-1]
    assert digest.due_at == office.now + timedelta(minutes=10), "a quarter of an hour after it began"
    assert digest.notices == sorted(digest.notices)
    office.now += timedelta(minutes=16)
    office.tell(case, acceptors, "noted")
    office.fan_out()
    assert len(of(office, "acceptor")[-1].notices) == 1, "it is quiet again"


def test_a_digest_that_is_on_its_way_takes_no_more(office: Office, case: Case, acceptors: Audience) -> None:
    office.fan_out()
    office.wants("acceptor")
    office.tell(case, acceptors, *["noted"] * 5)
    office.fan_out()
    with office.sessions.begin() as session:
        session.execute(update(Delivery).values(state=DeliveryState.SENDING))
    office.tell(case, acceptors, "noted")
    office.fan_out()
    assert sorted(len(one.notices) for one in of(office, "acceptor")) == [1] * 6


def test_a_webhooks_digest_has_an_end(
    office: Office, case: Case, acceptors: Audience, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cases.delivery.fanout.HOOK_MOST", 3)
    office.fan_out()
    office.hook("https://example.org", centre_id(office, DISTRICT))
    for _ in range(12):
        office.now += timedelta(milliseconds=1)
        office.tell(case, acceptors, "noted")
    office.fan_out(batch=10)
    sizes = [len(one.notices) for one in office.deliveries()]
    assert (sum(sizes), max(sizes)) == (12, 3)
    assert len({notice for one in office.deliveries() for notice in one.notices}) == 12


def test_without_a_mail_server_nobody_is_written_to(office: Office, case: Case, acceptors: Audience) -> None:
    from dataclasses import replace

    office.fan_out()
    office.settings = replace(office.settings, mail=replace(office.settings.mail, host=""))
    office.wants("acceptor")
    office.tell(case, acceptors, "noted")
    assert office.fan_out() == 1
    assert office.deliveries() == []


def test_the_first_look_leaves_old_notices_alone(office: Office, case: Case, acceptors: Audience) -> None:
    office.wants("acceptor")
    with office.sessions.begin() as session:
        session.execute(Tail.__table__.delete())
        session.execute(update(Notice).values(at=office.now - timedelta(days=2)))
    office.tell(case, acceptors, "noted")
    assert office.fan_out() == 1
    assert len(of(office, "acceptor")) == 1


def test_two_workers_tell_a_notice_once(office: Office, case: Case, acceptors: Audience) -> None:
    office.fan_out()
    office.wants("acceptor")
    office.tell(case, acceptors, "noted")
    with office.sessions.begin() as first:
        assert fan_out(first, Tailing("notices"), now=office.now, settings=office.settings) == 1
        with office.sessions.begin() as second:
            assert fan_out(second, Tailing("notices"), now=office.now, settings=office.settings) == 0
    assert office.fan_out() == 0
    assert len(of(office, "acceptor")) == 1


def test_a_worker_that_dies_while_it_tells_leaves_it_to_the_next(
    office: Office, case: Case, acceptors: Audience
) -> None:
    office.fan_out()
    office.wants("acceptor")
    office.tell(case, acceptors, "noted")
    dying = office.sessions.make()
    assert fan_out(dying, Tailing("notices"), now=office.now, settings=office.settings) == 1
    dying.close()
    assert office.fan_out() == 1
    assert len(of(office, "acceptor")) == 1


def test_a_notice_that_becomes_visible_late_is_not_passed_over(office: Office, case: Case, acceptors: Audience) -> None:
    """The later transaction draws the lower id and commits last: the age of what one sees tells nothing of it."""
    office.fan_out()
    office.wants("acceptor")
    early, late = office.sessions.make(), office.sessions.make()
    early.execute(update(Case).where(Case.id == case.id).values(urged_count=0))  # an older transaction …
    for session in (late, early):  # … draws its id after the younger one
        session.add(Notice(kind="noted", case_id=case.id, at=office.now, data={}, **vars(acceptors)))
        session.flush()
    early.commit()
    early.close()
    assert office.fan_out() == 0, "the other one is still to come"
    late.commit()
    late.close()
    assert office.fan_out() == 2
    assert len(of(office, "acceptor")) == 2
    with office.sessions.begin() as session:
        tail = session.scalar(select(Tail.last_id).where(Tail.name == NAME))
        assert tail == session.scalar(select(func.max(Notice.id)))


def test_writers_that_never_pause_hold_nothing_up(office: Office, case: Case, acceptors: Audience) -> None:
    office.fan_out()
    first, second = office.sessions.make(), office.sessions.make()
    notice = {"kind": "noted", "case_id": case.id, "at": office.now, "data": {}, **vars(acceptors)}
    office.tell(case, acceptors, "noted")
    first.add(Notice(**notice))
    first.flush()
    assert office.fan_out() == 0, "the first writes"
    second.add(Notice(**notice))
    second.flush()
    first.commit()
    assert office.fan_out() == 1, "whom it waited for has ended, although somebody else writes now"
    second.commit()
    assert office.fan_out() == 2
    first.close()
    second.close()
