"""Who may do what: every role × verb × stage, every relation, and which cases a person sees."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.models import Case, Source
from cases.permissions import (
    PERMITS,
    Relation,
    Standing,
    acts_by_itself,
    check_role,
    check_seat,
    check_sees,
    may_do,
    permits,
    seat_for,
    sees,
    verbs_of,
    visible,
    who_may,
)
from cases.stages import Stage, Verb, is_possible
from core.errors import NotAllowed, NotFound
from core.settings import Settings
from grid.levels import Level
from grid.models import Centre
from people.roles import Actor, Role, Seat
from tests.make import Town

CITY, DISTRICT, STREET, VILLAGE = "31", "3101", "310101", "31010101"
LINE = (CITY, DISTRICT, STREET, VILLAGE)
LETTERS = dict(zip(Stage, "RVFPDHSNCLXJK", strict=True))
OPEN, ALL = "RVFPDHSNCL", "RVFPDHSNCLXJK"

# domain §4.3's column "who", said a second time: verb → role → stages.
TRUTH: dict[Verb, dict[Role, str]] = {
    Verb.SELF_HANDLE: {Role.INSPECTOR: "R"},
    Verb.SEND_VERIFY: {Role.ACCEPTOR: "R"},
    Verb.VERIFY: {Role.INSPECTOR: "V"},
    Verb.ACCEPT: {Role.ACCEPTOR: "R"},
    Verb.REJECT: {Role.ACCEPTOR: "RVF", Role.SHIFT_LEAD: "RVF"},
    Verb.FILE: {Role.SHIFT_LEAD: "F"},
    Verb.SEND_BACK: {Role.SHIFT_LEAD: "F", Role.DISPATCHER: "P"},
    Verb.DISPATCH: {Role.DISPATCHER: "P", Role.LEADER: "H"},
    Verb.SIGN: {Role.HANDLER: "DH"},  # at H the departments that assist
    Verb.REFUSE: {Role.HANDLER: "DH"},
    Verb.FINISH: {Role.HANDLER: "DH"},
    Verb.SEND_CHECK: {Role.ACCEPTOR: "N"},
    Verb.CHECK: {Role.INSPECTOR: "C"},
    Verb.CLOSE: {Role.SHIFT_LEAD: "L"},
    Verb.FORCE_CLOSE: {Role.SHIFT_LEAD: "PDHSNCL", Role.LEADER: "PDHSNCL"},
    Verb.CANCEL: {Role.ACCEPTOR: "RVFPD", Role.SHIFT_LEAD: "RVFPD"},
    Verb.REOPEN: {Role.SHIFT_LEAD: "X"},
    Verb.REQUEST_EXTENSION: {Role.HANDLER: "H"},
    Verb.DECIDE_EXTENSION: {Role.LEADER: "H", Role.DISPATCHER: "H"},
    Verb.REQUEST_SUSPENSION: {Role.HANDLER: "H"},
    Verb.DECIDE_SUSPENSION: {Role.LEADER: "H", Role.DISPATCHER: "H"},
    Verb.RESUME: {Role.DISPATCHER: "S"},
    Verb.PASS_UP: {Role.SHIFT_LEAD: OPEN, Role.DISPATCHER: OPEN},
    Verb.URGE: {Role.LEADER: OPEN, Role.SHIFT_LEAD: OPEN, Role.DISPATCHER: OPEN},
    Verb.SUPERVISE: {Role.LEADER: OPEN, Role.SHIFT_LEAD: OPEN, Role.DISPATCHER: OPEN},
    Verb.REPLY_SUPERVISION: {Role.LEADER: OPEN, Role.SHIFT_LEAD: OPEN, Role.DISPATCHER: OPEN},
    Verb.MERGE: {Role.ACCEPTOR: "RVFJ", Role.DISPATCHER: "PDK"},  # at J and K taking it back
    Verb.RECATEGORISE: {Role.ACCEPTOR: OPEN, Role.DISPATCHER: OPEN},
    Verb.RELOCATE: {Role.ACCEPTOR: OPEN, Role.DISPATCHER: OPEN},
    Verb.NOTE: dict.fromkeys(Role, ALL),
    Verb.APPEAL: {Role.HANDLER: "X"},
    Verb.DECIDE_APPEAL: {Role.DISPATCHER: "X", Role.ACCEPTOR: "X"},
}


def centre(level: Level = Level.STREET) -> Centre:
    depth = level.depth
    return Centre(
        id=depth + 1, code=LINE[depth], level=level, name=level.value, line=list(LINE[: depth + 1]), calendar_id=1
    )


def case(stage: Stage = Stage.REPORTED, department_id: int | None = 7, inspector_id: int | None = None) -> Case:
    return Case(
        stage=stage, department_id=department_id, inspector_id=inspector_id,
        city_code=CITY, district_code=DISTRICT, street_code=STREET, village_code=VILLAGE,
    )  # fmt: skip


def seat(role: Role, level: Level = Level.STREET, department_id: int | None = None) -> Seat:
    at = centre(level)
    return Seat(role, at.id, at.code, at.name, level, tuple(at.line), department_id)


def actor(*seats: Seat, person_id: int = 1) -> Actor:
    return Actor(person_id, "somebody", "Somebody", seats)


def related(role: Role, relation: Relation) -> Actor:
    """A person of the role who stands in the relation to the case."""
    level = Level.DISTRICT if relation is Relation.ABOVE else Level.STREET
    return actor(seat(role, level, 7 if relation is Relation.DEPARTMENT else None))


ORDERED = Standing(addressed=frozenset({Level.STREET.depth + 1}))
"""A supervision order to the street's centre is open."""


@pytest.mark.parametrize("verb", list(Verb))
@pytest.mark.parametrize("role", list(Role))
def test_the_truth_table_of_every_role_verb_and_stage(role: Role, verb: Verb) -> None:
    for stage in Stage:
        expected = LETTERS[stage] in TRUTH[verb].get(role, "")
        relation = permits(role, verb, stage)
        assert (relation is not None) == expected, stage
        someone = related(role, relation or Relation.CENTRE)
        found = seat_for(someone, verb, case(stage), centre(), ORDERED)
        assert (found is not None) == expected, stage
        possible = is_possible(stage, verb)
        assert may_do(someone, verb, case(stage), centre(), ORDERED) == (expected and possible), stage
        assert (verb in verbs_of(someone, case(stage), centre(), ORDERED)) == (expected and possible), stage


def test_every_verb_has_somebody_at_every_stage_that_knows_it() -> None:
    for verb in Verb:
        permitted = {stage for permit in PERMITS[verb] for stage in permit.stages}
        assert permitted == {stage for stage in Stage if is_possible(stage, verb)}, verb


@pytest.mark.parametrize(
    ("verb", "who", "stage", "may"),
    [
        (Verb.ACCEPT, seat(Role.ACCEPTOR), Stage.REPORTED, True),
        (Verb.ACCEPT, seat(Role.ACCEPTOR, Level.CITY), Stage.REPORTED, True),
        (Verb.ACCEPT, seat(Role.ACCEPTOR, Level.VILLAGE), Stage.REPORTED, False),
        (Verb.URGE, seat(Role.SHIFT_LEAD), Stage.HANDLING, False),
        (Verb.URGE, seat(Role.SHIFT_LEAD, Level.DISTRICT), Stage.HANDLING, True),
        (Verb.URGE, seat(Role.LEADER), Stage.HANDLING, True),
        (Verb.CHECK, seat(Role.INSPECTOR, Level.VILLAGE), Stage.CHECKING, True),
        (Verb.SIGN, seat(Role.HANDLER, department_id=7), Stage.DISPATCHED, True),
        (Verb.SIGN, seat(Role.HANDLER, department_id=8), Stage.DISPATCHED, False),
        (Verb.SIGN, seat(Role.HANDLER), Stage.DISPATCHED, False),
    ],
)
def test_a_seat_must_stand_in_the_right_relation_to_the_case(verb: Verb, who: Seat, stage: Stage, may: bool) -> None:
    assert (seat_for(actor(who), verb, case(stage), centre()) is not None) == may


def test_what_no_department_has_is_signed_for_by_any_handler_of_the_centre() -> None:
    nobodys = case(Stage.DISPATCHED, department_id=None)
    assert seat_for(actor(seat(Role.HANDLER)), Verb.SIGN, nobodys, centre())
    assert seat_for(actor(seat(Role.HANDLER, department_id=8)), Verb.SIGN, nobodys, centre())
    assert not seat_for(actor(seat(Role.HANDLER, Level.DISTRICT)), Verb.SIGN, nobodys, centre())


def test_an_assisting_department_and_a_unit_work_on_the_case_beside_the_department() -> None:
    joint = Standing(departments=frozenset({8}))
    for department_id in (7, 8):
        handler = actor(seat(Role.HANDLER, department_id=department_id))
        assert seat_for(handler, Verb.FINISH, case(Stage.HANDLING), centre(), joint)
    assert not seat_for(actor(seat(Role.HANDLER, department_id=9)), Verb.FINISH, case(Stage.HANDLING), centre(), joint)
    with_unit = case(Stage.HANDLING)
    with_unit.unit_id = 9
    assert seat_for(actor(seat(Role.HANDLER, department_id=9)), Verb.FINISH, with_unit, centre())


def test_an_assisting_department_works_where_the_centre_itself_leads() -> None:
    joint, nobodys = Standing(departments=frozenset({8})), case(Stage.DISPATCHED, department_id=None)
    elsewhere = Seat(Role.HANDLER, 9, "3102", "elsewhere", Level.DISTRICT, (CITY, "3102"), 8)
    assert seat_for(actor(elsewhere), Verb.SIGN, nobodys, centre(), joint)
    assert not seat_for(actor(elsewhere), Verb.SIGN, nobodys, centre())


def test_an_order_is_answered_where_it_is_addressed_and_nowhere_else() -> None:
    assert seat_for(actor(seat(Role.SHIFT_LEAD)), Verb.REPLY_SUPERVISION, case(), centre(), ORDERED)
    assert not seat_for(actor(seat(Role.SHIFT_LEAD)), Verb.REPLY_SUPERVISION, case(), centre())
    above = actor(seat(Role.SHIFT_LEAD, Level.DISTRICT))
    assert not seat_for(above, Verb.REPLY_SUPERVISION, case(), centre(), ORDERED)


@pytest.mark.parametrize("verb", [Verb.SUPERVISE, Verb.URGE, Verb.FORCE_CLOSE, Verb.DECIDE_SUSPENSION])
def test_the_head_of_a_department_is_not_the_leader_of_its_centre(verb: Verb) -> None:
    assert seat_for(actor(seat(Role.LEADER)), verb, case(Stage.HANDLING), centre())
    assert not seat_for(actor(seat(Role.LEADER, department_id=7)), verb, case(Stage.HANDLING), centre())
    assert not seat_for(actor(seat(Role.LEADER, Level.DISTRICT, 7)), verb, case(Stage.HANDLING), centre())
    assert seat_for(actor(seat(Role.LEADER, department_id=7)), Verb.DECIDE_EXTENSION, case(Stage.HANDLING), centre())


def test_only_the_system_does_what_comes_by_itself_and_it_sees_every_case() -> None:
    system = Actor(None, "system", "system", ())
    assert acts_by_itself(system, Verb.RESUME)
    assert not acts_by_itself(system, Verb.CLOSE)
    assert not acts_by_itself(actor(seat(Role.DISPATCHER)), Verb.RESUME)
    check_role(system, Verb.RESUME, case(Stage.SUSPENDED), centre())
    with pytest.raises(NotAllowed):
        check_role(system, Verb.CLOSE, case(Stage.PENDING_CLOSING), centre())
    assert check_sees(system, case())


def test_a_case_with_an_inspector_is_that_inspectors_alone() -> None:
    theirs = case(Stage.CHECKING, inspector_id=5)
    assert seat_for(actor(seat(Role.INSPECTOR), person_id=5), Verb.CHECK, theirs, centre())
    assert not seat_for(actor(seat(Role.INSPECTOR), person_id=6), Verb.CHECK, theirs, centre())


def test_a_refusal_names_the_role_and_the_centre_that_could() -> None:
    with pytest.raises(NotAllowed) as refused:
        check_seat(actor(seat(Role.HANDLER)), Verb.DISPATCH, case(Stage.PENDING_DISPATCH), centre())
    assert refused.value.data["who"] == [
        {"role": "dispatcher", "relation": "centre", "centre": {"code": STREET, "name": "street"}}
    ]
    with pytest.raises(NotAllowed):
        check_role(actor(seat(Role.HANDLER)), Verb.DISPATCH, case(), centre())
    check_role(actor(seat(Role.DISPATCHER)), Verb.DISPATCH, case(), centre())
    assert check_seat(actor(seat(Role.DISPATCHER)), Verb.DISPATCH, case(Stage.PENDING_DISPATCH), centre())
    assert {who["role"] for who in who_may(Verb.DISPATCH, Stage.CLOSED, centre())} == {"dispatcher", "leader"}


def test_a_case_elsewhere_and_no_case_at_all_are_refused_alike() -> None:
    there = actor(Seat(Role.DISPATCHER, 9, "3102", "elsewhere", Level.DISTRICT, (CITY, "3102")))
    for nothing in (None, case()):
        with pytest.raises(NotFound) as refused:
            check_sees(there, nothing)
        assert refused.value.data == {}
    assert check_sees(actor(seat(Role.ADMIN, Level.CITY)), case())


def test_who_holds_no_seat_sees_nothing(session: Session) -> None:
    assert session.scalars(select(Case.id).where(visible(actor()))).all() == []
    assert not sees(actor(), case())


def test_sql_and_python_agree_on_what_a_person_sees(town: Town) -> None:
    hotline = {"source": Source.HOTLINE, "located": False}
    cases = [town.case(), town.case(**hotline), town.case(**hotline, by="other_dispatcher")]
    for name, who in town.people.items():
        found = set(town.session.scalars(select(Case.id).where(visible(who))))
        assert found == {one.id for one in cases if sees(who, one)}, name
    both = Actor(1, "both", "Both", (*town["dispatcher"].seats, *town["other_dispatcher"].seats))
    assert set(town.session.scalars(select(Case.id).where(visible(both)))) == {one.id for one in cases}
    assert {one.id for one in cases if sees(town["other_dispatcher"], one)} == {cases[2].id}


def test_the_town_has_somebody_who_may_do_each_verb_that_is_ready(town: Town, settings: Settings) -> None:
    for stage in (Stage.REPORTED, Stage.DISPATCHED, Stage.CHECKING):
        made = town.case(stage)
        found = town.session.get_one(Centre, made.centre_id)
        ready = {verb for verb in Verb if is_possible(stage, verb)} - {Verb.REPLY_SUPERVISION}  # no order is open
        assert ready == {verb for who in town.people.values() for verb in verbs_of(who, made, found)}
