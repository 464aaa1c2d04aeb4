"""Plans that people have open: load, take updates, tell the others, keep, unload.

Everything here belongs to one event loop, except where a docstring says "from any thread".
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from flask import Flask
from sqlalchemy import Engine

from foundation.broadcast import Broadcast
from foundation.database import db
from foundation.realtime import Connection, Threads
from lessons.access import PlanRole
from lessons.coediting.document import Awareness, NotAnUpdate, SharedDocument
from lessons.coediting.mirror import mirror_plan
from lessons.coediting.rights import Rights, rights_now
from lessons.coediting.store import (
    SNAPSHOT_LINES,
    NotStored,
    StoredDocument,
    UpdateLog,
    stored_document,
    take_snapshot,
)
from lessons.coediting.updates import merged

log = logging.getLogger(__name__)

WINDOW_PER_MEMBER = 0.0002
WINDOW_MOST = 0.050
"""Seconds that updates of a busy room wait for each other: 0.2 ms for each member, at most 50 ms."""

AWARENESS_WINDOW = 0.080
RIGHTS_SECONDS = 1.8
"""How often the rights of everybody in a room are looked at anew; the answer must come before two seconds are over."""

IDLE_SECONDS = 30.0
"""How long an empty room is kept, for those who reload the page or lost their line."""

MIRROR_QUIET = 2.0
MIRROR_MOST = 20.0
"""Seconds without writing after which lists hear of it, and the longest they wait while people go on writing."""

SNAPSHOT_SECONDS = 15.0
SNAPSHOT_LINES_LEAVING = 100
UPDATE_LIMIT = 2 * 1024 * 1024
DOCUMENT_LIMIT = 8 * 1024 * 1024


class TooLarge(Exception):
    """The update is longer than `UPDATE_LIMIT`."""


class DocumentFull(Exception):
    """The document has reached `DOCUMENT_LIMIT`; only deletions are taken."""


class ReadOnly(Exception):
    """The member may read only."""


@dataclass(slots=True, eq=False)
class Member:
    """A connection that has a room's plan open."""

    connection: Connection
    room: "Room"
    role: PlanRole


@dataclass(slots=True, eq=False)
class Room:
    """An open plan: its document and those who have it open."""

    plan_id: int
    code: str
    ready: asyncio.Future[SharedDocument]
    members: dict[str, Member] = field(default_factory=dict)
    awareness: Awareness = field(default_factory=Awareness)
    storing: int = 0
    """Updates that were taken and are not acknowledged yet."""
    outgoing: list[tuple[str | None, bytes]] = field(default_factory=list)
    timer: asyncio.TimerHandle | None = None
    next_at: float = 0.0
    news: set[int] = field(default_factory=set)
    awareness_timer: asyncio.TimerHandle | None = None
    idle_since: float = 0.0
    written_at: float = 0.0
    unmirrored_since: float | None = None
    lines: int = 0
    """Lines of the log since the last snapshot, about."""
    snapshot_at: float = 0.0
    busy: bool = False
    """Whether a thread mirrors or snapshots it at present."""

    @property
    def document(self) -> SharedDocument:
        """The loaded document."""
        return self.ready.result()


Farewell = Callable[[Member, str], Awaitable[None]]
"""Told that a member was sent out of its room, and why: `deleted`, `not_found` or `signed_out`."""


class Rooms:
    """All open plans of this process."""

    def __init__(self, app: Flask, threads: Threads, broadcast: Broadcast, farewell: Farewell) -> None:
        self._app = app
        self._threads = threads
        self._broadcast = broadcast
        self._farewell = farewell
        self._rooms: dict[int, Room] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._recheck = asyncio.Event()

    # --- coming and going

    async def enter(self, connection: Connection, plan_id: int, code: str, role: PlanRole) -> Member:
        """Open the plan for `connection`, loading it unless it is open already; raises what loading raises."""
        room = self._room(plan_id, code)
        await self._loaded(room)
        member = Member(connection, room, role)
        former = room.members.get(connection.sid)
        room.members[connection.sid] = former or member
        return former or member

    def greet(self, member: Member) -> None:
        """Tell a new member who else is there; after the answer to its `join` is on its way."""
        message = member.room.awareness.message()
        if message:
            self._broadcast.tell(member.connection, "awareness", member.room.code, message)

    def leave(self, member: Member) -> None:
        """Close the plan for a member: the others see it go."""
        room = member.room
        if room.members.pop(member.connection.sid, None) is None:
            return
        self._broadcast.forget(member.connection, room.code)
        self._tell_presence(room, room.awareness.leave(member.connection.sid))
        room.idle_since = self._running().time()

    async def write(self, member: Member, update: bytes) -> int:
        """The same as `take`, waiting for the document where it is being loaded anew, and for the line."""
        await self._loaded(member.room)
        return await self.take(member, update)

    def take(self, member: Member, update: bytes) -> asyncio.Future[int]:
        """Take an update of a member and tell the others; the answer is the id of its line once it is committed.

        Raises ReadOnly, TooLarge, DocumentFull, NotAnUpdate or NotStored, and nothing was kept. The answer may be
        NotStored too, then the member must send it again, or PlanIsGone.
        """
        room = member.room
        if member.role != "editor":
            raise ReadOnly
        if len(update) > UPDATE_LIMIT:
            raise TooLarge
        document = room.document
        if document.size + len(update) > DOCUMENT_LIMIT and update[:1] != b"\x00":
            raise DocumentFull
        if self._log.failing or self._log.full:
            raise NotStored
        try:
            changed = document.apply(update)
        except NotAnUpdate:
            if document.spoilt:
                log.error("a document is thrown away and loaded anew", extra={"plan_id": room.plan_id})
                room.ready = self._running().create_future()
                self._begin(self._load_again(room))
            raise
        stored = self._log.append(room.plan_id, member.connection.person_id, update)
        room.storing += 1
        stored.add_done_callback(partial(self._stored, room))
        if changed is not None:
            self._relay(room, member.connection.sid if changed == update else None, changed)
        return stored

    def say_awareness(self, member: Member, message: bytes) -> None:
        """Pass on where a member is. Raises NotAnUpdate."""
        connection = member.connection
        news = member.room.awareness.take(message, connection.sid, connection.person_id, connection.name)
        self._tell_presence(member.room, news)

    def take_in(self, plan_id: int, update: bytes) -> None:
        """From any thread: tell an open room of an update that is in the log already."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._take_in, plan_id, update)

    def tell_of_files(self, plan_id: int) -> None:
        """From any thread: other files stand in a plan than before; who has it open asks for them."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._tell_of_files, plan_id)

    def look_again(self) -> None:
        """From any thread: somebody's rights have changed."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._recheck.set)

    async def close(self) -> None:
        """Store and mirror everything; nothing may be written afterwards."""
        if self._loop is None:
            return
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.to_thread(self._log.close)
        for room in self._rooms.values():
            if room.unmirrored_since is not None:
                await self._threads.run(mirror_plan, room.plan_id, room.document.doc.get_update())
        self._rooms.clear()

    # --- loading and unloading

    def _running(self) -> asyncio.AbstractEventLoop:
        """The loop; at the first call its log and its watch begin."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            with self._app.app_context():
                self._engine: Engine = db.engine
            self._log = UpdateLog(self._engine, self._loop)
            self._begin(self._watch_rights())
            self._begin(self._watch_rooms())
        return self._loop

    def _begin(self, work: Awaitable[Any]) -> asyncio.Task[Any]:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _room(self, plan_id: int, code: str) -> Room:
        loop = self._running()
        room = self._rooms.get(plan_id)
        if room is None:
            room = Room(plan_id, code, loop.create_future(), snapshot_at=loop.time(), idle_since=loop.time())
            self._rooms[plan_id] = room
            self._begin(self._load(room))
        return room

    async def _loaded(self, room: Room) -> None:
        """Wait until the document is there, which may be thrown away and loaded anew meanwhile."""
        while not room.ready.done():
            await asyncio.shield(room.ready)
        room.ready.result()

    async def _load(self, room: Room) -> None:
        try:
            room.ready.set_result(await self._read(room))
        except Exception as error:
            log.exception("a plan cannot be loaded", extra={"plan_id": room.plan_id})
            self._rooms.pop(room.plan_id, None)
            room.ready.set_exception(error)

    async def _load_again(self, room: Room) -> None:
        """Load a document that broke off in the middle of an update; the log has all that was taken."""
        while not room.ready.done():
            try:
                await self._log.drained()
                room.ready.set_result(await self._read(room))
            except Exception:
                log.exception("a plan cannot be loaded anew", extra={"plan_id": room.plan_id})
                await asyncio.sleep(1)

    async def _read(self, room: Room) -> SharedDocument:
        def read() -> StoredDocument:
            with self._engine.connect() as connection:
                return stored_document(connection, room.plan_id)

        stored = await self._threads.run(read)
        room.lines = len(stored.lines)
        return SharedDocument(stored)

    def _stored(self, room: Room, stored: asyncio.Future[int]) -> None:
        room.storing -= 1
        if not stored.cancelled() and stored.exception() is None and room.ready.done():
            room.document.seq = max(room.document.seq, stored.result())

    # --- telling the others

    def _take_in(self, plan_id: int, update: bytes) -> None:
        room = self._rooms.get(plan_id)
        if room is None:
            return
        if not room.ready.done():  # what is being read may be older
            room.ready.add_done_callback(lambda _: self._take_in(plan_id, update))
            return
        changed = room.document.apply(update)
        if changed is not None:
            self._relay(room, None, changed)

    def _tell_of_files(self, plan_id: int) -> None:
        room = self._rooms.get(plan_id)
        if room is not None and room.members:
            self._broadcast.send([member.connection for member in room.members.values()], "files", room.code)

    def _relay(self, room: Room, sender: str | None, update: bytes) -> None:
        """Tell the others, together with whatever else is written within the window; at once in a quiet room."""
        loop = self._running()
        now = room.written_at = loop.time()
        room.lines += 1
        if room.unmirrored_since is None:
            room.unmirrored_since = now
        room.outgoing.append((sender, update))
        if room.timer is None:
            if now >= room.next_at:
                self._flush(room)
            else:
                room.timer = loop.call_at(room.next_at, self._flush, room)

    def _flush(self, room: Room) -> None:
        room.timer = None
        room.next_at = self._running().time() + min(WINDOW_MOST, WINDOW_PER_MEMBER * len(room.members))
        outgoing, room.outgoing = room.outgoing, []
        senders = {sender for sender, _ in outgoing}
        sender = senders.pop() if len(senders) == 1 else None
        to = [member.connection for sid, member in room.members.items() if sid != sender]
        if to:
            self._broadcast.send(to, "update", room.code, merged([update for _, update in outgoing]))

    def _tell_presence(self, room: Room, news: Iterable[int]) -> None:
        room.news.update(news)
        if room.news and room.awareness_timer is None:
            room.awareness_timer = self._running().call_later(AWARENESS_WINDOW, self._flush_presence, room)

    def _flush_presence(self, room: Room) -> None:
        room.awareness_timer = None
        news, room.news = room.news, set()
        message = room.awareness.message(news)
        if message:
            to = [member.connection for member in room.members.values()]
            self._broadcast.send(to, "awareness", room.code, message)

    # --- rights

    async def _watch_rights(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._recheck.wait(), RIGHTS_SECONDS)
            self._recheck.clear()
            try:
                await self._check_rights()
            except Exception:
                log.exception("the rights of writers cannot be looked up")

    async def _check_rights(self) -> None:
        members = [member for room in self._rooms.values() for member in room.members.values()]
        if not members:
            return
        people = {(member.room.plan_id, member.connection.person_id) for member in members}
        sign_ins = {member.connection.sign_in_id for member in members}
        rights = await self._threads.run(rights_now, people, sign_ins)
        for member in members:
            if member.connection.sid in member.room.members:
                await self._apply_rights(member, rights)

    async def _apply_rights(self, member: Member, rights: Rights) -> None:
        plan_id = member.room.plan_id
        role = rights.role(plan_id, member.connection.person_id)
        reason = None
        if member.connection.sign_in_id not in rights.signed_in:
            reason = "signed_out"
        elif plan_id in rights.removed:
            reason = "deleted"
        elif role is None:
            reason = "not_found"
        if reason:
            self.leave(member)
            await self._farewell(member, reason)
        elif role is not None and role != member.role:
            member.role = role
            self._broadcast.tell(member.connection, "role", member.room.code, role)

    # --- mirroring, snapshots, unloading

    async def _watch_rooms(self) -> None:
        while True:
            await asyncio.sleep(0.5)
            now = self._running().time()
            for room in list(self._rooms.values()):
                if room.ready.done() and not room.busy and not self._log.failing:
                    self._look_after(room, now)

    def _look_after(self, room: Room, now: float) -> None:
        leaving = not room.members and not room.storing and now - room.idle_since > IDLE_SECONDS
        unmirrored = room.unmirrored_since
        quiet = now - room.written_at > MIRROR_QUIET
        if unmirrored is not None and (quiet or leaving or now - unmirrored > MIRROR_MOST):
            room.unmirrored_since = None
            self._begin(self._keep_busy(room, self._mirror(room)))
        elif room.lines >= (SNAPSHOT_LINES_LEAVING if leaving else SNAPSHOT_LINES) and (
            leaving or now - room.snapshot_at > SNAPSHOT_SECONDS
        ):
            room.lines, room.snapshot_at = 0, now
            self._begin(self._keep_busy(room, self._threads.run(take_snapshot, self._engine, room.plan_id)))
        elif leaving:
            del self._rooms[room.plan_id]

    async def _keep_busy(self, room: Room, work: Awaitable[Any]) -> None:
        room.busy = True
        try:
            await work
        except Exception:
            log.exception("looking after an open plan failed", extra={"plan_id": room.plan_id})
        finally:
            room.busy = False

    async def _mirror(self, room: Room) -> None:
        try:
            await self._threads.run(mirror_plan, room.plan_id, room.document.doc.get_update())
        except Exception:
            room.unmirrored_since = self._running().time()
            raise
