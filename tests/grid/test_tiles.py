"""Vector tiles hold the cells of their zoom, and only those."""

import math

import pytest
from sqlalchemy.orm import Session

from grid.cells import find_edition_id
from grid.levels import Level
from grid.tiles import cell_tile, is_tile, levels_at


def tile_of(lon: float, lat: float, zoom: int) -> tuple[int, int, int]:
    size = 2**zoom
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return zoom, int((lon + 180) / 360 * size), int(y * size)


def test_a_tile_of_the_city_centre_holds_its_villages_by_code_and_name(session: Session) -> None:
    edition = find_edition_id(session.connection(), "active")
    tile = cell_tile(session.connection(), edition, *tile_of(121.4737, 31.2304, 15))
    for word in ("cells", "code", "310101002017", "长江居委会", "village", "parent_code"):
        assert word.encode() in tile


def test_each_zoom_shows_a_few_levels(session: Session) -> None:
    assert levels_at(6) == [Level.CITY, Level.DISTRICT]
    assert levels_at(10) == [Level.DISTRICT, Level.STREET]
    assert levels_at(13) == [Level.DISTRICT, Level.STREET, Level.VILLAGE]
    edition = find_edition_id(session.connection(), "demo")
    far = cell_tile(session.connection(), edition, *tile_of(121.4737, 31.2304, 8))
    assert "黄浦区".encode() in far
    assert b"310101002000" not in far
    assert len(far) < 60_000


def test_a_tile_elsewhere_is_empty(session: Session) -> None:
    edition = find_edition_id(session.connection(), "active")
    assert cell_tile(session.connection(), edition, *tile_of(2.35, 48.85, 12)) == b""
    assert cell_tile(session.connection(), -1, *tile_of(121.4737, 31.2304, 12)) == b""


@pytest.mark.parametrize(("z", "x", "y"), [(-1, 0, 0), (23, 0, 0), (1, 2, 0), (1, 0, 2), (1, -1, 0)])
def test_what_is_no_tile_is_known(z: int, x: int, y: int) -> None:
    assert not is_tile(z, x, y)
    assert is_tile(1, 1, 1)
