"""Bearer tokens."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from core.settings import Settings
from people.accounts import load_actor
from people.errors import BadToken, NoSuchToken
from people.models import Person
from people.tokens import (
    MOST_REMEMBERED,
    TokenMemory,
    actor_of_token,
    list_tokens,
    make_token,
    revoke_token,
)

Somebody = Callable[..., Person]


def test_a_token_acts_as_its_person_until_it_ends(
    session: Session, somebody: Somebody, now: datetime, settings: Settings
) -> None:
    actor = load_actor(session, somebody().id)
    token = make_token(session, actor, "script", now=now, settings=settings, days=1)
    found, expires_at = actor_of_token(session, token.secret, now=now, settings=settings)
    assert (found, expires_at) == (actor, now + timedelta(days=1))
    with pytest.raises(BadToken):
        actor_of_token(session, token.secret, now=expires_at, settings=settings)
    with pytest.raises(BadToken):
        actor_of_token(session, token.secret + "x", now=now, settings=settings)


def test_no_token_lives_longer_than_the_settings_allow(
    session: Session, somebody: Somebody, now: datetime, settings: Settings
) -> None:
    actor = load_actor(session, somebody().id)
    assert make_token(session, actor, "a", now=now, settings=settings, days=999).expires_at == now + timedelta(days=90)
    assert make_token(session, actor, "b", now=now, settings=settings).expires_at == now + timedelta(days=90)


def test_one_withdraws_ones_own_tokens_and_no_others(
    session: Session, somebody: Somebody, now: datetime, settings: Settings
) -> None:
    me, other = somebody(), somebody("li")
    token = make_token(session, load_actor(session, me.id), "script", now=now, settings=settings)
    with pytest.raises(NoSuchToken):
        revoke_token(session, other.id, token.id, now=now)
    revoke_token(session, me.id, token.id, now=now)
    with pytest.raises(BadToken):
        actor_of_token(session, token.secret, now=now, settings=settings)
    with pytest.raises(NoSuchToken):
        revoke_token(session, me.id, token.id, now=now)


def test_the_list_shows_what_still_works_the_newest_first(
    session: Session, somebody: Somebody, now: datetime, settings: Settings
) -> None:
    me = somebody()
    actor = load_actor(session, me.id)
    made = [make_token(session, actor, name, now=now, settings=settings) for name in "abc"]
    make_token(session, actor, "short", now=now - timedelta(days=2), settings=settings, days=1)
    assert [token.name for token in list_tokens(session, me.id, now=now, limit=2)] == ["c", "b"]
    assert [token.name for token in list_tokens(session, me.id, now=now, before=made[1].id)] == ["a"]


def test_a_process_remembers_a_token_for_two_seconds_and_never_past_its_end(
    session: Session, somebody: Somebody, now: datetime
) -> None:
    actor = load_actor(session, somebody().id)
    memory = TokenMemory(seconds=2)
    memory.keep("long", actor, now=now, expires_at=now + timedelta(days=1))
    memory.keep("short", actor, now=now, expires_at=now + timedelta(seconds=1))
    assert memory.recall("long", now=now + timedelta(seconds=1.9)) is actor
    assert memory.recall("long", now=now + timedelta(seconds=2)) is None
    assert memory.recall("short", now=now + timedelta(seconds=1)) is None
    assert memory.recall("unknown", now=now) is None
    memory.forget()
    assert memory.recall("long", now=now) is None


def test_the_memory_stays_small(session: Session, somebody: Somebody, now: datetime) -> None:
    actor = load_actor(session, somebody().id)
    memory = TokenMemory(seconds=2)
    for number in range(MOST_REMEMBERED + 5):
        memory.keep(str(number), actor, now=now, expires_at=now + timedelta(days=1))
    assert len(memory.known) == 5
