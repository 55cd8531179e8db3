"""The line between phone and server, as bad as it gets: a proxy on loopback that injures what passes through it.

It speaks just enough HTTP/1.1 for Chromium and granian: bodies with `Content-Length`, answers with or without.
"""

import asyncio
import re
import socket
import threading
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

CHUNK = 1 << 14


# --- what may happen to a request -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Drop:
    """The connection dies before the server hears anything."""


@dataclass(frozen=True)
class Cut:
    """It dies after so many bytes of the request's body; the server has got them."""

    after: int


@dataclass(frozen=True)
class LoseAnswer:
    """The server has done it and has answered; the phone hears nothing."""


@dataclass(frozen=True)
class HalfAnswer:
    """The server has done it; half of its answer arrives. `whole`: as if that were all (a proxy's doing)."""

    whole: bool = False


@dataclass(frozen=True)
class Say:
    """Somebody between answers in the server's place; the server hears nothing."""

    status: int
    retry_after: int | None = None
    body: bytes = b"<html>no</html>"
    media_type: str = "text/html"


Injury = Drop | Cut | LoseAnswer | HalfAnswer | Say


@dataclass(frozen=True)
class Ask:
    """A request as it comes in."""

    method: str
    path: str
    length: int

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass
class Passed:
    """What became of a request."""

    ask: Ask
    injury: Injury | None
    status: int | None = None


@dataclass
class _Rule:
    injury: Injury
    on: re.Pattern[str]
    times: int


# --- the proxy --------------------------------------------------------------------------------------------------------


@dataclass
class Line:
    """`line.url` is what the phone opens. Rules are used up first; then `judge` is asked about each request."""

    port: int  # of the server
    own_port: int = 0
    judge: Callable[[Ask], Injury | None] = lambda _: None
    passed: list[Passed] = field(default_factory=list)
    bytes_down: int = 0
    bytes_up: int = 0
    _rules: list[_Rule] = field(default_factory=list)
    _off: bool = False
    _rate: float = 0.0  # bytes a second, all connections together; 0: as fast as it goes
    _delay: float = 0.0  # seconds, one way
    _free_at: float = 0.0
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _server: asyncio.Server | None = None
    _thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.own_port}"

    def start(self) -> None:
        """Listens on a port of its own, which stays the same until `stop`."""
        if not self.own_port:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.own_port = probe.getsockname()[1]
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._in_loop(asyncio.start_server(self._serve, "127.0.0.1", self.own_port))

    def stop(self) -> None:
        self._in_loop(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        if self._thread:
            self._thread.join(10)
        self._loop.close()

    def off(self) -> None:
        """No network: what is on its way dies, and nothing new comes through."""
        self._off = True
        self._loop.call_soon_threadsafe(self._abort_all)

    def on(self) -> None:
        self._off = False

    def slow(self, kbit: float, rtt_ms: float = 0) -> None:
        """A line of so many kbit/s, shared by all that passes, with this round trip; 0: fast again."""
        self._rate, self._delay = kbit * 1000 / 8, rtt_ms / 2000

    def injure(self, injury: Injury, on: str, times: int = 1) -> None:
        """The next `times` requests whose `METHOD /path` matches are treated so."""
        self._rules.append(_Rule(injury, re.compile(on), times))

    def heal(self) -> None:
        self._rules.clear()
        self.judge = lambda _: None

    def count(self, on: str) -> int:
        return sum(bool(re.search(on, str(one.ask))) for one in self.passed)

    def injuries(self) -> Counter[str]:
        """How often each kind of injury was done."""
        return Counter(
            f"{type(one.injury).__name__}{f' {one.injury.status}' if isinstance(one.injury, Say) else ''}"
            for one in self.passed
            if one.injury
        )

    # --- inside the loop ---

    def _in_loop(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    async def _close(self) -> None:
        assert self._server
        self._server.close()
        self._abort_all()
        mine = asyncio.current_task()
        for task in [task for task in asyncio.all_tasks() if task is not mine]:
            task.cancel()
        await asyncio.sleep(0.05)

    def _abort_all(self) -> None:
        for writer in list(self._open):
            writer.transport.abort()

    def _fate(self, ask: Ask) -> Injury | None:
        for rule in self._rules:
            if rule.times > 0 and rule.on.search(str(ask)):
                rule.times -= 1
                return rule.injury
        return self.judge(ask)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            if self._delay:
                await asyncio.sleep(2 * self._delay)  # the handshake
            while not self._off and await self._one(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._open.discard(writer)
            writer.transport.abort() if self._off else writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its answer; False: the connection is over."""
        head = await reader.readuntil(b"\r\n\r\n")
        if self._off:
            writer.transport.abort()
            return False
        lines = head.decode("latin1").split("\r\n")
        method, path, _ = lines[0].split(" ")
        fields = [line for line in lines[1:] if line and not line.lower().startswith("connection:")]
        length = next((int(line.split(":")[1]) for line in fields if line.lower().startswith("content-length:")), 0)
        ask = Ask(method, path, length)
        one = Passed(ask, self._fate(ask))
        self.passed.append(one)
        await self._pace(len(head), up=True)
        await asyncio.sleep(self._delay)
        return await self._treat(one, "\r\n".join([lines[0], *fields, "Connection: close", "", ""]), reader, writer)

    async def _treat(self, one: Passed, head: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        injury = one.injury
        if isinstance(injury, Drop):
            writer.transport.abort()
            return False
        if isinstance(injury, Say):
            await self._body(reader, None, one.ask.length)
            one.status = injury.status
            retry = f"Retry-After: {injury.retry_after}\r\n" if injury.retry_after is not None else ""
            writer.write(
                f"HTTP/1.1 {injury.status} Injured\r\nContent-Type: {injury.media_type}\r\n{retry}"
                f"Content-Length: {len(injury.body)}\r\n\r\n".encode()
                + injury.body
            )
            await writer.drain()
            return True
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self.port)
        self._open.add(up_writer)
        try:
            up_writer.write(head.encode("latin1"))
            if isinstance(injury, Cut):
                await self._body(reader, up_writer, min(injury.after, one.ask.length))
                await asyncio.sleep(0.02)
                writer.transport.abort()
                return False
            await self._body(reader, up_writer, one.ask.length)
            return await self._answer(one, up_reader, reader, writer)
        finally:
            self._open.discard(up_writer)
            up_writer.transport.abort() if isinstance(injury, Cut) else up_writer.close()

    async def _body(self, reader: asyncio.StreamReader, to: asyncio.StreamWriter | None, length: int) -> None:
        left = length
        while left:
            part = await reader.read(min(CHUNK, left))
            if not part:
                raise asyncio.IncompleteReadError(b"", left)
            left -= len(part)
            await self._pace(len(part), up=True)
            if to:
                to.write(part)
                await to.drain()

    async def _answer(
        self, one: Passed, up: asyncio.StreamReader, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        head = await up.readuntil(b"\r\n\r\n")
        lines = [line for line in head.decode("latin1").split("\r\n") if not line.lower().startswith("connection:")]
        one.status = int(lines[0].split(" ")[1])
        sizes = [int(line.split(":")[1]) for line in lines if line.lower().startswith("content-length:")]
        length = 0 if one.status in {204, 304} or one.ask.method == "HEAD" else (sizes[0] if sizes else None)
        if one.injury:
            return await self._spoil(one.injury, lines, await up.read(-1), writer)
        await asyncio.sleep(self._delay)
        if length is None:
            lines.insert(1, "Connection: close")
        await self._pace(len(head), up=False)
        writer.write("\r\n".join(lines).encode("latin1"))
        await writer.drain()
        if length is None:
            await self._until_either_ends(up, reader, writer)
            return False
        while length:
            part = await up.read(min(CHUNK, length))
            if not part:
                writer.transport.abort()
                return False
            length -= len(part)
            await self._pace(len(part), up=False)
            writer.write(part)
            await writer.drain()
        return True

    async def _spoil(self, injury: Injury, lines: list[str], body: bytes, writer: asyncio.StreamWriter) -> bool:
        if isinstance(injury, HalfAnswer):
            half = body[: len(body) // 2]
            if injury.whole:
                lines = [line for line in lines if not line.lower().startswith("content-length:")]
                lines.insert(1, f"Content-Length: {len(half)}")
            writer.write("\r\n".join(lines).encode("latin1") + half)
            await writer.drain()
            if injury.whole:
                return True
            writer.close()
            return False
        writer.transport.abort()
        return False

    async def _until_either_ends(
        self, up: asyncio.StreamReader, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        async def pump() -> None:
            while part := await up.read(CHUNK):
                await self._pace(len(part), up=False)
                writer.write(part)
                await writer.drain()

        tasks = [asyncio.ensure_future(pump()), asyncio.ensure_future(reader.read(1))]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()

    async def _pace(self, size: int, *, up: bool) -> None:
        if up:
            self.bytes_up += size
        else:
            self.bytes_down += size
        if not self._rate:
            return
        now = self._loop.time()
        self._free_at = max(self._free_at, now) + size / self._rate
        await asyncio.sleep(self._free_at - now)
