"""What the pages about people show. A list costs the same number of queries however long it is."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from itertools import islice, product
from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import joinedload, raiseload, selectinload

from foundation.clock import now, today
from foundation.database import db
from foundation.paging import pages_for
from lessons.access import readable_plans
from lessons.models import Plan
from manage.people.forms import PeopleFilter, State
from schools.access import Standing, arranged_campuses, standings_of
from schools.models import (
    Campus,
    Division,
    Group,
    Membership,
    OrgUnit,
    OrgUnitMember,
    Person,
    Posting,
    PostingKind,
    PrepGroup,
    PrepGroupPick,
    Role,
    RoleGrant,
    SchoolClass,
    Subject,
    TeachingAssignment,
    Title,
    Visibility,
)
from schools.names import subject_name
from schools.queries import prep_groups_of
from schools.roles import PRESETS, Reach
from schools.staff import Authority, Circle, colleagues

LEAVING_WITHIN = timedelta(days=90)
HOLDERS_SHOWN = 12
PLANS_SHOWN = 50
_MOST_SPELLINGS = 8
_MOMENT: Final = bindparam("moment", type_=Person.left_at.type)
_MAYBE_UMLAUT = re.compile("([ln]y?u)")


@dataclass(frozen=True)
class HeldGrant:
    """A role of somebody with what it reaches."""

    grant: RoleGrant
    reach: Reach

    @property
    def role(self) -> Role:
        """The role."""
        return self.grant.role


@dataclass(frozen=True)
class Workplace:
    """Where somebody in the list works: the campus' short name, how, and until when."""

    campus: str
    kind: PostingKind
    to_day: date | None


@dataclass(frozen=True)
class Trust:
    """A role of somebody in the list, and what it reaches."""

    role: Role
    reach: Reach


@dataclass(frozen=True)
class PersonRow:
    """Somebody in the list: present postings and roles, and the names of what they teach."""

    id: int
    name: str
    staff_number: str | None
    workplaces: Sequence[Workplace]
    subjects: Sequence[str]
    roles: Sequence[Trust]


@dataclass(frozen=True)
class PeoplePage:
    """One page of the list, and how many there are on all pages."""

    rows: Sequence[PersonRow]
    count: int
    page: int
    pages: int


def people_of(
    circle: Circle, wanted: PeopleFilter, page_size: int, day: date, subjects: Sequence[Subject]
) -> PeoplePage:
    """The people of the circle whom the filter wants, by the sound of their names; `subjects` are all there are.

    Names that begin with what was typed come first. A page beyond the last shows the first. All who are found are put in
    order as bare numbers: the database takes twice as long when it is to count them beside the rows of a page.
    """
    in_order = _in_order(circle, replace(wanted, page=1), day)
    found = db.session.connection().execute(in_order, {"moment": now()}).all()
    pages = pages_for(len(found), page_size)
    page = wanted.page if wanted.page <= pages else 1
    shown = [person_id for (person_id,) in found[(page - 1) * page_size : page * page_size]]
    return PeoplePage(_rows(shown, day, subjects), len(found), page, pages)


@lru_cache(maxsize=256)
def _in_order(circle: Circle, wanted: PeopleFilter, day: date) -> Select[tuple[int]]:
    """The question, not its answer: who goes from page to page asks it again, and building it takes its time."""
    return (
        select(Person.id)
        .where(*_wanted(wanted, circle, day))
        .order_by(*_first(spellings_of(wanted.words)), Person.pinyin, Person.name, Person.id)
    )


def spellings_of(words: str) -> list[str]:
    """What was typed as pinyin without spaces, in every spelling of ü (v, u, yu, ü); nothing when it is not pinyin."""
    typed = unicodedata.normalize("NFKC", words).lower()
    typed = "".join(letter for letter in typed if not letter.isspace() and letter not in "'’·-")
    typed = typed.replace("ü", "v").replace("u:", "v")
    if not typed.isascii() or not typed.isalpha():
        return []
    choices = [
        (part, part[0] + "v") if _MAYBE_UMLAUT.fullmatch(part) else (part,) for part in _MAYBE_UMLAUT.split(typed)
    ]
    return ["".join(choice) for choice in islice(product(*choices), _MOST_SPELLINGS)]


def _wanted(wanted: PeopleFilter, circle: Circle, day: date) -> Iterable[ColumnElement[bool]]:
    posted = circle.posted()
    if wanted.campus is not None:
        posted = posted.where(Posting.campus_id == wanted.campus)
        yield Person.id.in_(posted)
    yield from _in_state(wanted.state, circle, posted, day)
    if wanted.subject is not None:
        taught = select(TeachingAssignment.person_id).where(
            TeachingAssignment.subject_id == wanted.subject, TeachingAssignment.holding_on(day)
        )
        led = circle.trusted().where(RoleGrant.subject_id == wanted.subject, RoleGrant.holding_on(day))
        yield or_(Person.id.in_(taught), Person.id.in_(led))
    if wanted.role is not None:
        held = select(RoleGrant.person_id).where(RoleGrant.role == wanted.role, RoleGrant.holding_on(day))
        yield Person.id.in_(held)
    if wanted.words:
        yield _named(wanted.words)


def _in_state(state: State, circle: Circle, posted: Select[tuple[int]], day: date) -> Iterable[ColumnElement[bool]]:
    """`posted` are those whose posting counts: at any campus of the circle, or at the one that was chosen."""
    here = or_(Person.left_at.is_(None), Person.left_at > _MOMENT)
    working = Person.id.in_(posted.where(Posting.holding_on(day)))
    trusted = Person.id.in_(circle.trusted().where(RoleGrant.holding_on(day)))
    coming = Person.id.in_(posted.where(Posting.from_day > day))
    match state:
        case State.PRESENT:
            return (here, or_(working, trusted))
        case State.LEAVING:
            later = or_(Posting.to_day.is_(None), Posting.to_day > day + LEAVING_WITHIN)
            staying = Person.id.in_(posted.where(Posting.from_day <= day, later))
            return (here, working, ~staying)
        case State.COMING:
            return (here, ~working, coming)
        case State.GONE:
            return (circle.people(), or_(~here, and_(~working, ~trusted, ~coming)))
        case State.ALL:
            return (circle.people(),)


def _named(words: str) -> ColumnElement[bool]:
    spelled = [Person.pinyin.contains(spelling, autoescape=True) for spelling in spellings_of(words)]
    written = [
        or_(
            Person.name.icontains(word, autoescape=True),
            Person.staff_number.icontains(unicodedata.normalize("NFKC", word), autoescape=True),
        )
        for word in words.split()
    ]
    return or_(and_(*written), *spelled)


def _first(spellings: Sequence[str]) -> Iterable[ColumnElement[int]]:
    """Names whose sound or initials begin as typed come before those that only contain it."""
    if not spellings:
        return ()
    beginning = [
        or_(Person.pinyin.startswith(each, autoescape=True), Person.pinyin.contains(f" {each}", autoescape=True))
        for each in spellings
    ]
    return (case((or_(*beginning), 0), else_=1),)


def _rows(person_ids: Sequence[int], day: date, subjects: Sequence[Subject]) -> list[PersonRow]:
    asked, some = db.session.connection(), {"person_ids": person_ids}
    names: dict[int, tuple[str, str | None]] = {}
    workplaces: dict[int, list[Workplace]] = defaultdict(list)
    for person_id, name, staff_number, campus, kind, to_day in asked.execute(_working(day), some):
        names[person_id] = name, staff_number
        if campus is not None:
            workplaces[person_id].append(Workplace(campus, kind, to_day))
    taught: dict[int, set[int]] = defaultdict(set)
    for person_id, subject_id in asked.execute(_teaching(day), some):
        taught[person_id].add(subject_id)
    of_id, called = {each.id: each for each in subjects}, {each.id: subject_name(each) for each in subjects}
    roles: dict[int, list[Trust]] = defaultdict(list)
    for person_id, role, subject_id, grade, place, division in asked.execute(_trusted(day), some):
        roles[person_id].append(Trust(role, Reach(place, division, of_id.get(subject_id), grade)))
    return [
        PersonRow(
            id, *names[id], workplaces[id], [name for each, name in called.items() if each in taught[id]], roles[id]
        )
        for id in person_ids
    ]


# Built once a day: building them takes longer than the database takes to answer.

_PEOPLE: Final = bindparam("person_ids", expanding=True, type_=Integer)


@lru_cache(maxsize=8)
def _working(day: date) -> Select[Any]:
    return (
        select(Person.id, Person.name, Person.staff_number, Campus.short_name, Posting.kind, Posting.to_day)
        .outerjoin(Posting, and_(Posting.person_id == Person.id, Posting.holding_on(day)))
        .outerjoin(Campus, Campus.id == Posting.campus_id)
        .where(Person.id.in_(_PEOPLE))
        .order_by(Posting.share_percent.desc(), Posting.id)
    )


@lru_cache(maxsize=8)
def _teaching(day: date) -> Select[Any]:
    taught = select(TeachingAssignment.person_id, TeachingAssignment.subject_id)
    return taught.where(TeachingAssignment.person_id.in_(_PEOPLE), TeachingAssignment.holding_on(day))


@lru_cache(maxsize=8)
def _trusted(day: date) -> Select[Any]:
    role = RoleGrant.person_id, RoleGrant.role, RoleGrant.subject_id, RoleGrant.grade
    return _granted(*role).where(RoleGrant.person_id.in_(_PEOPLE), RoleGrant.holding_on(day))


def _granted(*columns: Any) -> Select[Any]:
    """Columns of roles that were given, with the names of the place and of the division that each reaches.

    教师 is left out, it says nothing about rights.
    """
    return (
        select(*columns, func.coalesce(Campus.short_name, Group.name, PrepGroup.name), Division.name)
        .select_from(RoleGrant)
        .outerjoin(Group, Group.id == RoleGrant.group_id)
        .outerjoin(Campus, Campus.id == RoleGrant.campus_id)
        .outerjoin(Division, Division.id == RoleGrant.division_id)
        .outerjoin(PrepGroup, PrepGroup.id == RoleGrant.prep_group_id)
        .where(RoleGrant.role != Role.TEACHER)
        .order_by(RoleGrant.from_day, RoleGrant.id)
    )


def grants_of(person_ids: Collection[int], day: date | None = None) -> Mapping[int, Sequence[HeldGrant]]:
    """The roles of people by person, those that count on `day` or all; without 教师."""
    wanted = (
        _granted(RoleGrant)
        .add_columns(Subject)
        .outerjoin(Subject, Subject.id == RoleGrant.subject_id)
        .options(raiseload(RoleGrant.person))
        .where(RoleGrant.person_id.in_(person_ids))
    )
    if day is not None:
        wanted = wanted.where(RoleGrant.holding_on(day))
    grants: dict[int, list[HeldGrant]] = defaultdict(list)
    for grant, place, division, subject in db.session.execute(wanted).tuples():
        grants[grant.person_id].append(HeldGrant(grant, Reach(place, division, subject, grant.grade)))
    return grants


def prep_groups_in(grants: Iterable[HeldGrant]) -> Mapping[int | None, PrepGroup]:
    """The prep groups that roles were given for, with their campuses, by id."""
    ids = [held.grant.prep_group_id for held in grants if held.grant.prep_group_id]
    if not ids:
        return {}
    wanted = select(PrepGroup).options(selectinload(PrepGroup.campuses)).where(PrepGroup.id.in_(ids))
    return {prep_group.id: prep_group for prep_group in db.session.scalars(wanted)}


@dataclass(frozen=True)
class Lesson:
    """What somebody teaches to a class."""

    assignment: TeachingAssignment
    school_class: SchoolClass
    subject: Subject
    campus: Campus


@dataclass(frozen=True)
class Card:
    """All that stands on somebody's card."""

    postings: Sequence[Posting]
    past_postings: Sequence[Posting]
    lessons: Sequence[Lesson]
    homerooms: Sequence[SchoolClass]
    titles: Sequence[Title]
    grants: Sequence[HeldGrant]
    past_grants: Sequence[HeldGrant]
    granted_prep_groups: Mapping[int | None, PrepGroup]
    prep_groups: Sequence[PrepGroup]
    led_prep_group_ids: frozenset[int]

    @property
    def subjects(self) -> list[Subject]:
        """What they teach today, each once."""
        return list(dict.fromkeys(lesson.subject for lesson in self.lessons))

    @property
    def grades(self) -> list[tuple[object, int]]:
        """The stages and grades they teach today, each once."""
        return sorted({(lesson.school_class.stage, lesson.school_class.grade) for lesson in self.lessons})


def card_of(person: Person) -> Card:
    """The card of somebody who was loaded with their postings; days to come stand with the present ones."""
    day = today()
    standing = standings_of([person.id])[person.id]
    postings = sorted(person.postings, key=lambda posting: (posting.from_day, posting.id))
    grants = grants_of([person.id]).get(person.id, ())
    lasting = [each for each in grants if _lasts(each.grant.to_day, day)]
    return Card(
        postings=[each for each in postings if _lasts(each.to_day, day)],
        past_postings=[each for each in postings if not _lasts(each.to_day, day)],
        lessons=[each for each in lessons_of(person, day) if each.assignment.holds_on(day)],
        homerooms=homerooms_of(person),
        titles=titles_of(person),
        grants=lasting,
        past_grants=[each for each in grants if not _lasts(each.grant.to_day, day)],
        granted_prep_groups=prep_groups_in(lasting),
        prep_groups=prep_groups_of(standing),
        led_prep_group_ids=standing.led_prep_group_ids,
    )


def lessons_of(person: Person, day: date) -> Sequence[Lesson]:
    """What somebody teaches on `day` and what is still to come, by campus and class."""
    wanted = (
        select(TeachingAssignment, SchoolClass, Subject, Campus)
        .join(SchoolClass, SchoolClass.id == TeachingAssignment.class_id)
        .join(Subject, Subject.id == TeachingAssignment.subject_id)
        .join(Campus, Campus.id == SchoolClass.campus_id)
        .where(
            TeachingAssignment.person_id == person.id,
            or_(TeachingAssignment.to_day.is_(None), TeachingAssignment.to_day > day),
            or_(TeachingAssignment.to_day.is_(None), TeachingAssignment.to_day > TeachingAssignment.from_day),
        )
        .order_by(Campus.name, SchoolClass.grade, SchoolClass.number, Subject.rank, TeachingAssignment.id)
    )
    return [Lesson(*row) for row in db.session.execute(wanted).tuples()]


def homerooms_of(person: Person) -> Sequence[SchoolClass]:
    """The present classes whose homeroom teacher somebody is."""
    return db.session.scalars(
        select(SchoolClass)
        .options(joinedload(SchoolClass.campus))
        .where(SchoolClass.homeroom_teacher_id == person.id, SchoolClass.left_on.is_(None))
        .order_by(SchoolClass.grade, SchoolClass.number, SchoolClass.id)
    ).all()


def titles_of(person: Person) -> Sequence[Title]:
    """Somebody's honours, the newest first."""
    wanted = select(Title).where(Title.person_id == person.id)
    return db.session.scalars(wanted.order_by(Title.from_day.desc(), Title.id.desc())).all()


@dataclass(frozen=True)
class Places:
    """What roles and postings can be given for: the groups, campuses and prep groups that somebody administers."""

    groups: Sequence[Group]
    campuses: Sequence[Campus]
    prep_groups: Sequence[PrepGroup]
    divisions: Sequence[Division]


def places_of(standing: Standing, authority: Authority) -> Places:
    """The places that somebody administers, each by name, with the divisions that lie in them."""
    groups = db.session.scalars(select(Group).where(Group.id.in_(authority.group_ids)).order_by(Group.name)).all()
    prep_groups = db.session.scalars(
        select(PrepGroup)
        .options(selectinload(PrepGroup.campuses))
        .where(PrepGroup.group_id.in_(standing.group_ids | authority.group_ids))
        .order_by(PrepGroup.name, PrepGroup.id)
    ).all()
    in_groups = select(Membership.group_id).where(
        Membership.campus_id.in_(authority.campus_ids), Membership.holding_on(standing.day)
    )
    divisions = db.session.scalars(
        select(Division)
        .where(or_(Division.group_id.in_(authority.group_ids), Division.group_id.in_(in_groups)))
        .order_by(Division.name, Division.id)
    ).all()
    return Places(
        groups,
        campuses_administered(authority),
        [each for each in prep_groups if authority.may_grant(prep_group=each)],
        divisions,
    )


def campuses_administered(authority: Authority) -> Sequence[Campus]:
    """The campuses that somebody administers, by name."""
    wanted = select(Campus).where(Campus.id.in_(authority.campus_ids))
    return db.session.scalars(wanted.order_by(Campus.name, Campus.id)).all()


def campuses_seen(circle: Circle) -> Sequence[tuple[int, str]]:
    """The campuses of the circle, by name: id and name of each."""
    asked = db.session.connection().execute(_CAMPUSES, {"campus_ids": list(circle.campus_ids)})
    return asked.tuples().all()


_CAMPUSES: Final = (
    select(Campus.id, Campus.name)
    .where(Campus.id.in_(bindparam("campus_ids", expanding=True, type_=Integer)))
    .order_by(Campus.name, Campus.id)
)


def reach_of(
    *,
    group_id: int | None,
    campus_id: int | None,
    prep_group_id: int | None,
    division_id: int | None,
    subject_id: int | None,
    grade: int | None,
) -> Reach:
    """What a role that is about to be given will reach."""
    group = db.session.get(Group, group_id) if group_id else None
    campus = db.session.get(Campus, campus_id) if campus_id else None
    prep_group = db.session.get(PrepGroup, prep_group_id) if prep_group_id else None
    division = db.session.get(Division, division_id) if division_id else None
    place = next((each.name for each in (group, campus, prep_group) if each), "")
    subject = db.session.get(Subject, subject_id) if subject_id else None
    return Reach(place, division.name if division else None, subject, grade)


@dataclass(frozen=True)
class Holders:
    """Who holds a role today: the first by name, and how many in all."""

    people: Sequence[tuple[Person, HeldGrant]]
    count: int


def holders_of_roles(standing: Standing) -> Mapping[Role, Holders]:
    """Who of the people whom somebody sees holds which role today."""
    place = func.row_number().over(partition_by=RoleGrant.role, order_by=(Person.pinyin, Person.id, RoleGrant.id))
    held = (
        select(RoleGrant.id, place.label("place"))
        .join(Person, Person.id == RoleGrant.person_id)
        .where(RoleGrant.role.in_(PRESETS), RoleGrant.holding_on(standing.day), colleagues(standing))
        .subquery()
    )
    counts = dict(
        db.session.execute(
            select(RoleGrant.role, func.count(func.distinct(RoleGrant.person_id)))
            .join(held, held.c.id == RoleGrant.id)
            .group_by(RoleGrant.role)
        )
        .tuples()
        .all()
    )
    shown = db.session.execute(
        select(RoleGrant.id, Person)
        .join(held, held.c.id == RoleGrant.id)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(held.c.place <= HOLDERS_SHOWN)
        .options(raiseload("*"))
        .order_by(held.c.place)
    )
    people = dict(shown.tuples().all())
    grants = grants_of({person.id for person in people.values()}, standing.day)
    by_id = {held.grant.id: held for each in grants.values() for held in each}
    return {
        role: Holders(
            [(person, by_id[id]) for id, person in people.items() if by_id[id].role is role], counts.get(role, 0)
        )
        for role in PRESETS
    }


@dataclass(frozen=True)
class HandOver:
    """What somebody leaves behind: what goes over to others, what stays where it is, and what ends by itself.

    `may_pass`: the prep groups (by grant), classes and assignments that the asking person may give to somebody else.
    """

    led: Sequence[HeldGrant]
    homerooms: Sequence[SchoolClass]
    lessons: Sequence[Lesson]
    other_grants: Sequence[HeldGrant]
    picks: Sequence[tuple[PrepGroupPick, PrepGroup]]
    units: Sequence[tuple[OrgUnitMember, OrgUnit]]
    personal_plans: int
    shared_plans: int
    readable_plans: Sequence[Plan]
    may_pass_grants: frozenset[int]
    may_pass_campuses: frozenset[int]

    @property
    def may_pass_any(self) -> bool:
        """Whether anything on the list is theirs to give to somebody else."""
        campuses = {lesson.campus.id for lesson in self.lessons} | {each.campus_id for each in self.homerooms}
        return bool(self.may_pass_grants or campuses & self.may_pass_campuses)


def hand_over_of(standing: Standing, authority: Authority, person: Person) -> HandOver:
    """The hand-over list of somebody, as those with `standing` see it: of personal plans only how many there are."""
    day = standing.day
    grants = [each for each in grants_of([person.id]).get(person.id, ()) if _lasts(each.grant.to_day, day)]
    led = [each for each in grants if each.role is Role.PREP_LEAD]
    picks = select(PrepGroupPick, PrepGroup).join(PrepGroup, PrepGroup.id == PrepGroupPick.prep_group_id)
    units = select(OrgUnitMember, OrgUnit).join(OrgUnit, OrgUnit.id == OrgUnitMember.org_unit_id)
    prep_groups = prep_groups_in(led)
    personal, shared = _plans_counted(person)
    return HandOver(
        led=led,
        homerooms=homerooms_of(person),
        lessons=lessons_of(person, day),
        other_grants=[each for each in grants if each.role is not Role.PREP_LEAD],
        picks=db.session.execute(
            picks.where(PrepGroupPick.person_id == person.id, PrepGroupPick.holding_on(day)).order_by(PrepGroup.name)
        )
        .tuples()
        .all(),
        units=db.session.execute(
            units.where(OrgUnitMember.person_id == person.id, OrgUnitMember.holding_on(day)).order_by(OrgUnit.name)
        )
        .tuples()
        .all(),
        personal_plans=personal,
        shared_plans=shared,
        readable_plans=_plans_shown(standing, person),
        may_pass_grants=frozenset(
            each.grant.id for each in led if authority.may_grant(prep_group=prep_groups[each.grant.prep_group_id])
        ),
        may_pass_campuses=frozenset(db.session.scalars(arranged_campuses(standing))),
    )


def _plans_counted(person: Person) -> tuple[int, int]:
    """How many personal and how many shared plans somebody has."""
    is_personal = Plan.visibility == Visibility.PERSONAL
    counted = select(func.count().filter(is_personal), func.count().filter(~is_personal))
    personal, shared = (
        db.session.execute(counted.where(Plan.owner_id == person.id, Plan.removed_at.is_(None))).tuples().one()
    )
    return personal, shared


def _plans_shown(standing: Standing, person: Person) -> Sequence[Plan]:
    return db.session.scalars(
        readable_plans(standing)
        .where(Plan.owner_id == person.id, Plan.visibility != Visibility.PERSONAL)
        .options(joinedload(Plan.subject), joinedload(Plan.prep_group), raiseload("*"))
        .order_by(Plan.changed_at.desc(), Plan.id.desc())
        .limit(PLANS_SHOWN)
    ).all()


def _lasts(to_day: date | None, day: date) -> bool:
    return to_day is None or day < to_day
