"""The doors of the rooms: while some newcomers are looked at, those who come wait, and are then looked at all together.

Five hundred screens come at once when a lesson begins or the server comes back. Everybody's own rights are asked for, but in the same few
queries.
"""

import asyncio
import logging

from foundation.errors import Refusal
from foundation.realtime import Threads
from live.room import queries
from live.room.queries import Newcomer, Place
from live.room.rooms import Proof
from live.room.store import NotStored

log = logging.getLogger(__name__)

Answer = tuple[Place, Proof] | Refusal


class Doors:
    """Belongs to the event loop."""

    def __init__(self, threads: Threads) -> None:
        self._threads = threads
        self._waiting: list[tuple[Newcomer, asyncio.Future[Answer]]] = []
        self._looking: asyncio.Task[None] | None = None

    async def place(self, newcomer: Newcomer) -> Answer:
        """Where a newcomer belongs, or why they are not let in. Raises NotStored when nobody can be looked at now."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((newcomer, answer))
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        return await answer

    async def _look(self) -> None:
        while self._waiting:
            waiting, self._waiting = self._waiting, []
            try:
                places = await self._threads.run(queries.places_in, [newcomer for newcomer, _ in waiting])
            except Exception:
                log.exception("nobody can be let into rooms")
                for _, answer in waiting:
                    if not answer.done():
                        answer.set_exception(NotStored())
            else:
                for (_, answer), place in zip(waiting, places, strict=True):
                    if not answer.done():
                        answer.set_result(place)
        self._looking = None
