"""The sweep's SQL. Each statement takes its rows as one JSON document: psycopg builds arrays ten times slower."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session


def write(session: Session, statement: TextClause, rows: Sequence[Any], **values: Any) -> list[Any]:
    """Run a statement that takes its rows as one document, not at all without rows; the rows that it returns."""
    if not rows:
        return []
    result = session.execute(statement, {"rows": orjson.dumps(rows).decode(), **values})
    return list(result) if statement is ADD_ESCALATIONS else []


def _claim(which: str, then: str) -> TextClause:
    """Its columns are those of `climbing.Due`, in their order."""
    return text(f"""
        SELECT clocks.id, clocks.case_id, clocks.kind, clocks.urgent, clocks.unit, clocks.limit_seconds,
            clocks.calendar_id, clocks.started_at,
            CASE WHEN jsonb_array_length(clocks.segments) > 1 THEN clocks.segments::text END,
            clocks.due_at, clocks.next_rung, cases.stage, cases.centre_id, cases.department_id, cases.inspector_id,
            cases.urged_count, cases.supervised_level, cases.red_card,
            (SELECT centres.calendar_id FROM centres WHERE centres.id = cases.centre_id),
            (SELECT departments.centre_id FROM departments WHERE departments.id = cases.department_id),
            CASE WHEN clocks.kind IN ('verify', 'check') AND cases.inspector_id IS NULL THEN (
                SELECT centres.id FROM centres
                WHERE centres.code IN (cases.village_code, cases.street_code, cases.district_code, cases.city_code)
                    AND EXISTS (SELECT FROM posts WHERE posts.centre_id = centres.id AND posts.role = 'inspector')
                ORDER BY jsonb_array_length(centres.line) DESC LIMIT 1
            ) END,
            CASE WHEN clocks.kind = 'reply' THEN (
                SELECT orders.centre_id FROM supervision_orders AS orders WHERE orders.id = clocks.order_id
            ) END
        FROM clocks JOIN cases ON cases.id = clocks.case_id
        WHERE clocks.next_raise_at <= :now AND clocks.state = 'running'
            AND cases.ended_at IS NULL AND cases.stage <> 'suspended' {which}
        ORDER BY clocks.next_raise_at {then}
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
    WITH fired AS MATERIALIZED (
        SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS fired (
            clock_id bigint, case_id bigint, position smallint, rung text, kind text, centre_id integer,
            planned_at timestamptz, raised_at timestamptz
        )
    ), written AS (
        INSERT INTO escalations (clock_id, case_id, position, rung, kind, centre_id, planned_at, raised_at)
        SELECT * FROM fired
        ON CONFLICT (clock_id, position) DO NOTHING
        RETURNING clock_id, position
    )
    SELECT clock_id, position FROM fired EXCEPT SELECT clock_id, position FROM written
""")

ADD_EVENTS = text("""
    INSERT INTO events (case_id, at, verb, outcome, stage_from, stage_to, data)
    SELECT case_id, :now, 'escalate', outcome, stage, stage, data
    FROM json_to_recordset(CAST(:rows AS json)) AS event (
        case_id bigint, outcome text, stage text, data jsonb
    )
""")

ADD_NOTICES = text("""
    INSERT INTO notices (at, kind, case_id, centre_id, role, department_id, person_id, data)
    SELECT :now, notice.* FROM json_to_recordset(CAST(:rows AS json)) AS notice (
        kind text, case_id bigint, centre_id integer, role text, department_id integer,
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

# A new order's reply has a clock of its own; an order that stands already is strengthened and keeps its clock.
ADD_ORDERS = text("""
    WITH new AS MATERIALIZED (
        SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS new (
            case_id bigint, centre_id integer, to_centre_id integer, rung text, red_card boolean,
            reply_due_at timestamptz, urgent boolean, unit text, limit_seconds integer, calendar_id bigint,
            yellow_at timestamptz, next_rung smallint, next_raise_at timestamptz, segments jsonb
        )
    ), orders AS (
        INSERT INTO supervision_orders AS standing
            (case_id, centre_id, to_centre_id, rung, red_card, reply_due_at, issued_at)
        SELECT case_id, centre_id, to_centre_id, rung, red_card, reply_due_at, :now FROM new
        ON CONFLICT (case_id, centre_id) WHERE closed_at IS NULL DO UPDATE
        SET red_card = standing.red_card OR excluded.red_card,
            rung = CASE
                WHEN (SELECT max(position) FROM rungs WHERE name = excluded.rung)
                    > (SELECT max(position) FROM rungs WHERE name = standing.rung) THEN excluded.rung
                ELSE standing.rung
            END
        RETURNING id, case_id, centre_id, xmax = 0 AS made
    )
    INSERT INTO clocks (
        case_id, kind, order_id, round, state, urgent, unit, limit_seconds, calendar_id, segments, started_at, due_at,
        yellow_at, next_rung, next_raise_at
    )
    SELECT case_id, 'reply', orders.id,
        row_number() OVER (PARTITION BY case_id ORDER BY orders.id) + (
            SELECT coalesce(max(round), 0) FROM clocks WHERE clocks.case_id = new.case_id AND kind = 'reply'
        ),
        'running', urgent, unit, limit_seconds, calendar_id, segments, :now, reply_due_at, yellow_at, next_rung,
        next_raise_at
    FROM new JOIN orders USING (case_id, centre_id)
    WHERE made
""")
