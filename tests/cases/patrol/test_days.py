"""The days of tracks: made ahead, dropped whole, by a role that makes no tables."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Event

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from cases.jobs import JOBS, Worker, shifts, tracks
from cases.models import Track
from cases.patrol.days import AHEAD_DAYS, keep_days
from core.db import Sessions
from core.settings import Settings, load_settings
from scripts.cluster import for_service

PARTS = text("""
    SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = 'tracks'::regclass ORDER BY relname
""")


def days(session: Session) -> set[date]:
    names = [name for name in session.scalars(PARTS) if name != "tracks_other"]
    return {datetime.strptime(name, "tracks_%Y%m%d").replace(tzinfo=UTC).date() for name in names}


def put(session: Session, at: datetime, person_id: int = 1) -> None:
    row = {"person_id": person_id, "at": at, "lon": 121.4, "lat": 31.2, "received_at": at}
    session.execute(insert(Track).values(row))


def part_of(session: Session, at: datetime) -> str:
    wanted = text("SELECT tableoid::regclass::text FROM tracks WHERE at = :at")
    return session.scalars(wanted, {"at": at}).one()


def test_days_lie_ready_from_the_latest_that_may_come_to_a_week_ahead(
    session: Session, settings: Settings, now: datetime
) -> None:
    made, _ = keep_days(session, now=now, settings=settings)
    today, late = now.date(), settings.track.late_days
    assert made == late + 1 + AHEAD_DAYS
    assert {today - timedelta(days=late), today, today + timedelta(days=AHEAD_DAYS)} <= days(session)
    assert keep_days(session, now=now, settings=settings) == (0, 0)
    assert keep_days(session, now=now + timedelta(days=1), settings=settings)[0] == 1


def test_points_that_came_before_their_day_move_into_it(session: Session, settings: Settings, now: datetime) -> None:
    put(session, now)
    assert part_of(session, now) == "tracks_other"
    keep_days(session, now=now, settings=settings)
    assert part_of(session, now) == f"tracks_{now:%Y%m%d}"


def test_old_days_go_whole_and_the_others_stay(session: Session, settings: Settings, now: datetime) -> None:
    edge = datetime.combine(now.date() - timedelta(days=10), datetime.min.time(), UTC)
    ten = replace(settings, track=replace(settings.track, keep_days=10))
    for ago in (30, 11, 10):
        session.execute(text("SELECT make_track_day(:day)"), {"day": now.date() - timedelta(days=ago)})
    moments = [edge - timedelta(days=60), edge - timedelta(days=20), edge - timedelta(milliseconds=1), edge, now]
    for moment in moments:
        put(session, moment)
    _, dropped = keep_days(session, now=now, settings=ten)
    assert dropped == 2
    assert session.scalars(select(Track.at).order_by(Track.at)).all() == moments[3:]
    assert min(days(session)) == edge.date()


def test_no_day_is_dropped_that_a_phone_may_still_bring(session: Session, settings: Settings, now: datetime) -> None:
    none = replace(settings, track=replace(settings.track, keep_days=0))
    put(session, now - timedelta(days=6))
    keep_days(session, now=now, settings=none)
    assert session.scalars(select(Track.at)).all() == [now - timedelta(days=6)]


def test_another_login_of_the_database_neither_makes_nor_drops_days(
    session: Session, settings: Settings, now: datetime
) -> None:
    put(session, now - timedelta(days=400))
    session.execute(text("CREATE ROLE wangge_t_stranger LOGIN"))  # ends with the test's transaction
    session.execute(text("GRANT SELECT ON tracks TO wangge_t_stranger"))
    for deed in ("make_track_day", "drop_track_days"):
        stranger = session.begin_nested()
        session.execute(text("SET LOCAL ROLE wangge_t_stranger"))
        with pytest.raises(ProgrammingError, match=f"permission denied for function {deed}"):
            session.execute(text(f"SELECT {deed}(current_date + 1000)"))
        stranger.rollback()
    assert session.scalar(select(func.count(Track.at))) == 1
    session.execute(text(f"SET LOCAL ROLE {settings.database.role}"))
    keep_days(session, now=now, settings=settings)
    assert session.scalar(select(func.count(Track.at))) == 0


@pytest.mark.slow  # a clone of its own: partitions are made for good
def test_the_worker_keeps_the_days_although_its_role_makes_no_tables(fresh_city_url: str) -> None:
    settings = load_settings(environ={"WANGGE_DATABASE_URL": for_service(fresh_city_url)})
    sessions = Sessions(settings)
    worker = Worker("test", sessions, settings, Event())
    try:
        with sessions.begin() as session:
            put(session, datetime(2020, 1, 1, tzinfo=UTC))
            assert not session.scalar(text("SELECT has_schema_privilege('public', 'CREATE')"))
        tracks(worker)
        assert tracks(worker) == 0
        assert shifts(worker) == 0
        with sessions.begin() as session:
            assert len(days(session)) >= 1 + settings.track.late_days + AHEAD_DAYS
            assert session.scalars(select(Track.at)).all() == []
    finally:
        sessions.close()
    assert {"tracks", "shifts"} <= {job.name for job in JOBS}
