"""Speaking with Janus over its websocket: one session, a handle for everything that is published or watched."""

import asyncio
import contextlib
import json
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from live.media.base import MediaFailed, Payload

log = logging.getLogger(__name__)

ANSWER_SECONDS = 8
KEEP_ALIVE_SECONDS = 20
PLUGIN = "janus.plugin.videoroom"

Listener = Callable[[Payload], None]


class JanusRefused(Exception):
    """Janus would not do what it was asked; says why, for the log."""


@dataclass(frozen=True)
class Reply:
    """What the plugin said, and the session description that came with it."""

    data: Payload
    description: Payload | None


class JanusLine:
    """An open line. `lost` is called once when it ends without having been closed by us."""

    def __init__(self, secret: str, lost: Callable[[], None]) -> None:
        self._secret = secret
        self._lost = lost
        self._waiting: dict[str, asyncio.Future[Payload]] = {}
        self._listeners: dict[int, Listener] = {}
        self._socket: ClientConnection | None = None
        self._session = 0
        self._opened = False
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self, url: str) -> None:
        """Connect and begin a session. Raises MediaFailed."""
        try:
            self._socket = await connect(
                url,
                subprotocols=[Subprotocol("janus-protocol")],
                compression=None,
                proxy=None,
                ping_interval=None,
                open_timeout=ANSWER_SECONDS,
            )
        except (OSError, WebSocketException, TimeoutError) as problem:
            raise MediaFailed(f"Janus does not answer: {problem}") from problem
        self._tasks = [asyncio.create_task(self._read(self._socket))]
        try:
            self._session = (await self._ask({"janus": "create"}))["data"]["id"]
        except JanusRefused as problem:
            raise MediaFailed(f"Janus does not let us in: {problem}") from problem
        self._opened = True
        self._tasks.append(asyncio.create_task(self._stay()))

    async def close(self) -> None:
        """Hang up; Janus ends all handles by itself."""
        self._opened = False
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._socket is not None:
            await self._socket.close()
        self._give_up()

    async def attach(self, listener: Listener) -> int:
        """A new handle, whose events go to `listener`."""
        handle: int = (await self._ask({"janus": "attach", "plugin": PLUGIN}))["data"]["id"]
        self._listeners[handle] = listener
        return handle

    async def detach(self, handle: int) -> None:
        """End a handle and what goes through it."""
        self._listeners.pop(handle, None)
        with contextlib.suppress(JanusRefused, MediaFailed):
            await self._ask({"janus": "detach", "handle_id": handle})

    async def message(self, handle: int, body: Payload, description: Payload | None = None) -> Reply:
        """What the plugin answers. Raises JanusRefused, MediaFailed."""
        more = {"jsep": description} if description else {}
        answer = await self._ask({"janus": "message", "handle_id": handle, "body": body, **more})
        data = answer.get("plugindata", {}).get("data", {})
        if "error" in data:
            raise JanusRefused(f"{body['request']}: {data['error']}")
        return Reply(data, answer.get("jsep"))

    async def trickle(self, handle: int, candidate: Payload | None) -> None:
        """Hand on a browser's candidate, or that there are no more."""
        await self._ask(
            {"janus": "trickle", "handle_id": handle, "candidate": candidate or {"completed": True}}, ack=True
        )

    async def _ask(self, message: Payload, ack: bool = False) -> Payload:
        if self._socket is None:
            raise MediaFailed("there is no line to Janus")
        transaction = ("ack-" if ack else "") + secrets.token_hex(8)
        answer: asyncio.Future[Payload] = asyncio.get_running_loop().create_future()
        self._waiting[transaction] = answer
        session = {"session_id": self._session} if self._session else {}
        try:
            await self._socket.send(
                json.dumps({**message, **session, "apisecret": self._secret, "transaction": transaction})
            )
            async with asyncio.timeout(ANSWER_SECONDS):
                got = await answer
        except TimeoutError as problem:
            raise JanusRefused(f"no answer to {message['janus']}") from problem
        except WebSocketException as problem:
            raise MediaFailed("the line to Janus is gone") from problem
        finally:
            self._waiting.pop(transaction, None)
        if got["janus"] == "error":
            raise JanusRefused(str(got["error"].get("reason", got["error"])))
        return got

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for text in socket:
                self._take(json.loads(text))
        except WebSocketException:
            pass
        self._give_up()
        if self._opened:
            self._lost()

    def _take(self, message: Payload) -> None:
        transaction = message.get("transaction", "")
        if message["janus"] == "ack" and not transaction.startswith("ack-"):
            return  # the answer itself is still to come
        waiting = self._waiting.get(transaction)
        if waiting is not None:
            if not waiting.done():
                waiting.set_result(message)
            return
        listener = self._listeners.get(message.get("sender", 0))
        if listener is not None:
            listener(message)

    def _give_up(self) -> None:
        self._socket = None
        self._listeners.clear()
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(MediaFailed("the line to Janus is gone"))

    async def _stay(self) -> None:
        """Janus ends a session that has been silent for a minute."""
        while True:
            await asyncio.sleep(KEEP_ALIVE_SECONDS)
            with contextlib.suppress(JanusRefused, MediaFailed):
                await self._ask({"janus": "keepalive"}, ack=True)


def plugin_data(event: Payload) -> Payload:
    """What the plugin says in an event of its own."""
    data: Payload = event.get("plugindata", {}).get("data", {})
    return data
