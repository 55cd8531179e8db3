"""One case for its page, and its story."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from cases.detail import show_case
from cases.handling.door import DEEDS
from cases.models import Case, Source, SupervisionOrder
from cases.search import items_where
from cases.stages import OUTCOMES, Stage, Verb
from cases.story import tell_story
from core.errors import NotFound
from tests.make import RUBBISH, WORKS, Town, conditions
from web.case_answers import CaseItem

STAGES = [stage for stage in Stage if stage is not Stage.SUSPENDED]


def shown(town: Town, case: Case, by: str = "leader") -> dict[str, Any]:
    town.session.flush()
    return show_case(town.session, town[by], case.no, now=town.now, settings=town.settings)


def statements(town: Town) -> list[str]:
    seen: list[str] = []
    event.listen(town.session.connection(), "before_cursor_execute", lambda *given: seen.append(given[2]))
    return seen


@pytest.mark.parametrize("stage", STAGES)
def test_a_case_is_shown_in_eight_statements_at_every_stage(town: Town, stage: Stage) -> None:
    case = town.case(stage)
    town.session.flush()
    seen = statements(town)
    found = show_case(town.session, town["dispatcher"], case.no, now=town.now, settings=town.settings)
    assert len(seen) <= 9, seen
    assert (found["no"], found["stage"], found["version"]) == (case.no, stage, case.version)
    assert set(found["effects"]) == set(found["allowed_verbs"])
    assert "note" in found["allowed_verbs"]


def test_an_unlocated_case_names_the_centres_of_its_line(town: Town) -> None:
    case = town.case(source=Source.HOTLINE, located=False)
    seen = statements(town)
    found = shown(town, case)
    assert len(seen) <= 9
    assert [place["name"] for place in found["line"]][1:] == ["黄浦区", "南京东路街道"]
    assert (found["point"], found["placement"], found["address"]) == (None, None, "人民大道")


def test_what_is_shown_of_a_case_in_the_departments_hands(town: Town) -> None:
    case = town.case(Stage.HANDLING, category=RUBBISH)
    town.move(minutes=30)
    found = shown(town, case)
    limit = next(clock for clock in found["clocks"] if clock["kind"] == "handle")
    assert (limit["used_minutes"], limit["left_minutes"]) == (30, limit["limit_minutes"] - 30)
    assert found["left_minutes"] == limit["left_minutes"]
    assert found["light"] == limit["light"]
    assert found["clock"]["due_at"] == found["handle_due_at"] == limit["due_at"]
    assert found["department"]["code"] == WORKS
    [turn] = found["handlings"]
    assert (turn["state"], turn["department"]["code"]) == ("open", WORKS)
    assert found["why"]["deadline"]["due_at"] == found["handle_due_at"]
    assert found["condition"]["id"] == conditions(town.session, case)[0].id
    [photo] = found["photos"]
    assert (photo["kind"], photo["arrived"], photo["url"]) == ("report", False, f"/api/v1/photos/{photo['id']}")
    assert found["photo"] == photo["id"]
    assert (found["point"]["crs"], round(found["point"]["lon"], 4)) == ("wgs84", 121.4737)
    assert found["report"]["person"] == "inspector"
    assert [place["level"] for place in found["line"]] == ["city", "district", "street", "village"]


def test_conditions_and_departments_are_there_when_they_are_to_be_chosen(town: Town) -> None:
    filing, dispatch = shown(town, town.case(Stage.PENDING_FILING)), shown(town, town.case(Stage.PENDING_DISPATCH))
    assert [one["limit"] for one in filing["conditions"]]
    assert filing["departments"] == []
    assert WORKS in [one["code"] for one in dispatch["departments"]]
    assert dispatch["conditions"] == []
    assert shown(town, town.case(category=None))["category"] is None


def test_an_order_from_above_is_shown_with_its_reply(town: Town) -> None:
    case = town.case()
    district = town["district_leader"].seats[0].centre_id
    town.session.add(
        SupervisionOrder(
            case_id=case.id, centre_id=district, to_centre_id=case.centre_id, rung="supervise_1",
            issued_at=town.now, reply_due_at=town.now + timedelta(hours=2),
        )
    )  # fmt: skip
    [order] = shown(town, case)["orders"]
    assert (order["centre"]["name"], order["open"], order["rung"]) == ("黄浦区", True, "supervise_1")


def test_the_buttons_are_those_that_the_door_opens_for(town: Town) -> None:
    public = town.case(source=Source.PUBLIC)
    assert shown(town, public, "acceptor")["allowed_verbs"] == [
        "send_verify", "reject", "cancel", "merge", "recategorise", "relocate", "note",
    ]  # fmt: skip
    town.do(Verb.SEND_VERIFY, public)
    town.do(Verb.VERIFY, public)
    town.do(Verb.SEND_BACK, public)
    assert "accept" in shown(town, public, "acceptor")["allowed_verbs"]
    waiting = town.case(Stage.PENDING_DISPATCH)
    assert shown(town, waiting, "dispatcher")["allowed_verbs"] == [
        "dispatch", "pass_up", "merge", "recategorise", "relocate", "note",
    ]  # fmt: skip


@pytest.mark.parametrize("stage", STAGES)
def test_a_list_shows_the_same_of_a_case_as_its_page(town: Town, stage: Stage) -> None:
    case = town.case(stage)
    town.move(minutes=7)
    page = shown(town, case)
    [item] = items_where(town.session, [case.id], now=town.now)
    assert {name: page[name] for name in item} == item
    assert set(item) == set(CaseItem.model_fields)


EFFECTS = [
    (stage, verb, by)
    for stage, verb, by in (
        (Stage.REPORTED, Verb.ACCEPT, "acceptor"),
        (Stage.REPORTED, Verb.SEND_VERIFY, "acceptor"),
        (Stage.REPORTED, Verb.REJECT, "acceptor"),
        (Stage.REPORTED, Verb.SELF_HANDLE, "inspector"),
        (Stage.VERIFYING, Verb.VERIFY, "inspector"),
        (Stage.PENDING_FILING, Verb.SEND_BACK, "shift_lead"),
        (Stage.PENDING_DISPATCH, Verb.DISPATCH, "dispatcher"),
        (Stage.DISPATCHED, Verb.SIGN, "handler"),
        (Stage.DISPATCHED, Verb.REFUSE, "handler"),
        (Stage.HANDLING, Verb.FINISH, "handler"),
        (Stage.HANDLING, Verb.PASS_UP, "dispatcher"),
        (Stage.HANDLED, Verb.SEND_CHECK, "acceptor"),
        (Stage.CHECKING, Verb.CHECK, "inspector"),
        (Stage.PENDING_CLOSING, Verb.CLOSE, "shift_lead"),
        (Stage.CLOSED, Verb.REOPEN, "shift_lead"),
    )
]


@pytest.mark.parametrize(("stage", "verb", "by"), EFFECTS)
def test_what_a_verb_would_do_is_what_it_does(town: Town, stage: Stage, verb: Verb, by: str) -> None:
    case = town.case(stage)
    town.move(minutes=4)
    said = shown(town, case, by)["effects"][verb]
    assert ("outcomes" in said) == (verb in OUTCOMES)
    town.do(verb, case)
    assert said["to"] == case.stage
    burns = None if case.clock_kind is None else {"kind": case.clock_kind, "due_at": case.due_at}
    assert said["clock"] == burns


@pytest.mark.parametrize("late", [False, True])
def test_the_same_department_goes_on_with_its_time_and_the_page_says_so(town: Town, late: bool) -> None:
    case = town.case(Stage.DISPATCHED)
    case.suggested_department_id = town.departments[WORKS].id
    town.move(hours=1)
    town.do(Verb.REFUSE, case)
    town.move(hours=3 if late else 0.5)
    said = shown(town, case, "dispatcher")["effects"]["dispatch"]
    town.do(Verb.DISPATCH, case)
    assert said["clock"] == {"kind": "handle", "due_at": case.due_at}


def test_beyond_the_calendar_no_effect_is_promised(town: Town) -> None:
    case = town.case(Stage.PENDING_DISPATCH, category=RUBBISH)
    far = datetime(2028, 3, 1, 2, 0, tzinfo=town.now.tzinfo)
    rows = town.session.execute(text("SELECT max(day) FROM calendar_days")).scalar_one()
    assert rows.year == 2027
    town.session.execute(text("DELETE FROM clocks WHERE case_id = :id"), {"id": case.id})
    found = show_case(town.session, town["dispatcher"], case.no, now=far, settings=town.settings)
    assert found["effects"]["dispatch"] == {"to": "dispatched", "clock": None}


def test_nobody_sees_what_lies_elsewhere(town: Town) -> None:
    case = town.case()
    with pytest.raises(NotFound):
        shown(town, case, "other_dispatcher")
    with pytest.raises(NotFound):
        tell_story(town.session, town["other_dispatcher"], case.no)


def test_the_story_is_whole_and_in_order_and_comes_in_pages(town: Town) -> None:
    case = town.case(Stage.CLOSED)
    items, following = tell_story(town.session, town["leader"], case.no)
    assert [item["verb"] for item in items] == [
        "report", "accept", "file", "dispatch", "sign", "finish", "send_check", "check", "close",
    ]  # fmt: skip
    assert following is None
    assert items[1]["person"] == {"name": "acceptor", "role": "acceptor"}
    first, after = tell_story(town.session, town["leader"], case.no, limit=4)
    assert after is not None
    rest, _ = tell_story(town.session, town["leader"], case.no, limit=9, after=after)
    assert first + rest == items


# (stage, who asks by which verb, who decides by which, one after the other)
APPROVED = [
    (Stage.HANDLING, Verb.REQUEST_SUSPENSION, Verb.DECIDE_SUSPENSION, ("dispatcher", "leader")),
    (Stage.REPORTED, Verb.CANCEL, Verb.CANCEL, ("shift_lead",)),
    (Stage.PENDING_DISPATCH, Verb.FORCE_CLOSE, Verb.FORCE_CLOSE, ("leader",)),
    (Stage.CLOSED, Verb.APPEAL, Verb.DECIDE_APPEAL, ("dispatcher", "acceptor")),
]
ASKERS = {Verb.CANCEL: "acceptor", Verb.FORCE_CLOSE: "shift_lead"}


@pytest.mark.parametrize(("stage", "ask", "decide", "approvers"), APPROVED)
def test_an_approval_is_foretold_as_what_becomes_of_the_case_at_once(
    town: Town, stage: Stage, ask: Verb, decide: Verb, approvers: tuple[str, ...]
) -> None:
    case = town.case(stage)
    if ask is Verb.APPEAL:
        case.handled_on_time = False
    for verb, by in ((ask, ASKERS.get(ask, "handler")), *((decide, one) for one in approvers)):
        said = shown(town, case, by)["effects"][verb]
        told = said["outcomes"].get("granted", said) if "outcomes" in said else said
        town.do(verb, case, by)
        assert told["to"] == case.stage
        burns = None if case.clock_kind is None else {"kind": case.clock_kind, "due_at": case.due_at}
        assert told["clock"] == burns
    if case.stage is Stage.SUSPENDED:
        town.move(days=1)
        said = shown(town, case, "dispatcher")["effects"]["resume"]
        town.do(Verb.RESUME, case)
        assert said == {"to": case.stage, "clock": {"kind": case.clock_kind, "due_at": case.due_at}, "outcomes": {}}


def test_an_extension_is_foretold_for_each_number_of_units(town: Town) -> None:
    case = town.case(Stage.HANDLING, category=RUBBISH)
    said = shown(town, case, "handler")["effects"]["request_extension"]
    assert list(said["limits"]) == ["1", "2", "3", "4"]
    town.do(Verb.REQUEST_EXTENSION, case, limit=2)
    town.move(minutes=50)
    assert shown(town, case, "works_head")["effects"]["decide_extension"]["limits"].keys() == {"1", "2"}
    for by in ("works_head", "dispatcher"):
        town.do(Verb.DECIDE_EXTENSION, case, by)
    assert said["limits"]["2"] == case.handle_due_at


def test_an_extension_is_foretold_as_far_as_the_calendar_goes(town: Town) -> None:
    case = town.case(Stage.HANDLING, category=RUBBISH)
    town.session.execute(text("DELETE FROM calendar_days WHERE day > '2026-03-10'"))
    town.session.execute(text("UPDATE calendars SET version = version + 1"))
    said = shown(town, case, "handler")["effects"]["request_extension"]
    assert list(said["limits"]) == ["1", "2"], "due at half past three; by three more the day is over"


def test_who_only_asks_for_an_end_is_not_told_that_it_ends(town: Town) -> None:
    case = town.case()
    assert shown(town, case, "acceptor")["effects"]["cancel"]["outcomes"].keys() == {"asked"}
    assert shown(town, case, "shift_lead")["effects"]["cancel"]["outcomes"].keys() == {"granted"}
    town.do(Verb.CANCEL, case, "acceptor")
    assert shown(town, case, "shift_lead")["effects"]["cancel"]["outcomes"].keys() == {"granted", "denied"}
    assert shown(town, case, "shift_lead")["effects"]["cancel"]["outcomes"]["denied"]["to"] == "reported"


def test_every_deed_is_tried_by_some_test_of_effects() -> None:
    without_clocks = {Verb.NOTE, Verb.URGE, Verb.SUPERVISE, Verb.REPLY_SUPERVISION}
    asked = {verb for _, *verbs, _ in APPROVED for verb in verbs}
    said_by_fields = {Verb.REQUEST_EXTENSION, Verb.DECIDE_EXTENSION, Verb.MERGE, Verb.RECATEGORISE, Verb.RELOCATE}
    tried = {verb for _, verb, _ in EFFECTS} | {Verb.FILE, Verb.RESUME} | without_clocks | asked | said_by_fields
    assert tried == set(DEEDS)


def test_what_lost_its_clock_is_sent_to_the_field_all_the_same(town: Town) -> None:
    case = town.case()
    town.session.execute(text("DELETE FROM clocks WHERE case_id = :id"), {"id": case.id})
    said = shown(town, case, "acceptor")["effects"]["send_verify"]
    town.do(Verb.SEND_VERIFY, case)
    assert said == {"to": case.stage, "clock": {"kind": case.clock_kind, "due_at": case.due_at}}
