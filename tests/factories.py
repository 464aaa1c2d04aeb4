"""Things for tests to work with. Each function makes one thing and what it cannot be without, and commits it.

They need an application context (the fixture `app` has one). Days default to long ago, so that everything holds today.
"""

import hashlib
import io
import mimetypes
from collections.abc import Callable, Sequence
from datetime import date
from functools import cache, wraps
from itertools import count
from typing import Any, ParamSpec, TypeVar

from curriculum.models import LessonTopic, TextbookEdition, TextbookVolume, Unit
from foundation.database import db, writing
from lessons.models import Plan, PlanUpdate, PlanWriter
from lessons.text.content import PlanContent
from lessons.text.document import build_plan
from library.models import Resource, ResourceKind, ResourceVersion
from library.storage import the_store
from library.storage.base import new_key
from schools.models import (
    Campus,
    Group,
    GroupKind,
    MemberKind,
    Membership,
    Person,
    Posting,
    PrepGroup,
    PrepGroupPick,
    Role,
    RoleGrant,
    SchoolClass,
    Stage,
    Subject,
    TeachingAssignment,
    Visibility,
)
from schools.passwords import hash_password

LONG_AGO = date(2020, 9, 1)
PASSWORD = "牡丹江 42 条鱼"

Thing = TypeVar("Thing")
Given = ParamSpec("Given")

_numbers = count(1)


@cache
def _hash(password: str) -> str:
    """Argon2 is slow on purpose; the same password is hashed once."""
    return hash_password(password)


def _keep(thing: Thing) -> Thing:
    db.session.add(thing)
    db.session.commit()
    return thing


def _factory(make: Callable[Given, Thing]) -> Callable[Given, Thing]:
    """Let `make` read and write in transactions that may write.

    One that was begun for reading cannot, once a server beside the test has written.
    """

    @wraps(make)
    def made(*args: Given.args, **more: Given.kwargs) -> Thing:
        with writing():
            db.session.commit()
            return make(*args, **more)

    return made


@_factory
def make_group(name: str = "", *, kind: GroupKind = GroupKind.EDUCATION_GROUP, lesson_minutes: int = 40) -> Group:
    """A group of schools without campuses."""
    return _keep(Group(name=name or f"第{next(_numbers)}教育集团", kind=kind, lesson_minutes=lesson_minutes))


@_factory
def make_campus(
    group: Group | None = None, name: str = "", *, kind: MemberKind = MemberKind.MEMBER, **more: Any
) -> Campus:
    """A campus that belongs to `group` (a new one unless given)."""
    number = next(_numbers)
    name = name or f"第{number}校区"
    campus = Campus(**{"code": f"c{number}", "name": name, "short_name": name[:20], "stages": ["primary"], **more})
    campus.memberships.append(Membership(group=group or make_group(), kind=kind, from_day=LONG_AGO))
    return _keep(campus)


@_factory
def make_person(
    campus: Campus | None = None,
    name: str = "",
    *,
    password: str = "",
    roles: Sequence[Role] = (),
    posted: bool = True,
    **more: Any,
) -> Person:
    """Somebody posted at `campus` (a new one unless given, or not `posted`), with `roles` there.

    They can sign in with a password only when one is given; `PASSWORD` is one that is allowed.
    """
    number = next(_numbers)
    person = Person(
        name=name or f"教师{number}",
        staff_number=more.pop("staff_number", f"T{number:05}"),
        password_hash=_hash(password) if password else "",
        **more,
    )
    if posted:
        campus = campus or make_campus()
        person.postings.append(Posting(campus=campus, from_day=LONG_AGO))
        person.grants += [RoleGrant(role=role, campus_id=campus.id, from_day=LONG_AGO) for role in roles]
    return _keep(person)


@_factory
def make_posting(person: Person, campus: Campus, *, from_day: date = LONG_AGO, to_day: date | None = None) -> Posting:
    """A posting of `person` at one more campus."""
    return _keep(Posting(person=person, campus=campus, from_day=from_day, to_day=to_day))


@_factory
def grant(
    person: Person, role: Role, *, from_day: date = LONG_AGO, to_day: date | None = None, **scope: Any
) -> RoleGrant:
    """A role of `person`; `scope` as the columns of RoleGrant (`group_id=…`, `subject_id=…`)."""
    return _keep(RoleGrant(person=person, role=role, from_day=from_day, to_day=to_day, **scope))


@_factory
def make_subject(name: str = "") -> Subject:
    """A subject."""
    number = next(_numbers)
    return _keep(Subject(code=f"s{number}", name=name or f"学科{number}", name_en=f"Subject {number}", rank=number))


@_factory
def make_class(campus: Campus, *, stage: Stage = Stage.PRIMARY, grade: int = 3, number: int = 0) -> SchoolClass:
    """A class of `campus`."""
    number = number or next(_numbers)
    return _keep(
        SchoolClass(
            campus=campus, stage=stage, entry_year=2020, grade=grade, number=number, name=f"{grade}（{number}）班"
        )
    )


@_factory
def make_assignment(person: Person, school_class: SchoolClass, subject: Subject, **days: Any) -> TeachingAssignment:
    """`person` teaches `subject` to a class."""
    return _keep(
        TeachingAssignment(
            person_id=person.id, class_id=school_class.id, subject_id=subject.id, **{"from_day": LONG_AGO, **days}
        )
    )


@_factory
def make_prep_group(
    group: Group,
    subject: Subject | None = None,
    *,
    members: Sequence[Person] = (),
    stage: Stage = Stage.PRIMARY,
    grade: int | None = 3,
    campuses: Sequence[Campus] = (),
    name: str = "",
) -> PrepGroup:
    """A prep group of the whole group, or of `campuses` only, with `members` picked by hand."""
    subject = subject or make_subject()
    prep_group = PrepGroup(
        group_id=group.id,
        name=name or f"{subject.name}备课组",
        subject=subject,
        stage=stage,
        grade=grade,
        whole_group=not campuses,
        campuses=list(campuses),
    )
    _keep(prep_group)
    for member in members:
        _keep(PrepGroupPick(prep_group_id=prep_group.id, person_id=member.id, from_day=LONG_AGO))
    return prep_group


@_factory
def make_topic(subject: Subject | None = None, title: str = "", *, grade: int = 3, periods: int = 1) -> LessonTopic:
    """A lesson of a textbook, in a unit, a volume and an edition of its own."""
    edition = TextbookEdition(subject=subject or make_subject(), stage=Stage.PRIMARY, name="统编版")
    volume = TextbookVolume(edition=edition, name=f"{grade}年级上册", grade=grade, semester=1)
    unit = Unit(volume=volume, title="第一单元")
    return _keep(LessonTopic(unit=unit, title=title or f"课题{next(_numbers)}", periods=periods))


@_factory
def make_plan(
    owner: Person | None = None,
    *,
    title: str = "",
    content: PlanContent | None = None,
    visibility: Visibility = Visibility.PERSONAL,
    prep_group: PrepGroup | None = None,
    topic: LessonTopic | None = None,
    subject: Subject | None = None,
    campus: Campus | None = None,
    group: Group | None = None,
    writers: Sequence[Person] = (),
    **more: Any,
) -> Plan:
    """A plan of `owner` (a new person unless given) at their first campus, with its document.

    Rights are not asked, so that a plan can stand where its owner no longer works.
    """
    owner = owner or make_person()
    campus = campus or owner.postings[0].campus
    subject = subject or (topic.unit.volume.edition.subject if topic else None)
    subject = subject or (prep_group.subject if prep_group else None) or make_subject()
    number = next(_numbers)
    content = content or PlanContent(title=title or f"教案{number}")
    plan = Plan(
        code=f"plan{number:06}",
        owner=owner,
        campus=campus,
        group=group or campus.memberships[0].group,
        prep_group=prep_group,
        subject=subject,
        topic=topic,
        visibility=visibility,
        title=content.title,
        minutes=content.minutes,
        writers=[PlanWriter(person=writer) for writer in writers],
        **more,
    )
    _keep(plan)
    _keep(PlanUpdate(plan_id=plan.id, data=build_plan(content).get_update(), person_id=owner.id))
    return plan


@_factory
def make_resource(
    owner: Person | None = None,
    *,
    name: str = "分数的初步认识.txt",
    data: bytes = "分数的初步认识".encode(),
    kind: ResourceKind = ResourceKind.MATERIAL,
    visibility: Visibility = Visibility.PERSONAL,
    campus: Campus | None = None,
    **more: Any,
) -> Resource:
    """A resource of `owner` (a new person unless given) at their first campus, with one version in the file store."""
    owner = owner or make_person()
    campus = campus or owner.postings[0].campus
    number = next(_numbers)
    resource = Resource(
        code=f"res{number:07}",
        owner=owner,
        campus=campus,
        kind=kind,
        visibility=visibility,
        **{"title": name.rpartition(".")[0] or name, "group": campus.memberships[0].group, **more},
    )
    _keep(resource)
    key = new_key("")
    the_store().put(key, io.BytesIO(data))
    version = ResourceVersion(
        resource_id=resource.id,
        number=1,
        key=key,
        name=name,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        media_type=mimetypes.guess_type(name)[0] or "",
        person_id=owner.id,
    )
    _keep(version)
    return resource
