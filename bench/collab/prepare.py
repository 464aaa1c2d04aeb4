"""python prepare.py DATA_DIR PLANS EDITORS: a school with PLANS plans of EDITORS writers each, all signed in.

Writes DATA_DIR/bench.json: the plans' public ids and the session cookies of their writers. People come by their rights as in
life: posted at a campus of the group, picked into the plan's prep group.
"""

import json
import secrets
import sys
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "platform")]

from flask import Flask

from app import create_app
from foundation.clock import now
from foundation.config import Settings
from foundation.database import db, writing
from lessons.models import Plan, PlanUpdate
from lessons.text.content import PlanContent
from lessons.text.document import build_plan
from schools import signing_in
from schools.models import (
    Campus,
    Group,
    GroupKind,
    Membership,
    Person,
    Posting,
    PrepGroup,
    PrepGroupPick,
    SignIn,
    Stage,
    Subject,
    Visibility,
)

DAY = date(2020, 1, 1)


def main(data: Path, plans: int, editors: int) -> None:
    settings = Settings.from_environment({"DATA_DIR": str(data), **_database()})
    app = create_app(settings)
    with app.app_context(), writing():
        db.create_all()
        campus, subject = Campus(code="c", name="实验校区", short_name="实验"), Subject(code="s", name="语文")
        group = Group(name=f"测试集团 {secrets.token_hex(4)}", kind=GroupKind.EDUCATION_GROUP)
        db.session.add_all([campus, subject, group])
        db.session.flush()
        db.session.add(Membership(group_id=group.id, campus_id=campus.id, from_day=DAY))
        rooms = [room(app, number, group, campus, subject, editors) for number in range(plans)]
        db.session.commit()
        cookie_name = app.config["SESSION_COOKIE_NAME"]
    (data / "bench.json").write_text(json.dumps({"cookie": cookie_name, "rooms": rooms}))


def room(app: Flask, number: int, group: Group, campus: Campus, subject: Subject, editors: int) -> dict[str, object]:
    prep_group = PrepGroup(group_id=group.id, name=f"备课组 {number}", subject_id=subject.id, stage=Stage.PRIMARY)
    people = [Person(name=f"教师{number}-{i}", staff_number=f"{number}-{i}") for i in range(editors)]
    db.session.add_all([prep_group, *people])
    db.session.flush()
    plan = Plan(
        code=secrets.token_hex(5),
        owner_id=people[0].id,
        group_id=group.id,
        campus_id=campus.id,
        prep_group_id=prep_group.id,
        subject_id=subject.id,
        visibility=Visibility.PREP_GROUP,
        title="",
    )
    db.session.add(plan)
    db.session.flush()
    db.session.add(PlanUpdate(plan_id=plan.id, data=build_plan(PlanContent(title="课题")).get_update()))
    for person in people:
        db.session.add(Posting(person_id=person.id, campus_id=campus.id, from_day=DAY))
        db.session.add(PrepGroupPick(person_id=person.id, prep_group_id=prep_group.id, from_day=DAY))
    return {"plan": plan.code, "cookies": [cookie(app, person) for person in people]}


def cookie(app: Flask, person: Person) -> str:
    """The session cookie of a new sign-in of `person`, as the sign-in page would have set it."""
    token = secrets.token_urlsafe(32)
    db.session.add(
        SignIn(person_id=person.id, token_hash=signing_in._hash(token), expires_at=now() + timedelta(days=1))
    )
    value = app.session_interface.get_signing_serializer(app).dumps({signing_in.TOKEN: token, "_permanent": True})
    return value if isinstance(value, str) else value.decode()


def _database() -> dict[str, str]:
    import os

    return {"DATABASE_URL": os.environ["DATABASE_URL"]} if "DATABASE_URL" in os.environ else {}


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
