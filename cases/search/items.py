"""Rows of a list as the API shows them: one statement for all, whatever stands around a case."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ARRAY, BigInteger, Connection, Row, Select, case, func, select, true
from sqlalchemy import cast as cast_to
from sqlalchemy.orm import Session

from cases.calendars import Calendars, calendars
from cases.clock import light, used_seconds
from cases.models import Case, CasePhoto, Category, Claim, Clock, ClockState, PhotoKind, Request
from grid.levels import Level
from grid.models import Centre, Department
from people.models import Person

PLAIN = (
    "no", "stage", "version", "source", "urgent", "address", "reported_at", "filed_at", "dispatched_at", "handled_at",
    "ended_at", "handle_due_at", "handled_on_time", "close_type", "description", "urged_count", "supervised_level",
    "red_card", "round", "joint",
)  # fmt: skip
FIRST = Case.__table__.alias("first_case")
LINE = ("city_code", "district_code", "street_code", "village_code")


def items_where(conn: Connection | Session, ids: Sequence[int], *, now: datetime) -> list[dict[str, Any]]:
    """The items of these cases, in this order, in three statements at most."""
    if not ids:
        return []
    rows = conn.execute(_items(ids, now)).all()
    rules = calendars(conn)
    names = _names(conn, rows)
    return [_item(row, names, rules, now) for row in rows]


def _items(ids: Sequence[int], now: datetime) -> Select[Any]:
    named = (
        func.unnest(cast_to(list(ids), ARRAY(BigInteger)))
        .table_valued("id", with_ordinality="rank", name="named")
        .render_derived()
    )
    chosen = select(named.c.id, named.c.rank).subquery("chosen")
    table = Case.__table__.c
    clock = (
        select(Clock.limit_seconds, Clock.segments, Clock.unit.label("limit_unit"), Clock.calendar_id)
        .where(Clock.case_id == Case.id, Clock.kind == Case.clock_kind, Clock.state != ClockState.STOPPED)
        .order_by(Clock.round.desc())
        .limit(1)
        .lateral("burning")
    )
    photo = (
        select(CasePhoto.photo_id)
        .where(CasePhoto.case_id == Case.id, CasePhoto.kind == PhotoKind.REPORT)
        .order_by(CasePhoto.at, CasePhoto.photo_id)
        .limit(1)
        .scalar_subquery()
    )
    # whose approval the oldest open request waits for, by uq_requests_open
    awaits = (
        select(Request.awaits)
        .where(Request.case_id == Case.id, Request.decided_at.is_(None))
        .order_by(Request.id)
        .limit(1)
        .scalar_subquery()
    )
    claim_by = (
        select(Person.name)
        .join(Claim, Claim.person_id == Person.id)
        .where(Claim.case_id == Case.id, Claim.until > now)
        .scalar_subquery()
    )
    return (
        select(
            *(table[name] for name in PLAIN + LINE), table.clock_kind, table.due_at, table.yellow_at, table.paused,
            func.ST_X(table.geom).label("lon"), func.ST_Y(table.geom).label("lat"),
            case((table.placement.is_not(None), table.placement["line"])).label("kept_line"), photo.label("photo"),
            awaits.label("awaits"), claim_by.label("claim_by"),
            Category.code.label("category_code"), Category.kind.label("category_kind"), Category.zh, Category.en,
            Category.class_code, Category.class_zh, Category.class_en,
            Centre.code.label("centre_code"), Centre.name.label("centre_name"), Centre.level.label("centre_level"),
            Department.id.label("department_id"), Department.code.label("department_code"),
            Department.name.label("department_name"), Department.name_en.label("department_name_en"),
            FIRST.c.no.label("merged_into"),
            clock.c.limit_seconds, clock.c.segments, clock.c.limit_unit, clock.c.calendar_id,
        )
        .select_from(Case)
        .join(chosen, chosen.c.id == Case.id)
        .join(Centre, Centre.id == Case.centre_id)
        .outerjoin(Category, Category.id == Case.category_id)
        .outerjoin(Department, Department.id == Case.department_id)
        .outerjoin(FIRST, FIRST.c.id == Case.merged_into_id)
        .outerjoin(clock, true())
        .order_by(chosen.c.rank)
    )  # fmt: skip


def _names(conn: Connection | Session, rows: Sequence[Row[Any]]) -> Mapping[str, str]:
    """Names of the cells: kept with a located case; those of the centres for one without a place."""
    names = {cell["code"]: cell["name"] for row in rows for cell in row.kept_line or ()}
    bare = {code for row in rows if not row.kept_line for code in _codes(row)} - names.keys()
    if bare:
        found = conn.execute(select(Centre.code, Centre.name).where(Centre.code.in_(bare)))
        names |= {centre.code: centre.name for centre in found}
    return names


def _codes(row: Row[Any]) -> list[str]:
    return [code for name in LINE if (code := getattr(row, name)) is not None]


def _item(row: Row[Any], names: Mapping[str, str], rules: Calendars, now: datetime) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in PLAIN},
        "category": _category(row),
        "light": light(due_at=row.due_at, yellow_at=row.yellow_at, paused=row.paused, now=now),
        "clock": None if row.clock_kind is None else {
            "kind": row.clock_kind, "due_at": row.due_at, "yellow_at": row.yellow_at, "paused": row.paused,
        },
        "left_minutes": _left_minutes(row, rules, now),
        "point": None if row.lon is None else {"lon": row.lon, "lat": row.lat, "crs": "wgs84"},
        "line": [
            {"code": code, "level": level, "name": names.get(code, code)}
            for level, name in zip(Level, LINE, strict=True) if (code := getattr(row, name)) is not None
        ],
        "centre": {"code": row.centre_code, "name": row.centre_name, "level": row.centre_level},
        "department": None if row.department_id is None else {
            "id": row.department_id, "code": row.department_code, "name": row.department_name,
            "name_en": row.department_name_en,
        },
        "merged_into": row.merged_into,
        "awaits": row.awaits,
        "claim_by": row.claim_by,
        "photo": row.photo,
    }  # fmt: skip


def _category(row: Row[Any]) -> dict[str, Any] | None:
    if row.category_code is None:
        return None
    return {
        "code": row.category_code, "kind": row.category_kind, "zh": row.zh, "en": row.en,
        "class_code": row.class_code, "class_zh": row.class_zh, "class_en": row.class_en,
    }  # fmt: skip


class _Burning:
    """What `used_seconds` asks of a clock."""

    def __init__(self, row: Row[Any]) -> None:
        self.segments, self.unit, self.calendar_id = row.segments, row.limit_unit, row.calendar_id


def _left_minutes(row: Row[Any], rules: Calendars, now: datetime) -> int | None:
    """Whole minutes of the limit's own time that are left, rounded down; negative when it is over."""
    if row.limit_seconds is None:
        return None
    used = used_seconds(cast("Clock", _Burning(row)), rules, now)
    left: int = (row.limit_seconds - used) // 60
    return left
