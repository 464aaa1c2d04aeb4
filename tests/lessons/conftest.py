"""Fixtures for plans that people write together: the application behind a real port, and open pages of it."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from foundation.database import db, writing
from lessons.models import Plan
from schools.models import Person
from tests.lessons.coediting.served import Writer, cookie_of, serving

OpenPage = Callable[..., Writer]


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Where the application is served."""
    with serving(app) as address:
        yield address


@pytest.fixture
def open_page(address: str, signed_in: Callable[[Person], FlaskClient]) -> OpenPage:
    """A function: a page of a plan in the browser of a person, not connected yet."""

    def opened(person: Person, plan: Plan, *transports: str) -> Writer:
        code = plan.code
        db.session.rollback()  # what was read so far may not be written upon any more
        with writing():
            cookie = cookie_of(signed_in(person))
            db.session.rollback()
        return Writer(address, cookie, code, transports or ("websocket",))

    return opened
