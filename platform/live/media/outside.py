"""Rooms whose sound and pictures are not ours: a meeting elsewhere, of which we give the address, or none at all."""

from live.media.base import Payload, Seat, Tell, Traffic
from live.models import MediaKind


class _Elsewhere:
    kind = MediaKind.NONE

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._rooms: dict[str, set[str]] = {}

    async def open(self, room: str) -> None:
        """Make a room."""
        self._rooms.setdefault(room, set())

    async def admit(self, room: str, seat: Seat) -> None:
        """Let a screen know what there is."""
        self._rooms[room].add(seat.screen)

    async def signal(self, room: str, screen: str, payload: Payload) -> None:
        """Answer `hello`; nothing else is understood."""
        if payload.get("kind") == "hello" and screen in self._rooms.get(room, ()):
            self._tell(room, screen, {"kind": "welcome", "how": str(self.kind), "sends": False, **self._more(room)})

    async def hear(self, room: str, endpoints: frozenset[str]) -> None:
        """Nobody is heard here."""

    async def remove(self, room: str, screen: str) -> None:
        """Tell a screen nothing more."""
        self._rooms[room].discard(screen)

    async def close(self, room: str) -> None:
        """Forget the room."""
        self._rooms.pop(room, None)

    async def traffic(self, room: str) -> Traffic:
        """Nothing goes through us."""
        return Traffic(len(self._rooms.get(room, ())))

    def _more(self, room: str) -> Payload:
        return {}


class NoMedia(_Elsewhere):
    """No sound and no pictures: the run-sheet, the slides and the texts are the lesson."""

    kind = MediaKind.NONE


class OutsideMedia(_Elsewhere):
    """A meeting elsewhere. Its link is told to those in the room and to nobody else."""

    kind = MediaKind.OUTSIDE

    def __init__(self, tell: Tell) -> None:
        super().__init__(tell)
        self._links: dict[str, str] = {}

    def lies_at(self, room: str, link: str) -> None:
        """Say where the room's meeting is."""
        self._links[room] = link

    async def close(self, room: str) -> None:
        """Forget the room and its link."""
        await super().close(room)
        self._links.pop(room, None)

    def _more(self, room: str) -> Payload:
        return {"link": self._links.get(room, "")}
