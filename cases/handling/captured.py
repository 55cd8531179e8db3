"""A task answered offline counts by the moment of its capture, within limits (domain §9.1, docs/turns.md)."""

from datetime import datetime, timedelta

from cases.clock import written
from cases.handling.fields import Fields
from cases.handling.work import Reading, Work
from cases.intake.body import read_any_moment
from cases.models import Clock, ClockState
from cases.stages import ClockKind

OLDEST = timedelta(hours=12)
"""A capture that lies further back than a shift is not believed: the answer counts when it comes."""

ANSWERED = frozenset({ClockKind.VERIFY, ClockKind.CHECK})
"""The clocks of an inspector's tasks."""


def read_captured(fields: Fields, reading: Reading) -> dict[str, datetime | None]:
    """`captured_at`: when it was made, by the server's clock as the phone reckoned it. `device_at`: by its own."""
    minutes = reading.settings.intake.future_minutes
    moment = fields.moment("captured_at")
    if moment is not None and moment > reading.now + timedelta(minutes=minutes):
        fields.fault("captured_at", "in_future", minutes=minutes)
    return {"captured_at": moment, "device_at": fields.moment("device_at", read_any_moment)}


def keep_captured(work: Work) -> None:
    """Let the event keep both."""
    for name in ("captured_at", "device_at"):
        if work.values[name] is not None:
            work.data[name] = written(work.values[name])


def counted_at(work: Work, clock: Clock) -> datetime:
    """When the clock stops: at the capture, if that lies in the clock's own time and not too far back; else now.

    Nothing counts that lies before the stretch that runs: what was used before a pause stays used. The event keeps a
    moment that is not its own as `counted_at`.
    """
    captured: datetime | None = work.values.get("captured_at")
    if captured is None or clock.kind not in ANSWERED or clock.state is not ClockState.RUNNING:
        return work.now
    if not max(clock.started_at, work.now - OLDEST) <= captured <= work.now:
        return work.now
    counted = max(captured, datetime.fromisoformat(clock.segments[-1][0]))
    work.data["counted_at"] = written(counted)
    return counted
