"""What lies under the maps of the pages."""

from apiflask import APIBlueprint
from flask import Response

from grid.basemap import told_basemap
from people.roles import Permission
from web.answers import answer
from web.api.sync import BasemapTold
from web.bodies import Answer, gives
from web.signin import allow
from web.transaction import runtime

blueprint = APIBlueprint("maps", __name__, tag="Ground")


class MapAnswer(Answer):
    basemap: BasemapTold | None


@blueprint.get("/map")
@allow(Permission.SEE_GROUND)
@gives(MapAnswer)
def show() -> Response:
    """The tiles to draw under the cells, as configured; null: the cells stand alone."""
    return answer({"basemap": told_basemap(runtime().settings)})
