"""Time until the writing page can be written in, in Chromium: `.venv/bin/python bench/open_plan.py`.

A real server process with the demo, a plan of the demo, each time in a fresh browser context (empty cache, empty local copy).
Interactive: the text of the plan stands in an editor that takes the keyboard. Also: what the page loads, compressed.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
EDITOR = "#write [contenteditable=true]"


def open_once(
    browser: Browser, address: str, plan: str, state: dict[str, object]
) -> tuple[float, float, dict[str, int]]:
    """Milliseconds until an editor can be written in, until the words typed stand in it, and bytes loaded by kind of file."""
    context = browser.new_context(storage_state=state)  # type: ignore[arg-type]
    page = context.new_page()
    loaded: dict[str, int] = {}

    def count(response: object) -> None:
        kind = response.request.resource_type
        size = response.headers.get("content-length")
        loaded[kind] = loaded.get(kind, 0) + int(size or 0)

    page.on("response", count)
    start = time.perf_counter()
    page.goto(address + plan, wait_until="commit")
    page.wait_for_selector(EDITOR)
    ready = (time.perf_counter() - start) * 1000
    page.locator(EDITOR).first.click()
    page.keyboard.type("x")
    page.wait_for_function("selector => document.querySelector(selector).textContent.includes('x')", arg=EDITOR)
    typed = (time.perf_counter() - start) * 1000
    context.close()
    return ready, typed, loaded


def main() -> None:
    """Start the demo, sign in, open a plan again and again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=7)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        environment = {
            **os.environ,
            "DATA_DIR": folder,
            "DATABASE_URL": "",
            "DEMO": "1",
            "PORT": "0",
            "HOST": "127.0.0.1",
        }
        server = subprocess.Popen(
            [sys.executable, str(ROOT / "app.py")],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            said = ""
            while "http://" not in said:
                said += server.stdout.readline() if server.stdout else ""
            address = re.search(r"http://[\d.:]+", said)
            password = re.search(r"(?:密码都是：|password )\s*(\S+)", said)
            assert address, said
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
            context = browser.new_context()
            page = context.new_page()
            page.goto(f"{address[0]}/sign-in")
            page.fill("[name=login]", "2009")
            page.fill("[type=password]", password[1] if password else "yiqibeike")
            page.press("[type=password]", "Enter")
            page.wait_for_url(lambda url: "sign-in" not in url)
            page.goto(f"{address[0]}/plans")
            plan = page.get_attribute("a.line-title", "href")
            state = context.storage_state()
            context.close()
            runs = [open_once(browser, address[0], f"{plan}/write", state) for _ in range(given.times + 1)][1:]
            print(f"load of the machine {os.getloadavg()[0]:.1f}; {given.times} times, fresh browser context each")
            print(f"an editor can be written in: median {statistics.median(run[0] for run in runs):.0f} ms")
            print(f"a letter typed stands in it: median {statistics.median(run[1] for run in runs):.0f} ms")
            for kind, size in sorted(runs[-1][2].items()):
                print(f"{kind}: {size / 1024:.0f} KiB")
            browser.close()
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
