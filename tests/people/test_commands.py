"""`flask people …` as a person types it."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from core.db import Sessions
from people.commands import people
from people.passwords import is_password

STREET = "310101002000"


@dataclass
class Prompt:
    """A command line on the tests' database."""

    url: str

    def __call__(self, *words: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(people, words, input=typed, env={"WANGGE_DATABASE_URL": self.url})


@pytest.fixture
def prompt(city_url: str, sessions: Sessions) -> Prompt:
    return Prompt(city_url)


@pytest.fixture
def kept(sessions: Sessions) -> Callable[[str], str | None]:
    def read(username: str) -> str | None:
        with sessions.begin() as session:
            found: str | None = session.execute(
                text("SELECT password_hash FROM people WHERE username = :username"), {"username": username}
            ).scalar()
            return found

    return read


def test_an_account_is_added_with_a_post_and_a_password_that_is_told_once(
    prompt: Prompt, kept: Callable[[str], str | None]
) -> None:
    done = prompt("add", "Wang", "--name", "王芳", "--role", "acceptor", "--centre", STREET)
    assert done.exit_code == 0, done.output
    username, _, password = done.stdout.split()
    assert username == "wang:"
    assert is_password(kept("wang"), password)
    listed = prompt("list")
    assert listed.stdout == f"wang\t王芳\tacceptor {STREET} 南京东路街道\t\n"


def test_a_password_can_come_from_standard_input_and_is_not_printed(
    prompt: Prompt, kept: Callable[[str], str | None]
) -> None:
    done = prompt("add", "wang", "--password-stdin", typed="correct horse battery\n")
    assert done.stdout == "wang: password set\n"
    assert is_password(kept("wang"), "correct horse battery")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "two words"), "username: bad_form"),
        (("add", "wang", "--role", "acceptor"), "--role and --centre go together"),
        (("add", "wang", "--role", "acceptor", "--centre", "999"), "centre: no_such_centre 999"),
        (("add", "wang", "--role", "king", "--centre", STREET), "'king' is not one of"),
        (("give", "nobody", "--role", "acceptor", "--centre", STREET), "person-not-found nobody"),
        (("disable", "nobody"), "person-not-found nobody"),
    ],
)
def test_a_refusal_is_a_line_and_changes_nothing(
    prompt: Prompt, kept: Callable[[str], str | None], words: tuple[str, ...], said: str
) -> None:
    done = prompt(*words)
    assert done.exit_code != 0
    assert said in done.stderr
    assert done.stdout == ""
    assert kept("wang") is None


def test_a_password_that_is_too_short_is_refused(prompt: Prompt) -> None:
    done = prompt("add", "wang", "--password-stdin", typed="short\n")
    assert (done.exit_code, done.stderr) == (1, "Error: password: too_short 8\n")


def test_posts_are_given_and_taken(prompt: Prompt) -> None:
    prompt("add", "wang")
    assert prompt("give", "wang", "--role", "leader", "--centre", STREET).exit_code == 0
    assert "leader" in prompt("list", "--centre", "310101000000").stdout
    assert prompt("list", "--centre", "310115000000").stdout == ""
    assert prompt("take", "wang", "--role", "leader", "--centre", STREET).exit_code == 0
    again = prompt("take", "wang", "--role", "leader", "--centre", STREET)
    assert (again.exit_code, again.stderr) == (1, f"Error: wang is no leader at {STREET}\n")


def test_an_account_is_disabled_enabled_and_given_another_password(
    prompt: Prompt, kept: Callable[[str], str | None]
) -> None:
    prompt("add", "wang")
    before = kept("wang")
    assert prompt("disable", "wang").exit_code == 0
    assert prompt("list").stdout.endswith("\tdisabled\n")
    assert prompt("enable", "wang").exit_code == 0
    password = prompt("reset", "wang").stdout.split()[-1]
    assert kept("wang") != before
    assert is_password(kept("wang"), password)
    assert prompt("reset", "wang", "--password-stdin", typed="correct horse battery\n").exit_code == 0
