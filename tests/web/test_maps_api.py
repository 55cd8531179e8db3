"""The base map over HTTP: told to who is signed in, its hosts let through and no others."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from app import create_app
from core.db import Sessions
from core.settings import Basemap, Settings
from tests.web.conftest import Browser

TILES = Basemap(url="https://t{0-1}.example.com/{z}/{x}/{y}.png?k={key}", key="open", attribution="© 天地图")


def policy(app: Flask) -> dict[str, str]:
    parts = app.test_client().get("/", headers={"Accept": "text/html"}).headers["Content-Security-Policy"].split("; ")
    return dict(part.split(" ", 1) for part in parts)


def test_without_a_base_map_nothing_from_elsewhere_is_let_in(browser: Callable[..., Browser], app: Flask) -> None:
    assert browser().get("/api/v1/map").json == {"basemap": None}
    assert (policy(app)["img-src"], policy(app)["connect-src"]) == ("'self' blob: data:", "'self'")
    assert app.test_client().get("/").headers["Referrer-Policy"] == "same-origin"


def test_a_base_map_is_told_and_its_hosts_are_let_in(
    settings: Settings, sessions: Sessions, account: Callable[..., str]
) -> None:
    app = create_app(replace(settings, basemap=TILES), sessions)
    browser = Browser(app.test_client(), account()).sign_in()
    told = browser.get("/api/v1/map").json["basemap"]
    assert (told["key"], told["attribution"], told["crs"]) == ("open", "© 天地图", "wgs84")
    hosts = "https://t0.example.com https://t1.example.com"
    found = policy(app)
    assert found["img-src"] == f"'self' blob: data: {hosts}"
    assert found["connect-src"] == f"'self' {hosts}"
    assert hosts not in found["script-src"]
    assert app.test_client().get("/").headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert browser.get("/api/v1/map").headers["Referrer-Policy"] == "same-origin"


def test_a_base_map_that_cannot_be_stops_the_start(settings: Settings, sessions: Sessions) -> None:
    with pytest.raises(SystemExit, match=r"basemap\.url"):
        create_app(replace(settings, basemap=replace(TILES, url="tiles")), sessions)


def test_nobody_is_told_without_a_sign_in(app: Flask) -> None:
    assert app.test_client().get("/api/v1/map").status_code == 401
