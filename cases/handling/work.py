"""One verb at work: the case under its lock with all that the verb must know, and what it leaves behind."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, String, bindparam, exists, literal_column, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Session, defer

from cases.calendars import RULES_STAMP, Calendars, calendars
from cases.handling.fields import Fields
from cases.models import (
    Case,
    CasePhoto,
    Clock,
    FilingCondition,
    Handling,
    HandlingState,
    PhotoKind,
    Request,
    RequestKind,
    Source,
    SupervisionOrder,
)
from cases.permissions import ALONE, Standing, line_of
from cases.stages import ClockKind, Outcome, Transition, Verb
from core.errors import Invalid
from core.settings import Settings
from grid.models import Centre, Department
from people.roles import Actor, Role, Seat

ASKED_FIRST = frozenset({Source.PUBLIC, Source.HOTLINE})
"""A report from here is verified before it is accepted (domain §4.1)."""


@dataclass
class Look:
    """A case with what its guards look at."""

    session: Session
    case: Case
    centre: Centre
    condition: FilingCondition | None
    handling: Handling | None
    department: Department | None
    has_verify_photo: bool | None = None
    rules: Calendars | None = None
    """Calendars and ladder as they stand."""
    rounds: dict[str, int] = field(default_factory=dict)
    """The last round of each kind of clock."""
    posts: list[tuple[str, int, str]] = field(default_factory=list)
    """(role, centre's id, its code) where somebody sits along the place's line."""
    now: datetime = field(kw_only=True)
    settings: Settings = field(kw_only=True)
    asked: bool = field(default=True, kw_only=True)
    """False: no request waits for a decision."""
    assists: list[Handling] = field(default_factory=list)
    """Rows of the assisting departments in this round."""
    orders: list[SupervisionOrder] = field(default_factory=list)
    """Open supervision orders."""
    requests: list[Request] | None = None
    """All requests on the case, the oldest first; None: not read yet."""

    @property
    def standing(self) -> Standing:
        """Who beside the case's own department and centre has a part in it."""
        if not self.assists and not self.orders:
            return ALONE
        return Standing(
            frozenset(
                one.department_id
                for one in self.assists
                if one.department_id is not None and one.state is HandlingState.OPEN
            ),
            frozenset(order.to_centre_id for order in self.orders),
        )

    def all_requests(self) -> list[Request]:
        """The case's requests, by one statement the first time."""
        if self.requests is None:
            wanted = select(Request).where(Request.case_id == self.case.id).order_by(Request.id)
            self.requests = list(self.session.scalars(wanted))
        return self.requests

    def open_request(self, kind: RequestKind) -> Request | None:
        """The request of this kind that waits for a decision; at most one does."""
        if not self.asked:
            return None
        return next((one for one in self.all_requests() if one.kind is kind and one.decided_at is None), None)

    def is_verified(self) -> bool:
        """Whether an inspector has confirmed the report: the photo taken then tells, one statement at most."""
        if self.has_verify_photo is None:
            photo = exists().where(CasePhoto.case_id == self.case.id, CasePhoto.kind == PhotoKind.VERIFY)
            self.has_verify_photo = bool(self.session.scalar(select(photo)))
        return self.has_verify_photo


# What a verb must know beside the rows, as columns: the calendars' stamp, the clocks' rounds, who sits along the line.
_STAMP = literal_column(RULES_STAMP, String)
_ROUNDS = literal_column(
    """(SELECT jsonb_object_agg(kind, round) FROM (
        SELECT kind, max(round) AS round FROM clocks WHERE case_id = cases.id GROUP BY kind) AS last)""",
    JSONB,
)
_POSTS = literal_column(
    """(SELECT jsonb_agg(jsonb_build_array(roles.role, seats.id, seats.code))
        FROM centres AS seats
        CROSS JOIN (VALUES ('inspector'), ('acceptor'), ('shift_lead'), ('dispatcher'), ('handler'), ('leader'))
            AS roles (role)
        WHERE seats.code IN (cases.city_code, cases.district_code, cases.street_code, cases.village_code)
        AND EXISTS (SELECT FROM posts WHERE posts.centre_id = seats.id AND posts.role = roles.role
            AND (posts.role <> 'leader' OR posts.department_id IS NULL)))""",
    JSONB,
)
_ASKED = literal_column(
    "EXISTS (SELECT FROM requests WHERE requests.case_id = cases.id AND requests.decided_at IS NULL)", Boolean
)


# Built once: building it takes longer than PostgreSQL takes to answer it.
LOOK = (
    select(Case, Centre, FilingCondition, Handling, Department, _STAMP, _ROUNDS, _POSTS, _ASKED)
    .join(Centre, Centre.id == Case.centre_id)
    .outerjoin(FilingCondition, FilingCondition.id == Case.condition_id)
    .outerjoin(Handling, (Handling.case_id == Case.id) & (Handling.round == Case.round) & Handling.lead)
    .outerjoin(Department, Department.id == Handling.department_id)
    .where(Case.no == bindparam("no"))
    .options(defer(Case.geom), defer(Case.placement), defer(Case.description))
    .with_for_update(of=Case)
    .execution_options(populate_existing=True)
)


ASSISTS = select(Handling).where(
    Handling.case_id == bindparam("case_id"), Handling.round == bindparam("round"), ~Handling.lead
)
ORDERS = (
    select(SupervisionOrder)
    .where(SupervisionOrder.case_id == bindparam("case_id"), SupervisionOrder.closed_at.is_(None))
    .order_by(SupervisionOrder.id)
)


def lock_and_look(session: Session, no: str, *, now: datetime, settings: Settings) -> Look | None:
    """The case, locked until the transaction ends, with what stands around it; its clocks are taken after it.

    One statement; one more for joint handling, and one where there are supervision orders. Who had to wait for the lock
    gets the case as it is then, but what stands around it as it was before; that is harmless, because a change moves
    the version, and a version that is not the one seen is refused before anything else is looked at.
    """
    row = session.execute(LOOK, {"no": no}).one_or_none()
    if row is None:
        return None
    case, centre, condition, handling, department, stamp, rounds, posts, asked = row
    return Look(
        session, case, centre, condition, handling, department, rules=calendars(session, stamp=stamp),
        rounds=rounds or {}, posts=[(role, id_, code) for role, id_, code in posts or ()], now=now, settings=settings,
        asked=asked,
        assists=list(session.scalars(ASSISTS, {"case_id": case.id, "round": case.round})) if case.joint else [],
        orders=list(session.scalars(ORDERS, {"case_id": case.id})) if case.supervised_level is not None else [],
    )  # fmt: skip


@dataclass
class Work:
    """A verb that may and can be done, with its fields read."""

    look: Look
    actor: Actor
    seat: Seat | None
    """None: the system does it by itself."""
    verb: Verb
    transition: Transition
    outcome: Outcome | None
    now: datetime
    settings: Settings
    values: dict[str, Any]
    data: dict[str, Any] = field(default_factory=dict)
    """What the event keeps beside version and changes."""
    changed: dict[str, list[Any]] = field(default_factory=dict)
    """Field → [before, after] of what stands beside the case's own row; a writer who was slower is shown it, too."""
    same_department: bool = False
    """At dispatch: the department that had the case last gets it again."""
    request: Request | None = None
    """The request that the verb makes or decides."""
    order: SupervisionOrder | None = None
    """The supervision order that the verb makes or answers."""
    clocks: dict[ClockKind, Clock] = field(default_factory=dict)
    """Open after the transition; filled by cases/handling/clockwork.py."""
    stopped: dict[ClockKind, Clock] = field(default_factory=dict)

    @property
    def session(self) -> Session:
        return self.look.session

    @property
    def case(self) -> Case:
        return self.look.case

    @property
    def rules(self) -> Calendars:
        assert self.look.rules is not None  # read with the lock
        return self.look.rules

    @property
    def handling(self) -> Handling:
        """The department's turn that is running or was the last; a case that was dispatched has one."""
        found = self.look.handling
        assert found is not None
        return found

    def keep_text(self, *names: str) -> None:
        """Let the event keep these fields, as far as they were given."""
        self.data |= {name: self.values[name] for name in names if self.values.get(name)}

    def keep_photos(self, kind: PhotoKind) -> None:
        """Hang the photos of `values["photos"]` on the case. Raises Invalid for one that hangs there already."""
        photos = self.values["photos"]
        if not photos:
            return
        rows = [
            {
                "case_id": self.case.id, "photo_id": photo, "kind": kind, "round": self.case.round,
                "person_id": self.actor.person_id, "at": self.now,
            }
            for photo in photos
        ]  # fmt: skip
        kept = self.session.scalars(
            insert(CasePhoto).on_conflict_do_nothing().returning(CasePhoto.photo_id), rows
        ).all()
        twice = [str(photo) for photo in photos if photo not in set(kept)]
        if twice:
            raise Invalid.one("photos", "photo_used", photos=twice)
        self.data["photos"] = [str(photo) for photo in photos]


@dataclass(frozen=True)
class Reading:
    """What the readers of fields may look at."""

    look: Look
    actor: Actor
    seat: Seat | None
    now: datetime
    settings: Settings

    @property
    def session(self) -> Session:
        return self.look.session

    @property
    def case(self) -> Case:
        return self.look.case

    @property
    def line(self) -> list[str]:
        """Codes of the case's place from the city down, as far as they are known."""
        return [code for code in line_of(self.case) if code]


Read = Callable[[Fields, Reading], dict[str, Any]]
Guard = Callable[[Look, Seat | None], None]
Find = Callable[[Reading, dict[str, Any], Outcome | None], Outcome | None]
Do = Callable[[Work], None]
Turn = Callable[[Look], Role | None]
Premise = Callable[[Look], None]


@dataclass(frozen=True)
class Deed:
    """A verb: how its fields are read, what else must be so, and what it changes before the clocks and after them.

    `outcome` finds the outcome where a person doesn't name it, or not the last word: from what was read and named.
    `turn` names the role whose turn it is where several may do the verb: who holds more posts acts by that one.
    `premise` is what there must be at all, before it is asked whose it is.
    `decides` names the kind of request that the verb decides: nobody decides on their own.
    """

    read: Read
    before: Do
    after: Do
    guard: Guard | None = None
    outcome: Find | None = None
    turn: Turn | None = None
    premise: Premise | None = None
    decides: RequestKind | None = None


def nothing(_: Work) -> None:
    """No change beside stage and clocks."""
