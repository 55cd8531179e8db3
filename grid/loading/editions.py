"""Editions in the database: store the cells, check them again, activate in one transaction."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
import orjson
import shapely
from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from core.errors import FieldError, Invalid, NotFound
from grid.checks import CellData, Fault, check_cells, to_plane_geometry
from grid.components.placing import place_components
from grid.errors import BadGrid, EditionNotReady, EditionTaken
from grid.loading.files import Reading
from grid.lock import lock_ground
from grid.models import WGS84, Cell, Edition, EditionState

RESERVED = {"active"}
"""Names that an address uses for something else (/tiles/active/…)."""


def find_edition(session: Session, name: str) -> Edition:
    """The edition of that name; `active` is the active one. Raises NotFound."""
    wanted = Edition.state == EditionState.ACTIVE if name in RESERVED else Edition.name == name
    edition = session.scalar(select(Edition).where(wanted))
    if edition is None:
        raise NotFound("no-such-edition", edition=name)
    return edition


def store(session: Session, reading: Reading, *, name: str, valid_from: date | None = None, now: datetime) -> Edition:
    """Put a faultless reading into the database as a checked edition; one of that name never used is replaced.

    Raises BadGrid with all faults, EditionTaken when the name has been active, GridBusy when somebody else is at it.
    """
    if reading.faults:
        raise BadGrid(reading.faults)
    _check_name(name)
    lock_ground(session)
    _make_room(session, name)
    edition = Edition(
        name=name,
        state=EditionState.CHECKED,
        valid_from=valid_from,
        source=reading.source,
        cell_count=len(reading.cells),
        faults=[],
        created_at=now,
    )
    session.add(edition)
    session.flush()
    _copy_cells(session, edition.id, reading.cells)
    return edition


def check_edition(session: Session, edition: Edition) -> list[Fault]:
    """Check the stored cells anew and keep the result; an edition not yet used becomes draft or checked by it."""
    faults = check_cells(read_cells(session, edition.id))
    edition.faults = [fault.as_json() for fault in faults]
    if edition.state in {EditionState.DRAFT, EditionState.CHECKED}:
        edition.state = EditionState.DRAFT if faults else EditionState.CHECKED
    return faults


def activate(session: Session, name: str, *, now: datetime) -> Edition:
    """Make a checked edition the active one: the former is retired, every cell has its centre, others are retired,
    and components lie in its streets.

    Asking again for the active one changes nothing. Raises NotFound, EditionNotReady (draft, or retired: a case keeps
    the edition it was routed by, so an edition's time is not opened twice; load it under a new name), GridBusy.
    """
    lock_ground(session)
    edition = find_edition(session, name)
    session.refresh(edition, with_for_update=True)
    if edition.state == EditionState.ACTIVE:
        return edition
    if edition.state != EditionState.CHECKED:
        raise EditionNotReady(edition=name, state=edition.state.value)
    former = session.scalar(select(Edition).where(Edition.state == EditionState.ACTIVE).with_for_update())
    if former is not None:
        former.state, former.retired_at = EditionState.RETIRED, now
        session.flush()
    edition.state, edition.activated_at = EditionState.ACTIVE, now
    session.flush()
    _seat_centres(session, edition.id, now)
    place_components(session, edition.id)
    return edition


def read_cells(session: Session, edition_id: int) -> list[CellData]:
    """The cells of a stored edition with their polygons in WGS-84."""
    columns = (Cell.code, Cell.level, Cell.parent_code, Cell.name, Cell.nbs_code)
    rows = session.execute(
        select(*columns, Cell.geom.ST_AsBinary()).where(Cell.edition_id == edition_id).order_by(Cell.id)
    ).all()
    geoms = shapely.from_wkb([bytes(row[5]) for row in rows])
    return [
        CellData(code, level, parent_code, name, nbs_code, geom)
        for (code, level, parent_code, name, nbs_code, _), geom in zip(rows, geoms, strict=True)
    ]


# --- steps ------------------------------------------------------------------------------------------------------------


def _check_name(name: str) -> None:
    if not name or len(name) > 80 or name != name.strip() or "/" in name or not name.isprintable():
        raise Invalid([FieldError.of("name", "bad_edition_name")])
    if name in RESERVED:
        raise Invalid([FieldError.of("name", "reserved")])


def _make_room(session: Session, name: str) -> None:
    old = session.scalar(select(Edition).where(Edition.name == name).with_for_update())
    if old is None:
        return
    if old.state in {EditionState.ACTIVE, EditionState.RETIRED}:
        raise EditionTaken(edition=name, state=old.state.value)
    session.execute(delete(Cell).where(Cell.edition_id == old.id))
    session.delete(old)
    session.flush()


def _lines(cells: Sequence[CellData]) -> dict[str, list[dict[str, str]]]:
    """Of each cell the line from the root down to itself."""
    by_code = {cell.code: cell for cell in cells}
    lines: dict[str, list[dict[str, str]]] = {}

    def line(cell: CellData) -> list[dict[str, str]]:
        if cell.code not in lines:
            above = line(by_code[cell.parent_code]) if cell.parent_code else []
            lines[cell.code] = [*above, {"code": cell.code, "level": cell.level.value, "name": cell.name}]
        return lines[cell.code]

    for cell in cells:
        line(cell)
    return lines


def _copy_cells(session: Session, edition_id: int, cells: Sequence[CellData]) -> None:
    geoms = np.array([cell.geom for cell in cells], dtype=object)
    planes = to_plane_geometry(geoms)
    lines = _lines(cells)
    wkb = shapely.to_wkb(shapely.set_srid(geoms, WGS84), hex=True, include_srid=True)
    flat = shapely.to_wkb(planes, hex=True)
    rows = zip(cells, shapely.area(planes), wkb, flat, strict=True)
    driver: Any = session.connection().connection.driver_connection
    columns = "edition_id, code, level, parent_code, name, nbs_code, line, area_m2, geom, plane"
    with driver.cursor() as cursor, cursor.copy(f"COPY cells ({columns}) FROM STDIN") as copy:
        for cell, area, geom, plane in rows:
            line = orjson.dumps(lines[cell.code]).decode()
            row = (edition_id, cell.code, cell.level.value, cell.parent_code, cell.name, cell.nbs_code)
            copy.write_row((*row, line, float(area), geom, plane))
    session.execute(text("ANALYZE cells"))


def _seat_centres(session: Session, edition_id: int, now: datetime) -> None:
    values = {"edition": edition_id, "now": now}
    for statement in (_UPSERT_CENTRES, _JOIN_PARENTS, _RETIRE_CENTRES):
        session.execute(text(statement), values)
    session.execute(text("ANALYZE centres"))
    session.expire_all()


_UPSERT_CENTRES = """
INSERT INTO centres (code, level, name, line)
SELECT code, level, name, jsonb_path_query_array(line, '$[*].code') FROM cells
WHERE edition_id = :edition
ON CONFLICT (code) DO UPDATE
SET level = excluded.level, name = excluded.name, line = excluded.line, retired_at = NULL
"""

_JOIN_PARENTS = """
UPDATE centres SET parent_id = parent.id
FROM cells LEFT JOIN centres AS parent ON parent.code = cells.parent_code
WHERE cells.edition_id = :edition AND centres.code = cells.code AND centres.parent_id IS DISTINCT FROM parent.id
"""

_RETIRE_CENTRES = """
UPDATE centres SET retired_at = :now
WHERE retired_at IS NULL
AND NOT EXISTS (SELECT FROM cells WHERE cells.edition_id = :edition AND cells.code = centres.code)
"""
