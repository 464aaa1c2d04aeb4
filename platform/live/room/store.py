"""Where the events of rooms are kept: written in groups by one thread, never changed, and answered only once committed.

While the disk refuses, what was taken waits and is tried again in its order; those who wait are told (`NotStored`) and ask again with
the same key.
"""

import asyncio
import logging
import queue
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, Engine, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from foundation.clock import from_milliseconds, to_milliseconds
from foundation.database import writing
from live.models import LiveSession, SessionEvent, SessionState
from live.room.events import Draft
from live.room.state import Event

log = logging.getLogger(__name__)

COMMIT_SECONDS: Final = 0.020
RETRY_SECONDS: Final = (0.1, 0.2, 0.5, 1.0, 2.0)


class NotStored(Exception):
    """The disk refuses for now."""


class SessionIsGone(Exception):
    """The session's row is not there any more, so nothing can be kept of it."""


@dataclass(frozen=True)
class Line:
    """One event on its way into the log; `names` are left out of what is kept."""

    session_id: int
    event: Event
    audience: str
    key: str | None


@dataclass
class _Group:
    lines: list[Line] = field(default_factory=list)
    stored: list[asyncio.Future[None]] = field(default_factory=list)
    then: list[Callable[[], None]] = field(default_factory=list)


@dataclass(frozen=True)
class Kept:
    """A line as it is read back."""

    event: Event
    audience: str
    key: str | None


def read_log(connection: Connection, session_id: int) -> list[Kept]:
    """Everything that happened in the room of a session, in order."""
    row = SessionEvent
    found = connection.execute(
        select(row.seq, row.at, row.kind, row.by_person_id, row.classroom_id, row.data, row.audience, row.request_key)
        .where(row.session_id == session_id)
        .order_by(row.seq)
    )
    return [
        Kept(Event(seq, to_milliseconds(at), kind, by, classroom, data), audience, key)
        for seq, at, kind, by, classroom, data, audience, key in found
    ]


class EventLog:
    """The writer. `append` and what it answers belong to the event loop `loop`."""

    def __init__(self, engine: Engine, loop: asyncio.AbstractEventLoop) -> None:
        self.failing = False
        """Whether the disk refuses at present; then nothing new should be taken."""
        self._engine = engine
        self._loop = loop
        self._group = _Group()
        self._next_at = 0.0
        self._waiting: deque[_Group] = deque()
        self._groups: queue.SimpleQueue[_Group | None] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._write, name="live-log", daemon=True)
        self._thread.start()

    def append(self, lines: Sequence[Line], then: Callable[[], None]) -> asyncio.Future[None]:
        """Take events that belong together; answered once they are committed, with NotStored or SessionIsGone when not.

        After NotStored they are tried again all the same, and `then` is called whenever that has worked.
        """
        stored: asyncio.Future[None] = self._loop.create_future()
        if not self._group.lines:
            self._loop.call_at(self._next_at, self._hand_over)
        self._group.lines.extend(lines)
        self._group.stored.append(stored)
        self._group.then.append(then)
        return stored

    def close(self) -> None:
        """Commit what waits (one try) and end the thread."""
        self._hand_over()
        self._closing.set()
        self._groups.put(None)
        self._thread.join()

    def _hand_over(self) -> None:
        if self._group.lines:
            self._next_at = self._loop.time() + COMMIT_SECONDS
            group, self._group = self._group, _Group()
            self._waiting.append(group)
            self._groups.put(group)

    # --- in the writer thread

    def _write(self) -> None:
        while (group := self._groups.get()) is not None:
            attempt = 0
            while True:
                try:
                    gone = self._commit(group.lines)
                except Exception:
                    log.exception("the log of rooms cannot be written", extra={"lines": len(group.lines)})
                    self._call(self._has_failed)
                    if self._closing.wait(RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)]):
                        return
                    attempt += 1
                else:
                    self._call(self._has_stored, gone)
                    break

    def _commit(self, lines: list[Line]) -> bool:
        """Commit all; True when a session of theirs is gone and only the others could be."""
        try:
            with writing(), self._engine.begin() as connection:
                insert_lines(connection, lines)
        except IntegrityError:
            return self._commit_alone(lines)
        return False

    def _commit_alone(self, lines: list[Line]) -> bool:
        gone = False
        for line in lines:
            for by in (line.event.by, None):  # the person may have been removed meanwhile
                try:
                    with writing(), self._engine.begin() as connection:
                        insert_lines(
                            connection, [Line(line.session_id, line.event._replace(by=by), line.audience, line.key)]
                        )
                    break
                except IntegrityError:
                    continue
            else:
                log.error("an event has no session", extra={"session_id": line.session_id, "seq": line.event.seq})
                gone = True
        return gone

    def _call(self, answer: Callable[..., None], *given: Any) -> None:
        try:
            self._loop.call_soon_threadsafe(answer, *given)
        except RuntimeError:  # the loop is closed: nobody waits for answers any more
            log.warning("nobody is left to hear about the log")

    # --- back in the loop

    def _has_stored(self, gone: bool) -> None:
        self.failing = False
        group = self._waiting.popleft()
        for stored in group.stored:
            if not stored.done():
                if gone:
                    stored.set_exception(SessionIsGone)
                else:
                    stored.set_result(None)
        if not gone:
            for then in group.then:
                then()

    def _has_failed(self) -> None:
        self.failing = True
        for group in self._waiting:
            for stored in group.stored:
                if not stored.done():
                    stored.set_exception(NotStored)


def insert_lines(connection: Connection, lines: Sequence[Line]) -> None:
    """Uncommitted: the lines, and what they say of their sessions."""
    connection.execute(
        insert(SessionEvent),
        [
            {
                "session_id": line.session_id,
                "seq": line.event.seq,
                "at": from_milliseconds(line.event.at),
                "kind": line.event.kind,
                "audience": line.audience,
                "by_person_id": line.event.by,
                "classroom_id": line.event.classroom,
                "request_key": line.key,
                "data": _kept_data(line.event),
            }
            for line in lines
        ],
    )
    for line in lines:
        values = _of_session(line.event)
        if values:
            connection.execute(update(LiveSession).where(LiveSession.id == line.session_id).values(values))


def _kept_data(event: Event) -> dict[str, Any]:
    """Pupils stand in the log by number: their names are put in again when it is read."""
    return {**event.data, "name": ""} if event.kind == "hand_of" else event.data


def _of_session(event: Event) -> dict[str, Any]:
    """What an event says of the session itself."""
    match event.kind:
        case "open":
            return {"state": SessionState.RUNNING, "ended_at": None}
        case "reopen":  # a lesson that was ended before it began begins now
            began_at = func.coalesce(LiveSession.began_at, from_milliseconds(event.at))
            return {"state": SessionState.RUNNING, "ended_at": None, "began_at": began_at}
        case "begin":
            return {"began_at": from_milliseconds(event.at)}
        case "end":
            return {"state": SessionState.ENDED, "ended_at": from_milliseconds(event.at)}
        case _:
            return {}


def line_of(session_id: int, seq: int, at: int, draft: Draft, key: str | None) -> Line:
    """The line that an event becomes."""
    event = Event(seq, at, draft.kind, draft.by, draft.classroom, draft.data)
    return Line(session_id, event, draft.audience, key)
