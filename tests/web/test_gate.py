"""Few requests work at once, and a body that comes slowly holds up nobody."""

import io
from collections.abc import Callable, Iterable
from threading import Event, Thread
from typing import Any

from web.gate import READ_AHEAD, gate

PATIENCE = 10.0


class Slow(io.RawIOBase):
    """A body of which the second half comes when it is let."""

    def __init__(self) -> None:
        self.asked, self.let = Event(), Event()
        self._pieces = [b"one ", b"two"]

    def read(self, size: int = -1) -> bytes:
        if len(self._pieces) == 1:
            self.asked.set()
            assert self.let.wait(PATIENCE)
        return self._pieces.pop(0) if self._pieces else b""


class Broken(io.RawIOBase):
    """A connection that breaks after some bytes."""

    def __init__(self) -> None:
        self._pieces = [b"one "]

    def read(self, size: int = -1) -> bytes:
        if not self._pieces:
            raise ConnectionResetError
        return self._pieces.pop()


def echo(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    return [environ["wsgi.input"].read()]


def asked(body: Any, length: int | None) -> dict[str, Any]:
    return {"wsgi.input": body} | ({} if length is None else {"CONTENT_LENGTH": str(length)})


def nothing(*_: Any) -> None:
    pass


def test_a_body_that_comes_slowly_takes_nobodys_turn() -> None:
    guarded, slow, answers = gate(echo, 1), Slow(), []
    waiting = Thread(target=lambda: answers.append(guarded(asked(slow, 7), nothing)))
    waiting.start()
    assert slow.asked.wait(PATIENCE)
    assert guarded(asked(io.BytesIO(b"quick"), 5), nothing) == [b"quick"]
    slow.let.set()
    waiting.join(PATIENCE)
    assert answers == [[b"one two"]]


def test_what_came_of_a_broken_body_reaches_the_app() -> None:
    assert gate(echo, 1)(asked(Broken(), 9), nothing) == [b"one "]


def test_a_long_body_and_one_of_no_told_length_are_left_to_the_app() -> None:
    def same(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        return environ["wsgi.input"]  # type: ignore[no-any-return]

    for length in (READ_AHEAD + 1, None):
        body = io.BytesIO(b"as it is")
        assert gate(same, 1)(asked(body, length), nothing) is body
