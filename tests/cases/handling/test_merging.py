"""Merging (并案): duplicates under a first case, whose reporters hear of its end; and taking it back."""

from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import func, select

from cases.detail import show_case
from cases.duplicates import duplicates_of, reporters_of_duplicates
from cases.errors import FirstCaseEnded, FirstCaseMerged, NotMerged, WrongStage
from cases.handling import lock_together
from cases.models import Case, CasePhoto, ClockState, Event, HandlingState, Notice, Photo, Source
from cases.permissions import may_do
from cases.photos import _may_see
from cases.search import items_where, similar_cases
from cases.stages import AFTER_WORK, AT_WORK, BEFORE_FILING, BEFORE_WORK, ClockKind, Stage, Verb
from core.errors import NotAllowed, NotFound
from grid.models import Centre
from tests.cases.handling.looks import clock, clocks, last_event, last_notices, refused, turns, used
from tests.make import GREEN, RUBBISH, USUAL, Town

ENDS = {Stage.REJECTED: BEFORE_FILING, Stage.CANCELLED: BEFORE_WORK}


def merge(town: Town, duplicate: Case, first: Case, by: str | None = None, **fields: Any) -> Case:
    return town.do(Verb.MERGE, duplicate, by or merger(duplicate), into=first.no, **fields)


def undo(town: Town, duplicate: Case, **fields: Any) -> Case:
    return town.do(Verb.MERGE, duplicate, merger(duplicate), **{"into": None, "reason": "不是同一处", **fields})


def merger(case: Case) -> str:
    return "acceptor" if case.stage in BEFORE_FILING | {Stage.REJECTED} else "dispatcher"


def shown(town: Town, case: Case, by: str = "leader") -> dict[str, Any]:
    return show_case(town.session, town[by], case.no, now=town.now, settings=town.settings)


# --- merging ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("end", "stage"), [(end, stage) for end, stages in ENDS.items() for stage in sorted(stages)])
def test_a_duplicate_ends_under_its_first_case(town: Town, end: Stage, stage: Stage) -> None:
    first, duplicate = town.case(), town.case(stage)
    merge(town, duplicate, first, reason="同一井盖")
    assert (duplicate.stage, duplicate.merged_into_id, duplicate.ended_at) == (end, first.id, town.now)
    assert (clocks(town, duplicate), duplicate.clock_kind, duplicate.department_id) == ({}, None, None)
    event = last_event(town, duplicate)
    assert (event.data["into"], event.data["reason"]) == (first.no, "同一井盖")


def test_the_department_that_had_the_duplicate_hears_that_it_has_it_no_more(town: Town) -> None:
    first, duplicate = town.case(), town.case(Stage.DISPATCHED)
    merge(town, duplicate, first)
    assert turns(town, duplicate) == [HandlingState.WITHDRAWN]
    told = {(one.role, one.person_id) for one in last_notices(town, duplicate)}
    assert told == {("handler", None), (None, town["inspector"].person_id)}


def test_the_first_cases_story_tells_of_it_and_its_version_stays(town: Town) -> None:
    first, duplicate = town.case(Stage.HANDLING), town.case()
    version = first.version
    merge(town, duplicate, first)
    event = last_event(town, first)
    assert (event.verb, event.outcome, event.data) == ("merge", "received", {"duplicate": duplicate.no})
    assert (event.stage_from, event.stage_to, first.version) == ("handling", "handling", version)


def test_a_first_case_is_another_one_that_the_person_sees(town: Town) -> None:
    duplicate, elsewhere = town.case(), town.case()
    town.do(Verb.RELOCATE, elsewhere)
    assert refused(town, Verb.MERGE, duplicate) == {"into": "required"}
    assert refused(town, Verb.MERGE, duplicate, into=5) == {"into": "not_text"}
    assert refused(town, Verb.MERGE, duplicate, into="no\0thing") == {"into": "nul_character"}
    for no in ("0" * 19, elsewhere.no):
        assert refused(town, Verb.MERGE, duplicate, into=no) == {"into": "no_such_case"}
    assert refused(town, Verb.MERGE, duplicate, into=duplicate.no) == {"into": "itself"}


@pytest.mark.parametrize("stage", [Stage.CLOSED, Stage.REJECTED, Stage.CANCELLED])
def test_nothing_is_merged_into_a_case_that_has_ended(town: Town, stage: Stage) -> None:
    first, duplicate = town.case(stage), town.case()
    with pytest.raises(FirstCaseEnded) as refusal:
        merge(town, duplicate, first)
    assert refusal.value.data == {"no": first.no, "stage": stage.value}
    assert (duplicate.stage, duplicate.version, duplicate.merged_into_id) == (Stage.REPORTED, 1, None)


def test_nothing_is_merged_into_a_duplicate(town: Town) -> None:
    first, second, third = town.case(), town.case(), town.case()
    merge(town, second, first)
    with pytest.raises(FirstCaseMerged) as refusal:
        merge(town, third, second)
    assert refusal.value.data == {"no": second.no}


@pytest.mark.parametrize("stage", sorted((AT_WORK | AFTER_WORK) - {Stage.SUSPENDED}))
def test_what_is_worked_on_is_no_duplicate_any_more(town: Town, stage: Stage) -> None:
    with pytest.raises(WrongStage):
        merge(town, town.case(stage), town.case())


def test_before_filing_acceptance_merges_and_after_it_dispatch(town: Town) -> None:
    first, early, late = town.case(), town.case(), town.case(Stage.PENDING_DISPATCH)
    for case, wrong in ((early, "dispatcher"), (late, "acceptor"), (early, "leader")):
        with pytest.raises(NotAllowed):
            merge(town, case, first, wrong)
    merge(town, early, first)
    merge(town, late, first)


# --- what stands under the first case ---------------------------------------------------------------------------------


def test_the_first_case_shows_reporter_photos_and_words_of_its_duplicates(town: Town) -> None:
    first, duplicate, deeper = town.case(), town.case(source=Source.PUBLIC), town.case(category=RUBBISH)
    merge(town, deeper, duplicate)
    town.do(Verb.SEND_VERIFY, duplicate)
    merge(town, duplicate, first)
    found = shown(town, first)
    assert [(one["no"], one["stage"], one["reporter"]) for one in found["duplicates"]] == [
        (duplicate.no, "rejected", "acceptor"), (deeper.no, "rejected", "inspector"),
    ]  # fmt: skip
    assert found["duplicates"][1]["category"]["code"] == RUBBISH
    assert [one["kind"] for one in found["duplicates"][1]["photos"]] == ["report"]
    assert found["duplicates"][0]["description"] == "井盖缺失"
    assert found["merged_into"] is None
    assert (shown(town, duplicate)["merged_into"], len(shown(town, duplicate)["duplicates"])) == (first.no, 1)


def test_who_sees_the_first_case_sees_its_duplicates_photos(town: Town) -> None:
    first, duplicate = town.case(), town.case()
    named = town.session.scalars(select(CasePhoto.photo_id).where(CasePhoto.case_id == duplicate.id)).one()
    photo = Photo(
        id=named, sha256="0" * 64, media_type="image/jpeg", bytes=1, person_id=town["inspector"].person_id,
        received_at=town.now,
    )  # fmt: skip
    town.session.add(photo)
    town.session.flush()
    merge(town, duplicate, first)
    elsewhere = town["other_dispatcher"]
    assert not _may_see(town.session, elsewhere, photo)
    town.do(Verb.RELOCATE, first)
    assert _may_see(town.session, elsewhere, photo)


def test_a_duplicate_without_a_category_is_shown_too(town: Town) -> None:
    first, duplicate = town.case(), town.case(category=None)
    merge(town, duplicate, first)
    assert [one["category"] for one in duplicates_of(town.session, first.id)] == [None]
    assert duplicates_of(town.session, duplicate.id) == []


def test_a_list_says_whose_duplicate_a_case_is(town: Town) -> None:
    first, duplicate = town.case(), town.case()
    merge(town, duplicate, first)
    items = items_where(town.session, [first.id, duplicate.id], now=town.now)
    assert [item["merged_into"] for item in items] == [None, first.no]


def test_duplicates_of_duplicates_are_followed_down(town: Town) -> None:
    chain = [town.case() for _ in range(4)]
    for lower, upper in pairwise(reversed(chain)):
        merge(town, lower, upper)
    assert [one["no"] for one in duplicates_of(town.session, chain[0].id)] == [case.no for case in chain[1:]]


def test_what_is_merged_is_still_found_as_similar(town: Town) -> None:
    first, duplicate = town.case(), town.case()
    before = [one["no"] for one in similar_cases(town.session, town["acceptor"], first.no, now=town.now)]
    merge(town, duplicate, first)
    assert [one["no"] for one in similar_cases(town.session, town["acceptor"], first.no, now=town.now)] == before


# --- who hears of the end ---------------------------------------------------------------------------------------------


def told_of_the_end(town: Town, case: Case) -> set[int | None]:
    return {one.person_id for one in last_notices(town, case) if one.person_id is not None}


@pytest.mark.parametrize(
    ("stage", "verb"),
    [
        (Stage.PENDING_CLOSING, Verb.CLOSE), (Stage.REPORTED, Verb.REJECT), (Stage.PENDING_DISPATCH, Verb.CANCEL),
        (Stage.REPORTED, Verb.SELF_HANDLE),
    ],
)  # fmt: skip
def test_who_reported_a_duplicate_hears_how_the_first_case_ends(town: Town, stage: Stage, verb: Verb) -> None:
    first, duplicate = town.case(stage), town.case(source=Source.DEPARTMENT)
    merge(town, duplicate, first)
    town.move(minutes=1)
    town.do(verb, first)
    both = {town["inspector"].person_id, town["acceptor"].person_id}
    assert told_of_the_end(town, first) == both - {town[USUAL[verb]].person_id}, "but for who ends it"


def test_a_merger_of_the_first_case_into_another_is_told_to_them_as_well(town: Town) -> None:
    first, second, third = town.case(), town.case(), town.case(source=Source.SENSOR)
    merge(town, third, second)
    town.move(minutes=1)
    town.do(Verb.FILE, town.do(Verb.ACCEPT, second))
    merge(town, second, first)
    assert reporters_of_duplicates(town.session, first.id) == sorted(
        {town["inspector"].person_id, town["acceptor"].person_id}
    )
    assert told_of_the_end(town, second) == {town["inspector"].person_id, town["acceptor"].person_id}


def test_before_the_end_they_are_left_in_peace(town: Town) -> None:
    first, duplicate = town.case(), town.case(source=Source.DEPARTMENT)
    merge(town, duplicate, first)
    town.move(minutes=1)
    town.do(Verb.ACCEPT, first)
    assert told_of_the_end(town, first) == set()


# --- taking it back ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stage", "back", "kind"),
    [
        (Stage.VERIFYING, Stage.REPORTED, ClockKind.ACCEPT),
        (Stage.DISPATCHED, Stage.PENDING_DISPATCH, ClockKind.DISPATCH),
    ],
)
def test_a_merger_is_taken_back_and_the_case_waits_again(
    town: Town, stage: Stage, back: Stage, kind: ClockKind
) -> None:
    first, case = town.case(), town.case(stage)
    merge(town, case, first)
    town.move(minutes=5)
    undo(town, case)
    assert (case.stage, case.merged_into_id, case.ended_at) == (back, None, None)
    assert clocks(town, case)[kind] == (ClockState.RUNNING, 2)
    event = last_event(town, case)
    assert (event.data["into"], event.data["was"], event.data["reason"]) == (None, first.no, "不是同一处")
    other = last_event(town, first)
    assert (other.outcome, other.data) == ("released", {"duplicate": case.no, "reason": "不是同一处"})
    assert duplicates_of(town.session, first.id) == []
    kinds = {one.kind for one in last_notices(town, case)}
    assert kinds == {"unmerged"}


def test_what_was_taken_back_is_worked_on_to_its_end(town: Town) -> None:
    first, case = town.case(), town.case(Stage.DISPATCHED)
    merge(town, case, first)
    undo(town, case)
    for verb in (Verb.DISPATCH, Verb.SIGN, Verb.FINISH, Verb.SEND_CHECK, Verb.CHECK, Verb.CLOSE):
        town.do(verb, case)
    assert case.stage is Stage.CLOSED


def test_taking_back_asks_for_a_reason_and_for_no_other_first_case(town: Town) -> None:
    first, case = town.case(), town.case()
    merge(town, case, first)
    assert refused(town, Verb.MERGE, case, reason=None, into=first.no) == {
        "reason": "required", "into": "merged_already",
    }  # fmt: skip


@pytest.mark.parametrize("stage", [Stage.REJECTED, Stage.CANCELLED])
def test_what_ended_otherwise_is_no_merger_to_take_back(town: Town, stage: Stage) -> None:
    case = town.case(stage)
    with pytest.raises(NotMerged):
        undo(town, case)
    assert may_do(town[merger(case)], Verb.MERGE, case, town.session.get_one(Centre, case.centre_id))
    assert "merge" not in shown(town, case, merger(case))["allowed_verbs"]


def test_a_merger_is_taken_back_after_the_first_case_has_ended(town: Town) -> None:
    first, case = town.case(), town.case()
    merge(town, case, first)
    town.do(Verb.REJECT, first)
    undo(town, case)
    assert case.stage is Stage.REPORTED
    assert last_event(town, first).stage_to == "rejected"


def test_nobody_locks_what_they_do_not_see(town: Town) -> None:
    case = town.case()
    lock_together(town.session, town["other_dispatcher"], [case.no, None, 5, "a\0b"])
    lock_together(town.session, town["other_dispatcher"], [None])
    with pytest.raises(NotFound):
        town.do(Verb.MERGE, case, "other_dispatcher", into=case.no)


def test_a_refused_merger_leaves_nothing_behind(town: Town) -> None:
    first, duplicate = town.case(Stage.CLOSED), town.case()
    count = select(func.count()).select_from(Event)
    notices = select(func.count()).select_from(Notice)
    before = (town.session.scalar(count), town.session.scalar(notices))
    with pytest.raises(FirstCaseEnded):
        merge(town, duplicate, first)
    assert (town.session.scalar(count), town.session.scalar(notices)) == before


# --- the handling limit of a duplicate that was none ------------------------------------------------------------------


@pytest.mark.parametrize("refused_before", [True, False])
def test_a_merger_that_is_taken_back_brings_the_used_time_back(town: Town, refused_before: bool) -> None:
    first, duplicate = town.case(), town.case(Stage.DISPATCHED, category=RUBBISH)
    limit = clock(town, duplicate, ClockKind.HANDLE).limit_seconds
    town.move(minutes=30)
    if refused_before:
        town.do(Verb.REFUSE, duplicate)
        town.move(minutes=5)
    merge(town, duplicate, first)
    halted = clock(town, duplicate, ClockKind.HANDLE)
    town.move(minutes=20)
    undo(town, duplicate)
    assert clocks(town, duplicate) == {
        ClockKind.DISPATCH: (ClockState.RUNNING, 3 if refused_before else 2),
        ClockKind.HANDLE: (ClockState.PAUSED, 2),
    }
    back = clock(town, duplicate, ClockKind.HANDLE)
    assert (halted.on_time, back.segments[-1][2]) == (None, "refuse" if refused_before else "merge")
    assert (back.started_at, back.next_rung, back.next_raise_at) == (halted.started_at, 1, None)
    assert (used(town, duplicate), back.limit_seconds) == (1800, limit)
    town.do(Verb.DISPATCH, duplicate)
    assert (clocks(town, duplicate)[ClockKind.HANDLE], used(town, duplicate)) == ((ClockState.RUNNING, 2), 1800)
    assert duplicate.handle_due_at == back.due_at > town.now


def test_another_department_begins_anew_after_a_merger_that_was_taken_back(town: Town) -> None:
    first, duplicate = town.case(), town.case(Stage.DISPATCHED, category=RUBBISH)
    town.move(minutes=30)
    merge(town, duplicate, first)
    undo(town, duplicate)
    town.do(Verb.DISPATCH, duplicate, department=GREEN)
    assert (clocks(town, duplicate)[ClockKind.HANDLE], used(town, duplicate)) == ((ClockState.RUNNING, 3), 0)


def test_a_limit_that_was_over_before_the_merger_stays_over(town: Town) -> None:
    first, duplicate = town.case(), town.case(Stage.CHECKING, category=RUBBISH)
    town.move(minutes=5)
    town.do(Verb.CHECK, duplicate, outcome="failed", text="没修好")
    merge(town, duplicate, first)
    undo(town, duplicate)
    assert ClockKind.HANDLE not in clocks(town, duplicate)
