"""Roll calls as they are shown: a page of them with counts, and one with everybody's answer."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases.models import Photo, RollCall, RollCallAnswer
from cases.patrol.areas import distances_each
from cases.patrol.given import below, device_moment, led_centre, led_codes, lon_lat, place
from core.errors import NotFound
from grid.models import Centre
from people.models import Person
from people.roles import Actor


class AnswerState(StrEnum):
    """How an asked person stands: it waits, or was answered in time, late, or not at all."""

    WAITING = "waiting"
    ANSWERED = "answered"
    LATE = "late"
    MISSED = "missed"


def state_of(answered_at: datetime | None, answer_by: datetime, *, now: datetime) -> AnswerState:
    """An answer counts by when it was captured, not by when it came."""
    if answered_at is None:
        return AnswerState.WAITING if now <= answer_by else AnswerState.MISSED
    return AnswerState.ANSWERED if answered_at <= answer_by else AnswerState.LATE


def list_calls(
    session: Session, actor: Actor, *, centre: str | None, limit: int, before: int | None, now: datetime
) -> list[dict[str, Any]]:
    """Roll calls of the centres that one leads, or on one centre's ground, the latest first, in few statements.

    Raises NotFound, NotAllowed for a centre that isn't led.
    """
    codes = led_codes(actor) if centre is None else [led_centre(session, actor, centre).code]
    wanted = _calls().where(RollCall.centre_id.in_(below(codes)))
    if before is not None:
        wanted = wanted.where(RollCall.id < before)
    calls = session.execute(wanted.order_by(RollCall.id.desc()).limit(limit)).all()
    in_time = RollCallAnswer.answered_at <= RollCall.answer_by
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    for row in session.execute(
        select(
            RollCallAnswer.roll_call_id,
            func.count().label("asked"),
            func.count().filter(in_time).label("answered"),
            func.count(RollCallAnswer.answered_at).label("all_answered"),
        )
        .join(RollCall, RollCall.id == RollCallAnswer.roll_call_id)
        .where(RollCallAnswer.roll_call_id.in_([call.id for call in calls]))
        .group_by(RollCallAnswer.roll_call_id)
    ):
        counts[row.roll_call_id] = {
            "asked": row.asked,
            AnswerState.ANSWERED: row.answered,
            AnswerState.LATE: row.all_answered - row.answered,
            "open": row.asked - row.all_answered,
        }
    return [_call_shown(call) | {"counts": _by_state(counts[call.id], call.answer_by, now)} for call in calls]


def _by_state(counts: dict[str, int], answer_by: datetime, now: datetime) -> dict[str, int]:
    unanswered = state_of(None, answer_by, now=now)
    found = {state.value: counts.get(state, 0) for state in AnswerState}
    return found | {unanswered.value: counts.get("open", 0), "asked": counts.get("asked", 0)}


def show_call(session: Session, actor: Actor, call_id: int, *, now: datetime) -> dict[str, Any]:
    """One roll call with everybody's answer. Raises NotFound unless one leads the patrol of its centre."""
    call = session.execute(_calls().where(RollCall.id == call_id)).one_or_none()
    if call is None or not actor.leads(call.line):
        raise NotFound(roll_call=call_id)
    rows = session.execute(
        select(
            RollCallAnswer.person_id, RollCallAnswer.answered_at, RollCallAnswer.received_at, RollCallAnswer.device_at,
            RollCallAnswer.accuracy_m, RollCallAnswer.text, RollCallAnswer.photo_id,
            (Photo.person_id == RollCallAnswer.person_id).label("photo_here"),
            Person.name, *lon_lat(RollCallAnswer.point, "answer"),
        )
        .join(Person, Person.id == RollCallAnswer.person_id)
        .outerjoin(Photo, Photo.id == RollCallAnswer.photo_id)
        .where(RollCallAnswer.roll_call_id == call_id)
        .order_by(Person.name, Person.id)
    ).all()  # fmt: skip
    places = {row.person_id: (row.answer_lon, row.answer_lat) for row in rows if row.answer_lon is not None}
    away = distances_each(session, call.centre_id, places) if places else {}
    shown = [_answer_shown(row, state_of(row.answered_at, call.answer_by, now=now), away) for row in rows]
    return _call_shown(call) | {"answers": shown, "counts": _counted(shown)}


def _counted(shown: list[dict[str, Any]]) -> dict[str, int]:
    counts = {state.value: sum(one["state"] is state for one in shown) for state in AnswerState}
    return counts | {"asked": len(shown)}


def _calls() -> Any:
    return (
        select(
            RollCall.id, RollCall.called_at, RollCall.answer_by, RollCall.photo_wanted, RollCall.text,
            RollCall.centre_id, RollCall.called_by, Person.name.label("caller"), Centre.code, Centre.name, Centre.level,
            Centre.line,
        )
        .join(Centre, Centre.id == RollCall.centre_id)
        .join(Person, Person.id == RollCall.called_by)
    )  # fmt: skip


def _call_shown(call: Any) -> dict[str, Any]:
    return {
        "id": call.id,
        "centre": {"code": call.code, "level": call.level, "name": call.name},
        "called_by": {"id": call.called_by, "name": call.caller},
        "called_at": call.called_at,
        "answer_by": call.answer_by,
        "photo_wanted": call.photo_wanted,
        "text": call.text,
    }


def _answer_shown(row: Any, state: AnswerState, away: Mapping[int, float | None]) -> dict[str, Any]:
    return {
        "person": {"id": row.person_id, "name": row.name},
        "state": state,
        "answered_at": row.answered_at,
        "received_at": row.received_at,
        "device_at": device_moment(row.device_at, row.answered_at),
        "point": place(row, "answer"),
        "accuracy_m": row.accuracy_m,
        "away_m": away.get(row.person_id),
        "photo": row.photo_id if row.photo_here else None,
        "photo_named": row.photo_id is not None,
        "text": row.text,
    }
