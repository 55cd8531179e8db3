"""A town in which tracks are kept."""

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from core.settings import Settings
from tests.make import Town, make_town


@pytest.fixture
def town(session: Session, settings: Settings, now: datetime) -> Town:
    return make_town(session, replace(settings, track=replace(settings.track, enabled=True)), now)
