"""Sessions stand where people look for their lessons: today, the weeks of everybody concerned, and their calendars."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar, Event

from foundation.clock import travel_to
from foundation.database import db
from live.models import LiveSession
from schools.models import Person
from tests.factories import make_person
from tests.live.scheduling.worlds import DAY, NOW, Campuses
from timetable.models import CalendarFeed

Browser = Callable[[Person], FlaskClient]

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with travel_to(NOW):
        yield


def schedule(world: Campuses, signed_in: Browser) -> LiveSession:
    assert signed_in(world.wang).post("/live/new", data=world.sheet()).status_code == 303
    return db.session.query(LiveSession).one()


def event_of(client: FlaskClient, person: Person) -> Event:
    if db.session.query(CalendarFeed).count() == 0:
        db.session.add(CalendarFeed(token="t" * 43, person_id=person.id))
    (event,) = Calendar.from_ical(client.get(f"/calendars/{'t' * 43}.ics").data).walk("VEVENT")
    assert isinstance(event, Event)
    return event


def test_a_session_stands_in_the_weeks_of_its_people_classes_rooms_and_campuses(signed_in: Browser) -> None:
    world = Campuses()
    session = schedule(world, signed_in)
    li, stranger = signed_in(world.li), signed_in(make_person(world.here))
    week = f"week={DAY}"
    pages = [
        f"/timetable?{week}",
        f"/timetable/people/{world.wang.id}?{week}",
        f"/timetable/classes/{world.class_there.id}?{week}",
        f"/timetable/rooms/{world.rooms[1].id}?{week}",
        f"/timetable/campuses?campus={world.there.id}&{week}",
    ]
    for page in pages:
        assert "分数的意义" in li.get(page).text, page
    assert "10:10–10:40" in li.get(pages[0]).text
    assert f"/live/{session.code}" in li.get(pages[2]).text
    there = stranger.get(pages[2]).text
    assert "分数的意义" in there
    assert f"/live/{session.code}" not in there


def test_calendars_see_that_it_was_moved_and_cancelled(signed_in: Browser) -> None:
    world = Campuses()
    session = schedule(world, signed_in)
    wang = signed_in(world.wang)
    first = event_of(wang, world.wang)
    assert (first["status"], first["sequence"]) == ("TENTATIVE", 0)
    assert first.decoded("dtstart") == datetime(2026, 9, 9, 2, tzinfo=UTC)
    wang.post(f"/live/{session.code}/move", data={"day": "2026-09-11", "period": "3", "reason": "开会"})
    moved = event_of(wang, world.wang)
    assert (moved["uid"], moved["sequence"]) == (first["uid"], 1)
    assert moved.decoded("dtstart") == datetime(2026, 9, 11, 2, tzinfo=UTC)
    wang.post(f"/live/{session.code}/cancel", data={"reason": "不上了"})
    cancelled = event_of(wang, world.wang)
    assert (cancelled["uid"], cancelled["sequence"], cancelled["status"]) == (first["uid"], 2, "CANCELLED")


def test_today_shows_the_next_session_and_the_way_in_ten_minutes_before(signed_in: Browser) -> None:
    world = Campuses()
    session = schedule(world, signed_in)
    li = signed_in(world.li)
    assert "下一节课堂" in li.get("/").text
    assert f"/live/{session.code}/room" not in li.get("/").text
    with travel_to(datetime(2026, 9, 9, 1, 51, tzinfo=UTC)):
        assert f"/live/{session.code}/room" in li.get("/").text
