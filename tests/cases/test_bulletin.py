"""The bulletin of red cards: whose, when, where."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from cases.bulletin import Asked, bulletin
from cases.escalation import escalate_overdue
from cases.models import Case, SupervisionOrder
from cases.stages import Stage, Verb
from core.errors import NotFound
from tests.make import CITY, DISTRICT, OTHER_STREET, STREET, Town


def card(town: Town) -> Case:
    """A case that climbed to the top."""
    case = town.case(Stage.HANDLING)
    town.move(days=40)
    while escalate_overdue(town.session, now=town.now, batch=500):
        pass
    town.session.refresh(case)
    assert case.red_card
    return case


def test_a_red_card_is_listed_with_its_orders_and_its_moment(town: Town) -> None:
    town.case(Stage.HANDLING)
    town.session.flush()
    case = card(town)
    raised_at = town.move(hours=1) - timedelta(hours=1)
    found = bulletin(town.session, town["leader"], Asked(), now=town.now, limit=50)
    item = next(one for one in found["items"] if one["no"] == case.no)
    assert item["raised_at"] == raised_at
    assert [order["level"] for order in item["orders"]] == ["district", "city"]
    assert [place["level"] for place in item["line"]] == ["city", "district", "street", "village"]
    assert (item["centre"]["code"], item["stage"], item["ended_at"]) == (STREET, Stage.HANDLING, None)
    assert item["overdue_minutes"] == int((town.now - case.handle_due_at).total_seconds() // 60)
    assert found["total"] == len(found["items"]) == 2, "the other one has climbed as well"


def test_an_order_that_nobody_has_to_answer_any_more_is_told_from_an_open_one(town: Town) -> None:
    case = card(town)
    wanted = select(SupervisionOrder.id).where(SupervisionOrder.case_id == case.id).order_by(SupervisionOrder.id)
    town.do(Verb.REPLY_SUPERVISION, case, order_id=town.session.scalars(wanted).first())
    replied_at = town.now

    def orders() -> list[tuple[datetime | None, datetime | None]]:
        [item] = bulletin(town.session, town["leader"], Asked(), now=town.now, limit=50)["items"]
        return [(order["replied_at"], order["closed_at"]) for order in item["orders"]]

    assert orders() == [(replied_at, replied_at), (None, None)]
    town.move(hours=1)
    for verb in (Verb.FINISH, Verb.SEND_CHECK, Verb.CHECK, Verb.CLOSE):
        town.do(verb, case)
    assert orders() == [(replied_at, replied_at), (None, town.now)]


def test_red_cards_are_counted_by_the_areas_below(town: Town) -> None:
    case = card(town)
    found = bulletin(town.session, town["city_leader"], Asked(cell=CITY), now=town.now, limit=50)
    counts = {area["code"]: area["red_cards"] for area in found["areas"]}
    assert counts[DISTRICT] == found["total"] == 1
    assert sum(counts.values()) == 1
    assert len(counts) > 10, "those without a card too"
    in_street = bulletin(town.session, town["city_leader"], Asked(cell=STREET), now=town.now, limit=50)
    assert {area["code"]: area["red_cards"] for area in in_street["areas"]}[case.village_code] == 1
    assert bulletin(town.session, town["leader"], Asked(), now=town.now, limit=50)["areas"] == in_street["areas"]
    assert bulletin(town.session, town["city_leader"], Asked(cell=OTHER_STREET), now=town.now, limit=50)["total"] == 0
    in_village = bulletin(town.session, town["leader"], Asked(cell=case.village_code), now=town.now, limit=50)
    assert (in_village["total"], in_village["areas"]) == (1, [])


def test_what_lies_elsewhere_is_not_there(town: Town) -> None:
    card(town)
    assert bulletin(town.session, town["other_dispatcher"], Asked(), now=town.now, limit=50)["total"] == 0
    for cell in (STREET, "nowhere"):
        with pytest.raises(NotFound):
            bulletin(town.session, town["other_dispatcher"], Asked(cell=cell), now=town.now, limit=50)


def test_the_period_goes_by_the_moment_of_the_card(town: Town) -> None:
    card(town)
    at = town.now
    for asked, total in (
        (Asked(start=at), 1), (Asked(end=at), 0), (Asked(start=at + timedelta(seconds=1)), 0),
        (Asked(at - timedelta(days=1), at + timedelta(days=1)), 1),
    ):  # fmt: skip
        assert bulletin(town.session, town["leader"], asked, now=town.now, limit=50)["total"] == total, asked


def test_an_appeal_that_was_granted_takes_the_case_out(town: Town) -> None:
    card(town).excused_at = town.now
    town.session.flush()
    assert bulletin(town.session, town["leader"], Asked(), now=town.now, limit=50)["total"] == 0


def test_pages_follow_each_other(town: Town) -> None:
    nos = {card(town).no for _ in range(3)}
    found, before = [], None
    while True:
        page = bulletin(town.session, town["leader"], Asked(), now=town.now, limit=2, before=before)
        assert page["total"] == 3
        found += [item["no"] for item in page["items"]]
        before = page["next"]
        if before is None:
            break
    assert set(found) == nos
    assert len(found) == 3
