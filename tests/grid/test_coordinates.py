"""Five references to WGS-84 and back, the plane, and the pairs that are no place."""

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid import coordinates
from grid.coordinates import (
    BadCoordinate,
    Crs,
    Fault,
    check_range,
    from_wgs84,
    from_wgs84_many,
    to_plane,
    to_plane_many,
    to_wgs84,
    to_wgs84_many,
)

SQUARE = (121.4737, 31.2304)  # People's Square
GCJ_VECTOR = ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597))
SHANGHAI = st.tuples(st.floats(120.85, 122.20), st.floats(30.67, 31.88))
CHINA = st.tuples(st.floats(72.1, 137.8), st.floats(0.9, 55.8))
ABROAD = st.one_of(
    st.tuples(st.floats(-179, 71), st.floats(-89, 89)),
    st.tuples(st.floats(138, 179), st.floats(-89, 89)),
    st.tuples(st.floats(72, 138), st.floats(56, 89)),
)


def grid_of_points(count: int = 200) -> tuple[np.ndarray, np.ndarray]:
    lons, lats = np.meshgrid(np.linspace(120.85, 122.20, count), np.linspace(30.67, 31.88, count))
    return lons.ravel(), lats.ravel()


def metres_between(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    (x1, y1), (x2, y2) = to_plane(*one), to_plane(*other)
    return x2 - x1, y2 - y1


# --- the check values of domain.md §8


def test_peoples_square_lies_where_the_survey_puts_it() -> None:
    assert to_plane(*SQUARE) == pytest.approx((643.64, -540.78), abs=0.005)


def test_the_origin_of_shanghai_2000_is_zero() -> None:
    origin = (121 + 28 / 60 + 1 / 3600, 31 + 14 / 60 + 7 / 3600)
    assert to_plane(*origin) == pytest.approx((0.0004, -0.0003), abs=0.00005)


def test_the_published_vector_is_shifted_exactly() -> None:
    wgs, gcj = GCJ_VECTOR
    assert from_wgs84(Crs.GCJ02, *wgs) == pytest.approx(gcj, abs=3e-14)
    assert to_wgs84(Crs.GCJ02, *gcj) == pytest.approx(wgs, abs=1e-12)


def test_the_shift_at_peoples_square_is_482_metres_to_the_east_south_east() -> None:
    gcj = from_wgs84(Crs.GCJ02, *SQUARE)
    assert gcj == pytest.approx((121.4782231, 31.2284577), abs=5e-8)
    east, north = metres_between(SQUARE, gcj)
    assert (east, north, math.hypot(east, north)) == pytest.approx((430.9, -215.3, 481.7), abs=0.1)


def test_the_shifts_over_shanghai_have_the_measured_lengths() -> None:
    lons, lats = grid_of_points()
    x, y = to_plane_many(lons, lats)
    for crs, shortest, mean, longest in ((Crs.GCJ02, 456, 475, 501), (Crs.BD09, 1080, 1125, 1170)):
        shifted = to_plane_many(*from_wgs84_many(crs, lons, lats))
        length = np.hypot(shifted[0] - x, shifted[1] - y)
        assert length.min() == pytest.approx(shortest, abs=2)
        assert length.mean() == pytest.approx(mean, abs=2)
        assert length.max() == pytest.approx(longest, abs=2)


@pytest.mark.parametrize(("rounds", "metres"), [(0, 2.24), (1, 8.6e-3), (2, 0.033e-3), (3, 0.13e-6), (4, 4e-9)])
def test_each_round_of_the_inverse_gains_what_was_measured(
    rounds: int, metres: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coordinates, "ROUNDS", rounds)
    lons, lats = grid_of_points()
    back = to_wgs84_many(Crs.GCJ02, *from_wgs84_many(Crs.GCJ02, lons, lats))
    x, y = to_plane_many(lons, lats)
    back_x, back_y = to_plane_many(*back)
    assert np.hypot(back_x - x, back_y - y).max() < metres


def test_the_inverse_with_four_rounds_is_exact_to_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coordinates, "ROUNDS", 4)
    lons, lats = grid_of_points()
    for crs in (Crs.GCJ02, Crs.BD09):
        back = to_wgs84_many(crs, *from_wgs84_many(crs, lons, lats))
        assert np.abs(back[0] - lons).max() < 1e-13
        assert np.abs(back[1] - lats).max() < 1e-13


# --- round trips


@pytest.mark.parametrize("crs", Crs)
@given(place=SHANGHAI)
def test_there_and_back_ends_where_it_began(crs: Crs, place: tuple[float, float]) -> None:
    assert to_wgs84(crs, *from_wgs84(crs, *place)) == pytest.approx(place, abs=2e-12)


@pytest.mark.parametrize("crs", [Crs.WGS84, Crs.CGCS2000, Crs.GCJ02, Crs.BD09])
@given(place=CHINA)
def test_there_and_back_holds_all_over_china(crs: Crs, place: tuple[float, float]) -> None:
    assert to_wgs84(crs, *from_wgs84(crs, *place)) == pytest.approx(place, abs=1e-10)


@given(x=st.floats(-200_000, 200_000), y=st.floats(-200_000, 200_000))
def test_metres_come_back_as_metres(x: float, y: float) -> None:
    assert to_plane(*to_wgs84(Crs.SH2000, x, y)) == pytest.approx((x, y), abs=1e-6)


@given(place=ABROAD)
def test_outside_the_box_gcj02_is_wgs84(place: tuple[float, float]) -> None:
    assert from_wgs84(Crs.GCJ02, *place) == place
    assert to_wgs84(Crs.GCJ02, *place) == place


@pytest.mark.parametrize("corner", [(72.004, 0.8293), (72.004, 55.8271), (137.8347, 0.8293), (137.8347, 55.8271)])
def test_the_rim_of_the_box_belongs_to_the_box(corner: tuple[float, float]) -> None:
    inward = (math.nextafter(corner[0], 105), math.nextafter(corner[1], 35))
    outward = (math.nextafter(corner[0], corner[0] * 2 - 105), corner[1])
    assert from_wgs84(Crs.GCJ02, *corner) != corner
    assert from_wgs84(Crs.GCJ02, *inward) != inward
    assert from_wgs84(Crs.GCJ02, *outward) == outward


def test_a_pair_just_outside_the_box_that_no_shift_explains_stays_as_it_is() -> None:
    place = (71.95, 30.0)  # near enough to be tried, and its unshifted place lies outside
    assert to_wgs84(Crs.GCJ02, *place) == place


def test_cgcs2000_is_taken_as_wgs84() -> None:
    assert to_wgs84(Crs.CGCS2000, *SQUARE) == SQUARE
    assert from_wgs84(Crs.CGCS2000, *SQUARE) == SQUARE


# --- one and many


@pytest.mark.parametrize("crs", Crs)
def test_many_points_come_out_as_each_alone(crs: Crs) -> None:
    lons, lats = grid_of_points(20)
    if crs != Crs.SH2000:
        lons, lats = np.append(lons, [71.95, 2.35, -70.0]), np.append(lats, [30.0, 48.85, -33.0])
    tolerance = 0.0 if crs in {Crs.WGS84, Crs.CGCS2000, Crs.SH2000} else 1e-13
    there = np.column_stack(from_wgs84_many(crs, lons, lats))
    alone = np.array([from_wgs84(crs, lon, lat) for lon, lat in zip(lons.tolist(), lats.tolist(), strict=True)])
    assert np.abs(there - alone).max() <= tolerance
    back = np.column_stack(to_wgs84_many(crs, there[:, 0], there[:, 1]))
    alone = np.array([to_wgs84(crs, x, y) for x, y in there.tolist()])
    assert np.abs(back - alone).max() <= tolerance


def test_the_plane_of_many_points_is_that_of_each_to_the_bit() -> None:
    lons, lats = grid_of_points(30)
    many = np.column_stack(to_plane_many(lons, lats))
    alone = [to_plane(lon, lat) for lon, lat in zip(lons.tolist(), lats.tolist(), strict=True)]
    assert (many == np.array(alone)).all()


@pytest.mark.parametrize("crs", Crs)
def test_no_points_give_no_points(crs: Crs) -> None:
    nothing = np.array([], dtype=np.float64)
    for xs, ys in (to_wgs84_many(crs, nothing, nothing), from_wgs84_many(crs, nothing, nothing)):
        assert xs.shape == ys.shape == (0,)


@pytest.mark.parametrize("crs", Crs)
def test_the_arrays_that_came_in_are_left_alone(crs: Crs) -> None:
    lons, lats = np.array([SQUARE[0]]), np.array([SQUARE[1]])
    for convert in (to_wgs84_many, from_wgs84_many):
        xs, ys = convert(crs, lons, lats)
        xs += 1
        ys += 1
        assert (lons[0], lats[0]) == SQUARE


def test_many_threads_share_the_plane() -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(lambda _: to_plane(*SQUARE), range(400)))
    assert len(answers) == 1


# --- pairs that are no place


@pytest.mark.parametrize("crs", Crs)
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_not_finite_is_refused(crs: Crs, bad: float) -> None:
    for pair in ((bad, 31.0), (121.0, bad)):
        with pytest.raises(BadCoordinate) as refusal:
            check_range(crs, *pair)
        assert refusal.value.reason is Fault.NOT_FINITE


@pytest.mark.parametrize("crs", [Crs.WGS84, Crs.GCJ02, Crs.BD09, Crs.CGCS2000])
@pytest.mark.parametrize(
    ("pair", "reason"),
    [
        ((31.2304, 121.4737), Fault.SWAPPED),
        ((-31.2304, 121.4737), Fault.SWAPPED),
        ((90.0, -180.0), Fault.SWAPPED),
        ((121.0, 121.0), Fault.OUT_OF_RANGE),
        ((31.0, 180.5), Fault.OUT_OF_RANGE),
        ((180.5, 31.0), Fault.OUT_OF_RANGE),
        ((643.64, -540.78), Fault.OUT_OF_RANGE),
    ],
)
def test_degrees_off_the_earth_are_refused_with_the_reason(crs: Crs, pair: tuple[float, float], reason: Fault) -> None:
    with pytest.raises(BadCoordinate) as refusal:
        to_wgs84(crs, *pair)
    assert (refusal.value.reason, refusal.value.crs, (refusal.value.x, refusal.value.y)) == (reason, crs, pair)


@given(place=SHANGHAI)
def test_every_exchanged_pair_of_shanghai_is_recognised(place: tuple[float, float]) -> None:
    with pytest.raises(BadCoordinate) as refusal:
        check_range(Crs.WGS84, place[1], place[0])
    assert refusal.value.reason is Fault.SWAPPED


@pytest.mark.parametrize("pair", [(200_000.1, 0.0), (0.0, -200_000.1), (121_473.7, 3_457_059.9)])
def test_metres_far_from_the_city_are_refused(pair: tuple[float, float]) -> None:
    with pytest.raises(BadCoordinate, match="out_of_range") as refusal:
        to_wgs84(Crs.SH2000, *pair)
    assert refusal.value.reason is Fault.OUT_OF_RANGE


@pytest.mark.parametrize("crs", Crs)
def test_the_ends_of_the_range_are_in_range(crs: Crs) -> None:
    width, height = (200_000, 200_000) if crs == Crs.SH2000 else (180, 90)
    for x, y in ((width, height), (-width, -height), (0, 0)):
        check_range(crs, x, y)


@pytest.mark.parametrize("crs", Crs)
def test_one_bad_pair_among_many_is_named(crs: Crs) -> None:
    xs, ys = np.array([0.0, 0.0, math.nan]), np.array([0.0, 200_001.0, 0.0])
    with pytest.raises(BadCoordinate) as refusal:
        to_wgs84_many(crs, xs, ys)
    assert (refusal.value.reason, refusal.value.y) == (Fault.OUT_OF_RANGE, 200_001.0)
    with pytest.raises(BadCoordinate) as refusal:
        from_wgs84_many(crs, xs, ys)
    assert refusal.value.crs is Crs.WGS84


@pytest.mark.parametrize("crs", Crs)
def test_a_place_that_is_not_on_earth_is_not_converted(crs: Crs) -> None:
    with pytest.raises(BadCoordinate):
        from_wgs84(crs, 31.2304, 121.4737)
