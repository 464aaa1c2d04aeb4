"""The application behind a real port, in a thread of the test, and people who write in it with the official client."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

import socketio
import uvicorn
from flask import Flask
from flask.testing import FlaskClient
from pycrdt import Doc, Text

from app import create_asgi

WAIT_SECONDS = 8
"""As long as a test waits for what should happen in a moment: the machine may be busy."""


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve `app` as the web process does; its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        create_asgi(app),
        loop="uvloop",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        proxy_headers=False,
        log_config=None,
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def cookie_of(browser: FlaskClient) -> str:
    """The `Cookie` header of somebody who is signed in."""
    cookie = browser.get_cookie("session")
    assert cookie
    return f"session={cookie.value}"


class Writer:
    """Somebody's open page of one plan: a document of their own, kept equal through the socket."""

    def __init__(self, address: str, cookie: str, plan: str, transports: tuple[str, ...] = ("websocket",)) -> None:
        self.address, self.cookie, self.plan, self.transports = address, cookie, plan, transports
        self.doc: Doc[Any] = Doc()
        self.got: list[tuple[Any, ...]] = []
        self.unsent: list[bytes] = []
        self.socket = socketio.AsyncClient(serializer="msgpack", reconnection=False)
        self._from_server = False
        self._subscription = self.doc.observe(self._changed)
        for event in ("update", "awareness", "role", "gone", "resync"):
            self.socket.on(event, self._hear(event), namespace="/plans")

    async def connect(self) -> "Writer":
        await self.socket.connect(
            self.address, headers={"Cookie": self.cookie}, namespaces=["/plans"], transports=list(self.transports)
        )
        return self

    async def join(self, **more: Any) -> Any:
        asked = {"plan": self.plan, "schema": 2, "state_vector": self.doc.get_state(), **more}
        answer = await self.call("join", asked)
        if "update" in answer:
            self.apply(answer["update"])
        return answer

    async def call(self, event: str, *given: Any) -> Any:
        return await self.socket.call(event, given, namespace="/plans", timeout=30)

    async def send(self, update: bytes) -> Any:
        """Send one update; the answer to it."""
        return await self.call("update", self.plan, update)

    async def write(self, words: str) -> Any:
        """Add `words` at the end of the text, and send that; the answer to it."""
        return await self.send(self.typed(words))

    def typed(self, words: str, field: str = "words") -> bytes:
        """Add `words` at the end of the text without sending; the update."""
        self.unsent.clear()
        text = self.doc.get(field, type=Text)
        text += words
        return self.unsent.pop()

    def text(self, field: str = "words") -> str:
        return str(self.doc.get(field, type=Text))

    def apply(self, update: bytes) -> None:
        self._from_server = True
        self.doc.apply_update(update)
        self._from_server = False

    def heard(self, event: str) -> list[tuple[Any, ...]]:
        """The arguments of every `event` that came."""
        return [given for name, *given in self.got if name == event]  # type: ignore[misc]

    async def hears(self, event: str, within: float = WAIT_SECONDS) -> tuple[Any, ...]:
        """The arguments of the next `event`; it is taken out of what was heard."""
        await until(lambda: bool(self.heard(event)), within)
        found = next(given for given in self.got if given[0] == event)
        self.got.remove(found)
        return found[1:]

    async def close(self) -> None:
        if self.socket.transport() == "polling":  # its last request would stay open until the next ping
            session = self.socket.eio.http
            await self.socket.eio.disconnect(abort=True)
            await session.close()
        else:
            await self.socket.disconnect()

    def _hear(self, event: str) -> Callable[..., None]:
        def hear(*given: Any) -> None:
            self.got.append((event, *given))
            if event == "update":
                self.apply(given[1])

        return hear

    def _changed(self, event: Any) -> None:
        if not self._from_server:
            self.unsent.append(event.update)


async def until(holds: Callable[[], bool], within: float = WAIT_SECONDS) -> None:
    """Wait until something holds; fails when it still does not after `within` seconds."""
    end = monotonic() + within
    while not holds():
        assert monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.01)
