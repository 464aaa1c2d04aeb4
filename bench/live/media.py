"""Sound and pictures: the first picture after 进入课堂, and what a classroom costs: `.venv/bin/python bench/live/media.py`.

Real Chromium, cameras of 640×360 at 15 pictures a second, all browsers, the server and Janus on this machine. A classroom enters a room in which
the others are: from the call that the button makes until a picture of the lead is on its screen. The page and its socket are there before.

The places of the pictures are those of the product while a lesson is taught (讲授), on screens of 1920×1080: the lead sees every classroom in a strip, a
classroom the lead beside the slides. `mesh4full` and the like give everybody a full picture of everybody, which is more than any layout asks for.
The pages have one Chromium, that is each a process of its own for its pictures and sound, and one for all that draws and one for the line.
"""

import argparse
import contextlib
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "platform")]

from playwright.sync_api import Browser, Page, sync_playwright

from live.models import MediaKind
from tests.browser.media_stand import Stand, fake_devices

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
STRIP, BESIDE = 220, 278
SEEN = "ends => ends.every((end) => document.getElementById(`${end}-main`)?.videoWidth > 0)"
TICKS = os.sysconf("SC_CLK_TCK")


def used(process: int) -> float:
    """Seconds of the processor that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def used_by_browsers() -> float:
    """The same of everything that our Chromium runs."""
    parents, names = {}, {}
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            names[int(folder.name)] = (folder / "comm").read_text().strip()
    seconds = 0.0
    for process, name in names.items():
        with contextlib.suppress(OSError):
            seconds += used(process) if name == "chromium" and is_ours(process, parents) else 0
    return seconds


def is_ours(process: int, parents: dict[int, int]) -> bool:
    """Whether we have started a process, or one that has started it."""
    while process in parents and process != os.getpid():
        process = parents[process]
    return process == os.getpid()


def enter(page: Page) -> float:
    """Milliseconds until the lead's picture is on the screen of a classroom that enters."""
    page.evaluate("enter()")
    page.wait_for_function("told.frames['c1-main'] !== undefined")
    first: float = page.evaluate("told.frames['c1-main']")
    return first


def places(number: int, ends: int) -> str:
    """How wide the places of the classrooms' pictures are on the screen of one, in pixels."""
    widths = {other: STRIP if number == 1 else BESIDE if other == 1 else 0 for other in range(1, ends + 1)}
    return ",".join(f"c{other}:{width}" for other, width in widths.items())


def settle(pages: list[Page], full: bool) -> None:
    """Wait until everybody sees whom there is a place for, and all lines stand."""
    ends = range(1, len(pages) + 1)
    for number, page in zip(ends, pages, strict=True):
        seen = [f"c{end}" for end in ends if end != number and (full or number == 1 or end == 1)]
        page.wait_for_function(SEEN, arg=seen)
    time.sleep(3)


def measure(stand: Stand, browser: Browser, kind: MediaKind, ends: int, full: bool, times: int, seconds: float) -> str:
    """One line of figures."""
    room = f"{kind}{ends}{full}"
    stand.open(room, kind, ends)

    def page_of(number: int) -> Page:
        return stand.page(browser, room, number, places="" if full else places(number, ends))

    pages = [page_of(number) for number in range(1, ends + 1)]
    for page in pages:
        page.evaluate("enter()")
    settle(pages, full)
    janus = stand.media.janus_server.process_id if kind is MediaKind.JANUS else None
    before, janus_before, began = used_by_browsers(), used(janus) if janus else 0.0, time.perf_counter()
    time.sleep(seconds)
    took = time.perf_counter() - began
    browsers = (used_by_browsers() - before) / took / ends
    server = (used(janus) - janus_before) / took / ends if janus else 0.0
    firsts = []
    for _ in range(times):
        pages[-1].context.close()
        pages[0].wait_for_function("end => !document.getElementById(`${end}-main`)", arg=f"c{ends}")
        pages[-1] = page_of(ends)
        firsts.append(enter(pages[-1]))
        settle(pages, full)
    for page in pages:
        page.context.close()
    return (
        f"| {kind} | {ends} | {'all full' if full else '讲授'} | {statistics.median(firsts):.0f} | {max(firsts):.0f} "
        f"| {browsers:.2f} | {100 * server:.1f} | {os.getloadavg()[0]:.1f} |"
    )


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=7, help="how often a classroom enters")
    parser.add_argument("--seconds", type=float, default=8, help="how long the processor is watched")
    parser.add_argument("--ways", default="mesh2,mesh4,mesh4full,janus2,janus4,janus6")
    given = parser.parse_args()
    print(
        "| way | classrooms | pictures | first picture, ms: median | worst | cores per classroom (browser) | % of a core per classroom (Janus) | load |"
    )
    print("| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        stand = Stand(Path(folder)).start()
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=[*FLAGS, *fake_devices(15)])
        for way in given.ways.split(","):
            full = way.endswith("full")
            kind, ends = way[:5].rstrip("0123456789"), int("".join(filter(str.isdigit, way)))
            print(measure(stand, browser, MediaKind(kind), ends, full, given.times, given.seconds), flush=True)
        browser.close()
        stand.stop()


if __name__ == "__main__":
    main()
