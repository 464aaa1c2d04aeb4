"""What moving up would do to the classes of a campus, and when it was done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from foundation.database import db
from manage.classes.queries import STAGE_ORDER
from schools.access import Standing, overseen_campuses
from schools.models import Campus, Enrolment, Moving, Person, SchoolClass, Stage, TeachingAssignment
from schools.names import GRADES_OF_STAGE, class_name
from schools.years import entry_year_of, is_last_grade

FIRST_MONTH = 6
"""From June on the coming school year is the one to move into."""


@dataclass(frozen=True)
class ClassMove:
    """What becomes of a class: it goes on as `to_name` in `to_grade`, or leaves when there is no grade after its own."""

    school_class: SchoolClass
    to_grade: int | None
    to_name: str
    pupils: int
    assignments: int


@dataclass(frozen=True)
class FirstGrade:
    """The first grade of a stage, into which new classes come; `present` are there already."""

    stage: Stage
    grade: int
    present: Sequence[SchoolClass]


@dataclass(frozen=True)
class Preview:
    """All that moving up a campus into `year` would do. `staying` are the classes that are in that year's grade already."""

    campus: Campus
    year: int
    moving: Sequence[ClassMove]
    leaving: Sequence[ClassMove]
    staying: Sequence[SchoolClass]
    first_grades: Sequence[FirstGrade]

    @property
    def pupils_leaving(self) -> int:
        """How many pupils leave."""
        return sum(move.pupils for move in self.leaving)

    @property
    def assignments_ending(self) -> int:
        """How many teaching assignments end."""
        return sum(move.assignments for move in (*self.moving, *self.leaving))

    @property
    def fingerprint(self) -> str:
        """What the preview was made from: it is another once a class has come, gone or changed its grade."""
        return ",".join(f"{move.school_class.id}.{move.school_class.grade}" for move in (*self.moving, *self.leaving))


def year_to_move_into(day: date) -> int:
    """The school year that is moved into on `day`."""
    return day.year if day.month >= FIRST_MONTH else day.year - 1


def preview_of(campus: Campus, year: int, day: date) -> Preview:
    """What moving up would do on `day`, in three queries."""
    classes = db.session.scalars(
        select(SchoolClass)
        .where(SchoolClass.campus_id == campus.id, SchoolClass.left_on.is_(None))
        .order_by(STAGE_ORDER, SchoolClass.grade, SchoolClass.number, SchoolClass.id)
    ).all()
    pupils = _counted(Enrolment, campus, day)
    assignments = _counted(TeachingAssignment, campus, day)
    staying = [each for each in classes if _is_in_its_grade(each, year)]
    moves = [_move(each, pupils, assignments) for each in classes if each not in staying]
    stages = dict.fromkeys([*(Stage(stage) for stage in campus.stages), *(each.stage for each in classes)])
    return Preview(
        campus,
        year,
        moving=[move for move in moves if move.to_grade],
        leaving=[move for move in moves if not move.to_grade],
        staying=staying,
        first_grades=[_first_grade(stage, staying) for stage in stages],
    )


def _is_in_its_grade(school_class: SchoolClass, year: int) -> bool:
    return school_class.entry_year == entry_year_of(school_class.stage, school_class.grade, year)


def _move(school_class: SchoolClass, pupils: dict[int, int], assignments: dict[int, int]) -> ClassMove:
    stage, grade, number = school_class.stage, school_class.grade, school_class.number
    to_grade = None if is_last_grade(stage, grade) else grade + 1
    usual = school_class.name == class_name(stage, grade, number)
    to_name = class_name(stage, to_grade, number) if to_grade and usual else school_class.name
    id = school_class.id
    return ClassMove(school_class, to_grade, to_name, pupils.get(id, 0), assignments.get(id, 0))


def _first_grade(stage: Stage, staying: Sequence[SchoolClass]) -> FirstGrade:
    grade = GRADES_OF_STAGE[stage].start
    return FirstGrade(stage, grade, [each for each in staying if (each.stage, each.grade) == (stage, grade)])


def _counted(dated: type[Enrolment] | type[TeachingAssignment], campus: Campus, day: date) -> dict[int, int]:
    counted = (
        select(dated.class_id, func.count())
        .join(SchoolClass, SchoolClass.id == dated.class_id)
        .where(SchoolClass.campus_id == campus.id, dated.holding_on(day))
        .group_by(dated.class_id)
    )
    return dict(db.session.execute(counted).tuples().all())


def moving_of(campus: Campus, year: int) -> Moving | None:
    """How the campus moved up into `year`, if it did."""
    return db.session.scalar(select(Moving).where(Moving.campus_id == campus.id, Moving.year == year))


@dataclass(frozen=True)
class CampusMovings:
    """A campus and whether it has moved up into the year asked for."""

    campus: Campus
    moving: Moving | None
    by: str


def movings_of(standing: Standing, year: int) -> Sequence[CampusMovings]:
    """The campuses that somebody oversees, with what was done there for `year`."""
    rows = db.session.execute(
        select(Campus, Moving, Person.name)
        .outerjoin(Moving, (Moving.campus_id == Campus.id) & (Moving.year == year))
        .outerjoin(Person, Person.id == Moving.person_id)
        .where(Campus.id.in_(overseen_campuses(standing)))
        .order_by(Campus.name, Campus.id)
    )
    return [CampusMovings(campus, moving, name or "") for campus, moving, name in rows]
