"""Accounts and posts."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from core.errors import Invalid
from core.settings import Settings
from grid.levels import Level
from grid.models import Centre, Department
from people.accounts import (
    add_person,
    disable_person,
    enable_person,
    find_person,
    give_post,
    list_people,
    load_actor,
    normal_username,
    reset_password,
    take_post,
)
from people.errors import BadPost, BadSignIn, NoSuchPerson, SessionExpired, UsernameTaken
from people.models import Person
from people.roles import Permission, Role
from people.sessions import actor_of_cookie, sign_in
from people.tokens import actor_of_token, make_token
from tests.people.conftest import PASSWORD

STREET, DISTRICT, CITY = "310101002000", "310101000000", "310000000000"
Somebody = Callable[..., Person]


@pytest.fixture
def department(session: Session) -> Department:
    centre = session.scalars(select(Centre).where(Centre.code == STREET)).one()
    made = Department(code="works", name="养护", name_en="Works", centre_id=centre.id, retired_at=None)
    session.add(made)
    session.flush()
    return made


def test_a_person_is_loaded_with_all_seats_in_one_statement(
    session: Session, somebody: Somebody, department: Department
) -> None:
    person = somebody()
    give_post(session, person, Role.HANDLER, STREET, "works")
    statements: list[str] = []
    connection = session.connection()
    event.listen(connection, "before_cursor_execute", lambda *given: statements.append(given[2]))
    actor = load_actor(session, person.id)
    assert len(statements) == 1
    assert (actor.person_id, actor.username, actor.name) == (person.id, "wang", "王")
    acceptor, handler = actor.seats
    assert (acceptor.role, acceptor.department_id) == (Role.ACCEPTOR, None)
    assert (handler.role, handler.department_code, handler.department_name) == (Role.HANDLER, "works", "养护")
    assert (handler.level, handler.line) == (Level.STREET, (CITY, DISTRICT, STREET))


def test_a_person_without_a_post_may_nothing_and_sees_nothing(session: Session, somebody: Somebody) -> None:
    actor = load_actor(session, somebody(role=None).id)
    assert actor.seats == ()
    assert not any(actor.may(permission) for permission in Permission)
    assert not actor.sees([CITY, DISTRICT, STREET])


def test_usernames_are_one_whatever_their_case_and_width(session: Session, somebody: Somebody, now: datetime) -> None:
    somebody("wang")
    assert normal_username(" WANG ") == "wang"
    with pytest.raises(UsernameTaken):
        add_person(session, " WANG", "王", PASSWORD, now=now)
    assert find_person(session, "Wang").name == "王"


def test_all_faults_of_an_account_are_told_at_once(session: Session, now: datetime) -> None:
    with pytest.raises(Invalid) as refusal:
        add_person(session, "two words", " ", PASSWORD, now=now)
    assert [error.field for error in refusal.value.errors] == ["username", "name"]


def test_the_same_post_twice_is_one(session: Session, somebody: Somebody) -> None:
    person = somebody()
    assert give_post(session, person, Role.ACCEPTOR, STREET).id == give_post(session, person, Role.ACCEPTOR, STREET).id


def test_a_post_can_be_taken_away(session: Session, somebody: Somebody) -> None:
    person = somebody()
    assert take_post(session, person, Role.LEADER, STREET) == 0
    assert take_post(session, person, Role.ACCEPTOR, STREET) == 1
    assert load_actor(session, person.id).seats == ()


@pytest.mark.parametrize(
    ("role", "centre", "department_code", "code"),
    [
        (Role.HANDLER, "999", None, "no_such_centre"),
        (Role.HANDLER, STREET, "nothing", "no_such_department"),
        (Role.HANDLER, DISTRICT, "works", "no_such_department"),
        (Role.ACCEPTOR, STREET, "works", "role_without_department"),
    ],
)
def test_a_post_needs_its_centre_and_department(
    session: Session,
    somebody: Somebody,
    department: Department,
    role: Role,
    centre: str,
    department_code: str | None,
    code: str,
) -> None:
    with pytest.raises(BadPost) as refusal:
        give_post(session, somebody(), role, centre, department_code)
    assert [error.code for error in refusal.value.errors] == [code]


def test_a_disabled_account_is_out_everywhere_at_once(
    session: Session, somebody: Somebody, now: datetime, settings: Settings
) -> None:
    person = somebody()
    fresh = sign_in(session, "wang", PASSWORD, now=now, address="a", device="d", settings=settings)
    token = make_token(session, fresh.actor, "script", now=now, settings=settings)
    disable_person(session, "wang", now=now)
    with pytest.raises(SessionExpired):
        actor_of_cookie(session, fresh.secret, now=now, settings=settings)
    with pytest.raises(Exception, match="bad-token"):
        actor_of_token(session, token.secret, now=now, settings=settings)
    with pytest.raises(BadSignIn):
        sign_in(session, "wang", PASSWORD, now=now, address="a", device="d", settings=settings)
    enable_person(session, "wang")
    assert person.disabled_at is None
    with pytest.raises(SessionExpired):
        actor_of_cookie(session, fresh.secret, now=now, settings=settings)
    sign_in(session, "wang", PASSWORD, now=now, address="a", device="d", settings=settings)


def test_another_password_ends_every_session(
    session: Session, somebody: Somebody, now: datetime, settings: Settings
) -> None:
    somebody()
    fresh = sign_in(session, "wang", PASSWORD, now=now, address="a", device="d", settings=settings)
    reset_password(session, "wang", "another good one", now=now + timedelta(minutes=1))
    with pytest.raises(SessionExpired):
        actor_of_cookie(session, fresh.secret, now=now, settings=settings)
    with pytest.raises(BadSignIn):
        sign_in(session, "wang", PASSWORD, now=now, address="a", device="d", settings=settings)
    sign_in(session, "wang", "another good one", now=now, address="a", device="d", settings=settings)


def test_nobody_is_found_under_an_unknown_name(session: Session) -> None:
    with pytest.raises(NoSuchPerson):
        find_person(session, "nobody")
    with pytest.raises(NoSuchPerson):
        load_actor(session, -1)


def test_the_list_of_people_goes_on_where_the_page_ended(session: Session, somebody: Somebody) -> None:
    for username in ("cai", "an", "bai"):
        somebody(username)
    first = list_people(session, limit=2)
    assert [account.username for account in first] == ["an", "bai"]
    assert [account.username for account in list_people(session, after="bai", limit=2)] == ["cai"]
    assert first[0].seats[0].centre_code == STREET
