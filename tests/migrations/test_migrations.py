"""The schema: up–down–up, no drift, one head, every foreign key indexed, CHECKs that know the enums."""

import re
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Engine, Enum, create_engine, inspect, text

import cases.models
import grid.models
import people.models
from cases.verifying import Fault, verify
from core.db import Base
from grid.components import components_since
from tests.conftest import flask

ROOT = Path(__file__).resolve().parent.parent.parent
MODELS = (grid.models, people.models, cases.models)


@pytest.fixture
def config() -> Config:
    return Config(toml_file=ROOT / "pyproject.toml")


def test_there_is_one_head_and_the_file_names_it(config: Config) -> None:
    heads = ScriptDirectory.from_config(config).get_heads()
    assert heads == [(ROOT / "migrations/head").read_text().strip()]


@pytest.mark.slow  # the whole schema three times
def test_up_down_up_leaves_the_schema_of_the_models(empty_url: str, config: Config) -> None:
    engine = create_engine(empty_url)
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        left = set(inspect(connection).get_table_names()) - {"alembic_version", "spatial_ref_sys"}
        assert left == set()
        command.upgrade(config, "head")
        command.check(config)
    engine.dispose()


@pytest.mark.slow  # Alembic, twice
def test_stories_from_before_there_were_hashes_are_chained(empty_url: str, config: Config) -> None:
    engine = create_engine(empty_url)
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0002")
        connection.execute(
            text("""
                INSERT INTO events (case_id, at, verb, stage_to, data)
                SELECT n % 4000 + 1, now(), CASE WHEN n < 4000 THEN 'report' ELSE 'note' END, 'x', '{"a": [1.10]}'
                FROM generate_series(0, 11999) AS n""")
        )
        connection.commit()
        command.upgrade(config, "head")
        found = verify(connection)
    engine.dispose()
    assert (found.cases, found.events) == (4000, 12000)
    assert {one.fault for one in found.broken} == {Fault.NO_CASE}  # nothing else is wrong


@pytest.mark.slow  # down, up, and the grid once
def test_components_from_before_they_knew_their_street_are_placed_by_the_upgrade(fresh_city_url: str) -> None:
    here, nowhere = "121.4737 31.2352", "122.5 31.2"
    flask("db", "downgrade", "0003", url=fresh_city_url)
    engine = create_engine(fresh_city_url)
    with engine.begin() as connection:
        connection.execute(
            text("""
                INSERT INTO components (id, category_code, name, geom)
                SELECT 'old-' || n, '01001', '井盖', ST_GeomFromText(CASE n WHEN 3 THEN :nowhere ELSE :here END, 4326)
                FROM generate_series(1, 3) AS n"""),
            {"here": f"POINT({here})", "nowhere": f"POINT({nowhere})"},
        )
    assert "components: 3 looked at" in flask("db", "upgrade", url=fresh_city_url).stdout
    with engine.connect() as connection:
        found = dict(connection.execute(text("SELECT id, street_code FROM components")).all())
        assert found == {"old-1": "310101002000", "old-2": "310101002000", "old-3": None}
        told = components_since(connection, ["310101002000"], 0, 10)
        assert [item[0] for item in told["items"]] == ["old-1", "old-2"]
    flask("db", "upgrade", url=fresh_city_url)
    with engine.connect() as connection:
        assert components_since(connection, ["310101002000"], told["last"], 10)["items"] == []
    engine.dispose()


def test_the_models_and_the_database_agree(engine: Engine) -> None:
    from geoalchemy2 import alembic_helpers

    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_object": lambda item, name, kind, reflected, other: (
                    not (kind == "table" and (name == "spatial_ref_sys" or name.startswith("tracks_")))
                    and alembic_helpers.include_object(item, name, kind, reflected, other)
                )
            },
        )
        assert compare_metadata(context, Base.metadata) == []


def test_every_foreign_key_is_indexed(engine: Engine) -> None:
    found = inspect(engine)
    naked = []
    for table in found.get_table_names():
        starts = [index["column_names"][0] for index in found.get_indexes(table)]
        starts += [constraint["column_names"][0] for constraint in found.get_unique_constraints(table)]
        starts += found.get_pk_constraint(table)["constrained_columns"][:1]
        naked += [
            f"{table}.{key['constrained_columns'][0]}"
            for key in found.get_foreign_keys(table)
            if key["constrained_columns"][0] not in starts
        ]
    assert naked == []


def test_the_checks_of_the_database_know_every_member_of_the_enums(engine: Engine) -> None:
    checked = 0
    with engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            for column in table.columns:
                if not (isinstance(column.type, Enum) and column.type.enum_class):
                    continue
                members = column.type.enum_class
                definition = connection.execute(
                    text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = :name"),
                    {"name": f"ck_{table.name}_{column.type.name}"},
                ).scalar_one()
                assert set(re.findall(r"'([^']*)'::(?:character varying|text)", definition)) == {
                    one.value for one in members
                }
                checked += 1
    assert checked >= 15


def test_every_check_constraint_has_a_name() -> None:
    for table in Base.metadata.sorted_tables:
        for constraint in table.constraints:
            assert not isinstance(constraint, CheckConstraint) or constraint.name, table.name
