"""考勤 as the room's events have it: nobody clicks anything, the list of events is read.

Everything here is a pure reading of events in their order. Times are counted within the lesson only: from `begin` to `end`, and again from a
`reopen` on. The `leave` of a screen that was lost carries the moment `until` which it was heard of.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

from foundation.clock import from_milliseconds
from live.models import RoomRole

STANDS_FOR_A_CLASSROOM: Final = frozenset({RoomRole.PUPIL, RoomRole.LEAD})
"""A classroom is there while its own screen is, or the one at which its class is taught; neither a helper's phone nor a pupil at home is the class."""
BEST_MODE: Final = 1
"""What a classroom teaches with until its line says otherwise: sound and pictures both ways."""


class Happened(Protocol):
    """One event of a room, as `SessionEvent` has it."""

    at: datetime
    kind: str
    by_person_id: int | None
    classroom_id: int | None
    data: dict[str, Any]


@dataclass(frozen=True)
class Span:
    """A stretch of time, without its last moment."""

    begin: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.end - self.begin

    def within(self, others: Iterable["Span"]) -> list["Span"]:
        """What of it lies in `others`."""
        cut = [Span(max(self.begin, other.begin), min(self.end, other.end)) for other in others]
        return [span for span in cut if span.begin < span.end]


@dataclass(frozen=True)
class ClassroomTimes:
    """When a classroom was there during the lesson, in which ways of teaching, and when its helper had taken over."""

    present: Sequence[Span] = ()
    modes: Mapping[int, timedelta] = field(default_factory=dict)
    takeovers: Sequence[Span] = ()

    @property
    def time(self) -> timedelta:
        """How long it was there."""
        return _sum(self.present)


@dataclass(frozen=True)
class AdultTimes:
    """When somebody who is no pupil was in the room, before and after the lesson too."""

    person_id: int
    role: RoomRole
    present: Sequence[Span]

    @property
    def time(self) -> timedelta:
        """How long they were there."""
        return _sum(self.present)


@dataclass(frozen=True)
class Attendance:
    """Who was there. `roll` holds what was marked of pupils in the room, by classroom and pupil."""

    lesson: Sequence[Span]
    classrooms: Mapping[int, ClassroomTimes]
    adults: Sequence[AdultTimes]
    roll: Mapping[int, Mapping[int, str]]

    @property
    def time(self) -> timedelta:
        """How long the lesson was."""
        return _sum(self.lesson)

    def of(self, classroom_id: int) -> ClassroomTimes:
        """The times of a classroom; none when it never came."""
        return self.classrooms.get(classroom_id, ClassroomTimes())


def attendance_of(events: Iterable[Happened], until: datetime | None = None) -> Attendance:
    """Read the events of a session. What has not ended is counted up to `until`, or to the last event."""
    reading = _Reading()
    last = datetime.min.replace(tzinfo=UTC)
    for event in events:
        last = max(last, event.at)
        reading.take(event)
    return reading.ended(max(last, until) if until else last)


class _Open:
    """Stretches of one thing that begin and end."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.since: datetime | None = None

    def begin(self, at: datetime) -> None:
        """From now on, unless it is so already."""
        if self.since is None:
            self.since = at

    def end(self, at: datetime) -> None:
        """No more."""
        if self.since is not None and at > self.since:
            self.spans.append(Span(self.since, at))
        self.since = None

    def ended(self, at: datetime) -> list[Span]:
        """All stretches, the last one up to `at`."""
        self.end(at)
        return self.spans


@dataclass
class _Screen:
    """One visit of one screen: of which classroom, and of whom as what."""

    open: _Open
    classroom_id: int | None
    person_id: int | None
    role: RoomRole
    at_home: bool

    @property
    def is_classroom(self) -> bool:
        """Whether the class itself is there with it."""
        return self.role in STANDS_FOR_A_CLASSROOM and not self.at_home


class _Reading:
    """The fold itself."""

    def __init__(self) -> None:
        self._lesson = _Open()
        self._here: dict[str, _Screen] = {}
        self._visits: list[_Screen] = []
        self._modes: defaultdict[int, list[tuple[datetime, int]]] = defaultdict(list)
        self._takeovers: defaultdict[int, _Open] = defaultdict(_Open)
        self._roll: defaultdict[int, dict[int, str]] = defaultdict(dict)

    def take(self, event: Happened) -> None:
        """Read one more event."""
        match event.kind:
            case "begin" | "reopen":
                self._lesson.begin(event.at)
            case "end":
                self._lesson.end(event.at)
            case "enter":
                self._enter(event)
            case "leave":
                self._leave(event)
            case "net" | "takeover" | "roll" if event.classroom_id is not None:
                self._of_classroom(event, event.classroom_id)

    def _enter(self, event: Happened) -> None:
        self._leave(event)
        role, at_home = RoomRole(event.data["role"]), event.data.get("pupil") is not None
        visit = _Screen(_Open(), event.classroom_id, event.by_person_id, role, at_home)
        visit.open.begin(event.at)
        self._here[str(event.data["screen"])] = visit
        self._visits.append(visit)

    def _leave(self, event: Happened) -> None:
        visit = self._here.pop(str(event.data["screen"]), None)
        if visit:
            visit.open.end(_last_heard(event))

    def _of_classroom(self, event: Happened, classroom_id: int) -> None:
        if event.kind == "net" and event.data.get("mode"):
            self._modes[classroom_id].append((event.at, int(event.data["mode"])))
        elif event.kind == "roll":
            self._roll[classroom_id][int(event.data["pupil"])] = str(event.data["mark"])
        elif event.kind == "takeover" and event.data.get("on"):
            self._takeovers[classroom_id].begin(event.at)
        elif event.kind == "takeover":
            self._takeovers[classroom_id].end(event.at)

    def ended(self, at: datetime) -> Attendance:
        """What has been read, with what is still open ended at `at`."""
        lesson = self._lesson.ended(at)
        rooms: defaultdict[int, list[Span]] = defaultdict(list)
        people: defaultdict[tuple[int, RoomRole], list[Span]] = defaultdict(list)
        for visit in self._visits:
            spans = visit.open.ended(at)
            if visit.classroom_id is not None and visit.is_classroom:
                rooms[visit.classroom_id] += _within(spans, lesson)
            if visit.person_id is not None:
                people[visit.person_id, visit.role] += spans
        took = {number: _within(spans.ended(at), lesson) for number, spans in self._takeovers.items()}
        return Attendance(
            lesson,
            {number: self._times(number, _joined(rooms[number]), took.get(number, [])) for number in rooms | took},
            [AdultTimes(person, role, _joined(spans)) for (person, role), spans in people.items()],
            {number: dict(marks) for number, marks in self._roll.items()},
        )

    def _times(self, classroom_id: int, present: list[Span], takeovers: list[Span]) -> ClassroomTimes:
        return ClassroomTimes(present, _mode_times(self._modes[classroom_id], present), takeovers)


def _mode_times(changes: Sequence[tuple[datetime, int]], present: Sequence[Span]) -> dict[int, timedelta]:
    """How long a classroom that was `present` was in each mode."""
    times: defaultdict[int, timedelta] = defaultdict(timedelta)
    begun = [(datetime.min.replace(tzinfo=UTC), BEST_MODE), *changes]
    ends = [at for at, _ in changes] + [datetime.max.replace(tzinfo=UTC)]
    for (at, mode), end in zip(begun, ends, strict=True):
        times[mode] += _sum(Span(at, end).within(present))
    return {mode: time for mode, time in sorted(times.items()) if time}


def _last_heard(event: Happened) -> datetime:
    """When a screen was last there; the event itself is written a little later, when nobody waits for it any more."""
    until = event.data.get("until")
    return min(event.at, from_milliseconds(until)) if isinstance(until, int | float) else event.at


def _joined(spans: Iterable[Span]) -> list[Span]:
    """The same time in stretches that do not touch."""
    joined: list[Span] = []
    for span in sorted(spans, key=lambda span: span.begin):
        if joined and span.begin <= joined[-1].end:
            joined[-1] = Span(joined[-1].begin, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined


def _within(spans: Iterable[Span], lesson: Sequence[Span]) -> list[Span]:
    return [part for span in spans for part in span.within(lesson)]


def _sum(spans: Iterable[Span]) -> timedelta:
    return sum((span.length for span in spans), timedelta())
