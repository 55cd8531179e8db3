"""The accept clock that a report starts: one, or many by arrays."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from cases.calendars import Calendars
from cases.clock import plan, stage_limit, written, yellow_step
from cases.errors import NoCalendar
from cases.intake.opening import Draft, Opening
from cases.stages import ClockKind, Stage
from cases.workdays import CalendarMissing, Seconds, runs_always
from core.settings import Settings

SETTLED = Opening(Stage.CLOSED)


def plan_opening(draft: Draft, rules: Calendars, settings: Settings) -> Opening:
    """How the case begins. Raises NoCalendar when the working calendar doesn't have the day."""
    if draft.settled:
        return SETTLED
    seconds, unit = stage_limit(ClockKind.ACCEPT, draft.urgent, settings)
    try:
        begun = plan(
            rules.of(draft.routed.route.calendar_id),
            rules.ladder,
            start=draft.received_at,
            limit_seconds=seconds,
            unit=unit,
            urgent=draft.urgent,
            kind=ClockKind.ACCEPT,
        )
    except CalendarMissing as missing:
        raise NoCalendar(day=missing.day.isoformat()) from None
    raised = written(begun.next_raise_at) if begun.next_raise_at else None
    return Opening(
        Stage.REPORTED, written(begun.due_at), written(begun.yellow_at), begun.next_rung, raised, seconds, unit
    )


def plan_openings(drafts: Sequence[Draft], rules: Calendars, settings: Settings) -> list[Opening | NoCalendar]:
    """`plan_opening` for many, with the refusal in the place of a draft that it refuses."""
    openings: list[Opening | NoCalendar] = [SETTLED] * len(drafts)
    groups: defaultdict[tuple[int, bool], list[int]] = defaultdict(list)
    for i, draft in enumerate(drafts):
        if not draft.settled:
            groups[draft.routed.route.calendar_id, draft.urgent].append(i)
    for (calendar_id, urgent), rows in groups.items():
        try:
            starts = np.array([int(drafts[i].received_at.timestamp()) for i in rows], np.int64)
            made = _plan_group(starts, calendar_id, rules, settings, urgent=urgent)
        except CalendarMissing:  # one of them; find out which
            for i in rows:
                openings[i] = _one(drafts[i], rules, settings)
            continue
        for i, opening in zip(rows, made, strict=True):
            openings[i] = opening
    return openings


def _one(draft: Draft, rules: Calendars, settings: Settings) -> Opening | NoCalendar:
    try:
        return plan_opening(draft, rules, settings)
    except NoCalendar as refusal:
        return refusal


def _plan_group(
    starts: Seconds, calendar_id: int, rules: Calendars, settings: Settings, *, urgent: bool
) -> list[Opening]:
    seconds, unit = stage_limit(ClockKind.ACCEPT, urgent, settings)
    steps = rules.ladder.steps(ClockKind.ACCEPT, urgent=urgent)

    def after(used: int) -> list[str]:
        spent = np.full_like(starts, used)
        ends = starts + spent if runs_always(unit) else rules.of(calendar_id).add_many(starts, spent)
        texts: list[str] = np.datetime_as_string(ends.view("datetime64[s]"), timezone="UTC").tolist()
        return texts

    rung = steps[0].position if steps else None
    moments = zip(
        after(seconds),
        after(yellow_step(steps).at(seconds)),
        after(steps[0].at(seconds)) if steps else [None] * len(starts),
        strict=True,
    )
    return [Opening(Stage.REPORTED, due, yellow, rung, raised, seconds, unit) for due, yellow, raised in moments]
