"""Load from other processes: wrk over HTTP with fresh requests, pgbench with a prepared statement."""

import re
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench.place import Place, Server

ROOT = Path(__file__).resolve().parent.parent
CONNECTIONS = 4


def wrk(server: Server, script: str, *, seconds: int, tries: int = 3) -> tuple[float, dict[str, object]]:
    """Requests a second over 4 connections, and CPU per worker. A run in which a worker idled is repeated.

    Raises RuntimeError when answers were no 2xx, or when every run was lopsided.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".lua", delete=False) as file:
        file.write(script)
    command = ["wrk", "-t", "2", "-c", str(CONNECTIONS), "-d", f"{seconds}s", "--latency", "-s", file.name, server.url]
    shares: dict[int, float] = {}
    for _ in range(tries):
        before = server.cpu_seconds()
        done = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        shares = {pid: round(used - before.get(pid, 0.0), 2) for pid, used in server.cpu_seconds().items()}
        if found := re.search(r"Non-2xx or 3xx responses: (\d+)", done):
            raise RuntimeError(f"{found[1]} answers were refused: {done}")
        if min(shares.values()) >= 0.25 * max(shares.values()):
            rate = re.search(r"Requests/sec:\s+([\d.]+)", done)
            p95 = re.search(r"99%\s+(\S+)", done)
            assert rate
            return float(rate[1]), {"worker_cpu_s": list(shares.values()), "p99": p95[1] if p95 else ""}
    raise RuntimeError(f"connections spread badly over the workers in {tries} runs: {shares}")


def pgbench(place: Place, script: str, *, seconds: int) -> float:
    """Statements a second of a pgbench script, prepared, over 4 connections."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql", delete=False) as file:
        file.write(script)
    directory = subprocess.run([ROOT / "scripts/database", "bin"], capture_output=True, text=True, check=True)
    command = [
        f"{directory.stdout.strip()}/pgbench", "--no-vacuum", "--protocol=prepared", "-c", str(CONNECTIONS), "-j", "2",
        "-T", str(seconds), "-f", file.name, place.plain_url,
    ]  # fmt: skip
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise RuntimeError(ran.stderr)
    done = ran.stdout
    rate = re.search(r"tps = ([\d.]+)", done)
    assert rate, done
    return float(rate[1])


def best(measure: Callable[[], float], rounds: int = 2) -> float:
    """The best of a few rounds: the machine is noisy, and noise only slows."""
    return max(measure() for _ in range(rounds))
