"""Prints what tells this database from every other one, so that a note about its content cannot outlive it."""

import os

import psycopg


def main() -> None:
    """The cluster's identifier and the database's oid."""
    url = os.environ["WANGGE_DATABASE_URL"].replace("postgresql+psycopg:", "postgresql:")
    with psycopg.connect(url) as connection:
        print(
            connection.execute(
                "SELECT system_identifier, (SELECT oid FROM pg_database WHERE datname = current_database())"
                " FROM pg_control_system()"
            ).fetchone()
        )


if __name__ == "__main__":
    main()
