"""Whether the database is the one that this version of the program expects, and making it so.

Alembic is imported only where something is migrated: it would double the time that every start takes.
"""

from flask import Flask
from sqlalchemy import inspect, text

from foundation.config import ROOT, Settings
from foundation.database import db

MIGRATIONS = ROOT / "migrations"


class TooOld(Exception):
    """The database was made by an earlier version and has to be migrated first."""


class TooNew(Exception):
    """The database was made by a later version than this program."""


def migrate(app: Flask) -> None:
    """Bring the database of `app` to the newest version; an empty one gets all its tables. What it holds is kept.

    Raises TooNew.
    """
    version, _ = _state(app)
    newest = _newest()
    if version > newest:
        raise TooNew
    if version < newest:
        from alembic.command import upgrade
        from alembic.config import Config

        with app.app_context():
            upgrade(Config(MIGRATIONS / "alembic.ini"), "head")
            db.engine.dispose()


def make_ready(app: Flask) -> None:
    """See that the database of `app` can be worked with. An empty one gets its tables; raises TooOld or TooNew."""
    version, empty = _state(app)
    if empty or version > _newest():
        migrate(app)
    elif version < _newest():
        raise TooOld


def _newest() -> str:
    """The number of the newest migration: its file is called by it."""
    return max(file.name[:4] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def _state(app: Flask) -> tuple[str, bool]:
    """The number of the last migration that the database went through (empty: none), and whether it has no tables."""
    settings: Settings = app.config["SETTINGS"]
    settings.made_data_dir()
    with app.app_context(), db.engine.connect() as connection:
        tables = inspect(connection).get_table_names()
        query = text("SELECT version_num FROM alembic_version")
        version = connection.scalar(query) if "alembic_version" in tables else None
    return version or "", not tables
