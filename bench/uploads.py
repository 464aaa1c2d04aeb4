"""How fast and how safely a large file arrives: `.venv/bin/python bench/uploads.py [--megabytes 500] [--stores local s3]`.

A real site, a real S3 server (`rclone serve s3`), parts sent three at a time as the browser does. On the way the tab is closed twice (what was
in flight is lost, and the upload begun anew) and the server killed once; the time until web and worker are back is not counted.
What arrived has to have the same sha256. Beside it, in the same run: a plain copy with fsync and `rclone copy` to the same kind of place.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parents[1] / "platform")]

import requests

from app import create_app
from foundation.config import Settings
from foundation.database import db
from library.models import ResourceVersion
from library.storage import the_store
from schools.models import Person
from tests.factories import PASSWORD, make_person
from tests.sites import Site
from tests.stores import KEY, SECRET, free_port, rclone, serving_s3

AT_ONCE = 3
STOPS = (0.25, 0.5, 0.75)
"""After which shares of the file something happens: the tab is closed, the server killed, the tab closed again."""


class Browser:
    """Sends a file as the script of the pages does, and can be closed in the middle."""

    def __init__(self, address: str, person: Person) -> None:
        self.address = address
        self._session = requests.Session()
        page = self._session.get(f"{address}/sign-in", timeout=60).text
        sent = {"csrf_token": _token(page), "login": person.staff_number, "password": PASSWORD}
        self._session.post(f"{address}/sign-in", data=sent, timeout=60).raise_for_status()
        self._token = _token(self._session.get(f"{address}/resources/upload", timeout=60).text)

    def ask(self, way: str, body: object | None = None) -> Any:
        """What the server says."""
        address = f"{self.address}/resources/uploads{way}"
        headers = {"Accept": "application/json", "X-CSRFToken": self._token, "Referer": self.address}
        answer = (
            self._session.get(address, headers=headers, timeout=300)
            if body is None
            else self._session.post(address, json=body, headers=headers, timeout=300)
        )
        answer.raise_for_status()
        return answer.json()

    def send(self, file: Path, until: float) -> str:
        """Begin or go on, and stop at that share of the file; the upload's code."""
        size = file.stat().st_size
        begun = self.ask("", {"name": file.name, "size": size, "fingerprint": f"{size}-{file.name}"})
        part, have = begun["part_bytes"], set(begun["have"])
        numbers = [number for number in range(1, -(-size // part) + 1) if number not in have]
        numbers = numbers[: max(0, round(until * -(-size // part)) - len(have))]
        links = {}
        for start in range(0, len(numbers), 50):
            some = ",".join(map(str, numbers[start : start + 50]))
            links |= self.ask(f"/{begun['code']}/links?parts={some}")["links"]
        with ThreadPoolExecutor(AT_ONCE) as threads:
            list(threads.map(lambda number: self._put(file, links[str(number)], number, part), numbers))
        return str(begun["code"])

    def _put(self, file: Path, link: str, number: int, part: int) -> None:
        with file.open("rb") as opened:
            opened.seek((number - 1) * part)
            body = opened.read(part)
        address = link if link.startswith("http") else self.address + link
        requests.put(address, data=body, timeout=300).raise_for_status()

    def finish(self, code: str, sha256: str) -> None:
        """Wait until the file is there."""
        while (answer := self.ask(f"/{code}/finish", {"sha256": sha256}))["state"] == "checking":
            time.sleep(0.2)
        if answer["state"] != "done":
            raise RuntimeError(answer["reason"])


def _until_worker(site: Site, since: float) -> None:
    """Wait until the worker of a site that was started again is there: it comes after the first pages."""
    beat = site.data_dir / "worker.heartbeat"
    while not beat.exists() or beat.stat().st_mtime < since:
        time.sleep(0.05)


def _token(page: str) -> str:
    return page.split('name="csrf-token" content="')[1].split('"')[0]


class Memory:
    """The memory of a process tree, looked at ten times a second: at the beginning and at most."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.first = self.most = 0
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while True:
            with suppress(AssertionError):  # killed a moment ago
                now = _resident(self._site.pid)
                self.first = self.first or now
                self.most = max(self.most, now)
            time.sleep(0.1)


def _resident(pid: int) -> int:
    """MiB of a process and of those that it has begun."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") // 2**20 + sum(_resident(int(child)) for child in children)


@contextmanager
def _place(store: str, folder: Path) -> Iterator[dict[str, str]]:
    if store == "local":
        yield {}
        return
    with serving_s3(folder / "s3", free_port()) as endpoint:
        yield {
            "STORAGE_BUCKET": "tongke",
            "STORAGE_ENDPOINT": endpoint,
            "STORAGE_KEY": KEY,
            "STORAGE_SECRET": SECRET,
        }


def _copies(store: str, file: Path, folder: Path, place: dict[str, str]) -> dict[str, float]:
    """Seconds that others need to bring the same file to such a place."""
    began = time.perf_counter()
    copy = folder / "copy"
    with file.open("rb") as source, copy.open("wb") as target:
        shutil.copyfileobj(source, target, 1 << 20)
        target.flush()
        os.fsync(target.fileno())
    took = {"plain copy, fsync": time.perf_counter() - began}
    copy.unlink()
    goal = str(folder / "rclone")
    options: list[str] = []
    if store == "s3":
        goal = ":s3:tongke/peer"
        options = ["--s3-provider", "Rclone", "--s3-endpoint", place["STORAGE_ENDPOINT"], "--s3-access-key-id", KEY]
        options += ["--s3-secret-access-key", SECRET, "--s3-chunk-size", "8M", "--s3-upload-concurrency", str(AT_ONCE)]
    began = time.perf_counter()
    subprocess.run([rclone(), "copy", *options, file, goal], check=True, capture_output=True)
    took["rclone copy"] = time.perf_counter() - began
    return took


def measure(store: str, megabytes: int, folder: Path) -> None:
    """One upload, with everything that happens to it."""
    (folder / "s3").mkdir(parents=True)
    file = folder / "课堂实录.mp4"
    with file.open("wb") as opened:
        for _ in range(megabytes):
            opened.write(os.urandom(1 << 20))
    digest = hashlib.sha256()
    with file.open("rb") as opened:
        while chunk := opened.read(1 << 20):
            digest.update(chunk)
    with ExitStack() as stack:
        place = stack.enter_context(_place(store, folder))
        site = Site(folder, **place)
        if place:
            site.flask("storage", "set-up", "http://127.0.0.1")
        site.start()
        stack.callback(site.stop)
        app = create_app(Settings(data_dir=site.data_dir, **{name.lower(): value for name, value in place.items()}))
        with app.app_context():
            person = make_person(password=PASSWORD)
            memory = Memory(site)
            browser = Browser(site.address, person)
            began = time.perf_counter()
            browser.send(file, STOPS[0])
            browser = Browser(site.address, person)  # the tab was closed, and is open again
            browser.send(file, STOPS[1])
            stopped = time.perf_counter()
            site.kill()
            killed = time.time()
            site.start()
            _until_worker(site, killed)
            browser = Browser(site.address, person)
            down = time.perf_counter() - stopped
            browser.send(file, STOPS[2])
            browser = Browser(site.address, person)
            code = browser.send(file, 1)
            sent = time.perf_counter() - began - down
            browser.finish(code, digest.hexdigest())
            took = time.perf_counter() - began - down
            db.session.rollback()
            version = db.session.query(ResourceVersion).one()
            arrived = hashlib.sha256()
            with the_store().open(version.key) as there:
                while chunk := there.read(1 << 20):
                    arrived.update(chunk)
            same = "the same" if arrived.hexdigest() == digest.hexdigest() else "ANOTHER"
        others = _copies(store, file, folder, place)
    print(f"\n{store}: {megabytes} MiB, {same} sha256, load {os.getloadavg()[0]:.1f}")
    print(f"  parts sent          {sent:6.1f} s  {megabytes / sent:6.0f} MiB/s")
    print(f"  whole, checked      {took:6.1f} s  {megabytes / took:6.0f} MiB/s")
    for name, seconds in others.items():
        print(f"  {name:18}  {seconds:6.1f} s  {megabytes / seconds:6.0f} MiB/s")
    print(f"  memory of web and worker: {memory.first} MiB at first, {memory.most} MiB at most")


def main() -> None:
    """Measure each store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=500)
    parser.add_argument("--stores", nargs="+", default=["local", "s3"])
    given = parser.parse_args()
    for store in given.stores:
        with tempfile.TemporaryDirectory() as folder:
            measure(store, given.megabytes, Path(folder))


if __name__ == "__main__":
    main()
