"""Components (部件): poured in from CSV, placed in streets, found for readers and for phones."""

from grid.components.files import COLUMNS
from grid.components.finding import (
    ComponentFilter,
    Near,
    component_numbers,
    components_since,
    find_one,
    list_components,
)
from grid.components.placing import place_components, place_unplaced
from grid.components.pouring import Poured, pour_components

__all__ = [
    "COLUMNS",
    "ComponentFilter",
    "Near",
    "Poured",
    "component_numbers",
    "components_since",
    "find_one",
    "list_components",
    "place_components",
    "place_unplaced",
    "pour_components",
]
