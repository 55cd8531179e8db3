"""A year that a calendar lacks is missed in time, by those who can do something, once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from threading import Barrier

import pytest
from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from cases.calendar_edits import Wish, attach_to_department, copy_calendar, tell_administrators, year_warnings
from cases.calendar_edits.warning import YearWarning
from cases.models import CalendarDay, Notice
from cases.notices import NoticeKind, inbox
from core.db import Sessions
from core.settings import Settings
from tests.cases.calendar_edits.edits import at, edit, rules_put_back
from tests.make import WORKS, Town

NOVEMBER, DECEMBER = at("2026-11-30", "23:59"), at("2026-12-01", "00:00")
GUESSED = YearWarning(1, "Shanghai", 2027, missing=False, provisional=365)


def test_from_the_first_of_december_in_the_citys_zone_a_guessed_next_year_is_warned_of(
    session: Session, settings: Settings
) -> None:
    assert year_warnings(session, now=NOVEMBER, settings=settings) == []
    assert year_warnings(session, now=DECEMBER, settings=settings) == [GUESSED]


def test_the_day_is_a_setting(session: Session, settings: Settings) -> None:
    early = replace(settings, calendar=replace(settings.calendar, warn_from="11-15"))
    assert year_warnings(session, now=NOVEMBER, settings=early) == [GUESSED]


def test_a_next_year_that_is_missing_is_warned_of_and_one_with_a_hole_too(session: Session, settings: Settings) -> None:
    next_december = at("2027-12-01", "09:00")
    found = year_warnings(session, now=next_december, settings=settings)
    assert found == [GUESSED, YearWarning(1, "Shanghai", 2028, missing=True, provisional=0)]


def test_this_year_is_warned_of_on_every_day(session: Session, settings: Settings) -> None:
    assert year_warnings(session, now=at("2027-03-01", "09:00"), settings=settings) == [GUESSED]
    session.execute(delete(CalendarDay).where(CalendarDay.day >= at("2026-12-31", "00:00").date()))
    [short] = year_warnings(session, now=at("2026-03-01", "09:00"), settings=settings)
    assert (short.year, short.missing) == (2026, True)


def test_the_decree_ends_the_warning(session: Session, settings: Settings) -> None:
    edit(session, Wish(text="2027-01-01,holiday,元旦"), now=DECEMBER)
    assert year_warnings(session, now=DECEMBER, settings=settings) == []


def test_a_calendar_by_which_nobody_works_is_not_missed(town: Town) -> None:
    session, settings = town.session, town.settings
    other = copy_calendar(session, "office", 1, now=DECEMBER)
    assert [one.calendar_id for one in year_warnings(session, now=DECEMBER, settings=settings)] == [1]
    attach_to_department(session, town.departments[WORKS], other.id)
    assert [one.calendar_id for one in year_warnings(session, now=DECEMBER, settings=settings)] == [1, other.id]


def test_who_administers_the_city_finds_one_notice_however_often_it_is_looked(town: Town) -> None:
    session = town.session
    assert tell_administrators(session, now=DECEMBER, settings=town.settings) == 1
    assert tell_administrators(session, now=at("2026-12-02", "09:00"), settings=town.settings) == 0
    [told] = inbox(session, town["admin"]).items
    assert (told["kind"], told["case"], told["read"]) == (NoticeKind.CALENDAR_ENDS, None, False)
    assert (told["data"]["year"], told["data"]["name"], told["data"]["provisional"]) == (2027, "Shanghai", 365)
    assert inbox(session, town["city_leader"]).items == []


def test_nothing_is_told_when_nothing_is_lacking(session: Session, settings: Settings) -> None:
    assert tell_administrators(session, now=NOVEMBER, settings=settings) == 0


@pytest.fixture
def committed(sessions: Sessions, engine: Engine) -> Iterator[Sessions]:
    with rules_put_back(engine):
        yield sessions


def test_two_workers_at_once_tell_once(committed: Sessions, settings: Settings) -> None:
    start = Barrier(2)

    def tell(now: datetime) -> int:
        start.wait()
        with committed.begin() as session:
            return tell_administrators(session, now=now, settings=settings)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(tell, [DECEMBER, DECEMBER])) == [0, 1]
    with committed.begin() as session:
        assert session.scalar(select(func.count()).select_from(Notice)) == 1
