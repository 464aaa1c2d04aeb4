"""How long it takes to ask who is busy when: `.venv/bin/python bench/timetable.py [--entries 50000] [--rounds 7]`.

A group's timetable in memory, as a conflict check asks it: is a class, a teacher or a room busy between two times of a day.
"""

import argparse
import statistics
import sys
import time
from datetime import date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "platform"))

from timetable.models import Parity, PeriodKind
from timetable.teaching_days import OPEN_END, Bell, CampusDays, Clock, Entry, Span, Timetable, Whose

TERM = Span(date(2026, 9, 1), date(2027, 1, 23))
PERIODS = tuple(Clock(n, f"第{n}节", PeriodKind.LESSON, 460 + n * 50, 500 + n * 50) for n in range(1, 8))
ASKED: tuple[Whose, ...] = ("class", "person", "room")


def made(entries: int) -> Timetable:
    """A timetable of so many entries: 1,430 classes, 2,500 teachers and 1,500 rooms when there are 50,000."""
    always = Span(date(2020, 1, 1), OPEN_END)
    lessons = [
        Entry(n, n % 1430, 1, n % 5 + 1, n % 7 + 1, Parity.EVERY, 1, n % 2500, n % 1500, *always)
        for n in range(entries)
    ]
    days = CampusDays([TERM], {}, [Bell(always, False, "统一作息", PERIODS)])
    return Timetable({1: days}, lessons)


def main() -> None:
    """Print the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    loading, asking = [], []
    for _ in range(given.rounds):
        began = time.process_time()
        timetable = made(given.entries)
        loading.append(time.process_time() - began)
        began = time.process_time()
        for week in range(16):
            for id in range(9):
                timetable.clashes(ASKED[id % 3], id, date(2026, 9, 9) + timedelta(weeks=week), 600, 640)
        asking.append((time.process_time() - began) * 1000)
    print(f"{given.entries} entries put in order: {statistics.median(loading):.2f} s of the processor")
    print(
        f"144 questions over 16 weeks: {statistics.median(asking):.1f} ms of the processor (median of {given.rounds})"
    )


if __name__ == "__main__":
    main()
