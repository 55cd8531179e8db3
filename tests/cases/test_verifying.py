"""The story's chain: what was changed, inserted or taken away is found, and the application can do none of it."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner, Result
from sqlalchemy import Connection, Engine, make_url, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from cases.commands import cases
from cases.escalation import escalate_case
from cases.models import Case
from cases.sealing import let_role_work
from cases.stages import Stage, Verb
from cases.verifying import Break, Fault, compare, heads, verify
from core.db import Sessions
from core.errors import NotFound
from core.settings import Settings, load_settings
from scripts.cluster import for_service
from tests.make import Town, make_case, make_town

# --- what is found ----------------------------------------------------------------------------------------------------


def events(session: Session, case: Case) -> list[int]:
    found = session.execute(text("SELECT id FROM events WHERE case_id = :id ORDER BY id"), {"id": case.id})
    return list(found.scalars())


def told(town: Town, **asked: object) -> list[Break]:
    town.session.flush()
    return verify(town.session.connection(), **asked).broken  # type: ignore[arg-type]


def test_a_story_that_nobody_touched_is_whole(town: Town) -> None:
    case = town.case(Stage.CLOSED)
    town.case()
    found = verify(town.session.connection())
    assert (found.cases, found.events, found.broken) == (2, len(events(town.session, case)) + 1, [])


@pytest.mark.parametrize(
    "change",
    [
        "at = at + interval '1 microsecond'",
        "verb = 'note'",
        "outcome = 'granted'",
        "stage_to = 'closed'",
        "person_id = NULL",
        "role = NULL",
        """data = data || '{"reason": "else"}'""",
        "hash = NULL",
        "hash = sha256('else')",
    ],
)
def test_an_event_that_was_changed_is_named(town: Town, change: str) -> None:
    case = town.case(Stage.HANDLING)
    third = events(town.session, case)[2]
    town.session.execute(text(f"UPDATE events SET {change} WHERE id = :id"), {"id": third})
    assert told(town) == [Break(case.no, third, Fault.ALTERED)]


def test_of_an_event_that_is_missing_in_the_middle_the_next_one_is_named(town: Town) -> None:
    case = town.case(Stage.HANDLING)
    ids = events(town.session, case)
    town.session.execute(text("DELETE FROM events WHERE id = :id"), {"id": ids[2]})
    assert told(town) == [Break(case.no, ids[3], Fault.ALTERED)]


def test_a_report_that_is_missing_is_found(town: Town) -> None:
    case = town.case(Stage.PENDING_FILING)
    first, second = events(town.session, case)
    town.session.execute(text("DELETE FROM events WHERE id = :id"), {"id": first})
    assert told(town) == [Break(case.no, second, Fault.ALTERED)]


def test_an_event_that_was_slipped_in_is_found(town: Town) -> None:
    case = town.case(Stage.PENDING_FILING)
    gap = events(town.session, case)[1]
    town.session.execute(text("UPDATE events SET id = id + 1000 WHERE id = :id"), {"id": gap})
    town.session.execute(
        text("INSERT INTO events (id, case_id, at, verb, stage_to, data) VALUES (:id, :case, :at, 'note', 'x', '{}')"),
        {"id": gap, "case": case.id, "at": town.now},
    )
    assert [one.fault for one in told(town)] == [Fault.ALTERED]


def test_a_tail_that_was_cut_is_noticed_by_the_version(town: Town) -> None:
    case = town.case(Stage.HANDLING)
    last = events(town.session, case)[-1]
    town.session.execute(text("DELETE FROM events WHERE id = :id"), {"id": last})
    assert told(town) == [Break(case.no, None, Fault.CUT)]


def test_a_rung_that_no_event_tells_of_any_more_is_noticed(town: Town) -> None:
    case = town.case()
    town.session.flush()
    assert escalate_case(town.session, case.id, now=town.move(days=1))
    assert told(town) == []
    last = events(town.session, case)[-1]
    town.session.execute(text("DELETE FROM events WHERE id = :id"), {"id": last})
    assert told(town) == [Break(case.no, None, Fault.RUNG)]


def test_a_story_without_case_and_a_case_without_story_are_told(town: Town) -> None:
    case, other = town.case(), town.case()
    town.session.flush()
    town.session.execute(text("DELETE FROM events WHERE case_id = :id"), {"id": case.id})
    town.session.execute(text("DELETE FROM case_photos"))
    town.session.execute(text("DELETE FROM cases WHERE id = :id"), {"id": other.id})
    faults = {(one.no, one.fault) for one in told(town)}
    assert faults == {(case.no, Fault.EMPTY), (str(other.id), Fault.NO_CASE)}


def test_only_the_first_place_of_each_broken_story_is_named(town: Town) -> None:
    case, other = town.case(Stage.CLOSED), town.case(Stage.CLOSED)
    town.session.execute(text("UPDATE events SET role = 'leader'"))
    assert [(one.no, one.event_id) for one in told(town)] == sorted(
        (one.no, events(town.session, one)[0]) for one in (case, other)
    )


def test_one_case_is_looked_at_alone_and_a_number_that_none_has_is_refused(town: Town) -> None:
    case, other = town.case(), town.case()
    town.session.flush()
    town.session.execute(text("UPDATE events SET role = 'leader' WHERE case_id = :id"), {"id": other.id})
    assert (told(town, no=case.no), len(told(town, no=other.no))) == ([], 1)
    with pytest.raises(NotFound):
        told(town, no="1")


def test_from_a_day_on_only_what_was_told_of_since_is_looked_at(town: Town) -> None:
    case = town.case()
    town.session.flush()
    town.session.execute(text("UPDATE events SET role = 'leader'"))
    assert told(town, since=town.now + timedelta(minutes=1)) == []
    town.move(minutes=2)
    town.do(Verb.ACCEPT, case)
    assert len(told(town, since=town.now)) == 1


def test_a_story_that_was_written_anew_fits_and_only_a_head_kept_elsewhere_tells(town: Town) -> None:
    case = town.case(Stage.PENDING_FILING)
    town.session.flush()
    kept = list(heads(town.session.connection()))
    town.do(Verb.FILE, case)
    assert compare(town.session.connection(), kept) == []  # it has only grown
    ids = events(town.session, case)
    town.session.execute(text("UPDATE events SET role = 'leader' WHERE id = :id"), {"id": ids[0]})
    for event in ids:
        town.session.execute(
            text("""
                UPDATE events SET hash = event_hash(
                    (SELECT hash FROM events AS b WHERE b.case_id = events.case_id AND b.id < events.id
                        ORDER BY id DESC LIMIT 1),
                    id, case_id, at, verb, outcome, stage_from, stage_to, person_id, role, data)
                WHERE id = :id"""),
            {"id": event},
        )
    assert told(town) == []
    assert compare(town.session.connection(), kept) == [Break(case.no, ids[1], Fault.HEAD)]


def test_no_setting_of_a_session_changes_a_hash(town: Town) -> None:
    town.case(Stage.HANDLING)
    town.session.flush()
    for setting in ("timezone = 'Asia/Shanghai'", "datestyle = 'SQL, DMY'", "extra_float_digits = 0"):
        town.session.execute(text(f"SET LOCAL {setting}"))
    assert told(town) == []


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def command(sessions: Sessions, settings: Settings, now: datetime) -> Callable[..., Result]:
    """`flask cases verify-story …` where one case lies."""
    with sessions.begin() as session:
        make_case(make_town(session, settings, now), stage=Stage.PENDING_FILING)

    def run(*words: str) -> Result:
        return CliRunner().invoke(cases, ["verify-story", *words], env={"WANGGE_DATABASE_URL": settings.database.url})

    return run


def test_the_command_counts_what_is_whole_and_keeps_the_heads(
    command: Callable[..., Result], engine: Engine, tmp_path: Path
) -> None:
    kept = str(tmp_path / "heads")
    done = command("--keep", kept)
    assert (done.exit_code, done.stdout) == (0, "1 cases, 2 events: none broken\n")
    assert command("--against", kept, "--from", "2026-03-10").exit_code == 0
    with engine.begin() as owner:
        owner.execute(text("DELETE FROM events WHERE verb = 'accept'"))
        owner.execute(text("UPDATE cases SET version = 1"))
    assert command().exit_code == 0  # whoever changes the case too leaves nothing that doesn't fit …
    done = command("--against", kept)
    assert (done.exit_code, "its head was kept" in done.stdout) == (1, True)  # … but for what lies elsewhere


def test_the_command_names_case_and_event_with_exit_code_1(command: Callable[..., Result], engine: Engine) -> None:
    with engine.begin() as owner:
        changed = owner.execute(text("UPDATE events SET role = 'leader' WHERE verb = 'accept' RETURNING id")).scalar()
        no = owner.execute(text("SELECT no FROM cases")).scalar()
    done = command(str(no))
    assert done.exit_code == 1
    assert f"{no}: event {changed}: this event was changed" in done.stdout


def test_what_the_command_cannot_read_is_said(command: Callable[..., Result], tmp_path: Path) -> None:
    wrong = tmp_path / "heads"
    wrong.write_text("a,b\n")
    for words in (("404",), ("--from", "yesterday"), ("--against", str(wrong))):
        done = command(*words)
        assert done.exit_code != 0
        assert "Error" in done.stderr


# --- the role ---------------------------------------------------------------------------------------------------------


DEEDS = (
    "UPDATE events SET role = NULL", "DELETE FROM events", "TRUNCATE events", "DROP TABLE events",
    "ALTER TABLE events DISABLE TRIGGER chain_event", "ALTER TABLE events OWNER TO CURRENT_USER",
    "DROP FUNCTION chain_event CASCADE",
    "CREATE RULE gone AS ON INSERT TO events DO INSTEAD NOTHING",
)  # fmt: skip
WAYS = (
    "RESET ROLE", "SET ROLE NONE", "RESET SESSION AUTHORIZATION", "RESET ALL", "SET ROLE wangge_web",
    "GRANT UPDATE, DELETE ON events TO wangge_web",
)  # fmt: skip
NO_WAY = r"permission denied|must be (owner|superuser)|not owner"


@pytest.fixture
def owner(city_url: str) -> str:
    """The owner's name, where the tests' application has a login of its own."""
    if for_service(city_url) == city_url:
        pytest.skip("a server of somebody's: its logins are theirs")
    return str(make_url(city_url).username)


@pytest.fixture
def application(settings: Settings, owner: str) -> Iterator[Connection]:
    """A connection as the web server's, each statement committed; nobody else gets it from the pool afterwards."""
    assert owner
    sessions = Sessions(load_settings(environ={"WANGGE_DATABASE_URL": for_service(settings.database.url)}))
    with sessions.read.connect() as connection:
        yield connection
    sessions.close()


@pytest.mark.parametrize("back", WAYS)
def test_the_application_can_add_to_the_story_and_not_change_it(application: Connection, owner: str, back: str) -> None:
    application.execute(text(back))
    assert application.execute(text("SELECT count(*) FROM events")).scalar() == 0
    for deed in DEEDS:
        with pytest.raises(ProgrammingError, match=NO_WAY):
            application.execute(text(deed))
    assert owner not in application.execute(text("SELECT session_user, current_user")).one()


@pytest.mark.parametrize(
    "deed", ["SET ROLE {owner}", "SET SESSION AUTHORIZATION {owner}", "GRANT {owner} TO wangge_web",
             "ALTER ROLE wangge_web SUPERUSER", "SET session_replication_role = 'replica'", "CREATE EXTENSION dblink"],
)  # fmt: skip
def test_the_applications_login_cannot_become_the_owner(application: Connection, owner: str, deed: str) -> None:
    for back in ("RESET ROLE", "SET ROLE NONE"):
        application.execute(text(back))
        with pytest.raises(ProgrammingError, match=NO_WAY):
            application.execute(text(deed.format(owner=owner)))


def test_the_log_says_once_that_a_login_could_leave_its_role(
    settings: Settings, owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert owner in settings.database.url

    def said(url: str) -> list[str]:
        sessions = Sessions(load_settings(environ={"WANGGE_DATABASE_URL": url}))
        sessions.tell_of_a_way_back()
        with capture_logs() as logs, sessions.read.connect(), sessions.read.connect():
            pass
        sessions.close()
        return [line["event"] for line in logs]

    monkeypatch.setattr("core.db.log", structlog.get_logger())  # the one there may have been used and keep its way
    assert said(settings.database.url) == ["database-role-can-be-left"]
    assert said(for_service(settings.database.url)) == []


def test_a_role_that_is_missing_is_told_and_the_process_runs_as_it_connects(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.db.log", structlog.get_logger())  # the one there may have been used and keep its way
    other = load_settings(
        environ={"WANGGE_DATABASE_URL": settings.database.url, "WANGGE_DATABASE_ROLE": "wangge nobody\\1"}
    )
    sessions = Sessions(other)
    with capture_logs() as logs:
        for engine in (sessions.write, sessions.read):
            with engine.connect() as connection:
                assert connection.execute(text("SELECT current_user = session_user")).scalar()
    sessions.close()
    assert [(line["event"], line["role"]) for line in logs] == [("database-role-not-taken", "wangge nobody\\1")]


def test_without_a_role_nobody_is_asked_to_be_one(settings: Settings) -> None:
    sessions = Sessions(
        load_settings(environ={"WANGGE_DATABASE_URL": settings.database.url, "WANGGE_DATABASE_ROLE": ""})
    )
    with sessions.read.connect() as connection:
        assert connection.execute(text("SELECT current_user = session_user")).scalar()
    sessions.close()


def test_a_database_that_is_away_is_no_missing_role(settings: Settings) -> None:
    nowhere = Sessions(load_settings(environ={"WANGGE_DATABASE_URL": "postgresql+psycopg://x@127.0.0.1:1/x"}))
    with pytest.raises(Exception, match="connection"):
        nowhere.read.connect()
    nowhere.close()


def test_a_login_that_may_make_no_role_says_what_to_do(engine: Engine, settings: Settings) -> None:
    with engine.begin() as owner:
        owner.execute(text("DROP ROLE IF EXISTS wangge_t_poor"))
        owner.execute(text("CREATE ROLE wangge_t_poor LOGIN"))
    try:
        url = settings.database.url.replace("wangge@", "wangge_t_poor@")
        poor = Sessions(load_settings(environ={"WANGGE_DATABASE_URL": url}), as_owner=True)
        missing = let_role_work(poor, "wangge_t_none")
        assert missing is not None
        assert "CREATE ROLE wangge_t_none NOLOGIN" in missing
        poor.close()
    finally:
        with engine.begin() as owner:
            owner.execute(text("DROP ROLE wangge_t_poor"))


def test_arranging_the_role_again_changes_nothing(settings: Settings) -> None:
    owner = Sessions(settings, as_owner=True)
    assert let_role_work(owner, settings.database.role) is None
    owner.close()
