"""What pydantic finds wrong, as our field errors: the same codes wherever input is checked."""

import re
from collections.abc import Iterable

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from core.errors import FieldError

# pydantic's kinds of error → our codes; what isn't here keeps its own name if the words know it, else `wrong`
CODES = {
    "missing": "required",
    "extra_forbidden": "unknown",
    "string_type": "not_text",
    "string_unicode": "not_text",
    "int_type": "not_whole_number",
    "int_parsing": "not_whole_number",
    "int_parsing_size": "not_whole_number",
    "int_from_float": "not_whole_number",
    "float_type": "not_number",
    "float_parsing": "not_number",
    "decimal_type": "not_number",
    "decimal_parsing": "not_number",
    "finite_number": "not_number",
    "bool_type": "not_true_or_false",
    "bool_parsing": "not_true_or_false",
    "string_too_long": "too_long",
    "string_too_short": "too_short",
    "too_long": "too_many",
    "too_short": "too_few",
    "greater_than": "too_small",
    "greater_than_equal": "too_small",
    "less_than": "too_large",
    "less_than_equal": "too_large",
    "string_pattern_mismatch": "bad_form",
    "uuid_type": "not_uuid",
    "uuid_parsing": "not_uuid",
    "uuid_version": "not_uuid",
    "date_type": "not_date",
    "date_parsing": "not_date",
    "date_from_datetime_parsing": "not_date",
    "date_from_datetime_inexact": "not_date",
    "datetime_type": "not_time",
    "datetime_parsing": "not_time",
    "datetime_from_date_parsing": "not_time",
    "timezone_aware": "no_offset",
    "enum": "not_one_of",
    "literal_error": "not_one_of",
    "union_tag_invalid": "not_one_of",
    "union_tag_not_found": "required",
    "list_type": "not_list",
    "dict_type": "not_object",
    "model_type": "not_object",
    "model_attributes_type": "not_object",
    "value_error": "wrong",
}
QUOTED = re.compile(r"'([^']*)'")
CONTEXT = {
    "max_length": "most",
    "min_length": "least",
    "ge": "least",
    "gt": "least",
    "le": "most",
    "lt": "most",
    "expected": "expected",
}


def faults(error: ValidationError) -> list[FieldError]:
    """Our field errors, one a field and code, in the order of fields."""
    found = {_fault(details) for details in error.errors(include_url=False, include_input=False)}
    return sorted(found, key=lambda fault: (fault.field, fault.code))


def _fault(details: ErrorDetails) -> FieldError:
    place = field_name(details["loc"])
    code = CODES.get(details["type"], details["type"])
    context = details.get("ctx", {})
    return FieldError.of(
        place,
        code,
        **{
            CONTEXT.get(key, key): _plain(value) if key == "expected" else value
            for key, value in context.items()
            if isinstance(value, str | int | float)
        },
    )


def _plain(expected: object) -> str:
    """pydantic's "'a', 'b' or 'c'" as "a, b, c": our words stand around it in two languages."""
    return ", ".join(QUOTED.findall(str(expected))) or str(expected).replace(" or ", ", ")


def field_name(place: Iterable[int | str]) -> str:
    """`("photos", 2, "id")` → `photos.2.id`."""
    return ".".join(map(str, place))
