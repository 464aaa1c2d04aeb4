"""Who is busy when, by one clock for all campuses: lessons of timetables as they were changed, and sessions.

Nothing here knows of a database. A minute is counted from the first day of the calendar, in UTC, so that campuses with other bells and in
other zones compare. The lessons of a usual day are put together once and used for every day that is like it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from timetable.models import Parity, PeriodKind
from timetable.teaching_days import Bell, Entry, Lesson, SchoolDay, Timetable, Whose

DAY: Final = 1440
MINUTE: Final = timedelta(minutes=1)
NOON: Final = time(12)
FIRST_MOMENT: Final = datetime(1, 1, 1, tzinfo=UTC)
FIRST_MINUTE: Final = FIRST_MOMENT.toordinal() * DAY


def minute_of(moment: datetime) -> int:
    """A moment as a minute."""
    return FIRST_MINUTE + (moment - FIRST_MOMENT) // MINUTE


def moment_of(minute: int) -> datetime:
    """The moment that a minute is."""
    return datetime.combine(date.fromordinal(minute // DAY), time(), UTC) + timedelta(minutes=minute % DAY)


@lru_cache(maxsize=4096)
def offset(zone: ZoneInfo, day: date) -> int:
    """How many minutes the clocks of a zone are ahead of UTC while there is school on a day."""
    ahead = datetime.combine(day, NOON, zone).utcoffset() or timedelta()
    return int(ahead.total_seconds()) // 60


def minute_at(day: date, minutes: int, zone: ZoneInfo) -> int:
    """The minute at which a campus' clock shows so many minutes after midnight."""
    return day.toordinal() * DAY + minutes - offset(zone, day)


def local(minute: int, zone: ZoneInfo) -> tuple[date, int]:
    """The day and the minutes after midnight that a campus' clock shows."""
    day = date.fromordinal(minute // DAY)
    here = minute + offset(zone, day)
    return date.fromordinal(here // DAY), here % DAY


class Busy(NamedTuple):
    """A lesson of a usual day: minutes after midnight in UTC, before it where a zone is ahead."""

    starts: int
    ends: int
    period: int
    label: str
    entry: Entry
    person_id: int | None
    room_id: int | None


class Clash(NamedTuple):
    """A lesson that keeps a class, a person or a room busy on a day."""

    day: date
    lesson: Busy


class Held(NamedTuple):
    """A session as it keeps classes, people and rooms busy; for each of its ends the campus, class, room and helper."""

    code: str
    title: str
    starts: int
    ends: int
    lead_id: int
    ends_of_it: tuple[tuple[int, int | None, int | None, int | None], ...]
    guest_ids: tuple[int, ...] = ()

    def of(self) -> frozenset[tuple[Whose, int]]:
        """Whom and what it keeps busy."""
        found: list[tuple[Whose, int | None]] = [("person", self.lead_id)]
        found += [("person", guest_id) for guest_id in self.guest_ids]
        for campus_id, class_id, room_id, helper_id in self.ends_of_it:
            found += (("campus", campus_id), ("class", class_id), ("room", room_id), ("person", helper_id))
        return frozenset([(whose, id) for whose, id in found if id is not None])

    def campus_of(self, person_id: int) -> int | None:
        """Where somebody is during it: the lead at its first end, a helper at theirs."""
        for campus_id, _, _, helper_id in self.ends_of_it:
            if person_id in (helper_id, self.lead_id):
                return campus_id
        return None


@dataclass(frozen=True)
class Part:
    """What of a session falls into one period of a campus, by its own clock."""

    period: int
    label: str
    kind: PeriodKind
    starts: int
    ends: int

    @property
    def minutes(self) -> int:
        """How long it is."""
        return self.ends - self.starts


def part_of(bell: Bell | None, starts: int, ends: int) -> Part | None:
    """The period of a bell that a session shares most minutes with, and those minutes; the earlier of equal ones."""
    most, found = 0, None
    for clock in bell.by_number.values() if bell else ():
        minutes = min(ends, clock.ends) - max(starts, clock.starts)
        if minutes > most:
            most, found = minutes, clock
    if found is None:
        return None
    return Part(found.number or 0, found.label, found.kind, max(starts, found.starts), min(ends, found.ends))


class Pattern:
    """Which days are alike for campuses and for lessons that begin and end on some days: those of one `kind` are."""

    def __init__(
        self, occupancy: "Occupancy", campus_ids: Sequence[int], turns: Sequence[date], by_weeks: bool
    ) -> None:
        """`turns` are the days on which a lesson begins or ends; `by_weeks`: some are held in every other week."""
        self._occupancy = occupancy
        self._campus_ids = campus_ids
        self._turns = turns
        self._by_weeks = by_weeks
        self._kinds: dict[date, int] = {}
        self._numbers: dict[Hashable, int] = {}

    def kind(self, day: date) -> int:
        """The number of what a day has in common with those that are like it."""
        found = self._kinds.get(day)
        if found is None:
            here = (self._occupancy.kind_of_day(campus_id, day, self._by_weeks) for campus_id in self._campus_ids)
            common = (bisect_right(self._turns, day), *here)
            found = self._kinds[day] = self._numbers.setdefault(common, len(self._numbers))
        return found


class Alike:
    """Which days are alike for some classes, people and rooms: on days of one `kind` they have the same lessons."""

    def __init__(
        self, occupancy: "Occupancy", keys: Iterable[tuple[Whose, int]], campus_ids: Iterable[int] = ()
    ) -> None:
        """`campus_ids` are those whose days are to be alike too, whether or not there are lessons."""
        timetable = occupancy.timetable
        keys = list(keys)
        entries = [entry for key in keys for entry in timetable.entries_of(*key)]
        self._changed = {day for key in keys for day in timetable.days_changed(*key)}
        self._pattern = occupancy.pattern(
            tuple(sorted({*campus_ids} | {entry.campus_id for entry in entries})),
            tuple(sorted({day for entry in entries for day in (entry.from_day, entry.to_day)})),
            bool({entry.parity for entry in entries} - {Parity.EVERY}),
        )

    def kind(self, day: date) -> int | date:
        """What a day has in common with those that are like it; one on which something is changed is like no other."""
        return day if day in self._changed else self._pattern.kind(day)


class Occupancy:
    """Timetables and sessions together, ready to be asked."""

    def __init__(self, timetable: Timetable, zones: Mapping[int, ZoneInfo], sessions: Iterable[Held] = ()) -> None:
        self.timetable = timetable
        self.zones = zones
        self._sessions = sorted(sessions, key=lambda each: each.starts)
        self._begins = [each.starts for each in self._sessions]
        self._keeps = [each.of() for each in self._sessions]
        self._longest = max((each.ends - each.starts for each in self._sessions), default=0)
        self._busy_then: dict[tuple[int, int], frozenset[tuple[Whose, int]]] = {}
        self._alike: dict[tuple[Whose, int], Alike] = {}
        self._patterns: dict[Hashable, Pattern] = {}
        self._kinds: dict[tuple[int, date, bool], tuple[int, int | None, int, int]] = {}
        self._usual: dict[tuple[Whose, int, int | date], tuple[Busy, ...]] = {}

    def school_day(self, campus_id: int, day: date) -> SchoolDay:
        """What a day is at a campus."""
        return self.timetable.days[campus_id].day(day)

    def lessons(self, whose: Whose, of: int, day: date) -> tuple[Busy, ...]:
        """The lessons that a class, person or room has on a day, by the clock; for days that are alike the very same."""
        alike = self._alike.get((whose, of))
        if alike is None:
            alike = self._alike[whose, of] = Alike(self, [(whose, of)])
        key = (whose, of, alike.kind(day))
        found = self._usual.get(key)
        if found is None:
            found = self._usual[key] = self._put_together(whose, of, day)
        return found

    def pattern(self, campus_ids: tuple[int, ...], turns: tuple[date, ...], by_weeks: bool) -> Pattern:
        """The very same for all that have it in common."""
        key = (campus_ids, turns, by_weeks)
        found = self._patterns.get(key)
        if found is None:
            found = self._patterns[key] = Pattern(self, *key)
        return found

    def kind_of_day(self, campus_id: int, day: date, by_weeks: bool) -> tuple[int, int | None, int, int]:
        """What days of a campus have in common on which the same is held; `by_weeks`: some of it in every other week."""
        found = self._kinds.get((campus_id, day, by_weeks))
        if found is None:
            here = self.school_day(campus_id, day)
            parity = here.week.number % 2 if here.week and by_weeks else None
            found = (here.weekday, parity, id(here.bell), offset(self.zones[campus_id], day))
            self._kinds[campus_id, day, by_weeks] = found
        return found

    def _put_together(self, whose: Whose, id: int, day: date) -> tuple[Busy, ...]:
        return tuple([self._busy(each) for each in self.timetable.lessons_on(whose, id, day) if each.held])

    def _busy(self, lesson: Lesson) -> Busy:
        ahead = offset(self.zones[lesson.entry.campus_id], lesson.day)
        return Busy(
            lesson.starts - ahead,
            lesson.ends - ahead,
            lesson.period,
            lesson.label,
            lesson.entry,
            lesson.person_id,
            lesson.room_id,
        )

    def busy(self, starts: int, ends: int) -> frozenset[tuple[Whose, int]]:
        """The classes, people, rooms and campuses that some session keeps busy at some minute of these."""
        found = self._busy_then.get((starts, ends))
        if found is None:
            there = [self._keeps[number] for number in self._held(starts, ends)]
            found = self._busy_then[starts, ends] = frozenset().union(*there)
        return found

    def sessions(self, whose: Whose, id: int, starts: int, ends: int, but: str | None = None) -> list[Held]:
        """The sessions that keep a class, person, room or campus busy at some minute of these, except `but`."""
        key = (whose, id)
        if key not in self.busy(starts, ends):
            return []
        there = [self._sessions[number] for number in self._held(starts, ends) if key in self._keeps[number]]
        return [each for each in there if each.code != but]

    def _held(self, starts: int, ends: int) -> list[int]:
        """The numbers of the sessions that have some minute of these."""
        first, last = bisect_left(self._begins, starts - self._longest), bisect_left(self._begins, ends)
        return [number for number in range(first, last) if starts < self._sessions[number].ends]

    def clashes(self, whose: Whose, id: int, starts: int, ends: int, but: str | None = None) -> list[Clash]:
        """The lessons that do. One whose class is in a session at that time, other than `but`, is not held."""
        found = []
        for day in self._days(starts, ends):
            midnight = day.toordinal() * DAY
            for lesson in self.lessons(whose, id, day):
                begins, over = lesson.starts + midnight, lesson.ends + midnight
                if begins < ends and starts < over and not self._gives_way(lesson, begins, over, but):
                    found.append(Clash(day, lesson))
        return found

    def _gives_way(self, lesson: Busy, starts: int, ends: int, but: str | None) -> bool:
        return any(self.sessions("class", lesson.entry.class_id, starts, ends, but))

    def _days(self, starts: int, ends: int) -> list[date]:
        """The days that any campus' clock shows at these minutes."""
        zones = set(self.zones.values())
        return sorted({local(minute, zone)[0] for zone in zones for minute in (starts, ends - 1)})
