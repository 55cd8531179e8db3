"""The statements of the hot path: what proves that the routing still holds, and the one that writes everything."""

from sqlalchemy import text

from cases.calendars import RULES_STAMP
from cases.notices import NoticeKind
from people.roles import Role

# By row version: xmin is the transaction that wrote a row, so that no edit of a duty or its department goes unseen.
_DUTY = "d.id || ':' || d.xmin || ':' || p.xmin"
_FROM_DUTIES = "FROM duties d JOIN departments p ON p.id = d.department_id"
_CATALOGUES = "ARRAY(SELECT id FROM catalogues WHERE retired_at IS NULL ORDER BY id)"
_LINE_DUTIES = (
    f"(SELECT coalesce(string_agg({_DUTY}, ',' ORDER BY d.id), '') {_FROM_DUTIES} WHERE d.cell_code = ANY({{}}))"
)

GUARD = f"""
    SELECT FROM centres
    WHERE centres.id = %(centre_id)s::int AND centres.calendar_id = %(calendar_id)s::bigint
        AND centres.retired_at IS NULL
        AND (%(edition_id)s::int IS NULL
            OR EXISTS (SELECT FROM editions WHERE id = %(edition_id)s::int AND state = 'active'))
        AND {RULES_STAMP} = %(rules)s::text
        AND {_CATALOGUES} = %(catalogues)s::int[]
        AND {_LINE_DUTIES.format("%(line)s::varchar[]")} = %(duties)s::text
"""  # noqa: S608
"""One row if a report routed by what is known may be written, none if something has changed meanwhile."""

STAMP = text(f"""
    SELECT {RULES_STAMP} AS rules, {_CATALOGUES} AS catalogues,
        (SELECT id FROM editions WHERE state = 'active') AS edition_id,
        (SELECT coalesce(sum(hashtextextended(concat_ws(':', id, xmin, calendar_id, retired_at), 0)), 0) FROM centres)
            AS centres,
        (SELECT coalesce(string_agg({_DUTY}, ',' ORDER BY d.id), '') {_FROM_DUTIES}) AS duties
""")  # noqa: S608
DUTIES = text(f"SELECT d.id, d.cell_code, {_DUTY} AS version {_FROM_DUTIES} ORDER BY d.id")


BEFORE = "SELECT body_sha256, answer::text AS answer FROM reports WHERE id = %(report_id)s::uuid"

# Nothing is written unless GUARD finds unchanged what routed the report; one that is there already stops the rest.
WRITE = f"""
WITH guard AS ({GUARD}),
drawn AS MATERIALIZED (
    SELECT nextval('cases_id_seq') AS case_id,
        %(prefix)s::text || lpad((nextval('case_running') %% %(modulus)s::bigint)::text, %(digits)s::int, '0') AS no
    FROM guard
),
report AS (
    INSERT INTO reports (id, case_id, person_id, received_at, body, body_sha256, answer)
    SELECT %(report_id)s::uuid, case_id, %(person_id)s::int, %(now)s::timestamptz, %(body)s::jsonb, %(sha256)s::bytea,
        (%(head)s::text || no || %(tail)s::text)::jsonb
    FROM drawn ON CONFLICT (id) DO NOTHING RETURNING case_id
),
opened AS (
    INSERT INTO cases (id, no, stage, version, round, source, description, address, reporter_id, category_id,
        category_code, condition_id, urgent, geom, edition_id, city_code, district_code, street_code, village_code,
        placement, centre_id, suggested_department_id, why, reported_at, observed_at, ended_at, clock_kind, due_at,
        yellow_at, paused, close_type, urged_count, red_card)
    SELECT drawn.case_id, no, %(stage)s::varchar, 1, 0, %(source)s::varchar, %(description)s::text, %(address)s::text,
        %(person_id)s::int, %(category_id)s::int, %(category_code)s::varchar, %(condition_id)s::int, %(urgent)s::bool,
        ST_SetSRID(ST_Point(%(lon)s::float8, %(lat)s::float8), 4326), %(edition_id)s::int, %(city_code)s::varchar,
        %(district_code)s::varchar, %(street_code)s::varchar, %(village_code)s::varchar, %(placement)s::jsonb,
        %(centre_id)s::int, %(suggested)s::int, %(why)s::jsonb, %(now)s::timestamptz, %(observed_at)s::timestamptz,
        CASE WHEN %(settled)s::bool THEN %(now)s::timestamptz END, CASE WHEN NOT %(settled)s::bool THEN 'accept' END,
        %(due_at)s::timestamptz, %(yellow_at)s::timestamptz, false, %(close_type)s::varchar, 0, false
    FROM drawn JOIN report ON report.case_id = drawn.case_id RETURNING id, no
),
story AS (
    INSERT INTO events (case_id, at, verb, stage_to, person_id, role, data)
    SELECT id, %(now)s::timestamptz, 'report', %(stage)s::varchar, %(person_id)s::int, %(role)s::varchar,
        jsonb_build_object('source', %(source)s::text, 'report_id', %(report_id)s::text)
    FROM opened
),
clock AS (
    INSERT INTO clocks (case_id, kind, round, state, urgent, unit, limit_seconds, calendar_id, segments, started_at,
        due_at, yellow_at, next_rung, next_raise_at)
    SELECT id, 'accept', 1, 'running', %(urgent)s::bool, %(unit)s::varchar, %(limit_seconds)s::int,
        %(calendar_id)s::bigint, %(segments)s::jsonb, %(now)s::timestamptz, %(due_at)s::timestamptz,
        %(yellow_at)s::timestamptz, %(next_rung)s::smallint, %(next_raise_at)s::timestamptz
    FROM opened WHERE NOT %(settled)s::bool
),
notice AS (
    INSERT INTO notices (at, kind, case_id, centre_id, role, data)
    SELECT %(now)s::timestamptz, '{NoticeKind.REPORTED.value}', id, %(centre_id)s::int, '{Role.ACCEPTOR.value}',
        jsonb_build_object('source', %(source)s::text)
    FROM opened WHERE NOT %(settled)s::bool
),
photos AS (
    INSERT INTO case_photos (case_id, photo_id, kind, round, person_id, at)
    SELECT id, photo_id, CASE WHEN photo_id = %(after)s::uuid THEN 'after' ELSE 'report' END, 0, %(person_id)s::int,
        %(now)s::timestamptz
    FROM opened CROSS JOIN unnest(%(photos)s::uuid[]) AS photo_id
)
SELECT no FROM opened
"""  # noqa: S608
