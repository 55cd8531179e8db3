"""spine."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    op.execute("CREATE SEQUENCE case_running")
    op.create_table(
        "calendars",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendars")),
        sa.UniqueConstraint("name", name=op.f("uq_calendars_name")),
    )
    op.create_table(
        "catalogues",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogues")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_catalogues_name_version")),
    )
    op.create_index(
        "uq_catalogues_one_current", "catalogues", ["name"], unique=True, postgresql_where=sa.text("retired_at IS NULL")
    )
    op.create_table(
        "centres",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "city",
                "district",
                "street",
                "village",
                name="level",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("line", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("calendar_id", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["centres.id"], name=op.f("fk_centres_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_centres")),
        sa.UniqueConstraint("code", name=op.f("uq_centres_code")),
    )
    op.create_index(op.f("ix_centres_calendar_id"), "centres", ["calendar_id"], unique=False)
    op.create_index(op.f("ix_centres_parent_id"), "centres", ["parent_id"], unique=False)
    op.create_table(
        "editions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "checked",
                "active",
                "retired",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("cell_count", sa.Integer(), nullable=False),
        sa.Column("faults", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_editions")),
        sa.UniqueConstraint("name", name=op.f("uq_editions_name")),
    )
    op.create_index(
        "uq_editions_one_active", "editions", ["state"], unique=True, postgresql_where=sa.text("state = 'active'")
    )
    op.create_table(
        "heartbeats",
        sa.Column("worker", sa.String(length=80), nullable=False),
        sa.Column("job", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("worker", "job", name=op.f("pk_heartbeats")),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("username", name=op.f("uq_people_username")),
    )
    op.create_table(
        "photos",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("exif", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("clean_sha256", sa.String(length=64), nullable=True),
        sa.Column("processed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photos")),
    )
    op.create_index(op.f("ix_photos_sha256"), "photos", ["sha256"], unique=False)
    op.create_index(
        "ix_photos_waiting",
        "photos",
        ["received_at"],
        unique=False,
        postgresql_where=sa.text("processed_at IS NULL"),
    )
    op.create_table(
        "rungs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("share", sa.Double(), nullable=False),
        sa.Column("plus_minutes", sa.Integer(), nullable=False),
        sa.Column("levels_up", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rungs")),
        sa.UniqueConstraint("urgent", "position", name=op.f("uq_rungs_urgent_position")),
    )
    op.create_table(
        "signin_failures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.String(length=60), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signin_failures")),
    )
    op.create_index("ix_signin_failures_address_at", "signin_failures", ["address", "at"], unique=False)
    op.create_index("ix_signin_failures_username_at", "signin_failures", ["username", "at"], unique=False)
    op.create_table(
        "calendar_days",
        sa.Column("calendar_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "workday",
                "weekend",
                "holiday",
                "makeup",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["calendar_id"], ["calendars.id"], name=op.f("fk_calendar_days_calendar_id")),
        sa.PrimaryKeyConstraint("calendar_id", "day", name=op.f("pk_calendar_days")),
    )
    op.create_table(
        "categories",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("catalogue_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("component", "event", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("class_code", sa.String(length=4), nullable=False),
        sa.Column("class_zh", sa.String(length=60), nullable=False),
        sa.Column("class_en", sa.String(length=60), nullable=False),
        sa.Column("zh", sa.String(length=120), nullable=False),
        sa.Column("en", sa.String(length=160), nullable=False),
        sa.Column(
            "responsible_level",
            sa.Enum(
                "city",
                "district",
                "street",
                "village",
                name="responsible_level",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["catalogue_id"], ["catalogues.id"], name=op.f("fk_categories_catalogue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_categories")),
        sa.UniqueConstraint("catalogue_id", "kind", "code", name=op.f("uq_categories_catalogue_id_kind_code")),
    )
    op.create_index(op.f("ix_categories_code"), "categories", ["code"], unique=False)
    op.create_table(
        "cells",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "city",
                "district",
                "street",
                "village",
                name="level",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("parent_code", sa.String(length=24), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("nbs_code", sa.String(length=24), nullable=True),
        sa.Column("line", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("area_m2", sa.Double(), nullable=False),
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
                srid=-1,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name=op.f("fk_cells_edition_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cells")),
        sa.UniqueConstraint("edition_id", "code", name=op.f("uq_cells_edition_id_code")),
    )
    op.create_index("ix_cells_edition_id_parent_code", "cells", ["edition_id", "parent_code"], unique=False)
    op.create_index("ix_cells_geom", "cells", ["geom"], unique=False, postgresql_using="gist")
    op.create_index(
        "ix_cells_village_plane",
        "cells",
        ["plane"],
        unique=False,
        postgresql_using="gist",
        postgresql_where=sa.text("level = 'village'"),
    )
    op.create_table(
        "departments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("centre_id", sa.Integer(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["centre_id"], ["centres.id"], name=op.f("fk_departments_centre_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_departments")),
        sa.UniqueConstraint("code", name=op.f("uq_departments_code")),
    )
    op.create_index(op.f("ix_departments_centre_id"), "departments", ["centre_id"], unique=False)
    op.create_table(
        "schedules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("calendar_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("shifts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["calendar_id"], ["calendars.id"], name=op.f("fk_schedules_calendar_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedules")),
        sa.UniqueConstraint("calendar_id", "valid_from", name=op.f("uq_schedules_calendar_id_valid_from")),
    )
    op.create_table(
        "sign_ins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("csrf_token", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("device", sa.String(length=300), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_sign_ins_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ins")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_sign_ins_secret_hash")),
    )
    op.create_index(op.f("ix_sign_ins_person_id"), "sign_ins", ["person_id"], unique=False)
    op.create_table(
        "tokens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_tokens_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_tokens_secret_hash")),
    )
    op.create_index(op.f("ix_tokens_person_id"), "tokens", ["person_id"], unique=False)
    op.create_table(
        "cases",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("no", sa.String(length=24), nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "reported",
                "verifying",
                "pending_filing",
                "pending_dispatch",
                "dispatched",
                "handling",
                "suspended",
                "handled",
                "checking",
                "pending_closing",
                "closed",
                "rejected",
                "cancelled",
                name="stage",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "inspector",
                "public",
                "hotline",
                "sensor",
                "vehicle",
                "drone",
                "video",
                "department",
                "superior",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("reporter_id", sa.Integer(), nullable=True),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.Column("category_code", sa.String(length=8), nullable=True),
        sa.Column("condition_id", sa.Integer(), nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column(
            "geom",
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
        sa.Column("edition_id", sa.Integer(), nullable=True),
        sa.Column("city_code", sa.String(length=24), nullable=True),
        sa.Column("district_code", sa.String(length=24), nullable=True),
        sa.Column("street_code", sa.String(length=24), nullable=True),
        sa.Column("village_code", sa.String(length=24), nullable=True),
        sa.Column("placement", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("centre_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("suggested_department_id", sa.Integer(), nullable=True),
        sa.Column("inspector_id", sa.Integer(), nullable=True),
        sa.Column("why", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dispatched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "clock_kind",
            sa.Enum(
                "accept",
                "verify",
                "file",
                "dispatch",
                "sign",
                "handle",
                "send_check",
                "check",
                "close",
                name="clock_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("yellow_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("handle_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handled_on_time", sa.Boolean(), nullable=True),
        sa.Column(
            "close_type",
            sa.Enum(
                "normal",
                "overdue",
                "error",
                "special",
                "forced",
                "self_handled",
                "informed",
                name="close_type",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("urged_count", sa.SmallInteger(), nullable=False),
        sa.Column(
            "supervised_level",
            sa.Enum(
                "city",
                "district",
                "street",
                "village",
                name="supervised_level",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("red_card", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centres.id"], name=op.f("fk_cases_centre_id")),
        sa.ForeignKeyConstraint(["department_id"], ["departments.id"], name=op.f("fk_cases_department_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("no", name=op.f("uq_cases_no")),
    )
    op.create_index(
        "ix_cases_centre_id", "cases", ["centre_id"], unique=False, postgresql_where=sa.text("ended_at IS NULL")
    )
    op.create_index(
        "ix_cases_department_id",
        "cases",
        ["department_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("department_id IS NOT NULL"),
    )
    op.create_index("ix_cases_geom", "cases", ["geom"], unique=False, postgresql_using="gist")
    op.create_index(
        "ix_cases_open_city", "cases", ["due_at", "id"], unique=False, postgresql_where=sa.text("ended_at IS NULL")
    )
    op.create_index(
        "ix_cases_open_district",
        "cases",
        ["district_code", "due_at", "id"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "ix_cases_open_street",
        "cases",
        ["street_code", "due_at", "id"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_cases_reported_at", "cases", ["reported_at", "id"], unique=False)
    op.create_index(
        "ix_cases_reporter_id",
        "cases",
        ["reporter_id", "id"],
        unique=False,
        postgresql_where=sa.text("reporter_id IS NOT NULL"),
    )
    op.create_index("ix_cases_street_code_reported_at", "cases", ["street_code", "reported_at", "id"], unique=False)
    op.create_table(
        "components",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("category_code", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column(
            "geom",
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
        sa.ForeignKeyConstraint(["department_id"], ["departments.id"], name=op.f("fk_components_department_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_components")),
    )
    op.create_index(op.f("ix_components_department_id"), "components", ["department_id"], unique=False)
    op.create_table(
        "duties",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cell_code", sa.String(length=24), nullable=False),
        sa.Column("category_code", sa.String(length=8), nullable=True),
        sa.Column("class_code", sa.String(length=4), nullable=True),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("category_code IS NULL OR class_code IS NULL", name=op.f("ck_duties_one_subject")),
        sa.ForeignKeyConstraint(["department_id"], ["departments.id"], name=op.f("fk_duties_department_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duties")),
    )
    op.create_index("ix_duties_cell_code", "duties", ["cell_code"], unique=False)
    op.create_index(op.f("ix_duties_department_id"), "duties", ["department_id"], unique=False)
    op.create_table(
        "filing_conditions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("limit", sa.Integer(), nullable=False),
        sa.Column(
            "unit",
            sa.Enum(
                "urgent_hour",
                "natural_day",
                "work_hour",
                "work_day",
                name="unit",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("closing_zh", sa.Text(), nullable=False),
        sa.Column("closing_en", sa.Text(), nullable=False),
        sa.Column("photos_before", sa.SmallInteger(), nullable=False),
        sa.Column("photos_after", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["category_id"], ["categories.id"], name=op.f("fk_filing_conditions_category_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filing_conditions")),
        sa.UniqueConstraint("category_id", "position", name=op.f("uq_filing_conditions_category_id_position")),
    )
    op.create_table(
        "posts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "inspector",
                "acceptor",
                "shift_lead",
                "dispatcher",
                "handler",
                "leader",
                "admin",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("centre_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["centre_id"], ["centres.id"], name=op.f("fk_posts_centre_id")),
        sa.ForeignKeyConstraint(["department_id"], ["departments.id"], name=op.f("fk_posts_department_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_posts_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
        sa.UniqueConstraint(
            "person_id",
            "role",
            "centre_id",
            "department_id",
            name=op.f("uq_posts_person_id_role_centre_id_department_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index("ix_posts_centre_id_role", "posts", ["centre_id", "role"], unique=False)
    op.create_index(op.f("ix_posts_department_id"), "posts", ["department_id"], unique=False)
    op.create_table(
        "case_photos",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("photo_id", sa.UUID(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "report", "verify", "after", "check", name="kind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_photos_case_id")),
        sa.PrimaryKeyConstraint("case_id", "photo_id", name=op.f("pk_case_photos")),
    )
    op.create_index("ix_case_photos_photo_id", "case_photos", ["photo_id"], unique=False)
    op.create_table(
        "clocks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "accept",
                "verify",
                "file",
                "dispatch",
                "sign",
                "handle",
                "send_check",
                "check",
                "close",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("running", "paused", "stopped", name="state", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column(
            "unit",
            sa.Enum(
                "urgent_hour",
                "natural_day",
                "work_hour",
                "work_day",
                name="unit",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("limit_seconds", sa.Integer(), nullable=False),
        sa.Column("calendar_id", sa.BigInteger(), nullable=False),
        sa.Column("segments", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("yellow_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("on_time", sa.Boolean(), nullable=True),
        sa.Column("next_rung", sa.SmallInteger(), nullable=True),
        sa.Column("next_raise_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clocks")),
    )
    op.create_index("ix_clocks_case_id", "clocks", ["case_id"], unique=False)
    op.create_index(
        "ix_clocks_next_raise_at",
        "clocks",
        ["next_raise_at"],
        unique=False,
        postgresql_where=sa.text("next_raise_at IS NOT NULL"),
    )
    op.create_table(
        "events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verb", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("stage_from", sa.String(length=40), nullable=True),
        sa.Column("stage_to", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(length=40), nullable=True),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_index("ix_events_case_id_id", "events", ["case_id", "id"], unique=False)
    op.create_table(
        "handlings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("centre_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "refused",
                "finished",
                "passed",
                "failed",
                "withdrawn",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("dispatched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dispatched_by", sa.Integer(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_by", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("on_time", sa.Boolean(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_handlings_case_id")),
        sa.ForeignKeyConstraint(["centre_id"], ["centres.id"], name=op.f("fk_handlings_centre_id")),
        sa.ForeignKeyConstraint(["department_id"], ["departments.id"], name=op.f("fk_handlings_department_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handlings")),
        sa.UniqueConstraint("case_id", "round", name=op.f("uq_handlings_case_id_round")),
    )
    op.create_index(op.f("ix_handlings_centre_id"), "handlings", ["centre_id"], unique=False)
    op.create_index(op.f("ix_handlings_department_id"), "handlings", ["department_id"], unique=False)
    op.create_table(
        "notices",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("centre_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(length=40), nullable=True),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.create_index("ix_notices_centre_id_role_id", "notices", ["centre_id", "role", "id"], unique=False)
    op.create_index(
        "ix_notices_person_id_id",
        "notices",
        ["person_id", "id"],
        unique=False,
        postgresql_where=sa.text("person_id IS NOT NULL"),
    )
    op.create_table(
        "reports",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("body_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
    )
    op.create_index(op.f("ix_reports_case_id"), "reports", ["case_id"], unique=False)
    op.create_table(
        "supervision_orders",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("centre_id", sa.Integer(), nullable=False),
        sa.Column("to_centre_id", sa.Integer(), nullable=False),
        sa.Column("rung", sa.String(length=40), nullable=False),
        sa.Column("red_card", sa.Boolean(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reply_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_supervision_orders_case_id")),
        sa.ForeignKeyConstraint(["centre_id"], ["centres.id"], name=op.f("fk_supervision_orders_centre_id")),
        sa.ForeignKeyConstraint(["to_centre_id"], ["centres.id"], name=op.f("fk_supervision_orders_to_centre_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision_orders")),
    )
    op.create_index(
        "ix_supervision_orders_centre_id",
        "supervision_orders",
        ["centre_id", "id"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(op.f("ix_supervision_orders_to_centre_id"), "supervision_orders", ["to_centre_id"], unique=False)
    op.create_index(
        "uq_supervision_orders_open",
        "supervision_orders",
        ["case_id", "centre_id"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "escalations",
        sa.Column("clock_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("rung", sa.String(length=40), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "accept",
                "verify",
                "file",
                "dispatch",
                "sign",
                "handle",
                "send_check",
                "check",
                "close",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("centre_id", sa.Integer(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("clock_id", "position", name=op.f("pk_escalations")),
    )
    op.create_table(
        "notice_reads",
        sa.Column("notice_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"], name=op.f("fk_notice_reads_notice_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("notice_id", "person_id", name=op.f("pk_notice_reads")),
    )
    # cases and clocks are updated many times in their life: leave room on the page, so that an update that touches no
    # indexed column stays there (HOT)
    op.execute("ALTER TABLE cases SET (fillfactor = 85)")
    op.execute("ALTER TABLE clocks SET (fillfactor = 85)")


def downgrade() -> None:
    op.drop_table("notice_reads")
    op.drop_table("escalations")
    op.drop_index(
        "uq_supervision_orders_open", table_name="supervision_orders", postgresql_where=sa.text("closed_at IS NULL")
    )
    op.drop_index(op.f("ix_supervision_orders_to_centre_id"), table_name="supervision_orders")
    op.drop_index(
        "ix_supervision_orders_centre_id",
        table_name="supervision_orders",
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_table("supervision_orders")
    op.drop_index(op.f("ix_reports_case_id"), table_name="reports")
    op.drop_table("reports")
    op.drop_index("ix_notices_person_id_id", table_name="notices", postgresql_where=sa.text("person_id IS NOT NULL"))
    op.drop_index("ix_notices_centre_id_role_id", table_name="notices")
    op.drop_table("notices")
    op.drop_index(op.f("ix_handlings_department_id"), table_name="handlings")
    op.drop_index(op.f("ix_handlings_centre_id"), table_name="handlings")
    op.drop_table("handlings")
    op.drop_index("ix_events_case_id_id", table_name="events")
    op.drop_table("events")
    op.drop_index("ix_clocks_next_raise_at", table_name="clocks", postgresql_where=sa.text("next_raise_at IS NOT NULL"))
    op.drop_index("ix_clocks_case_id", table_name="clocks")
    op.drop_table("clocks")
    op.drop_index("ix_case_photos_photo_id", table_name="case_photos")
    op.drop_table("case_photos")
    op.drop_index(op.f("ix_posts_department_id"), table_name="posts")
    op.drop_index("ix_posts_centre_id_role", table_name="posts")
    op.drop_table("posts")
    op.drop_table("filing_conditions")
    op.drop_index(op.f("ix_duties_department_id"), table_name="duties")
    op.drop_index("ix_duties_cell_code", table_name="duties")
    op.drop_table("duties")
    op.drop_index(op.f("ix_components_department_id"), table_name="components")
    op.drop_table("components")
    op.drop_index("ix_cases_street_code_reported_at", table_name="cases")
    op.drop_index("ix_cases_reporter_id", table_name="cases", postgresql_where=sa.text("reporter_id IS NOT NULL"))
    op.drop_index("ix_cases_reported_at", table_name="cases")
    op.drop_index("ix_cases_open_street", table_name="cases", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_index("ix_cases_open_district", table_name="cases", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_index("ix_cases_open_city", table_name="cases", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_index("ix_cases_geom", table_name="cases", postgresql_using="gist")
    op.drop_index("ix_cases_department_id", table_name="cases", postgresql_where=sa.text("department_id IS NOT NULL"))
    op.drop_index("ix_cases_centre_id", table_name="cases", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_table("cases")
    op.drop_index(op.f("ix_tokens_person_id"), table_name="tokens")
    op.drop_table("tokens")
    op.drop_index(op.f("ix_sign_ins_person_id"), table_name="sign_ins")
    op.drop_table("sign_ins")
    op.drop_table("schedules")
    op.drop_index(op.f("ix_departments_centre_id"), table_name="departments")
    op.drop_table("departments")
    op.drop_index(
        "ix_cells_village_plane",
        table_name="cells",
        postgresql_using="gist",
        postgresql_where=sa.text("level = 'village'"),
    )
    op.drop_index("ix_cells_geom", table_name="cells", postgresql_using="gist")
    op.drop_index("ix_cells_edition_id_parent_code", table_name="cells")
    op.drop_table("cells")
    op.drop_index(op.f("ix_categories_code"), table_name="categories")
    op.drop_table("categories")
    op.drop_table("calendar_days")
    op.drop_index("ix_signin_failures_username_at", table_name="signin_failures")
    op.drop_index("ix_signin_failures_address_at", table_name="signin_failures")
    op.drop_table("signin_failures")
    op.drop_table("rungs")
    op.drop_index("ix_photos_waiting", table_name="photos", postgresql_where=sa.text("processed_at IS NULL"))
    op.drop_index(op.f("ix_photos_sha256"), table_name="photos")
    op.drop_table("photos")
    op.drop_table("people")
    op.drop_table("heartbeats")
    op.drop_index("uq_editions_one_active", table_name="editions", postgresql_where=sa.text("state = 'active'"))
    op.drop_table("editions")
    op.drop_index(op.f("ix_centres_parent_id"), table_name="centres")
    op.drop_index(op.f("ix_centres_calendar_id"), table_name="centres")
    op.drop_table("centres")
    op.drop_index("uq_catalogues_one_current", table_name="catalogues", postgresql_where=sa.text("retired_at IS NULL"))
    op.drop_table("catalogues")
    op.drop_table("calendars")
    op.execute("DROP SEQUENCE case_running")
