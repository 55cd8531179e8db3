"""`flask cases …`: load categories and reports; escalate once, or work until stopped."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from cases.categories import BadCatalogue, load_categories
from core.db import Sessions
from core.settings import ROOT, Settings, load_settings


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


FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@cases.command("load-categories")
@click.option("--categories", "categories_file", type=FILE, default=ROOT / "data/categories.csv")
@click.option("--conditions", "conditions_file", type=FILE, default=ROOT / "data/conditions.csv")
def load_categories_command(categories_file: Path, conditions_file: Path) -> None:
    """Make the categories of the files, with their filing conditions, the current ones."""
    with _sessions() as (_, sessions):
        try:
            with sessions.begin() as session:
                loaded = load_categories(session, categories_file, conditions_file, now=datetime.now(UTC))
        except BadCatalogue as refusal:
            for fault in refusal.faults:
                print(fault, file=sys.stderr)
            raise click.ClickException(f"refused, nothing was changed: {len(refusal.faults)} faults") from None
    for catalogue in loaded:
        news = "loaded" if catalogue.changed else "unchanged"
        print(f"{catalogue.name}: {news}, version {catalogue.version}, {catalogue.categories} categories")
