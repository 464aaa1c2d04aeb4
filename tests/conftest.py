"""What tests stand on. No test reaches further than this machine, and what could not be run is listed at the end."""

import os
import socket
from collections.abc import Callable, Iterator
from contextvars import Context
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, session
from flask.testing import FlaskClient
from playwright.sync_api import Browser, sync_playwright
from werkzeug.test import TestResponse

from app import create_app
from foundation.config import Settings
from foundation.database import db, writing
from schools import passwords, signing_in
from schools.models import Person
from tests import thrift
from tests.databases import PostgresqlServer, SqliteFiles
from tests.factories import make_person
from tests.sites import Site

CHROMIUM = Path("/usr/bin/chromium")

LONGEST_FIRST = (
    "browser/test_every_page.py",
    "browser",
    "test_app.py",
    "web/test_backup.py",
    "manage/rights/test_rights.py",
    "lessons/test_access.py",
    "lessons/coediting/test_browsers.py",
    "manage/importing",
)
"""So that no process is left alone with a long file at the end."""

passwords.hasher = thrift.QUICK_HASHER
thrift.compile_addresses_once()
thrift.compile_statements_once()
thrift.trust_the_machine()
templates = thrift.Templates()


class Client(FlaskClient):
    """A browser without a screen. Each request runs apart from the test, as it does in the server.

    What the test has made is committed first, and read afresh afterwards.
    """

    def open(self, *args: Any, **given: Any) -> TestResponse:
        db.session.commit()
        return Context().run(super().open, *args, **given)


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> SqliteFiles:
    """Where SQLite databases come from."""
    return SqliteFiles(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    """Where PostgreSQL databases come from."""
    server = PostgresqlServer()
    yield server
    server.stop()


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a fresh database with all tables: SQLite, unless the test is marked `on_both_databases`."""
    kind = getattr(request, "param", "sqlite")
    source: Any = request.getfixturevalue("sqlite_files" if kind == "sqlite" else "postgresql_server")
    with source.fresh() as address:
        yield address


@pytest.fixture
def empty_database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a fresh database without tables, of the kind that the test is parametrised with."""
    source: Any = request.getfixturevalue("sqlite_files" if request.param == "sqlite" else "postgresql_server")
    with source.fresh(tables=False) as address:
        yield address


@pytest.fixture
def settings(tmp_path: Path, database: str) -> Settings:
    """Settings of an installation of the test's own."""
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    return Settings(data_dir=data_dir, database_url=database, secret_key="only for tests")


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application, on a fresh database, in an application context."""
    app = create_app(settings)
    app.test_client_class = Client
    app.jinja_env.bytecode_cache = templates
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    with app.app_context():
        yield app
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Somebody who is not signed in."""
    return app.test_client()


@pytest.fixture
def person(app: Flask) -> Person:
    """Somebody on the staff of a campus."""
    return make_person()


@pytest.fixture
def signed_in(app: Flask) -> Callable[[Person], FlaskClient]:
    """A function: the browser of a person, signed in."""

    def browser_of(person: Person) -> FlaskClient:
        db.session.commit()
        with app.test_request_context(), writing():
            signing_in.sign_in(person)
            carried = dict(session)
            permanent = session.permanent
        client = app.test_client()
        with client.session_transaction() as kept:
            kept.update(carried)
            kept.permanent = permanent
        return client

    return browser_of


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A site that was not started yet, with an empty data folder."""
    site = Site(tmp_path)
    yield site
    site.stop()


@pytest.fixture
def live_site(site: Site) -> Site:
    """A running site that nobody has visited yet."""
    return site.start()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium. Of one module only: while it lives, `asyncio.run` cannot be used in the same thread."""
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed (Debian package chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture(autouse=True)
def only_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that would reach the network fails."""
    connect = socket.socket.connect

    def connect_here(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test tried to reach {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect_here)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes first."""
    here = Path(__file__).parent

    def rank(item: pytest.Item) -> int:
        place = str(item.path.relative_to(here))
        return next((rank for rank, name in enumerate(LONGEST_FIRST) if place.startswith(name)), len(LONGEST_FIRST))

    items.sort(key=rank)


def pytest_collection_finish() -> None:
    """From here on only tests make things."""
    thrift.let_be_what_stays()


def pytest_unconfigure(config: pytest.Config) -> None:
    """The last lines: what could not be run, and why."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or config.option.collectonly:
        return
    reasons = _not_run(reporter)
    reporter.write_line("")
    reporter.write_line("Could not be run:" if reasons else "Could not be run: nothing")
    for reason, count in reasons.items():
        reporter.write_line(f"- {count} test{'s' if count > 1 else ''}: {reason}")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """With CI=true nothing may be left out."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if exitstatus == pytest.ExitCode.OK and os.environ.get("CI") == "true" and _not_run(reporter):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _not_run(reporter: Any) -> dict[str, int]:
    reasons: dict[str, int] = {}
    for report in reporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reasons[reason] = reasons.get(reason, 0) + 1
    return reasons
