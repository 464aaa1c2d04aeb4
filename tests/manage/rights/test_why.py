"""为什么: the sentences, who may ask, and about whom."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from foundation.clock import today, travel_to
from foundation.database import db
from lessons.reasons import WhyPlan, why_plan
from schools.models import Campus, Group, Person, Role, Visibility
from schools.reasons import Inquiry
from tests.factories import (
    grant,
    make_assignment,
    make_campus,
    make_class,
    make_group,
    make_person,
    make_plan,
    make_posting,
    make_prep_group,
    make_subject,
)
from tests.lessons.queries_counted import queries_counted
from tests.lessons.worlds import NOON

Browser = Callable[[Person], FlaskClient]


@pytest.fixture
def group(app: Flask) -> Group:
    return make_group("罗溪片区")


@pytest.fixture
def campus(group: Group) -> Campus:
    return make_campus(group, "丹江路校区")


def asked(app: Flask, person: Person, plan: object) -> WhyPlan:
    with app.test_request_context():
        return why_plan(Inquiry(person), plan)  # type: ignore[arg-type]


def test_teaching_is_told_with_class_and_date(app: Flask, group: Group, campus: Campus) -> None:
    chinese, teacher = make_subject("语文"), make_person(campus)
    prep_group = make_prep_group(group, chinese, grade=5, name="五年级语文")
    make_assignment(teacher, make_class(campus, grade=5, number=2), chinese, from_day=date(2025, 9, 1))
    plan = make_plan(make_person(campus), prep_group=prep_group, visibility=Visibility.PREP_GROUP)
    why = asked(app, teacher, plan)
    sentence = "是备课组“五年级语文”的成员：任教丹江路校区5（2）班的语文（2025年9月1日起）"
    assert (why.reading.reasons, why.writing.reasons) == ([sentence], [sentence])


def test_every_rule_that_lets_somebody_read_is_told(app: Flask, group: Group, campus: Campus) -> None:
    head = make_person(campus)
    grant(head, Role.HEAD, campus_id=campus.id, from_day=date(2025, 8, 1), to_day=date(2028, 8, 1))
    plan = make_plan(make_person(campus), visibility=Visibility.GROUP, writers=[head])
    why = asked(app, head, plan)
    assert list(why.reading.reasons) == [
        f"作者请来一起写（{today().year}年{today().month}月{today().day}日起）",
        "担任丹江路校区的校长（2025年8月1日起，到2028年7月31日为止）",
        "在丹江路校区任职（本校，2020年9月1日起），是罗溪片区的校区",
    ]
    assert len(why.writing.reasons) == 1


def test_who_no_longer_sees_is_told_until_when_and_why(app: Flask, group: Group, campus: Campus) -> None:
    guest = make_person(posted=False)
    make_posting(guest, campus, from_day=date(2025, 9, 1), to_day=date(2026, 7, 1))
    plan = make_plan(make_person(campus), visibility=Visibility.CAMPUS)
    with travel_to(NOON):
        why = asked(app, guest, plan)
    assert why.reading.reasons == ()
    assert why.reading.before == date(2026, 6, 30)
    assert list(why.reading.reasons_then) == ["在丹江路校区任职（本校，2025年9月1日起，到2026年6月30日为止）"]


def test_who_does_not_see_yet_is_told_from_when(app: Flask, group: Group, campus: Campus) -> None:
    comer = make_person(posted=False)
    make_posting(comer, campus, from_day=date(2026, 12, 1))
    plan = make_plan(make_person(campus), visibility=Visibility.CAMPUS)
    with travel_to(NOON):
        assert asked(app, comer, plan).reading.after == date(2026, 12, 1)


def test_a_personal_plan_is_said_to_be_one(app: Flask, campus: Campus) -> None:
    why = asked(app, make_person(campus), make_plan(make_person(campus)))
    assert why.otherwise == "这是一份个人教案，只有作者和作者请来一起写的人能看"


def test_the_page_finds_somebody_by_initials_and_says_why(group: Group, campus: Campus, signed_in: Browser) -> None:
    owner = make_person(campus)
    make_person(campus, "林晓雯")
    make_person(campus, "林小文")
    plan = make_plan(owner, title="富饶的西沙群岛", visibility=Visibility.CAMPUS)
    browser = signed_in(owner)
    address = f"/why/plan/{plan.code}"
    assert address in browser.get(f"/plans/{plan.code}").text
    assert browser.get(address).status_code == 200
    several = browser.get(address, query_string={"find": "lxw"}).text
    assert "林晓雯" in several
    assert "林小文" in several
    assert "能看这份教案吗？" not in several
    one = browser.get(address, query_string={"find": "林晓雯"}).text
    assert "能看这份教案吗？" in one
    assert "在丹江路校区任职" in one
    nobody = browser.get(address, query_string={"find": "没有这个人"}).text
    assert "您能看到的人里没有" in nobody


def test_one_asks_only_about_what_one_sees_and_whom(campus: Campus, signed_in: Browser) -> None:
    owner = make_person(campus)
    plan, stranger = make_plan(owner), make_person()
    assert signed_in(stranger).get(f"/why/plan/{plan.code}").status_code == 404
    browser = signed_in(owner)
    assert browser.get(f"/why/plan/{plan.code}?person={stranger.id}").status_code == 404
    for address in (f"/why/campus/{stranger.postings[0].campus_id}", f"/why/person/{stranger.id}", "/why/moon/1"):
        assert browser.get(address).status_code == 404
    found = browser.get(f"/why/plan/{plan.code}", query_string={"find": stranger.name}).text
    assert "您能看到的人里没有" in found
    assert "能看这份教案吗？" not in found


def test_campuses_classes_and_people_can_be_asked_about(group: Group, campus: Campus, signed_in: Browser) -> None:
    admin = make_person(make_campus(group), "周主任")
    grant(admin, Role.GROUP_ADMIN, group_id=group.id)
    teacher = make_person(campus)
    school_class = make_class(campus)
    browser = signed_in(teacher)
    for address in (f"/why/campus/{campus.id}", f"/why/class/{school_class.id}", f"/why/person/{teacher.id}"):
        page = browser.get(address, query_string={"find": "周主任"}).text
        assert "担任罗溪片区的集团管理员" in page
    campus.memberships[0].group_manages = False
    db.session.commit()
    assert "担任罗溪片区" not in browser.get(f"/why/campus/{campus.id}?find=周主任").text


def test_seeing_as_somebody_is_offered_to_who_may(group: Group, campus: Campus, signed_in: Browser) -> None:
    admin, teacher = make_person(campus, roles=[Role.CAMPUS_ADMIN]), make_person(campus)
    assert "以此人身份查看" in signed_in(admin).get(f"/why/campus/{campus.id}?person={teacher.id}").text
    assert "以此人身份查看" not in signed_in(teacher).get(f"/why/campus/{campus.id}?person={admin.id}").text


def test_the_answer_takes_few_queries(app: Flask, campus: Campus, signed_in: Browser) -> None:
    owner, reader = make_person(campus), make_person(campus)
    plan = make_plan(owner, visibility=Visibility.CAMPUS)
    for days in range(1, 20):
        make_posting(
            reader, make_campus(), from_day=today() - timedelta(days=days + 5), to_day=today() - timedelta(days=days)
        )
    browser = signed_in(owner)
    with queries_counted() as statements:
        browser.get(f"/why/plan/{plan.code}?person={reader.id}")
    assert len(statements) <= 50
