"""A private PostgreSQL with PostGIS for this checkout, on a Unix socket that only its owner and root can reach.

The cluster lies in var/pg; run as root it belongs to the user `postgres`, and lies in /var/lib/wangge when that user cannot
enter the checkout. WANGGE_DATABASE_URL, when set, is used instead and nothing is started. Standard library only.
"""

import argparse
import fcntl
import hashlib
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

CHECKOUT = Path(__file__).resolve().parent.parent
ROLE = DATABASE = "wangge"
PORT = 5432  # names the socket file only: the server listens on no network address
OLDEST = 15
LONGEST_SOCKET = 100  # bytes; the kernel takes 107
PLAIN_PATH = re.compile(r"/[A-Za-z0-9._/-]+")  # libpq reads commas, and URLs much else, as something special
HELD = "WANGGE_DATABASE_HELD"  # set below `run`: whoever holds the database already need not keep it alive

SETTINGS = """\
# Written at each start by scripts/database; put your own lines into postgresql.conf below its include of this file.
listen_addresses = ''
port = {port}
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
cluster_name = 'wangge'
max_connections = 200
shared_buffers = 256MB
work_mem = 16MB
maintenance_work_mem = 128MB
max_wal_size = 2GB
checkpoint_timeout = 15min
random_page_cost = 1.1
effective_io_concurrency = 100
jit = off
fsync = on
synchronous_commit = on
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %d '
"""


class DatabaseError(Exception):
    """Why the database cannot be used, and what to do about it, in words for the person at the keyboard."""


@dataclass(frozen=True)
class Place:
    """Where the cluster lies and which system user its server runs as."""

    directory: Path
    user: str
    checkout: Path = CHECKOUT

    @property
    def data(self) -> Path:
        return self.directory / "data"

    @property
    def log(self) -> Path:
        return self.directory / "server.log"

    @property
    def keep(self) -> Path:
        return self.directory / "keep"

    @property
    def socket(self) -> Path:
        """The socket's directory: beside the data, or a short one in /tmp when that path is long or peculiar."""
        near = self.directory / "socket"
        if PLAIN_PATH.fullmatch(str(near)) and len(f"{near}/.s.PGSQL.{PORT}") <= LONGEST_SOCKET:
            return near
        return Path("/tmp") / f"wangge-{digest(self.directory)}"  # noqa: S108  its owner and mode are checked before use

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://{ROLE}@/{DATABASE}?host={self.socket}&port={PORT}"

    def exists(self) -> bool:
        return (self.data / "PG_VERSION").is_file()


def digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


# --- binaries -------------------------------------------------------------------------------------------------------


def installed() -> dict[int, Path]:
    """Major version → directory of the binaries, of every server from PostgreSQL 15 on that has PostGIS."""
    found: dict[int, Path] = {}
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    config = shutil.which("pg_config")
    if config:
        candidates.append(Path(output([config, "--bindir"])))
    for directory in candidates:
        if not (directory / "initdb").exists() or not (directory / "pg_config").exists():
            continue
        version = re.search(r"PostgreSQL (\d+)", output([directory / "pg_config", "--version"]))
        share = Path(output([directory / "pg_config", "--sharedir"]))
        if version and int(version[1]) >= OLDEST and (share / "extension" / "postgis.control").exists():
            found[int(version[1])] = directory
    return found


def binaries(place: Place) -> Path:
    """The binaries that fit the cluster, or the newest ones when there is no cluster yet."""
    found = installed()
    if place.exists():
        wanted = int((place.data / "PG_VERSION").read_text())
        if wanted in found:
            return found[wanted]
        raise DatabaseError(
            f"{place.data} was made by PostgreSQL {wanted}, which is not installed (with PostGIS) any more. "
            f"Run: sudo apt-get install postgresql-{wanted} postgresql-{wanted}-postgis-3 — or, to begin afresh: make clean"
        )
    if not found:
        raise DatabaseError(f"no PostgreSQL ≥ {OLDEST} with PostGIS found. Run: sudo apt-get install postgresql postgis")
    return found[max(found)]


def output(command: Sequence[str | Path]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


# --- place ----------------------------------------------------------------------------------------------------------


def find_place(checkout: Path = CHECKOUT, *, system: Path = Path("/var/lib/wangge")) -> Place:
    """Where this checkout's cluster is or should be; makes the directory. Two checkouts never share one."""
    near, far = checkout / "var" / "pg", system / digest(checkout)
    for directory in (near, far):
        if owned := existing(directory, checkout):
            return owned
    if os.geteuid() != 0:
        make_private(near, os.geteuid())
        return Place(near, pwd.getpwuid(os.geteuid()).pw_name, checkout)
    try:
        server = pwd.getpwnam("postgres")
    except KeyError:
        raise DatabaseError("the system user `postgres` is missing. Run: apt-get install postgresql") from None
    for directory in (near, far):
        make_private(directory, server.pw_uid)
        if can_write(directory, server):
            return Place(directory, server.pw_name, checkout)
        directory.rmdir()
    raise DatabaseError(f"the user `postgres` can write neither {near} nor {far}; check the file systems' permissions")


def existing(directory: Path, checkout: Path) -> Place | None:
    """The cluster in this directory, if there is one that we may start."""
    try:
        owner = pwd.getpwuid(directory.stat().st_uid)
        made = (directory / "data" / "PG_VERSION").is_file()
    except FileNotFoundError:
        return None
    except PermissionError:
        made = True
    if not made:
        return None
    if os.geteuid() not in (0, owner.pw_uid):
        raise DatabaseError(
            f"the database in {directory} belongs to `{owner.pw_name}`, you are `{pwd.getpwuid(os.geteuid()).pw_name}`. "
            "Run as root (sudo make …), or use a checkout of your own"
        )
    if owner.pw_uid == 0:
        raise DatabaseError(f"{directory} belongs to root, and root cannot run PostgreSQL. Remove it: rm -r {directory}")
    if not can_write(directory, owner):
        raise DatabaseError(
            f"the user `{owner.pw_name}` can no longer enter {directory}. Give the directories above it mode a+x again"
        )
    return Place(directory, owner.pw_name, checkout)


def make_private(directory: Path, uid: int) -> None:
    """Makes the directory with mode 0700 for that user; refuses one that somebody else has put there."""
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        directory.mkdir(mode=0o700, exist_ok=True)
        seen = directory.lstat()
        if directory.is_symlink() or seen.st_uid not in (uid, os.geteuid()):
            raise DatabaseError(f"{directory} belongs to somebody else; remove it and try again")
        if seen.st_uid != uid:
            os.chown(directory, uid, pwd.getpwuid(uid).pw_gid)
        directory.chmod(0o700)
    except PermissionError as error:
        raise DatabaseError(f"cannot make {directory}: {error.strerror}. Does the checkout belong to somebody else?") from None


def can_write(directory: Path, user: pwd.struct_passwd) -> bool:
    command = ["/bin/sh", "-c", 'test -x "$1" && test -w "$1"', "sh", str(directory)]
    return subprocess.run(command, cwd="/", check=False, **identity(user)).returncode == 0  # type: ignore[call-overload]


def identity(user: pwd.struct_passwd) -> dict[str, object]:
    """Arguments that make subprocess run as that user; none when it is us."""
    if user.pw_uid == os.geteuid():
        return {}
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


# --- server ---------------------------------------------------------------------------------------------------------


def as_server(place: Place, *command: str | Path) -> subprocess.CompletedProcess[str]:
    """Runs a PostgreSQL program as the server's user, in a clean environment and a directory that user can enter."""
    user = pwd.getpwnam(place.user)
    env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(place.directory), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    arguments = [str(part) for part in command]
    done: subprocess.CompletedProcess[str] = subprocess.run(  # type: ignore[call-overload]
        arguments, cwd=place.directory, env=env, check=False, text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **identity(user),
    )  # fmt: skip
    return done


def running(place: Place) -> int | None:
    """The process id of this cluster's server, or None. A pid file left by a crash, or by a pid now reused, counts for nothing."""
    try:
        lines = (place.data / "postmaster.pid").read_text().splitlines()
        pid, home = int(lines[0]), Path(lines[1])
    except (FileNotFoundError, ValueError, IndexError):
        return None
    try:
        at = Path(f"/proc/{pid}/cwd").resolve(strict=True)
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return None  # gone, or somebody else's process under a number used again
    if at == place.data.resolve():
        return pid
    if at == home:
        raise DatabaseError(
            f"{place.data} is a copy of {home}, taken while its server ran, and not fit for use. Remove it: make clean"
        )
    return None


def start(place: Place) -> bool:
    """Starts the server unless it runs already; True when it was started. Makes cluster and database when missing."""
    bin_dir = binaries(place)
    pid = running(place)
    if pid and replaced(pid):
        stop(place)  # an upgrade took the binaries away: new connections would fail
        pid = None
    if pid:
        return False
    if not place.exists():
        create(place, bin_dir)
    configure(place)
    for stale in (place.data / "postmaster.pid", place.socket / f".s.PGSQL.{PORT}.lock", place.socket / f".s.PGSQL.{PORT}"):
        stale.unlink(missing_ok=True)
    done = as_server(place, bin_dir / "pg_ctl", "start", "-w", "-t", "120", "-D", place.data, "-l", place.log)
    if done.returncode != 0:
        raise DatabaseError(f"PostgreSQL did not start; the end of {place.log}:\n{tail(place.log) or done.stdout}")
    ensure_database(place, bin_dir)
    return True


def replaced(pid: int) -> bool:
    try:
        return str(Path(f"/proc/{pid}/exe").readlink()).endswith(" (deleted)")
    except OSError:
        return False


def create(place: Place, bin_dir: Path) -> None:
    """A new, empty cluster; one that was interrupted half-way is made again."""
    fresh = place.directory / "data.new"
    if fresh.exists():
        shutil.rmtree(fresh)
    done = as_server(
        place, bin_dir / "initdb", "-D", fresh, "-U", ROLE, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8",
    )  # fmt: skip
    if done.returncode != 0:
        raise DatabaseError(f"initdb failed:\n{done.stdout[-2000:]}")
    with (fresh / "postgresql.conf").open("a") as config:
        config.write("\ninclude 'wangge.conf'\n")
    (fresh / "pg_hba.conf").write_text(
        "# The socket's directory has mode 0700: only this cluster's user and root come this far.\nlocal all all trust\n"
    )
    fresh.rename(place.data)


def configure(place: Place) -> None:
    make_private(place.socket, pwd.getpwnam(place.user).pw_uid)
    config = place.data / "wangge.conf"
    config.write_text(SETTINGS.format(port=PORT, socket=place.socket))
    config.chmod(0o644)  # inside a 0700 directory; the server's user must read what root wrote
    if place.log.exists() and place.log.stat().st_size > 20_000_000:
        place.log.replace(place.log.with_suffix(".log.1"))


def ensure_database(place: Place, bin_dir: Path) -> None:
    query = f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'"  # noqa: S608  a constant
    done = as_server(place, *psql(place, bin_dir, "postgres"), "-Atc", query)
    if done.returncode == 0 and done.stdout.strip() != "1":
        done = as_server(place, *psql(place, bin_dir, "postgres"), "-qc", f"CREATE DATABASE {DATABASE}")
    if done.returncode != 0:
        raise DatabaseError(f"cannot reach the database just started: {done.stdout.strip()}")


def psql(place: Place, bin_dir: Path, database: str = DATABASE) -> list[str]:
    return [str(bin_dir / "psql"), "-X", "-h", str(place.socket), "-p", str(PORT), "-U", ROLE, "-d", database]


def stop(place: Place) -> bool:
    """Stops the server; True when one ran. Open connections are cut, what was committed stays."""
    place.keep.unlink(missing_ok=True)
    pid = running(place)
    if not pid:
        return False
    os.kill(pid, signal.SIGINT)  # PostgreSQL's fast shutdown; works even when an upgrade took pg_ctl away
    for _ in range(600):
        if not running(place):
            return True
        time.sleep(0.1)
    raise DatabaseError(f"PostgreSQL (process {pid}) has not stopped within a minute; see {place.log}")


def tail(path: Path, lines: int = 15) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else ""


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


def start_and_keep(place: Place) -> bool:
    """Starts the server and leaves it running after everybody who used it has gone."""
    with locked(place.checkout, "database.lock", fcntl.LOCK_EX):
        started = start(place)
        if HELD not in os.environ:
            place.keep.write_text(str(running(place)))
        return started


def kept(place: Place) -> bool:
    return place.keep.exists() and place.keep.read_text() == str(running(place))


def run(place: Place, command: Sequence[str]) -> int:
    """Runs a command with the database up, and stops it afterwards unless others use it or somebody started it to stay."""
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
    """Runs the command to its end; SIGTERM is passed on, Ctrl-C reaches the child by the terminal. Answers its exit code."""
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
    parser.add_argument("action", choices=["start", "stop", "status", "url", "run", "psql", "bin", "remove"])
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
        found = installed()
        if found:
            print(found[max(found)])
        return 0 if found else 1
    place = find_place()
    if action == "url":
        print(place.url)
    elif action == "start":
        if start_and_keep(place):
            print(f"PostgreSQL started in {place.directory}")
    elif action in ("stop", "remove"):
        with locked(place.checkout, "database.lock", fcntl.LOCK_EX):
            stop(place)
            if action == "remove":
                shutil.rmtree(place.directory)
    elif action == "status":
        return status(place)
    elif action == "run":
        return run(place, rest)
    elif action == "psql":
        command = [*psql(place, binaries(place)), *rest]
        os.execv(command[0], command)  # noqa: S606
    return 0


def status(place: Place) -> int:
    """Exit code 0 running, 3 not, as pg_ctl has it."""
    pid = running(place)
    made = f"PostgreSQL {(place.data / 'PG_VERSION').read_text().strip()}" if place.exists() else "no cluster yet"
    print(f"{f'running, process {pid}' if pid else 'stopped'}; {made} in {place.directory}, as user {place.user}")
    return 0 if pid else 3


if __name__ == "__main__":
    sys.exit(main())
