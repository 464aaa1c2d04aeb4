"""The lessons of the timetable that give way to a session: those of its classes and of its teachers."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from live.models import LiveClassroom, LiveSession
from live.scheduling.clocks import when_words
from schools.names import subject_name
from timetable.queries import Names, names_of, timetable_of
from timetable.teaching_days import ONE_DAY, Lesson, Whose
from timetable.words import CHANGE_KIND_NAMES


@dataclass(frozen=True)
class GivingWay:
    """A lesson in words; `settled` what was done about it already; `entry_id` leads whoever arranges it to where it is changed."""

    words: str
    day: date
    entry_id: int | None
    settled: str = ""


def giving_way(session: LiveSession, arranged: Collection[int]) -> list[GivingWay]:
    """Of the classes, except lessons of the session's own subject, which it replaces; and what lead and helpers teach elsewhere.

    `arranged` are the campuses (their ids) whose timetables the reader changes.
    """
    lessons: dict[int, Lesson] = {}
    classes = {each.class_id: each for each in session.classrooms if each.class_id is not None}
    for lesson in _at(session, "class", classes):
        if lesson.entry.subject_id != session.subject_id:
            lessons[lesson.entry.id] = lesson
    main = session.classrooms[0]
    people = {each.helper_id: each for each in session.classrooms if each.helper_id} | {session.lead_id: main}
    for lesson in _at(session, "person", people):
        if lesson.entry.class_id not in classes:
            lessons[lesson.entry.id] = lesson
    names = names_of(lessons.values())
    return [_told(each, names, arranged) for each in sorted(lessons.values(), key=lambda one: one.starts)]


def _at(session: LiveSession, whose: Whose, asked: dict[int, LiveClassroom]) -> Iterable[Lesson]:
    """The lessons at the minutes of the session, by the clock of the classroom; also those that were changed for it."""
    timetable = timetable_of(whose, list(asked), session.day, session.day + ONE_DAY)
    for id, classroom in asked.items():
        for lesson in timetable.lessons_on(whose, id, session.day):
            if lesson.starts < classroom.ends and classroom.starts < lesson.ends:
                yield lesson


def _told(lesson: Lesson, names: Names, arranged: Collection[int]) -> GivingWay:
    entry = lesson.entry
    campus, teacher = names.campuses[entry.campus_id], names.people.get(lesson.person_id or entry.person_id or 0)
    parts: Sequence[str] = [
        campus.short_name,
        names.classes[entry.class_id].name,
        subject_name(names.subjects[entry.subject_id]),
        when_words(lesson.day, lesson.starts, lesson.ends, lesson.label),
    ]
    words = " ".join(parts)
    if teacher is not None:
        words = f"{words} {teacher.name}"
    settled = str(CHANGE_KIND_NAMES[lesson.change.kind]) if lesson.change and not lesson.held else ""
    return GivingWay(words, lesson.day, entry.id if entry.campus_id in arranged else None, settled)
