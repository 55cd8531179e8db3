"""The body of a report: its shape, and everything that can be wrong with it, told at once (contract §4)."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, NamedTuple, Self
from uuid import UUID

import orjson
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from cases.categories import Categories, CategoryEntry, ConditionEntry
from cases.models import Source
from core.errors import FieldError, Invalid
from core.faults import faults
from core.settings import Intake
from grid.coordinates import BadCoordinate, Crs, Fault, check_range, to_wgs84

DAWN, EARLIEST, LATEST = (datetime(year, 1, 1, tzinfo=UTC) for year in (1900, 2000, 9999))
MOST_ACCURACY_M = 100_000.0
MOST_ADDRESS = 500


@dataclass(frozen=True)
class Rules:
    """What a report is checked against."""

    categories: Categories
    limits: Intake
    now: datetime
    photo_needed: bool = True
    """Whether an inspector's report must name a photo: not so for what a machine brings from another system."""

    @property
    def latest(self) -> datetime:
        return self.now + timedelta(minutes=self.limits.future_minutes)


RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,6}\d*)?([Zz]|[+-]\d\d:\d\d)?")


def read_moment(value: object) -> object:
    """A moment from RFC 3339 text, in UTC; raises what pydantic collects for text without an offset, and for others."""
    moment = _parsed(value)
    if moment < EARLIEST:
        raise PydanticCustomError("too_long_ago", "too long ago")
    return LATEST if moment > LATEST else moment.astimezone(UTC)


def read_any_moment(value: object) -> object:
    """`read_moment` of a clock that may be wrong: a phone whose battery was empty begins in 1970."""
    return min(max(_parsed(value), DAWN), LATEST).astimezone(UTC)


def _parsed(value: object) -> datetime:
    found = RFC3339.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise PydanticCustomError("not_time", "no moment")
    if found[2] is None:
        raise PydanticCustomError("no_offset", "no offset")
    try:
        return datetime.fromisoformat(found.string.upper())
    except ValueError:
        raise PydanticCustomError("not_time", "no moment") from None


DATE_TIME = WithJsonSchema({"type": "string", "format": "date-time"})
Moment = Annotated[datetime, BeforeValidator(read_moment), DATE_TIME]
DeviceMoment = Annotated[datetime, BeforeValidator(read_any_moment), DATE_TIME]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, strict=True, frozen=True)


class PointBody(_Strict):
    """A place as its sender gives it: degrees `lon`, `lat`, or metres `x`, `y` for `sh2000`."""

    crs: Crs
    lon: float | None = None
    lat: float | None = None
    x: float | None = None
    y: float | None = None
    accuracy_m: Annotated[float, Field(ge=0, le=MOST_ACCURACY_M)] | None = None

    @property
    def pair(self) -> tuple[float, float]:
        """The two numbers, in the order of `grid.coordinates`."""
        first, second = (self.x, self.y) if self.crs is Crs.SH2000 else (self.lon, self.lat)
        assert first is not None
        assert second is not None
        return first, second

    @model_validator(mode="after")
    def _a_place(self) -> Self:
        metres = self.crs is Crs.SH2000
        first, second = (self.x, self.y) if metres else (self.lon, self.lat)
        if first is None or second is None:
            raise PydanticCustomError("point_incomplete", "two numbers", {"names": "x, y" if metres else "lon, lat"})
        try:
            check_range(self.crs, first, second)
        except BadCoordinate as error:
            raise PydanticCustomError("swapped" if error.reason is Fault.SWAPPED else "no_place", "no place") from None
        return self

    def wgs84(self) -> tuple[float, float]:
        """Longitude and latitude in WGS-84."""
        return to_wgs84(self.crs, *self.pair)

    def raw(self) -> dict[str, Any]:
        """As sent."""
        return self.model_dump(mode="json", exclude_none=True)


class _Pointed(_Strict):
    point: PointBody


def check_point(sent: object) -> PointBody:
    """The point of a report, or of what corrects one. Raises Invalid with its faults, under `point`."""
    try:
        return _Pointed.model_validate_json(orjson.dumps({"point": sent})).point
    except ValidationError as error:
        raise Invalid(faults(error)) from None


class ReportBody(_Strict):
    """What `PUT /reports/{uuid}` takes."""

    source: Source
    category_code: Annotated[str, Field(max_length=8)] | None = None
    description: str = Field("", json_schema_extra={"maxLength": 2000})
    point: PointBody | None = None
    address: Annotated[str, Field(max_length=MOST_ADDRESS)] | None = None
    observed_at: Moment | None = Field(None, description="When it was found, by the server's clock")
    device_at: DeviceMoment | None = Field(None, description="What the sender's own clock said then, right or wrong")
    photos: list[UUID] = Field([], validate_default=True, json_schema_extra={"maxItems": 20})
    component_id: Annotated[str, Field(min_length=1, max_length=24)] | None = None
    condition: int | None = None
    self_handled: bool = False

    @field_validator("category_code")
    @classmethod
    def _known_category(cls, code: str | None, info: ValidationInfo) -> str | None:
        if code is not None and code not in _rules(info).categories.by_code:
            raise PydanticCustomError("no_such_category", "no such category", {"category": code})
        return code

    @field_validator("description", "address", "component_id")
    @classmethod
    def _storable(cls, text: str | None, info: ValidationInfo) -> str | None:
        if text is not None and "\0" in text:
            raise PydanticCustomError("nul_character", "NUL")
        most = _rules(info).limits.description_characters
        if text is not None and len(text) > most:
            raise PydanticCustomError("string_too_long", "too long", {"most": most})
        return text

    @field_validator("observed_at")
    @classmethod
    def _not_ahead(cls, moment: datetime | None, info: ValidationInfo) -> datetime | None:
        if moment is None:
            return None
        rules = _rules(info)
        if moment > rules.latest:
            raise PydanticCustomError("in_future", "ahead", {"minutes": rules.limits.future_minutes})
        return moment

    @field_validator("photos")
    @classmethod
    def _photos(cls, photos: list[UUID], info: ValidationInfo) -> list[UUID]:
        rules = _rules(info)
        if len(photos) > rules.limits.photos_per_report:
            raise PydanticCustomError("too_many", "too many", {"most": rules.limits.photos_per_report})
        if len(set(photos)) < len(photos):
            raise PydanticCustomError("duplicate", "a photo twice")
        if rules.photo_needed and not photos and info.data.get("source") is Source.INSPECTOR:
            raise PydanticCustomError("photo_needed", "an inspector's report names a photo")
        return photos


def _rules(info: ValidationInfo) -> Rules:
    assert isinstance(info.context, Rules)
    return info.context


class Checked(NamedTuple):
    """A body without a fault, and what was looked up while checking."""

    body: ReportBody
    category: CategoryEntry | None
    condition: ConditionEntry | None


class Sent(NamedTuple):
    """A body as it came, not yet checked: its JSON text, and as it is kept and told from another one."""

    raw: bytes
    values: Mapping[str, Any]
    kept: bytes
    sha256: bytes


def as_sent(raw: bytes) -> Sent:
    """The JSON text of one body. Raises Invalid when it is no JSON object."""
    try:
        values = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise Invalid.one("", "not_json", line=error.lineno, column=error.colno) from None
    if not isinstance(values, dict):
        raise Invalid.one("", "not_object")
    return sent_values(values, raw)


def sent_values(values: Mapping[str, Any], raw: bytes = b"") -> Sent:
    """A body already read: the order of its fields, white space and empty fields make no difference."""
    if None in values.values():
        values = {key: value for key, value in values.items() if value is not None}
    kept = orjson.dumps(values, option=orjson.OPT_SORT_KEYS)
    return Sent(raw, values, kept, hashlib.sha256(kept).digest())


def check_body(sent: Sent, rules: Rules) -> Checked:
    """The report that was sent. Raises Invalid with every fault.

    Without JSON text (a line of a batch or file) numbers and truth may be given as text.
    """
    try:
        if sent.raw:
            body = ReportBody.model_validate_json(sent.raw, context=rules)
        else:
            body = ReportBody.model_validate(sent.values, strict=False, context=rules)
    except ValidationError as error:
        found = faults(error)
        raise Invalid(found + _missing(sent.values, found)) from None
    category = rules.categories.get(body.category_code)
    condition = category.condition(body.condition) if category and body.condition is not None else None
    wrong = _missing(body.__dict__, [])
    if body.condition is not None and condition is None:
        wrong.append(FieldError.of("condition", "no_such_condition"))
    if body.self_handled:
        wrong += _self_handled_faults(body)
    if wrong:
        raise Invalid(wrong)
    return Checked(body, category, condition)


def _missing(values: Mapping[str, Any], known: list[FieldError]) -> list[FieldError]:
    """What is needed but for which another field may stand in."""
    found = []
    address = values.get("address")
    if values.get("point") is None and not (isinstance(address, str) and address.strip()):
        found.append(FieldError.of("point", "point_or_address"))
    if values.get("category_code") is None and values.get("source") != Source.INSPECTOR:
        found.append(FieldError.of("category_code", "category_needed"))
    named = {fault.field for fault in known}
    return [fault for fault in found if fault.field not in named]


def _self_handled_faults(body: ReportBody) -> list[FieldError]:
    """Domain §4.3: an inspector's, of a category, with photos before and after."""
    found = []
    if body.source is not Source.INSPECTOR:
        found.append(FieldError.of("self_handled", "inspectors_only"))
    if body.category_code is None:
        found.append(FieldError.of("category_code", "category_needed"))
    if len(body.photos) < 2:
        found.append(FieldError.of("photos", "before_and_after"))
    return found
