"""Who is on duty, and where they were last seen."""

import time
from datetime import timedelta

import pytest
import structlog
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from cases.patrol.days import keep_days
from cases.patrol.on_duty import look_at_patrol, on_duty
from cases.patrol.roll_calls import Call, call_roll
from core.settings import Settings
from tests.cases.patrol.duty import NORTH_OF_IT, begin, finish, send
from tests.make import CITY, OTHER_STREET, PEOPLES_SQUARE, STREET, Town


def test_those_on_duty_are_shown_with_all_that_is_open(town: Town) -> None:
    shift = begin(town, ago=60)
    begin(town, "other_inspector", ago=10)
    send(town, *((-m, NORTH_OF_IT) for m in range(1, 9)))
    called = call_roll(town.session, town["shift_lead"], Call(STREET, 10), now=town.now).call
    items, more = on_duty(town.session, [CITY], now=town.now)
    assert ([one["person"]["name"] for one in items], more) == (["inspector", "other_inspector"], False)
    assert items[0] == {
        "shift": shift.id,
        "person": {"id": town["inspector"].person_id, "name": "inspector"},
        "centre": {"code": STREET, "level": "street", "name": "南京东路街道"},
        "since": shift.started_at,
        "seen": {
            "at": town.now - timedelta(minutes=1), "age_seconds": 60, "accuracy_m": 5.0,
            "lon": NORTH_OF_IT[0], "lat": NORTH_OF_IT[1],
        },
        "duty_areas": [],
        "alarm": {"kind": "outside", "started_at": town.now - timedelta(minutes=8)},
        "roll_call": {"id": called.id, "answer_by": called.answer_by},
    }  # fmt: skip
    assert [items[1][name] for name in ("seen", "alarm", "roll_call")] == [None, None, None]


def test_who_looks_at_where_others_are_is_written_down_once_for_all_of_them(town: Town) -> None:
    begin(town, ago=60)
    begin(town, "other_inspector", ago=10)
    with structlog.testing.capture_logs() as logs:
        look_at_patrol(town.session, town["leader"], [CITY], now=town.now)
        assert logs == [], "nobody has been seen yet"
        send(town, (-1, PEOPLES_SQUARE))
        look_at_patrol(town.session, town["inspector"], [CITY], now=town.now)
        assert logs == [], "one's own"
        look_at_patrol(town.session, town["leader"], [CITY], now=town.now)
    assert [(one["event"], one["reader"], one["centres"], one["people"]) for one in logs] == [
        ("positions-read", town["leader"].person_id, [CITY], [town["inspector"].person_id])
    ]


def test_only_the_ground_that_is_asked_for_and_open_shifts_are_shown(town: Town) -> None:
    shift = begin(town, ago=10)
    assert on_duty(town.session, [OTHER_STREET], now=town.now) == ([], False)
    assert len(on_duty(town.session, [STREET, OTHER_STREET], now=town.now)[0]) == 1
    assert on_duty(town.session, [], now=town.now) == ([], False)
    finish(town, shift, town.now)
    assert on_duty(town.session, [CITY], now=town.now) == ([], False)


def test_a_point_of_an_earlier_shift_is_not_where_somebody_is_now(town: Town) -> None:
    shift = begin(town, ago=60)
    send(town, (-30, PEOPLES_SQUARE))
    finish(town, shift, town.now - timedelta(minutes=20))
    begin(town, ago=10)
    assert on_duty(town.session, [STREET], now=town.now)[0][0]["seen"] is None


def test_more_than_fit_are_said_to_be_more(town: Town) -> None:
    begin(town)
    begin(town, "other_inspector")
    items, more = on_duty(town.session, [CITY], now=town.now, most=1)
    assert (len(items), more) == (1, True)


def fill(session: Session, town: Town, people: int) -> None:
    """So many on duty, each with an hour of points of yesterday and of today."""
    given = {"n": people, "now": town.now, "centre": town["inspector"].seats[0].centre_id}
    for statement in (
        """INSERT INTO people (username, name, password_hash, is_demo, mail, created_at)
            SELECT 'w' || i, 'w' || i, '!', false, 'none', :now FROM generate_series(1, :n) AS i""",
        """INSERT INTO shifts (id, person_id, centre_id, started_at, started_received_at)
            SELECT gen_random_uuid(), id, :centre, :now - interval '3 hours', :now FROM people
            WHERE username LIKE 'w%'""",
        """INSERT INTO tracks SELECT people.id, :now - day * interval '1 day' - i * interval '5 minutes',
            121.47, 31.23, 8, :now FROM people, generate_series(0, 12) AS i, generate_series(0, 1) AS day
            WHERE username LIKE 'w%'""",
        "ANALYZE tracks", "ANALYZE shifts",
    ):  # fmt: skip
        session.execute(text(statement), given)


@pytest.mark.slow  # five thousand inspectors with 130,000 points
def test_five_thousand_on_duty_are_shown_in_one_statement_that_looks_at_few_days(
    town: Town, settings: Settings
) -> None:
    keep_days(town.session, now=town.now, settings=settings)
    fill(town.session, town, 5000)
    statements: list[str] = []
    connection = town.session.connection()
    event.listen(connection, "before_cursor_execute", lambda *given: statements.append(given[2]))
    took = []
    for _ in range(5):
        started = time.perf_counter()
        items, _ = on_duty(town.session, [CITY], now=town.now)
        took.append(time.perf_counter() - started)
    assert (len(items), len(statements)) == (5000, 5)
    assert all(one["seen"]["at"] == town.now for one in items)
    assert min(took) < 2, f"110 ms on two busy cores, once: {took}"
