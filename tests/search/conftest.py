"""The index of a test's own, kept up to date by hand."""

from collections.abc import Callable

import pytest
from flask import Flask

from foundation.database import db
from search import indexing
from search.service import Search, the_index


@pytest.fixture
def search(app: Flask) -> Search:
    """An index of what there is so far."""
    db.session.commit()
    indexing.rebuild()
    return the_index()


@pytest.fixture
def worker(search: Search) -> Callable[[], None]:
    """A function: commit, and let the worker look into the outbox."""

    def look() -> None:
        db.session.commit()
        while indexing.drain():
            pass

    return look
