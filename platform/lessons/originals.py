"""The files that plans were imported from, kept as they came in the data folder under names that say nothing."""

import os
import secrets
import time
from collections.abc import Collection, Iterable
from pathlib import Path

from flask import current_app

from foundation.config import Settings
from foundation.disk import sync_folder

_ORPHAN_SECONDS = 24 * 3600


def _folder() -> Path:
    settings: Settings = current_app.config["SETTINGS"]
    return settings.data_dir / "originals"


def keep(data: bytes) -> str:
    """Write `data` so that it survives a loss of power, and return the name to find it by."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    name = secrets.token_hex(16)
    with open(folder / name, "xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(folder)
    return name


def path_of(stored_name: str) -> Path:
    """Where the file kept under `stored_name` lies."""
    return _folder() / stored_name


def remove(stored_names: Iterable[str]) -> None:
    """Remove the files for good; those already gone are passed over."""
    for name in stored_names:
        path_of(name).unlink(missing_ok=True)


def remove_orphans(known: Collection[str]) -> None:
    """Remove files that no plan names: left behind when the server ended between writing a file and the commit."""
    folder = _folder()
    oldest = time.time() - _ORPHAN_SECONDS
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name not in known and path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
