"""What stands in the way of a session, in words: who, what, where and when, and what would be the nearest way out."""

import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final, NamedTuple

from live.scheduling import conflict_words as words
from live.scheduling.giving_way import Displaced
from live.scheduling.occupancy import DAY, Clash, Part, local, minute_at, minute_of, moment_of, part_of
from live.scheduling.world import Asked, World, world_of
from timetable.models import PeriodKind
from timetable.teaching_days import Clock, SchoolDay, Whose

MBPS_OF_A_ROOM: Final = 2.0
"""What one classroom sends at least, for its campus' line."""
WEAK: Final = 1
"""A room whose last check gave this level or less has a weak line."""
LONG_BREAK: Final = 15
"""Minutes from which a break is not taught over."""
TAUGHT: Final = (PeriodKind.LESSON, PeriodKind.STUDY)
LOOKED_AHEAD: Final = timedelta(days=8)
ONE_DAY: Final = timedelta(days=1)


class ConflictKind(enum.StrEnum):
    """What a conflict is about."""

    CLASS_BUSY = "class_busy"  # the class is in another session
    PERSON_BUSY = "person_busy"  # lead, helper or guest is in another session
    ROOM_BUSY = "room_busy"  # the room has another session
    LESSON_FALLS_AWAY = "lesson_falls_away"  # the class has another lesson then, or another subject
    PERSON_TEACHES = "person_teaches"  # lead or helper teaches another class then
    ROOM_TAKEN = "room_taken"  # another class has a lesson in the room
    TRAVEL = "travel"  # not enough time from the campus before, or to the one after
    NOT_POSTED = "not_posted"  # lead or helper does not work there that day
    NO_CAMERA = "no_camera"
    NO_SCHOOL = "no_school"  # holiday, exam or outside the term at the campus
    OUTSIDE_BELLS = "outside_bells"  # before or after lessons, or over a long break
    UPLINK = "uplink"  # too many sessions at once for the campus' line
    WEAK_LINE = "weak_line"  # the room's last check was weak
    PACE = "pace"  # the class is more than a lesson behind or ahead


OF_TIME: Final = frozenset(
    {
        ConflictKind.CLASS_BUSY,
        ConflictKind.PERSON_BUSY,
        ConflictKind.ROOM_BUSY,
        ConflictKind.LESSON_FALLS_AWAY,
        ConflictKind.PERSON_TEACHES,
        ConflictKind.ROOM_TAKEN,
        ConflictKind.TRAVEL,
        ConflictKind.NO_SCHOOL,
        ConflictKind.OUTSIDE_BELLS,
        ConflictKind.UPLINK,
    }
)
"""Conflicts that another time would mend."""


@dataclass(frozen=True)
class DraftClassroom:
    """One end of a session that is being thought of. Meetings may have neither class nor room."""

    campus_id: int
    class_id: int | None = None
    room_id: int | None = None
    helper_id: int | None = None


@dataclass(frozen=True)
class Draft:
    """A session that is being thought of; `code` is that of one that is there already, which is in nobody's way itself.

    `day` is that of the main classroom, the first one. `starts_at` and `ends_at` are moments, as they are for everybody.
    """

    day: date
    starts_at: datetime
    ends_at: datetime
    lead_id: int
    classrooms: tuple[DraftClassroom, ...]
    guest_ids: tuple[int, ...] = ()
    subject_id: int | None = None
    topic_id: int | None = None
    code: str | None = None


class Alternative(NamedTuple):
    """Another time that would do, by the clock and bell of the main classroom; `moves`: so many other lessons fall away."""

    words: str
    day: date
    period: int | None
    starts: int
    ends: int
    moves: int


@dataclass(frozen=True)
class Conflict:
    """Something in the way. A `hard` one cannot be: the same class, teacher or room would be in two sessions at once. `lesson` is the one that has to be moved."""

    kind: ConflictKind
    hard: bool
    sentence: str
    campus_id: int | None = None
    alternative: Alternative | None = None
    lesson: Displaced | None = None


def conflicts_of(draft: Draft) -> list[Conflict]:
    """What stands in the way of a session, the hard ones first; nothing when all is free."""
    return conflicts_in(world_for(draft, draft.day + LOOKED_AHEAD), draft)


def world_for(draft: Draft, to_day: date, from_day: date | None = None) -> World:
    """What has to be known to judge a draft from a day (its own) up to, not including, another."""
    ends = draft.classrooms
    helpers = {end.helper_id for end in ends if end.helper_id is not None}
    return world_of(
        Asked(
            (from_day or draft.day) - ONE_DAY,
            to_day,
            {end.class_id for end in ends if end.class_id is not None},
            {draft.lead_id, *draft.guest_ids, *helpers},
            {end.campus_id for end in ends},
            {end.room_id for end in ends if end.room_id is not None},
            draft.topic_id,
        )
    )


def conflicts_in(world: World, draft: Draft) -> list[Conflict]:
    """The same of a world that is known already."""
    found = list(Check(world, draft).found())
    of_time = sum(each.kind in OF_TIME for each in found)
    free = next(iter(alternatives(world, draft, draft.day, draft.day + LOOKED_AHEAD)), None) if of_time else None
    if free is not None and free.moves >= of_time:
        free = None
    return [
        Conflict(
            each.kind,
            each.hard,
            each.say(),
            each.campus_id,
            free if each.kind in OF_TIME else None,
            displaced(each.clash) if each.clash else None,
        )
        for each in sorted(found, key=lambda each: not each.hard)
    ]


def alternatives(world: World, draft: Draft, from_day: date, to_day: date, most: int = 1) -> list[Alternative]:
    """The periods of the main classroom in which nothing stands in the way of a draft, the best first.

    Those in which fewest other lessons fall away come first, then those that are nearest to the time that was meant.
    """
    if not draft.classrooms:
        return []
    campus = world.campuses[draft.classrooms[0].campus_id]
    minutes = minute_of(draft.ends_at) - minute_of(draft.starts_at)
    found: list[tuple[int, int, date, Clock]] = []
    for day in (from_day + n * ONE_DAY for n in range((to_day - from_day).days)):
        bell = world.occupancy.school_day(campus.id, day).bell
        for clock in bell.by_number.values() if bell else ():
            starts = minute_at(day, clock.starts, campus.zone)
            if clock.kind not in TAUGHT or starts == minute_of(draft.starts_at):
                continue
            at = replace(draft, day=day, starts_at=moment_of(starts), ends_at=moment_of(starts + minutes))
            moves = _moves(world, at)
            if moves is not None:
                found.append((moves, abs(starts - minute_of(draft.starts_at)), day, clock))
    return [
        Alternative(
            words.when(day, clock.label, clock.starts, clock.starts + minutes),
            day,
            clock.number,
            clock.starts,
            clock.starts + minutes,
            moves,
        )
        for moves, _, day, clock in sorted(found, key=lambda each: each[:2])[:most]
    ]


def _moves(world: World, draft: Draft) -> int | None:
    """How many other lessons fall away for a draft; None where anything else of its time stands in the way."""
    moves = 0
    for each in Check(world, draft).found():
        if each.kind is ConflictKind.LESSON_FALLS_AWAY:
            moves += 1
        elif each.kind in OF_TIME:
            return None
    return moves


class Found(NamedTuple):
    """A conflict that is put into words when somebody asks: most are found only to pass a time by."""

    kind: ConflictKind
    hard: bool
    say: Callable[[], str]
    campus_id: int | None
    clash: Clash | None = None


def displaced(clash: Clash, swap: str = "") -> Displaced:
    """A lesson that is in the way, as what has to be moved."""
    entry = clash.lesson.entry
    return Displaced(entry.id, clash.day, entry.campus_id, clash.lesson.person_id, swap)


class Check:
    """One draft against the world."""

    def __init__(self, world: World, draft: Draft) -> None:
        self._world = world
        self._draft = draft
        self._starts = minute_of(draft.starts_at)
        self._ends = minute_of(draft.ends_at)
        self._classes = {end.class_id for end in draft.classrooms}

    def found(self) -> Iterator[Found]:
        """All of them, as they come."""
        yield from self._lead()
        for end in self._draft.classrooms:
            yield from self._end(end)
        for guest_id in self._draft.guest_ids:
            yield from self._in_sessions("person", guest_id, ConflictKind.PERSON_BUSY, None, hard=False)

    def _lead(self) -> Iterator[Found]:
        draft = self._draft
        campus_id = draft.classrooms[0].campus_id if draft.classrooms else None
        yield from self._person(draft.lead_id, campus_id, self._starts, self._ends)

    def _end(self, end: DraftClassroom) -> Iterator[Found]:
        campus = self._world.campuses[end.campus_id]
        day, begins = local(self._starts, campus.zone)
        school_day = self._world.occupancy.school_day(end.campus_id, day)
        part = part_of(school_day.bell, begins, begins + self._ends - self._starts)
        starts, ends = self._starts, self._ends
        if part is not None:
            starts, ends = (minute_at(day, minute, campus.zone) for minute in (part.starts, part.ends))
        if end.class_id is not None:
            yield from self._school(end, end.class_id, school_day, part)
            yield from self._class(end, end.class_id, starts, ends)
        if end.helper_id is not None and end.helper_id != self._draft.lead_id:
            yield from self._person(end.helper_id, end.campus_id, starts, ends)
        if end.room_id is not None:
            yield from self._room(end, end.room_id, starts, ends)
        yield from self._line(end)

    def _school(self, end: DraftClassroom, class_id: int, day: SchoolDay, part: Part | None) -> Iterator[Found]:
        """Whether there is school, and whether it is within its lessons."""
        campus = self._world.campuses[end.campus_id]
        if not self._world.in_school(class_id, day):
            yield self._soft(ConflictKind.NO_SCHOOL, partial(words.no_school, campus, day), end)
            return
        begins = local(self._starts, campus.zone)[1]
        ends = begins + self._ends - self._starts
        over = [
            clock
            for clock in (day.bell.periods if day.bell else ())
            if clock.kind is PeriodKind.BREAK
            and clock.ends - clock.starts >= LONG_BREAK
            and clock.starts < ends
            and begins < clock.ends
        ]
        if day.bell is not None and (part is None or over):
            yield self._soft(ConflictKind.OUTSIDE_BELLS, partial(words.outside_bells, campus, begins, ends, over), end)

    def _class(self, end: DraftClassroom, class_id: int, starts: int, ends: int) -> Iterator[Found]:
        yield from self._in_sessions("class", class_id, ConflictKind.CLASS_BUSY, end.campus_id)
        for clash in self._world.occupancy.clashes("class", class_id, starts, ends, self._draft.code):
            if self._draft.subject_id is None or clash.lesson.entry.subject_id != self._draft.subject_id:
                yield self._soft(
                    ConflictKind.LESSON_FALLS_AWAY, partial(words.falls_away, self._world, clash), end, clash
                )
        apart = self._world.pace.apart(class_id)
        if apart:
            yield self._soft(ConflictKind.PACE, partial(words.pace, self._world, class_id, apart), end)

    def _person(self, person_id: int, campus_id: int | None, starts: int, ends: int) -> Iterator[Found]:
        yield from self._in_sessions("person", person_id, ConflictKind.PERSON_BUSY, campus_id)
        for clash in self._world.occupancy.clashes("person", person_id, starts, ends, self._draft.code):
            if clash.lesson.entry.class_id not in self._classes:
                say = partial(words.teaches, self._world, person_id, clash)
                yield Found(ConflictKind.PERSON_TEACHES, False, say, campus_id, clash)
        if campus_id is None:
            return
        yield from self._ways(person_id, campus_id, starts, ends)
        day = local(starts, self._world.campuses[campus_id].zone)[0]
        if not self._world.posted(person_id, campus_id, day):
            say = partial(words.not_posted, self._world, person_id, campus_id, day)
            yield Found(ConflictKind.NOT_POSTED, False, say, campus_id)

    def _ways(self, person_id: int, campus_id: int, starts: int, ends: int) -> Iterator[Found]:
        """Whether somebody can come from where they are before, and go where they have to be after."""
        longest = max(self._world.travel.values(), default=0)
        for where, begins, over in self._whereabouts(person_id, starts - longest, ends + longest):
            minutes = self._world.travel.get(frozenset((where, campus_id)), 0)
            gap = starts - over if over <= starts else begins - ends
            if where != campus_id and 0 <= gap < minutes:
                say = partial(words.travel, self._world, person_id, campus_id, where, minutes, gap, over <= starts)
                yield Found(ConflictKind.TRAVEL, False, say, campus_id)

    def _whereabouts(self, person_id: int, starts: int, ends: int) -> Iterator[tuple[int, int, int]]:
        """The campuses at which somebody is busy, from when until when."""
        occupancy = self._world.occupancy
        for clash in occupancy.clashes("person", person_id, starts, ends, self._draft.code):
            midnight = clash.day.toordinal() * DAY
            yield clash.lesson.entry.campus_id, clash.lesson.starts + midnight, clash.lesson.ends + midnight
        for session in occupancy.sessions("person", person_id, starts, ends, self._draft.code):
            where = session.campus_of(person_id)
            if where is not None:
                yield where, session.starts, session.ends

    def _room(self, end: DraftClassroom, room_id: int, starts: int, ends: int) -> Iterator[Found]:
        yield from self._in_sessions("room", room_id, ConflictKind.ROOM_BUSY, end.campus_id)
        for clash in self._world.occupancy.clashes("room", room_id, starts, ends, self._draft.code):
            if clash.lesson.entry.class_id not in self._classes:
                yield self._soft(
                    ConflictKind.ROOM_TAKEN, partial(words.room_taken, self._world, room_id, clash), end, clash
                )
        room = self._world.rooms[room_id]
        if room.cameras == 0:
            yield self._soft(ConflictKind.NO_CAMERA, partial(words.no_camera, self._world, room), end)
        if room.level is not None and room.level <= WEAK:
            yield self._soft(ConflictKind.WEAK_LINE, partial(words.weak_line, self._world, room), end)

    def _line(self, end: DraftClassroom) -> Iterator[Found]:
        """Whether the campus' line carries one room more; each end says it once for its campus."""
        campus = self._world.campuses[end.campus_id]
        mine = [each for each in self._draft.classrooms if each.campus_id == end.campus_id]
        if campus.uplink_mbps is None or mine[0] is not end:
            return
        held = self._world.occupancy.sessions("campus", campus.id, self._starts, self._ends, self._draft.code)
        others = sum(end_of[0] == campus.id for session in held for end_of in session.ends_of_it)
        if (others + len(mine)) * MBPS_OF_A_ROOM > campus.uplink_mbps:
            yield self._soft(ConflictKind.UPLINK, partial(words.uplink, campus, others, len(mine)), end)

    def _in_sessions(
        self, whose: Whose, id: int, kind: ConflictKind, campus_id: int | None, *, hard: bool = True
    ) -> Iterator[Found]:
        for session in self._world.occupancy.sessions(whose, id, self._starts, self._ends, self._draft.code):
            yield Found(kind, hard, partial(words.in_session, self._world, whose, id, session), campus_id)

    def _soft(
        self, kind: ConflictKind, say: Callable[[], str], end: DraftClassroom, clash: Clash | None = None
    ) -> Found:
        return Found(kind, False, say, end.campus_id, clash)
