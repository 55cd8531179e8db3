"""After an edit: open clocks are counted anew, each once, by any number of workers; closed ones never."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from cases.calendar_edits import recount
from cases.calendars import calendars
from cases.clock import halt, pause, show_on_case, succeed
from cases.models import CalendarEdit, Case, Clock, Handling, HandlingState, OrderKind, SupervisionOrder
from cases.stages import ClockKind
from cases.workdays import DayKind, Unit
from core.db import Sessions
from tests.cases.calendar_edits.edits import (
    TUESDAY,
    at,
    clock_of,
    count_all,
    days,
    edit,
    open_case,
    rules_put_back,
)

WEDNESDAY_OFF = days(("2026-03-11", DayKind.HOLIDAY, "停电"))
DAY = timedelta(days=1)


def rows(session: Session, table: str) -> dict[int, str]:
    """Every row as text, byte for byte, with the transaction that wrote it."""
    found = session.execute(text(f"SELECT id, xmin::text || ' ' || ctid::text || ' ' || t::text FROM {table} AS t"))
    return {row[0]: row[1] for row in found}


def test_a_new_holiday_moves_what_runs_over_it_by_its_own_hours(session: Session) -> None:
    case = open_case(session)
    clock = clock_of(session, case, TUESDAY)
    assert clock.due_at == at("2026-03-12", "09:00")
    made = edit(session, WEDNESDAY_OFF, now=TUESDAY)
    assert count_all(session, now=TUESDAY) == 1
    assert (clock.due_at, clock.yellow_at) == (at("2026-03-13", "09:00"), at("2026-03-12", "15:48"))
    assert clock.next_raise_at == clock.yellow_at
    assert (case.due_at, case.yellow_at, case.handle_due_at) == (clock.due_at, clock.yellow_at, clock.due_at)
    assert case.version == 1, "nobody did anything to the case"
    assert (made.clocks, made.moved) == (1, 1)
    assert made.done_at is not None


def test_a_holiday_taken_back_moves_it_back(session: Session) -> None:
    clock = clock_of(session, open_case(session), TUESDAY)
    before = clock.due_at
    for wish in (WEDNESDAY_OFF, days(("2026-03-11", DayKind.WORKDAY))):
        edit(session, wish, now=TUESDAY)
        count_all(session, now=TUESDAY)
    assert clock.due_at == before


def test_the_turn_and_the_order_follow_their_clocks(session: Session) -> None:
    case = open_case(session, round=2)
    handle = clock_of(session, case, TUESDAY)
    turn = {"case_id": case.id, "centre_id": case.centre_id, "dispatched_at": TUESDAY, "due_at": handle.due_at}
    now, before = (
        Handling(round=number, state=state, **turn)
        for number, state in ((2, HandlingState.OPEN), (1, HandlingState.FAILED))
    )
    order = SupervisionOrder(
        case_id=case.id, centre_id=case.centre_id, to_centre_id=case.centre_id, kind=OrderKind.SUPERIOR, rung="order",
        issued_at=TUESDAY, reply_due_at=handle.due_at,
    )  # fmt: skip
    session.add_all([now, before, order])
    session.flush()
    reply = clock_of(session, case, TUESDAY, hours=8, kind=ClockKind.REPLY)
    reply.order_id = order.id
    show_on_case(case, {ClockKind.HANDLE: handle})
    session.flush()
    edit(session, WEDNESDAY_OFF, now=TUESDAY)
    count_all(session, now=TUESDAY)
    assert now.due_at == handle.due_at == at("2026-03-13", "09:00")
    assert before.due_at == at("2026-03-12", "09:00"), "a turn that is over is history"
    assert order.reply_due_at == reply.due_at == at("2026-03-12", "09:00")
    assert case.clock_kind is ClockKind.HANDLE


def test_only_clocks_that_count_by_the_calendar_are_touched(session: Session) -> None:
    case = open_case(session)
    stopped = clock_of(session, case, TUESDAY, kind=ClockKind.SIGN)
    halt(stopped, now=TUESDAY + DAY)
    always = clock_of(session, case, TUESDAY, unit=Unit.URGENT_HOUR)
    closed = open_case(session, "k2", ended_at=TUESDAY)
    gone = clock_of(session, closed, TUESDAY)
    halt(gone, now=TUESDAY)
    session.flush()
    before = rows(session, "clocks"), rows(session, "cases")
    made = edit(session, WEDNESDAY_OFF, now=TUESDAY)
    count_all(session, now=TUESDAY)
    after = rows(session, "clocks"), rows(session, "cases")
    assert after == before, "one counts every minute, the others are stopped"
    assert (made.clocks, made.moved) == (1, 0)
    assert always.due_at == TUESDAY + timedelta(hours=16)


def test_a_paused_clock_is_counted_as_if_it_ran_on_from_its_pause(session: Session) -> None:
    clock = clock_of(session, open_case(session), TUESDAY)
    pause(session, clock, now=at("2026-03-10", "15:00"), reason="refuse")
    edit(session, WEDNESDAY_OFF, now=TUESDAY)
    count_all(session, now=TUESDAY)
    assert clock.due_at == at("2026-03-13", "09:00")
    assert clock.next_raise_at is None, "a paused clock fires nothing"


def test_a_stretch_that_was_counted_by_the_calendar_is_counted_anew_on_another_ones_clock(session: Session) -> None:
    case = open_case(session)
    first = clock_of(session, case, TUESDAY)
    clock = succeed(
        first, calendars(session), now=at("2026-03-10", "15:00"), reason="recategorise", round=2,
        limit_seconds=first.limit_seconds, unit=Unit.URGENT_HOUR, urgent=False,
    )  # fmt: skip
    session.add(clock)
    session.flush()
    assert clock.due_at == at("2026-03-11", "03:00"), "four working hours, then twelve of the clock's own"
    edit(session, days(("2026-03-10", DayKind.HOLIDAY)), now=TUESDAY)
    count_all(session, now=TUESDAY)
    assert clock.due_at == at("2026-03-11", "07:00"), "the working hours of that day are none any more"


def test_a_rung_that_has_fired_does_not_fire_again_though_it_lies_ahead_again(session: Session) -> None:
    clock = clock_of(session, open_case(session), TUESDAY)
    clock.next_rung = 2
    session.flush()
    edit(session, WEDNESDAY_OFF, now=TUESDAY)
    count_all(session, now=TUESDAY)
    assert (clock.next_rung, clock.next_raise_at) == (2, clock.due_at)


def test_a_clock_whose_new_deadline_nobody_knows_stays_as_it_is(session: Session) -> None:
    late = at("2027-12-29", "09:00")
    clock = clock_of(session, open_case(session), late)
    before = clock.due_at
    made = edit(session, days(("2027-12-30", DayKind.HOLIDAY), ("2027-12-31", DayKind.HOLIDAY)), now=late)
    count_all(session, now=late)
    assert clock.due_at == before
    assert (made.clocks, made.moved) == (1, 0)


def test_batches_go_on_where_the_last_one_ended_and_each_clock_is_counted_once(session: Session) -> None:
    for number in range(7):
        clock_of(session, open_case(session, f"k{number}"), TUESDAY)
    made = edit(session, WEDNESDAY_OFF, now=TUESDAY)
    assert count_all(session, now=TUESDAY, batch=3) == 3
    assert (made.clocks, made.moved) == (7, 7)


def test_a_fresh_edit_waits_until_reports_under_way_have_ended(session: Session) -> None:
    edit(session, WEDNESDAY_OFF, now=TUESDAY)
    assert not recount(session, now=TUESDAY + timedelta(seconds=1))
    assert recount(session, now=TUESDAY + timedelta(seconds=3))
    assert not recount(session, now=TUESDAY + timedelta(seconds=3))


# --- several workers --------------------------------------------------------------------------------------------------


@pytest.fixture
def many(sessions: Sessions, engine: Engine) -> Iterator[Sessions]:
    """Forty cases with a clock each, committed, and an edit that waits."""
    with rules_put_back(engine):
        with sessions.begin() as session:
            for number in range(40):
                clock_of(session, open_case(session, f"k{number}"), TUESDAY)
        with sessions.begin() as session:
            edit(session, WEDNESDAY_OFF, now=TUESDAY)
        yield sessions


def state(sessions: Sessions) -> tuple[int, int, bool, set[datetime]]:
    with sessions.begin() as session:
        made = session.scalars(select(CalendarEdit)).one()
        return made.clocks, made.moved, made.done_at is not None, set(session.scalars(select(Clock.due_at)))


def one_batch(sessions: Sessions, now: datetime) -> bool:
    with sessions.begin() as session:
        return recount(session, now=now, batch=5)


DONE = (40, 40, True, {at("2026-03-13", "09:00")})


def test_four_workers_count_each_clock_once(many: Sessions) -> None:
    start = Barrier(4)

    def work() -> int:
        start.wait()
        done, idle = 0, 0
        while idle < 50:
            if one_batch(many, TUESDAY + DAY):
                done += 1
            else:
                idle += 1
        return done

    with ThreadPoolExecutor(4) as pool:
        batches = sum(one.result() for one in [pool.submit(work) for _ in range(4)])
    assert batches in {8, 9}
    assert state(many) == DONE


def test_a_worker_that_dies_half_way_leaves_nothing_half_counted(many: Sessions) -> None:
    assert one_batch(many, TUESDAY + DAY)
    dying = many.make()
    dying.begin()
    assert recount(dying, now=TUESDAY + DAY, batch=5)
    dying.connection().connection.dbapi_connection.close()  # type: ignore[union-attr]  # its backend goes away
    dying.invalidate()
    while one_batch(many, TUESDAY + DAY):
        pass
    assert state(many) == DONE


def test_an_edit_that_another_worker_counts_is_left_to_it(many: Sessions) -> None:
    with many.begin() as first:
        assert recount(first, now=TUESDAY + DAY, batch=5)
        assert not one_batch(many, TUESDAY + DAY)
    assert state(many)[0] == 5


def test_a_load_that_began_under_the_old_rules_is_waited_for(many: Sessions) -> None:
    with many.begin() as load:
        load.execute(text("SELECT FROM editions WHERE state = 'active' FOR SHARE"))
        assert not one_batch(many, TUESDAY + DAY)
    assert one_batch(many, TUESDAY + DAY)


def test_a_verb_at_a_case_is_waited_for_and_what_it_began_is_counted(many: Sessions) -> None:
    """The verb took the rules before the edit; its new clock is counted with the case."""
    at_work, start = many.make(), Barrier(2)
    at_work.begin()
    case = at_work.scalars(select(Case).order_by(Case.id).limit(1).with_for_update()).one()
    old = at_work.scalars(select(Clock).where(Clock.case_id == case.id)).one()
    due_before = old.due_at

    def count() -> bool:
        start.wait()
        return one_batch(many, TUESDAY + DAY)

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(count)
        start.wait()
        at_work.add(
            Clock(
                case_id=case.id, kind=ClockKind.SIGN, round=1, state=old.state, urgent=False, unit=old.unit,
                limit_seconds=old.limit_seconds, calendar_id=1, segments=old.segments, started_at=old.started_at,
                due_at=due_before, yellow_at=old.yellow_at, next_rung=1, next_raise_at=old.yellow_at,
            )
        )  # fmt: skip
        at_work.commit()
        assert waiting.result()
    at_work.close()
    with many.begin() as session:
        sign = session.scalars(select(Clock).where(Clock.kind == ClockKind.SIGN)).one()
        assert sign.due_at == at("2026-03-13", "09:00")
