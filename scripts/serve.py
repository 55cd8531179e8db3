"""Web server and worker in the foreground, as one: who dies is started again; on Ctrl-C both are stopped."""

import errno
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from core.settings import Settings, load_settings
from scripts.cluster import for_service

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / "var" / "log"
PASSWORD = ROOT / "var" / "demo-password"
PATIENCE = 60.0  # seconds until /readyz has to say yes
MOST_DEATHS = 3  # in a minute; a child that dies oftener takes all along
GRACE = 10.0  # seconds between asking to stop and killing
SIGN_INS = [
    ("inspector", "南京东路街道", "inspector, on the phone", "/field"),
    ("acceptor", "南京东路街道", "acceptor", "/desk"),
    ("shift_lead", "南京东路街道", "shift lead", "/desk"),
    ("dispatcher", "南京东路街道", "dispatcher", "/desk"),
    ("handler", "南京东路街道", "handler, in its department", "/desk"),
    ("leader", "南京东路街道", "leader of the street", "/leadership"),
    ("district_dispatcher", "黄浦区", "dispatcher of the district", "/desk"),
    ("district_leader", "黄浦区", "leader of the district", "/leadership"),
    ("city_leader", "上海市", "leader of the city", "/leadership"),
    ("admin", "上海市", "administrator", "/admin"),
    ("other_dispatcher", "another district's street", "dispatcher who must not see the others' cases", "/desk"),
]


@dataclass
class Child:
    """A process of ours, its output in a log file."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    deaths: list[float] = field(default_factory=list)

    @property
    def log(self) -> Path:
        return LOGS / f"{self.name}.log"

    def start(self) -> None:
        """Starts it in a session of its own, so that Ctrl-C comes to us alone and we stop it in order."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                start_new_session=True,
            )

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def terminate(self) -> None:
        """Asks the process to end; it asks its own children."""
        if self.alive() and self.process is not None:
            self.process.terminate()

    def kill(self) -> None:
        """Ends what is left of the process and of all that it started."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def end_of_log(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-12:]
        return "\n".join(f"    {line}" for line in lines)


class Stopping(Exception):
    """Somebody asked us to stop."""


def main(arguments: Sequence[str]) -> int:
    settings = load_settings()
    host, port = settings.web.host, int(os.environ.get("PORT") or settings.web.port)
    if taken(host, port):
        print(f"failed: port {port} is taken. Choose another one:  make demo PORT={port + 1}", file=sys.stderr)
        return 1
    if "--check-port" in arguments:
        return 0
    if "WANGGE_DATABASE_URL" not in os.environ:
        print("failed: no database. Start this by `make serve` or `make demo`", file=sys.stderr)
        return 1
    LOGS.mkdir(parents=True, exist_ok=True)
    os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    os.environ["FLASK_APP"] = "app.py"
    os.environ["WANGGE_DATABASE_URL"] = for_service(os.environ["WANGGE_DATABASE_URL"])
    if PASSWORD.exists():  # the demo was loaded here
        os.environ.setdefault("WANGGE_DEMO_ENABLED", "true")
    return supervise([web(settings, host, port), Child("worker", ["flask", "cases", "work"])], host, port)


def web(settings: Settings, host: str, port: int) -> Child:
    options = {
        "--interface": "wsgi",
        "--host": host,
        "--port": port,
        "--workers": settings.web.workers,
        "--blocking-threads": settings.web.blocking_threads,
        "--workers-kill-timeout": 3,  # an open event stream, or a worker that is just starting, would hold it for ever
        "--log-level": "warning",
    }
    flat = [str(part) for pair in options.items() for part in pair]
    # a process of the web server that dies is replaced; the others go on answering meanwhile
    keep = ["--respawn-failed-workers", "--respawn-interval", "1"]
    return Child("web", ["granian", "app:create_app", "--factory", "--no-ws", *keep, *flat])


def taken(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.errno == errno.EADDRINUSE
    return False


def supervise(children: list[Child], host: str, port: int) -> int:
    """Runs the children until somebody asks to stop (0). One that dies is started again, unless it keeps dying (1)."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ask_to_stop)
    try:
        for child in children:
            child.start()
        if not wait_until_ready(children, host, port):
            return 1
        greet(host, port)
        while revive(children):
            time.sleep(0.3)
        return 1
    except Stopping:
        print("\nstopping", flush=True)
        return 0
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        stop(children)


def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
    raise Stopping


def revive(children: list[Child]) -> bool:
    """Starts again what has died; False when one dies too often, after saying so."""
    for child in children:
        if child.alive():
            continue
        now = time.monotonic()
        child.deaths = [died for died in child.deaths if died > now - 60] + [now]
        if len(child.deaths) > MOST_DEATHS:
            return dead([child]) is None
        code = child.process.returncode if child.process else None
        print(f"the {child.name} ended with code {code}; starting it again (log: {child.log})", file=sys.stderr)
        child.start()
    return True


def dead(children: list[Child]) -> Child | None:
    """The first child that has died, after saying so."""
    for child in children:
        if not child.alive():
            code = child.process.returncode if child.process else None
            print(
                f"failed: the {child.name} ended with code {code}; stopping. The end of {child.log}:", file=sys.stderr
            )
            print(child.end_of_log(), file=sys.stderr)
            return child
    return None


def wait_until_ready(children: list[Child], host: str, port: int) -> bool:
    """False when a child died or /readyz did not say yes in time; says why."""
    until, answer = time.monotonic() + PATIENCE, ""
    while time.monotonic() < until:
        if dead(children) is not None:
            return False
        ready, answer = ask(f"http://{reachable(host)}:{port}/readyz")
        if ready:
            return True
        time.sleep(0.1)
    print(f"failed: not ready within {PATIENCE:.0f} s; /readyz says: {answer}. Logs: var/log/", file=sys.stderr)
    return False


def ask(url: str) -> tuple[bool, str]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=5) as response:  # http: the address is ours
            return response.status == 200, ""
    except urllib.error.HTTPError as error:
        return False, error.read(500).decode(errors="replace")
    except OSError as error:
        return False, str(error)


def reachable(host: str) -> str:
    """An address to call for one to listen on."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  a key, not a binding
    return f"[{host}]" if ":" in host else host


def greet(host: str, port: int) -> None:
    print(f"\n  wangge is ready:  http://{reachable(host)}:{port}\n")
    if PASSWORD.exists():
        print(f"  Sign in, password for all: {PASSWORD.read_text().strip()}\n")
        for name, place, role, page in SIGN_INS:
            print(f"    {name:20} {page:12} {role}, {place}")
    print("\n  Logs: var/log/web.log, var/log/worker.log. Ctrl-C stops everything.\n", flush=True)


def stop(children: list[Child]) -> None:
    """Asks all to stop, waits, kills what is left."""
    for child in children:
        child.terminate()
    until = time.monotonic() + GRACE
    while any(child.alive() for child in children) and time.monotonic() < until:
        time.sleep(0.05)
    for child in children:
        child.kill()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
