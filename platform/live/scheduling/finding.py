"""The slot finder: when classes of several campuses can have a lesson together, the best times first.

Every period of the main class' bell within the days asked for is a time to look at. For each campus the class that fits best takes part. What a
class' usual day makes of a period is worked out once and used for all days that are like it.
"""

from collections import Counter
from collections.abc import Container, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from live.scheduling.conflicts import Alternative, Draft, alternatives, world_for
from live.scheduling.occupancy import Alike, Busy, Part, local, minute_at, offset, part_of
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
    """A class in a proposal: its part of the lesson by its own clock, and what has to be moved for it; `moves` is how much that is."""

    class_id: int
    campus_id: int
    part: Part
    late: int
    lessons: tuple[Busy, ...]
    teacher_id: int | None
    teacher_lessons: tuple[Busy, ...]
    moves: int


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
        return sum([seat.moves for seat in self.seats])

    @property
    def overlap(self) -> int:
        """For how many minutes all are together."""
        return min([seat.part.ends - seat.part.starts for seat in self.seats])


class Obstacle(NamedTuple):
    """What stood in the way of a time: `kind` as `closed`, `bells`, `class`, `lead`; at a campus, of a class or a person."""

    kind: str
    id: int


@dataclass(frozen=True)
class Answer:
    """The times found, the best first, and how often what stood in the way."""

    slots: Sequence[Slot]
    obstacles: Sequence[tuple[Obstacle, int]]


class Pupils(NamedTuple):
    """A class on a day: its lessons of other subjects, and those that its teacher has with others."""

    class_id: int
    lessons: tuple[Busy, ...]
    teacher_id: int | None
    teacher_lessons: tuple[Busy, ...]


class Choices(NamedTuple):
    """What the ends have to choose from at a time of days that are alike, up to the first that has nothing: `obstacle` says why.

    `first` are the seats that are taken where no session keeps anybody of them busy; whom that concerns stands in `needs`.
    """

    seats: tuple[Sequence[Seat], ...]
    obstacle: Obstacle | None
    first: tuple[Seat, ...]
    needs: frozenset[tuple[Whose, int]]


@dataclass(frozen=True)
class End:
    """Classes of a campus, of which one takes part, and which days are alike for them and their teachers.

    What was made of days that are alike is kept in `pupils`, and of a time of such days in `seats`.
    """

    class_ids: tuple[int, ...]
    campus_id: int
    zone: ZoneInfo
    alike: Alike
    pupils: dict[int | date, Sequence[Pupils]] = field(default_factory=dict)
    seats: dict[tuple[int | date, int, int], Sequence[Seat] | Obstacle] = field(default_factory=dict)


def find(world: World, wanted: Wanted, teachers: dict[int, int]) -> Answer:
    """Look at every period of the main class; `teachers` of the subject by class."""
    return Finder(world, wanted, teachers).answer()


class Finder:
    """One search."""

    def __init__(self, world: World, wanted: Wanted, teachers: dict[int, int]) -> None:
        self._world = world
        self._occupancy = world.occupancy
        self._wanted = wanted
        self._teachers = teachers | {wanted.lead_class_id: wanted.lead_id}
        self._ends = [self._end(class_ids) for class_ids in ((wanted.lead_class_id,), *wanted.ends)]
        self._zones = list(dict.fromkeys(end.zone for end in self._ends))
        self._seen: Counter[Obstacle] = Counter()
        self._alike: dict[tuple[date, ...], tuple[int | date, ...]] = {}
        self._known: dict[Hashable, Choices] = {}

    def _end(self, class_ids: tuple[int, ...]) -> End:
        campus_id = self._world.classes[class_ids[0]].campus_id
        keys: list[tuple[Whose, int]] = [("class", class_id) for class_id in class_ids]
        keys += [("person", self._teachers[class_id]) for class_id in class_ids if class_id in self._teachers]
        alike = Alike(self._occupancy, keys, (campus_id,))
        return End(class_ids, campus_id, self._world.campuses[campus_id].zone, alike)

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
        choices, held = self._choices(starts, ends - starts), self._occupancy.busy(starts, ends)
        seats = choices.first
        if not held.isdisjoint(choices.needs):
            found: list[Seat] = []
            for end, of_end in zip(self._ends, choices.seats, strict=False):
                best = self._best(end, of_end, held)
                if isinstance(best, Obstacle):
                    self._seen[best] += 1
                    return None
                found.append(best)
            seats = tuple(found)
        if choices.obstacle is not None:
            self._seen[choices.obstacle] += 1
            return None
        return seats

    def _best(self, end: End, choices: Sequence[Seat], held: Container[tuple[Whose, int]]) -> Seat | Obstacle:
        """The class of an end that fits best and is in no session, if it can be with its teacher."""
        alone: Seat | None = None
        obstacle = Obstacle("closed", end.campus_id)
        for seat in choices:
            teacher_id = seat.teacher_id
            if ("class", seat.class_id) in held:
                obstacle = Obstacle("class", seat.class_id)
            elif teacher_id is None or ("person", teacher_id) not in held:
                return seat
            elif teacher_id == self._wanted.lead_id:
                obstacle = Obstacle("lead", teacher_id)
            else:
                alone = alone or seat._replace(teacher_id=None, teacher_lessons=(), moves=len(seat.lessons))
        return alone or obstacle

    def _choices(self, starts: int, minutes: int) -> Choices:
        """What all ends have to choose from; the very same for all days that are alike."""
        shown = {zone: local(starts, zone) for zone in self._zones}
        days = tuple(day for day, _ in shown.values())
        kinds = self._alike.get(days)
        if kinds is None:
            kinds = self._alike[days] = tuple([end.alike.kind(shown[end.zone][0]) for end in self._ends])
        key = (kinds, tuple(begins for _, begins in shown.values()), minutes)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._chosen(kinds, shown, minutes)
        return found

    def _chosen(self, kinds: Sequence[int | date], shown: Mapping[ZoneInfo, tuple[date, int]], minutes: int) -> Choices:
        seats: list[Sequence[Seat]] = []
        obstacle = None
        for end, kind in zip(self._ends, kinds, strict=True):
            found = self._of_end(end, kind, *shown[end.zone], minutes)
            if isinstance(found, Obstacle):
                obstacle = found
                break
            seats.append(found)
        first = tuple([each[0] for each in seats])
        needs: set[tuple[Whose, int]] = {("class", each.class_id) for each in first}
        needs |= {("person", each.teacher_id) for each in first if each.teacher_id is not None}
        return Choices(tuple(seats), obstacle, first, frozenset(needs))

    def _of_end(self, end: End, kind: int | date, day: date, begins: int, minutes: int) -> Sequence[Seat] | Obstacle:
        """The classes of an end that have school, the one that fits best first."""
        found = end.seats.get((kind, begins, minutes))
        if found is None:
            found = end.seats[kind, begins, minutes] = self._look(end, day, begins, minutes)
        return found

    def _look(self, end: End, day: date, begins: int, minutes: int) -> Sequence[Seat] | Obstacle:
        school_day = self._occupancy.school_day(end.campus_id, day)
        part = part_of(school_day.bell, begins, begins + minutes)
        if part is None or part.minutes < LEAST_MINUTES or part.kind not in TAUGHT:
            return Obstacle("bells" if school_day.weekday else "closed", end.campus_id)
        starts = part.starts - offset(end.zone, day)
        ends = starts + part.minutes
        late = part.starts - begins
        seats = []
        for each in self._pupils(end, school_day):
            own = tuple([one for one in each.lessons if one.starts < ends and starts < one.ends])
            others = tuple([one for one in each.teacher_lessons if one.starts < ends and starts < one.ends])
            moves = len(own) + len(others)
            seats.append(Seat(each.class_id, end.campus_id, part, late, own, each.teacher_id, others, moves))
        return sorted(seats, key=self._rank) or Obstacle("closed", end.campus_id)

    def _rank(self, seat: Seat) -> tuple[int, int]:
        return seat.moves, abs(self._world.pace.apart(seat.class_id))

    def _pupils(self, end: End, day: SchoolDay) -> Sequence[Pupils]:
        """The classes of an end that have school on a day; the same for all days that are alike."""
        kind = end.alike.kind(day.day)
        found = end.pupils.get(kind)
        if found is None:
            here = (class_id for class_id in end.class_ids if self._world.in_school(class_id, day))
            found = end.pupils[kind] = [self._with_lessons(class_id, day.day) for class_id in here]
        return found

    def _with_lessons(self, class_id: int, day: date) -> Pupils:
        teacher_id = self._teachers.get(class_id)
        of_class = self._occupancy.lessons("class", class_id, day)
        of_teacher = self._occupancy.lessons("person", teacher_id, day) if teacher_id is not None else ()
        return Pupils(
            class_id,
            tuple([each for each in of_class if each.entry.subject_id != self._wanted.subject_id]),
            teacher_id,
            tuple([each for each in of_teacher if each.entry.class_id != class_id]),
        )


def _ranked(slots: Sequence[Slot]) -> list[Slot]:
    """Fewest lessons to move first, then most minutes together; among those each day comes once before one comes twice."""
    marked = [(slot.moves, -slot.overlap, slot.starts, slot) for slot in slots]
    of_day: Counter[tuple[int, int, date]] = Counter()
    ranked = []
    for moves, less, starts, slot in sorted(marked, key=lambda each: each[:3]):
        place = (moves, less, slot.day)
        ranked.append((moves, less, of_day[place], starts, slot))
        of_day[place] += 1
    return [slot for *_, slot in sorted(ranked, key=lambda each: each[:4])]


def free_dates(draft: Draft, from_day: date, to_day: date, most: int = 5) -> list[Alternative]:
    """Times from a day up to, not including, another at which a session could be made up, the best first: no room and nobody is elsewhere."""
    return alternatives(world_for(draft, to_day, from_day), draft, from_day, to_day, most)
