"""One shared document in memory: its text, and who is present in it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pycrdt import Doc, TransactionEvent

from lessons.coediting.store import StoredDocument
from lessons.coediting.updates import clocks, read_number, write_number

STATE_LIMIT = 4096
"""Bytes of what one editor may say about itself: name, colour, place, cursor."""

CLIENTS_LIMIT = 4
"""Editors (Yjs clients) that one connection may speak for in one document."""


class NotAnUpdate(Exception):
    """The bytes are not a Yjs v1 update that this document can take; nothing of them is kept."""


class SharedDocument:
    """The text of a plan while people have it open. Belongs to the event loop: no other thread may touch it."""

    def __init__(self, stored: StoredDocument) -> None:
        self.doc: Doc[Any] = stored.build()
        self.seq = stored.seq
        """The id of the last line of the log known to be in it."""
        self.size = len(self.doc.get_update())
        """Bytes, at least: what was written since loading counts in full, also what it deleted."""
        self.spoilt = False
        """Whether something broke off in the middle of an update: then it must be loaded anew."""
        self._changed: bytes | None = None
        self._subscription = self.doc.observe(self._note)

    def apply(self, update: bytes) -> bytes | None:
        """Take an update in; what others must hear of it.

        That is mostly the update itself; more when it was what earlier updates waited for; None when it changes nothing
        or has to wait itself. Raises NotAnUpdate.
        """
        self._changed = None
        try:
            self.doc.apply_update(update)
        except ValueError as error:  # not decoded, so not applied
            raise NotAnUpdate from error
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # a panic of the Rust library is no Exception
            self.spoilt = True
            raise NotAnUpdate from error
        self.size += len(update)
        return self._changed

    def state(self) -> bytes:
        """The state vector."""
        return self.doc.get_state()

    def missing_in(self, state: bytes) -> bytes:
        """What a document with the state vector `state` lacks. Raises NotAnUpdate when it is none."""
        try:
            clocks(state)
            return self.doc.get_update(state)
        except ValueError as error:
            raise NotAnUpdate from error

    def _note(self, event: TransactionEvent) -> None:
        self._changed = event.update


@dataclass(slots=True)
class _Presence:
    clock: int
    state: str
    owner: str


class Awareness:
    """Who is present in a document and where, as y-protocols says it: one JSON state for each open editor.

    An editor belongs to the connection that spoke for it first, and who it says it is, is checked.
    """

    def __init__(self) -> None:
        self._present: dict[int, _Presence] = {}

    def take(self, message: bytes, owner: str, person_id: int, name: str) -> list[int]:
        """Note what the connection `owner` of that person says; the editors that have news.

        A false `id` or `name` in `user` is put right. States that are too long, editors of others and more than
        `CLIENTS_LIMIT` of its own are passed over. Raises NotAnUpdate for bytes that are no awareness update.
        """
        news = []
        for client, clock, state in _awareness_states(message):
            known = self._present.get(client)
            if known is not None and (known.owner != owner or clock < known.clock):
                continue
            if known is None and (state == "null" or self._count(owner) >= CLIENTS_LIMIT):
                continue
            if state != "null":
                if len(state.encode()) > STATE_LIMIT:
                    continue
                state = _with_true_name(state, person_id, name)
            self._present[client] = _Presence(clock, state, owner)
            news.append(client)
        return news

    def leave(self, owner: str) -> list[int]:
        """Mark the editors of a connection that went away as gone; those that have news because of it."""
        gone = [client for client, present in self._present.items() if present.owner == owner]
        for client in gone:
            self._present[client].state = "null"
        return gone

    def message(self, clients: Iterable[int] | None = None) -> bytes | None:
        """An awareness update about `clients` (default: all that are present); None when there is nothing to say.

        Editors that have gone are forgotten once that is said.
        """
        if clients is None:
            asked = [client for client, present in self._present.items() if present.state != "null"]
        else:
            asked = [client for client in clients if client in self._present]
        parts = []
        for client in asked:
            present = self._present[client]
            if present.state == "null":
                del self._present[client]
            state = present.state.encode()
            parts.append(write_number(client) + write_number(present.clock) + write_number(len(state)) + state)
        return write_number(len(parts)) + b"".join(parts) if parts else None

    def _count(self, owner: str) -> int:
        return sum(present.owner == owner for present in self._present.values())


def _awareness_states(message: bytes) -> list[tuple[int, int, str]]:
    """Client, clock and JSON state of every editor that the message speaks of."""
    try:
        count, at = read_number(message, 0)
        states = []
        for _ in range(count):
            client, at = read_number(message, at)
            clock, at = read_number(message, at)
            length, at = read_number(message, at)
            if at + length > len(message):
                raise ValueError("ends too early")
            states.append((client, clock, message[at : at + length].decode()))
            at += length
    except ValueError as error:
        raise NotAnUpdate from error
    return states


def _with_true_name(state: str, person_id: int, name: str) -> str:
    try:
        said = json.loads(state)
    except (ValueError, RecursionError) as error:
        raise NotAnUpdate from error
    if not isinstance(said, dict):
        raise NotAnUpdate
    user = said.get("user")
    if isinstance(user, dict) and user.get("id") == person_id and user.get("name") == name:
        return state
    said["user"] = {**(user if isinstance(user, dict) else {}), "id": person_id, "name": name}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))
