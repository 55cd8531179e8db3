"""The guards of the door, whatever the verb."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, select

from cases.errors import (
    NoCalendar,
    StaleVersion,
    WrongStage,
)
from cases.handling import perform
from cases.handling.door import DEEDS
from cases.stages import TABLE, Stage, Verb
from core.errors import Invalid, NotAllowed, NotFound
from grid.models import Centre
from people.models import Post
from people.roles import Role
from tests.cases.handling.looks import codes, last_notices, refused
from tests.make import (
    RUBBISH,
    SMALL_MATTER,
    STREET,
    Town,
)


def test_there_is_no_case_for_who_does_not_see_it(town: Town) -> None:
    case = town.case()
    with pytest.raises(NotFound):
        town.do(Verb.NOTE, case, "other_dispatcher")
    with pytest.raises(NotFound):
        perform(
            town.session, town["dispatcher"], "0" * 19, Verb.NOTE, {}, version=1, now=town.now, settings=town.settings
        )


def test_a_verb_of_another_role_is_not_allowed_whatever_the_stage_and_version(town: Town) -> None:
    case = town.case(Stage.CLOSED)
    with pytest.raises(NotAllowed):
        perform(
            town.session, town["handler"], case.no, Verb.ACCEPT, {}, version=1, now=town.now, settings=town.settings
        )


def test_the_wrong_stage_names_the_stage_and_what_is_possible(town: Town) -> None:
    case = town.case(Stage.PENDING_FILING)
    with pytest.raises(WrongStage) as refusal:
        town.do(Verb.CLOSE, case)
    assert refusal.value.data["stage"] == "pending_filing"
    assert refusal.value.data["possible"] == ["reject", "file", "send_back", "cancel", "pass_up", "note"]


def test_a_version_that_is_not_the_present_one_is_told_what_differs(town: Town) -> None:
    case = town.case()
    town.do(Verb.ACCEPT, case)
    town.do(Verb.FILE, case)
    with pytest.raises(StaleVersion) as refusal:
        perform(
            town.session, town["shift_lead"], case.no, Verb.FILE, {}, version=2, now=town.now, settings=town.settings
        )
    assert refusal.value.data["version"] == 3
    differs = {one["field"]: (one["yours"], one["now"]) for one in refusal.value.data["differs"]}
    assert differs["stage"] == ("pending_filing", "pending_dispatch")
    assert differs["urgent"] == (False, True)


def test_what_changed_and_changed_back_does_not_differ(town: Town) -> None:
    case = town.case()
    town.do(Verb.ACCEPT, case)
    town.do(Verb.SEND_BACK, case)
    with pytest.raises(StaleVersion) as refusal:
        perform(
            town.session, town["acceptor"], case.no, Verb.ACCEPT, {}, version=1, now=town.now, settings=town.settings
        )
    assert "stage" not in {one["field"] for one in refusal.value.data["differs"]}


@pytest.mark.parametrize("version", [None, "1", 1.0, True])
def test_a_missing_version_is_a_field_error_among_the_others(town: Town, version: object) -> None:
    case = town.case(Stage.PENDING_FILING)
    with pytest.raises(Invalid) as error:
        perform(
            town.session, town["shift_lead"], case.no, Verb.SEND_BACK, {"colour": "red"},
            version=version, now=town.now, settings=town.settings,
        )  # fmt: skip
    assert codes(error.value) == {
        "version": "required" if version is None else "not_whole_number",
        "reason": "required",
        "colour": "unknown",
    }


@pytest.mark.parametrize(
    ("value", "code"), [("长" * 2001, "too_long"), (5, "not_text"), ("a\0b", "nul_character"), (["x"], "not_text")]
)
def test_a_text_is_text_of_reasonable_length(town: Town, value: object, code: str) -> None:
    assert refused(town, Verb.SEND_BACK, town.case(Stage.PENDING_FILING), reason=value) == {"reason": code}


@pytest.mark.parametrize(
    ("value", "faults"),
    [
        ("no list", {"photos": "not_list"}),
        (None, {"photos": "too_few_photos"}),
        ([str(uuid4()) for _ in range(21)], {"photos": "too_many"}),
        (["nonsense", 7, "x" * 36], {"photos.0": "not_uuid", "photos.1": "not_uuid", "photos.2": "not_uuid"}),
    ],
)
def test_photos_are_ids(town: Town, value: object, faults: dict[str, str]) -> None:
    case = town.case(Stage.CHECKING)
    assert refused(town, Verb.CHECK, case, photos=value) == faults
    town.do(Verb.CHECK, case, photos=[UUID(int=5)])


def test_a_case_that_is_an_inspectors_is_told_to_that_inspector(town: Town) -> None:
    case = town.case(Stage.HANDLED)
    case.inspector_id = town["inspector"].person_id
    town.do(Verb.SEND_CHECK, case)
    assert [notice.person_id for notice in last_notices(town, case)] == [town["inspector"].person_id]


def test_where_nobody_sits_the_next_centre_above_is_told(town: Town) -> None:
    case = town.case(category=None)
    village = town.session.scalars(select(Centre).where(Centre.code == case.village_code)).one()
    case.centre_id = village.id
    town.do(Verb.ACCEPT, case, category_code=SMALL_MATTER)
    [notice] = last_notices(town, case)
    street = town.session.scalars(select(Centre).where(Centre.code == STREET)).one()
    assert notice.centre_id == street.id, "the village has no shift lead, its street has"


def test_where_nobody_sits_at_all_the_responsible_centre_is_told(town: Town) -> None:
    case = town.case()
    town.session.execute(delete(Post).where(Post.role == Role.SHIFT_LEAD))
    town.do(Verb.ACCEPT, case)
    assert [notice.centre_id for notice in last_notices(town, case)] == [case.centre_id]


def test_a_calendar_that_ends_is_said_and_changes_nothing(town: Town) -> None:
    case = town.case(Stage.PENDING_DISPATCH, category=RUBBISH)
    town.move(days=3650)
    with pytest.raises(NoCalendar), town.session.begin_nested():
        town.do(Verb.DISPATCH, case)
    town.session.refresh(case)
    assert case.stage is Stage.PENDING_DISPATCH


def test_everybody_who_can_be_told_is_told_of_something() -> None:
    from cases.handling.telling import TELLS, TURN, Who

    assert {who for _, listeners in TELLS.values() for who in listeners} | set(TURN.values()) == set(Who)


def test_every_verb_has_a_deed() -> None:
    assert set(DEEDS) == set(Verb)


def test_every_deed_has_a_line_in_the_table_and_words_for_those_concerned() -> None:
    from cases.handling.telling import TELLS

    ready = {(verb, outcome) for _, verb, outcome in TABLE}
    assert {verb for verb, _ in ready} == set(DEEDS)
    assert set(TELLS) == ready
