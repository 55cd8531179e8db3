"""Cursors of lists: the last row's key, opaque to the reader."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from typing import Any

import orjson

from core.errors import Invalid
from web.bodies import LARGEST_ID


def make_cursor(*key: Any) -> str:
    """The key of a page's last row as text."""
    return urlsafe_b64encode(orjson.dumps(key, option=orjson.OPT_UTC_Z)).decode().rstrip("=")


def read_cursor(cursor: str, *kinds: type, most: int = LARGEST_ID) -> list[Any]:
    """The key again, each part of its kind, numbers from 0 to `most` (what the key's column holds).

    Raises Invalid for anything that this list didn't make.
    """
    try:
        key = orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (Error, ValueError):
        raise Invalid.one("cursor", "bad_cursor") from None
    if not isinstance(key, list) or len(key) != len(kinds):
        raise Invalid.one("cursor", "bad_cursor")
    if any(type(part) is not kind for part, kind in zip(key, kinds, strict=True)):
        raise Invalid.one("cursor", "bad_cursor")
    if any(isinstance(part, int) and not 0 <= part <= most for part in key):
        raise Invalid.one("cursor", "bad_cursor")
    return key
