"""Big trials: a file of documents becomes resources with owners, campuses and visibility. See "Big trials" in docs/search.md."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any, Final

from flask_babel import gettext
from sqlalchemy import insert, select

from foundation.database import commit, db, writing
from foundation.errors import Conflict, Invalid
from library.models import PreviewState, Resource, ResourceKind, ResourcePage, ResourceVersion
from schools.models import Campus, Group, GroupKind, Membership, Person, Posting, Stage, Subject, Visibility
from schools.names import USUAL_SUBJECTS
from schools.passwords import hash_password
from schools.queries import any_group

GROUP: Final = "搜索试验集团"
"""What the group is called unless told."""

_CHUNK: Final = 1000
_SINCE: Final = date(2020, 9, 1)
_KINDS: Final = {
    "教案": ResourceKind.LESSON_PLAN,
    "课件": ResourceKind.SLIDES,
    "试卷": ResourceKind.TEST_PAPER,
    "习题": ResourceKind.EXERCISES,
    "微课": ResourceKind.MICRO_LESSON,
    "导学案": ResourceKind.STUDY_GUIDE,
    "教学反思": ResourceKind.CASE,
    "素材": ResourceKind.MATERIAL,
}
_VISIBILITIES: Final = {"group": Visibility.GROUP, "campus": Visibility.CAMPUS, "private": Visibility.PERSONAL}
_GRADES: Final = (
    "一年级", "二年级", "三年级", "四年级", "五年级", "六年级", "七年级", "八年级", "九年级", "高一", "高二", "高三",
)  # fmt: skip
_STAGES: Final = (Stage.PRIMARY,) * 6 + (Stage.JUNIOR,) * 3 + (Stage.SENIOR,) * 3

Line = Mapping[str, Any]
Progress = Callable[[int], None]


@dataclass
class _Trial:
    """What the documents stand in, by the names that they use for it."""

    group: Group
    password_hash: str
    campuses: dict[str, int] = field(default_factory=dict)
    subjects: dict[str, int] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)


def load_corpus(file: Path, limit: int | None, group_name: str, password: str, progress: Progress) -> int:
    """Put the documents of a file (one JSON object a line) into a new group; returns how many.

    `password` is given to all authors, none when empty. The index has to be made anew afterwards. Raises Conflict when people use the installation already and no name
    was given for the group, or there is one of that name; Invalid for a line that is no document.
    """
    with writing():
        trial = _Trial(_new_group(group_name), hash_password(password) if password else "")
        loaded = 0
        for lines in _chunks(file, limit):
            _put(trial, lines)
            commit()
            loaded += len(lines)
            progress(loaded)
    return loaded


def _new_group(name: str) -> Group:
    if not name and any_group():
        raise Conflict(gettext("这里已经有人在用。请在空的数据文件夹里做试验，或者用 --group 另起一个集团的名字。"))
    name = name or GROUP
    if db.session.scalar(select(Group.id).where(Group.name == name)) is not None:
        raise Conflict(gettext("已经有叫“%(name)s”的集团。", name=name))
    group = Group(name=name, kind=GroupKind.EDUCATION_GROUP)
    db.session.add(group)
    db.session.flush()
    return group


def _chunks(file: Path, limit: int | None) -> Iterator[list[Line]]:
    with file.open(encoding="utf-8") as opened:
        lines = enumerate(islice(opened, limit), start=1)
        while chunk := [_document(number, line) for number, line in islice(lines, _CHUNK)]:
            yield chunk


def _document(number: int, line: str) -> Line:
    try:
        found = json.loads(line)
        if {"id", "title", "body", "author", "campus", "subject"} <= found.keys():
            return dict(found)
    except (ValueError, AttributeError):
        pass
    raise Invalid(gettext("第 %(number)d 行不是一份文档。", number=number))


def _put(trial: _Trial, lines: Sequence[Line]) -> None:
    _know(trial, lines)
    resource_ids = _insert(Resource, [_resource(trial, line) for line in lines])
    versions = [_version(id, line) for id, line in zip(resource_ids, lines, strict=True)]
    version_ids = _insert(ResourceVersion, versions)
    pages = [
        {"version_id": id, "number": 1, "heading": "", "text": line["body"]}
        for id, line in zip(version_ids, lines, strict=True)
    ]
    _insert(ResourcePage, pages)


def _insert(model: type[Any], rows: Sequence[dict[str, Any]]) -> list[int]:
    """Past the session, so that nothing is noted in the outbox: the index is made anew when all are there."""
    table = model.__table__
    statement = insert(table).returning(table.c.id, sort_by_parameter_order=True)
    return list(db.session.connection().execute(statement, rows).scalars())


def _know(trial: _Trial, lines: Iterable[Line]) -> None:
    """Make the campuses, subjects and people that the lines name for the first time."""
    for line in lines:
        if line["campus"] not in trial.campuses:
            trial.campuses[line["campus"]] = _new_campus(trial.group, line["campus"])
        if line["subject"] not in trial.subjects:
            trial.subjects[line["subject"]] = _subject(line["subject"])
        if line["author"] not in trial.people:
            trial.people[line["author"]] = _new_person(trial, line)


def _new_campus(group: Group, name: str) -> int:
    called = f"试验校区 {name}"
    stages = [stage.value for stage in dict.fromkeys(_STAGES)]
    campus = Campus(code=f"g{group.id}-{name}"[:20], name=called, short_name=called[:20], stages=stages)
    campus.memberships.append(Membership(group_id=group.id, from_day=_SINCE))
    db.session.add(campus)
    db.session.flush()
    return campus.id


def _subject(name: str) -> int:
    subject = db.session.scalar(select(Subject).where(Subject.name == name).limit(1))
    if subject is None:
        known = {usual: (code, english) for code, usual, english in USUAL_SUBJECTS}
        code, english = known.get(name, (f"x{sha256(name.encode()).hexdigest()[:8]}", ""))
        subject = Subject(code=code, name=name, name_en=english, rank=len(known))
        db.session.add(subject)
        db.session.flush()
    return subject.id


def _new_person(trial: _Trial, line: Line) -> int:
    number: str = line["author"]
    if db.session.scalar(select(Person.id).where(Person.staff_number == number)) is not None:
        number = f"g{trial.group.id}-{number}"
    name = str(line.get("author_name") or number)[:40]
    person = Person(name=name, staff_number=number, password_hash=trial.password_hash)
    person.postings.append(Posting(campus_id=trial.campuses[line["campus"]], from_day=_SINCE))
    db.session.add(person)
    db.session.flush()
    return person.id


def code_of(group_id: int, document_id: int) -> str:
    """The code of the resource that a document becomes."""
    return f"g{group_id}d{document_id}"


def _resource(trial: _Trial, line: Line) -> dict[str, Any]:
    grade = _GRADES.index(line["grade"]) + 1 if line.get("grade") in _GRADES else None
    moment = datetime.fromtimestamp(line.get("created", 0), UTC)
    return {
        "code": code_of(trial.group.id, line["id"]),
        "title": line["title"][:200],
        "kind": _KINDS.get(line.get("type", ""), ResourceKind.MATERIAL),
        "owner_id": trial.people[line["author"]],
        "group_id": trial.group.id,
        "campus_id": trial.campuses[line["campus"]],
        "subject_id": trial.subjects[line["subject"]],
        "grade": grade,
        "stage": _STAGES[grade - 1] if grade else None,
        "term": str(line.get("term", ""))[:10],
        "tags": line.get("tags", []),
        "visibility": _VISIBILITIES.get(line.get("visibility", ""), Visibility.PERSONAL),
        "made_at": moment,
        "changed_at": moment,
    }


def _version(resource_id: int, line: Line) -> dict[str, Any]:
    body = line["body"].encode()
    return {
        "resource_id": resource_id,
        "number": 1,
        "key": f"trial/{resource_id}",
        "name": f"{line['title'][:200]}.txt",
        "size": len(body),
        "sha256": sha256(body).hexdigest(),
        "media_type": "text/plain",
        "preview": PreviewState.READY,
        "pages": 1,
    }
