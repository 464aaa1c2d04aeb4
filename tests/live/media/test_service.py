"""Which way sound and pictures of a room go, who may send, and what happens when a way fails."""

import asyncio
import base64
import hashlib
import hmac
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Response

from foundation.config import ROOT, Settings
from live.media import service
from live.media.base import Payload, Seat
from live.media.ice import ice_servers
from live.media.service import Media, heard, with_devices
from live.models import MediaKind

needs_janus = pytest.mark.skipif(shutil.which("janus") is None, reason="Janus is not installed (Debian package janus)")

OFFER = {"type": "offer", "sdp": "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=sendrecv\r\n"}
LISTENING = {"type": "offer", "sdp": OFFER["sdp"].replace("sendrecv", "recvonly")}


class World:
    """The media of an installation; what screens were told and how rooms went."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.said: list[tuple[str, Payload]] = []
        self.ways: list[tuple[str, str]] = []
        self.media = Media(
            Settings(data_dir=folder, **settings),
            lambda room, screen, payload: self.said.append((screen, payload)),
            lambda room, kind, why: self.ways.append((str(kind), why)),
        )

    async def enter(self, *seats: Seat) -> None:
        for seat in seats:
            await self.media.admit("room", seat)
            await self.media.signal("room", seat.screen, {"kind": "hello", "era": "e"})

    def told(self, screen: str) -> Payload:
        """The newest word of who sends to a screen and to whom it sends."""
        return next(payload for to, payload in reversed(self.said) if to == screen and "peers" in payload)

    def peers(self, screen: str) -> dict[str, tuple[bool, bool]]:
        """The others that a screen speaks with: whether it gives, whether it takes."""
        return {peer["screen"]: (peer["give"], peer["take"]) for peer in self.told(screen)["peers"]}


@pytest.fixture
def live(tmp_path: Path) -> Callable[..., None]:
    """Runs a story in a world of its own."""

    def run(story: Callable[[World], Awaitable[None]], **settings: Any) -> None:
        async def whole() -> None:
            world = World(tmp_path, **settings)
            try:
                await story(world)
            finally:
                await world.media.shut()

        asyncio.run(whole())

    return run


def classroom(number: int, main: bool = False) -> Seat:
    return Seat(f"s{number}", f"c{number}", sends=True, main=main)


async def until(true: Callable[[], bool]) -> None:
    for _ in range(200):
        if true():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come about in ten seconds")


def test_classrooms_send_to_each_other_and_observers_only_watch_the_lead(live: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        await world.media.open("room", MediaKind.MESH)
        await world.enter(classroom(1, main=True), classroom(2), Seat("o", "p7"), Seat("o2", "p8"))
        assert world.peers("s1") == {"s2": (True, True), "o": (True, False), "o2": (True, False)}
        assert world.peers("s2") == {"s1": (True, True)}
        assert world.peers("o") == {"s1": (False, True)}

    live(story)


def test_whoever_may_not_send_cannot_offer_to(live: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        await world.media.open("room", MediaKind.MESH)
        await world.enter(classroom(1, main=True), Seat("o", "p7"))
        for description, arrives in ((OFFER, False), (LISTENING, True)):
            world.said.clear()
            await world.media.signal("room", "o", {"kind": "description", "to": "s1", "description": description})
            assert [to for to, _ in world.said] == (["s1"] if arrives else [])
        await world.media.signal("room", "s1", {"kind": "description", "to": "stranger", "description": OFFER})
        assert len(world.said) == 1

    live(story)


def test_the_mesh_takes_four_classrooms_and_gives_the_others_the_lead(live: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        await world.media.open("room", MediaKind.MESH)
        await world.enter(*(classroom(number) for number in range(2, 7)))
        assert world.told("s6")["sends"] is False
        await world.enter(classroom(1, main=True))  # the lead comes last and has a place all the same
        assert world.told("s1")["sends"] is True
        assert world.peers("s6") == {"s1": (False, True)}
        assert [world.told(f"s{number}")["sends"] for number in range(2, 7)] == [True, True, True, False, False]
        await world.media.remove("room", "s2")
        assert world.told("s5")["sends"] is True

    live(story)


def test_screens_of_one_classroom_do_not_send_to_each_other(live: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        await world.media.open("room", MediaKind.MESH)
        await world.enter(classroom(1, main=True), Seat("laptop", "c1", sends=True, main=True), classroom(2))
        assert world.peers("laptop").keys() == {"s2"}
        assert world.peers("s2").keys() == {"s1", "laptop"}

    live(story)


def test_a_cut_line_keeps_its_seat_for_a_while(live: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "AWAY_SECONDS", 0.2)

    async def story(world: World) -> None:
        await world.media.open("room", MediaKind.MESH)
        await world.enter(classroom(1, main=True), classroom(2))
        world.media.away("room", "s2")
        await asyncio.sleep(0.1)
        await world.media.admit("room", classroom(2))
        await asyncio.sleep(0.2)
        assert world.peers("s1").keys() == {"s2"}
        world.media.away("room", "s2")
        await until(lambda: world.peers("s1") == {})

    live(story)


def test_the_link_of_a_meeting_elsewhere_is_told_to_those_in_the_room_only(live: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        await world.media.open("room", MediaKind.OUTSIDE, link="https://meeting.example.cn/7")
        await world.media.signal("room", "s2", {"kind": "hello", "era": "e"})
        assert world.said == []
        await world.enter(classroom(1))
        assert world.said[0][1]["link"] == "https://meeting.example.cn/7"

    live(story)


def test_without_janus_many_classrooms_use_the_mesh_and_are_told(
    live: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)

    async def story(world: World) -> None:
        await world.media.open("room", MediaKind.AUTO, ends=9)
        assert world.ways == [("mesh", "janus_absent")]

    live(story)


def test_a_janus_elsewhere_that_does_not_answer_is_told(live: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        await world.media.open("room", MediaKind.JANUS)
        assert world.ways == [("mesh", "janus_absent")]

    live(story, janus_url="ws://127.0.0.1:1")


@needs_janus
def test_a_room_that_outgrows_the_mesh_moves_to_janus_with_everybody(live: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        await world.media.open("room", MediaKind.AUTO, ends=4)
        await world.enter(*(classroom(number, main=number == 1) for number in range(1, 5)))
        assert world.ways == [("mesh", "")]
        await world.enter(classroom(5))
        assert world.ways[-1] == ("janus", "more_screens")
        assert {to for to, payload in world.said if payload["kind"] == "moved"} == {"s1", "s2", "s3", "s4", "s5"}

    live(story)


@needs_janus
def test_janus_is_reached_from_this_machine_only_and_its_secrets_are_ours(
    live: Callable[..., None], tmp_path: Path
) -> None:
    async def story(world: World) -> None:
        await world.media.open("room", MediaKind.JANUS)
        process = world.media.janus_server.process_id
        folder = tmp_path / "janus"
        assert folder.stat().st_mode & 0o077 == 0
        assert {file.stat().st_mode & 0o077 for file in folder.glob("*.jcfg")} == {0}
        assert process
        assert _listens_at(process) == {"127.0.0.1"}

    live(story)


def test_what_we_start_dies_with_us_however_we_die() -> None:
    story = (
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-m', 'live.media.tied', str(os.getpid()), 'sleep', '60'])\n"
        "while b'sleep' not in open(f'/proc/{child.pid}/cmdline', 'rb').read().split(b'\\0')[:1]: time.sleep(0.02)\n"
        "print(child.pid, flush=True); time.sleep(60)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "platform")}
    with subprocess.Popen([sys.executable, "-c", story], env=environment, stdout=subprocess.PIPE, text=True) as us:
        assert us.stdout
        process = int(us.stdout.readline())
        assert _runs(process)
        os.kill(us.pid, signal.SIGKILL)
    for _ in range(100):
        if not _runs(process):
            return
        time.sleep(0.05)
    raise AssertionError("it goes on alone")


def test_who_is_heard_follows_the_room() -> None:
    state = {"layout": "teach", "classrooms": {"1": {"air": False}, "2": {"air": True}, "3": {"air": False}}}
    assert heard(state, [1]) == {"c1", "c2"}
    assert heard(state, [], lead=8) == {"p8", "c2"}
    assert heard({**state, "layout": "discuss"}, [1]) == {"c1", "c2", "c3"}
    state["classrooms"]["2"]["muted"] = True  # type: ignore[index]
    assert heard(state, [1]) == {"c1"}


def test_turn_passwords_are_those_of_coturn() -> None:
    settings = Settings(turn_url="turn:a.example.cn, turns:a.example.cn:443", turn_secret="north")
    [server] = ice_servers(settings, "c7")
    expires, name = server["username"].split(":")
    assert name == "c7"
    assert 3600 < int(expires) - time.time() <= 12 * 3600
    assert server["urls"] == ["turn:a.example.cn", "turns:a.example.cn:443"]
    digest = hmac.new(b"north", server["username"].encode(), hashlib.sha1).digest()
    assert base64.b64decode(server["credential"]) == digest
    assert ice_servers(Settings(), "c7") == []


def test_a_room_may_ask_for_camera_and_microphone() -> None:
    assert "camera=(self), microphone=(self)" in with_devices(Response()).headers["Permissions-Policy"]


def _listens_at(process: int) -> set[str]:
    """The addresses at which a process takes TCP connections."""
    sockets = {os.readlink(file) for file in Path(f"/proc/{process}/fd").iterdir() if file.is_symlink()}
    found = set()
    for family, table in ((socket.AF_INET, "tcp"), (socket.AF_INET6, "tcp6")):
        for line in Path(f"/proc/{process}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in sockets:
                words = bytes.fromhex(fields[1].split(":")[0])
                packed = b"".join(words[at : at + 4][::-1] for at in range(0, len(words), 4))
                found.add(socket.inet_ntop(family, packed))
    return found


def _runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
