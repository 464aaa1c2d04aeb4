"""Whom a change of a lesson concerns, and what stands in its way, in words."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from flask_babel import gettext

from foundation.database import db
from foundation.errors import Invalid
from manage.timetables.forms import ChangeForm
from schools.models import Person, Room, SchoolClass
from schools.names import subject_name
from timetable.appointments import Appointment, appointments_of
from timetable.models import ChangeKind, Parity, TimetableEntry
from timetable.queries import calendars, names_of, timetable_of
from timetable.teaching_days import Lesson, Whose, monday_of
from timetable.words import DAY_KIND_NAMES, clock_time, short_day

ONE_DAY = timedelta(days=1)


def when(lesson: Lesson) -> str:
    """A lesson by its day and clock: 10月8日 周四 上午第2节（8:50–9:30）."""
    return gettext(
        "%(day)s %(label)s（%(starts)s–%(ends)s）",
        day=short_day(lesson.day),
        label=lesson.label,
        starts=clock_time(lesson.starts),
        ends=clock_time(lesson.ends),
    )


def concerned(lesson: Lesson, other: Lesson | None, person: Person | None) -> str:
    """Whom a change concerns: the class, every teacher, every room."""
    lessons = [lesson, *([other] if other else [])]
    names = names_of(lessons)
    teachers = [names.people[id].name for each in lessons if (id := each.person_id or each.entry.person_id)]
    rooms = [names.rooms[each.room_id].name for each in lessons if each.room_id]
    people = [*teachers, *([person.name] if person else [])]
    told = [names.classes[lesson.entry.class_id].name, *dict.fromkeys(people), *dict.fromkeys(rooms)]
    return gettext("、").join(told)


def troubles(lesson: Lesson, other: Lesson | None, person: Person | None, form: ChangeForm) -> list[str]:
    """What stands in the way of a change, which may be made all the same. Raises Invalid for a period that the day has not."""
    resting = [said for each in (lesson, other) if each for said in _resting(each)]
    if form.kind is ChangeKind.CANCELLED:
        return resting
    if other is not None:
        there = _busy(lesson, other.day, (other.starts, other.ends), None, None, {lesson.entry.id, other.entry.id})
        here = _busy(other, lesson.day, (lesson.starts, lesson.ends), None, None, {lesson.entry.id, other.entry.id})
        return [*resting, *there, *here]
    if form.kind is ChangeKind.SUBSTITUTE or form.new_day is None:
        minutes = (lesson.starts, lesson.ends)
        busy = _busy(lesson, lesson.day, minutes, person, form.room_id, {lesson.entry.id})
        return [*resting, *busy, *_appointed(lesson, lesson.day, minutes, person, form.room_id)]
    minutes, said = _place(lesson, form.new_day, form.new_period or lesson.period)
    busy = _busy(lesson, form.new_day, minutes, person, form.room_id, {lesson.entry.id})
    return [*said, *resting, *busy, *_appointed(lesson, form.new_day, minutes, person, form.room_id)]


def _resting(lesson: Lesson) -> list[str]:
    """What the class has besides the timetable that is held in place of the lesson, and stays where it is when that changes."""
    return [
        gettext(
            "“%(title)s”用的就是%(when)s这节课，它的时间和主讲不会跟着变，相关的人会收到通知。",
            title=each.title,
            when=when(lesson),
        )
        for each in _besides("class", lesson.entry.class_id, lesson.day, (lesson.starts, lesson.ends))
        if each.subject_id == lesson.entry.subject_id
    ]


def _appointed(
    lesson: Lesson, day: date, minutes: tuple[int, int], person: Person | None, room_id: int | None
) -> list[str]:
    """What class, teacher and room have besides the timetable at those minutes, unless it is held in place of this lesson."""
    entry = lesson.entry
    own = _besides("class", entry.class_id, day, minutes)
    passed = {each.uid for each in own if each.subject_id == entry.subject_id}
    found: dict[str, str] = {}
    asked: list[tuple[Whose, int | None]] = [
        ("class", entry.class_id),
        ("person", person.id if person else entry.person_id),
        ("room", room_id or entry.room_id),
    ]
    for whose, id in asked:
        if id is not None:
            for each in _besides(whose, id, day, minutes):
                said = gettext("%(who)s这时有“%(title)s”。", who=_who(whose, id), title=each.title)
                found.setdefault(each.uid, said)
    return [said for uid, said in found.items() if uid not in passed]


def _besides(whose: Whose, id: int, day: date, minutes: tuple[int, int]) -> list[Appointment]:
    starts, ends = minutes
    there = appointments_of(whose, {id}, day, day + ONE_DAY).get(id, ())
    return [each for each in there if not each.cancelled and each.starts < ends and starts < each.ends]


def _place(lesson: Lesson, day: date, period: int) -> tuple[tuple[int, int], list[str]]:
    campus_id = lesson.entry.campus_id
    school_day = calendars({campus_id}, day, day + ONE_DAY)[campus_id].day(day)
    clock = school_day.bell.by_number.get(period) if school_day.bell else None
    if clock is None:
        raise Invalid(new_period=gettext("%(day)s没有第%(number)s节。", day=short_day(day), number=period))
    said = []
    if school_day.week is None:
        said = [gettext("%(day)s不在学期内。", day=short_day(day))]
    elif school_day.weekday == 0 and school_day.special:
        kind = DAY_KIND_NAMES[school_day.special.kind]
        said = [gettext("%(day)s%(kind)s：%(name)s。", day=short_day(day), kind=kind, name=school_day.special.name)]
    return (clock.starts, clock.ends), said


def _busy(
    lesson: Lesson,
    day: date,
    minutes: tuple[int, int],
    person: Person | None,
    room_id: int | None,
    but: set[int],
) -> list[str]:
    """The lessons in which class, teacher or room already are at those minutes."""
    entry = lesson.entry
    asked: list[tuple[Whose, int | None]] = [("person", person.id if person else entry.person_id)]
    if day != lesson.day or minutes != (lesson.starts, lesson.ends):
        asked = [("class", entry.class_id), *asked, ("room", room_id or entry.room_id)]
    elif room_id:
        asked.append(("room", room_id))
    found: dict[tuple[Whose, int], list[Lesson]] = {}
    for whose, id in asked:
        if id is not None:
            there = timetable_of(whose, {id}, day, day + ONE_DAY).clashes(whose, id, day, *minutes)
            found[whose, id] = [each for each in there if each.entry.id not in but]
    return _told(found)


def _told(found: dict[tuple[Whose, int], list[Lesson]]) -> list[str]:
    names = names_of(each for lessons in found.values() for each in lessons)
    return [
        gettext(
            "%(who)s在%(when)s已有课：%(class)s %(subject)s。",
            who=_who(whose, id),
            when=when(each),
            subject=subject_name(names.subjects[each.entry.subject_id]),
            **{"class": names.classes[each.entry.class_id].name},
        )
        for (whose, id), lessons in found.items()
        for each in lessons
    ]


def _who(whose: Whose, id: int) -> str:
    if whose == "person":
        return db.session.get_one(Person, id).name
    return db.session.get_one(Room, id).name if whose == "room" else db.session.get_one(SchoolClass, id).name


def overlaps(entries: Iterable[TimetableEntry]) -> list[str]:
    """Where the teacher or the room of new entries is already busy, in their first weeks."""
    said: list[str] = []
    for entry in entries:
        for day in _first_days(entry):
            said += _overlaps_on(entry, day)
            if said:
                break
    return list(dict.fromkeys(said))


def _first_days(entry: TimetableEntry) -> Sequence[date]:
    first = monday_of(entry.from_day) + timedelta(days=entry.weekday - 1)
    weeks = range(3) if entry.parity is Parity.EVERY else range(4)
    days = [first + timedelta(weeks=week) for week in weeks]
    return [day for day in days if day >= entry.from_day and (entry.to_day is None or day < entry.to_day)]


def _overlaps_on(entry: TimetableEntry, day: date) -> list[str]:
    timetable = timetable_of("class", {entry.class_id}, day, day + ONE_DAY)
    lesson = next(
        (each for each in timetable.lessons_on("class", entry.class_id, day) if each.entry.id == entry.id), None
    )
    if lesson is None:
        return []
    found: dict[tuple[Whose, int], list[Lesson]] = {}
    asked: list[tuple[Whose, int | None]] = [("person", entry.person_id), ("room", entry.room_id)]
    for whose, id in asked:
        if id is not None:
            there = timetable_of(whose, {id}, day, day + ONE_DAY).clashes(whose, id, day, lesson.starts, lesson.ends)
            found[whose, id] = [each for each in there if each.entry.id != entry.id]
    return _told(found)
