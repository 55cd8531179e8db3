"""Every fault is found, named by code and measured; and all of them at once."""

import copy
import random
from collections.abc import Callable
from typing import Any

import pytest

from grid.checks import Fault, FaultKind
from grid.loading import read_bytes
from tests.grid.town import (
    CITY,
    EAST,
    HALF,
    LEFT,
    LEFT_STREET,
    MIDDLE,
    NORTH,
    NORTH_EAST,
    NORTH_WEST,
    RIGHT,
    RIGHT_STREET,
    SOUTH,
    SOUTH_EAST,
    SOUTH_WEST,
    WEST,
    as_bytes,
    box,
    town,
)

Cells = dict[str, dict[str, Any]]


def faults_of(cells: Cells | list[dict[str, Any]]) -> list[Fault]:
    return read_bytes(as_bytes(cells), name="town.geojson").faults


def found(cells: Cells | list[dict[str, Any]]) -> set[tuple[str, tuple[str, ...]]]:
    return {(fault.kind.value, fault.codes) for fault in faults_of(cells)}


def put(code: str, /, **properties: Any) -> Callable[[Cells], None]:
    return lambda cells: cells[code]["properties"].update(properties)


def shape(code: str, geometry: Any) -> Callable[[Cells], None]:
    return lambda cells: cells[code].update(geometry=geometry)


def test_a_sound_town_has_no_fault_in_any_order_of_its_cells() -> None:
    cells = list(town().values())
    random.Random(1).shuffle(cells)
    assert faults_of(cells) == []


def drop(*codes: str) -> Callable[[Cells], None]:
    def change(cells: Cells) -> None:
        for code in codes:
            del cells[code]

    return change


BOW_TIE = {
    "type": "Polygon",
    "coordinates": [[[WEST, SOUTH], [MIDDLE, HALF], [MIDDLE, SOUTH], [WEST, HALF], [WEST, SOUTH]]],
}
POINT = {"type": "Point", "coordinates": [WEST, SOUTH]}
NAN = {"type": "Polygon", "coordinates": [[[WEST, SOUTH], [MIDDLE, float("nan")], [MIDDLE, HALF], [WEST, SOUTH]]]}
SWAPPED = {"type": "Polygon", "coordinates": [[[31.2, 121.4], [31.3, 121.4], [31.3, 121.5], [31.2, 121.4]]]}

ONE_FAULT: list[tuple[str, Callable[[Cells], None], str, tuple[str, ...]]] = [
    ("no name", put(SOUTH_WEST, name=""), "missing_property", (SOUTH_WEST,)),
    ("a long name", put(SOUTH_WEST, name="村" * 121), "bad_property", (SOUTH_WEST,)),
    ("a code with a blank", put(SOUTH_WEST, code="31 01"), "bad_property", ("31 01",)),
    ("an unknown level", put(SOUTH_WEST, level="beat"), "unknown_level", (SOUTH_WEST,)),
    ("no geometry", shape(SOUTH_WEST, None), "no_geometry", (SOUTH_WEST,)),
    ("a point", shape(SOUTH_WEST, POINT), "no_geometry", (SOUTH_WEST,)),
    ("an empty polygon", shape(SOUTH_WEST, {"type": "Polygon", "coordinates": []}), "no_geometry", (SOUTH_WEST,)),
    (
        "broken coordinates",
        shape(SOUTH_WEST, {"type": "Polygon", "coordinates": [[["a"]]]}),
        "no_geometry",
        (SOUTH_WEST,),
    ),
    ("a NaN", shape(SOUTH_WEST, NAN), "not_finite", (SOUTH_WEST,)),
    ("swapped coordinates", shape(SOUTH_WEST, SWAPPED), "out_of_range", (SOUTH_WEST,)),
    ("a self-intersection", shape(SOUTH_WEST, BOW_TIE), "invalid_polygon", (SOUTH_WEST,)),
    ("two roots", put(RIGHT, parent_code=None), "two_roots", (CITY, RIGHT)),
    ("an orphan", put(SOUTH_WEST, parent_code="310199001000"), "orphan", (SOUTH_WEST,)),
    ("a village in a district", put(SOUTH_WEST, parent_code=LEFT), "level_order", (SOUTH_WEST, LEFT)),
    ("a district below a street", put(LEFT, parent_code=RIGHT_STREET), "level_order", (LEFT, RIGHT_STREET)),
    ("a street without villages", drop(SOUTH_WEST, NORTH_WEST), "childless", (LEFT_STREET,)),
    ("a village missing", drop(SOUTH_WEST), "gap", (LEFT_STREET,)),
    ("a ring of parents", put(LEFT, parent_code=LEFT_STREET), "cycle", (LEFT, LEFT_STREET)),
    ("its own parent", put(SOUTH_WEST, parent_code=SOUTH_WEST), "cycle", (SOUTH_WEST,)),
    ("no root at all", put(CITY, parent_code=LEFT), "no_root", ()),
]


@pytest.mark.parametrize(
    ("change", "kind", "codes"), [case[1:] for case in ONE_FAULT], ids=[case[0] for case in ONE_FAULT]
)
def test_a_fault_is_found_and_named_by_its_codes(
    change: Callable[[Cells], None], kind: str, codes: tuple[str, ...]
) -> None:
    cells = town()
    change(cells)
    assert (kind, codes) in found(cells)


def test_each_kind_of_fault_is_among_the_tests() -> None:
    tried = {case[2] for case in ONE_FAULT} | {"duplicate_code", "overlap", "outside_parent"}
    assert tried == set(FaultKind)


def test_a_code_twice_is_named_once_and_does_not_look_like_an_overlap() -> None:
    cells = list(town().values())
    assert found([*cells, copy.deepcopy(cells[-1])]) == {("duplicate_code", (NORTH_EAST,))}


def test_an_overlap_is_measured_in_square_metres() -> None:
    cells = town()
    cells[SOUTH_WEST]["geometry"] = box(WEST, SOUTH, MIDDLE, HALF + 0.0001)
    (fault,) = faults_of(cells)
    assert (fault.kind, fault.codes) == (FaultKind.OVERLAP, (SOUTH_WEST, NORTH_WEST))
    # 0.02° × 95,257 m by 0.0001° × 110,867 m
    assert fault.area_m2 == pytest.approx(1906.0 * 11.087, rel=0.002)
    assert "21,1" in fault.words
    assert SOUTH_WEST in fault.words


def test_a_gap_is_measured_and_says_where_it_is() -> None:
    cells = town()
    cells[SOUTH_WEST]["geometry"] = box(WEST, SOUTH, MIDDLE, HALF - 0.0001)
    (fault,) = faults_of(cells)
    assert (fault.kind, fault.codes) == (FaultKind.GAP, (LEFT_STREET,))
    assert fault.area_m2 == pytest.approx(1906.0 * 11.087, rel=0.002)
    assert "121.4" in fault.detail


def test_a_child_outside_its_parent_is_measured() -> None:
    cells = town()
    cells[SOUTH_EAST]["geometry"] = box(MIDDLE, SOUTH, EAST + 0.0001, HALF)
    (fault,) = faults_of(cells)
    assert (fault.kind, fault.codes) == (FaultKind.OUTSIDE_PARENT, (SOUTH_EAST, RIGHT_STREET))
    assert fault.area_m2 == pytest.approx(9.526 * 1108.7, rel=0.002)


def test_rounding_below_a_square_metre_is_no_fault() -> None:
    cells = town()
    # 1e-9 degrees of a street's 1.9 km are 0.2 m²
    cells[SOUTH_WEST]["geometry"] = box(WEST, SOUTH, MIDDLE, HALF + 1e-9)
    cells[NORTH_EAST]["geometry"] = box(MIDDLE, HALF + 1e-9, EAST, NORTH)
    assert faults_of(cells) == []


def test_all_faults_are_told_at_once_and_a_broken_cell_hides_no_other() -> None:
    cells = town()
    cells[SOUTH_WEST]["geometry"] = BOW_TIE
    cells[SOUTH_EAST]["geometry"] = box(MIDDLE, SOUTH, EAST + 0.001, HALF)
    cells[NORTH_EAST]["properties"]["name"] = ""
    cells[NORTH_WEST]["properties"]["level"] = "beat"
    kinds = {kind for kind, _ in found(cells)}
    assert {"invalid_polygon", "outside_parent", "missing_property", "unknown_level"} <= kinds


def test_a_cell_without_readable_ground_makes_no_gap_of_its_own() -> None:
    cells = town()
    cells[SOUTH_WEST]["geometry"] = None
    assert found(cells) == {("no_geometry", (SOUTH_WEST,))}


def test_words_and_json_of_a_fault_name_codes_and_area() -> None:
    fault = Fault(FaultKind.GAP, ("1", "2"), "here", 12.34)
    assert fault.words == "gap: 1 2: here (12.3 m²)"
    assert fault.as_json() == {"kind": "gap", "codes": ["1", "2"], "area_m2": 12.3, "detail": "here"}
    assert Fault(FaultKind.NO_ROOT, (), "none").as_json()["area_m2"] is None
