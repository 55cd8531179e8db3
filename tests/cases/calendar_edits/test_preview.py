"""Before an edit: which deadlines would move, the same that do move when it is made."""

from dataclasses import asdict
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.calendar_edits import Wish, copy_calendar, preview
from cases.calendars import calendars
from cases.clock import halt, pause, resume, succeed
from cases.errors import StaleRules
from cases.models import Calendar, CalendarEdit, Case, Clock
from cases.stages import ClockKind
from cases.workdays import DayKind, Unit
from core.errors import Invalid, NotFound
from tests.cases.calendar_edits.edits import TUESDAY, at, clock_of, count_all, days, edit, open_case, shifts

WEDNESDAY_OFF = days(("2026-03-11", DayKind.HOLIDAY, "停电"))
SATURDAY_ON = days(("2026-03-14", DayKind.MAKEUP))


def town_of_clocks(session: Session) -> list[Clock]:
    """Plain, urgent, paused, with many pauses, over a limit that changed, replied to, topped out, and stopped."""
    plain = clock_of(session, open_case(session, "plain"), TUESDAY)
    short = clock_of(session, open_case(session, "short"), TUESDAY, hours=1)
    always = clock_of(session, open_case(session, "always"), TUESDAY, unit=Unit.NATURAL_DAY, hours=48)
    paused = clock_of(session, open_case(session, "paused"), TUESDAY)
    pause(session, paused, now=at("2026-03-10", "15:00"), reason="refuse")
    often = clock_of(session, open_case(session, "often"), TUESDAY)
    for hour in (10, 11, 15, 16):
        pause(session, often, now=at("2026-03-10", f"{hour}:10"), reason="send_verify")
        resume(session, often, now=at("2026-03-10", f"{hour}:40"))
    changed = clock_of(session, open_case(session, "changed"), TUESDAY)
    longer = succeed(
        changed, calendars(session), now=at("2026-03-10", "11:00"), reason="decide_extension", round=2,
        limit_seconds=32 * 3600, unit=Unit.WORK_HOUR, urgent=False,
    )  # fmt: skip
    session.add(longer)
    reply = clock_of(session, open_case(session, "reply"), TUESDAY, kind=ClockKind.REPLY)
    top = clock_of(session, open_case(session, "top"), TUESDAY, hours=30)
    top.next_rung = top.next_raise_at = None
    gone = clock_of(session, open_case(session, "gone"), TUESDAY)
    halt(gone, now=TUESDAY)
    session.flush()
    return [plain, short, always, paused, often, longer, reply, top]


@pytest.mark.parametrize(
    "wish",
    [WEDNESDAY_OFF, SATURDAY_ON, shifts("2026-03-11", ("22:00", "06:00")), days(("2026-03-10", DayKind.HOLIDAY))],
    ids=["holiday", "make-up day", "night shift", "today"],
)
def test_what_the_preview_says_is_what_the_edit_does(session: Session, wish: Wish) -> None:
    clocks = town_of_clocks(session)
    before = {clock.id: clock.due_at for clock in clocks}
    seen = preview(session, 1, wish, version=1, now=TUESDAY)
    made = edit(session, wish, now=TUESDAY)
    count_all(session, now=TUESDAY)
    numbers = dict(session.execute(select(Case.id, Case.no)).all())
    moved = {
        (numbers[clock.case_id], clock.kind, before[clock.id], clock.due_at)
        for clock in clocks
        if clock.due_at != before[clock.id]
    }
    assert {tuple(asdict(one).values()) for one in seen.moved} == moved
    assert (seen.clocks, len(seen.moved)) == (made.clocks, made.moved) == (8, len(moved))
    told = seen.as_json()
    assert told["earlier"] + told["later"] == told["moved"] == len(moved)


def test_the_preview_changes_nothing(session: Session) -> None:
    clock = clock_of(session, open_case(session), TUESDAY)
    before = clock.due_at
    preview(session, 1, WEDNESDAY_OFF, version=1, now=TUESDAY)
    session.expire_all()
    assert clock.due_at == before
    assert session.get_one(Calendar, 1).version == 1
    assert session.scalars(select(CalendarEdit)).all() == []


def test_what_moves_earlier_and_later_is_told_apart_the_first_fifty_in_their_order(session: Session) -> None:
    for number in range(60):
        clock_of(session, open_case(session, f"k{number:02}"), TUESDAY, hours=24 + number / 4)
    told = preview(session, 1, SATURDAY_ON, version=1, now=TUESDAY).as_json()
    assert told["changed"][0]["was"] is DayKind.WEEKEND
    assert told["clocks"] == 60
    assert 0 < told["moved"] == told["earlier"] < 60
    shown = [one.due_at for one in told["items"]]
    assert shown == sorted(shown)
    assert len(shown) == min(50, told["moved"])


def test_a_deadline_beyond_the_calendar_is_left_out_and_the_others_are_told(session: Session) -> None:
    late = at("2027-12-29", "09:00")
    clock_of(session, open_case(session, "last"), late)
    near = clock_of(session, open_case(session, "near"), at("2027-12-27", "09:00"), hours=17)
    off = days(("2027-12-28", DayKind.HOLIDAY), ("2027-12-31", DayKind.HOLIDAY))
    seen = preview(session, 1, off, version=1, now=at("2027-12-27", "09:00"))
    assert [(one.no, one.due_at) for one in seen.moved] == [("near", near.due_at)]
    assert seen.clocks == 2


def test_somebody_elses_edit_in_between_is_told(session: Session) -> None:
    edit(session, WEDNESDAY_OFF, now=TUESDAY)
    with pytest.raises(StaleRules) as refusal:
        preview(session, 1, SATURDAY_ON, version=1, now=TUESDAY)
    assert refusal.value.data["version"] == 2


def test_a_calendar_that_is_not_there_and_a_wish_that_cannot_be_are_refused(session: Session) -> None:
    with pytest.raises(NotFound):
        preview(session, 99, WEDNESDAY_OFF, version=1, now=TUESDAY)
    with pytest.raises(Invalid):
        preview(session, 1, WEDNESDAY_OFF, version=1, now=TUESDAY + timedelta(days=2))


def test_clocks_of_other_calendars_are_not_counted(session: Session) -> None:
    other = copy_calendar(session, "elsewhere", 1, now=TUESDAY)
    here = clock_of(session, open_case(session, "here"), TUESDAY)
    there = clock_of(session, open_case(session, "there"), TUESDAY)
    there.calendar_id = other.id
    session.flush()
    seen = preview(session, 1, WEDNESDAY_OFF, version=1, now=TUESDAY)
    assert [one.no for one in seen.moved] == ["here"]
    assert seen.clocks == 1
    assert seen.moved[0].new_due_at == here.due_at + timedelta(days=1)
