"""教学进度: the line of a group, what classes have had, and who may say so."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from curriculum.models import LessonTopic
from foundation.clock import travel_to
from foundation.database import db
from schools.models import Person, Role, SchoolClass
from tests.factories import (
    grant,
    make_assignment,
    make_campus,
    make_class,
    make_group,
    make_person,
    make_subject,
    make_topic,
)
from timetable.models import Term
from timetable.pace import behind, line_of, mark_taught, planned_by, spread, standings

TERM = (date(2026, 9, 1), date(2027, 1, 23))
OCTOBER = datetime(2026, 10, 14, 2, tzinfo=UTC)


class Book:
    """A book of six lessons, two of them longer, and a class of 王老师 that uses it."""

    def __init__(self) -> None:
        self.group = make_group()
        campus = make_campus(self.group, "西湖")
        self.teacher = make_person(campus, "王老师")
        self.lead = make_person(campus)
        self.subject = make_subject("数学")
        grant(self.lead, Role.SUBJECT_LEAD, group_id=self.group.id, subject_id=self.subject.id)
        self.school_class: SchoolClass = make_class(campus)
        make_assignment(self.teacher, self.school_class, self.subject)
        self.topics: Sequence[LessonTopic] = [make_topic(self.subject, f"课{n}", periods=1 + n % 2) for n in range(6)]
        for number, topic in enumerate(self.topics):
            topic.unit, topic.rank = self.topics[0].unit, number
        self.volume = self.topics[0].unit.volume
        self.term = Term(group_id=self.group.id, year=2026, semester=1, from_day=TERM[0], to_day=TERM[1])
        db.session.add(self.term)
        db.session.commit()


@pytest.fixture
def book(app: Flask) -> Book:
    return Book()


def test_lessons_are_spread_by_how_long_they_take() -> None:
    assert spread([1, 2, 3, 4], 3, 6, {}) == {1: 3, 2: 4, 3: 5, 4: 6}
    assert spread([1, 2, 3], 1, 4, {1: 1, 2: 2, 3: 1}) == {1: 1, 2: 3, 3: 4}
    assert spread([1, 2, 3], 2, 2, {}) == {1: 2, 2: 2, 3: 2}
    assert planned_by({1: 2, 2: 3, 3: 5}, 3) == 2


def test_a_class_is_where_its_last_lesson_was_and_close_within_one(book: Book) -> None:
    ids, topics = {book.school_class.id}, [topic.id for topic in book.topics]
    assert behind(book.school_class.id, topics[3]) is None
    for topic in topics[:2]:
        mark_taught(ids, topic, OCTOBER.date())
    mark_taught(ids, topics[1], OCTOBER.date(), session_code="again")
    db.session.commit()
    assert [behind(book.school_class.id, topic) for topic in topics[:5]] == [-2, -1, 0, 1, 2]
    assert [standings(ids, topic).apart(book.school_class.id) for topic in topics[1:5]] == [0, 0, 0, 2]


def test_the_subject_lead_sets_the_line_and_nobody_else(book: Book, signed_in: Callable[[Person], FlaskClient]) -> None:
    with travel_to(OCTOBER):
        address = f"/timetable/pace/line/{book.volume.id}"
        lead = signed_in(book.lead)
        lead.post(address, data={"spread": "1"})
        weeks = line_of(book.term.id, [topic.id for topic in book.topics])
        assert sorted(weeks.values()) == [3, 7, 10, 14, 17, 21]
        lead.post(address, data={f"unit-{book.topics[0].unit_id}": "19"})
        assert set(line_of(book.term.id, list(weeks)).values()) == {19, 20, 21}
        assert signed_in(book.teacher).post(address, data={"spread": "1"}).status_code == 404


def test_the_teacher_marks_her_class_and_the_page_compares_it_with_the_line(
    book: Book, signed_in: Callable[[Person], FlaskClient]
) -> None:
    with travel_to(OCTOBER):
        signed_in(book.lead).post(f"/timetable/pace/line/{book.volume.id}", data={"spread": "1"})
        teacher = signed_in(book.teacher)
        address = f"/timetable/pace/classes/{book.school_class.id}/{book.volume.id}"
        assert "还没有登记" in teacher.get("/timetable/pace").get_data(as_text=True)
        teacher.post(address, data={"topic": [topic.id for topic in book.topics[:4]]})
        assert "比计划快 2 课" in teacher.get("/timetable/pace").get_data(as_text=True)
        teacher.post(address, data={"topic": [book.topics[0].id]})
        assert "比计划慢 1 课" in teacher.get("/timetable/pace").get_data(as_text=True)
        assert "disabled" in signed_in(book.lead).get(address).get_data(as_text=True)
        assert signed_in(book.lead).post(address, data={}).status_code == 403
        assert signed_in(make_person()).get(address).status_code == 404
