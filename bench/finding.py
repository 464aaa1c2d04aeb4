"""How long the slot finder takes: `.venv/bin/python bench/finding.py [--classes 200] [--weeks 20] [--rounds 7]`.

One main class and so many others to choose from at other campuses, over so many weeks, out of the database of `scheduled.py`, which has 50,400 lessons of the
week and 5,000 sessions. Timed are loading, looking, and putting ten proposals into words; what was imported is kept out of the garbage collector's rounds, as the
web process does it. The calls of functions in one search are counted besides: they are the same on a busy machine. `--database` as for `conflicts.py`.
"""

import argparse
import cProfile
import gc
import os
import pstats
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "platform"), str(ROOT / "bench")]

from scheduled import CLASSES_OF_A_CAMPUS, COUNTY, FIRST, class_of, fill_timetables

from app import create_app
from foundation.config import Settings
from foundation.database import Base, db, writing
from live.scheduling.finding import Wanted, find
from live.scheduling.finding_form import Search, teachers_of
from live.scheduling.proposing import proposals_of

MATHEMATICS = 2


def search_for(classes: int, weeks: int, lead: int) -> Search:
    """Mathematics for a class of campus 1 and one class of each campus that so many classes make."""
    campuses = [campus for campus in range(2, COUNTY.campuses + 1) if (campus - 2) * 7 < classes]
    each = -(-classes // len(campuses))
    ends = tuple(tuple(class_of(campus, number % CLASSES_OF_A_CAMPUS) for number in range(each)) for campus in campuses)
    lead_class = class_of(1, lead)
    teachers = teachers_of({lead_class, *(id for end in ends for id in end)}, MATHEMATICS, FIRST)
    until = FIRST + timedelta(weeks=weeks)
    wanted = Wanted(MATHEMATICS, teachers[lead_class], lead_class, ends, FIRST, until)
    return Search(wanted, teachers, frozenset({1, *campuses}), None)


def searched(classes: int, weeks: int, lead: int) -> int:
    """Search once out of the database, as a page does; how many times were found."""
    db.session.rollback()
    db.session.expunge_all()
    search = search_for(classes, weeks, lead)
    world = search.world()
    answer = find(world, search.wanted, search.teachers)
    proposals_of(world, search.wanted, answer.slots[:10])
    return len(answer.slots)


def main() -> None:
    """Print the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--classes", type=int, default=200)
    parser.add_argument("--weeks", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--database", default="")
    parser.add_argument("--filled", action="store_true", help="the database is filled already")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        address = given.database or f"sqlite:///{folder}/bench.sqlite3"
        app = create_app(Settings(data_dir=Path(folder), database_url=address, secret_key="bench"))
        with app.app_context(), app.test_request_context():
            if not given.filled:
                Base.metadata.create_all(db.engine)
                with writing():
                    fill_timetables()
            gc.collect()
            gc.freeze()
            wall, computing, found = [], [], 0
            for number in range(given.rounds + 1):
                began, worked = time.perf_counter(), time.process_time()
                found += searched(given.classes, given.weeks, number)
                if number:
                    wall.append((time.perf_counter() - began) * 1000)
                    computing.append((time.process_time() - worked) * 1000)
            profile = cProfile.Profile()
            profile.runcall(searched, given.classes, given.weeks, 1)
    print(
        f"{statistics.median(wall):.0f} ms by the clock, {statistics.median(computing):.0f} ms of the processor, medians"
    )
    print(f"{pstats.Stats(profile).total_calls} calls of functions in one search")
    print(f"{found} times found in {given.rounds + 1} searches, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
