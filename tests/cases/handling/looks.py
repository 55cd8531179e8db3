"""What the tests of the verbs look at."""

from typing import Any

import pytest
from sqlalchemy import func, select

from cases.calendars import calendars
from cases.clock import running, used_seconds
from cases.handling import perform
from cases.models import (
    Case,
    Clock,
    ClockState,
    Event,
    Handling,
    HandlingState,
    Notice,
)
from cases.stages import ClockKind, Verb
from core.errors import Invalid
from grid.models import Centre, Department, Duty
from people.accounts import load_actor
from people.models import Person, Post
from people.roles import Role
from tests.make import (
    STREET,
    Town,
)


def clocks(town: Town, case: Case) -> dict[ClockKind, tuple[ClockState, int]]:
    return {kind: (clock.state, clock.round) for kind, clock in running(town.session, case).items()}


def clock(town: Town, case: Case, kind: ClockKind) -> Clock:
    wanted = select(Clock).where(Clock.case_id == case.id, Clock.kind == kind).order_by(Clock.round.desc())
    return town.session.scalars(wanted).first()  # type: ignore[return-value]


def turns(town: Town, case: Case) -> list[HandlingState]:
    wanted = select(Handling.state).where(Handling.case_id == case.id).order_by(Handling.round)
    return list(town.session.scalars(wanted))


def last_event(town: Town, case: Case) -> Event:
    wanted = select(Event).where(Event.case_id == case.id).order_by(Event.id.desc()).limit(1)
    return town.session.scalars(wanted).one()


def last_notices(town: Town, case: Case) -> list[Notice]:
    newest = select(func.max(Notice.at)).where(Notice.case_id == case.id).scalar_subquery()
    kind = select(Notice.kind).where(Notice.case_id == case.id).order_by(Notice.id.desc()).limit(1).scalar_subquery()
    wanted = select(Notice).where(Notice.case_id == case.id, Notice.at == newest, Notice.kind == kind)
    return list(town.session.scalars(wanted.order_by(Notice.id)))


def answers(town: Town, case: Case) -> str:
    """The code of the responsible centre."""
    return town.session.get_one(Centre, case.centre_id).code


def duty(town: Town, department: str, cell: str = STREET, **subject: str) -> Duty:
    """Give the department a duty."""
    made = Duty(cell_code=cell, department_id=town.departments[department].id, **subject)
    town.session.add(made)
    town.session.flush()
    return made


def used(town: Town, case: Case) -> int:
    """Seconds that the last handling clock has used by now."""
    return used_seconds(clock(town, case, ClockKind.HANDLE), calendars(town.session), town.now)


def codes(error: Invalid) -> dict[str, str]:
    return {one.field: one.code for one in error.errors}


def refused(town: Town, verb: Verb, case: Case, by: str | None = None, **fields: Any) -> dict[str, str]:
    """The field errors of a verb that is refused, which changes nothing."""
    version, stage = case.version, case.stage
    with pytest.raises(Invalid) as error:
        town.do(verb, case, by, **fields)
    assert (case.version, case.stage) == (version, stage)
    return codes(error.value)


def bare(town: Town, by: str, case: Case, verb: Verb) -> Case:
    """The verb without any field."""
    return perform(
        town.session, town[by], case.no, verb, {}, version=case.version, now=town.now, settings=town.settings
    )


def add_unit(town: Town, code: str, parent: str, handler: str) -> Department:
    """A unit below the department, and its handler among the town's people."""
    above = town.departments[parent]
    unit = Department(code=code, name=code, name_en=code, centre_id=above.centre_id, parent_id=above.id)
    person = Person(username=handler, name=handler, password_hash="!", created_at=town.now)
    town.session.add_all([unit, person])
    town.session.flush()
    town.session.add(Post(person_id=person.id, role=Role.HANDLER, centre_id=above.centre_id, department_id=unit.id))
    town.session.flush()
    town.departments[code], town.people[handler] = unit, load_actor(town.session, person.id)
    return unit
