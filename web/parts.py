"""JSON answers of parts: what seldom changes is written and compressed once a process, by its version."""

import zlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from web.answers import to_json

MOST_KEPT = 48
"""Parts kept in a process: a city's districts, its categories and sentences."""
LEAST_BYTES = 4096
"""Shorter answers are not compressed."""
GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"


@dataclass(frozen=True)
class Part:
    """JSON text, and the same as blocks of a deflate stream that stand for themselves."""

    plain: bytes
    deflated: bytes


_kept: OrderedDict[tuple[str, str], Part] = OrderedDict()
_lock = Lock()


def kept_part(name: str, version: str, data: Any) -> Part:
    """The part in that version, made of `data` when it is first asked for."""
    key = (name, version)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    made = _part(to_json(data))
    with _lock:
        _kept[key] = made
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return made


def _part(plain: bytes) -> Part:
    deflater = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    # a full flush ends at a byte and forgets what was before: such blocks can stand one behind the other
    return Part(plain, deflater.compress(plain) + deflater.flush(zlib.Z_FULL_FLUSH))


def join(small: Mapping[str, Any], parts: Mapping[str, Part | None]) -> list[Part]:
    """One JSON object of plain members and kept parts; a part that is None is null."""
    absent = {name: None for name, part in parts.items() if part is None}
    pieces = [_part(to_json({**small, **absent})[:-1])]
    for name, part in parts.items():
        if part is not None:
            pieces += [_part(b',"%b":' % name.encode()), part]
    return [*pieces, _part(b"}")]


def text(parts: Iterable[Part]) -> bytes:
    """The JSON text."""
    return b"".join(part.plain for part in parts)


def gzipped(parts: Iterable[Part]) -> bytes:
    """The same in gzip (RFC 1952), of which only what is new was compressed."""
    checksum = size = 0
    blocks = [GZIP_HEAD]
    for part in parts:
        checksum, size = zlib.crc32(part.plain, checksum), size + len(part.plain)
        blocks.append(part.deflated)
    end = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS).flush(zlib.Z_FINISH)
    return b"".join([*blocks, end, checksum.to_bytes(4, "little"), (size & 0xFFFFFFFF).to_bytes(4, "little")])
