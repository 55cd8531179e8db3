"""What every answer carries for the browser's safety."""

from flask import Flask, Response, request

from core.settings import Settings
from grid.basemap import basemap_origins

# Nothing from elsewhere but the tiles that the settings name, no inline script or style, no frame around us.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; "
    "script-src 'self'; "
    "style-src 'self'; "
    "img-src 'self' blob: data:{tiles}; "
    "font-src 'self'; "
    "connect-src 'self'{tiles}; "
    "worker-src 'self'; "
    "manifest-src 'self'; "
    "media-src 'self' blob:; "
    "base-uri 'none'; "
    "form-action 'self'; "
    "frame-ancestors 'none'"
)
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}
PERMISSIONS = "geolocation=(self), camera=(self), microphone={microphone}"
DICTATES = "/field"
"""The one page that listens: descriptions are dictated there."""
# The hosts of tiles are told which site asks, not which page: keys of such hosts are bound to a site.
TO_TILES = {"Referrer-Policy": "strict-origin-when-cross-origin"}


def page_headers(settings: Settings) -> dict[str, str]:
    """What a page carries besides `EVERYWHERE`: the hosts of the base map, where one is configured, are let through."""
    origins = basemap_origins(settings)
    policy = CONTENT_SECURITY_POLICY.format(tiles="".join(f" {origin}" for origin in origins))
    return (TO_TILES if origins else {}) | {"Content-Security-Policy": policy}


def permissions_of(path: str) -> str:
    """Which of the device's senses the page may ask for: its position and camera; on the phone's page to listen, too.

    A browser gives a page nothing that this forbids, whatever the person allows.
    """
    return PERMISSIONS.format(microphone="(self)" if path == DICTATES else "()")


def set_up_headers(app: Flask, settings: Settings) -> None:
    """Put them on every answer."""
    of_pages = page_headers(settings)
    app.after_request(lambda response: _add(response, of_pages))


def _add(response: Response, of_pages: dict[str, str]) -> Response:
    headers = response.headers
    for name, value in EVERYWHERE.items():
        headers[name] = value
    if response.mimetype == "text/html":
        for name, value in of_pages.items():
            headers[name] = value
        headers["Permissions-Policy"] = permissions_of(request.path)
    if "Cache-Control" not in headers and not request.path.startswith("/static/"):
        headers["Cache-Control"] = "no-store"
    if request.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return response
