"""Calendars as a calendar program reads them."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from flask.testing import FlaskClient
from icalendar import Calendar, Event

from foundation.clock import travel_to
from foundation.database import db
from schools.models import Membership, Person
from tests.factories import make_campus, make_class, make_person, make_subject
from timetable.models import (
    BellSchedule,
    CalendarDay,
    CalendarFeed,
    ChangeKind,
    DayKind,
    Parity,
    Period,
    PeriodKind,
    Term,
    TimetableChange,
    TimetableEntry,
)

Browser = Callable[[Person], FlaskClient]
NOW = datetime(2026, 9, 9, 2, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")


class School:
    """A teacher with one lesson every Wednesday and one in even weeks, in a term with a holiday and a make-up day."""

    def __init__(self) -> None:
        campus = make_campus(name="丹江路校区")
        group_id = db.session.query(Membership).filter_by(campus_id=campus.id).one().group_id
        self.wang, self.li = make_person(campus, "王芳"), make_person(campus, "李强")
        school_class, subject = make_class(campus), make_subject("数学")
        bell = BellSchedule(group_id=group_id, name="作息", from_day=date(2020, 1, 1))
        bell.periods = [
            Period(number=n, label=f"第{n}节", kind=PeriodKind.LESSON, starts=420 + 60 * n, ends=460 + 60 * n)
            for n in (1, 2, 3)
        ]
        days = {"from_day": date(2026, 9, 1), "to_day": date(2026, 11, 1)}
        holiday = CalendarDay(group_id=group_id, day=date(2026, 9, 16), kind=DayKind.HOLIDAY, name="放假")
        made_up = CalendarDay(group_id=group_id, day=date(2026, 9, 19), kind=DayKind.MAKE_UP, follows=3, name="补课")
        term = Term(group_id=group_id, year=2026, semester=1, **days)
        lesson = {"class_id": school_class.id, "subject_id": subject.id, "weekday": 3, **days}
        self.weekly = TimetableEntry(period=1, parity=Parity.EVERY, person_id=self.wang.id, **lesson)
        self.even = TimetableEntry(period=2, parity=Parity.EVEN, person_id=self.wang.id, **lesson)
        db.session.add_all([bell, holiday, made_up, term, self.weekly, self.even])
        db.session.commit()

    def change(self, entry: TimetableEntry, **what: object) -> None:
        db.session.add(TimetableChange(entry_id=entry.id, **what))
        entry.sequence += 1
        db.session.commit()


@pytest.fixture
def school(app: object) -> School:
    return School()


def read(client: FlaskClient, person: Person) -> Calendar:
    """The calendar at the secret address of somebody."""
    client.post(f"/timetable/feeds/person/{person.id}")
    feed = db.session.query(CalendarFeed).filter_by(person_id=person.id).one()
    answer = client.get(f"/calendars/{feed.token}.ics")
    assert answer.mimetype == "text/calendar"
    return Calendar.from_ical(answer.data)


def series(calendar: Calendar, entry: TimetableEntry) -> list[Event]:
    return [each for each in calendar.walk("VEVENT") if str(each["UID"]).startswith(f"lesson-{entry.id}-")]


def days_of(event: Event) -> list[tuple[int, int]]:
    """What a calendar program makes of the rule, its exceptions and additions."""
    start = event.decoded("DTSTART")
    rule = rrulestr(event["RRULE"].to_ical().decode(), dtstart=start)
    out = _moments(event, "EXDATE")
    days = {each for each in rule if each not in out} | _moments(event, "RDATE")
    return [(each.month, each.day) for each in sorted(days)]


def _moments(event: Event, name: str) -> set[datetime]:
    found = event.get(name, [])
    lists = found if isinstance(found, list) else [found]
    return {each.dt for one in lists for each in one.dts}


def original(event: Event) -> str:
    """The lesson that an exception is about; nothing for the series itself."""
    return event["RECURRENCE-ID"].to_ical().decode() if "RECURRENCE-ID" in event else ""


def test_a_series_leaves_out_the_holiday_and_holds_the_make_up_day(school: School, signed_in: Browser) -> None:
    with travel_to(NOW):
        calendar = read(signed_in(school.wang), school.wang)
    (weekly,), (even,) = series(calendar, school.weekly), series(calendar, school.even)
    september = [(9, 2), (9, 9), (9, 19), (9, 23), (9, 30)]
    assert days_of(weekly) == [*september, (10, 7), (10, 14), (10, 21), (10, 28)]
    assert days_of(even) == [(9, 9), (9, 23), (10, 7), (10, 21)]
    assert weekly.decoded("DTSTART") == datetime(2026, 9, 2, 8, tzinfo=SHANGHAI)
    assert [str(each["TZID"]) for each in calendar.walk("VTIMEZONE")] == ["Asia/Shanghai"]


def test_a_move_and_a_cancellation_reach_the_calendar_with_a_higher_sequence(
    school: School, signed_in: Browser
) -> None:
    school.change(school.weekly, day=date(2026, 9, 23), kind=ChangeKind.CANCELLED, reason="运动会")
    moved = {"day": date(2026, 9, 30), "new_day": date(2026, 10, 2), "new_period": 3}
    school.change(school.weekly, kind=ChangeKind.MOVED, **moved)
    with travel_to(NOW):
        calendar = read(signed_in(school.wang), school.wang)
    usual, cancelled, moved_to = sorted(series(calendar, school.weekly), key=original)
    assert {int(each["SEQUENCE"]) for each in (usual, cancelled, moved_to)} == {2}
    assert len({str(each["UID"]) for each in (usual, cancelled, moved_to)}) == 1
    assert cancelled["STATUS"] == "CANCELLED"
    assert cancelled.decoded("RECURRENCE-ID") == datetime(2026, 9, 23, 8, tzinfo=SHANGHAI)
    assert "运动会" in cancelled["DESCRIPTION"]
    assert moved_to.decoded("RECURRENCE-ID") == datetime(2026, 9, 30, 8, tzinfo=SHANGHAI)
    assert moved_to.decoded("DTSTART") == datetime(2026, 10, 2, 10, tzinfo=SHANGHAI)
    assert "STATUS" not in moved_to


def test_a_substitute_has_the_lesson_and_its_teacher_has_not(school: School, signed_in: Browser) -> None:
    school.change(school.weekly, day=date(2026, 9, 23), kind=ChangeKind.SUBSTITUTE, person_id=school.li.id)
    with travel_to(NOW):
        hers = read(signed_in(school.wang), school.wang)
        his = read(signed_in(school.li), school.li)
    assert [each["STATUS"] for each in series(hers, school.weekly) if "RECURRENCE-ID" in each] == ["CANCELLED"]
    (covered,) = his.walk("VEVENT")
    assert covered.decoded("DTSTART") == datetime(2026, 9, 23, 8, tzinfo=SHANGHAI)


def test_the_address_is_good_until_renewed_and_only_for_its_owner_to_make(school: School, signed_in: Browser) -> None:
    browser = signed_in(school.wang)
    read(browser, school.wang)
    first = db.session.query(CalendarFeed).one().token
    browser.post(f"/timetable/feeds/person/{school.wang.id}")
    assert browser.get(f"/calendars/{first}.ics").status_code == 404
    assert signed_in(school.li).post(f"/timetable/feeds/person/{school.wang.id}").status_code == 404
    assert browser.post(f"/timetable/feeds/class/{school.weekly.class_id}").status_code == 404
    second = db.session.query(CalendarFeed).one().token
    school.wang.left_at = NOW
    db.session.commit()
    assert browser.get(f"/calendars/{second}.ics").status_code == 404
