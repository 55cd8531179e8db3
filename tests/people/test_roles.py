"""What each role may: the truth table."""

from dataclasses import replace

import pytest

from grid.levels import Level
from people.roles import MAY, Actor, Permission, Role, Seat

# role: everything that it may beside what everybody may
TABLE = {
    Role.INSPECTOR: {"report", "report_many"},
    Role.ACCEPTOR: {"report", "report_many", "see_statistics"},
    Role.SHIFT_LEAD: {"report", "report_many", "see_statistics", "lead_patrol"},
    Role.DISPATCHER: {"report", "report_many", "see_statistics"},
    Role.HANDLER: set(),
    Role.LEADER: {"see_statistics", "lead_patrol"},
    Role.ADMIN: {"report", "report_many", "see_statistics", "keep_grid", "keep_people", "keep_rules", "lead_patrol"},
}
EVERYBODY = {"see_ground", "see_cases", "act_on_cases", "see_notices", "keep_tokens"}


def actor(*roles: Role) -> Actor:
    line = ("310000000000", "310101000000", "310101002000")
    seats = tuple(Seat(role, 1, line[-1], "南京东路街道", Level.STREET, line) for role in roles)
    return Actor(1, "wang", "王", seats)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("permission", Permission)
def test_a_role_may_what_the_table_says(role: Role, permission: Permission) -> None:
    assert actor(role).may(permission) == (permission.value in TABLE[role] | EVERYBODY)


def test_every_role_and_permission_stands_in_the_table() -> None:
    assert set(TABLE) == set(MAY) == set(Role)
    assert {permission.value for permission in Permission} == EVERYBODY.union(*TABLE.values())


@pytest.mark.parametrize("permission", Permission)
def test_two_roles_may_what_either_may(permission: Permission) -> None:
    both = actor(Role.HANDLER, Role.LEADER)
    assert both.may(permission) == (actor(Role.HANDLER).may(permission) or actor(Role.LEADER).may(permission))


def test_a_street_sees_its_villages_and_not_its_neighbours() -> None:
    street = actor(Role.ACCEPTOR)
    assert street.sees(["310000000000", "310101000000", "310101002000", "310101002001"])
    assert not street.sees(["310000000000", "310101000000", "310101013000", "310101013001"])
    assert not street.sees(["310000000000", None, None, None])


def test_a_seat_below_another_adds_nothing_to_the_scope() -> None:
    line = ("310000000000", "310101000000")
    district = Seat(Role.LEADER, 2, "310101000000", "黄浦区", Level.DISTRICT, line)
    both = Actor(1, "wang", "王", (*actor(Role.ACCEPTOR).seats, district))
    assert both.scope == {(Level.DISTRICT, "310101000000")}


@pytest.mark.parametrize("role", Role)
def test_a_patrol_is_led_from_its_centre_or_above_and_by_no_head_of_a_department(role: Role) -> None:
    line = ["310000000000", "310101000000", "310101002000"]
    who, leads = actor(role), role in {Role.SHIFT_LEAD, Role.LEADER, Role.ADMIN}
    assert who.leads(line) == who.leads([*line, "310101002001"]) == leads
    assert not who.leads(line[:-1])
    seat = who.seats[0]
    of_department = Actor(1, "wang", "王", (replace(seat, department_id=7),))
    assert of_department.leads(line) == of_department.may(Permission.LEAD_PATROL) == (leads and role is not Role.LEADER)
