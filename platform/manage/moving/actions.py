"""升级, once a year for each campus, in one transaction."""

from collections.abc import Collection, Mapping

from flask_babel import gettext
from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError

from foundation.clock import today
from foundation.database import announce, commit, db
from foundation.errors import Conflict
from manage.classes.access import must_look_after
from manage.moving.queries import Preview, moving_of, preview_of, year_to_move_into
from schools.actions import PersonRightsChanged
from schools.audit import record
from schools.models import Campus, Enrolment, Moving, Person, Pupil, SchoolClass, Stage, TeachingAssignment
from schools.names import GRADES_OF_STAGE, class_name


def move_up(by: Person, campus: Campus, seen: str, new_classes: Mapping[Stage, int]) -> Preview:
    """Move the classes of a campus up into the school year, as the preview with the fingerprint `seen` says.

    The last grade leaves with its pupils, every teaching assignment ends today, and so many `new_classes` are made for the
    first grade of each stage. Raises NotAllowed, and Conflict when it was done already or a class has changed since.
    """
    must_look_after(by, campus.id)
    day = today()
    year = year_to_move_into(day)
    _write_down(by, campus, year)
    preview = preview_of(campus, year, day)
    if preview.fingerprint != seen:
        db.session.rollback()
        raise Conflict(gettext("预览之后班级有了变动，什么都没有改。请回去再看一遍预览。"))
    _end_assignments([move.school_class.id for move in (*preview.moving, *preview.leaving)])
    _end_pupils([move.school_class.id for move in preview.leaving])
    for move in preview.moving:
        move.school_class.grade, move.school_class.name = move.to_grade or 0, move.to_name
    for move in preview.leaving:
        move.school_class.left_on = day
    made = _make_classes(campus, year, new_classes)
    record(
        by,
        "classes_moved_up",
        "campus",
        campus,
        campus_id=campus.id,
        year=year,
        moved=len(preview.moving),
        left=len(preview.leaving),
        made=made,
        pupils_left=preview.pupils_leaving,
        assignments_ended=preview.assignments_ending,
    )
    commit()
    return preview


def _write_down(by: Person, campus: Campus, year: int) -> None:
    """That it is done stands first, so that of two who ask at once only one does it."""
    before = moving_of(campus, year)
    if before is None:
        db.session.add(Moving(campus_id=campus.id, year=year, on_day=today(), person_id=by.id))
        try:
            db.session.flush()
        except IntegrityError as taken:
            db.session.rollback()
            raise _done_already(campus, year) from taken
    else:
        raise _done_already(campus, year)


def _done_already(campus: Campus, year: int) -> Conflict:
    return Conflict(gettext("%(campus)s已经升入 %(year)d 学年，一年只能升一次。", campus=campus.name, year=year))


def _end_assignments(class_ids: Collection[int]) -> None:
    day = today()
    present = TeachingAssignment.class_id.in_(class_ids), TeachingAssignment.holding_on(day)
    for person_id in db.session.scalars(select(TeachingAssignment.person_id.distinct()).where(*present)).all():
        announce(PersonRightsChanged(person_id))
    db.session.execute(update(TeachingAssignment).where(*present).values(to_day=day))


def _end_pupils(class_ids: Collection[int]) -> None:
    day = today()
    present = Enrolment.class_id.in_(class_ids), Enrolment.holding_on(day)
    leaving = select(Enrolment.pupil_id).where(*present)
    later = or_(Pupil.ends_on.is_(None), Pupil.ends_on > day)
    db.session.execute(
        update(Pupil).where(Pupil.id.in_(leaving), later).values(ends_on=day),
        execution_options={"synchronize_session": False},
    )
    db.session.execute(update(Enrolment).where(*present).values(to_day=day))


def _make_classes(campus: Campus, year: int, new_classes: Mapping[Stage, int]) -> int:
    made = 0
    for stage, count in new_classes.items():
        grade = GRADES_OF_STAGE[stage].start
        taken = set(
            db.session.scalars(
                select(SchoolClass.number).where(
                    SchoolClass.campus_id == campus.id, SchoolClass.stage == stage, SchoolClass.entry_year == year
                )
            )
        )
        free = (number for number in range(1, 100) if number not in taken)
        for number in (next(free) for _ in range(count)):
            name = class_name(stage, grade, number)
            db.session.add(
                SchoolClass(campus_id=campus.id, stage=stage, entry_year=year, grade=grade, number=number, name=name)
            )
            made += 1
    return made
