"""Server time of the pages of lesson plans, with 2,000 plans and 500 people: `.venv/bin/python bench/pages.py`.

Each request runs through the whole application (sign-in, rights, SQL, templates) in one thread, without a network, on a
SQLite file. Every request is of another person or plan, so that nothing is in a cache that would not be in a school.
With `--peer` Wagtail is asked the same way right after, in an environment of its own that is thrown away (needs pip's index).
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "platform")]

from flask import Flask, session
from flask.testing import FlaskClient
from sqlalchemy import text

from app import create_app
from curriculum.models import LessonTopic, TextbookEdition, TextbookVolume, Unit
from foundation.clock import now
from foundation.config import Settings
from foundation.database import db, writing
from lessons.coediting.mirror import mirror
from lessons.models import Plan, PlanState, PlanUpdate
from lessons.text.content import PlanContent
from lessons.text.document import build_plan
from lessons.text.markdown import markdown_to_plan
from lessons.text.markup import blocks_to_html
from schools import signing_in
from schools.models import (
    Campus,
    Group,
    GroupKind,
    Membership,
    Person,
    Posting,
    PrepGroup,
    Role,
    RoleGrant,
    SchoolClass,
    Stage,
    Subject,
    TeachingAssignment,
    Visibility,
)

PEER = "wagtail==8.0.1"
SINCE = date(2024, 9, 1)
GRADES = range(1, 7)


def fill(plans: int, people: int) -> None:
    """A group of four campuses with `people` teachers, six subjects, prep groups of each subject and grade, and `plans`."""
    draw = random.Random(7)
    group = Group(name="集团", kind=GroupKind.EDUCATION_GROUP)
    subjects = [Subject(code=code, name=code, rank=n) for n, code in enumerate("语数英科道艺")]
    campuses = [Campus(code=f"c{n}", name=f"第{n}校区", short_name=f"校区{n}", stages=["primary"]) for n in range(4)]
    for campus in campuses:
        campus.memberships.append(Membership(group=group, from_day=SINCE))
    db.session.add_all([group, *subjects, *campuses])
    db.session.flush()
    topics = [topic for subject in subjects for topic in _textbook(subject)]
    classes = [
        SchoolClass(
            campus=campus, stage=Stage.PRIMARY, entry_year=2026 - grade, grade=grade, number=n, name=f"{grade}({n})班"
        )
        for campus in campuses
        for grade in GRADES
        for n in range(1, 7)
    ]
    prep_groups = [
        PrepGroup(
            group_id=group.id, name=f"{grade}年级{subject.name}组", subject=subject, stage=Stage.PRIMARY, grade=grade
        )
        for subject in subjects
        for grade in GRADES
    ]
    db.session.add_all([*topics, *classes, *prep_groups])
    db.session.flush()
    staff = [Person(name=f"教师{n}", staff_number=f"{n:05}") for n in range(people)]
    db.session.add_all(staff)
    db.session.flush()
    for number, person in enumerate(staff):
        campus, subject = campuses[number % 4], subjects[draw.randrange(6)]
        person.postings.append(Posting(campus=campus, from_day=SINCE))
        for school_class in draw.sample([each for each in classes if each.campus is campus], 2):
            db.session.add(
                TeachingAssignment(person_id=person.id, class_id=school_class.id, subject_id=subject.id, from_day=SINCE)
            )
    for prep_group in prep_groups:
        lead = draw.choice(staff)
        lead.grants.append(RoleGrant(role=Role.PREP_LEAD, prep_group_id=prep_group.id, from_day=SINCE))
    documents = [build_plan(content) for content in demo_plans()]
    updates = [document.get_update() for document in documents]
    for number in range(plans):
        topic, owner, which = draw.choice(topics), staff[number % people], number % len(documents)
        subject = topic.unit.volume.edition.subject
        plan = Plan(
            code=f"bench{number:05}",
            owner=owner,
            group=group,
            campus=owner.postings[0].campus,
            prep_group=draw.choice([each for each in prep_groups if each.subject is subject]),
            subject=subject,
            topic=topic,
            visibility=draw.choice(list(Visibility)),
            state=draw.choice(list(PlanState)),
            made_at=now() - timedelta(days=number % 300),
        )
        db.session.add(plan)
        db.session.flush()
        db.session.add(PlanUpdate(plan_id=plan.id, data=updates[which], person_id=owner.id))
        mirror(plan.id, documents[which], plan.made_at)
    db.session.commit()


def demo_plans() -> list[PlanContent]:
    """The plans of the demo."""
    files = sorted((ROOT / "platform/web/demo_content/plans").glob("*.md"))
    return [markdown_to_plan(file.read_text(encoding="utf-8")) for file in files]


def _textbook(subject: Subject) -> list[LessonTopic]:
    edition = TextbookEdition(subject=subject, stage=Stage.PRIMARY, name="统编版")
    topics = []
    for grade in GRADES:
        volume = TextbookVolume(edition=edition, name=f"{grade}年级上册", grade=grade, semester=1)
        for number in range(8):
            unit = Unit(volume=volume, title=f"第{number + 1}单元", rank=number)
            topics += [LessonTopic(unit=unit, title=f"{subject.name}{grade}-{number}-{n}", rank=n) for n in range(5)]
    return topics


def browser_of(app: Flask, person: Person) -> FlaskClient:
    """A browser in which the person is signed in."""
    with app.test_request_context():
        signing_in.sign_in(person)
        carried = dict(session)
    client = app.test_client()
    with client.session_transaction() as kept:
        kept.update(carried)
    return client


def median(requests: int, ask: Callable[[int], tuple[FlaskClient, str]]) -> tuple[float, float]:
    """Median milliseconds that `requests` requests take: of the processor, and by the clock.

    On a machine that others use too, only the first says something about the page.
    """
    computed, waited = [], []
    for number in range(requests + 3):
        client, path = ask(number)
        processor, clock = time.thread_time(), time.perf_counter()
        answer = client.get(path)
        answer.get_data()
        computed.append((time.thread_time() - processor) * 1000)
        waited.append((time.perf_counter() - clock) * 1000)
        assert answer.status_code == 200, (path, answer.status_code)
    return statistics.median(computed[3:]), statistics.median(waited[3:])  # the first ones compile templates and SQL


def ask_peer(plans: int, people: int, requests: int) -> None:
    """The same of Wagtail, with the same texts, in an environment made for it."""
    texts = []
    for content in demo_plans():
        steps = [blocks for step in content.steps for blocks in (step.teacher, step.pupils, step.intent)]
        html = "\n".join(blocks_to_html(blocks) for blocks in [*content.sections.values(), *steps])
        texts.append(html.replace("<br>", "<br/>").replace("<hr>", "<hr/>"))  # its editor insists
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = f"{folder}/bin/python"
        subprocess.run([python, "-m", "pip", "install", "--quiet", PEER], check=True, stderr=subprocess.DEVNULL)
        sizes = ["--plans", str(plans), "--people", str(people), "--requests", str(requests)]
        measure = str(ROOT / "bench/wagtail_peer/measure.py")
        subprocess.run([python, measure, *sizes], input=json.dumps(texts), text=True, check=True)


def main() -> None:
    """Fill a database, ask for every page, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plans", type=int, default=2000)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--requests", type=int, default=60)
    parser.add_argument("--peer", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(data_dir=Path(folder), secret_key="bench"))
        with app.app_context(), writing():
            db.create_all()
            fill(given.plans, given.people)
            with db.engine.connect() as connection:
                connection.execute(text("ANALYZE"))
            staff = db.session.scalars(db.select(Person).order_by(Person.id).limit(given.requests + 3)).all()
            browsers = [browser_of(app, person) for person in staff]
            mine = {plan.owner_id: plan.code for plan in db.session.scalars(db.select(Plan)).all()}
            codes = [mine[person.id] for person in staff]
            db.session.commit()
            db.session.remove()
        pages = {
            "home": "/",
            **{f"list, {scope}": f"/plans?scope={scope}" for scope in ("mine", "prep", "campus", "group", "public")},
            "list, group, page 20": "/plans?scope=group&page=20",
            "list, group, filtered": "/plans?scope=group&subject=2&state=draft&words=1",
            "new plan": "/plans/new",
            "reading, first time": "/plans/{code}",
            "reading, again": "/plans/{code}",
            "writing": "/plans/{code}/write",
            "print, four columns": "/plans/{code}/print",
            "markdown": "/plans/{code}/markdown",
        }
        print(
            f"{given.plans} plans, {given.people} people; median milliseconds of {given.requests} requests a page; "
            f"load of the machine {os.getloadavg()[0]:.1f}"
        )
        print("| page | processor | clock |\n| --- | ---: | ---: |")
        for name, path in pages.items():
            computed, waited = median(given.requests, lambda n, path=path: (browsers[n], path.format(code=codes[n])))
            print(f"| {name} | {computed:.1f} | {waited:.1f} |", flush=True)
    if given.peer:
        ask_peer(given.plans, given.people, given.requests)


if __name__ == "__main__":
    main()
