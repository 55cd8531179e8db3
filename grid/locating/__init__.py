"""Point → deepest cell and its line up to the city, with method and confidence: one by PostGIS, many by STRtree.

Both keep the rules of `rules.choose`; a test proves them equal.
"""

from grid.locating.many import Grid, Located, active_grid, load_grid
from grid.locating.one import BENCH_SQL, locate, locate_statement, place_of
from grid.locating.rules import NEAR_M, Candidate, Confidence, Method, Place

__all__ = [
    "BENCH_SQL",
    "NEAR_M",
    "Candidate",
    "Confidence",
    "Grid",
    "Located",
    "Method",
    "Place",
    "active_grid",
    "load_grid",
    "locate",
    "locate_statement",
    "place_of",
]
