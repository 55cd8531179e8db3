"""For machines that watch: /healthz, /readyz, /metrics."""

from time import perf_counter

from apiflask import APIBlueprint
from flask import Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from web.answers import answer
from web.readiness import checks
from web.signin import public
from web.transaction import now, reader, runtime

blueprint = APIBlueprint("health", __name__, enable_openapi=False)
registry = CollectorRegistry()
REQUESTS = Histogram(
    "wangge_request_seconds",
    "Requests by route and status, of this process since its start",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=registry,
)


@blueprint.get("/healthz")
@public
def healthz() -> Response:
    """The process answers."""
    return answer({"ok": True})


@blueprint.get("/readyz")
@public
def readyz() -> Response:
    """The process can do its work: 200, else 503 with what is missing."""
    try:
        connection = reader()
    except SQLAlchemyError:
        connection = None
    found = checks(connection, runtime().settings, now=now())
    ready = all(check.ok for check in found)
    told = [{"name": check.name, "ok": check.ok, "text": check.text("en")} for check in found]
    return answer({"ready": ready, "checks": told}, 200 if ready else 503)


@blueprint.get("/metrics")
@public
def metrics() -> Response:
    """Prometheus' text format; each process counts for itself."""
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def set_up_metrics(app: Flask) -> None:
    """Count every request."""
    children: dict[tuple[str, str, int], Histogram] = {}

    def count(response: Response) -> Response:
        key = (request.method, request.url_rule.rule if request.url_rule else "-", response.status_code)
        child = children.get(key)
        if child is None:
            child = children[key] = REQUESTS.labels(key[0], key[1], str(key[2]))
        child.observe(perf_counter() - g.get("started", perf_counter()))
        return response

    app.after_request(count)
