"""The four ways to say no. Errors carry data; `web/problems.py` words them in the reader's language."""

from dataclasses import dataclass
from typing import Any, ClassVar


class Refusal(Exception):
    """A clear no. `name` is the stable end of `urn:wangge:problem:NAME`; `data` fills the words."""

    name: ClassVar[str] = "refused"

    def __init__(self, name: str | None = None, /, **data: Any) -> None:
        super().__init__(name or self.name, data)
        self.problem = name or self.name
        self.data = data


class NotFound(Refusal):
    """There is none, or the person may not see it (404: no difference is shown)."""

    name = "not-found"


class NotAllowed(Refusal):
    """Seen, but not for this person (403)."""

    name = "not-allowed"


class NotPossible(Refusal):
    """Not now: wrong stage, stale version, taken (409)."""

    name = "not-possible"


@dataclass(frozen=True)
class FieldError:
    """One fault in the input: `field` as in the body (`point.lon`), a stable `code`, and what fills its words."""

    field: str
    code: str
    data: tuple[tuple[str, Any], ...] = ()

    @classmethod
    def of(cls, field: str, code: str, **data: Any) -> "FieldError":
        return cls(field, code, tuple(data.items()))


class Invalid(Refusal):
    """Bad input (422), with all field errors at once."""

    name = "invalid"

    def __init__(self, errors: list[FieldError], name: str | None = None, /, **data: Any) -> None:
        super().__init__(name, errors=errors, **data)
        self.errors = errors

    @classmethod
    def one(cls, field: str, code: str, **data: Any) -> "Invalid":
        """A single field error."""
        return cls([FieldError.of(field, code, **data)])
