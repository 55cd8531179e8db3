"""Role × verb × stage as data, the relation to the case that it needs, and which cases a person sees."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, false, or_

from cases.models import Case
from cases.stages import BEFORE_FILING, BEFORE_WORK, EVERY, FILED, IN_HAND, OPEN, Stage, Verb, is_possible
from core.errors import NotAllowed, NotFound
from grid.levels import Level
from grid.models import Centre
from people.roles import Actor, Role, Seat


class Relation(StrEnum):
    """How a seat must stand to the case."""

    CENTRE = "centre"  # at the responsible centre or at one above it
    ABOVE = "above"  # at a centre above the responsible one
    BEAT = "beat"  # at a centre that the place lies in; a case with an inspector is that inspector's
    DEPARTMENT = "department"  # in a department (or unit) that has the case; without one, at the responsible centre
    ADDRESSED = "addressed"  # at the centre that an open supervision order is addressed to
    SIGHT = "sight"  # sees the case


@dataclass(frozen=True)
class Permit:
    """A role may do the verb at these stages when one of its seats stands in the relation."""

    role: Role
    relation: Relation
    stages: frozenset[Stage]


def _at(*stages: Stage) -> frozenset[Stage]:
    return frozenset(stages)


def _permits(relation: Relation, stages: frozenset[Stage], *roles: Role) -> tuple[Permit, ...]:
    return tuple(Permit(role, relation, stages) for role in roles)


_INSPECTOR, _ACCEPTOR, _LEAD = Role.INSPECTOR, Role.ACCEPTOR, Role.SHIFT_LEAD
_DISPATCHER, _HANDLER, _LEADER = Role.DISPATCHER, Role.HANDLER, Role.LEADER
_CENTRE, _ABOVE, _BEAT, _DEPARTMENT = Relation.CENTRE, Relation.ABOVE, Relation.BEAT, Relation.DEPARTMENT

PERMITS: dict[Verb, tuple[Permit, ...]] = {
    Verb.SELF_HANDLE: _permits(_BEAT, _at(Stage.REPORTED), _INSPECTOR),
    Verb.SEND_VERIFY: _permits(_CENTRE, _at(Stage.REPORTED), _ACCEPTOR),
    Verb.VERIFY: _permits(_BEAT, _at(Stage.VERIFYING), _INSPECTOR),
    Verb.ACCEPT: _permits(_CENTRE, _at(Stage.REPORTED), _ACCEPTOR),
    Verb.REJECT: _permits(_CENTRE, BEFORE_FILING, _ACCEPTOR, _LEAD),
    Verb.FILE: _permits(_CENTRE, _at(Stage.PENDING_FILING), _LEAD),
    Verb.SEND_BACK: (
        *_permits(_CENTRE, _at(Stage.PENDING_FILING), _LEAD),
        *_permits(_CENTRE, _at(Stage.PENDING_DISPATCH), _DISPATCHER),
    ),
    Verb.DISPATCH: (
        *_permits(_CENTRE, _at(Stage.PENDING_DISPATCH), _DISPATCHER),
        *_permits(_DEPARTMENT, _at(Stage.HANDLING), _LEADER),
    ),
    Verb.SIGN: _permits(_DEPARTMENT, IN_HAND, _HANDLER),
    Verb.REFUSE: _permits(_DEPARTMENT, IN_HAND, _HANDLER),
    Verb.FINISH: _permits(_DEPARTMENT, IN_HAND, _HANDLER),
    Verb.SEND_CHECK: _permits(_CENTRE, _at(Stage.HANDLED), _ACCEPTOR),
    Verb.CHECK: _permits(_BEAT, _at(Stage.CHECKING), _INSPECTOR),
    Verb.CLOSE: _permits(_CENTRE, _at(Stage.PENDING_CLOSING), _LEAD),
    Verb.FORCE_CLOSE: _permits(_CENTRE, FILED, _LEADER, _LEAD),
    Verb.CANCEL: _permits(_CENTRE, BEFORE_FILING | BEFORE_WORK, _LEAD, _ACCEPTOR),
    Verb.REOPEN: _permits(_CENTRE, _at(Stage.CLOSED), _LEAD),
    Verb.REQUEST_EXTENSION: _permits(_DEPARTMENT, _at(Stage.HANDLING), _HANDLER),
    Verb.DECIDE_EXTENSION: (
        *_permits(_DEPARTMENT, _at(Stage.HANDLING), _LEADER),
        *_permits(_CENTRE, _at(Stage.HANDLING), _DISPATCHER),
    ),
    Verb.REQUEST_SUSPENSION: _permits(_DEPARTMENT, _at(Stage.HANDLING), _HANDLER),
    Verb.DECIDE_SUSPENSION: _permits(_CENTRE, _at(Stage.HANDLING), _DISPATCHER, _LEADER),
    Verb.RESUME: _permits(_CENTRE, _at(Stage.SUSPENDED), _DISPATCHER),
    Verb.PASS_UP: _permits(_CENTRE, OPEN, _LEAD, _DISPATCHER),
    Verb.URGE: (*_permits(_CENTRE, OPEN, _LEADER), *_permits(_ABOVE, OPEN, _LEAD, _DISPATCHER)),
    Verb.SUPERVISE: (*_permits(_CENTRE, OPEN, _LEADER), *_permits(_ABOVE, OPEN, _LEAD, _DISPATCHER)),
    Verb.REPLY_SUPERVISION: _permits(Relation.ADDRESSED, OPEN, _LEAD, _DISPATCHER, _LEADER),
    Verb.MERGE: (
        *_permits(_CENTRE, BEFORE_FILING | {Stage.REJECTED}, _ACCEPTOR),
        *_permits(_CENTRE, BEFORE_WORK | {Stage.CANCELLED}, _DISPATCHER),
    ),
    Verb.RECATEGORISE: _permits(_CENTRE, OPEN, _ACCEPTOR, _DISPATCHER),
    Verb.RELOCATE: _permits(_CENTRE, OPEN, _ACCEPTOR, _DISPATCHER),
    Verb.NOTE: _permits(Relation.SIGHT, EVERY, *Role),
    Verb.APPEAL: _permits(_DEPARTMENT, _at(Stage.CLOSED), _HANDLER),
    Verb.DECIDE_APPEAL: _permits(_CENTRE, _at(Stage.CLOSED), _DISPATCHER, _ACCEPTOR),
}
"""Who does what (domain §4.1, §4.3, §9.2). Of a verb that one post asks for and another approves (cancel, force_close)
the approver's permit comes first: who holds both posts acts by it."""

AUTOMATIC = frozenset({Verb.RESUME})
"""What the system itself does, when its moment has come."""


@dataclass(frozen=True)
class Standing:
    """What beside the case's own row tells who stands how to it."""

    departments: frozenset[int] = frozenset()
    """Assisting departments whose part is open (联合处置)."""
    addressed: frozenset[int] = frozenset()
    """Centres that an open supervision order is addressed to."""


ALONE = Standing()
"""A case without assisting departments and orders."""


def permits(role: Role, verb: Verb, stage: Stage) -> Relation | None:
    """The relation in which the role may do the verb at the stage; None: it may not."""
    return next((p.relation for p in PERMITS[verb] if p.role is role and stage in p.stages), None)


def line_of(case: Case) -> tuple[str | None, ...]:
    """Codes of the case's place, city … village; None where it is not known so far down."""
    return (case.city_code, case.district_code, case.street_code, case.village_code)


def sees(actor: Actor, case: Case) -> bool:
    """Whether the case lies in the subtree of one of the person's centres; the same rule as `visible`."""
    return actor.sees(line_of(case))


_COLUMN = {
    Level.CITY: Case.city_code,
    Level.DISTRICT: Case.district_code,
    Level.STREET: Case.street_code,
    Level.VILLAGE: Case.village_code,
}


def visible(actor: Actor) -> ColumnElement[bool]:
    """The condition on `cases` under which the person sees a case; the same rule as `sees`."""
    codes: dict[Level, list[str]] = {}
    for level, code in sorted(actor.scope):
        codes.setdefault(level, []).append(code)
    if not codes:
        return false()
    return or_(
        *(_COLUMN[level].in_(found) if len(found) > 1 else _COLUMN[level] == found[0] for level, found in codes.items())
    )


def _stands(
    seat: Seat, relation: Relation, case: Case, centre: Centre, person_id: int | None, standing: Standing
) -> bool:
    match relation:
        case Relation.CENTRE:
            return seat.centre_code in centre.line and not _heads_department(seat)
        case Relation.ABOVE:
            return seat.centre_code in centre.line and seat.centre_id != centre.id and not _heads_department(seat)
        case Relation.BEAT:
            return seat.centre_code in line_of(case) and case.inspector_id in {None, person_id}
        case Relation.DEPARTMENT:
            if case.department_id is None and seat.department_id not in standing.departments:
                return seat.centre_id == centre.id
            mine = {case.department_id, case.unit_id} | standing.departments
            return seat.department_id is not None and seat.department_id in mine
        case Relation.ADDRESSED:
            return seat.centre_id in standing.addressed and not _heads_department(seat)
    return seat.centre_code in line_of(case)  # SIGHT


def _heads_department(seat: Seat) -> bool:
    """A leader at a department is its head (domain §4.1), not the centre's leader."""
    return seat.role is Role.LEADER and seat.department_id is not None


def seats_for(
    actor: Actor, verb: Verb, case: Case, centre: Centre, standing: Standing = ALONE, *, turn: Role | None = None
) -> Iterator[Seat]:
    """The seats by which the person may do the verb to the case as it stands, those of the role `turn` first."""
    for permit in sorted(PERMITS[verb], key=lambda permit: permit.role is not turn):
        if case.stage not in permit.stages:
            continue
        for seat in actor.seats:
            if seat.role is permit.role and _stands(seat, permit.relation, case, centre, actor.person_id, standing):
                yield seat


def seat_for(
    actor: Actor, verb: Verb, case: Case, centre: Centre, standing: Standing = ALONE, *, turn: Role | None = None
) -> Seat | None:
    """The first of `seats_for`; None: there is none."""
    return next(seats_for(actor, verb, case, centre, standing, turn=turn), None)


def who_may(verb: Verb, stage: Stage, centre: Centre) -> list[dict[str, Any]]:
    """Which roles in which relation to the case could do the verb; the words for a refusal are made of it."""
    at_stage = [permit for permit in PERMITS[verb] if stage in permit.stages]
    return [
        {
            "role": permit.role.value,
            "relation": permit.relation.value,
            "centre": {"code": centre.code, "name": centre.name},
        }
        for permit in at_stage or PERMITS[verb]
    ]


def check_sees(actor: Actor, case: Case | None) -> Case:
    """The case, when there is one and the person sees it; raises NotFound for both, without a difference."""
    if case is None or not (actor.person_id is None or sees(actor, case)):
        raise NotFound
    return case


def check_role(actor: Actor, verb: Verb, case: Case, centre: Centre) -> None:
    """Raise NotAllowed, naming who could, when none of the person's roles ever does the verb."""
    if acts_by_itself(actor, verb):
        return
    roles = {permit.role for permit in PERMITS[verb]}
    if not any(seat.role in roles for seat in actor.seats):
        raise _not_allowed(verb, case, centre)


def acts_by_itself(actor: Actor, verb: Verb) -> bool:
    """Whether it is the system doing what the system does."""
    return actor.person_id is None and verb in AUTOMATIC


def check_seat(
    actor: Actor, verb: Verb, case: Case, centre: Centre, standing: Standing = ALONE, *, turn: Role | None = None
) -> Seat:
    """The seat by which the person acts; raises NotAllowed, naming who could, when no seat fits."""
    seat = seat_for(actor, verb, case, centre, standing, turn=turn)
    if seat is None:
        raise _not_allowed(verb, case, centre)
    return seat


def may_do(actor: Actor, verb: Verb, case: Case, centre: Centre, standing: Standing = ALONE) -> bool:
    """Whether `check_seat` would let the person through, at a stage that knows the verb."""
    return is_possible(case.stage, verb) and seat_for(actor, verb, case, centre, standing) is not None


def verbs_of(actor: Actor, case: Case, centre: Centre, standing: Standing = ALONE) -> Iterable[Verb]:
    """Verbs that stage and permission allow the person now; the door's own guards come on top."""
    return (verb for verb in Verb if may_do(actor, verb, case, centre, standing))


def _not_allowed(verb: Verb, case: Case, centre: Centre) -> NotAllowed:
    return NotAllowed(because="verb", verb=verb.value, stage=case.stage.value, who=who_may(verb, case.stage, centre))
