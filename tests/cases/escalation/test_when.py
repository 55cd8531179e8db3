"""When rungs fire: each once, in order, in working time, and never on what stands still or is over."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from cases.clock import pause, resume, running, start, stop
from cases.escalation import escalate_case, escalate_overdue
from cases.models import (
    CalendarDay,
    Case,
    Escalation,
    Event,
    Notice,
    Rung,
    Source,
    SupervisionOrder,
)
from cases.stages import ClockKind, Stage, Verb
from cases.workdays import Unit
from core.db import Sessions
from grid.levels import Level
from grid.models import Centre
from tests.cases.escalation.ladder import LADDER, MONTHS, TUESDAY, Opener, at, centre_of, own, rungs, sweep
from tests.make import STREET, Town


def test_a_villages_case_that_nobody_acts_on_climbs_to_the_city_in_working_time_across_the_national_holiday(
    session: Session, open_case: Opener
) -> None:
    # 2018-09-29 and 09-30, Saturday and Sunday, are worked; 10-01 to 10-07 are not. A limit of 8 work hours.
    case, clock = open_case(now=at("2018-09-29", "14:00"), hours=8)
    moments = [
        ("warn", at("2018-09-30", "10:24")),
        ("urge", at("2018-09-30", "12:00")),
        ("supervise_1", at("2018-09-30", "18:00")),
        ("supervise_2", at("2018-10-08", "12:00")),
        ("supervise_3", at("2018-10-09", "12:00")),
    ]
    assert clock.due_at == at("2018-09-30", "12:00")
    for rung, moment in moments:
        assert clock.next_raise_at == moment
        assert own(sweep(session, moment - timedelta(seconds=1))) == [], f"{rung} came early"
        assert [(one.rung, one.planned_at) for one in own(sweep(session, moment))] == [(rung, moment)]
        assert sweep(session, moment) == [], f"{rung} came twice"
    assert clock.next_rung is None
    assert own(sweep(session, moments[-1][1] + MONTHS)) == [], "the ladder ends at the city"
    orders = session.execute(
        select(Centre.level, SupervisionOrder.rung, SupervisionOrder.red_card)
        .join(Centre, Centre.id == SupervisionOrder.centre_id)
        .order_by(SupervisionOrder.id)
    ).all()
    assert [tuple(order) for order in orders] == [
        (Level.STREET, "supervise_1", False),
        (Level.DISTRICT, "supervise_2", False),
        (Level.CITY, "supervise_3", True),
    ]
    assert (case.urged_count, case.supervised_level, case.red_card, case.version) == (1, Level.CITY, True, 1)
    assert case.stage is Stage.HANDLING, "the duty stays where it is"


def test_an_urgent_clock_climbs_by_the_minute_at_night(session: Session, open_case: Opener) -> None:
    night = at("2026-03-07", "23:00")
    _, clock = open_case(now=night, unit=Unit.URGENT_HOUR)
    fired = sweep(session, night + timedelta(hours=5))
    assert [(one.rung, one.planned_at - night) for one in fired] == [
        ("warn", timedelta(hours=1)),
        ("urge", timedelta(hours=2)),
        ("supervise_1", timedelta(hours=2, minutes=30)),
        ("supervise_2", timedelta(hours=3)),
        ("supervise_3", timedelta(hours=4)),
    ]
    assert clock.next_raise_at is None


def test_after_downtime_each_missed_rung_fires_once_in_order_and_the_next_tick_sends_nothing(
    session: Session, open_case: Opener
) -> None:
    for _ in range(3):
        open_case()
    later = at("2026-03-12", "08:00")
    raised = sweep(session, later)
    assert len(raised) == 15
    for clock_id in {one.clock_id for one in raised}:
        assert [one.rung for one in raised if one.clock_id == clock_id] == LADDER
    assert [one.planned_at for one in raised] == sorted(one.planned_at for one in raised)
    assert {one.raised_at for one in raised} == {later}
    story = session.execute(select(Event.outcome).where(Event.verb == "escalate").order_by(Event.id)).scalars().all()
    assert story == rungs(raised)
    assert sweep(session, later) == []
    assert session.scalar(select(func.count()).select_from(Escalation)) == 15


def test_somebody_who_missed_several_rungs_of_a_case_gets_one_notice(session: Session, open_case: Opener) -> None:
    case, _ = open_case()
    sweep(session, at("2026-03-12", "08:00"))
    own = session.scalars(select(Notice).where(Notice.centre_id == case.centre_id, Notice.role == "shift_lead")).one()
    assert own.kind == "supervise_3"
    assert own.data["rungs"] == LADDER
    assert own.data["clock"] == "handle"
    addresses = session.execute(select(Notice.case_id, Notice.centre_id, Notice.role)).all()
    assert len(addresses) == len(set(addresses))


def test_a_batch_claims_no_more_than_it_was_asked_for(session: Session, open_case: Opener) -> None:
    for _ in range(5):
        open_case()
    now = at("2026-03-10", "09:40")
    assert [len(escalate_overdue(session, now=now, batch=2)) for _ in range(4)] == [2, 2, 1, 0]


def test_a_pause_shifts_the_ladder(session: Session, open_case: Opener) -> None:
    _, clock = open_case(now=at("2026-03-06", "16:00"))
    pause(session, clock, now=at("2026-03-06", "17:00"), reason="suspended")
    assert sweep(session, at("2026-03-09", "09:00")) == [], "no breach while paused"
    resume(session, clock, now=at("2026-03-09", "09:00"))
    assert sweep(session, at("2026-03-09", "09:35:59")) == []
    fired = sweep(session, at("2026-03-09", "10:30"))
    assert [(one.rung, one.planned_at) for one in fired] == [
        ("warn", at("2026-03-09", "09:36")),
        ("urge", at("2026-03-09", "10:00")),
    ]


def test_what_was_reached_before_a_pause_and_missed_fires_after_it_with_its_own_time(
    session: Session, open_case: Opener
) -> None:
    _, clock = open_case()
    pause(session, clock, now=at("2026-03-10", "10:30"), reason="suspended")
    resume(session, clock, now=at("2026-03-10", "14:00"))
    fired = sweep(session, at("2026-03-10", "14:10"))
    assert [(one.rung, one.planned_at) for one in fired] == [
        ("warn", at("2026-03-10", "09:36")),
        ("urge", at("2026-03-10", "10:00")),
    ]


# --- what never climbs ------------------------------------------------------------------------------------------------


def test_nothing_is_raised_after_closing(session: Session, open_case: Opener) -> None:
    case, clock = open_case()
    stop(session, clock, now=at("2026-03-10", "09:00"))
    case.ended_at, case.stage = at("2026-03-10", "09:00"), Stage.CLOSED
    session.flush()
    assert sweep(session, TUESDAY + MONTHS) == []


@pytest.mark.parametrize(
    "change",
    [
        {"stage": Stage.SUSPENDED},
        {"stage": Stage.CLOSED, "ended_at": TUESDAY},
        {"stage": Stage.CANCELLED, "ended_at": TUESDAY},
    ],
)
def test_a_clock_left_running_on_a_case_that_stands_still_raises_nothing(
    session: Session, open_case: Opener, change: dict[str, Any]
) -> None:
    case, _ = open_case()
    session.execute(update(Case).where(Case.id == case.id).values(**change))
    assert sweep(session, TUESDAY + MONTHS) == []
    assert escalate_case(session, case.id, now=TUESDAY + MONTHS) == []


def test_a_sign_clock_warns_and_urges_and_then_leaves_it_to_the_handling_clock(
    session: Session, open_case: Opener
) -> None:
    case, clock = open_case(kind=ClockKind.SIGN, stage=Stage.DISPATCHED, hours=0.5)
    assert rungs(sweep(session, TUESDAY + MONTHS)) == ["warn", "urge"]
    assert clock.next_rung is None
    assert (case.urged_count, case.supervised_level) == (1, None)


def test_an_urgent_order_unsigned_after_10_minutes_is_urged(session: Session, open_case: Opener) -> None:
    open_case(kind=ClockKind.SIGN, stage=Stage.DISPATCHED, hours=1 / 6, unit=Unit.URGENT_HOUR)
    assert rungs(sweep(session, TUESDAY + timedelta(minutes=9, seconds=59))) == ["warn"]
    assert rungs(sweep(session, TUESDAY + timedelta(minutes=10))) == ["urge"]


# --- exactly once -----------------------------------------------------------------------------------------------------


def test_a_rung_that_is_written_already_has_no_effect_again(session: Session, open_case: Opener) -> None:
    case, clock = open_case()
    due = at("2026-03-10", "10:00")
    assert rungs(sweep(session, due)) == ["warn", "urge"]
    clock.next_rung, clock.next_raise_at = 1, at("2026-03-10", "09:36")  # as after a botched repair
    session.flush()
    assert rungs(sweep(session, at("2026-03-10", "11:00"))) == ["supervise_1"]
    assert case.urged_count == 1
    counts = [session.scalar(select(func.count()).select_from(table)) for table in (Escalation, SupervisionOrder)]
    assert counts == [3, 1]
    assert clock.next_rung == 4


def test_a_moment_that_was_too_early_is_set_right_without_a_rung(session: Session, open_case: Opener) -> None:
    _, early = open_case()
    early.next_raise_at = at("2026-03-09", "08:00")
    _, due = open_case(now=at("2026-03-09", "14:00"))
    session.flush()
    raised = escalate_overdue(session, now=at("2026-03-10", "08:30"), batch=1)
    assert {one.clock_id for one in raised} == {due.id}, "the sweep goes on past it"
    session.refresh(early)
    assert (early.next_rung, early.next_raise_at) == (1, at("2026-03-10", "09:36"))


def test_two_sweeps_share_what_is_due_and_a_case_at_work_waits(sessions: Sessions) -> None:
    with sessions.begin() as session:
        ids = []
        for number in range(4):
            case = Case(
                no=f"s{number}", stage=Stage.HANDLING, source=Source.HOTLINE, centre_id=centre_of(session, STREET).id,
                why={}, reported_at=TUESDAY,
            )  # fmt: skip
            session.add(case)
            session.flush()
            start(
                session, case, ClockKind.HANDLE, now=TUESDAY + timedelta(minutes=number), limit_seconds=7200,
                unit=Unit.WORK_HOUR, urgent=False,
            )  # fmt: skip
            ids.append(case.id)
    now = at("2026-03-10", "09:45")
    with sessions.make() as at_work, sessions.make() as first, sessions.make() as second:
        at_work.execute(select(Case).where(Case.id == ids[0]).with_for_update())
        one = escalate_overdue(first, now=now, batch=2)
        two = escalate_overdue(second, now=now, batch=500)
        assert [raised.case_id for raised in one] == ids[1:3]
        assert [raised.case_id for raised in two] == ids[3:]
        first.commit()
        second.rollback()  # as if it had died
        at_work.rollback()
    with sessions.begin() as session:
        assert [one.case_id for one in escalate_overdue(session, now=now, batch=500)] == [ids[0], ids[3]]
    with sessions.begin() as session:
        assert escalate_overdue(session, now=now, batch=500) == []


def test_one_case_can_be_walked_through_time_alone(session: Session, open_case: Opener) -> None:
    (one, _), (other, _) = open_case(), open_case()
    now = at("2026-03-10", "10:00")
    assert [(raised.case_id, raised.rung) for raised in escalate_case(session, one.id, now=now)] == [
        (one.id, "warn"), (one.id, "urge"),
    ]  # fmt: skip
    assert escalate_case(session, one.id, now=now) == []
    assert {raised.case_id for raised in sweep(session, now)} == {other.id}


def test_a_clock_whose_next_moment_lies_in_an_unknown_year_comes_up_again_hourly(
    session: Session, open_case: Opener
) -> None:
    morning = at("2027-12-31", "08:00")
    _, clock = open_case(now=morning, hours=6)
    _, fine = open_case(now=morning, unit=Unit.URGENT_HOUR)
    for now in (at("2027-12-31", "16:30"), at("2027-12-31", "17:30")):
        sweep(session, now)
        assert (clock.next_rung, clock.next_raise_at) == (3, now + timedelta(hours=1)), "150 % lies in 2028"
    sweep(session, at("2027-12-31", "18:00"))
    assert fine.next_rung is None, "the others are not held up"
    assert session.scalars(select(Escalation.rung).where(Escalation.clock_id == clock.id)).all() == ["warn", "urge"]
    rows = [{"calendar_id": 1, "day": date(2028, 1, day), "kind": "workday", "source": "test"} for day in range(1, 32)]
    session.execute(CalendarDay.__table__.insert(), rows)
    session.execute(text("UPDATE calendars SET version = version + 1"))
    fired = sweep(session, at("2028-01-10", "18:00"))
    assert "supervise_1" in [one.rung for one in fired if one.clock_id == clock.id]


def test_an_empty_rung_table_stops_the_climbing_quietly(session: Session, open_case: Opener) -> None:
    _, clock = open_case()
    session.execute(delete(Rung))
    assert sweep(session, TUESDAY + MONTHS) == []
    assert clock.next_raise_at is None


def test_a_verb_in_time_keeps_the_ladder_quiet(session: Session, town: Town) -> None:
    case = town.case()
    town.do(Verb.ACCEPT, case)
    assert [one.kind for one in sweep(session, town.now + timedelta(minutes=14))] == [ClockKind.FILE]
    assert set(running(session, case)) == {ClockKind.FILE}
