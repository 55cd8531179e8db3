"""`flask cases …`: load categories and reports; escalate once, or work until stopped."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from pathlib import Path
from time import perf_counter

import click

from cases.calendars import calendar_report
from cases.categories import BadCatalogue, load_categories
from cases.components import component_codes
from cases.delivery.push import make_key
from cases.intake import load_reports
from cases.jobs import drain, work
from cases.sealing import let_role_work
from cases.seeding import seed
from cases.verifying import Head, compare, heads, verify
from cases.workdays import SHANGHAI
from core.commands import after_upgrade
from core.db import Sessions
from core.errors import NotFound
from core.logs import set_up_logs
from core.settings import ROOT, Settings, load_settings
from grid.commands import grid, load_components


@click.group()
def cases() -> None:
    """Cases: categories, reports in bulk, escalation, the worker."""


@contextmanager
def _sessions() -> Iterator[tuple[Settings, Sessions]]:
    settings = load_settings()
    sessions = Sessions(settings, application="wangge-command")
    try:
        yield settings, sessions
    finally:
        sessions.close()


@after_upgrade
def seed_cases(sessions: Sessions, settings: Settings, now: datetime) -> None:
    """The working calendar and the ladder; says which years are only guessed."""
    with sessions.begin() as session:
        seed(session, settings)
        for year in calendar_report(session):
            if year.provisional and year.year >= now.year:
                print(
                    f"calendar {year.calendar_id}: {year.year} is provisional, its 调休 is not out yet", file=sys.stderr
                )


@after_upgrade
def close_story(sessions: Sessions, settings: Settings, _: datetime) -> None:
    """The application's role may add to the story and never change it; says where that could not be arranged."""
    if settings.database.role and (missing := let_role_work(sessions, settings.database.role)):
        print(f"database role: {missing}", file=sys.stderr)


FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@cases.command("load-categories")
@click.option("--categories", "categories_file", type=FILE, default=ROOT / "data/categories.csv")
@click.option("--conditions", "conditions_file", type=FILE, default=ROOT / "data/conditions.csv")
@click.option("--second-steps", "second_steps_file", type=FILE, help="second-steps.csv beside the conditions, if any")
def load_categories_command(categories_file: Path, conditions_file: Path, second_steps_file: Path | None) -> None:
    """Make the categories of the files, with their filing conditions, the current ones."""
    beside = conditions_file.with_name("second-steps.csv")
    if second_steps_file is None and beside.exists():
        second_steps_file = beside
    with _sessions() as (_, sessions):
        try:
            with sessions.begin() as session:
                loaded = load_categories(
                    session, categories_file, conditions_file, second_steps_file, now=datetime.now(UTC)
                )
        except BadCatalogue as refusal:
            for fault in refusal.faults:
                print(fault, file=sys.stderr)
            raise click.ClickException(f"refused, nothing was changed: {len(refusal.faults)} faults") from None
    for catalogue in loaded:
        news = "loaded" if catalogue.changed else "unchanged"
        print(f"{catalogue.name}: {news}, version {catalogue.version}, {catalogue.categories} categories")


@grid.command("load-components")
@click.argument("file", type=FILE)
@click.option("--whole", is_flag=True, help="Retire the components that the file does not name.")
@click.option("--dry-run", is_flag=True, help="Read, check and count only.")
def load_components_command(file: Path, *, whole: bool, dry_run: bool) -> None:
    """Bring in components from FILE, CSV in UTF-8.

    Columns: id category_code name lon lat crs, and if you like owner department_code state.
    """
    load_components(file, component_codes, whole=whole, dry_run=dry_run)


@cases.command("escalate")
@click.option("--now", "at", metavar="TIME", help="RFC 3339 with offset; the present moment unless given")
def escalate_command(at: str | None) -> None:
    """Fire every rung that is due at TIME, and print how many by rung."""
    now = datetime.now(UTC) if at is None else _moment(at)
    with _sessions() as (settings, sessions):
        counts = drain(sessions, settings, read_clock=lambda: now)
    for rung, count in sorted(counts.items()):
        print(f"{rung}: {count}")
    print(f"raised: {counts.total()}")


def _moment(given: str) -> datetime:
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        raise click.BadParameter(f"{given!r} is no time like 2026-03-10T09:30:00+08:00", param_hint="--now") from None
    if moment.tzinfo is None:
        raise click.BadParameter(f"{given!r} has no offset from UTC: add +08:00 or Z", param_hint="--now")
    return moment


@cases.command("verify-story")
@click.argument("no", required=False)
@click.option("--from", "since", metavar="DATE", help="Only cases that something was told of since then")
@click.option("--keep", type=click.Path(path_type=Path), help="Write each story's last hash to this file, for later")
@click.option("--against", type=FILE, help="Look whether the stories lead through the hashes kept in this file")
def verify_story_command(no: str | None, since: str | None, keep: Path | None, against: Path | None) -> None:
    """Look whether nothing of the story was changed or taken away; of one case, or of all. Exit code 1: it was."""
    moment = None if since is None else _day(since)
    with _sessions() as (_, sessions), sessions.read.connect() as connection:
        try:
            found = verify(connection, no=no, since=moment)
        except NotFound:
            raise click.ClickException(f"no case has the number {no}") from None
        broken = found.broken + (compare(connection, _read_heads(against, no)) if against else [])
        for one in broken:
            where = "" if one.event_id is None else f" event {one.event_id}:"
            print(f"{one.no}:{where} {one.fault.value}")
        print(f"{found.cases:,} cases, {found.events:,} events: {len(broken) or 'none'} broken")
        if broken:
            sys.exit(1)
        if keep:
            keep.write_text("".join(f"{one.no},{one.event_id},{one.hash}\n" for one in heads(connection)), "ascii")


def _read_heads(file: Path, wanted: str | None) -> list[Head]:
    try:
        rows = [line.split(",") for line in file.read_text("ascii").splitlines()]
        return [Head(no, int(event_id), digest) for no, event_id, digest in rows if wanted in {None, no}]
    except ValueError:
        raise click.BadParameter(f"{file} was not written by verify-story --keep", param_hint="--against") from None


def _day(given: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(given), time(), SHANGHAI)
    except ValueError:
        raise click.BadParameter(f"{given!r} is no day like 2026-03-10", param_hint="--from") from None


@cases.command("make-push-key")
def make_push_key_command() -> None:
    """Print a new key for push messages; browsers that subscribed with another one must do so again."""
    print(f"WANGGE_PUSH_PRIVATE_KEY={make_key()}")


@cases.command("work")
def work_command() -> None:
    """Be a worker: escalate, process photos, until stopped by SIGTERM or Ctrl-C. Any number may run at once."""
    with _sessions() as (settings, sessions):
        set_up_logs(settings.logs.level)
        sessions.tell_of_a_way_back()
        work(sessions, settings)


@cases.command("load")
@click.argument("file", type=FILE)
@click.option("--refused", "refused_file", type=click.Path(path_type=Path), help="Where the refused lines are told.")
@click.option("--processes", type=click.IntRange(1, 16), default=2, show_default=True)
def load(file: Path, refused_file: Path | None, processes: int) -> None:
    """Open a case for every report of FILE (.csv or .ndjson, .gz or not); a file may be loaded again."""
    refused_file = refused_file or file.with_name(f"{file.name}.refused.ndjson")
    started = perf_counter()
    loaded = load_reports(file, refused_file, now=datetime.now(UTC), settings=load_settings(), processes=processes)
    seconds = perf_counter() - started
    for method, count in sorted(loaded.opened.items()):
        print(f"{method or 'unlocated'}: {count}")
    for reason, count in loaded.refused.most_common():
        print(f"refused, {reason}: {count}")
    if loaded.twins:
        print(f"already here: {loaded.twins}")
    print(
        f"{loaded.lines} lines, {loaded.opened.total()} cases in {seconds:.1f} s, "
        f"{loaded.lines / seconds:,.0f} reports/s"
    )
    if loaded.refused:
        print(f"the refused lines, with reasons: {refused_file}")
    if loaded.broken:
        raise click.ClickException(f"stopped: {loaded.broken}. What is loaded stays; load the file again to go on")
