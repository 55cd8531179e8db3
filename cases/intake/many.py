"""Many reports at once: checked one by one, located and planned together, copied into the tables in one transaction."""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID
from weakref import WeakKeyDictionary

import numpy as np
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from cases.errors import GroundMoves, ReportDiffers
from cases.intake.body import Checked, Rules, Sent, check_body
from cases.intake.copying import write_drafts
from cases.intake.known import Known, known
from cases.intake.lines import Line
from cases.intake.opening import (
    Draft,
    Ground,
    Spot,
    brings_history,
    check_may_report,
    desk_seat,
    ground_of,
    is_machine,
    unlocated,
)
from cases.intake.planning import plan_openings
from core.errors import Refusal
from core.settings import Settings
from grid.coordinates import Crs, Floats, to_wgs84_many
from grid.locating import Grid, Located, active_grid
from people.roles import Actor, Seat

TRIES = 6
# A twin or a number that somebody wrote meanwhile, or both waiting for each other: looked at again, it is settled.
AGAIN = {"23505", "40P01", "40001"}


class Opened(NamedTuple):
    """A case opened for a line, or found for one that came before; `answer` is the report's answer as JSON text."""

    created: bool
    answer: str
    method: str = ""
    """How it was located; empty for an address without a point, and for one that came before."""


Result = Opened | Refusal


@dataclass(frozen=True, slots=True)
class Handover:
    """Who brings many reports, and how they count."""

    actor: Actor
    now: datetime
    settings: Settings
    notices: bool = True
    """Whether the centres are told of each: not of history loaded from a file."""


class Parcel(NamedTuple):
    """A line without a fault; `seat` is whom it was sent or keyed by."""

    i: int
    report_id: UUID
    sent: Sent
    checked: Checked
    seat: Seat | None
    received_at: datetime


def take_many(engine: Engine, lines: Sequence[Line], handover: Handover) -> list[Result]:
    """Open a case for each line that is in order; durable when this returns. Results in the order of the lines.

    One transaction, but each line is accepted or refused on its own. Nobody can activate another edition meanwhile;
    categories, duties and calendars are those at its beginning. Raises GroundMoves when it must give up.
    """
    wide = False
    for _ in range(TRIES):
        try:
            with engine.begin() as conn:
                return _take(conn, lines, handover, wide=wide)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in AGAIN:
                raise
            wide = True
    raise GroundMoves


def _take(conn: Connection, lines: Sequence[Line], handover: Handover, *, wide: bool) -> list[Result]:
    conn.execute(text("SELECT FROM editions WHERE state = 'active' FOR SHARE"))
    rulebook = known(conn, now=handover.now, fresh=True)
    results: dict[int, Result] = {i: line.fault for i, line in enumerate(lines) if line.fault is not None}
    results |= _sent_before(conn, lines)
    twins = _twins(lines, results)
    parcels = list(_check(lines, twins, results, rulebook, handover))
    drafts = dict(_drafts(conn, parcels, results, rulebook, handover))
    openings = plan_openings(list(drafts.values()), rulebook.rules, handover.settings)
    kept = []
    for (i, draft), opening in zip(drafts.items(), openings, strict=True):
        if isinstance(opening, Refusal):
            results[i] = opening
        else:
            kept.append((i, draft, opening))
    answers = write_drafts(
        conn,
        [(draft, opening) for _, draft, opening in kept],
        person_id=handover.actor.person_id,
        notices=handover.notices,
        wide=wide,
    )
    results |= {
        i: Opened(True, answer, draft.spot.ground.method) for (i, draft, _), answer in zip(kept, answers, strict=True)
    }
    return [results[i] if i in results else _as_twin(lines, i, twins[i], results) for i in range(len(lines))]


# --- twins ------------------------------------------------------------------------------------------------------------

_BEFORE = text("SELECT id, body_sha256, answer::text AS answer FROM reports WHERE id = ANY(:ids)")


def _sent_before(conn: Connection, lines: Sequence[Line]) -> dict[int, Result]:
    ids = {line.report_id for line in lines if line.report_id is not None}
    found = {row.id: row for row in conn.execute(_BEFORE, {"ids": list(ids)})}
    results: dict[int, Result] = {}
    for i, line in enumerate(lines):
        row = found.get(line.report_id)
        if row is not None and line.sent is not None:
            same = bytes(row.body_sha256) == line.sent.sha256
            results[i] = Opened(False, row.answer) if same else ReportDiffers(report_id=str(line.report_id))
    return results


def _twins(lines: Sequence[Line], results: dict[int, Result]) -> dict[int, int]:
    """For each line still to be settled the first line of the same report: mostly itself."""
    first: dict[UUID | None, int] = {}
    return {i: first.setdefault(line.report_id, i) for i, line in enumerate(lines) if i not in results}


def _as_twin(lines: Sequence[Line], i: int, first: int, results: dict[int, Result]) -> Result:
    one, other, result = lines[i].sent, lines[first].sent, results[first]
    if one is None or other is None or one.sha256 != other.sha256:
        return ReportDiffers(report_id=str(lines[i].report_id))
    return Opened(False, result.answer) if isinstance(result, Opened) else result


# --- one by one -------------------------------------------------------------------------------------------------------


def _check(
    lines: Sequence[Line], twins: dict[int, int], results: dict[int, Result], rulebook: Known, handover: Handover
) -> Iterator[Parcel]:
    actor, now = handover.actor, handover.now
    rules = Rules(rulebook.categories, handover.settings.intake, now, photo_needed=not is_machine(actor))
    history = brings_history(actor)
    for i, first in twins.items():
        line = lines[i]
        if first != i:
            continue
        assert line.report_id is not None
        assert line.sent is not None
        try:
            checked = check_body(line.sent, rules)
            seat = check_may_report(actor, checked.body.source)
            if checked.body.point is None:
                seat = desk_seat(actor)
        except Refusal as refusal:
            results[i] = refusal
            continue
        observed = checked.body.observed_at if history else None
        yield Parcel(i, line.report_id, line.sent, checked, seat, min(observed or now, now))


# --- together ---------------------------------------------------------------------------------------------------------


def _drafts(
    conn: Connection, parcels: Sequence[Parcel], results: dict[int, Result], rulebook: Known, handover: Handover
) -> Iterator[tuple[int, Draft]]:
    placed = _place([parcel for parcel in parcels if parcel.checked.body.point], active_grid(conn), results, handover)
    for parcel in parcels:
        if parcel.checked.body.point is None:
            assert parcel.seat is not None
            spot = unlocated(parcel.seat)
        elif parcel.i in placed:
            spot = placed[parcel.i]
        else:
            continue
        try:
            routed = rulebook.route(conn, spot, parcel.checked, parcel.seat, now=handover.now)
        except Refusal as refusal:
            results[parcel.i] = refusal
            continue
        draft = Draft(parcel.report_id, parcel.sent, parcel.checked, parcel.seat, parcel.received_at, spot, routed)
        yield parcel.i, draft


def _place(parcels: Sequence[Parcel], grid: Grid, results: dict[int, Result], handover: Handover) -> dict[int, Spot]:
    """The spots of those inside the grid; the refusals of the others go into `results`."""
    lons, lats, accuracy = _wgs84(parcels)
    located = grid.locate_many(lons, lats, accuracy_m=accuracy, near_m=handover.settings.intake.near_metres)
    spots = {}
    for j, (parcel, lon, lat) in enumerate(zip(parcels, lons.tolist(), lats.tolist(), strict=True)):
        if located.village[j] < 0:
            results[parcel.i] = grid.refusal(lon, lat)
        else:
            spots[parcel.i] = _spot(grid, located, j, lon, lat)
    return spots


def _spot(grid: Grid, located: Located, j: int, lon: float, lat: float) -> Spot:
    """Most points lie surely inside a village: what is said of those is the same each time, and kept."""
    if not located.sure[j]:
        return Spot(lon, lat, ground_of(grid.place(located, j)))
    inside, row = _inside.setdefault(grid, {}), int(located.village[j])
    if row not in inside:
        inside[row] = ground_of(grid.place(located, j))
    return Spot(lon, lat, inside[row])


_inside: WeakKeyDictionary[Grid, dict[int, Ground]] = WeakKeyDictionary()


def _wgs84(parcels: Sequence[Parcel]) -> tuple[Floats, Floats, Floats]:
    """Longitudes, latitudes and accuracies (NaN: none given), converted together a reference."""
    points = [point for parcel in parcels if (point := parcel.checked.body.point)]
    pairs = [point.pair for point in points]
    xs, ys = np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs])
    accuracy = np.array([math.nan if point.accuracy_m is None else point.accuracy_m for point in points])
    rows: defaultdict[Crs, list[int]] = defaultdict(list)
    for j, point in enumerate(points):
        if point.crs is not Crs.WGS84:
            rows[point.crs].append(j)
    for crs, chosen in rows.items():
        xs[chosen], ys[chosen] = to_wgs84_many(crs, xs[chosen], ys[chosen])
    return xs, ys, accuracy
