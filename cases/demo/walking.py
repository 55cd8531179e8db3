"""One case walked through its story by `cases.handling.perform`, with the ladder climbing in between at its moments."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.calendars import Calendars
from cases.categories import Categories
from cases.clock import moment_when, segments_of
from cases.demo.pictures import Kind, Roll
from cases.demo.players import Players
from cases.demo.rehearsal import Rehearsal
from cases.demo.stories import Step
from cases.escalation import escalate_case
from cases.handling import perform
from cases.models import Case, Clock, ClockState
from cases.stages import ClockKind, Outcome, Stage, Verb
from cases.workdays import Unit
from core.settings import Settings
from grid.models import Centre, Department
from people.roles import Role

HURRY = 0.62
"""Urgent cases are worked on so much faster: their ladder warns at half of the limit."""

REPAIRED_BEFORE = timedelta(minutes=10)


@dataclass
class Scene:
    """What all walks share; a `Rehearsal` as session makes them quick."""

    session: Session
    players: Players
    settings: Settings
    now: datetime
    rules: Calendars
    catalogue: Categories

    def hold(self, case: Case) -> None:
        """Let the session remember the case."""
        if isinstance(self.session, Rehearsal):
            self.session.hold(case)

    def hold_again(self, case: Case) -> None:
        """See what the ladder has changed of the case."""
        if isinstance(self.session, Rehearsal):
            self.session.read_clocks()
        else:
            self.session.refresh(case)

    def clocks(self, case: Case) -> list[Clock]:
        """The open clocks of the case that is held, its orders' among them."""
        if isinstance(self.session, Rehearsal):
            return self.session.open_clocks()
        wanted = select(Clock).where(Clock.case_id == case.id, Clock.state != ClockState.STOPPED).order_by(Clock.id)
        return list(self.session.scalars(wanted, execution_options={"populate_existing": True}))

    def walking(self) -> AbstractContextManager[None]:
        """Within, a session that remembers answers from memory."""
        return self.session.walking() if isinstance(self.session, Rehearsal) else nullcontext()


def walk(scene: Scene, case: Case, steps: Iterable[Step], rng: Random, *, photos: int = 0) -> int:
    """Do the steps that lie before `scene.now`, and climb the ladder up to it; how many verbs were done.

    `photos` of the demo hang on the case already.
    """
    moment, done = case.reported_at, 0
    roll = Roll((case.category_code or "")[:2], photos)
    scene.hold(case)
    for step in _with_repairs(case, steps):
        moment = _when(scene, case, step, moment)
        if moment >= scene.now:
            break
        climb(scene, case, until=moment)
        with scene.walking():
            _do(scene, case, step, moment, rng, roll)
        done += 1
    climb(scene, case, until=scene.now)
    return done


def _with_repairs(case: Case, steps: Iterable[Step]) -> Iterator[Step]:
    """Of two limits in a row a story knows one: what was only made safe is repaired before it is looked at."""
    for step in steps:
        if step.verb is Verb.SEND_CHECK and case.stage is Stage.HANDLING:
            before = None if step.at is None else step.at - REPAIRED_BEFORE
            yield Step(Verb.FINISH, Role.HANDLER, share=0.4, at=before, fields={"text": "已修复,路面恢复通行"})
        yield step


def _do(scene: Scene, case: Case, step: Step, moment: datetime, rng: Random, roll: Roll) -> None:
    if step.by is not None:
        actor = scene.players.named(step.by)
    else:
        actor = scene.players.for_case(case, step.role, _centre_line(scene, case), rng)
    fields = _fields(scene, case, step, rng, roll)
    perform(scene.session, actor, case.no, step.verb, fields, version=case.version, now=moment, settings=scene.settings)


def climb(scene: Scene, case: Case, *, until: datetime) -> None:
    """Fire what is due before `until`, each rung at its own moment, as a worker would have."""
    while case.ended_at is None:
        waiting = [
            clock.next_raise_at
            for clock in scene.clocks(case)
            if clock.state is ClockState.RUNNING and clock.next_raise_at is not None
        ]
        due = min(waiting, default=None)
        if due is None or due >= until:
            return
        least = scene.settings.escalation.reply_minutes_least
        escalate_case(scene.session, case.id, now=due + timedelta(seconds=1), reply_minutes_least=least)
        scene.hold_again(case)


def _when(scene: Scene, case: Case, step: Step, last: datetime) -> datetime:
    """The step's moment: minutes of the stage's time after the last one, or a share of the handling limit."""
    if step.at is not None:
        return step.at
    clocks = {clock.kind: clock for clock in scene.clocks(case) if clock.kind is not ClockKind.REPLY}
    any_clock = next(iter(clocks.values()), None)
    calendar = scene.rules.of(any_clock.calendar_id if any_clock else 1)
    unit = Unit.URGENT_HOUR if case.urgent else Unit.WORK_HOUR
    pace = HURRY if case.urgent else 1.0
    least = calendar.add_seconds(last, max(int(step.minutes * pace * 60), 45), unit)
    if step.share is None:
        return least
    handle = clocks[ClockKind.HANDLE]
    used = int(step.share * (pace if step.share < 1 else 1.0) * handle.limit_seconds)
    return max(
        moment_when(scene.rules, handle.calendar_id, segments_of(handle.segments), handle.unit, used) or least, least
    )


def _fields(scene: Scene, case: Case, step: Step, rng: Random, roll: Roll) -> dict[str, Any]:
    fields = dict(step.fields)
    category = scene.catalogue.get(case.category_code)
    assert category is not None
    match step.verb:
        case Verb.FILE:
            fields.setdefault("condition_id", rng.choice(category.conditions).id)
        case Verb.DISPATCH if "department" not in fields and (step.elsewhere or _refused(case)):
            fields["department"] = _department(scene, case, rng, elsewhere=step.elsewhere)
        case Verb.VERIFY if fields["outcome"] == Outcome.CONFIRMED:
            fields["photos"] = roll.take("before")
        case Verb.FINISH:
            condition = category.condition(case.condition_id or 0)
            fields["photos"] = roll.take("after", condition.photos_after if condition else 1)
        case Verb.SELF_HANDLE:
            fields["photos"] = roll.take("after")
        case Verb.CHECK:
            kind: Kind = "after" if fields["outcome"] == Outcome.PASSED else "before"
            fields["photos"] = roll.take(kind)
        case _:
            pass
    return fields


def _refused(case: Case) -> bool:
    return case.round > 0 and case.department_id is None


def _department(scene: Scene, case: Case, rng: Random, *, elsewhere: bool) -> str:
    """Who is sent after a refusal: one of the other departments of the place, or the suggested one once more."""
    codes = [code for code in (case.city_code, case.district_code, case.street_code) if code]
    found = scene.session.execute(
        select(Department.id, Department.code)
        .join(Centre, Centre.id == Department.centre_id)
        .where(Centre.code.in_(codes), Department.retired_at.is_(None))
        .order_by(Department.code)
    ).all()
    usual = [row.code for row in found if row.id == case.suggested_department_id]
    others = [row.code for row in found if row.id != case.suggested_department_id]
    code: str = rng.choice(others if elsewhere or not usual else usual)
    return code


def _centre_line(scene: Scene, case: Case) -> tuple[str, ...]:
    """The responsible centre's line; a workstation's, which has no people of its own, is asked for."""
    known = scene.players.lines.get(case.centre_id)
    if known is None:
        centre = scene.session.get(Centre, case.centre_id)
        assert centre is not None
        known = scene.players.lines[case.centre_id] = tuple(centre.line)
    return known
