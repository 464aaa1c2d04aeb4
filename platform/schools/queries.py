"""What pages show about groups, campuses, people and prep groups."""

from collections.abc import Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from foundation.clock import today
from foundation.database import db
from schools.access import Standing, prep_group_members, taking_part
from schools.models import Campus, Group, MemberKind, Membership, Person, PrepGroup, Subject


def any_group() -> bool:
    """Whether the installation has a group; if not, the first visit is still to come."""
    return db.session.scalar(select(Group.id).limit(1)) is not None


def groups_of(standing: Standing) -> Sequence[Group]:
    """The groups somebody belongs to or is a guest of, by name."""
    return db.session.scalars(select(Group).where(Group.id.in_(standing.group_ids)).order_by(Group.name)).all()


def campuses_of(standing: Standing) -> Sequence[Campus]:
    """The campuses where somebody is posted, by name."""
    return db.session.scalars(select(Campus).where(Campus.id.in_(standing.campus_ids)).order_by(Campus.name)).all()


def campuses_of_group(group_id: int) -> Sequence[Campus]:
    """The present members of a group, the core first."""
    return db.session.scalars(
        select(Campus)
        .join(Membership, Membership.campus_id == Campus.id)
        .where(Membership.group_id == group_id, Membership.holding_on(today()))
        .order_by(Membership.kind != MemberKind.CORE, Campus.name)
    ).all()


def subjects() -> Sequence[Subject]:
    """All subjects in their usual order."""
    return db.session.scalars(select(Subject).order_by(Subject.rank, Subject.id)).all()


def prep_groups_of(standing: Standing) -> Sequence[PrepGroup]:
    """The prep groups somebody belongs to, with their subjects, by name."""
    return db.session.scalars(
        select(PrepGroup)
        .options(joinedload(PrepGroup.subject))
        .where(PrepGroup.id.in_(standing.prep_group_ids))
        .order_by(PrepGroup.name)
    ).all()


def people_of_prep_group(prep_group_id: int) -> Select[tuple[Person]]:
    """The people of a prep group today, by name, to be paged."""
    return prep_group_members(prep_group_id)


def sizes_of_prep_groups(prep_group_ids: Sequence[int]) -> dict[int, int]:
    """How many people each prep group has today."""
    members = taking_part(today()).subquery()
    counted = db.session.execute(
        select(members.c.prep_group_id, func.count())
        .where(members.c.prep_group_id.in_(prep_group_ids))
        .group_by(members.c.prep_group_id)
    )
    return dict.fromkeys(prep_group_ids, 0) | dict(counted.tuples())
