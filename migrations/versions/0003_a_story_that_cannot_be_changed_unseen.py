"""A story that cannot be changed unseen: every event carries the hash of itself and of the one before it.

The trigger stands first, in a transaction of its own; an old case's new events stay without a hash until its turn comes.
Then the cases are chained some at a time, each under its row's lock, so that whoever works meanwhile waits for
milliseconds. Code that knows nothing of hashes goes on writing events.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Cases that are chained in one transaction.
BATCH = 2_000

COLUMNS = {
    "id": "bigint", "case_id": "bigint", "at": "timestamptz", "verb": "text", "outcome": "text", "stage_from": "text",
    "stage_to": "text", "person_id": "integer", "role": "text", "data": "jsonb",
}  # fmt: skip
TYPES = ", ".join(COLUMNS.values())
OF_NEW = ", ".join(f"NEW.{name}" for name in COLUMNS)

# Microseconds and jsonb's own text: no setting of a session changes them. STABLE as jsonb_build_array is, because only
# then the planner puts the body in the place of the call.
EVENT_HASH = f"""
    CREATE FUNCTION event_hash(previous bytea, {", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())})
    RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
        SELECT sha256(coalesce(previous, ''::bytea) || convert_to(jsonb_build_array(
            id, case_id, (extract(epoch FROM at) * 1000000)::bigint, verb, outcome, stage_from, stage_to, person_id,
            role, data)::text, 'UTF8'))
    $$
"""

# A case begins with its report and nothing else does. Whoever writes an event holds the case's row, so that the last
# hash is the last one; rows of the same statement are seen. Order and setting hold the plan, which a session keeps from
# when the table was small, to ix_events_case_id_id.
CHAIN_EVENT = f"""
    CREATE FUNCTION chain_event() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
    DECLARE
        previous bytea;
    BEGIN
        IF NEW.verb <> 'report' THEN
            SELECT hash INTO previous FROM events WHERE case_id = NEW.case_id
                ORDER BY case_id DESC, id DESC LIMIT 1;
            IF FOUND AND previous IS NULL THEN
                NEW.hash := NULL;
                RETURN NEW;
            END IF;
        END IF;
        NEW.hash := event_hash(previous, {OF_NEW});
        RETURN NEW;
    END
    $$
"""

CHAIN = sa.text(f"""
    UPDATE events SET hash = chained.hash
    FROM (
        SELECT id, pg_temp.event_chain({", ".join(COLUMNS)}) OVER (PARTITION BY case_id ORDER BY id) AS hash
        FROM events WHERE case_id BETWEEN :first AND :last
    ) AS chained
    WHERE events.id = chained.id AND events.hash IS DISTINCT FROM chained.hash
""")
LOCK = sa.text("SELECT FROM cases WHERE id BETWEEN :first AND :last ORDER BY id FOR NO KEY UPDATE")


def upgrade() -> None:
    op.execute(EVENT_HASH)
    op.execute(CHAIN_EVENT)
    op.execute("CREATE TRIGGER chain_event BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION chain_event()")
    with op.get_context().autocommit_block():
        for table, column in (("clocks", "kind"), ("escalations", "kind"), ("cases", "clock_kind")):
            op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_{column}")  # 0002 left it for later
        chain_old()


def chain_old() -> None:
    """Give the events that are there their hashes, as the trigger would have done."""
    connection = op.get_bind()
    last = connection.scalar(sa.text("SELECT max(case_id) FROM events")) or 0
    connection.execute(sa.text(f"CREATE AGGREGATE pg_temp.event_chain({TYPES}) (sfunc = event_hash, stype = bytea)"))
    for first in range(1, last + 1, BATCH):
        span = {"first": first, "last": first + BATCH - 1}
        connection.execute(sa.text("BEGIN"))
        connection.execute(LOCK, span)
        connection.execute(CHAIN, span)
        connection.execute(sa.text("COMMIT"))
    connection.execute(sa.text(f"DROP AGGREGATE pg_temp.event_chain({TYPES})"))


def downgrade() -> None:
    op.execute("DROP TRIGGER chain_event ON events")
    op.execute("DROP FUNCTION chain_event()")
    op.execute("DROP FUNCTION event_hash")
