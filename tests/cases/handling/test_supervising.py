"""Supervision orders made by people: who may, until when they are to be answered, and how they end."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

from cases.clock import Light, light_of
from cases.detail import show_case
from cases.errors import AlreadySupervised, NoCalendar, NoOrder
from cases.models import Case, Clock, ClockState, OrderKind, SupervisionOrder
from cases.stages import ClockKind, Stage, Verb
from cases.workdays import Unit
from core.errors import NotAllowed
from grid.levels import Level
from people.roles import Role
from tests.cases.handling.looks import clock, last_event, last_notices, refused
from tests.make import RUBBISH, WORKS, Town


def orders(town: Town, case: Case) -> list[SupervisionOrder]:
    wanted = select(SupervisionOrder).where(SupervisionOrder.case_id == case.id).order_by(SupervisionOrder.id)
    return list(town.session.scalars(wanted))


def reply_clocks(town: Town, case: Case) -> list[Clock]:
    wanted = select(Clock).where(Clock.case_id == case.id, Clock.kind == ClockKind.REPLY).order_by(Clock.id)
    return list(town.session.scalars(wanted))


# --- an order ---------------------------------------------------------------------------------------------------------


def test_an_order_goes_to_the_responsible_centre_with_a_clock_of_its_own(town: Town) -> None:
    case = town.case(Stage.HANDLING, category=RUBBISH)
    before = (case.clock_kind, case.due_at)
    town.do(Verb.SUPERVISE, case, text="市民反复投诉,请说明")
    [order] = orders(town, case)
    assert order.centre_id == town["district_shift_lead"].seats[0].centre_id
    assert (order.to_centre_id, order.kind, order.rung) == (case.centre_id, OrderKind.SUPERIOR, "order")
    assert (order.text, order.issued_by) == ("市民反复投诉,请说明", town["district_shift_lead"].person_id)
    [reply] = reply_clocks(town, case)
    assert (reply.order_id, reply.due_at, reply.state) == (order.id, order.reply_due_at, ClockState.RUNNING)
    assert light_of(reply, town.now) is Light.GREEN
    assert (case.clock_kind, case.due_at) == before, "the case's own clock still burns"
    assert (case.stage, case.supervised_level) == (Stage.HANDLING, Level.DISTRICT)
    assert last_event(town, case).data["order_id"] == order.id
    told = {(one.centre_id, one.role, one.department_id) for one in last_notices(town, case)}
    works = town.departments[WORKS]
    assert told == {
        (case.centre_id, Role.SHIFT_LEAD, None),
        (works.centre_id, Role.LEADER, works.id),
    }


def test_the_answer_is_due_after_half_the_limit_of_the_handling(town: Town) -> None:
    case = town.case(Stage.HANDLING, category=RUBBISH)
    town.do(Verb.SUPERVISE, case)
    handle, [reply] = clock(town, case, ClockKind.HANDLE), reply_clocks(town, case)
    assert (reply.limit_seconds, reply.unit) == (handle.limit_seconds // 2, handle.unit)


def test_a_short_limit_leaves_two_hours_for_the_answer_all_the_same(town: Town) -> None:
    case = town.case()
    town.do(Verb.SUPERVISE, case)
    [reply] = reply_clocks(town, case)
    assert (reply.limit_seconds, reply.unit) == (7200, Unit.WORK_HOUR)


def test_who_supervises_may_say_until_when(town: Town) -> None:
    case = town.case(Stage.HANDLING, category=RUBBISH)
    town.do(Verb.SUPERVISE, case, reply_minutes=60)
    assert reply_clocks(town, case)[0].limit_seconds == 3600


@pytest.mark.parametrize(
    ("minutes", "code"),
    [(59, "too_small"), (10081, "too_large"), ("soon", "not_whole_number"), (60.5, "not_whole_number")],
)
def test_the_time_for_the_answer_is_an_hour_to_a_week(town: Town, minutes: object, code: str) -> None:
    assert refused(town, Verb.SUPERVISE, town.case(), reply_minutes=minutes) == {"reply_minutes": code}


def test_an_order_says_what_it_wants(town: Town) -> None:
    assert refused(town, Verb.SUPERVISE, town.case(), text=" ") == {"text": "required"}


def test_a_leaders_word_on_the_own_centres_case_is_an_order(town: Town) -> None:
    case = town.case()
    town.do(Verb.SUPERVISE, case, "leader")
    [order] = orders(town, case)
    assert (order.kind, order.centre_id) == (OrderKind.LEADER, order.to_centre_id)
    assert case.supervised_level is Level.STREET


def test_the_own_centres_staff_and_a_departments_head_do_not_supervise(town: Town) -> None:
    case = town.case(Stage.HANDLING)
    for by in ("shift_lead", "dispatcher", "works_head"):
        with pytest.raises(NotAllowed):
            town.do(Verb.SUPERVISE, case, by)


def test_a_centre_has_one_open_order_on_a_case_and_another_centre_may_have_its_own(town: Town) -> None:
    case = town.case()
    town.do(Verb.SUPERVISE, case)
    with pytest.raises(AlreadySupervised):
        town.do(Verb.SUPERVISE, case, "district_leader")
    town.do(Verb.SUPERVISE, case, "city_leader")
    town.do(Verb.SUPERVISE, case, "leader")
    assert case.supervised_level is Level.CITY
    assert [one.round for one in reply_clocks(town, case)] == [1, 2, 3]


def test_a_calendar_that_ends_before_the_answer_is_due_is_said(town: Town) -> None:
    case = town.case()
    town.move(days=3650)
    with pytest.raises(NoCalendar):
        town.do(Verb.SUPERVISE, case)


# --- its answer -------------------------------------------------------------------------------------------------------


def test_the_answer_closes_the_order_and_stops_its_clock(town: Town) -> None:
    case = town.case()
    town.do(Verb.SUPERVISE, case)
    now = town.move(minutes=30)
    town.do(Verb.REPLY_SUPERVISION, case, text="已派人")
    [order], [reply] = orders(town, case), reply_clocks(town, case)
    assert (order.replied_at, order.closed_at, order.reply) == (now, now, "已派人")
    assert order.replied_by == town["shift_lead"].person_id
    assert (reply.state, reply.on_time, reply.next_raise_at) == (ClockState.STOPPED, True, None)
    assert case.supervised_level is None
    assert last_event(town, case).data["on_time"] is True
    told = {(one.centre_id, one.role, one.person_id) for one in last_notices(town, case)}
    assert told == {
        (None, None, town["district_shift_lead"].person_id),
        (order.centre_id, Role.SHIFT_LEAD, None),
    }
    town.do(Verb.SUPERVISE, case)
    assert len(orders(town, case)) == 2, "after an answer the centre may ask again"


def test_a_late_answer_is_late(town: Town) -> None:
    case = town.case()
    town.do(Verb.SUPERVISE, case)
    town.move(days=20)
    town.do(Verb.REPLY_SUPERVISION, case)
    assert last_event(town, case).data["on_time"] is False


def test_an_order_from_before_orders_had_clocks_is_answered_all_the_same(town: Town) -> None:
    case = town.case()
    town.do(Verb.SUPERVISE, case)
    town.session.execute(delete(Clock).where(Clock.kind == ClockKind.REPLY))
    town.do(Verb.REPLY_SUPERVISION, case)
    assert orders(town, case)[0].reply
    assert "on_time" not in last_event(town, case).data


def test_where_several_orders_wait_the_answer_names_one(town: Town) -> None:
    case = town.case()
    for by in ("district_shift_lead", "city_leader"):
        town.do(Verb.SUPERVISE, case, by)
    district, city = orders(town, case)
    assert refused(town, Verb.REPLY_SUPERVISION, case) == {"order_id": "required"}
    assert refused(town, Verb.REPLY_SUPERVISION, case, order_id=city.id + 1) == {"order_id": "no_such_order"}
    assert refused(town, Verb.REPLY_SUPERVISION, case, order_id="x", text="") == {
        "order_id": "not_whole_number", "text": "required",
    }  # fmt: skip
    town.do(Verb.REPLY_SUPERVISION, case, order_id=city.id)
    assert case.supervised_level is Level.DISTRICT
    assert [one.state for one in reply_clocks(town, case)] == [ClockState.RUNNING, ClockState.STOPPED]
    town.do(Verb.REPLY_SUPERVISION, case, order_id=district.id)
    assert case.supervised_level is None


def test_nobody_answers_who_was_not_asked(town: Town) -> None:
    case = town.case(Stage.HANDLING)
    with pytest.raises(NoOrder):
        town.do(Verb.REPLY_SUPERVISION, case)
    town.do(Verb.SUPERVISE, case)
    for by in ("district_dispatcher", "works_head", "handler"):
        with pytest.raises(NotAllowed):
            town.do(Verb.REPLY_SUPERVISION, case, by)
    town.do(Verb.REPLY_SUPERVISION, case, "leader")


# --- an order through the case's turns --------------------------------------------------------------------------------


def test_an_end_closes_the_order_and_stops_its_clock(town: Town) -> None:
    case = town.case()
    town.do(Verb.SUPERVISE, case)
    now = town.move(minutes=5)
    town.do(Verb.REJECT, case)
    [order], [reply] = orders(town, case), reply_clocks(town, case)
    assert (order.closed_at, order.replied_at) == (now, None)
    assert (reply.state, reply.stopped_at) == (ClockState.STOPPED, now)
    assert case.supervised_level is None


def test_a_case_that_goes_back_to_acceptance_keeps_its_order(town: Town) -> None:
    case = town.case(Stage.DISPATCHED)
    town.do(Verb.SUPERVISE, case)
    town.do(Verb.REFUSE, case)
    town.do(Verb.SEND_BACK, case, "dispatcher")
    [order], [reply] = orders(town, case), reply_clocks(town, case)
    assert (order.closed_at, reply.state) == (None, ClockState.RUNNING)
    assert case.clock_kind is ClockKind.ACCEPT


def test_the_answer_is_to_come_from_the_centre_that_answers_for_the_case_now(town: Town) -> None:
    case = town.case(Stage.PENDING_DISPATCH)
    town.do(Verb.SUPERVISE, case)
    town.do(Verb.SUPERVISE, case, "city_leader")
    town.do(Verb.PASS_UP, case)
    district, city = orders(town, case)
    assert (district.closed_at, city.closed_at) == (town.now, None), "nobody supervises themselves"
    assert city.to_centre_id == case.centre_id
    with pytest.raises(NotAllowed):
        town.do(Verb.REPLY_SUPERVISION, case)
    town.do(Verb.REPLY_SUPERVISION, case, "district_shift_lead")
    assert case.supervised_level is None


def test_a_suspended_cases_order_rests_with_it(town: Town) -> None:
    case = town.case(Stage.HANDLING, category=RUBBISH)
    case.stage = Stage.SUSPENDED
    town.session.flush()
    town.do(Verb.SUPERVISE, case)
    [reply] = reply_clocks(town, case)
    assert (reply.state, reply.next_raise_at) == (ClockState.PAUSED, None)
    town.move(days=3)
    town.do(Verb.REPLY_SUPERVISION, case)
    assert last_event(town, case).data["on_time"] is True


def test_an_urgent_cases_answer_is_due_by_the_clock_on_the_wall(town: Town) -> None:
    case = town.case(Stage.HANDLING)
    assert case.urgent
    town.do(Verb.SUPERVISE, case)
    [reply] = reply_clocks(town, case)
    assert (reply.urgent, reply.due_at - town.now) == (True, timedelta(seconds=reply.limit_seconds))


@pytest.mark.parametrize("how", [Verb.PASS_UP, Verb.CANCEL])
def test_an_order_that_was_closed_without_an_answer_is_not_shown_as_answered_in_time(town: Town, how: Verb) -> None:
    case = town.case(Stage.PENDING_DISPATCH)
    town.do(Verb.SUPERVISE, case, "district_shift_lead")
    closed = case_order(town, case)
    assert (closed["open"], closed["replied_at"], closed["closed_at"], closed["clock"]["on_time"]) == (
        True, None, None, None,
    )  # fmt: skip
    town.move(minutes=10)
    town.do(how, case)
    closed = case_order(town, case)
    assert (closed["open"], closed["replied_at"], closed["closed_at"]) == (False, None, town.now)
    assert (closed["clock"]["state"], closed["clock"]["on_time"]) == (ClockState.STOPPED, None)


def test_an_order_that_was_answered_shows_when(town: Town) -> None:
    case = town.case(Stage.PENDING_DISPATCH)
    town.do(Verb.SUPERVISE, case, "district_shift_lead")
    town.do(Verb.REPLY_SUPERVISION, case)
    answered = case_order(town, case)
    assert (answered["replied_at"], answered["closed_at"], answered["clock"]["on_time"]) == (town.now, town.now, True)


def case_order(town: Town, case: Case) -> dict[str, Any]:
    """The only order, as the page has it."""
    shown = show_case(town.session, town["leader"], case.no, now=town.now, settings=town.settings)
    (order,) = shown["orders"]
    return dict(order)
