"""What is done to classes, pupils and teaching assignments. Each function makes one change and commits it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext
from sqlalchemy import func, or_, select

from foundation.clock import today
from foundation.database import announce, commit, db
from foundation.errors import Conflict, Invalid
from manage.classes.access import must_arrange, must_look_after
from manage.classes.forms import AssignmentForm, ClassForm, NewPupil, PupilForm
from manage.finding import colleague_named
from schools.actions import PersonRightsChanged
from schools.audit import record
from schools.models import Campus, Enrolment, Person, Pupil, SchoolClass, Subject, TeachingAssignment
from schools.names import class_name
from schools.years import entry_year_of, school_year_of

MOST_PUPILS = 120


def add_class(by: Person, campus: Campus, form: ClassForm) -> SchoolClass:
    """Make a class in a grade of this school year. Raises NotAllowed, Invalid."""
    must_arrange(by, campus.id)
    school_class = SchoolClass(campus_id=campus.id)
    _describe(school_class, form)
    db.session.add(school_class)
    db.session.flush()
    record(by, "class_made", "class", school_class, campus_id=campus.id)
    commit()
    return school_class


def change_class(by: Person, school_class: SchoolClass, form: ClassForm) -> None:
    """Change grade, number, name or 班主任; who teaches it may thereby change prep groups. Raises NotAllowed, Invalid."""
    must_arrange(by, school_class.campus_id)
    _describe(school_class, form)
    record(by, "class_changed", "class", school_class, campus_id=school_class.campus_id, homeroom=form.homeroom)
    for person_id in _teachers(school_class):
        announce(PersonRightsChanged(person_id))
    commit()


def delete_class(by: Person, school_class: SchoolClass) -> None:
    """Take away a class that was made by mistake. Raises NotAllowed, and Conflict once somebody learned or taught in it."""
    must_arrange(by, school_class.campus_id)
    if db.session.scalar(select(Enrolment.id).where(Enrolment.class_id == school_class.id).limit(1)):
        raise Conflict(gettext("这个班有学生的记录，不能删。毕业的班级用“升级”，名册会保留。"))
    if _teachers(school_class):
        raise Conflict(gettext("这个班有任课记录，不能删。"))
    record(by, "class_deleted", "class", school_class, campus_id=school_class.campus_id)
    db.session.delete(school_class)
    commit()


def add_pupils(by: Person, school_class: SchoolClass, pupils: Sequence[NewPupil]) -> None:
    """Let pupils sit in a class from today on. Raises NotAllowed, and Invalid naming the line of whoever cannot."""
    must_look_after(by, school_class.campus_id)
    _refuse_left(school_class)
    present = _present(school_class)
    names, seats = {name for name, _ in present}, {seat for _, seat in present if seat}
    if len(present) + len(pupils) > MOST_PUPILS:
        raise Invalid(pupils=gettext("一个班最多 %(count)d 名学生。", count=MOST_PUPILS))
    for pupil in pupils:
        _refuse_doubtful(pupil, names, seats)
        names.add(pupil.name)
        if pupil.seat:
            seats.add(pupil.seat)
        place = Enrolment(class_id=school_class.id, seat=pupil.seat, from_day=today())
        db.session.add(Pupil(name=pupil.name, enrolments=[place]))
    record(by, "pupils_added", "class", school_class, campus_id=school_class.campus_id, count=len(pupils))
    commit()


def change_pupil(by: Person, school_class: SchoolClass, place: Enrolment, form: PupilForm) -> None:
    """Correct a pupil's name or seat. Raises NotAllowed, and Invalid for a seat that is taken."""
    must_look_after(by, school_class.campus_id)
    _refuse_seat_taken(school_class, form.seat, but=place.id)
    pupil = db.session.get_one(Pupil, place.pupil_id)
    pupil.name, place.seat = form.name, form.seat
    _record_pupil(by, "pupil_changed", pupil, school_class)
    commit()


def move_pupils(by: Person, school_class: SchoolClass, places: Sequence[Enrolment], other: SchoolClass) -> None:
    """Let pupils sit in another class from today on; their old places stay on record. Raises NotAllowed, Conflict."""
    must_look_after(by, school_class.campus_id)
    must_look_after(by, other.campus_id)
    _refuse_left(other)
    for place in places:
        _refuse_ended(place)
        pupil = db.session.get_one(Pupil, place.pupil_id)
        _end(place, today())
        db.session.add(Enrolment(pupil_id=pupil.id, class_id=other.id, from_day=today()))
        _record_pupil(by, "pupil_moved", pupil, school_class, to_class=other.name)
    commit()


def let_pupils_leave(by: Person, school_class: SchoolClass, places: Sequence[Enrolment]) -> None:
    """Pupils leave school today; their cards no longer count, the records stay. Raises NotAllowed, Conflict."""
    must_look_after(by, school_class.campus_id)
    for place in places:
        _refuse_ended(place)
        pupil = db.session.get_one(Pupil, place.pupil_id)
        place.to_day = pupil.ends_on = today()
        _record_pupil(by, "pupil_left", pupil, school_class)
    commit()


def add_assignment(by: Person, school_class: SchoolClass, form: AssignmentForm) -> None:
    """Let somebody of the campus teach a subject to a class for a time. Raises NotAllowed, Invalid, Conflict."""
    must_arrange(by, school_class.campus_id)
    _refuse_left(school_class)
    person = colleague_named(form.person, select(Campus.id).where(Campus.id == school_class.campus_id))
    subject = db.session.get(Subject, form.subject_id)
    if subject is None:
        raise Invalid(subject=gettext("请选择学科。"))
    twice = select(TeachingAssignment.id).where(
        TeachingAssignment.class_id == school_class.id,
        TeachingAssignment.person_id == person.id,
        TeachingAssignment.subject_id == subject.id,
        or_(TeachingAssignment.to_day.is_(None), TeachingAssignment.to_day > form.from_day),
    )
    if db.session.scalar(twice.limit(1)):
        raise Invalid(person=gettext("%(name)s已经在教这个班的这门课。", name=person.name))
    assignment = TeachingAssignment(
        person_id=person.id,
        class_id=school_class.id,
        subject_id=subject.id,
        from_day=form.from_day,
        to_day=form.to_day,
    )
    db.session.add(assignment)
    _record_assignment(by, "assignment_made", school_class, person, subject)
    commit()


def end_assignment(by: Person, school_class: SchoolClass, assignment: TeachingAssignment) -> None:
    """Somebody no longer teaches a class from today on; that they did stays on record. Raises NotAllowed."""
    must_arrange(by, school_class.campus_id)
    person = db.session.get_one(Person, assignment.person_id)
    subject = db.session.get_one(Subject, assignment.subject_id)
    _end(assignment, today())
    _record_assignment(by, "assignment_ended", school_class, person, subject)
    commit()


def _record_pupil(by: Person, action: str, pupil: Pupil, school_class: SchoolClass, **details: Any) -> None:
    record(by, action, "pupil", pupil, campus_id=school_class.campus_id, school_class=school_class.name, **details)


def _record_assignment(by: Person, action: str, school_class: SchoolClass, person: Person, subject: Subject) -> None:
    record(
        by,
        action,
        "person",
        person,
        campus_id=school_class.campus_id,
        school_class=school_class.name,
        subject=subject.name,
    )
    announce(PersonRightsChanged(person.id))


def _describe(school_class: SchoolClass, form: ClassForm) -> None:
    """Give a class what the form says. In another grade its entry year follows from this school year."""
    same_grade = (school_class.stage, school_class.grade) == (form.stage, form.grade)
    year = school_class.entry_year if same_grade else entry_year_of(form.stage, form.grade, school_year_of(today()))
    same = select(SchoolClass.name).where(
        SchoolClass.campus_id == school_class.campus_id,
        SchoolClass.stage == form.stage,
        SchoolClass.entry_year == year,
        SchoolClass.number == form.number,
        SchoolClass.id != (school_class.id or 0),
    )
    with db.session.no_autoflush:
        taken = db.session.scalar(same)
    if taken:
        raise Invalid(number=gettext("这个年级已经有 %(number)d 班：%(name)s。", number=form.number, name=taken))
    school_class.stage, school_class.grade, school_class.number = form.stage, form.grade, form.number
    school_class.entry_year = year
    school_class.name = form.name or class_name(form.stage, form.grade, form.number)
    own = select(Campus.id).where(Campus.id == school_class.campus_id)
    with db.session.no_autoflush:
        homeroom = colleague_named(form.homeroom, own, field="homeroom") if form.homeroom else None
    school_class.homeroom_teacher_id = homeroom.id if homeroom else None


def _present(school_class: SchoolClass) -> Sequence[tuple[str, int | None]]:
    rows = db.session.execute(
        select(Pupil.name, Enrolment.seat)
        .join(Enrolment, Enrolment.pupil_id == Pupil.id)
        .where(Enrolment.class_id == school_class.id, Enrolment.holding_on(today()))
    )
    return rows.tuples().all()


def _refuse_doubtful(pupil: NewPupil, names: set[str], seats: set[int]) -> None:
    """Two of one name are told apart by their seats; a seat is one pupil's."""
    if pupil.seat in seats:
        sentence = gettext("第 %(line)d 行：%(seat)d 号座位已经有人。", line=pupil.line, seat=pupil.seat)
        raise Invalid(pupils=sentence)
    if pupil.name in names and not pupil.seat:
        sentence = gettext(
            "第 %(line)d 行：班里已有“%(name)s”。如果确是同名，请写上座号。", line=pupil.line, name=pupil.name
        )
        raise Invalid(pupils=sentence)


def _refuse_seat_taken(school_class: SchoolClass, seat: int | None, but: int) -> None:
    taken = select(func.count()).where(
        Enrolment.class_id == school_class.id,
        Enrolment.seat == seat,
        Enrolment.id != but,
        Enrolment.holding_on(today()),
    )
    if seat and db.session.scalar(taken):
        raise Invalid(seat=gettext("%(seat)d 号座位已经有人。", seat=seat))


def _refuse_ended(place: Enrolment) -> None:
    if not place.holds_on(today()):
        raise Conflict(gettext("这名学生已经不在这个班了。"))


def _refuse_left(school_class: SchoolClass) -> None:
    if school_class.left_on is not None:
        raise Conflict(gettext("%(name)s已经毕业，不能再改。", name=school_class.name))


def _teachers(school_class: SchoolClass) -> Sequence[int]:
    taught = select(TeachingAssignment.person_id.distinct()).where(TeachingAssignment.class_id == school_class.id)
    return db.session.scalars(taught).all()


def _end(dated: Enrolment | TeachingAssignment, day: date) -> None:
    """Let it end; what has not yet begun is taken away."""
    if dated.from_day >= day:
        db.session.delete(dated)
    else:
        dated.to_day = day
