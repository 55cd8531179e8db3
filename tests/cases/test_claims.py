"""Who has a case open: leases, and the pool that hands out the next case."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select

from cases.claims import claim_case, claim_next, end_claim, forget_old_claims, release_case
from cases.detail import show_case
from cases.errors import Claimed, NothingToClaim
from cases.models import Case, Claim
from cases.search import Filters, Queue, list_cases
from cases.stages import Stage, Verb
from core.db import Sessions
from core.errors import NotFound
from core.settings import Settings
from tests.make import Town, make_case, make_town

THREE_MINUTES = timedelta(minutes=3)


def claim(town: Town, case: Case, by: str, *, take: bool = False) -> dict[str, object]:
    return claim_case(town.session, town[by], case.no, now=town.now, settings=town.settings.claims, take=take)


def following(town: Town, by: str = "acceptor", **asked: object) -> str:
    filters = Filters(**asked)  # type: ignore[arg-type]
    return claim_next(town.session, town[by], filters, now=town.now, settings=town.settings.claims)


def test_who_opens_a_case_has_it_for_three_minutes(town: Town) -> None:
    case = town.case()
    found = claim(town, case, "acceptor")
    assert found == {"person": "acceptor", "at": town.now, "until": town.now + THREE_MINUTES, "mine": True}


def test_who_goes_on_looking_keeps_it_and_its_beginning(town: Town) -> None:
    case, began = town.case(), town.now
    claim(town, case, "acceptor")
    town.move(minutes=2)
    found = claim(town, case, "acceptor")
    assert (found["at"], found["until"]) == (began, town.now + THREE_MINUTES)


def test_a_lapsed_claim_that_is_taken_up_again_begins_anew(town: Town) -> None:
    case = town.case()
    claim(town, case, "acceptor")
    town.move(minutes=3)
    assert claim(town, case, "acceptor")["at"] == town.now


def test_somebody_else_is_told_who_has_it_and_until_when(town: Town) -> None:
    case = town.case()
    claim(town, case, "acceptor")
    with pytest.raises(Claimed) as refused:
        claim(town, case, "shift_lead")
    assert refused.value.data == {"person": "acceptor", "until": "2026-03-10T01:33:00Z"}


def test_a_claim_that_nobody_renews_ends_by_itself(town: Town) -> None:
    case = town.case()
    claim(town, case, "acceptor")
    town.move(minutes=3)
    assert claim(town, case, "shift_lead")["mine"]


def test_who_must_have_it_takes_it_over(town: Town) -> None:
    case = town.case()
    claim(town, case, "acceptor")
    assert claim(town, case, "shift_lead", take=True)["person"] == "shift_lead"
    with pytest.raises(Claimed):
        claim(town, case, "acceptor")


def test_who_lets_go_frees_it_and_nobody_frees_anothers(town: Town) -> None:
    case = town.case()
    claim(town, case, "acceptor")
    release_case(town.session, town["shift_lead"], case.no)
    with pytest.raises(Claimed):
        claim(town, case, "shift_lead")
    release_case(town.session, town["acceptor"], case.no)
    assert claim(town, case, "shift_lead")["mine"]


def test_a_claim_leaves_the_version_of_the_case_alone(town: Town) -> None:
    case = town.case()
    claim(town, case, "shift_lead")
    town.session.refresh(case)
    assert case.version == 1
    town.do(Verb.ACCEPT, case)  # a claim tells; it stops nobody


def test_a_case_out_of_sight_can_be_neither_claimed_nor_let_go(town: Town) -> None:
    case = town.case()
    for act in (
        lambda: claim(town, case, "other_dispatcher"),
        lambda: release_case(town.session, town["other_dispatcher"], case.no),
    ):
        with pytest.raises(NotFound):
            act()


def test_the_case_and_the_list_show_who_has_it_open(town: Town) -> None:
    case = town.case()
    claim(town, case, "acceptor")

    def shown(by: str) -> dict[str, object]:
        return show_case(town.session, town[by], case.no, now=town.now, settings=town.settings)

    def listed() -> object:
        return list_cases(town.session, town["leader"], Filters(), now=town.now).items[0]["claim_by"]

    assert shown("acceptor")["claim"] == {
        "person": "acceptor", "at": town.now, "until": town.now + THREE_MINUTES, "mine": True
    }  # fmt: skip
    others = shown("leader")
    assert (others["claim"]["mine"], others["claim_by"], listed()) == (False, "acceptor", "acceptor")  # type: ignore[index]
    town.move(minutes=3)
    assert (shown("leader")["claim"], listed()) == (None, None)


def test_the_pool_hands_out_what_burns_most_and_each_case_once(town: Town) -> None:
    first = town.case()
    town.move(minutes=1)
    second = town.case()
    assert [following(town, by, queue=Queue.ACCEPT) for by in ("acceptor", "shift_lead")] == [first.no, second.no]
    with pytest.raises(NothingToClaim):
        following(town, "dispatcher", queue=Queue.ACCEPT)


def test_the_pool_keeps_to_what_is_asked_for_and_to_open_cases(town: Town) -> None:
    waits = town.case(Stage.PENDING_DISPATCH)
    town.case(Stage.REJECTED)
    town.case()
    assert following(town, queue=Queue.DISPATCH) == waits.no
    with pytest.raises(NothingToClaim):
        following(town, stages=(Stage.REJECTED,))
    with pytest.raises(NothingToClaim):
        following(town, "other_dispatcher")


def test_a_case_that_ends_is_in_nobodys_hands(town: Town) -> None:
    case = town.case()
    claim(town, case, "acceptor")
    end_claim(town.session, case)
    assert town.session.scalar(select(func.count()).select_from(Claim)) == 1
    town.do(Verb.REJECT, case)
    end_claim(town.session, case)
    assert town.session.scalar(select(func.count()).select_from(Claim)) == 0


def test_claims_of_the_day_before_are_swept_away(town: Town) -> None:
    claim(town, town.case(), "acceptor")
    town.move(days=1)
    assert forget_old_claims(town.session, now=town.now) == 0
    town.move(minutes=4)
    assert forget_old_claims(town.session, now=town.now) == 1


@pytest.mark.slow  # ten threads with ten connections
def test_ten_people_who_ask_at_once_get_ten_cases(sessions: Sessions, settings: Settings, now: datetime) -> None:
    with sessions.begin() as session:
        town = make_town(session, settings, now)
        numbers = {make_case(town).no for _ in range(10)}
    together = Barrier(10)

    def ask(person: str) -> str:
        with sessions.begin() as session:
            session.connection()
            together.wait(20)
            return claim_next(session, town[person], Filters(), now=now, settings=settings.claims)

    people = [
        "acceptor", "shift_lead", "dispatcher", "handler", "leader", "inspector", "green_handler", "works_head",
        "district_shift_lead", "city_leader",
    ]  # fmt: skip
    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(ask, people)) == numbers
