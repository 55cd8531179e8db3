"""Signing in and out over HTTP."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from core.db import Sessions
from people.accounts import disable_person
from people.roles import Role
from tests.web.conftest import PASSWORD, STREET, Browser
from web.signin import person, public

Browsers = Callable[..., Browser]


def test_a_sign_in_answers_who_one_is_and_sets_a_cookie_that_scripts_cannot_read(
    client: FlaskClient, account: Callable[..., str]
) -> None:
    account()
    answer = client.post("/api/v1/session", json={"username": "Wang", "password": PASSWORD})
    assert answer.status_code == 200
    assert answer.json["person"]["username"] == "wang"
    assert answer.json["roles"] == [
        {
            "role": "acceptor",
            "centre": {"code": STREET, "name": "南京东路街道", "level": "street"},
            "department": None,
        }
    ]
    assert answer.json["home"] == "/desk"
    assert "see_cases" in answer.json["permissions"]
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("wangge_session=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    again = client.get("/api/v1/session")
    assert again.json == answer.json


@pytest.mark.parametrize(
    ("role", "home"),
    [
        (Role.INSPECTOR, "/field"),
        (Role.ACCEPTOR, "/desk"),
        (Role.SHIFT_LEAD, "/desk"),
        (Role.DISPATCHER, "/desk"),
        (Role.HANDLER, "/desk"),
        (Role.LEADER, "/leadership"),
        (Role.ADMIN, "/admin"),
    ],
)
def test_everybody_has_a_place_of_their_own(browser: Browsers, role: Role, home: str) -> None:
    mine = browser("wang", role)
    assert mine.get("/api/v1/session").json["home"] == home
    assert mine.get("/").headers["Location"] == home


def test_a_sign_in_outlives_the_browser_as_long_as_the_session_lasts(browser: Browsers) -> None:
    cookie = browser().client.get_cookie("wangge_session")
    assert cookie.max_age == 12 * 3600


def test_a_wrong_password_is_refused_in_both_languages_and_counted(
    client: FlaskClient, account: Callable[..., str], sessions: Sessions
) -> None:
    account()
    body = {"username": "wang", "password": "wrong"}
    english = client.post("/api/v1/session", json=body, headers={"Accept-Language": "en-GB,en;q=0.9"})
    chinese = client.post("/api/v1/session", json=body, headers={"Accept-Language": "zh-CN"})
    assert (english.status_code, chinese.status_code) == (401, 401)
    assert english.json["type"] == chinese.json["type"] == "urn:wangge:problem:bad-sign-in"
    assert english.json["title"] == "Wrong name or password"
    assert chinese.json["title"] == "用户名或密码不对"
    assert "Set-Cookie" not in english.headers
    with sessions.begin() as session:
        assert session.execute(text("SELECT count(*) FROM signin_failures")).scalar() == 2


def test_after_five_failures_even_the_right_password_waits(client: FlaskClient, account: Callable[..., str]) -> None:
    account()
    for _ in range(5):
        assert client.post("/api/v1/session", json={"username": "wang", "password": "wrong"}).status_code == 401
    answer = client.post("/api/v1/session", json={"username": "wang", "password": PASSWORD})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    assert answer.json["retry_after"] == int(answer.headers["Retry-After"])


def test_signing_out_ends_the_session(browser: Browsers) -> None:
    mine = browser()
    kept = mine.client.get_cookie("wangge_session").value
    assert mine.delete("/api/v1/session").status_code == 204
    assert mine.client.get_cookie("wangge_session") is None
    mine.client.set_cookie("wangge_session", kept)
    answer = mine.get("/api/v1/session")
    assert (answer.status_code, answer.json["type"]) == (401, "urn:wangge:problem:session-expired")


@pytest.mark.parametrize("column", ["expires_at", "seen_at"])
def test_a_session_that_is_too_old_or_was_idle_is_refused(browser: Browsers, sessions: Sessions, column: str) -> None:
    mine = browser()
    with sessions.begin() as session:
        session.execute(text(f"UPDATE sign_ins SET {column} = {column} - interval '12 hours'"))
    answer = mine.get("/api/v1/session")
    assert answer.status_code == 401
    assert answer.json["type"] == "urn:wangge:problem:session-expired"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_request_marks_the_device_as_seen(browser: Browsers, sessions: Sessions) -> None:
    mine = browser()
    with sessions.begin() as session:
        session.execute(text("UPDATE sign_ins SET seen_at = seen_at - interval '3 hours'"))
    assert mine.get("/api/v1/session").status_code == 200
    with sessions.begin() as session:
        idle = session.execute(text("SELECT seen_at - created_at FROM sign_ins")).scalar()
    assert timedelta() <= idle < timedelta(minutes=1)


def test_one_ends_another_of_ones_devices_and_a_disabled_person_ends_all(
    app: Flask, browser: Browsers, sessions: Sessions, now: datetime
) -> None:
    phone = browser()
    desk = Browser(app.test_client(), "wang").sign_in()
    devices = desk.get("/api/v1/session/devices").json["items"]
    assert [device["current"] for device in devices] == [True, False]
    assert desk.delete(f"/api/v1/session/devices/{devices[1]['id']}").status_code == 204
    assert phone.get("/api/v1/session").status_code == 401
    assert desk.delete(f"/api/v1/session/devices/{devices[1]['id']}").status_code == 404
    with sessions.begin() as session:
        disable_person(session, "wang", now=now)
    assert desk.get("/api/v1/session").status_code == 401


# --- the CSRF guard


@pytest.mark.parametrize("token", [None, "", "wrong", "错"])
def test_a_write_by_cookie_needs_the_sessions_token(browser: Browsers, token: str | None) -> None:
    mine = browser()
    headers = {} if token is None else {"X-CSRF-Token": token.encode().decode("latin-1")}
    answer = mine.client.post("/api/v1/tokens", json={"name": "x"}, headers=headers)
    assert answer.status_code == 403
    assert answer.json["type"] == "urn:wangge:problem:csrf-token-wrong"


def test_the_token_of_another_session_does_not_help(app: Flask, browser: Browsers) -> None:
    mine, other = browser(), browser("li")
    answer = mine.client.post("/api/v1/tokens", json={"name": "x"}, headers={"X-CSRF-Token": other.csrf})
    assert answer.status_code == 403


def test_reading_needs_no_csrf_token_and_a_bearer_never_does(
    client: FlaskClient, browser: Browsers, bearer: Callable[..., dict[str, str]]
) -> None:
    assert browser().client.get("/api/v1/session").status_code == 200
    answer = client.get("/api/v1/session", headers=bearer())
    assert answer.status_code == 200
    assert answer.json["csrf_token"] is None


# --- tokens


def test_a_token_is_shown_once_listed_and_withdrawn(client: FlaskClient, browser: Browsers) -> None:
    mine = browser()
    made = mine.post("/api/v1/tokens", json={"name": "nightly import", "days": 7}).json
    headers = {"Authorization": f"Bearer {made['token']}"}
    assert client.get("/api/v1/tokens", headers=headers).json["items"][0] == {
        key: made[key] for key in ("id", "name", "created_at", "expires_at")
    }
    assert mine.delete(f"/api/v1/tokens/{made['id']}").status_code == 204
    answer = client.get("/api/v1/tokens", headers=headers)
    assert (answer.status_code, answer.json["type"]) == (401, "urn:wangge:problem:bad-token")
    assert mine.delete(f"/api/v1/tokens/{made['id']}").status_code == 404


def test_a_token_makes_no_tokens(client: FlaskClient, bearer: Callable[..., dict[str, str]]) -> None:
    headers = bearer()
    for answer in (
        client.post("/api/v1/tokens", json={"name": "x"}, headers=headers),
        client.delete("/api/v1/tokens/1", headers=headers),
        client.delete("/api/v1/session", headers=headers),
        client.delete("/api/v1/session/devices/1", headers=headers),
    ):
        assert answer.status_code == 403
        assert answer.json["type"] == "urn:wangge:problem:session-needed"


def test_the_list_of_tokens_goes_page_by_page(browser: Browsers) -> None:
    mine = browser()
    for name in "abc":
        mine.post("/api/v1/tokens", json={"name": name})
    first = mine.get("/api/v1/tokens?limit=2").json
    second = mine.get(f"/api/v1/tokens?limit=2&cursor={first['next']}").json
    assert [item["name"] for item in first["items"] + second["items"]] == ["c", "b", "a"]
    assert second["next"] is None


@pytest.mark.parametrize("cursor", ["x", "W10", "WyJhIl0", "bnVsbA", "W3RydWVd", "WzIxNDc0ODM2NDhd", "Wy0xXQ"])
def test_a_made_up_cursor_is_refused(browser: Browsers, cursor: str) -> None:
    answer = browser().get(f"/api/v1/tokens?cursor={cursor}")
    assert answer.status_code == 422
    assert [fault["code"] for fault in answer.json["errors"]] == ["bad_cursor"]


@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer", "Basic d2FuZzp4", "Bearer  ", "x"])
def test_a_bad_authorization_is_refused_even_beside_a_good_cookie(browser: Browsers, header: str) -> None:
    answer = browser().get("/api/v1/session", headers={"Authorization": header})
    assert (answer.status_code, answer.json["type"]) == (401, "urn:wangge:problem:bad-token")


def test_a_warm_bearer_costs_no_statement(
    app: Flask, client: FlaskClient, bearer: Callable[..., dict[str, str]]
) -> None:
    from sqlalchemy import event

    headers = bearer()
    client.get("/api/v1/session", headers=headers)
    engines = app.extensions["wangge"].sessions
    seen: list[str] = []
    for engine in (engines.read, engines.write):
        event.listen(engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    assert client.get("/api/v1/session", headers=headers).status_code == 200
    assert seen == []


def test_a_view_that_needs_a_person_finds_none_where_everybody_may_come(app: Flask, client: FlaskClient) -> None:
    @public
    def who() -> str:
        return person().name

    app.add_url_rule("/api/who", view_func=who)
    assert client.get("/api/who").status_code == 401


def test_the_cookie_is_for_tls_only_where_the_settings_say_so(
    app: Flask, client: FlaskClient, account: Callable[..., str]
) -> None:
    account()
    held = app.extensions["wangge"]
    held.settings = replace(held.settings, web=replace(held.settings.web, secure_cookies=True))
    answer = client.post("/api/v1/session", json={"username": "wang", "password": PASSWORD}, base_url="https://x")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "Strict-Transport-Security" in answer.headers
