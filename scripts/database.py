"""The command line of the private database, and the count of who uses it. Standard library only."""

import argparse
import fcntl
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from scripts.cluster import CHECKOUT, DatabaseError, Place, binaries, find_place, installed, psql, running, start, stop

HELD = "PRIVATE_DATABASE_HELD"  # set below `run`: whoever holds the database already need not keep it alive


# --- who uses it ----------------------------------------------------------------------------------------------------


@contextmanager
def locked(checkout: Path, name: str, how: int) -> Iterator[bool]:
    """Holds a lock file of the checkout for the block; False when LOCK_NB was asked for and somebody else has it."""
    path = checkout / "var" / name
    path.parent.mkdir(exist_ok=True)
    try:
        file = path.open("a")
    except PermissionError:
        raise DatabaseError(f"{path} belongs to somebody else: run as that user or as root") from None
    with file:
        try:
            fcntl.flock(file, how)
        except BlockingIOError:
            yield False
            return
        yield True


def kept(place: Place) -> bool:
    return place.keep.exists() and place.keep.read_text() == str(running(place))


def run(place: Place, command: Sequence[str]) -> int:
    """Runs a command with the database up; stops it afterwards unless others use it or it was started to stay."""
    with locked(place.checkout, "database.users", fcntl.LOCK_SH):
        with locked(place.checkout, "database.lock", fcntl.LOCK_EX):
            start(place)
        code = execute(command, {**os.environ, "WANGGE_DATABASE_URL": place.url, HELD: "1"})
    with (
        locked(place.checkout, "database.lock", fcntl.LOCK_EX),
        locked(place.checkout, "database.users", fcntl.LOCK_EX | fcntl.LOCK_NB) as last,
    ):
        if last and not kept(place):
            stop(place)
    return code


def execute(command: Sequence[str], env: dict[str, str]) -> int:
    """Runs the command to its end and answers its exit code. SIGTERM is passed on; Ctrl-C comes by the terminal."""
    child: subprocess.Popen[bytes] | None = None

    def pass_on(number: int, _frame: FrameType | None) -> None:
        if child and number != signal.SIGINT:
            child.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, pass_on)
    child = subprocess.Popen(command, env=env)
    code = child.wait()
    return 128 - code if code < 0 else code


# --- command line ---------------------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="scripts/database", description="The private PostgreSQL of this checkout.")
    parser.add_argument("action", choices=[*ACTIONS, "bin"])
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="run: the command; psql: its arguments")
    options = parser.parse_args(arguments)
    rest: list[str] = options.rest[1:] if options.rest[:1] == ["--"] else options.rest
    try:
        external = os.environ.get("WANGGE_DATABASE_URL")
        return use_external(options.action, rest, external) if external else use_private(options.action, rest)
    except DatabaseError as error:
        print(f"database: {error}", file=sys.stderr)
        return 1


def use_external(action: str, rest: list[str], url: str) -> int:
    """WANGGE_DATABASE_URL is set: nothing private is started or stopped."""
    if action == "url":
        print(url)
    elif action == "status":
        print("WANGGE_DATABASE_URL is set; no private database is used")
    elif action == "run":
        os.execvp(rest[0], rest)  # noqa: S606
    elif action == "psql":
        os.execvp("psql", ["psql", url.replace("postgresql+psycopg:", "postgresql:"), *rest])  # noqa: S606, S607
    elif action == "bin":
        return use_private(action, rest)
    return 0


def use_private(action: str, rest: list[str]) -> int:
    if action == "bin":
        return print_binaries()
    with locked(CHECKOUT, "database.lock", fcntl.LOCK_EX):  # two at once would try the places under each other's feet
        place = find_place()
    return ACTIONS[action](place, rest)


def print_binaries() -> int:
    found = installed()
    if found:
        print(found[max(found)])
    return 0 if found else 1


def print_url(place: Place, rest: list[str]) -> int:
    """The owner's; with `service` that of web server and worker."""
    print(place.service_url if rest == ["service"] else place.url)
    return 0


def print_directory(place: Place, _rest: list[str]) -> int:
    near = place.directory.is_relative_to(place.checkout)
    print(place.directory.relative_to(place.checkout) if near else place.directory)
    return 0


def start_to_stay(place: Place, _rest: list[str]) -> int:
    """Starts the server and leaves it running when everybody who used it has gone."""
    with locked(place.checkout, "database.lock", fcntl.LOCK_EX):
        if start(place):
            print(f"PostgreSQL started in {place.directory}")
        if HELD not in os.environ:
            place.keep.write_text(str(running(place)))
    return 0


def stop_now(place: Place, _rest: list[str]) -> int:
    with locked(place.checkout, "database.lock", fcntl.LOCK_EX):
        stop(place)
    return 0


def remove(place: Place, _rest: list[str]) -> int:
    """Stops the server and deletes the cluster with all its data."""
    with locked(place.checkout, "database.lock", fcntl.LOCK_EX):
        stop(place)
        shutil.rmtree(place.directory)
        shutil.rmtree(place.socket, ignore_errors=True)
    return 0


def status(place: Place, _rest: list[str]) -> int:
    """Exit code 0 running, 3 not, as pg_ctl has it."""
    pid = running(place)
    made = f"PostgreSQL {(place.data / 'PG_VERSION').read_text().strip()}" if place.exists() else "no cluster yet"
    print(f"{f'running, process {pid}' if pid else 'stopped'}; {made} in {place.directory}, as user {place.user}")
    return 0 if pid else 3


def open_psql(place: Place, rest: list[str]) -> int:
    command = [*psql(place, binaries(place)), *rest]
    os.execv(command[0], command)  # noqa: S606


ACTIONS: dict[str, Callable[[Place, list[str]], int]] = {
    "start": start_to_stay,
    "stop": stop_now,
    "status": status,
    "url": print_url,
    "where": print_directory,
    "run": run,
    "psql": open_psql,
    "remove": remove,
}


if __name__ == "__main__":
    sys.exit(main())
