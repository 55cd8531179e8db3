"""Roles, what each may do in general, and the signed-in person as a value (contract §4).

What a role may do to one case, stage by stage, stands in `cases/permissions.py`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from grid.levels import Level


class Role(StrEnum):
    """岗位: a person holds it at a centre, and sees that centre's subtree."""

    INSPECTOR = "inspector"
    ACCEPTOR = "acceptor"
    SHIFT_LEAD = "shift_lead"
    DISPATCHER = "dispatcher"
    HANDLER = "handler"
    LEADER = "leader"
    ADMIN = "admin"


class Permission(StrEnum):
    """What a route asks for."""

    SEE_GROUND = "see_ground"
    SEE_CASES = "see_cases"
    REPORT = "report"
    REPORT_MANY = "report_many"
    ACT_ON_CASES = "act_on_cases"
    SEE_STATISTICS = "see_statistics"
    SEE_NOTICES = "see_notices"
    KEEP_TOKENS = "keep_tokens"
    KEEP_GRID = "keep_grid"
    KEEP_PEOPLE = "keep_people"
    KEEP_RULES = "keep_rules"
    LEAD_PATROL = "lead_patrol"


EVERYBODY = frozenset(
    {
        Permission.SEE_GROUND,
        Permission.SEE_CASES,
        Permission.ACT_ON_CASES,
        Permission.SEE_NOTICES,
        Permission.KEEP_TOKENS,
    }
)

MAY: dict[Role, frozenset[Permission]] = {
    Role.INSPECTOR: EVERYBODY | {Permission.REPORT, Permission.REPORT_MANY},
    Role.ACCEPTOR: EVERYBODY | {Permission.REPORT, Permission.REPORT_MANY, Permission.SEE_STATISTICS},
    Role.SHIFT_LEAD: EVERYBODY
    | {Permission.REPORT, Permission.REPORT_MANY, Permission.SEE_STATISTICS, Permission.LEAD_PATROL},
    Role.DISPATCHER: EVERYBODY | {Permission.REPORT, Permission.REPORT_MANY, Permission.SEE_STATISTICS},
    Role.HANDLER: EVERYBODY,
    Role.LEADER: EVERYBODY | {Permission.SEE_STATISTICS, Permission.LEAD_PATROL},
    Role.ADMIN: EVERYBODY
    | {
        Permission.REPORT,
        Permission.REPORT_MANY,
        Permission.SEE_STATISTICS,
        Permission.KEEP_GRID,
        Permission.KEEP_PEOPLE,
        Permission.KEEP_RULES,
        Permission.LEAD_PATROL,
    },
}


@dataclass(frozen=True)
class Seat:
    """A role held at a centre; `line` holds the centre's codes from the city down to itself."""

    role: Role
    centre_id: int
    centre_code: str
    centre_name: str
    level: Level
    line: tuple[str, ...]
    department_id: int | None = None
    department_name: str | None = None
    department_code: str | None = None

    def carries(self, permission: Permission) -> bool:
        """Whether the permission comes with the seat: the head of a department (domain §4.1) leads no patrol."""
        heads_department = self.role is Role.LEADER and self.department_id is not None
        return permission in MAY[self.role] and not (permission is Permission.LEAD_PATROL and heads_department)


@dataclass(frozen=True)
class Actor:
    """Who acts: the signed-in person with all seats. `person_id` None is the system itself."""

    person_id: int | None
    username: str
    name: str
    seats: tuple[Seat, ...]

    def may(self, permission: Permission) -> bool:
        """Whether one of the seats carries the permission."""
        return any(seat.carries(permission) for seat in self.seats)

    def leads(self, line: Iterable[str | None]) -> bool:
        """Whether the person leads the patrol of a centre in `line` (codes city … the place's own)."""
        codes = set(line)
        return any(seat.carries(Permission.LEAD_PATROL) and seat.centre_code in codes for seat in self.seats)

    def sees(self, line: Iterable[str | None]) -> bool:
        """Whether one of the person's centres stands in `line` (codes city … village): their subtree."""
        codes = set(line)
        return any(seat.centre_code in codes for seat in self.seats)

    @property
    def scope(self) -> frozenset[tuple[Level, str]]:
        """The highest cells whose subtrees the person sees, as (level, code)."""
        own = {seat.centre_code: seat for seat in self.seats}
        return frozenset(
            (seat.level, code) for code, seat in own.items() if not any(above in own for above in seat.line[:-1])
        )
