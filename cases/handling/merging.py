"""Merging (并案): a duplicate ends and stands under the first case from then on; and its undoing."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import insert, select, union
from sqlalchemy.orm import Session

from cases.errors import FirstCaseEnded, FirstCaseMerged, NotMerged
from cases.handling.dispatching import withdraw
from cases.handling.fields import Fields
from cases.handling.work import Deed, Look, Reading, Work
from cases.models import Case, Event
from cases.permissions import visible
from cases.stages import ENDED, Verb
from people.roles import Actor, Seat

RECEIVED, RELEASED = "received", "released"
"""What the first case's story tells: a duplicate has come, or was none after all."""


def lock_together(session: Session, actor: Actor, numbers: Iterable[object]) -> None:
    """Lock all cases that a deed or many of them touch, first cases included, so that no two wait in a ring.

    Locks are taken in the order of ids, by one statement, until the transaction ends. What is no number of a case, and
    cases that the person doesn't see, are passed over.
    """
    named = [no for no in numbers if isinstance(no, str) and "\0" not in no]
    if not named:
        return
    seen = Case.no.in_(named) & visible(actor)
    touched: Any = union(select(Case.id).where(seen), select(Case.merged_into_id).where(seen))
    session.execute(select(Case.id).where(Case.id.in_(touched)).order_by(Case.id).with_for_update()).all()


def _guard(look: Look, _: Seat | None) -> None:
    if look.case.stage in ENDED and look.case.merged_into_id is None:
        raise NotMerged


def _read(fields: Fields, reading: Reading) -> dict[str, Any]:
    undoes = reading.case.stage in ENDED
    values: dict[str, Any] = {"reason": fields.text("reason", required=undoes)}
    no = fields.text("into", required=not undoes, most=24)
    if undoes:
        if no is not None:
            fields.fault("into", "merged_already")
        return values | {"first": _first(reading, Case.id == reading.case.merged_into_id)}
    if no is None:
        return values
    first = _first(reading, (Case.no == no) & visible(reading.actor))
    if first is None:
        fields.fault("into", "no_such_case")
    elif first.id == reading.case.id:
        fields.fault("into", "itself")
    return values | {"first": first}


def _first(reading: Reading, which: Any) -> Any:
    wanted = select(Case.id, Case.no, Case.stage, Case.merged_into_id).where(which)
    return reading.session.execute(wanted).one_or_none()


def _merge(work: Work) -> None:
    case, first = work.case, work.values["first"]
    if case.stage in ENDED:
        work.values["ended_at"] = case.ended_at
        case.merged_into_id = case.ended_at = None
        work.data |= {"into": None, "was": first.no}
    else:
        _check_first(first)
        withdraw(work)
        case.merged_into_id = first.id
        work.data["into"] = first.no
    work.keep_text("reason")


def _check_first(first: Any) -> None:
    if first.merged_into_id is not None:
        raise FirstCaseMerged(no=first.no)
    if first.stage in ENDED:
        raise FirstCaseEnded(no=first.no, stage=first.stage.value)


def _tell_first(work: Work) -> None:
    """The first case's story tells of it, too; its version stays, because nothing about it has changed."""
    first = work.values["first"]
    outcome = RELEASED if work.data["into"] is None else RECEIVED
    work.session.execute(
        insert(Event).values(
            case_id=first.id, at=work.now, verb=work.verb.value, outcome=outcome, stage_from=first.stage,
            stage_to=first.stage, person_id=work.actor.person_id, role=work.seat and work.seat.role,
            data={"duplicate": work.case.no} | ({"reason": work.data["reason"]} if "reason" in work.data else {}),
        )
    )  # fmt: skip


DEEDS: dict[Verb, Deed] = {Verb.MERGE: Deed(_read, _merge, _tell_first, _guard)}
