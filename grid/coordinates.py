"""Five ways to write a place, and the way from each to WGS-84 and back; metres in Shanghai 2000 for metric work.

Order is always longitude, latitude in degrees, or east, north in metres (`sh2000` and the plane).

A function on one point and its `…_many` twin on arrays share one formula: equal to the bit for `wgs84`, `cgcs2000`,
`sh2000` and the plane; within 1e-13° (10 nm) for `gcj02` and `bd09`, where numpy may take another sine than C does.
"""

import math
from enum import StrEnum
from functools import cache
from types import ModuleType
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer
from pyproj.enums import TransformDirection

Floats = NDArray[np.float64]
Number = TypeVar("Number", float, Floats)


class Crs(StrEnum):
    """The reference in which a sender gives its numbers. `sh2000` is in metres, all others in degrees."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"
    CGCS2000 = "cgcs2000"
    SH2000 = "sh2000"


class Fault(StrEnum):
    """Why a pair of numbers cannot be a place."""

    NOT_FINITE = "not_finite"
    OUT_OF_RANGE = "out_of_range"
    SWAPPED = "swapped"


class BadCoordinate(ValueError):
    """A pair of numbers that is no place in the reference it was given in; `reason` says why."""

    def __init__(self, reason: Fault, crs: Crs, x: float, y: float) -> None:
        super().__init__(f"{reason.value}: ({x!r}, {y!r}) is no place in {crs.value}")
        self.reason = reason
        self.crs = crs
        self.x = x
        self.y = y


PLANE_LIMIT = 200_000.0
"""How far from the origin, in metres along each axis, a pair in Shanghai 2000 may lie: the city reaches 90 km."""


_CENTRE_LON, _CENTRE_LAT, _REACH_LON, _REACH_LAT = 121.464, 31.235, 2.2, 1.9


def is_near_city(lon: float, lat: float) -> bool:
    """Whether a place in WGS-84 lies within some 200 km of the city's centre, in a box of degrees.

    A receiver that has no fix yet may say 0, 0.
    """
    return abs(lon - _CENTRE_LON) <= _REACH_LON and abs(lat - _CENTRE_LAT) <= _REACH_LAT


def check_range(crs: Crs, x: float, y: float) -> None:
    """Raise BadCoordinate unless the pair can be a place in `crs`, anywhere on earth (±200 km for `sh2000`).

    `swapped`: the latitude is beyond ±90° and exchanging the two numbers helps. That finds every exchanged pair in
    China's east, whose longitudes are all above 90°.
    """
    if not (math.isfinite(x) and math.isfinite(y)):
        raise BadCoordinate(Fault.NOT_FINITE, crs, x, y)
    if crs == Crs.SH2000:
        if abs(x) > PLANE_LIMIT or abs(y) > PLANE_LIMIT:
            raise BadCoordinate(Fault.OUT_OF_RANGE, crs, x, y)
    elif abs(x) > 180 or abs(y) > 90:
        swapped = 90 < abs(y) <= 180 and abs(x) <= 90
        raise BadCoordinate(Fault.SWAPPED if swapped else Fault.OUT_OF_RANGE, crs, x, y)


def to_wgs84(crs: Crs, x: float, y: float) -> tuple[float, float]:
    """Longitude and latitude in WGS-84 of a pair given in `crs`; raises BadCoordinate as `check_range` does."""
    check_range(crs, x, y)
    if crs == Crs.SH2000:
        return _plane(x, y, TransformDirection.INVERSE)
    if crs == Crs.GCJ02:
        return _gcj_to_wgs(x, y)
    if crs == Crs.BD09:
        return _gcj_to_wgs(*_bd_to_gcj(math, x, y))
    return x, y


def from_wgs84(crs: Crs, lon: float, lat: float) -> tuple[float, float]:
    """The pair in `crs` for a longitude and latitude in WGS-84; raises BadCoordinate unless these are on earth."""
    check_range(Crs.WGS84, lon, lat)
    if crs == Crs.SH2000:
        return to_plane(lon, lat)
    if crs == Crs.GCJ02:
        return _wgs_to_gcj(lon, lat)
    if crs == Crs.BD09:
        return _gcj_to_bd(math, *_wgs_to_gcj(lon, lat))
    return lon, lat


def to_wgs84_many(crs: Crs, xs: Floats, ys: Floats) -> tuple[Floats, Floats]:
    """`to_wgs84` on two arrays of one shape (n,); raises BadCoordinate for the first pair that is no place."""
    _check_range_many(crs, xs, ys)
    if crs == Crs.SH2000:
        return _plane_many(xs, ys, TransformDirection.INVERSE)
    if crs == Crs.GCJ02:
        return _gcj_to_wgs_many(xs, ys)
    if crs == Crs.BD09:
        return _gcj_to_wgs_many(*_bd_to_gcj(np, xs, ys))
    return xs.copy(), ys.copy()


def from_wgs84_many(crs: Crs, lons: Floats, lats: Floats) -> tuple[Floats, Floats]:
    """`from_wgs84` on two arrays of one shape (n,); raises BadCoordinate for the first pair that is not on earth."""
    _check_range_many(Crs.WGS84, lons, lats)
    if crs == Crs.SH2000:
        return to_plane_many(lons, lats)
    if crs == Crs.GCJ02:
        return _wgs_to_gcj_many(lons, lats)
    if crs == Crs.BD09:
        return _gcj_to_bd(np, *_wgs_to_gcj_many(lons, lats))
    return lons.copy(), lats.copy()


def to_plane(lon: float, lat: float) -> tuple[float, float]:
    """East and north in metres of Shanghai 2000 for a place in WGS-84: the plane for distances, areas and radii.

    Lengths are true to 45 ppm inside the city and mean little beyond some hundred kilometres; infinite on
    parts of the globe's other side. Checks nothing.
    """
    return _plane(lon, lat, TransformDirection.FORWARD)


def to_plane_many(lons: Floats, lats: Floats) -> tuple[Floats, Floats]:
    """`to_plane` on two arrays of one shape (n,)."""
    return _plane_many(lons, lats, TransformDirection.FORWARD)


def _check_range_many(crs: Crs, xs: Floats, ys: Floats) -> None:
    width, height = (PLANE_LIMIT, PLANE_LIMIT) if crs == Crs.SH2000 else (180.0, 90.0)
    bad = ~((np.abs(xs) <= width) & (np.abs(ys) <= height))  # a NaN is never <=
    if bad.any():
        first = int(bad.argmax())
        check_range(crs, float(xs[first]), float(ys[first]))


# Shanghai 2000: transverse Mercator on CGCS2000 (GRS80). WGS-84 and CGCS2000 differ by centimetres: taken as one.


@cache
def _plane_transformer() -> Transformer:
    # pyproj gives each thread its own PROJ object behind one Transformer, so sharing it is safe.
    return Transformer.from_pipeline(
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad"
        " +step +proj=tmerc +lat_0=0 +lon_0=121.46444444444444 +k=1 +x_0=-238.172 +y_0=-3457059.924"
        " +ellps=GRS80 +units=m"
    )


def _plane(x: float, y: float, direction: TransformDirection) -> tuple[float, float]:
    east, north = _plane_transformer().transform(x, y, direction=direction)
    return east, north


def _plane_many(xs: Floats, ys: Floats, direction: TransformDirection) -> tuple[Floats, Floats]:
    east, north = _plane_transformer().transform(xs, ys, direction=direction)
    return east, north


# GCJ-02: the published approximation of the offset, on the Krasovsky ellipsoid.

ROUNDS = 3
"""Rounds of an inverse after the first subtraction; each gains a factor of 250. Three leave 0.12 µm over Shanghai and
2 µm in China's far corners, four leave rounding only."""

_AXIS, _ECCENTRICITY = 6378245.0, 0.00669342162296594323
_WEST, _EAST, _SOUTH, _NORTH = 72.004, 137.8347, 0.8293, 55.8271
_RIM = 0.1  # degrees; far more than the offset ever is


def _gcj_offset(m: ModuleType, lon: Number, lat: Number) -> tuple[Number, Number]:
    """GCJ-02 minus WGS-84 in degrees at a place in WGS-84, with the functions of `m` (math or numpy)."""
    sin: Any = m.sin
    pi = math.pi
    x, y = lon - 105.0, lat - 35.0
    root = m.sqrt(m.fabs(x))
    ripple = (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + ripple
    north += (20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3
    north += (160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + ripple
    east += (20 * sin(x * pi) + 40 * sin(x / 3 * pi)) * 2 / 3
    east += (150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)) * 2 / 3
    phi = lat / 180 * pi
    flat = 1 - _ECCENTRICITY * sin(phi) ** 2
    across = _AXIS / m.sqrt(flat)
    along = _AXIS * (1 - _ECCENTRICITY) / (flat * m.sqrt(flat))
    return east * 180 / (across * m.cos(phi) * pi), north * 180 / (along * pi)


def _in_box(lon: Number, lat: Number, rim: float = 0.0) -> Any:
    """Whether a place lies where GCJ-02 is shifted at all, the box widened by `rim` degrees; `&` serves arrays too."""
    return (lon >= _WEST - rim) & (lon <= _EAST + rim) & (lat >= _SOUTH - rim) & (lat <= _NORTH + rim)


def _wgs_to_gcj(lon: float, lat: float) -> tuple[float, float]:
    if not _in_box(lon, lat):
        return lon, lat
    east, north = _gcj_offset(math, lon, lat)
    return lon + east, lat + north


def _wgs_to_gcj_many(lons: Floats, lats: Floats) -> tuple[Floats, Floats]:
    x, y = lons.copy(), lats.copy()
    inside = _in_box(x, y)
    east, north = _gcj_offset(np, x[inside], y[inside])
    x[inside] += east
    y[inside] += north
    return x, y


def _unshift(m: ModuleType, x: Number, y: Number) -> tuple[Number, Number]:
    lon, lat = x, y
    for _ in range(ROUNDS + 1):
        east, north = _gcj_offset(m, lon, lat)
        lon, lat = x - east, y - north
    return lon, lat


# At the box's rim, where the shift sets in at once, two places share a pair: the inverse takes the shifted one.


def _gcj_to_wgs(x: float, y: float) -> tuple[float, float]:
    if not _in_box(x, y, _RIM):
        return x, y
    lon, lat = _unshift(math, x, y)
    return (lon, lat) if _in_box(lon, lat) else (x, y)


def _gcj_to_wgs_many(xs: Floats, ys: Floats) -> tuple[Floats, Floats]:
    lons, lats = xs.copy(), ys.copy()
    near = np.flatnonzero(_in_box(xs, ys, _RIM))
    lon, lat = _unshift(np, xs[near], ys[near])
    inside = _in_box(lon, lat)
    lons[near[inside]] = lon[inside]
    lats[near[inside]] = lat[inside]
    return lons, lats


# BD-09: GCJ-02 shifted once more, in polar form, as published.

_BD_EAST, _BD_NORTH = 0.0065, 0.006
_BD_TURNS = math.pi * 3000 / 180


def _gcj_to_bd(m: ModuleType, lon: Number, lat: Number) -> tuple[Number, Number]:
    reach = m.sqrt(lon * lon + lat * lat) + 0.00002 * m.sin(lat * _BD_TURNS)
    angle = m.atan2(lat, lon) + 0.000003 * m.cos(lon * _BD_TURNS)
    return reach * m.cos(angle) + _BD_EAST, reach * m.sin(angle) + _BD_NORTH


def _bd_to_gcj(m: ModuleType, x: Number, y: Number) -> tuple[Number, Number]:
    lon, lat = x - _BD_EAST, y - _BD_NORTH
    for _ in range(ROUNDS + 1):
        east, north = _gcj_to_bd(m, lon, lat)
        lon, lat = lon + (x - east), lat + (y - north)
    return lon, lat
