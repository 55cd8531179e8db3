"""The ladder over HTTP."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine

from core.db import Sessions
from people.roles import Role
from tests.cases.calendar_edits.edits import rules_put_back
from tests.make import CITY
from tests.web.conftest import Browser

LADDER = "/api/v1/ladder"


@pytest.fixture
def keeper(app: Flask, account: Callable[..., str], sessions: Sessions, engine: Engine) -> Iterator[Browser]:
    """Who administers the city; the ladder is as it was when it is over."""
    with rules_put_back(engine):
        yield Browser(app.test_client(), account("keeper", Role.ADMIN, centre=CITY)).sign_in()


def put(keeper: Browser, change: Callable[[dict[str, Any]], None]) -> Any:
    ladder = keeper.get(LADDER).json
    change(ladder)
    return keeper.ask("PUT", LADDER, json=ladder)


def test_everybody_reads_the_ladder(browser: Callable[..., Browser]) -> None:
    shown = browser("wang", Role.INSPECTOR).get(LADDER).json
    assert shown["version"] == 1
    assert [one["name"] for one in shown["ordinary"]] == ["warn", "urge", "supervise_1", "supervise_2", "supervise_3"]
    assert shown["urgent"][2] == {
        "position": 3, "name": "supervise_1", "share": 1.0, "plus_minutes": 30, "levels_up": 1
    }  # fmt: skip


def test_what_was_read_and_changed_is_put_back_as_a_new_version_and_listed(keeper: Browser) -> None:
    answer = put(keeper, lambda ladder: ladder["ordinary"][0].update(share=0.7))
    assert (answer.status_code, answer.json["version"], answer.json["ordinary"][0]["share"]) == (200, 2, 0.7)
    [edit] = keeper.get(f"{LADDER}/edits").json["items"]
    assert (edit["version"], edit["person"], edit["done_at"]) == (2, "王", None)
    assert keeper.get("/api/v1/calendars/1/edits").json["items"] == []


def test_a_stale_ladder_is_refused(keeper: Browser) -> None:
    put(keeper, lambda ladder: ladder["ordinary"].pop())
    late = put(keeper, lambda ladder: ladder.update(version=1))
    assert (late.status_code, late.json["type"], late.json["version"]) == (409, "urn:wangge:problem:stale-version", 2)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda ladder: ladder.copy(), ("", "nothing_changes")),
        (lambda ladder: ladder["ordinary"].clear(), ("ordinary", "too_few")),
        (lambda ladder: ladder["urgent"].extend(ladder["urgent"]), ("urgent", "too_many")),
        (lambda ladder: ladder["urgent"].pop(0), ("urgent.0.share", "first_warns")),
        (lambda ladder: ladder["ordinary"].reverse(), ("ordinary.0.share", "first_warns")),
        (lambda ladder: ladder["ordinary"][0].update(share=0), ("ordinary.0.share", "too_small")),
        (lambda ladder: ladder["ordinary"][0].update(share="80 %"), ("ordinary.0.share", "not_number")),
        (lambda ladder: ladder["ordinary"][1].update(name="Urge"), ("ordinary.1.name", "bad_form")),
        (lambda ladder: ladder["ordinary"][2].update(levels_up=3), ("ordinary.2.levels_up", "not_one_of")),
    ],
)
def test_what_is_no_ladder_is_refused(
    keeper: Browser, change: Callable[[dict[str, Any]], None], fault: tuple[str, str]
) -> None:
    answer = put(keeper, change)
    assert answer.status_code == 422, answer.text
    assert fault in [(one["field"], one["code"]) for one in answer.json["errors"]]
    assert keeper.get(LADDER).json["version"] == 1


def test_only_who_administers_the_city_changes_it(browser: Callable[..., Browser]) -> None:
    for one in (browser("root", Role.ADMIN), browser("leader", Role.LEADER)):
        assert put(one, lambda ladder: ladder["ordinary"].pop()).status_code == 403
