"""A file of components into the table: all or nothing, and only what differs gets a new number."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

import numpy as np
import structlog
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import FieldError
from grid.components.files import ComponentLine, Reader
from grid.components.placing import streets_of
from grid.errors import BadComponents
from grid.locating import Grid, active_grid
from grid.lock import lock_ground

BATCH = 10_000
"""Lines checked, located and poured at a time."""

log = structlog.get_logger()


@dataclass
class Poured:
    """What became of a file's lines; `warnings` names lines that were taken, but may not be what was meant."""

    read: int = 0
    made: int = 0
    changed: int = 0
    retired: int = 0
    warnings: list[FieldError] = field(default_factory=list)

    @property
    def unchanged(self) -> int:
        """Lines that say what was known."""
        return self.read - self.made - self.changed


def pour_components(
    session: Session, data: bytes, *, categories: Container[str], now: datetime, whole: bool = False, dry: bool = False
) -> Poured:
    """Put the components of a CSV file (`files.COLUMNS`, UTF-8) into the table; `categories` are those of components.

    What differs from the table gets new numbers of `component_changes`, nothing else does. `whole`: what the file does
    not name is retired, else it stays. `dry`: only say what would happen. The ground's lock makes numbers grow in the
    order of commits, so that a phone misses none. Raises BadComponents with every fault, NoEdition, GridBusy.
    """
    lock_ground(session)
    poured = Poured()
    with session.begin_nested() as savepoint:
        _pour(session, Reader(data, categories), poured, now=now if whole else None)
        if dry:
            savepoint.rollback()
    if not dry:
        log.info(
            "components-poured", read=poured.read, made=poured.made, changed=poured.changed, retired=poured.retired
        )
    return poured


def _pour(session: Session, reader: Reader, poured: Poured, *, now: datetime | None) -> None:
    grid = active_grid(session.connection())
    departments = {
        row.code: (row.id, row.centre_code, row.retired_at is None) for row in session.execute(_DEPARTMENTS).all()
    }
    for lines in _batches(iter(reader)):
        rows = _placed(reader, grid, lines, departments, poured)
        if not reader.faults:
            made, changed = session.execute(_POUR, rows).one()
            poured.read, poured.made, poured.changed = (
                poured.read + len(lines), poured.made + made, poured.changed + changed,
            )  # fmt: skip
    if reader.faults:
        raise BadComponents(reader.faults)
    if now is not None:
        poured.retired = session.execute(_RETIRE, {"ids": reader.ids, "now": now}).rowcount  # type: ignore[attr-defined]
    session.execute(text("ANALYZE components"))


def _batches(lines: Iterator[ComponentLine]) -> Iterator[list[ComponentLine]]:
    while batch := list(islice(lines, BATCH)):
        yield batch


def _placed(
    reader: Reader,
    grid: Grid,
    lines: Sequence[ComponentLine],
    departments: dict[str, tuple[int, str, bool]],
    poured: Poured,
) -> dict[str, list[object]]:
    """The batch as columns; lines outside the grid, or with an unknown department, are faults."""
    places = streets_of(grid, np.array([line.lon for line in lines]), np.array([line.lat for line in lines]))
    ids: list[object] = []
    for line, (_, codes) in zip(lines, places, strict=True):
        if not codes:
            reader.fault(line.number, "lat", "outside_grid")
        department, centre, works = departments.get(line.department_code or "", (None, "", False))
        if line.department_code and not works:
            reader.fault(line.number, "department_code", "no_department", department=line.department_code)
        elif codes and department and centre not in codes:
            name = f"lines.{line.number}.department_code"
            poured.warnings.append(FieldError.of(name, "department_elsewhere", department=line.department_code))
        ids.append(department)
    return {
        "ids": [line.id for line in lines],
        "categories": [line.category_code for line in lines],
        "names": [line.name for line in lines],
        "departments": ids,
        "owners": [line.owner for line in lines],
        "states": [line.state.value for line in lines],
        "streets": [street for street, _ in places],
        "lons": [line.lon for line in lines],
        "lats": [line.lat for line in lines],
    }


_DEPARTMENTS = text("""
SELECT departments.id, departments.code, centres.code AS centre_code, departments.retired_at
FROM departments JOIN centres ON centres.id = departments.centre_id
""")

_POUR = text("""
WITH given AS (
    SELECT * FROM unnest(
        CAST(:ids AS text[]), CAST(:categories AS text[]), CAST(:names AS text[]), CAST(:departments AS int[]),
        CAST(:owners AS text[]), CAST(:states AS text[]), CAST(:streets AS text[]),
        CAST(:lons AS float8[]), CAST(:lats AS float8[])
    ) AS given (id, category_code, name, department_id, owner, state, street_code, lon, lat)
), fresh AS (
    SELECT given.*, kept.id IS NULL AS is_new FROM given LEFT JOIN components AS kept ON kept.id = given.id
    WHERE kept.id IS NULL OR kept.retired_at IS NOT NULL OR (
        kept.category_code, kept.name, kept.department_id, kept.owner, kept.state, kept.street_code,
        ST_X(kept.geom), ST_Y(kept.geom)
    ) IS DISTINCT FROM (
        given.category_code, given.name, given.department_id, given.owner, given.state, given.street_code,
        given.lon, given.lat
    )
), poured AS (
    INSERT INTO components (id, category_code, name, department_id, owner, state, street_code, geom)
    SELECT id, category_code, name, department_id, owner, state, street_code, ST_SetSRID(ST_Point(lon, lat), 4326)
    FROM fresh
    ON CONFLICT (id) DO UPDATE SET
        category_code = excluded.category_code, name = excluded.name, department_id = excluded.department_id,
        owner = excluded.owner, state = excluded.state, street_code = excluded.street_code, geom = excluded.geom,
        changed = excluded.changed, retired_at = NULL,
        left_streets = CASE WHEN components.street_code IS DISTINCT FROM excluded.street_code
            THEN array_remove(components.left_streets, excluded.street_code)
                || array_remove(ARRAY[components.street_code], NULL)
            ELSE components.left_streets END
)
SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM fresh
""")

_RETIRE = text("""
UPDATE components SET retired_at = :now, changed = nextval('component_changes')
WHERE retired_at IS NULL
    AND NOT EXISTS (SELECT FROM unnest(CAST(:ids AS text[])) AS given (id) WHERE given.id = components.id)
""")
