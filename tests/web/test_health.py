import os
import shutil
import time
from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient

from foundation.backups import LastBackup, remember_backup
from foundation.clock import now
from foundation.config import Settings
from foundation.database import db
from search.indexing import rebuild
from search.models import SearchOutbox
from tests.databases import on_both_databases
from web.health import BEAT_SECONDS, heartbeat_file


def _checks(client: FlaskClient) -> tuple[int, dict[str, str]]:
    answer = client.get("/healthz")
    return answer.status_code, {"status": answer.json["status"], **answer.json["checks"]}


@on_both_databases
def test_a_site_without_a_worker_still_serves_pages(client: FlaskClient) -> None:
    assert _checks(client) == (
        200,
        {"status": "ok", "database": "ok", "storage": "ok", "index": "off", "worker": "off", "backup": "off"},
    )


def test_a_worker_that_showed_itself_lately_is_well(client: FlaskClient, settings: Settings) -> None:
    heartbeat_file(settings).touch()
    assert _checks(client)[1]["worker"] == "ok"


def test_a_worker_that_was_silent_for_long_is_late(client: FlaskClient, settings: Settings) -> None:
    long_ago = time.time() - 3 * BEAT_SECONDS
    heartbeat_file(settings).touch()
    os.utime(heartbeat_file(settings), (long_ago, long_ago))
    assert _checks(client)[1]["worker"] == "late"


def test_an_index_that_nobody_brings_up_to_date_is_late(client: FlaskClient) -> None:
    rebuild()
    assert _checks(client)[1]["index"] == "ok"
    db.session.add(SearchOutbox(kind="plan", object_id=1, made_at=now() - timedelta(minutes=2)))
    db.session.commit()
    assert _checks(client)[1]["index"] == "late"


def test_without_its_data_folder_it_is_broken(client: FlaskClient, settings: Settings) -> None:
    shutil.rmtree(settings.data_dir)
    status, checks = _checks(client)
    assert (status, checks["status"], checks["storage"]) == (503, "broken", "broken")


def test_without_its_database_it_is_broken(app: Flask, client: FlaskClient, settings: Settings) -> None:
    db.session.remove()
    db.engine.dispose()
    file = settings.database.removeprefix("sqlite:///")
    os.unlink(file)
    os.mkdir(file)
    status, checks = _checks(client)
    os.rmdir(file)
    assert (status, checks["status"], checks["database"]) == (503, "broken", "broken")


def test_the_last_good_backup_and_its_age_are_told(client: FlaskClient, settings: Settings) -> None:
    remember_backup(settings, LastBackup(now() - timedelta(hours=5), "a.zip", 1))
    assert _checks(client)[1]["backup"] == "ok"
    assert client.get("/healthz").json["last_backup"]["age_hours"] == 5
    remember_backup(settings, LastBackup(now() - timedelta(days=3), "a.zip", 1))
    assert _checks(client)[:1] == (200,)
    assert _checks(client)[1]["backup"] == "late"
