"""A county to measure with: 20 campuses, 3,000 staff, 40,000 pupils, and as much that was done as wanted.

Written row by row with plain INSERTs, so that it takes seconds. `fill()` needs an application context that may write.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, text

from foundation.clock import now
from foundation.database import Base, db
from schools.models import (
    AuditEntry,
    Campus,
    Enrolment,
    Group,
    GroupKind,
    MemberKind,
    Membership,
    Person,
    Posting,
    PrepGroup,
    Pupil,
    Role,
    RoleGrant,
    SchoolClass,
    Stage,
    Subject,
    TeachingAssignment,
)
from schools.names import USUAL_SUBJECTS, class_name
from schools.pinyin import pinyin_of

SINCE = date(2024, 9, 1)
FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂红玉兰梅文华建国志新海春晓雯思远子涵雨欣浩宇一诺梓轩佳怡俊熙若曦"


@dataclass(frozen=True)
class Size:
    """How large the county is."""

    campuses: int = 20
    staff: int = 3000
    pupils: int = 40_000
    audit: int = 0


def fill(size: Size = Size(), seed: int = 7) -> int:
    """Make the county; the id of its group. Person 1 is its 集团管理员, 2 and 3 校长 and 校区管理员 of the first campus."""
    draw = random.Random(seed)
    insert_rows(
        Group, [{"name": "罗溪县教联体", "kind": GroupKind.COUNTY_ALLIANCE, "lesson_minutes": 40, "limits": {}}]
    )
    group_id = db.session.scalars(select(Group.id)).one()
    subjects = [
        {"id": n, "code": code, "name": name, "name_en": english, "rank": n}
        for n, (code, name, english) in enumerate(USUAL_SUBJECTS, 1)
    ]
    insert_rows(Subject, subjects)
    insert_rows(Campus, [_campus(n) for n in range(1, size.campuses + 1)])
    insert_rows(
        Membership,
        [
            {"group_id": group_id, "campus_id": n, "kind": MemberKind.MEMBER, "from_day": SINCE, "licence_note": ""}
            for n in range(1, size.campuses + 1)
        ],
    )
    classes = list(_classes(size))
    insert_rows(SchoolClass, classes)
    insert_rows(PrepGroup, list(_prep_groups(group_id)))
    insert_rows(Person, [_person(n, draw) for n in range(1, size.staff + 1)])
    insert_rows(
        Posting,
        [{"person_id": n, "campus_id": _campus_of(n, size), "from_day": SINCE} for n in range(1, size.staff + 1)],
    )
    insert_rows(RoleGrant, list(_grants(group_id, size)))
    insert_rows(TeachingAssignment, list(_assignments(classes, size, draw)))
    insert_rows(Pupil, [{"id": n, "name": _name(draw), "pin_hash": ""} for n in range(1, size.pupils + 1)])
    insert_rows(
        Enrolment,
        [
            {"pupil_id": n, "class_id": n % len(classes) + 1, "seat": n // len(classes) + 1, "from_day": SINCE}
            for n in range(1, size.pupils + 1)
        ],
    )
    insert_rows(AuditEntry, _entries(group_id, size, draw))
    db.session.commit()
    with db.engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()
    return group_id


def insert_rows(kind: type[Base], rows: Sequence[dict[str, Any]] | Iterator[dict[str, Any]], chunk: int = 5000) -> None:
    waiting: list[dict[str, Any]] = []
    for row in rows:
        waiting.append(row)
        if len(waiting) == chunk:
            db.session.execute(insert(kind), waiting)
            waiting = []
    if waiting:
        db.session.execute(insert(kind), waiting)


def _campus(number: int) -> dict[str, Any]:
    name = f"罗溪第{number}实验学校"
    return {"id": number, "code": f"c{number}", "name": name, "short_name": name[:20], "stages": ["primary", "junior"]}


def _campus_of(person: int, size: Size) -> int:
    return 1 if person <= 3 else person % size.campuses + 1


def _classes(size: Size) -> Iterator[dict[str, Any]]:
    number = 0
    for campus_id in range(1, size.campuses + 1):
        for grade in range(1, 10):
            stage = Stage.PRIMARY if grade <= 6 else Stage.JUNIOR
            for place in range(1, 6):
                number += 1
                yield {
                    "id": number,
                    "campus_id": campus_id,
                    "stage": stage,
                    "entry_year": 2026 - grade if grade <= 6 else 2032 - grade,
                    "grade": grade,
                    "number": place,
                    "name": class_name(stage, grade, place),
                }


def _prep_groups(group_id: int) -> Iterator[dict[str, Any]]:
    for subject_id, (_, name, _) in enumerate(USUAL_SUBJECTS[:9], 1):
        for grade in range(1, 10):
            yield {
                "group_id": group_id,
                "name": f"{grade}年级{name}备课组",
                "subject_id": subject_id,
                "stage": Stage.PRIMARY if grade <= 6 else Stage.JUNIOR,
                "grade": grade,
                "whole_group": True,
            }


def _person(number: int, draw: random.Random) -> dict[str, Any]:
    name = _name(draw)
    return {"id": number, "name": name, "pinyin": pinyin_of(name), "staff_number": f"T{number:05}", "language": ""}


def _name(draw: random.Random) -> str:
    return draw.choice(FAMILY) + "".join(draw.choices(GIVEN, k=draw.choice((1, 2, 2))))


def _grants(group_id: int, size: Size) -> Iterator[dict[str, Any]]:
    def grant(person_id: int, role: Role, **scope: int) -> dict[str, Any]:
        nowhere = dict.fromkeys(("group_id", "campus_id", "subject_id", "prep_group_id"))
        return {"person_id": person_id, "role": role, "from_day": SINCE, **nowhere, **scope}

    yield grant(1, Role.GROUP_ADMIN, group_id=group_id)
    yield grant(2, Role.HEAD, campus_id=1)
    yield grant(3, Role.CAMPUS_ADMIN, campus_id=1)
    for campus_id in range(2, size.campuses + 1):
        here = size.campuses + campus_id - 1  # posted there, see `_campus_of`
        yield grant(here, Role.HEAD, campus_id=campus_id)
        yield grant(here + size.campuses, Role.CAMPUS_ADMIN, campus_id=campus_id)
        yield grant(here + 2 * size.campuses, Role.ACADEMIC_OFFICE, campus_id=campus_id)
        for subject_id in range(1, 10):
            yield grant(
                here + (2 + subject_id) * size.campuses, Role.SUBJECT_LEAD, campus_id=campus_id, subject_id=subject_id
            )
    for prep_group_id in range(1, 82):
        yield grant(1000 + prep_group_id, Role.PREP_LEAD, prep_group_id=prep_group_id)


def _assignments(classes: Sequence[dict[str, Any]], size: Size, draw: random.Random) -> Iterator[dict[str, Any]]:
    of_campus: dict[int, list[int]] = {}
    for each in classes:
        of_campus.setdefault(each["campus_id"], []).append(each["id"])
    for number in range(4, size.staff + 1):
        for class_id in draw.sample(of_campus[_campus_of(number, size)], 3):
            yield {
                "person_id": number,
                "class_id": class_id,
                "subject_id": number // size.campuses % 9 + 1,
                "from_day": SINCE,
            }


def _entries(group_id: int, size: Size, draw: random.Random) -> Iterator[dict[str, Any]]:
    """What was done in 400 days, most of it openings and downloads; one campus in twenty has next to none."""
    actions = ["plan_downloaded"] * 12 + ["view_as_opened"] * 4 + ["posting_made", "grant_made", "grant_ended"]
    began: datetime = now() - timedelta(days=400)
    step = timedelta(days=400) / max(1, size.audit)
    names = [_name(draw) for _ in range(3000)]
    for number in range(size.audit):
        campus_id = 1 if number % 10_000 == 1 else draw.randrange(2, size.campuses + 1)
        yield {
            "made_at": began + number * step,
            "person_id": None,
            "person_name": names[draw.randrange(3000)],
            "action": actions[draw.randrange(len(actions))],
            "object_kind": "plan",
            "object_name": names[draw.randrange(3000)],
            "campus_id": campus_id if number % 50 else None,
            "group_id": group_id,
            "details": {},
            "address": "",
        }
