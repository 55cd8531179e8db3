"""The pages: HTML shells that load the build (`web/static`), and the build's files."""

from dataclasses import dataclass
from mimetypes import guess_type
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
from apiflask import APIBlueprint
from flask import Response, abort, current_app, redirect, render_template, request, send_from_directory
from werkzeug.wrappers import Response as AnyResponse

from core.settings import ROOT
from people.roles import Permission
from web.answers import nothing
from web.homes import home_of
from web.language import page_language
from web.signin import allow, public, visitor
from web.words import TAGS

blueprint = APIBlueprint("pages", __name__, enable_openapi=False)
STATIC = ROOT / "web" / "static"
BUILD = "cd web/client && npm ci && npm run build"
HASHED = "public, max-age=31536000, immutable"
# What is kept beside the build, compressed, best first.
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))


@dataclass(frozen=True)
class Entry:
    """The files of one page, by address."""

    script: str
    styles: tuple[str, ...]
    preloads: tuple[str, ...]


def read_build(static: Path) -> dict[str, Entry]:
    """The pages of a build by name, from Vite's manifest; empty when nothing is built."""
    manifest = static / "manifest.json"
    if not manifest.is_file():
        return {}
    chunks: dict[str, dict[str, Any]] = orjson.loads(manifest.read_bytes())
    return {
        key.split("/")[0]: _entry(chunks, key) for key, chunk in chunks.items() if chunk.get("isEntry") and "/" in key
    }


def _entry(chunks: dict[str, dict[str, Any]], key: str) -> Entry:
    seen: dict[str, None] = {}
    waiting = [key]
    while waiting:
        here = waiting.pop()
        if here not in seen:
            seen[here] = None
            waiting += chunks[here].get("imports", ())
    styles = dict.fromkeys(style for here in reversed(seen) for style in chunks[here].get("css", ()))
    files = [chunks[here]["file"] for here in seen]
    return Entry(f"/static/{files[0]}", tuple(f"/static/{s}" for s in styles), tuple(f"/static/{f}" for f in files[1:]))


def _builds() -> dict[str, Entry]:
    """The build, read anew when its manifest changes (a second `npm run build` needs no restart)."""
    manifest = STATIC / "manifest.json"
    stamp = manifest.stat().st_mtime_ns if manifest.is_file() else 0
    kept = current_app.extensions.get("wangge.build")
    if kept is None or kept[0] != stamp:
        kept = current_app.extensions["wangge.build"] = (stamp, read_build(STATIC))
    found: dict[str, Entry] = kept[1]
    return found


def _shell(page: str) -> Response:
    words = page_language()
    entry = _builds().get(page)
    html = render_template("shell.html", page=page, entry=entry, build=BUILD, language=words, tag=TAGS[words])
    response = Response(html, 200 if entry else 503, mimetype="text/html")
    response.headers["Cache-Control"] = "no-cache"
    response.vary.update(("Accept-Language", "Cookie"))
    return response


@blueprint.get("/")
@public
def signin() -> AnyResponse:
    """Sign in; who has signed in goes where they wanted, or to their own place."""
    actor = visitor()
    if actor is None:
        return _shell("signin")
    wanted = request.args.get("next", "")
    return redirect(wanted if _is_ours(wanted) else home_of(actor))


def _is_ours(address: str) -> bool:
    """Whether the address is a path of this site: nobody is sent elsewhere by a link."""
    parts = urlsplit(address)
    own = not parts.scheme and not parts.netloc and address.startswith("/")
    return own and not address.startswith(("//", "/\\")) and address != "/" and address.isprintable()


@blueprint.get("/field")
@allow(Permission.SEE_CASES)
def field() -> Response:
    """The inspector's phone."""
    return _shell("field")


@blueprint.get("/desk")
@allow(Permission.SEE_CASES)
def desk() -> Response:
    """The centre's desk."""
    return _shell("desk")


@blueprint.get("/leadership")
@allow(Permission.SEE_STATISTICS)
def leadership() -> Response:
    """Leadership's numbers."""
    return _shell("leadership")


@blueprint.get("/admin")
@allow(Permission.KEEP_PEOPLE)
def admin() -> Response:
    """Calendars, ladder, departments, outgoing messages, people."""
    return _shell("admin")


@blueprint.get("/static/<path:name>")
@public
def static(name: str) -> Response:
    """A file of the build, compressed when it lies there so."""
    response = _file(name)
    response.headers["Cache-Control"] = HASHED if name.startswith("assets/") else "no-cache"
    return response


def _file(name: str) -> Response:
    for encoding, ending in ENCODINGS:
        if request.accept_encodings.quality(encoding) > 0 and (STATIC / (name + ending)).is_file():
            kind = guess_type(name)[0] or "application/octet-stream"
            response = send_from_directory(STATIC, name + ending, mimetype=kind, conditional=True)
            response.headers["Content-Encoding"] = encoding
            break
    else:
        response = send_from_directory(STATIC, name, conditional=True)
    response.vary.add("Accept-Encoding")
    return response


@blueprint.get("/sw.js")
@public
def service_worker() -> Response:
    """The field page's service worker; from the root, so that it may keep /field and the API."""
    if not (STATIC / "sw.js").is_file():
        abort(404)
    response = _file("sw.js")
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Service-Worker-Allowed"] = "/"
    return response


@blueprint.get("/favicon.ico")
@public
def favicon() -> Response:
    """The icon, for browsers that ask for it by this name whatever the page says; 204 without a build."""
    if not (STATIC / "icon.svg").is_file():
        return nothing()
    response = _file("icon.svg")
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


@blueprint.get("/manifest.webmanifest")
@public
def web_manifest() -> Response:
    """What the phone needs to install the field page."""
    response = _file("manifest.webmanifest")
    response.mimetype = "application/manifest+json"
    return response


@blueprint.get("/plain.css")
@public
def plain_style() -> Response:
    """The few rules of pages that stand without the build: problems, docs."""
    return send_from_directory(ROOT / "web" / "templates", "plain.css", mimetype="text/css", max_age=3600)
