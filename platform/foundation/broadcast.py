"""Sends one event to many sockets."""

import asyncio
from collections.abc import Iterable
from typing import Any

from socketio import AsyncServer

from foundation.realtime import Connection


class Broadcast:
    """Events of one namespace on their way to browsers."""

    def __init__(self, server: AsyncServer, namespace: str) -> None:
        self._server = server
        self._namespace = namespace
        self._tasks: set[asyncio.Future[None]] = set()

    def send(self, to: Iterable[Connection], event: str, *given: Any) -> None:
        """Send `event` with the arguments `given` to every connection of `to`."""
        task = asyncio.ensure_future(
            self._server.emit(event, given, room=[connection.sid for connection in to], namespace=self._namespace)
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def forget(self, connection: Connection) -> None:
        """The connection has left."""
