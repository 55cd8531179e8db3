"""The ladder as people keep it: read and changed as a whole, by version; open clocks find their place on the new one.

A rung's position stands for it in what has fired (`escalations`), so it never comes to mean another one: as long as a
row keeps its rungs by name and order, they keep their positions; else all of the row get new ones, above all before.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from cases.calendars import REPLY_PREFIX, TO_THE_CITY
from cases.errors import StaleRules
from cases.models import CalendarEdit, Case, Clock, ClockState, Rung
from cases.notices import NoticeKind
from core.errors import FieldError, Invalid

log = structlog.get_logger()

LEVELS_UP = (0, 1, 2, TO_THE_CITY)
# `supervision_orders.rung` of an order that a person made, and what notices are called
RESERVED = {"order", *(kind.value for kind in NoticeKind)}
ROWS = {"ordinary": False, "urgent": True}


@dataclass(frozen=True)
class RungWish:
    """A rung as it shall be; its place in the list is its place on the ladder."""

    name: str
    share: float
    plus_minutes: int
    levels_up: int


@dataclass(frozen=True)
class LadderWish:
    ordinary: tuple[RungWish, ...]
    urgent: tuple[RungWish, ...]


def show_ladder(session: Session) -> dict[str, Any]:
    """Both rows with the ladder's version, which grows with each change."""
    rows: dict[str, list[dict[str, Any]]] = {"ordinary": [], "urgent": []}
    names = ("position", "name", "share", "plus_minutes", "levels_up")
    for rung in session.scalars(select(Rung).order_by(Rung.position).execution_options(populate_existing=True)):
        rows["urgent" if rung.urgent else "ordinary"].append({name: getattr(rung, name) for name in names})
    return {"version": _version(session), **rows}


def _version(session: Session) -> int:
    changed = select(func.max(CalendarEdit.version)).where(CalendarEdit.calendar_id.is_(None))
    return session.scalar(changed) or 1


def change_ladder(
    session: Session, wish: LadderWish, *, version: int, person_id: int | None, now: datetime
) -> CalendarEdit:
    """Put this ladder in the place of the present one and leave word for the worker to foresee open clocks anew.

    Raises StaleRules when somebody was faster, Invalid for a ladder that is none or the same.
    """
    session.execute(text("LOCK TABLE rungs IN SHARE ROW EXCLUSIVE MODE"))
    current = _version(session)
    if version != current:
        raise StaleRules(version=current)
    if errors := [error for name in ROWS for error in _faults(name, getattr(wish, name))]:
        raise Invalid(errors)
    before = show_ladder(session)
    changed = [name for name in ROWS if [RungWish(**_plain(one)) for one in before[name]] != list(getattr(wish, name))]
    if not changed:
        raise Invalid.one("", "nothing_changes")
    for name in changed:
        _put(session, before[name], getattr(wish, name), urgent=ROWS[name])
    edit = CalendarEdit(
        calendar_id=None, version=current + 1, at=now, person_id=person_id, last_case_id=0, clocks=0, moved=0,
        change={"ladder": {name: show_ladder(session)[name] for name in changed}},
    )  # fmt: skip
    session.add(edit)
    session.flush()
    log.info("ladder-changed", version=edit.version, rows=changed)
    return edit


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != "position"}


def _faults(row: str, rungs: Sequence[RungWish]) -> Iterator[FieldError]:
    names: set[str] = set()
    for index, rung in enumerate(rungs):
        place = f"{row}.{index}"
        if rung.name in names:
            yield FieldError.of(f"{place}.name", "duplicate")
        elif rung.name in RESERVED or rung.name.startswith(REPLY_PREFIX):
            yield FieldError.of(f"{place}.name", "rung_name")
        names.add(rung.name)
        if rung.levels_up not in LEVELS_UP:
            yield FieldError.of(f"{place}.levels_up", "not_one_of", expected=", ".join(map(str, LEVELS_UP)))
        if index == 0 and rung.share >= 1:
            yield FieldError.of(f"{place}.share", "first_warns")
        if rung.share < 1 and rung.levels_up:
            yield FieldError.of(f"{place}.levels_up", "warning_supervises")
        if index and not _comes_after(rung, rungs[index - 1]):
            yield FieldError.of(place, "not_ascending")


def _comes_after(rung: RungWish, before: RungWish) -> bool:
    """Whatever the limit, at no moment before it, and calling nobody lower."""
    later = (rung.share, rung.plus_minutes) != (before.share, before.plus_minutes)
    return (
        later
        and rung.share >= before.share
        and rung.plus_minutes >= before.plus_minutes
        and rung.levels_up >= before.levels_up
    )


def _put(session: Session, before: list[dict[str, Any]], rungs: Sequence[RungWish], *, urgent: bool) -> None:
    old = {one["name"]: one["position"] for one in before}
    if list(old) == [rung.name for rung in rungs]:
        positions = list(old.values())
    else:
        highest = session.scalar(select(func.max(Rung.position))) or 0
        positions = [highest + place for place in range(1, len(rungs) + 1)]
    session.execute(delete(Rung).where(Rung.urgent == urgent))
    rows = [
        {
            "urgent": urgent, "position": position, "name": rung.name, "share": rung.share,
            "plus_minutes": rung.plus_minutes, "levels_up": rung.levels_up,
        }
        for position, rung in zip(positions, rungs, strict=True)
    ]  # fmt: skip
    session.execute(insert(Rung), rows)
    _move_clocks(session, old, {row["name"]: row["position"] for row in rows}, urgent=urgent)


def _move_clocks(session: Session, old: dict[str, int], new: dict[str, int], *, urgent: bool) -> None:
    """A clock's next rung under its new position; one that is gone: the next that is still there."""
    following: int | None = None
    for name, position in reversed(old.items()):
        following = new.get(name, following)
        if following != position:
            clocks = update(Clock).where(
                Clock.next_rung == position, Clock.urgent == urgent, Clock.state != ClockState.STOPPED,
                Clock.case_id.in_(select(Case.id).where(Case.ended_at.is_(None))),
            ).execution_options(synchronize_session=False)  # fmt: skip
            top: dict[str, Any] = {"next_raise_at": None} if following is None else {}
            session.execute(clocks.values(next_rung=following, **top))
