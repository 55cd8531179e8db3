"""Shifts and tracks as the tests of the patrol make them."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from cases.models import Shift
from cases.patrol.shifts import End, Start, clock_in, clock_out
from tests.make import Town


def begin(town: Town, who: str = "inspector", shift_id: UUID | None = None, ago: float = 0.0, **more: object) -> Shift:
    """A shift that began `ago` minutes ago."""
    start = Start(town.now - timedelta(minutes=ago), **more)
    return clock_in(town.session, town[who], shift_id or uuid4(), start, now=town.now, settings=town.settings).shift


def finish(town: Town, shift: Shift, at: datetime, who: str = "inspector") -> Shift:
    """The shift, ended at that moment."""
    return clock_out(town.session, town[who], shift.id, End(at), now=town.now, settings=town.settings)
