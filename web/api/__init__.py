"""`/api/v1`: one module a resource."""

from importlib import import_module
from importlib.util import find_spec

from apiflask import APIBlueprint, APIFlask

PREFIX = "/api/v1"
RESOURCES = (
    "session",
    "tokens",
    "ground",
    "reports",
    "photos",
    "catalogue",
    "case_list",
    "cases",
    "verbs",
    "notices",
    "statistics",
)


def register_api(app: APIFlask) -> None:
    """Every resource under `/api/v1`."""
    for name in RESOURCES:
        if find_spec(f"web.api.{name}") is None:
            continue
        try:
            blueprint: APIBlueprint = import_module(f"web.api.{name}").blueprint
        except ImportError:  # while it is being written
            continue
        app.register_blueprint(blueprint, url_prefix=PREFIX + (blueprint.url_prefix or ""))
