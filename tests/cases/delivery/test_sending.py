"""What is due goes out: once if all goes well, again if not, and never without end."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import update

from cases.delivery import send_due
from cases.delivery.sending import keep, lease, pause, take
from cases.models import Case, Delivery, DeliveryState, Webhook
from cases.notices import Audience
from core.settings import Settings
from people.models import Mail, Person
from tests.cases.delivery.conftest import Office, Postbox, Receiver
from tests.make import Town

Walk = Callable[[Callable[[Town], Any]], Any]


@pytest.fixture
def told(office: Office, case: Case, acceptors: Audience) -> UUID:
    """One message that waits for the acceptor."""
    office.fan_out()
    office.wants("acceptor")
    office.tell(case, acceptors, "noted", text="看一下")
    office.fan_out()
    [delivery] = office.deliveries()
    return delivery.id


def only(office: Office) -> Delivery:
    [delivery] = office.deliveries()
    return delivery


def test_a_mail_says_in_both_languages_what_happened_and_where_to_look(
    office: Office, case: Case, told: UUID, postbox: Postbox
) -> None:
    assert office.send() == {"sent": 1}
    [mail] = postbox.mails
    assert (mail["To"], mail["From"], mail["Message-ID"]) == (
        "acceptor@town.example", "wangge@town.example", f"<{told}@town.example>",
    )  # fmt: skip
    assert mail["Subject"] == f"[网格] 新备注 / New note {case.no}"
    text = mail.get_content()
    for piece in ("2026-03-10 09:30", "看一下", case.no, f"https://w.example/desk?case={case.no}"):
        assert piece in text, piece
    assert (mail["X-Wangge-Delivery"], mail["Auto-Submitted"]) == (str(told), "auto-generated")
    sent = only(office)
    assert (sent.state, sent.sent_at, sent.attempts, sent.error) == (DeliveryState.SENT, office.now, 1, None)
    assert office.tick() == {}
    assert len(postbox.mails) == 1


def test_without_an_address_of_the_installation_a_mail_has_no_link(
    office: Office, told: UUID, postbox: Postbox
) -> None:
    office.settings = replace(office.settings, mail=replace(office.settings.mail, link=""))
    office.send()
    assert "http" not in postbox.mails[0].get_content()


def test_a_digest_counts_by_kind_and_names_the_rest_by_number(
    office: Office, case: Case, acceptors: Audience, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cases.delivery.mail.LISTED", 2)
    office.fan_out()
    office.wants("acceptor")
    office.tell(case, acceptors, *["noted"] * 4, *["noted"] * 3, "closed")
    office.fan_out()
    assert office.send() == {"sent": 4}
    office.now += timedelta(minutes=16)
    assert office.tick() == {"sent": 1}
    digest = postbox.mails[-1]
    assert digest["Subject"] == "[网格] 4 条通知 / 4 notices"
    text = digest.get_content()
    assert "新备注 / New note: 3" in text
    assert "另有 2 条" in text
    assert office.tick() == {}


def test_a_server_that_is_busy_gets_the_mail_later_and_once(office: Office, told: UUID, postbox: Postbox) -> None:
    postbox.refuses = 2
    for seconds in (30, 60):
        assert office.send() == {"waiting": 1}
        waiting = only(office)
        assert (waiting.state, waiting.due_at) == (DeliveryState.WAITING, office.now + timedelta(seconds=seconds))
        assert "451" in (waiting.error or "")
        office.now += timedelta(seconds=seconds - 1)
        assert office.send() == {}, "not before its time"
        office.now += timedelta(seconds=1)
    assert office.send() == {"sent": 1}
    assert [mail["X-Wangge-Delivery"] for mail in postbox.mails] == [str(told)]


def test_the_pause_doubles_up_to_an_hour(settings: Settings) -> None:
    assert [pause(attempt, settings).total_seconds() for attempt in (1, 2, 3, 7, 8, 40)] == [
        30, 60, 120, 1920, 3600, 3600,
    ]  # fmt: skip


def test_what_never_arrives_is_dead_and_stays_so(office: Office, told: UUID, postbox: Postbox) -> None:
    office.settings = replace(office.settings, delivery=replace(office.settings.delivery, attempts_most=2))
    postbox.refuses = 9
    assert office.send() == {"waiting": 1}
    office.now += timedelta(hours=1)
    assert office.send() == {"dead": 1}
    office.now += timedelta(days=9)
    assert office.send() == {}
    assert (only(office).state, only(office).attempts) == (DeliveryState.DEAD, 2)


def test_a_dead_workers_message_goes_again_under_its_id_when_its_lease_is_over(
    office: Office, told: UUID, postbox: Postbox
) -> None:
    with office.sessions.begin() as session:
        [taken], _ = take(session, now=office.now, settings=office.settings)
    assert (only(office).state, only(office).due_at) == (
        DeliveryState.SENDING, office.now + lease(office.settings),
    )  # fmt: skip
    assert office.send() == {}, "it may still be alive"
    taken.send(office.now)  # it sent, and died before it could say so
    office.now += lease(office.settings)
    assert office.send() == {"sent": 1}
    assert [mail["Message-ID"] for mail in postbox.mails] == [f"<{told}@town.example>"] * 2
    with office.sessions.begin() as session:
        keep(session, taken, "late", now=office.now, settings=office.settings)
    assert only(office).state is DeliveryState.SENT, "what comes late changes nothing"


def test_a_message_that_kills_its_workers_is_dead_in_the_end(office: Office, told: UUID) -> None:
    for _ in range(office.settings.delivery.attempts_most):
        with office.sessions.begin() as session:
            assert len(take(session, now=office.now, settings=office.settings)[0]) == 1
        office.now += lease(office.settings)
    assert office.send() == {"dead": 1}
    assert "died" in (only(office).error or "")


def test_a_worker_that_is_to_stop_takes_nothing_more(office: Office, told: UUID) -> None:
    from threading import Event

    stopping = Event()
    stopping.set()
    assert send_due(office.sessions, office.settings, read_clock=lambda: office.now, stopping=stopping) == {}
    assert only(office).state is DeliveryState.WAITING


@pytest.mark.parametrize("gone", [{"email": None}, {"mail": Mail.NONE}, {"disabled_at": "now"}])
def test_who_wants_no_mail_any_more_gets_none(
    office: Office, told: UUID, postbox: Postbox, gone: dict[str, Any]
) -> None:
    values = {key: office.now if value == "now" else value for key, value in gone.items()}
    with office.sessions.begin() as session:
        session.execute(update(Person).where(Person.name == "acceptor").values(values))
    assert office.send() == {"withdrawn": 1}
    assert postbox.mails == []


# --- webhooks ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def hooked(office: Office, case: Case, acceptors: Audience, receiver: Receiver) -> int:
    """One message that waits for a webhook."""
    office.fan_out()
    hook = office.hook(receiver.url, acceptors.centre_id or 0)
    office.tell(case, acceptors, "noted", text="看一下")
    office.fan_out()
    return hook


def genuine() -> Callable[..., bool]:
    """The example of docs/webhooks.md."""
    from pathlib import Path

    page = (Path(__file__).parents[3] / "docs" / "webhooks.md").read_text("utf-8")
    found: dict[str, Any] = {}
    exec(page.split("```python\n")[1].split("```")[0], found)
    checker: Callable[..., bool] = found["is_genuine"]
    return checker


def test_a_webhooks_message_is_signed_as_the_page_says(
    office: Office, case: Case, hooked: int, receiver: Receiver, acceptors: Audience
) -> None:
    assert office.send() == {"sent": 1}
    [(headers, body)] = receiver.got
    said = orjson.loads(body)
    delivery = only(office)
    assert (headers["path"], headers["Content-Type"]) == ("/in?x=1", "application/json")
    assert headers["Host"] == receiver.url.split("/")[2]
    assert headers["X-Wangge-Delivery"] == said["id"] == str(delivery.id)
    [notice] = said["notices"]
    assert notice == {
        "id": delivery.notices[0], "at": "2026-03-10T01:30:00Z", "kind": "noted", "centre": "310101002000",
        "case": {"no": case.no, "stage": "reported", "category": "01001"}, "data": {"text": "看一下"},
    }  # fmt: skip
    assert (said["webhook"], said["test"]) == ({"id": hooked, "name": "h"}, False)
    is_genuine, now = genuine(), office.now.timestamp()
    assert is_genuine("s3cret", headers, body, now)
    assert not is_genuine("another", headers, body, now)
    assert not is_genuine("s3cret", headers, body + b" ", now)
    assert not is_genuine("s3cret", headers, body, now + 301)


@pytest.mark.parametrize("said", [(500, {}), (404, {}), (302, {"Location": "/elsewhere"})])
def test_only_2xx_is_taken_and_no_redirect_is_followed(
    office: Office, hooked: int, receiver: Receiver, said: tuple[int, dict[str, str]]
) -> None:
    receiver.says = [said]
    assert office.send() == {"waiting": 1}
    assert str(said[0]) in (only(office).error or "")
    assert len(receiver.got) == 1
    office.now += timedelta(seconds=30)
    assert office.send() == {"sent": 1}
    first, second = receiver.got
    assert (first[1], first[0]["X-Wangge-Delivery"]) == (second[1], second[0]["X-Wangge-Delivery"])


def test_a_receiver_on_a_private_address_is_refused_unless_the_settings_allow_it(
    office: Office, hooked: int, receiver: Receiver
) -> None:
    office.settings = replace(office.settings, delivery=replace(office.settings.delivery, private_targets=()))
    assert office.send() == {"waiting": 1}
    assert "private_targets" in (only(office).error or "")
    assert receiver.got == []


def test_who_is_not_there_or_speaks_no_http_gets_it_later(office: Office, hooked: int, receiver: Receiver) -> None:
    for url in ("http://127.0.0.1:1/", receiver.url.replace("http", "https")):
        with office.sessions.begin() as session:
            session.execute(update(Webhook).values(url=url))
        office.now += timedelta(hours=1)
        assert office.send() == {"waiting": 1}, url


def test_a_receiver_that_trickles_is_cut_off(office: Office, hooked: int) -> None:
    from socket import create_server
    from threading import Event, Thread

    done = Event()
    server = create_server(("127.0.0.1", 0))

    def trickle() -> None:
        connection, _ = server.accept()
        with connection:
            while not done.wait(0.02):
                try:
                    connection.sendall(b"x")
                except OSError:
                    return

    thread = Thread(target=trickle)
    thread.start()
    with office.sessions.begin() as session:
        session.execute(update(Webhook).values(url=f"http://127.0.0.1:{server.getsockname()[1]}/"))
    office.settings = replace(office.settings, delivery=replace(office.settings.delivery, timeout_seconds=0.2))
    assert office.send() == {"waiting": 1}
    done.set()
    thread.join()
    server.close()


def test_a_disabled_webhook_gets_nothing(office: Office, hooked: int, receiver: Receiver) -> None:
    with office.sessions.begin() as session:
        session.execute(update(Webhook).values(disabled_at=office.now))
    assert office.send() == {"withdrawn": 1}
    assert receiver.got == []


def test_one_receiver_that_fails_holds_up_nobody_else(
    office: Office, case: Case, acceptors: Audience, receiver: Receiver, postbox: Postbox
) -> None:
    office.fan_out()
    office.wants("acceptor")
    office.hook("http://127.0.0.1:1/", acceptors.centre_id or 0)
    office.hook(receiver.url, acceptors.centre_id or 0)
    office.tell(case, acceptors, *["noted"] * 3)
    office.now += timedelta(seconds=1)
    office.tell(case, acceptors, "closed")
    assert office.tick() == {"sent": 6, "waiting": 2}
    assert [orjson.loads(body)["notices"][0]["kind"] for _, body in receiver.got] == ["noted", "closed"], "in order"
    assert len(postbox.mails) == 4
