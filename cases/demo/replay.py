"""The demo as a whole: people, photos, a year of reports taken in and walked through their stories, today's desks.

Everything is made up by seeded generators, so that the same day gives the same demo. It says that it is whole by the
report that is taken last (`fresh.LAST`); what an interrupted load left behind is cleared and made again.
"""

import gc
import multiprocessing
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from random import Random

from sqlalchemy import delete, exists, select, text
from sqlalchemy.orm import Session

from cases.calendars import calendars
from cases.categories import categories
from cases.demo.cast import CAST, create_background, create_cast
from cases.demo.fresh import LAST, lay_out
from cases.demo.month import lay_out_month
from cases.demo.pictures import keep_all
from cases.demo.players import Players
from cases.demo.rehearsal import Rehearsal
from cases.demo.stories import story
from cases.demo.walking import Scene, walk
from cases.demo.year import make_year
from cases.intake.files import load_reports
from cases.intake.lines import space_of
from cases.models import Case, Report
from core.db import Sessions
from core.settings import Settings
from people.models import Person
from people.roles import Actor

SEED = 20260701
SPACE = space_of("demo")
"""The year's reports are named as `data/make_reports.py` names them; who loads what it makes must not meet them."""
BATCH = 60
STAGED = "demo_desk_310000000000"
"""A person whom only this replay makes: whoever finds them and not LAST finds a load that was interrupted."""
TABLES = (
    "notice_reads", "notices", "deliveries", "tails", "claims", "requests", "supervision_orders", "escalations",
    "case_photos", "photos", "events", "clocks",
    "handlings", "reports", "cases",
)  # fmt: skip
Tell = Callable[[str], None]


class State(StrEnum):
    """What is in the database before a load."""

    EMPTY = "empty"
    WHOLE = "whole"
    INTERRUPTED = "interrupted"
    FOREIGN = "foreign"


@dataclass(frozen=True)
class Replayed:
    """What a load made."""

    cases: int
    verbs: int
    refused: int
    fresh: int


def state_of(session: Session) -> State:
    """Whether the demo is there, whole or not, or cases that are not the demo's."""
    last, staged, anything = session.execute(
        select(
            exists().where(Report.id == LAST),
            exists().where(Person.username == STAGED),
            exists(select(Case.id)),
        )
    ).one()
    if last:
        return State.WHOLE
    if staged:
        return State.INTERRUPTED
    return State.FOREIGN if anything else State.EMPTY


def clear(session: Session) -> None:
    """Take away all cases and the people of the demo; ground, categories and calendars stay."""
    session.execute(text(f"TRUNCATE {', '.join(TABLES)} RESTART IDENTITY"))
    session.execute(text("ALTER SEQUENCE case_running RESTART"))
    session.execute(delete(Person).where(Person.is_demo))


def cast_people(session: Session, *, password_hash: str, now: datetime) -> list[str]:
    """The people to sign in as; those who are there keep what they have, but all get this password."""
    usernames = create_cast(session, password_hash=password_hash, now=now)
    for person in session.scalars(select(Person).where(Person.username.in_(usernames), Person.is_demo)):
        person.password_hash = password_hash
    return usernames


def replay(
    sessions: Sessions,
    settings: Settings,
    *,
    reports: int,
    processes: int,
    read_clock: Callable[[], datetime],
    tell: Tell,
) -> Replayed:
    """Load the year and today. The people to sign in as are there; there is no case yet. Tells how far it is."""
    now = read_clock()
    with sessions.begin() as session:
        create_background(session, now=now - timedelta(days=400))
    tell("photos: drawing them")
    with sessions.begin() as session:
        keep_all(session, Actor(None, "system", "system", ()), now=now, settings=settings)
    refused = _take_in(sessions, settings, reports, now, tell)
    done = _walk_all(sessions, settings, now, processes, tell)
    _settle(sessions, now)
    tell("today: reports that lie on the desks now")
    fresh = _lay_out(sessions, settings, read_clock())
    return Replayed(done["cases"], done["verbs"], refused, fresh)


# --- the year ---------------------------------------------------------------------------------------------------------


def _take_in(sessions: Sessions, settings: Settings, reports: int, now: datetime, tell: Tell) -> int:
    tell(f"reports: making up a year of {reports:,}")
    with tempfile.TemporaryDirectory() as folder:
        file = make_year(reports, Path(folder), now=now)
        refused = Path(folder) / "refused.ndjson"
        loaded = load_reports(file, refused, now=now, settings=settings, processes=1, space=SPACE)
    if loaded.broken:
        raise RuntimeError(f"the year could not be taken in: {loaded.broken}")
    tell(f"reports: {loaded.opened.total():,} taken in, {loaded.refused.total():,} refused (outside the city)")
    with sessions.read.connect() as connection:
        connection.execute(text("ANALYZE cases, clocks, reports"))
    return loaded.refused.total()


def _walk_all(sessions: Sessions, settings: Settings, now: datetime, processes: int, tell: Tell) -> Counter[str]:
    """Walk every case through its story, by several processes; a batch of cases a transaction."""
    with sessions.begin() as session:
        ids = list(session.scalars(select(Case.id).order_by(Case.id)))
    batches = [ids[start : start + BATCH] for start in range(0, len(ids), BATCH)]
    total: Counter[str] = Counter()
    step = max(len(ids) // 20, 1)
    for done in _in_processes(batches, settings, now, processes):
        before = total["cases"] // step
        total.update(done)
        if total["cases"] // step > before:
            tell(f"cases: {total['cases']:,} of {len(ids):,} walked through ({total['verbs']:,} verbs)")
    return total


def _in_processes(
    batches: list[list[int]], settings: Settings, now: datetime, processes: int
) -> Iterator[Counter[str]]:
    if processes == 1:
        _begin(settings, now)
        try:
            yield from map(_walk_batch, batches)
        finally:
            _end()
        return
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=spawn, initializer=_begin, initargs=(settings, now)) as pool:
        try:
            yield from pool.map(_walk_batch, batches)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


@dataclass
class _Stage:
    """What a process needs to walk cases."""

    sessions: Sessions
    scene: Scene


_stages: list[_Stage] = []
"""Of this process: none or one."""


def _begin(settings: Settings, now: datetime) -> None:
    sessions = Sessions(settings, application="wangge-demo", as_owner=True)
    _stages.append(_Stage(sessions, scene_of(Rehearsal(sessions.write), settings, now)))
    gc.freeze()


def _end() -> None:
    stage = _stages.pop()
    stage.scene.session.close()
    stage.sessions.close()
    gc.unfreeze()


def scene_of(session: Session, settings: Settings, now: datetime) -> Scene:
    """What walks share, read from the database."""
    return Scene(session, Players(session), settings, now, calendars(session), categories(session))


def _walk_batch(ids: list[int]) -> Counter[str]:
    scene = _stages[0].scene
    session = scene.session
    cases = session.scalars(select(Case).where(Case.id.in_(ids)).order_by(Case.id)).all()
    if isinstance(session, Rehearsal):
        session.read_around(cases)
    done: Counter[str] = Counter()
    for case in cases:
        rng = Random(f"{SEED} {case.no}")
        age = (scene.now - case.reported_at) / timedelta(days=1)
        done["verbs"] += walk(scene, case, story(rng, case.source, age_days=age), rng)
        done["cases"] += 1
    session.commit()
    return done


# --- today ------------------------------------------------------------------------------------------------------------

_READ = text("""
    INSERT INTO notice_reads (notice_id, person_id, at)
    SELECT notices.id, people.id, notices.at + interval '1 hour'
    FROM people
    JOIN posts ON posts.person_id = people.id
    JOIN notices ON notices.centre_id = posts.centre_id AND notices.role = posts.role
        AND (notices.department_id IS NULL OR notices.department_id = posts.department_id)
    WHERE people.username = ANY(:usernames) AND notices.at < :before
    ON CONFLICT DO NOTHING
""")


def _settle(sessions: Sessions, now: datetime) -> None:
    """Notices of past days are read; the tables are counted, so that the first questions find their indexes."""
    with sessions.begin() as session:
        usernames = [part.username for part in CAST]
        session.execute(_READ, {"usernames": usernames, "before": now - timedelta(hours=20)})
    with sessions.read.connect() as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _lay_out(sessions: Sessions, settings: Settings, now: datetime) -> int:
    """The month's turns first: the last of today's reports says that all is there."""
    with sessions.make() as session, sessions.read.connect() as connection:
        turns = lay_out_month(connection, scene_of(session, settings, now), seed=SEED)
    with Rehearsal(sessions.write) as session, sessions.read.connect() as connection:
        return len(turns) + lay_out(connection, scene_of(session, settings, now), seed=SEED)


def without_statement_limit(settings: Settings) -> Settings:
    """The same settings with room for what only a load does: VACUUM of whole tables."""
    return replace(settings, database=replace(settings.database, statement_timeout_seconds=600))
