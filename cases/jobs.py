"""The worker: a table of name, when and function, driven by APScheduler as a clock. Any number of workers may run.

What is to be done stands in the database's rows, which jobs claim one by one: the scheduler keeps nothing, so a worker
that dies leaves nothing behind but a heartbeat that grows old. A job that fails is logged and comes again at its next
turn. Each job commits its own work.
"""

import gc
import os
import signal
import socket
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Event
from types import FrameType

import structlog
from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import text

from cases.calendar_edits import recount, tell_administrators
from cases.claims import forget_old_claims
from cases.delivery import Tailing, fan_out, send_due
from cases.delivery.keeping import forget_deliveries
from cases.escalation import escalate_overdue
from cases.handling.resuming import resume_due
from cases.patrol.days import keep_days
from cases.patrol.shifts import close_forgotten
from cases.photos import process_photos
from cases.uploads import forget_old_parts
from core.db import Sessions
from core.settings import Settings
from people.sessions import forget_old

log = structlog.get_logger()

PHOTOS_SECONDS = 2.0
PHOTOS_BATCH = 10
RESUME_SECONDS = 30.0
RESUME_BATCH = 50
RECOUNT_SECONDS = 3.0
CALENDARS_SECONDS = 86_400.0
TIDY_SECONDS = 3600.0
TRACKS_SECONDS = 3600.0
SHIFTS_SECONDS = 600.0
# Heartbeats of workers that were stopped are swept away after this.
FORGET_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Worker:
    """One worker process; `stopping` is set once it shall end."""

    name: str
    sessions: Sessions
    settings: Settings
    stopping: Event


@dataclass(frozen=True)
class Job:
    """What runs when. `run` answers how much it did, which its heartbeat counts."""

    name: str
    every: Callable[[Settings], float]
    run: Callable[[Worker], int]


def sweep(worker: Worker) -> int:
    """Fire every rung that is due, a transaction a batch; between two batches the worker may stop."""
    counts = drain(worker.sessions, worker.settings, read_clock=lambda: datetime.now(UTC), stopping=worker.stopping)
    if counts:
        log.info("escalated", **counts)
    return counts.total()


def drain(
    sessions: Sessions, settings: Settings, *, read_clock: Callable[[], datetime], stopping: Event | None = None
) -> Counter[str]:
    """Sweep batch after batch until nothing is due or `stopping` is set; how often each rung fired."""
    counts: Counter[str] = Counter()
    escalation = settings.escalation
    while stopping is None or not stopping.is_set():
        with sessions.begin() as session:
            raised = escalate_overdue(
                session,
                now=read_clock(),
                batch=escalation.batch,
                reply_minutes_least=escalation.reply_minutes_least,
            )
        if not raised:
            break
        counts.update(one.rung for one in raised)
    return counts


def photos(worker: Worker) -> int:
    """Re-encode the photos that have arrived, a few at a time."""
    done = 0
    while not worker.stopping.is_set():
        with worker.sessions.begin() as session:
            here = process_photos(session, now=datetime.now(UTC), batch=PHOTOS_BATCH, storage=worker.settings.storage)
        if not here:
            break
        done += here
    return done


def resume(worker: Worker) -> int:
    """Resume the suspended cases whose day has come, a transaction a batch."""
    done, after = 0, None
    while not worker.stopping.is_set():
        with worker.sessions.begin() as session:
            here, after = resume_due(
                session, now=datetime.now(UTC), batch=RESUME_BATCH, settings=worker.settings, after=after
            )
        done += here
        if after is None:
            break
    if done:
        log.info("resumed", cases=done)
    return done


def heartbeat(worker: Worker) -> int:
    """Forget workers that have long been gone; that this one lives is written down after every job."""
    with worker.sessions.begin() as session:
        gone = session.execute(
            text("DELETE FROM heartbeats WHERE at < :before RETURNING worker"),
            {"before": datetime.now(UTC) - FORGET_AFTER},
        )
        return len(gone.all())


def tidy(worker: Worker) -> int:
    """Delete failed sign-ins that no throttle counts any more, sessions and deliveries of a month ago, claims, and
    the beginnings of photos that never went on.
    """
    now = datetime.now(UTC)
    before = now - timedelta(days=worker.settings.field_app.kept_days)
    parts = forget_old_parts(before=before, storage=worker.settings.storage)
    with worker.sessions.begin() as session:
        gone = parts + forget_old(session, now=now, settings=worker.settings)
        return gone + forget_deliveries(session, now=now) + forget_old_claims(session, now=now)


def count_anew(worker: Worker) -> int:
    """Count the open clocks anew after edits of calendars or the ladder, a transaction a batch; how many batches."""
    done = 0
    while not worker.stopping.is_set():
        with worker.sessions.begin() as session:
            counted = recount(session, now=datetime.now(UTC))
        if not counted:
            break
        done += 1
    return done


def warn_of_years(worker: Worker) -> int:
    """Say once a day, and administrators once, which years calendars lack or only guess."""
    with worker.sessions.begin() as session:
        return tell_administrators(session, now=datetime.now(UTC), settings=worker.settings)


def tell(worker: Worker, tailing: Tailing) -> int:
    """Make deliveries of new notices, a transaction a batch; how many notices were read."""
    read = 0
    while not worker.stopping.is_set():
        with worker.sessions.begin() as session:
            here = fan_out(session, tailing, now=datetime.now(UTC), settings=worker.settings)
        if not here:
            break
        read += here
    return read


def send(worker: Worker) -> int:
    """Send the deliveries that are due; how many were taken."""
    counts = send_due(worker.sessions, worker.settings, read_clock=lambda: datetime.now(UTC), stopping=worker.stopping)
    if counts:
        log.info("deliveries", **counts)
    return counts.total()


def tracks(worker: Worker) -> int:
    """Make the next days of tracks and drop the old ones; how many."""
    with worker.sessions.begin() as session:
        made, dropped = keep_days(session, now=datetime.now(UTC), settings=worker.settings)
    if made or dropped:
        log.info("track-days", made=made, dropped=dropped)
    return made + dropped


def shifts(worker: Worker) -> int:
    """Close the shifts that nobody ended, a transaction a batch."""
    done = 0
    while not worker.stopping.is_set():
        with worker.sessions.begin() as session:
            here = close_forgotten(session, now=datetime.now(UTC))
        if not here:
            break
        done += here
    if done:
        log.info("shifts-forgotten", closed=done)
    return done


JOBS: tuple[Job, ...] = (
    Job("escalate", lambda settings: settings.escalation.tick_seconds, sweep),
    Job("photos", lambda _: PHOTOS_SECONDS, photos),
    Job("resume", lambda _: RESUME_SECONDS, resume),
    Job("recount", lambda _: RECOUNT_SECONDS, count_anew),
    Job("calendars", lambda _: CALENDARS_SECONDS, warn_of_years),
    Job("tell", lambda settings: settings.delivery.tick_seconds, partial(tell, tailing=Tailing("notices"))),
    Job("send", lambda settings: settings.delivery.tick_seconds, send),
    Job("heartbeat", lambda settings: settings.escalation.heartbeat_seconds, heartbeat),
    Job("tidy", lambda _: TIDY_SECONDS, tidy),
    Job("tracks", lambda _: TRACKS_SECONDS, tracks),
    Job("shifts", lambda _: SHIFTS_SECONDS, shifts),
)

_BEAT = text("""
    INSERT INTO heartbeats (worker, job, at, count) VALUES (:worker, :job, :at, :count)
    ON CONFLICT (worker, job) DO UPDATE SET at = excluded.at, count = heartbeats.count + excluded.count
""")


def _run(job: Job, worker: Worker) -> None:
    done = job.run(worker)
    with worker.sessions.begin() as session:
        session.execute(_BEAT, {"worker": worker.name, "job": job.name, "at": datetime.now(UTC), "count": done})


def _log_failure(event: JobExecutionEvent) -> None:
    log.error("job-failed", job=event.job_id, error=repr(event.exception), traceback=event.traceback)


def settle() -> None:
    """Tell the garbage collector that what is loaded stays: else it looks through all of it in the middle of sweeps."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def work(sessions: Sessions, settings: Settings) -> None:
    """Run the jobs until SIGTERM or SIGINT; a job that is running then ends its batch first."""
    settle()
    worker = Worker(f"{socket.gethostname()}:{os.getpid()}", sessions, settings, Event())
    scheduler = BackgroundScheduler(
        executors={"default": ThreadPoolExecutor(len(JOBS))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone=UTC,
    )
    scheduler.add_listener(_log_failure, EVENT_JOB_ERROR)
    for job in JOBS:
        scheduler.add_job(
            partial(_run, job, worker),
            "interval",
            id=job.name,
            seconds=job.every(settings),
            next_run_time=datetime.now(UTC),
        )

    def end(_number: int, _frame: FrameType | None) -> None:
        worker.stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    log.info("worker-started", worker=worker.name, jobs=[job.name for job in JOBS])
    scheduler.start()
    worker.stopping.wait()
    scheduler.shutdown(wait=True)
    log.info("worker-stopped", worker=worker.name)
