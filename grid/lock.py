"""One at a time at the ground: loading and activating grids, pouring in components."""

from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from grid.errors import GridBusy

GRID_LOCK = 0x67726964
"""Key of the advisory lock."""


def lock_ground(session: Session) -> None:
    """Hold the ground's lock until the transaction ends; GridBusy when it does not come free within lock_timeout."""
    try:
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": GRID_LOCK})
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != "55P03":
            raise
        raise GridBusy from error
