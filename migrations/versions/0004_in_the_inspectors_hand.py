"""In the inspector's hand: duty areas, components with owners, shifts, tracks by day, alarms, roll calls, web push.

Tables and columns that the code already running does not know and does not need. Partitions of `tracks` are made and
dropped by functions that run with the owner's rights, because the application's role makes no tables. In which streets
the components lie that are there already is told by `flask db upgrade` after this, by the active grid.

Back: shifts, tracks, alarms, roll calls, duty areas and push addresses are lost, and components that were retired are
in use again, because 0003 has no word for it: delete them before, or retire them anew after (`--whole`).
"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


# Days that lie ready ahead of the first point, and behind it for phones that come back late.
AHEAD, BEHIND = 7, 7

# A day's points from midnight to midnight UTC; what no partition takes lies in tracks_other and moves when its day comes.
MAKE_TRACK_DAY = """
    CREATE FUNCTION make_track_day(day date) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
    DECLARE
        name text := 'tracks_' || to_char(day, 'YYYYMMDD');
    BEGIN
        IF to_regclass(name) IS NOT NULL THEN RETURN false; END IF;
        PERFORM pg_advisory_xact_lock(815470003);
        IF to_regclass(name) IS NOT NULL THEN RETURN false; END IF;
        LOCK TABLE tracks IN SHARE ROW EXCLUSIVE MODE;
        EXECUTE format('CREATE TABLE %I (LIKE tracks INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
        EXECUTE format('WITH gone AS (DELETE FROM tracks_other WHERE at >= %L AND at < %L RETURNING *) '
            'INSERT INTO %I SELECT * FROM gone', day, day + 1, name);
        EXECUTE format('ALTER TABLE tracks ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, day, day + 1);
        RETURN true;
    END
    $$
"""
DROP_TRACK_DAYS = """
    CREATE FUNCTION drop_track_days(before date) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
    DECLARE
        part text;
        dropped integer := 0;
    BEGIN
        DELETE FROM tracks_other WHERE at < before;
        FOR part IN SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
            WHERE inhparent = 'tracks'::regclass AND relname ~ '^tracks_[0-9]{8}$'
                AND to_date(right(relname, 8), 'YYYYMMDD') < before
        LOOP
            EXECUTE format('DROP TABLE %I', part);
            dropped := dropped + 1;
        END LOOP;
        RETURN dropped;
    END
    $$
"""


def upgrade() -> None:
    op.execute("CREATE SEQUENCE component_changes")
    op.create_table(
        "tracks",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("accuracy_m", sa.Float(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "at", name=op.f("pk_tracks")),
        postgresql_partition_by="RANGE (at)",
    )
    op.create_table(
        "overlays",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("duty_grid", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("centre_id", sa.Integer(), nullable=False),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column(
            "plane",
            Geometry(
                geometry_type="MULTIPOLYGON",
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["centre_id"], ["centres.id"], name=op.f("fk_overlays_centre_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_overlays")),
        sa.UniqueConstraint("kind", "code", name=op.f("uq_overlays_kind_code")),
    )
    op.create_index(op.f("ix_overlays_centre_id"), "overlays", ["centre_id"], unique=False)
    op.create_index("ix_overlays_geom", "overlays", ["geom"], unique=False, postgresql_using="gist")
    op.create_table(
        "push_addresses",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("p256dh", sa.String(length=120), nullable=False),
        sa.Column("auth", sa.String(length=60), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.SmallInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_push_addresses_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_addresses")),
        sa.UniqueConstraint("endpoint", name=op.f("uq_push_addresses_endpoint")),
    )
    op.create_index(op.f("ix_push_addresses_person_id"), "push_addresses", ["person_id"], unique=False)
    op.create_table(
        "roll_calls",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("centre_id", sa.Integer(), nullable=False),
        sa.Column("called_by", sa.Integer(), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("photo_wanted", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centres.id"], name=op.f("fk_roll_calls_centre_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roll_calls")),
    )
    op.create_index("ix_roll_calls_centre_id_called_at", "roll_calls", ["centre_id", "called_at"], unique=False)
    op.create_table(
        "shifts",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("centre_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_device_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_device_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "started_point",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.Column(
            "ended_point",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(["centre_id"], ["centres.id"], name=op.f("fk_shifts_centre_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_shifts_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shifts")),
    )
    op.create_index("ix_shifts_centre_id_started_at", "shifts", ["centre_id", "started_at"], unique=False)
    op.create_index("ix_shifts_person_id_started_at", "shifts", ["person_id", "started_at"], unique=False)
    op.create_index(
        "uq_shifts_person_id_open", "shifts", ["person_id"], unique=True, postgresql_where=sa.text("ended_at IS NULL")
    )
    op.create_table(
        "alarms",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("outside", "idle", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("shift_id", sa.UUID(), nullable=False),
        sa.Column("centre_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "point",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["centre_id"], ["centres.id"], name=op.f("fk_alarms_centre_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_alarms_person_id")),
        sa.ForeignKeyConstraint(["shift_id"], ["shifts.id"], name=op.f("fk_alarms_shift_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarms")),
    )
    op.create_index("ix_alarms_centre_id_started_at", "alarms", ["centre_id", "started_at"], unique=False)
    op.create_index("ix_alarms_shift_id", "alarms", ["shift_id"], unique=False)
    op.create_index(
        "uq_alarms_person_id_kind_open",
        "alarms",
        ["person_id", "kind"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "duty_people",
        sa.Column("overlay_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["overlay_id"], ["overlays.id"], name=op.f("fk_duty_people_overlay_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_duty_people_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("overlay_id", "person_id", name=op.f("pk_duty_people")),
    )
    op.create_index(op.f("ix_duty_people_person_id"), "duty_people", ["person_id"], unique=False)
    op.create_table(
        "roll_call_answers",
        sa.Column("roll_call_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("device_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "point",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.Column("accuracy_m", sa.Float(), nullable=True),
        sa.Column("photo_id", sa.UUID(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["roll_call_id"], ["roll_calls.id"], name=op.f("fk_roll_call_answers_roll_call_id")),
        sa.PrimaryKeyConstraint("roll_call_id", "person_id", name=op.f("pk_roll_call_answers")),
    )
    op.create_index(
        "ix_roll_call_answers_waiting",
        "roll_call_answers",
        ["person_id"],
        unique=False,
        postgresql_where=sa.text("answered_at IS NULL"),
    )
    op.create_index(
        "ix_roll_call_answers_photo_id",
        "roll_call_answers",
        ["photo_id"],
        unique=False,
        postgresql_where=sa.text("photo_id IS NOT NULL"),
    )
    op.add_column("components", sa.Column("owner", sa.String(length=120), server_default="", nullable=False))
    op.add_column(
        "components",
        sa.Column(
            "state",
            sa.Enum(
                "intact",
                "damaged",
                "lost",
                "abandoned",
                "removed",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="intact",
            nullable=False,
        ),
    )
    op.add_column("components", sa.Column("street_code", sa.String(length=24), nullable=True))
    op.add_column(
        "components",
        sa.Column("changed", sa.BigInteger(), server_default=sa.text("nextval('component_changes')"), nullable=False),
    )
    op.add_column(
        "components",
        sa.Column("left_streets", postgresql.ARRAY(sa.String(length=24)), server_default="{}", nullable=False),
    )
    op.add_column("components", sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_components_geom", "components", ["geom"], unique=False, postgresql_using="gist")
    op.create_index("ix_components_street_code_changed", "components", ["street_code", "changed"], unique=False)
    op.create_index(
        "ix_components_moved",
        "components",
        ["changed"],
        unique=False,
        postgresql_where=sa.text("left_streets <> '{}'"),
    )
    op.add_column("deliveries", sa.Column("push_id", sa.BigInteger(), nullable=True))
    op.drop_constraint(op.f("ck_deliveries_channel"), "deliveries", type_="check")
    op.create_check_constraint(
        op.f("ck_deliveries_channel"), "deliveries", sa.text("channel IN ('mail', 'webhook', 'push')")
    )
    op.execute("CREATE TABLE tracks_other PARTITION OF tracks DEFAULT")
    op.execute(MAKE_TRACK_DAY)
    op.execute(DROP_TRACK_DAYS)
    # they run with the owner's rights: not for every login, but for the application's role (cases/sealing.py)
    op.execute("REVOKE EXECUTE ON FUNCTION make_track_day(date), drop_track_days(date) FROM PUBLIC")
    op.execute(f"""
        SELECT make_track_day(day::date) FROM generate_series(
            current_date - {BEHIND}, current_date + {AHEAD}, interval '1 day') AS day""")


def downgrade() -> None:
    op.execute("DROP FUNCTION make_track_day(date)")
    op.execute("DROP FUNCTION drop_track_days(date)")
    op.execute("DELETE FROM deliveries WHERE channel = 'push'")
    op.drop_constraint(op.f("ck_deliveries_channel"), "deliveries", type_="check")
    op.create_check_constraint(op.f("ck_deliveries_channel"), "deliveries", sa.text("channel IN ('mail', 'webhook')"))
    op.drop_column("deliveries", "push_id")
    op.drop_index("ix_components_moved", table_name="components", postgresql_where=sa.text("left_streets <> '{}'"))
    op.drop_index("ix_components_street_code_changed", table_name="components")
    op.drop_index("ix_components_geom", table_name="components", postgresql_using="gist")
    op.drop_column("components", "retired_at")
    op.drop_column("components", "left_streets")
    op.drop_column("components", "changed")
    op.drop_column("components", "street_code")
    op.drop_column("components", "state")
    op.drop_column("components", "owner")
    op.drop_index(
        "ix_roll_call_answers_waiting", table_name="roll_call_answers", postgresql_where=sa.text("answered_at IS NULL")
    )
    op.drop_index("ix_roll_call_answers_photo_id", table_name="roll_call_answers")
    op.drop_table("roll_call_answers")
    op.drop_index(op.f("ix_duty_people_person_id"), table_name="duty_people")
    op.drop_table("duty_people")
    op.drop_index("uq_alarms_person_id_kind_open", table_name="alarms", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_index("ix_alarms_shift_id", table_name="alarms")
    op.drop_index("ix_alarms_centre_id_started_at", table_name="alarms")
    op.drop_table("alarms")
    op.drop_index("uq_shifts_person_id_open", table_name="shifts", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_index("ix_shifts_person_id_started_at", table_name="shifts")
    op.drop_index("ix_shifts_centre_id_started_at", table_name="shifts")
    op.drop_table("shifts")
    op.drop_index("ix_roll_calls_centre_id_called_at", table_name="roll_calls")
    op.drop_table("roll_calls")
    op.drop_index(op.f("ix_push_addresses_person_id"), table_name="push_addresses")
    op.drop_table("push_addresses")
    op.drop_index("ix_overlays_geom", table_name="overlays", postgresql_using="gist")
    op.drop_index(op.f("ix_overlays_centre_id"), table_name="overlays")
    op.drop_table("overlays")
    op.drop_table("tracks")
    op.execute("DROP SEQUENCE component_changes")
