"""Files of the store that belong to nobody: left behind where a process died between the store and the database."""

import json
from datetime import datetime, timedelta
from typing import Final

from flask import current_app
from sqlalchemy import select

from foundation.config import Settings
from foundation.database import db
from library.models import ResourcePage, ResourceVersion, Upload
from library.storage import the_store

KEPT_FOR: Final = timedelta(days=2)
"""A file may be written before the row that names it: what nobody knows for so long is nobody's."""

KEY_COLUMNS: Final = [
    ResourceVersion.key,
    ResourceVersion.poster_key,
    ResourceVersion.stream_key,
    ResourcePage.image_key,
    ResourcePage.small_key,
    ResourcePage.small_key,
    Upload.key,
]
"""Every column that names a file of the store. Whoever adds one says so here, or its files are removed."""


def remove_orphans(now: datetime) -> None:
    """Remove the files that were seen to be nobody's two days ago and still are. What was seen stands in the data folder."""
    settings: Settings = current_app.config["SETTINGS"]
    seen_file = settings.made_data_dir() / "orphans.json"
    seen = _read(seen_file.read_text(encoding="utf-8")) if seen_file.exists() else {}
    found = set(the_store().keys()) - _known()
    db.session.rollback()
    still = {key: seen.get(key, now) for key in found}
    for key in [key for key, since in still.items() if now - since >= KEPT_FOR]:
        the_store().remove(key)
        del still[key]
    seen_file.write_text(json.dumps({key: since.isoformat() for key, since in still.items()}), encoding="utf-8")


def _known() -> set[str]:
    return {key for column in KEY_COLUMNS for key in db.session.scalars(select(column).where(column != ""))}


def _read(text: str) -> dict[str, datetime]:
    return {key: datetime.fromisoformat(since) for key, since in json.loads(text).items()}
