"""How soon a change is found, end to end: `.venv/bin/python bench/search_changes.py FOLDER [--office FILE] [--times 20] [--busy 5]`.

FOLDER is a data folder filled as `bench/search_http.py` says; it is copied, only its index is made anew where this version cannot read it.
Web and worker run as people run them. One person renames resources of theirs, takes them back and shares them with the group again,
over HTTP; somebody of another campus asks `/api/v1/search` again and again. The clock runs from the answer to the change until the search
knows it. Then the same while the worker has long work: previews of an Office file and checks of the index, all resources of a campus
with another name, the whole index made anew.
"""

import argparse
import os
import re
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "platform")]

import requests
from flask import Flask
from sqlalchemy import func, select

from app import create_app
from foundation.config import Settings
from foundation.database import db, writing
from library.models import PreviewState, Resource, ResourceVersion
from library.storage import the_store
from library.storage.base import new_key
from schools.models import Campus, Person, Posting, Role, RoleGrant, Visibility
from search import indexing
from search.models import SearchOutbox
from search.service import the_index
from tests.factories import LONG_AGO
from tests.sites import Site

LONGEST_WAIT = 120
PREVIEWS = 8


class Browser:
    """Somebody who has signed in."""

    def __init__(self, address: str, login: str, password: str) -> None:
        self._address = address
        self._session = requests.Session()
        self._token = _token(self._session.get(f"{address}/sign-in", timeout=60).text)
        self.post("/sign-in", login=login, password=password)
        page = self._session.get(f"{address}/search", timeout=60)
        if not page.url.endswith("/search"):
            sys.exit(f"{login} cannot sign in")
        self._token = _token(page.text)

    def post(self, way: str, **sent: str) -> None:
        """Send a form."""
        answer = self._session.post(
            self._address + way,
            data={"csrf_token": self._token, **sent},
            headers={"Referer": self._address},
            allow_redirects=False,
            timeout=60,
        )
        if answer.status_code not in (302, 303):
            sys.exit(f"{way}: {answer.status_code}")

    def finds(self, words: str, code: str) -> bool:
        """Whether a resource is found."""
        answer = self._session.get(f"{self._address}/api/v1/search", params={"q": words}, timeout=60)
        return any(hit["code"] == code for hit in answer.json()["hits"])


def _token(page: str) -> str:
    return re.search(r'name="csrf-token" content="([^"]+)"', page)[1]  # type: ignore[index]


def until(true: Callable[[], bool]) -> float:
    """Seconds until something is so."""
    began = time.perf_counter()
    while not true():
        if time.perf_counter() - began > LONGEST_WAIT:
            sys.exit("the search does not hear of it")
        time.sleep(0.02)
    return time.perf_counter() - began


def change(owner: Browser, colleague: Browser, code: str) -> tuple[float, float, float]:
    """Seconds until the colleague's search knows that a resource was renamed, taken back, shared."""
    word = f"zq{secrets.token_hex(5)}"
    owner.post(f"/resources/{code}/edit", title=word, save="1")
    renamed = until(lambda: colleague.finds(word, code))
    owner.post(f"/resources/{code}/withdraw")
    taken_back = until(lambda: not colleague.finds(word, code))
    owner.post(f"/resources/{code}/share", visibility="group")
    return renamed, taken_back, until(lambda: colleague.finds(word, code))


def tell(changes: list[tuple[float, float, float]]) -> None:
    """Medians and worst."""
    for what, seconds in zip(("renamed", "taken back", "shared"), zip(*changes, strict=True), strict=True):
        worst = max(seconds)
        print(
            f"  {what:10}  median {statistics.median(seconds):.2f} s, worst {worst:.2f} s "
            f"(number {seconds.index(worst) + 1} of {len(seconds)})",
            flush=True,
        )


def choose(most: int) -> tuple[str, str, list[str]]:
    """An owner, who may say yes herself, somebody of another campus, and resources of the owner."""
    shown = (Resource.visibility == Visibility.GROUP) & Resource.removed_at.is_(None)
    owner_id = db.session.scalars(
        select(Resource.owner_id).where(shown).group_by(Resource.owner_id).order_by(func.count().desc())
    ).first()
    owner = db.session.get_one(Person, owner_id)
    resources = db.session.scalars(select(Resource).where(shown, Resource.owner_id == owner.id).limit(most)).all()
    campus_id = owner.postings[0].campus_id
    colleague = db.session.scalars(
        select(Person).join(Posting, Posting.person_id == Person.id).where(Posting.campus_id != campus_id)
    ).first()
    owner.grants.append(RoleGrant(role=Role.ACADEMIC_OFFICE, group_id=resources[0].group_id, from_day=LONG_AGO))
    db.session.commit()
    assert colleague
    return owner.staff_number or "", colleague.staff_number or "", [resource.code for resource in resources]


@contextmanager
def nothing_else() -> Iterator[Callable[[], str]]:
    """The worker has nothing else to do."""
    yield lambda: ""


@contextmanager
def previews_and_checks(site: Site, office: Path) -> Iterator[Callable[[], str]]:
    """The worker makes previews of an Office file, and the index is compared with the database."""
    db.session.rollback()
    with writing():
        last = select(ResourceVersion).order_by(ResourceVersion.id.desc()).limit(PREVIEWS)
        for version in db.session.scalars(last).all():
            version.key, version.name, version.preview = new_key(office.suffix), office.name, PreviewState.WAITING
            with office.open("rb") as file:
                the_store().put(version.key, file)
        db.session.commit()
    checking = _command(site, "search", "check")

    def still() -> str:
        db.session.rollback()
        states = (PreviewState.WAITING, PreviewState.WORKING)
        left = select(func.count()).where(ResourceVersion.preview.in_(states))
        return f"{db.session.scalar(left)} of {PREVIEWS} previews left, check {_state(checking)}"

    yield still
    checking.wait()


@contextmanager
def campus_renamed() -> Iterator[Callable[[], str]]:
    """All resources of a campus are made anew."""
    db.session.rollback()
    with writing():
        campus = db.session.scalars(select(Campus).order_by(Campus.id).limit(1)).one()
        campus.short_name = f"试验{secrets.token_hex(2)}"
        db.session.commit()

    def still() -> str:
        db.session.rollback()
        left = db.session.scalar(select(func.count()).where(SearchOutbox.kind == "campus"))
        return "still at it" if left else "done"

    yield still
    until_quiet()


@contextmanager
def all_made_anew(site: Site) -> Iterator[Callable[[], str]]:
    """The index is made anew by the command."""
    making = _command(site, "search", "rebuild")
    yield lambda: _state(making)
    making.terminate()
    making.wait()


def _command(site: Site, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", str(ROOT / "app.py"), *arguments],
        cwd=site.data_dir.parent,
        env={**os.environ, "DATA_DIR": str(site.data_dir), "LANG": "C.UTF-8"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _state(process: subprocess.Popen[bytes]) -> str:
    return "still at it" if process.poll() is None else "done"


def until_quiet() -> None:
    """Wait until the worker has done everything."""
    began = time.monotonic()
    while indexing.waiting():
        if time.monotonic() - began > 10 * LONGEST_WAIT:
            sys.exit("the worker does not come to an end")
        db.session.rollback()
        time.sleep(0.5)


def app_of(folder: Path) -> Flask:
    """The application on a data folder."""
    return create_app(Settings(data_dir=folder))


def main() -> None:
    """Measure each situation and print medians and worst."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--office", type=Path, help="whose previews the worker makes meanwhile")
    parser.add_argument("--password", default="yiqibeike")
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--busy", type=int, default=5, help="the same while there is long work")
    given = parser.parse_args()
    with app_of(given.folder).app_context():
        if not the_index().index.usable():
            print(f"index made anew: {indexing.rebuild()} documents", flush=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:  # programs of a preview end a little later
        site = Site(Path(name))
        shutil.copytree(given.folder, site.data_dir, symlinks=True)
        with app_of(site.data_dir).app_context():
            login, other, codes = choose(given.times)
            site.start()
            try:
                owner = Browser(site.address, login, given.password)
                colleague = Browser(site.address, other, given.password)
                until_quiet()
                print(f"the very first after the start: {change(owner, colleague, codes[0])[0]:.2f} s", flush=True)
                situations = {"nothing else": nothing_else()}
                if given.office:
                    situations["previews and checks"] = previews_and_checks(site, given.office)
                situations |= {"a campus renamed": campus_renamed(), "all made anew": all_made_anew(site)}
                for told, situation in situations.items():
                    with situation as still:
                        began = "" if told == "nothing else" else f" ({still()})"
                        chosen = codes[: given.busy if began else given.times]
                        changes = [change(owner, colleague, code) for code in chosen]
                        print(f"\n{told}{began}, load {os.getloadavg()[0]:.1f}; in the end {still() or 'the same'}")
                        tell(changes)
            finally:
                site.stop()


if __name__ == "__main__":
    main()
