"""One signed HTTP request for a message (docs/webhooks.md); push messages leave the house the same way."""

import hmac
import socket
import ssl
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from hashlib import sha256
from http.client import HTTPConnection, HTTPException
from threading import Timer
from typing import Any
from urllib.parse import SplitResult
from uuid import UUID

from cases.delivery.standing import Told
from cases.delivery.targets import PORTS, read_url, resolve
from core.db import to_json
from core.settings import Settings

AGENT = "wangge"


class NotTaken(Exception):
    """The receiver did not say 2xx; says what it said."""

    def __init__(self, said: str = "", *, status: int = 0) -> None:
        super().__init__(said)
        self.status = status


def write_body(delivery_id: UUID, webhook: dict[str, Any], told: Sequence[Told]) -> bytes:
    """The JSON body: the same for each attempt, but for what is no longer so and is left out."""
    notices = [
        {
            "id": one.id,
            "at": one.at,
            "kind": one.kind,
            "case": one.no and {"no": one.no, "stage": one.stage, "category": one.category},
            "centre": one.centre,
            "data": one.data,
        }
        for one in told
    ]
    return to_json({"id": delivery_id, "webhook": webhook, "test": not told, "notices": notices}).encode()


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA-256 over `timestamp.body`, as in the header X-Wangge-Signature."""
    return "sha256=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, sha256).hexdigest()


def send_hook(delivery_id: UUID, url: str, secret: str, body: bytes, *, now: datetime, settings: Settings) -> None:
    """POST the body to the address that its host stands for at this moment; a redirect is not followed.

    Raises NotTaken, targets.BadTarget, OSError, http.client.HTTPException.
    """
    timestamp = str(int(now.timestamp()))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": AGENT,
        "X-Wangge-Delivery": str(delivery_id),
        "X-Wangge-Timestamp": timestamp,
        "X-Wangge-Signature": sign(secret, timestamp, body),
    }
    config = settings.delivery
    post(read_url(url), headers, body, allowed=config.private_targets, seconds=config.timeout_seconds)


def post(
    parts: SplitResult, headers: Mapping[str, str], body: bytes, *, allowed: Iterable[str], seconds: float
) -> None:
    """POST to a public address, or to one that is `allowed`; raises as `send_hook`."""
    address = resolve(parts, allowed)
    assert parts.hostname is not None
    connection = HTTPConnection(parts.hostname, address[1])
    connection.default_port = PORTS[parts.scheme]  # no port in the Host header unless it is another one
    with _connected(parts.scheme, parts.hostname, address, seconds) as connection.sock:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, body, dict(headers))
        with connection.getresponse() as response:
            if not 200 <= response.status < 300:
                said = response.read(200).decode(errors="replace")
                raise NotTaken(f"{response.status} {response.reason} {said}".strip(), status=response.status)


@contextmanager
def _connected(scheme: str, host: str, address: tuple[str, int], seconds: float) -> Iterator[socket.socket]:
    """A connection to exactly this address, its certificate checked for the host; cut off when its time is over."""
    with socket.create_connection(address, timeout=seconds) as plain, plain.dup() as same:
        # a receiver that trickles would hold the sender for ever
        cut = Timer(seconds, _cut, [same])
        cut.daemon = True
        cut.start()
        try:
            if scheme == "http":
                yield plain
            else:
                with _wrap(plain, host) as safe:
                    yield safe
        finally:
            cut.cancel()


def _wrap(plain: socket.socket, host: str) -> ssl.SSLSocket:
    return ssl.create_default_context().wrap_socket(plain, server_hostname=host)


def _cut(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


FAILURES = (NotTaken, ValueError, OSError, HTTPException)
"""What `send_hook` and `send_mail` raise: all of it is a reason to try again."""
