"""Whose settings somebody may change."""

from collections.abc import Sequence

from sqlalchemy import select

from foundation.database import db
from foundation.errors import NotFound
from schools.access import Standing, administered_campuses, groups_of_role
from schools.models import Campus, Group, Role

MOST_CAMPUSES = 60


def my_groups(standing: Standing) -> Sequence[Group]:
    """The groups whose settings somebody may change, by name."""
    wanted = groups_of_role(standing, Role.GROUP_ADMIN)
    return db.session.scalars(select(Group).where(Group.id.in_(wanted)).order_by(Group.name, Group.id)).all()


def group_for_settings(standing: Standing, group_id: int | None) -> Group:
    """The group, or the first of one's own when none is named; raises NotFound."""
    for group in my_groups(standing):
        if group_id in (None, group.id):
            return group
    raise NotFound


def my_campuses(standing: Standing) -> Sequence[Campus]:
    """The campuses whose own settings somebody may change, by name."""
    wanted = select(Campus).where(Campus.id.in_(administered_campuses(standing)))
    return db.session.scalars(wanted.order_by(Campus.name, Campus.id).limit(MOST_CAMPUSES)).all()
