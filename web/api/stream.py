"""Server-sent events: what happens to the cases that one sees, and how many notices one has not read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import monotonic

from apiflask import APIBlueprint
from flask import Response, request
from pydantic import Field
from sqlalchemy.exc import SQLAlchemyError

from cases.news import read_news
from core.errors import Invalid
from people.errors import NotSignedIn
from people.roles import Actor, Permission
from people.sessions import actor_of_cookie
from people.tokens import actor_of_token
from web.bodies import LARGEST_ID, Id, Query, gives, refuses, takes
from web.signin import COOKIE, allow, person
from web.streams import Stream, Streams, case_message, unread_message
from web.transaction import read_clock, runtime

blueprint = APIBlueprint("stream", __name__, url_prefix="/stream", tag="Stream")

PING_SECONDS = 15.0
CHECK_SECONDS = 10.0
"""A session that was ended or has run out ends its streams within this."""
RESUME_MOST = 20_000
"""Who comes back after more events than this is told to load anew instead."""
RETRY = b"retry: 3000\n"


class StreamAsked(Query):
    after: Id | None = Field(None, description="As the header Last-Event-ID, for who cannot send it")


@dataclass(frozen=True)
class Onlooker:
    """Who looks on, behind which event, and how to see that they still may."""

    stream: Stream
    streams: Streams
    after: int | None
    identify: Callable[[], Actor]


@blueprint.get("")
@allow(Permission.SEE_CASES)
@takes(query=StreamAsked)
@gives(None, media="text/event-stream", text="An endless stream")
@refuses("too-many-streams")
def look_on(*, query: StreamAsked) -> Response:
    """Events as they happen. The stream ends when the session does.

    - `event: case`, data `{no, stage, version, verb, at}`, its id the event's in the case's story: a case that one sees
      has changed;
    - `event: notices`, data `{unread}`: at the beginning, and when something came in;
    - `event: notice`, data `{id, kind, no?, roll_call?}`: one is called by name: a roll call, an alarm of the fence, a
      case to verify or to check. Only while one looks on: what was missed stands in the inbox;
    - `event: reset`, data `{}`: too much has happened since Last-Event-ID, load everything anew;
    - a comment every 15 seconds.

    Who comes back with Last-Event-ID (browsers do) is told first what they have missed, without a gap; an event may
    come twice. Open the stream before you load what it is about.
    """
    after, identify = _last_id(query), _identifier()
    streams = runtime().streams
    stream = streams.open(person())
    response = Response(_told(Onlooker(stream, streams, after, identify)), mimetype="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"
    response.call_on_close(lambda: streams.close(stream))  # also when nothing of it was read
    return response


def _last_id(query: StreamAsked) -> int | None:
    given = request.headers.get("Last-Event-ID", "")
    if not given:
        return query.after
    if not given.isascii() or not given.isdecimal() or int(given[:20]) > LARGEST_ID:
        raise Invalid.one("Last-Event-ID", "not_whole_number")
    return int(given)


def _identifier() -> Callable[[], Actor]:
    """What looks up once more who asked, outside of the request."""
    found = runtime()
    header, cookie = request.headers.get("Authorization"), request.cookies.get(COOKIE, "")

    def identify() -> Actor:
        now, settings = read_clock(), found.settings
        with found.sessions.read.connect() as connection:
            if header is not None:
                return actor_of_token(connection, header.partition(" ")[2], now=now, settings=settings)[0]
            return actor_of_cookie(connection, cookie, now=now, settings=settings).actor

    return identify


def _told(onlooker: Onlooker) -> Iterator[bytes]:
    stream, streams = onlooker.stream, onlooker.streams
    try:
        yield from _beginning(onlooker)
        ping_at, check_at = monotonic() + PING_SECONDS, monotonic() + CHECK_SECONDS
        while not stream.ended.is_set():
            message = stream.take(min(ping_at, check_at) - monotonic())
            if message:
                yield message
            if monotonic() >= check_at:
                check_at = monotonic() + CHECK_SECONDS
                if not _still_may(onlooker):
                    return
            if monotonic() >= ping_at:
                ping_at = monotonic() + PING_SECONDS
                yield _ping(streams.mark(stream))
    finally:
        streams.close(stream)


def _ping(told: int | None) -> bytes:
    """A comment, and how far everything was told: an id without data, which browsers keep for Last-Event-ID."""
    return b": ping\n\n" if told is None else b": ping\nid: %d\n\n" % told


def _beginning(onlooker: Onlooker) -> Iterator[bytes]:
    """Where the stream stands, what was missed, and what is unread."""
    stream, streams, after = onlooker.stream, onlooker.streams, onlooker.after
    if after is None:
        yield RETRY + b"id: %d\n\n" % stream.start
    elif stream.start - after > RESUME_MOST:
        yield RETRY + b"id: %d\nevent: reset\ndata: {}\n\n" % stream.start
    else:
        yield RETRY + b"\n"
        with streams.few, streams.sessions.read.connect() as connection:
            missed = list(read_news(connection, after=after, upto=stream.start, actor=stream.actor))
        for news in missed:
            yield from map(case_message, news)
    with streams.few, streams.sessions.read.connect() as connection:
        message = unread_message(connection, stream.actor)
    yield message


def _still_may(onlooker: Onlooker) -> bool:
    """Whether the person is still signed in; what they may see is renewed."""
    try:
        with onlooker.streams.few:
            actor = onlooker.identify()
    except NotSignedIn:
        return False
    except SQLAlchemyError:  # the database is away: asked again at the next check
        return True
    onlooker.stream.actor = actor
    return actor.may(Permission.SEE_CASES)
