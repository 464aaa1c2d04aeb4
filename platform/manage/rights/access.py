"""Who reads what was done, and about what anybody may ask why."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, select

from foundation.database import db
from foundation.errors import NotFound
from schools.access import AUDITING_GROUPS, Standing, audited_campuses, campuses_of_my_groups, groups_of_role
from schools.audit import MEMBERSHIP
from schools.models import AuditEntry, Campus, Person, SchoolClass
from schools.staff import colleagues


@dataclass(frozen=True)
class Places:
    """The groups and the campuses of which somebody reads what was done."""

    group_ids: frozenset[int]
    campus_ids: frozenset[int]

    def __bool__(self) -> bool:
        return bool(self.group_ids or self.campus_ids)


def audited_by(standing: Standing) -> Places:
    """Where somebody reads what was done; raises NotFound for those who do nowhere."""
    places = Places(
        groups_of_role(standing, *AUDITING_GROUPS), frozenset(db.session.scalars(audited_campuses(standing)))
    )
    if not places:
        raise NotFound
    return places


def may_read_entry(places: Places, entry: AuditEntry) -> bool:
    """What concerns a campus is read there; what concerns none in particular, and memberships, in the group."""
    if entry.campus_id in places.campus_ids:
        return True
    return entry.group_id in places.group_ids and (entry.campus_id is None or entry.object_kind == MEMBERSHIP)


def of_campus(campus_id: int) -> ColumnElement[bool]:
    """The entries that concern a campus."""
    return AuditEntry.campus_id == campus_id


def of_group(group_id: int) -> ColumnElement[bool]:
    """The entries that concern a group, and no campus in particular."""
    return and_(AuditEntry.group_id == group_id, AuditEntry.campus_id.is_(None))


def of_memberships(group_id: int) -> ColumnElement[bool]:
    """The entries about the memberships of a group, whose campus they concern as well."""
    return and_(AuditEntry.object_kind == MEMBERSHIP, AuditEntry.group_id == group_id)


def of_places(places: Places) -> ColumnElement[bool]:
    """The same for all places."""
    of_their_groups = or_(AuditEntry.campus_id.is_(None), AuditEntry.object_kind == MEMBERSHIP)
    return or_(
        AuditEntry.campus_id.in_(places.campus_ids),
        and_(AuditEntry.group_id.in_(places.group_ids), of_their_groups),
    )


def campus_to_ask_about(standing: Standing, campus_id: int) -> Campus:
    """A campus of their groups; raises NotFound."""
    campus = db.session.get(Campus, campus_id)
    if campus is None or not db.session.scalar(campuses_of_my_groups(standing).where(Campus.id == campus_id)):
        raise NotFound
    return campus


def class_to_ask_about(standing: Standing, class_id: int) -> SchoolClass:
    """A class of such a campus; raises NotFound."""
    school_class = db.session.get(SchoolClass, class_id)
    if school_class is None:
        raise NotFound
    campus_to_ask_about(standing, school_class.campus_id)
    return school_class


def colleague(standing: Standing, person_id: int) -> Person:
    """Somebody whom they see; raises NotFound."""
    person = db.session.scalar(select(Person).where(Person.id == person_id, colleagues(standing)))
    if person is None:
        raise NotFound
    return person
