"""Browsers and scripts, signed in or not."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from threading import Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from core.db import Sessions
from people.accounts import add_person, give_post
from people.roles import Role

PASSWORD = "correct horse battery staple"
STREET = "310101002000"


class Browser:
    """A client that keeps its cookie and sends its CSRF token with writes."""

    def __init__(self, client: FlaskClient, username: str) -> None:
        self.client, self.username, self.csrf = client, username, ""

    def sign_in(self) -> "Browser":
        answer = self.client.post("/api/v1/session", json={"username": self.username, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        self.csrf = answer.json["csrf_token"]
        return self

    def ask(self, method: str, path: str, **words: object) -> TestResponse:
        headers = {"X-CSRF-Token": self.csrf, "Accept-Language": "en"} | dict(words.pop("headers", {}))
        return self.client.open(path, method=method, headers=headers, **words)

    def get(self, path: str, **words: object) -> TestResponse:
        return self.ask("GET", path, **words)

    def post(self, path: str, **words: object) -> TestResponse:
        return self.ask("POST", path, **words)

    def delete(self, path: str, **words: object) -> TestResponse:
        return self.ask("DELETE", path, **words)


@pytest.fixture
def account(sessions: Sessions) -> Callable[..., str]:
    """Make an account; answers its username."""

    def make(username: str = "wang", *roles: Role, centre: str = STREET) -> str:
        with sessions.begin() as session:
            person = add_person(session, username, "王", PASSWORD, now=datetime(2026, 1, 1, tzinfo=UTC))
            for role in roles or (Role.ACCEPTOR,):
                give_post(session, person, role, centre)
        return username

    return make


@pytest.fixture
def browser(app: Flask, account: Callable[..., str]) -> Callable[..., Browser]:
    """A signed-in browser of a new person."""

    def make(username: str = "wang", *roles: Role) -> Browser:
        return Browser(app.test_client(), account(username, *roles)).sign_in()

    return make


@pytest.fixture
def bearer(browser: Callable[..., Browser]) -> Callable[..., dict[str, str]]:
    """The header of a new person's token."""

    def make(username: str = "script", *roles: Role) -> dict[str, str]:
        answer = browser(username, *roles).post("/api/v1/tokens", json={"name": "test"})
        assert answer.status_code == 201, answer.text
        return {"Authorization": f"Bearer {answer.json['token']}"}

    return make


@pytest.fixture
def address(app: Flask) -> Iterator[tuple[str, int]]:
    """The app behind a real socket, each request in a thread of its own."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield "127.0.0.1", server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
