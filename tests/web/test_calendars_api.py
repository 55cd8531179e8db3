"""Calendars over HTTP: read, previewed, edited, imported, copied and attached."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from cases.calendar_edits import recount
from core.db import Sessions
from people.roles import Role
from tests.cases.calendar_edits.edits import TUESDAY, clock_of, open_case, rules_put_back
from tests.make import CITY, STREET
from tests.web.conftest import Browser

CALENDARS = "/api/v1/calendars"
NOW = datetime(2026, 3, 10, 1, 30, tzinfo=UTC)
OFF = {"version": 1, "days": [{"day": "2026-03-11", "kind": "holiday", "name": "停电"}]}


@pytest.fixture(autouse=True)
def _rules(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An ordinary morning, and calendars as they were when it is over."""
    monkeypatch.setattr("web.transaction.read_clock", lambda: NOW)
    with rules_put_back(engine):
        yield


@pytest.fixture
def keeper(app: Flask, account: Callable[..., str], sessions: Sessions) -> Browser:
    """Who administers the city."""
    return Browser(app.test_client(), account("keeper", Role.ADMIN, centre=CITY)).sign_in()


@pytest.fixture
def due(sessions: Sessions) -> datetime:
    """A clock that is due on Thursday 09:00."""
    with sessions.begin() as session:
        found: datetime = clock_of(session, open_case(session), TUESDAY).due_at
    return found


def codes(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return [(one["field"], one["code"]) for one in answer.json["errors"]]


# --- reading ----------------------------------------------------------------------------------------------------------


def test_everybody_reads_calendars_and_their_days(browser: Callable[..., Browser]) -> None:
    wang = browser("wang", Role.INSPECTOR)
    listed = wang.get(CALENDARS).json
    assert [one["name"] for one in listed["items"]] == ["Shanghai"]
    assert (listed["next"], listed["warnings"]) == (None, [])
    days = wang.get(f"{CALENDARS}/1/days?year=2026").json
    assert (days["version"], len(days["days"])) == (1, 365)
    assert days["days"][0] == {
        "day": "2026-01-01", "kind": "holiday", "name": "元旦", "provisional": False,
        "source": "holidays+chinesecalendar",
    }  # fmt: skip
    assert wang.get(f"{CALENDARS}/9/days?year=2026").status_code == 404


def test_in_december_the_list_warns_of_next_year(
    browser: Callable[..., Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    wang = browser()
    monkeypatch.setattr("web.transaction.read_clock", lambda: NOW.replace(hour=2))
    assert wang.get(CALENDARS).json["warnings"] == []
    december = datetime(2026, 12, 1, 1, 30, tzinfo=UTC)
    monkeypatch.setattr("web.transaction.read_clock", lambda: december)
    late = browser("late")
    assert late.get(CALENDARS).json["warnings"] == [
        {"calendar_id": 1, "name": "Shanghai", "year": 2027, "missing": False, "provisional": 365}
    ]


def test_calendars_are_read_page_by_page(keeper: Browser) -> None:
    assert keeper.post(CALENDARS, json={"name": "值班", "copy_of": 1}).status_code == 201
    first = keeper.get(f"{CALENDARS}?limit=1").json
    second = keeper.get(f"{CALENDARS}?limit=1&cursor={first['next']}").json
    assert [one["name"] for one in first["items"] + second["items"]] == ["Shanghai", "值班"]
    assert second["next"] is None


# --- preview and edit -------------------------------------------------------------------------------------------------


def test_the_preview_tells_what_moves_and_changes_nothing(keeper: Browser, due: datetime) -> None:
    answer = keeper.post(f"{CALENDARS}/1/preview", json=OFF)
    assert answer.status_code == 200, answer.text
    assert answer.json == {
        "version": 1, "clocks": 1, "moved": 1, "earlier": 0, "later": 1,
        "changed": [{"day": "2026-03-11", "was": "workday", "kind": "holiday", "name": "停电"}],
        "items": [
            {"no": "k1", "kind": "handle", "due_at": "2026-03-12T01:00:00Z", "new_due_at": "2026-03-13T01:00:00Z"}
        ],
    }  # fmt: skip
    assert keeper.get(CALENDARS).json["items"][0]["version"] == 1


def test_an_edit_is_made_counted_by_the_worker_and_listed(keeper: Browser, due: datetime, sessions: Sessions) -> None:
    made = keeper.post(f"{CALENDARS}/1/edits", json=OFF)
    assert made.status_code == 201, made.text
    assert (made.json["calendar"]["version"], made.json["edit"]["version"]) == (2, 2)
    assert (made.json["edit"]["person"], made.json["edit"]["done_at"]) == ("王", None)
    with sessions.begin() as session:
        assert recount(session, now=datetime(2026, 3, 10, 1, 31, tzinfo=UTC))
    [edit] = keeper.get(f"{CALENDARS}/1/edits").json["items"]
    assert (edit["clocks"], edit["moved"], edit["done_at"]) == (1, 1, "2026-03-10T01:31:00Z")
    with sessions.begin() as session:
        assert session.execute(text("SELECT due_at - :due FROM clocks"), {"due": due}).scalar_one().days == 1


def test_a_notice_is_imported_as_text(keeper: Browser) -> None:
    notice = "2027-01-01,holiday,元旦\n2027-01-02,holiday,元旦\n2027-01-03,makeup,元旦\n"
    made = keeper.post(f"{CALENDARS}/1/edits", json={"version": 1, "text": notice})
    assert made.status_code == 201, made.text
    year = made.json["calendar"]["years"][-1]
    assert year == {"year": 2027, "days": 365, "complete": True, "provisional": 0}


def test_shifts_over_midnight_are_set_from_a_day_on(keeper: Browser) -> None:
    wish = {"version": 1, "schedules": [{"valid_from": "2026-04-01", "shifts": [["22:00", "06:00"]]}]}
    made = keeper.post(f"{CALENDARS}/1/edits", json=wish)
    assert made.status_code == 201, made.text
    assert made.json["calendar"]["schedules"][-1] == {"valid_from": "2026-04-01", "shifts": [["22:00", "06:00"]]}


def test_of_two_administrators_at_once_one_wins_and_the_other_is_told_to_look_again(
    app: Flask, account: Callable[..., str]
) -> None:
    username = account("keeper", Role.ADMIN, centre=CITY)
    start = Barrier(2)

    def edit(day: str) -> tuple[int, str | None]:
        one = Browser(app.test_client(), username).sign_in()
        start.wait()
        answer = one.post(f"{CALENDARS}/1/edits", json={**OFF, "days": [{"day": day, "kind": "holiday", "name": ""}]})
        return answer.status_code, answer.json.get("type")

    with ThreadPoolExecutor(2) as pool:
        results = sorted(pool.map(edit, ["2026-03-11", "2026-03-12"]))
    assert results == [(201, None), (409, "urn:wangge:problem:stale-version")]


def test_a_stale_edit_is_refused_in_words_about_the_calendar(keeper: Browser) -> None:
    keeper.post(f"{CALENDARS}/1/edits", json=OFF)
    late = keeper.post(f"{CALENDARS}/1/preview", json=OFF)
    assert (late.status_code, late.json["version"]) == (409, 2)
    assert late.json["detail"] == "This is at version 2 by now. Open it again, look, then change it."


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({"version": 1}, [("", "nothing_changes")]),
        ({"version": 1, "days": [], "text": ""}, [("", "nothing_changes")]),
        ({"version": 1, "days": [{"day": "2026-03-11", "kind": "feast"}]}, [("days.0.kind", "not_one_of")]),
        ({"version": 1, "days": [{"day": "2026-02-30", "kind": "holiday"}]}, [("days.0.day", "not_date")]),
        ({"version": 1, "days": [{"day": "2026-03-09", "kind": "holiday"}]}, [("days.0.day", "day_past")]),
        ({"version": 1, "text": "2026-03-11;holiday"}, [("text.1", "bad_line")]),
        ({"version": 1, "schedules": [{"valid_from": "2026-04-01", "shifts": [["8:00", "12:00"]]}]},
         [("schedules.0.shifts.0.0", "bad_form")]),
        ({"version": 1, "schedules": [{"valid_from": "2026-04-01", "shifts": [["08:00"]]}]},
         [("schedules.0.shifts.0", "too_few")]),
        ({"version": "1", "days": []}, [("version", "not_whole_number")]),
        ({"days": [], "more": 1}, [("more", "unknown"), ("version", "required")]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("way", ["preview", "edits"])
def test_a_wish_that_cannot_be_is_refused_with_the_place_of_its_fault(
    keeper: Browser, way: str, body: dict[str, Any], faults: list[tuple[str, str]]
) -> None:
    assert codes(keeper.post(f"{CALENDARS}/1/{way}", json=body)) == faults
    assert keeper.get(CALENDARS).json["items"][0]["version"] == 1


# --- copies, and who works by them ------------------------------------------------------------------------------------


def test_a_calendar_is_copied_and_attached_to_a_centre_and_to_a_department(keeper: Browser) -> None:
    made = keeper.post(CALENDARS, json={"name": "值班", "copy_of": 1})
    assert made.status_code == 201, made.text
    duty = made.json["id"]
    attached = keeper.ask("PUT", f"/api/v1/centres/{STREET}/calendar", json={"calendar_id": duty})
    assert attached.json == {"code": STREET, "name": "南京东路街道", "level": "street", "calendar_id": duty}
    new = {"code": "works", "name": "市政所", "name_en": "Works", "centre": STREET}
    assert keeper.post("/api/v1/departments", json=new).status_code == 201
    for calendar in (1, None):
        attached = keeper.ask("PUT", "/api/v1/departments/works/calendar", json={"calendar_id": calendar})
        assert (attached.status_code, attached.json["calendar_id"]) == (200, calendar)
    items = keeper.get(CALENDARS).json["items"]
    assert [(one["centres"], one["departments"]) for one in items] == [(6733, 0), (1, 0)]


def test_what_is_taken_or_not_there_is_refused(keeper: Browser) -> None:
    taken = keeper.post(CALENDARS, json={"name": "Shanghai", "copy_of": 1})
    assert (taken.status_code, taken.json["type"]) == (409, "urn:wangge:problem:calendar-taken")
    assert codes(keeper.post(CALENDARS, json={"name": "x", "copy_of": 9})) == [("copy_of", "no_such_calendar")]
    centre = keeper.ask("PUT", f"/api/v1/centres/{STREET}/calendar", json={"calendar_id": 9})
    assert codes(centre) == [("calendar_id", "no_such_calendar")]
    assert keeper.ask("PUT", "/api/v1/centres/x/calendar", json={"calendar_id": 1}).status_code == 404
    assert keeper.ask("PUT", "/api/v1/departments/x/calendar", json={"calendar_id": 1}).status_code == 404


# --- who may ----------------------------------------------------------------------------------------------------------


def test_a_streets_administrator_attaches_calendars_there_and_changes_none(browser: Callable[..., Browser]) -> None:
    root = browser("root", Role.ADMIN)
    assert root.post(f"{CALENDARS}/1/edits", json=OFF).status_code == 403
    assert root.post(f"{CALENDARS}/1/preview", json=OFF).status_code == 403
    assert root.post(CALENDARS, json={"name": "x", "copy_of": 1}).status_code == 403
    assert root.ask("PUT", f"/api/v1/centres/{STREET}/calendar", json={"calendar_id": 1}).status_code == 200
    assert root.ask("PUT", f"/api/v1/centres/{CITY}/calendar", json={"calendar_id": 1}).status_code == 403


def test_a_leader_changes_nothing(browser: Callable[..., Browser]) -> None:
    leader = browser("leader", Role.LEADER)
    answer = leader.post(f"{CALENDARS}/1/edits", json=OFF)
    assert (answer.status_code, answer.json["needs"]) == (403, ["keep_rules"])
