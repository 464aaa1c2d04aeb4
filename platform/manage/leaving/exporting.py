"""The package that a school takes along: its people, classes and plans as Excel, Markdown and JSON in one zip.

`数据.json` holds every record, and `教案/…md` every plan in the form that `lessons.text.markdown` reads back; the sheets of
`人员与班级.xlsx` have the columns of the import, so that another installation can read them in.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from flask import render_template
from flask_babel import force_locale, gettext
from sqlalchemy import select

from foundation.clock import now, today
from foundation.database import db, reading
from foundation.errors import NotFound
from foundation.jobs import Job, Tell, folder_of, job
from lessons import originals
from lessons.coediting import document_of
from lessons.models import Plan, PlanOriginal
from lessons.terms import STATES
from lessons.text.document import read_plan
from lessons.text.markdown import plan_to_markdown
from manage.importing.columns import KIND_OF
from manage.leaving.queries import EXPORT, present_classes
from schools.models import (
    Campus,
    Enrolment,
    Membership,
    Person,
    Posting,
    Pupil,
    Role,
    RoleGrant,
    SchoolClass,
    Subject,
    TeachingAssignment,
    Title,
    Visibility,
)
from schools.names import POSTING_KIND_NAMES, ROLE_NAMES, STAGE_NAMES, VISIBILITY_NAMES

FORMAT: Final = 1
PACKAGE: Final = "package.zip"
NAME_LENGTH: Final = 60
NO_ROLE: Final = (Role.TEACHER, Role.PREP_LEAD, Role.GROUP_ADMIN)
"""Roles that say nothing beyond the posting, or that belong to the group."""

Record = dict[str, Any]


@dataclass
class Records:
    """What belongs to a campus, as plain values; the keys are those of the columns of the import."""

    campus: Record
    staff: list[Record]
    classes: list[Record]
    pupils: list[Record]
    teaching: list[Record]


@job(EXPORT)
def export_campus(asked: Job, tell: Tell) -> dict[str, Any]:
    """Pack the campus of the membership that was asked for; the outcome says how much it is."""
    file = folder_of(asked) / PACKAGE
    membership_id = int(asked.asked["membership"])
    db.session.rollback()
    with reading(), force_locale("zh_Hans"):
        membership = db.session.get(Membership, membership_id)
        if membership is None:
            raise NotFound
        draft = file.with_suffix(".part")
        outcome = _pack(membership, draft, tell)
        db.session.rollback()
    draft.replace(file)
    return {**outcome, "size": file.stat().st_size}


def _pack(membership: Membership, file: Path, tell: Tell) -> dict[str, Any]:
    records = records_of(membership.campus)
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        package = _Package(archive)
        plans = list(_pack_plans(package, membership.campus, tell))
        _write_workbook(package, records, file.with_suffix(".xlsx"))
        told = {
            "product": "tongke",
            "format": FORMAT,
            "made_at": now().isoformat(),
            "group": membership.group.name,
            "licence": {"keeps_shared": membership.keeps_shared, "note": membership.licence_note},
            **records.__dict__,
            "plans": plans,
        }
        package.add("数据.json", json.dumps(told, ensure_ascii=False, indent=1, default=date.isoformat))
        package.add(
            "说明.md",
            render_template(
                "manage/package_notes.md", membership=membership, records=records, plans=plans, day=today()
            ),
        )
        package.add("清单.json", json.dumps(package.listed, ensure_ascii=False, indent=1))
    return {"name": membership.campus.name, "plans": len(plans), "staff": len({row["number"] for row in records.staff})}


class _Package:
    """The zip, with a list of what is in it."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self.listed: list[Record] = []

    def add(self, name: str, data: str | bytes, *, packed: bool = False) -> None:
        """Add a file; `packed` when it is compressed already."""
        content = data.encode() if isinstance(data, str) else data
        self._archive.writestr(name, content, ZIP_STORED if packed else ZIP_DEFLATED)
        self.listed.append({"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()})


# Plans.


def _pack_plans(package: _Package, campus: Campus, tell: Tell) -> Iterator[Record]:
    """What colleagues could read of the campus' plans; what is personal stays with its author."""
    rows = db.session.execute(
        select(Plan, Person.name, Person.staff_number, Subject.name, PlanOriginal)
        .join(Person, Person.id == Plan.owner_id)
        .join(Subject, Subject.id == Plan.subject_id)
        .outerjoin(PlanOriginal, PlanOriginal.plan_id == Plan.id)
        .where(Plan.campus_id == campus.id, Plan.removed_at.is_(None), Plan.visibility != Visibility.PERSONAL)
        .order_by(Plan.id)
    ).all()
    names = {each.code: each.short_name for each in db.session.scalars(select(Campus))}
    for number, (plan, owner, staff_number, subject, original) in enumerate(rows, 1):
        tell(number, len(rows), gettext("正在打包教案……"))
        content = read_plan(document_of(plan.id))
        name = f"{number:04}_{_safe(content.title or plan.code)}"
        package.add(f"教案/{_safe(subject)}/{name}.md", plan_to_markdown(content, names))
        record = {
            "code": plan.code,
            "title": content.title,
            "file": f"教案/{_safe(subject)}/{name}.md",
            "subject": subject,
            "owner": owner,
            "owner_number": staff_number,
            "visibility": str(VISIBILITY_NAMES[plan.visibility]),
            "state": str(STATES[plan.state]),
            "made_at": plan.made_at.isoformat(),
            "changed_at": plan.changed_at.isoformat(),
        }
        if original and originals.path_of(original.stored_name).is_file():
            record["original"] = f"原件/{number:04}_{_safe(original.name)}"
            package.add(record["original"], originals.path_of(original.stored_name).read_bytes(), packed=True)
        yield record


def _safe(name: str) -> str:
    """A name that every system takes as that of a file."""
    return re.sub(r'[\x00-\x1f\\/:*?"<>|]+', " ", name).strip(" .")[:NAME_LENGTH] or "未命名"


# People, classes and pupils.


def records_of(campus: Campus) -> Records:
    """What belongs to the campus today."""
    classes = db.session.scalars(
        select(SchoolClass).where(*present_classes(campus.id)).order_by(SchoolClass.grade, SchoolClass.number)
    ).all()
    return Records(_campus(campus), _staff(campus), _classes(campus, classes), _pupils(campus), _teaching(campus))


def _campus(campus: Campus) -> Record:
    return {
        "name": campus.name,
        "short_name": campus.short_name,
        "code": campus.code,
        "school_code": campus.school_code,
        "stages": "、".join(str(name) for stage, name in STAGE_NAMES.items() if stage in campus.stages),
        "rural": "是" if campus.rural else "否",
        "core": "否",
        "address": campus.address,
        "strengths": campus.strengths,
    }


def _staff(campus: Campus) -> list[Record]:
    day = today()
    posted = select(Posting.person_id).where(Posting.campus_id == campus.id, Posting.holding_on(day))
    titles = _lists(select(Title.person_id, Title.name).where(Title.person_id.in_(posted), Title.holding_on(day)))
    granted = db.session.execute(
        select(RoleGrant.person_id, RoleGrant.role, Subject.name)
        .outerjoin(Subject, Subject.id == RoleGrant.subject_id)
        .where(RoleGrant.campus_id == campus.id, RoleGrant.holding_on(day), RoleGrant.role.not_in(NO_ROLE))
        .order_by(RoleGrant.id)
    ).all()
    rows = db.session.execute(
        select(Person.id, Person.name, Person.staff_number, Posting)
        .join(Posting, Posting.person_id == Person.id)
        .where(Posting.campus_id == campus.id, Posting.holding_on(day))
        .order_by(Person.name, Person.id)
    )
    return [
        {
            "name": name,
            "number": number,
            "campus": campus.name,
            "posting": str(POSTING_KIND_NAMES[posting.kind]),
            "from_day": posting.from_day,
            "to_day": posting.to_day,
            "roles": "、".join(dict.fromkeys(str(ROLE_NAMES[row.role]) for row in granted if row.person_id == id)),
            "subject": next((row.name for row in granted if row.person_id == id and row.name), ""),
            "titles": "、".join(titles.get(id, [])),
        }
        for id, name, number, posting in rows
    ]


def _classes(campus: Campus, classes: Sequence[SchoolClass]) -> list[Record]:
    wanted = {each.homeroom_teacher_id for each in classes}
    heads = {person.id: person for person in db.session.scalars(select(Person).where(Person.id.in_(wanted)))}
    found = []
    for each in classes:
        head = heads.get(each.homeroom_teacher_id or 0)
        found.append(
            {
                "campus": campus.name,
                "name": each.name,
                "stage": str(STAGE_NAMES[each.stage]),
                "head": head.name if head else "",
                "head_number": head.staff_number if head else "",
                "entry_year": each.entry_year,
            }
        )
    return found


def _pupils(campus: Campus) -> list[Record]:
    rows = db.session.execute(
        select(SchoolClass.name, Pupil.name, Enrolment.seat, Enrolment.from_day)
        .join(Enrolment, Enrolment.class_id == SchoolClass.id)
        .join(Pupil, Pupil.id == Enrolment.pupil_id)
        .where(*present_classes(campus.id), Enrolment.holding_on(today()))
        .order_by(SchoolClass.grade, SchoolClass.number, Enrolment.seat, Pupil.name)
    )
    return [
        {"campus": campus.name, "class": room, "name": name, "seat": seat, "from_day": since}
        for room, name, seat, since in rows
    ]


def _teaching(campus: Campus) -> list[Record]:
    rows = db.session.execute(
        select(SchoolClass.name, Subject.name, Person.name, Person.staff_number, TeachingAssignment.from_day)
        .join(TeachingAssignment, TeachingAssignment.class_id == SchoolClass.id)
        .join(Subject, Subject.id == TeachingAssignment.subject_id)
        .join(Person, Person.id == TeachingAssignment.person_id)
        .where(*present_classes(campus.id), TeachingAssignment.holding_on(today()))
        .order_by(SchoolClass.grade, SchoolClass.number, Subject.rank, Person.name)
    )
    return [
        {"campus": campus.name, "class": room, "subject": subject, "name": name, "number": number, "from_day": since}
        for room, subject, name, number, since in rows
    ]


def _lists(pairs: Any) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for person_id, name in db.session.execute(pairs):
        found.setdefault(person_id, []).append(name)
    return found


def _write_workbook(package: _Package, records: Records, scratch: Path) -> None:
    from manage.leaving.workbook import write_workbook  # only here: openpyxl takes long to load

    sheets = (
        ("campus", [records.campus]),
        ("staff", records.staff),
        ("class", records.classes),
        ("pupil", records.pupils),
        ("teaching", records.teaching),
    )
    write_workbook([(KIND_OF[kind], rows) for kind, rows in sheets], scratch)
    package.add("人员与班级.xlsx", scratch.read_bytes(), packed=True)
    scratch.unlink()
