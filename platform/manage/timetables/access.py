"""Whose timetables somebody arranges."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from foundation.database import db
from foundation.errors import NotFound
from manage.access import managing
from schools.access import Standing, arranged_campuses, may_arrange
from schools.models import Campus, Group, Membership, Person, SchoolClass
from timetable.models import BellSchedule, Term, TimetableChange, TimetableEntry
from timetable.queries import campuses_shown


@dataclass(frozen=True)
class Reach:
    """What of a group somebody arranges: `whole`, its terms, holidays and bells too, or only some of its campuses."""

    standing: Standing
    groups: Sequence[Group]
    group: Group
    whole: bool
    campuses: Sequence[Campus]

    def campus(self, campus_id: int | None) -> Campus:
        """The campus chosen, or the first one; raises NotFound."""
        found = [each for each in self.campuses if campus_id in (None, each.id)]
        if not found:
            raise NotFound
        return found[0]

    def must_hold(self, campus_id: int | None) -> None:
        """Raise NotFound unless what belongs to the campus, or to the whole group, is theirs to arrange."""
        if campus_id is None and not self.whole:
            raise NotFound
        if campus_id is not None:
            self.campus(campus_id)


def reach_of(person: Person, group_id: int | None = None) -> Reach:
    """What somebody arranges in a group (their first unless given); raises NotFound where there is nothing."""
    standing = managing(person)
    arranged = set(db.session.scalars(arranged_campuses(standing)))
    groups = db.session.scalars(
        select(Group)
        .join(Membership, Membership.group_id == Group.id)
        .where(
            Group.id.in_(standing.group_ids), Membership.campus_id.in_(arranged), Membership.holding_on(standing.day)
        )
        .order_by(Group.id)
        .distinct()
    ).all()
    group = next((each for each in groups if group_id in (None, each.id)), None)
    if group is None:
        raise NotFound
    campuses = [each for each in campuses_shown({group.id}, standing.day) if each.id in arranged]
    return Reach(standing, groups, group, may_arrange(standing, group_id=group.id), campuses)


def term_of(person: Person, term_id: int) -> tuple[Reach, Term]:
    """A term of a group that somebody arranges wholly; raises NotFound."""
    term = db.session.get(Term, term_id)
    if term is None:
        raise NotFound
    reach = reach_of(person, term.group_id)
    reach.must_hold(None)
    return reach, term


def bell_of(person: Person, bell_id: int) -> tuple[Reach, BellSchedule]:
    """A bell schedule that somebody may change; raises NotFound."""
    bell = db.session.get(BellSchedule, bell_id)
    if bell is None:
        raise NotFound
    reach = reach_of(person, bell.group_id)
    reach.must_hold(bell.campus_id)
    return reach, bell


def class_of(person: Person, class_id: int) -> tuple[Reach, SchoolClass]:
    """A class whose timetable somebody arranges; raises NotFound."""
    school_class = db.session.get(SchoolClass, class_id)
    if school_class is None:
        raise NotFound
    return _reach_at(person, school_class.campus_id), school_class


def entry_of(person: Person, entry_id: int) -> tuple[Reach, TimetableEntry]:
    """A lesson of the week that somebody arranges; raises NotFound."""
    entry = db.session.get(TimetableEntry, entry_id)
    if entry is None:
        raise NotFound
    return _reach_at(person, entry.school_class.campus_id), entry


def change_of(person: Person, change_id: int) -> tuple[Reach, TimetableChange]:
    """A change that somebody may take back; raises NotFound."""
    change = db.session.get(TimetableChange, change_id)
    if change is None:
        raise NotFound
    return _reach_at(person, change.entry.school_class.campus_id), change


def _reach_at(person: Person, campus_id: int) -> Reach:
    standing = managing(person)
    group_id = db.session.scalar(
        select(Membership.group_id)
        .where(
            Membership.campus_id == campus_id,
            Membership.group_id.in_(standing.group_ids),
            Membership.holding_on(standing.day),
        )
        .order_by(Membership.primary.desc(), Membership.id)
        .limit(1)
    )
    if group_id is None:
        raise NotFound
    reach = reach_of(person, group_id)
    reach.must_hold(campus_id)
    return reach


def day_sent(text: str) -> date:
    """A day out of an address; raises NotFound."""
    try:
        return date.fromisoformat(text)
    except ValueError as problem:
        raise NotFound from problem
