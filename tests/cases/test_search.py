"""Lists: every filter and order, pages without gap or twin, queues, likely duplicates."""

from typing import Any

import pytest
from sqlalchemy import delete, event

from cases.clock import Light
from cases.clock import light as light_of_case
from cases.detail import show_case
from cases.errors import OwnRequest
from cases.models import Approver, Case, Source, SupervisionOrder
from cases.search import (
    QUEUES,
    Filters,
    Key,
    Queue,
    Sort,
    count_cases,
    count_queues,
    items_where,
    list_cases,
    similar_cases,
)
from cases.stages import Stage, Verb
from core.errors import Invalid, NotFound
from grid.levels import Level
from people.accounts import load_actor
from people.models import Post
from people.roles import Role
from tests.make import CITY, DISTRICT, GREEN, OTHER_STREET, STREET, WORKS, Town


def listed(town: Town, who: str = "leader", sort: Sort | None = None, **filters: Any) -> list[str]:
    page = list_cases(town.session, town[who], Filters(**filters), now=town.now, sort=sort)
    assert page.next is None
    return [item["no"] for item in page.items]


@pytest.fixture
def three(town: Town) -> list[Case]:
    """A report, a case in handling and a closed one, ten minutes apart."""
    found = []
    for stage in (Stage.REPORTED, Stage.HANDLING, Stage.CLOSED):
        found.append(town.case(stage))
        town.move(minutes=10)
    return found


def test_a_list_shows_what_the_cases_own_page_shows(town: Town, three: list[Case]) -> None:
    for case in three:
        page = show_case(town.session, town["leader"], case.no, now=town.now, settings=town.settings)
        (item,) = items_where(town.session, [case.id], now=town.now)
        assert item == {name: page[name] for name in item}


def test_without_a_wish_the_newest_comes_first_and_of_what_is_open_what_burns(town: Town, three: list[Case]) -> None:
    one, two, three_ = (case.no for case in three)
    assert listed(town) == [three_, two, one]
    assert listed(town, sort=Sort.OLDEST) == [one, two, three_]
    assert listed(town, open=True) == [one, two]
    assert listed(town, sort=Sort.BURNS) == [one, two, three_]


FILTERS: list[tuple[dict[str, Any], list[int]]] = [
    ({"stages": (Stage.HANDLING,)}, [1]),
    ({"stages": (Stage.HANDLING, Stage.CLOSED)}, [1, 2]),
    ({"sources": (Source.INSPECTOR,)}, [0, 1, 2]),
    ({"sources": (Source.PUBLIC,)}, []),
    ({"centre": STREET}, [0, 1, 2]),
    ({"centre": DISTRICT}, []),
    ({"level": Level.STREET}, [0, 1, 2]),
    ({"level": Level.CITY}, []),
    ({"category": "01001"}, [0, 1, 2]),
    ({"category": "01"}, [0, 1, 2]),
    ({"category": "06"}, []),
    ({"department": WORKS}, [1, 2]),
    ({"department": "nobody"}, []),
    ({"cell": STREET}, [0, 1, 2]),
    ({"cell": CITY}, [0, 1, 2]),
    ({"q": "缺失"}, [0, 1, 2]),
    ({"q": "%"}, []),
    ({"q": "310101260310"}, [0, 1, 2]),
    ({"q": "999999"}, []),
    ({"bbox": (121.4, 31.2, 121.5, 31.3)}, [0, 1, 2]),
    ({"bbox": (121.0, 31.0, 121.1, 31.1)}, []),
    ({"open": True}, [0, 1]),
    ({"open": False}, [2]),
    ({"overdue": True}, [0]),
    ({"overdue": False}, [1, 2]),
    ({"lights": (Light.RED,)}, [0]),
    ({"lights": (Light.GREEN, Light.NONE)}, [1, 2]),
    ({"measure": "closed_num"}, [2]),
    ({"queue": Queue.HANDLE}, [1]),
    ({"queue": Queue.OVERDUE}, [0]),
    ({"queue": Queue.SOON}, []),
    ({"queue": Queue.SUPERVISED}, []),
    ({"queue": Queue.SUSPENDED}, []),
    ({"queue": Queue.DISPUTED}, []),
    ({"queue": Queue.DECISIONS}, []),
    ({"suspended": True}, []),
    ({"suspended": False}, [0, 1, 2]),
    ({"disputed": True}, []),
    ({"disputed": False}, [0, 1, 2]),
    ({"joint": True}, []),
    ({"joint": False}, [0, 1, 2]),
    ({"awaits": Approver.DISPATCHER}, []),
]


@pytest.mark.parametrize(("filters", "right"), FILTERS)
def test_each_filter_finds_its_cases(town: Town, three: list[Case], filters: dict[str, Any], right: list[int]) -> None:
    assert sorted(listed(town, **filters)) == sorted(three[i].no for i in right)
    counted = count_cases(town.session, town["leader"], Filters(**filters), now=town.now)
    assert counted == len(right)


def test_the_period_takes_its_beginning_and_not_its_end(town: Town, three: list[Case]) -> None:
    start, end = three[0].reported_at, three[1].reported_at
    assert listed(town, reported_from=start, reported_to=end) == [three[0].no]
    assert listed(town, reported_from=end) == [three[2].no, three[1].no]


def test_reporter_and_inspector_are_persons(town: Town, three: list[Case]) -> None:
    inspector = town["inspector"].person_id
    assert len(listed(town, reporter=inspector)) == 3
    assert listed(town, reporter=-1) == listed(town, inspector=inspector) == []


def test_what_does_not_wait_for_me_is_all_the_rest(town: Town, three: list[Case]) -> None:
    reported, handling, closed = (case.no for case in three)
    assert listed(town, "acceptor", mine=True) == [reported]
    assert listed(town, "acceptor", mine=False) == [closed, handling]
    assert listed(town, "handler", mine=True) == [handling]
    assert listed(town, "handler", mine=False) == [closed, reported]


def test_nobody_lists_what_lies_outside_their_ground(town: Town, three: list[Case]) -> None:
    assert listed(town, "other_dispatcher") == []
    assert listed(town, "other_dispatcher", cell=CITY) == []
    assert len(listed(town, "city_leader")) == 3
    with pytest.raises(NotFound):
        listed(town, "leader", cell=OTHER_STREET)
    with pytest.raises(NotFound):
        listed(town, "leader", cell="999")


def test_an_area_above_ones_own_shows_ones_own(town: Town, three: list[Case]) -> None:
    assert len(listed(town, "leader", cell=DISTRICT)) == 3
    village = three[0].village_code
    assert len(listed(town, "district_leader", cell=village)) == 3


def test_an_unknown_measure_is_refused(town: Town) -> None:
    with pytest.raises(Invalid):
        listed(town, measure="happiness")


@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages_have_neither_gap_nor_twin(town: Town, sort: Sort, limit: int) -> None:
    for stage in (Stage.REPORTED, Stage.REPORTED, Stage.CLOSED, Stage.HANDLING, Stage.REJECTED, Stage.REPORTED):
        town.case(stage)
    whole = list_cases(town.session, town["leader"], Filters(), now=town.now, sort=sort)
    assert len(whole.items) == 6
    found: list[str] = []
    after: Key | None = None
    while True:
        page = list_cases(town.session, town["leader"], Filters(), now=town.now, sort=sort, limit=limit, after=after)
        found += [item["no"] for item in page.items]
        assert len(page.items) <= limit
        if page.next is None:
            break
        after = page.next
    assert found == [item["no"] for item in whole.items]


def test_a_list_asks_at_most_six_statements(town: Town, three: list[Case]) -> None:
    asked: list[str] = []
    connection = town.session.connection()
    event.listen(connection, "before_cursor_execute", lambda *words: asked.append(words[2]))
    listed(town, cell=STREET, sort=Sort.BURNS)
    assert len(asked) <= 6


@pytest.mark.parametrize("stage", [stage for stages in QUEUES.values() for stage in stages])
def test_every_stage_that_waits_stands_in_its_queue(town: Town, stage: Stage) -> None:
    before = count_queues(town.session, town["leader"], now=town.now, refusals_most=2)
    case = town.case(stage)
    (queue,) = [queue for queue, stages in QUEUES.items() if stage in stages]
    counts = count_queues(town.session, town["leader"], now=town.now, refusals_most=2)
    assert counts[queue] == before[queue] + 1
    assert counts["open"] == before["open"] + 1
    assert case.no in listed(town, queue=queue)


MINE = {
    Stage.REPORTED: "acceptor", Stage.VERIFYING: "inspector", Stage.PENDING_FILING: "shift_lead",
    Stage.PENDING_DISPATCH: "dispatcher", Stage.DISPATCHED: "handler", Stage.HANDLING: "handler",
    Stage.HANDLED: "acceptor", Stage.CHECKING: "inspector", Stage.PENDING_CLOSING: "shift_lead",
}  # fmt: skip


@pytest.mark.parametrize(("stage", "who"), MINE.items())
def test_what_waits_for_somebody_is_theirs_alone(town: Town, stage: Stage, who: str) -> None:
    case = town.case(stage)
    for name in town.people:
        theirs = case.no in listed(town, name, mine=True)
        assert theirs is (name == who), name
    assert count_queues(town.session, town[who], now=town.now, refusals_most=2)["mine"] == 1


def test_a_centre_lists_what_it_supervises_and_what_it_must_answer(town: Town) -> None:
    case = town.case()
    district, street = (town[name].seats[0].centre_id for name in ("district_leader", "leader"))
    order = SupervisionOrder(
        case_id=case.id, centre_id=district, to_centre_id=street, rung="supervise_1", issued_at=town.now,
        reply_due_at=town.now,
    )  # fmt: skip
    town.session.add(order)
    town.session.flush()
    assert listed(town, "district_leader", supervised=True) == [case.no]
    assert listed(town, "leader", supervised=True) == [case.no]
    assert listed(town, "city_leader", supervised=True) == []
    assert listed(town, "leader", supervised=False) == []
    assert listed(town, "city_leader", supervised=False) == [case.no]
    assert count_queues(town.session, town["district_leader"], now=town.now, refusals_most=2)["supervised"] == 1


def counts_of(town: Town, who: str) -> dict[str, int]:
    return count_queues(town.session, town[who], now=town.now, refusals_most=2)


def test_what_waits_for_a_decision_is_listed_to_the_nearest_who_hold_the_post(town: Town) -> None:
    case = town.case(Stage.HANDLING)
    town.do(Verb.REQUEST_EXTENSION, case)
    deciding = {name for name in town.people if listed(town, name, queue=Queue.DECISIONS)}
    assert deciding == {"works_head"}
    assert listed(town, awaits=Approver.DEPARTMENT_LEADER) == [case.no]
    assert listed(town, awaits=Approver.DISPATCHER) == []
    town.do(Verb.DECIDE_EXTENSION, case)
    deciding = {name for name in town.people if counts_of(town, name)["decisions"]}
    assert deciding == {"dispatcher"}, "the district's has one nearer to the case"
    assert listed(town, "dispatcher", queue=Queue.DECISIONS) == [case.no]
    town.session.execute(delete(Post).where(Post.person_id == town["dispatcher"].person_id))
    assert {name for name in town.people if counts_of(town, name)["decisions"]} == {"dispatcher", "district_dispatcher"}
    (item,) = items_where(town.session, [case.id], now=town.now)
    assert item["awaits"] == Approver.DISPATCHER


def test_nobody_is_asked_to_decide_what_they_asked_for_or_have_approved(town: Town) -> None:
    street = town["dispatcher"].seats[0].centre_id
    for name in ("handler", "works_head"):
        town.session.add(Post(person_id=town[name].person_id, role=Role.DISPATCHER, centre_id=street))
    town.session.flush()
    for name in ("handler", "works_head"):
        town.people[name] = load_actor(town.session, town[name].person_id or 0)
    case = town.case(Stage.HANDLING)
    town.do(Verb.REQUEST_EXTENSION, case)
    town.do(Verb.DECIDE_EXTENSION, case)
    assert {name for name in town.people if listed(town, name, queue=Queue.DECISIONS)} == {"dispatcher"}
    assert {name for name in town.people if counts_of(town, name)["decisions"]} == {"dispatcher"}
    for name in ("handler", "works_head"):
        with pytest.raises(OwnRequest):
            town.do(Verb.DECIDE_EXTENSION, case, name)
        assert listed(town, name, awaits=Approver.DISPATCHER) == [case.no], "who looks for it finds it"


def test_an_appeal_waits_though_its_case_has_ended(town: Town) -> None:
    case = town.case(Stage.CLOSED)
    case.handled_on_time = False
    town.do(Verb.APPEAL, case)
    assert listed(town, "dispatcher", queue=Queue.DECISIONS) == [case.no]
    assert (counts_of(town, "dispatcher")["decisions"], counts_of(town, "dispatcher")["open"]) == (1, 0)


def test_suspended_disputed_and_joint_cases_are_found(town: Town) -> None:
    suspended = town.case(Stage.HANDLING)
    town.do(Verb.REQUEST_SUSPENSION, suspended)
    for by in ("dispatcher", "leader"):
        town.do(Verb.DECIDE_SUSPENSION, suspended, by)
    disputed = town.case(Stage.DISPATCHED)
    town.do(Verb.REFUSE, disputed)
    assert listed(town, disputed=True) == []
    town.do(Verb.DISPATCH, disputed, department=GREEN)
    town.do(Verb.REFUSE, disputed, "green_handler")
    joint = town.case(Stage.PENDING_DISPATCH)
    town.do(Verb.DISPATCH, joint, assist=[GREEN])
    for name, case in (("suspended", suspended), ("disputed", disputed), ("joint", joint)):
        assert listed(town, **{name: True}) == [case.no]
        assert case.no not in listed(town, **{name: False})
    for queue, case in ((Queue.SUSPENDED, suspended), (Queue.DISPUTED, disputed)):
        assert listed(town, queue=queue) == [case.no]
        assert counts_of(town, "leader")[queue] == 1
    assert listed(town, disputed=True, refusals_most=3) == []


@pytest.mark.parametrize("minutes", [0, 11, 12, 13, 15, 16, 600])
def test_the_lights_filter_keeps_the_rule_of_the_light(town: Town, minutes: int) -> None:
    case = town.case()
    town.move(minutes=minutes)
    shown = light_of_case(due_at=case.due_at, yellow_at=case.yellow_at, paused=case.paused, now=town.now)
    for light in Light:
        assert (case.no in listed(town, lights=(light,))) is (light is shown)


def test_a_case_without_a_place_shows_the_line_of_its_centre(town: Town) -> None:
    case = town.case(source=Source.HOTLINE, located=False)
    (item,) = items_where(town.session, [case.id], now=town.now)
    assert item["point"] is None
    assert [cell["name"] for cell in item["line"]] == ["上海市", "黄浦区", "南京东路街道"]


def test_what_is_alike_and_near_is_likely_the_same(town: Town) -> None:
    first, same = town.case(), town.case()
    other_class = town.case(category="06010", source=Source.HOTLINE)
    town.move(days=8)
    late = town.case()
    found = similar_cases(town.session, town["leader"], first.no, now=town.now)
    assert [(item["no"], item["score"], item["distance_m"]) for item in found] == [(same.no, 1.0, 0.0)]
    assert other_class.no not in {item["no"] for item in found}
    assert similar_cases(town.session, town["leader"], late.no, now=town.now) == []
    with pytest.raises(NotFound):
        similar_cases(town.session, town["other_dispatcher"], first.no, now=town.now)


def test_a_case_without_a_place_is_like_none(town: Town) -> None:
    case = town.case(source=Source.HOTLINE, located=False)
    assert similar_cases(town.session, town["leader"], case.no, now=town.now) == []
