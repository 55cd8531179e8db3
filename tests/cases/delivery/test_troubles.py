"""Why a message was not taken: a code that a person can be told, with what was said beside it."""

import smtplib
import socket
import ssl
from http.client import BadStatusLine, RemoteDisconnected

import pytest

from cases.delivery.hooks import NotTaken
from cases.delivery.targets import BadTarget
from cases.delivery.troubles import ERROR_LENGTH, Trouble, read_error, write_error

FAILURES = [
    (socket.gaierror(-2, "Name or service not known"), Trouble.NO_SUCH_HOST),
    (BadTarget("10.0.0.1 is no public address"), Trouble.PRIVATE_TARGET),
    (ConnectionRefusedError(111, "Connection refused"), Trouble.NOT_REACHED),
    (OSError(113, "No route to host"), Trouble.NOT_REACHED),
    (smtplib.SMTPServerDisconnected("gone"), Trouble.NOT_REACHED),
    (TimeoutError("timed out"), Trouble.TOO_SLOW),
    (ssl.SSLCertVerificationError("self-signed"), Trouble.NO_TLS),
    (RemoteDisconnected("closed"), Trouble.NO_ANSWER),
    (BadStatusLine("x"), Trouble.NO_ANSWER),
    (NotTaken("500 Internal Server Error"), Trouble.NOT_TAKEN),
    (smtplib.SMTPDataError(451, b"busy"), Trouble.MAIL_REFUSED),
    (ValueError("odd"), Trouble.OTHER),
]


@pytest.mark.parametrize(("failure", "trouble"), FAILURES, ids=[type(one).__name__ for one, _ in FAILURES])
def test_every_failure_has_a_code_and_keeps_what_was_said(failure: Exception, trouble: Trouble) -> None:
    assert read_error(write_error(failure)) == (trouble, str(failure))


def test_a_failure_that_says_nothing_is_called_by_its_kind_and_a_long_one_is_cut() -> None:
    assert read_error(write_error(TimeoutError())) == (Trouble.TOO_SLOW, "TimeoutError")
    assert len(write_error(NotTaken("x" * 2000))) == ERROR_LENGTH


def test_what_was_kept_before_there_were_codes_is_said_as_it_stands() -> None:
    old = "gaierror: [Errno -2] Name or service not known"
    assert read_error(old) == (Trouble.OTHER, old)
    assert read_error(None) == (None, None)
