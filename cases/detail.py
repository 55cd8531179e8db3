"""Everything about one case for its page: place, people, clocks, turns, photos, orders, and what one may do next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, exists, func, select, true
from sqlalchemy.orm import Session, aliased

from cases.asked import as_request, awaited, requests_of
from cases.calendars import Calendars, calendars
from cases.claims import as_claim, held_now
from cases.clock import light, light_of, used_seconds
from cases.duplicates import as_category, as_photo, duplicates_of, photos_of
from cases.handling import Look, allowed_verbs
from cases.handling.dispatching import departments_for, units_of
from cases.handling.effects import effects
from cases.intake.body import read_any_moment
from cases.models import (
    Case,
    Category,
    Claim,
    Clock,
    ClockState,
    FilingCondition,
    Handling,
    PhotoKind,
    Report,
    SupervisionOrder,
)
from cases.permissions import line_of, visible
from cases.reckoning import explain
from cases.stages import BEFORE_FILING, ClockKind, Stage
from core.errors import NotFound
from core.settings import Settings
from grid.levels import Level
from grid.models import Centre, Department
from people.models import Person
from people.roles import Actor

SuggestedDepartment, Unit = aliased(Department, name="suggested"), aliased(Department, name="unit")
Issuer, Replier = aliased(Person, name="issuer"), aliased(Person, name="replier")
Holder, OwnCentre = aliased(Person, name="holder"), aliased(Centre, name="own_centre")
FirstCase, Duplicate = aliased(Case, name="first_case"), aliased(Case, name="duplicate")
CHOOSES_CONDITION = BEFORE_FILING | {Stage.CLOSED}


@dataclass(frozen=True)
class Sheet:
    """What was read of a case, in nine statements at most."""

    main: Row[Any]
    case: Case
    clocks: Sequence[Clock]
    handlings: Sequence[Any]
    photos: Sequence[Any]
    orders: Sequence[Any]
    requests: Sequence[Any]
    conditions: Sequence[FilingCondition]
    departments: Sequence[Row[Any]]
    units: Sequence[Row[Any]]
    names: dict[str, str]
    rules: Calendars

    @property
    def open_orders(self) -> list[SupervisionOrder]:
        """Supervision orders that wait for their reply."""
        return [row.SupervisionOrder for row in self.orders if row.SupervisionOrder.closed_at is None]

    @property
    def assists(self) -> list[Handling]:
        """Rows of the departments that assist in this round."""
        rows = (row.Handling for row in self.handlings)
        return [one for one in rows if not one.lead and one.round == self.case.round]


def show_case(
    session: Session, actor: Actor, no: str, *, now: datetime, settings: Settings, in_hand: bool = False
) -> dict[str, Any]:
    """The case as the API shows it, in nine statements at most, two more where it has duplicates.

    Raises NotFound where the person sees none, unless it was `in_hand`: who has just sent it to ground that they don't
    see is shown it a last time. `why` is data; its words are made in `web`.
    """
    sheet = read_sheet(session, None if in_hand else actor, no, now=now)
    last = next((row for row in reversed(sheet.handlings) if row.Handling.lead), None)
    seen = Look(
        session, sheet.case, sheet.main.Centre, sheet.main.FilingCondition,
        last.Handling if last else None, last.Department if last else None,
        has_verify_photo=any(photo.kind is PhotoKind.VERIFY for photo in sheet.photos), now=now, settings=settings,
        assists=sheet.assists, orders=sheet.open_orders, requests=[row.Request for row in sheet.requests],
    )  # fmt: skip
    verbs = allowed_verbs(actor, seen)
    return {
        **_item(sheet, now),
        "placement": sheet.case.placement,
        "why": {**sheet.case.why, "deadline": _why_deadline(sheet)},
        "condition": _condition(sheet.main.FilingCondition),
        "conditions": [_condition(one) for one in sheet.conditions],
        "suggested_department": _department(sheet.main.suggested, sheet.main.suggested_centre),
        "departments": [_choice(one) for one in sheet.departments],
        "units": [_choice(one) for one in sheet.units],
        "clocks": [_clock(one, sheet.rules, now) for one in sheet.clocks],
        "handlings": [_handling(row) for row in sheet.handlings],
        "photos": [as_photo(row) for row in sheet.photos],
        "orders": [_order(row, sheet, now) for row in sheet.orders],
        "requests": [as_request(row) for row in sheet.requests],
        **_turns(sheet),
        "allowed_verbs": verbs,
        "effects": effects(
            actor, seen, verbs, sheet.clocks, sheet.rules, conditions=sheet.conditions, now=now, settings=settings
        ),
        "report": _report(sheet),
        "claim": as_claim(actor, sheet.main.Claim, sheet.main.holder) if sheet.main.Claim else None,
        "duplicates": duplicates_of(session, sheet.case.id) if sheet.main.has_duplicates else [],
    }


# --- reading ----------------------------------------------------------------------------------------------------------


def read_sheet(session: Session, actor: Actor | None, no: str, *, now: datetime) -> Sheet:
    """Read the case and all that hangs on it; raises NotFound where the person sees none. None sees all."""
    main = session.execute(_main(actor, no, now)).one_or_none()
    if main is None:
        raise NotFound
    case: Case = main.Case
    line = [code for code in line_of(case) if code]
    return Sheet(
        main=main,
        case=case,
        rules=calendars(session),
        clocks=session.scalars(select(Clock).where(Clock.case_id == case.id).order_by(Clock.id)).all(),
        handlings=session.execute(
            select(Handling, Department, Unit, _centre_of(Department, "department"), _centre_of(Unit, "unit"))
            .outerjoin(Department, Department.id == Handling.department_id)
            .outerjoin(Unit, Unit.id == Handling.unit_id)
            .where(Handling.case_id == case.id)
            .order_by(Handling.round, Handling.lead.desc(), Handling.id)
        ).all(),
        photos=session.execute(photos_of([case.id])).all(),
        orders=session.execute(
            select(SupervisionOrder, Centre, Issuer.name.label("issued_by"), Replier.name.label("replied_by"))
            .join(Centre, Centre.id == SupervisionOrder.centre_id)
            .outerjoin(Issuer, Issuer.id == SupervisionOrder.issued_by)
            .outerjoin(Replier, Replier.id == SupervisionOrder.replied_by)
            .where(SupervisionOrder.case_id == case.id)
            .order_by(SupervisionOrder.id)
        ).all(),
        requests=requests_of(session, case.id),
        conditions=_conditions(session, case),
        units=_units(session, case),
        departments=_departments(session, case, line),
        names=_names(session, case, line),
    )


def _main(actor: Actor | None, no: str, now: datetime) -> Any:
    return (
        select(
            Case, Centre, Category, FilingCondition, Department, SuggestedDepartment,
            Report.id.label("report_id"), Report.received_at, Report.body["device_at"].as_string().label("device_at"),
            Person.name.label("reporter"),
            func.ST_X(Case.geom).label("lon"), func.ST_Y(Case.geom).label("lat"),
            FirstCase.no.label("merged_into"), Claim, Holder.name.label("holder"),
            exists().where(Duplicate.merged_into_id == Case.id).label("has_duplicates"),
            _centre_of(SuggestedDepartment, "suggested"),
        )
        .join(Centre, Centre.id == Case.centre_id)
        .outerjoin(Category, Category.id == Case.category_id)
        .outerjoin(FilingCondition, FilingCondition.id == Case.condition_id)
        .outerjoin(Department, Department.id == Case.department_id)
        .outerjoin(SuggestedDepartment, SuggestedDepartment.id == Case.suggested_department_id)
        .outerjoin(Report, Report.case_id == Case.id)
        .outerjoin(Person, Person.id == Case.reporter_id)
        .outerjoin(FirstCase, FirstCase.id == Case.merged_into_id)
        .outerjoin(Claim, (Claim.case_id == Case.id) & held_now(now))
        .outerjoin(Holder, Holder.id == Claim.person_id)
        .where(Case.no == no, true() if actor is None else visible(actor))
        .order_by(Report.received_at)
        .limit(1)
        .execution_options(populate_existing=True)
    )  # fmt: skip


def _centre_of(department: Any, name: str) -> Any:
    """The name of the department's centre, as `NAME_centre`: departments of all centres are called alike."""
    wanted = select(OwnCentre.name).where(OwnCentre.id == department.centre_id)
    return wanted.scalar_subquery().label(f"{name}_centre")


def _conditions(session: Session, case: Case) -> Sequence[FilingCondition]:
    if case.category_id is None or case.stage not in CHOOSES_CONDITION:
        return []
    wanted = select(FilingCondition).where(FilingCondition.category_id == case.category_id)
    return session.scalars(wanted.order_by(FilingCondition.position)).all()


def _departments(session: Session, case: Case, line: list[str]) -> Sequence[Row[Any]]:
    if case.stage is not Stage.PENDING_DISPATCH:
        return []
    return _with_centres(session, departments_for(line))


def _units(session: Session, case: Case) -> Sequence[Row[Any]]:
    """Where the department's head may hand the work on (二级派遣)."""
    if case.stage is not Stage.HANDLING or case.department_id is None:
        return []
    return _with_centres(session, units_of(case))


def _with_centres(session: Session, wanted: Any) -> Sequence[Row[Any]]:
    found: Sequence[Row[Any]] = session.execute(
        wanted.add_columns(_centre_of(Department, "department")).order_by(Department.code)
    ).all()
    return found


def _names(session: Session, case: Case, line: list[str]) -> dict[str, str]:
    """Names of the line's cells: kept with a located case; those of the centres for one without a place."""
    kept = (case.placement or {}).get("line")
    if kept:
        return {cell["code"]: cell["name"] for cell in kept}
    rows = session.execute(select(Centre.code, Centre.name).where(Centre.code.in_(line)))
    return {row.code: row.name for row in rows}


# --- showing ----------------------------------------------------------------------------------------------------------


def _item(sheet: Sheet, now: datetime) -> dict[str, Any]:
    """What a list shows of the case, too (cases/search.py)."""
    case, main = sheet.case, sheet.main
    burning = next((c for c in sheet.clocks if c.kind is case.clock_kind and c.state is not ClockState.STOPPED), None)
    return {
        "no": case.no, "stage": case.stage, "version": case.version, "category": as_category(main.Category),
        "source": case.source, "urgent": case.urgent,
        "light": light(due_at=case.due_at, yellow_at=case.yellow_at, paused=case.paused, now=now),
        "clock": None if case.clock_kind is None else {
            "kind": case.clock_kind, "due_at": case.due_at, "yellow_at": case.yellow_at, "paused": case.paused,
        },
        "left_minutes": None if burning is None else _left_minutes(burning, sheet.rules, now),
        "point": None if main.lon is None else {"lon": main.lon, "lat": main.lat, "crs": "wgs84"},
        "address": case.address,
        "line": [
            {"code": code, "level": level, "name": sheet.names.get(code, code)}
            for level, code in zip(Level, line_of(case), strict=True) if code
        ],
        "centre": {"code": main.Centre.code, "name": main.Centre.name, "level": main.Centre.level},
        "department": _department(main.Department),
        "reported_at": case.reported_at, "filed_at": case.filed_at, "dispatched_at": case.dispatched_at,
        "handled_at": case.handled_at, "ended_at": case.ended_at, "handle_due_at": case.handle_due_at,
        "handled_on_time": case.handled_on_time, "close_type": case.close_type, "description": case.description,
        "urged_count": case.urged_count, "supervised_level": case.supervised_level, "red_card": case.red_card,
        "round": case.round, "joint": case.joint, "awaits": awaited(sheet.requests), "merged_into": main.merged_into,
        "claim_by": main.holder,
        "photo": next((photo.photo_id for photo in sheet.photos if photo.kind is PhotoKind.REPORT), None),
    }  # fmt: skip


def _turns(sheet: Sheet) -> dict[str, Any]:
    """How the work on the case has turned so far, as numbers and moments."""
    names = ("step", "resume_at", "rework_count", "refused_count", "designated", "excused_at")
    condition: FilingCondition | None = sheet.main.FilingCondition
    then = None
    if condition is not None and condition.then_limit is not None:
        then = {
            "limit": condition.then_limit, "unit": condition.then_unit, "closing_zh": condition.then_closing_zh,
            "closing_en": condition.then_closing_en,
        }  # fmt: skip
    return {**{name: getattr(sheet.case, name) for name in names}, "then": then}


def _choice(row: Row[Any]) -> dict[str, Any]:
    department: Department = row.Department
    names = {"code": department.code, "name": department.name, "name_en": department.name_en}
    return {**names, "centre": row.department_centre}


def _department(department: Department | None, centre: str | None = None) -> dict[str, Any] | None:
    if department is None:
        return None
    names = {"code": department.code, "name": department.name, "name_en": department.name_en}
    return {"id": department.id, **names, **({"centre": centre} if centre else {})}


def _condition(condition: FilingCondition | None) -> dict[str, Any] | None:
    if condition is None:
        return None
    names = (
        "id", "zh", "en", "limit", "unit", "closing_zh", "closing_en", "photos_before", "photos_after",
        "then_limit", "then_unit",
    )  # fmt: skip
    return {name: getattr(condition, name) for name in names}


def _why_deadline(sheet: Sheet) -> dict[str, Any] | None:
    """How the handling limit and its deadline came about; None: the case is not filed."""
    condition: FilingCondition | None = sheet.main.FilingCondition
    if condition is None:
        return None
    clock = next((clock for clock in reversed(sheet.clocks) if clock.kind is ClockKind.HANDLE), None)
    return explain(condition, sheet.case.step, clock, [row.Request for row in sheet.requests], sheet.rules)


def _left_minutes(clock: Clock, rules: Calendars, now: datetime) -> int:
    """Whole minutes of the clock's own time that are left, rounded down; negative when it is over."""
    return (clock.limit_seconds - used_seconds(clock, rules, now)) // 60


def _clock(clock: Clock, rules: Calendars, now: datetime) -> dict[str, Any]:
    used = used_seconds(clock, rules, now)
    return {
        "kind": clock.kind, "round": clock.round, "state": clock.state, "urgent": clock.urgent, "unit": clock.unit,
        "limit_minutes": clock.limit_seconds // 60, "used_minutes": used // 60,
        "left_minutes": (clock.limit_seconds - used) // 60, "started_at": clock.started_at, "due_at": clock.due_at,
        "yellow_at": clock.yellow_at, "stopped_at": clock.stopped_at, "on_time": clock.on_time,
        "segments": clock.segments, "next_raise_at": clock.next_raise_at, "light": light_of(clock, now),
    }  # fmt: skip


def _handling(row: Row[Any]) -> dict[str, Any]:
    turn: Handling = row.Handling
    names = (
        "round", "lead", "state", "dispatched_at", "due_at", "refuse_until", "signed_at", "ended_at", "on_time",
        "step_on_time", "text",
    )  # fmt: skip
    return {
        "department": _department(row.Department, row.department_centre),
        "unit": _department(row.unit, row.unit_centre),
        **{name: getattr(turn, name) for name in names},
    }  # fmt: skip


def _order(row: Row[Any], sheet: Sheet, now: datetime) -> dict[str, Any]:
    order: SupervisionOrder = row.SupervisionOrder
    names = ("id", "kind", "rung", "text", "issued_at", "reply_due_at", "replied_at", "reply", "closed_at", "red_card")
    clock = next((one for one in sheet.clocks if one.order_id == order.id), None)
    return {
        "centre": {"code": row.Centre.code, "name": row.Centre.name, "level": row.Centre.level},
        **{name: getattr(order, name) for name in names},
        "issued_by": row.issued_by, "replied_by": row.replied_by,
        "clock": None if clock is None else _clock(clock, sheet.rules, now),
        "open": order.closed_at is None,
    }  # fmt: skip


def _report(sheet: Sheet) -> dict[str, Any]:
    main, observed = sheet.main, sheet.case.observed_at
    device = None if main.device_at is None else read_any_moment(main.device_at)
    return {
        "id": main.report_id, "observed_at": observed, "device_at": None if device == observed else device,
        "received_at": main.received_at or sheet.case.reported_at, "person": main.reporter,
    }  # fmt: skip
