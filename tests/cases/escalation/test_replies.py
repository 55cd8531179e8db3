"""The answer to the ladder's orders: each order's own clock, and who hears when nobody answers."""

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cases.escalation import escalate_case
from cases.models import Case, Clock, ClockState, Escalation, Event, SupervisionOrder
from cases.stages import ClockKind, Stage
from cases.workdays import Unit
from grid.levels import Level
from grid.models import Centre
from tests.cases.escalation.ladder import Opener, addressed, at, centre_of, rungs, sweep
from tests.make import CITY, DISTRICT, STREET


def replies(session: Session, case: Case) -> list[Clock]:
    wanted = select(Clock).where(Clock.case_id == case.id, Clock.kind == ClockKind.REPLY).order_by(Clock.round)
    return list(session.scalars(wanted))


def test_an_order_of_the_ladder_has_a_clock_for_its_answer(session: Session, open_case: Opener) -> None:
    case, _ = open_case(hours=16)
    now = at("2026-03-12", "18:00")
    sweep(session, now)
    order = session.scalars(select(SupervisionOrder)).one()
    [reply] = replies(session, case)
    assert (reply.order_id, reply.round, reply.state) == (order.id, 1, ClockState.RUNNING)
    assert (reply.limit_seconds, reply.unit, reply.urgent) == (8 * 3600, Unit.WORK_HOUR, False)
    assert (reply.started_at, reply.due_at) == (now, order.reply_due_at)
    assert reply.segments == [["2026-03-12T10:00:00Z", None, None]]
    assert reply.yellow_at == reply.next_raise_at == at("2026-03-13", "16:24"), "80 % of 8 hours"
    assert reply.next_rung == 1
    assert (case.clock_kind, case.supervised_level) == (None, Level.STREET)


def test_the_answers_clock_runs_by_the_calendar_of_the_centre_that_answers(session: Session, open_case: Opener) -> None:
    case, clock = open_case(STREET)
    assert session.scalar(select(Centre.calendar_id).where(Centre.id == case.centre_id)) == clock.calendar_id
    sweep(session, at("2026-03-10", "11:00"))
    assert [one.calendar_id for one in replies(session, case)] == [clock.calendar_id]


def test_an_order_that_is_strengthened_keeps_its_clock(session: Session, open_case: Opener) -> None:
    case, _ = open_case(DISTRICT)
    sweep(session, at("2026-03-10", "11:00"))
    before = [(one.id, one.due_at) for one in replies(session, case)]
    sweep(session, at("2026-03-10", "12:00"))
    session.execute(update(Clock).where(Clock.kind == ClockKind.REPLY).values(next_raise_at=None))
    sweep(session, at("2026-03-10", "16:00"))
    assert session.scalars(select(SupervisionOrder.rung)).one() == "supervise_3"
    assert [(one.id, one.due_at) for one in replies(session, case)] == before


def test_orders_of_two_levels_have_a_clock_each(session: Session, open_case: Opener) -> None:
    case, _ = open_case()
    sweep(session, at("2026-03-10", "17:00"))
    orders = session.scalars(select(SupervisionOrder).order_by(SupervisionOrder.id)).all()
    assert len(orders) > 1
    assert [(one.order_id, one.round) for one in replies(session, case)] == [
        (order.id, number) for number, order in enumerate(orders, 1)
    ]


def test_the_centre_that_is_to_answer_is_warned_and_the_one_that_asked_hears_that_nobody_did(
    session: Session, open_case: Opener
) -> None:
    case, clock = open_case(hours=16)
    sweep(session, at("2026-03-12", "18:00"))
    clock = session.get_one(Clock, clock.id)
    clock.next_raise_at = None  # only the answer is looked at
    before = case.urged_count
    street = centre_of(session, STREET).id

    assert rungs(sweep(session, at("2026-03-13", "16:30"))) == ["reply_warn"]
    assert (case.centre_id, "shift_lead", None, None) in addressed(session, "reply_warn")
    [raised] = sweep(session, at("2026-03-16", "08:01"))
    assert (raised.kind, raised.rung, raised.centre_id) == (ClockKind.REPLY, "reply_urge", street)
    assert addressed(session, "reply_urge") >= {(street, "shift_lead", None, None), (street, "leader", None, None)}
    event = session.scalars(select(Event).where(Event.outcome == "reply_urge").order_by(Event.id.desc())).first()
    assert event is not None
    assert (event.data["clock"], event.data["centre_id"], event.data["level"]) == ("reply", street, "street")
    session.refresh(case)
    assert case.urged_count == before, "the case itself was not urged"
    assert sweep(session, at("2026-03-27", "08:00")) == [], "an answer is asked for no further"


def test_an_urgent_orders_answer_is_warned_of_at_half_of_its_time(session: Session, open_case: Opener) -> None:
    case, _ = open_case(STREET, hours=8, unit=Unit.URGENT_HOUR)
    now = at("2026-03-10", "16:30")
    assert rungs(sweep(session, now))[-1] == "supervise_1"
    [reply] = replies(session, case)
    assert (reply.urgent, reply.due_at, reply.next_raise_at) == (
        True, now + timedelta(hours=4), now + timedelta(hours=2),
    )  # fmt: skip


def test_nothing_is_asked_of_a_suspended_case(session: Session, open_case: Opener) -> None:
    case, _ = open_case(hours=16)
    sweep(session, at("2026-03-12", "18:00"))
    case.stage = Stage.SUSPENDED
    session.flush()
    assert escalate_case(session, case.id, now=at("2026-03-27", "08:00")) == []


def test_a_rung_of_an_answer_fires_once(session: Session, open_case: Opener) -> None:
    case, _ = open_case(STREET, hours=16)
    sweep(session, at("2026-03-16", "18:00"))
    city = centre_of(session, CITY).id
    sweep(session, at("2026-04-30", "18:00"))
    fired = session.execute(
        select(Escalation.clock_id, Escalation.rung).where(Escalation.kind == ClockKind.REPLY)
    ).all()
    assert len(fired) == len(set(fired)) == 2 * len(replies(session, case))
    assert city in set(session.scalars(select(SupervisionOrder.centre_id)))
