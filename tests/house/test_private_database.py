"""The private database: it starts anywhere, survives crashes, and never meets another checkout's."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.settings import Settings
from scripts.cluster import LONGEST_SOCKET, PORT, SEALED, Place, find_place, for_service, running, start, stop
from tests.house.tree import ROOT

Keeper = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    """A checkout of its own: only the scripts that start the database."""
    place = tmp_path / "checkout"
    shutil.copytree(ROOT / "scripts", place / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    yield place
    keeper(place)("remove")


def keeper(checkout: Path) -> Keeper:
    """scripts/database of that checkout, in an environment that holds nothing of ours."""
    env = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}

    def call(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
        command = [checkout / "scripts" / "database", *words]
        return subprocess.run(command, env=env | more, capture_output=True, text=True, check=False)

    return call


def ask(database: Keeper, query: str) -> str:
    return database("psql", "-Atc", query).stdout.strip()


def test_a_given_database_is_used_and_nothing_is_started(checkout: Path) -> None:
    database = keeper(checkout)
    url = "postgresql+psycopg://somebody@elsewhere/wangge"
    assert database("start", WANGGE_DATABASE_URL=url).returncode == 0
    assert database("url", WANGGE_DATABASE_URL=url).stdout.strip() == url
    assert not (checkout / "var").exists()


def test_the_socket_moves_when_the_path_is_too_long_or_peculiar(tmp_path: Path) -> None:
    plain = Place(Path("/srv/wangge/var/pg"), "postgres")
    assert plain.socket == Path("/srv/wangge/var/pg/socket")
    for directory in (
        tmp_path / ("x" * LONGEST_SOCKET),
        Path("/srv/网格/pg"),
        Path("/srv/a,b/pg"),
        Path("/srv/a b/pg"),
    ):
        moved = Place(directory, "postgres").socket
        assert moved.parent == Path("/tmp")
        assert len(f"{moved}/.s.PGSQL.{PORT}") < 107
    assert Place(Path("/srv/a b/pg"), "x").socket != Place(Path("/srv/a,b/pg"), "x").socket


def test_the_service_has_a_login_of_its_own_here_and_the_given_one_elsewhere(checkout: Path) -> None:
    place = Place(checkout / "var" / "pg", "postgres", checkout)
    assert for_service(place.url, checkout) == place.service_url
    assert "//wangge_web@/" in place.service_url
    escaped = place.url.replace("/wangge?host=", "/other?host=%2F").replace("%2F/", "%2F")
    assert for_service(escaped, checkout) == escaped.replace("//wangge@", "//wangge_web@")
    for other in (
        "postgresql+psycopg://wangge@elsewhere/wangge",
        "postgresql+psycopg://wangge@/wangge?host=/run/postgresql&port=5432",
        place.url.replace("wangge@", "somebody@"),
    ):
        assert for_service(other, checkout) == other
    assert Settings().database.role == SEALED


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")
def test_a_closed_checkout_gets_its_cluster_elsewhere(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    tmp_path.chmod(0o700)
    with pytest.raises(Exception, match="can write neither"):
        find_place(closed, system=tmp_path / "system")
    with tempfile.TemporaryDirectory(dir="/var/tmp") as system:
        place = find_place(closed, system=Path(system))
        assert place.directory.parent == Path(system)
        assert place.directory.owner() == place.user == "postgres"


@pytest.mark.slow  # makes clusters and starts them
def test_it_starts_is_durable_and_listens_on_no_network(checkout: Path) -> None:
    database = keeper(checkout)
    assert database("start").returncode == 0
    assert database("start").stdout == "", "a second start finds it running"
    assert ask(database, "SELECT current_setting('fsync') || current_setting('listen_addresses')") == "on"
    assert ask(database, "CREATE EXTENSION postgis; SELECT postgis_lib_version() >= '3.3'").endswith("t")
    assert database("status").returncode == 0
    assert database("stop").returncode == 0
    assert database("status").returncode == 3


LOGINS = """
    SELECT string_agg(concat_ws(' ', rolname, rolsuper, rolcanlogin, rolcreaterole, rolcreatedb), ', ' ORDER BY rolname)
    FROM pg_roles WHERE rolname LIKE 'wangge%'
"""


@pytest.mark.slow  # makes a cluster
def test_a_cluster_that_an_older_version_made_gets_the_services_login(checkout: Path) -> None:
    database = keeper(checkout)
    database("start")
    wanted = "wangge t t t t, wangge_app f f f f, wangge_web f t f f"
    assert ask(database, LOGINS) == wanted
    for again in ("stop", "start"):  # it is made whether the server runs already or not
        ask(database, "DROP ROLE wangge_web; DROP ROLE wangge_app")
        assert ask(database, LOGINS) == "wangge t t t t"
        database(again)
        assert database("start").returncode == 0
        assert ask(database, LOGINS) == wanted
    assert ask(database, "SELECT session_user") == "wangge"
    assert "//wangge_web@/" in database("url", "service").stdout


@pytest.mark.slow  # makes a cluster and kills it
def test_it_comes_back_after_a_crash_even_when_its_pid_is_in_use_again(checkout: Path) -> None:
    database = keeper(checkout)
    database("start")
    ask(database, "CREATE TABLE kept AS SELECT 42 AS answer")
    place = find_place(checkout)
    pid_file = place.data / "postmaster.pid"
    pid = running(place)
    assert pid
    left = pid_file.read_text()
    os.kill(pid, signal.SIGKILL)
    while Path(f"/proc/{pid}").exists():
        time.sleep(0.01)
    pid_file.write_text(left.replace(str(pid), str(os.getpid()), 1))
    assert database("status").returncode == 3
    assert database("start").returncode == 0
    assert ask(database, "SELECT answer FROM kept") == "42"


@pytest.mark.slow  # makes a cluster
def test_the_last_one_out_stops_it_unless_it_was_started_to_stay(checkout: Path) -> None:
    database = keeper(checkout)
    assert database("run", "--", "sh", "-c", "exit 7").returncode == 7
    assert database("status").returncode == 3
    command = [checkout / "scripts" / "database", "run", "--", "sleep", "60"]
    env = {"PATH": os.environ["PATH"]}
    with subprocess.Popen(command, env=env) as long:
        while database("status").returncode != 0:
            time.sleep(0.02)
        assert database("run", "--", "true").returncode == 0
        assert database("status").returncode == 0, "the other one still uses it"
        long.terminate()
    assert database("status").returncode == 3
    database("start")
    database("run", "--", "true")
    assert database("status").returncode == 0


@pytest.mark.slow  # makes a cluster
def test_two_starts_at_once_and_two_checkouts_do_not_meet(checkout: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(checkout, other)
    env = {"PATH": os.environ["PATH"]}
    try:
        starting = [subprocess.Popen([at / "scripts/database", "start"], env=env) for at in (checkout, checkout, other)]
        assert [process.wait() for process in starting] == [0, 0, 0]
        ask(keeper(checkout), "CREATE TABLE mine ()")
        assert ask(keeper(other), "SELECT to_regclass('mine') IS NULL") == "t"
    finally:
        keeper(other)("remove")
    assert keeper(checkout)("status").returncode == 0


@pytest.mark.slow  # makes a cluster
def test_a_copy_of_a_running_cluster_is_refused(checkout: Path, tmp_path: Path) -> None:
    place = find_place(checkout)
    start(place)
    copy = Place(tmp_path / "copy", place.user, checkout)
    shutil.copytree(place.directory, copy.directory, ignore=shutil.ignore_patterns("socket", "base", "pg_wal"))
    with pytest.raises(Exception, match="is a copy of"):
        running(copy)
    stop(place)


def test_scripts_need_nothing_but_python(tmp_path: Path) -> None:
    """They run before any package is installed; -I -S leaves only the standard library."""
    code = "import sys; sys.path.insert(0, sys.argv[1]); import scripts.cluster, scripts.database"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code, str(ROOT)], cwd=tmp_path, check=False)
    assert done.returncode == 0
