"""What pages show of terms, days, bells, timetables and changes."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from foundation.database import db
from foundation.errors import NotFound
from foundation.paging import nearest_page
from manage.timetables.access import Reach
from schools.models import AuditEntry, Campus, Room, SchoolClass
from timetable.models import BellSchedule, CalendarDay, ChangeKind, Term, TimetableChange, TimetableEntry
from timetable.queries import calendars, classes_of, term_on, timetable_of
from timetable.teaching_days import Clock, Lesson, Timetable, monday_of

MADE_BEFORE: Final = timedelta(days=60)
"""A lesson of a term to come may be changed before the term begins."""


def terms_of(group_id: int) -> Sequence[Term]:
    """The terms of a group, the latest first."""
    return db.session.scalars(select(Term).where(Term.group_id == group_id).order_by(Term.from_day.desc())).all()


@dataclass(frozen=True)
class DaySpan:
    """Days in a row that are alike: `first` speaks for them; `last_day` is among them."""

    first: CalendarDay
    last_day: date

    @property
    def count(self) -> int:
        """How many days."""
        return (self.last_day - self.first.day).days + 1


def days_of(reach: Reach, term: Term) -> list[DaySpan]:
    """The days of a term, and of the weeks around it, that are not as usual: of the group and of the campuses arranged."""
    rows = db.session.scalars(
        select(CalendarDay)
        .options(joinedload(CalendarDay.campus))
        .where(
            CalendarDay.group_id == reach.group.id,
            CalendarDay.day >= term.from_day - timedelta(weeks=4),
            CalendarDay.day < (term.to_day or date.max - timedelta(weeks=4)) + timedelta(weeks=4),
            or_(CalendarDay.campus_id.is_(None), CalendarDay.campus_id.in_([each.id for each in reach.campuses])),
        )
        .order_by(CalendarDay.campus_id, CalendarDay.day)
    ).all()
    spans: list[DaySpan] = []
    for row in rows:
        last = spans[-1] if spans else None
        if last and _alike(last.first, row) and row.day == last.last_day + timedelta(days=1):
            spans[-1] = DaySpan(last.first, row.day)
        else:
            spans.append(DaySpan(row, row.day))
    return sorted(spans, key=lambda span: (span.first.day, span.first.campus_id or 0))


def _alike(one: CalendarDay, other: CalendarDay) -> bool:
    return (one.kind, one.name, one.follows, one.campus_id) == (other.kind, other.name, other.follows, other.campus_id)


def bells_of(reach: Reach) -> Sequence[BellSchedule]:
    """The bell schedules of the group and of the campuses that somebody arranges, the group's first."""
    return db.session.scalars(
        select(BellSchedule)
        .options(selectinload(BellSchedule.periods), joinedload(BellSchedule.campus))
        .where(
            BellSchedule.group_id == reach.group.id,
            or_(BellSchedule.campus_id.is_(None), BellSchedule.campus_id.in_([each.id for each in reach.campuses])),
        )
        .order_by(BellSchedule.campus_id.is_not(None), BellSchedule.campus_id, BellSchedule.from_day.desc())
    ).all()


@dataclass(frozen=True)
class ClassLine:
    """A class with the number of lessons in its week."""

    school_class: SchoolClass
    lessons: int


@dataclass(frozen=True)
class ClassPage:
    """One page of the classes of a campus."""

    lines: Sequence[ClassLine]
    page: int
    pages: int


def class_page(campus: Campus, term: Term | None, day: date, page: int, page_size: int) -> ClassPage:
    """The present classes of a campus and how many lessons their week has in a term."""
    classes = classes_of(campus.id, day)
    page, pages = nearest_page(page, len(classes), page_size)
    shown = classes[(page - 1) * page_size : page * page_size]
    counted: dict[int, int] = {}
    if term is not None:
        rows = db.session.execute(
            select(TimetableEntry.class_id, func.count())
            .where(
                TimetableEntry.class_id.in_([each.id for each in shown]),
                TimetableEntry.holding_on(max(day, term.from_day)),
            )
            .group_by(TimetableEntry.class_id)
        )
        counted = dict(rows.tuples().all())
    return ClassPage([ClassLine(each, counted.get(each.id, 0)) for each in shown], page, pages)


@dataclass(frozen=True)
class ClassWeek:
    """The week of a class as its timetable stands: the periods of its bell, the weekdays, and the lessons in each cell."""

    term: Term
    day: date
    periods: Sequence[Clock]
    weekdays: Sequence[int]
    cells: dict[tuple[int, int], list[TimetableEntry]]


def class_week(school_class: SchoolClass, term: Term, day: date) -> ClassWeek:
    """As it stands on a day (the first of the term where that is still to come)."""
    day = max(day, term.from_day)
    entries = db.session.scalars(
        select(TimetableEntry)
        .options(joinedload(TimetableEntry.subject), joinedload(TimetableEntry.person), joinedload(TimetableEntry.room))
        .where(TimetableEntry.class_id == school_class.id, TimetableEntry.holding_on(day))
        .order_by(TimetableEntry.parity.desc(), TimetableEntry.id)
    ).all()
    cells: dict[tuple[int, int], list[TimetableEntry]] = defaultdict(list)
    for entry in entries:
        cells[entry.weekday, entry.period].append(entry)
    weekdays = sorted({1, 2, 3, 4, 5} | {entry.weekday for entry in entries})
    return ClassWeek(term, day, periods_on(school_class.campus_id, day), weekdays, cells)


def periods_on(campus_id: int, day: date) -> Sequence[Clock]:
    """The numbered periods of a campus on a day."""
    bell = calendars({campus_id}, day, day + timedelta(days=1))[campus_id].day(day).bell
    return [clock for clock in bell.periods if clock.number is not None] if bell else []


def rooms_of(campus_id: int) -> Sequence[Room]:
    """The rooms of a campus by name."""
    return db.session.scalars(select(Room).where(Room.campus_id == campus_id).order_by(Room.name, Room.id)).all()


def term_for(group_id: int, day: date) -> Term | None:
    """The running term of a group, the next one, or the last one that was."""
    return term_on(group_id, day) or db.session.scalar(
        select(Term).where(Term.group_id == group_id).order_by(Term.from_day.desc()).limit(1)
    )


def lesson_on(entry: TimetableEntry, day: date) -> tuple[Timetable, Lesson | None]:
    """The lesson that an entry has on a day, changed or not, with the timetable of its class around it."""
    monday = monday_of(day)
    timetable = timetable_of("class", {entry.class_id}, monday - timedelta(weeks=1), monday + timedelta(weeks=3))
    found = (each for each in timetable.lessons_on("class", entry.class_id, day) if each.entry.id == entry.id)
    return timetable, next((each for each in found if each.change is None or each.change.day == day), None)


def moved_from(entry: TimetableEntry, day: date) -> date:
    """The day of a lesson that was moved to this one. Raises NotFound."""
    moved = db.session.scalar(
        select(TimetableChange.day).where(TimetableChange.entry_id == entry.id, TimetableChange.new_day == day)
    )
    if moved is None:
        raise NotFound
    return moved


def others_to_swap(timetable: Timetable, lesson: Lesson, today: date) -> list[Lesson]:
    """The unchanged lessons of the same class around a lesson with which it may change places."""
    monday = monday_of(lesson.day)
    lessons = timetable.lessons(
        "class", lesson.entry.class_id, monday - timedelta(weeks=1), monday + timedelta(weeks=3)
    )
    return [
        each
        for each in lessons
        if each.change is None
        and each.day >= today
        and (each.entry.subject_id, each.entry.person_id) != (lesson.entry.subject_id, lesson.entry.person_id)
    ]


@dataclass(frozen=True)
class Said:
    """What was once done to a lesson of a day, as the trail has it. `what`: a kind of change; None: it was withdrawn."""

    at: datetime
    by: str
    what: ChangeKind | None
    new_day: date | None
    new_period: int | None
    substitute: str
    reason: str


def history_of(entry: TimetableEntry, day: date) -> list[Said]:
    """All that was done to a lesson of a day, the last first, what was withdrawn too."""
    school_class = entry.school_class
    found = db.session.scalars(
        select(AuditEntry)
        .where(
            AuditEntry.campus_id == school_class.campus_id,
            AuditEntry.action.in_(("lesson_changed", "lesson_restored")),
            AuditEntry.object_kind == "class",
            AuditEntry.object_id == school_class.id,
            AuditEntry.made_at >= datetime.combine(entry.from_day, time(), UTC) - MADE_BEFORE,
        )
        .order_by(AuditEntry.made_at.desc(), AuditEntry.id.desc())
    )
    return [
        _said(each)
        for each in found
        if (each.details.get("entry"), each.details.get("on")) == (entry.id, day.isoformat())
    ]


def _said(done: AuditEntry) -> Said:
    details = done.details
    new_day = details.get("new_day")
    return Said(
        done.made_at,
        done.person_name,
        ChangeKind(details["what"]) if "what" in details else None,
        date.fromisoformat(new_day) if new_day else None,
        details.get("new_period"),
        details.get("substitute", ""),
        details.get("why", ""),
    )


@dataclass(frozen=True)
class ChangePage:
    """One page of changes."""

    changes: Sequence[TimetableChange]
    count: int
    page: int
    pages: int


def changes_of(reach: Reach, campus: Campus, *, past: bool, page: int, page_size: int) -> ChangePage:
    """What is changed at a campus from today on, the next first; or what was, the last first."""
    day, today = TimetableChange.day, reach.standing.day
    wanted = (
        SchoolClass.campus_id == campus.id,
        day < today if past else or_(day >= today, TimetableChange.new_day >= today),
    )
    changes = (
        select(TimetableChange)
        .join(TimetableEntry, TimetableEntry.id == TimetableChange.entry_id)
        .join(SchoolClass, SchoolClass.id == TimetableEntry.class_id)
        .where(*wanted)
    )
    count = db.session.scalar(select(func.count()).select_from(changes.subquery())) or 0
    page, pages = nearest_page(page, count, page_size)
    entry = joinedload(TimetableChange.entry)
    found = db.session.scalars(
        changes.options(
            entry.joinedload(TimetableEntry.school_class),
            entry.joinedload(TimetableEntry.subject),
            entry.joinedload(TimetableEntry.person),
            joinedload(TimetableChange.person),
            joinedload(TimetableChange.room),
            joinedload(TimetableChange.by),
        )
        .order_by(day.desc() if past else day, TimetableChange.id)
        .limit(page_size)
        .offset((page - 1) * page_size)
    ).all()
    return ChangePage(found, count, page, pages)
