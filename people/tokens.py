"""Bearer tokens of machines and scripts: opaque, kept as SHA-256, remembered by a process for two seconds."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from core.settings import Settings
from people.accounts import seats_of, with_seats
from people.errors import BadToken, NoSuchToken
from people.models import Person, Token
from people.roles import Actor
from people.sessions import hash_of

PREFIX = "wangge_"
MOST_REMEMBERED = 10_000


@dataclass(frozen=True)
class NewToken:
    """A fresh token; `secret` is shown once."""

    id: int
    name: str
    secret: str
    created_at: datetime
    expires_at: datetime


def make_token(
    session: Session, actor: Actor, name: str, *, now: datetime, settings: Settings, days: int | None = None
) -> NewToken:
    """A token that acts as the person, for at most `token_days`."""
    assert actor.person_id is not None
    secret = PREFIX + secrets.token_urlsafe(32)
    length = timedelta(days=min(days or settings.signin.token_days, settings.signin.token_days))
    token = Token(
        secret_hash=hash_of(secret),
        name=name,
        person_id=actor.person_id,
        created_at=now,
        expires_at=now + length,
        revoked_at=None,
    )
    session.add(token)
    session.flush()
    return NewToken(token.id, name, secret, now, token.expires_at)


def list_tokens(
    session: Session, person_id: int, *, now: datetime, before: int | None = None, limit: int = 50
) -> list[Token]:
    """The person's tokens that still work, the newest first, those older than the id `before`."""
    chosen = select(Token).where(Token.person_id == person_id, Token.revoked_at.is_(None), Token.expires_at > now)
    if before is not None:
        chosen = chosen.where(Token.id < before)
    return list(session.scalars(chosen.order_by(Token.id.desc()).limit(limit)))


def revoke_token(session: Session, person_id: int, token_id: int, *, now: datetime) -> None:
    """Withdraw one of the person's own tokens. Raises NoSuchToken."""
    token = session.scalar(
        select(Token).where(Token.id == token_id, Token.person_id == person_id, Token.revoked_at.is_(None))
    )
    if token is None:
        raise NoSuchToken
    token.revoked_at = now
    session.flush()


def actor_of_token(
    session: Session | Connection, secret: str, *, now: datetime, settings: Settings
) -> tuple[Actor, datetime]:
    """Whom the token acts as and until when, in one statement. Raises BadToken."""
    columns = (
        Token.expires_at,
        Token.revoked_at,
        Person.id.label("person_id"),
        Person.username,
        Person.name,
        Person.is_demo,
        Person.disabled_at,
    )
    rows = session.execute(
        with_seats(*columns).join(Token, Token.person_id == Person.id).where(Token.secret_hash == hash_of(secret))
    ).all()
    if not rows or rows[0].revoked_at is not None or now >= rows[0].expires_at:
        raise BadToken
    row = rows[0]
    if row.disabled_at is not None or (row.is_demo and not settings.demo.enabled):
        raise BadToken
    return Actor(row.person_id, row.username, row.name, seats_of(rows)), row.expires_at


@dataclass
class TokenMemory:
    """What a process remembers of tokens, for `seconds`: a withdrawn token is dead everywhere after that."""

    seconds: float
    known: dict[str, tuple[Actor, datetime]] = field(default_factory=dict)

    def recall(self, secret: str, *, now: datetime) -> Actor | None:
        """The actor, if the token was looked up a moment ago and works still."""
        found = self.known.get(secret)
        return found[0] if found and now < found[1] else None

    def keep(self, secret: str, actor: Actor, *, now: datetime, expires_at: datetime) -> None:
        """Remember the actor for a moment, never past the token's own end."""
        if len(self.known) >= MOST_REMEMBERED:
            self.known.clear()
        self.known[secret] = (actor, min(now + timedelta(seconds=self.seconds), expires_at))

    def forget(self) -> None:
        """Look everything up again."""
        self.known.clear()
