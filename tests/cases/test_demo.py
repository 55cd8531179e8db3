import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from cases.clock import Light, light
from cases.demo.cast import CITY, DISTRICT, STREET, create_background
from cases.demo.fresh import DISTRICT_WISHES, STREET_WISHES
from cases.demo.pictures import COPIES, SUBJECTS, draw
from cases.demo.rehearsal import Rehearsal
from cases.demo.replay import SEED, State, cast_people, clear, replay, scene_of, state_of
from cases.demo.stories import story
from cases.demo.walking import Scene, walk
from cases.demo.year import LAST_DAY, weeks_to
from cases.intake.taking import take
from cases.measures import condition
from cases.models import Case, CasePhoto, Clock, Escalation, Notice, Photo, Source
from cases.photos import check_image
from cases.stages import Stage
from core.db import Sessions
from core.settings import Settings, load_settings
from people.roles import Actor

ROOT = Path(__file__).resolve().parents[2]
SYSTEM = Actor(None, "system", "system", ())
TABLES = (
    "cases", "events", "clocks", "handlings", "notices", "case_photos", "escalations", "supervision_orders"
)  # fmt: skip


def settings_on(url: str, folder: Path) -> Settings:
    plain = load_settings(environ={"WANGGE_DATABASE_URL": url, "WANGGE_DEMO_ENABLED": "true"})
    return replace(plain, storage=replace(plain.storage, photos=str(folder / "photos")))


# --- what it is made of -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", [date(2026, 1, 1) + timedelta(days=n) for n in (0, 30, 180, 325, 326, 364)])
def test_the_year_ends_today_or_up_to_six_days_later_on_the_same_weekday(day: date) -> None:
    last = LAST_DAY + timedelta(weeks=weeks_to(day))
    assert 0 <= (last - day).days <= 6
    assert last.weekday() == LAST_DAY.weekday()


def test_the_same_seed_tells_the_same_story() -> None:
    once, again = (list(story(Random("a case"), Source.HOTLINE, age_days=9)) for _ in range(2))
    assert once == again


def test_old_stories_come_to_an_end() -> None:
    ends = {"close", "reject", "cancel", "self_handle"}
    for number in range(500):
        steps = list(story(Random(number), list(Source)[number % 5], age_days=200))
        last = steps[-1]
        assert last.verb in ends or last.fields.get("outcome") == "unfounded"


def test_every_picture_is_an_image_and_shows_the_trouble_or_not(tmp_path: Path) -> None:
    for subject in set(SUBJECTS.values()):
        before, after = draw(subject, "before", 0), draw(subject, "after", 0)
        assert before != after
        file = tmp_path / "photo"
        file.write_bytes(before)
        assert check_image(file) == "image/jpeg"


# --- one session or the other -----------------------------------------------------------------------------------------


@pytest.fixture
def demo_now() -> datetime:
    """A Sunday evening in Shanghai: the offices are closed."""
    return datetime(2026, 3, 15, 11, 0, tzinfo=UTC)


def _take(sessions: Sessions, settings: Settings, now: datetime, count: int) -> None:
    rng = Random(3)
    with sessions.read.connect() as connection:
        places = connection.execute(
            text(
                "SELECT ST_X(p) AS lon, ST_Y(p) AS lat FROM (SELECT (ST_Dump(ST_GeneratePoints(geom, :n, 5))).geom AS p"
                " FROM cells WHERE code = :code) AS points"
            ),
            {"n": count, "code": CITY},
        ).all()
        for number, place in enumerate(places):
            body = {
                "source": ("inspector", "public", "hotline", "video")[number % 4],
                "category_code": ("06010", "01001", "06036", "09005", "02009")[number % 5],
                "point": {"lon": place.lon, "lat": place.lat, "crs": "wgs84"},
                "photos": [str(UUID(int=number + 1))],
            }
            at = now - timedelta(days=rng.uniform(0.1, 40))
            name = UUID(int=1000 + number)
            take(connection, SYSTEM, name, orjson.dumps(body), now=at, settings=settings)


UNLIKE = {"id", "clock_id", "order_id", "geom", "hash"}
"""Ids go on counting, and the story's hashes are of them too."""


def _walked(session: Session, settings: Settings, now: datetime) -> dict[str, list[bytes]]:
    """Walk all cases in the session, and what the tables then hold; nothing stays."""
    scene: Scene = scene_of(session, settings, now)
    for case in session.scalars(select(Case).order_by(Case.id)).all():
        rng = Random(f"{SEED} {case.no}")
        walk(scene, case, story(rng, case.source, age_days=(now - case.reported_at).days), rng)
    session.flush()
    held = {}
    for table in TABLES:
        rows = session.connection().execute(text(f"SELECT * FROM {table}")).mappings()
        told = [{key: value for key, value in row.items() if key not in UNLIKE} for row in rows]
        held[table] = sorted(orjson.dumps(row, default=str, option=orjson.OPT_SORT_KEYS) for row in told)
    session.rollback()
    return held


@pytest.mark.slow
def test_a_session_that_remembers_leaves_the_same_rows_as_one_that_asks(
    sessions: Sessions, settings: Settings, demo_now: datetime
) -> None:
    with sessions.begin() as session:
        cast_people(session, password_hash="!", now=demo_now)
        create_background(session, now=demo_now)
    _take(sessions, settings, demo_now, 40)
    with Session(sessions.write, expire_on_commit=False) as plain:
        asked = _walked(plain, settings, demo_now)
    with Rehearsal(sessions.write) as remembering:
        remembered = _walked(remembering, settings, demo_now)
    assert asked == remembered
    assert {table for table, rows in asked.items() if not rows} <= {"supervision_orders"}


# --- the whole --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def loaded(
    server_url: str, city_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Sessions, Settings, datetime, list[str]]]:
    """A small demo, loaded once for the tests that look at it."""
    from tests.conftest import _clone

    with _clone(server_url, city_template) as url:
        settings = settings_on(url, tmp_path_factory.mktemp("demo"))
        sessions = Sessions(settings, application="wangge-tests", as_owner=True)
        now = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)  # a Sunday evening
        told: list[str] = []
        with sessions.begin() as session:
            assert state_of(session) is State.EMPTY
            cast_people(session, password_hash="!", now=now)
        replay(sessions, settings, reports=200, processes=1, read_clock=lambda: now, tell=told.append)
        yield sessions, settings, now, told
        sessions.close()


Loaded = tuple[Sessions, Settings, datetime, list[str]]


@pytest.mark.slow
def test_progress_is_told_with_numbers(loaded: Loaded) -> None:
    *_, told = loaded
    assert any("walked through" in line and "verbs" in line for line in told)


@pytest.mark.slow
def test_a_loaded_demo_is_whole(loaded: Loaded) -> None:
    sessions, *_ = loaded
    with sessions.begin() as session:
        assert state_of(session) is State.WHOLE


@pytest.mark.slow
def test_at_the_demo_street_every_stage_waits_in_every_light(loaded: Loaded) -> None:
    sessions, _, now, _ = loaded
    with sessions.begin() as session:
        found = session.scalars(select(Case).where(Case.street_code == STREET, Case.ended_at.is_(None))).all()
    assert 20 <= len(found) <= 60
    lights = {light(due_at=case.due_at, yellow_at=case.yellow_at, paused=case.paused, now=now): case for case in found}
    assert set(lights) >= {Light.GREEN, Light.YELLOW, Light.RED}
    open_stages = {
        Stage.REPORTED, Stage.VERIFYING, Stage.PENDING_FILING, Stage.PENDING_DISPATCH, Stage.DISPATCHED,
        Stage.HANDLING, Stage.SUSPENDED, Stage.HANDLED, Stage.CHECKING, Stage.PENDING_CLOSING,
    }  # fmt: skip
    assert {case.stage for case in found} == open_stages


@pytest.mark.slow
def test_the_ladder_climbs_within_minutes_even_on_a_sunday_evening(loaded: Loaded) -> None:
    sessions, _, now, _ = loaded
    with sessions.begin() as session:
        soon = session.scalars(
            select(Clock.next_raise_at).where(Clock.next_raise_at.between(now, now + timedelta(minutes=10)))
        ).all()
        missed = session.scalar(select(func.count()).select_from(Clock).where(Clock.next_raise_at < now))
    assert len(soon) >= 8
    assert missed == 0


@pytest.mark.slow
def test_rungs_fired_at_their_own_moments(loaded: Loaded) -> None:
    sessions, *_ = loaded
    with sessions.begin() as session:
        late = session.scalar(
            select(func.count()).where(Escalation.raised_at - Escalation.planned_at > timedelta(seconds=2))
        )
        orders = session.scalar(select(func.count()).where(Escalation.rung.startswith("supervise")))
    assert late == 0
    assert orders


@pytest.mark.slow
def test_a_part_is_closed_in_time_a_part_late_and_a_part_is_overdue_today(loaded: Loaded) -> None:
    sessions, _, now, _ = loaded
    with sessions.begin() as session:
        numbers = {
            name: session.scalar(select(func.count()).select_from(Case).where(condition(name, now=now))) or 0
            for name in (
                "ontime_closed_num", "overdue_closed_num", "overdue_open_num", "self_report_num", "open_num",
                "supervised_num",
            )
        }  # fmt: skip
    assert all(numbers.values()), numbers
    assert numbers["ontime_closed_num"] > 5 * numbers["overdue_closed_num"]


@pytest.mark.slow
def test_every_photo_that_a_story_names_has_arrived(loaded: Loaded) -> None:
    sessions, *_ = loaded
    with sessions.begin() as session:
        photos = session.scalar(select(func.count()).select_from(Photo))
        missing = session.scalar(
            select(func.count())
            .select_from(CasePhoto)
            .outerjoin(Photo, Photo.id == CasePhoto.photo_id)
            .where(Photo.id.is_(None))
        )
    assert photos == len(set(SUBJECTS.values())) * sum(COPIES.values())
    assert missing == 0


@pytest.mark.slow
def test_nothing_happens_after_now_or_before_its_report(loaded: Loaded) -> None:
    sessions, _, now, _ = loaded
    with sessions.begin() as session:
        worst: Any = session.execute(
            text("SELECT max(e.at), min(e.at - c.reported_at) FROM events AS e JOIN cases AS c ON c.id = e.case_id")
        ).one()
        notices = session.scalar(select(func.max(Notice.at)))
    assert worst[0] <= now
    assert worst[1] >= timedelta(0)
    assert notices is not None
    assert notices <= now + timedelta(seconds=1)


def test_there_are_as_many_wishes_as_the_demo_promises() -> None:
    assert 20 <= len(STREET_WISHES) <= 60
    assert DISTRICT_WISHES[-1].clock == "accept", "the last report says that the demo is whole: nothing follows it"
    assert DISTRICT


# --- twice, half-way, by command --------------------------------------------------------------------------------------


def flask(url: str, *words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        "WANGGE_DATABASE_URL": url, "WANGGE_DEMO_ENABLED": "true", "WANGGE_STORAGE_PHOTOS": str(folder / "photos"),
        "PATH": "/usr/bin:/bin", "WANGGE_DEMO_PASSWORD": "a demo password",
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "demo", *words],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.slow
def test_a_second_load_keeps_what_is_there_and_a_broken_one_is_made_again(fresh_city_url: str, tmp_path: Path) -> None:
    words = ("load", "--reports", "40", "--processes", "1")
    first = flask(fresh_city_url, *words[:-1], "2", folder=tmp_path)
    assert first.returncode == 0, first.stdout + first.stderr
    second = flask(fresh_city_url, *words, folder=tmp_path)
    assert "the demo is there and kept" in second.stdout

    settings = load_settings(environ={"WANGGE_DATABASE_URL": fresh_city_url})
    sessions = Sessions(settings, application="wangge-tests", as_owner=True)
    with sessions.begin() as session:
        before = session.scalar(select(func.count()).select_from(Case))
        session.execute(text("DELETE FROM reports WHERE id = (SELECT id FROM reports ORDER BY case_id DESC LIMIT 1)"))
        assert state_of(session) is State.INTERRUPTED
    third = flask(fresh_city_url, *words, folder=tmp_path)
    assert "interrupted" in third.stdout
    with sessions.begin() as session:
        assert state_of(session) is State.WHOLE
        assert session.scalar(select(func.count()).select_from(Case)) == before
        clear(session)
        assert state_of(session) is State.EMPTY
    sessions.close()


@pytest.mark.slow
def test_without_the_demo_switched_on_nothing_is_loaded(empty_url: str, tmp_path: Path) -> None:
    environment = {"WANGGE_DATABASE_URL": empty_url, "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "demo", "load"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "WANGGE_DEMO_ENABLED" in done.stderr
