"""`GET /healthz`: whether the installation works, for load balancers and for whoever watches over it."""

import logging
import tempfile
import time
from pathlib import Path

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from foundation import allow
from foundation.config import VERSION, Settings
from foundation.database import db

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
    """200 when pages can be served, 503 when not. A worker that is `late` or `off` is told, but pages work without."""
    settings: Settings = current_app.config["SETTINGS"]
    checks = {
        "database": _database(),
        "storage": _storage(settings.data_dir),
        "index": "off",
        "worker": _worker(heartbeat_file(settings)),
    }
    broken = "broken" in checks.values()
    return jsonify(status="broken" if broken else "ok", version=VERSION, checks=checks), 503 if broken else 200


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


def _worker(file: Path) -> str:
    try:
        age = time.time() - file.stat().st_mtime
    except FileNotFoundError:
        return "off"
    return "ok" if age < 2.5 * BEAT_SECONDS else "late"
