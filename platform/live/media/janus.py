"""Sound and pictures through Janus: every browser sends once, and gets what it shows. Only we speak with Janus, so only we say who may."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from live.media.base import MediaFailed, Payload, Seat, Tell, Traffic
from live.media.janus_line import JanusLine, JanusRefused, Reply, plugin_data
from live.media.janus_server import JanusServer
from live.models import MediaKind

log = logging.getLogger(__name__)

PUBLISHERS = 64
BITS_PER_SENDER = 1_300_000
"""Two cameras of 500 kbit/s, sound, and some air."""

NAMES = ("sound", "main", "second")

Stream = tuple[str, str]
"""What can be watched: the screen that sends it, and which of `NAMES` it is."""

Size = Literal["small", "full"]
"""How large the place is that a picture has on a screen."""

Place = tuple[str, str]
"""The same as Janus has it: the publisher, another one each time that somebody begins to send, and the mid."""


@dataclass
class _Sitter:
    """A screen that takes part: what it sends by one handle of Janus, and what it watches by another."""

    seat: Seat
    era: str
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)  # what it asks is done in its order
    sending: int = 0
    publisher: str = ""  # its name in Janus
    names: dict[str, str] = field(default_factory=dict)  # of what it sends, by mid
    active: frozenset[str] = frozenset()  # of these names, what is sent now
    on: bool = False  # whether that arrives
    asked: Size = "full"  # the largest place that it has with anybody
    watching: int = 0
    wanted: dict[Stream, Size] = field(default_factory=dict)
    got: dict[str, Place] = field(default_factory=dict)  # by mid
    offered: bool = False  # it still owes an answer

    def mid_of(self, name: str) -> str | None:
        return next((mid for mid, known in self.names.items() if known == name), None)


@dataclass
class _Room:
    line: JanusLine
    name: str
    secret: str
    control: int
    seats: dict[str, Seat] = field(default_factory=dict)
    sitters: dict[str, _Sitter] = field(default_factory=dict)
    heard: frozenset[str] = frozenset()

    def senders(self) -> Iterator[_Sitter]:
        return (sitter for sitter in self.sitters.values() if sitter.on)


class JanusMedia:
    """Classrooms that meet in a room of Janus."""

    kind = MediaKind.JANUS

    def __init__(self, tell: Tell, ice: Callable[[str], list[dict[str, Any]]], server: JanusServer) -> None:
        self._tell = tell
        self._ice = ice
        self._server = server
        self._rooms: dict[str, _Room] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self, room: str) -> None:
        """Make a room in Janus. Raises MediaFailed."""
        if room in self._rooms:
            return
        line = await self._server.line()
        made = _Room(line, secrets.token_hex(8), secrets.token_hex(16), await line.attach(lambda event: None))
        await line.message(
            made.control,
            {
                "request": "create",
                "admin_key": self._server.room_key,
                "room": made.name,
                "secret": made.secret,
                "pin": made.secret,
                "is_private": True,
                "publishers": PUBLISHERS,
                "bitrate": BITS_PER_SENDER,
                "fir_freq": 10,
                "audiocodec": "opus",
                "videocodec": "vp8",
                "notify_joining": False,
            },
        )
        self._rooms[room] = made

    async def admit(self, room: str, seat: Seat) -> None:
        """Let a screen take part as its seat says; with other rights than before it begins anew."""
        found = self._found(room)
        if found.seats.get(seat.screen, seat) != seat:
            await self.remove(room, seat.screen)
        found.seats[seat.screen] = seat

    async def signal(self, room: str, screen: str, payload: Payload) -> None:
        """Answer a browser. What Janus refuses is told as `lost`, upon which the browser tries again."""
        found = self._rooms.get(room)
        if found is None or screen not in found.seats:
            return
        match payload:
            case {"kind": "hello", "era": str(era)}:
                await self._welcome(room, found, found.seats[screen], era)
                return
            case {"kind": "bye"}:
                await self._leave(room, found, screen)
                return
        sitter = found.sitters.get(screen)
        if sitter is None:
            return
        async with sitter.turn:
            try:
                await self._do(room, found, sitter, payload)
            except JanusRefused as problem:
                what = "sending" if payload.get("kind") == "publish" or payload.get("to") == "sending" else "watching"
                log.warning("Janus refused", extra={"room": room, "what": what, "why": str(problem)})
                await self._start_over(room, found, sitter, what)

    async def hear(self, room: str, endpoints: frozenset[str]) -> None:
        """Have Janus hand on the sound of these and of nobody else."""
        found = self._found(room)
        if found.heard == endpoints:
            return
        found.heard = endpoints
        for sitter in found.sitters.values():
            self._tell(room, sitter.seat.screen, {"kind": "heard", "endpoints": sorted(endpoints)})
        for sitter in found.senders():
            await self._moderate(found, sitter)

    async def remove(self, room: str, screen: str) -> None:
        """Take away a screen's seat: Janus takes nothing from it and gives it nothing."""
        found = self._found(room)
        await self._leave(room, found, screen)
        found.seats.pop(screen, None)

    async def close(self, room: str) -> None:
        """End the room in Janus."""
        found = self._rooms.pop(room, None)
        if found is None:
            return
        for sitter in found.sitters.values():
            for handle in (sitter.sending, sitter.watching):
                if handle:
                    await found.line.detach(handle)
        with contextlib.suppress(JanusRefused):
            await found.line.message(found.control, {"request": "destroy", "room": found.name, "secret": found.secret})
        await found.line.detach(found.control)

    def forget(self) -> None:
        """All rooms went with their Janus."""
        self._rooms.clear()

    async def traffic(self, room: str) -> Traffic:
        """What Janus hands on."""
        found = self._rooms.get(room)
        if found is None:
            return Traffic()
        streams = sum(len(sitter.got) for sitter in found.sitters.values())
        return Traffic(len(found.sitters), len(list(found.senders())), streams)

    def _found(self, room: str) -> _Room:
        if room not in self._rooms:
            raise MediaFailed("the room went with its Janus")
        return self._rooms[room]

    async def _do(self, room: str, found: _Room, sitter: _Sitter, payload: Payload) -> None:
        match payload:
            case {"kind": "publish", "description": {"type": "offer", "sdp": str(sdp)}, "names": dict(names)}:
                if sitter.seat.sends:
                    await self._publish(room, found, sitter, sdp, names)
            case {"kind": "sending", "names": list(names)} if sitter.seat.sends:
                active = frozenset(str(name) for name in names)
                changed, sitter.active = active != sitter.active, active
                if changed and sitter.on:
                    self._tell_feeds(room, found)
            case {"kind": "want", "streams": list(streams)}:
                sitter.wanted = {
                    (str(one[0]), str(one[1])): "full" if one[2] == "full" else "small"
                    for one in streams
                    if isinstance(one, list) and len(one) == 3
                }
                self._ask(room, found)
                await self._watch(room, found, sitter)
            case {"kind": "answer", "description": {"type": "answer", "sdp": str(sdp)}}:
                await self._answered(room, found, sitter, sdp)
            case {"kind": "candidate", "to": "sending" | "watching" as to}:
                await self._trickle(found, sitter, to, payload.get("candidate"))
            case {"kind": "again"} if sitter.watching:
                reply = await found.line.message(sitter.watching, {"request": "configure", "restart": True})
                self._offer(room, sitter, reply)

    async def _welcome(self, room: str, found: _Room, seat: Seat, era: str) -> None:
        """Take a screen in. One whose page was loaded anew begins anew, one whose line was cut goes on."""
        before = found.sitters.get(seat.screen)
        if before is not None and before.era != era:
            await self._leave(room, found, seat.screen)
            before = None
        if before is None:
            found.sitters[seat.screen] = _Sitter(seat, era)
        welcome = {
            "kind": "welcome",
            "how": str(self.kind),
            "ice": self._ice(seat.endpoint),
            "fresh": before is None,
            "main": seat.main,
            "sends": seat.sends,
            "size": found.sitters[seat.screen].asked,
            "heard": sorted(found.heard),
        }
        self._tell(room, seat.screen, {**welcome, "feeds": self._feeds(found, seat)})

    async def _leave(self, room: str, found: _Room, screen: str) -> None:
        sitter = found.sitters.pop(screen, None)
        if sitter is None:
            return
        for handle in (sitter.sending, sitter.watching):
            if handle:
                await found.line.detach(handle)
        if sitter.on:
            self._tell_feeds(room, found)
        self._ask(room, found)

    def _ask(self, room: str, found: _Room) -> None:
        """Tell senders for whom that has changed how large the largest place is that they have with anybody."""
        places: dict[str, Size] = {}
        for sitter in found.sitters.values():
            for (screen, _), size in sitter.wanted.items():
                places[screen] = "full" if size == "full" else places.get(screen, size)
        for sitter in found.senders():
            size = places.get(sitter.seat.screen, sitter.asked)
            if size != sitter.asked:
                sitter.asked = size
                self._tell(room, sitter.seat.screen, {"kind": "asked", "size": size})

    def _feeds(self, found: _Room, seat: Seat) -> list[Payload]:
        """What a screen may watch: everybody but the screens of its own classroom, which stand in the same room."""
        return [
            {
                "screen": sitter.seat.screen,
                "era": sitter.publisher,
                "endpoint": sitter.seat.endpoint,
                "main": sitter.seat.main,
                "names": sorted(sitter.active.intersection(sitter.names.values())),
            }
            for sitter in found.senders()
            if sitter.seat.endpoint != seat.endpoint
        ]

    def _tell_feeds(self, room: str, found: _Room) -> None:
        for sitter in found.sitters.values():
            self._tell(room, sitter.seat.screen, {"kind": "feeds", "feeds": self._feeds(found, sitter.seat)})

    async def _publish(self, room: str, found: _Room, sitter: _Sitter, sdp: str, names: dict[Any, Any]) -> None:
        """Begin to send, or send something else than before."""
        offer = {"type": "offer", "sdp": sdp}
        if not sitter.sending:
            sitter.sending = await found.line.attach(partial(self._hear_of_sending, room, found, sitter))
            sitter.publisher = secrets.token_hex(8)
            joining = {"request": "joinandconfigure", "ptype": "publisher", "id": sitter.publisher}
            entry = {"room": found.name, "pin": found.secret}
            reply = await found.line.message(sitter.sending, {**joining, **entry}, offer)
        else:
            reply = await found.line.message(sitter.sending, {"request": "configure"}, offer)
        known = {str(mid): str(name) for mid, name in names.items() if name in NAMES}
        changed, sitter.names = known != sitter.names, known
        self._tell(room, sitter.seat.screen, {"kind": "published", "description": reply.description})
        if sitter.on:
            await self._moderate(found, sitter)
            if changed:
                self._tell_feeds(room, found)

    def _hear_of_sending(self, room: str, found: _Room, sitter: _Sitter, event: Payload) -> None:
        if event["janus"] == "webrtcup" and not sitter.on:
            self._soon(self._has_begun(room, found, sitter))
        elif event["janus"] in ("hangup", "detached"):
            self._soon(self._is_lost(room, found, sitter, "sending"))

    def _hear_of_watching(self, room: str, found: _Room, sitter: _Sitter, event: Payload) -> None:
        if event["janus"] in ("hangup", "detached"):
            self._soon(self._is_lost(room, found, sitter, "watching"))
        elif event.get("jsep") and plugin_data(event).get("videoroom") == "updated":
            self._offer(room, sitter, Reply(plugin_data(event), event["jsep"]))

    async def _has_begun(self, room: str, found: _Room, sitter: _Sitter) -> None:
        """Silence comes before anybody can listen."""
        async with sitter.turn:
            await self._moderate(found, sitter)
            sitter.on = True
            self._tell_feeds(room, found)

    async def _is_lost(self, room: str, found: _Room, sitter: _Sitter, what: str) -> None:
        async with sitter.turn:
            await self._start_over(room, found, sitter, what)

    async def _start_over(self, room: str, found: _Room, sitter: _Sitter, what: str) -> None:
        """Give up a handle that is of no use any more, and let the browser ask for another."""
        handle = sitter.sending if what == "sending" else sitter.watching
        if not handle or found.sitters.get(sitter.seat.screen) is not sitter:
            return
        await found.line.detach(handle)
        if what == "sending":
            was_on = sitter.on
            sitter.sending, sitter.on, sitter.names = 0, False, {}
            if was_on:
                self._tell_feeds(room, found)
        else:
            sitter.watching, sitter.got, sitter.offered = 0, {}, False
        self._tell(room, sitter.seat.screen, {"kind": "lost", "what": what})

    async def _moderate(self, found: _Room, sitter: _Sitter) -> None:
        mid = sitter.mid_of("sound")
        if mid is None:
            return
        order = {"request": "moderate", "room": found.name, "secret": found.secret, "id": sitter.publisher, "mid": mid}
        with contextlib.suppress(JanusRefused):  # it has just left
            await found.line.message(found.control, {**order, "mute": sitter.seat.endpoint not in found.heard})

    async def _watch(self, room: str, found: _Room, sitter: _Sitter) -> None:
        """Bring what a screen gets to what it wants; while it owes an answer, that waits."""
        if sitter.offered:
            return
        due = {
            (other.publisher, mid)
            for other in found.senders()
            if other.seat.endpoint != sitter.seat.endpoint
            for mid, name in other.names.items()
            if (other.seat.screen, name) in sitter.wanted
        }
        more = [{"feed": feed, "mid": mid} for feed, mid in sorted(due - set(sitter.got.values()))]
        less = [{"sub_mid": mid} for mid, place in sitter.got.items() if place not in due]
        if not more and not less:
            return
        if sitter.watching:
            order = {"subscribe": more} if more else {}
            order |= {"unsubscribe": less} if less else {}
            reply = await found.line.message(sitter.watching, {"request": "update", **order})
        else:
            sitter.watching = await found.line.attach(partial(self._hear_of_watching, room, found, sitter))
            joining = {"request": "join", "ptype": "subscriber", "room": found.name, "pin": found.secret}
            reply = await found.line.message(sitter.watching, {**joining, "autoupdate": False, "streams": more})
        self._offer(room, sitter, reply)

    def _offer(self, room: str, sitter: _Sitter, reply: Reply) -> None:
        if reply.description is None:
            return
        found = self._rooms.get(room)
        screens = {other.publisher: other for other in found.sitters.values()} if found else {}
        streams: dict[str, list[str]] = {}
        sitter.got = {}
        for stream in reply.data.get("streams", []):
            mid, place = str(stream["mid"]), (str(stream.get("feed_id", "")), str(stream.get("feed_mid", "")))
            other = screens.get(place[0])
            if other and place[1] in other.names:
                sitter.got[mid] = place
                streams[mid] = [other.seat.screen, other.names[place[1]]]
        sitter.offered = True
        offer = {"kind": "offer", "description": reply.description, "streams": streams}
        self._tell(room, sitter.seat.screen, offer)

    async def _answered(self, room: str, found: _Room, sitter: _Sitter, sdp: str) -> None:
        if not sitter.watching or not sitter.offered:
            return
        await found.line.message(sitter.watching, {"request": "start"}, {"type": "answer", "sdp": sdp})
        sitter.offered = False
        await self._watch(room, found, sitter)

    async def _trickle(self, found: _Room, sitter: _Sitter, to: str, candidate: object) -> None:
        handle = sitter.sending if to == "sending" else sitter.watching
        match candidate:
            case {"candidate": str(text), "sdpMid": str(mid), "sdpMLineIndex": int(line)} if handle:
                place = {"candidate": text, "sdpMid": mid, "sdpMLineIndex": line}
                await found.line.trickle(handle, place)
            case None if handle:
                await found.line.trickle(handle, None)

    def _soon(self, work: Any) -> None:
        """Events of Janus are answered one after the other with what browsers ask, never in its reading."""
        task = asyncio.get_running_loop().create_task(_quietly(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _quietly(work: Any) -> None:
    try:
        await work
    except (JanusRefused, MediaFailed) as problem:  # a line that is gone is told by its own way
        log.warning("an event of Janus was not answered", extra={"problem": str(problem)})
