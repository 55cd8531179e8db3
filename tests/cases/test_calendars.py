"""The calendars and the ladder of the database, kept in the process and believed only as long as they are true."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import event, func, select, text, update
from sqlalchemy.orm import Session

from cases import calendars as module
from cases.calendars import RULES_STAMP, RulesUnsettled, UnknownCalendar, calendar_report, calendars, shift
from cases.models import Calendar, CalendarDay, Rung, Schedule
from cases.seeding import seed
from cases.workdays import CalendarMissing, DayKind, Shift, Unit
from core.settings import Settings

TUESDAY_9 = datetime(2026, 3, 10, 1, 0, tzinfo=UTC)


@pytest.fixture
def counted(session: Session) -> Iterator[list[str]]:
    """The statements that are sent."""
    sent: list[str] = []

    def note(_c: object, _u: object, statement: str, *_: object) -> None:
        sent.append(statement)

    engine = session.connection().engine
    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


# --- the process's copy -----------------------------------------------------------------------------------------------


def test_asking_again_costs_one_statement(session: Session, counted: list[str]) -> None:
    first = calendars(session)
    counted.clear()
    assert calendars(session) is first
    assert len(counted) == 1


def test_a_caller_that_has_read_the_stamp_pays_nothing(session: Session, counted: list[str]) -> None:
    first = calendars(session)
    stamp = session.execute(text(f"SELECT {RULES_STAMP}")).scalar_one()
    counted.clear()
    assert calendars(session.connection(), stamp=stamp) is first
    assert counted == []


def test_a_new_version_is_read_and_a_rolled_back_one_forgotten(session: Session) -> None:
    before = calendars(session).of(1).add(TUESDAY_9, 60, Unit.WORK_HOUR)
    with session.begin_nested() as nested:
        session.execute(update(CalendarDay).where(CalendarDay.day == date(2026, 3, 10)).values(kind=DayKind.HOLIDAY))
        session.execute(update(Calendar).values(version=Calendar.version + 1))
        moved = calendars(session).of(1).add(TUESDAY_9, 60, Unit.WORK_HOUR)
        nested.rollback()
    assert moved > before
    session.execute(update(Calendar).values(version=Calendar.version + 1))  # the same version, another content
    assert calendars(session).of(1).add(TUESDAY_9, 60, Unit.WORK_HOUR) == before


def test_a_changed_rung_is_seen_without_reading_days_again(session: Session, counted: list[str]) -> None:
    kept = calendars(session).of(1)
    session.execute(update(Rung).where(Rung.name == "warn").values(share=0.75))
    counted.clear()
    rules = calendars(session)
    assert [step.share for step in (rules.ladder.ordinary[0], rules.ladder.urgent[0])] == [0.75, 0.75]
    assert rules.of(1) is kept
    assert not any("calendar_days" in statement for statement in counted)


def test_rules_that_never_settle_are_refused(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    unsteady = text("SELECT gen_random_uuid()::text")
    monkeypatch.setattr(module, "_STAMP", unsteady)
    with pytest.raises(RulesUnsettled):
        calendars(session)


def test_a_calendar_that_is_not_there_is_named(session: Session) -> None:
    with pytest.raises(UnknownCalendar, match="4711"):
        calendars(session).of(4711)


def test_a_duty_calendar_over_midnight_stands_beside_the_office(session: Session) -> None:
    duty = Calendar(name="Duty", zone="Asia/Shanghai")
    session.add(duty)
    session.flush()
    session.add(Schedule(calendar_id=duty.id, valid_from=date(2026, 3, 1), shifts=[["22:00", "06:00"]]))
    session.add_all(
        CalendarDay(calendar_id=duty.id, day=date(2026, 3, day), kind=DayKind.WORKDAY) for day in range(1, 32)
    )
    session.flush()
    made = calendars(session).of(duty.id)
    assert made.add(datetime(2026, 3, 10, 15, 0, tzinfo=UTC), 120, Unit.WORK_HOUR) == datetime(
        2026, 3, 10, 17, 0, tzinfo=UTC
    )
    assert made.used(TUESDAY_9, datetime(2026, 3, 11, 1, 0, tzinfo=UTC), Unit.WORK_HOUR) == 8 * 3600


def test_a_year_that_is_missing_fails_loudly(session: Session) -> None:
    with pytest.raises(CalendarMissing, match="2028-01-01"):
        calendars(session).of(1).add(datetime(2027, 12, 31, 9, 0, tzinfo=UTC), 480, Unit.WORK_HOUR)


@pytest.mark.parametrize("given", ["8", "25:00", "08:60", "x:00", "08-12", ""])
def test_what_is_no_time_of_day_is_no_shift(given: str) -> None:
    with pytest.raises(ValueError, match="no time of day"):
        shift(given, "12:00")


def test_a_shift_that_ends_before_it_starts_runs_over_midnight() -> None:
    assert shift("22:00", "06:30") == Shift(1320, 1830)
    assert shift("00:00", "24:00") == Shift(0, 1440)


# --- seeding ----------------------------------------------------------------------------------------------------------


def test_the_report_says_which_years_are_there_and_which_are_guessed(session: Session) -> None:
    report = calendar_report(session)
    assert [year.year for year in report] == list(range(2018, 2028))
    assert all(year.complete for year in report)
    assert {year.year: year.provisional for year in report if year.provisional} == {2027: 365}
    assert {year.source for year in report if not year.provisional} == {"holidays+chinesecalendar"}


def test_the_seed_brings_the_ladder_of_the_contract(session: Session) -> None:
    ladder = calendars(session).ladder
    ordinary = [(step.name, step.share, step.plus_seconds // 60, step.levels_up) for step in ladder.ordinary]
    urgent = [(step.name, step.share, step.plus_seconds // 60, step.levels_up) for step in ladder.urgent]
    assert ordinary == [
        ("warn", 0.8, 0, 0), ("urge", 1.0, 0, 0), ("supervise_1", 1.5, 0, 1), ("supervise_2", 2.0, 0, 2),
        ("supervise_3", 3.0, 0, 9),
    ]  # fmt: skip
    assert urgent == [
        ("warn", 0.5, 0, 0), ("urge", 1.0, 0, 0), ("supervise_1", 1.0, 30, 1), ("supervise_2", 1.0, 60, 2),
        ("supervise_3", 1.0, 120, 9),
    ]  # fmt: skip


def test_seeding_again_changes_nothing_and_keeps_what_was_edited(session: Session, settings: Settings) -> None:
    session.execute(update(CalendarDay).where(CalendarDay.day == date(2026, 3, 10)).values(kind=DayKind.HOLIDAY))
    session.execute(update(Rung).where(Rung.name == "warn").values(share=0.7))
    session.execute(update(Schedule).values(shifts=[["09:00", "17:00"]]))
    seed(session, settings)
    session.expire_all()
    assert session.get_one(CalendarDay, (1, date(2026, 3, 10))).kind is DayKind.HOLIDAY
    assert set(session.scalars(select(Rung.share).where(Rung.name == "warn"))) == {0.7}
    assert session.scalars(select(Schedule.shifts)).all() == [[["09:00", "17:00"]]]
    assert session.get_one(Calendar, 1).version == 1


def test_a_guessed_day_gives_way_to_the_decree_and_makes_a_new_version(session: Session, settings: Settings) -> None:
    guessed = {"kind": DayKind.WORKDAY, "provisional": True, "source": "holidays", "name": ""}
    session.execute(update(CalendarDay).where(CalendarDay.day == date(2026, 10, 1)).values(guessed))
    session.expire_all()
    seed(session, settings)
    session.expire_all()
    day = session.get_one(CalendarDay, (1, date(2026, 10, 1)))
    assert (day.kind, day.provisional) == (DayKind.HOLIDAY, False)
    assert session.get_one(Calendar, 1).version == 2


def test_an_empty_database_is_seeded_and_the_next_calendar_gets_the_next_number(
    session: Session, settings: Settings
) -> None:
    for table in ("calendar_days", "schedules", "calendars", "rungs"):
        session.execute(text(f"DELETE FROM {table}"))
    session.expire_all()
    seed(session, settings)
    assert session.get_one(Calendar, 1).version == 1
    assert session.scalar(select(func.count()).select_from(CalendarDay)) == 3652
    session.add(Calendar(name="another", zone="Asia/Shanghai"))
    session.flush()
    assert sorted(session.scalars(select(Calendar.id))) == [1, 2]
