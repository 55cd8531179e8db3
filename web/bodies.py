"""What views take and give, said once: it is checked, and it is the OpenAPI document.

class Naming(Body):
    name: Text(120)
    days: int | None = Field(None, ge=1, le=90)

@blueprint.post("/tokens")
@allow(Permission.KEEP_TOKENS)
@takes(Naming)                       # the view gets `body: Naming`; all faults at once → 422
@gives(TokenAnswer, 201)             # documentation; in tests every answer is checked against it
def make(*, body: Naming) -> Response:
    return answer({...}, 201)

class Filter(Query):
    stage: list[Stage] | None = None   # ?stage=a&stage=b and ?stage=a,b
    limit: Limit = 50

@takes(query=Filter)                 # the view gets `query: Filter`
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from typing import Annotated, Any, TypeVar, get_args, get_origin

import orjson
from flask import Request, abort, request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError, WithJsonSchema
from pydantic_core import PydanticCustomError

from core.errors import FieldError, Invalid
from core.faults import faults

View = TypeVar("View", bound=Callable[..., Any])
Model = TypeVar("Model", bound=BaseModel)
JSON = "application/json"
PROBLEM = "application/problem+json"
BYTES = "application/octet-stream"
"""A body whose type the sender doesn't know; what it is shows when it is read."""
# What the database's `integer` and `bigint` hold: a larger number is nobody's id.
LARGEST_SMALL_ID, LARGEST_ID = 2**31 - 1, 2**63 - 1
RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)?")


class Body(BaseModel):
    """A JSON body: unknown fields, NaN and wrong types are refused; nothing is converted silently."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, strict=True, frozen=True)


class Query(BaseModel):
    """Query parameters: unknown and repeated ones are refused; an empty one is an empty text, not an absent one."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)


class Headers(BaseModel):
    """Request headers, by their names as aliases; others are left alone."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False, frozen=True)


class Answer(BaseModel):
    """The shape of an answer."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


def _moment(value: object) -> object:
    if isinstance(value, datetime):
        return value
    found = RFC3339.fullmatch(value) if isinstance(value, str) else None
    if found is None or not "1900" <= found.string[:4] <= "2200":
        raise PydanticCustomError("not_time", "not an RFC 3339 moment")
    if found[2] is None:
        raise PydanticCustomError("no_offset", "no offset")
    try:
        return datetime.fromisoformat(found.string.upper()).astimezone(UTC)
    except ValueError:
        raise PydanticCustomError("not_time", "not an RFC 3339 moment") from None


Moment = Annotated[datetime, BeforeValidator(_moment), WithJsonSchema({"type": "string", "format": "date-time"})]
Limit = Annotated[int, Field(ge=1, le=200, description="How many at most")]
Cursor = Annotated[str, StringConstraints(min_length=1, max_length=500), Field(description="`next` of the page before")]
Id = Annotated[int, Field(ge=0, le=LARGEST_ID)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class Paging(Query):
    """`limit` and `cursor` of a list."""

    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class Takes:
    """What a view takes."""

    body: type[BaseModel] | None
    query: type[BaseModel] | None
    media: str
    optional: bool
    headers: type[BaseModel] | None = None
    also: tuple[str, ...] = ()
    """Further media types that a raw body may have."""


@dataclass(frozen=True)
class Gives:
    """One of a view's answers."""

    status: int
    model: type[BaseModel] | None
    media: str
    text: str


def takes(
    body: type[BaseModel] | None = None,
    *,
    query: type[BaseModel] | None = None,
    raw: str | tuple[str, ...] | None = None,
    headers: type[BaseModel] | None = None,
    optional: bool = False,
) -> Callable[[View], View]:
    """Check the JSON body, the query and headers before the view.

    `raw`: media types (`image/*`) that the view reads by itself, and bytes of no type; a body of another type is 415.
    """
    lists = _list_fields(query) if query else frozenset()
    read = (raw,) if isinstance(raw, str) else raw or ()
    media, *also = (*read, BYTES) if read else (JSON,)

    def mark(view: View) -> View:
        @wraps(view)
        def checked(*args: Any, **kwargs: Any) -> Any:
            errors: list[FieldError] = []
            if read:
                _check_type((media, *also))
            if query is not None:
                kwargs["query"] = _read_query(query, lists, errors)
            if headers is not None:
                kwargs["headers"] = _read_headers(headers, errors)
            if body is not None:
                kwargs["body"] = _read_body(body, errors, optional=optional)
            if errors:
                raise Invalid(errors)
            return view(*args, **kwargs)

        checked.__dict__["takes"] = Takes(body, query, media, optional, headers, tuple(also))
        return checked  # type: ignore[return-value]

    return mark


def gives(
    model: type[BaseModel] | None, status: int = 200, *, media: str = JSON, text: str = ""
) -> Callable[[View], View]:
    """Say what the view answers; may stand several times, once a status."""

    def mark(view: View) -> View:
        view.__dict__["gives"] = (Gives(status, model, media, text), *view.__dict__.get("gives", ()))
        return view

    return mark


def refuses(*names: str, status: int = 404) -> Callable[[View], View]:
    """Say which problems the view answers beside those that every view may.

    A name that a Refusal class carries has that class's status; `status` is for the others (`NotFound("no-cell")`).
    """

    def mark(view: View) -> View:
        view.__dict__["refuses"] = (*((name, status) for name in names), *view.__dict__.get("refuses", ()))
        return view

    return mark


class WholeRequest(Request):
    """A request whose body is whole or refused: Werkzeug cuts a chunked body at the limit without a word."""

    def get_data(self, *args: Any, **kwargs: Any) -> Any:
        data = super().get_data(*args, **kwargs)
        most = self.max_content_length
        if self.content_length is None and most is not None and len(data) >= most:
            abort(413)
        return data


# --- reading ----------------------------------------------------------------------------------------------------------


class _Duplicate(ValueError):
    pass


def parse_json(raw: bytes) -> Any:
    """Strict JSON: UTF-8, no NaN, no lone surrogates, no NUL, no name twice. Raises Invalid."""
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise Invalid.one("", "not_json", line=error.lineno, column=error.colno) from None
    if b"\\u0000" in raw and _has_nul(value):
        raise Invalid.one("", "nul_character")
    try:
        json.loads(raw, object_pairs_hook=_once)
    except _Duplicate as error:
        raise Invalid.one(str(error), "duplicate") from None
    except (RecursionError, ValueError):
        raise Invalid.one("", "not_json", line=1, column=1) from None
    return value


def _once(pairs: list[tuple[str, Any]]) -> None:
    names = {name for name, _ in pairs}
    if len(names) < len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise _Duplicate(name)
            seen.add(name)


def _has_nul(value: object) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(map(_has_nul, value)) or any(map(_has_nul, value.values()))
    return isinstance(value, list) and any(map(_has_nul, value))


def read_model(model: type[Model], raw: bytes) -> Model:
    """The model in the JSON text. Raises Invalid with all faults at once."""
    parse_json(raw)
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        raise Invalid(faults(error)) from None


def _read_body(model: type[BaseModel], errors: list[FieldError], *, optional: bool) -> BaseModel | None:
    raw = request.get_data()
    if optional and not raw:
        raw = b"{}"
    elif request.mimetype != JSON and not request.mimetype.endswith("+json"):
        abort(415)
    try:
        return read_model(model, raw)
    except Invalid as error:
        errors.extend(error.errors)
        return None


def _check_type(media: tuple[str, ...]) -> None:
    given = request.mimetype
    if given and not any(given == one or (one.endswith("/*") and given.startswith(one[:-1])) for one in media):
        abort(415)


def _list_fields(model: type[BaseModel]) -> frozenset[str]:
    return frozenset(field.alias or name for name, field in model.model_fields.items() if _is_list(field.annotation))


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) in {list, tuple, set} or any(map(_is_list, get_args(annotation)))


def _query_values(lists: frozenset[str], faulty: list[FieldError]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, given in request.args.lists():
        if any("\0" in text for text in [name, *given]):
            faulty.append(FieldError.of(name.replace("\0", ""), "nul_character"))
        elif name in lists:
            values[name] = [part for text in given for part in text.split(",")]
        elif len(given) > 1:
            faulty.append(FieldError.of(name, "duplicate"))
        else:
            values[name] = given[0]
    return values


def _read_query(model: type[BaseModel], lists: frozenset[str], errors: list[FieldError]) -> BaseModel | None:
    faulty: list[FieldError] = []
    values = _query_values(lists, faulty)
    try:
        read = model.model_validate(values)
    except ValidationError as error:
        named = {fault.field for fault in faulty}
        faulty += [fault for fault in faults(error) if fault.field not in named]
    else:
        if not faulty:
            return read
    errors.extend(faulty)
    return None


def _read_headers(model: type[BaseModel], errors: list[FieldError]) -> BaseModel | None:
    names = [field.alias or name for name, field in model.model_fields.items()]
    try:
        return model.model_validate({name: request.headers[name] for name in names if name in request.headers})
    except ValidationError as error:
        errors.extend(faults(error))
        return None
