"""Whether the database is the one that this version of the program expects, and making it so."""

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import inspect

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
    _make_folder(app)
    with app.app_context():
        if _version() not in _known_versions():
            raise TooNew
        upgrade(directory=str(MIGRATIONS))
        db.engine.dispose()


def make_ready(app: Flask) -> None:
    """See that the database of `app` can be worked with. An empty one gets its tables; raises TooOld or TooNew."""
    _make_folder(app)
    with app.app_context():
        version = _version()
        empty = version is None and not inspect(db.engine).get_table_names()
        db.engine.dispose()
    if empty:
        migrate(app)
    elif version not in _known_versions():
        raise TooNew
    elif version != _scripts().get_current_head():
        raise TooOld


def _make_folder(app: Flask) -> None:
    settings: Settings = app.config["SETTINGS"]
    settings.data_dir.mkdir(parents=True, exist_ok=True)


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(MIGRATIONS))


def _known_versions() -> set[str | None]:
    return {None, *(script.revision for script in _scripts().walk_revisions())}


def _version() -> str | None:
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()
