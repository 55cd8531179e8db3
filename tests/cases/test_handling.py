"""The main road and its branches through the one door, on a real database."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from cases.stages import Stage
from core.settings import Settings
from tests.make import Town, make_town


@pytest.fixture
def town(session: Session, settings: Settings, now: datetime) -> Town:
    return make_town(session, settings, now)


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage is not Stage.SUSPENDED])
def test_a_case_comes_to_every_stage_by_verbs(town: Town, stage: Stage) -> None:
    assert town.case(stage).stage is stage
