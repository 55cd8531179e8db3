"""Edits as they are written, copies, and which organisation works by which calendar."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from cases.calendar_edits import (
    attach_to_centre,
    attach_to_department,
    copy_calendar,
    edit_as_json,
    edit_calendar,
    list_calendars,
    list_edits,
    show_calendar,
    show_days,
)
from cases.calendars import calendars
from cases.errors import CalendarTaken, StaleRules
from cases.models import Calendar, CalendarDay, CalendarEdit, Clock, Schedule
from cases.stages import ClockKind, Stage, Verb
from cases.workdays import DayKind, Unit
from core.db import Sessions
from core.errors import Invalid, NotFound
from tests.cases.calendar_edits.edits import TUESDAY, at, clock_of, days, edit, open_case, rules_put_back, shifts
from tests.cases.escalation.ladder import centre_of
from tests.make import RUBBISH, STREET, WORKS, Town

NIGHT = (("06:00", "14:00"), ("14:00", "22:00"), ("22:00", "06:00"))


def test_an_edit_makes_the_next_version_and_is_kept_with_who_made_it(town: Town) -> None:
    session = town.session
    admin = town["admin"]
    made, _ = edit_calendar(
        session, 1, days(("2026-03-11", DayKind.HOLIDAY, "停电")), version=1, person_id=admin.person_id, now=TUESDAY
    )
    assert session.get_one(Calendar, 1).version == 2
    told = edit_as_json(session, made)
    assert (told["person"], told["version"], told["done_at"]) == ("admin", 2, None)
    assert told["change"] == {"days": [["2026-03-11", "holiday", "停电"]], "schedules": []}
    day = session.get_one(CalendarDay, (1, date(2026, 3, 11)))
    assert (day.kind, day.name, day.provisional, day.source) == (DayKind.HOLIDAY, "停电", False, "edited")


def test_the_next_deadline_is_counted_by_the_edit_at_once(session: Session) -> None:
    edit(session, days(("2026-03-11", DayKind.HOLIDAY)), now=TUESDAY)
    assert clock_of(session, open_case(session), TUESDAY).due_at == at("2026-03-13", "09:00")


def test_shifts_are_added_changed_and_taken_back(session: Session) -> None:
    schedules = select(Schedule.valid_from, Schedule.shifts).where(Schedule.valid_from > date(2020, 1, 1))
    for pairs in ((("09:00", "17:00"),), NIGHT):
        edit(session, shifts("2026-04-01", *pairs), now=TUESDAY)
        session.expire_all()
        assert session.execute(schedules).all() == [(date(2026, 4, 1), [list(pair) for pair in pairs])]
    edit(session, shifts("2026-04-01"), now=TUESDAY)
    assert session.execute(schedules).all() == []


def test_an_edit_of_an_older_version_is_refused_and_changes_nothing(session: Session) -> None:
    edit(session, days(("2026-03-11", DayKind.HOLIDAY)), now=TUESDAY)
    with pytest.raises(StaleRules) as refusal:
        edit_calendar(session, 1, days(("2026-03-12", DayKind.HOLIDAY)), version=1, person_id=None, now=TUESDAY)
    assert refusal.value.data == {"version": 2, "because": "rules"}
    assert session.get_one(CalendarDay, (1, date(2026, 3, 12))).kind is DayKind.WORKDAY


def test_of_two_administrators_at_once_one_wins_and_the_other_is_told(sessions: Sessions, engine: Engine) -> None:
    start = Barrier(2)

    def attempt(day: str) -> str:
        start.wait()
        try:
            with sessions.begin() as session:
                edit_calendar(session, 1, days((day, DayKind.HOLIDAY)), version=1, person_id=None, now=TUESDAY)
        except StaleRules as refusal:
            return f"stale, now {refusal.data['version']}"
        return "done"

    with rules_put_back(engine):
        with ThreadPoolExecutor(2) as pool:
            results = sorted(pool.map(attempt, ["2026-03-11", "2026-03-12"]))
        with sessions.begin() as session:
            edits = session.scalar(select(func.count()).select_from(CalendarEdit))
            off = session.scalar(
                select(func.count())
                .select_from(CalendarDay)
                .where(CalendarDay.source == "edited", CalendarDay.kind == DayKind.HOLIDAY)
            )
    assert results == ["done", "stale, now 2"]
    assert (edits, off) == (1, 1)


# --- lists ------------------------------------------------------------------------------------------------------------


def test_calendars_are_listed_with_their_years_shifts_and_users(session: Session) -> None:
    [only] = list_calendars(session)
    assert (only["id"], only["name"], only["version"], only["departments"]) == (1, "Shanghai", 1, 0)
    assert only["centres"] > 6000
    assert only["schedules"] == [{"valid_from": date(2018, 1, 1), "shifts": [["08:00", "12:00"], ["14:00", "18:00"]]}]
    assert only["years"][-1] == {"year": 2027, "days": 365, "complete": True, "provisional": 365}
    assert list_calendars(session, after=1) == []


def test_a_years_days_are_shown_and_a_year_that_is_missing_has_none(session: Session) -> None:
    shown = show_days(session, 1, 2026)
    assert (shown["version"], len(shown["days"])) == (1, 365)
    assert shown["days"][0]["kind"] is DayKind.HOLIDAY
    assert show_days(session, 1, 2031)["days"] == []


def test_edits_are_listed_newest_first_page_by_page(session: Session) -> None:
    for day in ("2026-03-11", "2026-03-12", "2026-03-13"):
        edit(session, days((day, DayKind.HOLIDAY)), now=TUESDAY)
    first = list_edits(session, 1, limit=2)
    assert [one["version"] for one in first] == [4, 3]
    assert [one["version"] for one in list_edits(session, 1, before=first[-1]["id"])] == [2]


@pytest.mark.parametrize("asked", [show_calendar, lambda session, one: show_days(session, one, 2026), list_edits])
def test_a_calendar_that_is_not_there_is_not_found(session: Session, asked: object) -> None:
    with pytest.raises(NotFound) as refusal:
        asked(session, 99)  # type: ignore[operator]
    assert refusal.value.problem == "no-such-calendar"


# --- copies and who works by them -------------------------------------------------------------------------------------


def test_a_copy_has_the_days_and_shifts_of_its_model_and_goes_its_own_way(session: Session) -> None:
    made = copy_calendar(session, "值班", 1, now=TUESDAY)
    assert show_days(session, made.id, 2026)["days"] == show_days(session, 1, 2026)["days"]
    edit(session, days(("2026-03-11", DayKind.HOLIDAY)), now=TUESDAY, calendar_id=made.id)
    rules = calendars(session)
    wednesday = at("2026-03-11", "09:00")
    assert (rules.of(1).is_open(wednesday), rules.of(made.id).is_open(wednesday)) == (True, False)


def test_a_name_that_is_taken_and_a_model_that_is_not_there_are_refused(session: Session) -> None:
    with pytest.raises(CalendarTaken):
        copy_calendar(session, "Shanghai", 1, now=TUESDAY)
    with pytest.raises(Invalid):
        copy_calendar(session, "another", 99, now=TUESDAY)


def test_a_duty_centre_counts_the_night_and_the_office_of_its_department_does_not(town: Town) -> None:
    """The centre runs three shifts round the clock, every day; its department sits from eight to six."""
    session = town.session
    duty = copy_calendar(session, "值班", 1, now=TUESDAY)
    edit(session, shifts("2026-03-10", *NIGHT), now=TUESDAY, calendar_id=duty.id)
    centre = centre_of(session, STREET)
    attach_to_centre(session, centre, duty.id)
    town.now = at("2026-03-10", "17:50")
    case = town.case(Stage.PENDING_DISPATCH, category=RUBBISH)
    [dispatch] = session.scalars(select(Clock).where(Clock.case_id == case.id, Clock.kind == ClockKind.DISPATCH))
    assert (dispatch.calendar_id, dispatch.due_at) == (duty.id, at("2026-03-10", "18:05"))
    town.do(Verb.DISPATCH, case)
    sign = session.scalars(select(Clock).where(Clock.case_id == case.id, Clock.kind == ClockKind.SIGN)).one()
    assert (sign.calendar_id, sign.due_at) == (duty.id, at("2026-03-10", "18:20"))

    attach_to_department(session, town.departments[WORKS], 1)
    second = town.case(Stage.DISPATCHED, category=RUBBISH)
    sign = session.scalars(select(Clock).where(Clock.case_id == second.id, Clock.kind == ClockKind.SIGN)).one()
    assert (sign.calendar_id, sign.due_at) == (1, at("2026-03-11", "08:20"))
    attach_to_department(session, town.departments[WORKS], None)
    third = town.case(Stage.DISPATCHED, category=RUBBISH)
    sign = session.scalars(select(Clock).where(Clock.case_id == third.id, Clock.kind == ClockKind.SIGN)).one()
    assert sign.calendar_id == duty.id


def test_a_clock_keeps_the_calendar_that_it_began_with(session: Session) -> None:
    clock = clock_of(session, open_case(session), TUESDAY, unit=Unit.WORK_HOUR)
    other = copy_calendar(session, "值班", 1, now=TUESDAY)
    attach_to_centre(session, centre_of(session, STREET), other.id)
    assert clock.calendar_id == 1


def test_nobody_works_by_a_calendar_that_is_not_there(town: Town) -> None:
    with pytest.raises(Invalid):
        attach_to_centre(town.session, centre_of(town.session, STREET), 99)
    with pytest.raises(Invalid):
        attach_to_department(town.session, town.departments[WORKS], 99)
    assert centre_of(town.session, STREET).calendar_id == 1
