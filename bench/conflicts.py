"""How long a conflict check takes: `.venv/bin/python bench/conflicts.py [--drafts 200] [--database URL]`.

A new session of three classrooms against 50,400 lessons of the week and 5,000 sessions, every time out of the database, each time another
class, teacher, room and day. Without `--database` a SQLite file; with one, an empty PostgreSQL database, which is filled. The
whole check is timed: queries, comparing, the nearest free time, sentences.
"""

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "platform"), str(ROOT / "bench")]

from scheduled import COUNTY, FIRST, class_of, fill_timetables, room_of, staff_of

from app import create_app
from foundation.config import Settings
from foundation.database import Base, db, writing
from live.scheduling.conflicts import Draft, DraftClassroom, conflicts_of


def draft_of(draw: random.Random) -> Draft:
    """A session of three campuses somewhere in the term."""
    campuses = draw.sample(range(1, COUNTY.campuses + 1), 3)
    day = FIRST + timedelta(weeks=draw.randrange(18), days=draw.randrange(5))
    starts = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=draw.randrange(1, 8) * 50 - 30)
    ends = tuple(
        DraftClassroom(
            campus,
            class_of(campus, draw.randrange(45)),
            room_of(campus, draw.randrange(48)),
            draw.choice(staff_of(campus)),
        )
        for campus in campuses
    )
    return Draft(day, starts, starts + timedelta(minutes=40), draw.choice(staff_of(campuses[0])), ends, (), 2)


def main() -> None:
    """Print median and 95th percentile."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--drafts", type=int, default=200)
    parser.add_argument("--database", default="")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        address = given.database or f"sqlite:///{folder}/bench.sqlite3"
        app = create_app(Settings(data_dir=Path(folder), database_url=address, secret_key="bench"))
        with app.app_context(), app.test_request_context():
            Base.metadata.create_all(db.engine)
            with writing():
                fill_timetables()
            draw = random.Random(11)
            wall, computing, found = [], [], 0
            for number in range(given.drafts + 5):
                draft = draft_of(draw)
                db.session.rollback()
                db.session.expunge_all()
                began, worked = time.perf_counter(), time.process_time()
                found += len(conflicts_of(draft))
                if number >= 5:
                    wall.append((time.perf_counter() - began) * 1000)
                    computing.append((time.process_time() - worked) * 1000)
    for name, times in (("by the clock", wall), ("of this process' processor", computing)):
        times.sort()
        late = times[int(len(times) * 0.95)]
        print(f"{statistics.median(times):.1f} ms median, {late:.1f} ms p95 {name}")
    print(f"{found} conflicts in {given.drafts + 5} drafts, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
