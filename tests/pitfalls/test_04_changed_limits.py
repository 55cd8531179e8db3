"""Pitfall 4: a changed limit or category keeps the pauses and does not fire passed rungs again."""

from datetime import timedelta

from sqlalchemy import func, select

from cases.calendars import calendars
from cases.clock import used_seconds
from cases.models import Case, Category, Clock, ClockState, Escalation, FilingCondition
from cases.stages import ClockKind, Stage, Verb
from tests.cases.escalation.ladder import MONTHS, at, own, rungs, sweep
from tests.cases.handling.looks import clock
from tests.make import MANHOLE, RUBBISH, Town, day_after, point

TUESDAY = "2026-03-10"
HOUR = 3600


def condition(town: Town, category: str, position: int) -> FilingCondition:
    wanted = select(FilingCondition).join(Category, Category.id == FilingCondition.category_id)
    found: FilingCondition = town.session.scalars(
        wanted.where(Category.code == category).order_by(FilingCondition.position).offset(position).limit(1)
    ).one()
    return found


def recategorise(town: Town, case: Case, position: int) -> None:
    """To one of the manhole's conditions: 0 two urgent hours, 1 four working hours, 2 two working days."""
    found = condition(town, MANHOLE, position)
    town.do(Verb.RECATEGORISE, case, category_code=MANHOLE, condition_id=found.id)


def fired(town: Town, case: Case) -> list[tuple[int, str]]:
    """(round of the handling clock, rung) in the order in which they fired."""
    wanted = select(Clock.round, Escalation.rung).join(Clock, Clock.id == Escalation.clock_id)
    wanted = wanted.where(Escalation.case_id == case.id, Escalation.kind == ClockKind.HANDLE)
    return [tuple(row) for row in town.session.execute(wanted.order_by(Escalation.raised_at, Escalation.position))]


def used(town: Town, case: Case) -> int:
    return used_seconds(clock(town, case, ClockKind.HANDLE), calendars(town.session), town.now)


def test_pitfall_04_a_changed_category_keeps_used_time_and_pauses_and_fires_no_passed_rung_again(town: Town) -> None:
    case = town.case(Stage.HANDLING, category=RUBBISH)  # Tuesday 09:30, four working hours
    town.now = at(TUESDAY, "10:30")
    town.do(Verb.REQUEST_SUSPENSION, case, resume_on=day_after(town.now, 1))
    town.do(Verb.DECIDE_SUSPENSION, case, "dispatcher")
    town.do(Verb.DECIDE_SUSPENSION, case, "leader")
    assert (case.stage, used(town, case)) == (Stage.SUSPENDED, HOUR)
    town.now = at("2026-03-11", "09:00")
    town.do(Verb.RESUME, case)
    town.now = at("2026-03-11", "14:15")  # 1 h on Tuesday, 3.25 h on Wednesday
    assert rungs(own(sweep(town.session, town.now))) == ["warn", "urge"]
    condition(town, MANHOLE, 1).limit = 3
    recategorise(town, case, 1)
    assert used(town, case) == 4.25 * HOUR
    segments = clock(town, case, ClockKind.HANDLE).segments
    assert [row[2] for row in segments] == ["decide_suspension", None], "the pause is in the new clock"
    assert own(sweep(town.session, town.now)) == [], "both lie behind under the new limit, too"
    town.now = at("2026-03-11", "14:29")
    assert own(sweep(town.session, town.now)) == []
    town.now = at("2026-03-11", "14:30")  # 150 % of three hours
    assert rungs(own(sweep(town.session, town.now))) == ["supervise_1"]
    assert fired(town, case) == [(1, "warn"), (1, "urge"), (2, "supervise_1")]


def test_pitfall_04_a_rung_that_lies_ahead_again_fires_again_once_at_its_new_moment(town: Town) -> None:
    case = town.case(Stage.HANDLING, category=RUBBISH)
    town.now = at(TUESDAY, "15:30")
    assert rungs(own(sweep(town.session, town.now))) == ["warn", "urge"]
    recategorise(town, case, 2)  # two working days: 4 h are used, 80 % are 12.8 h
    assert own(sweep(town.session, town.now)) == []
    warned = at("2026-03-11", "16:18")
    assert own(sweep(town.session, warned - timedelta(minutes=1))) == []
    assert rungs(own(sweep(town.session, warned))) == ["warn"]
    assert own(sweep(town.session, warned)) == []


def test_pitfall_04_a_shorter_limit_that_is_over_already_fires_what_was_not_fired_once(town: Town) -> None:
    case = town.case(Stage.HANDLING, category=RUBBISH)
    town.now = at(TUESDAY, "11:30")  # two hours used: nothing of the four hours' ladder is reached
    assert own(sweep(town.session, town.now)) == []
    recategorise(town, case, 0)  # two urgent hours: used up
    assert rungs(own(sweep(town.session, town.now))) == ["warn", "urge"]
    assert own(sweep(town.session, town.now)) == []


def test_pitfall_04_an_extension_moves_what_lies_ahead_and_repeats_nothing_behind(town: Town) -> None:
    case = town.case(Stage.HANDLING, category=RUBBISH)
    town.now = at(TUESDAY, "15:00")  # 3.5 h of 4
    assert rungs(own(sweep(town.session, town.now))) == ["warn"]
    town.do(Verb.REQUEST_EXTENSION, case, limit=1)
    for by in ("works_head", "dispatcher"):
        town.do(Verb.DECIDE_EXTENSION, case, by)
    assert clock(town, case, ClockKind.HANDLE).limit_seconds == 5 * HOUR
    assert own(sweep(town.session, town.now)) == []
    town.now = at(TUESDAY, "16:30")
    assert rungs(own(sweep(town.session, town.now))) == ["warn", "urge"], "80 % of five hours lay ahead again"
    town.now = at(TUESDAY, "16:40")
    recategorise(town, case, 1)
    assert own(sweep(town.session, town.now)) == []


def test_pitfall_04_a_better_place_repeats_nothing(town: Town) -> None:
    case = town.case(Stage.HANDLING, category=RUBBISH)
    town.now = at(TUESDAY, "15:30")
    sweep(town.session, town.now)
    town.do(Verb.RELOCATE, case, point=point(121.4741, 31.2306))
    assert own(sweep(town.session, town.now)) == []
    sweep(town.session, town.now + MONTHS)
    assert [rung for _, rung in fired(town, case)] == ["warn", "urge", "supervise_1", "supervise_2", "supervise_3"]


def test_pitfall_04_a_paused_clock_fires_nothing_whatever_becomes_of_its_limit(town: Town) -> None:
    case = town.case(Stage.DISPATCHED, category=RUBBISH)
    town.now = at(TUESDAY, "10:00")
    town.do(Verb.REFUSE, case)
    town.do(Verb.RECATEGORISE, case, category_code=MANHOLE, condition_id=condition(town, MANHOLE, 0).id)
    handle = clock(town, case, ClockKind.HANDLE)
    assert (handle.state, handle.next_raise_at) == (ClockState.PAUSED, None)
    sweep(town.session, town.now + MONTHS)
    count = select(func.count()).select_from(Escalation).where(Escalation.kind == ClockKind.HANDLE)
    assert town.session.scalar(count) == 0
