"""Duty areas over HTTP: drawn by who leads the patrol there, walked by inspectors there, seen from above."""

import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from core.db import Sessions
from people.duty_areas import areas_of
from people.roles import Role
from tests.web.conftest import Browser

AREAS = "/api/v1/duty-areas"
STREET, DISTRICT, CITY, OTHER = "310101002000", "310101000000", "310000000000", "310106013000"
VILLAGE, NEXT = "310101002001", "310101002002"
WEST, SOUTH, EAST, NORTH = 121.470, 31.232, 121.476, 31.236


def ring(west: float = WEST, south: float = SOUTH, east: float = EAST, north: float = NORTH) -> dict[str, Any]:
    places = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [places]}


def area(**other: Any) -> dict[str, Any]:
    return {"name": "人民广场片区", "centre_code": STREET, "polygon": ring()} | other


@pytest.fixture
def sit(app: Flask, account: Callable[..., str], sessions: Sessions) -> Iterator[Callable[..., Browser]]:
    def made(username: str, role: Role, centre: str = STREET) -> Browser:
        return Browser(app.test_client(), account(username, role, centre=centre)).sign_in()

    yield made
    with sessions.begin() as session:
        session.execute(text("DELETE FROM overlays"))


@pytest.fixture
def lead(sit: Callable[..., Browser]) -> Browser:
    return sit("lead", Role.SHIFT_LEAD)


def put(browser: Browser, path: str, body: Any) -> Any:
    return browser.ask("PUT", f"{AREAS}/{path}", json=body)


def person_id(browser: Browser) -> int:
    return int(browser.get("/api/v1/session").json["person"]["id"])


def codes(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return [(one["field"], one["code"]) for one in answer.json["errors"]]


def problem(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["type"].rpartition(":")[2]


def test_an_area_is_drawn_changed_given_out_and_dropped(
    lead: Browser, sit: Callable[..., Browser], sessions: Sessions
) -> None:
    made = put(lead, "A1", area())
    assert made.status_code == 201, made.text
    assert made.json["centre"] == {"code": STREET, "name": "南京东路街道"}
    assert made.json["polygon"]["type"] == "MultiPolygon"
    assert made.json["area_m2"] == pytest.approx(253_500, rel=0.01)
    again = put(lead, "A1", area())
    assert (again.status_code, again.json) == (200, made.json)
    assert put(lead, "A1", area(name="新名字")).json["name"] == "新名字"

    walker = sit("walker", Role.INSPECTOR)
    me = person_id(walker)
    given = put(lead, "A1/people", {"people": [me]})
    assert [one["id"] for one in given.json["people"]] == [me]
    assert put(lead, "A1/people", {"people": [me, me]}).json["people"] == given.json["people"]
    with sessions.read.connect() as connection:
        [mine] = areas_of(connection, me)
    assert (mine["code"], mine["name"], mine["polygon"]["type"]) == ("A1", "新名字", "MultiPolygon")
    assert [one["code"] for one in walker.get(AREAS).json["items"]] == ["A1"]

    assert lead.delete(f"{AREAS}/A1").status_code == 204
    assert problem(lead.delete(f"{AREAS}/A1")) == (404, "no-such-duty-area")
    assert lead.get(AREAS).json == {"items": [], "next": None}
    with sessions.read.connect() as connection:
        assert areas_of(connection, me) == []
    back = put(lead, "A1", area())
    assert (back.status_code, back.json["people"]) == (201, [])


def test_an_area_is_made_of_cells(lead: Browser) -> None:
    one, both = (put(lead, "C", area(polygon=None, cells=cells)).json for cells in ([VILLAGE], [VILLAGE, NEXT]))
    assert both["area_m2"] > one["area_m2"]
    refused = put(lead, "C", area(polygon=None, cells=[VILLAGE, "310199999999", "310106013001", DISTRICT]))
    assert codes(refused) == [
        ("cells.1", "no_such_cell"),
        ("cells.2", "not_its_ground"),
        ("cells.3", "not_its_ground"),
    ]
    assert codes(put(lead, "C", area(cells=[VILLAGE]))) == [("", "polygon_or_cells")]
    assert codes(put(lead, "C", area(polygon=None))) == [("", "polygon_or_cells")]


BOW = {"type": "Polygon", "coordinates": [[[WEST, SOUTH], [EAST, NORTH], [EAST, SOUTH], [WEST, NORTH], [WEST, SOUTH]]]}


@pytest.mark.parametrize(
    ("polygon", "code"),
    [
        ({}, "no_polygon"),
        ({"type": "Polygon"}, "no_polygon"),
        ({"type": "Polygon", "coordinates": []}, "no_polygon"),
        ({"type": "Polygon", "coordinates": [[[WEST, SOUTH], [EAST, NORTH]]]}, "no_polygon"),
        ({"type": "Polygon", "coordinates": "x"}, "no_polygon"),
        ({"type": "Polygon", "coordinates": [[[None, 1], [2, 3], [4, 5], [None, 1]]]}, "no_polygon"),
        ({"type": "Point", "coordinates": [WEST, SOUTH]}, "no_polygon"),
        ({"type": "GeometryCollection", "geometries": []}, "no_polygon"),
        (BOW, "crosses_itself"),
        (ring(WEST, SOUTH, WEST + 1e-5, SOUTH + 1e-5), "too_small_area"),
        (ring(WEST, SOUTH, WEST, NORTH), "crosses_itself"),
        (ring(SOUTH, WEST, NORTH, EAST), "swapped"),
        (ring(1e9, SOUTH, EAST, NORTH), "no_place"),
        (ring(116.3, 39.9, 116.4, 40.0), "not_its_ground"),
        (ring(70.0, 10.0, 130.0, 50.0), "not_its_ground"),
        (ring(-170.0, -80.0, 170.0, 80.0), "not_its_ground"),
        ({"type": "Polygon", "coordinates": [[[WEST + i % 9 * 1e-4, SOUTH] for i in range(20_001)]]}, "too_many"),
    ],
)
def test_what_is_no_area_is_refused_and_nothing_changes(polygon: dict[str, Any], code: str, lead: Browser) -> None:
    found = codes(put(lead, "A1", area(polygon=polygon)))
    assert [name for _, name in found] == [code]
    assert lead.get(AREAS).json["items"] == []


@pytest.mark.parametrize(("tag", "word"), [("zh-CN", "自身相交"), ("en", "crosses")])
def test_a_polygon_that_crosses_itself_is_told_where_in_the_readers_language(
    tag: str, word: str, lead: Browser
) -> None:
    refused = lead.ask("PUT", f"{AREAS}/A1", json=area(polygon=BOW), headers={"Accept-Language": tag})
    [error] = refused.json["errors"]
    assert word in error["message"]
    assert re.search(r"121\.\d+, 31\.\d+", error["message"])
    assert tag == "en" or not re.search("[A-Za-z]", error["message"])


@pytest.mark.parametrize("code", ["x" * 25, "a b", "%E5%8C%BA"])
def test_a_code_has_letters_and_digits(code: str, lead: Browser) -> None:
    assert codes(put(lead, code, area())) == [("code", "bad_form")]


def test_only_who_leads_the_patrol_there_keeps_its_areas(lead: Browser, sit: Callable[..., Browser]) -> None:
    put(lead, "A1", area())
    inspector, acceptor = sit("inspector", Role.INSPECTOR), sit("acceptor", Role.ACCEPTOR)
    stranger, leader = sit("stranger", Role.SHIFT_LEAD, OTHER), sit("chief", Role.LEADER, DISTRICT)
    for browser in (inspector, acceptor):
        assert problem(put(browser, "A1", area())) == (403, "not-allowed")
        assert browser.delete(f"{AREAS}/A1").status_code == 403
    assert stranger.get(AREAS).json["items"] == []
    assert problem(stranger.get(f"{AREAS}?centre={STREET}")) == (404, "no-such-centre")
    assert problem(put(stranger, "A1", area())) == (404, "no-such-centre")
    assert problem(put(stranger, "A1/people", {"people": []})) == (404, "no-such-duty-area")
    assert problem(stranger.delete(f"{AREAS}/A1")) == (404, "no-such-duty-area")
    here = area(centre_code=OTHER, polygon=None, cells=[OTHER])
    assert problem(put(stranger, "A1", here)) == (409, "duty-area-taken")
    assert put(stranger, "B1", here).status_code == 201
    assert problem(put(lead, "A2", area(centre_code=DISTRICT))) == (404, "no-such-centre")
    assert put(leader, "A1", area(centre_code=DISTRICT)).json["centre"]["code"] == DISTRICT
    assert [one["code"] for one in leader.get(f"{AREAS}?centre={DISTRICT}").json["items"]] == ["A1"]
    assert lead.get(AREAS).json["items"] == []


def test_only_inspectors_at_the_centre_or_below_walk_its_areas(lead: Browser, sit: Callable[..., Browser]) -> None:
    put(lead, "A1", area())
    here, there = sit("here", Role.INSPECTOR), sit("there", Role.INSPECTOR, OTHER)
    above, acceptor = sit("above", Role.INSPECTOR, DISTRICT), sit("acceptor", Role.ACCEPTOR)
    wanted = [person_id(one) for one in (here, there, above, acceptor)] + [2_000_000_000]
    refused = put(lead, "A1/people", {"people": wanted})
    assert codes(refused) == [(f"people.{i}", "no_inspector_here") for i in range(1, 5)]
    assert lead.get(AREAS).json["items"][0]["people"] == []
    # a village's inspector walks the street's area, until the area becomes another centre's
    put(lead, "A1/people", {"people": wanted[:1]})
    chief = sit("chief", Role.LEADER, DISTRICT)
    moved = put(chief, "A1", area(centre_code=DISTRICT))
    assert [one["id"] for one in moved.json["people"]] == wanted[:1]
    village = put(chief, "A1", area(centre_code=VILLAGE, polygon=None, cells=[VILLAGE]))
    assert (village.status_code, village.json["people"]) == (200, [])


def test_areas_come_in_pages(lead: Browser) -> None:
    for i in range(3):
        put(lead, f"A{i}", area())
    first = lead.get(f"{AREAS}?limit=2").json
    rest = lead.get(f"{AREAS}?limit=2&cursor={first['next']}").json
    assert [one["code"] for one in first["items"] + rest["items"]] == ["A0", "A1", "A2"]
    assert rest["next"] is None


def test_two_who_make_the_same_area_at_once_make_one(
    app: Flask, lead: Browser, sit: Callable[..., Browser], sessions: Sessions
) -> None:
    leads = [lead, *(sit(f"lead{i}", Role.SHIFT_LEAD) for i in range(3))]
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda one=one: answers.append(put(one, "A1", area()).status_code)) for one in leads
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) in ([200, 200, 200, 201], [200, 200, 201, 201], [200, 201, 201, 201], [201] * 4)
    assert len(lead.get(AREAS).json["items"]) == 1
