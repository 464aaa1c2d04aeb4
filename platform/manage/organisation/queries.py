"""What pages show of campuses, divisions and departments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from foundation.database import db
from foundation.paging import nearest_page
from schools.access import Standing, campuses_of_my_groups
from schools.models import (
    Campus,
    Division,
    Enrolment,
    Group,
    MemberKind,
    Membership,
    OrgUnit,
    OrgUnitMember,
    Person,
    Posting,
    Room,
    SchoolClass,
)


@dataclass(frozen=True)
class Sizes:
    """How many there are at a campus today."""

    staff: int = 0
    classes: int = 0
    pupils: int = 0


@dataclass(frozen=True)
class CampusPage:
    """One page of the campuses of a group."""

    memberships: Sequence[Membership]
    sizes: dict[int, Sizes]
    count: int
    page: int
    pages: int


def my_groups(standing: Standing) -> Sequence[Group]:
    """The groups that somebody belongs to."""
    return db.session.scalars(select(Group).where(Group.id.in_(standing.group_ids)).order_by(Group.id)).all()


def campuses_of(standing: Standing, group: Group, page: int, page_size: int) -> CampusPage:
    """The campuses of a group, the core first; those that have left or are still to come stand last."""
    mine = Membership.group_id == group.id
    count = db.session.scalar(select(func.count()).select_from(Membership).where(mine)) or 0
    page, pages = nearest_page(page, count, page_size)
    memberships = db.session.scalars(
        select(Membership)
        .join(Campus, Campus.id == Membership.campus_id)
        .options(joinedload(Membership.campus))
        .where(mine)
        .order_by(
            Membership.holding_on(standing.day).desc(), Membership.kind != MemberKind.CORE, Campus.name, Membership.id
        )
        .limit(page_size)
        .offset((page - 1) * page_size)
    ).all()
    return CampusPage(memberships, sizes_of(standing.day, [each.campus_id for each in memberships]), count, page, pages)


def sizes_of(day: date, campus_ids: Sequence[int]) -> dict[int, Sizes]:
    """Staff, classes and pupils of each campus on `day`, in three queries."""
    staff = (
        select(Posting.campus_id, func.count(Posting.person_id.distinct()))
        .join(Person, Person.id == Posting.person_id)
        .where(Posting.campus_id.in_(campus_ids), Posting.holding_on(day), Person.left_at.is_(None))
        .group_by(Posting.campus_id)
    )
    present = SchoolClass.campus_id.in_(campus_ids), or_(SchoolClass.left_on.is_(None), SchoolClass.left_on > day)
    classes = select(SchoolClass.campus_id, func.count()).where(*present).group_by(SchoolClass.campus_id)
    pupils = (
        select(SchoolClass.campus_id, func.count())
        .join(Enrolment, Enrolment.class_id == SchoolClass.id)
        .where(*present, Enrolment.holding_on(day))
        .group_by(SchoolClass.campus_id)
    )
    counted = [dict(db.session.execute(query).tuples().all()) for query in (staff, classes, pupils)]
    return {id: Sizes(*(counts.get(id, 0) for counts in counted)) for id in campus_ids}


def rooms_of(campus: Campus) -> Sequence[Room]:
    """The rooms of a campus by name."""
    return db.session.scalars(select(Room).where(Room.campus_id == campus.id).order_by(Room.name, Room.id)).all()


def memberships_of(standing: Standing, campus: Campus) -> Sequence[Membership]:
    """The memberships of a campus in one's own groups, the present ones first."""
    return db.session.scalars(
        select(Membership)
        .options(joinedload(Membership.group))
        .where(Membership.campus_id == campus.id, Membership.group_id.in_(standing.group_ids))
        .order_by(Membership.to_day.is_not(None), Membership.from_day.desc(), Membership.id)
    ).all()


def present_campuses(standing: Standing, group: Group) -> Sequence[Campus]:
    """The present members of a group, the core first."""
    return db.session.scalars(
        select(Campus)
        .join(Membership, Membership.campus_id == Campus.id)
        .where(Membership.group_id == group.id, Membership.holding_on(standing.day))
        .order_by(Membership.kind != MemberKind.CORE, Campus.name, Campus.id)
    ).all()


def divisions_of(group: Group) -> Sequence[Division]:
    """The divisions of a group with their campuses, by their lowest grade."""
    divisions = db.session.scalars(
        select(Division).options(selectinload(Division.campuses)).where(Division.group_id == group.id)
    ).all()
    return sorted(divisions, key=lambda division: (min(division.grades, default=0), division.name))


@dataclass(frozen=True)
class UnitLine:
    """A department in the tree of its group or campus: how deep it lies, and how many belong to it."""

    unit: OrgUnit
    depth: int
    members: int


def units_of(standing: Standing, *, group_id: int | None = None, campus_id: int | None = None) -> Sequence[UnitLine]:
    """The departments of a group, or of a campus, as a tree written line by line."""
    place = OrgUnit.group_id == group_id if group_id else OrgUnit.campus_id == campus_id
    units = db.session.scalars(select(OrgUnit).where(place).order_by(OrgUnit.name, OrgUnit.id)).all()
    counted = (
        select(OrgUnitMember.org_unit_id, func.count())
        .join(OrgUnit, OrgUnit.id == OrgUnitMember.org_unit_id)
        .where(place, OrgUnitMember.holding_on(standing.day))
        .group_by(OrgUnitMember.org_unit_id)
    )
    members = dict(db.session.execute(counted).tuples().all())
    lines: list[UnitLine] = []

    def add_below(parent_id: int | None, depth: int) -> None:
        for unit in units:
            if unit.parent_id == parent_id:
                lines.append(UnitLine(unit, depth, members.get(unit.id, 0)))
                add_below(unit.id, depth + 1)

    add_below(None, 0)
    return lines


def campuses_with_units(standing: Standing, group: Group) -> Sequence[tuple[Campus, int]]:
    """The present campuses of a group with the number of their own departments."""
    counted = select(OrgUnit.campus_id, func.count().label("units")).group_by(OrgUnit.campus_id).subquery()
    rows = db.session.execute(
        select(Campus, func.coalesce(counted.c.units, 0))
        .join(Membership, Membership.campus_id == Campus.id)
        .outerjoin(counted, counted.c.campus_id == Campus.id)
        .where(
            Membership.group_id == group.id,
            Membership.holding_on(standing.day),
            Campus.id.in_(campuses_of_my_groups(standing)),
        )
        .order_by(Membership.kind != MemberKind.CORE, Campus.name, Campus.id)
    )
    return rows.tuples().all()


def members_of(unit: OrgUnit) -> Sequence[tuple[OrgUnitMember, Person]]:
    """Everybody who belongs or belonged to a department, those who still do first."""
    rows = db.session.execute(
        select(OrgUnitMember, Person)
        .join(Person, Person.id == OrgUnitMember.person_id)
        .where(OrgUnitMember.org_unit_id == unit.id)
        .order_by(OrgUnitMember.from_day, OrgUnitMember.id)
    )
    return rows.tuples().all()
