"""Whether the database is the one that this version of the program expects, and making it so.

Alembic is imported only where something is migrated: it would double the time that every start takes.
"""

from flask import Flask
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.pool import NullPool

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
    if version > newest():
        raise TooNew
    if version < newest():
        with app.app_context():
            _upgrade(db.engine, "head")
            db.engine.dispose()


def upgrade(address: str, version: str = "head") -> None:
    """Bring another database, at `address`, to `version`. Needs an application context."""
    _upgrade(create_engine(address, poolclass=NullPool), version)


def _upgrade(engine: Engine, version: str) -> None:
    from alembic.command import upgrade
    from alembic.config import Config

    upgrade(Config(MIGRATIONS / "alembic.ini", attributes={"engine": engine}), version)


def make_ready(app: Flask) -> None:
    """See that the database of `app` can be worked with. An empty one gets its tables; raises TooOld or TooNew."""
    version, empty = _state(app)
    if empty or version > newest():
        migrate(app)
    elif version < newest():
        raise TooOld


def newest() -> str:
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
