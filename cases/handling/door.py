"""The one door: may they? can it be? is it the version they saw? — then change, clocks, event, notices."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from cases.clock import written
from cases.errors import NoCalendar, StaleVersion, WrongStage
from cases.handling import (
    accepting,
    appealing,
    asides,
    checking,
    closing,
    dispatching,
    ending,
    extending,
    filing,
    merging,
    rerouting,
    supervising,
    suspending,
    working,
)
from cases.handling.clockwork import move_clocks
from cases.handling.fields import Fields
from cases.handling.requests import check_not_own, lapse
from cases.handling.telling import notices_of
from cases.handling.work import Deed, Look, Reading, Work, lock_and_look
from cases.models import Case, Event
from cases.permissions import acts_by_itself, check_role, check_seat, check_sees, seats_for, verbs_of
from cases.stages import ENDED, MAY_BE_UNNAMED, NAMED, Outcome, Stage, Verb, is_possible, transition
from cases.workdays import CalendarMissing
from core.db import to_json
from core.errors import NotAllowed, NotPossible
from core.settings import Settings
from people.roles import Actor, Seat

DEEDS: dict[Verb, Deed] = {
    **accepting.DEEDS,
    **filing.DEEDS,
    **dispatching.DEEDS,
    **working.DEEDS,
    **checking.DEEDS,
    **closing.DEEDS,
    **asides.DEEDS,
    **ending.DEEDS,
    **extending.DEEDS,
    **suspending.DEEDS,
    **appealing.DEEDS,
    **rerouting.DEEDS,
    **merging.DEEDS,
    **supervising.DEEDS,
}

WATCHED = (
    "stage", "category_code", "condition_id", "urgent", "centre_id", "department_id", "suggested_department_id",
    "inspector_id", "round", "filed_at", "dispatched_at", "handled_at", "handled_on_time", "ended_at", "close_type",
    "clock_kind", "due_at", "paused", "handle_due_at", "urged_count", "step", "unit_id", "joint", "refused_count",
    "designated", "rework_count", "merged_into_id", "resume_at", "excused_at", "supervised_level",
)  # fmt: skip
"""What an event tells of a change; a writer who was slower is shown it."""


def perform(
    session: Session,
    actor: Actor,
    no: str,
    verb: Verb,
    fields: Mapping[str, Any],
    *,
    version: object,
    now: datetime,
    settings: Settings,
) -> Case:
    """Do the verb to the case and return it, changed and flushed; on any refusal nothing is changed.

    `version` is the version that the person saw. Raises NotFound (there is none, or not for them), NotAllowed (403),
    WrongStage, StaleVersion or another NotPossible (409), and Invalid with all fields that are wrong (422).
    """
    if verb is Verb.MERGE:
        merging.lock_together(session, actor, (no, fields.get("into")))
    seen = lock_and_look(session, no, now=now, settings=settings)
    case = check_sees(actor, seen.case if seen else None)
    assert seen is not None
    check_role(actor, verb, case, seen.centre)
    if _is_whole(version) and version != case.version:
        raise StaleVersion(case.version, differences(session, case, since=version))
    seat = check_verb(actor, verb, seen)
    work = _read(seen, actor, seat, verb, fields, version=version, now=now, settings=settings)
    with session.no_autoflush:  # each row is written once, when all is settled
        _change(work)
    return case


def check_verb(actor: Actor, verb: Verb, seen: Look) -> Seat | None:
    """The seat by which the person may do the verb to the case now, None for the system; raises what is against it."""
    stage = seen.case.stage
    if not is_possible(stage, verb):
        raise WrongStage(verb, stage, allowed_verbs(actor, seen))
    deed = DEEDS[verb]
    if acts_by_itself(actor, verb):
        _ask(deed, actor, seen, None)
        return None
    if deed.premise is not None:
        deed.premise(seen)
    role = None if deed.turn is None else deed.turn(seen)
    first = check_seat(actor, verb, seen.case, seen.centre, seen.standing, turn=role)
    try:
        _ask(deed, actor, seen, first)
    except NotPossible:
        # Who holds several posts, in two departments say, acts by the first of them that can.
        for seat in seats_for(actor, verb, seen.case, seen.centre, seen.standing, turn=role):
            if seat is not first and _passes(deed, actor, seen, seat):
                return seat
        raise
    return first


def _ask(deed: Deed, actor: Actor, seen: Look, seat: Seat | None) -> None:
    if deed.guard is not None:
        deed.guard(seen, seat)
    if deed.decides is not None:
        check_not_own(actor, seen, deed.decides)


def _passes(deed: Deed, actor: Actor, seen: Look, seat: Seat) -> bool:
    try:
        _ask(deed, actor, seen, seat)
    except NotPossible:
        return False
    return True


def may_verb(actor: Actor, verb: Verb, seen: Look) -> bool:
    """Whether `check_verb` would let the person through."""
    try:
        check_verb(actor, verb, seen)
    except (NotPossible, NotAllowed):
        return False
    return True


def allowed_verbs(actor: Actor, seen: Look) -> list[str]:
    """What the person can do to the case now, in the order of the work."""
    possible = verbs_of(actor, seen.case, seen.centre, seen.standing)
    return [verb.value for verb in possible if may_verb(actor, verb, seen)]


def _is_whole(version: object) -> bool:
    return isinstance(version, int) and not isinstance(version, bool) and abs(version) < 2**31


def _read(
    seen: Look,
    actor: Actor,
    seat: Seat | None,
    verb: Verb,
    sent: Mapping[str, Any],
    *,
    version: object,
    now: datetime,
    settings: Settings,
) -> Work:
    fields = Fields({**sent, "version": version})
    fields.whole("version", required=True)
    outcome: Outcome | None = None
    if verb in NAMED:
        outcome = fields.one_of("outcome", NAMED[verb], required=verb not in MAY_BE_UNNAMED)
    reading, deed = Reading(seen, actor, seat, now, settings), DEEDS[verb]
    values = deed.read(fields, reading)
    fields.raise_errors()
    if deed.outcome is not None:
        outcome = deed.outcome(reading, values, outcome)
    found = transition(seen.case.stage, verb, outcome)
    assert found is not None  # possible, and the outcome is one of the verb's
    return Work(seen, actor, seat, verb, found, outcome, now, settings, values)


def _change(work: Work) -> None:
    case, before = work.case, _watched(work.case)
    stage_from = case.stage
    deed = DEEDS[work.verb]
    deed.before(work)
    _move_clocks(work, deed)
    case.stage = work.transition.to
    lapse(work, stage_from)
    if case.stage in ENDED and stage_from not in ENDED:
        closing.end(work)
    case.version += 1
    after = _watched(case)
    changed = {name: [before[name], after[name]] for name in WATCHED if before[name] != after[name]} | work.changed
    work.session.flush()
    _record(work, stage_from, {**work.data, "version": case.version, "changed": changed})


# One statement for the event and the notices that go with it.
RECORD = text("""
    WITH event AS (
        INSERT INTO events (case_id, at, verb, outcome, stage_from, stage_to, person_id, role, data)
        VALUES (:case_id, :at, :verb, :outcome, :stage_from, :stage_to, :person_id, :role, CAST(:data AS jsonb))
    )
    INSERT INTO notices (at, kind, case_id, centre_id, role, department_id, person_id, data)
    SELECT :at, :kind, :case_id, centre_id, role, department_id, person_id, CAST(:said AS jsonb)
    FROM json_to_recordset(CAST(:addresses AS json))
        AS address (centre_id integer, role text, department_id integer, person_id integer)
""")


def _record(work: Work, stage_from: Stage, data: dict[str, Any]) -> None:
    kind, addresses, said = notices_of(work)
    work.session.execute(
        RECORD,
        {
            "case_id": work.case.id, "at": work.now, "verb": work.verb, "outcome": work.outcome,
            "stage_from": stage_from, "stage_to": work.case.stage, "person_id": work.actor.person_id,
            "role": work.seat and work.seat.role, "data": to_json(data), "kind": kind, "said": to_json(said),
            "addresses": to_json(addresses),
        },
    )  # fmt: skip


def _move_clocks(work: Work, deed: Deed) -> None:
    try:
        move_clocks(work)
        deed.after(work)
    except CalendarMissing as missing:
        raise NoCalendar(day=missing.day.isoformat()) from None


def _watched(case: Case) -> dict[str, Any]:
    return {name: _plain(getattr(case, name)) for name in WATCHED}


def _plain(value: Any) -> Any:
    return written(value) if isinstance(value, datetime) else value


def differences(session: Session, case: Case, *, since: Any) -> list[dict[str, Any]]:
    """What differs from the version that a person saw: `[{"field", "yours", "now"}]`, from the events since then.

    A remark changes no field; what it says is told as the field `note`.
    """
    rows = session.execute(
        select(Event.verb, Event.data)
        .where(Event.case_id == case.id, Event.data["version"].as_integer() > since)
        .order_by(Event.id)
    )
    yours: dict[str, Any] = {}
    current: dict[str, Any] = {}
    for verb, data in rows:
        if verb == Verb.NOTE:
            yours["note"], current["note"] = None, data.get("text")
        for name, (old, new) in data.get("changed", {}).items():
            yours.setdefault(name, old)
            current[name] = new
    return [
        {"field": name, "yours": yours[name], "now": current[name]} for name in yours if yours[name] != current[name]
    ]
