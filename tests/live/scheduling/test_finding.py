"""The slot finder: what comes first, what it says, what it remembers, and the page around it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from foundation.clock import travel_to
from live.scheduling.conflicts import Draft, DraftClassroom
from live.scheduling.finding import Answer, Wanted, find, free_dates
from live.scheduling.finding_form import Search
from live.scheduling.proposing import obstacle_in_words, proposals_of
from schools.models import Person
from tests.live.scheduling.test_conflicts import at
from tests.live.scheduling.world import OCTOBER_14, Schools, make_schools

MONDAY = date(2026, 10, 12)


@pytest.fixture
def schools(app: Flask) -> Schools:
    """王老师 has mathematics in the third and fourth period of Wednesday, 陈老师 in the third; English stands in the first and second."""
    found = make_schools()
    found.lesson(found.west_class, 3, 4, found.wang)
    found.lesson(found.west_class, 3, 2, found.li, found.english)
    found.lesson(found.river_class, 3, 2, None, found.english)
    found.lesson(found.river_class, 3, 4, None, found.english)
    return found


def search_of(schools: Schools, **more: object) -> Search:
    wanted = Wanted(
        schools.mathematics.id,
        schools.wang.id,
        schools.west_class.id,
        ((schools.river_class.id,),),
        OCTOBER_14,
        OCTOBER_14 + timedelta(days=1),
    )
    teachers = {schools.west_class.id: schools.wang.id, schools.river_class.id: schools.chen.id}
    return Search(replace(wanted, **more), teachers, frozenset({schools.west.id, schools.river.id}), None)


def looked(search: Search) -> Answer:
    return find(search.world(), search.wanted, search.teachers)


def periods(answer: Answer) -> list[tuple[int | None, int, int]]:
    return [(slot.clock.number, slot.moves, slot.overlap) for slot in answer.slots]


def test_times_when_all_have_the_subject_or_nothing_come_first_then_those_with_most_minutes(
    app: Flask, schools: Schools
) -> None:
    assert periods(looked(search_of(schools))) == [
        (3, 0, 40),
        (5, 0, 35),
        (6, 0, 35),
        (7, 0, 35),
        (4, 1, 35),
        (1, 2, 40),
        (2, 2, 40),
    ]


def test_a_session_of_class_or_lead_takes_a_time_away_and_is_named_when_nothing_is_left(
    app: Flask, schools: Schools
) -> None:
    for starts in range(500, 810, 50):
        schools.session(starts, schools.west_class, schools.west_room)
    search = search_of(schools)
    world = search.world()
    answer = find(world, search.wanted, search.teachers)
    assert not answer.slots
    with app.test_request_context():
        said = [obstacle_in_words(world, each, times) for each, times in answer.obstacles]
    assert said == ["西湖 五(1)班已有别的场次：7 节"]


def test_every_day_comes_once_before_one_comes_twice(app: Flask, schools: Schools) -> None:
    schools.lesson(schools.west_class, 4, 3, schools.wang)
    schools.lesson(schools.river_class, 4, 3, schools.chen)
    answer = looked(search_of(schools, to_day=OCTOBER_14 + timedelta(days=9)))
    days = [slot.day.day for slot in answer.slots if (slot.moves, slot.overlap) == (0, 40)]
    assert days[:5] == [14, 15, 16, 19, 20]


def test_a_proposal_says_rooms_minutes_and_where_a_lesson_could_go(app: Flask, schools: Schools) -> None:
    search = search_of(schools)
    world = search.world()
    slots = [slot for slot in find(world, search.wanted, search.teachers).slots if slot.clock.number in (1, 4)]
    with app.test_request_context():
        late, early = proposals_of(world, search.wanted, slots)
    west, river = late.places
    assert late.when == "第7周 单周 10月14日 周三 第4节（10:50–11:30）"
    assert (river.period, river.room_words) == ("第4节晚 5 分钟：可用 35 分钟", "录播教室空闲，网络未检测")
    assert not west.moves
    (move,) = early.places[0].moves
    assert move.words == "五(1)班 英语（李老师） → 10月14日 周三第3节，和数学对调"
    assert move.lesson.swap.endswith("@2026-10-14")


def test_days_for_making_up_are_free_for_all(app: Flask, schools: Schools) -> None:
    ends = (
        DraftClassroom(schools.west.id, schools.west_class.id, schools.west_room.id, schools.wang.id),
        DraftClassroom(schools.river.id, schools.river_class.id, schools.river_room.id, schools.chen.id),
    )
    draft = Draft(OCTOBER_14, at(600), at(640), schools.wang.id, ends, subject_id=schools.mathematics.id)
    schools.session(600, schools.west_class, schools.west_room, OCTOBER_14 + timedelta(days=7))
    with app.test_request_context():
        found = free_dates(draft, OCTOBER_14 + timedelta(days=7), OCTOBER_14 + timedelta(days=8), 3)
    assert [(each.day.day, each.period, each.moves) for each in found] == [(21, 5, 0), (21, 6, 0), (21, 7, 0)]


def test_the_page_looks_proposes_and_remembers(
    app: Flask, schools: Schools, signed_in: Callable[[Person], FlaskClient]
) -> None:
    with travel_to(datetime(2026, 10, 12, 2, tzinfo=UTC)):
        browser = signed_in(schools.wang)
        empty = browser.get("/live/find").get_data(as_text=True)
        assert "找到" not in empty
        address = f"/live/find?subject={schools.mathematics.id}&grade=5&lead_class={schools.west_class.id}&campus={schools.river.id}&from_week=7&to_week=7"
        page = browser.get(address).get_data(as_text=True)
        assert "第7周 单周 10月14日 周三 第3节（10:00–10:40）" in page
        assert f"place=k{schools.west_class.id}&amp;place=k{schools.river_class.id}" in page
        assert browser.get("/live/find").location == address
