"""Components over HTTP: found by place, brought in by who keeps the city's ground."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from core.db import Sessions
from people.roles import Role
from tests.web.conftest import Browser

COMPONENTS = "/api/v1/components"
HEADER = "id,category_code,name,lon,lat,crs,owner,department_code,state\n"
HERE = "121.4737,31.2352,wgs84"
FILE = HEADER + f"a,01001,供水井盖,{HERE},水司,,\nb,01002,污水井盖,121.4738,31.2352,wgs84,,,damaged\n"


@pytest.fixture
def chief(app: Flask, account: Callable[..., str], sessions: Sessions) -> Iterator[Browser]:
    """Who administers the city."""
    yield Browser(app.test_client(), account("chief", Role.ADMIN, centre="310000000000")).sign_in()
    with sessions.begin() as session:
        session.execute(text("DELETE FROM components"))


def bring(browser: Browser, data: str | bytes = FILE, query: str = "", kind: str = "text/csv") -> Any:
    return browser.post(f"{COMPONENTS}:import{query}", data=data, content_type=kind)


def codes(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return [(one["field"], one["code"]) for one in answer.json["errors"]]


def test_a_file_is_brought_in_tried_first_and_harmless_when_sent_again(chief: Browser) -> None:
    tried = bring(chief, query="?dry_run=true")
    assert (tried.status_code, tried.json["made"], tried.json["dry_run"]) == (200, 2, True)
    assert chief.get(COMPONENTS).json["items"] == []
    assert bring(chief).json == {
        "read": 2, "made": 2, "changed": 0, "unchanged": 0, "retired": 0, "dry_run": False,
        "warnings": [], "warning_count": 0,
    }  # fmt: skip
    assert bring(chief).json["unchanged"] == 2
    assert bring(chief, HEADER + f"a,01001,井盖,{HERE},,,\n", "?whole=true").json["retired"] == 1
    assert chief.get(f"{COMPONENTS}/b").json["retired_at"] is not None


def test_components_are_found_near_in_a_box_and_by_text(chief: Browser) -> None:
    bring(chief)
    page = chief.get(f"{COMPONENTS}?near=121.4737,31.2352&limit=1").json
    assert [(one["id"], one["distance_m"]) for one in page["items"]] == [("a", 0)]
    rest = chief.get(f"{COMPONENTS}?near=121.4737,31.2352&limit=1&cursor={page['next']}").json
    assert ([one["id"] for one in rest["items"]], rest["next"]) == (["b"], None)
    assert rest["items"][0]["distance_m"] == pytest.approx(9.5, abs=0.1)
    assert "distance_m" not in chief.get(f"{COMPONENTS}/a").json
    for query in ("bbox=121.47375,31,122,32", "category=01002", "class=01&q=污水", "q=b"):
        assert [one["id"] for one in chief.get(f"{COMPONENTS}?{query}").json["items"]] == ["b"], query
    first = chief.get(f"{COMPONENTS}?limit=1").json
    assert [one["id"] for one in chief.get(f"{COMPONENTS}?cursor={first['next']}").json["items"]] == ["b"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("near=31.2,121.4", ("near", "swapped")),
        ("near=1e9,31", ("near", "no_place")),
        ("near=121.4,nan", ("near", "no_place")),
        ("near=121.4", ("near", "bad_spot")),
        ("near=a,b", ("near", "bad_spot")),
        ("bbox=122,31,121,32", ("bbox", "bad_box")),
        ("near=121.4,31.2&metres=1e9", ("metres", "too_large")),
        ("category=1", ("category", "bad_form")),
        ("cursor=x", ("cursor", "bad_cursor")),
        ("near=121.4,31.2&cursor=WyJhIl0", ("cursor", "bad_cursor")),
    ],
)
def test_a_senseless_question_is_refused(query: str, expected: tuple[str, str], chief: Browser) -> None:
    assert codes(chief.get(f"{COMPONENTS}?{query}")) == [expected]


def test_a_faulty_file_is_refused_with_its_lines_in_the_readers_language(chief: Browser) -> None:
    refused = bring(chief, FILE + "c,01001,井盖,31.2352,121.4737,wgs84,,,\nd,99999,井")
    assert codes(refused) == [("lines.4.lat", "swapped"), ("lines.5", "cells_missing")]
    assert refused.json["type"] == "urn:wangge:problem:bad-components"
    assert refused.json["errors"][1]["message"] == "This row has 3 cells, the header has 9"
    assert chief.get(COMPONENTS).json["items"] == []
    assert codes(bring(chief, FILE.encode("gb18030"))) == [("lines.2", "not_utf8"), ("lines.3", "not_utf8")]
    assert codes(bring(chief, b"")) == [
        (f"lines.1.{name}", "required") for name in ("id", "category_code", "name", "lon", "lat", "crs")
    ]
    assert codes(bring(chief, HEADER + f"e,06010,暴露垃圾,{HERE},,,")) == [
        ("lines.2.category_code", "no_component_category")
    ]


@pytest.mark.parametrize(("role", "centre"), [(Role.ADMIN, "310101000000"), (Role.LEADER, "310000000000")])
def test_only_who_keeps_the_whole_citys_ground_brings_in_components(
    role: Role, centre: str, app: Flask, account: Callable[..., str]
) -> None:
    browser = Browser(app.test_client(), account("local", role, centre=centre)).sign_in()
    assert bring(browser).status_code == 403
    assert browser.get(COMPONENTS).status_code == 200
    missing = browser.get(f"{COMPONENTS}/nothing")
    assert (missing.status_code, missing.json["type"]) == (404, "urn:wangge:problem:no-such-component")
