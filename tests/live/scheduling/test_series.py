"""A remote course: every week, except where one of the campuses has no school that day."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from flask.testing import FlaskClient

from foundation.clock import travel_to
from foundation.database import db
from live.models import LiveSession, RemoteCourse, SessionState
from notices.kinds import sentence_of
from notices.models import Notice
from schools.models import Person
from tests.factories import make_person
from tests.live.scheduling.worlds import NOW, Campuses
from timetable.models import CalendarDay, DayKind

Browser = Callable[[Person], FlaskClient]

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with travel_to(NOW):
        yield


def days() -> list[str]:
    db.session.expire_all()
    sessions = db.session.query(LiveSession).filter(LiveSession.state != SessionState.CANCELLED)
    return [each.day.isoformat() for each in sessions.order_by(LiveSession.starts_at)]


def test_a_course_skips_what_any_campus_has_off_and_is_made_up_moved_and_cancelled(signed_in: Browser) -> None:
    world = Campuses()
    off = {"group_id": world.group.id, "campus_id": world.there.id}
    db.session.add_all(
        [
            CalendarDay(day=date(2026, 9, 16), kind=DayKind.EXAM, name="月考", **off),
            CalendarDay(
                day=date(2026, 9, 20), kind=DayKind.MAKE_UP, follows=3, name="补课", **off | {"campus_id": None}
            ),
        ]
    )
    wang, office = signed_in(world.wang), signed_in(world.office_there)
    sheet = world.sheet(repeat="every", until="2026-10-01")
    made = wang.post("/live/new", data=sheet)
    assert made.status_code == 303, made.text
    assert wang.post("/live/new", data=sheet).location == made.location
    assert days() == ["2026-09-09", "2026-09-20", "2026-09-23", "2026-09-30"]
    course = db.session.query(RemoteCourse).one()
    assert [(each["day"], each["why"]) for each in course.skipped] == [("2026-09-16", "exam")]
    assert [each.kind for each in db.session.query(Notice).filter_by(person_id=world.office_there.id)] == [
        "course_asked"
    ]

    page = f"/live/courses/{course.code}"
    assert "丹江路 考试 月考" in office.get(page).text
    office.post(f"{page}/confirm")
    assert {each.state for each in db.session.query(LiveSession)} == {SessionState.SETTLED}

    assert 'name="skipped" value="2026-09-16"' in wang.get(f"{page}?make_up=2026-09-16").text
    again = {"skipped": "2026-09-16", "day": "2026-09-17", "period": "2"}
    assert wang.post(f"{page}/make-up", data=again).status_code == 303
    assert wang.post(f"{page}/make-up", data=again).status_code == 409
    assert "2026-09-17" in days()

    follow = {"from_day": "2026-09-23", "weekday": "2", "period": "1", "reason": "换节"}
    assert office.post(f"{page}/follow", data=follow).status_code == 404
    assert wang.post(f"{page}/follow", data=follow).status_code == 303
    assert days() == ["2026-09-09", "2026-09-17", "2026-09-20", "2026-09-22", "2026-09-29"]
    ending = {"from_day": "2026-09-20", "reason": "学期调整", "cancel": "1"}
    assert wang.post(f"{page}/follow", data=ending).status_code == 303
    assert days() == ["2026-09-09", "2026-09-17"]


def test_people_and_rooms_of_a_whole_course_are_changed_at_once_and_dates_that_cannot_are_shown_first(
    signed_in: Browser,
) -> None:
    world = Campuses()
    zhao = make_person(world.there, "赵敏")
    wang, office = signed_in(world.wang), signed_in(world.office_there)
    wang.post("/live/new", data=world.sheet(repeat="every", until="2026-09-30"))
    course = db.session.query(RemoteCourse).one()
    meeting = world.sheet(
        kind="research", place=[f"c{world.there.id}"], room=[""], lead="赵敏", day="2026-09-16", request_key="meeting"
    )
    assert office.post("/live/new", data=meeting).status_code == 303
    db.session.query(Notice).delete()
    db.session.commit()
    page, place = f"/live/courses/{course.code}", f"k{world.class_there.id}"

    def helpers() -> list[str]:
        db.session.expire_all()
        found = db.session.query(LiveSession).filter_by(course_id=course.id).order_by(LiveSession.starts_at)
        return [each.classrooms[1].helper.name for each in found if each.classrooms[1].helper]

    change = {f"helper-{place}": "赵敏", "from_day": "2026-09-09", "reason": "李老师产假"}
    assert signed_in(world.li).post(f"{page}/staff", data=change | {"lead": "赵敏"}).status_code == 403
    assert f'name="helper-{place}"' in office.get(page).text
    assert 'name="lead"' not in office.get(page).text
    shown = office.post(f"{page}/staff", data=change)
    assert shown.status_code == 422
    assert "赵敏在9月16日" in shown.text
    assert helpers() == ["李强"] * 4
    assert office.post(f"{page}/staff", data=change | {"rest": "1"}).status_code == 303
    assert helpers() == ["赵敏", "李强", "赵敏", "赵敏"]
    notices = [(each.kind, each.facts["count"]) for each in db.session.query(Notice).filter_by(person_id=zhao.id)]
    assert notices == [("course_staffed", 3)]
    assert wang.post(f"{page}/staff", data={"from_day": "2026-09-09"}).status_code == 422
    assert wang.post(f"{page}/staff", data={"lead": "教务甲", "from_day": "2026-09-30"}).status_code == 303
    sentence = db.session.query(Notice).filter_by(person_id=world.office_here.id, kind="course_staffed").one()
    assert "从9月30日 周三 10:00–10:40起共 1 次：教务甲主讲。" in sentence_of(sentence.kind, sentence.facts)
