"""Departments, units and duties over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from people.roles import Role
from tests.make import CITY, OTHER_STREET, STREET
from tests.web.conftest import Browser

DEPARTMENTS = "/api/v1/departments"
WORKS = {"code": "works", "name": "市政所", "name_en": "Works", "centre": STREET}


@pytest.fixture
def root(browser: Callable[..., Browser]) -> Browser:
    """Who administers the street."""
    return browser("root", Role.ADMIN)


def codes(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return [(one["field"], one["code"]) for one in answer.json["errors"]]


def problem(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["type"].rpartition(":")[2]


def test_a_department_is_made_renamed_given_units_and_retired(root: Browser) -> None:
    made = root.post(DEPARTMENTS, json=WORKS)
    assert made.status_code == 201, made.text
    assert made.json["centre"] == {"code": STREET, "name": "南京东路街道", "level": "street"}
    renamed = root.ask("PATCH", f"{DEPARTMENTS}/works", json={"name": "市政科"})
    assert (renamed.json["name"], renamed.json["name_en"]) == ("市政科", "Works")
    unit = {**WORKS, "code": "lamps", "parent": "works"}
    assert root.post(DEPARTMENTS, json=unit).json["parent"] == "works"
    assert problem(root.post(f"{DEPARTMENTS}/works/retire")) == (409, "department-has-units")
    assert root.ask("PATCH", f"{DEPARTMENTS}/lamps", json={"parent": None}).json["parent"] is None
    assert root.post(f"{DEPARTMENTS}/works/retire").json["retired_at"] is not None
    assert problem(root.ask("PATCH", f"{DEPARTMENTS}/works", json={"name": "x"})) == (409, "department-retired")
    assert [one["code"] for one in root.get(DEPARTMENTS).json["items"]] == ["lamps"]
    both = root.get(f"{DEPARTMENTS}?retired=true&centre={STREET}&limit=1").json
    assert [one["code"] for one in both["items"]] == ["lamps"]
    rest = root.get(f"{DEPARTMENTS}?retired=true&centre={STREET}&cursor={both['next']}").json
    assert [one["code"] for one in rest["items"]] == ["works"]


def test_a_duty_is_given_and_taken(root: Browser) -> None:
    root.post(DEPARTMENTS, json=WORKS)
    given = root.post(f"{DEPARTMENTS}/works/duties", json={"cell": STREET, "category_code": "01001"})
    assert given.status_code == 201, given.text
    [duty] = given.json["duties"]
    assert (duty["cell"]["name"], duty["category_code"], duty["class_code"]) == ("南京东路街道", "01001", None)
    again = root.post(f"{DEPARTMENTS}/works/duties", json={"cell": STREET, "category_code": "01001"})
    assert problem(again) == (409, "duty-taken")
    assert root.delete(f"/api/v1/duties/{duty['id']}").status_code == 204
    assert problem(root.delete(f"/api/v1/duties/{duty['id']}")) == (404, "no-such-duty")
    assert root.get(DEPARTMENTS).json["items"][0]["duties"] == []


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"cell": OTHER_STREET}, ("cell", "not_its_ground")),
        ({"cell": STREET, "category_code": "99999"}, ("category_code", "no_such_category")),
        ({"cell": STREET, "class_code": "88"}, ("class_code", "no_such_class")),
        ({"cell": STREET, "class_code": "01", "category_code": "01001"}, ("", "category_or_class")),
        ({"cell": "a b"}, ("cell", "bad_form")),
        ({}, ("cell", "required")),
    ],
)
def test_a_duty_that_cannot_be_is_refused(root: Browser, body: dict[str, str], fault: tuple[str, str]) -> None:
    root.post(DEPARTMENTS, json=WORKS)
    assert codes(root.post(f"{DEPARTMENTS}/works/duties", json=body)) == [fault]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({**WORKS, "code": "a b"}, ("code", "bad_form")),
        ({**WORKS, "name": "  "}, ("name", "too_short")),
        ({**WORKS, "parent": "nobody"}, ("parent", "no_such_parent")),
        ({**WORKS, "more": 1}, ("more", "unknown")),
    ],
)
def test_a_department_that_cannot_be_is_refused(root: Browser, body: dict[str, Any], fault: tuple[str, str]) -> None:
    assert codes(root.post(DEPARTMENTS, json=body)) == [fault]
    assert root.get(DEPARTMENTS).json["items"] == []


def test_a_change_says_something_and_leaves_no_name_empty(root: Browser) -> None:
    root.post(DEPARTMENTS, json=WORKS)
    assert codes(root.ask("PATCH", f"{DEPARTMENTS}/works", json={})) == [("", "nothing_changes")]
    assert codes(root.ask("PATCH", f"{DEPARTMENTS}/works", json={"name": None})) == [("", "required")]


def test_what_is_taken_or_not_there_is_refused(root: Browser) -> None:
    root.post(DEPARTMENTS, json=WORKS)
    assert problem(root.post(DEPARTMENTS, json=WORKS)) == (409, "department-taken")
    assert problem(root.post(DEPARTMENTS, json={**WORKS, "code": "x", "centre": "999"})) == (404, "no-such-centre")
    assert problem(root.ask("PATCH", f"{DEPARTMENTS}/x", json={"name": "x"})) == (404, "no-such-department")
    assert problem(root.post(f"{DEPARTMENTS}/x/retire")) == (404, "no-such-department")
    assert problem(root.post(f"{DEPARTMENTS}/x/duties", json={"cell": STREET})) == (404, "no-such-department")


def test_a_streets_administrator_keeps_the_street_and_everybody_reads(
    app: Flask, account: Callable[..., str], root: Browser, browser: Callable[..., Browser]
) -> None:
    keeper = Browser(app.test_client(), account("keeper", Role.ADMIN, centre=CITY)).sign_in()
    assert keeper.post(DEPARTMENTS, json={**WORKS, "code": "city", "centre": CITY}).status_code == 201
    assert keeper.post(DEPARTMENTS, json=WORKS).status_code == 201
    for path, way, body in (
        (DEPARTMENTS, "POST", {**WORKS, "code": "x", "centre": OTHER_STREET}),
        (f"{DEPARTMENTS}/city", "PATCH", {"name": "x"}),
        (f"{DEPARTMENTS}/city/retire", "POST", None),
        (f"{DEPARTMENTS}/city/duties", "POST", {"cell": STREET}),
    ):
        assert root.ask(way, path, json=body).status_code == 403, path
    assert root.ask("PATCH", f"{DEPARTMENTS}/works", json={"name": "市政科"}).status_code == 200
    handler = browser("handler", Role.HANDLER)
    assert [one["code"] for one in handler.get(DEPARTMENTS).json["items"]] == ["city", "works"]
    assert handler.post(DEPARTMENTS, json=WORKS).status_code == 403
