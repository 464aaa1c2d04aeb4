"""Where the texts of plans are kept: a log of updates, never pruned, and snapshots as shortcuts through it.

The log has one writer thread for each process. What comes after a quiet moment is committed at once, what follows within
`COMMIT_SECONDS` together, and only then is it acknowledged. While the disk refuses, what was taken waits and is tried again; nothing is forgotten, and the
writers are told (`NotStored`) so that they keep their own copy.
"""

import asyncio
import logging
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pycrdt import Doc, get_update
from sqlalchemy import Connection, Engine, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from foundation.clock import now
from foundation.database import writing
from lessons.coediting.updates import clocks, deletions, merged, unmet
from lessons.models import PlanSnapshot, PlanUpdate

log = logging.getLogger(__name__)

COMMIT_SECONDS = 0.020
"""Between the beginnings of two transactions; a writer waits half of it on average while many write."""

SNAPSHOT_LINES = 500
WAITING_BYTES = 32 * 1024 * 1024
"""What may wait for the disk at most before new updates are refused."""

RETRY_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0)
POSTGRESQL_LOCK = 0x706C616E  # "plan": one writer at a time, so that ids appear in the order in which they were given


class NotStored(Exception):
    """The disk refuses for now; the update is kept in memory and tried again."""


class PlanIsGone(Exception):
    """The plan's row is not there any more, so nothing can be kept of it."""


@dataclass(slots=True)
class Line:
    """One update on its way into the log; `stored` gets its id."""

    plan_id: int
    person_id: int | None
    data: bytes
    stored: asyncio.Future[int]


@dataclass(frozen=True)
class StoredDocument:
    """A document as it is kept: a snapshot, the lines after it, and the id of the last line of all."""

    snapshot: bytes | None
    lines: list[bytes]
    seq: int

    def build(self) -> Doc[Any]:
        """The document. A line that cannot be read is left out and reported; it stays in the log."""
        doc: Doc[Any] = Doc()
        with doc.transaction():
            for update in [self.snapshot, *self.lines] if self.snapshot else self.lines:
                try:
                    doc.apply_update(update)
                except (ValueError, RuntimeError):
                    log.exception("a stored update cannot be applied", extra={"bytes": len(update)})
        return doc


def stored_document(connection: Connection, plan_id: int) -> StoredDocument:
    """What is kept of a plan's document."""
    snapshot = connection.execute(
        select(PlanSnapshot.upto, PlanSnapshot.data).where(PlanSnapshot.plan_id == plan_id)
    ).first()
    upto = snapshot.upto if snapshot else 0
    lines = connection.execute(
        select(PlanUpdate.id, PlanUpdate.data)
        .where(PlanUpdate.plan_id == plan_id, PlanUpdate.id > upto)
        .order_by(PlanUpdate.id)
    ).all()
    return StoredDocument(
        snapshot=bytes(snapshot.data) if snapshot else None,
        lines=[bytes(line.data) for line in lines],
        seq=lines[-1].id if lines else upto,
    )


def take_snapshot(engine: Engine, plan_id: int) -> bool:
    """Keep the document as one update from which it loads quickly. False when there was nothing new to keep.

    The snapshot is compared with the document before it is written and read back afterwards; one that differs is
    thrown away, and the lines of the log, which all stay, tell the whole again.
    """
    with engine.connect() as connection:
        stored = stored_document(connection, plan_id)
    if not stored.lines:
        return False
    doc = stored.build()
    before = [stored.snapshot] if stored.snapshot else []
    data = merged([doc.get_update(), *unmet([*before, *stored.lines], doc.get_state())])
    if not _says_the_same(data, doc):
        log.error("a snapshot differs from its document and is not kept", extra={"plan_id": plan_id})
        return False
    with writing(), engine.begin() as connection:
        _put_snapshot(connection, plan_id, stored.seq, data)
    with engine.connect() as connection:
        kept = connection.execute(select(PlanSnapshot.upto, PlanSnapshot.data).filter_by(plan_id=plan_id)).first()
    if kept is not None and kept.upto == stored.seq and bytes(kept.data) != data:
        log.error("a snapshot reads back differently and is thrown away", extra={"plan_id": plan_id})
        with writing(), engine.begin() as connection:
            connection.execute(delete(PlanSnapshot).where(PlanSnapshot.plan_id == plan_id))
        return False
    return True


def _says_the_same(data: bytes, doc: Doc[Any]) -> bool:
    """Whether a document read from `data` has the same items and the same deletions as `doc`."""
    again: Doc[Any] = Doc()
    again.apply_update(data)
    return _whole(again) == _whole(doc)


def _whole(doc: Doc[Any]) -> object:
    """Which items a document has and which of them are deleted; the library gives neither in a certain order."""
    state = doc.get_state()
    return clocks(state), deletions(get_update(doc.get_update(), state))


def _put_snapshot(connection: Connection, plan_id: int, upto: int, data: bytes) -> None:
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    fresh = insert(PlanSnapshot).values(plan_id=plan_id, upto=upto, data=data)
    connection.execute(
        fresh.on_conflict_do_update(
            index_elements=[PlanSnapshot.plan_id],
            set_={"upto": fresh.excluded.upto, "data": fresh.excluded.data},
            where=PlanSnapshot.upto < fresh.excluded.upto,
        )
    )


class UpdateLog:
    """The writer of the log. `append` and everything it answers belong to the event loop `loop`."""

    def __init__(self, engine: Engine, loop: asyncio.AbstractEventLoop) -> None:
        self.failing = False
        """Whether the disk refuses at present; then nothing new should be taken."""
        self._engine = engine
        self._loop = loop
        self._group: list[Line] = []
        self._next_at = 0.0
        self._waiting: deque[Line] = deque()
        self._waiting_bytes = 0
        self._groups: queue.SimpleQueue[list[Line] | None] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._write, name="plan-log", daemon=True)
        self._thread.start()

    @property
    def full(self) -> bool:
        """Whether as much waits for the disk as may wait."""
        return self._waiting_bytes > WAITING_BYTES

    def append(self, plan_id: int, person_id: int | None, data: bytes) -> asyncio.Future[int]:
        """Take one update; the answer is the id of its line once it is committed.

        The answer may be NotStored, then the line is tried again all the same, or PlanIsGone.
        """
        line = Line(plan_id, person_id, data, self._loop.create_future())
        if not self._group:
            self._loop.call_at(self._next_at, self._hand_over)
        self._group.append(line)
        self._waiting.append(line)
        self._waiting_bytes += len(data)
        return line.stored

    async def drained(self) -> None:
        """Wait until everything taken so far is committed or has failed."""
        while self._waiting:
            await asyncio.wait([self._waiting[-1].stored])
            if self.failing:
                await asyncio.sleep(RETRY_SECONDS[0])

    def close(self) -> None:
        """Commit what waits (one try) and end the thread."""
        self._hand_over()
        self._closing.set()
        self._groups.put(None)
        self._thread.join()

    def _hand_over(self) -> None:
        if self._group:
            self._next_at = self._loop.time() + COMMIT_SECONDS
            group, self._group = self._group, []
            self._groups.put(group)

    # --- in the writer thread

    def _write(self) -> None:
        writer = _Writer(self._engine)
        group: list[Line] | None = []
        while group is not None:
            group = self._groups.get()
            lines = list(group or ())
            while group is not None and not self._groups.empty():  # whatever else waits joins the same transaction
                group = self._groups.get()
                lines += group or ()
            if lines:
                self._commit(writer, lines)
        writer.close()

    def _commit(self, writer: "_Writer", lines: list[Line]) -> None:
        attempt = 0
        while True:
            try:
                answers = writer.insert(lines)
            except Exception:
                log.exception("the log of plans cannot be written", extra={"lines": len(lines)})
                self._call(self._has_failed)
                if self._closing.wait(RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)]):
                    return
                attempt += 1
            else:
                self._call(self._has_stored, lines, answers)
                return

    def _call(self, answer: Callable[..., None], *given: Any) -> None:
        try:
            self._loop.call_soon_threadsafe(answer, *given)
        except RuntimeError:  # the loop is closed: nobody waits for answers any more
            log.warning("nobody is left to hear about the log")

    # --- back in the loop

    def _has_stored(self, lines: list[Line], answers: list[int | None]) -> None:
        self.failing = False
        for line, line_id in zip(lines, answers, strict=True):
            self._waiting.popleft()  # groups are committed in the order in which they were taken
            self._waiting_bytes -= len(line.data)
            if not line.stored.done():
                if line_id is None:
                    line.stored.set_exception(PlanIsGone)
                else:
                    line.stored.set_result(line_id)

    def _has_failed(self) -> None:
        self.failing = True
        for line in self._waiting:
            if not line.stored.done():
                line.stored.set_exception(NotStored)


class _Writer:
    """Inserts lines through one database connection of its own, opened when first needed and after every failure."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._sqlite = engine.dialect.name == "sqlite"
        self._connection: Any = None
        mark = "?" if self._sqlite else "%s"
        self._statement = (
            f"INSERT INTO plan_update (plan_id, data, made_at, person_id) VALUES ({mark}, {mark}, {mark}, {mark})"  # noqa: S608
        )

    def insert(self, lines: list[Line]) -> list[int | None]:
        """Commit all lines; their ids, None for those whose plan does not exist. Raises when the database refuses."""
        try:
            if self._connection is None:
                self._connection = self._engine.raw_connection()
            try:
                return list(self._insert_together(lines))
            except self._engine.dialect.loaded_dbapi.IntegrityError:  # a plan or a person of one of them is gone
                self._roll_back()
                return [self._insert_alone(line) for line in lines]
        except Exception:
            self._forget_connection()
            raise

    def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            self._connection.close()

    def _insert_together(self, lines: Iterable[Line]) -> Iterable[int]:
        cursor = self._connection.cursor()
        try:
            at = now()
            rows = [(line.plan_id, line.data, self._moment(at), line.person_id) for line in lines]
            if self._sqlite:
                cursor.execute("BEGIN IMMEDIATE")
                cursor.executemany(self._statement, rows)
                last = cursor.execute("SELECT last_insert_rowid()").fetchone()[
                    0
                ]  # rows of one transaction are numbered in a row
                cursor.execute("COMMIT")
                return range(last - len(rows) + 1, last + 1)
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", (POSTGRESQL_LOCK,))
            cursor.executemany(self._statement + " RETURNING id", rows, returning=True)
            ids = [cursor.fetchone()[0]]
            while cursor.nextset():
                ids.append(cursor.fetchone()[0])
            self._connection.commit()
            return ids
        finally:
            cursor.close()

    def _insert_alone(self, line: Line) -> int | None:
        refused = self._engine.dialect.loaded_dbapi.IntegrityError
        for person_id in (line.person_id, None):  # the person may have been removed while the line waited
            try:
                return next(iter(self._insert_together([Line(line.plan_id, person_id, line.data, line.stored)])))
            except refused:
                self._roll_back()
        return None

    def _moment(self, at: datetime) -> object:
        return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f") if self._sqlite else at

    def _roll_back(self) -> None:
        if self._sqlite:
            self._connection.driver_connection.rollback()
        else:
            self._connection.rollback()

    def _forget_connection(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            try:
                connection.invalidate()
            except SQLAlchemyError:
                log.exception("the connection of the log cannot be closed")
