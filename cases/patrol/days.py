"""The days of tracks: partitions made ahead, and dropped whole when they are old (docs/decisions/0018).

A day is a day in UTC. The database's own functions make and drop partitions, because the application's role makes no
tables.
"""

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.settings import Settings

AHEAD_DAYS = 7
"""So many days lie ready: a worker that stands still for less is not missed."""

MAKE = text("""
    SELECT count(*) FILTER (WHERE make_track_day(CAST(day AS date)))
    FROM generate_series(CAST(:first AS timestamp), CAST(:last AS timestamp), interval '1 day') AS day
""")
DROP = text("SELECT drop_track_days(:before)")


def keep_days(session: Session, *, now: datetime, settings: Settings) -> tuple[int, int]:
    """Make the days from the oldest that a phone may still bring to a week ahead, and drop those older than is kept.

    How many were made, and how many dropped. Points that came before their day lay in `tracks_other` and move.
    """
    today = now.date()
    span = {"first": today - timedelta(days=settings.track.late_days), "last": today + timedelta(days=AHEAD_DAYS)}
    made = session.scalar(MAKE, span) or 0
    # never a day that a phone may still bring
    kept = max(settings.track.keep_days, settings.track.late_days)
    dropped = session.scalar(DROP, {"before": today - timedelta(days=kept)}) or 0
    return made, dropped
