"""Server time of rights with 20 campuses, 3,000 staff and 40,000 pupils: `.venv/bin/python bench/rights.py`.

Each request runs through the whole application (sign-in, rights, SQL, templates) in one thread, without a network, on a SQLite
file; another person or class every time. `--audit 1000000` also writes so many entries of what was done (a minute and a half).
"""

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "platform"), str(ROOT / "bench")]

from county import Size, fill
from pages import browser_of, median
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app import create_app
from foundation.config import Settings
from foundation.database import db, writing
from lessons.access import may_read_plan, rights_sentence
from lessons.models import Plan, PlanState, Visibility
from schools.access import standing_of, standings_of
from schools.models import Person, PrepGroup

PLANS = 1000


def make_plans(group_id: int, size: Size, draw: random.Random) -> None:
    """Plans of random teachers, shown to whomever."""
    prep_groups = db.session.scalars(select(PrepGroup)).all()
    for number in range(PLANS):
        owner, prep_group = draw.randrange(1, size.staff + 1), draw.choice(prep_groups)
        db.session.add(
            Plan(
                code=f"county{number:04}",
                owner_id=owner,
                group_id=group_id,
                campus_id=owner % size.campuses + 1,
                prep_group_id=prep_group.id,
                subject_id=prep_group.subject_id,
                visibility=draw.choice(list(Visibility)),
                state=draw.choice(list(PlanState)),
                title=f"第{number}课",
            )
        )
    db.session.commit()


def computed(times: int, work: Callable[[int], object]) -> float:
    """Median milliseconds of the processor."""
    took = []
    for number in range(times + 3):
        began = time.thread_time()
        work(number)
        took.append((time.thread_time() - began) * 1000)
        db.session.rollback()
    return statistics.median(took[3:])


def main() -> None:
    """Make the county, ask for every page, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--audit", type=int, default=20_000)
    parser.add_argument("--requests", type=int, default=60)
    given = parser.parse_args()
    size, draw = Size(audit=given.audit), random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(data_dir=Path(folder), secret_key="bench"))
        with app.app_context(), writing():
            db.create_all()
            began = time.perf_counter()
            make_plans(fill(size), size, draw)
            made_in = time.perf_counter() - began
            admin, head = (browser_of(app, db.session.get_one(Person, number)) for number in (1, 2))
            teachers = [browser_of(app, db.session.get_one(Person, 100 + n)) for n in range(given.requests + 3)]
            seen = {
                person_id: [plan.code for plan in db.session.scalars(select(Plan)) if may_read_plan(standing, plan)]
                for person_id, standing in standings_of(range(100, 103 + given.requests)).items()
            }
            db.session.commit()
            db.session.remove()
        print(
            f"{size.campuses} campuses, {size.staff} staff, {size.pupils} pupils, {PLANS} plans, {size.audit} audit entries, "
            f"made in {made_in:.0f} s; median milliseconds of {given.requests} requests; "
            f"load of the machine {os.getloadavg()[0]:.1f}"
        )
        print("| page | processor | clock |\n| --- | ---: | ---: |")
        names = ("wang", "lxw", "张", "T012", "chen")
        for name, ask in {
            "people": lambda n: (admin, f"/manage/people?page={n % 90 + 1}"),
            "people, searched": lambda n: (admin, f"/manage/people?words={names[n % len(names)]}"),
            "people, of one campus, by the head": lambda n: (head, "/manage/people?campus=1"),
            "class with its pupils": lambda n: (admin, f"/manage/classes/{n % 900 + 1}"),
            "why somebody reads a plan": lambda n: (
                teachers[n],
                f"/why/plan/{seen[100 + n][n % len(seen[100 + n])]}?person={101 + n}",
            ),
            "why a campus": lambda n: (admin, f"/why/campus/{n % 20 + 1}?person={2 + n}"),
            "what was done, of the group": lambda n: (admin, "/manage/audit"),
            "what was done, of one campus": lambda n: (head, "/manage/audit"),
            "what was done, by somebody": lambda n: (admin, "/manage/audit?who=王伟"),
            "what was done, of one kind": lambda n: (admin, "/manage/audit?action=grant_ended"),
        }.items():
            processor, clock = median(given.requests, ask)
            print(f"| {name} | {processor:.1f} | {clock:.1f} |")
        print("\n| asked | processor |\n| --- | ---: |")
        with app.test_request_context():
            plans = db.session.scalars(select(Plan).options(selectinload(Plan.writers))).all()
            db.session.expunge_all()
            codes = [plan.code for plan in plans]

            def sentence(n: int) -> str:
                return rights_sentence(db.session.scalars(select(Plan).where(Plan.code == codes[n])).one())

            standings = [standing_of(db.session.get_one(Person, 100 + n)) for n in range(30)]

            def check(n: int) -> int:
                standing = standings[n % len(standings)]
                return sum(may_read_plan(standing, plan) for plan in plans)

            everyone = list(range(100, 400))
            print(f"| the sentence of a plan | {computed(given.requests, sentence):.1f} |")
            print(f"| policy of {PLANS} plans in memory | {computed(30, check):.1f} |")
            print(f"| standing of one | {computed(30, lambda n: standings_of([100 + n])):.1f} |")
            print(f"| standings of 300 | {computed(30, lambda n: standings_of(everyone)):.1f} |")


if __name__ == "__main__":
    main()
