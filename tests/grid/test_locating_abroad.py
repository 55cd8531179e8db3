"""Where the plane has no answer, a point is outside, and nothing else fails."""

from datetime import datetime

import numpy as np
import pytest
from sqlalchemy.orm import Session

from grid.errors import OutsideGrid
from grid.loading import activate, read_bytes, store
from grid.locating import Method, active_grid, locate
from grid.locating.many import METHODS, OUTSIDE
from tests.grid.town import SOUTH, WEST, as_bytes, town


@pytest.mark.parametrize(
    "point", [(-180.0, -90.006), (73.0, -90.006), (30.0, -7.5), (-148.5, 0.0), (31.4644444444, 0.0), (-148.5, 7.5)]
)
def test_a_point_on_the_other_side_of_the_globe_is_outside_also_among_others(
    point: tuple[float, float], session: Session, now: datetime
) -> None:
    store(session, read_bytes(as_bytes(town()), name="town"), name="town", now=now)
    activate(session, "town", now=now)
    session.flush()
    small = session.connection()
    with pytest.raises(OutsideGrid) as one:
        locate(small, *point)
    lons, lats = np.array([WEST + 0.01, point[0]]), np.array([SOUTH + 0.005, point[1]])
    grid = active_grid(small)
    for accuracy in (None, np.array([10.0, 10.0])):
        located = grid.locate_many(lons, lats, accuracy_m=accuracy)
        assert located.method.tolist() == [METHODS.index(Method.INSIDE), OUTSIDE]
    assert grid.locate_many(lons[1:], lats[1:]).village.tolist() == [-1]
    assert grid.refusal(*point).data == one.value.data
