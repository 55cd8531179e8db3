"""Few requests work at once, many streams wait: threads that fought for the interpreter made every answer slow."""

from collections.abc import Callable, Iterable
from threading import Semaphore
from typing import Any

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def gate(app: Wsgi, busy: int) -> Wsgi:
    """Let `busy` calls of the app run at a time; the others wait for their turn.

    A call ends with the beginning of its answer. What the answer does after that (a file that is read, a stream that
    waits for news) happens outside, so that open streams take nobody's turn.
    """
    turns = Semaphore(busy)

    def call(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        with turns:
            return app(environ, start_response)

    return call
