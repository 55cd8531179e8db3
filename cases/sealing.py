"""The story's seal (docs/decisions/0013): what the application's role may do with it."""

from sqlalchemy.exc import DBAPIError

from core.db import MAY_BE_TAKEN, Base, Sessions

APPEND_ONLY = ("events",)
READ_ONLY = ("alembic_version",)
RUNS = ("make_track_day(date)", "drop_track_days(date)")
"""Functions that work with the owner's rights (migration 0004): no other login may run them."""
# Somebody else made the role, or the grant, in the same moment.
THERE_BY_NOW = {"42710", "23505", "XX000"}
NOT_ALLOWED = "42501"
GRANT_LOCK = 815_470_002


def let_role_work(owner: Sessions, role: str) -> str | None:
    """Make the role if it is missing and give it what the application needs; what could not be done, in words.

    `owner` connects as the tables' owner. The role reads and writes everything but the story, which it can only add to.
    Tables that come later get their rights with the upgrade that brings them.
    """
    quoted = owner.write.dialect.identifier_preparer.quote(role)
    if not _ask(owner, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %(role)s)", role) and not _may(
        owner, f"CREATE ROLE {quoted} NOLOGIN"
    ):
        return (
            f"the role {role} is missing and this login may not make it: the application can change the story. "
            f"Let a superuser run `CREATE ROLE {quoted} NOLOGIN`, then upgrade again"
        )
    _grant(owner, quoted)
    if not _ask(owner, MAY_BE_TAKEN, role) and not _may(owner, f"GRANT {quoted} TO CURRENT_USER"):
        return f"this login may not become {role}; the application's login must: GRANT {quoted} TO it"
    return None


def _ask(owner: Sessions, question: str, role: str) -> bool:
    with owner.read.connect() as connection:
        return bool(connection.exec_driver_sql(question, {"role": role}).scalar_one())


def _may(owner: Sessions, statement: str) -> bool:
    """Do it; False when this login may not. Somebody else who did it in the same moment did it for us."""
    try:
        with owner.write.begin() as connection:
            connection.exec_driver_sql(statement)
    except DBAPIError as refusal:
        code = getattr(refusal.orig, "sqlstate", None)
        if code == NOT_ALLOWED:
            return False
        if code not in THERE_BY_NOW:
            raise
    return True


def _grant(owner: Sessions, quoted: str) -> None:
    append, read, runs = ", ".join(APPEND_ONLY), ", ".join(READ_ONLY), ", ".join(RUNS)
    tables = ", ".join(sorted(f'"{name}"' for name in Base.metadata.tables))
    with owner.write.begin() as connection:
        for statement in (
            f"SELECT pg_advisory_xact_lock({GRANT_LOCK})",  # two upgrades at once: one after the other
            f"GRANT USAGE ON SCHEMA public TO {quoted}",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON {tables} TO {quoted}",
            f"GRANT SELECT ON {read} TO {quoted}",
            f"REVOKE UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON {append} FROM {quoted}",
            f"GRANT EXECUTE ON FUNCTION {runs} TO {quoted}",
            f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {quoted}",
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {quoted}",
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {quoted}",
        ):
            connection.exec_driver_sql(statement)
