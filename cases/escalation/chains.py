"""Each centre with those above it, kept in the process: the sweep would otherwise look up four rows for every clock.

What stands above what changes only when an edition of the grid is activated, and the rules' stamp tells of that.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import URL, select
from sqlalchemy.orm import Session

from grid.levels import Level
from grid.models import Centre


class Chain(NamedTuple):
    """A centre's level, and the ids from itself up to the top."""

    level: Level
    ids: tuple[int, ...]


_kept: dict[URL, tuple[str, dict[int, Chain]]] = {}  # database → (stamp, chains)


def chains(session: Session, stamp: str, wanted: Iterable[int]) -> Mapping[int, Chain]:
    """The chains of all centres, among them the wanted ones; read anew when the stamp or a centre is new."""
    database = session.connection().engine.url
    kept = _kept.get(database)
    if kept is None or kept[0] != stamp or not kept[1].keys() >= set(wanted):
        kept = _kept[database] = (stamp, _read(session))
    return kept[1]


def _read(session: Session) -> dict[int, Chain]:
    rows = session.execute(select(Centre.id, Centre.level, Centre.parent_id)).all()
    above = {row.id: row.parent_id for row in rows}
    return {row.id: Chain(row.level, _climb(row.id, above)) for row in rows}


def _climb(centre_id: int | None, above: Mapping[int, int | None]) -> tuple[int, ...]:
    ids: list[int] = []
    while centre_id is not None and centre_id not in ids:
        ids.append(centre_id)
        centre_id = above[centre_id]
    return tuple(ids)
