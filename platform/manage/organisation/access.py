"""Who may look at campuses, divisions and departments, and who may change them."""

from flask_babel import gettext
from sqlalchemy import or_, select

from foundation.database import db
from foundation.errors import NotAllowed, NotFound
from schools.access import (
    Standing,
    administered_campuses,
    campuses_of_my_groups,
    groups_of_role,
    may_administer,
    standing_of,
)
from schools.models import Campus, Division, Group, Membership, OrgUnit, OrgUnitMember, Person, Role, Room


def campus_of(standing: Standing, campus_id: int) -> Campus:
    """A campus of one's own groups; raises NotFound."""
    campus = db.session.scalar(
        select(Campus).where(Campus.id == campus_id, Campus.id.in_(campuses_of_my_groups(standing)))
    )
    if campus is None:
        raise NotFound
    return campus


def group_of(standing: Standing, group_id: int | None) -> Group:
    """The group asked for, the first of one's own when none is named; raises NotFound."""
    groups = select(Group).where(Group.id.in_(standing.group_ids)).order_by(Group.id)
    group = db.session.scalar(groups.where(Group.id == group_id) if group_id else groups.limit(1))
    if group is None:
        raise NotFound
    return group


def membership_of(standing: Standing, membership_id: int) -> Membership:
    """A membership in one of one's own groups; raises NotFound."""
    membership = db.session.get(Membership, membership_id)
    if membership is None or membership.group_id not in standing.group_ids:
        raise NotFound
    return membership


def room_of(campus: Campus, room_id: int) -> Room:
    """A room of the campus; raises NotFound."""
    room = db.session.get(Room, room_id)
    if room is None or room.campus_id != campus.id:
        raise NotFound
    return room


def division_of(standing: Standing, division_id: int) -> Division:
    """A division of one of one's own groups; raises NotFound."""
    division = db.session.get(Division, division_id)
    if division is None or division.group_id not in standing.group_ids:
        raise NotFound
    return division


def unit_of(standing: Standing, unit_id: int) -> OrgUnit:
    """A department of one of one's own groups, or of one of their campuses; raises NotFound."""
    own = or_(OrgUnit.group_id.in_(standing.group_ids), OrgUnit.campus_id.in_(campuses_of_my_groups(standing)))
    unit = db.session.scalar(select(OrgUnit).where(OrgUnit.id == unit_id, own))
    if unit is None:
        raise NotFound
    return unit


def unit_member_of(unit: OrgUnit, member_id: int) -> OrgUnitMember:
    """One who belongs to the department; raises NotFound."""
    member = db.session.get(OrgUnitMember, member_id)
    if member is None or member.org_unit_id != unit.id:
        raise NotFound
    return member


def may_keep(standing: Standing, campus_id: int) -> bool:
    """Whether they decide if the campus keeps its people and data to itself: its own administrators and its head."""
    return standing.holds(Role.CAMPUS_ADMIN, Role.HEAD, campus_id=campus_id)


def may_change_unit(standing: Standing, unit: OrgUnit) -> bool:
    """Whether they look after the department."""
    return may_administer(standing, group_id=unit.group_id, campus_id=unit.campus_id)


def places_for_units(standing: Standing) -> tuple[list[Group], list[Campus]]:
    """The groups and campuses for which somebody may make departments."""
    groups = select(Group).where(Group.id.in_(groups_of_role(standing, Role.GROUP_ADMIN))).order_by(Group.name)
    campuses = select(Campus).where(Campus.id.in_(administered_campuses(standing))).order_by(Campus.name)
    return list(db.session.scalars(groups)), list(db.session.scalars(campuses))


def must_administer(by: Person, *, group_id: int | None = None, campus_id: int | None = None) -> None:
    """Raise NotAllowed unless they look after the group or the campus."""
    if not may_administer(standing_of(by), group_id=group_id, campus_id=campus_id):
        raise NotAllowed(gettext("只有管理员能这样做。"))
