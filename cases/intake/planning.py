"""The accept clock that a report starts: one, or many by arrays."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from cases.calendars import Calendars
from cases.clock import Plan, plan, stage_limit, yellow_step
from cases.errors import NoCalendar
from cases.intake.opening import Draft, Opening
from cases.stages import ClockKind, Stage
from cases.workdays import CalendarMissing, Seconds, runs_always
from core.settings import Settings

SETTLED = Opening(Stage.CLOSED, None)


def plan_opening(draft: Draft, rules: Calendars, settings: Settings) -> Opening:
    """How the case begins. Raises NoCalendar when the working calendar doesn't have the day."""
    if draft.settled:
        return SETTLED
    seconds, unit = stage_limit(ClockKind.ACCEPT, draft.urgent, settings)
    try:
        begun = plan(
            rules.of(draft.route.calendar_id),
            rules.ladder,
            start=draft.received_at,
            limit_seconds=seconds,
            unit=unit,
            urgent=draft.urgent,
            kind=ClockKind.ACCEPT,
        )
    except CalendarMissing as missing:
        raise NoCalendar(day=missing.day.isoformat()) from None
    return Opening(Stage.REPORTED, begun, seconds, unit)


def plan_openings(drafts: Sequence[Draft], rules: Calendars, settings: Settings) -> list[Opening | NoCalendar]:
    """`plan_opening` for many, with the refusal in the place of a draft that it refuses."""
    openings: list[Opening | NoCalendar] = [SETTLED] * len(drafts)
    groups: defaultdict[tuple[int, bool], list[int]] = defaultdict(list)
    for i, draft in enumerate(drafts):
        if not draft.settled:
            groups[draft.route.calendar_id, draft.urgent].append(i)
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

    def after(used: int) -> list[datetime]:
        spent = np.full_like(starts, used)
        ends = starts + spent if runs_always(unit) else rules.of(calendar_id).add_many(starts, spent)
        return [datetime.fromtimestamp(end, UTC) for end in ends.tolist()]

    due, yellow = after(seconds), after(yellow_step(steps).at(seconds))
    if not steps:
        return [
            Opening(Stage.REPORTED, Plan(*pair, None, None), seconds, unit) for pair in zip(due, yellow, strict=True)
        ]
    rung, raised = steps[0].position, after(steps[0].at(seconds))
    return [
        Opening(Stage.REPORTED, Plan(due_at, yellow_at, rung, raise_at), seconds, unit)
        for due_at, yellow_at, raise_at in zip(due, yellow, raised, strict=True)
    ]
