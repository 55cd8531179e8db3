"""No route without a say about access; nothing without a sign-in but what the contract names."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from people.roles import MAY, Role
from web.signin import access_of, set_up_signin

PUBLIC = {
    "/",
    "/favicon.ico",
    "/healthz",
    "/readyz",
    "/metrics",
    "/plain.css",
    "/static/<path:name>",
    "/sw.js",
    "/manifest.webmanifest",
    "/api/docs",
    "/api/v1/docs",
    "/api/v1/openapi.json",
    "/api/v1/session",
}


def routes(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method


def address(rule: Rule) -> str:
    filled = {name: 1 if "Integer" in type(kind).__name__ else "x" for name, kind in rule._converters.items()}
    if any("UUID" in type(kind).__name__ for kind in rule._converters.values()):
        filled = dict.fromkeys(filled, "00000000-0000-4000-8000-000000000000")
    return rule.build(filled)[1]  # type: ignore[index]


def test_every_route_says_who_may_come(app: Flask) -> None:
    silent = [rule.rule for rule, _ in routes(app) if access_of(app.view_functions[rule.endpoint]) is None]
    assert silent == []


def test_a_route_that_says_nothing_stops_the_start(app: Flask) -> None:
    silent = Flask("silent", static_folder=None)
    silent.add_url_rule("/quiet", view_func=lambda: "")
    with pytest.raises(RuntimeError, match="@allow"):
        set_up_signin(silent)


def test_only_what_the_contract_names_is_public(app: Flask) -> None:
    open_ = {rule.rule for rule, _ in routes(app) if access_of(app.view_functions[rule.endpoint]).public}
    assert open_ <= PUBLIC
    assert {rule for rule in open_ if rule.startswith("/api/v1")} == {
        "/api/v1/docs",
        "/api/v1/openapi.json",
        "/api/v1/session",
    }


def test_without_a_sign_in_every_other_route_answers_401_or_leads_to_it(app: Flask, client: FlaskClient) -> None:
    for rule, method in routes(app):
        if access_of(app.view_functions[rule.endpoint]).public:
            continue
        answer = client.open(address(rule), method=method, headers={"Accept": "text/html"})
        if rule.rule.startswith(("/api", "/tiles")):
            assert (answer.status_code, answer.json["type"]) == (401, "urn:wangge:problem:not-signed-in"), rule.rule
        else:
            assert answer.status_code == 302, rule.rule
            assert answer.headers["Location"].startswith("/?next="), rule.rule


@pytest.mark.parametrize("role", Role)
def test_a_role_enters_the_pages_and_routes_that_it_may(
    app: Flask, role: Role, bearer: Callable[..., dict[str, str]], client: FlaskClient
) -> None:
    headers = bearer("wang", role)
    for rule, method in routes(app):
        access = access_of(app.view_functions[rule.endpoint])
        if access.public or not access.permissions or set(access.permissions) & MAY[role]:
            continue
        answer = client.open(address(rule), method=method, headers=headers)
        assert (answer.status_code, answer.json["type"]) == (403, "urn:wangge:problem:not-allowed"), rule.rule
