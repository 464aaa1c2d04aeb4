"""The lessons of the timetable at the time of a session: those in whose place it is held, those that give way to it, and who moves them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from flask_babel import gettext

from live.access import campuses_answered_for
from live.models import LiveClassroom, LiveSession, RoomRole
from live.scheduling.clocks import when_words
from live.scheduling.following import change_said
from schools.access import Standing
from schools.models import Person
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


@dataclass(frozen=True)
class Changed:
    """A lesson in whose place a session is held, in words with what became of it since; `substitute` teaches it now.

    `instead_of` is what its teacher is in the session, as lead or helper of `classroom`: what the substitute may become.
    """

    words: str
    lesson: Displaced
    classroom: LiveClassroom
    change_id: int
    substitute: Person | None = None
    instead_of: RoomRole | None = None


@dataclass(frozen=True)
class Around:
    """The lessons of the timetable at the time of a session: those that give way, and those in whose place it is held where they were changed."""

    giving_way: Sequence[GivingWay] = ()
    changed: Sequence[Changed] = ()


def lessons_around(session: LiveSession) -> Around:
    """Of the classes those of the session's own subject, which it replaces, and others; and what lead and helpers teach elsewhere."""
    lessons: dict[int, Lesson] = {}
    replaced: list[Lesson] = []
    classes = {each.class_id: each for each in session.classrooms if each.class_id is not None}
    for lesson in _at(session, "class", classes):
        if lesson.entry.subject_id != session.subject_id:
            lessons[lesson.entry.id] = lesson
        elif lesson.change is not None and lesson.change.day == session.day:
            replaced.append(lesson)
    main = session.classrooms[0]
    people = {each.helper_id: each for each in session.classrooms if each.helper_id} | {session.lead_id: main}
    for lesson in _at(session, "person", people):
        if lesson.entry.class_id not in classes:
            lessons[lesson.entry.id] = lesson
    names = names_of([*lessons.values(), *replaced])
    return Around(
        [_told(each, names) for each in sorted(lessons.values(), key=lambda one: one.starts)],
        [found for each in replaced if (found := _changed(each, classes[each.entry.class_id], names))],
    )


def _changed(lesson: Lesson, classroom: LiveClassroom, names: Names) -> Changed | None:
    """None where nothing has to be done: the session has the substitute already, or only the room of the lesson is another."""
    entry, change, session = lesson.entry, lesson.change, classroom.session
    if change is None or (lesson.held and lesson.person_id in (None, entry.person_id)):
        return None
    substitute = names.people[lesson.person_id] if lesson.held and lesson.person_id else None
    if substitute is not None and substitute.id in (session.lead_id, classroom.helper_id):
        return None
    words = gettext(
        "%(place)s %(subject)s %(when)s：%(what)s",
        place=f"{classroom.campus.short_name} {names.classes[entry.class_id].name}",
        subject=subject_name(names.subjects[entry.subject_id]),
        when=when_words(lesson.day, lesson.starts, lesson.ends, lesson.label),
        what=change_said(change.kind, change.new_day, change.new_period, substitute.name if substitute else ""),
    )
    displaced = Displaced(entry.id, lesson.day, entry.campus_id, None)
    part = _part_of(entry.person_id, classroom) if substitute else None
    return Changed(words, displaced, classroom, change.id, substitute, part)


def _part_of(person_id: int | None, classroom: LiveClassroom) -> RoomRole | None:
    """What the teacher of a lesson is in the session that is held in its place."""
    if classroom.rank == 0 and person_id == classroom.session.lead_id:
        return RoomRole.LEAD
    return RoomRole.HELPER if person_id is not None and person_id == classroom.helper_id else None


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
