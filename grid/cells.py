"""The cells and editions of the grid, found and listed for readers."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select

from core.errors import NotFound
from grid.levels import Level
from grid.models import Cell, Edition, EditionState

ACTIVE = "active"
"""Stands for the active edition wherever an edition's name is asked for."""

_COLUMNS = (Cell.code, Cell.level, Cell.parent_code, Cell.name, Cell.nbs_code, Cell.area_m2, Cell.line)


@dataclass(frozen=True)
class CellFilter:
    """Which cells of an edition: of a level, below a parent, with a text in the name or at the code's beginning."""

    level: Level | None = None
    parent: str | None = None
    text: str | None = None


def find_edition_id(conn: Connection, name: str) -> int:
    """The id of an edition; `active` is the active one. Raises NotFound `no-such-edition`."""
    wanted = Edition.state == EditionState.ACTIVE if name == ACTIVE else Edition.name == name
    found = conn.execute(select(Edition.id).where(wanted)).scalar()
    if found is None:
        raise NotFound("no-such-edition", edition=name)
    return found


def find_cell(conn: Connection, edition_id: int, code: str, *, geometry: bool = False) -> dict[str, Any]:
    """One cell as data; `geometry` adds `geometry`, its GeoJSON as text. Raises NotFound `no-cell`."""
    row = conn.execute(_select(edition_id, geometry=geometry).where(Cell.code == code)).mappings().one_or_none()
    if row is None:
        raise NotFound("no-cell", cell=code)
    return dict(row)


def list_cells(
    conn: Connection, edition_id: int, wanted: CellFilter, *, limit: int, after: str | None, geometry: bool = False
) -> list[dict[str, Any]]:
    """Up to `limit` cells by code, those after the code `after`."""
    statement = _select(edition_id, geometry=geometry).where(*_conditions(wanted)).order_by(Cell.code).limit(limit)
    if after is not None:
        statement = statement.where(Cell.code > after)
    return [dict(row) for row in conn.execute(statement).mappings()]


def count_cells(conn: Connection, edition_id: int, wanted: CellFilter) -> int:
    """How many there are in all."""
    statement = select(func.count()).where(Cell.edition_id == edition_id, *_conditions(wanted))
    return conn.execute(statement).scalar_one()


def list_editions(conn: Connection, *, limit: int, after: int | None) -> list[dict[str, Any]]:
    """Editions, the newest first, those before the id `after`."""
    statement = select(*Edition.__table__.columns).order_by(Edition.id.desc()).limit(limit)
    if after is not None:
        statement = statement.where(Edition.id < after)
    return [dict(row) for row in conn.execute(statement).mappings()]


def _select(edition_id: int, *, geometry: bool) -> Select[Any]:
    shape = [func.ST_AsGeoJSON(Cell.geom, 9).label("geometry")] if geometry else []
    return select(*_COLUMNS, *shape).where(Cell.edition_id == edition_id)


def _conditions(wanted: CellFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.level is not None:
        found.append(Cell.level == wanted.level)
    if wanted.parent is not None:
        found.append(Cell.parent_code == wanted.parent)
    if wanted.text is not None:
        found.append(
            or_(Cell.name.icontains(wanted.text, autoescape=True), Cell.code.startswith(wanted.text, autoescape=True))
        )
    return found
