"""Inboxes: who sees what, newest first, read and unread."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from cases import notices
from cases.models import Case, Notice, NoticeRead
from cases.notices import Audience, inbox, mark_read, unread
from cases.stages import Stage, Verb
from people.roles import Actor, Role
from tests.make import GREEN, WORKS, Town


def kinds(session: Session, who: Actor) -> list[str]:
    return [item["kind"] for item in inbox(session, who).items]


def tell(town: Town, kind: str, case: Case, to: Audience, **data: str) -> None:
    town.session.add(Notice(kind=kind, case_id=case.id, at=town.now, data=data, **vars(to)))
    town.session.flush()


def test_each_post_finds_what_waits_for_it(town: Town) -> None:
    town.case(Stage.DISPATCHED)
    assert kinds(town.session, town["acceptor"]) == ["reported"]
    assert kinds(town.session, town["shift_lead"]) == ["accepted"]
    assert kinds(town.session, town["dispatcher"]) == ["filed"]
    assert kinds(town.session, town["handler"]) == ["dispatched"]
    for nobody in ("green_handler", "district_dispatcher", "other_dispatcher", "leader", "inspector"):
        assert kinds(town.session, town[nobody]) == [], nobody


def test_a_notice_to_a_department_is_its_own_and_one_to_the_role_is_everybodys(town: Town) -> None:
    case, street = town.case(), town["handler"].seats[0].centre_id
    works = Audience(street, Role.HANDLER, town.departments[WORKS].id)
    tell(town, "urged", case, works, text="x")
    tell(town, "noted", case, Audience(street, Role.HANDLER))
    assert kinds(town.session, town["handler"]) == ["noted", "urged"]
    assert kinds(town.session, town["green_handler"]) == ["noted"]
    assert inbox(town.session, town["handler"]).items[1]["data"] == {"text": "x"}
    assert inbox(town.session, town["handler"]).items[1]["case"] == {
        "no": case.no, "stage": Stage.REPORTED, "category": case.category_code,
    }  # fmt: skip
    assert town.departments[GREEN].id != town.departments[WORKS].id


def test_the_reporter_hears_by_name_what_became_of_it(town: Town) -> None:
    town.do(Verb.REJECT, town.case())
    assert kinds(town.session, town["inspector"]) == ["rejected"]


def test_reading_marks_ones_own_notices_only(town: Town) -> None:
    town.case(Stage.PENDING_FILING)
    lead, acceptor = town["shift_lead"], town["acceptor"]
    [item] = inbox(town.session, lead).items
    assert (item["read"], inbox(town.session, lead).unread) == (False, 1)
    assert mark_read(town.session, acceptor, now=town.now, ids=[item["id"]]) == 0, "not the acceptor's"
    assert mark_read(town.session, lead, now=town.now, ids=[item["id"], 10**12]) == 1
    assert mark_read(town.session, lead, now=town.now, ids=[item["id"]]) == 0, "read before"
    page = inbox(town.session, lead)
    assert (page.items[0]["read"], page.unread) == (True, 0)
    assert town.session.scalars(select(NoticeRead.person_id)).all() == [lead.person_id]


def test_all_up_to_one_are_read_at_once(town: Town) -> None:
    for _ in range(3):
        town.case()
    acceptor = town["acceptor"]
    second = inbox(town.session, acceptor).items[1]["id"]
    assert mark_read(town.session, acceptor, now=town.now, all_before=second) == 2
    assert unread(town.session, acceptor) == 1


def test_pages_follow_each_other_without_gap_or_twin(town: Town) -> None:
    for _ in range(5):
        town.case()
    acceptor = town["acceptor"]
    found, cursor = [], None
    while True:
        page = inbox(town.session, acceptor, limit=2, cursor=cursor)
        found += [item["id"] for item in page.items]
        if page.next is None:
            break
        cursor = page.next
    wanted = select(Notice.id).where(Notice.role == Role.ACCEPTOR).order_by(Notice.id.desc())
    assert found == list(town.session.scalars(wanted))
    assert len(found) == 5


def test_more_unread_than_the_page_can_say_are_not_counted(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "UNREAD_MOST", 2)
    for _ in range(3):
        town.case()
    assert unread(town.session, town["acceptor"]) == 2


def test_an_inbox_costs_two_statements_however_much_is_in_it(town: Town) -> None:
    for _ in range(4):
        town.case()
        town.move(minutes=1)
    seen: list[str] = []
    connection = town.session.connection()
    event.listen(connection, "before_cursor_execute", lambda *given: seen.append(given[2]))
    page = inbox(town.session, town["acceptor"])
    assert len(page.items) == 4
    assert len(seen) == 2
    assert page.items[0]["at"] - page.items[3]["at"] == timedelta(minutes=3)
