"""`kill -9` of the worker while it indexes, many times over: the index opens, nothing is missing, nothing withdrawn comes back.

    python bench/search_kill.py [--times 20]

Each time some plans are changed, some withdrawn and some added; a worker is started and killed at another moment of its work,
and a second one finishes. Then what a colleague finds is compared with what the pages would show.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
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


def begin_worker() -> int:
    """A process that empties the outbox and ends; its number. A copy of this one, so that it is at work at once."""
    db.session.remove()
    db.engine.dispose()
    number = os.fork()
    if number:
        return number
    while indexing.drain():
        pass
    os._exit(0)


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
    parser.add_argument("--longest", type=float, default=0.6, help="seconds that a worker may live")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with create_app(Settings(data_dir=folder, secret_key="bench")).app_context():
            Base.metadata.create_all(db.engine)
            group = make_group()
            owner, colleague = make_person(make_campus(group)), make_person(make_campus(group))
            for number in range(PLANS):
                make_plan(owner, title=f"鹦鹉 {number}", visibility=Visibility.GROUP)
            indexing.rebuild()
            owner_id, standing = owner.id, standing_of(colleague)
            unusable = differing = cut_short = 0
            for turn in range(given.times):
                change(turn, owner_id)
                worker = begin_worker()
                time.sleep(random.uniform(0, given.longest))
                os.kill(worker, signal.SIGKILL)
                cut_short += os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]) != 0
                unusable += not WhooshIndex(folder / "search").usable()
                the_index().index = WhooshIndex(folder / "search")
                while indexing.drain():
                    pass
                differing += differences(standing, folder) > 0
                db.session.rollback()
            print(
                f"killed {given.times} times, {cut_short} of them at work: {unusable} unusable, {differing} differing"
            )


if __name__ == "__main__":
    main()
