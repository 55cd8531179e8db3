"""Accounts: who someone is, and the posts that they hold."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.errors import FieldError, Invalid
from grid.models import Centre, Department
from people.errors import BadPost, NoSuchPerson, UsernameTaken
from people.models import Person, Post, SignIn, Token
from people.passwords import hash_password
from people.roles import Actor, Role, Seat

USERNAME_LENGTH = 60
NAME_LENGTH = 120
# The columns of a seat, null when the person holds no post.
SEAT = (
    Post.id.label("post_id"),
    Post.role,
    Post.centre_id,
    Centre.code.label("centre_code"),
    Centre.name.label("centre_name"),
    Centre.level,
    Centre.line,
    Post.department_id,
    Department.name.label("department_name"),
    Department.code.label("department_code"),
)


@dataclass(frozen=True)
class Account:
    """A line of the people list."""

    id: int
    username: str
    name: str
    is_demo: bool
    created_at: datetime
    disabled_at: datetime | None
    seats: tuple[Seat, ...]


def normal_username(username: str) -> str:
    """The form in which usernames are kept and compared: NFKC, lower case, no blanks around."""
    return unicodedata.normalize("NFKC", username).strip().lower()


def add_person(
    session: Session, username: str, name: str, password: str, *, now: datetime, is_demo: bool = False
) -> Person:
    """A new account without posts. Raises Invalid, UsernameTaken."""
    username = normal_username(username)
    errors = []
    if not 1 <= len(username) <= USERNAME_LENGTH or any(not c.isprintable() or c.isspace() for c in username):
        errors.append(FieldError.of("username", "bad_form"))
    if not 1 <= len(name.strip()) <= NAME_LENGTH:
        errors.append(FieldError.of("name", "bad_form"))
    if errors:
        raise Invalid(errors)
    person = Person(
        username=username,
        name=name.strip(),
        password_hash=hash_password(password),
        is_demo=is_demo,
        created_at=now,
        disabled_at=None,
    )
    try:
        with session.begin_nested():
            session.add(person)
    except IntegrityError:
        raise UsernameTaken(username=username) from None
    return person


def give_post(
    session: Session, person: Person, role: Role, centre_code: str, department_code: str | None = None
) -> Post:
    """Let the person hold the role at the centre; once more changes nothing. Raises BadPost."""
    centre = session.scalar(select(Centre).where(Centre.code == centre_code, Centre.retired_at.is_(None)))
    if centre is None:
        raise BadPost([FieldError.of("centre", "no_such_centre", centre=centre_code)])
    department = _department_of(session, centre, role, department_code)
    wanted = (Post.person_id == person.id, Post.role == role, Post.centre_id == centre.id)
    post = session.scalar(select(Post).where(*wanted, Post.department_id.is_not_distinct_from(department)))
    if post is None:
        post = Post(person_id=person.id, role=role, centre_id=centre.id, department_id=department)
        session.add(post)
        session.flush()
    return post


def take_post(session: Session, person: Person, role: Role, centre_code: str) -> int:
    """Take the role at the centre from the person, in every department; how many posts went."""
    held = select(Post).join(Centre, Centre.id == Post.centre_id)
    posts = session.scalars(
        held.where(Post.person_id == person.id, Post.role == role, Centre.code == centre_code)
    ).all()
    for post in posts:
        session.delete(post)
    session.flush()
    return len(posts)


def _department_of(session: Session, centre: Centre, role: Role, code: str | None) -> int | None:
    if code is None:
        return None
    if role not in {Role.HANDLER, Role.LEADER}:
        raise BadPost([FieldError.of("department", "role_without_department", role=role.value)])
    department = session.scalar(select(Department).where(Department.code == code, Department.retired_at.is_(None)))
    if department is None or department.centre_id != centre.id:
        raise BadPost([FieldError.of("department", "no_such_department", department=code)])
    return department.id


def find_person(session: Session, username: str) -> Person:
    """The account. Raises NoSuchPerson."""
    person = session.scalar(select(Person).where(Person.username == normal_username(username)))
    if person is None:
        raise NoSuchPerson(username=username)
    return person


def disable_person(session: Session, username: str, *, now: datetime) -> Person:
    """Close the account: no sign-in from now on, and every session and token is withdrawn."""
    person = find_person(session, username)
    person.disabled_at = person.disabled_at or now
    withdraw_all(session, person.id, now=now)
    return person


def enable_person(session: Session, username: str) -> Person:
    """Open a disabled account again; what was withdrawn stays withdrawn."""
    person = find_person(session, username)
    person.disabled_at = None
    session.flush()
    return person


def reset_password(session: Session, username: str, password: str, *, now: datetime) -> Person:
    """Set another password, and withdraw every session and token."""
    person = find_person(session, username)
    person.password_hash = hash_password(password)
    withdraw_all(session, person.id, now=now)
    return person


def withdraw_all(session: Session, person_id: int, *, now: datetime) -> None:
    """Sign the person out everywhere and withdraw all tokens."""
    session.flush()
    for table in (SignIn, Token):
        theirs = (table.person_id == person_id, table.revoked_at.is_(None))
        session.execute(update(table).where(*theirs).values(revoked_at=now))


def with_seats(*columns: Any) -> Select[Any]:
    """A select of `columns` of the person and of each seat: a row a post, at least one row a person."""
    return (
        select(*columns, *SEAT)
        .select_from(Person)
        .outerjoin(Post, Post.person_id == Person.id)
        .outerjoin(Centre, Centre.id == Post.centre_id)
        .outerjoin(Department, Department.id == Post.department_id)
    )


def seats_of(rows: Sequence[Row[Any]]) -> tuple[Seat, ...]:
    """The seats in the rows of `with_seats`, the oldest post first."""
    return tuple(
        Seat(
            role=row.role,
            centre_id=row.centre_id,
            centre_code=row.centre_code,
            centre_name=row.centre_name,
            level=row.level,
            line=tuple(row.line),
            department_id=row.department_id,
            department_name=row.department_name,
            department_code=row.department_code,
        )
        for row in sorted((row for row in rows if row.post_id is not None), key=lambda row: row.post_id)
    )


def load_actor(session: Session | Connection, person_id: int) -> Actor:
    """The person with all seats, in one statement. Raises NoSuchPerson."""
    rows = session.execute(with_seats(Person.username, Person.name).where(Person.id == person_id)).all()
    if not rows:
        raise NoSuchPerson(id=person_id)
    return Actor(person_id, rows[0].username, rows[0].name, seats_of(rows))


def list_people(session: Session | Connection, *, after: str = "", limit: int = 50) -> list[Account]:
    """Accounts by username, those after `after`."""
    some = select(Person.id).where(Person.username > after).order_by(Person.username).limit(limit)
    columns = (Person.id, Person.username, Person.name, Person.is_demo, Person.created_at, Person.disabled_at)
    rows = session.execute(with_seats(*columns).where(Person.id.in_(some)).order_by(Person.username)).all()
    by_id: dict[int, list[Row[Any]]] = {}
    for row in rows:
        by_id.setdefault(row.id, []).append(row)
    return [
        Account(g.id, g.username, g.name, g.is_demo, g.created_at, g.disabled_at, seats_of(group))
        for group in by_id.values()
        for g in group[:1]
    ]
