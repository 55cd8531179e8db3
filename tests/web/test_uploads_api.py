"""PATCH /api/v1/photos/{uuid} over a real connection that breaks, and what the phone is told."""

import hashlib
import http.client
import socket
from collections.abc import Callable
from uuid import uuid4

import pytest
from sqlalchemy import text

from cases.photos import directory
from core.db import Sessions
from core.settings import Settings
from people.roles import Role
from tests.cases.test_photos import picture
from tests.web.conftest import Browser

WHOLE = picture(size=(640, 480), quality=95)
HALF = len(WHOLE) // 2


def told(offset: int, total: int = len(WHOLE)) -> dict[str, str]:
    return {
        "Upload-Offset": str(offset),
        "Upload-Length": str(total),
        "Content-Type": "application/octet-stream",
    }


def test_parts_are_answered_202_then_201_and_again_200(
    browser: Callable[..., Browser], settings: Settings, sessions: Sessions
) -> None:
    wang, path = browser("wang", Role.INSPECTOR), f"/api/v1/photos/{uuid4()}"
    assert wang.get(f"{path}/upload").json == {"offset": 0, "complete": False}
    first = wang.ask("PATCH", path, data=WHOLE[:HALF], headers=told(0))
    assert (first.status_code, first.json) == (202, {"offset": HALF})
    wrong = wang.ask("PATCH", path, data=WHOLE[:HALF], headers=told(0))
    assert (wrong.status_code, wrong.json["type"]) == (409, "urn:wangge:problem:upload-offset")
    assert wrong.json["offset"] == HALF
    last = wang.ask("PATCH", path, data=WHOLE[HALF:], headers=told(HALF))
    assert (last.status_code, last.json["sha256"]) == (201, hashlib.sha256(WHOLE).hexdigest())
    last.close()
    assert list((directory(settings.storage) / "parts").iterdir()) == []
    assert wang.ask("PATCH", path, data=WHOLE[HALF:], headers=told(HALF)).status_code == 200
    assert wang.get(f"{path}/upload").json == {"offset": len(WHOLE), "complete": True}
    assert wang.ask("PUT", path, data=WHOLE, content_type="image/jpeg").status_code == 200
    with sessions.begin() as session:
        assert session.execute(text("SELECT count(*) FROM photos")).scalar() == 1


@pytest.mark.parametrize(
    "headers",
    [{}, {"Upload-Offset": "0"}, {"Upload-Offset": "-1", "Upload-Length": "9"}, {"Upload-Offset": "x"}],
)
def test_headers_that_are_missing_or_wrong_are_named(browser: Callable[..., Browser], headers: dict[str, str]) -> None:
    path = f"/api/v1/photos/{uuid4()}"
    refused = browser("wang", Role.INSPECTOR).ask("PATCH", path, data=b"x", headers=headers)
    assert refused.status_code == 422
    assert {error["field"] for error in refused.json["errors"]} <= {"Upload-Offset", "Upload-Length"}


def test_a_part_cut_off_in_the_middle_keeps_what_arrived(
    address: tuple[str, int], bearer: Callable[..., dict[str, str]]
) -> None:
    headers, path = bearer("wang", Role.INSPECTOR), f"/api/v1/photos/{uuid4()}"

    def ask(method: str, where: str, body: bytes | None = None, **more: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(*address)
        connection.request(method, where, body, headers | more)
        answer = connection.getresponse()
        found = answer.status, answer.read()
        connection.close()
        return found

    lines = [f"PATCH {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(WHOLE)}"]
    lines += [f"{name}: {value}" for name, value in (headers | told(0)).items()]
    with socket.create_connection(address) as cut:
        cut.sendall("\r\n".join([*lines, "", ""]).encode() + WHOLE[:HALF])
        cut.shutdown(socket.SHUT_WR)
        assert cut.recv(1000).split()[1] == b"400"  # the server has seen that no more comes
    assert ask("GET", f"{path}/upload") == (200, b'{"offset":%d,"complete":false}' % HALF)
    status, _ = ask("PATCH", path, WHOLE[HALF:], **told(HALF))
    assert status == 201
