"""Where a point is, cells, editions and tiles, over HTTP."""

import gzip
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import event

from core.db import Sessions
from core.settings import Settings
from people.accounts import add_person, give_post
from people.roles import Role
from tests.grid.town import CITY, SOUTH_WEST, as_bytes, town
from tests.web.conftest import PASSWORD, Browser

API = "/api/v1"
SQUARE = {"lon": "121.4737", "lat": "31.2304", "crs": "wgs84"}
DISTRICT, STREET, VILLAGE = "310101000000", "310101002000", "310101002017"
GEO = {"Accept": "application/geo+json"}


@pytest.fixture
def ask(app: Flask, bearer: Callable[..., dict[str, str]]) -> Callable[..., Any]:
    """GET as a signed-in person."""
    client, headers = app.test_client(), bearer("reader", Role.HANDLER)

    def get(path: str, status: int = 200, headers_: dict[str, str] | None = None, **query: Any) -> Any:
        address = f"{path}?{urlencode(query, doseq=True)}" if query else path
        answer = client.get(address, headers={"Accept-Language": "en"} | headers | (headers_ or {}))
        assert answer.status_code == status, answer.text
        return answer

    return get


# --- locate -----------------------------------------------------------------------------------------------------------


def test_locate_answers_the_village_and_its_line(ask: Callable[..., Any]) -> None:
    place = ask(f"{API}/locate", **SQUARE).json
    assert [cell["level"] for cell in place["line"]] == ["city", "district", "street", "village"]
    assert [cell["name"] for cell in place["line"]] == ["上海市", "黄浦区", "南京东路街道", "长江居委会"]
    assert place["cell"] == {"code": VILLAGE, "name": "长江居委会"}
    assert place["centre"] == {"code": VILLAGE, "name": "长江居委会", "level": "village"}
    assert (place["method"], place["confidence"], place["candidates"]) == ("inside", "high", [])
    assert place["edition"] == "demo"
    assert "geometry" not in str(place)


@pytest.mark.parametrize(
    "query",
    [
        {"lon": 121.4782231, "lat": 31.2284577, "crs": "gcj02"},
        {"x": 643.64, "y": -540.78, "crs": "sh2000"},
        SQUARE | {"crs": "cgcs2000"},
        {"lon": 121.48473, "lat": 31.234254, "crs": "bd09"},
    ],
)
def test_each_reference_finds_the_same_village(query: dict[str, Any], ask: Callable[..., Any]) -> None:
    assert ask(f"{API}/locate", **query).json["cell"]["code"] == VILLAGE


def test_a_wide_circle_names_the_other_villages(ask: Callable[..., Any]) -> None:
    place = ask(f"{API}/locate", **SQUARE, accuracy_m=100).json
    assert place["confidence"] == "low"
    assert {"310101002018", "310101002008"} <= {other["code"] for other in place["candidates"]}


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ({"lon": 121.47, "lat": 31.23}, {("crs", "required")}),
        ({"lon": 121.47, "lat": 31.23, "crs": ""}, {("crs", "not_one_of")}),
        ({"lon": 121.47, "lat": 31.23, "crs": "utm"}, {("crs", "not_one_of")}),
        ({"crs": "wgs84"}, {("lon", "required"), ("lat", "required")}),
        ({}, {("crs", "required"), ("lon", "required"), ("lat", "required")}),
        ({"lon": 121.47, "lat": 31.23, "crs": "sh2000"},
         {("x", "required"), ("y", "required"), ("lon", "unknown"), ("lat", "unknown")}),
        ({"lon": 31.2304, "lat": 121.4737, "crs": "wgs84"}, {("lat", "swapped")}),
        ({"lon": 181, "lat": 31, "crs": "gcj02"}, {("lat", "no_place")}),
        ({"x": 1e6, "y": 0, "crs": "sh2000"}, {("y", "no_place")}),
        (SQUARE | {"lon": "NaN", "lat": "inf"}, {("lon", "not_number"), ("lat", "not_number")}),
        (SQUARE | {"lon": "here"}, {("lon", "not_number")}),
        (SQUARE | {"accuracy_m": -1}, {("accuracy_m", "too_small")}),
        (SQUARE | {"accuracy_m": "nan"}, {("accuracy_m", "not_number")}),
        (SQUARE | {"at": "2026-01-01T00:00:00"}, {("at", "no_offset")}),
        (SQUARE | {"at": "1999-01-01T00:00:00Z"}, {("at", "no_edition_then")}),
        (SQUARE | {"colour": "red"}, {("colour", "unknown")}),
        (SQUARE | {"lon": ["121.1", "121.2"]}, {("lon", "duplicate")}),
    ],
)  # fmt: skip
def test_every_fault_of_a_point_is_told_by_its_field(
    query: dict[str, Any], fields: set[tuple[str, str]], ask: Callable[..., Any]
) -> None:
    problem = ask(f"{API}/locate", 422, **query)
    assert problem.mimetype == "application/problem+json"
    assert problem.json["type"] == "urn:wangge:problem:invalid"
    assert {(error["field"], error["code"]) for error in problem.json["errors"]} == fields
    assert all(error["message"] != "This is not right" for error in problem.json["errors"])


def test_swapped_numbers_are_told_so_in_the_readers_language(ask: Callable[..., Any]) -> None:
    query = {"lon": 31.2304, "lat": 121.4737, "crs": "wgs84"}
    assert "swapped" in ask(f"{API}/locate", 422, **query).json["errors"][0]["message"]
    chinese = ask(f"{API}/locate", 422, {"Accept-Language": "zh-CN"}, **query).json["errors"][0]["message"]
    assert "写反" in chinese


def test_a_point_in_the_sea_is_refused_with_the_nearest_cell_and_its_distance(ask: Callable[..., Any]) -> None:
    problem = ask(f"{API}/locate", 422, lon=123.5, lat=30.9, crs="wgs84").json
    assert problem["type"] == "urn:wangge:problem:outside-grid"
    assert problem["nearest"] == {"code": "310115145018", "name": "滨河居委会"}
    assert problem["distance_m"] == pytest.approx(145_152.5, abs=1)
    assert "145152.5" in problem["detail"]


def test_locate_costs_one_statement(ask: Callable[..., Any], sessions: Sessions) -> None:
    ask(f"{API}/locate", **SQUARE)  # the token is remembered for two seconds
    seen: list[str] = []

    def note(*facts: Any) -> None:
        seen.append(facts[2])

    for engine in (sessions.read, sessions.write):
        event.listen(engine, "before_cursor_execute", note)
    ask(f"{API}/locate", **SQUARE)
    for engine in (sessions.read, sessions.write):
        event.remove(engine, "before_cursor_execute", note)
    assert len(seen) == 1, seen


# --- cells ------------------------------------------------------------------------------------------------------------


def test_cells_are_listed_by_level_parent_and_name(ask: Callable[..., Any]) -> None:
    districts = ask(f"{API}/cells", level="district", count="true").json
    assert (len(districts["items"]), districts["next"], districts["count"]) == (16, None, 16)
    streets = ask(f"{API}/cells", parent=DISTRICT).json["items"]
    assert len(streets) == 10
    assert set(streets[0]) == {"code", "level", "parent_code", "name", "nbs_code", "area_m2", "line"}
    assert [cell["code"] for cell in ask(f"{API}/cells", q="南京东路").json["items"]] == [STREET]
    assert [cell["code"] for cell in ask(f"{API}/cells", q="310101002", level="street").json["items"]] == [STREET]
    assert ask(f"{API}/cells", q="%").json["items"] == []


def test_pages_follow_each_other_without_gap_or_repeat(ask: Callable[..., Any]) -> None:
    codes: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = ask(f"{API}/cells", level="street", limit=50, **cursor).json
        codes += [cell["code"] for cell in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert len(codes) == len(set(codes)) == 221
    assert codes == sorted(codes)


@pytest.mark.parametrize("query", [{"limit": 201}, {"limit": 0}, {"cursor": "x"}, {"level": "beat"}, {"q": "x" * 61}])
def test_a_bad_list_query_is_refused(query: dict[str, Any], ask: Callable[..., Any]) -> None:
    ask(f"{API}/cells", 422, **query)


def test_one_cell_and_its_children(ask: Callable[..., Any]) -> None:
    cell = ask(f"{API}/cells/{STREET}").json
    assert (cell["name"], cell["parent_code"], cell["level"]) == ("南京东路街道", DISTRICT, "street")
    children = ask(f"{API}/cells/{STREET}/children").json
    assert VILLAGE in {child["code"] for child in children["items"]}
    assert {child["parent_code"] for child in children["items"]} == {STREET}
    assert ask(f"{API}/cells/{VILLAGE}/children").json == {"items": [], "next": None}
    few = ask(f"{API}/cells/{STREET}/children", limit=2).json
    assert few["next"] is not None
    assert ask(f"{API}/cells/999", 404).json["type"] == "urn:wangge:problem:no-cell"
    ask(f"{API}/cells/999/children", 404)
    assert ask(f"{API}/cells", 404, edition="nowhere").json["type"] == "urn:wangge:problem:no-such-edition"


@pytest.mark.parametrize(
    ("plain", "dotted"),
    [
        ("cells", "cells.geojson"),
        (f"cells/{STREET}", f"cells/{STREET}.geojson"),
        (f"cells/{STREET}/children", f"cells/{STREET}/children.geojson"),
    ],
)
def test_geometry_comes_when_it_is_asked_for(plain: str, dotted: str, ask: Callable[..., Any]) -> None:
    wanted: dict[str, Any] = {"level": "district"} if plain == "cells" else {}
    by_accept, by_name = ask(f"{API}/{plain}", 200, GEO, **wanted), ask(f"{API}/{dotted}", **wanted)
    assert by_accept.mimetype == by_name.mimetype == "application/geo+json"
    assert by_accept.data == by_name.data
    assert "Accept" in by_accept.headers["Vary"]
    feature = by_name.json if by_name.json["type"] == "Feature" else by_name.json["features"][0]
    assert feature["geometry"]["type"] == "MultiPolygon"
    assert feature["id"] == feature["properties"]["code"]
    assert ask(f"{API}/{plain}", **wanted).mimetype == "application/json"


# --- editions ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def ground(fresh_city_url: str, settings: Settings) -> Iterator[Flask]:
    """An application on a city of its own, with an administrator of the city and one of a street."""
    from app import create_app

    own = replace(settings, database=replace(settings.database, url=fresh_city_url))
    sessions = Sessions(own, application="wangge-tests")
    with sessions.begin() as session:
        for username, role, centre in (
            ("chief", Role.ADMIN, "310000000000"),
            ("local", Role.ADMIN, STREET),
            ("worker", Role.HANDLER, STREET),
        ):
            person = add_person(session, username, username, PASSWORD, now=datetime(2026, 1, 1, tzinfo=UTC))
            give_post(session, person, role, centre)
    yield create_app(own, sessions)
    sessions.close()


def sit(app: Flask, username: str) -> Browser:
    return Browser(app.test_client(), username).sign_in()


def upload(browser: Browser, data: bytes, **query: str) -> Any:
    return browser.post(f"{API}/editions?{urlencode(query)}", data=data, content_type="application/geo+json")


def test_an_edition_goes_from_upload_to_active(ground: Flask) -> None:
    chief = sit(ground, "chief")
    made = upload(chief, gzip.compress(as_bytes(town())), name="town", valid_from="2026-01-31")
    assert made.status_code == 201, made.text
    assert (made.json["state"], made.json["cell_count"], made.json["faults"]) == ("checked", 9, [])
    assert made.json["valid_from"] == "2026-01-31"
    page = chief.get(f"{API}/editions?limit=1").json
    assert [edition["name"] for edition in page["items"]] == ["town"]
    rest = chief.get(f"{API}/editions?limit=1&cursor={page['next']}").json
    assert [(edition["name"], edition["state"]) for edition in rest["items"]] == [("demo", "active")]
    assert rest["next"] is None

    done = chief.post(f"{API}/editions/town/activate")
    assert (done.status_code, done.json["state"]) == (200, "active")
    assert chief.get(f"{API}/locate?lon=121.41&lat=31.205&crs=wgs84").json["cell"]["code"] == SOUTH_WEST
    again = chief.post(f"{API}/editions/demo/activate")
    assert (again.status_code, again.json["type"]) == (409, "urn:wangge:problem:edition-not-ready")
    assert "retired" in again.json["detail"]
    assert chief.get(f"{API}/cells?edition=demo&level=city").json["items"][0]["code"] == CITY
    taken = upload(chief, as_bytes(town()), name="town")
    assert (taken.status_code, taken.json["type"]) == (409, "urn:wangge:problem:edition-taken")
    assert chief.post(f"{API}/editions/nowhere/activate").status_code == 404


def test_a_faulty_grid_is_refused_with_all_its_faults_and_nothing_changes(ground: Flask) -> None:
    chief = sit(ground, "chief")
    before = chief.get(f"{API}/editions").json
    cells = town()
    del cells[SOUTH_WEST]
    cells[CITY]["properties"]["parent_code"] = "310199000000"
    refused = upload(chief, as_bytes(cells), name="town")
    assert (refused.status_code, refused.json["type"]) == (422, "urn:wangge:problem:bad-grid")
    assert {error["code"] for error in refused.json["errors"]} == {"cell_no_root", "cell_orphan", "cell_gap"}
    gap = next(fault for fault in refused.json["faults"] if fault["kind"] == "gap")
    assert gap["codes"] == ["310101001000"]
    assert gap["area_m2"] == pytest.approx(2_113_000, rel=0.01)
    broken = upload(chief, b"{", name="town")
    assert (broken.status_code, broken.json["type"]) == (422, "urn:wangge:problem:bad-grid-file")
    assert upload(chief, as_bytes(town()), name="active").json["errors"][0]["code"] == "reserved"
    assert upload(chief, as_bytes(town())).json["errors"][0]["field"] == "name"
    assert chief.get(f"{API}/editions").json == before


@pytest.mark.parametrize("username", ["local", "worker"])
def test_only_who_keeps_the_whole_city_may_change_its_grid(username: str, ground: Flask) -> None:
    browser = sit(ground, username)
    assert upload(browser, as_bytes(town()), name="town").status_code == 403
    assert browser.post(f"{API}/editions/demo/activate").status_code == 403


# --- tiles ------------------------------------------------------------------------------------------------------------


def test_a_tile_is_kept_by_its_etag(ask: Callable[..., Any]) -> None:
    tile = ask("/tiles/active/cells/15/27440/13389.mvt")
    assert tile.mimetype == "application/vnd.mapbox-vector-tile"
    assert "南京东路街道".encode() in tile.data
    assert tile.headers["Cache-Control"].startswith("private")
    same = ask("/tiles/demo/cells/15/27440/13389.mvt", 304, {"If-None-Match": tile.headers["ETag"]})
    assert same.data == b""
    other = ask("/tiles/demo/cells/15/27441/13389.mvt", 200, {"If-None-Match": tile.headers["ETag"]})
    assert other.headers["ETag"] != tile.headers["ETag"]


@pytest.mark.parametrize(
    "path", ["/tiles/demo/cells/2/4/0.mvt", "/tiles/demo/cells/30/0/0.mvt", "/tiles/none/cells/2/1/1.mvt"]
)
def test_there_is_no_such_tile(path: str, ask: Callable[..., Any]) -> None:
    assert ask(path, 404).mimetype == "application/problem+json"


def test_nobody_sees_the_ground_without_signing_in(app: Flask) -> None:
    client = app.test_client()
    for path in (
        f"{API}/locate",
        f"{API}/cells",
        f"{API}/cells/{STREET}",
        f"{API}/editions",
        "/tiles/demo/cells/0/0/0.mvt",
    ):
        assert client.get(path).status_code == 401
