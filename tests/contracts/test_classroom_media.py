"""What every way for sound and pictures promises, asked of each; of Janus, of a real one."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from foundation.config import Settings
from live.media.base import ClassroomMedia, Payload, Seat, Tell
from live.media.janus import JanusMedia
from live.media.janus_server import JanusServer
from live.media.mesh import MeshMedia
from live.media.outside import NoMedia, OutsideMedia

LEAD = Seat("one", "c1", sends=True, main=True)
CLASSROOM = Seat("two", "c2", sends=True)
OBSERVER = Seat("three", "p9")
HELLO = {"kind": "hello", "era": "e"}

Said = list[tuple[str, Payload]]
Story = Callable[[ClassroomMedia, Said], Awaitable[None]]


@pytest.fixture(params=["mesh", "janus", "outside", "none"])
def tell_with(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Story], None]:
    """A function that runs a story with one of the ways, and what it says to screens."""
    if request.param == "janus" and shutil.which("janus") is None:
        pytest.skip("Janus is not installed (Debian package janus)")

    async def run(story: Story) -> None:
        said: Said = []
        server = JanusServer(Settings(data_dir=tmp_path), lambda: None, lambda: None)
        media = _way(request.param, lambda room, screen, payload: said.append((screen, payload)), server)
        await media.open("room")
        await story(media, said)
        await media.close("room")
        await server.shut()

    return lambda story: asyncio.run(run(story))


def _way(name: str, tell: Tell, server: JanusServer) -> ClassroomMedia:
    def ice(name: str) -> list[dict[str, Any]]:
        return []

    ways: dict[str, Callable[[], ClassroomMedia]] = {
        "mesh": lambda: MeshMedia(tell, ice, 4),
        "janus": lambda: JanusMedia(tell, ice, server),
        "outside": lambda: OutsideMedia(tell),
        "none": lambda: NoMedia(tell),
    }
    return ways[name]()


def test_whoever_has_a_seat_is_welcomed_by_its_rights(tell_with: Callable[[Story], None]) -> None:
    async def story(media: ClassroomMedia, said: Said) -> None:
        for seat in (LEAD, CLASSROOM, OBSERVER):
            await media.admit("room", seat)
            await media.signal("room", seat.screen, HELLO)
        welcomes = {screen: payload for screen, payload in said if payload["kind"] == "welcome"}
        assert {payload["how"] for payload in welcomes.values()} == {str(media.kind)}
        assert welcomes.keys() == {"one", "two", "three"}
        assert welcomes["three"]["sends"] is False
        assert (await media.traffic("room")).seats == 3

    tell_with(story)


def test_whoever_has_no_seat_is_told_nothing(tell_with: Callable[[Story], None]) -> None:
    async def story(media: ClassroomMedia, said: Said) -> None:
        await media.signal("room", "stranger", HELLO)
        await media.signal("another room", "one", HELLO)
        assert said == []

    tell_with(story)


def test_whoever_lost_the_seat_is_told_nothing_more(tell_with: Callable[[Story], None]) -> None:
    async def story(media: ClassroomMedia, said: Said) -> None:
        for seat in (LEAD, CLASSROOM):
            await media.admit("room", seat)
            await media.signal("room", seat.screen, HELLO)
        await media.remove("room", "two")
        await media.remove("room", "two")
        said.clear()
        await media.hear("room", frozenset({"c1"}))
        await media.signal("room", "two", HELLO)
        assert [screen for screen, _ in said if screen == "two"] == []
        assert (await media.traffic("room")).seats == 1

    tell_with(story)


def test_what_cannot_be_understood_is_left_out(tell_with: Callable[[Story], None]) -> None:
    async def story(media: ClassroomMedia, said: Said) -> None:
        await media.admit("room", LEAD)
        await media.signal("room", "one", HELLO)
        said.clear()
        for payload in (
            {},
            {"kind": 7},
            {"kind": "publish", "description": "no", "names": []},
            {"kind": "publish", "description": {"type": "offer", "sdp": "no"}, "names": {"0": "sound"}},
            {"kind": "want", "streams": [1, [2], ["x", "y"], None]},
            {"kind": "candidate", "to": "sending", "candidate": {"candidate": b"x"}},
            {"kind": "candidate", "to": "nobody", "candidate": None},
            {"kind": "description", "to": "one", "description": {"sdp": 5}},
            {"kind": "answer", "description": {"type": "answer", "sdp": ""}},
            {"kind": "again"},
        ):
            await media.signal("room", "one", payload)
        assert {payload["kind"] for _, payload in said} <= {"lost"}
        await media.signal("room", "one", HELLO)
        assert said[-1][1]["kind"] == "welcome"

    tell_with(story)


def test_opening_and_closing_twice_does_no_harm(tell_with: Callable[[Story], None]) -> None:
    async def story(media: ClassroomMedia, said: Said) -> None:
        await media.admit("room", LEAD)
        await media.open("room")
        await media.signal("room", "one", HELLO)
        assert len(said) == 1
        await media.close("room")
        await media.close("room")
        await media.signal("room", "one", HELLO)
        assert len(said) == 1
        assert (await media.traffic("room")).seats == 0

    tell_with(story)
