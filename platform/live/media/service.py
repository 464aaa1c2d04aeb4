"""The one object through which the rooms have sound and pictures: it chooses the way, and another one when that fails."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from flask import Response

from foundation.config import Settings
from live.media import ice, terms
from live.media.base import Changed, ClassroomMedia, MediaFailed, Payload, Seat, Tell, Traffic
from live.media.janus import JanusMedia
from live.media.janus_line import JanusRefused
from live.media.janus_server import JanusServer
from live.media.mesh import MeshMedia
from live.media.outside import NoMedia, OutsideMedia
from live.models import MediaKind

log = logging.getLogger(__name__)

AWAY_SECONDS = 20
"""A screen whose line was cut keeps its seat so long: sound and pictures go their own way and often go on."""

FAILURES = (MediaFailed, JanusRefused)


@dataclass
class _Room:
    asked: MediaKind
    way: ClassroomMedia
    seats: dict[str, Seat] = field(default_factory=dict)
    heard: frozenset[str] = frozenset()
    away: dict[str, asyncio.TimerHandle] = field(default_factory=dict)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)  # one change of who is there or of the way at a time


class Media:
    """Sound and pictures of all rooms of an installation (docs/live.md, "Media"). Lives in the event loop."""

    def __init__(self, settings: Settings, tell: Tell, changed: Changed) -> None:
        self._settings = settings
        self._tell = tell
        self._changed = changed
        self._rooms: dict[str, _Room] = {}
        self._heard_early: dict[str, frozenset[str]] = {}  # of rooms that are not open yet
        self._tasks: set[asyncio.Task[None]] = set()
        self.janus_server = JanusServer(settings, self._janus_is_gone, self._janus_is_back)
        self._janus = JanusMedia(tell, self.ice_servers, self.janus_server)
        self._mesh = MeshMedia(tell, self.ice_servers, settings.mesh_ends)
        self._outside = OutsideMedia(tell)
        self._none = NoMedia(tell)

    def ice_servers(self, name: str) -> list[dict[str, Any]]:
        """The servers by which a screen finds its way through firewalls."""
        return ice.ice_servers(self._settings, name)

    async def open(self, room: str, kind: MediaKind, link: str = "", ends: int = 0) -> None:
        """Open a room as the schedule wants it. `ends`: how many classrooms take part; `link`: of a meeting elsewhere."""
        if room in self._rooms:
            return
        way = self._way(kind, ends)
        made = self._rooms[room] = _Room(kind, way)
        async with made.turn:
            why = ""
            if way is self._outside:
                self._outside.lies_at(room, link)
            try:
                await way.open(room)
            except FAILURES as problem:
                log.warning("a room is opened without Janus", extra={"room": room, "why": str(problem)})
                made.way, why = self._mesh, terms.JANUS_ABSENT
                await made.way.open(room)
            made.heard = self._heard_early.pop(room, frozenset())
            await self._by_its_way(room, made, lambda way: way.hear(room, made.heard))
            self._changed(room, made.way.kind, why)

    async def close(self, room: str) -> None:
        """End a room's sound and pictures."""
        self._heard_early.pop(room, None)
        found = self._rooms.pop(room, None)
        if found is None:
            return
        for timer in found.away.values():
            timer.cancel()
        async with found.turn:
            with contextlib.suppress(*FAILURES):
                await found.way.close(room)

    async def admit(self, room: str, seat: Seat) -> None:
        """Let a screen take part, with the rights of its seat, from now on."""
        found = self._rooms.get(room)
        if found is None:
            return
        timer = found.away.pop(seat.screen, None)
        if timer is not None:
            timer.cancel()
        async with found.turn:
            found.seats[seat.screen] = seat
            await self._by_its_way(room, found, lambda way: way.admit(room, seat))

    def away(self, room: str, screen: str) -> None:
        """A screen's line was cut: unless it comes back soon, its seat is taken away."""
        found = self._rooms.get(room)
        if found is None or screen not in found.seats or screen in found.away:
            return
        leave = partial(self._soon, room, screen)
        found.away[screen] = asyncio.get_running_loop().call_later(AWAY_SECONDS, leave)

    async def remove(self, room: str, screen: str) -> None:
        """Take a screen's seat away now."""
        found = self._rooms.get(room)
        if found is None:
            return
        timer = found.away.pop(screen, None)
        if timer is not None:
            timer.cancel()
        async with found.turn:
            if found.seats.pop(screen, None) is not None:
                await self._by_its_way(room, found, lambda way: way.remove(room, screen))

    async def signal(self, room: str, screen: str, payload: object) -> None:
        """Take what a browser says of its sound and pictures. From one that has no seat nothing is taken."""
        found = self._rooms.get(room)
        if found is None or screen not in found.seats or not isinstance(payload, dict):
            return
        if payload.get("kind") == "hello" and self._is_too_many(room, found, found.seats[screen]):
            await self._move(room, found, self._janus, terms.MORE_SCREENS)
        try:
            await found.way.signal(room, screen, payload)
        except FAILURES as problem:
            log.warning("a signal was not answered", extra={"room": room, "why": str(problem)})

    async def hear(self, room: str, endpoints: Iterable[str]) -> None:
        """Let exactly these endpoints be heard in a room."""
        found = self._rooms.get(room)
        if found is None:
            self._heard_early[room] = frozenset(endpoints)
            return
        async with found.turn:
            found.heard = frozenset(endpoints)
            await self._by_its_way(room, found, lambda way: way.hear(room, found.heard))

    async def traffic(self, room: str) -> Traffic:
        """What goes on in a room."""
        found = self._rooms.get(room)
        return await found.way.traffic(room) if found else Traffic()

    def kind(self, room: str) -> MediaKind:
        """How a room's sound and pictures travel now."""
        found = self._rooms.get(room)
        return found.way.kind if found else MediaKind.NONE

    async def shut(self) -> None:
        """End everything, and Janus with it."""
        for room in list(self._rooms):
            await self.close(room)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.janus_server.shut()

    def _way(self, kind: MediaKind, ends: int) -> ClassroomMedia:
        if kind is MediaKind.OUTSIDE:
            return self._outside
        if kind is MediaKind.NONE:
            return self._none
        many = kind is MediaKind.AUTO and ends > self._settings.mesh_ends
        return self._janus if kind is MediaKind.JANUS or many else self._mesh

    def _is_too_many(self, room: str, found: _Room, seat: Seat) -> bool:
        """Whether a screen that comes would get less than it is due in the mesh, and Janus could do better."""
        if found.asked is not MediaKind.AUTO or found.way is not self._mesh or self._mesh.takes_one_more(room, seat):
            return False
        return self.janus_server.may_be_there()

    async def _by_its_way(
        self, room: str, found: _Room, work: Callable[[ClassroomMedia], Coroutine[Any, Any, None]]
    ) -> None:
        """Do something the way the room goes. When that has failed, the room is moved, which brings what was missed."""
        try:
            await work(found.way)
        except FAILURES as problem:
            log.warning("sound and pictures failed", extra={"room": room, "why": str(problem)})

    async def _move(self, room: str, found: _Room, to: ClassroomMedia, why: str) -> None:
        """Let a room go on another way: everybody keeps their seat and says hello anew. Where that is not possible, it stays."""
        async with found.turn:
            if found.way is to or self._rooms.get(room) is not found:
                return
            try:
                await to.open(room)
                for seat in found.seats.values():
                    await to.admit(room, seat)
                await to.hear(room, found.heard)
            except FAILURES as problem:
                log.warning("a room was not moved", extra={"room": room, "why": str(problem)})
                return
            before, found.way = found.way, to
            with contextlib.suppress(*FAILURES):
                await before.close(room)
            for screen in found.seats:
                self._tell(room, screen, {"kind": "moved", "how": str(to.kind), "why": why})
            self._changed(room, to.kind, why)

    def _janus_is_gone(self) -> None:
        self._janus.forget()
        for room, found in self._rooms.items():
            if found.way is self._janus:
                self._run(self._move(room, found, self._mesh, terms.JANUS_GONE))

    def _janus_is_back(self) -> None:
        """Rooms that the mesh is too small for return; the others are not disturbed again."""
        for room, found in self._rooms.items():
            if found.way is not self._mesh or found.asked is MediaKind.MESH:
                continue
            senders = {seat.endpoint for seat in found.seats.values() if seat.sends}
            if len(senders) > self._settings.mesh_ends:
                self._run(self._move(room, found, self._janus, terms.JANUS_BACK))

    def _soon(self, room: str, screen: str) -> None:
        self._run(self.remove(room, screen))

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def heard(state: Payload, main_classrooms: Iterable[int], lead: int | None = None) -> frozenset[str]:
    """Who is heard in a room of this state: the main side unless it is muted, and of the others whoever is on air.

    When all discuss, everybody who is not muted. One open microphone in each classroom that only listens would be an echo of the lead.
    """
    main = set(main_classrooms)
    discussing = state.get("layout") == "discuss"
    ends = {f"p{lead}"} if lead is not None else set()
    for number, classroom in state.get("classrooms", {}).items():
        speaks = discussing or int(number) in main or classroom.get("air")
        if speaks and not classroom.get("muted"):
            ends.add(f"c{number}")
    return frozenset(ends)


def with_devices(answer: Response) -> Response:
    """A page that may ask for camera and microphone."""
    answer.headers["Permissions-Policy"] = (
        "camera=(self), microphone=(self), autoplay=(self), geolocation=(), payment=(), usb=()"
    )
    return answer
