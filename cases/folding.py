"""A storm in the inbox: rungs that came one upon the other in a short time stand there as one line."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from cases.notices import Inbox, NoticeKind, read_inbox, unread
from people.roles import Actor

FOLD_MOST = 1000
"""So many notices a line stands for at most: as many as can be marked as read at once."""
READ_MOST = 5000
"""So many notices are read for a page at most; it is shorter then."""
READ_AT_ONCE = 500
CASES = 5
KINDS = frozenset(kind.value for kind in NoticeKind)

Item = dict[str, Any]


@dataclass(frozen=True)
class Fold:
    """From so many rungs in a row within `window` on they are one line (`delivery.digest_from`, `digest_minutes`)."""

    at_least: int
    window: timedelta


def folded_inbox(session: Session, actor: Actor, fold: Fold, *, limit: int = 50, cursor: int | None = None) -> Inbox:
    """`notices.inbox`, its storms folded: such a line is its newest notice and has `folded`, others have null there.

    As long as nothing is to be folded it costs the same two statements.
    """
    lines: list[Item] = []
    ends: list[int] = []  # the oldest notice of each line
    more, read = False, 0
    for run, followed in _runs(session, actor, fold, limit + 1, cursor):
        read += len(run)
        folds = len(run) >= fold.at_least
        lines += [_folded(run)] if folds else [item | {"folded": None} for item in run]
        ends += [run[-1]["id"]] if folds else [item["id"] for item in run]
        if len(lines) >= limit or read >= READ_MOST:
            more = followed
            break
    more = more or len(lines) > limit
    return Inbox(lines[:limit], unread(session, actor), ends[:limit][-1] if more else None)


def _runs(
    session: Session, actor: Actor, fold: Fold, first: int, cursor: int | None
) -> Iterator[tuple[list[Item], bool]]:
    """The notices in runs that may become one line, each with whether anything follows; others are alone."""
    run: list[Item] = []
    for item in _read(session, actor, first, cursor):
        if run and not _joins(item, run, fold):
            yield run, True
            run = []
        run.append(item)
    if run:
        yield run, False


def _read(session: Session, actor: Actor, first: int, cursor: int | None) -> Iterator[Item]:
    wanted = first
    while True:
        items = read_inbox(session, actor, limit=wanted, cursor=cursor)
        yield from items
        if len(items) < wanted:
            return
        wanted, cursor = READ_AT_ONCE, items[-1]["id"]


def _joins(item: Item, run: list[Item], fold: Fold) -> bool:
    newest = run[0]
    rungs = item["kind"] not in KINDS and newest["kind"] not in KINDS
    return rungs and len(run) < FOLD_MOST and newest["at"] - item["at"] < fold.window


def _folded(run: list[Item]) -> Item:
    nos = dict.fromkeys(item["case"]["no"] for item in run if item["case"])
    folded = {
        "count": len(run),
        "by_kind": dict(Counter(item["kind"] for item in run).most_common()),
        "ids": [item["id"] for item in run],
        "cases": list(nos)[:CASES],
        "from": run[-1]["at"],
        "to": run[0]["at"],
    }
    return run[0] | {"read": all(item["read"] for item in run), "folded": folded}
