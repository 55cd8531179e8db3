"""A case with one clock, anywhere on the grid."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases.clock import start as start_clock
from cases.models import (
    Case,
    Clock,
    Source,
)
from cases.stages import ClockKind, Stage
from cases.workdays import Unit
from grid.models import Centre
from tests.cases.escalation.ladder import TUESDAY, Opener, centre_of, village


@pytest.fixture
def open_case(session: Session) -> Opener:
    """A case at a centre with one clock of two hours that starts on Tuesday at 08:00, unless told otherwise."""

    def opened(
        centre: Centre | str | None = None,
        kind: ClockKind = ClockKind.HANDLE,
        now: datetime = TUESDAY,
        hours: float = 2,
        unit: Unit = Unit.WORK_HOUR,
        stage: Stage = Stage.HANDLING,
        **facts: Any,
    ) -> tuple[Case, Clock]:
        place = (
            village(session) if centre is None else centre_of(session, centre) if isinstance(centre, str) else centre
        )
        codes = dict(zip(("city_code", "district_code", "street_code", "village_code"), place.line, strict=False))
        number = session.scalar(select(func.count()).select_from(Case))
        case = Case(
            no=f"e{number}", stage=stage, source=Source.HOTLINE, centre_id=place.id, why={}, reported_at=now,
            **{**codes, **facts},
        )  # fmt: skip
        session.add(case)
        session.flush()
        clock = start_clock(
            session, case, kind, now=now, limit_seconds=round(hours * 3600), unit=unit,
            urgent=unit is Unit.URGENT_HOUR,
        )  # fmt: skip
        return case, clock

    return opened
