"""`flask grid load|check|locate`."""

import sys
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter
from zoneinfo import ZoneInfo

import click
import orjson
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from core.commands import after_upgrade
from core.db import Sessions
from core.errors import FieldError, Invalid, Refusal
from core.settings import BadSettings, Settings, load_settings
from grid.checks import Fault
from grid.components import place_unplaced, pour_components
from grid.coordinates import BadCoordinate, Crs, to_wgs84
from grid.errors import BadComponents, BadGrid, BadGridFile, GridBusy, OutsideGrid
from grid.loading import activate, check_edition, find_edition, read_file, store
from grid.locating import locate
from grid.overlays import load_areas

SHANGHAI = ZoneInfo("Asia/Shanghai")


@click.group("grid")
def grid() -> None:
    """The ground: load, check and activate editions; locate a point."""


@after_upgrade
def place_old_components(sessions: Sessions, _: Settings, __: datetime) -> None:
    """Components from before they knew their street are placed, so that phones get them."""
    try:
        with sessions.begin() as session:
            asked = place_unplaced(session)
    except GridBusy:
        print("components: somebody is loading ground; run `flask db upgrade` again to place them", file=sys.stderr)
        return
    if asked:
        print(f"components: {asked} looked at, each is in its street now")


@grid.command("load")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--edition", "name", help="Name of the edition; the file's name if not given.")
@click.option("--valid-from", help="The day from which it is valid by decree, YYYY-MM-DD.")
@click.option("--dry-run", is_flag=True, help="Read and check only.")
@click.option("--activate", "activates", is_flag=True, help="Make it the active edition if it is without fault.")
def load(file: Path, name: str | None, valid_from: str | None, *, dry_run: bool, activates: bool) -> None:
    """Read FILE (GeoJSON, GeoJSON.gz, GeoPackage, Shapefile) into a new edition and check it."""
    with _failing():
        day = _day(valid_from)
        reading = read_file(file)
        if reading.faults:
            raise BadGrid(reading.faults)
        name = name or file.name.split(".")[0]
        if dry_run:
            click.echo(f"{len(reading.cells)} cells, no fault; nothing stored (dry run)")
            return
        with _database() as sessions, sessions.begin() as session:
            now = datetime.now(UTC)
            edition = store(session, reading, name=name, valid_from=day, now=now)
            if activates:
                activate(session, name, now=now)
            count, state = edition.cell_count, edition.state.value
        click.echo(f"edition {name}: {count} cells, no fault, {state}")
        if activates and day is not None and day > now.astimezone(SHANGHAI).date():
            click.echo(f"warning: it is active from today on, though valid by decree only from {day}", err=True)


@grid.command("activate")
@click.argument("name")
def activate_edition(name: str) -> None:
    """Make the checked edition NAME the active one."""
    with _failing(), _database() as sessions:
        with sessions.begin() as session:
            activate(session, name, now=datetime.now(UTC))
        click.echo(f"edition {name}: active")


@grid.command("check")
@click.argument("name", metavar="[EDITION]", default="active")
def check(name: str) -> None:
    """Check the stored cells of EDITION (the active one if not given) for gaps, overlaps and orphans."""
    with _failing(), _database() as sessions:
        with sessions.begin() as session:
            edition = find_edition(session, name)
            faults = check_edition(session, edition)
            name, count = edition.name, edition.cell_count
        if faults:
            raise BadGrid(faults)
        click.echo(f"edition {name}: {count} cells, no fault")


@grid.command("load-duty-areas")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load_duty_areas(file: Path) -> None:
    """Put the duty areas of FILE, GeoJSON with the properties code, name, centre_code; those there are changed."""
    with _failing(), _database() as sessions:
        with sessions.begin() as session:
            count = load_areas(session, file.read_bytes(), now=datetime.now(UTC))
        click.echo(f"{count} duty areas")


@grid.command("locate", context_settings={"ignore_unknown_options": True})  # -540.78 is no option
@click.argument("x", metavar="LON")
@click.argument("y", metavar="LAT")
@click.option("--crs", help=f"Reference of the two numbers: {' '.join(Crs)} (metres for sh2000).")
@click.option("--accuracy", help="Radius in metres within which the point may lie.")
@click.option("--at", "at_text", help="By the edition in use at this moment, ISO 8601 with offset.")
def locate_point(x: str, y: str, crs: str | None, accuracy: str | None, at_text: str | None) -> None:
    """Print the village of a point and its line up to the city, as the API does."""
    with _failing():
        if crs not in set(Crs):
            raise click.ClickException(f"--crs is needed, one of: {' '.join(Crs)}")
        lon, lat = to_wgs84(Crs(crs), _number(x, "LON"), _number(y, "LAT"))
        accuracy_m = None if accuracy is None else _number(accuracy, "--accuracy")
        if accuracy_m is not None and not 0 <= accuracy_m <= 1e6:
            raise click.ClickException("--accuracy must be 0 or more metres")
        at = _moment(at_text)
        with _database() as sessions, sessions.read.connect() as connection:
            near_m = load_settings().intake.near_metres
            place = locate(connection, lon, lat, accuracy_m=accuracy_m, near_m=near_m, at=at)
        click.echo(orjson.dumps(place.as_json()))


def load_components(file: Path, categories: Callable[[Session], Container[str]], *, whole: bool, dry_run: bool) -> None:
    """The deed of `flask grid load-components`, with the codes that a component may have."""
    with _failing(), _database() as sessions:
        started = perf_counter()
        with sessions.begin() as session:
            known = categories(session)
            now = datetime.now(UTC)
            poured = pour_components(session, file.read_bytes(), categories=known, now=now, whole=whole, dry=dry_run)
        for warning in poured.warnings:
            click.echo(f"warning: {warning.field}: {_fault_words(warning)}", err=True)
        click.echo(
            f"{poured.read} components: {poured.made} new, {poured.changed} changed, {poured.unchanged} as before, "
            f"{poured.retired} retired, in {perf_counter() - started:.1f} s{'; nothing stored (dry run)' * dry_run}"
        )


# --- edges ------------------------------------------------------------------------------------------------------------


@contextmanager
def _database() -> Iterator[Sessions]:
    sessions = Sessions(load_settings(), application="wangge-grid", as_owner=True)
    try:
        yield sessions
    finally:
        sessions.close()


@contextmanager
def _failing() -> Iterator[None]:
    """Say on standard error what is wrong, and end with 1."""
    try:
        yield
    except BadGrid as error:
        _list_faults(error.faults)
        sys.exit(1)
    except BadCoordinate as error:
        hint = "; longitude comes first: are they swapped?" if error.reason == "swapped" else ""
        raise click.ClickException(f"{error}{hint}") from error
    except Refusal as error:
        raise click.ClickException(_words(error)) from error
    except BadSettings as error:
        raise click.ClickException(str(error)) from error
    except OperationalError as error:
        raise click.ClickException(f"the database does not answer: {error.orig}") from error
    except ProgrammingError as error:
        raise click.ClickException(f"the tables are not ready, run `flask db upgrade`: {error.orig}") from error


def _list_faults(faults: list[Fault]) -> None:
    for fault in faults:
        click.echo(fault.words, err=True)
    click.echo(f"{len(faults)} fault{'s' if len(faults) > 1 else ''}; nothing changed", err=True)


WORDS = {
    "no-edition": "no grid is active; load one with --activate",
    "no-such-edition": "there is no edition {edition!r}",
    "edition-taken": "the edition {edition!r} has been in use (it is {state}); choose another name",
    "edition-not-ready": "the edition {edition!r} is {state}; only a checked one can be activated",
    "grid-busy": "somebody else is loading or activating a grid; try again in a moment",
    "no_edition_then": "no grid was in use then",
    "bad_edition_name": "a name has 1 to 80 characters, no / and no blank at its ends",
    "required": "is needed and empty, or the column is missing",
    "duplicate": "the column is there twice",
    "not_utf8": "not text in UTF-8 (save it as CSV UTF-8)",
    "bad_quotes": "a quote is not closed, or this is no row of CSV",
    "nul_character": "holds a character that cannot be kept",
    "bad_form": "letters, digits, . _ - only, at most 24",
    "not_number": "no number",
    "not_one_of": "must be one of: {expected}",
    "too_long": "at most {most} characters",
    "swapped": "longitude and latitude seem to be swapped; longitude comes first",
    "no_place": "no place in this reference",
    "outside_grid": "no cell covers this point",
    "no_rows": "the file has no rows",
    "cells_missing": "this row has {cells} cells, the header has {columns}",
    "stands_before": "stands on line {line} already",
    "no_component_category": "there is no such category of components",
    "no_such_centre": "there is no centre {centre}",
    "no_polygon": "a Polygon or MultiPolygon is needed",
    "crosses_itself": "not a valid polygon: it crosses or covers itself, or has too few points (at {at})",
    "too_small_area": "must have {least} m² or more",
    "too_many": "at most {most} vertices",
    "not_its_ground": "not on the ground of {centre}",
    "no_department": "no department with the code {department} is in use",
    "department_elsewhere": "the department {department} does not answer for this ground; routing will not use it",
    "reserved": "`active` stands for the active edition; choose another name",
}


def _words(error: Refusal) -> str:
    if isinstance(error, BadGridFile):
        return error.reason
    if isinstance(error, OutsideGrid):
        nearest = error.data["nearest"]
        place = f"; {nearest['code']} {nearest['name']} is {error.data['distance_m']} m away" if nearest else ""
        return f"outside-grid: no village of edition {error.data['edition']} covers the point{place}"
    if isinstance(error, BadComponents):
        listed = "\n".join(f"{fault.field}: {_fault_words(fault)}" for fault in error.errors)
        return f"{error.data['count']} faults, nothing changed\n{listed}"
    if isinstance(error, Invalid):
        return "; ".join(f"{fault.field}: {_fault_words(fault)}" for fault in error.errors)
    return WORDS.get(error.problem, error.problem).format_map(error.data)


def _fault_words(fault: FieldError) -> str:
    return WORDS.get(fault.code, fault.code).format_map(dict(fault.data))


def _number(text: str, name: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise click.ClickException(f"{name}: {text!r} is no number") from None


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise click.ClickException(f"--valid-from: {text!r} is no day like 2026-01-31") from None


def _moment(text: str | None) -> datetime | None:
    try:
        moment = None if text is None else datetime.fromisoformat(text)
    except ValueError:
        raise click.ClickException(f"--at: {text!r} is no moment like 2026-01-31T08:00:00+08:00") from None
    if moment is not None and moment.tzinfo is None:
        raise click.ClickException(f"--at: {text!r} needs its offset, like +08:00")
    return moment
