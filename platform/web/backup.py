"""A copy of an installation from which it can be restored, made while people go on working."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from foundation.config import Settings

NOT_AS_FILES = ("*.lock", "*.heartbeat", "*.sqlite3*")
"""What a running installation makes anew, and databases, which would be torn when copied like this."""


class FolderExists(Exception):
    """The folder for the copy is there already."""


def back_up(settings: Settings, target: Path) -> None:
    """Copy database and files into the new folder `target`, which then serves as a data folder.

    The database is copied first, as of one moment: files that it names are never removed at once, and files that came
    later do no harm. A PostgreSQL database is not copied; `pg_dump` does that. Raises FolderExists.
    """
    try:
        target.mkdir(parents=True, mode=0o700)
    except FileExistsError:
        raise FolderExists(target) from None
    if not settings.database_url:
        name = Path(settings.database.removeprefix("sqlite:///")).name
        with (
            closing(sqlite3.connect(settings.data_dir / name)) as live,
            closing(sqlite3.connect(target / name)) as copy,
        ):
            live.backup(copy)
    shutil.copytree(settings.data_dir, target, ignore=shutil.ignore_patterns(*NOT_AS_FILES), dirs_exist_ok=True)
    target.chmod(0o700)  # a data folder made by hand may be open to others; a copy that lies elsewhere is not
