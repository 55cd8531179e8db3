"""People at their desks: each signs in over HTTP and works through the API like anybody else."""

import io
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from cases.demo.cast import create_cast
from core.db import Sessions
from people.passwords import hash_password

PASSWORD = "correct horse battery staple"
PEOPLES_SQUARE = {"lon": 121.4737, "lat": 31.2304, "crs": "wgs84", "accuracy_m": 8}


def picture(shade: int = 90) -> bytes:
    """A small JPEG."""
    out = io.BytesIO()
    Image.new("RGB", (64, 48), (shade, 120, 90)).save(out, "JPEG")
    return out.getvalue()


@dataclass
class Seat:
    """A signed-in browser."""

    client: FlaskClient
    username: str
    csrf: str = ""
    language: str = "en"
    log: list[tuple[str, int]] = field(default_factory=list)

    def sign_in(self, password: str = PASSWORD) -> "Seat":
        answer = self.client.post("/api/v1/session", json={"username": self.username, "password": password})
        assert answer.status_code == 200, answer.text
        self.csrf = answer.json["csrf_token"]
        return self

    def ask(self, method: str, path: str, **keywords: Any) -> TestResponse:
        headers = {"X-CSRF-Token": self.csrf, "Accept-Language": self.language, **keywords.pop("headers", {})}
        answer = self.client.open(f"/api/v1{path}", method=method, headers=headers, **keywords)
        self.log.append((f"{method} {path}", answer.status_code))
        return answer

    def get(self, path: str, status: int = 200, **keywords: Any) -> Any:
        answer = self.ask("GET", path, **keywords)
        assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text}"
        return answer.json

    def put(self, path: str, body: Any, status: int = 201) -> Any:
        answer = self.ask("PUT", path, json=body)
        assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text}"
        return answer.json

    def photo(self, shade: int = 90) -> str:
        """Send a photo first; answers its uuid."""
        name = str(uuid.uuid4())
        answer = self.ask("PUT", f"/photos/{name}", data=picture(shade), content_type="image/jpeg")
        assert answer.status_code in {200, 201}, answer.text
        return name

    def report(self, status: int = 201, **changes: Any) -> Any:
        """Report a missing manhole cover at People's Square, unless told otherwise."""
        body = {
            "category_code": "01001",
            "description": "井盖缺失",
            "point": PEOPLES_SQUARE,
            "source": "inspector",
            **changes,
        }
        if "photos" not in body and body["source"] == "inspector":
            body["photos"] = [self.photo()]
        return self.put(f"/reports/{uuid.uuid4()}", body, status)

    def case(self, no: str) -> Any:
        return self.get(f"/cases/{no}")

    def do(self, verb: str, no: str, status: int = 200, version: int | None = None, **fields: Any) -> Any:
        """One verb with the version seen now."""
        seen = self.case(no)["version"] if version is None else version
        answer = self.ask("POST", f"/cases/{no}/verbs/{verb}", json={"version": seen, **fields})
        assert answer.status_code == status, f"{verb}: {answer.status_code} {answer.text}"
        return answer.json


class Time:
    """The web's clock, held still and moved by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 10, 1, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **delta: float) -> datetime:
        self.now += timedelta(**delta)
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Time:
    """Tuesday 2026-03-10 09:30 in Shanghai for the web, until moved."""
    time = Time()
    monkeypatch.setattr("web.transaction.read_clock", time)
    return time


@pytest.fixture(scope="session")
def password_hash() -> str:
    return hash_password(PASSWORD)


@pytest.fixture
def seat(app: Flask, sessions: Sessions, clock: Time, password_hash: str) -> Callable[[str], Seat]:
    """`seat("inspector")` is that person of the demo's cast, signed in."""
    with sessions.begin() as session:
        create_cast(session, password_hash=password_hash, now=clock.now)

    def sit(username: str) -> Seat:
        return Seat(app.test_client(), username).sign_in()

    return sit
