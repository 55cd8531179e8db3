"""Who asks: cookie or bearer token → `g.person`; what a view asks for: @allow, @public; the CSRF guard."""

from collections.abc import Callable
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any, TypeVar

import structlog
from flask import Flask, Response, abort, current_app, g, request

from core.errors import NotAllowed
from people.errors import BadToken, NotSignedIn, SessionNeeded, WrongCsrf
from people.roles import Actor, Permission
from people.sessions import Presence, actor_of_cookie, is_to_be_marked, mark_seen
from people.tokens import actor_of_token
from web.transaction import now, reader, runtime

COOKIE = "wangge_session"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
JSON_BYTES = 1024 * 1024

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Access:
    """What a view asks for: any of `permissions`; none given: a sign-in is enough; `public`: not even that."""

    permissions: tuple[Permission, ...] = ()
    public: bool = False


def allow(*permissions: Permission) -> Callable[[View], View]:
    """Only for people who may one of these; `@allow()`: for everybody who is signed in."""

    def mark(view: View) -> View:
        view.__dict__["access"] = Access(permissions)
        return view

    return mark


def public(view: View) -> View:
    """For everybody, signed in or not."""
    view.__dict__["access"] = Access(public=True)
    return view


def big_body(most: int) -> Callable[[View], View]:
    """Let this view's body have up to `most` bytes instead of 1 MiB."""

    def mark(view: View) -> View:
        view.__dict__["most_bytes"] = most
        return view

    return mark


def access_of(view: Callable[..., Any]) -> Access | None:
    """What the view says about access; None: nothing, and then it is not served."""
    found = view.__dict__.get("access")
    return found if isinstance(found, Access) else None


def person() -> Actor:
    """Who is signed in. Raises NotSignedIn on a public view without one."""
    actor = g.get("person")
    if not isinstance(actor, Actor):
        raise NotSignedIn
    return actor


def person_id() -> int:
    """The signed-in person's id."""
    found = person().person_id
    assert found is not None  # the system signs in nowhere
    return found


def presence() -> Presence:
    """The session behind the cookie. Raises SessionNeeded when a bearer token signed the request."""
    found = g.get("presence")
    if not isinstance(found, Presence):
        raise SessionNeeded
    return found


def visitor() -> Actor | None:
    """On a public view: who it is, if somebody is signed in by cookie."""
    if COOKIE not in request.cookies:
        return None
    try:
        return _by_cookie()
    except NotSignedIn:
        return None


def set_up_signin(app: Flask) -> None:
    """Guard every route; a view that says nothing about access stops the start."""
    silent = [
        rule.endpoint for rule in app.url_map.iter_rules() if access_of(app.view_functions[rule.endpoint]) is None
    ]
    if silent:
        raise RuntimeError(f"say @allow(…) or @public on: {', '.join(sorted(silent))}")
    app.before_request(_guard)


def _guard() -> None:
    if request.endpoint is None:
        return  # no such route: the router's own 404 or 405 follows
    view = current_app.view_functions[request.endpoint]
    _limit_body(view)
    if "\0" in request.path:
        abort(404)
    access = access_of(view)
    assert access is not None
    if access.public:
        return
    g.person = actor = _identify()
    structlog.contextvars.bind_contextvars(person_id=actor.person_id)
    if access.permissions and not any(actor.may(permission) for permission in access.permissions):
        raise NotAllowed(needs=[permission.value for permission in access.permissions])


def _limit_body(view: Callable[..., Any]) -> None:
    most = view.__dict__.get("most_bytes", JSON_BYTES)
    request.max_content_length = most
    if request.content_length is not None and request.content_length > most:
        abort(413)


def _identify() -> Actor:
    header = request.headers.get("Authorization")
    if header is not None:
        return _by_token(header)
    if COOKIE not in request.cookies:
        raise NotSignedIn
    return _by_cookie()


def _by_token(header: str) -> Actor:
    scheme, _, secret = header.partition(" ")
    if scheme.lower() != "bearer" or not secret:
        raise BadToken
    memory = runtime().tokens
    known = memory.recall(secret, now=now())
    if known is not None:
        return known
    actor, expires_at = actor_of_token(reader(), secret, now=now(), settings=runtime().settings)
    memory.keep(secret, actor, now=now(), expires_at=expires_at)
    return actor


def _by_cookie() -> Actor:
    found = actor_of_cookie(reader(), request.cookies[COOKIE], now=now(), settings=runtime().settings)
    if request.method not in SAFE_METHODS:
        sent = request.headers.get("X-CSRF-Token", "")
        if not compare_digest(sent.encode(), found.csrf_token.encode()):
            raise WrongCsrf
    if is_to_be_marked(found, now=now()):
        mark_seen(reader(), found.sign_in_id, now=now())
    g.presence = found
    g.person = found.actor
    return found.actor


def set_cookie(response: Response, secret: str) -> None:
    """Give the device its session: not readable by scripts, not sent along by other sites' forms.

    It survives the browser's end as long as the session does: a phone ends apps as it likes.
    """
    settings = runtime().settings
    response.set_cookie(
        COOKIE,
        secret,
        max_age=settings.signin.session_hours * 3600,  # seconds
        httponly=True,
        samesite="Lax",
        secure=settings.web.secure_cookies,
        path="/",
    )


def drop_cookie(response: Response) -> None:
    """Take the session from the device."""
    response.delete_cookie(
        COOKIE, httponly=True, samesite="Lax", secure=runtime().settings.web.secure_cookies, path="/"
    )
