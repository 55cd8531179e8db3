"""One encrypted message to a browser by its push service: RFC 8030, sealed by RFC 8291, signed by RFC 8292 (VAPID)."""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from urllib.parse import SplitResult
from uuid import UUID

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02, VapidException

from cases.delivery.hooks import AGENT, NotTaken, post
from cases.delivery.standing import Told
from cases.delivery.targets import BadTarget, read_url
from cases.delivery.words import kind_words
from core.db import to_json
from core.settings import BadSettings, Settings

KEPT_FOR = timedelta(hours=4)
"""A phone that is off for longer hears nothing of it from the push service: the inbox tells then."""
SIGNED_FOR = timedelta(hours=12)
MOST_CHARACTERS = 300
"""Of the text: with everything around it a message stays below the 3,993 bytes that every service takes."""
GONE = frozenset({404, 410})
CURVE = ec.SECP256R1()
POINT_BYTES, AUTH_BYTES, KEY_BYTES = 65, 16, 32
APP = "/field#/tasks"


class Gone(NotTaken):
    """The browser takes no messages there any more."""


@dataclass(frozen=True)
class Address:
    """Where a browser takes messages, the keys that seal them, and its language (zh, en)."""

    endpoint: str
    p256dh: str
    auth: str
    language: str


# --- keys -------------------------------------------------------------------------------------------------------------


def make_key() -> str:
    """A new private key, as it stands in `push.private_key`: 32 bytes in base64url."""
    key = ec.generate_private_key(CURVE)
    return _text(key.private_numbers().private_value.to_bytes(KEY_BYTES, "big"))


def public_key(settings: Settings) -> str | None:
    """The key that browsers subscribe with (`applicationServerKey`); None: this installation pushes nothing."""
    return _public_key(settings.push.private_key) if settings.push.private_key else None


@cache
def _public_key(private_key: str) -> str:
    return _text(_vapid(private_key).public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


@cache
def _vapid(private_key: str) -> Vapid02:
    if len(read_bytes(private_key)) != KEY_BYTES:
        raise ValueError(f"not {KEY_BYTES} bytes")
    return Vapid02.from_raw(private_key.encode())


def check_push(settings: Settings) -> None:
    """Raise BadSettings for a private key that is none, or one without who answers for it."""
    push = settings.push
    if not push.private_key:
        return
    try:
        _public_key(push.private_key)
    except ValueError:
        raise BadSettings("push.private_key: no key; `flask cases make-push-key` prints one") from None
    try:
        _vapid(push.private_key).sign({"sub": push.subject, "aud": "https://push.example", "exp": 1})
    except VapidException:
        raise BadSettings(f"push.subject: {push.subject!r}, but mailto:… or https://… is needed") from None


def read_bytes(text: str) -> bytes:
    """Base64url with or without its padding. Raises ValueError."""
    if not set(text.rstrip("=")) <= ALPHABET:
        raise ValueError("no base64url")
    return urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))


ALPHABET = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def is_point(data: bytes) -> bool:
    """Whether it is a public key: a point of the curve P-256, uncompressed."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(CURVE, data)
    except ValueError:
        return False
    return len(data) == POINT_BYTES


# --- the message ------------------------------------------------------------------------------------------------------


def write_push(told: Sequence[Told], language: str) -> bytes:
    """`{title, body, url, tag}` in the browser's language; a later message with the same tag takes its place."""
    newest = told[-1]
    words = kind_words(newest.kind)[language != "zh"]
    if len(told) > 1:
        more = f"另有 {len(told) - 1} 条" if language == "zh" else f"and {len(told) - 1} more"
        return _body(f"{words} · {more}", _about(newest, language), APP, "digest")
    url = f"{APP}/{newest.no}" if newest.no else APP
    return _body(words, _about(newest, language), url, f"{newest.kind}-{newest.no or newest.id}")


def answer_by(told: Sequence[Told]) -> datetime | None:
    """When the message is of no use any more, because what it asks for is over; None: when KEPT_FOR is."""
    return (
        datetime.fromisoformat(told[-1].data["answer_by"]) if len(told) == 1 and "answer_by" in told[-1].data else None
    )


def _about(one: Told, language: str) -> str:
    what = one.category_zh if language == "zh" else one.category_en
    said = one.data.get("text") or one.data.get("reason")
    return " · ".join(str(part) for part in (one.no, what, one.address, one.data.get("name"), said) if part)


def _body(title: str, body: str, url: str, tag: str) -> bytes:
    return to_json({"title": title, "body": body[:MOST_CHARACTERS], "url": url, "tag": tag}).encode()


def read_endpoint(endpoint: str, settings: Settings) -> SplitResult:
    """The parts of a push service's address: https, unless it stands in `push.hosts`. Raises targets.BadTarget."""
    parts = read_url(endpoint)
    if parts.scheme != "https" and (parts.hostname or "").lower() not in settings.push.hosts:
        raise BadTarget("no https")
    return parts


def send_push(
    delivery_id: UUID,
    address: Address,
    body: bytes,
    *,
    until: datetime | None = None,
    now: datetime,
    settings: Settings,
) -> None:
    """Seal the body for the browser and hand it to its push service, which keeps it for a phone that is off: KEPT_FOR,
    but not beyond `until`.

    Raises Gone, NotTaken, targets.BadTarget, OSError, http.client.HTTPException.
    """
    parts = read_endpoint(address.endpoint, settings)
    port = f":{parts.port}" if parts.port else ""
    claims = {
        "aud": f"{parts.scheme}://{parts.hostname}{port}",
        "exp": int((now + SIGNED_FOR).timestamp()),
        "sub": settings.push.subject,
    }
    sealed = http_ece.encrypt(
        body,
        salt=os.urandom(16),
        private_key=ec.generate_private_key(CURVE),
        dh=read_bytes(address.p256dh),
        auth_secret=read_bytes(address.auth),
        version="aes128gcm",
    )
    kept = KEPT_FOR if until is None else min(KEPT_FOR, until - now)
    headers = {
        "Content-Type": "application/octet-stream",
        "Content-Encoding": "aes128gcm",
        "TTL": str(max(0, int(kept.total_seconds()))),
        "Urgency": "high",
        "User-Agent": AGENT,
        "X-Wangge-Delivery": str(delivery_id),
        **_vapid(settings.push.private_key).sign(claims),
    }
    try:
        post(parts, headers, sealed, allowed=settings.push.hosts, seconds=settings.delivery.timeout_seconds)
    except NotTaken as refusal:
        if refusal.status in GONE:
            raise Gone(*refusal.args, status=refusal.status) from None
        raise
