"""Who may import rosters, and which campuses their files may change."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select

from foundation.clock import today
from foundation.database import db
from foundation.errors import NotFound
from foundation.jobs import Job
from schools.access import (
    Standing,
    administered_campuses,
    arranged_campuses,
    groups_of_role,
    may_administer,
    may_arrange,
    standing_of,
)
from schools.models import Group, Membership, Person, Role

LOOK = "import_look"
APPLY = "import_apply"
ROSTER = "roster_export"


@dataclass(frozen=True)
class Reach:
    """What the files of somebody may change in a group.

    `campus_ids` are all campuses that may be named, `administered` those whose people and pupils, `arranged` those whose classes
    and assignments may be changed.
    """

    group_id: int
    group_name: str
    campus_ids: frozenset[int]
    administered: frozenset[int]
    arranged: frozenset[int]
    administers_group: bool
    arranges_group: bool


def groups_to_import(person: Person | Standing) -> Sequence[Group]:
    """The groups for which somebody may import; raises NotFound when there is none."""
    standing = standing_of(person)
    arranged = select(Membership.group_id).where(
        Membership.campus_id.in_(arranged_campuses(standing)), Membership.holding_on(today())
    )
    of_role = groups_of_role(standing, Role.GROUP_ADMIN, Role.ACADEMIC_OFFICE)
    groups = db.session.scalars(
        select(Group).where(or_(Group.id.in_(of_role), Group.id.in_(arranged))).order_by(Group.id)
    ).all()
    if not groups:
        raise NotFound
    return groups


def reach_of(person: Person, group_id: int) -> Reach:
    """What their files may change in the group; raises NotFound when it is none of theirs."""
    standing = standing_of(person)
    group = next((each for each in groups_to_import(standing) if each.id == group_id), None)
    if group is None:
        raise NotFound
    members = select(Membership.campus_id).where(Membership.group_id == group_id, Membership.holding_on(today()))
    campus_ids = frozenset(db.session.scalars(members))
    return Reach(
        group_id=group_id,
        group_name=group.name,
        campus_ids=campus_ids,
        administered=campus_ids & frozenset(db.session.scalars(administered_campuses(standing))),
        arranged=campus_ids & frozenset(db.session.scalars(arranged_campuses(standing))),
        administers_group=may_administer(standing, group_id=group_id),
        arranges_group=may_arrange(standing, group_id=group_id),
    )


def import_of(person: Person, code: str) -> Job:
    """The import that `person` has begun; raises NotFound."""
    job = db.session.scalar(select(Job).where(Job.code == code, Job.person_id == person.id, Job.kind == LOOK))
    if job is None:
        raise NotFound
    return job
