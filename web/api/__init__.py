"""`/api/v1`: one module a resource."""

from apiflask import APIFlask

from web.api import (
    bulletin,
    calendars,
    case_list,
    cases,
    catalogue,
    claims,
    components,
    deliveries,
    departments,
    duty_areas,
    ground,
    ladder,
    maps,
    notices,
    patrol,
    people,
    photos,
    push,
    reports,
    roll_calls,
    session,
    shifts,
    statistics,
    stream,
    sync,
    tokens,
    tracks,
    verbs,
    webhooks,
)

PREFIX = "/api/v1"
RESOURCES = (
    session, tokens, ground, reports, photos, catalogue, case_list, cases, claims, verbs, notices, statistics,
    people, webhooks, deliveries, bulletin, stream, calendars, ladder, departments,
    push, sync,
    shifts, tracks, roll_calls, patrol,
    components, duty_areas, maps,
)  # fmt: skip


def register_api(app: APIFlask) -> None:
    """Every resource under `/api/v1`."""
    for module in RESOURCES:
        app.register_blueprint(module.blueprint, url_prefix=PREFIX + (module.blueprint.url_prefix or ""))
