"""Straight to psycopg, where SQLAlchemy's own time for a statement would be a tenth of a report's."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError


@contextmanager
def driver(conn: Connection) -> Iterator[psycopg.Connection[Any]]:
    """psycopg's own connection; what it raises is raised as SQLAlchemy does."""
    found = conn.connection.driver_connection
    assert isinstance(found, psycopg.Connection)
    try:
        yield found
    except psycopg.Error as error:
        raise DBAPIError.instance("", None, error, psycopg.Error) from error


def run(conn: Connection, statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement, on the transaction of `conn` if it has one."""
    with driver(conn) as found:
        return found.execute(statement, values).fetchall()
