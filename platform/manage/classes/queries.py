"""What pages show of classes, their pupils and their teachers."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Row, Select, case, func, or_, select

from foundation.database import db
from foundation.paging import nearest_page
from manage.classes.access import classes_of
from manage.classes.forms import ClassFilter
from schools.access import Standing, arranged_campuses, overseen_campuses
from schools.models import Campus, Enrolment, Person, Pupil, SchoolClass, Stage, Subject, TeachingAssignment

_STAGES = {stage: place for place, stage in enumerate(Stage)}
STAGE_ORDER = case(_STAGES, value=SchoolClass.stage)


@dataclass(frozen=True)
class ClassLine:
    """A class in a list."""

    school_class: SchoolClass
    campus: str
    homeroom: str | None
    pupils: int


@dataclass(frozen=True)
class ClassPage:
    """One page of classes."""

    lines: Sequence[ClassLine]
    count: int
    page: int
    pages: int


def class_page(standing: Standing, wanted: ClassFilter, page_size: int) -> ClassPage:
    """The classes that somebody oversees and that the filter leaves."""
    found = _narrowed(select(SchoolClass), standing, wanted)
    count = db.session.scalar(select(func.count()).select_from(found.subquery())) or 0
    page, pages = nearest_page(wanted.page, count, page_size)
    rows = db.session.execute(
        found.join(Campus, Campus.id == SchoolClass.campus_id)
        .outerjoin(Person, Person.id == SchoolClass.homeroom_teacher_id)
        .add_columns(Campus.short_name, Person.name)
        .order_by(Campus.name, Campus.id, STAGE_ORDER, SchoolClass.grade, SchoolClass.number, SchoolClass.id)
        .limit(page_size)
        .offset((page - 1) * page_size)
    ).all()
    sizes = _pupils_in([row.SchoolClass.id for row in rows], standing)
    lines = [ClassLine(row.SchoolClass, row.short_name, row.name, sizes.get(row.SchoolClass.id, 0)) for row in rows]
    return ClassPage(lines, count, page, pages)


def _narrowed(
    classes: Select[tuple[SchoolClass]], standing: Standing, wanted: ClassFilter
) -> Select[tuple[SchoolClass]]:
    left = SchoolClass.left_on <= standing.day
    classes = classes.where(SchoolClass.id.in_(classes_of(standing)))
    classes = classes.where(left if wanted.left else or_(SchoolClass.left_on.is_(None), ~left))
    if wanted.campus:
        classes = classes.where(SchoolClass.campus_id == wanted.campus)
    if wanted.grade:
        classes = classes.where(SchoolClass.grade == wanted.grade)
    if wanted.words:
        classes = classes.where(SchoolClass.name.contains(wanted.words, autoescape=True))
    return classes


def _pupils_in(class_ids: Sequence[int], standing: Standing) -> dict[int, int]:
    counted = (
        select(Enrolment.class_id, func.count())
        .where(Enrolment.class_id.in_(class_ids), Enrolment.holding_on(standing.day))
        .group_by(Enrolment.class_id)
    )
    return dict(db.session.execute(counted).tuples().all())


def campuses_overseen(standing: Standing) -> Sequence[Campus]:
    """The campuses whose classes somebody may look at."""
    return db.session.scalars(
        select(Campus).where(Campus.id.in_(overseen_campuses(standing))).order_by(Campus.name, Campus.id)
    ).all()


def campuses_to_arrange(standing: Standing) -> Sequence[Campus]:
    """The campuses where somebody may make classes."""
    return db.session.scalars(
        select(Campus).where(Campus.id.in_(arranged_campuses(standing))).order_by(Campus.name, Campus.id)
    ).all()


@dataclass(frozen=True)
class PupilLine:
    """A pupil's place in a class, past or present; the pupil's number is in no address."""

    enrolment: Enrolment
    name: str


def pupils_of(school_class: SchoolClass) -> Sequence[PupilLine]:
    """Everybody who sits or sat in a class, by seat; those without one last."""
    rows = db.session.execute(
        select(Enrolment, Pupil.name)
        .join(Pupil, Pupil.id == Enrolment.pupil_id)
        .where(Enrolment.class_id == school_class.id)
        .order_by(Enrolment.seat.is_(None), Enrolment.seat, Enrolment.id)
    )
    return [PupilLine(enrolment, name) for enrolment, name in rows]


def teachers_of(school_class: SchoolClass) -> Sequence[Row[tuple[TeachingAssignment, Person, Subject]]]:
    """Who teaches or taught which subject to a class, in the order of subjects, the latest first."""
    return db.session.execute(
        select(TeachingAssignment, Person, Subject)
        .join(Person, Person.id == TeachingAssignment.person_id)
        .join(Subject, Subject.id == TeachingAssignment.subject_id)
        .where(TeachingAssignment.class_id == school_class.id)
        .order_by(Subject.rank, Subject.id, TeachingAssignment.from_day.desc(), TeachingAssignment.id)
    ).all()


def classes_beside(school_class: SchoolClass) -> Sequence[Row[tuple[int, str]]]:
    """The other present classes of the campus (id and name), those of the same grade first: a pupil may move there."""
    return db.session.execute(
        select(SchoolClass.id, SchoolClass.name)
        .where(
            SchoolClass.campus_id == school_class.campus_id,
            SchoolClass.id != school_class.id,
            SchoolClass.left_on.is_(None),
        )
        .order_by(
            (SchoolClass.grade != school_class.grade) | (SchoolClass.stage != school_class.stage),
            STAGE_ORDER,
            SchoolClass.grade,
            SchoolClass.number,
        )
    ).all()


def homeroom_of(school_class: SchoolClass) -> Person | None:
    """The 班主任 of a class."""
    return db.session.get(Person, school_class.homeroom_teacher_id) if school_class.homeroom_teacher_id else None


def name_of(place: Enrolment) -> str:
    """The name of the pupil who has a place in a class."""
    return db.session.get_one(Pupil, place.pupil_id).name
