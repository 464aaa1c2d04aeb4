"""`GET /healthz`: whether the installation works, for load balancers and for whoever watches over it."""

import logging
import tempfile
import time
from pathlib import Path

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from foundation import allow
from foundation.backups import LastBackup, last_backup
from foundation.config import VERSION, Settings
from foundation.database import db
from search.indexing import is_late
from search.service import the_index

log = logging.getLogger(__name__)
pages = Blueprint("health", __name__)

BEAT_SECONDS = 60
"""The worker shows that it works this often."""


def heartbeat_file(settings: Settings) -> Path:
    """The file that the worker touches each time it shows that it works."""
    return settings.data_dir / "worker.heartbeat"


@pages.get("/healthz")
@allow.anyone
def healthz() -> ResponseReturnValue:
    """200 when pages can be served, 503 when not. An index, a worker or a backup that is `late` or `off` is told; pages work without."""
    settings: Settings = current_app.config["SETTINGS"]
    last = last_backup(settings)
    checks = {
        "database": _database(),
        "storage": _storage(settings.data_dir),
        "index": _index(),
        "worker": _worker(heartbeat_file(settings)),
        "backup": _backup(last),
    }
    broken = "broken" in checks.values()
    told = {"made_at": last.made_at.isoformat(), "age_hours": int(last.age.total_seconds() // 3600)} if last else None
    status = "broken" if broken else "ok"
    return jsonify(status=status, version=VERSION, checks=checks, last_backup=told), 503 if broken else 200


def _database() -> str:
    try:
        db.session.execute(text("SELECT 1"))
    except Exception:
        log.exception("the database does not answer")
        return "broken"
    return "ok"


def _storage(folder: Path) -> str:
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"ok")
            file.flush()
    except OSError:
        log.exception("the data folder cannot be written")
        return "broken"
    return "ok"


def _index() -> str:
    if not the_index().index.usable():
        return "off"
    try:
        return "late" if is_late() else "ok"
    except SQLAlchemyError:  # `_database` has said it
        return "off"


def _backup(last: LastBackup | None) -> str:
    if last is None:
        return "off"
    return "late" if last.is_late else "ok"


def _worker(file: Path) -> str:
    try:
        age = time.time() - file.stat().st_mtime
    except FileNotFoundError:
        return "off"
    return "ok" if age < 2.5 * BEAT_SECONDS else "late"
