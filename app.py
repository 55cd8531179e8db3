"""create_app(): settings → log → database → blueprints → commands. Nobody imports this module."""

from typing import Any

from apiflask import APIFlask
from werkzeug.middleware.proxy_fix import ProxyFix

from cases.commands import cases
from cases.delivery.push import check_push
from cases.delivery.targets import check_targets
from cases.demo.commands import demo
from cases.handling.requests import check_approvals
from cases.phrases import check_phrases
from core.commands import db
from core.db import Sessions
from core.logs import set_up_logs
from core.settings import BadSettings, Settings, load_settings
from grid.basemap import check_basemap
from grid.commands import grid
from people.commands import people
from web import health, openapi, pages, tiles
from web.api import register_api
from web.bodies import WholeRequest
from web.gate import gate
from web.headers import set_up_headers
from web.health import set_up_metrics
from web.openapi import set_up_openapi
from web.problems import set_up_problems
from web.promises import set_up_promises
from web.signin import set_up_signin
from web.transaction import Runtime, set_up_transaction

# no route of Flask's own: every view says who may see it
BARE: Any = {"static_folder": None}


def create_app(settings: Settings | None = None, sessions: Sessions | None = None) -> APIFlask:
    """The web application. Without arguments it reads its settings; `sessions` lets tests bring their database.

    Granian: `granian --interface wsgi --factory app:create_app`; gunicorn: `app:create_app()`.
    """
    app = APIFlask("web", title="Wangge 网格", version="1", docs_path=None, spec_path=None, json_errors=False, **BARE)
    try:
        settings = settings or load_settings()
        check_approvals(settings)
        check_targets(settings)
        check_push(settings)
        check_phrases(settings)
        check_basemap(settings)
        app.extensions["wangge"] = runtime = Runtime(settings, sessions or Sessions(settings))
    except BadSettings as error:
        raise SystemExit(f"wangge: {error}") from None
    set_up_logs(settings.logs.level)
    runtime.sessions.tell_of_a_way_back()
    app.wsgi_app = gate(app.wsgi_app, settings.web.busy_threads)  # type: ignore[assignment, method-assign]
    if settings.web.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.web.trusted_proxies, x_proto=settings.web.trusted_proxies)  # type: ignore[method-assign]
    app.request_class = WholeRequest
    set_up_transaction(app)
    set_up_headers(app, settings)
    set_up_metrics(app)
    set_up_problems(app)
    set_up_promises(app)
    register_api(app)
    register_rest(app)
    set_up_signin(app)
    set_up_openapi(app)
    register_commands(app)
    return app


def register_rest(app: APIFlask) -> None:
    """Everything outside /api/v1 that answers requests."""
    for module in (openapi, health, pages, tiles):
        app.register_blueprint(module.blueprint)


def register_commands(app: APIFlask) -> None:
    """`flask db|grid|people|cases|demo …`."""
    for group in (db, grid, people, cases, demo):
        app.cli.add_command(group)
