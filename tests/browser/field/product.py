"""The product that can be killed and comes back: the same port, the same database, the same photos."""

import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from core.settings import load_settings
from scripts.cluster import for_service
from tests.browser.conftest import ROOT, _wait


@dataclass
class Product:
    """`kill` is SIGKILL to the web server and its workers: what is not written is gone."""

    database: str
    photos: Path
    port: int = 0
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = self.port or probe.getsockname()[1]
        self.environment = {
            "WANGGE_DATABASE_URL": for_service(self.database),
            "WANGGE_DEMO_ENABLED": "true",
            "WANGGE_STORAGE_PHOTOS": str(self.photos),
            "WANGGE_LOGS_LEVEL": "WARNING",
            **self.environment,
        }

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        granian = Path(sys.executable).parent / "granian"
        threads = str(load_settings(environ=self.environment).web.blocking_threads)
        command = [granian, "app:create_app", "--factory", "--interface", "wsgi", "--no-ws", "--host", "127.0.0.1"]
        command += ["--port", str(self.port), "--workers", "1", "--blocking-threads", threads, "--log-level", "warning"]
        command += ["--workers-kill-timeout", "3"]
        # a session of its own, so that all of it can be killed at once
        self.process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **self.environment}, start_new_session=True
        )
        try:
            _wait(f"{self.url}/healthz")
        except BaseException:
            self.kill()
            raise

    def kill(self) -> None:
        """At once, in the middle of whatever it does."""
        assert self.process
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(20)
        self.process = None

    def stop(self) -> None:
        if self.process is None:
            return
        self.process.terminate()
        self.process.wait(20)
        self.process = None

    def rows(self, statement: str, *values: Any) -> list[Any]:
        """What the database says, past the product."""
        plain = self.database.replace("postgresql+psycopg://", "postgresql://")
        with psycopg.connect(plain, autocommit=True) as connection:
            done = connection.execute(statement, values or None)
            return done.fetchall() if done.description else []
