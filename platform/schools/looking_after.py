"""Whose way into the product somebody looks after: who may hand them a new password or take a lost second step away.

That is as much as being them. So it needs every campus they are at home in, and every wide role they hold.
"""

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select

from foundation.clock import now, today
from foundation.database import db
from schools.access import Standing, administered_campuses, groups_of_role, standing_of
from schools.models import Person, Posting, PostingKind, Role, RoleGrant

WIDE = (Role.GROUP_ADMIN, Role.CAMPUS_ADMIN, Role.HEAD, Role.EXECUTIVE_HEAD, Role.ACADEMIC_OFFICE)


def people_looked_after(standing: Standing) -> Select[tuple[Person]]:
    """The people whose way in somebody looks after, but themselves: at home where they administer, with no role beyond it."""
    day, campuses = standing.day, administered_campuses(standing)
    posted_here = _posting(Posting.campus_id.in_(campuses), Posting.holding_on(day))
    at_home_elsewhere = _posting(
        Posting.kind == PostingKind.HOME, Posting.holding_on(day), Posting.campus_id.not_in(campuses)
    )
    visiting = ~_posting(Posting.kind == PostingKind.HOME, Posting.holding_on(day))
    posted_elsewhere = _posting(Posting.holding_on(day), Posting.campus_id.not_in(campuses))
    groups = groups_of_role(standing, Role.GROUP_ADMIN)
    beyond = exists().where(
        RoleGrant.person_id == Person.id,
        RoleGrant.role.in_(WIDE),
        or_(RoleGrant.to_day.is_(None), RoleGrant.to_day > day),  # one that is still to come too
        or_(
            and_(RoleGrant.group_id.is_not(None), RoleGrant.group_id.not_in(groups)),
            and_(RoleGrant.campus_id.is_not(None), RoleGrant.campus_id.not_in(campuses)),
        ),
    )
    guest_here = exists().where(
        RoleGrant.person_id == Person.id, RoleGrant.holding_on(day), RoleGrant.group_id.in_(groups)
    )
    nowhere = ~_posting(Posting.holding_on(day))
    return select(Person).where(
        Person.id != standing.person_id,
        or_(Person.left_at.is_(None), Person.left_at > now()),
        or_(posted_here & ~at_home_elsewhere & ~(visiting & posted_elsewhere), nowhere & guest_here),
        ~beyond,
    )


def looks_after(by: Person, person: Person) -> bool:
    """Whether `by` looks after the way in of `person`."""
    return db.session.scalar(people_looked_after(standing_of(by)).where(Person.id == person.id)) is not None


def sees(by: Person, person: Person) -> bool:
    """Whether `by` administers a campus that `person` is posted at: then they are told why not."""
    campuses = administered_campuses(standing_of(by))
    here = select(Posting.id).where(
        Posting.person_id == person.id, Posting.holding_on(today()), Posting.campus_id.in_(campuses)
    )
    return looks_after(by, person) or db.session.scalar(here.limit(1)) is not None


def campus_of(person: Person) -> int | None:
    """The campus (its id) that `person` is at home in today, the first of all where they are only visiting."""
    return db.session.scalar(
        select(Posting.campus_id)
        .where(Posting.person_id == person.id, Posting.holding_on(today()))
        .order_by(Posting.kind != PostingKind.HOME, Posting.id)
        .limit(1)
    )


def _posting(*which: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(Posting.person_id == Person.id, *which)
