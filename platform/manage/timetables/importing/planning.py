"""The dry run: what would become of every cell, and the weeks that all of them together would make. It writes nothing."""

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from flask_babel import gettext
from sqlalchemy import select

from foundation.database import db
from manage.importing import values
from manage.importing.finding import SUBJECTS_ALSO_CALLED
from manage.importing.texts import plain, tidy
from manage.timetables.importing.reading import Lesson, Written
from manage.timetables.queries import periods_on
from schools.models import Campus, Membership, Person, Posting, Room, SchoolClass, Stage, Subject, TeachingAssignment
from timetable.models import Parity, Term, TimetableChange, TimetableEntry
from timetable.queries import classes_of, lasting
from timetable.words import PARITY_NAMES, WEEKDAY_NAMES

_SEVERAL: Final = re.compile(r"[、,，;；/&和]")
_NUMBER: Final = re.compile(r"第?(\d{1,2}|[一二三四五六七八九十]{1,3})节?(?:课)?\Z")

Said = tuple[Parity, int, int | None, int | None]
"""Parity, subject, teacher and room of a lesson."""


class Fate(StrEnum):
    """What becomes of a cell."""

    NEW = "new"
    CHANGED = "changed"
    REMOVED = "removed"
    SAME = "same"
    KEPT = "kept"
    REFUSED = "refused"


CHANGING: Final = (Fate.NEW, Fate.CHANGED, Fate.REMOVED)


class Refused(Exception):
    """The cell cannot be imported, and the sentence says why."""


@dataclass(frozen=True)
class Outcome:
    """The fate of a cell: where it stands, which lesson of which class it is, and in words what changes or why not."""

    sheet: str
    cell: str
    fate: str
    label: str
    says: str


@dataclass(frozen=True)
class NewCell:
    """A place of a class' week that is to hold other lessons than before."""

    class_id: int
    weekday: int
    period: int
    lessons: tuple[Said, ...]
    before: tuple[TimetableEntry, ...]


@dataclass
class Plan:
    """Everything that a file would do."""

    outcomes: list[Outcome]
    cells: list[NewCell]

    def counts(self) -> dict[str, int]:
        """How many cells have which fate."""
        return dict(Counter(outcome.fate for outcome in self.outcomes))

    def fingerprint(self) -> str:
        """The same for two plans that would do the same to the same cells."""
        return hashlib.sha256(json.dumps([asdict(each) for each in self.outcomes]).encode()).hexdigest()


class World:
    """What stands in the database about a campus and its classes, read in few queries."""

    def __init__(self, campus: Campus, term: Term, day: date) -> None:
        self.campus, self.day = campus, day
        self.classes = list(classes_of(campus.id, day))
        self.subjects = {subject.name: subject for subject in db.session.scalars(select(Subject))}
        self.rooms = {
            plain(room.name): room for room in db.session.scalars(select(Room).where(Room.campus_id == campus.id))
        }
        clocks = periods_on(campus.id, day)
        self.numbers = {clock.number for clock in clocks}
        self.labels = {plain(clock.label): clock.number or 0 for clock in clocks}
        self.here: dict[str, list[Person]] = defaultdict(list)
        self.elsewhere: dict[str, list[Person]] = defaultdict(list)
        self._read_people(campus, term.group_id, day)
        self.entries: dict[tuple[int, int, int], list[TimetableEntry]] = defaultdict(list)
        self._read_entries(day, term.to_day or date.max)
        self.taught: dict[tuple[int, int], set[int]] = defaultdict(set)
        teaching = select(TeachingAssignment).where(
            TeachingAssignment.class_id.in_([each.id for each in self.classes]), TeachingAssignment.holding_on(day)
        )
        for each in db.session.scalars(teaching):
            self.taught[each.class_id, each.subject_id].add(each.person_id)

    def _read_people(self, campus: Campus, group_id: int, day: date) -> None:
        rows = db.session.execute(
            select(Person, Posting.campus_id)
            .join(Posting, Posting.person_id == Person.id)
            .join(Membership, Membership.campus_id == Posting.campus_id)
            .where(Membership.group_id == group_id, Posting.holding_on(day), Person.left_at.is_(None))
            .order_by(Person.id)
        )
        for person, campus_id in rows:
            for name in filter(None, (values.name(person.name), person.staff_number)):
                known = self.here if campus_id == campus.id else self.elsewhere
                if person not in known[name]:
                    known[name].append(person)

    def _read_entries(self, day: date, end: date) -> None:
        present = (
            select(TimetableEntry)
            .where(
                TimetableEntry.class_id.in_([each.id for each in self.classes]),
                lasting(TimetableEntry, day, end),
            )
            .order_by(TimetableEntry.id)
        )
        for entry in db.session.scalars(present):
            self.entries[entry.class_id, entry.weekday, entry.period].append(entry)
        ids = [entry.id for entries in self.entries.values() for entry in entries]
        changed = select(TimetableChange.entry_id).where(TimetableChange.day >= day)
        self.changed = set(db.session.scalars(changed)) & set(ids)


def plan_import(world: World, written: Sequence[Written]) -> Plan:
    """The fate of every cell. Blank cells of a class' sheet take a lesson away; where there is none they are not told of."""
    plan = Plan([], [])
    busy: dict[tuple[int, int, int], list[tuple[Parity, str]]] = defaultdict(list)
    seen: set[tuple[int, int, int]] = set()
    for each in written:
        try:
            _take(world, plan, each, seen, busy)
        except Refused as refused:
            plan.outcomes.append(Outcome(each.sheet, each.cell, Fate.REFUSED, each.class_name, str(refused)))
    return plan


def _take(
    world: World,
    plan: Plan,
    each: Written,
    seen: set[tuple[int, int, int]],
    busy: dict[tuple[int, int, int], list[tuple[Parity, str]]],
) -> None:
    school_class = _class(world, each.class_name)
    place = (school_class.id, each.weekday, _period(world, each.period))
    present = world.entries.get(place, [])
    if not each.lessons and (not present or place in seen):
        return
    if place in seen:
        raise Refused(gettext("这一节在文件里写了两次，用了先写的那一次。"))
    wanted = [_lesson(world, school_class, lesson) for lesson in each.lessons]
    if len(wanted) > 1 and {said[0] for said in wanted} != {Parity.ODD, Parity.EVEN}:
        raise Refused(gettext("“%(text)s”一格里有两门课，请写明哪门单周、哪门双周。", text=each.text))
    seen.add(place)
    fate = _fate(world, present, wanted)
    label = gettext(
        "%(class)s %(weekday)s %(period)s",
        weekday=WEEKDAY_NAMES[each.weekday],
        period=each.period,
        **{"class": school_class.name},
    )
    plan.outcomes.append(
        Outcome(each.sheet, each.cell, fate, label, _told(world, fate, present, wanted, each.weekday, place, busy))
    )
    if fate in CHANGING:
        plan.cells.append(NewCell(*place, tuple(wanted), tuple(present)))


def _fate(world: World, present: Sequence[TimetableEntry], wanted: Sequence[Said]) -> Fate:
    now = {(entry.parity, entry.subject_id, entry.person_id, entry.room_id) for entry in present}
    if now == set(wanted):
        return Fate.SAME
    if any(entry.by_hand or entry.id in world.changed for entry in present):
        return Fate.KEPT
    if not present:
        return Fate.NEW
    return Fate.CHANGED if wanted else Fate.REMOVED


def _told(
    world: World,
    fate: Fate,
    present: Sequence[TimetableEntry],
    wanted: Sequence[Said],
    weekday: int,
    place: tuple[int, int, int],
    busy: dict[tuple[int, int, int], list[tuple[Parity, str]]],
) -> str:
    before = gettext("；").join(
        _words(world, (entry.parity, entry.subject_id, entry.person_id, entry.room_id)) for entry in present
    )
    after = gettext("；").join(_words(world, said) for said in wanted)
    sentences = {
        Fate.NEW: after,
        Fate.SAME: after,
        Fate.REMOVED: gettext("去掉%(before)s", before=before),
        Fate.CHANGED: gettext("%(before)s → %(after)s", before=before, after=after),
        Fate.KEPT: gettext(
            "手工改过或已登记调课，保留%(before)s；文件里是%(after)s", before=before, after=after or gettext("空")
        ),
    }
    name = next(each.name for each in world.classes if each.id == place[0])
    notes = [note for said in wanted for note in _also_busy(world, said, (weekday, place[2]), name, busy)]
    return " ".join([sentences[fate], *notes])


def _also_busy(
    world: World,
    said: Said,
    when: tuple[int, int],
    class_name: str,
    busy: dict[tuple[int, int, int], list[tuple[Parity, str]]],
) -> Iterable[str]:
    """The classes of the file in which the teacher is at the same time."""
    parity, _, person_id, _ = said
    if person_id is None:
        return []
    others = busy[person_id, *when]
    at_once = [other for each, other in others if Parity.EVERY in (parity, each) or parity is each]
    others.append((parity, class_name))
    person = db.session.get_one(Person, person_id)
    return [gettext("请留意：%(name)s这一节还在%(class)s。", name=person.name, **{"class": other}) for other in at_once]


def _words(world: World, said: Said) -> str:
    parity, subject_id, person_id, room_id = said
    subject = next(each.name for each in world.subjects.values() if each.id == subject_id)
    parts = [subject]
    if person_id is not None:
        parts.append(db.session.get_one(Person, person_id).name)
    if room_id is not None:
        parts.append(db.session.get_one(Room, room_id).name)
    if parity is not Parity.EVERY:
        parts.append(str(PARITY_NAMES[parity]))
    return " ".join(parts)


def _class(world: World, written: str) -> SchoolClass:
    if not written:
        raise Refused(gettext("没有写是哪个班：请加“班级”一栏，或者把工作表命名为班级，如“三(2)班”。"))
    if _SEVERAL.search(written) and len(_SEVERAL.split(written)) > 1:
        raise Refused(gettext("“%(text)s”一格里有两个班，请每班写一行。", text=written))
    named = [each for each in world.classes if plain(each.name) == plain(written)]
    if len(named) == 1:
        return named[0]
    found = values.class_name(written)
    if found is None:
        raise Refused(gettext("“%(text)s”认不出是哪个班，请写成“三(2)班”。", text=written))
    if found.grade is None:
        chosen = [each for each in world.classes if (each.entry_year, each.number) == (found.entry_year, found.number)]
    else:
        placed = values.placed(found.grade, None, world.campus.stages)
        chosen = [
            each for each in world.classes if placed and (Stage(each.stage), each.grade) == placed
            and each.number == found.number
        ]  # fmt: skip
    if len(chosen) != 1:
        raise Refused(gettext("%(campus)s没有“%(text)s”。", campus=world.campus.name, text=written))
    return chosen[0]


def _period(world: World, written: str) -> int:
    text = plain(written)
    if text in world.labels:
        return world.labels[text]
    found = _NUMBER.match(text)
    number = values.numeral(found[1]) if found else None
    if number is None:
        raise Refused(gettext("“%(text)s”认不出是第几节，请和作息时间里的名称写得一样。", text=written))
    if number not in world.numbers:
        raise Refused(gettext("作息时间里没有“%(text)s”。", text=written))
    return number


def _lesson(world: World, school_class: SchoolClass, lesson: Lesson) -> Said:
    name = tidy(lesson.subject)
    subject = world.subjects.get(name) or world.subjects.get(SUBJECTS_ALSO_CALLED.get(name, ""))
    if subject is None:
        raise Refused(gettext("“%(text)s”不是已有的学科。", text=name))
    room = world.rooms.get(plain(lesson.room)) if lesson.room else None
    if lesson.room and room is None:
        raise Refused(gettext("%(campus)s没有“%(room)s”这个教室。", campus=world.campus.name, room=lesson.room))
    person_id = _teacher(world, lesson.teacher) if lesson.teacher else _usual_teacher(world, school_class, subject)
    return Parity(lesson.parity), subject.id, person_id, room.id if room else None


def _teacher(world: World, written: str) -> int:
    name = values.name(written)
    found = world.here.get(name) or world.elsewhere.get(name, [])
    if not found:
        raise Refused(gettext("“%(name)s”不在老师名单里。", name=written))
    if len(found) > 1:
        raise Refused(gettext("有 %(count)d 位老师叫“%(name)s”，请写工号。", count=len(found), name=written))
    return found[0].id


def _usual_teacher(world: World, school_class: SchoolClass, subject: Subject) -> int | None:
    """Who teaches the subject to the class, where that is one person."""
    people = world.taught[school_class.id, subject.id]
    return next(iter(people)) if len(people) == 1 else None
