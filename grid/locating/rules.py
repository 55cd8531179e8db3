"""The rules of locating: what a place is, and which of the villages within reach is the one."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from grid.errors import OutsideGrid

NEAR_M = 50.0
"""A point outside, but at most so far from a village, still belongs to it (contract §3)."""

FARTHEST_M = 5000.0
"""A larger accuracy says nothing more and is taken as this."""

UNSURE_M = 50.0
"""With an accuracy worse than this every answer is of low confidence (domain §8.3)."""

MOST_CANDIDATES = 20
"""The nearest so many are named; a circle of kilometres touches hundreds of villages."""


class Method(StrEnum):
    """How the village was found."""

    INSIDE = "inside"
    EDGE = "edge"
    NEAR = "near"


class Confidence(StrEnum):
    """Whether another village may be meant."""

    HIGH = "high"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Another village that the accuracy circle touches; distance in metres, to the millimetre."""

    code: str
    name: str
    distance_m: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where a point lies. `line` holds {code, level, name} from the root down to the village itself."""

    line: list[dict[str, str]]
    method: Method
    confidence: Confidence
    candidates: list[Candidate]
    distance_m: float
    edition: str
    edition_id: int

    @property
    def cell(self) -> dict[str, str]:
        """The village: {code, level, name}."""
        return self.line[-1]

    @property
    def codes(self) -> list[str]:
        """Codes from the root down to the village."""
        return [cell["code"] for cell in self.line]

    def as_json(self) -> dict[str, Any]:
        """The answer of `/locate`, and what a case keeps as its placement."""
        cell = self.cell
        return {
            "cell": {"code": cell["code"], "name": cell["name"]},
            "line": self.line,
            # the village's own centre; which centre is responsible depends on the category (grid/routing.py)
            "centre": {"code": cell["code"], "name": cell["name"], "level": cell["level"]},
            "method": self.method.value,
            "confidence": self.confidence.value,
            "candidates": [
                {"code": other.code, "name": other.name, "distance_m": other.distance_m} for other in self.candidates
            ],
            "distance_m": self.distance_m,
            "edition": self.edition,
        }


@dataclass(frozen=True, slots=True)
class Hit:
    """A village within reach of a point; `distance_m` is 0 when it covers the point."""

    code: str
    name: str
    covers: bool
    distance_m: float
    row: Any


@dataclass(frozen=True, slots=True)
class Choice:
    """What the rules make of the villages within reach."""

    hit: Hit
    method: Method
    confidence: Confidence
    others: list[Hit]


def reach_of(accuracy_m: float | None, near_m: float) -> float:
    """The radius in metres within which villages matter."""
    return max(min(accuracy_m or 0.0, FARTHEST_M), near_m)


def choose(hits: Sequence[Hit], accuracy_m: float | None, near_m: float) -> Choice | None:
    """The rules: covered by one, inside; by several, on the edge, the lowest code; by none, the nearest within reach.

    Distances are compared to the millimetre, so that the rounding of one library or another decides nothing; of
    equally near villages the lowest code wins. None: no village is within reach.
    """
    circle = min(accuracy_m or 0.0, FARTHEST_M)
    reach = reach_of(accuracy_m, near_m)
    covering = [hit for hit in hits if hit.covers]
    if covering:
        best = min(covering, key=lambda hit: hit.code)
        method, radius = (Method.INSIDE if len(covering) == 1 else Method.EDGE), circle
    else:
        within = [hit for hit in hits if hit.distance_m <= reach]
        if not within:
            return None
        best = min(within, key=lambda hit: (hit.distance_m, hit.code))
        method, radius = Method.NEAR, reach
    others = [hit for hit in hits if hit is not best and hit.distance_m <= radius and (hit.covers or radius > 0)]
    others.sort(key=lambda hit: (hit.distance_m, hit.code))
    sure = method == Method.INSIDE and not others and circle <= UNSURE_M
    return Choice(best, method, Confidence.HIGH if sure else Confidence.LOW, others[:MOST_CANDIDATES])


def outside(hits: Sequence[Hit], edition: str) -> OutsideGrid:
    """The refusal of a point outside, with the nearest of `hits`."""
    best = min(hits, key=lambda hit: (hit.distance_m, hit.code), default=None)
    if best is None:
        return OutsideGrid(nearest=None, distance_m=None, edition=edition)
    nearest = {"code": best.code, "name": best.name}
    return OutsideGrid(nearest=nearest, distance_m=round(best.distance_m, 1), edition=edition)
