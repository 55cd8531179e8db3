"""A storm is one line of the inbox, and nothing is lost between two pages."""

from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from cases import folding
from cases.folding import Fold, folded_inbox
from cases.models import Case, Notice
from cases.notices import Audience, mark_read
from people.roles import Actor, Role
from tests.make import Town

FOLD = Fold(at_least=3, window=timedelta(minutes=15))


@pytest.fixture
def case(town: Town) -> Case:
    made = town.case()
    mark_read(town.session, town["acceptor"], now=town.now, all_before=10**12)
    return made


def tell(town: Town, case: Case, *kinds: str) -> None:
    to = Audience(case.centre_id, Role.ACCEPTOR)
    for kind in kinds:
        town.session.add(Notice(kind=kind, case_id=case.id, at=town.now, data={}, **vars(to)))
        town.session.flush()


def lines(session: Session, who: Actor, **words: int) -> list[tuple[str, int]]:
    """Kind and size of each line, the page's cursor followed to the end."""
    found, cursor = [], None
    while True:
        page = folded_inbox(session, who, FOLD, cursor=cursor, **words)
        found += [(item["kind"], item["folded"]["count"] if item["folded"] else 1) for item in page.items]
        if page.next is None:
            return found
        cursor = page.next


def test_rungs_that_came_one_upon_the_other_are_one_line(town: Town, case: Case) -> None:
    tell(town, case, "warn", "warn", "urge")
    town.move(minutes=1)
    other = town.case()
    tell(town, other, "urge")
    page = folded_inbox(town.session, town["acceptor"], FOLD)
    assert [item["kind"] for item in page.items] == ["urge", "reported", "urge", "reported"]
    line = page.items[2]
    assert line["folded"]["count"] == 3
    assert line["folded"]["by_kind"] == {"warn": 2, "urge": 1}
    assert line["folded"]["cases"] == [case.no]
    assert (line["folded"]["from"], line["folded"]["to"]) == (town.now - timedelta(minutes=1),) * 2
    assert (line["read"], page.items[0]["folded"]) == (False, None)
    assert mark_read(town.session, town["acceptor"], now=town.now, ids=line["folded"]["ids"]) == 3
    assert folded_inbox(town.session, town["acceptor"], FOLD).items[2]["read"]


def test_few_rungs_and_those_far_apart_stand_alone(town: Town, case: Case) -> None:
    tell(town, case, "warn", "urge")
    town.move(minutes=15)
    tell(town, case, "supervise_1")
    assert lines(town.session, town["acceptor"]) == [("supervise_1", 1), ("urge", 1), ("warn", 1), ("reported", 1)]


def test_pages_lose_nothing_between_them(town: Town, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "READ_AT_ONCE", 2)
    tell(town, case, *["urge"] * 5, "noted", *["warn"] * 4, "noted", "warn")
    whole = [("warn", 1), ("noted", 1), ("warn", 4), ("noted", 1), ("urge", 5), ("reported", 1)]
    for limit in (1, 2, 3, 50):
        assert lines(town.session, town["acceptor"], limit=limit) == whole, limit


def test_a_page_reads_no_more_than_it_can(town: Town, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "READ_AT_ONCE", 2)
    monkeypatch.setattr(folding, "READ_MOST", 6)
    monkeypatch.setattr(folding, "FOLD_MOST", 4)
    tell(town, case, *["urge"] * 12)
    assert lines(town.session, town["acceptor"]) == [("urge", 4), ("urge", 4), ("urge", 4), ("reported", 1)]


def test_an_inbox_without_a_storm_costs_two_statements(town: Town, case: Case) -> None:
    tell(town, case, *["noted"] * 8)
    seen: list[str] = []
    event.listen(town.session.connection(), "before_cursor_execute", lambda *given: seen.append(given[2]))
    assert len(folded_inbox(town.session, town["acceptor"], FOLD, limit=5).items) == 5
    assert len(seen) == 2
