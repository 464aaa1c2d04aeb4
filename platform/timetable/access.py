"""Whose timetable somebody may look at: every class, room and colleague of the campuses of their groups.

Who changes timetables is asked of `schools.access.may_arrange`.
"""

from typing import TypeVar

from sqlalchemy import exists, select

from foundation.database import db
from foundation.errors import NotFound
from schools.access import Standing, campuses_of_my_groups, may_arrange, standing_of
from schools.models import Person, Posting, Room, SchoolClass
from timetable.teaching_days import Whose

Thing = TypeVar("Thing")


def class_to_see(standing: Standing, class_id: int) -> SchoolClass:
    """Raises NotFound."""
    mine = SchoolClass.campus_id.in_(campuses_of_my_groups(standing))
    return _found(db.session.scalar(select(SchoolClass).where(SchoolClass.id == class_id, mine)))


def room_to_see(standing: Standing, room_id: int) -> Room:
    """Raises NotFound."""
    mine = Room.campus_id.in_(campuses_of_my_groups(standing))
    return _found(db.session.scalar(select(Room).where(Room.id == room_id, mine)))


def person_to_see(standing: Standing, person_id: int) -> Person:
    """Somebody who works at one of the campuses today, or oneself; raises NotFound."""
    if person_id == standing.person_id:
        return db.session.get_one(Person, person_id)
    here = exists().where(
        Posting.person_id == Person.id,
        Posting.campus_id.in_(campuses_of_my_groups(standing)),
        Posting.holding_on(standing.day),
    )
    return _found(db.session.scalar(select(Person).where(Person.id == person_id, here)))


def _found(thing: Thing | None) -> Thing:
    if thing is None:
        raise NotFound
    return thing


def may_publish(standing: Standing, whose: Whose, id: int, campus_id: int | None) -> bool:
    """Whether they give the lessons an address for calendar programs: one's own, or of a class or room that one arranges."""
    if whose == "person":
        return id == standing.person_id
    return may_arrange(standing, campus_id=campus_id)


def must_publish(by: Person, whose: Whose, id: int) -> None:
    """Raise NotFound unless they may."""
    standing = standing_of(by)
    campus_id = None
    if whose == "class":
        campus_id = class_to_see(standing, id).campus_id
    elif whose == "room":
        campus_id = room_to_see(standing, id).campus_id
    if not may_publish(standing, whose, id, campus_id):
        raise NotFound
