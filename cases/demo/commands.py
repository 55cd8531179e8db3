"""`flask demo …`: the demo's people and a year of cases; take them away again."""

import os
import secrets
import time
from datetime import UTC, datetime

import click

from cases.demo.ground import lay_ground
from cases.demo.replay import State, cast_people, clear, replay, state_of, without_statement_limit
from core.db import Sessions
from core.settings import Settings, load_settings
from people.passwords import hash_password


@click.group()
def demo() -> None:
    """The demo city: people for every role and a year of replayed cases."""


@demo.command("load")
@click.option("--reports", default=21_000, show_default=True, help="How many reports the year has, about")
@click.option("--processes", default=max(1, min(os.cpu_count() or 1, 4)), show_default="cores, at most 4")
@click.option("--password", help="Of all demo people; else WANGGE_DEMO_PASSWORD, or a new one")
def load(reports: int, processes: int, password: str | None) -> None:
    """Make people and cases; what is there already is kept, what was interrupted is made again."""
    settings = _demo_settings()
    sessions = Sessions(settings, application="wangge-demo", as_owner=True)
    started = time.perf_counter()
    try:
        with sessions.begin() as session:
            found = state_of(session)
            if found is State.INTERRUPTED:
                click.echo("an earlier load was interrupted: clearing what it left and beginning again")
                clear(session)
            hashed = hash_password(_password(password))
            cast_people(session, password_hash=hashed, now=datetime.now(UTC))
            lay_ground(session, now=datetime.now(UTC))
        if found in {State.WHOLE, State.FOREIGN}:
            what = "the demo is there and kept" if found is State.WHOLE else "cases are there that are not the demo's"
            click.echo(f"{what}: nothing replayed")
            return
        made = replay(
            sessions, settings, reports=reports, processes=processes,
            read_clock=lambda: datetime.now(UTC), tell=click.echo,
        )  # fmt: skip
    finally:
        sessions.close()
    click.echo(
        f"demo: {made.cases:,} cases of a year, {made.verbs:,} verbs, {made.fresh} cases on today's desks,"
        f" in {time.perf_counter() - started:.0f} s"
    )


@demo.command("clear")
@click.confirmation_option(prompt="This takes away ALL cases and the demo's people. Go on?")
def clear_command() -> None:
    """Take away all cases and the demo's people; ground and categories stay. `flask demo load` makes them again."""
    sessions = Sessions(_demo_settings(), application="wangge-demo", as_owner=True)
    try:
        with sessions.begin() as session:
            if state_of(session) is State.FOREIGN:
                raise click.ClickException("the cases that are there are not the demo's: nothing was taken away")
            clear(session)
    finally:
        sessions.close()
    click.echo("demo: cleared")


def _demo_settings() -> Settings:
    settings = load_settings()
    if not settings.demo.enabled:
        raise click.ClickException("this is no demo: set WANGGE_DEMO_ENABLED=true where demo people may sign in")
    return without_statement_limit(settings)


def _password(given: str | None) -> str:
    """The one given, the environment's, or a new one, which is told."""
    found = given or os.environ.get("WANGGE_DEMO_PASSWORD")
    if found:
        return found
    made = secrets.token_urlsafe(9)
    click.echo(f"password of all demo people: {made}")
    return made
