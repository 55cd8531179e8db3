"""A real HTTP server on loopback that takes what is posted to it: the other end of a webhook."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

Answer = tuple[int, Mapping[str, str]]
"""Status and headers; the body is empty."""


class _Server(ThreadingHTTPServer):
    request_queue_size = 128


@contextmanager
def taking(take: Callable[[str, Message, bytes], Answer]) -> Iterator[str]:
    """A server on a port that the system picks, and its address without a path.

    `take` gets path, headers and body of each message, several at a time.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status, headers = take(self.path, self.headers, self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            for name, value in {"Content-Length": "0", **headers}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = _Server(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
