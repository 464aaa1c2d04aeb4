"""`kill -9` of the worker while it indexes, many times over: the index opens, nothing is missing, nothing withdrawn comes back.

    python bench/search_kill.py [--times 20]

Each time some plans are changed, some withdrawn and some added, and `python app.py worker` is killed at another moment after it has begun to write.
The next one finishes. Then what a colleague finds is compared with what the pages would show.
"""

import argparse
import fcntl
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "platform")]

from sqlalchemy import select

from app import create_app
from foundation.config import Settings
from foundation.database import Base, db, writing
from lessons.access import readable_plans
from lessons.models import Plan
from schools.access import Standing, standing_of
from schools.models import Person, Visibility
from search import indexing
from search.index import WhooshIndex
from search.service import the_index
from tests.factories import make_campus, make_group, make_person, make_plan

PLANS = 100
KEY = "bench"
LONGEST_WAIT = 180  # seconds


def begin_worker(folder: Path) -> subprocess.Popen[bytes]:
    """The real worker, once it has done what there was to do."""
    environment = {**os.environ, "DATA_DIR": str(folder), "SECRET_KEY": KEY}
    command = [sys.executable, str(ROOT / "app.py"), "worker", "--until-stdin-ends"]
    worker = subprocess.Popen(command, stdin=subprocess.PIPE, env=environment, cwd=folder, start_new_session=True)
    until(lambda: waiting() == 0)
    return worker


def until(true: Callable[[], bool]) -> None:
    """Wait for something."""
    began = time.monotonic()
    while not true():
        if time.monotonic() - began > LONGEST_WAIT:
            sys.exit("the worker does nothing")
        time.sleep(0.002)


def waiting() -> int:
    """How many rows stand in the outbox now."""
    db.session.rollback()
    return indexing.waiting()


def is_writing(folder: Path) -> bool:
    """Whether somebody writes into the index at this moment."""
    with open(folder / "search" / "writing", "w") as turn:
        try:
            fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def change(turn: int, owner_id: int) -> None:
    """Change, withdraw and add plans."""
    with writing():
        plans = db.session.scalars(select(Plan)).all()
        for plan in random.sample(list(plans), 60):
            plan.title = f"鹦鹉 第{turn}次 {plan.id}"
            plan.visibility = random.choice([Visibility.PERSONAL, Visibility.GROUP])
        db.session.commit()
    for _ in range(3):
        make_plan(db.session.get_one(Person, owner_id), title=f"鹦鹉 新{turn}", visibility=Visibility.GROUP)


def differences(standing: Standing, folder: Path) -> int:
    """How many plans are found and should not be, or should be and are not; by an index opened afresh."""
    the_index().index = WhooshIndex(folder / "search")
    found: set[int] = set()
    page = pages = 1
    while page <= pages:
        answer = the_index().search(standing, "鹦鹉", {"kind": {"plan"}}, page=page)
        found |= {hit.id for hit in answer.hits}
        pages, page = answer.pages, page + 1
    wanted = {plan.id for plan in db.session.scalars(readable_plans(standing)) if "鹦鹉" in plan.title}
    return len(found ^ wanted)


def main() -> None:
    """Kill again and again, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument(
        "--longest", type=float, default=0.3, help="seconds after the first write that a worker may live"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with create_app(Settings(data_dir=folder, secret_key=KEY)).app_context():
            Base.metadata.create_all(db.engine)
            group = make_group()
            owner, colleague = make_person(make_campus(group)), make_person(make_campus(group))
            for number in range(PLANS):
                make_plan(owner, title=f"鹦鹉 {number}", visibility=Visibility.GROUP)
            indexing.rebuild()
            owner_id, standing = owner.id, standing_of(colleague)
            unusable = differing = cut_short = 0
            worker = begin_worker(folder)
            for turn in range(given.times):
                change(turn, owner_id)
                until(lambda: is_writing(folder) or waiting() == 0)
                time.sleep(random.uniform(0, given.longest))
                worker.kill()
                worker.wait()
                cut_short += waiting() > 0
                unusable += not WhooshIndex(folder / "search").usable()
                worker = begin_worker(folder)
                differing += differences(standing, folder) > 0
            worker.kill()
            worker.wait()
            print(
                f"killed {given.times} times, {cut_short} of them at work: {unusable} unusable, {differing} differing"
            )


if __name__ == "__main__":
    main()
