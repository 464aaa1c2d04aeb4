"""代课 and 换课 want the other's word: asked, agreed or refused, taken back, and told to everyone concerned."""

from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient

from foundation.clock import travel_to
from foundation.database import db
from notices.kinds import sentence_of
from notices.models import Notice
from schools.models import Person
from tests.factories import make_class, make_person
from tests.manage.timetables.test_pages import WEDNESDAY, School
from timetable.models import LessonAsk, TimetableChange

Browser = Callable[[Person], FlaskClient]


@pytest.fixture
def school(signed_in: Browser) -> Iterator[School]:
    with travel_to(WEDNESDAY):
        made = School(signed_in)
        made.add_term()
        made.add_bell()
        yield made


def told(person: Person) -> list[str]:
    rows = db.session.query(Notice).filter_by(person_id=person.id).order_by(Notice.id)
    return [sentence_of(each.kind, each.facts) for each in rows if each.kind.startswith("lesson_ask")]


def asks() -> list[LessonAsk]:
    db.session.expire_all()
    return db.session.query(LessonAsk).order_by(LessonAsk.id).all()


def test_a_colleague_asked_to_teach_agrees_and_only_then_the_timetable_changes(
    school: School, signed_in: Browser
) -> None:
    maths = school.set_cell(3, 2, school.maths, school.wang)
    address = f"/timetable/lessons/{maths}/ask?day=2026-09-16"
    wang, li, stranger = signed_in(school.wang), signed_in(school.li), make_person(school.campus, "孙丽")
    assert f"/timetable/lessons/{maths}/ask?day=2026-09-16" in wang.get("/timetable?week=2026-09-16").text
    assert li.get(address).status_code == 404
    form = {"what": "substitute", "person": "李强", "reason": "外出教研"}
    assert wang.post(address, data=form).status_code == 303
    assert wang.post(address, data=form).status_code == 409
    lesson = f"{school.third.name} 数学 9月16日 周三 第2节，请李强代课"
    assert told(school.li) == [f"王芳想请您帮忙：{lesson}。原因：外出教研。"]
    page = f"/timetable/asks/{asks()[0].code}"
    assert db.session.query(TimetableChange).count() == 0
    assert signed_in(stranger).get(page).status_code == 404
    assert wang.post(page, data={"agree": "1"}).status_code == 404
    assert li.post(page, data={"agree": "1", "note": "没问题"}).status_code == 303
    assert db.session.query(TimetableChange).one().person_id == school.li.id
    assert told(school.wang) == told(school.office) == [f"李强同意了：{lesson}。课表已经更新。留言：没问题。"]
    assert wang.post(page, data={"take_back": "1"}).status_code == 409
    assert wang.get(address).status_code == 409


def test_a_swap_is_refused_with_a_word_taken_back_or_agreed_to_by_the_office(
    school: School, signed_in: Browser
) -> None:
    maths = school.set_cell(3, 2, school.maths, school.wang)
    chinese = school.set_cell(4, 3, school.chinese, school.li)
    address = f"/timetable/lessons/{maths}/ask?day=2026-09-16"
    wang, li = signed_in(school.wang), signed_in(school.li)
    form = {"what": "swap", "swap": f"{chinese}@2026-09-17"}

    wang.post(address, data=form)
    page = f"/timetable/asks/{asks()[0].code}"
    assert li.post(page, data={"refuse": "1"}).status_code == 422
    assert li.post(page, data={"refuse": "1", "note": "那天开会"}).status_code == 303
    assert told(school.wang)[0].endswith("对调。留言：那天开会。")
    assert told(school.office) == []

    wang.post(address, data=form)
    assert wang.post(f"/timetable/asks/{asks()[1].code}", data={"take_back": "1"}).status_code == 303
    assert told(school.li)[-1].startswith("王芳撤回了请求：")

    wang.post(address, data=form)
    assert school.client.post(f"/timetable/asks/{asks()[2].code}", data={"agree": "1"}).status_code == 303
    assert {each.entry_id for each in db.session.query(TimetableChange)} == {maths, chinese}
    shown = li.get("/timetable/asks").text
    assert [shown.count(f"{word}</span>") for word in ("不方便", "已撤回", "已同意")] == [1, 1, 1]


def test_who_is_busy_then_is_said_before_asking_and_before_agreeing(school: School, signed_in: Browser) -> None:
    maths = school.set_cell(3, 2, school.maths, school.wang)
    address = f"/timetable/lessons/{maths}/ask?day=2026-09-16"
    school.third = make_class(school.campus, number=3)
    school.set_cell(3, 2, school.chinese, school.li)
    wang = signed_in(school.wang)
    form = {"what": "substitute", "person": "李强"}
    refused = wang.post(address, data=form)
    assert refused.status_code == 422
    assert "李强在9月16日 周三 上午第2节（9:10–9:50）已有课" in refused.text
    assert wang.post(address, data=form | {"anyway": "1"}).status_code == 303
    li, page = signed_in(school.li), f"/timetable/asks/{asks()[0].code}"
    assert "李强在9月16日" in li.get(page).text
    assert li.post(page, data={"agree": "1"}).status_code == 422
    assert li.post(page, data={"agree": "1", "anyway": "1"}).status_code == 303
