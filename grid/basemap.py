"""The tiles under the map, as the settings name them: checked at the start, told to pages, their hosts let through."""

import re
from typing import Any, Final
from urllib.parse import urlsplit

from core.settings import BadSettings, Settings

KINDS: Final = ("xyz", "wmts")
MATRIX_SETS: Final = ("w", "c")
REFERENCES: Final = ("wgs84", "gcj02")
KNOWN: Final = {"z", "x", "y", "key", "layer", "set"}

_TURN = re.compile(r"\{([0-9])-([0-9])\}|\{([a-z])-([a-z])\}")
_NAME = re.compile(r"\{([^{}]*)\}")
_LABEL = r"[0-9A-Za-z](?:[0-9A-Za-z-]*[0-9A-Za-z])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*(?::[0-9]{{1,5}})?")


def told_basemap(settings: Settings) -> dict[str, Any] | None:
    """What pages are told: url, kind, layer, matrix_set, crs, key, attribution, most_zoom; None: there is none."""
    found = settings.basemap
    if not found.url:
        return None
    return {
        "url": found.url, "kind": found.kind, "layer": found.layer, "matrix_set": found.matrix_set, "crs": found.crs,
        "key": found.key, "attribution": found.attribution, "most_zoom": found.most_zoom,
    }  # fmt: skip


def basemap_origins(settings: Settings) -> list[str]:
    """The places that tiles come from, as a content policy names them: scheme://host:port, `{0-7}` each by itself."""
    url = settings.basemap.url
    if not url:
        return []
    scheme, _, rest = url.partition("://")
    host = re.split(r"[/?#]", rest, maxsplit=1)[0]
    turn = _TURN.search(host)
    if turn is None:
        return [f"{scheme.lower()}://{host.lower()}"]
    first, last = (part for part in turn.groups() if part is not None)
    names = [chr(letter) for letter in range(ord(first), ord(last) + 1)]
    return [f"{scheme.lower()}://{(host[: turn.start()] + name + host[turn.end() :]).lower()}" for name in names]


def check_basemap(settings: Settings) -> None:
    """Raise BadSettings naming everything in `[basemap]` that cannot be."""
    found = settings.basemap
    faults = [
        f"basemap.{key}: {value!r} is none of {', '.join(known)}"
        for key, value, known in (
            ("kind", found.kind, KINDS),
            ("matrix_set", found.matrix_set, MATRIX_SETS),
            ("crs", found.crs, REFERENCES),
        )
        if value not in known
    ]
    if not 1 <= found.most_zoom <= 22:
        faults.append("basemap.most_zoom: must be from 1 to 22")
    if found.url:
        faults += _url_faults(settings)
    if faults:
        raise BadSettings("; ".join(faults))


def _url_faults(settings: Settings) -> list[str]:
    found = settings.basemap
    faults = []
    origins = basemap_origins(settings)
    if " " in found.url or not (found.url.isascii() and found.url.isprintable()):
        faults.append("basemap.url: has blanks or other signs that no address has")
    if not origins or any(not _is_origin(origin) for origin in origins):
        faults.append("basemap.url: must begin with https:// or http:// and a host, at most one {0-7} or {a-c} in it")
    names = set(_NAME.findall(_TURN.sub("", found.url)))
    if unknown := sorted(names - KNOWN):
        faults.append(f"basemap.url: {{{unknown[0]}}} is none of {' '.join(f'{{{name}}}' for name in sorted(KNOWN))}")
    tiles = names & {"z", "x", "y"}
    if tiles != {"z", "x", "y"} and (found.kind == "xyz" or tiles):
        faults.append("basemap.url: needs {z}, {x} and {y}")
    if found.kind == "wmts" and not tiles and not found.layer:
        faults.append("basemap.layer: a WMTS needs the name of its layer")
    if "key" in names and not found.key:
        faults.append("basemap.key: the url has {key}, but there is no key (WANGGE_BASEMAP_KEY)")
    return faults


def _is_origin(origin: str) -> bool:
    try:
        port = urlsplit(origin).port
    except ValueError:
        return False
    scheme, _, host = origin.partition("://")
    return scheme in {"http", "https"} and _HOST.fullmatch(host) is not None and port != 0
