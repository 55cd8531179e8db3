"""After an edit the open clocks are counted anew, each once, a batch of cases at a time, by any number of workers.

A worker claims the edit, locks the next open cases (waiting for whoever works on them: what they began under the old
rules is then seen), counts their clocks, and keeps how far it came, all in one transaction: of one that dies nothing is
left, and the next goes on where the last batch ended. A case that is taken later is counted by the new rules already.
Reports are written without a lock; whoever pours them in holds the active edition, and a single one takes no second.
Stopped clocks are never touched, and `version` stays: nobody did anything to the case. What has not been sent yet of
rungs that now lie ahead is withdrawn by cases/delivery itself.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

import orjson
import structlog
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from cases.calendar_edits.preview import calendars_of, count_anew
from cases.calendars import Calendars, Step, calendars
from cases.clock import show_on_case, used_seconds
from cases.models import CalendarEdit, Case, Clock, ClockState, Escalation
from cases.stages import ClockKind
from cases.workdays import CalendarMissing

log = structlog.get_logger()

BATCH = 200
# So many numbers of cases are looked through for open ones in one batch, however few are found.
WINDOW = 100_000
# A single report's statement has ended by then.
SETTLED = timedelta(seconds=2)


def recount(session: Session, *, now: datetime, batch: int = BATCH) -> bool:
    """Count the clocks of the next cases for the oldest edit that waits and that nobody else has; whether it did.

    Whoever counts goes on until it is False, committing after each batch.
    """
    edit = session.scalars(
        select(CalendarEdit)
        .where(CalendarEdit.done_at.is_(None), CalendarEdit.at <= now - SETTLED)
        .order_by(CalendarEdit.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if edit is None or (edit.last_case_id == 0 and not _nothing_is_poured_in(session)):
        return False
    last = session.scalar(select(func.max(Case.id))) or 0
    end = min(edit.last_case_id + WINDOW, last)
    cases = _lock_cases(session, edit.last_case_id, end, batch)
    moved = _count(session, edit, cases, now)
    edit.moved += moved
    edit.last_case_id = cases[-1].id if len(cases) == batch else end
    if edit.last_case_id >= last:
        edit.done_at = now
        log.info("recounted", edit=edit.id, calendar=edit.calendar_id, clocks=edit.clocks, moved=edit.moved)
    session.flush()
    return True


def _nothing_is_poured_in(session: Session) -> bool:
    """Whether no load is under way that took the rules at its beginning (cases/intake/many.py holds the edition)."""
    active = "SELECT count(*) FROM editions WHERE state = 'active'"
    free = session.execute(text("SELECT FROM editions WHERE state = 'active' FOR NO KEY UPDATE SKIP LOCKED")).all()
    return bool(len(free) == session.execute(text(active)).scalar_one())


def _lock_cases(session: Session, after: int, end: int, batch: int) -> Sequence[Case]:
    return session.scalars(
        select(Case)
        .where(Case.ended_at.is_(None), Case.id > after, Case.id <= end)
        .order_by(Case.id)
        .limit(batch)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()


def _count(session: Session, edit: CalendarEdit, cases: Sequence[Case], now: datetime) -> int:
    """Count the open clocks that the edit concerns; of how many the deadline moved."""
    rules = calendars(session)
    wanted = select(Clock).where(Clock.case_id.in_([case.id for case in cases]), Clock.state != ClockState.STOPPED)
    clocks = session.scalars(wanted.order_by(Clock.id).execution_options(populate_existing=True)).all()
    concerned = [one for one in clocks if edit.calendar_id is None or edit.calendar_id in calendars_of(one)]
    if edit.calendar_id is None:
        _put_on_the_ladder(session, concerned, rules, now)
    moved = [clock for clock in concerned if count_anew(clock, rules)]
    edit.clocks += len(concerned)
    _show_on_cases({clock.case_id for clock in concerned}, cases, clocks)
    _copy_deadlines(session, moved)
    return len(moved)


def _show_on_cases(ids: set[int], cases: Sequence[Case], clocks: Sequence[Clock]) -> None:
    own: dict[int, dict[ClockKind, Clock]] = defaultdict(dict)
    for clock in clocks:
        if clock.kind is not ClockKind.REPLY:
            own[clock.case_id][clock.kind] = clock
    for case in cases:
        if case.id in ids:
            show_on_case(case, own[case.id])


def _copy_deadlines(session: Session, moved: Sequence[Clock]) -> None:
    """The turns at the case and the orders to it carry their clock's deadline."""
    session.flush()
    for kind, statement in ((ClockKind.HANDLE, _TURNS), (ClockKind.REPLY, _ORDERS)):
        rows = [
            {"case_id": clock.case_id, "order_id": clock.order_id, "due_at": clock.due_at}
            for clock in moved
            if clock.kind is kind
        ]
        if rows:
            session.execute(statement, {"rows": orjson.dumps(rows).decode()})


_MOVED = """
    json_to_recordset(CAST(:rows AS json)) AS moved (case_id bigint, order_id bigint, due_at timestamptz)
"""
_TURNS = text(f"""
    UPDATE handlings SET due_at = moved.due_at FROM {_MOVED} JOIN cases ON cases.id = moved.case_id
    WHERE handlings.case_id = cases.id AND handlings.round = cases.round AND handlings.state = 'open'
""")  # noqa: S608  its own words
_ORDERS = text(f"""
    UPDATE supervision_orders SET reply_due_at = moved.due_at FROM {_MOVED}
    WHERE supervision_orders.id = moved.order_id
""")  # noqa: S608


def _put_on_the_ladder(session: Session, clocks: Sequence[Clock], rules: Calendars, now: datetime) -> None:
    """The next rung of the edited ladder: the first that has not fired and lies ahead, or that was next before.

    What lies behind a clock and has been passed without firing, a new rung for instance, never fires on it.
    """
    rows = session.execute(
        select(Escalation.clock_id, Escalation.rung).where(Escalation.clock_id.in_([clock.id for clock in clocks]))
    )
    fired: dict[int, set[str]] = defaultdict(set)
    for row in rows:
        fired[row.clock_id].add(row.rung)
    for clock in clocks:
        steps = rules.ladder.steps(clock.kind, urgent=clock.urgent)
        try:
            used = used_seconds(clock, rules, now)
        except CalendarMissing:  # it stands where the edit has put it
            continue
        clock.next_rung = _next(steps, fired[clock.id], clock.next_rung, used, clock.limit_seconds)


def _next(steps: Sequence[Step], fired: set[str], was_next: int | None, used: int, limit_seconds: int) -> int | None:
    for step in steps:
        if step.name in fired:
            continue
        if step.at(limit_seconds) > used or (was_next is not None and step.position >= was_next):
            return step.position
    return None
