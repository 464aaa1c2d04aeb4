"""One room with 500 screens, then 50 rooms with 12: `.venv/bin/python bench/live/room.py`.

A real site in a process of its own; the screens are websockets in this one. Measured: joining, how soon a change of step has reached every
screen, memory for each screen, and processor time. Beside it, in the same run and with the same screens, a bare python-socketio
server that broadcasts the same event to a Socket.IO room: without rights, log and state.
"""

import argparse
import asyncio
import multiprocessing
import statistics
import tempfile
from pathlib import Path
from typing import Any

import stage
from stage import STEPS, Lesson, Line, clock, percentile, process_figures

from tests.sites import Site

ROUNDS = 60
APART = 0.25


def serve_bare(port: Any) -> None:
    """A server that does nothing but broadcast."""
    import socket

    import socketio
    import uvicorn

    server = socketio.AsyncServer(
        async_mode="asgi", serializer="msgpack", cors_allowed_origins="*", http_compression=False
    )

    @server.on("join", namespace="/live")
    async def join(sid: str, data: Any) -> dict[str, Any]:
        await server.enter_room(sid, "all", namespace="/live")
        return {}

    @server.on("do", namespace="/live")
    async def do(sid: str, data: Any) -> dict[str, Any]:
        await server.emit(
            "events", (data["session"], [[1, 1, "step", 1, None, data["data"]]]), to="all", namespace="/live"
        )
        return {"seq": 1}

    listener = socket.create_server(("127.0.0.1", 0))
    port.send(listener.getsockname()[1])
    config = uvicorn.Config(
        socketio.ASGIApp(server), loop="uvloop", ws="websockets-sansio", ws_per_message_deflate=False, log_level="error"
    )
    uvicorn.Server(config).run(sockets=[listener])


class Arrivals:
    """When the last change of step reached each screen."""

    def __init__(self, screens: int) -> None:
        self.screens, self.since, self.took = screens, 0.0, []  # type: ignore[var-annotated]
        self.here = asyncio.Event()

    def begin(self) -> None:
        self.since, self.took = clock(), []
        self.here.clear()

    def hear(self, data: list[Any]) -> None:
        if data[0] == "events" and any(event[2] == "step" for event in data[2]):
            self.took.append(clock() - self.since)
            if len(self.took) == self.screens:
                self.here.set()


async def join(line: Line, code: str, name: str, **more: Any) -> None:
    await line.connect()
    answer = await line.call("join", {"session": code, "screen": name, **more})
    if "error" in answer:
        raise RuntimeError(answer)


async def follow(lines: list[Line], leads: list[tuple[Line, str]], pid: int) -> dict[str, float]:
    """Let each lead change the step again and again; what it took until all had it."""
    each = len(lines) // len(leads)
    took: list[float] = []
    last: list[float] = []
    arrivals = [Arrivals(each) for _ in leads]
    for number, line in enumerate(lines):
        line.heard = arrivals[number // each].hear
    before, _ = process_figures(pid)
    began = clock()
    for number in range(ROUNDS):
        asking: list[asyncio.Future[Any]] = []
        for room in arrivals:
            room.begin()
        for (lead, code), _ in zip(leads, arrivals, strict=True):
            asked = {"session": code, "kind": "step", "data": {"step": STEPS[number % 6]}, "key": f"k{number}"}
            asking.append(asyncio.ensure_future(lead.call("do", asked)))
        await asyncio.wait_for(asyncio.gather(*asking, *(room.here.wait() for room in arrivals)), 60)
        for room in arrivals:
            took += room.took
            last.append(max(room.took))
        await asyncio.sleep(APART)
    after, _ = process_figures(pid)
    return {
        "p50 ms": percentile(took, 0.5),
        "p99 ms": percentile(took, 0.99),
        "all have it, median ms": statistics.median(last),
        "CPU ms a change": (after - before) * 1000 / ROUNDS,
        "seconds": (clock() - began) / 1000,
    }


async def site_story(address: str, pid: int, lessons: list[Lesson], title: str) -> tuple[dict[str, float], list[Any]]:
    _, memory = process_figures(pid)
    leads, joins = [], []
    lines: list[Line] = []
    for lesson in lessons:
        lead = Line(address, lesson.lead)
        await join(lead, lesson.code, "lead")
        await lead.call("do", {"session": lesson.code, "kind": "open", "data": {}, "key": "open"})
        leads.append((lead, lesson.code))
        for classroom, cookie in lesson.walls:
            lines.append(Line(address, cookie))
            joins.append(join(lines[-1], lesson.code, "wall", classroom=classroom))
        for number, cookie in enumerate(lesson.observers):
            lines.append(Line(address, cookie))
            joins.append(join(lines[-1], lesson.code, f"o{number}"))
    began, (busy, _) = clock(), process_figures(pid)
    await asyncio.gather(*joins)
    joined, busy = (clock() - began) / 1000, process_figures(pid)[0] - busy
    await asyncio.sleep(2)
    _, after = process_figures(pid)
    found = await follow(lines, leads, pid)
    found["joining, s"] = joined
    found["CPU s joining"] = busy
    found["KiB a screen"] = (after - memory) * 1024 / len(lines)
    print_figures(f"{title}, {len(lessons)} × {len(lines) // len(lessons)}", found)
    return found, [*lines, *(lead for lead, _ in leads)]


async def bare_story(address: str, pid: int, screens: int) -> dict[str, float]:
    lines = [Line(address, "") for _ in range(screens)]
    lead = Line(address, "")
    await asyncio.gather(*(join(line, "bare", "x") for line in [*lines, lead]))
    found = await follow(lines, [(lead, "bare")], pid)
    print_figures(f"bare python-socketio, 1 × {screens}", found)
    return found


def print_figures(title: str, found: dict[str, float]) -> None:
    print(title)
    for name, value in found.items():
        print(f"  {name:24} {value:9.1f}")


async def main() -> None:
    """Measure both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--screens", type=int, default=500)
    parser.add_argument("--rooms", type=int, default=50)
    given = parser.parse_args()
    ours, theirs = multiprocessing.Pipe()
    bare = multiprocessing.get_context("spawn").Process(target=serve_bare, args=(theirs,), daemon=True)
    bare.start()
    assert bare.pid
    unburdened = await bare_story(f"http://127.0.0.1:{ours.recv()}", bare.pid, given.screens)
    bare.terminate()
    for lessons, classrooms, observers in ((1, 8, given.screens - 8), (given.rooms, 4, 8)):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            site = Site(Path(folder))
            site.run("migrate")
            made = stage.make_lessons(site.data_dir, lessons, classrooms, observers)
            site.start()
            try:
                found, lines = await site_story(site.address, site.pid, made, "room")
                if lessons == 1:
                    times = found["CPU ms a change"] / unburdened["CPU ms a change"]
                    print(f"  processor time of a change against the bare broadcast: {times:.2f} ×")
                for line in lines:
                    await line.cut()
            finally:
                site.kill()


if __name__ == "__main__":
    asyncio.run(main())
