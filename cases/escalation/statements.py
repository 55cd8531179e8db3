"""The sweep's SQL. Each statement takes its rows as one JSON document: psycopg builds arrays ten times slower."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session


def execute(session: Session, statement: TextClause, rows: Sequence[Any]) -> None:
    """Run a statement that takes its rows as one document; not at all without rows."""
    if rows:
        session.execute(statement, {"rows": document(rows)})


def document(rows: Sequence[Any]) -> str:
    """Dicts or dataclasses as the JSON array that a statement unfolds."""
    return orjson.dumps(rows).decode()


def _claim(which: str, then: str) -> TextClause:
    return text(f"""
        WITH due AS MATERIALIZED (
            SELECT clocks.id AS clock_id, clocks.case_id, clocks.kind, clocks.urgent, clocks.unit, clocks.limit_seconds,
                clocks.calendar_id, clocks.started_at, clocks.due_at, clocks.next_rung, clocks.next_raise_at,
                CASE WHEN jsonb_array_length(clocks.segments) > 1 THEN clocks.segments::text END AS segments,
                cases.stage, cases.centre_id, cases.department_id, cases.inspector_id, cases.street_code,
                cases.urged_count, cases.supervised_level, cases.red_card
            FROM clocks JOIN cases ON cases.id = clocks.case_id
            WHERE clocks.next_raise_at <= :now AND clocks.state = 'running'
                AND cases.ended_at IS NULL AND cases.stage <> 'suspended' {which}
            ORDER BY clocks.next_raise_at {then}
        )
        SELECT due.*, own.level, up_1.id AS up_1, up_2.id AS up_2, up_3.id AS up_3,
            departments.centre_id AS department_centre_id, beat.id AS beat_centre_id
        FROM due
        JOIN centres AS own ON own.id = due.centre_id
        LEFT JOIN centres AS up_1 ON up_1.id = own.parent_id
        LEFT JOIN centres AS up_2 ON up_2.id = up_1.parent_id
        LEFT JOIN centres AS up_3 ON up_3.id = up_2.parent_id
        LEFT JOIN departments ON departments.id = due.department_id
        LEFT JOIN centres AS beat ON beat.code = due.street_code
    """)  # noqa: S608  both parts are written below


# NO KEY UPDATE: a report's photo, whose foreign key looks at the case, needn't wait for the sweep. A verb's FOR UPDATE
# and the sweep exclude each other; the rows' conditions are looked at again once they are locked.
CLAIM_DUE = _claim("", "LIMIT :batch FOR NO KEY UPDATE OF clocks, cases SKIP LOCKED")
CLAIM_CASE = _claim("AND cases.id = :case_id", "FOR NO KEY UPDATE OF clocks, cases")

SET_NEXT = text("""
    UPDATE clocks SET next_rung = following.rung, next_raise_at = following.at
    FROM json_to_recordset(CAST(:rows AS json)) AS following (clock_id bigint, rung smallint, at timestamptz)
    WHERE clocks.id = following.clock_id
""")

ADD_ESCALATIONS = text("""
    INSERT INTO escalations (clock_id, case_id, position, rung, kind, centre_id, planned_at, raised_at)
    SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS fired (
        clock_id bigint, case_id bigint, position smallint, rung text, kind text, centre_id integer,
        planned_at timestamptz, raised_at timestamptz
    )
    ON CONFLICT (clock_id, position) DO NOTHING
    RETURNING clock_id, position
""")

ADD_EVENTS = text("""
    INSERT INTO events (case_id, at, verb, outcome, stage_from, stage_to, data)
    SELECT case_id, at, 'escalate', outcome, stage, stage, data
    FROM json_to_recordset(CAST(:rows AS json)) AS event (
        case_id bigint, at timestamptz, outcome text, stage text, data jsonb
    )
""")

ADD_NOTICES = text("""
    INSERT INTO notices (at, kind, case_id, centre_id, role, department_id, person_id, data)
    SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS notice (
        at timestamptz, kind text, case_id bigint, centre_id integer, role text, department_id integer,
        person_id integer, data jsonb
    )
""")

MARK_CASES = text("""
    UPDATE cases
    SET urged_count = mark.urged_count, supervised_level = mark.supervised_level, red_card = mark.red_card
    FROM json_to_recordset(CAST(:rows AS json)) AS mark (
        id bigint, urged_count smallint, supervised_level text, red_card boolean
    )
    WHERE cases.id = mark.id
""")

ADD_ORDERS = text("""
    INSERT INTO supervision_orders AS standing
        (case_id, centre_id, to_centre_id, rung, red_card, issued_at, reply_due_at)
    SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS new (
        case_id bigint, centre_id integer, to_centre_id integer, rung text, red_card boolean,
        issued_at timestamptz, reply_due_at timestamptz
    )
    ON CONFLICT (case_id, centre_id) WHERE closed_at IS NULL DO UPDATE
    SET red_card = standing.red_card OR excluded.red_card,
        rung = CASE
            WHEN (SELECT max(position) FROM rungs WHERE name = excluded.rung)
                > (SELECT max(position) FROM rungs WHERE name = standing.rung) THEN excluded.rung
            ELSE standing.rung
        END
""")
