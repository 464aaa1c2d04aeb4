"""The slot finder: when classes of several campuses can have a lesson together, the best times first.

Every period of the main class' bell within the days asked for is a time to look at. For each campus the class that fits best takes part. What a
class' usual day makes of a period is worked out once and used for all days that are like it.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, NamedTuple

from live.scheduling.conflicts import Alternative, Draft, alternatives, world_for
from live.scheduling.occupancy import DAY, Busy, Part, local, minute_at, part_of
from live.scheduling.world import World
from timetable.models import PeriodKind
from timetable.teaching_days import Clock, SchoolDay, Whose

LEAST_MINUTES: Final = 20
"""A class that could take part for less stays away."""
SCHOOL_DAYS: Final = frozenset(range(1, 6))
TAUGHT: Final = (PeriodKind.LESSON, PeriodKind.STUDY)
ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Wanted:
    """What is looked for. Of each of `ends` one class takes part."""

    subject_id: int
    lead_id: int
    lead_class_id: int
    ends: tuple[tuple[int, ...], ...]
    from_day: date
    to_day: date
    minutes: int = 40
    weekdays: frozenset[int] = SCHOOL_DAYS
    topic_id: int | None = None


class Seat(NamedTuple):
    """A class in a proposal: its part of the lesson by its own clock, and what has to be moved for it."""

    class_id: int
    campus_id: int
    day: date
    part: Part
    late: int
    lessons: tuple[Busy, ...]
    teacher_id: int | None
    teacher_lessons: tuple[Busy, ...]

    @property
    def moves(self) -> int:
        """How many lessons that is."""
        return len(self.lessons) + len(self.teacher_lessons)


class Slot(NamedTuple):
    """A time at which all can take part; the first of `seats` is the main class."""

    day: date
    clock: Clock
    starts: int
    ends: int
    seats: tuple[Seat, ...]

    @property
    def moves(self) -> int:
        """How many lessons have to be moved."""
        return sum(seat.moves for seat in self.seats)

    @property
    def overlap(self) -> int:
        """For how many minutes all are together."""
        return min(seat.part.minutes for seat in self.seats)


class Obstacle(NamedTuple):
    """What stood in the way of a time: `kind` as `closed`, `bells`, `class`, `lead`; at a campus, of a class or a person."""

    kind: str
    id: int


@dataclass(frozen=True)
class Answer:
    """The times found, the best first, and how often what stood in the way."""

    slots: Sequence[Slot]
    obstacles: Sequence[tuple[Obstacle, int]]


class Moment(NamedTuple):
    """A time as a campus sees it."""

    day: SchoolDay
    part: Part | None
    late: int
    starts: int
    ends: int


def find(world: World, wanted: Wanted, teachers: dict[int, int]) -> Answer:
    """Look at every period of the main class; `teachers` of the subject by class."""
    return Finder(world, wanted, teachers).answer()


class Finder:
    """One search."""

    def __init__(self, world: World, wanted: Wanted, teachers: dict[int, int]) -> None:
        self._world = world
        self._occupancy = world.occupancy
        self._ends = ((wanted.lead_class_id,), *wanted.ends)
        self._wanted = wanted
        self._teachers = teachers | {wanted.lead_class_id: wanted.lead_id}
        self._seen: Counter[Obstacle] = Counter()
        self._on_day: dict[tuple[Whose, int, date], tuple[Busy, ...]] = {}
        self._likes: dict[tuple[tuple[int, ...], date], tuple[int, ...]] = {}
        self._seats_of: dict[object, list[Seat]] = {}
        self._parts: dict[object, Part | None] = {}

    def answer(self) -> Answer:
        """All times, ranked."""
        found = list(self._slots())
        return Answer(_ranked(found), self._seen.most_common())

    def _slots(self) -> Iterator[Slot]:
        lead = self._world.classes[self._wanted.lead_class_id]
        zone = self._world.campuses[lead.campus_id].zone
        for number in range((self._wanted.to_day - self._wanted.from_day).days):
            day = self._wanted.from_day + number * ONE_DAY
            school_day = self._occupancy.school_day(lead.campus_id, day)
            if day.isoweekday() not in self._wanted.weekdays and not school_day.special:
                continue
            if not self._world.in_school(lead.id, school_day):
                self._seen[Obstacle("closed", lead.campus_id)] += 1
                continue
            for clock in school_day.bell.by_number.values() if school_day.bell else ():
                if clock.kind in TAUGHT:
                    starts = minute_at(day, clock.starts, zone)
                    ends = starts + min(self._wanted.minutes, clock.ends - clock.starts)
                    seats = self._seats(starts, ends)
                    if seats is not None:
                        yield Slot(day, clock, starts, ends, seats)

    def _seats(self, starts: int, ends: int) -> tuple[Seat, ...] | None:
        """The main class and one of each end; None, having noted why, where there is none of one."""
        moments: dict[int, Moment] = {}
        seats = []
        for class_ids in self._ends:
            campus_id = self._world.classes[class_ids[0]].campus_id
            if campus_id not in moments:
                moments[campus_id] = self._moment(campus_id, starts, ends)
            best = self._best(class_ids, starts, ends, moments[campus_id])
            if isinstance(best, Obstacle):
                self._seen[best] += 1
                return None
            seats.append(best)
        return tuple(seats)

    def _best(self, class_ids: tuple[int, ...], starts: int, ends: int, moment: Moment) -> Seat | Obstacle:
        """The class of an end that fits best and is in no session, if it can be with its teacher."""
        campus_id = self._world.classes[class_ids[0]].campus_id
        part = moment.part
        if moment.day.weekday and (part is None or part.minutes < LEAST_MINUTES or part.kind not in TAUGHT):
            return Obstacle("bells", campus_id)
        alone: Seat | None = None
        obstacle = Obstacle("closed", campus_id)
        for seat in self._choices(class_ids, moment):
            teacher_id = seat.teacher_id
            if self._occupancy.sessions("class", seat.class_id, starts, ends):
                obstacle = Obstacle("class", seat.class_id)
            elif teacher_id is None or not self._occupancy.sessions("person", teacher_id, starts, ends):
                return seat._replace(day=moment.day.day)
            elif teacher_id == self._wanted.lead_id:
                obstacle = Obstacle("lead", teacher_id)
            else:
                alone = alone or seat._replace(day=moment.day.day, teacher_id=None, teacher_lessons=())
        return alone or obstacle

    def _choices(self, class_ids: tuple[int, ...], moment: Moment) -> list[Seat]:
        """The classes of an end that have school, the one that fits best first; the same for all days that are alike."""
        key = (class_ids, self._like(class_ids, moment.day.day), moment.starts, moment.ends, moment.late)
        found = self._seats_of.get(key)
        if found is None:
            here = (each for each in class_ids if self._world.in_school(each, moment.day))
            seats = [self._seat(class_id, moment) for class_id in here]
            found = self._seats_of[key] = sorted(seats, key=self._rank)
        return found

    def _like(self, class_ids: tuple[int, ...], day: date) -> tuple[int, ...]:
        """What days have in common on which these classes and their teachers have the same lessons."""
        key = (class_ids, day)
        found = self._likes.get(key)
        if found is None:
            lessons = []
            for class_id in class_ids:
                lessons.append(self._lessons("class", class_id, day))
                if class_id in self._teachers:
                    lessons.append(self._lessons("person", self._teachers[class_id], day))
            found = self._likes[key] = tuple(map(id, lessons))
        return found

    def _rank(self, seat: Seat) -> tuple[int, int]:
        return seat.moves, abs(self._world.pace.apart(seat.class_id))

    def _seat(self, class_id: int, moment: Moment) -> Seat:
        """A class with the lessons of another subject that it has then, and those that its teacher has with others."""
        assert moment.part is not None  # noqa: S101 — asked before
        day = moment.day.day
        teacher_id = self._teachers.get(class_id)
        of_teacher = self._lessons("person", teacher_id, day) if teacher_id is not None else ()
        return Seat(
            class_id,
            self._world.classes[class_id].campus_id,
            day,
            moment.part,
            moment.late,
            tuple(
                each
                for each in _then(self._lessons("class", class_id, day), moment)
                if each.entry.subject_id != self._wanted.subject_id
            ),
            teacher_id,
            tuple(each for each in _then(of_teacher, moment) if each.entry.class_id != class_id),
        )

    def _moment(self, campus_id: int, starts: int, ends: int) -> Moment:
        zone = self._world.campuses[campus_id].zone
        day, begins = local(starts, zone)
        school_day = self._occupancy.school_day(campus_id, day)
        key = (id(school_day.bell), begins, ends - starts)
        if key not in self._parts:
            self._parts[key] = part_of(school_day.bell, begins, begins + ends - starts)
        part = self._parts[key]
        if part is None:
            return Moment(school_day, None, 0, 0, 0)
        at = minute_at(day, part.starts, zone) - day.toordinal() * DAY
        return Moment(school_day, part, part.starts - begins, at, at + part.minutes)

    def _lessons(self, whose: Whose, of: int, day: date) -> tuple[Busy, ...]:
        key = (whose, of, day)
        found = self._on_day.get(key)
        if found is None:
            found = self._on_day[key] = self._occupancy.lessons(whose, of, day)
        return found


def _then(lessons: tuple[Busy, ...], moment: Moment) -> Iterator[Busy]:
    return (each for each in lessons if each.starts < moment.ends and moment.starts < each.ends)


def _ranked(slots: Sequence[Slot]) -> list[Slot]:
    """Fewest lessons to move first, then most minutes together; among those each day comes once before one comes twice."""
    best_first = sorted(slots, key=lambda slot: (slot.moves, -slot.overlap, slot.starts))
    of_day: Counter[tuple[int, int, date]] = Counter()
    ranked = []
    for slot in best_first:
        place = (slot.moves, slot.overlap, slot.day)
        ranked.append((slot.moves, -slot.overlap, of_day[place], slot.starts, slot))
        of_day[place] += 1
    return [slot for *_, slot in sorted(ranked, key=lambda each: each[:4])]


def free_dates(draft: Draft, from_day: date, to_day: date, most: int = 5) -> list[Alternative]:
    """Times from a day up to, not including, another at which a session could be made up, the best first: no room and nobody is elsewhere."""
    return alternatives(world_for(draft, to_day, from_day), draft, from_day, to_day, most)
