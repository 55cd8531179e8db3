"""The order of the four levels."""

from itertools import pairwise
from operator import ge, gt, le, lt

import pytest

from grid.levels import ORDER, Level


def test_the_order_runs_from_the_city_down_to_the_village() -> None:
    assert [level.value for level in ORDER] == ["city", "district", "street", "village"]
    assert [level.depth for level in ORDER] == [0, 1, 2, 3]


def test_above_and_below_are_each_others_inverse() -> None:
    for higher, lower in pairwise(ORDER):
        assert lower.above is higher
        assert higher.below is lower


def test_nothing_stands_above_the_city_or_below_the_village() -> None:
    assert Level.CITY.above is None
    assert Level.VILLAGE.below is None


@pytest.mark.parametrize("first", Level)
@pytest.mark.parametrize("second", Level)
def test_a_higher_level_is_the_greater_one(first: Level, second: Level) -> None:
    assert (first > second) == (first.depth < second.depth)
    assert (first >= second) == (first.depth <= second.depth)
    assert (first < second) == (first.depth > second.depth)
    assert (first <= second) == (first.depth >= second.depth)


def test_sorting_levels_puts_the_village_first() -> None:
    assert sorted(ORDER) == list(reversed(ORDER))
    assert max(Level) is Level.CITY


@pytest.mark.parametrize("compare", [lt, le, gt, ge])
def test_a_level_is_not_ordered_against_a_bare_string(compare: object) -> None:
    assert callable(compare)
    with pytest.raises(TypeError, match="compared with a level"):
        compare(Level.CITY, "street")


def test_a_level_equals_its_stored_value() -> None:
    assert Level("street") is Level.STREET
    assert {Level.STREET: 1}["street"] == 1  # type: ignore[index]


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(ValueError, match="hamlet"):
        Level("hamlet")
