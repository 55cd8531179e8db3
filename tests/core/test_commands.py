"""`flask db …`."""

import pytest
from click.testing import CliRunner, Result

from core.commands import db


def run(url: str, *words: str) -> Result:
    return CliRunner().invoke(db, words, env={"WANGGE_DATABASE_URL": url})


@pytest.mark.slow  # Alembic reads the whole schema
def test_the_tables_are_as_the_models_say_and_upgrading_again_changes_nothing(empty_url: str) -> None:
    done = run(empty_url, "upgrade")
    assert (done.exit_code, "tables: at head" in done.stdout) == (0, True), done.output
    assert run(empty_url, "check").exit_code == 0


def test_a_revision_that_is_not_there_is_a_line_with_exit_code_1(empty_url: str) -> None:
    done = run(empty_url, "upgrade", "9999")
    assert done.exit_code == 1
    assert done.stderr == "Error: Can't locate revision identified by '9999'\n"


def test_a_database_that_does_not_answer_is_said_in_a_line() -> None:
    done = run("postgresql+psycopg://nobody@127.0.0.1:1/nothing", "check")
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: the database does not answer:")
