"""A district's cells, small enough for a phone: shared borders once, coordinates as whole numbers (like TopoJSON)."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
import orjson
import shapely
from sqlalchemy import Connection, text

from core.errors import NotFound
from grid.errors import NoEdition
from grid.levels import Level

SCALE = 10_000_000
"""Whole numbers in a degree: 1e-7° is 11 mm, and 121.4712345 comes back as the very same double."""

MOST_KEPT = 32
"""Districts kept in a process; a city has less."""

Vertex = tuple[int, int]
Arc = tuple[Vertex, ...]


@dataclass(frozen=True)
class CompactCell:
    """A cell as the compact grid takes it; only villages need their polygons (MultiPolygon, WGS-84)."""

    code: str
    level: Level
    parent_code: str | None
    name: str
    geom: Any = None


def compact(cells: Sequence[CompactCell], *, edition: str, district: str) -> dict[str, Any]:
    """The cells as plain data: `version`, `edition`, `scale`, `rounded`, `cells`, `arcs`, `polygons`.

    An arc is `[lon, lat, dlon, dlat, …]`: the first point in units of 1/scale degree, then differences. A polygon is a
    list of rings, the outer one first, a ring a list of arcs: `i` as it stands, `~i` from its end to its beginning; it
    closes itself. Exact where the edition has at most seven decimals, else `rounded` is true and a ring that vanishes
    is left out. The same cells make the same version.
    """
    villages = sorted((cell for cell in cells if cell.level is Level.VILLAGE), key=lambda cell: cell.code)
    rounded, shapes = _whole_numbers([cell.geom for cell in villages])
    borders = _Borders(ring for polygons in shapes for rings in polygons for ring in rings)
    polygons = {
        cell.code: [[borders.arcs_of(ring) for ring in rings] for rings in shape]
        for cell, shape in zip(villages, shapes, strict=True)
    }
    content = {
        "scale": SCALE,
        "rounded": rounded,
        "cells": [
            {"code": cell.code, "name": cell.name, "level": cell.level.value, "parent": cell.parent_code}
            for cell in sorted(cells, key=lambda cell: (cell.level.depth, cell.code))
        ],
        "arcs": [_differences(arc) for arc in borders.numbers],
        "polygons": polygons,
    }
    digest = hashlib.sha256(orjson.dumps(content)).hexdigest()[:12]
    return {"version": f"{edition}:{district}:{digest}", "edition": edition, **content}


# --- borders ----------------------------------------------------------------------------------------------------------


def _whole_numbers(geoms: Sequence[Any]) -> tuple[bool, list[list[list[Arc]]]]:
    """Whether anything was rounded; of each geometry its polygons, of these the rings, without the closing vertex."""
    rounded, shapes = False, []
    for geom in geoms:
        degrees = shapely.get_coordinates(geom)
        rounded = rounded or bool((np.rint(degrees * SCALE) / SCALE != degrees).any())
        polygons = [[_ring(ring) for ring in shapely.get_rings(part)] for part in shapely.get_parts(geom)]
        shapes.append([[ring for ring in rings if ring] for rings in polygons if rings[0]])
    return rounded, shapes


def _ring(ring: Any) -> Arc:
    vertices = [(lon, lat) for lon, lat in np.rint(shapely.get_coordinates(ring) * SCALE).astype(np.int64).tolist()]
    kept = [vertex for before, vertex in zip([None, *vertices], vertices, strict=False) if vertex != before]
    return tuple(kept[:-1]) if len(set(kept)) > 2 else ()


class _Borders:
    """The rings cut where three or more borders meet; `numbers` gives each arc its number, in order."""

    def __init__(self, rings: Iterable[Arc]) -> None:
        self.numbers: dict[Arc, int] = {}
        beside: defaultdict[Vertex, set[Vertex]] = defaultdict(set)
        for ring in rings:
            for one, other in zip(ring, ring[1:] + ring[:1], strict=True):
                beside[one].add(other)
                beside[other].add(one)
        self._junctions = {vertex for vertex, others in beside.items() if len(others) != 2}

    def arcs_of(self, ring: Arc) -> list[int]:
        """The ring's arcs in its own direction; it begins at a junction, or at its lowest vertex."""
        first = next((i for i, vertex in enumerate(ring) if vertex in self._junctions), ring.index(min(ring)))
        turned = (*ring[first:], *ring[: first + 1])
        cuts = [i for i, vertex in enumerate(turned[:-1]) if i == 0 or vertex in self._junctions]
        ends = [*cuts[1:], len(turned) - 1]
        return [self._number(turned[start : end + 1]) for start, end in zip(cuts, ends, strict=True)]

    def _number(self, arc: Arc) -> int:
        back = self.numbers.get(arc[::-1])
        return ~back if back is not None else self.numbers.setdefault(arc, len(self.numbers))


def _differences(arc: Arc) -> list[int]:
    steps = zip([(0, 0), *arc], arc, strict=False)
    return [number for (x, y), (lon, lat) in steps for number in (lon - x, lat - y)]


# --- from the database ------------------------------------------------------------------------------------------------

_CELLS = text("""
SELECT code, level, parent_code, name, line, CASE WHEN level = 'village' THEN ST_AsBinary(geom) END AS geom FROM cells
WHERE edition_id = :edition AND line @> jsonb_build_array(jsonb_build_object('code', CAST(:code AS text)))
""")

_kept: dict[tuple[str, int, str], dict[str, Any]] = {}
_lock = Lock()


def compact_grid(conn: Connection, code: str) -> dict[str, Any]:
    """`compact` of a district in the active edition with the cells above it; callers don't change it.

    Kept in the process; which edition is active is asked each time. Raises NoEdition; NotFound `no-cell` unless the
    code is a district's.
    """
    active = conn.execute(text("SELECT id, name FROM editions WHERE state = 'active'")).one_or_none()
    if active is None:
        raise NoEdition
    place = conn.engine.url.render_as_string()
    key = (place, active.id, code)
    with _lock:
        found = _kept.get(key)
    if found is None:
        found = compact(_read(conn, active.id, code), edition=active.name, district=code)
        with _lock:
            for old in [old for old in _kept if old[:2] != key[:2] or len(_kept) >= MOST_KEPT]:
                del _kept[old]
            _kept[key] = found
    return found


def _read(conn: Connection, edition_id: int, code: str) -> list[CompactCell]:
    rows = conn.execute(_CELLS, {"edition": edition_id, "code": code}).all()
    district = next((row for row in rows if row.code == code and row.level == Level.DISTRICT), None)
    if district is None:
        raise NotFound("no-cell", cell=code)
    parents = [None, *(cell["code"] for cell in district.line)]
    above = [
        CompactCell(cell["code"], Level(cell["level"]), parent, cell["name"])
        for parent, cell in zip(parents, district.line[:-1], strict=False)
    ]
    geoms = shapely.from_wkb([None if row.geom is None else bytes(row.geom) for row in rows])
    return above + [
        CompactCell(row.code, Level(row.level), row.parent_code, row.name, geom)
        for row, geom in zip(rows, geoms, strict=True)
    ]
