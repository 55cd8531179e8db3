"""How sign-in and accounts say no."""

from core.errors import Invalid, NotAllowed, NotFound, NotPossible, Refusal


class NotSignedIn(Refusal):
    """Nobody is signed in (401)."""

    name = "not-signed-in"


class SessionExpired(NotSignedIn):
    """The session was good once: too old, idle too long, or signed out on another device (401)."""

    name = "session-expired"


class BadToken(NotSignedIn):
    """The bearer token is unknown, expired or withdrawn (401)."""

    name = "bad-token"


class BadSignIn(Refusal):
    """Wrong name or password, or a disabled account: the answer doesn't say which (401)."""

    name = "bad-sign-in"


class SignInThrottled(Refusal):
    """Too many failures for the account or the address (429); data: `retry_after` in seconds."""

    name = "sign-in-throttled"


class WrongCsrf(NotAllowed):
    """A write by cookie without the session's token in X-CSRF-Token (403)."""

    name = "csrf-token-wrong"


class SessionNeeded(NotAllowed):
    """A bearer token may not make or withdraw tokens and sessions (403)."""

    name = "session-needed"


class NoSuchPerson(NotFound):
    name = "person-not-found"


class NoSuchToken(NotFound):
    name = "token-not-found"


class NoSuchDevice(NotFound):
    name = "device-not-found"


class UsernameTaken(NotPossible):
    name = "username-taken"


class BadPost(Invalid):
    """A role that cannot be held like this: no such centre or department, or not together."""

    name = "bad-post"


class DutyAreaTaken(NotPossible):
    """Another centre has a duty area of that code: `data`: duty_area."""

    name = "duty-area-taken"
