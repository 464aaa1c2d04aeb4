"""What stands in a session's way: in words out of the database, and never the same class, teacher or room twice at once."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask_babel import Babel
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.database import db
from live.models import CampusTravel, DeviceCheck
from live.scheduling.conflicts import ConflictKind, Draft, DraftClassroom, conflicts_in, conflicts_of
from live.scheduling.occupancy import Held, Occupancy, minute_of
from live.scheduling.world import CampusFacts, ClassFacts, RoomFacts, World
from tests.factories import make_posting, make_topic
from tests.live.scheduling.world import OCTOBER_14, Schools, make_schools
from timetable.models import CalendarDay, DayKind
from timetable.pace import mark_taught
from timetable.teaching_days import CampusDays, Timetable

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(minutes: int, day: date = OCTOBER_14) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI) + timedelta(minutes=minutes)


@pytest.fixture
def schools(app: Flask) -> Schools:
    return make_schools()


def draft_of(schools: Schools, starts: int, **more: object) -> Draft:
    """西湖's class with 丹江路's, 40 minutes from `starts`."""
    ends = (
        DraftClassroom(schools.west.id, schools.west_class.id, schools.west_room.id, schools.wang.id),
        DraftClassroom(schools.river.id, schools.river_class.id, schools.river_room.id, schools.chen.id),
    )
    given = {"lead_id": schools.wang.id, "classrooms": ends, "subject_id": schools.mathematics.id, **more}
    return Draft(OCTOBER_14, at(starts), at(starts + 40), **given)


def kinds(app: Flask, draft: Draft) -> dict[ConflictKind, str]:
    with app.test_request_context():
        return {each.kind: each.sentence for each in conflicts_of(draft)}


def test_nothing_stands_in_the_way_of_a_time_when_all_have_the_subject(app: Flask, schools: Schools) -> None:
    assert kinds(app, draft_of(schools, 600)) == {}


def test_other_lessons_are_named_with_the_nearest_free_time(app: Flask, schools: Schools) -> None:
    with app.test_request_context():
        found = conflicts_of(draft_of(schools, 500))
    assert [each.kind for each in found] == [ConflictKind.LESSON_FALLS_AWAY] * 2
    assert found[0].sentence == "西湖 五(1)班在10月14日 周三第1节是英语（李老师），要让出来。"
    alternative = found[0].alternative
    assert alternative is not None
    assert (alternative.day, alternative.period, alternative.moves) == (OCTOBER_14, 2, 0)


def test_sessions_at_the_same_time_are_hard_and_one_is_not_in_its_own_way(app: Flask, schools: Schools) -> None:
    session = schools.session(600, schools.west_class, schools.west_room)
    found = kinds(app, draft_of(schools, 620))
    assert found[ConflictKind.CLASS_BUSY] == "西湖 五(1)班在10月14日 周三 10:00–10:40已有场次“分数”。"
    assert ConflictKind.PERSON_BUSY in found
    assert ConflictKind.ROOM_BUSY in found
    assert kinds(app, draft_of(schools, 600, code=session.code)) == {}


def test_an_evening_and_the_exams_of_one_campus_are_said(app: Flask, schools: Schools) -> None:
    assert ConflictKind.OUTSIDE_BELLS in kinds(app, draft_of(schools, 1100))
    db.session.add(
        CalendarDay(
            group_id=schools.group.id, campus_id=schools.river.id, day=OCTOBER_14, kind=DayKind.EXAM, name="期中考试"
        )
    )
    db.session.commit()
    assert kinds(app, draft_of(schools, 600))[ConflictKind.NO_SCHOOL] == "丹江路在10月14日 周三考试：期中考试。"


def test_a_teacher_needs_time_to_travel(app: Flask, schools: Schools) -> None:
    make_posting(schools.chen, schools.west)
    schools.lesson(schools.west_other, 3, 2, schools.chen)  # 9:10–9:50 at 西湖, then 10:00 at 丹江路
    db.session.add(CampusTravel(one_id=schools.west.id, other_id=schools.river.id, minutes=25))
    db.session.commit()
    found = kinds(app, draft_of(schools, 600))
    assert found == {ConflictKind.TRAVEL: "陈老师从西湖到丹江路要 25 分钟，中间只有 10 分钟。"}


def test_rooms_lines_and_pace_are_told(app: Flask, schools: Schools) -> None:
    topic = make_topic(schools.mathematics)
    first, *more = [topic, *(make_topic(schools.mathematics) for _ in range(4))]
    for number, each in enumerate(more):
        each.unit, each.rank = first.unit, number + 1
    mark_taught({schools.west_class.id}, first.id, OCTOBER_14)
    mark_taught({schools.river_class.id}, more[2].id, OCTOBER_14)
    schools.river_room.cameras = 0
    schools.west.uplink_mbps = 1.0
    db.session.add(DeviceCheck(room_id=schools.west_room.id, level=1))
    db.session.commit()
    found = kinds(app, draft_of(schools, 600, topic_id=more[3].id))
    assert set(found) == {
        ConflictKind.NO_CAMERA,
        ConflictKind.UPLINK,
        ConflictKind.WEAK_LINE,
        ConflictKind.PACE,
    }
    assert found[ConflictKind.PACE] == "西湖 五(1)班离这一课还差 3 课。"


drafts = st.lists(
    st.tuples(st.integers(0, 12), st.integers(1, 3), st.lists(st.integers(1, 4), min_size=1, max_size=3, unique=True)),
    max_size=12,
)


WORDS = Flask("words")
Babel(WORDS)


@given(drafts)
@settings(max_examples=60, deadline=None)
def test_whoever_refuses_hard_conflicts_never_has_anything_twice_at_once(
    wishes: list[tuple[int, int, list[int]]],
) -> None:
    held: list[Held] = []
    for number, (start, lead, classes) in enumerate(wishes):
        starts = at(480 + start * 15)
        ends = tuple(DraftClassroom(1, id, id, 10 + id) for id in classes)
        world = World(
            Occupancy(Timetable({1: CampusDays([], {}, [])}, ()), {1: SHANGHAI}, held),
            {1: CampusFacts(1, "西湖", SHANGHAI)},
            {id: ClassFacts(id, f"{id}班", 1) for id in range(1, 5)},
            {id: RoomFacts(id, f"{id}室", 1, cameras=1) for id in range(1, 5)},
            {id: f"教师{id}" for id in range(1, 20)},
        )
        draft = Draft(OCTOBER_14, starts, starts + timedelta(minutes=40), lead, ends)
        with WORDS.test_request_context():
            refused = any(each.hard for each in conflicts_in(world, draft))
        if not refused:
            places = tuple((end.campus_id, end.class_id, end.room_id, end.helper_id) for end in ends)
            held.append(Held(str(number), "课", minute_of(starts), minute_of(starts) + 40, lead, places))
    for one in held:
        for other in held:
            if one is not other and one.starts < other.ends and other.starts < one.ends:
                shared = set(one.of()) & set(other.of())
                assert {whose for whose, _ in shared} <= {"campus"}
