"""The migrations lead to exactly the tables of the models, from nothing, on every database that we run on."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest
from alembic.autogenerate import compare_metadata
from alembic.command import downgrade
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import create_engine, inspect, text

from app import create_app
from foundation.config import Settings
from foundation.database import Base, db
from tests.factories import make_person, make_plan
from web import migrating

on_both_empty = pytest.mark.parametrize("empty_database", ["sqlite", "postgresql"], indirect=True)


@contextmanager
def _app_on(settings: Settings, address: str) -> Iterator[Flask]:
    app = create_app(replace(settings, database_url=address))
    yield app
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(migrating.MIGRATIONS))


def test_there_is_one_newest_migration() -> None:
    assert len(_scripts().get_heads()) == 1


def test_migrations_are_numbered_in_their_order() -> None:
    numbers = [script.revision for script in _scripts().walk_revisions()][::-1]
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]


@on_both_empty
def test_migrating_from_nothing_gives_the_tables_of_the_models(settings: Settings, empty_database: str) -> None:
    with _app_on(settings, empty_database) as app:
        migrating.migrate(app)
    engine = create_engine(empty_database)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    engine.dispose()
    assert differences == []


def test_migrated_tables_give_no_number_twice_where_models_say_so(settings: Settings) -> None:
    """Alembic does not compare this."""
    migrated = settings.data_dir / "migrated.sqlite3"
    with _app_on(settings, f"sqlite:///{migrated}") as app:
        migrating.migrate(app)
    with closing(sqlite3.connect(migrated)) as connection:
        counted = connection.execute("SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'")
        names = {name for (name,) in counted}
    assert names == {
        name for name, table in Base.metadata.tables.items() if table.dialect_options["sqlite"]["autoincrement"]
    }


@on_both_empty
def test_migrating_again_changes_nothing_and_keeps_everything(settings: Settings, empty_database: str) -> None:
    with _app_on(settings, empty_database) as app:
        migrating.migrate(app)
        with app.app_context():
            plan = make_plan(make_person(name="林晓雯"), title="富饶的西沙群岛")
            number = plan.id
        migrating.migrate(app)
        with app.app_context():
            kept = db.session.execute(
                text("SELECT title, name FROM plan JOIN person ON person.id = owner_id WHERE plan.id = :id"),
                {"id": number},
            ).one()
    assert tuple(kept) == ("富饶的西沙群岛", "林晓雯")


@on_both_empty
def test_every_migration_can_be_taken_back(settings: Settings, empty_database: str) -> None:
    with _app_on(settings, empty_database) as app:
        migrating.migrate(app)
        with app.app_context():
            db.engine.dispose()
            downgrade(Config(migrating.MIGRATIONS / "alembic.ini"), "base")
            assert set(inspect(db.engine).get_table_names()) == {"alembic_version"}


def test_an_empty_database_is_made_ready(settings: Settings) -> None:
    with _app_on(settings, f"sqlite:///{settings.data_dir / 'new.sqlite3'}") as app:
        migrating.make_ready(app)
        with app.app_context():
            assert "plan" in inspect(db.engine).get_table_names()


def test_a_database_of_an_earlier_version_is_refused(settings: Settings) -> None:
    file = settings.data_dir / "old.sqlite3"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE person (id INTEGER PRIMARY KEY)")
    with _app_on(settings, f"sqlite:///{file}") as app, pytest.raises(migrating.TooOld):
        migrating.make_ready(app)


def test_a_database_of_a_later_version_is_refused(settings: Settings) -> None:
    file = settings.data_dir / "later.sqlite3"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(
            "CREATE TABLE alembic_version (version_num TEXT); INSERT INTO alembic_version VALUES ('9999')"
        )
    with _app_on(settings, f"sqlite:///{file}") as app:
        with pytest.raises(migrating.TooNew):
            migrating.make_ready(app)
        with pytest.raises(migrating.TooNew):
            migrating.migrate(app)
