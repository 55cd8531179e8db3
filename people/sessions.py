"""Signing in and staying so: the throttle, server-side sessions, own devices.

The cookie holds a secret of 256 bits; the database keeps its SHA-256, so that a stolen table signs nobody in.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Connection, delete, func, select, text, update
from sqlalchemy.orm import Session

from core.settings import Settings
from people.accounts import load_actor, normal_username, seats_of, with_seats
from people.errors import BadSignIn, NoSuchDevice, NotSignedIn, SessionExpired, SignInThrottled
from people.models import Person, SignIn, SigninFailure
from people.passwords import hash_password, is_outdated, is_password
from people.roles import Actor

# `seen_at` moves at most once a minute: an idle limit of hours needs no more, and reading stays reading.
SEEN_STEP = timedelta(minutes=1)


@dataclass(frozen=True)
class SignedIn:
    """A fresh session; `secret` is shown to the device once and never again."""

    actor: Actor
    secret: str
    csrf_token: str
    expires_at: datetime


@dataclass(frozen=True)
class Presence:
    """A person at a device: what the cookie stands for."""

    actor: Actor
    sign_in_id: int
    csrf_token: str
    seen_at: datetime


@dataclass(frozen=True)
class Device:
    """A line of one's own devices."""

    id: int
    device: str
    address: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


def hash_of(secret: str) -> bytes:
    """SHA-256 of a random secret (no salt: 256 bits cannot be guessed)."""
    return sha256(secret.encode()).digest()


def admit(session: Session, username: str, address: str, *, now: datetime, settings: Settings) -> UUID:
    """Count an attempt *before* its password is looked at; commit this before `sign_in`.

    An attempt counts as failed until it has succeeded. Account and address are locked while they are counted, so
    attempts at the same time cannot pass together. Raises SignInThrottled with `retry_after` in seconds.
    """
    username = normal_username(username)
    signin = settings.signin
    since = now - timedelta(minutes=signin.window_minutes)
    for key in sorted(_lock_key(kind, value) for kind, value in (("account", username), ("address", address))):
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})
    waits = [
        _wait(session, SigninFailure.username == username, signin.failures_per_account, since),
        _wait(session, SigninFailure.address == address, signin.failures_per_address, since),
    ]
    if wait := max(filter(None, waits), default=None):
        raise SignInThrottled(retry_after=max(1, ceil(wait.total_seconds())))
    attempt = SigninFailure(id=uuid4(), username=username, address=address, at=now)
    session.add(attempt)
    session.flush()
    return attempt.id


def _lock_key(kind: str, value: str) -> int:
    return int.from_bytes(sha256(f"{kind}:{value}".encode()).digest()[:8], "big", signed=True)


def _wait(session: Session, whose: ColumnElement[bool], most: int, since: datetime) -> timedelta | None:
    """How long until fewer than `most` failures lie in the window; None when that is so already."""
    failures = select(SigninFailure.at).where(whose, SigninFailure.at > since).order_by(SigninFailure.at.desc())
    nth = session.scalar(failures.offset(most - 1).limit(1))
    return None if nth is None else nth - since


def sign_in(
    session: Session,
    username: str,
    password: str,
    *,
    now: datetime,
    address: str,
    device: str,
    settings: Settings,
    attempt: UUID | None = None,
) -> SignedIn:
    """A new session. `attempt` is what `admit` gave: it is forgiven with the account's other failures.

    Raises BadSignIn for an unknown name, a wrong password, a disabled account, and demo people outside the demo,
    each after the same time.
    """
    username = normal_username(username)
    person = session.scalar(select(Person).where(Person.username == username))
    good = is_password(person.password_hash if person else None, password)
    if person is None or not good or not _is_open(person, settings):
        raise BadSignIn
    if is_outdated(person.password_hash):
        person.password_hash = hash_password(password)
    session.execute(delete(SigninFailure).where((SigninFailure.username == username) | (SigninFailure.id == attempt)))
    secret, csrf_token = secrets.token_urlsafe(32), secrets.token_urlsafe(24)
    expires_at = now + settings.session_length
    session.add(
        SignIn(
            secret_hash=hash_of(secret),
            csrf_token=csrf_token,
            person_id=person.id,
            device=device[:300],
            address=address[:64],
            created_at=now,
            seen_at=now,
            expires_at=expires_at,
            revoked_at=None,
        )
    )
    session.flush()
    return SignedIn(load_actor(session, person.id), secret, csrf_token, expires_at)


def _is_open(person: Person, settings: Settings) -> bool:
    return person.disabled_at is None and (settings.demo.enabled or not person.is_demo)


def actor_of_cookie(session: Session | Connection, secret: str, *, now: datetime, settings: Settings) -> Presence:
    """Who the cookie's secret stands for, in one statement. Raises NotSignedIn, SessionExpired."""
    columns = (
        SignIn.id.label("sign_in_id"),
        SignIn.csrf_token,
        SignIn.seen_at,
        SignIn.expires_at,
        SignIn.revoked_at,
        Person.id.label("person_id"),
        Person.username,
        Person.name,
        Person.is_demo,
        Person.disabled_at,
    )
    rows = session.execute(
        with_seats(*columns).join(SignIn, SignIn.person_id == Person.id).where(SignIn.secret_hash == hash_of(secret))
    ).all()
    if not rows:
        raise NotSignedIn
    row = rows[0]
    idle_until = row.seen_at + timedelta(hours=settings.signin.idle_hours)
    if row.revoked_at is not None or now >= min(row.expires_at, idle_until):
        raise SessionExpired
    if row.disabled_at is not None or (row.is_demo and not settings.demo.enabled):
        raise SessionExpired
    actor = Actor(row.person_id, row.username, row.name, seats_of(rows))
    return Presence(actor, row.sign_in_id, row.csrf_token, row.seen_at)


def is_to_be_marked(presence: Presence, *, now: datetime) -> bool:
    """Whether the device was last marked as seen so long ago that it is worth a write."""
    return now - presence.seen_at >= SEEN_STEP


def mark_seen(session: Session | Connection, sign_in_id: int, *, now: datetime) -> None:
    """The device was used: the idle limit starts anew."""
    session.execute(update(SignIn).where(SignIn.id == sign_in_id, SignIn.seen_at < now).values(seen_at=now))


def sign_out(session: Session, sign_in_id: int, *, now: datetime) -> None:
    """End the session; the cookie is worth nothing from now on."""
    session.execute(update(SignIn).where(SignIn.id == sign_in_id, SignIn.revoked_at.is_(None)).values(revoked_at=now))


def list_devices(session: Session | Connection, person_id: int, *, now: datetime, settings: Settings) -> list[Device]:
    """Where the person is signed in now, the latest first."""
    idle_since = now - timedelta(hours=settings.signin.idle_hours)
    rows = session.execute(
        select(SignIn.id, SignIn.device, SignIn.address, SignIn.created_at, SignIn.seen_at, SignIn.expires_at)
        .where(SignIn.person_id == person_id, SignIn.revoked_at.is_(None))
        .where(SignIn.expires_at > now, SignIn.seen_at > idle_since)
        .order_by(SignIn.id.desc())
        .limit(200)
    )
    return [Device(*row) for row in rows]


def sign_out_device(session: Session, person_id: int, sign_in_id: int, *, now: datetime) -> None:
    """End one of the person's own sessions. Raises NoSuchDevice."""
    mine = select(SignIn.id).where(SignIn.id == sign_in_id, SignIn.person_id == person_id)
    if session.scalar(mine.where(SignIn.revoked_at.is_(None))) is None:
        raise NoSuchDevice
    sign_out(session, sign_in_id, now=now)


def forget_old(session: Session, *, now: datetime, settings: Settings) -> int:
    """Delete failures outside the window and sessions that ended a month ago; how many rows went."""
    since = now - timedelta(minutes=settings.signin.window_minutes)
    month_ago = now - timedelta(days=30)
    failures = delete(SigninFailure).where(SigninFailure.at < since)
    ended = delete(SignIn).where(func.coalesce(SignIn.revoked_at, SignIn.expires_at) < month_ago)
    return sum(session.connection().execute(statement).rowcount for statement in (failures, ended))
