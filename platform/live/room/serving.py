"""All open rooms of this process: loaded from their logs, looked after every second, told to their screens, closed when empty.

Everything here belongs to the event loop; the database is asked in threads beside it.
"""

import asyncio
import contextlib
import json
import logging
import os
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from flask import Flask
from flask_babel import gettext

from foundation.broadcast import Broadcast
from foundation.clock import now, to_milliseconds
from foundation.config import Settings
from foundation.database import db
from foundation.errors import NotFound, TooMany
from foundation.realtime import Connection, Threads
from live.media.base import Seat
from live.media.service import Media, heard
from live.models import MediaKind, RoomRole
from live.room import queries
from live.room.events import Draft, Facts, Viewer
from live.room.queries import Place
from live.room.rooms import LastBeat, Member, Proof, Room
from live.room.store import EventLog, Kept, NotStored, SessionIsGone, read_log

log = logging.getLogger(__name__)

TICK_SECONDS: Final = 1.0
RIGHTS_TICKS: Final = 10
LEFT_OPEN_TICKS: Final = 60
QUIET_SECONDS: Final = 0.25
"""How long comings and goings wait for more of them before screens are told."""

EMPTY_MS: Final = 60_000
"""A room where nobody has been for so long is closed in memory."""

OVER_MS: Final = 10 * 60 * 1000
"""So long after its planned end a lesson that everybody has left is ended."""

Farewell = Callable[[Member, str, str], None]
"""Tells a screen that it is out: the member, the room's code, the reason."""


class Rooms:
    """The open rooms. `media` carries their sound and pictures."""

    def __init__(self, app: Flask, threads: Threads, broadcast: Broadcast, farewell: Farewell) -> None:
        settings: Settings = app.config["SETTINGS"]
        self.media = Media(settings, self._signal, self._media_changed)
        self._app = app
        self._threads = threads
        self._broadcast = broadcast
        self._farewell = farewell
        self._beats: Path = settings.data_dir / "live" / "beats"
        self._rooms: dict[int, asyncio.Future[Room]] = {}
        self._by_code: dict[str, Room] = {}
        self._beaten: dict[int, tuple[Mapping[str, int], Collection[str]]] = {}
        """Who was away at the last beat of each room, and who awaited."""
        self._since = 0
        self._events: EventLog | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Future[Any]] = set()
        self._timers: dict[int, asyncio.TimerHandle] = {}
        self._look: set[int] = set()
        self._look_at_all = asyncio.Event()

    # --- from other threads

    def session_changed(self, session_id: int) -> None:
        """The schedule of a session is another; its room takes it in. From any thread."""
        self._from_outside(self._take_in_change, session_id)

    def rights_changed(self) -> None:
        """Look at everybody's rights now. From any thread."""
        self._from_outside(self._look_at_all.set)

    def say(self, session_id: int, kind: str, data: dict[str, Any]) -> None:
        """The server itself lets something happen in a room that is open. From any thread."""
        self._from_outside(self._say, session_id, kind, data)

    def _from_outside(self, work: Callable[..., object], *given: Any) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(work, *given)

    # --- beginning and end

    def start(self) -> None:
        """Begin to look after rooms, those too that were open when the server last ended."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            self._since = now_ms()
            with self._app.app_context():
                self._events = EventLog(db.engine, self._loop)
            self._beats.mkdir(parents=True, exist_ok=True)
            self._begin(self._watch())

    async def close(self) -> None:
        """Write down what waits; the server is going to end."""
        for task in list(self._tasks):
            task.cancel()
        await self.media.shut()
        if self._events is not None:
            self._events.close()

    def _begin(self, work: Awaitable[Any]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @property
    def _log(self) -> EventLog:
        self.start()
        assert self._events is not None  # noqa: S101  made by `start`
        return self._events

    # --- what members do

    async def enter(
        self, connection: Connection, place: Place, proof: Proof, screen: str, asked_at: int
    ) -> tuple[Room, Member]:
        """Let a screen into the room where it belongs, for good once that is kept. Raises NotStored when the room cannot be opened."""
        room = await self._room(place.session_id)
        member = Member(connection, screen, place.viewer, proof, heard=now_ms())
        former = room.screens.get(screen)
        drafts = room.arrive(member, asked_at)
        if former is not None and former.connection.sid != connection.sid:
            self._farewell(former, room.facts.code, "elsewhere")
        entered = self._happen(room, drafts)
        self._begin(self._seat(room, member))
        with contextlib.suppress(NotStored, SessionIsGone):  # while the disk refuses, the lesson goes on
            await entered
        return room, member

    def do(self, room: Room, member: Member, drafts: Sequence[Draft], key: str) -> asyncio.Future[None]:
        """Let something happen that a member has asked for; answered when it is kept. Raises NotStored."""
        if self._log.failing:
            raise NotStored
        if any(draft.kind == "end" for draft in drafts):
            drafts = [*room.all_leave(now_ms()), *drafts]
        return self._happen(room, drafts, key)

    def budget(self, member: Member) -> None:
        """Raise TooMany when a member asks for more than a person can."""
        if not member.doings.take(now_ms()):
            raise TooMany(gettext("点得太快了，请稍等几秒再试。"), 3)

    def part(self, room: Room, member: Member) -> None:
        """A member's line has ended."""
        room.depart(member, min(now_ms(), member.heard + 1_000))
        self.media.away(room.facts.code, member.screen)

    def hear(self, room: Room, member: Member) -> None:
        """A member has spoken: it is there."""
        self._happen(room, room.here_again(member, now_ms()))

    def measured(self, room: Room, member: Member, level: int) -> None:
        """A member has measured its line."""
        self._happen(room, room.measured(member.viewer, level, now_ms()))

    def wave(self, room: Room, member: Member, wave: dict[str, Any]) -> None:
        """Pass on where a member points or draws right now; what comes oftener than a screen sends it is left out."""
        if not member.waves.take(now_ms()):
            return
        to = [each.connection for each in room.members.values() if each is not member]
        self._broadcast.send(to, "wave", room.facts.code, wave)

    # --- what happens

    def _happen(self, room: Room, drafts: Sequence[Draft], key: str | None = None) -> asyncio.Future[None]:
        if not drafts:
            nothing: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            nothing.set_result(None)
            return nothing
        lines = room.take(drafts, now_ms(), key)
        stored = self._log.append(lines, partial(self._told, room, len(room.log)))
        stored.add_done_callback(lambda future: future.exception())  # those who wait hear of it themselves
        self._say_who_is_heard(room)
        return stored

    def _told(self, room: Room, upto: int) -> None:
        room.told = max(room.told, upto)
        number = room.facts.session_id
        if not room.waits_quietly():
            timer = self._timers.pop(number, None)
            if timer is not None:
                timer.cancel()
            self._send(room)
        elif number not in self._timers:
            self._timers[number] = asyncio.get_running_loop().call_later(QUIET_SECONDS, self._send_quietly, room)

    def _send_quietly(self, room: Room) -> None:
        self._timers.pop(room.facts.session_id, None)
        self._send(room)

    def _send(self, room: Room) -> None:
        for to, events in room.unsent():
            self._broadcast.send(to, "events", room.facts.code, events)

    def _say(self, session_id: int, kind: str, data: dict[str, Any]) -> None:
        found = self._rooms.get(session_id)
        if found is not None and found.done() and not found.exception():
            self._happen(found.result(), [Draft(kind, data)])

    # --- sound and pictures

    async def _seat(self, room: Room, member: Member) -> None:
        facts, viewer = room.facts, member.viewer
        await self.media.open(facts.code, facts.media, facts.link, len(facts.classrooms))
        if viewer.pupil is None and room.screens.get(member.screen) is member:
            sends = viewer.role is RoomRole.LEAD or viewer.is_screen
            main = viewer.role is RoomRole.LEAD or viewer.classroom == facts.main
            await self.media.admit(facts.code, Seat(member.screen, viewer.endpoint, sends, main))
        self._tell_meeting(room, member)
        self._say_who_is_heard(room)

    def _tell_meeting(self, room: Room, member: Member) -> None:
        """Where the pictures are that travel through a meeting elsewhere: its link may change while the lesson runs."""
        facts = room.facts
        if facts.media is MediaKind.OUTSIDE and member.viewer.pupil is None:
            self._broadcast.tell(member.connection, "signal", facts.code, {"kind": "meeting", "link": facts.link})

    def _say_who_is_heard(self, room: Room) -> None:
        lead = room.facts.lead if room.facts.main is None else None
        ends = heard(room.state, [] if room.facts.main is None else [room.facts.main], lead)
        if ends != room.heard:
            room.heard = ends
            self._begin(self.media.hear(room.facts.code, ends))

    def _signal(self, code: str, screen: str, payload: dict[str, Any]) -> None:
        room = self._by_code.get(code)
        member = room.screens.get(screen) if room else None
        if member is not None:
            self._broadcast.tell(member.connection, "signal", code, payload)

    def _media_changed(self, code: str, kind: MediaKind, why: str) -> None:
        room = self._by_code.get(code)
        if room is not None and (room.state["media"]["kind"], room.state["media"]["why"]) != (str(kind), why):
            self._happen(room, [Draft("media", {"kind": str(kind), "why": why})])

    # --- rooms

    async def _room(self, session_id: int) -> Room:
        self.start()
        found = self._rooms.get(session_id)
        if found is None:
            found = self._rooms[session_id] = asyncio.get_running_loop().create_future()
            found.add_done_callback(lambda future: future.exception())
            try:
                facts, kept, beat = await self._threads.run(self._read, session_id)
            except Exception as problem:
                log.exception("a room cannot be opened", extra={"session_id": session_id})
                del self._rooms[session_id]
                found.set_exception(NotFound() if isinstance(problem, NotFound) else NotStored())
            else:
                room = Room(facts)
                room.load(kept, beat, now_ms(), self._since)
                self._by_code[facts.code] = room
                found.set_result(room)
        return await asyncio.shield(found)

    def _read(self, session_id: int) -> tuple[Facts, list[Kept], LastBeat]:
        facts = queries.facts_of(session_id)
        if facts is None:
            raise NotFound
        return facts, read_log(db.session.connection(), session_id), self._last_beat(session_id)

    def _last_beat(self, session_id: int) -> LastBeat:
        beat = self._beats / str(session_id)
        try:
            at = round(beat.stat().st_mtime * 1000)
            kept = json.loads(beat.read_text())
            return LastBeat(at, kept["away"], kept["awaited"])
        except OSError:
            return LastBeat()
        except (ValueError, KeyError):  # the machine went down while it was written
            return LastBeat(at)

    def _beat(self, room: Room, at: int) -> None:
        number = room.facts.session_id
        beat, now = self._beats / str(number), room.beat(at)
        try:
            if self._beaten.get(number) == (now.away, now.awaited):
                os.utime(beat)
            else:
                fresh = beat.with_suffix(".new")
                fresh.write_text(json.dumps({"away": now.away, "awaited": sorted(now.awaited)}))
                fresh.replace(beat)
                self._beaten[number] = now.away, now.awaited
        except OSError:  # a full disk, or somebody has tidied up: the lesson goes on
            self._beaten.pop(number, None)

    def _open_rooms(self) -> list[Room]:
        return [each.result() for each in self._rooms.values() if each.done() and not each.exception()]

    async def _watch(self) -> None:
        ticks = 0
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._look_at_all.wait(), TICK_SECONDS)
            asked = self._look_at_all.is_set()
            self._look_at_all.clear()
            try:
                if ticks % LEFT_OPEN_TICKS == 0:
                    self._begin(self._open_what_was_left())
                for room in self._open_rooms():
                    self._look_after(room)
                if asked or ticks % RIGHTS_TICKS == RIGHTS_TICKS - 1:
                    await self._check_rights(self._open_rooms())
            except Exception:
                log.exception("looking after open rooms failed")
            ticks += 1

    def _look_after(self, room: Room) -> None:
        at = now_ms()
        self._broadcast.send((each.connection for each in room.members.values()), "beat", room.facts.code, at)
        if room.members:
            self._beat(room, at)
        self._happen(room, [*room.overdue(at), *room.ladders_pass(at)])
        if room.members or room.absent or self._log.failing:
            return
        if room.state["phase"] in ("open", "running") and at > room.facts.ends_ms + OVER_MS:
            self._happen(room, [Draft("end", {})])
        elif at - room.empty_since > EMPTY_MS and room.told == len(room.log):
            self._forget(room)

    def _forget(self, room: Room) -> None:
        self._rooms.pop(room.facts.session_id, None)
        self._by_code.pop(room.facts.code, None)
        self._beaten.pop(room.facts.session_id, None)
        (self._beats / str(room.facts.session_id)).unlink(missing_ok=True)
        self._begin(self.media.close(room.facts.code))

    async def _open_what_was_left(self) -> None:
        try:
            for session_id in await self._threads.run(queries.sessions_left_open):
                await self._room(session_id)
        except Exception:
            log.exception("rooms that were left open cannot be looked after")

    # --- rights

    def _take_in_change(self, session_id: int) -> None:
        found = self._rooms.get(session_id)
        if found is not None and found.done() and not found.exception():
            self._begin(self._change(found.result()))

    async def _change(self, room: Room) -> None:
        try:
            facts = await self._threads.run(queries.facts_of, room.facts.session_id)
        except Exception:
            log.exception("the schedule of a room cannot be read", extra={"session_id": room.facts.session_id})
            return
        link = room.facts.link
        if facts is not None and room.change_facts(facts):
            for member in room.members.values():
                self._broadcast.tell(member.connection, "resync", facts.code)
        elif facts is not None and facts.link != link:
            for member in room.members.values():
                self._tell_meeting(room, member)
        await self._check_rights([room])

    async def _check_rights(self, rooms: Sequence[Room]) -> None:
        members = [(room, member) for room in rooms for member in room.members.values()]
        if not members:
            return
        asked = {(room.facts.session_id, member.proof) for room, member in members}
        now_are = await self._threads.run(_rights_now, asked)
        for room, member in members:
            if member.connection.sid not in room.members:
                continue
            viewer = now_are.get((room.facts.session_id, member.proof))
            if viewer is None:
                self._show_out(room, member)
            elif viewer != member.viewer:
                member.viewer = viewer
                self._broadcast.tell(member.connection, "resync", room.facts.code)

    def _show_out(self, room: Room, member: Member) -> None:
        self._happen(room, room.leave_now(member, now_ms()))
        self._begin(self.media.remove(room.facts.code, member.screen))
        self._farewell(member, room.facts.code, "not_found")


def _rights_now(asked: Iterable[tuple[int, Proof]]) -> dict[tuple[int, Proof], Viewer]:
    """What those who are in rooms are in them at this moment; whoever is let in no more is left out. In a thread."""
    asked = list(asked)
    sessions = queries.sessions_with_people({session_id for session_id, _ in asked})
    visitors = queries.visitors_of({proof for _, proof in asked})
    found: dict[tuple[int, Proof], Viewer] = {}
    for session_id, proof in asked:
        session, known = sessions.get(session_id), visitors.get(proof)
        viewer = queries.viewer_in(session, *known) if session and known else None
        if viewer is not None:
            found[session_id, proof] = viewer
    return found


def now_ms() -> int:
    """The clock of rooms: milliseconds since 1970."""
    return to_milliseconds(now())
