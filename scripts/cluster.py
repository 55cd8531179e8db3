"""A private PostgreSQL with PostGIS for this checkout, on a Unix socket that only its owner and root can reach.

The cluster lies in var/pg. Started by root it belongs to the user `postgres`, and lies in /var/lib/wangge when that
user cannot enter the checkout. Standard library only.
"""

import hashlib
import os
import pwd
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

CHECKOUT = Path(__file__).resolve().parent.parent
ROLE = DATABASE = "wangge"
SERVICE = "wangge_web"  # web server and worker log in by it: neither superuser nor owner, and no way to become one
SEALED = "wangge_app"  # what it is a member of; `flask db upgrade` grants it what the application needs
PORT = 5432  # names the socket file only: the server listens on no network address
OLDEST = 15
LONGEST_SOCKET = 100  # bytes; the kernel takes 107
SYSTEM = Path("/var/lib/wangge")
PLAIN_PATH = re.compile(r"/[A-Za-z0-9._/-]+")  # libpq reads commas, and URLs much else, as something special

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

LOGINS = f"""
DO $$ BEGIN
    IF to_regrole('{SEALED}') IS NULL THEN
        BEGIN CREATE ROLE {SEALED} NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END;
    END IF;
    IF to_regrole('{SERVICE}') IS NULL THEN CREATE ROLE {SERVICE} LOGIN IN ROLE {SEALED}; END IF;
    IF NOT pg_has_role('{SERVICE}', '{SEALED}', 'MEMBER') THEN GRANT {SEALED} TO {SERVICE}; END IF;
END $$"""


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
        """The owner's: for tables, grids, the demo, tests."""
        return f"postgresql+psycopg://{ROLE}@/{DATABASE}?host={self.socket}&port={PORT}"

    @property
    def service_url(self) -> str:
        """The web server's and the worker's."""
        return f"postgresql+psycopg://{SERVICE}@/{DATABASE}?host={self.socket}&port={PORT}"

    def exists(self) -> bool:
        return (self.data / "PG_VERSION").is_file()


def for_service(url: str, checkout: Path = CHECKOUT) -> str:
    """Where web server and worker connect: in this checkout's cluster by their own login, elsewhere as given."""
    parts = urlsplit(url)
    ours = [parse_qs(urlsplit(Place(directory, "", checkout).url).query) for directory in places(checkout)]
    if parts.netloc == f"{ROLE}@" and parse_qs(parts.query) in ours:
        return parts._replace(netloc=f"{SERVICE}@").geturl()
    return url


def places(checkout: Path, system: Path = SYSTEM) -> tuple[Path, Path]:
    """In the checkout, and where it lies when the server's user cannot come so far."""
    return checkout / "var" / "pg", system / digest(checkout)


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
            f"{place.data} was made by PostgreSQL {wanted}, which is not installed (with PostGIS) any more. Run: "
            f"sudo apt-get install postgresql-{wanted} postgresql-{wanted}-postgis-3 — or, to begin afresh: make clean"
        )
    if not found:
        raise DatabaseError(f"no PostgreSQL {OLDEST} or later with PostGIS found. Run: make setup")
    return found[max(found)]


def output(command: Sequence[str | Path]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


# --- place ----------------------------------------------------------------------------------------------------------


def find_place(checkout: Path = CHECKOUT, *, system: Path = SYSTEM) -> Place:
    """Where this checkout's cluster is or should be; makes the directory. Two checkouts never share one."""
    near, far = places(checkout, system)
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
        if directory == far:
            system.mkdir(mode=0o755, parents=True, exist_ok=True)
            system.chmod(0o755)  # whatever the umask
        make_private(directory, server.pw_uid)
        if can_write(directory, server):
            return Place(directory, server.pw_name, checkout)
        directory.rmdir()
    raise DatabaseError(f"the user `postgres` can write neither {near} nor {far}; check the file systems' permissions")


def existing(directory: Path, checkout: Path) -> Place | None:
    """The cluster in this directory, if there is one that we may start."""
    try:
        owner = pwd.getpwuid(directory.stat().st_uid)
    except FileNotFoundError:
        return None
    if os.geteuid() in (0, owner.pw_uid) and not (directory / "data" / "PG_VERSION").is_file():
        return None
    if os.geteuid() not in (0, owner.pw_uid):
        me = pwd.getpwuid(os.geteuid()).pw_name
        raise DatabaseError(
            f"the database in {directory} belongs to `{owner.pw_name}`, you are `{me}`. "
            "Run as root (sudo make …), or use a checkout of your own"
        )
    if owner.pw_uid == 0:
        raise DatabaseError(f"{directory} belongs to root, who cannot run PostgreSQL. Remove it: rm -r {directory}")
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
        why = "Does the checkout belong to somebody else?"
        raise DatabaseError(f"cannot make {directory}: {error.strerror}. {why}") from None


def can_write(directory: Path, user: pwd.struct_passwd) -> bool:
    command = ["/bin/sh", "-c", 'test -x "$1" && test -w "$1"', "sh", str(directory)]
    return run_as(user, command, directory=Path("/")).returncode == 0


def run_as(
    user: pwd.struct_passwd, command: Sequence[str | Path], *, directory: Path
) -> subprocess.CompletedProcess[str]:
    """Runs a program as that user, in a clean environment and a directory they can enter; its output is in `stdout`."""
    other = user.pw_uid != os.geteuid()
    return subprocess.run(
        [str(part) for part in command],
        cwd=directory,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/", "LC_ALL": "C.UTF-8", "TZ": "UTC"},
        check=False,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        user=user.pw_uid if other else None,
        group=user.pw_gid if other else None,
        extra_groups=[] if other else None,
    )


# --- server ---------------------------------------------------------------------------------------------------------


def as_server(place: Place, *command: str | Path) -> subprocess.CompletedProcess[str]:
    """Runs a PostgreSQL program as the user the server runs as."""
    return run_as(pwd.getpwnam(place.user), command, directory=place.directory)


def running(place: Place) -> int | None:
    """The process id of this cluster's server, or None; a pid file left by a crash does not count."""
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
    """Starts the server unless it runs already; True when it was started. What is missing is made."""
    bin_dir = binaries(place)
    pid = running(place)
    if pid and replaced(pid):
        stop(place)  # an upgrade took the binaries away: new connections would fail
        pid = None
    if pid:
        ensure_logins(place, bin_dir)  # an older version may have made and started it
        return False
    if not place.exists():
        create(place, bin_dir)
    configure(place)
    (place.data / "postmaster.pid").unlink(missing_ok=True)  # left by a crash; its pid may be in use again
    (place.socket / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)
    done = as_server(place, bin_dir / "pg_ctl", "start", "-w", "-t", "120", "-D", place.data, "-l", place.log)
    if done.returncode != 0:
        raise DatabaseError(f"PostgreSQL did not start; the end of {place.log}:\n{tail(place.log) or done.stdout}")
    ensure_logins(place, bin_dir)
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
        "# The socket's directory has mode 0700: only this cluster's user and root come so far.\nlocal all all trust\n"
    )
    fresh.rename(place.data)


def configure(place: Place) -> None:
    make_private(place.socket, pwd.getpwnam(place.user).pw_uid)
    config = place.data / "wangge.conf"
    config.write_text(SETTINGS.format(port=PORT, socket=place.socket))
    config.chmod(0o644)  # inside a 0700 directory; the server's user must read what root wrote
    if place.log.exists() and place.log.stat().st_size > 20_000_000:
        place.log.replace(place.log.with_suffix(".log.1"))


def ensure_logins(place: Place, bin_dir: Path) -> None:
    """The service's login; an upgrade that makes its role in the same moment is no fault."""
    done = as_server(place, *psql(place, bin_dir, "postgres"), "-qc", LOGINS)
    if done.returncode != 0:
        raise DatabaseError(f"cannot make the service's login: {done.stdout.strip()}")


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
