"""`python app.py`: web and worker as the processes they are."""

import json
import os
import re
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from tests.sites import Site
from web.demo import FIXED_PASSWORD


def _worker_of(site: Site) -> int:
    """The process id of the site's worker, once there is one."""
    found: list[int] = []

    def there() -> bool:
        children = Path(f"/proc/{site.pid}/task/{site.pid}/children").parents[1].glob("*/children")
        found[:] = [int(pid) for file in children for pid in file.read_text().split() if _is_worker(int(pid))]
        return bool(found)

    _until(there, "a worker runs")
    return found[0]


def _is_worker(pid: int) -> bool:
    try:
        return b"worker" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except FileNotFoundError:
        return False


def _runs(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def _until(true: Callable[[], bool], what: str, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.05)


def _health(site: Site) -> tuple[int, dict[str, Any]]:
    try:
        with urlopen(f"{site.address}/healthz", timeout=10) as answer:
            return answer.status, json.load(answer)
    except HTTPError as refused:
        with refused:
            return refused.status, json.load(refused)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site for the tests that leave it as it is."""
    site = Site(tmp_path_factory.mktemp("running"))
    yield site.start()
    site.stop()


def test_a_new_installation_is_healthy_with_its_worker(running: Site) -> None:
    _until(lambda: _health(running)[1]["checks"]["worker"] == "ok", "the worker shows that it works")
    status, body = _health(running)
    assert status == 200
    assert body["status"] == "ok"
    assert body["checks"] == {"database": "ok", "storage": "ok", "index": "off", "worker": "ok", "backup": "off"}
    assert body["version"]


def _ends_with_its_worker(site: Site, how: signal.Signals) -> None:
    worker = _worker_of(site)
    assert site.stop(how) == 0
    assert not _runs(worker)
    assert not re.search("Traceback|Fatal|ERROR", site.log.read_text())


def test_a_worker_that_dies_is_told_in_the_log_and_started_again_and_ctrl_c_ends_it_with_the_web(
    live_site: Site,
) -> None:
    first = _worker_of(live_site)
    os.kill(first, signal.SIGKILL)
    _until(lambda: not _runs(first), "the worker is dead")
    assert _worker_of(live_site) != first
    assert "the worker ended by itself" in live_site.log.read_text()
    assert _health(live_site)[0] == 200
    live_site.log.write_text("")
    _ends_with_its_worker(live_site, signal.SIGINT)


def test_a_demo_says_who_can_sign_in_and_starts_again_on_the_same_data_when_it_was_killed(tmp_path: Path) -> None:
    site = Site(tmp_path, DEMO="1")
    try:
        worker = _worker_of(site.start())
        assert any(FIXED_PASSWORD in line for line in site.said), site.said
        assert any("1001" in line for line in site.said), site.said
        key = (site.data_dir / "secret_key").read_text()
        site.kill()
        _until(lambda: not _runs(worker), "the worker ends also when the web is killed")
        site.said.clear()
        site.start()
        assert len(site.said) == 1, site.said
        assert _health(site)[0] == 200
        assert (site.data_dir / "secret_key").read_text() == key
        _ends_with_its_worker(site, signal.SIGTERM)
    finally:
        site.stop()


def test_a_second_one_on_the_same_data_is_refused(running: Site) -> None:
    second = running.run()
    assert second.returncode == 1
    assert "already" in second.stderr
    assert "Traceback" not in second.stderr


def test_an_old_database_is_refused_with_the_command_that_helps(site: Site) -> None:
    site.data_dir.mkdir()
    with closing(sqlite3.connect(site.data_dir / "tongke.sqlite3")) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        connection.commit()
    refused = site.run()
    assert refused.returncode == 1
    assert "make migrate" in refused.stderr
    assert site.run("migrate").returncode == 0
    assert _health(site.start())[0] == 200


def test_a_backup_of_a_running_site_can_be_restored_and_started(running: Site, tmp_path: Path) -> None:
    (running.data_dir / "originals").mkdir(exist_ok=True)
    (running.data_dir / "originals/a.docx").write_bytes(b"as it came")
    file = str(tmp_path / "kept/site.zip")
    done = running.flask("backup", "create", file)
    assert done.returncode == 0, done.stderr
    assert json.loads(urlopen(f"{running.address}/healthz", timeout=10).read())["checks"]["backup"] == "ok"
    in_use = running.flask("backup", "restore", file)
    assert (in_use.returncode, "Traceback" in in_use.stderr) == (1, False)
    other = Site(tmp_path / "kept")
    try:
        done = other.flask("backup", "restore", file)
        assert done.returncode == 0, done.stderr
        assert _health(other.start())[0] == 200
    finally:
        other.stop()
    assert (other.data_dir / "originals/a.docx").read_bytes() == b"as it came"


def test_requests_are_logged_with_an_id_and_without_what_was_typed(running: Site) -> None:
    with urlopen(f"{running.address}/healthz?word=geheim", timeout=10) as answer:
        number = answer.headers["X-Request-ID"]
    line = next(line for line in running.log.read_text().splitlines() if number in line)
    assert "method=GET path=/healthz status=200 ms=" in line
    assert "geheim" not in line
