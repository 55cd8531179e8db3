"""One session and one `now` a request; a write that succeeded is committed, and nothing else."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import perf_counter
from uuid import uuid4

import structlog
from flask import Flask, Response, current_app, g, request
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from core.db import Sessions
from core.settings import Settings
from people.tokens import TokenMemory
from web.streams import Streams

log = structlog.get_logger()
REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{8,64}")
SLOW_SECONDS = 1.0


@dataclass
class Runtime:
    """What a process holds while it runs: `app.extensions["wangge"]`."""

    settings: Settings
    sessions: Sessions
    tokens: TokenMemory = field(init=False)
    streams: Streams = field(init=False)

    def __post_init__(self) -> None:
        self.tokens = TokenMemory(self.settings.signin.token_cache_seconds)
        stream = self.settings.stream
        self.streams = Streams(self.sessions, most=stream.most, tick_seconds=stream.tick_seconds)


def runtime() -> Runtime:
    """The process's settings and engines."""
    found = current_app.extensions["wangge"]
    assert isinstance(found, Runtime)
    return found


def read_clock() -> datetime:
    """The web's clock: read once a request, here only."""
    return datetime.now(UTC)


def now() -> datetime:
    """The moment of this request, in UTC: the same for everything that it does."""
    if "now" not in g:
        g.now = read_clock()
    moment = g.now
    assert isinstance(moment, datetime)
    return moment


def db() -> Session:
    """The request's session, begun at its first statement; committed when the view succeeds, else rolled back."""
    if "db" not in g:
        g.db = runtime().sessions.make()
    session = g.db
    assert isinstance(session, Session)
    return session


def reader() -> Connection:
    """The request's autocommit connection, for single statements where requests pour: no BEGIN, no ROLLBACK."""
    if "reader" not in g:
        g.reader = runtime().sessions.read.connect()
    connection = g.reader
    assert isinstance(connection, Connection)
    return connection


def set_up_transaction(app: Flask) -> None:
    """Every request begins and ends here."""
    app.before_request(_begin)
    app.after_request(_finish)
    app.teardown_request(_close)


def _begin() -> None:
    g.started = perf_counter()
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if REQUEST_ID.fullmatch(given) else uuid4().hex
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _finish(response: Response) -> Response:
    """Commit before the answer goes out, so that what was answered is kept; a failed commit becomes the answer."""
    session: Session | None = g.get("db")
    if session is not None:
        if response.status_code < 400:
            session.commit()
        else:
            session.rollback()
    response.headers["X-Request-ID"] = g.get("request_id", "")
    seconds = perf_counter() - g.get("started", perf_counter())
    if response.status_code >= 400 or request.method not in {"GET", "HEAD"} or seconds > SLOW_SECONDS:
        log.info(
            "request",
            method=request.method,
            path=request.path,
            status=response.status_code,
            ms=round(seconds * 1000, 1),
        )
    return response


def _close(_error: BaseException | None) -> None:
    session: Session | None = g.pop("db", None)
    if session is not None:
        session.close()
    connection: Connection | None = g.pop("reader", None)
    if connection is not None:
        connection.close()
