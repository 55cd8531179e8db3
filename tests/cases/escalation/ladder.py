"""What the tests of the ladder share: moments, places, a whole sweep, and whom notices went to."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.escalation import Raised, escalate_overdue
from cases.models import (
    Case,
    Clock,
    Notice,
)
from cases.stages import ClockKind
from grid.models import Centre
from tests.make import STREET

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONTHS = timedelta(days=90)
LADDER = ["warn", "urge", "supervise_1", "supervise_2", "supervise_3"]


def at(day: str, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=SHANGHAI)


TUESDAY = at("2026-03-10", "08:00")


Opener = Callable[..., tuple[Case, Clock]]


def centre_of(session: Session, code: str) -> Centre:
    return session.scalars(select(Centre).where(Centre.code == code)).one()


def village(session: Session) -> Centre:
    street = centre_of(session, STREET)
    return session.scalars(select(Centre).where(Centre.parent_id == street.id).order_by(Centre.code).limit(1)).one()


def sweep(session: Session, now: datetime, batch: int = 500) -> list[Raised]:
    """A whole sweep; the session sees what it wrote."""
    found: list[Raised] = []
    while raised := escalate_overdue(session, now=now, batch=batch):
        found += raised
    session.expire_all()
    return found


def own(raised: list[Raised]) -> list[Raised]:
    """Without what the answers to orders raise."""
    return [one for one in raised if one.kind is not ClockKind.REPLY]


def rungs(raised: list[Raised]) -> list[str]:
    return [one.rung for one in raised]


def addressed(session: Session, kind: str) -> set[tuple[int | None, str | None, int | None, int | None]]:
    found = session.scalars(select(Notice).where(Notice.kind == kind))
    return {(one.centre_id, one.role, one.department_id, one.person_id) for one in found}
