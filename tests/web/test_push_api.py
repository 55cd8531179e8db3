"""GET, PUT and DELETE /api/v1/push."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cases.delivery.push import make_key, public_key
from core.db import Sessions
from core.settings import Settings
from people.roles import Role
from tests.cases.delivery.push.conftest import text
from tests.web.conftest import Browser

PATH = "/api/v1/push"
POINT = ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
SUBSCRIPTION: dict[str, Any] = {
    "endpoint": "https://push.example/abc?x=1",
    "keys": {"p256dh": text(POINT), "auth": text(b"0123456789abcdef")},
    "language": "zh",
}


@pytest.fixture
def pushing(settings: Settings) -> Settings:
    return replace(settings, push=replace(settings.push, private_key=make_key(), subject="https://w.example"))


@pytest.fixture
def yan(pushing: Settings, sessions: Sessions, account: Callable[..., str]) -> Browser:
    from app import create_app

    app = create_app(pushing, sessions)
    app.testing = True
    return Browser(app.test_client(), account("yan", Role.INSPECTOR)).sign_in()


def test_a_browser_is_kept_told_of_and_dropped(yan: Browser, pushing: Settings) -> None:
    key = public_key(pushing)
    assert yan.get(PATH).json == {"key": key, "addresses": 0}
    assert yan.get("/api/v1/sync").json["settings"]["push_key"] == key
    for _ in range(2):  # again: the same browser
        assert yan.ask("PUT", PATH, json=SUBSCRIPTION).json == {"key": key, "addresses": 1}
    gone = yan.delete(PATH, query_string={"endpoint": SUBSCRIPTION["endpoint"]})
    assert gone.status_code == 204
    assert yan.get(PATH).json["addresses"] == 0
    assert yan.delete(PATH, query_string={"endpoint": SUBSCRIPTION["endpoint"]}).status_code == 204


def test_all_faults_are_told_at_once_in_words(yan: Browser) -> None:
    refused = yan.ask("PUT", PATH, json=SUBSCRIPTION | {"endpoint": "http://x/", "keys": {"p256dh": "x", "auth": "x"}})
    assert refused.status_code == 422
    assert {error["field"] for error in refused.json["errors"]} == {"endpoint", "keys.p256dh", "keys.auth"}
    assert all(error["message"] for error in refused.json["errors"])


def test_without_a_key_it_is_said_that_there_is_no_push(browser: Callable[..., Browser]) -> None:
    wang = browser("wang", Role.INSPECTOR)
    assert wang.get(PATH).json == {"key": None, "addresses": 0}
    refused = wang.ask("PUT", PATH, json=SUBSCRIPTION)
    assert (refused.status_code, refused.json["type"]) == (409, "urn:wangge:problem:push-off")
