"""Spells outside and of standing still, by hand and over any track."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from cases.patrol.spells import Patience, Seen, Spell, Stood, Where, idle_spells, outside_spells

NINE = datetime(2026, 3, 10, 1, 0, tzinfo=UTC)
FIVE = Patience(timedelta(minutes=5), timedelta(minutes=5))
KINDS = {"i": Where.INSIDE, "o": Where.OUTSIDE, "?": Where.UNSURE}


def at(minute: float) -> datetime:
    return NINE + timedelta(minutes=minute)


def seen(kinds: str, step: float = 1) -> list[Seen]:
    """A point a minute: i inside, o outside, ? unsure, blank: none."""
    return [Seen(at(step * index), KINDS[kind]) for index, kind in enumerate(kinds) if kind != " "]


def spells(kinds: str, step: float = 1) -> list[tuple[float, float | None]]:
    found = outside_spells(seen(kinds, step), FIVE)
    return [(minutes(one.started_at), None if one.ended_at is None else minutes(one.ended_at)) for one in found]


def minutes(moment: datetime) -> float:
    return (moment - NINE) / timedelta(minutes=1)


def test_a_spell_outside_must_last() -> None:
    assert spells("iooooi") == []
    assert spells("ioooooi") == []  # four minutes from the first to the last
    assert spells("iooooooi") == [(1, 7)]
    assert spells("ioooooo") == [(1, None)]


def test_one_look_inside_begins_it_anew() -> None:
    assert spells("oooioooioooi") == []
    assert spells("ooooooioooooooi") == [(0, 6), (7, 14)]


def test_points_that_may_be_either_say_nothing() -> None:
    assert spells("o????oi") == [(0, 6)]
    assert spells("i?????????") == []
    assert spells("oooooo????i") == [(0, 10)]


def test_after_a_silence_nobody_knows_where_they_were() -> None:
    assert spells("o      o") == []
    assert spells("o    o") == [(0, None)]
    assert spells("oooooo          i") == [(0, 16)]  # but one that goes on, goes on


def test_without_patience_the_first_point_outside_is_a_spell() -> None:
    at_once = Patience(timedelta(0), timedelta(minutes=1))
    assert outside_spells(seen("ioi"), at_once) == [Spell(at(1), at(2))]


def test_standing_still_is_a_spell_that_ends_with_the_first_step_away() -> None:
    walk = [Stood(at(m), x, 0) for m, x in ((0, 0), (1, 200), (3, 220), (6, 210), (7, 190), (8, 300), (9, 310))]
    assert idle_spells(walk, FIVE, 50) == [Spell(at(1), at(8))]
    assert idle_spells(walk[:4], FIVE, 50) == [Spell(at(1))]
    assert idle_spells(walk[:3], FIVE, 50) == []


def test_nobody_stands_still_while_nothing_is_heard_of_them() -> None:
    assert idle_spells([Stood(at(0), 0, 0), Stood(at(6), 0, 0)], FIVE, 50) == []
    assert idle_spells([Stood(at(m), 0, 0) for m in (0, 5, 30)], FIVE, 50) == [Spell(at(0))]


WALKS = st.text("io? ", max_size=60)


@given(WALKS, st.floats(0.2, 6))
def test_spells_are_long_apart_and_outside(kinds: str, step: float) -> None:
    points, found = seen(kinds, step), outside_spells(seen(kinds, step), FIVE)
    for one, following in pairwise(found):
        assert one.ended_at is not None
        assert one.ended_at < following.started_at
    for one in found:
        within = [p for p in points if one.started_at <= p.at and (one.ended_at is None or p.at < one.ended_at)]
        assert all(point.where is not Where.INSIDE for point in within)
        assert within[-1].at - one.started_at >= FIVE.lasts


@given(WALKS, st.floats(0.2, 6), st.integers(0, 60))
def test_what_lies_beyond_its_reach_has_no_bearing_on_a_point(kinds: str, step: float, cut: int) -> None:
    """The rule on which judging from the middle of a track rests (cases/patrol/fence.py)."""
    points = seen(kinds, step)
    whole = outside_spells(points, FIVE)
    if cut >= len(points):
        return
    begin = points[cut].at - FIVE.reach
    going_on = [one for one in outside_spells(points[:cut], FIVE) if one.started_at < begin and one.ended_at is None]
    going_on += [
        one for one in outside_spells(points[:cut], FIVE)
        if one.started_at < begin and one.ended_at is not None and one.ended_at >= begin
    ]  # fmt: skip
    again = outside_spells(
        [one for one in points if one.at >= begin], FIVE, Spell(going_on[-1].started_at) if going_on else None
    )
    assert again == [one for one in whole if one.ended_at is None or one.ended_at >= begin]
