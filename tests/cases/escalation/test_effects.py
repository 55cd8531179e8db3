"""What rungs do: whom they tell, what they order, and what they leave on the case."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from cases.clock import start as start_clock
from cases.escalation import escalate_overdue
from cases.models import (
    Escalation,
    Event,
    SupervisionOrder,
)
from cases.stages import ClockKind, Stage
from cases.workdays import Unit
from grid.levels import Level
from grid.models import Centre
from people.models import Post
from tests.cases.escalation.ladder import LADDER, MONTHS, TUESDAY, Opener, addressed, at, centre_of, rungs, sweep
from tests.make import CITY, DISTRICT, STREET, WORKS, Town

WAITED_FOR = {
    ClockKind.ACCEPT: {"acceptor"},
    ClockKind.VERIFY: {"inspector"},
    ClockKind.FILE: {"shift_lead"},
    ClockKind.DISPATCH: {"dispatcher"},
    ClockKind.SIGN: {"handler", "shift_lead"},
    ClockKind.HANDLE: {"handler", "shift_lead"},
    ClockKind.SEND_CHECK: {"acceptor"},
    ClockKind.CHECK: {"inspector"},
    ClockKind.CLOSE: {"shift_lead"},
    ClockKind.REPLY: {"shift_lead"},
}


@pytest.mark.parametrize("kind", list(ClockKind))
def test_a_warning_goes_to_whom_the_stage_waits_for(session: Session, open_case: Opener, kind: ClockKind) -> None:
    session.execute(delete(Post))
    case, _ = open_case(STREET, kind=kind)
    rung = "reply_warn" if kind is ClockKind.REPLY else "warn"
    assert rungs(sweep(session, at("2026-03-10", "09:40"))) == [rung]
    assert addressed(session, rung) == {(case.centre_id, role, None, None) for role in WAITED_FOR[kind]}


def test_a_departments_warning_goes_to_its_handlers_and_its_leader(
    session: Session, town: Town, open_case: Opener
) -> None:
    works = town.departments[WORKS]
    case, _ = open_case(department_id=works.id)
    sweep(session, at("2026-03-10", "10:00"))
    handlers, leader = (works.centre_id, "handler", works.id, None), (works.centre_id, "leader", works.id, None)
    assert addressed(session, "warn") == {handlers}
    assert addressed(session, "urge") == {(case.centre_id, "shift_lead", None, None), leader}
    assert case.centre_id != works.centre_id, "a department is addressed at its own centre"


def test_a_department_hears_nothing_of_what_the_centre_lets_lie(
    session: Session, town: Town, open_case: Opener
) -> None:
    case, _ = open_case(
        STREET, kind=ClockKind.SEND_CHECK, stage=Stage.HANDLED, department_id=town.departments[WORKS].id
    )
    sweep(session, at("2026-03-10", "10:00"))
    assert addressed(session, "urge") == {(case.centre_id, "shift_lead", None, None)}


def test_a_check_that_waits_is_told_to_its_inspector_or_to_those_of_the_street(
    session: Session, town: Town, open_case: Opener
) -> None:
    inspector = town["inspector"].person_id
    open_case(kind=ClockKind.CHECK, stage=Stage.CHECKING, inspector_id=inspector)
    open_case(kind=ClockKind.VERIFY, stage=Stage.VERIFYING)
    sweep(session, at("2026-03-10", "09:40"))
    street = centre_of(session, STREET).id
    assert addressed(session, "warn") == {(None, None, None, inspector), (street, "inspector", None, None)}


def test_the_centre_above_gets_an_order_with_half_the_limit_to_reply(session: Session, open_case: Opener) -> None:
    case, _ = open_case(hours=16)
    now = at("2026-03-12", "18:00")  # 24 working hours: 150 %
    assert rungs(sweep(session, now))[-1] == "supervise_1"
    order = session.scalars(select(SupervisionOrder)).one()
    street = centre_of(session, STREET).id
    assert (order.centre_id, order.to_centre_id, order.issued_at) == (street, case.centre_id, now)
    assert order.reply_due_at == at("2026-03-13", "18:00"), "8 working hours"
    assert addressed(session, "supervise_1") >= {(street, "shift_lead", None, None)}
    event = session.scalars(select(Event).where(Event.outcome == "supervise_1")).one()
    assert (event.stage_from, event.stage_to, event.person_id) == ("handling", "handling", None)
    assert event.data["centre_id"] == street
    assert (event.data["level"], event.data["order"]) == ("street", True)


def test_an_order_leaves_two_hours_at_least_and_runs_at_night_when_urgent(session: Session, open_case: Opener) -> None:
    open_case(hours=1)
    night = at("2026-03-10", "22:00")
    open_case(now=night, hours=1, unit=Unit.URGENT_HOUR)
    assert rungs(sweep(session, at("2026-03-10", "09:30")))[-1] == "supervise_1"
    assert rungs(sweep(session, night + timedelta(minutes=90)))[-1] == "supervise_1"
    due = session.scalars(select(SupervisionOrder.reply_due_at).order_by(SupervisionOrder.id)).all()
    assert due[0] == at("2026-03-10", "11:30")
    assert due[-1] == at("2026-03-11", "01:30")
    escalate = escalate_overdue(session, now=night + timedelta(hours=3), batch=9, reply_minutes_least=600)
    assert escalate[-1].rung == "supervise_3"
    assert session.scalars(select(SupervisionOrder.reply_due_at).order_by(SupervisionOrder.id.desc())).first() == (
        night + timedelta(hours=13)
    )


def test_from_the_second_level_on_the_leader_there_is_told(session: Session, open_case: Opener) -> None:
    case, _ = open_case()
    sweep(session, at("2026-03-10", "14:59"))
    street, district = centre_of(session, STREET).id, centre_of(session, DISTRICT).id
    assert (street, "leader", None, None) not in addressed(session, "supervise_1")
    sweep(session, at("2026-03-10", "17:00"))
    assert addressed(session, "supervise_2") == {
        (district, "shift_lead", None, None),
        (district, "leader", None, None),
        (case.centre_id, "shift_lead", None, None),
    }


def test_a_districts_case_goes_to_the_city_where_one_order_grows_stronger(session: Session, open_case: Opener) -> None:
    case, _ = open_case(DISTRICT)
    city = centre_of(session, CITY).id
    seen = []
    for moment in (at("2026-03-10", "11:00"), at("2026-03-10", "14:00"), at("2026-03-10", "16:00")):
        sweep(session, moment)
        order = session.scalars(select(SupervisionOrder)).one()
        assert order.centre_id == city
        seen.append((order.rung, order.red_card, order.issued_at))
    first = at("2026-03-10", "11:00")
    assert seen == [("supervise_1", False, first), ("supervise_2", False, first), ("supervise_3", True, first)]
    assert (case.supervised_level, case.red_card) == (Level.CITY, True)


def test_a_weaker_rung_of_another_clock_does_not_weaken_an_order(session: Session, open_case: Opener) -> None:
    case, _ = open_case(DISTRICT, hours=1)
    sweep(session, at("2026-03-10", "10:00"))
    assert session.scalars(select(SupervisionOrder)).one().rung == "supervise_2"
    start_clock(
        session, case, ClockKind.DISPATCH, now=at("2026-03-10", "10:00"), limit_seconds=900, unit=Unit.WORK_HOUR,
        urgent=False,
    )  # fmt: skip
    assert rungs(sweep(session, at("2026-03-10", "10:23"))) == ["warn", "urge", "supervise_1"]
    order = session.scalars(select(SupervisionOrder)).one()
    assert (order.rung, order.red_card) == ("supervise_2", False)
    assert case.urged_count == 2


def test_after_an_order_is_closed_the_next_rung_there_opens_a_new_one(session: Session, open_case: Opener) -> None:
    open_case(DISTRICT)
    sweep(session, at("2026-03-10", "11:00"))
    session.execute(update(SupervisionOrder).values(closed_at=at("2026-03-10", "11:30")))
    sweep(session, at("2026-03-10", "14:00"))
    assert session.scalars(select(SupervisionOrder.rung).order_by(SupervisionOrder.id)).all() == [
        "supervise_1", "supervise_2",
    ]  # fmt: skip


def test_two_clocks_of_a_case_in_one_sweep_make_one_order_with_the_higher_rung(
    session: Session, open_case: Opener
) -> None:
    case, _ = open_case(DISTRICT, hours=1)
    start_clock(
        session, case, ClockKind.DISPATCH, now=at("2026-03-10", "09:40"), limit_seconds=900, unit=Unit.WORK_HOUR,
        urgent=False,
    )  # fmt: skip
    assert rungs(sweep(session, at("2026-03-10", "10:05")))[-2:] == ["supervise_2", "supervise_1"]
    order = session.scalars(select(SupervisionOrder)).one()
    assert order.rung == "supervise_2"
    assert case.urged_count == 2


def test_the_citys_own_case_has_nobody_above_and_its_leader_is_told(session: Session, open_case: Opener) -> None:
    case, _ = open_case(CITY)
    assert rungs(sweep(session, TUESDAY + MONTHS)) == LADDER
    assert session.scalars(select(SupervisionOrder)).all() == []
    assert (case.centre_id, "leader", None, None) in addressed(session, "supervise_3")
    assert (case.supervised_level, case.red_card, case.urged_count) == (None, True, 1)
    assert set(session.scalars(select(Escalation.centre_id))) == {case.centre_id}


def test_a_rung_that_goes_two_levels_up_counts_as_such_for_a_street(session: Session, open_case: Opener) -> None:
    open_case(STREET)
    fired = sweep(session, TUESDAY + MONTHS)
    levels = {centre.id: centre.level for centre in session.scalars(select(Centre))}
    assert [levels[one.centre_id].value for one in fired] == ["street", "street", "district", "city", "city"]
