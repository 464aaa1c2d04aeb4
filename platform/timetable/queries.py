"""Timetables and calendars out of the database, and the names of what stands in them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, or_, select, union_all
from sqlalchemy.orm import selectinload

from foundation.database import db
from foundation.days import Dated
from schools.models import Campus, MemberKind, Membership, Person, Room, SchoolClass, Subject
from timetable.models import BellSchedule, CalendarDay, CalendarFeed, Term, TimetableChange, TimetableEntry
from timetable.teaching_days import (
    OPEN_END,
    Bell,
    CampusDays,
    Change,
    Clock,
    Entry,
    Lesson,
    Span,
    Special,
    Timetable,
    Whose,
)

SHOWN_CAMPUSES = 60

ENTRY_COLUMNS = (
    TimetableEntry.id,
    TimetableEntry.class_id,
    SchoolClass.campus_id,
    TimetableEntry.weekday,
    TimetableEntry.period,
    TimetableEntry.parity,
    TimetableEntry.subject_id,
    TimetableEntry.person_id,
    TimetableEntry.room_id,
    TimetableEntry.from_day,
    TimetableEntry.to_day,
    TimetableEntry.sequence,
)
"""In the order of `Entry`."""

CHANGE_COLUMNS = (
    TimetableChange.id,
    TimetableChange.entry_id,
    TimetableChange.day,
    TimetableChange.kind,
    TimetableChange.new_day,
    TimetableChange.new_period,
    TimetableChange.person_id,
    TimetableChange.room_id,
    TimetableChange.reason,
)
"""In the order of `Change`."""

Named = TypeVar("Named", SchoolClass, Subject, Person, Room, Campus)


def lasting(kind: type[Dated], from_day: date, to_day: date) -> ColumnElement[bool]:
    """What holds on some day from `from_day` up to, not including, `to_day`."""
    return and_(kind.from_day < to_day, or_(kind.to_day.is_(None), kind.to_day > from_day))


def groups_of(campus_ids: Collection[int], day: date) -> dict[int, int]:
    """The group whose calendar each campus keeps: its primary one."""
    rows = db.session.execute(
        select(Membership.campus_id, Membership.group_id)
        .where(Membership.campus_id.in_(campus_ids), Membership.holding_on(day))
        .order_by(Membership.primary, Membership.id.desc())
    )
    return dict(rows.tuples().all())


def calendars(campus_ids: Collection[int], from_day: date, to_day: date) -> dict[int, CampusDays]:
    """The calendar of each campus for these days."""
    group_of = groups_of(campus_ids, from_day)
    groups = set(group_of.values())
    terms: dict[int, list[Span]] = defaultdict(list)
    for term in db.session.scalars(select(Term).where(Term.group_id.in_(groups), lasting(Term, from_day, to_day))):
        terms[term.group_id].append(_span(term))
    special = _special_days(groups, campus_ids, from_day, to_day)
    bells = _bells(groups, campus_ids, from_day, to_day)
    return {
        campus_id: CampusDays(
            terms[group_of.get(campus_id, 0)],
            special.get((group_of.get(campus_id, 0), None), {})
            | special.get((group_of.get(campus_id, 0), campus_id), {}),
            bells[group_of.get(campus_id, 0), None] + bells[group_of.get(campus_id, 0), campus_id],
        )
        for campus_id in campus_ids
    }


def _special_days(
    groups: Collection[int], campus_ids: Collection[int], from_day: date, to_day: date
) -> dict[tuple[int, int | None], dict[date, Special]]:
    found: dict[tuple[int, int | None], dict[date, Special]] = defaultdict(dict)
    rows = db.session.scalars(
        select(CalendarDay).where(
            CalendarDay.group_id.in_(groups),
            or_(CalendarDay.campus_id.is_(None), CalendarDay.campus_id.in_(campus_ids)),
            CalendarDay.day >= from_day,
            CalendarDay.day < to_day,
        )
    )
    for row in rows:
        found[row.group_id, row.campus_id][row.day] = Special(row.kind, row.follows, row.name)
    return found


def _bells(
    groups: Collection[int], campus_ids: Collection[int], from_day: date, to_day: date
) -> dict[tuple[int, int | None], list[Bell]]:
    found: dict[tuple[int, int | None], list[Bell]] = defaultdict(list)
    rows = db.session.scalars(
        select(BellSchedule)
        .options(selectinload(BellSchedule.periods))
        .where(
            BellSchedule.group_id.in_(groups),
            or_(BellSchedule.campus_id.is_(None), BellSchedule.campus_id.in_(campus_ids)),
            lasting(BellSchedule, from_day, to_day),
        )
    )
    for row in rows:
        found[row.group_id, row.campus_id].append(bell_of(row))
    return found


def bell_of(schedule: BellSchedule) -> Bell:
    """A bell schedule as `teaching_days` reads it."""
    clocks = (Clock(each.number, each.label, each.kind, each.starts, each.ends) for each in schedule.periods)
    return Bell(_span(schedule), schedule.campus_id is not None, schedule.name, tuple(clocks))


def _span(dated: Dated) -> Span:
    return Span(dated.from_day, dated.to_day or OPEN_END)


def timetable_of(
    whose: Whose, ids: Collection[int], from_day: date, to_day: date, campus_ids: Collection[int] = ()
) -> Timetable:
    """The lessons of classes, people, rooms or campuses (their `ids`) on these days, with what comes to them by a change.

    It knows the calendars of `campus_ids` too, whether or not there are lessons.
    """
    return timetable_of_all({whose: ids}, from_day, to_day, campus_ids)


def timetable_of_all(
    asked: Mapping[Whose, Collection[int]], from_day: date, to_day: date, campus_ids: Collection[int] = ()
) -> Timetable:
    """The same of several kinds at once: the lessons of these classes and of these people and rooms."""
    changes = [
        Change(*row)
        for row in db.session.execute(
            select(*CHANGE_COLUMNS)
            .join(TimetableEntry, TimetableEntry.id == TimetableChange.entry_id)
            .where(_falling(from_day, to_day), or_(*_of(asked), *_coming_to(asked)))
        ).tuples()
    ]
    entries = _entries(asked, from_day, to_day, {change.entry_id for change in changes})
    campuses = {entry.campus_id for entry in entries} | set(asked.get("campus", ())) | set(campus_ids)
    return Timetable(calendars(campuses, from_day, to_day), entries, changes)


def _of(asked: Mapping[Whose, Collection[int]]) -> list[ColumnElement[bool]]:
    column = {
        "class": TimetableEntry.class_id,
        "person": TimetableEntry.person_id,
        "room": TimetableEntry.room_id,
        "campus": TimetableEntry.class_id,
    }
    return [
        column[whose].in_(select(SchoolClass.id).where(SchoolClass.campus_id.in_(ids)) if whose == "campus" else ids)
        for whose, ids in asked.items()
    ]


def _coming_to(asked: Mapping[Whose, Collection[int]]) -> list[ColumnElement[bool]]:
    """Changes that bring a lesson to people and rooms."""
    column = {"person": TimetableChange.person_id, "room": TimetableChange.room_id}
    return [column[whose].in_(ids) for whose, ids in asked.items() if whose in column]


def _falling(from_day: date, to_day: date) -> ColumnElement[bool]:
    """Changes from or to one of these days."""
    return or_(
        and_(TimetableChange.day >= from_day, TimetableChange.day < to_day),
        and_(TimetableChange.new_day >= from_day, TimetableChange.new_day < to_day),
    )


def _entries(
    asked: Mapping[Whose, Collection[int]], from_day: date, to_day: date, besides: Collection[int]
) -> list[Entry]:
    """Each kind is looked up by its own index, which databases do not do with one condition that has them all."""
    ids = select(TimetableEntry.id)
    within = lasting(TimetableEntry, from_day, to_day)
    wanted = union_all(
        *(ids.where(one_kind, within) for one_kind in _of(asked)), ids.where(TimetableEntry.id.in_(besides))
    )
    rows = db.session.connection().execute(
        select(*ENTRY_COLUMNS, SchoolClass.left_on)
        .join(SchoolClass, SchoolClass.id == TimetableEntry.class_id)
        .where(TimetableEntry.id.in_(wanted))
        .order_by(TimetableEntry.id)
    )
    return [_entry(*row) for row in rows.tuples().all()]


def _entry(*values: Any) -> Entry:
    """It ends at the latest when its class has left."""
    *facts, to_day, sequence, left_on = values
    ends = to_day or OPEN_END
    return Entry._make((*facts, ends if left_on is None or ends < left_on else left_on, sequence))


@dataclass(frozen=True)
class Names:
    """What lessons are of and where, by their ids."""

    classes: Mapping[int, SchoolClass]
    subjects: Mapping[int, Subject]
    people: Mapping[int, Person]
    rooms: Mapping[int, Room]
    campuses: Mapping[int, Campus]


def names_of(lessons: Iterable[Lesson]) -> Names:
    """The classes, subjects, people, rooms and campuses of lessons, in five queries."""
    lessons = list(lessons)
    people = {id for each in lessons for id in (each.person_id, each.entry.person_id) if id}
    rooms = {id for each in lessons for id in (each.room_id, each.entry.room_id) if id}
    return Names(
        _by_id(SchoolClass, {each.entry.class_id for each in lessons}),
        _by_id(Subject, {each.entry.subject_id for each in lessons}),
        _by_id(Person, people),
        _by_id(Room, rooms),
        _by_id(Campus, {each.entry.campus_id for each in lessons}),
    )


def _by_id(model: type[Named], ids: Collection[int]) -> dict[int, Named]:
    return {row.id: row for row in db.session.scalars(select(model).where(model.id.in_(ids)))} if ids else {}


def term_on(group_id: int, day: date) -> Term | None:
    """The term of a group that a day lies in, or the next one to come."""
    return db.session.scalar(
        select(Term).where(Term.group_id == group_id, Term.to_day > day).order_by(Term.from_day).limit(1)
    )


def campuses_shown(group_ids: Collection[int], day: date) -> Sequence[Campus]:
    """The present campuses of groups, the core first."""
    rows = db.session.scalars(
        select(Campus)
        .join(Membership, Membership.campus_id == Campus.id)
        .where(Membership.group_id.in_(group_ids), Membership.holding_on(day))
        .order_by(Membership.kind != MemberKind.CORE, Campus.name, Campus.id)
        .limit(SHOWN_CAMPUSES)
    )
    return list(dict.fromkeys(rows))


def classes_of(campus_id: int, day: date) -> Sequence[SchoolClass]:
    """The present classes of a campus."""
    return db.session.scalars(
        select(SchoolClass)
        .where(SchoolClass.campus_id == campus_id, or_(SchoolClass.left_on.is_(None), SchoolClass.left_on > day))
        .order_by(SchoolClass.grade, SchoolClass.number, SchoolClass.id)
    ).all()


def campuses_in(ids: Select[tuple[int]]) -> list[Campus]:
    """Campuses by name."""
    found = select(Campus).where(Campus.id.in_(ids)).order_by(Campus.name, Campus.id).limit(SHOWN_CAMPUSES)
    return list(db.session.scalars(found))


def rooms_taught_in(campus_id: int, day: date) -> Sequence[Room]:
    """The rooms of a campus that stand in a timetable around a day."""
    used = select(TimetableEntry.room_id).where(TimetableEntry.holding_on(day))
    return db.session.scalars(
        select(Room).where(Room.campus_id == campus_id, Room.id.in_(used)).order_by(Room.name, Room.id)
    ).all()


def feed_of(whose: Whose, id: int) -> CalendarFeed | None:
    """The calendar address of a person, class or room, if there is one."""
    column = {"person": CalendarFeed.person_id, "class": CalendarFeed.class_id, "room": CalendarFeed.room_id}[whose]
    return db.session.scalar(select(CalendarFeed).where(column == id))


def feed_with(token: str, day: date) -> tuple[Whose, int, str] | None:
    """Of whom or what the lessons at a secret address are, and the name; None once they have left."""
    feed = db.session.scalar(select(CalendarFeed).where(CalendarFeed.token == token))
    if feed is None:
        return None
    if feed.person_id is not None:
        person = db.session.get_one(Person, feed.person_id)
        return ("person", person.id, person.name) if person.left_at is None else None
    if feed.class_id is not None:
        found = db.session.get_one(SchoolClass, feed.class_id)
        return ("class", found.id, found.name) if found.left_on is None or found.left_on > day else None
    room = db.session.get_one(Room, feed.room_id)
    return "room", room.id, room.name
