"""A small town on the session that is undone after the test."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from core.settings import Settings
from tests.make import Town, make_town


@pytest.fixture
def town(session: Session, settings: Settings, now: datetime) -> Town:
    return make_town(session, settings, now)
