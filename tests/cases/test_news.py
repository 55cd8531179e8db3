"""Whom the stream tells that something came in: those who find it in their inbox, and nobody else."""

import pytest

from cases.models import Notice
from cases.news import is_addressed, read_addresses
from cases.notices import Audience, inbox
from people.roles import Role
from tests.make import WORKS, Town


def told(town: Town, to: Audience) -> set[str]:
    """The people whom the stream tells of a notice to this address; the same find it in their inbox."""
    case = town.case()
    notice = Notice(kind="noted", case_id=case.id, at=town.now, data={}, **vars(to))
    town.session.add(notice)
    town.session.flush()
    [address] = read_addresses(town.session, after=notice.id - 1, upto=notice.id)
    streamed = {name for name, actor in town.people.items() if is_addressed(actor, address)}
    found = {
        name
        for name, actor in town.people.items()
        if notice.id in {item["id"] for item in inbox(town.session, actor).items}
    }
    assert streamed == found
    return streamed


def street(town: Town) -> int:
    return town["leader"].seats[0].centre_id


def test_what_the_centres_leaders_are_told_is_not_told_to_a_departments_head(town: Town) -> None:
    assert told(town, Audience(street(town), Role.LEADER)) == {"leader"}


def test_what_a_departments_head_is_told_is_not_told_to_the_centres_leader(town: Town) -> None:
    assert told(town, Audience(street(town), Role.LEADER, town.departments[WORKS].id)) == {"works_head"}


def test_what_all_handlers_are_told_is_told_to_those_of_each_department(town: Town) -> None:
    assert told(town, Audience(street(town), Role.HANDLER)) == {"handler", "green_handler"}


@pytest.mark.parametrize("role", list(Role))
def test_the_stream_and_the_inbox_agree_on_every_role(town: Town, role: Role) -> None:
    for department_id in (None, town.departments[WORKS].id):
        told(town, Audience(street(town), role, department_id))


def test_what_is_told_to_a_person_is_told_to_nobody_else(town: Town) -> None:
    assert told(town, Audience(person_id=town["works_head"].person_id)) == {"works_head"}
