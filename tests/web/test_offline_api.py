"""What comes from phones that were offline: sent again and again, with a clock of their own, late."""

import http.client
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import uuid4

import orjson
import pytest
from sqlalchemy import text

from core.db import Sessions
from people.roles import Role
from tests.web.conftest import Browser

SENDERS = 10
REPORT = {
    "category_code": "01001",
    "description": "井盖缺失",
    "source": "inspector",
    "point": {"lon": 121.4737, "lat": 31.2304, "crs": "wgs84", "accuracy_m": 8},
    "observed_at": "2026-03-09T23:00:00Z",
}


def reported(browser: Browser, **more: Any) -> Any:
    """The case of a report, as it is shown."""
    sent = browser.ask("PUT", f"/api/v1/reports/{uuid4()}", json=REPORT | {"photos": [str(uuid4())]} | more)
    assert sent.status_code == 201, sent.text
    return browser.get(f"/api/v1/cases/{sent.json['case']['no']}").json


def test_one_report_sent_ten_times_at_once_is_one_case_and_ten_equal_answers(
    address: tuple[str, int], bearer: Callable[..., dict[str, str]], sessions: Sessions
) -> None:
    headers = bearer("yan", Role.INSPECTOR) | {"Content-Type": "application/json"}
    path, body = f"/api/v1/reports/{uuid4()}", orjson.dumps(REPORT | {"photos": [str(uuid4())]})
    together = Barrier(SENDERS)

    def send(_: int) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(*address)
        connection.connect()
        together.wait(10)
        connection.request("PUT", path, body, headers)
        answer = connection.getresponse()
        found = answer.status, answer.read()
        connection.close()
        return found

    with ThreadPoolExecutor(SENDERS) as pool:
        answers = list(pool.map(send, range(SENDERS)))
    assert sorted(status for status, _ in answers) == [200] * (SENDERS - 1) + [201]
    first, *others = (orjson.loads(told) for _, told in answers)
    assert others == [first] * (SENDERS - 1)
    with sessions.begin() as session:
        assert session.execute(text("SELECT (SELECT count(*) FROM cases), (SELECT count(*) FROM reports)")).one() == (
            1,
            1,
        )


@pytest.mark.parametrize(
    ("device", "shown"),
    [
        ("2026-03-10T02:00:00Z", "2026-03-10T02:00:00Z"),
        ("2031-01-01T00:00:00+08:00", "2030-12-31T16:00:00Z"),
        ("1970-01-01T00:01:00Z", "1970-01-01T00:01:00Z"),
        ("2026-03-10T07:00:00+08:00", None),
    ],
)
def test_the_phones_own_clock_is_kept_beside_the_right_moment(
    browser: Callable[..., Browser], device: str, shown: str | None
) -> None:
    report = reported(browser("yan", Role.INSPECTOR), device_at=device)["report"]
    assert (report["observed_at"], report["device_at"]) == ("2026-03-09T23:00:00Z", shown)


def test_without_a_device_clock_none_is_shown_and_what_is_no_moment_is_refused(
    browser: Callable[..., Browser],
) -> None:
    yan = browser("yan", Role.INSPECTOR)
    assert reported(yan)["report"]["device_at"] is None
    refused = yan.ask(
        "PUT", f"/api/v1/reports/{uuid4()}", json=REPORT | {"photos": [str(uuid4())], "device_at": "noon"}
    )
    assert refused.status_code == 422
    assert [(error["field"], error["code"]) for error in refused.json["errors"]] == [("device_at", "not_time")]


def test_another_device_clock_is_another_body(browser: Callable[..., Browser]) -> None:
    yan, path, photo = browser("yan", Role.INSPECTOR), f"/api/v1/reports/{uuid4()}", str(uuid4())
    for device, status in (("2026-03-10T02:00:00Z", 201), ("2026-03-10T02:00:00Z", 200), ("2026-03-10T02:00:01Z", 409)):
        assert yan.ask("PUT", path, json=REPORT | {"photos": [photo], "device_at": device}).status_code == status
