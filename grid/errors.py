"""The ground's own ways to say no."""

from typing import TYPE_CHECKING, ClassVar

from core.errors import FieldError, Invalid, NotPossible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grid.checks import Fault


MOST_FAULTS = 1000
"""A file of which every line is wrong needs no more to be seen."""


class OutsideGrid(Invalid):
    """No village covers the place and none is near. `data`: nearest {code, name} or None, distance_m, edition."""

    name: ClassVar[str] = "outside-grid"

    def __init__(self, *, nearest: dict[str, str] | None, distance_m: float | None, edition: str) -> None:
        errors = [FieldError.of("point", "outside_grid", distance_m=distance_m)]
        super().__init__(errors, nearest=nearest, distance_m=distance_m, edition=edition)


class NoEdition(NotPossible):
    """No grid has been activated yet, so no place has a cell."""

    name: ClassVar[str] = "no-edition"


class BadGrid(Invalid):
    """A grid with faults. `faults` holds them all; each is an error on the field `file` too, `cell_` and its kind."""

    name: ClassVar[str] = "bad-grid"

    def __init__(self, faults: "Sequence[Fault]") -> None:
        errors = [
            FieldError.of(
                "file",
                f"cell_{fault.kind.value}",
                codes=" ".join(fault.codes) or "–",
                area="–" if fault.area_m2 is None else f"{fault.area_m2:,.1f}",
                detail=fault.detail,
            )
            for fault in faults
        ]
        super().__init__(errors, faults=[fault.as_json() for fault in faults])
        self.faults = list(faults)


class BadGridFile(Invalid):
    """A file in which no cells can be read at all; `reason` says why in English."""

    name: ClassVar[str] = "bad-grid-file"

    def __init__(self, reason: str) -> None:
        super().__init__([FieldError.of("file", "unreadable", reason=reason)], reason=reason)
        self.reason = reason


class BadComponents(Invalid):
    """A file of components with faults: `count` of them, the first `MOST_FAULTS` as errors on `lines.NUMBER.column`."""

    name: ClassVar[str] = "bad-components"

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__(errors[:MOST_FAULTS], count=len(errors))


class EditionTaken(NotPossible):
    """An edition of that name has been in use: `data`: edition, state."""

    name: ClassVar[str] = "edition-taken"


class EditionNotReady(NotPossible):
    """Only a checked edition can be activated: `data`: edition, state."""

    name: ClassVar[str] = "edition-not-ready"


class GridBusy(NotPossible):
    """Somebody else is loading or activating right now."""

    name: ClassVar[str] = "grid-busy"


class DepartmentTaken(NotPossible):
    """A department has that code already: `data`: department."""

    name: ClassVar[str] = "department-taken"


class DepartmentRetired(NotPossible):
    """It does no work any more: `data`: department."""

    name: ClassVar[str] = "department-retired"


class DepartmentHasUnits(NotPossible):
    """Its units are retired first: `data`: department, units (codes)."""

    name: ClassVar[str] = "department-has-units"


class DutyTaken(NotPossible):
    """The department has this duty already: `data`: department, cell."""

    name: ClassVar[str] = "duty-taken"
