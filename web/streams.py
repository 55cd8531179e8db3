"""Open event streams of this process: one reader looks at the ends of the tables and tells each what it may see."""

from contextlib import suppress
from queue import Empty, Full, Queue
from threading import Event, Lock, Semaphore, Thread

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from cases.delivery import Tailing
from cases.errors import TooManyStreams
from cases.news import Call, News, is_addressed, read_addresses, read_calls, read_news
from cases.notices import unread
from core.db import Sessions
from people.roles import Actor
from web.answers import to_json

log = structlog.get_logger()

WAITING_MOST = 2000
"""A stream that has not taken so much is ended; it comes again and goes on where it was."""
START_LOOKS = 50
START_SECONDS = 0.02
BACK = 500
AT_A_TIME = 2
"""So many streams ask the database at a time: when all come at once they leave the others their connections."""


class Stream:
    """One that looks on: what waits for it, and behind which event it goes on live."""

    def __init__(self, actor: Actor, start: int) -> None:
        self.actor = actor
        self.start = start
        self.ended = Event()
        self._waiting: Queue[bytes] = Queue(WAITING_MOST)

    def put(self, message: bytes) -> None:
        """Let it be sent; a stream that takes nothing is ended."""
        try:
            self._waiting.put_nowait(message)
        except Full:
            self.ended.set()

    def end(self) -> None:
        """Let it stop at once."""
        self.ended.set()
        with suppress(Full):
            self._waiting.put_nowait(b"")

    def take(self, seconds: float) -> bytes | None:
        """What comes next; None when nothing came in the time."""
        try:
            return self._waiting.get(timeout=max(0.0, seconds)) if seconds > 0 else self._waiting.get_nowait()
        except Empty:
            return None

    @property
    def quiet(self) -> bool:
        """Whether nothing waits."""
        return self._waiting.empty()


class Streams:
    """The process's streams and their reader, a thread that lives while there are any."""

    def __init__(self, sessions: Sessions, *, most: int, tick_seconds: float) -> None:
        self.sessions, self.most, self.tick_seconds = sessions, most, tick_seconds
        self.few = Semaphore(AT_A_TIME)
        self._lock = Lock()
        self._open: dict[Stream, None] = {}  # the oldest first
        self._reader: Thread | None = None
        self._stop = Event()
        self._begin_anew()

    def open(self, actor: Actor) -> Stream:
        """A stream that goes on behind the present end of the story. Raises TooManyStreams."""
        with self._lock:
            if len(self._open) >= self.most:
                self._make_room(actor)
            if self._reader is None:
                self._begin()
            stream = Stream(actor, self._told)
            self._open[stream] = None
            return stream

    def _make_room(self, actor: Actor) -> None:
        """Where all places are taken, the person's own oldest stream gives way: it is often a page that was left."""
        oldest = next((one for one in self._open if one.actor.person_id == actor.person_id), None)
        if oldest is None:
            raise TooManyStreams(most=self.most)
        oldest.end()
        del self._open[oldest]

    def close(self, stream: Stream) -> None:
        """It is not told any more; with the last one the reader ends."""
        stream.ended.set()
        with self._lock:
            self._open.pop(stream, None)
            if not self._open:
                self._stop.set()
                self._reader = None

    def mark(self, stream: Stream) -> int | None:
        """Up to where the stream has been told everything; None while something waits for it."""
        with self._lock:
            return self._told if stream.quiet else None

    def count(self) -> int:
        """How many are open."""
        with self._lock:
            return len(self._open)

    # --- the reader ---------------------------------------------------------------------------------------------------

    def _begin_anew(self) -> None:
        self._events, self._notices = Tailing("events"), Tailing("notices")
        self._told = self._noticed = 0

    def _begin(self) -> None:
        """Begin at the end: where nothing can appear any more that was written before now."""
        self._begin_anew()
        self._stop = Event()
        with self.sessions.read.connect() as connection:
            self._told, self._noticed = self._end(connection, self._events), self._end(connection, self._notices)
        self._reader = Thread(target=self._read, args=(self._stop,), name="stream-reader", daemon=True)
        self._reader.start()

    def _end(self, connection: Connection, tailing: Tailing) -> int:
        """Where a table can be read to now; if somebody writes and writes, a little before its end."""
        for _ in range(START_LOOKS):
            whole = tailing.look(connection)
            if whole or not tailing.waits:
                return whole
            self._stop.wait(START_SECONDS)
        return max(0, tailing.last - BACK)

    def _read(self, stop: Event) -> None:
        while not stop.wait(self.tick_seconds):
            try:
                with self.sessions.read.connect() as connection:
                    self.tick(connection, stop)
            except SQLAlchemyError as error:  # the database is away: what happens meanwhile is told afterwards
                log.warning("stream-reader", error=repr(error.__cause__ or error))

    def tick(self, connection: Connection, stop: Event) -> None:
        """Look at the ends of the tables once, and tell."""
        upto = self._events.look(connection)
        if upto > self._told:
            for news in read_news(connection, after=self._told, upto=upto):
                self._tell(news, news[-1].id, stop)
            self._tell([], upto, stop)
        upto = self._notices.look(connection)
        if upto > self._noticed:
            self._tell_unread(connection, upto, stop)

    def _tell(self, news: list[News], upto: int, stop: Event) -> None:
        messages = [(one.line, case_message(one)) for one in news]
        with self._lock:
            if stop.is_set():
                return
            for stream in self._open:
                for line, message in messages:
                    if stream.actor.sees(line):
                        stream.put(message)
            self._told = upto

    def _tell_unread(self, connection: Connection, upto: int, stop: Event) -> None:
        addresses = read_addresses(connection, after=self._noticed, upto=upto)
        with self._lock:
            streams = list(self._open)
        calls = read_calls(connection, after=self._noticed, upto=upto)
        counts: dict[Actor, bytes] = {}
        for stream in streams:
            actor = stream.actor
            if not any(is_addressed(actor, address) for address in addresses):
                continue
            if actor not in counts:
                counts[actor] = unread_message(connection, actor)
            stream.put(counts[actor])
            for call in calls:
                if call.person_id == actor.person_id:
                    stream.put(call_message(call))
        if not stop.is_set():
            self._noticed = upto


def case_message(news: News) -> bytes:
    """`event: case`, its id that of the event in the case's story."""
    data = {"no": news.no, "stage": news.stage, "version": news.version, "verb": news.verb, "at": news.at}
    return b"id: %d\nevent: case\ndata: %s\n\n" % (news.id, to_json(data))


def call_message(call: Call) -> bytes:
    """`event: notice`: one that calls the person by name and at once."""
    about = {"no": call.no, "roll_call": call.roll_call}
    data = {"id": call.id, "kind": call.kind} | {name: value for name, value in about.items() if value is not None}
    return b"event: notice\ndata: %s\n\n" % to_json(data)


def unread_message(connection: Connection, actor: Actor) -> bytes:
    """`event: notices`: how many the person has not read."""
    return b"event: notices\ndata: %s\n\n" % to_json({"unread": unread(connection, actor)})
