"""Sessions: the throttle, the two ways of growing too old, devices."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core.db import Sessions
from core.settings import Settings
from people.accounts import add_person
from people.errors import BadSignIn, NoSuchDevice, NotSignedIn, SessionExpired, SignInThrottled
from people.models import Person, SignIn, SigninFailure
from people.passwords import is_outdated
from people.sessions import (
    actor_of_cookie,
    admit,
    forget_old,
    is_to_be_marked,
    list_devices,
    mark_seen,
    sign_in,
    sign_out,
    sign_out_device,
)
from tests.people.conftest import PASSWORD

Somebody = Callable[..., Person]


def entered(session: Session, settings: Settings, now: datetime, **changes: str) -> str:
    """A fresh session's secret."""
    words = {"username": "wang", "password": PASSWORD} | changes
    return sign_in(session, **words, now=now, address="10.0.0.1", device="phone", settings=settings).secret


def test_who_signs_in_is_known_by_the_cookie(
    session: Session, somebody: Somebody, now: datetime, settings: Settings
) -> None:
    person = somebody()
    fresh = sign_in(session, "Wang", PASSWORD, now=now, address="10.0.0.1", device="phone", settings=settings)
    found = actor_of_cookie(session, fresh.secret, now=now, settings=settings)
    assert found.actor == fresh.actor
    assert found.actor.person_id == person.id
    assert found.csrf_token == fresh.csrf_token
    assert fresh.expires_at == now + timedelta(hours=12)


def test_only_the_hash_of_the_secret_is_kept(
    session: Session, somebody: Somebody, now: datetime, settings: Settings
) -> None:
    somebody()
    secret = entered(session, settings, now)
    row = session.scalars(select(SignIn)).one()
    assert secret.encode() not in row.secret_hash
    assert len(row.secret_hash) == 32


@pytest.mark.parametrize(("username", "password"), [("wang", "wrong one"), ("nobody", PASSWORD), ("", "")])
def test_a_wrong_name_or_password_is_refused_alike(
    session: Session, somebody: Somebody, now: datetime, settings: Settings, username: str, password: str
) -> None:
    somebody()
    with pytest.raises(BadSignIn) as refusal:
        entered(session, settings, now, username=username, password=password)
    assert refusal.value.data == {}


def test_demo_people_come_in_only_where_the_demo_is_on(session: Session, now: datetime, settings: Settings) -> None:
    add_person(session, "inspector", "演示", PASSWORD, now=now, is_demo=True)
    open_ = replace(settings, demo=replace(settings.demo, enabled=True))
    closed = replace(settings, demo=replace(settings.demo, enabled=False))
    secret = entered(session, open_, now, username="inspector")
    with pytest.raises(BadSignIn):
        entered(session, closed, now, username="inspector")
    with pytest.raises(SessionExpired):
        actor_of_cookie(session, secret, now=now, settings=closed)


def test_an_old_hash_is_made_anew_at_sign_in(
    session: Session, somebody: Somebody, now: datetime, settings: Settings
) -> None:
    from argon2 import PasswordHasher

    person = somebody()
    person.password_hash = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
    session.flush()
    entered(session, settings, now)
    assert not is_outdated(person.password_hash)


# --- growing old


def test_a_session_ends_after_twelve_hours_however_busy(
    session: Session, somebody: Somebody, now: datetime, settings: Settings
) -> None:
    somebody()
    secret = entered(session, settings, now)
    session.execute(update(SignIn).values(seen_at=now + timedelta(hours=11)))
    actor_of_cookie(session, secret, now=now + timedelta(hours=12, seconds=-1), settings=settings)
    with pytest.raises(SessionExpired):
        actor_of_cookie(session, secret, now=now + timedelta(hours=12), settings=settings)


def test_a_session_ends_after_four_hours_without_a_request(
    session: Session, somebody: Somebody, now: datetime, settings: Settings
) -> None:
    somebody()
    secret = entered(session, settings, now)
    actor_of_cookie(session, secret, now=now + timedelta(hours=4, seconds=-1), settings=settings)
    with pytest.raises(SessionExpired):
        actor_of_cookie(session, secret, now=now + timedelta(hours=4), settings=settings)


def test_being_seen_starts_the_idle_limit_anew(
    session: Session, somebody: Somebody, now: datetime, settings: Settings
) -> None:
    somebody()
    secret = entered(session, settings, now)
    later = now + timedelta(hours=3)
    found = actor_of_cookie(session, secret, now=later, settings=settings)
    assert is_to_be_marked(found, now=later)
    mark_seen(session, found.sign_in_id, now=later)
    found = actor_of_cookie(session, secret, now=later + timedelta(hours=3), settings=settings)
    assert found.seen_at == later
    assert not is_to_be_marked(found, now=later + timedelta(seconds=59))


def test_a_made_up_cookie_is_nobodys(session: Session, now: datetime, settings: Settings) -> None:
    with pytest.raises(NotSignedIn) as refusal:
        actor_of_cookie(session, "made up", now=now, settings=settings)
    assert not isinstance(refusal.value, SessionExpired)


# --- devices


def test_signing_out_ends_this_device_only(
    session: Session, somebody: Somebody, now: datetime, settings: Settings
) -> None:
    somebody()
    phone, desk = entered(session, settings, now), entered(session, settings, now)
    sign_out(session, actor_of_cookie(session, phone, now=now, settings=settings).sign_in_id, now=now)
    with pytest.raises(SessionExpired):
        actor_of_cookie(session, phone, now=now, settings=settings)
    actor_of_cookie(session, desk, now=now, settings=settings)


def test_one_sees_and_ends_ones_own_devices_and_no_others(
    session: Session, somebody: Somebody, now: datetime, settings: Settings
) -> None:
    me, other = somebody(), somebody("li")
    secret = entered(session, settings, now)
    entered(session, settings, now, username="li")
    (mine,) = list_devices(session, me.id, now=now, settings=settings)
    (theirs,) = list_devices(session, other.id, now=now, settings=settings)
    assert (mine.device, mine.address) == ("phone", "10.0.0.1")
    with pytest.raises(NoSuchDevice):
        sign_out_device(session, me.id, theirs.id, now=now)
    sign_out_device(session, me.id, mine.id, now=now)
    with pytest.raises(SessionExpired):
        actor_of_cookie(session, secret, now=now, settings=settings)
    with pytest.raises(NoSuchDevice):
        sign_out_device(session, me.id, mine.id, now=now)
    assert list_devices(session, me.id, now=now, settings=settings) == []
    assert len(list_devices(session, other.id, now=now, settings=settings)) == 1
    assert list_devices(session, other.id, now=now + timedelta(hours=5), settings=settings) == []


# --- the throttle


def test_five_failures_close_the_account_for_the_rest_of_the_window(
    session: Session, now: datetime, settings: Settings
) -> None:
    for minute in range(5):
        admit(session, "wang", f"10.0.0.{minute}", now=now + timedelta(minutes=minute), settings=settings)
    with pytest.raises(SignInThrottled) as refusal:
        admit(session, "WANG ", "10.0.0.9", now=now + timedelta(minutes=5), settings=settings)
    assert refusal.value.data == {"retry_after": 600}
    admit(session, "wang", "10.0.0.9", now=now + timedelta(minutes=15), settings=settings)


def test_thirty_failures_close_the_address_for_every_account(
    session: Session, now: datetime, settings: Settings
) -> None:
    for number in range(30):
        admit(session, f"person{number}", "10.0.0.1", now=now, settings=settings)
    with pytest.raises(SignInThrottled) as refusal:
        admit(session, "another", "10.0.0.1", now=now + timedelta(seconds=1), settings=settings)
    assert refusal.value.data == {"retry_after": 899}
    admit(session, "another", "10.0.0.2", now=now, settings=settings)


def test_a_refused_attempt_is_not_counted_so_that_waiting_helps(
    session: Session, now: datetime, settings: Settings
) -> None:
    for _ in range(5):
        admit(session, "wang", "10.0.0.1", now=now, settings=settings)
    for _ in range(3):
        with pytest.raises(SignInThrottled):
            admit(session, "wang", "10.0.0.1", now=now + timedelta(minutes=10), settings=settings)
    assert session.scalar(select(func.count()).select_from(SigninFailure)) == 5


def test_a_success_forgives_the_accounts_failures_and_nobody_elses(
    session: Session, somebody: Somebody, now: datetime, settings: Settings
) -> None:
    somebody()
    admit(session, "wang", "10.0.0.1", now=now, settings=settings)
    admit(session, "li", "10.0.0.1", now=now, settings=settings)
    attempt = admit(session, "wang", "10.0.0.1", now=now, settings=settings)
    sign_in(session, "wang", PASSWORD, now=now, address="a", device="d", settings=settings, attempt=attempt)
    assert session.scalars(select(SigninFailure.username)).all() == ["li"]


def test_attempts_at_the_same_time_do_not_pass_together(sessions: Sessions, now: datetime, settings: Settings) -> None:
    def attempt(number: int) -> bool:
        try:
            with sessions.begin() as session:
                admit(session, "wang", f"10.0.1.{number}", now=now, settings=settings)
        except SignInThrottled:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(24))) == settings.signin.failures_per_account


def test_what_is_old_is_forgotten(session: Session, somebody: Somebody, now: datetime, settings: Settings) -> None:
    somebody()
    entered(session, settings, now)
    admit(session, "li", "10.0.0.1", now=now, settings=settings)
    assert forget_old(session, now=now + timedelta(minutes=14), settings=settings) == 0
    assert forget_old(session, now=now + timedelta(minutes=16), settings=settings) == 1
    assert forget_old(session, now=now + timedelta(days=32), settings=settings) == 1
