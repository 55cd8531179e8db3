"""Prints what tells this database from every other one, and which edition of the grid is active in it.

By the first line a note about the database's content cannot outlive it.
"""

import os

import psycopg


def main() -> None:
    """Two lines: the cluster's identifier and the database's oid; the active edition, empty without one."""
    url = os.environ["WANGGE_DATABASE_URL"].replace("postgresql+psycopg:", "postgresql:")
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT system_identifier, (SELECT oid FROM pg_database WHERE datname = current_database()),"
            " (SELECT name FROM editions WHERE state = 'active') FROM pg_control_system()"
        ).fetchone()
        assert row is not None
    print(f"{row[0]} {row[1]}\n{row[2] or ''}")


if __name__ == "__main__":
    main()
