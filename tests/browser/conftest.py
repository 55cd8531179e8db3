"""The product as it runs (web server, database, built pages), and Chromium in front of it."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from cases.demo.cast import create_cast
from core.db import Sessions
from core.settings import load_settings
from people.passwords import hash_password
from scripts.cluster import for_service
from tests.conftest import _clone

ROOT = Path(__file__).resolve().parent.parent.parent
PASSWORD = "correct horse battery staple"
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
PEOPLES_SQUARE = {"longitude": 121.4737, "latitude": 31.2304, "accuracy": 8}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True)
class Site:
    """The running product."""

    url: str
    database: str


@pytest.fixture(scope="session")
def site(server_url: str, city_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Web server on a clone of the city with the demo's people."""
    if not (ROOT / "web/static/manifest.json").exists():
        pytest.fail("the pages are not built: make setup, or cd web/client && npm ci && npm run build")
    with _clone(server_url, city_template) as url:
        environment = {
            "WANGGE_DATABASE_URL": for_service(url),
            "WANGGE_DEMO_ENABLED": "true",
            "WANGGE_STORAGE_PHOTOS": str(tmp_path_factory.mktemp("photos")),
            "WANGGE_LOGS_LEVEL": "WARNING",
            "WANGGE_TRACK_ENABLED": "true",
        }
        sessions = Sessions(load_settings(environ=environment))
        with sessions.begin() as session:
            create_cast(session, password_hash=hash_password(PASSWORD), now=datetime.now(UTC))  # noqa: TID251 (the web server reads the real clock too)
        sessions.close()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        granian = Path(sys.executable).parent / "granian"
        command = [granian, "app:create_app", "--factory", "--interface", "wsgi", "--no-ws", "--host", "127.0.0.1"]
        # each open page holds a thread with its event stream
        threads = str(load_settings(environ=environment).web.blocking_threads)
        command += ["--port", str(port), "--workers", "1", "--blocking-threads", threads, "--log-level", "warning"]
        command += ["--workers-kill-timeout", "3"]
        server = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment})
        try:
            _wait(f"http://127.0.0.1:{port}/healthz")
            yield Site(f"http://127.0.0.1:{port}", url)
        finally:
            server.terminate()
            server.wait(20)


def _wait(url: str) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"{url} does not answer")


@pytest.fixture(scope="session")
def program() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.fail("no Chromium: apt-get install chromium fonts-noto-cjk")
    return found


@pytest.fixture(scope="session")
def driver() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(driver: Playwright, program: str) -> Iterator[Browser]:
    browser = driver.chromium.launch(executable_path=program, args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture
def visit(chromium: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """`visit("inspector", phone=True)` signs that person in with a browser of their own and opens their place.

    Anything that the page asks of another host, and any error that its scripts throw, fails the test.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_page(username: str, *, phone: bool = False, language: str = "zh-CN", path: str = "/") -> Page:
        context = chromium.new_context(
            viewport=PHONE if phone else DESK,
            locale=language,
            timezone_id="Asia/Shanghai",
            geolocation=PEOPLES_SQUARE,
            permissions=["geolocation"],
            has_touch=phone,
            is_mobile=phone,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: faults.append(f"{username}: {error}"))
        page.on("request", lambda request: _note_outside(request.url, site.url, faults))
        page.goto(f"{site.url}{path}")
        if username:
            page.fill("input[name=username]", username)
            page.fill("input[name=password]", PASSWORD)
            page.get_by_test_id("signin-submit").click()
            page.wait_for_url(lambda url: url.rstrip("/") != site.url)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not faults, faults


def _note_outside(url: str, home: str, faults: list[str]) -> None:
    if not url.startswith((home, "data:", "blob:")):
        faults.append(f"asks an outside host: {url}")
