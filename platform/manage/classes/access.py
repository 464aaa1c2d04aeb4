"""Who may look at classes and pupils, and who may change them."""

from flask_babel import gettext
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from foundation.database import db
from foundation.errors import NotAllowed, NotFound
from schools.access import Standing, may_administer, may_arrange, overseen_campuses, standing_of
from schools.models import Campus, Enrolment, Person, SchoolClass, TeachingAssignment


def classes_of(standing: Standing) -> Select[tuple[int]]:
    """The classes (their ids) that somebody looks after or oversees."""
    return select(SchoolClass.id).where(SchoolClass.campus_id.in_(overseen_campuses(standing)))


def class_of(standing: Standing, class_id: int) -> SchoolClass:
    """A class that somebody may look at; raises NotFound."""
    school_class = db.session.scalar(
        select(SchoolClass)
        .options(joinedload(SchoolClass.campus))
        .where(SchoolClass.id == class_id, SchoolClass.id.in_(classes_of(standing)))
    )
    if school_class is None:
        raise NotFound
    return school_class


def campus_to_arrange(standing: Standing, campus_id: int | None) -> Campus:
    """A campus whose classes somebody may make; raises NotFound."""
    campus = db.session.get(Campus, campus_id) if campus_id else None
    if campus is None or not may_arrange(standing, campus_id=campus.id):
        raise NotFound
    return campus


def enrolment_of(school_class: SchoolClass, enrolment_id: int) -> Enrolment:
    """A pupil's place in the class; raises NotFound."""
    enrolment = db.session.get(Enrolment, enrolment_id)
    if enrolment is None or enrolment.class_id != school_class.id:
        raise NotFound
    return enrolment


def assignment_of(school_class: SchoolClass, assignment_id: int) -> TeachingAssignment:
    """Somebody's teaching in the class; raises NotFound."""
    assignment = db.session.get(TeachingAssignment, assignment_id)
    if assignment is None or assignment.class_id != school_class.id:
        raise NotFound
    return assignment


def must_arrange(by: Person, campus_id: int) -> None:
    """Raise NotAllowed unless they arrange the teaching of the campus."""
    if not may_arrange(standing_of(by), campus_id=campus_id):
        raise NotAllowed(gettext("只有这个校区的管理员和教务能这样做。"))


def must_look_after(by: Person, campus_id: int) -> None:
    """Raise NotAllowed unless they look after the pupils of the campus."""
    if not may_administer(standing_of(by), campus_id=campus_id):
        raise NotAllowed(gettext("只有这个校区的管理员能更改学生。"))
