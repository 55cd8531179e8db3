"""A town on its own sessions, a real mail server and a real receiver of webhooks, both on loopback."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cases.delivery import Tailing, fan_out, send_due
from cases.models import Case, Delivery, Notice, Webhook
from cases.notices import Audience
from core.db import Sessions
from core.settings import Settings
from people.models import Mail, Person
from people.roles import Role
from tests.loopback import taking
from tests.make import Town, make_town


@dataclass
class Postbox:
    """What a mail server has taken; `refuses` times it says that it is busy first."""

    refuses: int = 0
    mails: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  aiosmtpd's name
        if self.refuses:
            self.refuses -= 1
            return "451 busy, come again"
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 taken"

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if mail["To"] == address]


@dataclass
class Receiver:
    """A receiver of webhooks: what it got, and what it says next (200 when nothing is left to say)."""

    url: str = ""
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    says: list[tuple[int, dict[str, str]]] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    box = Receiver()

    def take(path: str, headers: Message, body: bytes) -> tuple[int, dict[str, str]]:
        box.got.append(({"path": path, **dict(headers.items())}, body))
        return box.says.pop(0) if box.says else (200, {})

    with taking(take) as address:
        box.url = f"{address}/in?x=1"
        yield box


class MailServer(Controller):
    """aiosmtpd on a port that the system picks."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def settings(settings: Settings, postbox: Postbox) -> Iterator[Settings]:
    controller = MailServer(postbox, hostname="127.0.0.1", port=0, ready_timeout=10)
    controller.start()
    yield replace(
        settings,
        mail=replace(
            settings.mail,
            host="127.0.0.1",
            port=controller.port,
            sender="wangge@town.example",
            link="https://w.example/",
        ),
        delivery=replace(settings.delivery, private_targets=("127.0.0.0/8",), timeout_seconds=2.0),
    )
    controller.stop()


@dataclass
class Office:
    """The town with its post: what is written is committed, and time is moved by hand."""

    sessions: Sessions
    settings: Settings
    now: datetime
    tailing: Tailing = field(default_factory=lambda: Tailing("notices"))

    def fan_out(self, batch: int = 2000) -> int:
        read = 0
        while True:
            with self.sessions.begin() as session:
                here = fan_out(session, self.tailing, now=self.now, settings=self.settings, batch=batch)
            if not here:
                return read
            read += here

    def send(self) -> dict[str, int]:
        return dict(send_due(self.sessions, self.settings, read_clock=lambda: self.now))

    def tick(self) -> dict[str, int]:
        self.fan_out()
        return self.send()

    def deliveries(self) -> list[Delivery]:
        with self.sessions.begin() as session:
            return list(session.scalars(select(Delivery).order_by(Delivery.created_at, Delivery.due_at)))

    def wants(self, username: str, mail: Mail = Mail.ALL) -> str:
        """The person gets mail; the address."""
        address = f"{username}@town.example"
        with self.sessions.begin() as session:
            session.execute(update(Person).where(Person.name == username).values(email=address, mail=mail))
        return address

    def hook(self, url: str, centre_id: int, *kinds: str) -> int:
        with self.sessions.begin() as session:
            webhook = Webhook(name="h", url=url, secret="s3cret", centre_id=centre_id, created_at=self.now)
            if kinds:
                webhook.kinds = list(kinds)
            session.add(webhook)
            session.flush()
            return webhook.id

    def tell(self, case: Case, to: Audience, *kinds: str, **data: Any) -> None:
        with self.sessions.begin() as session:
            for kind in kinds:
                session.add(Notice(kind=kind, case_id=case.id, at=self.now, data=data, **vars(to)))
                session.flush()


@pytest.fixture
def office(sessions: Sessions, settings: Settings, now: datetime) -> Office:
    made = Office(sessions, settings, now)
    made.fan_out()  # from here on
    return made


@pytest.fixture
def walk(office: Office) -> Callable[[Callable[[Town], Any]], Any]:
    """Do something in the town and commit it."""

    def walked(deed: Callable[[Town], Any]) -> Any:
        with office.sessions.begin() as session:
            return deed(town_of(session, office))

    return walked


def town_of(session: Session, office: Office) -> Town:
    from people.accounts import load_actor

    people = session.scalars(select(Person).where(Person.username.startswith("t_"))).all()
    if not people:
        return make_town(session, office.settings, office.now)
    town = Town(session, office.settings, office.now)
    for row in people:
        town.people[row.name] = load_actor(session, row.id)
    return town


@pytest.fixture
def case(walk: Callable[[Callable[[Town], Any]], Any]) -> Case:
    """A fresh report, told to the acceptor before anybody wanted mail."""
    made = walk(lambda town: town.case())
    assert isinstance(made, Case)
    return made


@pytest.fixture
def acceptors(case: Case) -> Audience:
    return Audience(case.centre_id, Role.ACCEPTOR)
