"""Vector tiles of the cells (MVT, Web Mercator), made by PostGIS."""

from sqlalchemy import Connection, text

from grid.levels import Level

DEEPEST_ZOOM = 22

STREETS_FROM, VILLAGES_FROM = 9, 12
"""The zooms from which a tile holds streets, and villages: at 12 a village has some dozen pixels."""

# Lines are simplified to a quarter of a pixel by ST_AsMVTGeom's grid of 4096; a margin of 64 hides the tile's edge.
_TILE = text("""
WITH tile AS (SELECT ST_TileEnvelope(:z, :x, :y) AS box),
shapes AS (
    SELECT cells.code, cells.name, cells.level, cells.parent_code,
        ST_AsMVTGeom(ST_Transform(cells.geom, 3857), tile.box, 4096, 64, true) AS geom
    FROM cells, tile
    WHERE cells.edition_id = :edition_id AND cells.level = ANY(:levels)
        AND cells.geom && ST_Transform(ST_Expand(tile.box, (ST_XMax(tile.box) - ST_XMin(tile.box)) / 64), 4326)
    ORDER BY cells.code
)
SELECT ST_AsMVT(shapes, 'cells', 4096, 'geom') FROM shapes WHERE geom IS NOT NULL
""")


def is_tile(z: int, x: int, y: int) -> bool:
    """Whether there is such a tile at all."""
    return 0 <= z <= DEEPEST_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z


def levels_at(zoom: int) -> list[Level]:
    """The levels that a tile of this zoom shows: two or three, the deepest as large as a finger."""
    if zoom < STREETS_FROM:
        return [Level.CITY, Level.DISTRICT]
    return [Level.DISTRICT, Level.STREET] + ([Level.VILLAGE] if zoom >= VILLAGES_FROM else [])


def cell_tile(conn: Connection, edition_id: int, z: int, x: int, y: int) -> bytes:
    """The tile z/x/y (XYZ, y from the north) of an edition: layer `cells` with code, name, level, parent_code."""
    levels = [level.value for level in levels_at(z)]
    values = {"edition_id": edition_id, "z": z, "x": x, "y": y, "levels": levels}
    tile = conn.execute(_TILE, values).scalar()
    return bytes(tile) if tile else b""
