"""What pages show about groups, campuses, people and prep groups."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from flask import current_app
from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import joinedload

from foundation.clock import today
from foundation.database import db
from foundation.paging import pages_for
from schools.access import Standing, taking_part
from schools.models import (
    Campus,
    Division,
    Group,
    MemberKind,
    Membership,
    Posting,
    PrepGroup,
    Role,
    RoleGrant,
    SchoolClass,
    Subject,
)


def any_group() -> bool:
    """Whether the installation has a group; if not, the first visit is still to come."""
    return db.session.scalar(select(Group.id).limit(1)) is not None


def postings_of(standing: Standing) -> Sequence[Posting]:
    """Where somebody works on the day of the standing, with the campuses, the longest first."""
    return db.session.scalars(
        select(Posting)
        .options(joinedload(Posting.campus))
        .where(Posting.person_id == standing.person_id, Posting.holding_on(standing.day))
        .order_by(Posting.from_day, Posting.id)
    ).all()


def places_of(standing: Standing) -> Sequence[tuple[Group, Campus]]:
    """The campuses where the person works now, each with a group it belongs to; the primary group first."""
    wanted = (
        select(Group, Campus)
        .join(Membership, Membership.group_id == Group.id)
        .join(Campus, Campus.id == Membership.campus_id)
        .where(Membership.campus_id.in_(standing.campus_ids), Membership.holding_on(standing.day))
        .order_by(Membership.primary.desc(), Group.id, Campus.id)
    )
    return db.session.execute(wanted).tuples().all()


@dataclass(frozen=True)
class HeldRole:
    """A role that somebody holds, with what it reaches in words."""

    role: Role
    place: str
    division: str | None
    subject: Subject | None
    grade: int | None
    to_day: date | None


def roles_of(standing: Standing) -> Sequence[HeldRole]:
    """The roles somebody holds in groups and at campuses on the day of the standing.

    教师 is left out: it says nothing about rights. So is 备课组长: see `Standing.led_prep_group_ids`.
    """
    rows = db.session.execute(
        select(RoleGrant, func.coalesce(Campus.short_name, Group.name), Division.name, Subject)
        .outerjoin(Group, Group.id == RoleGrant.group_id)
        .outerjoin(Campus, Campus.id == RoleGrant.campus_id)
        .outerjoin(Division, Division.id == RoleGrant.division_id)
        .outerjoin(Subject, Subject.id == RoleGrant.subject_id)
        .where(
            RoleGrant.person_id == standing.person_id,
            RoleGrant.role.not_in({Role.TEACHER, Role.PREP_LEAD}),
            RoleGrant.holding_on(standing.day),
        )
        .order_by(RoleGrant.from_day, RoleGrant.id)
    )
    return [
        HeldRole(grant.role, place, division, subject, grant.grade, grant.to_day)
        for grant, place, division, subject in rows
    ]


def campuses_of(standing: Standing) -> Sequence[Campus]:
    """The campuses where somebody is posted on the day of the standing, by name."""
    return db.session.scalars(
        select(Campus).where(Campus.id.in_(standing.campus_ids)).order_by(Campus.name, Campus.id)
    ).all()


def campuses_of_group(group_id: int) -> Sequence[Campus]:
    """The present members of a group, the core first."""
    return db.session.scalars(
        select(Campus)
        .join(Membership, Membership.campus_id == Campus.id)
        .where(Membership.group_id == group_id, Membership.holding_on(today()))
        .order_by(Membership.kind != MemberKind.CORE, Campus.name, Campus.id)
    ).all()


def licence_note_of(group_id: int, campus_id: int) -> str:
    """Under which words what a campus has shared stays with a group that it has left."""
    note = db.session.scalar(
        select(Membership.licence_note)
        .where(Membership.group_id == group_id, Membership.campus_id == campus_id)
        .order_by(Membership.to_day.desc())
        .limit(1)
    )
    return note or ""


def subjects() -> Sequence[Subject]:
    """All subjects in their usual order."""
    return db.session.scalars(select(Subject).order_by(Subject.rank, Subject.id)).all()


def prep_groups_of(standing: Standing) -> Sequence[PrepGroup]:
    """The prep groups somebody belongs to, by name, with their subjects."""
    return db.session.scalars(
        select(PrepGroup)
        .options(joinedload(PrepGroup.subject))
        .where(PrepGroup.id.in_(standing.prep_group_ids))
        .order_by(PrepGroup.name, PrepGroup.id)
    ).all()


def sizes_of_prep_groups(prep_group_ids: Iterable[int]) -> dict[int, int]:
    """How many people each prep group has today, in one query."""
    wanted = set(prep_group_ids)
    members = taking_part(today()).subquery()
    counted = db.session.execute(
        select(members.c.prep_group_id, func.count())
        .where(members.c.prep_group_id.in_(wanted))
        .group_by(members.c.prep_group_id)
    )
    return dict.fromkeys(wanted, 0) | dict(counted.tuples().all())


def homeroom_classes_of(standing: Standing) -> Sequence[SchoolClass]:
    """The classes whose 班主任 somebody is, at campuses where they are posted."""
    return db.session.scalars(
        select(SchoolClass)
        .where(
            SchoolClass.homeroom_teacher_id == standing.person_id,
            SchoolClass.campus_id.in_(standing.campus_ids),
            or_(SchoolClass.left_on.is_(None), SchoolClass.left_on > standing.day),
        )
        .order_by(SchoolClass.grade, SchoolClass.number, SchoolClass.id)
    ).all()


@dataclass(frozen=True)
class PlaceToAsk:
    """A campus, and whether it has an administrator of its own."""

    name: str
    has_administrator: bool


def whom_to_ask(page: int) -> tuple[list[PlaceToAsk], int]:
    """The present members of all groups by name, with whom to ask there for a new password; and how many pages of them."""
    day, size = today(), current_app.config["SETTINGS"].page_size
    member = exists().where(Membership.campus_id == Campus.id, Membership.holding_on(day))
    administrator = exists().where(
        RoleGrant.campus_id == Campus.id, RoleGrant.role == Role.CAMPUS_ADMIN, RoleGrant.holding_on(day)
    )
    total = db.session.scalar(select(func.count()).select_from(Campus).where(member)) or 0
    rows = db.session.execute(
        select(Campus.name, administrator)
        .where(member)
        .order_by(Campus.name, Campus.id)
        .offset((page - 1) * size)
        .limit(size)
    )
    return [PlaceToAsk(name, has_administrator) for name, has_administrator in rows], pages_for(total, size)
