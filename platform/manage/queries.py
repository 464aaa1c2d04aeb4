"""What the first page of Manage shows: in three queries, however large the group is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from curriculum.models import TextbookVolume
from foundation.database import db
from schools.access import Standing, groups_of_role, overseen_campuses
from schools.models import (
    Campus,
    Enrolment,
    Group,
    Person,
    Posting,
    PostingKind,
    PrepGroup,
    Role,
    RoleGrant,
    SchoolClass,
    TeachingAssignment,
)
from schools.names import POSTING_KIND_NAMES, ROLE_NAMES

SOON = timedelta(days=30)
AT_MOST = 8
GUESTS = (Role.GUEST_RESEARCHER, Role.GUEST_INSPECTOR)
WHOLE_GROUP = (Role.GROUP_ADMIN, Role.ACADEMIC_OFFICE, Role.HEAD, Role.EXECUTIVE_HEAD)


@dataclass(frozen=True)
class Counts:
    """How much there is at the campuses that somebody oversees, and what is missing there.

    `without_password` cannot sign in yet; `without_class` are at home there and teach nobody; `without_posting` belonged there,
    belong nowhere now, and were not said to have left.
    """

    campuses: int
    staff: int
    classes: int
    pupils: int
    prep_groups: int
    volumes: int
    without_password: int
    without_class: int
    without_posting: int


@dataclass(frozen=True)
class Ending:
    """A posting or a guest's role that ends soon: whose it is, what it is, where, and the day from which it no longer counts."""

    person_id: int
    name: str
    what: str
    where: str
    day: date


def counts_for(standing: Standing) -> Counts:
    """Everything that is counted, in one query."""
    day, campuses = standing.day, overseen_campuses(standing)
    posted = and_(Posting.campus_id.in_(campuses), Posting.holding_on(day))
    staff = select(func.count(func.distinct(Posting.person_id))).where(posted)
    classes = select(func.count()).select_from(SchoolClass).where(*_present(campuses))
    pupils = (
        select(func.count())
        .select_from(Enrolment)
        .join(SchoolClass, SchoolClass.id == Enrolment.class_id)
        .where(*_present(campuses), Enrolment.holding_on(day))
    )
    without_password = staff.join(Person, Person.id == Posting.person_id).where(Person.password_hash == "")
    teaches = exists().where(TeachingAssignment.person_id == Posting.person_id, TeachingAssignment.holding_on(day))
    without_class = staff.where(Posting.kind == PostingKind.HOME, ~teaches)
    return Counts(
        *db.session.execute(
            select(
                *(
                    part.scalar_subquery()
                    for part in (
                        select(func.count()).select_from(campuses.subquery()),
                        staff,
                        classes,
                        pupils,
                        select(func.count()).select_from(PrepGroup).where(PrepGroup.group_id.in_(standing.group_ids)),
                        select(func.count()).select_from(TextbookVolume),
                        without_password,
                        without_class,
                        _without_posting(day, campuses),
                    )
                )
            )
        ).one()
    )


def ending_soon(standing: Standing) -> Sequence[Ending]:
    """What ends within `SOON`, the next first: postings at the campuses somebody oversees, guests of their groups."""
    day, campuses = standing.day, overseen_campuses(standing)
    postings = db.session.execute(
        select(Posting, Person.name, Campus.short_name)
        .join(Person, Person.id == Posting.person_id)
        .join(Campus, Campus.id == Posting.campus_id)
        .where(Posting.campus_id.in_(campuses), Posting.holding_on(day), Posting.to_day <= day + SOON)
        .order_by(Posting.to_day, Person.name)
        .limit(AT_MOST)
    )
    groups = groups_of_role(standing, *WHOLE_GROUP)
    grants = db.session.execute(
        select(RoleGrant, Person.name, func.coalesce(Campus.short_name, Group.name))
        .join(Person, Person.id == RoleGrant.person_id)
        .outerjoin(Campus, Campus.id == RoleGrant.campus_id)
        .outerjoin(Group, Group.id == RoleGrant.group_id)
        .where(
            RoleGrant.role.in_(GUESTS),
            or_(RoleGrant.group_id.in_(groups), RoleGrant.campus_id.in_(campuses)),
            RoleGrant.holding_on(day),
            RoleGrant.to_day <= day + SOON,
        )
        .order_by(RoleGrant.to_day, Person.name)
        .limit(AT_MOST)
    )
    found = [
        *(Ending(one.person_id, name, str(POSTING_KIND_NAMES[one.kind]), at, one.to_day) for one, name, at in postings),
        *(Ending(one.person_id, name, str(ROLE_NAMES[one.role]), at, one.to_day) for one, name, at in grants),
    ]
    return sorted(found, key=lambda ending: ending.day)[:AT_MOST]


def _present(campuses: Select[tuple[int]]) -> tuple[ColumnElement[bool], ...]:
    return SchoolClass.campus_id.in_(campuses), SchoolClass.left_on.is_(None)


def _without_posting(day: date, campuses: Select[tuple[int]]) -> Select[tuple[int]]:
    lasting, granted = aliased(Posting), aliased(RoleGrant)
    return (
        select(func.count(func.distinct(Posting.person_id)))
        .join(Person, Person.id == Posting.person_id)
        .where(
            Posting.campus_id.in_(campuses),
            Person.left_at.is_(None),
            ~exists().where(lasting.person_id == Person.id, or_(lasting.to_day.is_(None), lasting.to_day > day)),
            ~exists().where(granted.person_id == Person.id, or_(granted.to_day.is_(None), granted.to_day > day)),
        )
    )
