"""What kept a message from being taken, as a short code; the words are made in web from it."""

import smtplib
import socket
import ssl
from enum import StrEnum
from http.client import HTTPException

from cases.delivery.hooks import NotTaken
from cases.delivery.targets import BadTarget

ERROR_LENGTH = 500


class Trouble(StrEnum):
    """What the last attempt met."""

    NO_SUCH_HOST = "no_such_host"  # the name stands for no address
    PRIVATE_TARGET = "private_target"  # it stands for one that messages don't go to
    NOT_REACHED = "not_reached"
    TOO_SLOW = "too_slow"
    NO_TLS = "no_tls"  # no certificate, or none that is trusted for this host
    NO_ANSWER = "no_answer"  # cut off, or said something else
    NOT_TAKEN = "not_taken"  # answered, but not 2xx
    MAIL_REFUSED = "mail_refused"
    WORKER_DIED = "worker_died"
    OTHER = "other"


# The first that fits counts: some failures are of several classes.
_KINDS: tuple[tuple[type[Exception], Trouble], ...] = (
    (NotTaken, Trouble.NOT_TAKEN),
    (BadTarget, Trouble.PRIVATE_TARGET),
    (ssl.SSLError, Trouble.NO_TLS),
    (socket.gaierror, Trouble.NO_SUCH_HOST),
    (smtplib.SMTPServerDisconnected, Trouble.NOT_REACHED),
    (smtplib.SMTPException, Trouble.MAIL_REFUSED),
    (HTTPException, Trouble.NO_ANSWER),
    (TimeoutError, Trouble.TOO_SLOW),
    (OSError, Trouble.NOT_REACHED),
)


def write_error(failure: Exception) -> str:
    """The failure as it is kept: `code: what was said`."""
    trouble = next((one for kind, one in _KINDS if isinstance(failure, kind)), Trouble.OTHER)
    return f"{trouble}: {str(failure) or type(failure).__name__}"[:ERROR_LENGTH]


def read_error(error: str | None) -> tuple[Trouble | None, str | None]:
    """The code and what was said; what was kept before there were codes is said as it stands."""
    if error is None:
        return None, None
    code, _, said = error.partition(": ")
    return (Trouble(code), said) if code in set(Trouble) else (Trouble.OTHER, error)
