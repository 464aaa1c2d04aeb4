"""The Socket.IO server: what comes in, who is connected, and database work beside the event loop."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

import socketio
from engineio.payload import Payload
from flask import Flask
from flask_babel import force_locale

from foundation import wire

Answer = TypeVar("Answer")
Asgi = Callable[[Any, Any, Any], Awaitable[None]]

MESSAGE_LIMIT = 6 * 1024 * 1024
"""Bytes of one message from a browser; whoever sends more is disconnected before it is read to the end."""

WORKERS = 4
"""Threads for database work of socket handlers."""


@dataclass(slots=True)
class Connection:
    """A signed-in browser at the other end of a socket.

    `sid` is its id in its namespace, `transport` its id below all namespaces; `language` a Babel code.
    """

    sid: str
    transport: str
    person_id: int
    sign_in_id: int
    name: str
    language: str
    memberships: dict[str, Any] = field(default_factory=dict)
    """What the connection has joined, by public id; kept by the package that serves its namespace."""


class Threads:
    """Runs database work of an application beside the event loop."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="sockets")

    async def run(self, work: Callable[..., Answer], *given: Any) -> Answer:
        """The result of `work(*given)`, called in a thread with an application context of its own."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._within, work, given)

    def _within(self, work: Callable[..., Answer], given: tuple[Any, ...]) -> Answer:
        with self.app.app_context():
            return work(*given)

    def close(self) -> None:
        """Wait for the work that has begun, take no more."""
        self._pool.shutdown()


class Speaker:
    """Says sentences in a person's language outside of any request."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def say(self, language: str, sentence: Callable[[], str]) -> str:
        """The sentence (a call of gettext) in `language`."""
        with self.app.app_context(), force_locale(language):
            return sentence()


def create_server(app: Flask) -> socketio.AsyncServer:
    """The Socket.IO server of `app`: msgpack packets, websocket or long polling, pages of the same origin only.

    Closing hooks may be added to `server.closing`, a list of coroutine functions; `around` runs them when serving ends.
    """
    # A browser that polls sends everything that waited in one request; the library's limit of 16 packets drops the rest.
    Payload.max_decode_packets = 100_000
    server = socketio.AsyncServer(
        async_mode="asgi",
        serializer="msgpack",
        transports=["websocket", "polling"],
        cors_allowed_origins=None,  # the same origin only
        max_http_buffer_size=MESSAGE_LIMIT,
        http_compression=False,
        ping_interval=20,
        ping_timeout=20,
        logger=False,
        engineio_logger=False,
    )
    server.closing = []
    wire.install(server)
    return server


def around(server: socketio.AsyncServer, other_asgi: Asgi) -> Asgi:
    """One ASGI application: Socket.IO under `/socket.io/`, everything else to `other_asgi`."""

    async def close() -> None:
        for hook in server.closing:
            await hook()
        await server.shutdown()

    whole: Asgi = socketio.ASGIApp(server, other_asgi_app=other_asgi, on_shutdown=close)
    return whole
