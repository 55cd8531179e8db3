"""Web server and worker as one: started, watched, revived, stopped."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import serve
from tests.house.tree import ROOT

READY = """
import http.server, subprocess, sys
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(int(sys.argv[2])); self.end_headers(); self.wfile.write(b"reason")
print("below", subprocess.Popen(["sleep", "300"]).pid, flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Ready).serve_forever()
"""
SUPERVISE = """
import sys; from pathlib import Path; from scripts import serve
place, port, status, worker = Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:]
serve.LOGS, serve.PASSWORD, serve.PATIENCE = place, place / "demo-password", 1.0
web = serve.Child("web", [sys.executable, str(place / "ready.py"), port, status])
sys.exit(serve.supervise([web, serve.Child("worker", worker)], "127.0.0.1", int(port)))
"""


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def begin(place: Path, port: int, *worker: str, status: int = 200) -> subprocess.Popen[str]:
    (place / "ready.py").write_text(READY)
    command = [sys.executable, "-c", SUPERVISE, str(place), str(port), str(status), *worker]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def assert_all_gone(place: Path) -> None:
    pid = int((place / "web.log").read_text().split()[1])
    state = Path(f"/proc/{pid}/stat")
    assert not state.exists() or state.read_text().split()[2] == "Z", "what the child started lives on"


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_when_asked_to_stop_all_that_was_started_is_stopped(tmp_path: Path, port: int, asked: signal.Signals) -> None:
    (tmp_path / "demo-password").write_text("made-up\n")
    with begin(tmp_path, port, "sleep", "300") as serving:
        said = ""
        while "Ctrl-C" not in said:
            said += serving.stdout.readline()
        serving.send_signal(asked)
        assert serving.wait() == 0
    assert f"http://127.0.0.1:{port}" in said
    assert "made-up" in said
    assert "district_leader" in said
    assert_all_gone(tmp_path)


def test_a_dead_worker_is_named_with_its_last_words_and_takes_the_web_server_along(tmp_path: Path, port: int) -> None:
    with begin(tmp_path, port, "sh", "-c", "echo no such table; exit 3") as serving:
        said, _ = serving.communicate()
    assert serving.returncode == 1
    assert "the worker ended with code 3" in said
    assert "no such table" in said


@pytest.mark.slow  # four short lives
def test_who_dies_later_is_started_again_but_not_for_ever(tmp_path: Path, port: int) -> None:
    with begin(tmp_path, port, "sh", "-c", "sleep 2; echo killed; exit 9") as serving:
        said = ""
        while "starting it again" not in said:
            said += serving.stdout.readline()
        rest, _ = serving.communicate(timeout=60)
    assert "the worker ended with code 9" in said
    assert serving.returncode == 1
    assert rest.count("starting it again") == serve.MOST_DEATHS - 1
    assert_all_gone(tmp_path)


@pytest.mark.slow  # waits a second for a server that never says yes
def test_a_server_that_never_gets_ready_is_stopped_and_says_why(tmp_path: Path, port: int) -> None:
    with begin(tmp_path, port, "sleep", "300", status=503) as serving:
        said, _ = serving.communicate()
    assert serving.returncode == 1
    assert "reason" in said
    assert_all_gone(tmp_path)


def test_a_taken_port_is_said_before_anything_is_started(port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        assert serve.taken("127.0.0.1", port)
        done = subprocess.run(
            [sys.executable, "-m", "scripts.serve", "--check-port"],
            cwd=ROOT,
            env=os.environ | {"PORT": str(port)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert f"PORT={port + 1}" in done.stderr
    assert not serve.taken("127.0.0.1", port)
