"""The browser's own libraries (socket.io-client, yjs) against the served application, also when it is killed."""

import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any

import pytest
from flask import Flask, session
from flask.testing import FlaskClient
from pycrdt import Text

from app import create_app
from foundation.config import ROOT, Settings
from foundation.database import db, writing
from lessons.coediting import document_of
from lessons.models import Plan
from schools import signing_in
from schools.models import Person
from tests.conftest import Client
from tests.databases import on_both_databases
from tests.factories import make_person, make_plan
from tests.lessons.coediting.served import cookie_of
from tests.lessons.conftest import OpenPage
from tests.sites import Site

LETTERS = 150
WAIT_SECONDS = 40


class Browser:
    """One run of `tests/js/writer.mjs`."""

    def __init__(self, address: str, cookie: str, plan: str, letter: str) -> None:
        self.said: dict[str, Any] = {"written": 0, "text": ""}
        self._process = subprocess.Popen(
            ["node", str(ROOT / "tests/js/writer.mjs"), address, cookie, plan, letter, str(LETTERS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._reading = threading.Thread(target=self._read)
        self._reading.start()

    @property
    def text(self) -> str:
        """Its text when everything of it was last acknowledged."""
        return str(self.said["text"])

    def close(self) -> None:
        self._process.communicate()
        self._reading.join()

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self.said = json.loads(line)


@contextmanager
def browsers(address: str, plan: str, **cookies: str) -> Iterator[list[Browser]]:
    """One browser for each letter."""
    opened = [Browser(address, cookie, plan, letter) for letter, cookie in cookies.items()]
    try:
        yield opened
    finally:
        for browser in opened:
            browser.close()


def wait(holds: Callable[[], bool]) -> None:
    end = monotonic() + WAIT_SECONDS
    while not holds():
        assert monotonic() < end, "it did not happen in time"
        sleep(0.05)


def all_there(opened: list[Browser], letters: str) -> bool:
    """Whether everybody has all letters, and the same text."""
    texts = {browser.text for browser in opened}
    return len(texts) == 1 and all(texts_letter == LETTERS for texts_letter in map(texts.pop().count, letters))


@on_both_databases
def test_two_browsers_converge(open_page: OpenPage, address: str) -> None:
    owner, colleague = make_person(), make_person()
    plan = make_plan(owner, writers=[colleague])
    plan_id, code = plan.id, plan.code
    cookies = {"A": open_page(owner, plan).cookie, "B": open_page(colleague, plan).cookie}
    with browsers(address, code, **cookies) as opened:
        wait(lambda: all_there(opened, "AB"))
        text = opened[0].text
    db.session.rollback()
    assert str(document_of(plan_id).get("words", type=Text)) == text


@pytest.fixture
def site_plan(site: Site) -> Iterator[tuple[Flask, Plan, dict[str, str]]]:
    """A plan on a running site, and the cookies of its two writers."""
    site.start()
    app = create_app(Settings(data_dir=site.data_dir))
    app.test_client_class = Client
    with app.app_context():
        owner, colleague = make_person(), make_person()
        plan = make_plan(owner, writers=[colleague])
        yield app, plan, {"A": site_cookie(app, owner), "B": site_cookie(app, colleague)}
        db.session.remove()
        db.engine.dispose()


def site_cookie(app: Flask, person: Person) -> str:
    with writing(), app.test_request_context():
        signing_in.sign_in(person)
        carried = dict(session)
    client: FlaskClient = app.test_client()
    with client.session_transaction() as kept:
        kept.update(carried)
        kept.permanent = True
    return cookie_of(client)


def test_nothing_is_lost_when_the_server_is_killed(site: Site, site_plan: tuple[Flask, Plan, dict[str, str]]) -> None:
    _, plan, cookies = site_plan
    plan_id, code = plan.id, plan.code
    db.session.rollback()
    with browsers(site.address, code, **cookies) as opened:
        wait(lambda: opened[0].text.count("A") >= 10 and opened[1].text.count("B") >= 10)
        site.kill()
        site.start()
        wait(lambda: all_there(opened, "AB"))
        text = opened[0].text
    db.session.rollback()
    assert str(document_of(plan_id).get("words", type=Text)) == text


def test_what_was_acknowledged_survives_everybody(site: Site, site_plan: tuple[Flask, Plan, dict[str, str]]) -> None:
    _, plan, cookies = site_plan
    plan_id, code = plan.id, plan.code
    db.session.rollback()
    with browsers(site.address, code, **cookies) as opened:
        wait(lambda: opened[0].text.count("A") >= 10 and opened[1].text.count("B") >= 10)
        site.kill()
    db.session.rollback()
    stored = str(document_of(plan_id).get("words", type=Text))
    for letter, browser in zip("AB", opened, strict=True):  # what it saw of the other may not have been committed
        assert stored.count(letter) >= browser.text.count(letter) > 0
