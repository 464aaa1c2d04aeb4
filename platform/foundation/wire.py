"""Websockets under Socket.IO, read and written without a task for every message.

python-engineio wraps every incoming message in a task with a time limit, hands it to another task for the handler, and
takes every outgoing one through a queue and the writer's time limit. For an event that comes several times a second from every
writer that is most of the cost of serving it (bench/RESULTS.md). Here the frequent events go straight to an
"express" handler and answers and broadcasts straight to the transport. What goes over the wire is the same; long
polling, upgrades from it, and servers other than uvicorn take the library's way.

Written against the inside of python-engineio, python-socketio and uvicorn, whose versions are pinned; tests speak to it with the
official clients over every transport.
"""

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

import msgpack  # type: ignore[import-untyped]
from engineio.async_drivers.asgi import WebSocket
from engineio.async_socket import AsyncSocket
from engineio.exceptions import SocketIsClosedError, UnknownPacketError
from engineio.packet import MESSAGE, Packet
from socketio import AsyncServer
from socketio.packet import ACK, EVENT
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

log = logging.getLogger(__name__)

Answer = Callable[[dict[str, Any]], None]
Express = Callable[[str, list[Any], Answer], bool]
"""Handler of a frequent event: the connection's id, what it sent, and where its answer goes, now or later.

False when it would rather have the ordinary handler called. It may not raise and not wait.
"""


def install(server: AsyncServer) -> None:
    """Let `server` read and write websockets this way; `server.express` maps (namespace, event) to handlers."""
    server.express = {}
    server.eio._async = {**server.eio._async, "websocket": partial(Wire, server)}


def frame_of(payload: bytes) -> bytes:
    """A websocket frame from a server, which is not masked and so the same for every recipient."""
    size = len(payload)
    if size < 126:
        return bytes((0x82, size)) + payload
    if size < 0x10000:
        return b"\x82\x7e" + size.to_bytes(2, "big") + payload
    return b"\x82\x7f" + size.to_bytes(8, "big") + payload


def write_frame(socket: AsyncSocket, frame: bytes) -> bool:
    """Hand a frame to the transport at once; False when it cannot be or when something else waits already."""
    protocol = getattr(socket, "protocol", None)
    if (
        protocol is None
        or not protocol.writable.is_set()
        or not socket.queue.empty()
        or protocol.transport.is_closing()
    ):
        return False
    protocol.transport.write(frame)
    return True


class Wire(WebSocket):  # type: ignore[misc]  # the library has no types
    """One websocket, from its being accepted to its end."""

    def __init__(self, server: AsyncServer, handler: Any, engine: Any) -> None:
        super().__init__(handler, engine)
        self.handler: Any = handler
        self._server = server
        self._limit: int = engine.max_http_buffer_size

    async def __call__(self, environ: dict[str, Any]) -> Any:
        """Serve it to its end."""
        socket: AsyncSocket = self.handler.__self__
        if not socket.connected:  # else it is an upgrade from polling
            protocol = getattr(environ["asgi.send"], "__self__", None)
            if isinstance(protocol, WebSocketsSansIOProtocol) and not protocol.conn.extensions:
                socket.protocol = protocol
            self.handler = partial(self._serve, socket)
        return await super().__call__(environ)

    async def _serve(self, socket: AsyncSocket, _: WebSocket) -> None:
        socket.connected = socket.upgraded = True
        writer = asyncio.create_task(self._write(socket))
        try:
            await self._read(socket)
        finally:
            socket.queue.put_nowait(None)
            await writer
            await socket.close(wait=False, abort=True, reason=socket.server.reason.TRANSPORT_CLOSE)

    async def _read(self, socket: AsyncSocket) -> None:
        while True:
            event = await self.asgi_receive()
            if event["type"] != "websocket.receive":
                return
            data = event.get("bytes")
            if data is None:
                data = event["text"]
            if len(data) > self._limit:
                return
            try:
                if not (isinstance(data, bytes) and self._expressed(socket, data)):
                    await socket.receive(Packet(encoded_packet=data))
            except UnknownPacketError:
                pass
            except SocketIsClosedError:
                return
            except Exception:  # of one message; the next may be better
                log.warning("a message was not understood", exc_info=True)

    async def _write(self, socket: AsyncSocket) -> None:
        while (packet := await socket.queue.get()) is not None:
            socket.queue.task_done()
            try:
                await self.send(packet.encode())
            except Exception:
                log.debug("a browser went away while it was written to", exc_info=True)
                break
        await self.close()

    def _expressed(self, socket: AsyncSocket, data: bytes) -> bool:
        """Give the message to its express handler, if it has one that takes it."""
        message = msgpack.unpackb(data)
        if message["type"] != EVENT:
            return False
        namespace, given = message["nsp"], message["data"]
        express: Express | None = self._server.express.get((namespace, given[0]))
        sid: str | None = self._server.manager.sid_from_eio_sid(socket.sid, namespace) if express else None
        if express is None or sid is None:
            return False
        return express(sid, given[1:], partial(self._answer, socket, namespace, message.get("id")))

    def _answer(self, socket: AsyncSocket, namespace: str, number: int | None, answer: dict[str, Any]) -> None:
        if number is None or socket.closed:
            return
        payload = msgpack.packb({"type": ACK, "data": [answer], "nsp": namespace, "id": number})
        if not write_frame(socket, frame_of(payload)):
            socket.queue.put_nowait(Packet(MESSAGE, payload))
