"""`flask people …`: accounts and posts from the command line."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click
from sqlalchemy.orm import Session

from core.db import Sessions
from core.errors import Invalid, Refusal
from core.settings import load_settings
from people.accounts import (
    add_person,
    disable_person,
    enable_person,
    find_person,
    give_post,
    list_people,
    reset_password,
    take_post,
)
from people.passwords import make_password
from people.roles import Role, Seat

ROLE = click.Choice([role.value for role in Role])


@click.group()
def people() -> None:
    """Accounts and what they hold."""


@people.command()
@click.argument("username")
@click.option("--name", help="The name that others read; the username without it.")
@click.option("--role", type=ROLE, help="A first post: the role …")
@click.option("--centre", help="… at the centre with this code …")
@click.option("--department", help="… in the department with this code.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input; else one is made up.")
def add(
    username: str,
    name: str | None,
    role: str | None,
    centre: str | None,
    department: str | None,
    password_stdin: bool,  # noqa: FBT001  # click passes options by name
) -> None:
    """Make an account, with a first post."""
    if (role is None) != (centre is None) or (department and role is None):
        raise click.UsageError("--role and --centre go together")
    password = _password(from_stdin=password_stdin)
    with _session() as session:
        person = add_person(session, username, name or username, password, now=datetime.now(UTC))
        if role and centre:
            give_post(session, person, Role(role), centre, department)
        made = person.username
    _tell_password(made, password, made_up=not password_stdin)


@people.command()
@click.argument("username")
@click.option("--role", type=ROLE, required=True)
@click.option("--centre", required=True, help="Code of the centre.")
@click.option("--department", help="Code of the department.")
def give(username: str, role: str, centre: str, department: str | None) -> None:
    """Let somebody hold one more role."""
    with _session() as session:
        give_post(session, find_person(session, username), Role(role), centre, department)
    print(f"{username}: {role} at {centre}")


@people.command()
@click.argument("username")
@click.option("--role", type=ROLE, required=True)
@click.option("--centre", required=True, help="Code of the centre.")
def take(username: str, role: str, centre: str) -> None:
    """Take a role from somebody."""
    with _session() as session:
        taken = take_post(session, find_person(session, username), Role(role), centre)
    if not taken:
        raise click.ClickException(f"{username} is no {role} at {centre}")
    print(f"{username}: no longer {role} at {centre}")


@people.command()
@click.argument("username")
def disable(username: str) -> None:
    """Close an account: its sessions and tokens end at once."""
    with _session() as session:
        disable_person(session, username, now=datetime.now(UTC))
    print(f"{username}: disabled, signed out everywhere, tokens withdrawn")


@people.command()
@click.argument("username")
def enable(username: str) -> None:
    """Open a closed account again."""
    with _session() as session:
        enable_person(session, username)
    print(f"{username}: enabled")


@people.command()
@click.argument("username")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input; else one is made up.")
def reset(username: str, password_stdin: bool) -> None:  # noqa: FBT001  # click passes options by name
    """Set another password: sessions and tokens end at once."""
    password = _password(from_stdin=password_stdin)
    with _session() as session:
        reset_password(session, username, password, now=datetime.now(UTC))
    _tell_password(username, password, made_up=not password_stdin)


@people.command("list")
@click.option("--centre", help="Only those with a post at the centre with this code, or below it.")
def list_(centre: str | None) -> None:
    """Everybody: username, name, posts; tab-separated."""
    with _session() as session:
        after = ""
        while page := list_people(session, after=after, limit=200):
            for account in page:
                if centre is None or any(centre in seat.line for seat in account.seats):
                    closed = "disabled" if account.disabled_at else "demo" if account.is_demo else ""
                    print(account.username, account.name, "; ".join(map(_post, account.seats)), closed, sep="\t")
            after = page[-1].username


def _post(seat: Seat) -> str:
    department = f" ({seat.department_code} {seat.department_name})" if seat.department_id else ""
    return f"{seat.role.value} {seat.centre_code} {seat.centre_name}{department}"


def _password(*, from_stdin: bool) -> str:
    return sys.stdin.readline().rstrip("\r\n") if from_stdin else make_password()


def _tell_password(username: str, password: str, *, made_up: bool) -> None:
    print(f"{username}: password {password}" if made_up else f"{username}: password set")


@contextmanager
def _session() -> Iterator[Session]:
    """One transaction; a refusal is said in a line, with exit code 1, and changes nothing."""
    sessions = Sessions(load_settings(), application="wangge-command")
    try:
        with sessions.begin() as session:
            yield session
    except Invalid as error:
        said = "; ".join(f"{e.field}: {e.code} {' '.join(str(v) for _, v in e.data)}".strip() for e in error.errors)
        raise click.ClickException(said) from None
    except Refusal as error:
        raise click.ClickException(f"{error.problem} {' '.join(map(str, error.data.values()))}".strip()) from None
    finally:
        sessions.close()
