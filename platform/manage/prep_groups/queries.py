"""What pages show of prep groups: who is in them, and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from foundation.database import db
from foundation.paging import nearest_page
from manage.prep_groups.forms import PrepGroupFilter
from schools.access import Standing, assigned_classes
from schools.models import (
    Campus,
    Group,
    Membership,
    Person,
    PrepGroup,
    PrepGroupPick,
    Role,
    RoleGrant,
    SchoolClass,
    Stage,
    Subject,
    TeachingAssignment,
)
from schools.queries import sizes_of_prep_groups

_STAGES = {stage: place for place, stage in enumerate(Stage)}


@dataclass(frozen=True)
class PrepGroupPage:
    """One page of prep groups, with their sizes and the names of their leads."""

    prep_groups: Sequence[PrepGroup]
    sizes: dict[int, int]
    leads: dict[int, list[str]]
    count: int
    page: int
    pages: int


def my_groups(standing: Standing) -> Sequence[Group]:
    """The groups that somebody belongs to."""
    return db.session.scalars(select(Group).where(Group.id.in_(standing.group_ids)).order_by(Group.id)).all()


def prep_group_page(standing: Standing, group: Group, wanted: PrepGroupFilter, page_size: int) -> PrepGroupPage:
    """The prep groups of a group by stage, grade and subject."""
    found = _narrowed(select(PrepGroup).where(PrepGroup.group_id == group.id), wanted)
    count = db.session.scalar(select(func.count()).select_from(found.subquery())) or 0
    page, pages = nearest_page(wanted.page, count, page_size)
    prep_groups = db.session.scalars(
        found.join(Subject, Subject.id == PrepGroup.subject_id)
        .options(joinedload(PrepGroup.subject), selectinload(PrepGroup.campuses))
        .order_by(case(_STAGES, value=PrepGroup.stage), PrepGroup.grade, Subject.rank, PrepGroup.name, PrepGroup.id)
        .limit(page_size)
        .offset((page - 1) * page_size)
    ).all()
    ids = [prep_group.id for prep_group in prep_groups]
    return PrepGroupPage(prep_groups, sizes_of_prep_groups(ids), _leads_of(ids, standing), count, page, pages)


def _narrowed(prep_groups: Select[tuple[PrepGroup]], wanted: PrepGroupFilter) -> Select[tuple[PrepGroup]]:
    if wanted.subject:
        prep_groups = prep_groups.where(PrepGroup.subject_id == wanted.subject)
    if wanted.grade:
        prep_groups = prep_groups.where(PrepGroup.grade == wanted.grade)
    if wanted.words:
        prep_groups = prep_groups.where(PrepGroup.name.contains(wanted.words, autoescape=True))
    return prep_groups


def _leads_of(prep_group_ids: Sequence[int], standing: Standing) -> dict[int, list[str]]:
    rows = db.session.execute(
        select(RoleGrant.prep_group_id, Person.name)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(
            RoleGrant.role == Role.PREP_LEAD,
            RoleGrant.prep_group_id.in_(prep_group_ids),
            RoleGrant.holding_on(standing.day),
        )
        .order_by(RoleGrant.from_day, RoleGrant.id)
    )
    leads: dict[int, list[str]] = {}
    for prep_group_id, name in rows.tuples():
        leads.setdefault(prep_group_id or 0, []).append(name)
    return leads


@dataclass(frozen=True)
class Assigned:
    """Somebody who is in a prep group by teaching, and the classes that make it so."""

    person: Person
    classes: Sequence[tuple[SchoolClass, Campus]]


def assigned_to(standing: Standing, prep_group: PrepGroup) -> Sequence[Assigned]:
    """Who is in a prep group by teaching today, by name, in one query."""
    rows = db.session.execute(
        assigned_classes(standing.day)
        .join(Person, Person.id == TeachingAssignment.person_id)
        .join(Campus, Campus.id == SchoolClass.campus_id)
        .where(PrepGroup.id == prep_group.id)
        .with_only_columns(Person, SchoolClass, Campus)
        .order_by(Person.pinyin, Person.id, Campus.name, SchoolClass.grade, SchoolClass.number)
    ).tuples()
    found: dict[Person, list[tuple[SchoolClass, Campus]]] = {}
    for person, school_class, campus in rows:
        found.setdefault(person, []).append((school_class, campus))
    return [Assigned(person, classes) for person, classes in found.items()]


def picks_of(prep_group: PrepGroup) -> Sequence[tuple[PrepGroupPick, Person]]:
    """Everybody who is or was picked by hand."""
    return (
        db.session.execute(
            select(PrepGroupPick, Person)
            .join(Person, Person.id == PrepGroupPick.person_id)
            .where(PrepGroupPick.prep_group_id == prep_group.id)
            .order_by(PrepGroupPick.from_day, PrepGroupPick.id)
        )
        .tuples()
        .all()
    )


def leads_of(prep_group: PrepGroup) -> Sequence[tuple[RoleGrant, Person]]:
    """Everybody who leads or led a prep group."""
    return (
        db.session.execute(
            select(RoleGrant, Person)
            .join(Person, Person.id == RoleGrant.person_id)
            .where(RoleGrant.prep_group_id == prep_group.id, RoleGrant.role == Role.PREP_LEAD)
            .order_by(RoleGrant.from_day, RoleGrant.id)
        )
        .tuples()
        .all()
    )


@dataclass(frozen=True)
class Wanting:
    """A subject taught in a grade for which the group has no prep group, and by how many people."""

    subject: Subject
    stage: Stage
    grade: int
    teachers: int

    @property
    def key(self) -> str:
        """How a form names it."""
        return f"{self.subject.id}-{self.stage}-{self.grade}"


def wanting_in(standing: Standing, group: Group) -> Sequence[Wanting]:
    """What is taught today at the group's campuses without a prep group of the whole group, by stage, grade and subject."""
    taught = (
        select(
            TeachingAssignment.subject_id,
            SchoolClass.stage,
            SchoolClass.grade,
            func.count(TeachingAssignment.person_id.distinct()).label("teachers"),
        )
        .join(SchoolClass, SchoolClass.id == TeachingAssignment.class_id)
        .join(Membership, Membership.campus_id == SchoolClass.campus_id)
        .where(
            Membership.group_id == group.id,
            Membership.holding_on(standing.day),
            TeachingAssignment.holding_on(standing.day),
        )
        .group_by(TeachingAssignment.subject_id, SchoolClass.stage, SchoolClass.grade)
        .subquery()
    )
    covered = select(PrepGroup.id).where(
        PrepGroup.group_id == group.id,
        PrepGroup.whole_group,
        PrepGroup.subject_id == taught.c.subject_id,
        PrepGroup.stage == taught.c.stage,
        or_(PrepGroup.grade.is_(None), PrepGroup.grade == taught.c.grade),
    )
    rows = db.session.execute(
        select(Subject, taught.c.stage, taught.c.grade, taught.c.teachers)
        .join(taught, taught.c.subject_id == Subject.id)
        .where(~covered.exists())
        .order_by(case(_STAGES, value=taught.c.stage), taught.c.grade, Subject.rank, Subject.id)
    )
    return [Wanting(*row) for row in rows.tuples()]


def campuses_for(standing: Standing, group: Group, *, only: Select[tuple[int]] | None = None) -> Sequence[Campus]:
    """The present member campuses of a group; of `only` these, if given."""
    campuses = (
        select(Campus)
        .join(Membership, Membership.campus_id == Campus.id)
        .where(Membership.group_id == group.id, Membership.holding_on(standing.day))
        .order_by(Campus.name, Campus.id)
    )
    return db.session.scalars(campuses if only is None else campuses.where(Campus.id.in_(only))).all()
