"""The fields of a verb: each reader takes one out and checks it; what is wrong is collected and told at once."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from pydantic_core import PydanticCustomError

from cases.intake.body import read_moment
from core.errors import FieldError, Invalid

TEXT_MOST = 2000
PHOTOS_MOST = 20
Choice = TypeVar("Choice", bound=StrEnum)


class Fields:
    """What was sent with a verb. `raise_errors` at the end raises Invalid with everything that is wrong."""

    def __init__(self, sent: Mapping[str, Any]) -> None:
        self._sent = dict(sent)
        self._known: set[str] = set()
        self.errors: list[FieldError] = []

    def fault(self, field: str, code: str, **data: Any) -> None:
        """Note that a field is wrong."""
        self.errors.append(FieldError.of(field, code, **data))

    def has(self, field: str) -> bool:
        """Whether the field was sent, be it as null."""
        self._known.add(field)
        return field in self._sent

    def take(self, field: str) -> Any:
        """The field as it was sent; None when it wasn't."""
        self._known.add(field)
        return self._sent.get(field)

    def text(self, field: str, *, required: bool = False, most: int = TEXT_MOST) -> str | None:
        """A text with its outer blanks cut; None for an empty one."""
        value = self.take(field)
        if value is None or value == "":
            value = ""
        elif not isinstance(value, str):
            self.fault(field, "not_text")
            return None
        elif "\0" in value:
            self.fault(field, "nul_character")
            return None
        text = value.strip()
        if len(text) > most:
            self.fault(field, "too_long", most=most)
        if required and not text:
            self.fault(field, "required")
        return text or None

    def whole(self, field: str, *, required: bool = False) -> int | None:
        """A whole number."""
        value = self.take(field)
        if value is None:
            if required:
                self.fault(field, "required")
            return None
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 2**31:
            self.fault(field, "not_whole_number")
            return None
        return value

    def day(self, field: str, *, required: bool = False) -> date | None:
        """A day like 2026-11-22."""
        value = self.take(field)
        if value is None:
            if required:
                self.fault(field, "required")
            return None
        try:
            if isinstance(value, str) and len(value) == len("2026-11-22"):
                return date.fromisoformat(value)
        except ValueError:
            pass
        self.fault(field, "not_date")
        return None

    def moment(self, field: str, read: Callable[[object], object] = read_moment) -> datetime | None:
        """A moment in RFC 3339 with its offset, in UTC; `read_any_moment` takes it from a clock that may be wrong."""
        value = self.take(field)
        if value is None:
            return None
        try:
            found = read(value)
        except PydanticCustomError as error:
            self.fault(field, error.type)
            return None
        assert isinstance(found, datetime)
        return found

    def one_of(self, field: str, kind: Iterable[Choice], *, required: bool = True) -> Choice | None:
        """One of a few words."""
        value = self.take(field)
        if value is None:
            if required:
                self.fault(field, "required")
            return None
        choices = list(kind)
        found = next((choice for choice in choices if choice.value == value), None)
        if found is None:
            self.fault(field, "not_one_of", expected=", ".join(choice.value for choice in choices))
        return found

    def photos(self, field: str = "photos", *, least: int = 0) -> list[UUID]:
        """Ids of distinct photos, at least so many; their bytes may follow."""
        value = self.take(field)
        if value is None:
            value = []
        if not isinstance(value, list):
            self.fault(field, "not_list")
            return []
        if len(value) > PHOTOS_MOST:
            self.fault(field, "too_many", most=PHOTOS_MOST)
            return []
        before = len(self.errors)
        found: dict[UUID, None] = {}
        for index, one in enumerate(value):
            photo = _uuid(one)
            if photo is None:
                self.fault(f"{field}.{index}", "not_uuid")
            else:
                found[photo] = None
        if len(found) < least and len(self.errors) == before:
            self.fault(field, "too_few_photos", least=least, given=len(found))
        return list(found)

    def raise_errors(self) -> None:
        """Raise Invalid with all that is wrong, fields that nobody asked for included."""
        self.errors += [FieldError.of(field, "unknown") for field in self._sent if field not in self._known]
        if self.errors:
            raise Invalid(self.errors)


def _uuid(value: object) -> UUID | None:
    if isinstance(value, UUID):
        return value
    if not isinstance(value, str) or len(value) != 36:
        return None
    try:
        return UUID(value)
    except ValueError:
        return None
