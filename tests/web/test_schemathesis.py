"""Machines that read the OpenAPI document find what it says (schemathesis)."""

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import positive_data_acceptance

from people.roles import Role

# A schema cannot say that a cursor is one of ours, that a point lies in the city, or that a case exists.
BEYOND = [positive_data_acceptance]
FEW = settings(
    max_examples=12,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def asked(operation: Any, headers: dict[str, str], mode: schemathesis.GenerationMode) -> str | None:
    """What is wrong with the answers to some generated requests; None: nothing."""

    @FEW
    @seed(1)
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: Any) -> None:
        case.call_and_validate(headers=headers, excluded_checks=BEYOND)

    try:
        check()
    except (FailureGroup, Failure) as found:
        told = "; ".join(str(one) for one in getattr(found, "exceptions", [found]))
        return f"{mode.value} {operation.method.upper()} {operation.path}: {told}"
    return None


@pytest.mark.slow  # every operation, with good and bad input
@pytest.mark.parametrize("mode", schemathesis.GenerationMode)
def test_every_operation_answers_as_the_document_says(
    app: Flask, bearer: Callable[..., dict[str, str]], mode: schemathesis.GenerationMode
) -> None:
    # schemathesis reads what comes as it stands, compressed or not
    headers = bearer("robot", *Role) | {"Accept-Encoding": "identity"}
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    operations = [found.ok() for found in schema.get_all_operations()]
    # photos and NDJSON have tests of their own: no generator makes them from a schema
    operations = [one for one in operations if all(body.media_type == "application/json" for body in one.body)]
    # and a stream has no end that could be waited for
    operations = [one for one in operations if one.path != "/api/v1/stream"]
    failures = [failure for operation in operations if (failure := asked(operation, headers, mode))]
    assert failures == [], "\n\n".join(failures)
