"""The lessons of the timetable that give way to a session, those of its classes and of its teachers, and who moves them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from flask_babel import gettext

from live.access import campuses_answered_for
from live.models import LiveClassroom, LiveSession
from live.scheduling.clocks import when_words
from schools.access import Standing
from schools.names import subject_name
from schools.offices import offices_of
from timetable.queries import Names, names_of, timetable_of
from timetable.teaching_days import ONE_DAY, Lesson, Whose
from timetable.words import CHANGE_KIND_NAMES

MOST_NAMED: Final = 2
"""So many of an office are named."""


class Displaced(NamedTuple):
    """A lesson of the timetable that has to be moved, and who teaches it; `swap` (`entry@day`) is one of its class that it could change places with."""

    entry_id: int
    day: date
    campus_id: int
    person_id: int | None
    swap: str = ""


@dataclass(frozen=True)
class Movers:
    """Who moves lessons, for one reader: the reader where they arrange the campus or ask a colleague for their own, else its office by name."""

    arranged: Collection[int]
    person_id: int | None
    offices: Mapping[int, str]

    def arranges(self, lesson: Displaced) -> bool:
        """Whether the reader moves it."""
        return lesson.campus_id in self.arranged

    def is_own(self, lesson: Displaced) -> bool:
        """Whether the reader teaches it, and so asks a colleague to take it over."""
        return lesson.person_id is not None and lesson.person_id == self.person_id

    def office(self, lesson: Displaced) -> str:
        """Whom to ask: the names of those who arrange the campus; empty where there is nobody."""
        return self.offices.get(lesson.campus_id, "")


def movers_for(standing: Standing, lessons: Iterable[Displaced]) -> Movers:
    """Who moves these lessons."""
    lessons = list(lessons)
    arranged = campuses_answered_for(standing) if lessons else frozenset()
    others = {each.campus_id for each in lessons} - arranged
    offices = offices_of(others, standing.day) if others else {}
    names = {id: gettext("、").join(each.name for each in people[:MOST_NAMED]) for id, people in offices.items()}
    return Movers(frozenset() if standing.looked_through else arranged, standing.person_id, names)


@dataclass(frozen=True)
class GivingWay:
    """A lesson in words; `settled` what was done about it already."""

    words: str
    lesson: Displaced
    settled: str = ""


def giving_way(session: LiveSession) -> list[GivingWay]:
    """Of the classes, except lessons of the session's own subject, which it replaces; and what lead and helpers teach elsewhere."""
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
    return [_told(each, names) for each in sorted(lessons.values(), key=lambda one: one.starts)]


def _at(session: LiveSession, whose: Whose, asked: dict[int, LiveClassroom]) -> Iterable[Lesson]:
    """The lessons at the minutes of the session, by the clock of the classroom; also those that were changed for it."""
    timetable = timetable_of(whose, list(asked), session.day, session.day + ONE_DAY)
    for id, classroom in asked.items():
        for lesson in timetable.lessons_on(whose, id, session.day):
            if lesson.starts < classroom.ends and classroom.starts < lesson.ends:
                yield lesson


def _told(lesson: Lesson, names: Names) -> GivingWay:
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
    displaced = Displaced(entry.id, lesson.day, entry.campus_id, lesson.person_id or entry.person_id)
    return GivingWay(words, displaced, settled)
