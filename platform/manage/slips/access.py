"""Who may make slips and cards, and look at them."""

from flask_babel import gettext
from sqlalchemy import ColumnElement, Select, exists, or_, select

from foundation.database import db
from foundation.errors import NotAllowed, NotFound
from foundation.jobs import Job
from manage.access import job_of
from schools.access import Standing, administered_campuses, arranged_campuses, standing_of, viewing_now
from schools.models import Person, Posting, SchoolClass


def giving_passwords(person: Person) -> Standing:
    """The standing of somebody who administers people; raises NotFound for others."""
    standing = standing_of(person)
    if not may_give_passwords(standing):
        raise NotFound
    return standing


def may_give_passwords(standing: Standing) -> bool:
    """Whether somebody administers the people of any campus."""
    return db.session.scalar(administered_campuses(standing).limit(1)) is not None


def classes_to_card(standing: Standing) -> Select[tuple[SchoolClass]]:
    """The classes for which somebody may make cards: those they arrange, and those whose 班主任 they are."""
    return select(SchoolClass).where(
        or_(SchoolClass.campus_id.in_(arranged_campuses(standing)), _is_homeroom_teacher(standing)),
        or_(SchoolClass.left_on.is_(None), SchoolClass.left_on > standing.day),
    )


def may_make_cards(standing: Standing) -> bool:
    """Whether there is any such class."""
    return db.session.scalar(classes_to_card(standing).limit(1)) is not None


def class_to_card(person: Person, class_id: int) -> SchoolClass:
    """A class for which `person` may make cards; raises NotFound."""
    found = db.session.scalar(classes_to_card(standing_of(person)).where(SchoolClass.id == class_id))
    if found is None:
        raise NotFound
    return found


def printing(person: Person, code: str, kind: str) -> Job:
    """The job whose papers `person` prints; raises NotFound, and NotAllowed for who only sees as somebody else."""
    job = job_of(person, code)
    if job.kind != kind:
        raise NotFound
    if viewing_now():
        raise NotAllowed(gettext("密码条和卡片只有打印它们的人自己能打开。"))
    return job


def _is_homeroom_teacher(standing: Standing) -> ColumnElement[bool]:
    return (SchoolClass.homeroom_teacher_id == standing.person_id) & exists().where(
        Posting.person_id == standing.person_id,
        Posting.campus_id == SchoolClass.campus_id,
        Posting.holding_on(standing.day),
    )
