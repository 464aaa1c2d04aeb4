"""What is done to groups, campuses, people and their rights.

Each function makes one change and commits it. The acting person `by` comes first; None stands for the program itself
(the first visit, the demo, tests). A person may change what lies in a group or campus that they administer; NotAllowed
otherwise. Days are half-open and begin today unless said otherwise.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext
from sqlalchemy import delete, or_, select

from foundation.clock import now, today
from foundation.database import announce, commit, db
from foundation.errors import Conflict, Invalid, NotAllowed
from schools.access import may_administer_campus, may_administer_group, standing_of
from schools.models import (
    Campus,
    Group,
    GroupKind,
    MemberKind,
    Membership,
    Person,
    Posting,
    PostingKind,
    PrepGroup,
    PrepGroupPick,
    Role,
    RoleGrant,
    SchoolClass,
    SignIn,
    SignInFailure,
    Stage,
    Subject,
    TeachingAssignment,
)
from schools.names import GRADES_OF_STAGE, STAGE_NAMES, USUAL_SUBJECTS, grade_name
from schools.passwords import fault_of_password, hash_password
from schools.queries import any_group

FAILURES_WITHIN = timedelta(minutes=15)  # older refused passwords no longer count
CODE_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike


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
    kind: MemberKind = MemberKind.MEMBER
    rural: bool = False


@dataclass(frozen=True)
class Teaching:
    """What somebody teaches: a subject (by its code) in a grade of a stage."""

    subject: str
    stage: Stage
    grade: int


def set_up_first_group(
    *,
    name: str,
    kind: GroupKind,
    lesson_minutes: int,
    campuses: Sequence[NewCampus],
    person_name: str,
    staff_number: str,
    password: str,
    teaching: Teaching | None = None,
) -> Person:
    """Make the first group of an empty installation with its campuses, the usual subjects and its administrator.

    The administrator is a teacher posted at the core campus; with `teaching` they also lead a new prep group, so that
    they can write plans at once. Raises Conflict when somebody else has set up a group meanwhile, Invalid for values
    that cannot be used.
    """
    if any_group():
        raise Conflict(gettext("集团已经建立好了，请直接登录。"))
    day = today()
    group = Group(name=name, kind=kind, lesson_minutes=lesson_minutes, from_day=day)
    person = _new_person(person_name, staff_number, password)
    db.session.add_all([group, person])
    made = [_new_campus(new.name, new.rural) for new in campuses]
    for campus, new in zip(made, campuses, strict=True):
        db.session.add(Membership(group=group, campus=campus, kind=new.kind, from_day=day))
    core = next((campus for campus, new in zip(made, campuses, strict=True) if new.kind is MemberKind.CORE), made[0])
    subjects = dict(_usual_subjects())
    db.session.flush()
    db.session.add(Posting(person=person, campus=core, from_day=day))
    db.session.add(RoleGrant(person=person, role=Role.GROUP_ADMIN, group_id=group.id, from_day=day))
    db.session.add(RoleGrant(person=person, role=Role.TEACHER, campus_id=core.id, from_day=day))
    if teaching:
        subject = subjects[teaching.subject]
        prep_group = _new_prep_group(group, subject, teaching.stage, teaching.grade)
        db.session.flush()
        db.session.add(PrepGroupPick(prep_group_id=prep_group.id, person_id=person.id, from_day=day))
        db.session.add(RoleGrant(person=person, role=Role.PREP_LEAD, prep_group_id=prep_group.id, from_day=day))
    commit()
    return person


def add_campus(
    by: Person | None,
    group: Group,
    *,
    name: str,
    kind: MemberKind = MemberKind.MEMBER,
    rural: bool = False,
    code: str | None = None,
    short_name: str | None = None,
    stages: Iterable[Stage] = (),
    from_day: date | None = None,
) -> Campus:
    """A new campus, member of `group` from `from_day` on."""
    _must_administer_group(by, group.id)
    campus = _new_campus(name, rural, code, short_name)
    campus.stages = [stage.value for stage in stages]
    db.session.add(Membership(group=group, campus=campus, kind=kind, from_day=from_day or today()))
    commit()
    return campus


def add_person(by: Person | None, campus: Campus, *, name: str, staff_number: str, password: str) -> Person:
    """A new person, posted at `campus` from today on. Raises Invalid for a number in use or a poor password."""
    _must_administer_campus(by, campus.id)
    person = _new_person(name, staff_number, password)
    db.session.add(Posting(person=person, campus=campus, from_day=today()))
    commit()
    return person


def post(
    by: Person | None,
    person: Person,
    campus: Campus,
    *,
    kind: PostingKind = PostingKind.HOME,
    from_day: date | None = None,
    to_day: date | None = None,
    share_percent: int = 100,
) -> Posting:
    """Let `person` work at `campus` for a time."""
    _must_administer_campus(by, campus.id)
    posting = Posting(
        person=person,
        campus=campus,
        kind=kind,
        from_day=from_day or today(),
        to_day=_after(from_day, to_day),
        share_percent=share_percent,
    )
    db.session.add(posting)
    announce(PersonRightsChanged(person.id))
    commit()
    return posting


def end_posting(by: Person | None, posting: Posting, on: date | None = None) -> None:
    """Let a posting end: from the day `on` (today) it no longer counts."""
    _must_administer_campus(by, posting.campus_id)
    posting.to_day = on or today()
    announce(PersonRightsChanged(posting.person_id))
    commit()


def grant(
    by: Person | None,
    person: Person,
    role: Role,
    *,
    group_id: int | None = None,
    campus_id: int | None = None,
    prep_group_id: int | None = None,
    division_id: int | None = None,
    subject_id: int | None = None,
    grade: int | None = None,
    from_day: date | None = None,
    to_day: date | None = None,
) -> RoleGrant:
    """Give `person` a role for a time, within exactly one of a group, a campus or a prep group.

    Raises Invalid when the scope does not suit the role: 教研组长 have a subject, 备课组长 a prep group.
    """
    if sum(scope is not None for scope in (group_id, campus_id, prep_group_id)) != 1:
        raise Invalid(gettext("角色要授予一个集团、一个校区或一个备课组。"))
    if role is Role.SUBJECT_LEAD and subject_id is None:
        raise Invalid(subject_id=gettext("教研组长要选定学科。"))
    if (role is Role.PREP_LEAD) != (prep_group_id is not None):
        raise Invalid(prep_group_id=gettext("备课组长要选定备课组，其他角色不选。"))
    given = RoleGrant(
        person=person,
        role=role,
        group_id=group_id,
        campus_id=campus_id,
        prep_group_id=prep_group_id,
        division_id=division_id,
        subject_id=subject_id,
        grade=grade,
        from_day=from_day or today(),
        to_day=_after(from_day, to_day),
    )
    _must_administer_scope(by, given)
    db.session.add(given)
    announce(PersonRightsChanged(person.id))
    commit()
    return given


def end_grant(by: Person | None, given: RoleGrant, on: date | None = None) -> None:
    """Take a role back: from the day `on` (today) it no longer counts."""
    _must_administer_scope(by, given)
    given.to_day = on or today()
    announce(PersonRightsChanged(given.person_id))
    commit()


def add_usual_subjects(by: Person | None = None) -> dict[str, Subject]:
    """The subjects that nearly every school teaches, by their code; those that are there already stay as they are."""
    found = dict(_usual_subjects())
    commit()
    return found


def add_class(by: Person | None, campus: Campus, *, stage: Stage, grade: int, number: int) -> SchoolClass:
    """A class of `campus`, called 三(2)班; it entered the stage as many years ago as its grade tells."""
    _must_administer_campus(by, campus.id)
    school_year = today().year - (1 if today().month < 8 else 0)
    school_class = SchoolClass(
        campus=campus,
        stage=stage,
        grade=grade,
        number=number,
        entry_year=school_year - (grade - GRADES_OF_STAGE[stage].start),
        name=f"{grade_name(stage, grade).removesuffix('年级')}({number})班",
    )
    db.session.add(school_class)
    commit()
    return school_class


def assign(
    by: Person | None,
    person: Person,
    school_class: SchoolClass,
    subject: Subject,
    *,
    from_day: date | None = None,
    to_day: date | None = None,
) -> TeachingAssignment:
    """Let `person` teach `subject` to a class for a time; this also puts them into its prep groups."""
    _must_administer_campus(by, school_class.campus_id)
    assignment = TeachingAssignment(
        person_id=person.id,
        class_id=school_class.id,
        subject_id=subject.id,
        from_day=from_day or today(),
        to_day=_after(from_day, to_day),
    )
    db.session.add(assignment)
    announce(PersonRightsChanged(person.id))
    commit()
    return assignment


def make_prep_group(
    by: Person | None,
    group: Group,
    subject: Subject,
    *,
    stage: Stage,
    grade: int | None = None,
    campuses: Sequence[Campus] = (),
    name: str | None = None,
) -> PrepGroup:
    """A prep group of the whole group, or of `campuses` only; called 七年级数学备课组 unless named."""
    _must_administer_group(by, group.id)
    prep_group = _new_prep_group(group, subject, stage, grade, campuses, name)
    commit()
    return prep_group


def pick(
    by: Person | None,
    prep_group: PrepGroup,
    person: Person,
    *,
    from_day: date | None = None,
    to_day: date | None = None,
) -> PrepGroupPick:
    """Put `person` into a prep group by hand for a time."""
    _must_administer_group(by, prep_group.group_id)
    picked = PrepGroupPick(
        prep_group_id=prep_group.id,
        person_id=person.id,
        from_day=from_day or today(),
        to_day=_after(from_day, to_day),
    )
    db.session.add(picked)
    announce(PersonRightsChanged(person.id))
    commit()
    return picked


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


def _must_administer_group(by: Person | None, group_id: int) -> None:
    if by and not may_administer_group(standing_of(by), group_id):
        raise NotAllowed(gettext("只有集团管理员能这样做。"))


def _must_administer_campus(by: Person | None, campus_id: int) -> None:
    if by and not may_administer_campus(standing_of(by), campus_id):
        raise NotAllowed(gettext("只有校区或集团的管理员能这样做。"))


def _must_administer_scope(by: Person | None, given: RoleGrant) -> None:
    if given.campus_id is not None:
        _must_administer_campus(by, given.campus_id)
    elif given.group_id is not None:
        _must_administer_group(by, given.group_id)
    else:
        _must_administer_group(by, db.session.get_one(PrepGroup, given.prep_group_id).group_id)


def _after(from_day: date | None, to_day: date | None) -> date | None:
    if to_day and to_day <= (from_day or today()):
        raise Invalid(to_day=gettext("结束日期要在开始日期之后。"))
    return to_day


def _new_campus(name: str, rural: bool, code: str | None = None, short_name: str | None = None) -> Campus:
    code = code or "".join(secrets.choice(CODE_LETTERS) for _ in range(8))
    return Campus(code=code, name=name, short_name=short_name or name[:20], rural=rural)


def _new_person(name: str, staff_number: str, password: str) -> Person:
    faults = {}
    if db.session.scalar(
        select(Person.id).where(or_(Person.staff_number == staff_number, Person.name == staff_number)).limit(1)
    ):
        faults["staff_number"] = gettext("工号“%(number)s”已经有人使用。", number=staff_number)
    poor = fault_of_password(password, name, staff_number)
    if poor:
        faults["password"] = poor
    if faults:
        raise Invalid(**faults)
    person = Person(name=name, staff_number=staff_number, password_hash=hash_password(password))
    db.session.add(person)
    return person


def _usual_subjects() -> Iterable[tuple[str, Subject]]:
    known = {subject.code: subject for subject in db.session.scalars(select(Subject))}
    for rank, (code, name, name_en) in enumerate(USUAL_SUBJECTS):
        subject = known.get(code) or Subject(code=code, name=name, name_en=name_en, rank=rank)
        db.session.add(subject)
        yield code, subject


def _new_prep_group(
    group: Group,
    subject: Subject,
    stage: Stage,
    grade: int | None,
    campuses: Sequence[Campus] = (),
    name: str | None = None,
) -> PrepGroup:
    db.session.flush()
    prep_group = PrepGroup(
        group_id=group.id,
        name=name or _name_of_prep_group(subject, stage, grade),
        subject=subject,
        stage=stage,
        grade=grade,
        whole_group=not campuses,
        campuses=list(campuses),
    )
    db.session.add(prep_group)
    return prep_group


def _name_of_prep_group(subject: Subject, stage: Stage, grade: int | None) -> str:
    years = grade_name(stage, grade) if grade is not None else str(STAGE_NAMES[stage])
    return gettext("%(years)s%(subject)s备课组", years=years, subject=subject.name)
