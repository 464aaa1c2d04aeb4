"""What carries sound and pictures between the screens of a room, behind one protocol."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from live.models import MediaKind

Payload = dict[str, Any]

Tell = Callable[[str, str, Payload], None]
"""Sends a `signal` to one screen: the room's code, the screen's id, the payload."""

Changed = Callable[[str, MediaKind, str], None]
"""Hears that a room's sound and pictures travel another way from now on: code, kind, and why (a word of `live.media.terms`)."""


@dataclass(frozen=True)
class Seat:
    """A screen in a room as its rights are: `sends` is False for those who only watch.

    `endpoint` is `c<classroom>` or `p<person>`; several screens may be of one. `main` is the lead's side.
    """

    screen: str
    endpoint: str
    sends: bool = False
    main: bool = False


@dataclass
class Traffic:
    """How many screens take part in a room's sound and pictures, and how many streams go between them."""

    seats: int = 0
    senders: int = 0
    streams: int = 0
    details: Payload = field(default_factory=dict)


class MediaFailed(Exception):
    """Sound and pictures cannot travel this way now."""


class ClassroomMedia(Protocol):
    """One way for sound and pictures. Rooms are opened, screens seated by their rights, and browsers' signals answered.

    Whoever has no seat gets nothing, and nobody is told of them. All answers go out by `Tell`. Methods raise MediaFailed when this way is not there.
    """

    kind: MediaKind

    async def open(self, room: str) -> None:
        """Make a room; one that is open stays as it is."""
        ...

    async def admit(self, room: str, seat: Seat) -> None:
        """Let a screen take part from now on, as its seat says."""
        ...

    async def signal(self, room: str, screen: str, payload: Payload) -> None:
        """Take what a browser says. What cannot be understood or is not its right is left out."""
        ...

    async def hear(self, room: str, endpoints: frozenset[str]) -> None:
        """Let exactly these endpoints be heard."""
        ...

    async def remove(self, room: str, screen: str) -> None:
        """End what a screen sends and gets."""
        ...

    async def close(self, room: str) -> None:
        """End a room for everybody."""
        ...

    async def traffic(self, room: str) -> Traffic:
        """What goes on in a room."""
        ...
