"""Whether the story is whole: each case's chain of hashes, and its end (docs/decisions/0013).

Found is an event that was changed or inserted, one that is missing in the middle or at the end, and a story that is
missing whole: the case's version, and the rungs that have fired, say what must be told. Who may write to all tables can
make all of it fit again; then only heads that were kept elsewhere tell.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Connection, text

from core.db import to_json
from core.errors import NotFound

# Cases that one statement looks at.
BATCH = 10_000


class Fault(StrEnum):
    """What is wrong with a story."""

    ALTERED = "this event was changed or inserted, or the one before it is missing"
    EMPTY = "its story is missing"
    CUT = "its last events are missing, or its version was changed"
    RUNG = "a rung has fired that no event tells of, or the other way round"
    NO_CASE = "the case is missing, its events are there"
    HEAD = "the story was another one when its head was kept"


class Break(NamedTuple):
    """Where a story is broken; `event_id` None: at its end."""

    no: str
    event_id: int | None
    fault: Fault


@dataclass
class Verified:
    """How much was looked at, and what is broken: of each case the first place."""

    cases: int
    events: int
    broken: list[Break]


class Head(NamedTuple):
    """The last event of a case's story, as it was when it was kept."""

    no: str
    event_id: int
    hash: str


_LAST = text("SELECT greatest((SELECT max(id) FROM cases), (SELECT max(case_id) FROM events), 0)")
_ONE = text("SELECT id FROM cases WHERE no = :no")

_LOOK = text("""
    WITH links AS (
        SELECT id, case_id, at, verb, data, hash, event_hash(
            lag(hash) OVER (PARTITION BY case_id ORDER BY id),
            id, case_id, at, verb, outcome, stage_from, stage_to, person_id, role, data) AS wanted
        FROM events WHERE case_id BETWEEN :first AND :last
    ), told AS (
        SELECT case_id, count(*) AS events, min(id) FILTER (WHERE hash IS DISTINCT FROM wanted) AS altered,
            count(*) FILTER (WHERE verb = 'escalate') AS rungs, max(at) AS last_at,
            max(CASE WHEN jsonb_typeof(data -> 'version') = 'number' THEN (data ->> 'version')::numeric END) AS version
        FROM links GROUP BY case_id
    ), fired AS (
        SELECT clocks.case_id, count(*) AS rungs
        FROM clocks JOIN escalations ON escalations.clock_id = clocks.id
        WHERE clocks.case_id BETWEEN :first AND :last
        GROUP BY clocks.case_id
    ), found AS (
        SELECT coalesce(cases.no, told.case_id::text) AS no, told.events, told.altered, CASE
            WHEN told.altered IS NOT NULL THEN 'ALTERED'
            WHEN cases.id IS NULL THEN 'NO_CASE'
            WHEN told.case_id IS NULL THEN 'EMPTY'
            WHEN coalesce(told.version, 1) <> cases.version THEN 'CUT'
            WHEN told.rungs <> coalesce(fired.rungs, 0) THEN 'RUNG'
        END AS fault
        FROM (SELECT id, no, version FROM cases WHERE id BETWEEN :first AND :last) AS cases
        FULL JOIN told ON told.case_id = cases.id
        LEFT JOIN fired ON fired.case_id = cases.id
        WHERE CAST(:since AS timestamptz) IS NULL OR told.last_at IS NULL OR told.last_at >= :since
    )
    SELECT count(*) AS cases, coalesce(sum(events), 0)::bigint AS events,
        coalesce(jsonb_agg(jsonb_build_array(no, altered, fault) ORDER BY no) FILTER (WHERE fault IS NOT NULL),
            '[]'::jsonb) AS broken
    FROM found
""")

_HEADS = text("""
    SELECT cases.no, last.id, encode(last.hash, 'hex') AS hash
    FROM cases CROSS JOIN LATERAL (
        SELECT id, hash FROM events WHERE case_id = cases.id ORDER BY id DESC LIMIT 1
    ) AS last
    WHERE cases.id BETWEEN :first AND :last AND last.hash IS NOT NULL
    ORDER BY cases.id
""")

_KEPT = text("""
    SELECT kept.no, kept.id FROM json_to_recordset(CAST(:heads AS json)) AS kept (no text, id bigint, hash text)
    WHERE NOT EXISTS (
        SELECT FROM events JOIN cases ON cases.id = events.case_id
        WHERE events.id = kept.id AND cases.no = kept.no AND encode(events.hash, 'hex') = kept.hash
    )
    ORDER BY kept.no
""")


def verify(conn: Connection, *, no: str | None = None, since: datetime | None = None) -> Verified:
    """Look at the stories of all cases, of one, or of those that something was told of since a moment.

    `conn` is an autocommit connection; a statement looks at some thousand cases as they are in one moment. Raises
    NotFound for a number that no case has.
    """
    found = Verified(0, 0, [])
    for first, last in _spans(conn, no):
        row = conn.execute(_LOOK, {"first": first, "last": last, "since": since}).one()
        found.cases += row.cases
        found.events += row.events
        found.broken += [Break(no_, altered, Fault[fault]) for no_, altered, fault in row.broken]
    return found


def heads(conn: Connection) -> Iterator[Head]:
    """The last event of every story, to be kept where nobody who can write to this database can write."""
    for first, last in _spans(conn, None):
        for row in conn.execute(_HEADS, {"first": first, "last": last}):
            yield Head(row.no, row.id, row.hash)


def compare(conn: Connection, kept: Iterable[Head]) -> list[Break]:
    """Which stories don't lead through the heads that were kept."""
    rows = [{"no": one.no, "id": one.event_id, "hash": one.hash} for one in kept]
    broken = []
    for start in range(0, len(rows), BATCH):
        found = conn.execute(_KEPT, {"heads": to_json(rows[start : start + BATCH])})
        broken += [Break(row.no, row.id, Fault.HEAD) for row in found]
    return broken


def _spans(conn: Connection, no: str | None) -> Iterator[tuple[int, int]]:
    """First and last id of the cases that are looked at together."""
    if no is not None:
        one = conn.execute(_ONE, {"no": no}).scalar()
        if one is None:
            raise NotFound(no=no)
        yield one, one
        return
    last = conn.execute(_LAST).scalar_one()
    for first in range(1, last + 1, BATCH):
        yield first, first + BATCH - 1
