"""Few requests work at once, many streams wait: threads that fought for the interpreter made every answer slow."""

from collections.abc import Callable, Iterable
from io import BytesIO
from threading import Semaphore
from typing import IO, Any

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
READ_AHEAD = 1024 * 1024
"""Bodies up to this length are received before their turn: a phone on a thin line holds up nobody."""


def gate(app: Wsgi, busy: int) -> Wsgi:
    """Let `busy` calls of the app run at a time; the others wait for their turn.

    A call begins when its body is there, unless that is long or its length is not told. It ends with the beginning of
    its answer. What the answer does after that (a file that is read, a stream that waits for news) happens outside, so
    that open streams take nobody's turn.
    """
    turns = Semaphore(busy)

    def call(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        length = environ.get("CONTENT_LENGTH") or ""
        if length.isdecimal() and 0 < int(length) <= READ_AHEAD:
            environ["wsgi.input"] = BytesIO(_receive(environ["wsgi.input"], int(length)))
        with turns:
            return app(environ, start_response)

    return call


def _receive(body: IO[bytes], length: int) -> bytes:
    """The body, or what came of it before the connection broke: the app sees that it is too short."""
    received = bytearray()
    try:
        while len(received) < length and (piece := body.read(length - len(received))):
            received += piece
    except OSError:
        pass
    return bytes(received)
