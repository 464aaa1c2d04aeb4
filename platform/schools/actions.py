"""What is done to groups, campuses, people and their rights.

Each function makes one change and commits it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from foundation.clock import now, today
from foundation.codes import new_code
from foundation.database import announce, commit, db
from foundation.errors import Conflict, Invalid, NotAllowed
from schools import audit
from schools.access import may_administer, standing_of
from schools.models import (
    Campus,
    Group,
    GroupKind,
    MemberKind,
    Membership,
    Person,
    Posting,
    PrepGroup,
    Role,
    RoleGrant,
    SignIn,
    SignInFailure,
    Stage,
    Subject,
)
from schools.names import USUAL_SUBJECTS, grade_name, subject_name
from schools.passwords import fault_of_password, hash_password
from schools.queries import any_group
from schools.staff import authority_of

FAILURES_WITHIN = timedelta(minutes=15)  # older refused passwords no longer count


@dataclass(frozen=True)
class PersonRightsChanged:
    """What somebody may do has changed: whoever keeps it in memory asks anew."""

    person_id: int


@dataclass(frozen=True)
class SignedOutEverywhere:
    """Sign-ins of somebody have ended; `signing_in.still_signed_in` knows which are left."""

    person_id: int


@dataclass(frozen=True)
class NewCampus:
    """A campus as the first visit asks for it."""

    name: str
    rural: bool = False


@dataclass(frozen=True)
class NewGroup:
    """The group, as the first visit asks for it; `core` is the place of the 核心校 among `campuses`."""

    name: str
    kind: GroupKind
    lesson_minutes: int
    campuses: Sequence[NewCampus]
    core: int


@dataclass(frozen=True)
class NewPerson:
    """Somebody as the first visit asks for them; `subject` is the code of what they teach, empty for none."""

    name: str
    staff_number: str
    password: str
    subject: str = ""
    stage: Stage = Stage.PRIMARY
    grade: int = 1


def set_up_first_group(new_group: NewGroup, new_person: NewPerson) -> Person:
    """Make the first group of an empty installation with its campuses, the usual subjects and its administrator.

    The administrator is also a teacher at the core campus and, when they teach a subject, leads its new prep group, so
    that they can write plans at once. Raises Conflict when there is a group already, Invalid for a password or staff
    number that cannot be used.
    """
    if any_group():
        raise Conflict(gettext("集团已经建立好了，请直接登录。"))
    day = today()
    group = Group(name=new_group.name, kind=new_group.kind, lesson_minutes=new_group.lesson_minutes, from_day=day)
    campuses = [_campus(new) for new in new_group.campuses]
    for place, campus in enumerate(campuses):
        kind = MemberKind.CORE if place == new_group.core else MemberKind.MEMBER
        group.memberships.append(Membership(campus=campus, kind=kind, from_day=day))
    subjects = [
        Subject(code=code, name=name, name_en=name_en, rank=rank)
        for rank, (code, name, name_en) in enumerate(USUAL_SUBJECTS)
    ]
    core = campuses[new_group.core]
    person = _person(new_person)
    person.postings.append(Posting(campus=core, from_day=day))
    db.session.add_all([group, person, *subjects])
    try:
        db.session.flush()
    except IntegrityError as taken:  # somebody else was quicker by a moment
        raise Conflict(gettext("集团已经建立好了，请直接登录。")) from taken
    person.grants.append(RoleGrant(role=Role.GROUP_ADMIN, group_id=group.id, from_day=day))
    person.grants.append(RoleGrant(role=Role.TEACHER, campus_id=core.id, from_day=day))
    for subject in subjects:
        if subject.code == new_person.subject:
            prep_group = _prep_group(group, subject, new_person.stage, new_person.grade)
            person.grants.append(RoleGrant(role=Role.PREP_LEAD, prep_group_id=prep_group.id, from_day=day))
    commit()
    return person


def end_posting(by: Person, posting: Posting, on: date | None = None) -> None:
    """Let a posting end: from the day `on` (today) it no longer counts. Raises NotAllowed."""
    if not may_administer(standing_of(by), campus_id=posting.campus_id):
        raise NotAllowed(gettext("只有这个校区的管理员能结束这项派驻。"))
    posting.to_day = on or today()
    audit.record(
        by,
        "posting_ended",
        "person",
        posting.person,
        campus_id=posting.campus_id,
        campus=posting.campus.name,
        on=posting.to_day.isoformat(),
    )
    announce(PersonRightsChanged(posting.person_id))
    commit()


def end_grant(by: Person, grant: RoleGrant, on: date | None = None) -> None:
    """Take a role back: from the day `on` (today) it no longer counts.

    Raises NotAllowed, and Conflict for the last administrator of a group.
    """
    if not authority_of(standing_of(by)).may_grant(
        group_id=grant.group_id, campus_id=grant.campus_id, prep_group=grant.prep_group
    ):
        raise NotAllowed(gettext("只有所在集团或校区的管理员能收回这个角色。"))
    day = on or today()
    keep_an_administrator([grant], day)
    grant.to_day = day
    audit.record(
        by,
        "grant_ended",
        "person",
        grant.person,
        campus_id=grant.campus_id,
        group_id=grant.of_group_id,
        role=grant.role.value,
        on=day.isoformat(),
    )
    announce(PersonRightsChanged(grant.person_id))
    commit()


def keep_an_administrator(ending: Collection[RoleGrant], on: date) -> None:
    """Raise Conflict when a group would be without 集团管理员 once the grants `ending` end on the day `on`."""
    kept = {grant.group_id for grant in ending if grant.role is Role.GROUP_ADMIN and grant.group_id is not None}
    others = select(RoleGrant.group_id).join(Person, Person.id == RoleGrant.person_id)
    kept -= set(
        db.session.scalars(
            others.where(
                RoleGrant.role == Role.GROUP_ADMIN,
                RoleGrant.group_id.in_(kept),
                RoleGrant.id.not_in([grant.id for grant in ending]),
                RoleGrant.from_day <= on,
                RoleGrant.to_day.is_(None),
                Person.left_at.is_(None),
            )
        )
    )
    if kept:
        raise Conflict(gettext("这是集团最后一位长期的集团管理员。请先把这个角色授予另一位老师。"))


def choose_language(person: Person, language: str) -> None:
    """Keep the language in which `person` sees pages; empty follows the browser."""
    person.language = language
    commit()


def choose_theme(person: Person, theme: str) -> None:
    """Keep the colours in which `person` sees pages: light, dark, or empty for those of the system."""
    person.theme = theme
    commit()


def forget_old_sign_ins() -> None:
    """Delete sign-ins that have expired and refused passwords that no longer count."""
    db.session.execute(delete(SignIn).where(SignIn.expires_at <= now()))
    db.session.execute(delete(SignInFailure).where(SignInFailure.made_at <= now() - FAILURES_WITHIN))
    commit()


def _campus(new: NewCampus) -> Campus:
    return Campus(code=new_code(8), name=new.name, short_name=new.name[:20], rural=new.rural)


def _person(new: NewPerson) -> Person:
    if db.session.scalar(select(Person.id).where(Person.staff_number == new.staff_number)):
        raise Invalid(staff_number=gettext("这个工号已经有人使用。"))
    fault = fault_of_password(new.password, new.name, new.staff_number)
    if fault:
        raise Invalid(password=fault)
    return Person(name=new.name, staff_number=new.staff_number, password_hash=hash_password(new.password))


def _prep_group(group: Group, subject: Subject, stage: Stage, grade: int) -> PrepGroup:
    name = gettext("%(grade)s%(subject)s备课组", grade=grade_name(stage, grade), subject=subject_name(subject))
    prep_group = PrepGroup(group_id=group.id, name=name, subject=subject, stage=stage, grade=grade)
    db.session.add(prep_group)
    db.session.flush()
    return prep_group
