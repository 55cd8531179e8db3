"""How long somebody was outside, or stood still: spells, a function of a track's points in time order. [pure]

Therefore the batches in which the points came make no difference, nor do points that come twice.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum


class Where(Enum):
    """UNSURE: within the position's own accuracy of the edge; it says neither the one nor the other."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    UNSURE = "unsure"


@dataclass(frozen=True)
class Seen:
    """A point judged: when, and where to the duty area."""

    at: datetime
    where: Where


@dataclass(frozen=True)
class Stood:
    """A point on the plane, in metres."""

    at: datetime
    x: float
    y: float


@dataclass(frozen=True)
class Spell:
    """From its first point to the one that ended it; None: it goes on."""

    started_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True)
class Patience:
    """How long a spell must last to be one, and after what silence nothing is known any more of before."""

    lasts: timedelta
    silence: timedelta

    @property
    def reach(self) -> timedelta:
        """What lies farther back than this before a point has no bearing on it, but for a spell that goes on."""
        return self.lasts + self.silence


def outside_spells(points: Iterable[Seen], patience: Patience, going_on: Spell | None = None) -> list[Spell]:
    """The spells outside; `going_on` is one that began before the first of the points.

    It begins when all sure points of `lasts` were outside, counts from the first of them, and ends at the first inside.
    """
    found: list[Spell] = []
    since = last = None
    for point in points:
        if point.where is Where.UNSURE:
            continue
        if point.where is Where.INSIDE:
            if going_on is not None:
                found.append(replace(going_on, ended_at=point.at))
            going_on = since = last = None
            continue
        if since is None or last is None or point.at - last > patience.silence:
            since = point.at
        last = point.at
        if going_on is None and point.at - since >= patience.lasts:
            going_on = Spell(since)
    return found if going_on is None else [*found, going_on]


def idle_spells(points: Iterable[Stood], patience: Patience, metres: float) -> list[Spell]:
    """The spells within so many metres of where they began."""
    found: list[Spell] = []
    going_on: Spell | None = None
    anchor = last = None
    for point in points:
        silent = last is not None and going_on is None and point.at - last > patience.silence
        if anchor is None or silent or math.dist((anchor.x, anchor.y), (point.x, point.y)) > metres:
            if going_on is not None:
                found.append(replace(going_on, ended_at=point.at))
            going_on, anchor = None, point
        last = point.at
        if going_on is None and point.at - anchor.at >= patience.lasts:
            going_on = Spell(anchor.at)
    return found if going_on is None else [*found, going_on]
