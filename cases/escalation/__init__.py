"""Overdue → the next rung of the ladder, once, whatever dies and however many sweep at a time (contract §5).

A sweep claims clocks that are due together with their cases (SKIP LOCKED: what somebody works on waits for the next
one), fires each rung that was reached, in order, and sets the next moment, all in the caller's transaction: a sweep
that dies leaves its clocks due. It never moves the handling duty and leaves `version` alone, so that nobody at the case
is told that it changed under their hands. What a rung does:

* before the limit (warn): a notice to whom the stage waits for;
* at the limit (urge): a notice to the responsible centre's shift lead and the department's leader; counted on the case;
* above (supervise): a supervision order in the list of the centre so many levels up, at most the city's, with a clock
  for its answer. An order that stands open there for the case is strengthened instead. The last one is the city's and
  gives the red card. A case of the city itself has nobody above it: the rung is kept, the city's leader is told, there
  is no order to oneself.

The clock of an order's answer only warns, the centre that is to answer, and at its limit tells the one that asked.

Somebody who is due to hear of several rungs of a case at once gets one notice that names them all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import compress
from typing import Any

import structlog
from sqlalchemy.orm import Session

from cases.calendars import calendars
from cases.escalation import statements
from cases.escalation.chains import chains
from cases.escalation.climbing import Climb, Due, Fired
from cases.escalation.effects import event, marks, notices, orders
from cases.stages import ClockKind

log = structlog.get_logger()

# `settings.escalation.reply_minutes_least`, for callers without settings
REPLY_MINUTES = 120


@dataclass(frozen=True, slots=True)
class Raised:
    """A rung that fired; `centre_id` is who is told or who supervises."""

    case_id: int
    clock_id: int
    kind: ClockKind
    rung: str
    position: int
    centre_id: int
    planned_at: datetime
    raised_at: datetime


def escalate_overdue(
    session: Session, *, now: datetime, batch: int, reply_minutes_least: int = REPLY_MINUTES
) -> list[Raised]:
    """Fire what is due on at most `batch` clocks that nobody else holds; an empty list: there is nothing left to do.

    Whoever sweeps goes on until it is empty, committing after each batch. The answer is in the order in which the rungs
    were due. Cases and clocks that the session has loaded are stale afterwards.
    """
    session.flush()
    while rows := session.execute(statements.CLAIM_DUE, {"now": now, "batch": batch}).all():
        if raised := _raise_all(session, rows, now, reply_minutes_least):
            return raised
    return []


def escalate_case(
    session: Session, case_id: int, *, now: datetime, reply_minutes_least: int = REPLY_MINUTES
) -> list[Raised]:
    """The same for one case, waiting for whoever works on it: for a replay that walks through time case by case."""
    session.flush()
    rows = session.execute(statements.CLAIM_CASE, {"now": now, "case_id": case_id}).all()
    return _raise_all(session, rows, now, reply_minutes_least)


def _raise_all(session: Session, rows: Sequence[Any], now: datetime, reply_minutes_least: int) -> list[Raised]:
    dues, rules = list(map(Due._make, rows)), calendars(session)
    centres = {due.centre_id for due in dues} | {due.order_centre_id for due in dues if due.order_centre_id}
    climb = Climb(rules, chains(session, rules.stamp, centres), now, reply_minutes_least * 60)
    for due in dues:
        climb.one(due)
    for (calendar_id, day), clocks in climb.unknown.items():
        log.error("calendar-missing", calendar=calendar_id, day=day, clocks=clocks)
    climb.fired.sort(key=lambda one: (one.planned_at, one.due.clock_id, one.step.position))
    statements.write(session, statements.SET_NEXT, [one._asdict() for one in climb.following])
    fired, raised = _keep(session, climb.fired, now)
    statements.write(session, statements.ADD_EVENTS, [event(one) for one in fired], now=now)
    statements.write(session, statements.ADD_NOTICES, notices(fired), now=now)
    statements.write(session, statements.MARK_CASES, marks(fired))
    statements.write(session, statements.ADD_ORDERS, orders(fired, now), now=now)
    return raised


def _keep(session: Session, fired: list[Fired], now: datetime) -> tuple[list[Fired], list[Raised]]:
    """Write down that they fired. What is written already, whoever did it, has fired and is left out."""
    raised = [_raised(one, now) for one in fired]
    known = set(statements.write(session, statements.ADD_ESCALATIONS, raised))
    if not known:
        return fired, raised
    new = [(one.clock_id, one.position) not in known for one in raised]
    return list(compress(fired, new)), list(compress(raised, new))


def _raised(one: Fired, now: datetime) -> Raised:
    return Raised(
        one.due.case_id,
        one.due.clock_id,
        ClockKind(one.due.kind),
        one.step.name,
        one.step.position,
        one.centre_id,
        one.planned_at,
        now,
    )
