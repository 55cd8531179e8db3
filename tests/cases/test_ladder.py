"""The ladder kept by people: what is one, who wins, and how clocks under way find their place on another one."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from cases.calendars import TO_THE_CITY
from cases.clock import halt, pause, resume
from cases.errors import StaleRules
from cases.ladder import LadderWish, RungWish, change_ladder, show_ladder
from cases.models import CalendarEdit, Clock, Escalation, Rung
from core.errors import Invalid
from tests.cases.calendar_edits.edits import TUESDAY, at, clock_of, count_all, open_case
from tests.cases.escalation.ladder import rungs, sweep

WARN, URGE = RungWish("warn", 0.8, 0, 0), RungWish("urge", 1.0, 0, 0)
ONE, TWO, THREE = (
    RungWish("supervise_1", 1.5, 0, 1),
    RungWish("supervise_2", 2.0, 0, 2),
    RungWish("supervise_3", 3.0, 0, TO_THE_CITY),
)
EARLY = RungWish("early", 0.5, 0, 0)
USUAL = (WARN, URGE, ONE, TWO, THREE)
URGENT = (
    RungWish("warn", 0.5, 0, 0), RungWish("urge", 1.0, 0, 0), RungWish("supervise_1", 1.0, 30, 1),
    RungWish("supervise_2", 1.0, 60, 2), RungWish("supervise_3", 1.0, 120, TO_THE_CITY),
)  # fmt: skip


def change(session: Session, *ordinary: RungWish, version: int = 1, now: datetime = TUESDAY) -> CalendarEdit:
    return change_ladder(session, LadderWish(ordinary, URGENT), version=version, person_id=None, now=now)


def names(session: Session, row: str = "ordinary") -> list[str]:
    return [one["name"] for one in show_ladder(session)[row]]


# --- what is a ladder -------------------------------------------------------------------------------------------------


def test_the_ladder_is_shown_with_its_version(session: Session) -> None:
    shown = show_ladder(session)
    assert shown["version"] == 1
    assert names(session) == names(session, "urgent") == [one.name for one in USUAL]
    assert shown["ordinary"][0] == {"position": 1, "name": "warn", "share": 0.8, "plus_minutes": 0, "levels_up": 0}


def test_another_share_keeps_the_positions_and_makes_a_new_version(session: Session) -> None:
    edit = change(session, replace(WARN, share=0.7), *USUAL[1:])
    shown = show_ladder(session)
    assert (shown["version"], edit.version, edit.calendar_id) == (2, 2, None)
    assert [one["position"] for one in shown["ordinary"]] == [1, 2, 3, 4, 5]
    assert shown["ordinary"][0]["share"] == 0.7
    assert list(edit.change["ladder"]) == ["ordinary"]


def test_other_rungs_get_positions_above_all_that_have_been(session: Session) -> None:
    change(session, EARLY, *USUAL)
    assert [one["position"] for one in show_ladder(session)["ordinary"]] == [6, 7, 8, 9, 10, 11]
    assert [one["position"] for one in show_ladder(session)["urgent"]] == [1, 2, 3, 4, 5]


def test_an_older_version_is_refused(session: Session) -> None:
    change(session, EARLY, *USUAL)
    with pytest.raises(StaleRules) as refusal:
        change(session, *USUAL)
    assert refusal.value.data["version"] == 2


@pytest.mark.parametrize(
    ("ladder", "faults"),
    [
        (USUAL, [("", "nothing_changes")]),
        ((URGE, ONE), [("ordinary.0.share", "first_warns")]),
        ((replace(WARN, levels_up=1), URGE), [
            ("ordinary.0.levels_up", "warning_supervises"), ("ordinary.1", "not_ascending"),
        ]),
        ((WARN, replace(URGE, share=0.7)), [("ordinary.1", "not_ascending")]),
        ((WARN, replace(URGE, share=0.8)), [("ordinary.1", "not_ascending")]),
        ((WARN, URGE, replace(ONE, share=1.0, plus_minutes=30), replace(TWO, plus_minutes=10)), [
            ("ordinary.3", "not_ascending"),
        ]),
        ((WARN, URGE, TWO, replace(ONE, share=2.5)), [("ordinary.3", "not_ascending")]),
        ((WARN, replace(URGE, name="warn")), [("ordinary.1.name", "duplicate")]),
        ((WARN, replace(URGE, name="closed")), [("ordinary.1.name", "rung_name")]),
        ((WARN, replace(URGE, name="order")), [("ordinary.1.name", "rung_name")]),
        ((WARN, replace(URGE, name="reply_urge")), [("ordinary.1.name", "rung_name")]),
        ((WARN, replace(URGE, levels_up=3)), [("ordinary.1.levels_up", "not_one_of")]),
    ],
)  # fmt: skip
def test_what_is_no_ladder_is_refused(
    session: Session, ladder: tuple[RungWish, ...], faults: list[tuple[str, str]]
) -> None:
    with pytest.raises(Invalid) as refusal:
        change(session, *ladder)
    assert [(error.field, error.code) for error in refusal.value.errors] == faults
    assert names(session) == [one.name for one in USUAL]


# --- clocks under way -------------------------------------------------------------------------------------------------


def climbed(session: Session, to: datetime, hours: float = 10, no: str = "k1") -> Clock:
    """A clock from Tuesday 09:00 on the usual ladder, swept up to a moment."""
    clock = clock_of(session, open_case(session, no), TUESDAY, hours=hours)
    sweep(session, to)
    return clock


def next_rung(session: Session, clock: Clock) -> tuple[str | None, datetime | None]:
    session.expire_all()
    name = select(Rung.name).where(Rung.position == clock.next_rung, Rung.urgent == clock.urgent)
    return session.scalar(name), clock.next_raise_at


def test_the_next_moment_moves_with_the_share(session: Session) -> None:
    clock = clock_of(session, open_case(session), TUESDAY, hours=10)
    change(session, replace(WARN, share=0.5), *USUAL[1:])
    count_all(session, now=TUESDAY)
    assert next_rung(session, clock) == ("warn", at("2026-03-10", "16:00"))
    assert clock.yellow_at == at("2026-03-10", "16:00")


def test_a_warning_that_has_fired_does_not_fire_again_when_it_moves_ahead(session: Session) -> None:
    clock = climbed(session, at("2026-03-11", "08:30"), hours=8.5)
    assert clock.next_rung == 2
    change(session, replace(WARN, share=0.95), *USUAL[1:], now=at("2026-03-11", "08:31"))
    count_all(session, now=at("2026-03-11", "08:31"))
    assert next_rung(session, clock)[0] == "urge"
    assert rungs(sweep(session, at("2026-03-11", "09:31"))) == ["urge"]


def test_a_rung_put_in_ahead_of_a_clock_fires_on_it_and_one_behind_it_does_not(session: Session) -> None:
    old = climbed(session, at("2026-03-11", "10:00"), no="old")
    young = clock_of(session, open_case(session, "young"), at("2026-03-11", "09:30"), hours=10)
    now = at("2026-03-11", "10:01")
    change(session, EARLY, *USUAL, now=now)
    assert next_rung(session, old)[0] == "urge", "before the worker comes its next rung is the same one"
    assert next_rung(session, young)[0] == "warn"
    count_all(session, now=now)
    assert next_rung(session, young) == ("early", at("2026-03-11", "16:30"))
    assert next_rung(session, old) == ("urge", old.due_at)


def test_a_rung_that_is_taken_away_gives_way_to_the_next(session: Session) -> None:
    clock = climbed(session, at("2026-03-11", "10:00"))
    assert next_rung(session, clock)[0] == "urge"
    now = at("2026-03-11", "10:01")
    change(session, WARN, ONE, now=now)
    count_all(session, now=now)
    assert next_rung(session, clock)[0] == "supervise_1"
    assert rungs(sweep(session, at("2026-03-20", "10:00"))) == ["supervise_1"]
    assert clock.next_rung is None


def test_a_clock_at_the_end_of_a_shorter_ladder_raises_nothing_more(session: Session) -> None:
    clock = climbed(session, at("2026-03-11", "12:00"))
    assert next_rung(session, clock)[0] == "supervise_1"
    change(session, WARN, URGE, now=at("2026-03-11", "12:01"))
    session.expire_all()
    assert (clock.next_rung, clock.next_raise_at) == (None, None), "at once, so that no sweep stumbles over it"
    assert sweep(session, at("2026-03-25", "10:00")) == []
    count_all(session, now=at("2026-03-25", "10:00"))
    assert clock.next_rung is None


def test_a_longer_ladder_takes_up_clocks_that_had_reached_the_top(session: Session) -> None:
    clock = climbed(session, at("2026-03-20", "10:00"))
    assert clock.next_rung is None
    above = RungWish("supervise_4", 20, 0, TO_THE_CITY)
    now = at("2026-03-20", "10:01")
    change(session, *USUAL, above, now=now)
    count_all(session, now=now)
    assert next_rung(session, clock)[0] == "supervise_4"
    fired = set(session.scalars(select(Escalation.rung).where(Escalation.clock_id == clock.id)))
    assert fired == {one.name for one in USUAL}


def test_a_paused_clock_goes_on_where_it_stood_on_the_new_ladder(session: Session) -> None:
    clock = climbed(session, at("2026-03-11", "10:00"))
    pause(session, clock, now=at("2026-03-11", "10:00"), reason="refuse")
    now = at("2026-03-11", "10:01")
    change(session, EARLY, *USUAL, now=now)
    count_all(session, now=now)
    assert next_rung(session, clock) == ("urge", None)
    resume(session, clock, now=at("2026-03-11", "11:00"))
    assert next_rung(session, clock)[0] == "urge"
    assert clock.next_raise_at == clock.due_at


def test_stopped_clocks_are_left_alone(session: Session) -> None:
    clock = clock_of(session, open_case(session), TUESDAY)
    halt(clock, now=TUESDAY + timedelta(hours=1))
    session.flush()
    row = text("SELECT ctid::text || clocks::text FROM clocks")
    before = session.scalar(row)
    edit = change(session, EARLY, *USUAL)
    count_all(session, now=TUESDAY)
    assert session.scalar(row) == before
    assert edit.clocks == 0


def test_a_clock_whose_used_time_nobody_knows_stays_where_the_edit_put_it(session: Session) -> None:
    clock = clock_of(session, open_case(session), TUESDAY)
    change(session, EARLY, *USUAL)
    count_all(session, now=at("2028-03-01", "09:00"))
    assert next_rung(session, clock)[0] == "warn"
