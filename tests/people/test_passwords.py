"""Passwords."""

import re

import pytest

from core.errors import Invalid
from people.passwords import hash_password, is_outdated, is_password, make_password


def test_a_password_is_known_again_and_another_is_not() -> None:
    kept = hash_password("a good password")
    assert is_password(kept, "a good password")
    assert not is_password(kept, "A good password")


def test_the_costs_are_those_that_were_measured() -> None:
    kept = hash_password("a good password")
    assert re.match(r"\$argon2id\$v=19\$m=19456,t=2,p=1\$", kept)
    assert not is_outdated(kept)
    assert is_outdated("$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWRWJTmaaJObG")


def test_nobody_has_no_password_and_a_spoilt_hash_opens_nothing() -> None:
    assert not is_password(None, "a good password")
    assert not is_password("spoilt", "a good password")


@pytest.mark.parametrize(("password", "code"), [("short", "too_short"), ("x" * 201, "too_long")])
def test_a_password_has_a_length(password: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        hash_password(password)
    assert [error.code for error in refusal.value.errors] == [code]


def test_a_made_up_password_can_be_read_out() -> None:
    one, other = make_password(), make_password()
    assert one != other
    assert re.fullmatch(r"[a-z2-9]{5}(-[a-z2-9]{5}){2}", one)
