"""Two who schedule at the same moment: only one of them gets the room."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest
from flask import Flask
from flask.testing import FlaskClient

from foundation.clock import travel_to
from foundation.database import db
from live.models import LiveSession
from live.scheduling import conflicts
from live.scheduling.conflicts import Conflict, Draft
from schools.models import Person
from tests.live.scheduling.worlds import NOW, Campuses

LONG_ENOUGH = 1.5
"""Seconds in which the other one would have asked, too, if nothing held it back."""


Browser = Callable[[Person], FlaskClient]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_of_two_at_the_same_moment_the_second_hears_that_it_is_taken(
    app: Flask, signed_in: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = Campuses()
    sheets = [world.sheet(request_key=key) for key in ("one", "other")]
    browsers = [signed_in(person) for person in (world.wang, world.office_here)]
    assert sorted(sent_at_once(app, monkeypatch, browsers, sheets)) == [303, 422]
    assert db.session.query(LiveSession).count() == 1


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize(("repeat", "made"), [({}, 1), ({"repeat": "every", "until": "2026-09-23"}, 3)])
def test_a_form_sent_twice_at_the_same_moment_counts_once(
    app: Flask, signed_in: Browser, monkeypatch: pytest.MonkeyPatch, repeat: dict[str, str], made: int
) -> None:
    world = Campuses()
    sheet = world.sheet(**repeat)
    assert sent_at_once(app, monkeypatch, [signed_in(world.wang) for _ in range(2)], [sheet, sheet]) == [303, 303]
    assert db.session.query(LiveSession).count() == made


def sent_at_once(
    app: Flask, monkeypatch: pytest.MonkeyPatch, browsers: list[FlaskClient], sheets: list[dict[str, object]]
) -> list[int]:
    """The answers to `sheets`, each sent by its browser, while every search for conflicts waits whether the other comes as far."""
    both, ask = Barrier(2), conflicts.conflicts_of

    def slowly(draft: Draft) -> list[Conflict]:
        found = ask(draft)
        with suppress(BrokenBarrierError):
            both.wait(LONG_ENOUGH)
        return found

    def send(browser: FlaskClient, sheet: dict[str, object]) -> int:
        with app.app_context():
            return browser.post("/live/new", data=sheet).status_code

    monkeypatch.setattr(conflicts, "conflicts_of", slowly)
    db.session.commit()
    with travel_to(NOW), ThreadPoolExecutor() as at_once:
        return list(at_once.map(send, browsers, sheets))
