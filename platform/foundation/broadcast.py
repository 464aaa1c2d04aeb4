"""Sends one event to many sockets: encoded once, without a task for every recipient, and never more than can be read.

Written against the inside of the pinned python-engineio, for two reasons beside speed. Its own broadcast gives every recipient
the same packet object, which keeps its first encoding and so sends raw bytes to browsers that poll; and it lets
any number of packets wait for a browser that has stopped reading.
"""

import asyncio
import contextlib
from collections.abc import Iterable
from typing import Any

from engineio.async_socket import AsyncSocket
from engineio.packet import MESSAGE, Packet
from socketio import AsyncServer
from socketio.packet import EVENT

from foundation.realtime import Connection
from foundation.wire import frame_of, write_frame

WAITING_BYTES = 2 * 1024 * 1024
"""What may wait for one browser; one that reads too slowly for that misses the rest and is told to `resync`."""

LOOK_SECONDS = 0.5


class Broadcast:
    """Events of one namespace on their way to browsers. Every event's first argument says what it is about."""

    def __init__(self, server: AsyncServer, namespace: str) -> None:
        self._sockets: dict[str, AsyncSocket] = server.eio.sockets
        self._packet_class = server.packet_class
        self._namespace = namespace
        self._waiting: dict[str, int] = {}
        self._missed: dict[str, tuple[Connection, set[str]]] = {}
        self._looking: asyncio.TimerHandle | None = None

    def send(self, to: Iterable[Connection], event: str, about: str, *given: Any) -> None:
        """Send `event` to every connection of `to`, unless it is too far behind to have use of it."""
        data = self._encoded(event, about, given)
        frame = frame_of(data)
        packets = (Packet(MESSAGE, data), Packet(MESSAGE, data))  # for those that poll, and for those that do not
        for connection in to:
            socket = self._sockets.get(connection.transport)
            if socket is None or socket.closed:
                continue
            if connection.sid not in self._missed and write_frame(socket, frame):
                continue
            if self._has_room(connection, socket, about, len(data)):
                socket.queue.put_nowait(packets[socket.upgraded])

    def tell(self, connection: Connection, event: str, about: str, *given: Any) -> None:
        """Send what must arrive, to one connection."""
        socket = self._sockets.get(connection.transport)
        if socket is not None and not socket.closed:
            socket.queue.put_nowait(Packet(MESSAGE, self._encoded(event, about, given)))

    def forget(self, connection: Connection, about: str) -> None:
        """The connection is not interested in `about` any more."""
        with contextlib.suppress(KeyError):
            self._missed[connection.sid][1].discard(about)

    def forget_all(self, connection: Connection) -> None:
        """The connection has ended."""
        self._missed.pop(connection.sid, None)
        self._waiting.pop(connection.sid, None)

    def _encoded(self, event: str, about: str, given: tuple[Any, ...]) -> bytes:
        encoded: bytes = self._packet_class(EVENT, namespace=self._namespace, data=[event, about, *given]).encode()
        return encoded

    def _has_room(self, connection: Connection, socket: AsyncSocket, about: str, size: int) -> bool:
        """Whether it may be sent one more; counts what was sent since nothing was waiting."""
        sid = connection.sid
        missed = self._missed.get(sid)
        if missed is None:
            waiting = self._waiting[sid] = size if socket.queue.empty() else self._waiting.get(sid, 0) + size
            if waiting <= WAITING_BYTES:
                return True
            missed = self._missed[sid] = (connection, set())
            if self._looking is None:
                self._looking = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look)
        missed[1].add(about)
        return False

    def _look(self) -> None:
        """Tell those who have read everything that waited to fetch what they missed."""
        for connection, missed in list(self._missed.values()):
            socket = self._sockets.get(connection.transport)
            if socket is None or socket.queue.empty():
                self.forget_all(connection)
                for about in missed:
                    self.tell(connection, "resync", about)
        again = bool(self._missed)
        self._looking = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look) if again else None
