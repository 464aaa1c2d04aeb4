"""Which lessons take place when: teaching weeks, make-up days, bells and changes, answered in clock minutes.

Nothing here knows of a database. What is asked often stands in dictionaries: whether one teacher is free is looked up among
her own lessons, however many others there are.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final, Literal, NamedTuple

from timetable.models import ChangeKind, DayKind, Parity, PeriodKind

ONE_DAY: Final = timedelta(days=1)
OPEN_END: Final = date.max
WEEKDAYS: Final = range(1, 8)

Whose = Literal["class", "person", "room", "campus"]
"""Of what lessons are asked."""


class Span(NamedTuple):
    """From a day up to, not including, another."""

    from_day: date
    to_day: date


class Special(NamedTuple):
    """A day that is not as its weekday usually is; `follows`: whose weekday's lessons a make-up day has."""

    kind: DayKind
    follows: int | None
    name: str


class Clock(NamedTuple):
    """A period of the day in minutes after midnight."""

    number: int | None
    label: str
    kind: PeriodKind
    starts: int
    ends: int


@dataclass(frozen=True)
class Bell:
    """The periods of a school day while `span` lasts; `own` of the campus itself."""

    span: Span
    own: bool
    name: str
    periods: tuple[Clock, ...]
    by_number: Mapping[int, Clock] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        numbered = {clock.number: clock for clock in self.periods if clock.number is not None}
        object.__setattr__(self, "by_number", numbered)


class Week(NamedTuple):
    """A teaching week of a term: 第9周."""

    term: Span
    number: int

    @property
    def parity(self) -> Parity:
        """单周 or 双周."""
        return Parity.ODD if self.number % 2 else Parity.EVEN


class SchoolDay(NamedTuple):
    """What a day is at a campus. `weekday` is whose lessons are held, 0 for none; `special` why it is not as usual."""

    day: date
    week: Week | None
    weekday: int
    bell: Bell | None
    special: Special | None


def week_of(day: date, terms: Iterable[Span]) -> Week | None:
    """The teaching week of a day, None outside the terms. Week 1 begins on the Monday on or before the term's first day."""
    for term in terms:
        if term.from_day <= day < term.to_day:
            return Week(term, (day - monday_of(term.from_day)).days // 7 + 1)
    return None


def monday_of(day: date) -> date:
    """The Monday of the week that a day lies in."""
    return day - timedelta(days=day.weekday())


class CampusDays:
    """The calendar of one campus. `special` holds its own days and, where it has none, those of the group."""

    def __init__(self, terms: Sequence[Span], special: Mapping[date, Special], bells: Sequence[Bell]) -> None:
        self._terms = terms
        self._special = special
        self._bells = sorted(bells, key=lambda bell: (bell.own, bell.span.from_day), reverse=True)
        self._known: dict[date, SchoolDay] = {}

    def day(self, day: date) -> SchoolDay:
        """What a day is."""
        known = self._known.get(day)
        if known is None:
            known = self._known[day] = self._look_up(day)
        return known

    def _look_up(self, day: date) -> SchoolDay:
        week, special = week_of(day, self._terms), self._special.get(day)
        bell = next((bell for bell in self._bells if bell.span.from_day <= day < bell.span.to_day), None)
        if week is None:
            weekday = 0
        elif special is None:
            weekday = day.isoweekday()
        else:
            weekday = (special.follows or 0) if special.kind is DayKind.MAKE_UP else 0
        return SchoolDay(day, week, weekday, bell, special)


class Entry(NamedTuple):
    """One lesson of a class in the week."""

    id: int
    class_id: int
    campus_id: int
    weekday: int
    period: int
    parity: Parity
    subject_id: int
    person_id: int | None
    room_id: int | None
    from_day: date
    to_day: date
    sequence: int = 0


class Change(NamedTuple):
    """What becomes of a lesson on one day."""

    id: int
    entry_id: int
    day: date
    kind: ChangeKind
    new_day: date | None = None
    new_period: int | None = None
    person_id: int | None = None
    room_id: int | None = None
    reason: str = ""


class Lesson(NamedTuple):
    """A lesson on a day, by the clock of its campus. `change` is what made it differ from the timetable.

    One that was cancelled or moved away stands here too, `held` being False, so that a page can say so.
    """

    day: date
    starts: int
    ends: int
    period: int
    label: str
    entry: Entry
    person_id: int | None
    room_id: int | None
    held: bool = True
    change: Change | None = None


class Timetable:
    """Entries and changes, ready to be asked. `days` are the calendars of the campuses that the entries belong to."""

    def __init__(
        self, days: Mapping[int, CampusDays], entries: Iterable[Entry], changes: Iterable[Change] = ()
    ) -> None:
        self.days = days
        self.entries: dict[int, Entry] = {}
        self._on: dict[tuple[Whose, int, int], list[Entry]] = defaultdict(list)
        for entry in entries:
            self.entries[entry.id] = entry
            for whose, id in _all_of(entry):
                self._on[whose, id, entry.weekday].append(entry)
        self._changed: dict[tuple[int, date], Change] = {}
        self._arriving: dict[tuple[Whose, int, date], list[Change]] = defaultdict(list)
        self._touched: dict[tuple[Whose, int], set[date]] = defaultdict(set)
        self._weekdays: dict[date, list[int]] = {}
        for change in changes:
            self._take(change)

    def _take(self, change: Change) -> None:
        entry = self.entries.get(change.entry_id)
        if entry is None:
            return
        self._changed[entry.id, change.day] = change
        for whose, id in _all_of(entry):
            self._touched[whose, id].add(change.day)
        if change.kind is ChangeKind.SUBSTITUTE:
            self._arrives(change, change.day, (("person", change.person_id), ("room", change.room_id)))
        elif change.kind is ChangeKind.MOVED:
            all_of_it: tuple[tuple[Whose, int | None], ...] = (
                ("class", entry.class_id),
                ("campus", entry.campus_id),
                ("person", change.person_id or entry.person_id),
                ("room", change.room_id or entry.room_id),
            )
            self._arrives(change, change.new_day or change.day, all_of_it)

    def _arrives(self, change: Change, day: date, at: Iterable[tuple[Whose, int | None]]) -> None:
        for whose, id in at:
            if id is not None:
                self._arriving[whose, id, day].append(change)
                self._touched[whose, id].add(day)

    def lessons(self, whose: Whose, id: int, from_day: date, to_day: date) -> list[Lesson]:
        """The lessons of a class, person, room or campus from a day up to, not including, another, by the clock."""
        found = []
        day = from_day
        while day < to_day:
            found += self.lessons_on(whose, id, day)
            day += ONE_DAY
        return found

    def lessons_on(self, whose: Whose, id: int, day: date) -> list[Lesson]:
        """Those of one day."""
        found = list(self._usual(whose, id, day))
        seen = {lesson.change.id for lesson in found if lesson.change is not None and lesson.held}
        for change in self._arriving.get((whose, id, day), ()):
            lesson = None if change.id in seen else self._arrived(change, day)
            if lesson is not None:
                found.append(lesson)
        found.sort(key=_by_the_clock)
        return found

    def _usual(self, whose: Whose, id: int, day: date) -> Iterator[Lesson]:
        """What the week has for the day, as it was changed."""
        for weekday in self._weekdays_of(day):
            for entry in self._on.get((whose, id, weekday), ()):
                lesson = self._of_entry(entry, day)
                if lesson is not None:
                    yield self._for(whose, id, lesson)

    def _weekdays_of(self, day: date) -> list[int]:
        """Whose weekdays' lessons some campus has on a day."""
        found = self._weekdays.get(day)
        if found is None:
            found = self._weekdays[day] = sorted({days.day(day).weekday for days in self.days.values()})
        return found

    def _of_entry(self, entry: Entry, day: date) -> Lesson | None:
        school_day = self.days[entry.campus_id].day(day)
        if not takes_place(entry, school_day):
            return None
        assert school_day.bell is not None  # noqa: S101 — a lesson without a bell does not take place
        clock = school_day.bell.by_number[entry.period]
        lesson = Lesson(day, clock.starts, clock.ends, entry.period, clock.label, entry, entry.person_id, entry.room_id)
        change = self._changed.get((entry.id, day))
        if change is None:
            return lesson
        if change.kind is ChangeKind.SUBSTITUTE:
            return lesson._replace(
                person_id=change.person_id or entry.person_id, room_id=change.room_id or entry.room_id, change=change
            )
        return lesson._replace(held=False, change=change)

    def _for(self, whose: Whose, id: int, lesson: Lesson) -> Lesson:
        """The teacher for whom another comes, and the room that was left, are free."""
        now_there = {"person": lesson.person_id, "room": lesson.room_id}.get(whose, id)
        return lesson if now_there == id else lesson._replace(held=False)

    def _arrived(self, change: Change, day: date) -> Lesson | None:
        entry = self.entries[change.entry_id]
        if change.kind is ChangeKind.SUBSTITUTE:
            return self._of_entry(entry, day)
        bell = self.days[entry.campus_id].day(day).bell
        clock = bell.by_number.get(change.new_period or entry.period) if bell else None
        if clock is None or clock.number is None:
            return None
        return Lesson(
            day,
            clock.starts,
            clock.ends,
            clock.number,
            clock.label,
            entry,
            change.person_id or entry.person_id,
            change.room_id or entry.room_id,
            change=change,
        )

    def entries_of(self, whose: Whose, id: int) -> Iterator[Entry]:
        """What the week has for a class, person, room or campus."""
        for weekday in WEEKDAYS:
            yield from self._on.get((whose, id, weekday), ())

    def days_changed(self, whose: Whose, id: int) -> Collection[date]:
        """The days on which anything is not as the week has it. There may be some that are as usual after all, never the other way."""
        return self._touched.get((whose, id), ())

    def clashes(self, whose: Whose, id: int, day: date, starts: int, ends: int) -> list[Lesson]:
        """The lessons that keep somebody, a class or a room busy at some moment of these minutes."""
        return [
            lesson
            for lesson in self.lessons_on(whose, id, day)
            if lesson.held and lesson.starts < ends and starts < lesson.ends
        ]


def _all_of(entry: Entry) -> list[tuple[Whose, int]]:
    """Whose lesson it is."""
    found: list[tuple[Whose, int]] = [("class", entry.class_id), ("campus", entry.campus_id)]
    if entry.person_id is not None:
        found += (("person", entry.person_id),)
    if entry.room_id is not None:
        found += (("room", entry.room_id),)
    return found


def takes_place(entry: Entry, school_day: SchoolDay) -> bool:
    """Whether the week has this lesson on the day, before anything is changed."""
    if entry.weekday != school_day.weekday or school_day.week is None or school_day.bell is None:
        return False
    return (
        entry.from_day <= school_day.day < entry.to_day
        and (entry.parity is Parity.EVERY or entry.parity is school_day.week.parity)
        and entry.period in school_day.bell.by_number
    )


def _by_the_clock(lesson: Lesson) -> tuple[int, int, int]:
    return lesson.starts, lesson.period, lesson.entry.id
