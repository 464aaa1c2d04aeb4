"""What the pages of 教学进度 show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager, joinedload

from curriculum.models import TextbookEdition, TextbookVolume, Unit
from curriculum.queries import units_of
from foundation.database import db
from foundation.paging import nearest_page
from schools.access import Standing, campuses_of_my_groups
from schools.models import Campus, Membership, SchoolClass, Stage, TeachingAssignment
from timetable.models import PaceLine, TaughtTopic, Term
from timetable.pace import line_of, planned_by, reached_by, topics_in_order
from timetable.queries import term_on
from timetable.teaching_days import Span, week_of


@dataclass(frozen=True)
class Row:
    """A class: so many lessons it has behind it; None when nothing was said of it."""

    school_class: SchoolClass
    reached: int | None

    def ahead(self, planned: int) -> int:
        """How many lessons it is before the line, below 0 behind it."""
        return (self.reached or 0) - planned


@dataclass(frozen=True)
class Radar:
    """The classes of a grade against the line: so many of all `lessons` are `planned` by the end of this `week`."""

    rows: Sequence[Row]
    lessons: int
    planned: int | None
    week: int | None
    page: int
    pages: int


def term_of(standing: Standing) -> Term | None:
    """The term of the person's group that today lies in, or the next."""
    groups = sorted(standing.staff_group_ids or standing.group_ids)
    return next(filter(None, (term_on(group_id, standing.day) for group_id in groups)), None)


def volumes_of(term: Term | None) -> Sequence[TextbookVolume]:
    """The books that are used in a term, by subject and grade."""
    wanted = or_(TextbookVolume.semester.is_(None), TextbookVolume.semester == (term.semester if term else None))
    return db.session.scalars(
        select(TextbookVolume)
        .join(TextbookVolume.edition)
        .join(TextbookEdition.subject)
        .options(contains_eager(TextbookVolume.edition).contains_eager(TextbookEdition.subject))
        .where(wanted, TextbookVolume.units.any(Unit.topics.any()))
        .order_by(TextbookEdition.subject_id, TextbookVolume.grade, TextbookVolume.id)
    ).all()


def usual_volume(standing: Standing, volumes: Sequence[TextbookVolume]) -> TextbookVolume | None:
    """The book of what the person teaches, else one with a line, else the first."""
    taught = db.session.execute(
        select(TeachingAssignment.subject_id, SchoolClass.grade)
        .join(SchoolClass, SchoolClass.id == TeachingAssignment.class_id)
        .where(TeachingAssignment.person_id == standing.person_id, TeachingAssignment.holding_on(standing.day))
    ).tuples()
    mine = set(taught.all())
    own = next((each for each in volumes if (each.edition.subject_id, each.grade) in mine), None)
    return own or next(iter(volumes), None)


def radar(standing: Standing, volume: TextbookVolume, term: Term, page: int, page_size: int) -> Radar:
    """The classes of the volume's grade in the term's group, campus by campus."""
    classes = _classes(standing, volume, term)
    page, pages = nearest_page(page, len(classes), page_size)
    shown = classes[(page - 1) * page_size : page * page_size]
    order = topics_in_order(volume.id)
    reached = reached_by([each.id for each in shown], order)
    line = line_of(term.id, order)
    week = week_now(term, standing.day)
    planned = planned_by(line, week or 0) if line else None
    return Radar([Row(each, reached.get(each.id)) for each in shown], len(order), planned, week, page, pages)


def week_now(term: Term, day: date) -> int | None:
    """The teaching week of a day; None outside the term."""
    week = week_of(day, [Span(term.from_day, term.to_day or date.max)])
    return week.number if week else None


def _classes(standing: Standing, volume: TextbookVolume, term: Term) -> Sequence[SchoolClass]:
    in_group = select(Membership.campus_id).where(
        Membership.group_id == term.group_id, Membership.holding_on(standing.day)
    )
    return db.session.scalars(
        select(SchoolClass)
        .join(SchoolClass.campus)
        .options(contains_eager(SchoolClass.campus))
        .where(
            SchoolClass.campus_id.in_(campuses_of_my_groups(standing)),
            SchoolClass.campus_id.in_(in_group),
            SchoolClass.stage == volume.edition.stage,
            SchoolClass.grade == volume.grade,
            or_(SchoolClass.left_on.is_(None), SchoolClass.left_on > standing.day),
        )
        .order_by(Campus.name, Campus.id, SchoolClass.number, SchoolClass.id)
    ).all()


@dataclass(frozen=True)
class MyClass:
    """A class that somebody teaches a subject, with the book in which it is marked."""

    school_class: SchoolClass
    volume: TextbookVolume


def my_classes(standing: Standing, volumes: Sequence[TextbookVolume]) -> list[MyClass]:
    """What the person teaches of the books of the term."""
    rows = db.session.execute(
        select(SchoolClass, TeachingAssignment.subject_id)
        .join(TeachingAssignment, TeachingAssignment.class_id == SchoolClass.id)
        .options(joinedload(SchoolClass.campus))
        .where(TeachingAssignment.person_id == standing.person_id, TeachingAssignment.holding_on(standing.day))
        .order_by(SchoolClass.grade, SchoolClass.number, SchoolClass.id)
    ).tuples()
    book: dict[tuple[int, Stage, int], TextbookVolume] = {}
    for volume in volumes:
        book.setdefault((volume.edition.subject_id, volume.edition.stage, volume.grade), volume)
    found = ((each, book.get((subject_id, each.stage, each.grade))) for each, subject_id in rows)
    return [MyClass(each, volume) for each, volume in found if volume is not None]


@dataclass(frozen=True)
class Marks:
    """The units of a volume with their lessons, when the class had each, and the week of the line."""

    units: Sequence[Unit]
    taught: dict[int, TaughtTopic]
    line: dict[int, int]


def marks_of(school_class: SchoolClass, volume: TextbookVolume, term: Term | None) -> Marks:
    """What a class has had of a volume."""
    order = topics_in_order(volume.id)
    taught = db.session.scalars(
        select(TaughtTopic).where(TaughtTopic.class_id == school_class.id, TaughtTopic.topic_id.in_(order))
    )
    return Marks(
        units_of(volume),
        {each.topic_id: each for each in taught},
        line_of(term.id, order) if term else {},
    )


@dataclass(frozen=True)
class LineUnit:
    """A unit of the line: from the first to the last week of its lessons, None before a line was set."""

    unit: Unit
    first: int | None
    last: int | None


def line_units(term: Term, volume: TextbookVolume) -> list[LineUnit]:
    """The units of a volume with their weeks."""
    rows = db.session.execute(
        select(PaceLine.topic_id, PaceLine.week).where(
            PaceLine.term_id == term.id, PaceLine.topic_id.in_(topics_in_order(volume.id))
        )
    )
    line = dict(rows.tuples().all())
    found = []
    for unit in units_of(volume):
        weeks = [line[topic.id] for topic in unit.topics if topic.id in line]
        found.append(LineUnit(unit, min(weeks, default=None), max(weeks, default=None)))
    return found
