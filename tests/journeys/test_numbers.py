from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.journeys.conftest import Seat


def test_the_answer_says_which_date_decides_and_how_rates_are_made(seat: Callable[[str], Seat]) -> None:
    answer = seat("leader").get("/statistics")
    assert answer["date"] == "reported_at"
    assert answer["as_of"].endswith("Z")
    assert answer["formulas"]["ontime_close_rate"] == "ontime_closed_num / need_close_num"
    assert answer["rates"]["ontime_close_rate"] is None


def test_a_day_given_as_the_end_is_included(seat: Callable[[str], Seat]) -> None:
    answer = seat("leader").get("/statistics?from=2026-03-01&to=2026-03-10")
    assert (answer["from"], answer["to"]) == ("2026-02-28T16:00:00Z", "2026-03-10T16:00:00Z")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("by=planet", "by"),
        ("from=yesterday", "from"),
        ("from=2026-02-30", "from"),
        ("from=2026-03-01T00:00:00", "from"),
        ("from=2026-03-02&to=2026-03-01", "to"),
        ("cell=%27", "cell"),
        ("category=x", "category"),
        ("source=rumour", "source.0"),
        ("measure=closed_num", "measure"),
        ("to=9999-12-31", "to"),
    ],
)
def test_a_bad_question_is_refused_with_the_field(seat: Callable[[str], Seat], query: str, field: str) -> None:
    problem = seat("leader").get(f"/statistics?{query}", status=422)
    assert field in [error["field"] for error in problem["errors"]]


def test_a_foreign_cell_is_not_found(seat: Callable[[str], Seat]) -> None:
    problem = seat("leader").get("/statistics?cell=310106000000", status=404)
    assert problem["type"] == "urn:wangge:problem:no-cell"


def test_inspectors_see_no_statistics(seat: Callable[[str], Seat]) -> None:
    assert seat("inspector").get("/statistics", status=403)


def test_without_a_sign_in_there_are_no_numbers(client: FlaskClient) -> None:
    assert client.get("/api/v1/statistics").status_code == 401


def test_every_number_opens_its_cases_with_the_same_count(seat: Callable[[str], Seat]) -> None:
    inspector, acceptor, leader = seat("inspector"), seat("acceptor"), seat("leader")
    first, _ = (inspector.report()["case"]["no"] for _ in range(2))
    acceptor.do("accept", first)
    answer: dict[str, Any] = leader.get("/statistics?by=village&from=2026-03-01&to=2026-03-31")
    rows = [row for row in answer["items"] if row["open_num"]]
    assert sum(row["open_num"] for row in rows) == answer["totals"]["open_num"] == 2
    for row in rows:
        for measure, number in answer["totals"].items():
            if not measure.endswith("_num"):
                continue
            behind = leader.get(f"/cases?measure={measure}&{row['query']}")
            assert len(behind["items"]) == row[measure], (measure, number)
