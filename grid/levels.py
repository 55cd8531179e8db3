"""The four levels at which a centre answers for ground: city > district > street > village."""

from enum import StrEnum


class Level(StrEnum):
    """One level of the grid. A higher level is the greater one: `Level.CITY > Level.VILLAGE`.

    Comparing a level with a bare string by `<` or `>` raises TypeError, because letters do not stand in this order.
    """

    CITY = "city"
    DISTRICT = "district"
    STREET = "street"
    VILLAGE = "village"

    @property
    def depth(self) -> int:
        """0 for the city … 3 for the village."""
        return _DEPTH[self.value]

    @property
    def above(self) -> "Level | None":
        """The next level up; None for the city."""
        return ORDER[self.depth - 1] if self.depth > 0 else None

    @property
    def below(self) -> "Level | None":
        """The next level down; None for the village."""
        return ORDER[self.depth + 1] if self.depth + 1 < len(ORDER) else None

    def __lt__(self, other: str) -> bool:
        return self.depth > _depth_of(other)

    def __le__(self, other: str) -> bool:
        return self.depth >= _depth_of(other)

    def __gt__(self, other: str) -> bool:
        return self.depth < _depth_of(other)

    def __ge__(self, other: str) -> bool:
        return self.depth <= _depth_of(other)


ORDER: tuple[Level, ...] = tuple(Level)
"""All levels, the highest first: `ORDER[level.depth] is level`."""

_DEPTH: dict[str, int] = {level.value: depth for depth, level in enumerate(ORDER)}


def _depth_of(other: str) -> int:
    if not isinstance(other, Level):
        raise TypeError(f"a level is compared with a level, not with {other!r}")
    return other.depth
