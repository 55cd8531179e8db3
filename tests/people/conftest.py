"""People to sign in."""

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from people.accounts import add_person, give_post
from people.models import Person
from people.roles import Role

PASSWORD = "correct horse battery staple"


@pytest.fixture
def somebody(session: Session, now: datetime) -> Callable[..., Person]:
    """Make an account that holds a role at People's Square's street."""

    def make(username: str = "wang", role: Role | None = Role.ACCEPTOR, centre: str = "310101002000") -> Person:
        person = add_person(session, username, "王", PASSWORD, now=now)
        if role is not None:
            give_post(session, person, role, centre)
        return person

    return make
