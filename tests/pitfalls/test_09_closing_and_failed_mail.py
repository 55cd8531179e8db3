"""Pitfall 9: nothing fires after closing; a mail that fails neither comes twice nor is lost."""

from datetime import timedelta

from cases.delivery.sending import lease, take
from cases.models import Case, DeliveryState
from cases.notices import Audience
from tests.cases.delivery.conftest import (  # noqa: F401  fixtures
    Office,
    Postbox,
    acceptors,
    case,
    office,
    postbox,
    settings,
    walk,
)


def test_pitfall_09_a_failed_mail_comes_again_until_it_arrives_and_then_no_more(
    office: Office,  # noqa: F811
    case: Case,  # noqa: F811
    acceptors: Audience,  # noqa: F811
    postbox: Postbox,  # noqa: F811
) -> None:
    office.fan_out()
    office.wants("acceptor")
    office.tell(case, acceptors, "noted", "noted")
    office.fan_out()
    postbox.refuses = 3
    for _ in range(12):
        office.send()
        office.now += timedelta(seconds=20)
    ids = [mail["X-Wangge-Delivery"] for mail in postbox.mails]
    assert sorted(ids) == sorted(str(one.id) for one in office.deliveries()), "each once"
    assert {one.state for one in office.deliveries()} == {DeliveryState.SENT}
    office.now += timedelta(days=1)
    assert office.tick() == {}


def test_pitfall_09_a_worker_that_dies_over_a_mail_leaves_it_to_the_next_one_under_the_same_id(
    office: Office,  # noqa: F811
    case: Case,  # noqa: F811
    acceptors: Audience,  # noqa: F811
    postbox: Postbox,  # noqa: F811
) -> None:
    office.fan_out()
    office.wants("acceptor")
    office.tell(case, acceptors, "noted")
    office.fan_out()
    with office.sessions.begin() as session:
        take(session, now=office.now, settings=office.settings)  # and then it is killed
    assert office.tick() == {}, "it may be alive and about to send"
    office.now += lease(office.settings)
    assert office.tick() == {"sent": 1}
    assert [mail["X-Wangge-Delivery"] for mail in postbox.mails] == [str(one.id) for one in office.deliveries()]
