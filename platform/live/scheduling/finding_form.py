"""What the slot finder can be asked, and what there is to choose from."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final, Self

from sqlalchemy import or_, select
from sqlalchemy.orm import selectinload

from curriculum.models import TextbookEdition, TextbookVolume, Unit
from foundation.database import db
from foundation.sent import Sent, number, numbers
from live.scheduling.finding import SCHOOL_DAYS, Wanted
from live.scheduling.world import Asked, World, world_of
from schools.access import Standing, campuses_of_my_groups
from schools.models import Campus, Person, SchoolClass, Stage, Subject, TeachingAssignment
from schools.queries import subjects
from schools.staff import campus_of
from timetable.models import Term, TimetableEntry
from timetable.pace import weeks_of
from timetable.queries import campuses_in, groups_of, term_on
from timetable.teaching_days import Span, monday_of, week_of

USUAL_MINUTES: Final = 40
USUAL_WEEKS: Final = 2
WEEK: Final = timedelta(days=7)
ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class FindForm:
    """What was chosen. Of a campus in `campuses` any class of the grade will do, unless some of it stand in `classes`."""

    subject: int | None = None
    grade: int | None = None
    lead_class: int | None = None
    campuses: frozenset[int] = frozenset()
    classes: frozenset[int] = frozenset()
    topic: int | None = None
    from_week: int | None = None
    to_week: int | None = None
    minutes: int = USUAL_MINUTES
    weekdays: frozenset[int] = SCHOOL_DAYS
    page: int = 1

    @classmethod
    def read(cls, sent: Sent) -> Self:
        """The choice in an address."""
        weekdays = frozenset(numbers(sent.getlist("weekday"))) & frozenset(range(1, 8))
        return cls(
            subject=number(sent.get("subject")),
            grade=number(sent.get("grade")),
            lead_class=number(sent.get("lead_class")),
            campuses=frozenset(numbers(sent.getlist("campus"))),
            classes=frozenset(numbers(sent.getlist("class"))),
            topic=number(sent.get("topic")),
            from_week=number(sent.get("from_week")),
            to_week=number(sent.get("to_week")),
            minutes=min(max(number(sent.get("minutes")) or USUAL_MINUTES, 20), 120),
            weekdays=weekdays or SCHOOL_DAYS,
            page=number(sent.get("page")) or 1,
        )

    def address(self, page: int) -> dict[str, object]:
        """The same as the arguments of an address."""
        return {
            "subject": self.subject,
            "grade": self.grade,
            "lead_class": self.lead_class,
            "campus": sorted(self.campuses),
            "class": sorted(self.classes),
            "topic": self.topic,
            "from_week": self.from_week,
            "to_week": self.to_week,
            "minutes": self.minutes,
            "weekday": sorted(self.weekdays),
            "page": page,
        }


@dataclass(frozen=True)
class Choices:
    """What there is to choose from: classes of the grade, topics of its books, weeks of the term."""

    campuses: Sequence[Campus]
    subjects: Sequence[Subject]
    grades: Sequence[tuple[Stage, int]]
    classes: Sequence[SchoolClass]
    units: Sequence[Unit]
    term: Term | None
    this_week: int
    weeks: int

    def classes_at(self, campus_id: int) -> list[SchoolClass]:
        """The classes of the grade at a campus."""
        return [each for each in self.classes if each.campus_id == campus_id]

    def days(self, form: FindForm, after: date) -> tuple[date, date] | None:
        """From which day up to, not including, which other, all after a day; None without a term."""
        if self.term is None or form.from_week is None or form.to_week is None:
            return None
        monday = monday_of(self.term.from_day)
        first = max(monday + (form.from_week - 1) * WEEK, after + ONE_DAY)
        return first, max(first, monday + form.to_week * WEEK)


def completed(person: Person, standing: Standing, form: FindForm) -> tuple[FindForm, Choices]:
    """The choice with what is usual where nothing was chosen, and what there is to choose from."""
    campuses = campuses_in(campuses_of_my_groups(standing))
    campus_ids = [campus.id for campus in campuses]
    form = _with_own_class(standing, form, campus_ids)
    classes = _classes(campus_ids, form.grade, standing.day)
    known = {each.id for each in classes}
    if form.lead_class not in known:
        mine = next((each for each in classes if each.campus_id in standing.campus_ids), None)
        form = replace(form, lead_class=mine.id if mine else next(iter(sorted(known)), None))
    home = campus_of(person) or next(iter(campus_ids), 0)
    term = term_on(groups_of({home}, standing.day).get(home, 0), standing.day)
    weeks = weeks_of(term) if term else 0
    week = week_of(standing.day, [Span(term.from_day, term.to_day or date.max)]) if term else None
    this_week = week.number if week else 1
    first = min(max(form.from_week or this_week, 1), weeks or 1)
    last = min(max(form.to_week or first + USUAL_WEEKS - 1, first), weeks or 1)
    form = replace(
        form, from_week=first, to_week=last, campuses=form.campuses & set(campus_ids), classes=form.classes & known
    )
    units = _units(form.subject, form.grade, term)
    return form, Choices(
        campuses, subjects(), _grades(campus_ids, standing.day), classes, units, term, this_week, weeks
    )


def _with_own_class(standing: Standing, form: FindForm, campus_ids: Collection[int]) -> FindForm:
    """Subject, grade and class that the person teaches, where none was chosen."""
    if form.subject and form.grade:
        return form
    mine = db.session.execute(
        select(TeachingAssignment.subject_id, SchoolClass.grade, SchoolClass.id)
        .join(SchoolClass, SchoolClass.id == TeachingAssignment.class_id)
        .where(
            TeachingAssignment.person_id == standing.person_id,
            TeachingAssignment.holding_on(standing.day),
            SchoolClass.campus_id.in_(campus_ids),
        )
        .order_by(TeachingAssignment.id)
        .limit(1)
    ).first()
    if mine is None:
        return form
    return replace(
        form,
        subject=form.subject or mine.subject_id,
        grade=form.grade or mine.grade,
        lead_class=form.lead_class or mine.id,
    )


def _classes(campus_ids: Collection[int], grade: int | None, day: date) -> Sequence[SchoolClass]:
    return db.session.scalars(
        select(SchoolClass)
        .where(
            SchoolClass.campus_id.in_(campus_ids),
            SchoolClass.grade == grade,
            SchoolClass.stage != Stage.KINDERGARTEN,
            or_(SchoolClass.left_on.is_(None), SchoolClass.left_on > day),
        )
        .order_by(SchoolClass.campus_id, SchoolClass.number, SchoolClass.id)
    ).all()


def _grades(campus_ids: Collection[int], day: date) -> list[tuple[Stage, int]]:
    rows = db.session.execute(
        select(SchoolClass.stage, SchoolClass.grade)
        .where(
            SchoolClass.campus_id.in_(campus_ids),
            SchoolClass.stage != Stage.KINDERGARTEN,
            or_(SchoolClass.left_on.is_(None), SchoolClass.left_on > day),
        )
        .distinct()
    )
    found = {grade: stage for stage, grade in rows}
    return [(found[grade], grade) for grade in sorted(found)]


def _units(subject_id: int | None, grade: int | None, term: Term | None) -> Sequence[Unit]:
    """The units with their topics of the books that a grade has in the term."""
    if not subject_id or not grade or term is None:
        return []
    return db.session.scalars(
        select(Unit)
        .join(Unit.volume)
        .join(TextbookVolume.edition)
        .options(selectinload(Unit.topics))
        .where(
            TextbookEdition.subject_id == subject_id,
            TextbookVolume.grade == grade,
            or_(TextbookVolume.semester.is_(None), TextbookVolume.semester == term.semester),
        )
        .order_by(TextbookVolume.id, Unit.rank, Unit.id)
    ).all()


@dataclass(frozen=True)
class Search:
    """What is looked for, with the teachers of the subject by class, and the book that the topic stands in."""

    wanted: Wanted
    teachers: dict[int, int]
    campus_ids: frozenset[int]
    volume_id: int | None

    def world(self) -> World:
        """What has to be known for it."""
        wanted = self.wanted
        return world_of(
            Asked(
                wanted.from_day,
                wanted.to_day,
                {wanted.lead_class_id, *(each for end in wanted.ends for each in end)},
                {wanted.lead_id, *self.teachers.values()},
                self.campus_ids,
                topic_id=wanted.topic_id,
                all_rooms=True,
            )
        )


def search_of(form: FindForm, choices: Choices, standing: Standing) -> Search | None:
    """What is looked for; None while something is missing."""
    days = choices.days(form, standing.day)
    ends = _ends(form, choices)
    if form.subject is None or form.lead_class is None or days is None or not ends or standing.person_id is None:
        return None
    ids = {form.lead_class, *(class_id for end in ends for class_id in end)}
    teachers = teachers_of(ids, form.subject, standing.day)
    lead_id = teachers.get(form.lead_class, standing.person_id)
    volumes = {topic.id: unit.volume_id for unit in choices.units for topic in unit.topics}
    topic = form.topic if form.topic in volumes else None
    wanted = Wanted(form.subject, lead_id, form.lead_class, ends, *days, form.minutes, form.weekdays, topic)
    campus_ids = frozenset(each.campus_id for each in choices.classes if each.id in ids)
    return Search(wanted, teachers, campus_ids, volumes.get(topic or 0))


def _ends(form: FindForm, choices: Choices) -> tuple[tuple[int, ...], ...]:
    """Each class chosen; of the other campuses chosen any class of the grade."""
    named = [each for each in choices.classes if each.id in form.classes and each.id != form.lead_class]
    ends: list[tuple[int, ...]] = [(each.id,) for each in named]
    lead_campus = next((each.campus_id for each in choices.classes if each.id == form.lead_class), None)
    for campus_id in sorted(form.campuses - {each.campus_id for each in named} - {lead_campus}):
        any_of_it = tuple(each.id for each in choices.classes_at(campus_id))
        if any_of_it:
            ends.append(any_of_it)
    return tuple(ends)


def teachers_of(class_ids: Collection[int], subject_id: int, day: date) -> dict[int, int]:
    """Who teaches a subject to classes: those assigned, and where nobody is, those in the timetable."""
    in_timetable = db.session.execute(
        select(TimetableEntry.class_id, TimetableEntry.person_id).where(
            TimetableEntry.class_id.in_(class_ids),
            TimetableEntry.subject_id == subject_id,
            TimetableEntry.person_id.is_not(None),
            TimetableEntry.holding_on(day),
        )
    )
    assigned = db.session.execute(
        select(TeachingAssignment.class_id, TeachingAssignment.person_id).where(
            TeachingAssignment.class_id.in_(class_ids),
            TeachingAssignment.subject_id == subject_id,
            TeachingAssignment.holding_on(day),
        )
    )
    return {class_id: id for class_id, id in in_timetable if id is not None} | dict(assigned.tuples().all())
