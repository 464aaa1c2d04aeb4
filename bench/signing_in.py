"""Sign-ins per second against what argon2 alone allows: `.venv/bin/python bench/signing_in.py`.

Each sign-in runs through the whole application (throttling, password, second query, a new row, the commit) on a SQLite file, in as many
threads as given, without a network. In turns with it, the same threads only verify the same hash: nothing that signs people in can be quicker.
What the browsers send is put together beforehand: it is not the server's work.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from datetime import date
from pathlib import Path
from wsgiref.types import WSGIEnvironment

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "platform")]

from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

from app import create_app
from foundation.config import Settings
from foundation.database import db, writing
from schools.models import Campus, Group, GroupKind, Membership, Person, Posting
from schools.passwords import hash_password, hasher

PASSWORD = "牡丹江 42 条鱼"
SINCE = date(2024, 9, 1)


def fill(people: int) -> str:
    """A campus with `people`, all with one password; its hash."""
    password_hash = hash_password(PASSWORD)
    campus = Campus(code="c", name="校区", short_name="校区")
    campus.memberships.append(Membership(group=Group(name="集团", kind=GroupKind.EDUCATION_GROUP), from_day=SINCE))
    db.session.add_all(
        Person(
            name=f"教师{number}",
            staff_number=f"{number:05}",
            password_hash=password_hash,
            postings=[Posting(campus=campus, from_day=SINCE)],
        )
        for number in range(people)
    )
    db.session.commit()
    return password_hash


def verify(password_hash: str) -> None:
    """What nobody who signs people in gets around."""
    hasher.verify(password_hash, PASSWORD)


def measure(
    work: Callable[[WSGIEnvironment], None], sent: Sequence[WSGIEnvironment], threads: int
) -> tuple[float, float]:
    """How often a second `work` is done to what was `sent`, and the milliseconds of processor that each time takes.

    On a machine that others use too, only the second says something about the work.
    """
    with ThreadPoolExecutor(threads) as pool:
        processor, clock = time.process_time(), time.perf_counter()
        list(pool.map(work, sent))
        return len(sent) / (time.perf_counter() - clock), (time.process_time() - processor) / len(sent) * 1000


def sign_ins(times: int, people: int) -> list[WSGIEnvironment]:
    """What browsers send to sign in, each from an address of its own."""
    return [
        EnvironBuilder(
            method="POST",
            path="/sign-in",
            data={"login": f"{number % people:05}", "password": PASSWORD},
            environ_base={"REMOTE_ADDR": f"10.0.{number // 250 % 250}.{number % 250}"},
        ).get_environ()
        for number in range(times)
    ]


def sign_in(app: Flask) -> Callable[[WSGIEnvironment], None]:
    """A function: one more sign-in."""

    def once(sent: WSGIEnvironment) -> None:
        _, status, _ = Context().run(run_wsgi_app, app, sent, buffered=True)
        assert status.startswith("303"), status

    return once


def main() -> None:
    """Measure in turns, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(data_dir=Path(folder), secret_key="bench"))
        app.config.update(WTF_CSRF_ENABLED=False)
        with app.app_context(), writing():
            db.create_all()
            password_hash = fill(given.people)
        once = sign_in(app)
        once(*sign_ins(1, given.people))
        print(
            "| threads | verify a second | sign-ins a second | verify, processor ms | sign-in, processor ms | argon2's share |"
        )
        print("| ---: | ---: | ---: | ---: | ---: | ---: |")
        for threads in (1, 2):
            rounds = [
                measure(work, sign_ins(given.times, given.people), threads)
                for _ in range(given.rounds)
                for work in (lambda _: verify(password_hash), once)
            ]
            verified, signed_in = zip(*rounds[::2], strict=True), zip(*rounds[1::2], strict=True)
            (rate, spent), (their_rate, their_spent) = (
                tuple(statistics.median(each) for each in columns) for columns in (verified, signed_in)
            )
            print(
                f"| {threads} | {rate:.1f} | {their_rate:.1f} | {spent:.1f} | {their_spent:.1f} "
                f"| {spent / their_spent:.0%} |"
            )


if __name__ == "__main__":
    main()
