"""What comes back by itself: suspended cases whose day has come (恢复)."""

from datetime import datetime

import structlog
from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from cases.handling.door import perform
from cases.models import Case
from cases.stages import Stage, Verb
from core.errors import NotPossible
from core.settings import Settings
from people.roles import Actor

log = structlog.get_logger()

SYSTEM = Actor(None, "system", "system", ())
Place = tuple[datetime, int]


def resume_due(
    session: Session, *, now: datetime, batch: int, settings: Settings, after: Place | None = None
) -> tuple[int, Place | None]:
    """Resume up to `batch` cases whose day has come: how many, and where the next batch goes on (None: at the end).

    Their clocks go on from that day, `resume_at`, whenever this is called; the event says when it was done, and
    `resumed_from`. By `ix_cases_resume_at`; rows that another worker holds are left to it. A case that can't go on (its
    calendar ends) is logged and left for the next round.
    """
    due = (
        select(Case.id, Case.no, Case.version, Case.resume_at)
        .where(Case.resume_at.is_not(None), Case.resume_at <= now, Case.stage == Stage.SUSPENDED)
        .order_by(Case.resume_at, Case.id)
        .limit(batch)
        .with_for_update(skip_locked=True)
    )
    if after is not None:
        due = due.where(tuple_(Case.resume_at, Case.id) > after)
    rows = session.execute(due).all()
    done = 0
    for row in rows:
        try:
            with session.begin_nested():
                perform(session, SYSTEM, row.no, Verb.RESUME, {}, version=row.version, now=now, settings=settings)
            done += 1
        except NotPossible as refusal:
            log.warning("resume-refused", case=row.no, because=refusal.problem, **refusal.data)
    return done, (rows[-1].resume_at, rows[-1].id) if len(rows) == batch else None
