"""Who sets the line of 教学进度 and who says what was taught. Whoever sees the group's timetables sees both."""

from flask_babel import gettext
from sqlalchemy import select

from foundation.database import db
from foundation.errors import NotAllowed
from schools.access import Standing, may_arrange, standing_of
from schools.models import Person, Role, SchoolClass, TeachingAssignment


def may_set_line(standing: Standing, group_id: int, subject_id: int) -> bool:
    """Whether they arrange the whole group, or lead the subject in it."""
    leads = any(
        scope.role is Role.SUBJECT_LEAD
        and scope.group_id == group_id
        and scope.campus_id is None
        and scope.subject_id in (None, subject_id)
        for scope in standing.scopes
    )
    return not standing.looked_through and (leads or may_arrange(standing, group_id=group_id))


def must_set_line(by: Person, group_id: int, subject_id: int) -> None:
    """Raise NotAllowed unless they may."""
    if not may_set_line(standing_of(by), group_id, subject_id):
        raise NotAllowed(gettext("进度计划由集团的教务或这一科的教研组长设定。"))


def may_mark(standing: Standing, school_class: SchoolClass, subject_id: int) -> bool:
    """Whether they teach the subject to the class today, or arrange its campus."""
    teaches = db.session.scalar(
        select(TeachingAssignment.id).where(
            TeachingAssignment.person_id == standing.person_id,
            TeachingAssignment.class_id == school_class.id,
            TeachingAssignment.subject_id == subject_id,
            TeachingAssignment.holding_on(standing.day),
        )
    )
    if standing.looked_through:
        return False
    return teaches is not None or may_arrange(standing, campus_id=school_class.campus_id)


def must_mark(by: Person, school_class: SchoolClass, subject_id: int) -> None:
    """Raise NotAllowed unless they may."""
    if not may_mark(standing_of(by), school_class, subject_id):
        raise NotAllowed(gettext("只有任课老师和本校区的教务能登记这个班的进度。"))
