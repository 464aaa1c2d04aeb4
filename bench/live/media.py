"""Sound and pictures: the first picture after 进入课堂, and what a classroom costs: `.venv/bin/python bench/live/media.py`.

Real Chromium, cameras of 640×360 at 15 pictures a second, all browsers, the server and Janus on this machine. A classroom enters a room in which
the others are: from the call that the button makes until a picture of the lead is on its screen. The page and its socket are there before.
"""

import argparse
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
TICKS = os.sysconf("SC_CLK_TCK")


def used(process: int) -> float:
    """Seconds of the processor that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def used_by_browsers() -> float:
    """The same of everything that Chromium runs."""
    seconds = 0.0
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and b"chromium" in (folder / "cmdline").read_bytes().split(b"\0")[0]:
                seconds += used(int(folder.name))
        except OSError:
            continue
    return seconds


def enter(page: Page) -> float:
    """Milliseconds until the lead's picture is on the screen of a classroom that enters."""
    page.evaluate("enter()")
    page.wait_for_function("told.frames['c1-main'] !== undefined")
    first: float = page.evaluate("told.frames['c1-main']")
    return first


def all_are_seen(pages: list[Page]) -> None:
    """Wait until everybody sees everybody."""
    for page in pages:
        page.wait_for_function("count => media.streams.size === count", arg=len(pages) - 1)


def measure(stand: Stand, browser: Browser, kind: MediaKind, ends: int, times: int, seconds: float) -> str:
    """One line of figures."""
    room = f"{kind}{ends}"
    stand.open(room, kind, ends)
    pages = [stand.page(browser, room, number) for number in range(1, ends + 1)]
    for page in pages:
        page.evaluate("enter()")
    all_are_seen(pages)
    time.sleep(3)
    janus = stand.media.janus_server.process_id if kind is MediaKind.JANUS else None
    before, janus_before, began = used_by_browsers(), used(janus) if janus else 0.0, time.perf_counter()
    time.sleep(seconds)
    took = time.perf_counter() - began
    browsers = (used_by_browsers() - before) / took / ends
    server = (used(janus) - janus_before) / took / ends if janus else 0.0
    firsts = []
    for _ in range(times):
        pages[-1].context.close()
        pages[0].wait_for_function("count => media.streams.size === count", arg=ends - 2)
        pages[-1] = stand.page(browser, room, ends)
        firsts.append(enter(pages[-1]))
        all_are_seen(pages)
    for page in pages:
        page.context.close()
    return (
        f"| {kind} | {ends} | {statistics.median(firsts):.0f} | {max(firsts):.0f} "
        f"| {browsers:.2f} | {100 * server:.1f} | {os.getloadavg()[0]:.1f} |"
    )


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=7, help="how often a classroom enters")
    parser.add_argument("--seconds", type=float, default=8, help="how long the processor is watched")
    parser.add_argument("--ways", default="mesh2,mesh4,janus2,janus4,janus6")
    given = parser.parse_args()
    print(
        "| way | classrooms | first picture, ms: median | worst | cores per classroom (browser) | % of a core per classroom (Janus) | load |"
    )
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        stand = Stand(Path(folder)).start()
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=[*FLAGS, *fake_devices(15)])
        for way in given.ways.split(","):
            kind, ends = way.rstrip("0123456789"), int(way.lstrip("abcdefghijklmnopqrstuvwxyz"))
            print(measure(stand, browser, MediaKind(kind), ends, given.times, given.seconds), flush=True)
        browser.close()
        stand.stop()


if __name__ == "__main__":
    main()
