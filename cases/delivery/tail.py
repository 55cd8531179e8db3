"""How far a growing table can be read without leaving a row behind.

Ids are drawn before they are committed, so they become visible out of order: while 7 is there, 6 may still be on its
way, and it may even belong to a transaction that began after that of 7: a transaction's age (`xmin`) tells nothing of
the order in which ids were drawn. What tells is who is writing. A writer holds a lock on the table (RowExclusiveLock)
before it draws its first id, and until what it wrote is visible or undone. So: look at the greatest visible id and then
at the writers; once none of *them* writes any more, nothing up to that id can still appear. Who comes later draws
greater ids.
"""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, TextClause, text
from sqlalchemy.orm import Session


# One statement: its snapshot (the greatest id) is taken before it looks at the locks.
def _look(table: str) -> TextClause:
    return text(f"""
        SELECT coalesce((SELECT max(id) FROM {table}), 0), ARRAY(
            SELECT virtualtransaction FROM pg_locks
            WHERE relation = '{table}'::regclass AND mode = 'RowExclusiveLock' AND pid <> pg_backend_pid()
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        )
    """)  # noqa: S608  one of two names


_LOOKS = {"notices": _look("notices"), "events": _look("events")}


@dataclass
class Tailing:
    """What a process knows of a table's end; `whole` grows with every `look`, at the latest with the next one."""

    table: Literal["notices", "events"]
    whole: int = 0
    """Nothing new appears up to this id, itself included."""
    last: int = 0
    """The greatest id that was visible."""
    _waiting: tuple[int, frozenset[str]] | None = None

    @property
    def waits(self) -> bool:
        """Whether somebody was writing at the last look."""
        return self._waiting is not None

    def look(self, session: Session | Connection) -> int:
        """Look again, in one statement; `whole`. Rows are to be read by a later statement, whose snapshot is newer."""
        last, found = session.execute(_LOOKS[self.table]).one()
        self.last, writers = last, frozenset(found)
        if not writers:
            self.whole, self._waiting = last, None
            return self.whole
        if self._waiting is not None and not self._waiting[1] & writers:
            self.whole, self._waiting = self._waiting[0], None
        if self._waiting is None:
            self._waiting = (last, writers)
        return self.whole
