"""The OpenAPI document: complete, and about what is there."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from people.roles import Role
from tests.web.conftest import Browser
from web.signin import access_of


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    return answer.json


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), path): operation
        for path, found in document["paths"].items()
        for method, operation in found.items()
    }


def test_every_route_of_the_api_is_in_it(app: Flask, document: dict[str, Any]) -> None:
    routes = {
        (method, re.sub(r"<(?:[^:>]+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1") and not rule.endpoint.startswith("openapi.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert set(operations(document)) == routes


def test_every_operation_says_what_it_is_and_what_it_answers(document: dict[str, Any]) -> None:
    for where, operation in operations(document).items():
        assert operation["summary"], where
        assert any(status.startswith("2") for status in operation["responses"]), where
        assert "application/problem+json" in operation["responses"]["default"]["content"], where
        assert len({(p["in"], p["name"]) for p in operation["parameters"]}) == len(operation["parameters"]), where


def test_what_needs_a_sign_in_says_so(app: Flask, document: dict[str, Any]) -> None:
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:[^:>]+:)?(\w+)>", r"{\1}", rule.rule)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            operation = document["paths"].get(path, {}).get(method.lower())
            if operation is not None:
                public = access_of(app.view_functions[rule.endpoint]).public
                assert ("security" in operation) != public, path
                assert ("401" in operation["responses"]) or public, path


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    names = set(re.findall(r"'#/components/schemas/([^']+)'", str(document)))
    assert names
    assert names <= set(document["components"]["schemas"])


def test_operation_ids_are_one_each(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for operation in operations(document).values()]
    assert len(ids) == len(set(ids))


def test_a_view_is_described_with_body_query_and_problems(document: dict[str, Any]) -> None:
    make = document["paths"]["/api/v1/tokens"]["post"]
    assert make["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/NewToken"}
    assert {"201", "401", "403", "413", "415", "422", "default"} == set(make["responses"])
    show = document["paths"]["/api/v1/tokens"]["get"]
    assert {parameter["name"] for parameter in show["parameters"]} == {"limit", "cursor"}
    sign_in = document["paths"]["/api/v1/session"]["post"]
    assert "429" in sign_in["responses"]


def test_what_is_asked_for_by_an_id_may_not_be_there(document: dict[str, Any]) -> None:
    for (method, path), operation in operations(document).items():
        kinds = [one["schema"] for one in operation["parameters"] if one["in"] == "path"]
        if any(kind.get("format") == "uuid" or kind["type"] == "integer" for kind in kinds):
            assert "404" in operation["responses"], (method, path)
    photo = document["paths"]["/api/v1/photos/{photo_id}"]
    assert "not-found" in photo["get"]["responses"]["404"]["description"]
    assert "no-such-address" in photo["patch"]["responses"]["404"]["description"]


def test_bytes_are_taken_of_the_types_that_are_told_and_of_no_other(
    document: dict[str, Any], browser: Callable[..., Browser]
) -> None:
    chief = browser("chief", *Role)
    raw = {
        ("PUT", "/api/v1/photos/{photo_id}"), ("PATCH", "/api/v1/photos/{photo_id}"), ("POST", "/api/v1/editions"),
        ("POST", "/api/v1/components:import"), ("POST", "/api/v1/reports:batch"),
    }  # fmt: skip
    said = {
        where: list(operation["requestBody"]["content"])
        for where, operation in operations(document).items()
        if "requestBody" in operation and list(operation["requestBody"]["content"]) != ["application/json"]
    }
    assert said.keys() == raw
    for (method, path), types in said.items():
        address = path.format(photo_id=uuid4())
        for wrong in ("text/html", "application/x-www-form-urlencoded", "image", "application/pdf"):
            refused = chief.ask(method, address, data=b"x", content_type=wrong)
            assert (refused.status_code, refused.json["type"]) == (415, "urn:wangge:problem:wrong-content-type"), path
        for right in [*types, None]:
            given = right and right.replace("*", "webp")
            assert chief.ask(method, address, data=b"x", content_type=given).status_code != 415, (path, right)


@pytest.mark.parametrize(("tag", "word"), [("zh-CN", "无须登录"), ("en", "No sign-in needed")])
def test_the_docs_page_shows_it_in_both_languages_without_a_script(client: FlaskClient, tag: str, word: str) -> None:
    page = client.get("/api/docs", headers={"Accept-Language": tag})
    assert page.status_code == 200
    assert word in page.text
    assert "POST /api/v1/session" in page.text
    assert "<script" not in page.text
    assert "http" not in page.text.replace("https://spec", "")
    assert client.get("/api/v1/docs").headers["Location"] == "/api/docs"
