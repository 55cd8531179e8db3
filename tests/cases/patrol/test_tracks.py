"""Points in duty time: kept once, refused one by one, read by whoever leads the inspector."""

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import structlog
from sqlalchemy import func, select, text

from cases.errors import TracksOff
from cases.models import Track
from cases.patrol.tracks import Point, open_alarm_of, read_track, take_points
from core.errors import Invalid, NotFound
from tests.cases.patrol.duty import begin, finish, ms_of, send
from tests.make import PEOPLES_SQUARE, Town


def kept(town: Town) -> int:
    return town.session.scalar(select(func.count()).select_from(Track)) or 0


def test_points_are_kept_once_whatever_order_they_come_in(town: Town) -> None:
    begin(town, ago=30)
    batch = [(-m, PEOPLES_SQUARE) for m in (3, 1, 2)]
    assert send(town, *batch).kept == 3
    again = send(town, (-2, PEOPLES_SQUARE), (-4, PEOPLES_SQUARE), (-4, PEOPLES_SQUARE))
    assert (again.kept, again.known, again.refused, kept(town)) == (1, 2, [], 4)


def test_what_was_kept_first_stays(town: Town) -> None:
    begin(town, ago=30)
    send(town, (-1, PEOPLES_SQUARE))
    send(town, (-1, (121.5, 31.3)))
    assert town.session.scalar(select(Track.lon)) == PEOPLES_SQUARE[0]


def test_nothing_is_kept_of_time_off_duty_and_the_rest_of_the_batch_is(town: Town) -> None:
    shift = begin(town, ago=60)
    finish(town, shift, town.now - timedelta(minutes=20))
    begin(town, ago=5)
    taken = send(town, *((-m, PEOPLES_SQUARE) for m in (61, 60, 30, 20, 19, 6, 5, 0)))
    assert taken.kept == 5
    assert taken.refused == [{"index": index, "code": "off_duty"} for index in (0, 4, 5)]
    assert kept(town) == 5


def test_nobody_sends_points_for_somebody_else(town: Town) -> None:
    begin(town, ago=30)
    assert send(town, (-1, PEOPLES_SQUARE), who="other_inspector").refused == [{"index": 0, "code": "off_duty"}]
    assert kept(town) == 0


@pytest.mark.parametrize(
    ("minute", "place", "code"),
    [
        (-1, (31.23, 121.47), "swapped"), (-1, (200.0, 10.0), "no_place"), (-1, (math.nan, 31.2), "no_place"),
        (-1, (0.0, 0.0), "no_place"), (-1, (116.4, 39.9), "no_place"), (-1, (121.47, 33.2), "no_place"),
        (-1, (0.0, 31.23), "no_place"), (-1, (119.2, 31.23), "no_place"),
        (11, PEOPLES_SQUARE, "in_future"), (-7 * 24 * 60 - 1, PEOPLES_SQUARE, "older_than_days"),
        (-1e9, PEOPLES_SQUARE, "older_than_days"), (1e9, PEOPLES_SQUARE, "in_future"),
    ],
)  # fmt: skip
def test_a_bad_point_is_refused_alone(town: Town, minute: float, place: tuple[float, float], code: str) -> None:
    begin(town, ago=30)
    bad = Point(ms_of(town.now) + round(minute * 60_000), *place, 5.0)
    good = Point(ms_of(town.now), *PEOPLES_SQUARE, None)
    taken = take_points(town.session, town["inspector"], [bad, good], now=town.now, settings=town.settings)
    assert (taken.kept, taken.refused) == (1, [{"index": 0, "code": code}])


def test_a_receiver_without_a_fix_raises_no_alarm(town: Town) -> None:
    begin(town, ago=60)
    taken = send(town, *((-m, (0.0, 0.0)) for m in range(40)))
    assert (taken.kept, taken.alarm, kept(town)) == (0, None, 0)
    assert send(town, (-1, (121.9, 30.9)), (-2, (120.9, 31.9))).kept == 2  # at the city's rim


def test_an_accuracy_that_is_none_is_refused(town: Town) -> None:
    begin(town, ago=30)
    assert send(town, (-1, PEOPLES_SQUARE), accuracy=-1).refused == [{"index": 0, "code": "no_place"}]
    assert send(town, (-1, PEOPLES_SQUARE), accuracy=1e9).refused == [{"index": 0, "code": "no_place"}]


def test_where_tracks_are_off_nothing_is_kept(town: Town) -> None:
    begin(town, ago=30)
    town.settings = replace(town.settings, track=replace(town.settings.track, enabled=False))
    with pytest.raises(TracksOff):
        send(town, (-1, PEOPLES_SQUARE))
    assert kept(town) == 0


def test_an_empty_batch_says_how_things_are(town: Town) -> None:
    assert send(town).kept == 0
    assert open_alarm_of(town.session, town["inspector"].person_id) is None


def test_milliseconds_are_kept_to_the_millisecond(town: Town) -> None:
    begin(town, ago=30)
    ms = ms_of(town.now) - 7_877
    take_points(
        town.session, town["inspector"], [Point(ms, *PEOPLES_SQUARE, None)], now=town.now, settings=town.settings
    )
    read = track_of(town, "inspector")
    assert read["points"] == [[ms, *PEOPLES_SQUARE, None]]


# --- reading ----------------------------------------------------------------------------------------------------------


def track_of(town: Town, reader: str, hours: float = 1) -> dict[str, object]:
    person_id = town["inspector"].person_id
    assert person_id is not None
    return read_track(town.session, town[reader], person_id, town.now - timedelta(hours=hours), town.now)


def test_a_track_is_shown_to_its_person_and_to_who_leads_them_only(town: Town) -> None:
    shift = begin(town, ago=30)
    send(town, (-2, PEOPLES_SQUARE), (-1, PEOPLES_SQUARE))
    own = track_of(town, "inspector")
    assert [one["id"] for one in own["shifts"]] == [shift.id]
    for reader in ("shift_lead", "leader", "district_shift_lead", "admin"):
        assert track_of(town, reader)["points"] == own["points"]
    for reader in ("other_inspector", "other_dispatcher", "works_head", "acceptor"):
        with pytest.raises(NotFound):
            track_of(town, reader)


def test_who_reads_somebody_elses_track_is_written_down(town: Town) -> None:
    begin(town, ago=30)
    with structlog.testing.capture_logs() as logs:
        track_of(town, "inspector")
        assert logs == []
        track_of(town, "leader")
    assert [(one["event"], one["reader"], one["person"]) for one in logs] == [
        ("track-read", town["leader"].person_id, town["inspector"].person_id)
    ]


def test_a_lead_sees_an_inspector_without_a_shift_as_one_who_has_no_track(town: Town) -> None:
    assert track_of(town, "shift_lead")["points"] == []
    with pytest.raises(NotFound):
        read_track(town.session, town["shift_lead"], 10**9, town.now - timedelta(hours=1), town.now)


def test_too_long_a_time_or_none_is_refused(town: Town) -> None:
    for hours, code in ((49, "too_long_a_time"), (0, "before_from")):
        with pytest.raises(Invalid) as refused:
            track_of(town, "inspector", hours=hours)
        assert refused.value.errors[0].code == code


# --- days -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def days(town: Town) -> list[date]:
    """A partition for each of three days around the tests' now, undone with the test."""
    around = [town.now.date() + timedelta(days=number) for number in (-1, 0, 1)]
    for day in around:
        assert town.session.scalar(text("SELECT make_track_day(:day)"), {"day": day})
    return around


def test_one_persons_day_is_read_from_one_partition(town: Town, days: list[date]) -> None:
    begin(town, ago=60)
    send(town, (-2, PEOPLES_SQUARE))
    midnight = datetime.combine(days[1], datetime.min.time(), UTC)
    plan = town.session.scalars(
        text("EXPLAIN SELECT * FROM tracks WHERE person_id = :person AND at >= :begin AND at < :end"),
        {"person": town["inspector"].person_id, "begin": midnight, "end": midnight + timedelta(days=1)},
    ).all()
    scanned = [line for line in plan if " on tracks_" in line]
    assert len(scanned) == 1, plan
    assert f"tracks_{days[1]:%Y%m%d}" in scanned[0]


def test_a_day_begins_at_midnight_utc(town: Town, days: list[date]) -> None:
    """Eight in the morning in Shanghai, which has no summer time: the zone of who asks makes no difference."""
    midnight = datetime.combine(days[1], datetime.min.time(), UTC)
    begin(town, ago=3 * 60)
    take_points(
        town.session, town["inspector"],
        [Point(ms_of(midnight) + ms, *PEOPLES_SQUARE, None) for ms in (-1, 0)], now=town.now, settings=town.settings,
    )  # fmt: skip
    town.session.execute(text("SET LOCAL timezone = 'America/New_York'"))
    parts = town.session.execute(text("SELECT tableoid::regclass::text FROM tracks ORDER BY at")).scalars().all()
    assert parts == [f"tracks_{days[0]:%Y%m%d}", f"tracks_{days[1]:%Y%m%d}"]
    assert len(track_of(town, "shift_lead", hours=3)["points"]) == 2
