"""Lessons as iCalendar (RFC 5545): a series for each lesson of the week, with its exceptions, and what came by a change."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from flask_babel import gettext
from icalendar import Calendar, Event

from foundation.clock import now
from schools.names import subject_name
from timetable.appointments import Appointment, appointments_of
from timetable.models import ChangeKind, Parity
from timetable.queries import Names, names_of, timetable_of
from timetable.teaching_days import ONE_DAY, Change, Entry, Lesson, Timetable, Whose, takes_place
from timetable.words import CHANGE_KIND_NAMES

BEFORE: Final = timedelta(days=60)
AFTER: Final = timedelta(days=240)
"""So far back and ahead a calendar reaches."""

Minutes = tuple[int, int]


@dataclass(frozen=True)
class Feed:
    """Of whom or what the lessons are, what the calendar is called, and the name of the site in its events."""

    whose: Whose
    id: int
    title: str
    site: str


def calendar_of(feed: Feed, today: date) -> bytes:
    """The calendar as a file."""
    timetable = timetable_of(feed.whose, {feed.id}, today - BEFORE, today + AFTER)
    writer = _Writer(feed, timetable, today - BEFORE, today + AFTER)
    calendar = Calendar()
    calendar.add("prodid", "-//Tongke//Timetable//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", feed.title)
    calendar.add("x-published-ttl", "PT1H")
    for event in writer.events():
        calendar.add_component(event)
    calendar.add_missing_timezones()
    text: bytes = calendar.to_ical()
    return text


class _Writer:
    """Makes the events of one calendar."""

    def __init__(self, feed: Feed, timetable: Timetable, from_day: date, to_day: date) -> None:
        self.feed, self.timetable, self.from_day, self.to_day = feed, timetable, from_day, to_day
        self.lessons = timetable.lessons(feed.whose, feed.id, from_day, to_day)
        self.names: Names = names_of(self.lessons)
        self.stamp = now().replace(microsecond=0)

    def events(self) -> Iterator[Event]:
        """Every series of one's own with its exceptions, then what comes from elsewhere."""
        mine = {entry.id: entry for entry in self.timetable.entries.values() if self._is_mine(entry)}
        told: set[int] = set()
        for entry in mine.values():
            for minutes, days in self._usual_days(entry).items():
                yield self._series(entry, minutes, days)
                for lesson in self._changed(entry, days):
                    told.add(lesson.change.id if lesson.change else 0)
                    yield self._exception(entry, minutes, lesson)
        for lesson in self.lessons:
            if lesson.change is not None and lesson.held and lesson.change.id not in told:
                yield self._single(lesson, lesson.change)
        besides = appointments_of(self.feed.whose, {self.feed.id}, self.from_day, self.to_day)
        for appointment in besides.get(self.feed.id, ()):
            yield self._besides(appointment)

    def _is_mine(self, entry: Entry) -> bool:
        owner = {"class": entry.class_id, "person": entry.person_id, "room": entry.room_id, "campus": entry.campus_id}
        return owner[self.feed.whose] == self.feed.id

    def _usual_days(self, entry: Entry) -> Mapping[Minutes, list[date]]:
        """The days of a lesson by its clock: other bells make another series."""
        days: dict[Minutes, list[date]] = defaultdict(list)
        calendar = self.timetable.days[entry.campus_id]
        day = max(self.from_day, entry.from_day)
        while day < min(self.to_day, entry.to_day):
            school_day = calendar.day(day)
            if takes_place(entry, school_day) and school_day.bell:
                clock = school_day.bell.by_number[entry.period]
                days[clock.starts, clock.ends].append(day)
            day += ONE_DAY
        return days

    def _changed(self, entry: Entry, days: Iterable[date]) -> Iterator[Lesson]:
        """What became of changed lessons of a series: where they moved to, or that they are not held."""
        on = set(days)
        arrived = {each.change.id: each for each in self.lessons if each.change is not None and each.held}
        for each in self.lessons:
            if each.entry.id == entry.id and each.change is not None and each.change.day == each.day and each.day in on:
                if each.held and each.change.kind is ChangeKind.MOVED:
                    continue  # moved within the day: the half that is not held has led to it already
                yield arrived.get(each.change.id, each)

    def _series(self, entry: Entry, minutes: Minutes, days: list[date]) -> Event:
        regular = [day for day in days if day.isoweekday() == entry.weekday] or days
        step = timedelta(weeks=1 if entry.parity is Parity.EVERY else 2)
        expected = [regular[0] + number * step for number in range((regular[-1] - regular[0]) // step + 1)]
        event = self._event(self._uid(entry, minutes), entry, regular[0], minutes, entry.person_id, entry.room_id)
        event.add(
            "rrule",
            {
                "freq": "WEEKLY",
                "interval": step.days // 7,
                "until": self._moment(entry, regular[-1], minutes[0]).astimezone(UTC),
            },
        )
        for day in sorted(set(expected) - set(days)):
            event.add("exdate", self._moment(entry, day, minutes[0]))
        for day in sorted(set(days) - set(expected)):
            event.add("rdate", self._moment(entry, day, minutes[0]))
        return event

    def _exception(self, entry: Entry, minutes: Minutes, lesson: Lesson) -> Event:
        change = lesson.change
        original = change.day if change else lesson.day
        event = self._event(
            self._uid(entry, minutes),
            entry,
            lesson.day,
            (lesson.starts, lesson.ends),
            lesson.person_id,
            lesson.room_id,
            change,
        )
        event.add("recurrence-id", self._moment(entry, original, minutes[0]))
        if not lesson.held:
            event.add("status", "CANCELLED")
        return event

    def _single(self, lesson: Lesson, change: Change) -> Event:
        uid = f"change-{change.entry_id}-{change.day.isoformat()}@{self.feed.site}"
        minutes = (lesson.starts, lesson.ends)
        return self._event(uid, lesson.entry, lesson.day, minutes, lesson.person_id, lesson.room_id, change)

    def _besides(self, appointment: Appointment) -> Event:
        zone = ZoneInfo(appointment.zone)
        event = Event()
        event.add("uid", f"{appointment.uid}@{self.feed.site}")
        event.add("dtstamp", self.stamp)
        event.add("sequence", appointment.sequence)
        event.add("dtstart", _at(appointment.day, appointment.starts, zone))
        event.add("dtend", _at(appointment.day, appointment.ends, zone))
        event.add("summary", appointment.title)
        event.add("location", appointment.place)
        event.add("description", appointment.people)
        if appointment.cancelled:
            event.add("status", "CANCELLED")
        else:
            event.add("status", "CONFIRMED" if appointment.settled else "TENTATIVE")
        return event

    def _uid(self, entry: Entry, minutes: Minutes) -> str:
        return f"lesson-{entry.id}-{minutes[0]}@{self.feed.site}"

    def _event(
        self,
        uid: str,
        entry: Entry,
        day: date,
        minutes: Minutes,
        person_id: int | None,
        room_id: int | None,
        change: Change | None = None,
    ) -> Event:
        event = Event()
        event.add("uid", uid)
        event.add("dtstamp", self.stamp)
        event.add("sequence", entry.sequence)
        event.add("dtstart", self._moment(entry, day, minutes[0]))
        event.add("dtend", self._moment(entry, day, minutes[1]))
        subject = subject_name(self.names.subjects[entry.subject_id])
        event.add("summary", f"{self.names.classes[entry.class_id].name} {subject}")
        place = [self.names.campuses[entry.campus_id].short_name]
        if room_id is not None:
            place.append(self.names.rooms[room_id].name)
        event.add("location", " ".join(place))
        said = [self.names.people[person_id].name] if person_id is not None else []
        if change is not None:
            said.append(_said(change))
        if said:
            event.add("description", gettext("，").join(each for each in said if each))
        return event

    def _moment(self, entry: Entry, day: date, minutes: int) -> datetime:
        return _at(day, minutes, ZoneInfo(self.names.campuses[entry.campus_id].zone))


def _at(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(minutes // 60 % 24, minutes % 60), zone)


def _said(change: Change) -> str:
    return f"{CHANGE_KIND_NAMES[change.kind]} {change.reason}".strip()
