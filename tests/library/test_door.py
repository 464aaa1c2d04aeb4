"""Parts of uploads come in beside the pages, in pieces as the line brings them."""

import asyncio
from typing import Any

import pytest
from flask import Flask

from library.storage import door, the_store
from library.storage.base import new_key
from library.storage.local import LocalFileStore


def _put(app: Flask, path: str, *pieces: dict[str, Any]) -> int:
    """The status of the answer to a PUT whose body comes in `pieces`; 0 when the pages are to answer it."""
    said: list[dict[str, Any]] = []
    coming = iter(pieces)

    async def receive() -> dict[str, Any]:
        return next(coming)

    async def send(message: dict[str, Any]) -> None:
        said.append(message)

    async def pages(*_given: object) -> None:
        said.append({"status": 0})

    asyncio.run(door.around(app, pages)({"type": "http", "method": "PUT", "path": path}, receive, send))
    return int(said[0]["status"])


def _piece(body: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


@pytest.fixture
def store(app: Flask) -> LocalFileStore:
    store = the_store()
    assert isinstance(store, LocalFileStore)
    return store


def test_a_part_is_kept_only_when_it_came_in_whole(app: Flask, store: LocalFileStore) -> None:
    key = new_key()
    upload = store.begin_upload(key, "")
    with app.test_request_context():
        link = store.part_link(key, upload, 1, 8)
        second = store.part_link(key, upload, 2, 8)
    assert _put(app, second, _piece(b"abcd", more=True), {"type": "http.disconnect"}) == 400
    assert _put(app, second, _piece(b"abcdefghi")) == 400
    assert _put(app, link, _piece(b"abcd", more=True), _piece(b"efgh")) == 200
    assert store.parts(key, upload) == {1: 8}
    store.finish_upload(key, upload, [8])
    with store.open(key) as file:
        assert file.read() == b"abcdefgh"


def test_only_links_of_ours_open_the_door(app: Flask, store: LocalFileStore) -> None:
    assert _put(app, f"{door.PARTS}made-up", _piece(b"x")) == 404
    assert _put(app, "/plans/new", _piece(b"x")) == 0
