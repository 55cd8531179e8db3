"""The one place that turns rows into JSON."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
from flask import Response
from pydantic import BaseModel
from sqlalchemy import Row, RowMapping

Headers = Mapping[str, str] | Iterable[tuple[str, str]]


def to_json(data: Any) -> bytes:
    """JSON in UTF-8; moments in UTC with `Z`; rows, models, UUIDs, enums and dataclasses as they are meant."""
    return orjson.dumps(data, default=_other, option=orjson.OPT_UTC_Z)


def _other(value: object) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, RowMapping):
        return dict(value)
    if isinstance(value, Row):
        return dict(value._mapping)  # noqa: SLF001  # SQLAlchemy's documented name
    if isinstance(value, BaseModel):
        return value.model_dump()
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(type(value).__name__)


def answer(data: Any, status: int = 200, headers: Headers | None = None) -> Response:
    """A JSON answer."""
    return Response(to_json(data), status, dict(headers) if headers else None, mimetype="application/json")


def nothing(headers: Headers | None = None) -> Response:
    """204: done, and nothing to say."""
    response = Response(status=204, headers=dict(headers) if headers else None)
    response.headers.pop("Content-Type", None)
    return response


def instant(moment: datetime) -> str:
    """The moment as RFC 3339 in UTC, for what is put together by hand."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
