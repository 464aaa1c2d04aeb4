"""The staff of schools: whom somebody sees, whom they look after or let in, and which roles are theirs to give.

People belong to campuses, by their postings. A campus is looked after by its 校区管理员, and by the 集团管理员 unless it keeps its people to
itself. Facts about somebody are dealt with by those who administer one of their home campuses; their way into the product, which is as
much as being them, only by those who administer all.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select

from foundation.clock import now, today
from foundation.database import db
from schools.access import Standing, administered_campuses, campuses_of_my_groups, groups_of_role, standing_of
from schools.models import Person, Posting, PostingKind, PrepGroup, Role, RoleGrant
from schools.roles import MANAGERS, is_whole


@dataclass(frozen=True)
class Authority:
    """The groups and the campuses that somebody administers, asked for once."""

    group_ids: frozenset[int]
    campus_ids: frozenset[int]

    def may_grant(
        self, *, group_id: int | None = None, campus_id: int | None = None, prep_group: PrepGroup | None = None
    ) -> bool:
        """Whether roles for the group, campus or prep group are theirs to give and to take back.

        A prep group of some campuses only belongs to those who administer all of these, too.
        """
        if prep_group is not None:
            own = {campus.id for campus in prep_group.campuses} if not prep_group.whole_group else set()
            return prep_group.group_id in self.group_ids or (bool(own) and own <= self.campus_ids)
        return group_id in self.group_ids or campus_id in self.campus_ids

    def may_look_after(self, person: Person) -> bool:
        """Whether somebody's name, number, honours and leaving are theirs to deal with.

        They administer a campus that the person belongs to (for a guest: where they are a guest), and everything that the
        person manages: nobody reaches above themselves through somebody else.
        """
        day = today()
        lasting = [grant for grant in person.grants if grant.to_day is None or day < grant.to_day]
        managed = [grant for grant in lasting if grant.role in MANAGERS and is_whole(grant)]
        if not all(self.may_grant(group_id=grant.group_id, campus_id=grant.campus_id) for grant in managed):
            return False
        if person.postings:
            return bool(campuses_belonged_to(person) & self.campus_ids)
        return any(self.may_grant(group_id=grant.group_id, campus_id=grant.campus_id) for grant in person.grants)


def authority_of(standing: Standing) -> Authority:
    """What somebody administers."""
    return Authority(
        groups_of_role(standing, Role.GROUP_ADMIN), frozenset(db.session.scalars(administered_campuses(standing)))
    )


def campuses_belonged_to(person: Person) -> frozenset[int]:
    """Where somebody is at home: the campuses of their 本校 postings, present and to come.

    Without one, those of any posting; of somebody who has left, the last ones.
    """
    day = today()
    lasting = [each for each in person.postings if each.to_day is None or day < each.to_day]
    if not lasting:
        last = max((each.to_day for each in person.postings if each.to_day), default=day)
        lasting = [each for each in person.postings if each.to_day == last]
    home = [each for each in lasting if each.kind is PostingKind.HOME]
    return frozenset(each.campus_id for each in home or lasting)


def people_let_in(standing: Standing) -> Select[tuple[Person]]:
    """The people to whom somebody may give a new password, or take a lost second step from: never themselves.

    That is as much as being them. So unlike for what stands on a card (`Authority.may_look_after`), all campuses they are at
    home in have to be administered, with every role by which they manage something.
    """
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
        RoleGrant.role.in_(MANAGERS),
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


def may_let_in(by: Person, person: Person) -> bool:
    """Whether `person` is one of those for `by`."""
    return db.session.scalar(people_let_in(standing_of(by)).where(Person.id == person.id)) is not None


def administers_work_of(by: Person, person: Person) -> bool:
    """Whether `by` administers a campus that `person` is posted at: then they are told why they may not let them in."""
    campuses = administered_campuses(standing_of(by))
    here = select(Posting.id).where(
        Posting.person_id == person.id, Posting.holding_on(today()), Posting.campus_id.in_(campuses)
    )
    return db.session.scalar(here.limit(1)) is not None


def campus_of(person: Person) -> int | None:
    """The campus (its id) that `person` is at home in today, the first of all where they are only visiting."""
    return db.session.scalar(
        select(Posting.campus_id)
        .where(Posting.person_id == person.id, Posting.holding_on(today()))
        .order_by(Posting.kind != PostingKind.HOME, Posting.id)
        .limit(1)
    )


@dataclass(frozen=True)
class Circle:
    """The groups and campuses whose people somebody sees."""

    group_ids: frozenset[int]
    campus_ids: frozenset[int]

    def posted(self) -> Select[tuple[int]]:
        """Who (by id) was ever posted there."""
        return select(Posting.person_id).where(Posting.campus_id.in_(self.campus_ids))

    def trusted(self) -> Select[tuple[int]]:
        """Who (by id) ever had a role for one of its groups or campuses."""
        return select(RoleGrant.person_id).where(
            or_(RoleGrant.group_id.in_(self.group_ids), RoleGrant.campus_id.in_(self.campus_ids))
        )

    def people(self) -> ColumnElement[bool]:
        """Its people as a condition: whoever works or worked there, and its guests."""
        return or_(Person.id.in_(self.posted()), Person.id.in_(self.trusted()))


def circle_of(standing: Standing) -> Circle:
    """Whose people somebody sees: those of all campuses of their groups."""
    return Circle(standing.group_ids, frozenset(db.session.scalars(campuses_of_my_groups(standing))))


def colleagues(standing: Standing) -> ColumnElement[bool]:
    """The people whom somebody sees, as a condition."""
    return circle_of(standing).people()


def _posting(*which: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(Posting.person_id == Person.id, *which)
