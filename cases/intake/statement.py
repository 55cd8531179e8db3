"""The statements of the hot path: what proves that the routing still holds, and the one that writes everything."""

from sqlalchemy import text

from cases.calendars import RULES_STAMP
from cases.notices import NoticeKind
from people.roles import Role

# By row version, the transaction that wrote it and where it lies: no edit of a duty or its department goes unseen.
_DUTY = "concat_ws(':', d.id, d.xmin, d.ctid, p.xmin, p.ctid)"
_FROM_DUTIES = "FROM duties d JOIN departments p ON p.id = d.department_id"
_CATALOGUES = "ARRAY(SELECT id FROM catalogues WHERE retired_at IS NULL ORDER BY id)"
_LINE_DUTIES = (
    f"(SELECT coalesce(string_agg({_DUTY}, ',' ORDER BY d.id), '') {_FROM_DUTIES} WHERE d.cell_code = ANY({{}}))"
)

GUARD = f"""
    SELECT n.* FROM new AS n JOIN centres ON true
    WHERE centres.id = n.centre_id AND centres.calendar_id = n.calendar_id AND centres.retired_at IS NULL
        AND (n.edition_id IS NULL OR EXISTS (SELECT FROM editions WHERE id = n.edition_id AND state = 'active'))
        AND {RULES_STAMP} = n.rules AND {_CATALOGUES} = n.catalogues AND {_LINE_DUTIES.format("n.line")} = n.duties
"""  # noqa: S608
"""One row if a report routed by what is known may be written, none if something has changed meanwhile."""

STAMP = text(f"""
    SELECT {RULES_STAMP} AS rules, {_CATALOGUES} AS catalogues,
        (SELECT id FROM editions WHERE state = 'active') AS edition_id,
        (SELECT coalesce(sum(hashtextextended(concat_ws(':', id, xmin, ctid), 0)), 0) FROM centres)
            AS centres,
        (SELECT coalesce(string_agg({_DUTY}, ',' ORDER BY d.id), '') {_FROM_DUTIES}) AS duties
""")  # noqa: S608
DUTIES = text(f"SELECT d.id, d.cell_code, {_DUTY} AS version {_FROM_DUTIES} ORDER BY d.id")


BEFORE = "SELECT body_sha256, answer::text AS answer FROM reports WHERE id = %(report_id)s::uuid"

# One value, one JSON object: psycopg adapts fifty values slower than PostgreSQL reads them.
_NEW = {
    "report_id": "uuid", "person_id": "int", "now": "timestamptz", "body": "jsonb", "sha256": "text", "head": "text",
    "tail": "text", "prefix": "text", "digits": "int", "modulus": "bigint",
    "centre_id": "int", "calendar_id": "bigint", "edition_id": "int", "rules": "text", "catalogues": "int[]",
    "line": "text[]", "duties": "text",
    "stage": "text", "source": "text", "description": "text", "address": "text", "category_id": "int",
    "category_code": "text", "condition_id": "int", "urgent": "bool", "lon": "float8", "lat": "float8",
    "city_code": "text", "district_code": "text", "street_code": "text", "village_code": "text", "placement": "jsonb",
    "suggested": "int", "why": "jsonb", "observed_at": "timestamptz", "close_type": "text", "role": "text",
    "photos": "uuid[]", "after": "uuid", "settled": "bool",
    "unit": "text", "limit_seconds": "int", "segments": "jsonb", "due_at": "timestamptz", "yellow_at": "timestamptz",
    "next_rung": "smallint", "next_raise_at": "timestamptz",
}  # fmt: skip

# Nothing is written unless GUARD finds unchanged what routed the report; one that is there already stops the rest.
_WRITE = f"""
WITH new AS MATERIALIZED (
    SELECT * FROM jsonb_to_record(%(new)s::jsonb) AS new({", ".join(f"{name} {kind}" for name, kind in _NEW.items())})
),
drawn AS MATERIALIZED (
    SELECT nextval('cases_id_seq') AS case_id, g.*,
        prefix || lpad((nextval('case_running') %% modulus)::text, digits, '0') AS no
    FROM ({GUARD}) AS g
),
report AS (
    INSERT INTO reports (id, case_id, person_id, received_at, body, body_sha256, answer)
    SELECT report_id, case_id, person_id, now, body, decode(sha256, 'hex'), (head || no || tail)::jsonb
    FROM drawn ON CONFLICT (id) DO NOTHING RETURNING case_id
),
opened AS MATERIALIZED (SELECT drawn.* FROM drawn JOIN report USING (case_id)),
waiting AS (SELECT * FROM opened WHERE NOT settled),
kept AS (
    INSERT INTO cases (id, no, stage, version, round, source, description, address, reporter_id, category_id,
        category_code, condition_id, urgent, geom, edition_id, city_code, district_code, street_code, village_code,
        placement, centre_id, suggested_department_id, why, reported_at, observed_at, ended_at, clock_kind, due_at,
        yellow_at, paused, close_type, urged_count, red_card)
    SELECT case_id, no, stage, 1, 0, source, description, address, person_id, category_id,
        category_code, condition_id, urgent, ST_SetSRID(ST_Point(lon, lat), 4326), edition_id, city_code, district_code,
        street_code, village_code, placement, centre_id, suggested, why, now, observed_at,
        CASE WHEN settled THEN now END, CASE WHEN NOT settled THEN 'accept' END, due_at,
        yellow_at, false, close_type, 0, false
    FROM opened
),
story AS (
    INSERT INTO events (case_id, at, verb, stage_to, person_id, role, data)
    SELECT case_id, now, 'report', stage, person_id, role,
        jsonb_build_object('source', source, 'report_id', report_id)
    FROM opened
),
clock AS (
    INSERT INTO clocks (case_id, kind, round, state, urgent, unit, limit_seconds, calendar_id, segments, started_at,
        due_at, yellow_at, next_rung, next_raise_at)
    SELECT case_id, 'accept', 1, 'running', urgent, unit, limit_seconds, calendar_id, segments, now,
        due_at, yellow_at, next_rung, next_raise_at
    FROM waiting
),
notice AS (
    INSERT INTO notices (at, kind, case_id, centre_id, role, data)
    SELECT now, '{NoticeKind.REPORTED.value}', case_id, centre_id, '{Role.ACCEPTOR.value}',
        jsonb_build_object('source', source)
    FROM waiting
),
named AS (
    INSERT INTO case_photos (case_id, photo_id, kind, round, person_id, at)
    SELECT case_id, photo, CASE WHEN photo = after THEN 'after' ELSE 'report' END, 0, person_id, now
    FROM opened CROSS JOIN unnest(photos) AS photo
)
SELECT no FROM opened
"""  # noqa: S608
# Without the layout, because psycopg keeps what it made of a statement only up to 4,096 characters.
WRITE = " ".join(_WRITE.split())
