"""Vector tiles for the maps."""

from apiflask import APIBlueprint
from flask import Response, request

from core.errors import NotFound
from grid.cells import find_edition_id
from grid.tiles import cell_tile, is_tile
from people.roles import Permission
from web.signin import allow
from web.transaction import reader

blueprint = APIBlueprint("tiles", __name__, url_prefix="/tiles", enable_openapi=False)

MVT = "application/vnd.mapbox-vector-tile"
MAKE = 1
"""Part of the ETag: counted up when tiles of the same cells come out differently."""


@blueprint.get("/<edition>/cells/<int:z>/<int:x>/<int:y>.mvt")
@allow(Permission.SEE_GROUND)
def cells(edition: str, z: int, x: int, y: int) -> Response:
    """The cells of an edition (or of `active`) on a tile.

    Cells of an edition never change, so its id and the tile's place are the ETag, known before the tile is made.
    """
    if not is_tile(z, x, y):
        raise NotFound("no-such-address")
    edition_id = find_edition_id(reader(), edition)
    response = Response(mimetype=MVT)
    etag = f"{MAKE}-{edition_id}-{z}-{x}-{y}"
    response.set_etag(etag)
    response.headers["Cache-Control"] = "private, max-age=300"
    if etag in request.if_none_match:
        response.status_code = 304
        return response
    response.set_data(cell_tile(reader(), edition_id, z, x, y))
    return response
