"""What every answer carries for the browser's safety."""

from flask import Flask, Response, request

# Nothing from elsewhere, no inline script or style, no frame around us.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; "
    "script-src 'self'; "
    "style-src 'self'; "
    "img-src 'self' blob: data:; "
    "font-src 'self'; "
    "connect-src 'self'; "
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
PAGES = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Permissions-Policy": "geolocation=(self), camera=(self), microphone=()",
}


def set_up_headers(app: Flask) -> None:
    """Put them on every answer."""
    app.after_request(_add)


def _add(response: Response) -> Response:
    headers = response.headers
    for name, value in EVERYWHERE.items():
        headers[name] = value
    if response.mimetype == "text/html":
        for name, value in PAGES.items():
            headers[name] = value
    if "Cache-Control" not in headers and not request.path.startswith("/static/"):
        headers["Cache-Control"] = "no-store"
    if request.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return response
