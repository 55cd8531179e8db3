"""What a phone loads of scripts before it can report: as the server sends them, brotli, without the map."""

import re
import urllib.request
from urllib.parse import urljoin

from bench.place import Place, Server, web_server
from bench.result import Result

MOST_KB = 60
NAMED = re.compile(r'(?:src|href)="(/static/[^"]+\.(?:js|css))"')


def run(place: Place) -> Result:
    """Must: ≤ 60 KB of scripts; the limit is that number itself."""
    with web_server(place) as server:
        shell = _get(server, "/field", place.tokens["inspector"])
        sizes = {path: len(_get(server, path, "")) for path in dict.fromkeys(NAMED.findall(shell.decode("utf-8")))}
    scripts = {path: size for path, size in sizes.items() if path.endswith(".js")}
    kilobytes = sum(scripts.values()) / 1000
    notes = {"files": scripts, "styles": sum(sizes.values()) - sum(scripts.values()), "page": len(shell)}
    return Result(
        "field_bytes", round(kilobytes, 1), "KB", MOST_KB, f"≤ {MOST_KB} KB", kilobytes <= MOST_KB, notes=notes
    )


def _get(server: Server, path: str, token: str) -> bytes:
    """The bytes as they come over the wire."""
    request = urllib.request.Request(urljoin(server.url, path))  # noqa: S310 (our own address)
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    else:
        request.add_header("Accept-Encoding", "br")
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 (our own address)
        if not token and answer.headers["Content-Encoding"] != "br":
            raise RuntimeError(f"{path} is not compressed")
        body: bytes = answer.read()
    return body
