"""Who may end a membership, and who may take a campus' data along."""

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload

from foundation.database import db
from foundation.errors import NotFound
from schools.access import Standing, campuses_of_role, groups_of_role
from schools.models import Membership, Role

OF_THE_CAMPUS = (Role.CAMPUS_ADMIN, Role.HEAD, Role.EXECUTIVE_HEAD)


def memberships_looked_after(standing: Standing) -> Select[tuple[Membership]]:
    """The memberships of one's own campuses, and all those of a group that one administers."""
    return select(Membership).where(
        or_(
            Membership.group_id.in_(groups_of_role(standing, Role.GROUP_ADMIN)),
            Membership.campus_id.in_(campuses_of_role(standing, *OF_THE_CAMPUS)),
        )
    )


def membership_for_leaving(standing: Standing, membership_id: int) -> Membership:
    """The membership, with its group and campus; raises NotFound for whoever looks after neither."""
    found = db.session.scalar(
        memberships_looked_after(standing)
        .where(Membership.id == membership_id)
        .options(joinedload(Membership.group), joinedload(Membership.campus))
    )
    if found is None:
        raise NotFound
    return found


def may_hand_over(standing: Standing, membership: Membership) -> bool:
    """Whether they may take the campus' data along and say what stays: the campus itself, or a group that looks after it."""
    if standing.holds(*OF_THE_CAMPUS, campus_id=membership.campus_id):
        return True
    return (
        membership.group_manages
        and membership.holds_on(standing.day)
        and standing.holds(Role.GROUP_ADMIN, group_id=membership.group_id)
    )
