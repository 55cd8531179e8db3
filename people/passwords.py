"""Passwords: argon2id with 19 MiB, two passes, one lane (stack.md: 107 ms at shift start instead of 457 ms)."""

import secrets
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.errors import Invalid

SHORTEST = 8
LONGEST = 200
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Each verification takes 19 MiB: two at a time keep a process small, and more would not be faster on its cores.
_turn = BoundedSemaphore(2)
_nobody = _hasher.hash(secrets.token_urlsafe(16))
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def hash_password(password: str) -> str:
    """The text to keep. Raises Invalid when the password is too short or too long."""
    if len(password) < SHORTEST:
        raise Invalid.one("password", "too_short", least=SHORTEST)
    if len(password) > LONGEST:
        raise Invalid.one("password", "too_long", most=LONGEST)
    with _turn:
        return _hasher.hash(password)


def is_password(kept: str | None, password: str) -> bool:
    """Whether the password is the kept one; takes as long for nobody (None) as for somebody."""
    with _turn:
        try:
            _hasher.verify(kept or _nobody, password)
        except (VerificationError, InvalidHashError):
            return False
    return kept is not None


def is_outdated(kept: str) -> bool:
    """Whether the hash was made with other costs than today's."""
    return _hasher.check_needs_rehash(kept)


def make_password() -> str:
    """A random password that can be read out: three groups of five, 74 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(3))
