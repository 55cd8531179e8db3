"""A real server that stands in for the push service, and a browser with its keys."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from email.message import Message
from typing import Any

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import select, update

from cases.delivery.addresses import keep_address
from cases.delivery.push import Address, make_key
from cases.models import (
    Case,
    PushAddress,
)
from cases.notices import Audience
from cases.stages import Stage
from core.settings import Settings
from people.accounts import load_actor
from people.models import Person
from people.roles import Actor
from tests.cases.delivery.conftest import Office
from tests.loopback import taking
from tests.make import Town

HOST = "127.0.0.1"


def text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def plain(data: str) -> bytes:
    return urlsafe_b64decode(data + "=" * (-len(data) % 4))


@dataclass
class Browser:
    """A browser with its keys and its push service."""

    url: str = ""
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = b"0123456789abcdef"
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    says: list[int] = field(default_factory=list)

    @property
    def address(self) -> Address:
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return Address(self.url, text(point), text(self.auth), "en")

    def opened(self, number: int = -1) -> dict[str, Any]:
        """What the message says: only these keys open it."""
        sealed = self.got[number][1]
        found = http_ece.decrypt(sealed, private_key=self.key, auth_secret=self.auth, version="aes128gcm")
        told: dict[str, Any] = json.loads(found)
        return told


@pytest.fixture
def browser() -> Iterator[Browser]:
    made = Browser()

    def take(path: str, headers: Message, body: bytes) -> tuple[int, dict[str, str]]:
        made.got.append(({"path": path, **dict(headers.items())}, body))
        return made.says.pop(0) if made.says else 201, {}

    with taking(take) as address:
        made.url = f"{address}/push/abc"
        yield made


@pytest.fixture
def settings(settings: Settings) -> Settings:
    push = replace(settings.push, private_key=make_key(), subject="mailto:duty@town.example", hosts=(HOST,))
    return replace(settings, push=push)


@pytest.fixture
def case(office: Office, walk: Callable[[Callable[[Town], Any]], Any]) -> Case:
    """A case that waits for the inspector to check it; all that was told on its way has been told."""
    made = walk(lambda town: town.case(Stage.CHECKING))
    office.fan_out()
    assert isinstance(made, Case)
    return made


def put(office: Office, case: Case, **values: Any) -> None:
    with office.sessions.begin() as session:
        session.execute(update(Case).where(Case.id == case.id).values(**values))


def actor(office: Office, name: str) -> Actor:
    with office.sessions.begin() as session:
        return load_actor(session, session.scalars(select(Person.id).where(Person.name == name)).one())


def subscribe(office: Office, name: str, address: Address) -> None:
    with office.sessions.begin() as session:
        keep_address(session, actor(office, name), address, now=office.now, settings=office.settings)


def kept(office: Office) -> list[PushAddress]:
    with office.sessions.begin() as session:
        return list(session.scalars(select(PushAddress).order_by(PushAddress.id)))


def inspector(office: Office) -> Audience:
    return Audience(person_id=actor(office, "inspector").person_id)
