"""What a benchmark answers."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Result:
    """One row of the table. `must` is in words of the unit; `ratio` is figure ÷ limit (of the same run)."""

    name: str
    figure: float
    unit: str
    limit: float
    must: str
    ok: bool
    ratio: float = 0.0
    notes: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ratio = round(self.figure / self.limit, 3) if self.limit else 0.0

    def row(self) -> dict[str, Any]:
        """As results.json holds it."""
        return asdict(self)
