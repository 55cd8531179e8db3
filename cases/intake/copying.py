"""Cases of many reports as COPY text: each table's rows in one stream."""

import struct
from collections.abc import Iterator, Sequence

from psycopg import sql
from sqlalchemy import Connection, text

from cases.clock import written
from cases.intake.driver import driver, run
from cases.intake.opening import Draft, Opening, answer_parts
from cases.models import ClockState, PhotoKind
from cases.notices import NoticeKind
from cases.stages import ClockKind, CloseType
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
    drawn = run(conn, _DRAW, {"count": len(drafts)})
    prefixes = [draft.prefix for draft in drafts]
    numbers = [_number(prefix, running, DIGITS) for prefix, (_, running) in zip(prefixes, drawn, strict=True)]
    if wide:
        taken = set(conn.execute(_TAKEN, {"numbers": numbers}).scalars())
        for i, (prefix, (_, running)) in enumerate(zip(prefixes, drawn, strict=True)):
            if numbers[i] in taken:
                numbers[i] = _number(prefix, running, WIDE_DIGITS)
            taken.add(numbers[i])
    return [(case_id, number) for (case_id, _), number in zip(drawn, numbers, strict=True)]


def _number(prefix: str, running: int, digits: int) -> str:
    return f"{prefix}{running % 10**digits:0{digits}}"


_DRAW = "SELECT nextval('cases_id_seq'), nextval('case_running') FROM generate_series(1, %(count)s)"
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
        known = (str(case_id), str(draft.report_id), person, written(draft.received_at))
        rows["cases"].append(_case(draft, opening, no, *known))
        rows["reports"].append(_report(draft, answers[-1], *known))
        rows["events"].append(_event(draft, opening, *known))
        if opening.due_at is not None:
            rows["clocks"].append(_clock(draft, opening, known[0], known[3]))
            if notices:
                rows["notices"].append(_notice(draft, known[0], known[3]))
        if draft.checked.body.photos:
            rows["case_photos"].extend(_photos(draft, *known))
    _copy(conn, rows)
    return answers


def _copy(conn: Connection, rows: dict[str, list[str]]) -> None:
    with driver(conn) as psycopg_, psycopg_.cursor() as cursor:
        for table, lines in rows.items():
            if not lines:
                continue
            columns = sql.SQL(", ").join(map(sql.Identifier, COLUMNS[table]))
            statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), columns)
            with cursor.copy(statement) as copy:
                copy.write("\n".join(lines) + "\n")


# --- rows -------------------------------------------------------------------------------------------------------------


def _case(draft: Draft, opening: Opening, no: str, case_id: str, _: str, person: str, received: str) -> str:
    body, category, (lon, lat, ground) = draft.checked.body, draft.checked.category, draft.spot
    city, district, street, village = ground.codes
    placement, department_id = draft.placement, draft.routed.route.department_id
    observed = body.observed_at
    return "\t".join(
        (
            case_id, no, opening.stage, "1", "0", body.source, escape(body.description),
            NULL if body.address is None else escape(body.address), person,
            NULL if category is None else str(category.id), body.category_code or NULL,
            NULL if body.condition is None else str(body.condition), "t" if draft.urgent else "f", _geom(lon, lat),
            NULL if ground.edition_id is None else str(ground.edition_id), city or NULL, district or NULL,
            street or NULL, village or NULL, NULL if placement is None else json_text(placement),
            str(draft.routed.route.centre_id), NULL if department_id is None else str(department_id),
            json_text(draft.routed.why), received,
            NULL if observed is None else received if observed is draft.received_at else written(observed),
            NULL if opening.due_at else received, ClockKind.ACCEPT if opening.due_at else NULL,
            opening.due_at or NULL, opening.yellow_at or NULL, "f",
            NULL if opening.due_at else CloseType.SELF_HANDLED, "0", "f",
        )
    )  # fmt: skip


def _report(draft: Draft, answer: str, case_id: str, report_id: str, person: str, received: str) -> str:
    sha256, body = draft.sent.sha256.hex(), json_text(draft.sent.kept.decode())
    return f"{report_id}\t{case_id}\t{person}\t{received}\t{body}\t\\\\x{sha256}\t{json_text(answer)}"


def _event(draft: Draft, opening: Opening, case_id: str, report_id: str, person: str, received: str) -> str:
    role = draft.seat.role if draft.seat else NULL
    data = f'{{"source":"{draft.checked.body.source}","report_id":"{report_id}"}}'
    return f"{case_id}\t{received}\treport\t{opening.stage}\t{person}\t{role}\t{data}"


def _clock(draft: Draft, opening: Opening, case_id: str, received: str) -> str:
    return "\t".join(
        (
            case_id, ClockKind.ACCEPT, "1", ClockState.RUNNING, "t" if draft.urgent else "f", opening.unit,
            str(opening.limit_seconds), str(draft.routed.route.calendar_id), f'[["{received}",null,null]]', received,
            opening.due_at or NULL, opening.yellow_at or NULL,
            NULL if opening.next_rung is None else str(opening.next_rung), opening.next_raise_at or NULL,
        )
    )  # fmt: skip


def _notice(draft: Draft, case_id: str, received: str) -> str:
    data = f'{{"source":"{draft.checked.body.source}"}}'
    return f"{received}\t{NoticeKind.REPORTED}\t{case_id}\t{draft.routed.route.centre_id}\t{Role.ACCEPTOR}\t{data}"


def _photos(draft: Draft, case_id: str, _: str, person: str, received: str) -> Iterator[str]:
    photos = draft.checked.body.photos
    for photo in photos:
        kind = PhotoKind.AFTER if draft.settled and photo == photos[-1] else PhotoKind.REPORT
        yield f"{case_id}\t{photo}\t{kind}\t0\t{person}\t{received}"


def _geom(lon: float | None, lat: float | None) -> str:
    return NULL if lon is None or lat is None else POINT.pack(1, WITH_SRID, 4326, lon, lat).hex()


def escape(value: str) -> str:
    """As COPY's text format wants it."""
    return value.translate(_ESCAPES)


def json_text(value: str) -> str:
    """JSON as COPY's text format wants it; it holds no raw white space but the blank."""
    return value.replace("\\", "\\\\")
