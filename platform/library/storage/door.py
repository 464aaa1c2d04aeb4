"""Takes parts of uploads into the local store without occupying one of the threads in which pages are made.

Over a thin line a part takes minutes; a few teachers who upload at the same time would leave no thread for anybody's page. Where the
path is not what we expect (behind a proxy that adds to it), `library.views.take_part` does the same.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Any, BinaryIO, Final

from flask import Flask

from library.storage.base import NoSuchUpload, StoreFailed, StoreFull, WrongParts
from library.storage.local import CHUNK, LocalFileStore

PARTS: Final = "/files/parts/"

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

REFUSALS: Final[dict[type[Exception], tuple[int, bytes]]] = {
    NoSuchUpload: (404, b'{"error": "not_found"}'),
    WrongParts: (400, b'{"error": "wrong_size"}'),
    StoreFull: (507, b'{"error": "full"}'),
    StoreFailed: (503, b'{"error": "failed"}'),
}


def around(app: Flask, inner: Any) -> Any:
    """The ASGI application `inner` with this door in front of it, where `app` keeps its files in a folder."""
    store = app.extensions["library.store"]
    if not isinstance(store, LocalFileStore):
        return inner

    async def door(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "PUT" and scope["path"].startswith(PARTS):
            await _answer(send, *await _take(store, scope["path"].removeprefix(PARTS), receive))
        else:
            await inner(scope, receive, send)

    return door


async def _take(store: LocalFileStore, token: str, receive: Receive) -> tuple[int, bytes]:
    try:
        upload, number, size = store.part_linked(token)
        async with _in_thread(store.new_part(upload, number)) as target:
            left = size
            async for piece in _pieces(receive):
                left -= len(piece)
                if left < 0:
                    raise WrongParts(number)
                await asyncio.to_thread(target.write, piece)
            if left:
                raise WrongParts(number)
    except tuple(REFUSALS) as refusal:
        return REFUSALS[type(refusal)]
    return 200, b"{}"


async def _pieces(receive: Receive) -> AsyncIterator[bytes]:
    """What comes in, in pieces that are worth a write. It ends early when the browser has gone."""
    held = bytearray()
    more = True
    while more:
        message = await receive()
        held += message.get("body", b"")
        more = message.get("more_body", False)
        if len(held) >= CHUNK or not more:
            yield bytes(held)
            held.clear()


@asynccontextmanager
async def _in_thread(opening: AbstractContextManager[BinaryIO]) -> AsyncIterator[BinaryIO]:
    """A context that waits for the disk, entered and left beside the loop."""
    target = await asyncio.to_thread(opening.__enter__)
    try:
        yield target
    except BaseException as fault:
        await asyncio.to_thread(opening.__exit__, type(fault), fault, fault.__traceback__)
        raise
    await asyncio.to_thread(opening.__exit__, None, None, None)


async def _answer(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"private, no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
