"""The Socket.IO server: what comes in, who is connected, and database work beside the event loop."""

import asyncio
import gc
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

import socketio
from engineio.payload import Payload
from flask import Flask
from flask_babel import force_locale

from foundation import wire
from foundation.config import Settings

Answer = TypeVar("Answer")
Asgi = Callable[[Any, Any, Any], Awaitable[None]]

MESSAGE_LIMIT = 6 * 1024 * 1024
"""Bytes of one message from a browser; whoever sends more is disconnected before it is read to the end."""

SWITCH_SECONDS = 0.0005
"""How long a thread at work on a page or a query may keep the event loop waiting for its turn; Python's own is 5 ms, and
people who write feel it."""

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

    Hooks may be added to `server.opening`, functions that `around` calls in the event loop when serving begins, and to
    `server.closing`, coroutine functions that it runs when serving ends.
    """
    settings: Settings = app.config["SETTINGS"]
    sys.setswitchinterval(SWITCH_SECONDS)
    # A browser that polls sends everything that waited in one request; the library's limit of 16 packets drops the rest.
    Payload.max_decode_packets = 100_000
    server = socketio.AsyncServer(
        async_mode="asgi",
        serializer="msgpack",
        transports=["websocket", "polling"],
        cors_allowed_origins=partial(_is_same_origin, proxies=settings.trusted_proxies > 0),
        max_http_buffer_size=MESSAGE_LIMIT,
        http_compression=False,
        ping_interval=20,
        ping_timeout=20,
        logger=False,
        engineio_logger=False,
    )
    server.opening = []
    server.closing = []
    wire.install(server)
    return server


def _is_same_origin(origin: str | None, environ: dict[str, Any], proxies: bool) -> bool:
    """Whether a page of `origin` may speak here: one of the host that was asked for, over TLS or not.

    A proxy often ends TLS and says so to nobody, so that the scheme is not compared.
    """
    asked = {environ.get("HTTP_HOST", "")}
    if proxies:
        asked.add(environ.get("HTTP_X_FORWARDED_HOST", "").rpartition(",")[2].strip())
    return bool(origin) and urlsplit(origin).netloc in asked


def around(server: socketio.AsyncServer, other_asgi: Asgi) -> Asgi:
    """One ASGI application: Socket.IO under `/socket.io/`, everything else to `other_asgi`."""

    def begin() -> None:
        # What was imported stays for good: looking through it again and again would hold up those who write.
        gc.collect()
        gc.freeze()
        for hook in server.opening:
            hook()

    async def close() -> None:
        for hook in server.closing:
            await hook()
        await server.shutdown()

    whole: Asgi = socketio.ASGIApp(server, other_asgi_app=other_asgi, on_startup=begin, on_shutdown=close)
    return whole
