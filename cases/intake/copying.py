"""Cases of many reports as COPY text: each table's rows in one stream."""

import struct
from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from psycopg import Cursor, sql
from sqlalchemy import Connection, text

from cases.clock import Plan, written
from cases.intake.opening import Draft, Opening, answer_parts
from cases.models import ClockState, PhotoKind
from cases.notices import NoticeKind
from cases.stages import ClockKind, CloseType
from grid.levels import Level
from people.roles import Role

COLUMNS: dict[str, tuple[str, ...]] = {
    "cases": (
        "id", "no", "stage", "version", "round", "source", "description", "address", "reporter_id", "category_id",
        "category_code", "condition_id", "urgent", "geom", "edition_id", "city_code", "district_code", "street_code",
        "village_code", "placement", "centre_id", "suggested_department_id", "why", "reported_at", "observed_at",
        "ended_at", "clock_kind", "due_at", "yellow_at", "paused", "close_type", "urged_count", "red_card",
    ),
    "reports": ("id", "case_id", "person_id", "received_at", "body", "body_sha256", "answer"),
    "events": ("case_id", "at", "verb", "stage_to", "person_id", "role", "data"),
    "clocks": (
        "case_id", "kind", "round", "state", "urgent", "unit", "limit_seconds", "calendar_id", "segments",
        "started_at", "due_at", "yellow_at", "next_rung", "next_raise_at",
    ),
    "notices": ("at", "kind", "case_id", "centre_id", "role", "data"),
    "case_photos": ("case_id", "photo_id", "kind", "round", "person_id", "at"),
}  # fmt: skip
"""The tables of an opened case, in the order in which they are written."""

NULL = r"\N"
POINT = struct.Struct("<BIIdd")  # EWKB, little-endian: byte order, point with SRID, SRID, x, y
WITH_SRID = 0x20000001
DIGITS, WIDE_DIGITS = 5, 7
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def _draw(conn: Connection, drafts: Sequence[Draft], *, wide: bool) -> list[tuple[int, str]]:
    """An id and a number for each case."""
    ids = conn.execute(_DRAW, {"count": len(drafts)}).all()
    prefixes = [draft.prefix for draft in drafts]
    numbers = [_number(prefix, row.running, DIGITS) for prefix, row in zip(prefixes, ids, strict=True)]
    if wide:
        taken = set(conn.execute(_TAKEN, {"numbers": numbers}).scalars())
        for i, (prefix, row) in enumerate(zip(prefixes, ids, strict=True)):
            if numbers[i] in taken:
                numbers[i] = _number(prefix, row.running, WIDE_DIGITS)
            taken.add(numbers[i])
    return [(row.id, number) for row, number in zip(ids, numbers, strict=True)]


def _number(prefix: str, running: int, digits: int) -> str:
    return f"{prefix}{running % 10**digits:0{digits}}"


_DRAW = text("SELECT nextval('cases_id_seq') AS id, nextval('case_running') AS running FROM generate_series(1, :count)")
_TAKEN = text("SELECT no FROM cases WHERE no = ANY(:numbers)")


def write_drafts(
    conn: Connection, cases: Sequence[tuple[Draft, Opening]], *, person_id: int | None, notices: bool, wide: bool
) -> list[str]:
    """Copy what the drafts become into the tables; answers the reports' answers as JSON text.

    With `wide`, a number that is taken already is drawn with more digits; else it breaks the transaction.
    """
    numbers = _draw(conn, [draft for draft, _ in cases], wide=wide)
    rows: dict[str, list[str]] = {table: [] for table in COLUMNS}
    answers = []
    person = NULL if person_id is None else str(person_id)
    for (draft, opening), (case_id, no) in zip(cases, numbers, strict=True):
        head, tail = answer_parts(draft, opening)
        answers.append(f"{head}{no}{tail}")
        received = written(draft.received_at)
        rows["cases"].append(_case(draft, opening, case_id, no, person, received))
        rows["reports"].append(_report(draft, case_id, person, received, answers[-1]))
        rows["events"].append(_event(draft, opening, case_id, person, received))
        if opening.plan is not None:
            rows["clocks"].append(_clock(draft, opening, opening.plan, case_id, received))
            if notices:
                rows["notices"].append(_notice(draft, case_id, received))
        if draft.checked.body.photos:
            rows["case_photos"].extend(_photos(draft, opening, case_id, person, received))
    _copy(conn, rows)
    return answers


def _copy(conn: Connection, rows: dict[str, list[str]]) -> None:
    driver: Any = conn.connection.driver_connection
    cursor: Cursor[Any]
    with driver.cursor() as cursor:
        for table, lines in rows.items():
            if not lines:
                continue
            columns = sql.SQL(", ").join(map(sql.Identifier, COLUMNS[table]))
            statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), columns)
            with cursor.copy(statement) as copy:
                copy.write("\n".join(lines) + "\n")


# --- rows -------------------------------------------------------------------------------------------------------------


def _case(draft: Draft, opening: Opening, case_id: int, no: str, person: str, received: str) -> str:
    body, codes, plan = draft.checked.body, draft.spot.codes, opening.plan
    category, spot, placement = draft.checked.category, draft.spot, draft.placement
    return "\t".join(
        (
            str(case_id), no, opening.stage.value, "1", "0", body.source.value, escape(body.description),
            NULL if body.address is None else escape(body.address), person,
            NULL if category is None else str(category.id), body.category_code or NULL,
            NULL if body.condition is None else str(body.condition), "t" if draft.urgent else "f",
            _geom(spot.lon, spot.lat), NULL if spot.edition_id is None else str(spot.edition_id),
            codes.get(Level.CITY, NULL), codes.get(Level.DISTRICT, NULL), codes.get(Level.STREET, NULL),
            codes.get(Level.VILLAGE, NULL), NULL if placement is None else json_text(placement),
            str(draft.route.centre_id),
            NULL if draft.route.department_id is None else str(draft.route.department_id),
            json_text(orjson.dumps(draft.route.why).decode()), received,
            NULL if body.observed_at is None else written(body.observed_at),
            NULL if plan else received, ClockKind.ACCEPT.value if plan else NULL,
            written(plan.due_at) if plan else NULL, written(plan.yellow_at) if plan else NULL, "f",
            NULL if plan else CloseType.SELF_HANDLED.value, "0", "f",
        )
    )  # fmt: skip


def _report(draft: Draft, case_id: int, person: str, received: str, answer: str) -> str:
    sha256 = rf"\\x{draft.sent.sha256.hex()}"
    body = json_text(draft.sent.kept.decode())
    return f"{draft.report_id}\t{case_id}\t{person}\t{received}\t{body}\t{sha256}\t{json_text(answer)}"


def _event(draft: Draft, opening: Opening, case_id: int, person: str, received: str) -> str:
    role = draft.seat.role.value if draft.seat else NULL
    data = f'{{"source":"{draft.checked.body.source.value}","report_id":"{draft.report_id}"}}'
    return f"{case_id}\t{received}\treport\t{opening.stage.value}\t{person}\t{role}\t{data}"


def _clock(draft: Draft, opening: Opening, plan: Plan, case_id: int, received: str) -> str:
    return "\t".join(
        (
            str(case_id), ClockKind.ACCEPT.value, "1", ClockState.RUNNING.value, "t" if draft.urgent else "f",
            opening.unit.value, str(opening.limit_seconds), str(draft.route.calendar_id), f'[["{received}",null,null]]',
            received, written(plan.due_at), written(plan.yellow_at),
            NULL if plan.next_rung is None else str(plan.next_rung),
            NULL if plan.next_raise_at is None else written(plan.next_raise_at),
        )
    )  # fmt: skip


def _notice(draft: Draft, case_id: int, received: str) -> str:
    data = f'{{"source":"{draft.checked.body.source.value}"}}'
    return f"{received}\t{NoticeKind.REPORTED.value}\t{case_id}\t{draft.route.centre_id}\t{Role.ACCEPTOR.value}\t{data}"


def _photos(draft: Draft, opening: Opening, case_id: int, person: str, received: str) -> Iterator[str]:
    photos = draft.checked.body.photos
    for photo in photos:
        after = opening.plan is None and photo == photos[-1]
        kind = PhotoKind.AFTER if after else PhotoKind.REPORT
        yield f"{case_id}\t{photo}\t{kind.value}\t0\t{person}\t{received}"


def _geom(lon: float | None, lat: float | None) -> str:
    return NULL if lon is None or lat is None else POINT.pack(1, WITH_SRID, 4326, lon, lat).hex()


def escape(value: str) -> str:
    """As COPY's text format wants it."""
    return value.translate(_ESCAPES)


def json_text(value: str) -> str:
    """JSON as COPY's text format wants it; it holds no raw white space but the blank."""
    return value.replace("\\", "\\\\")
