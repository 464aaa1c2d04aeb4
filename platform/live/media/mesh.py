"""Every browser sends to every other: nothing to install, for few ends. We relay what they say to each other, by rights."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from live.media.base import Payload, Seat, Tell, Traffic
from live.models import MediaKind

WATCHERS = 4
"""Screens that only watch and get the main classroom's picture; each costs the main classroom one more stream to send."""

RELAYED = ("description", "candidate", "want")
SAID = ("kind", "description", "candidate", "names", "sends", "size")
_SENDING = re.compile(r"^a=send(?:recv|only)\b", re.MULTILINE)


@dataclass
class _Room:
    seats: dict[str, Seat] = field(default_factory=dict)
    present: dict[str, str] = field(default_factory=dict)  # the era of each screen that has said hello, in their order
    told: dict[str, Payload] = field(default_factory=dict)  # what each of them was told last of the others
    heard: frozenset[str] = frozenset()

    def seated(self) -> Iterator[Seat]:
        return (self.seats[screen] for screen in self.present if screen in self.seats)


class MeshMedia:
    """The mesh. The first `ends` endpoints that send see each other; later ones, and who only watches, get the main picture."""

    kind = MediaKind.MESH

    def __init__(self, tell: Tell, ice: Callable[[str], list[dict[str, Any]]], ends: int) -> None:
        self._tell = tell
        self._ice = ice
        self._ends = ends
        self._rooms: dict[str, _Room] = {}

    async def open(self, room: str) -> None:
        """Make a room; one that is open stays as it is."""
        self._rooms.setdefault(room, _Room())

    async def admit(self, room: str, seat: Seat) -> None:
        """Let a screen take part as its seat says; with other rights than before it begins anew."""
        found = self._rooms[room]
        before = found.seats.get(seat.screen)
        if before not in (None, seat):
            await self.remove(room, seat.screen)
        found.seats[seat.screen] = seat

    async def signal(self, room: str, screen: str, payload: Payload) -> None:
        """`hello` takes part, `bye` no longer; what is meant for another screen is handed on."""
        found = self._rooms.get(room)
        if found is None or screen not in found.seats:
            return
        match payload:
            case {"kind": "hello", "era": str(era)}:
                self._welcome(room, found, found.seats[screen], era)
            case {"kind": "bye"}:
                self._leave(room, found, screen)
            case {"kind": str(kind), "to": str(to)} if kind in RELAYED:
                self._relay(room, found, found.seats[screen], to, payload)

    async def hear(self, room: str, endpoints: frozenset[str]) -> None:
        """Say who is heard. Senders close their microphones by it, and receivers play nobody else."""
        found = self._rooms[room]
        if found.heard != endpoints:
            found.heard = endpoints
            for screen in found.present:
                self._tell(room, screen, {"kind": "heard", "endpoints": sorted(endpoints)})

    async def remove(self, room: str, screen: str) -> None:
        """Take away a screen's seat; the others hang up on it."""
        found = self._rooms[room]
        self._leave(room, found, screen)
        found.seats.pop(screen, None)

    async def close(self, room: str) -> None:
        """Forget the room."""
        self._rooms.pop(room, None)

    async def traffic(self, room: str) -> Traffic:
        """How many screens send and get."""
        found = self._rooms.get(room, _Room())
        pairs = [(one, other) for one in found.seated() for other in found.seated() if self._gives(found, one, other)]
        return Traffic(len(found.present), len({one.screen for one, _ in pairs}), len(pairs))

    def takes_one_more(self, room: str, seat: Seat) -> bool:
        """Whether one more screen gets here what it is due."""
        found = self._rooms[room]
        if seat.screen in found.present:
            return True
        if seat.sends:
            return seat.endpoint in self._full_ends(found) or len(self._full_ends(found)) < self._ends
        return len(self._watchers(found)) < WATCHERS

    def _welcome(self, room: str, found: _Room, seat: Seat, era: str) -> None:
        found.present[seat.screen] = era
        found.told[seat.screen] = self._around(found, seat)
        welcome = {
            "kind": "welcome",
            "how": str(self.kind),
            "ice": self._ice(seat.endpoint),
            "heard": sorted(found.heard),
        }
        self._tell(room, seat.screen, {**welcome, **found.told[seat.screen]})
        self._tell_changes(room, found)

    def _leave(self, room: str, found: _Room, screen: str) -> None:
        if found.present.pop(screen, None) is not None:
            del found.told[screen]
            self._tell_changes(room, found)

    def _tell_changes(self, room: str, found: _Room) -> None:
        """Tell everybody for whom something is different now: who comes and goes may change what others may send."""
        for seat in found.seated():
            around = self._around(found, seat)
            if found.told[seat.screen] != around:
                found.told[seat.screen] = around
                self._tell(room, seat.screen, {"kind": "peers", **around})

    def _around(self, found: _Room, seat: Seat) -> Payload:
        peers = [self._peer(found, seat, other) for other in found.seated()]
        return {
            "main": seat.main,
            "sends": self._may_send(found, seat),
            "full": not self._has_place(found, seat),
            "peers": [peer for peer in peers if peer],
        }

    def _relay(self, room: str, found: _Room, seat: Seat, to: str, payload: Payload) -> None:
        other = found.seats.get(to)
        if other is None or to not in found.present or not self._speak(found, seat, other):
            return
        if payload["kind"] == "description" and _SENDING.search(_sdp(payload)) and not self._gives(found, seat, other):
            return
        said = {name: payload[name] for name in SAID if name in payload}
        self._tell(room, to, {**said, "from": seat.screen})

    def _peer(self, found: _Room, seat: Seat, other: Seat) -> Payload | None:
        """What `seat` is told of `other`; whoever was there first is the one to offer.

        The era is another one when the page was loaded anew, and must be connected anew.
        """
        if not self._speak(found, seat, other):
            return None
        order = list(found.present)
        return {
            "screen": other.screen,
            "era": found.present[other.screen],
            "endpoint": other.endpoint,
            "main": other.main,
            "give": self._gives(found, seat, other),
            "take": self._gives(found, other, seat),
            "polite": order.index(seat.screen) > order.index(other.screen),
        }

    def _speak(self, found: _Room, one: Seat, other: Seat) -> bool:
        return self._gives(found, one, other) or self._gives(found, other, one)

    def _gives(self, found: _Room, one: Seat, other: Seat) -> bool:
        """Whether `one` sends to `other`. Screens of one classroom stand in one room and hear each other anyway."""
        if one.endpoint == other.endpoint or not self._may_send(found, one) or not self._has_place(found, other):
            return False
        return one.main or self._may_send(found, other)

    def _may_send(self, found: _Room, seat: Seat) -> bool:
        return seat.sends and seat.endpoint in self._full_ends(found)

    def _has_place(self, found: _Room, seat: Seat) -> bool:
        return self._may_send(found, seat) or seat.screen in self._watchers(found)

    def _full_ends(self, found: _Room) -> list[str]:
        """The main side always, then whoever came first."""
        ends = dict.fromkeys(seat.endpoint for seat in found.seated() if seat.sends and seat.main)
        ends |= dict.fromkeys(seat.endpoint for seat in found.seated() if seat.sends)
        return list(ends)[: self._ends]

    def _watchers(self, found: _Room) -> list[str]:
        full = self._full_ends(found)
        waiting = [seat for seat in found.seated() if not (seat.sends and seat.endpoint in full)]
        waiting.sort(key=lambda seat: not seat.sends)  # a classroom before an observer
        return [seat.screen for seat in waiting[:WATCHERS]]


def _sdp(payload: Payload) -> str:
    match payload.get("description"):
        case {"sdp": str(sdp)}:
            return sdp
    return ""
