"""The shells of the pages, the build's files, the headers."""

from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from flask.testing import FlaskClient

import web.pages
from people.roles import Role
from tests.web.conftest import Browser
from web.pages import read_build

HTML = {"Accept": "text/html"}


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small build as Vite leaves it."""
    manifest = {
        "_shared.js": {"file": "assets/shared-1.js", "css": ["assets/shared-1.css"], "imports": ["_deep.js"]},
        "_deep.js": {"file": "assets/deep-1.js"},
    } | {
        f"{page}/main.tsx": {
            "file": f"assets/{page}-1.js", "isEntry": True, "imports": ["_shared.js"], "css": [f"assets/{page}-1.css"],
        }
        for page in ("signin", "field", "desk", "leadership", "admin")
    }  # fmt: skip
    static = tmp_path / "static"
    (static / "assets").mkdir(parents=True)
    (static / "manifest.json").write_bytes(orjson.dumps(manifest))
    (static / "assets" / "desk-1.js").write_text("plain")
    (static / "assets" / "desk-1.js.br").write_bytes(b"brotli")
    monkeypatch.setattr(web.pages, "STATIC", static)
    return static


def test_a_page_loads_its_entry_with_all_that_the_entry_needs(build: Path) -> None:
    desk = read_build(build)["desk"]
    assert desk.script == "/static/assets/desk-1.js"
    assert desk.preloads == ("/static/assets/shared-1.js", "/static/assets/deep-1.js")
    assert desk.styles == ("/static/assets/shared-1.css", "/static/assets/desk-1.css")


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("/field", Role.INSPECTOR),
        ("/desk", Role.ACCEPTOR),
        ("/leadership", Role.LEADER),
        ("/admin", Role.ADMIN),
    ],
)
def test_a_page_is_there_for_who_may_and_strict_about_what_it_loads(
    build: Path, browser: Callable[..., Browser], path: str, role: Role
) -> None:
    page = browser("wang", role).get(path, headers=HTML)
    assert page.status_code == 200
    assert f"/static/assets/{path[1:]}-1.js" in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["X-Frame-Options"] == "DENY"
    assert "<script>" not in page.text
    assert " style=" not in page.text


@pytest.mark.parametrize(
    ("path", "role", "microphone"),
    [
        ("/field", Role.INSPECTOR, "(self)"),
        ("/desk", Role.ACCEPTOR, "()"),
        ("/leadership", Role.LEADER, "()"),
        ("/admin", Role.ADMIN, "()"),
    ],
)
def test_only_the_phones_page_may_listen_for_descriptions_are_dictated_there(
    build: Path, browser: Callable[..., Browser], path: str, role: Role, microphone: str
) -> None:
    said = browser("wang", role).get(path, headers=HTML).headers["Permissions-Policy"]
    assert said == f"geolocation=(self), camera=(self), microphone={microphone}"


def test_without_a_sign_in_a_page_leads_to_it_and_back(build: Path, browser: Callable[..., Browser]) -> None:
    mine = browser()
    kept = mine.client.get_cookie("wangge_session").value
    mine.client.delete_cookie("wangge_session")
    answer = mine.get("/desk?queue=accept", headers=HTML)
    assert answer.headers["Location"] == "/?next=%2Fdesk%3Fqueue%3Daccept"
    assert "signin-1.js" in mine.get(answer.headers["Location"]).text
    mine.client.set_cookie("wangge_session", kept)
    assert mine.get(answer.headers["Location"]).headers["Location"] == "/desk?queue=accept"


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "desk", "/", "/\t/x", ""],
)
def test_nobody_is_led_elsewhere_after_signing_in(build: Path, browser: Callable[..., Browser], wanted: str) -> None:
    answer = browser().client.get("/", query_string={"next": wanted})
    assert answer.headers["Location"] == "/desk"


def test_a_page_that_is_not_for_ones_role_says_so_as_a_page(build: Path, browser: Callable[..., Browser]) -> None:
    answer = browser("wang", Role.HANDLER).get("/leadership", headers=HTML)
    assert (answer.status_code, answer.mimetype) == (403, "text/html")
    assert "Not allowed" in answer.text


def test_a_missing_build_says_in_a_line_what_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, client: FlaskClient
) -> None:
    monkeypatch.setattr(web.pages, "STATIC", tmp_path)
    page = client.get("/", headers=HTML)
    assert page.status_code == 503
    assert "npm run build" in page.text
    assert client.get("/sw.js").status_code == 404


@pytest.mark.parametrize(
    ("cookie", "header", "tag"), [("en", "zh-CN", "en"), ("zh-CN", "en", "zh-CN"), ("", "en", "en")]
)
def test_the_language_is_the_one_that_was_chosen_else_the_browsers(
    build: Path, client: FlaskClient, cookie: str, header: str, tag: str
) -> None:
    client.set_cookie("wangge_lang", cookie)
    assert f'<html lang="{tag}">' in client.get("/", headers={"Accept-Language": header}).text


def test_files_of_the_build_are_kept_for_ever_and_sent_compressed(build: Path, client: FlaskClient) -> None:
    plain = client.get("/static/assets/desk-1.js", buffered=True)
    packed = client.get("/static/assets/desk-1.js", headers={"Accept-Encoding": "gzip, br"}, buffered=True)
    assert (plain.data, packed.data) == (b"plain", b"brotli")
    assert packed.headers["Content-Encoding"] == "br"
    assert packed.mimetype == plain.mimetype == "text/javascript"
    assert "immutable" in plain.headers["Cache-Control"]
    assert client.get("/static/manifest.json", buffered=True).headers["Cache-Control"] == "no-cache"
    assert client.get("/static/../app.py").status_code == 404
    assert client.get("/static/%2e%2e/%2e%2e/config.toml").status_code == 404


def test_the_service_worker_may_keep_the_whole_site(build: Path, client: FlaskClient) -> None:
    (build / "sw.js").write_text("self")
    (build / "manifest.webmanifest").write_text("{}")
    worker = client.get("/sw.js", buffered=True)
    assert worker.headers["Service-Worker-Allowed"] == "/"
    assert worker.headers["Cache-Control"] == "no-cache"
    assert client.get("/manifest.webmanifest", buffered=True).mimetype == "application/manifest+json"


def test_the_admin_page_is_for_administrators(build: Path, browser: Callable[..., Browser]) -> None:
    assert "admin-1.js" in browser("root", Role.ADMIN).get("/admin", headers=HTML).text
    assert browser("wang").get("/admin", headers=HTML).status_code == 403


def test_the_icon_is_there_for_browsers_that_ask_by_its_old_name(build: Path, client: FlaskClient) -> None:
    assert client.get("/favicon.ico").status_code == 204
    (build / "icon.svg").write_text("<svg/>")
    icon = client.get("/favicon.ico", buffered=True)
    assert (icon.status_code, icon.mimetype) == (200, "image/svg+xml")


def test_problems_and_docs_have_their_few_rules_of_style(client: FlaskClient) -> None:
    style = client.get("/plain.css", buffered=True)
    assert style.mimetype == "text/css"
    assert "prefers-color-scheme: dark" in style.text


def test_a_stale_cookie_shows_the_sign_in(build: Path, client: FlaskClient) -> None:
    client.set_cookie("wangge_session", "made up")
    assert "signin-1.js" in client.get("/").text
