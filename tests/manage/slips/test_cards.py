"""Cards for pupils: by class, with PINs that count until the school year ends."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from foundation.clock import travel_to
from foundation.database import db, writing
from foundation.jobs import do_waiting_jobs
from schools.models import AuditEntry, Campus, Enrolment, Person, Pupil, Role, SchoolClass
from schools.pupils import end_of_school_year
from tests.factories import LONG_AGO, make_campus, make_class, make_person

Browser = Callable[[Person], FlaskClient]


@pytest.fixture
def campus(app: Flask) -> Campus:
    return make_campus()


@pytest.fixture
def school_class(campus: Campus) -> SchoolClass:
    school_class = make_class(campus, number=2)
    for seat, name in enumerate(("李小雨", "赵一鸣", "孙悦"), start=1):
        pupil = Pupil(name=name)
        db.session.add(pupil)
        db.session.flush()
        db.session.add(Enrolment(pupil_id=pupil.id, class_id=school_class.id, seat=seat, from_day=LONG_AGO))
    db.session.commit()
    return school_class


def make(client: FlaskClient, school_class: SchoolClass, **sent: object) -> str:
    asked = client.post(f"/manage/cards/{school_class.id}", data=sent or {"everyone": "1"})
    assert asked.status_code == 303, asked.text
    with writing():
        do_waiting_jobs()
        db.session.commit()
    return str(client.get(asked.location).location)


@pytest.mark.parametrize("role", [Role.CAMPUS_ADMIN, Role.ACADEMIC_OFFICE])
def test_a_pupil_signs_in_with_a_card(
    app: Flask, campus: Campus, school_class: SchoolClass, signed_in: Browser, role: Role
) -> None:
    client = signed_in(make_person(campus, roles=[role]))
    page = client.get(make(client, school_class)).text
    assert school_class.code
    code, pin = re.findall(r'paper-secret">([^<]+)<', page)[:2]
    assert (code, len(pin)) == (school_class.code.upper(), 6)
    for words in ("李小雨", "座号 1", "http://localhost/sign-in/pupil", "用到"):
        assert words in page
    pupil = app.test_client()
    answer = pupil.post("/sign-in/pupil", data={"class_code": code, "who": "李小雨", "pin": pin})
    assert answer.location == "/class"
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "pupil_cards_made")).one()
    assert (entry.campus_id, entry.details) == (campus.id, {"count": 3})


def test_the_homeroom_teacher_makes_cards_for_her_class_only(
    app: Flask, campus: Campus, school_class: SchoolClass, signed_in: Browser
) -> None:
    teacher = make_person(campus)
    school_class.homeroom_teacher_id = teacher.id
    other = make_class(campus)
    client = signed_in(teacher)
    assert f"/manage/cards/{school_class.id}" in client.get("/account").text
    assert client.get("/manage/cards").status_code == 200
    assert client.get(f"/manage/cards/{school_class.id}").status_code == 200
    assert "李小雨" in client.get(make(client, school_class)).text
    assert client.get(f"/manage/cards/{other.id}").status_code == 404
    assert client.post(f"/manage/cards/{other.id}", data={"everyone": "1"}).status_code == 404


def test_others_make_no_cards(app: Flask, campus: Campus, school_class: SchoolClass, signed_in: Browser) -> None:
    for person in (make_person(campus), make_person(make_campus(), roles=[Role.CAMPUS_ADMIN])):
        client = signed_in(person)
        assert client.get(f"/manage/cards/{school_class.id}").status_code == 404
        assert client.post(f"/manage/cards/{school_class.id}", data={"everyone": "1"}).status_code == 404
    assert signed_in(make_person(campus)).get("/manage/cards").status_code == 404


def test_a_new_card_ends_the_old_one_and_its_sign_in(
    app: Flask, campus: Campus, school_class: SchoolClass, signed_in: Browser
) -> None:
    client = signed_in(make_person(campus, roles=[Role.CAMPUS_ADMIN]))
    first = re.findall(r'paper-secret">([^<]+)<', client.get(make(client, school_class)).text)
    pupil = app.test_client()
    pupil.post("/sign-in/pupil", data={"class_code": first[0], "who": "1", "pin": first[1]})
    assert pupil.get("/class").status_code == 200
    li = db.session.scalars(select(Pupil).where(Pupil.name == "李小雨")).one()
    again = re.findall(r'paper-secret">([^<]+)<', client.get(make(client, school_class, pupil=li.id)).text)
    assert (len(again), again[0]) == (2, first[0])
    assert pupil.get("/class").status_code == 303
    old = app.test_client().post("/sign-in/pupil", data={"class_code": first[0], "who": "1", "pin": first[1]})
    assert old.status_code == 422


def test_pupils_of_other_classes_get_no_card_here(
    app: Flask, campus: Campus, school_class: SchoolClass, signed_in: Browser
) -> None:
    stranger = Pupil(name="别班的")
    db.session.add(stranger)
    db.session.commit()
    client = signed_in(make_person(campus, roles=[Role.CAMPUS_ADMIN]))
    assert client.post(f"/manage/cards/{school_class.id}", data={"pupil": stranger.id}).status_code == 404
    assert client.post(f"/manage/cards/{school_class.id}", data={}).status_code == 422
    past = client.post(f"/manage/cards/{school_class.id}", data={"everyone": "1", "ends_on": "2020-01-01"})
    assert "有效期要到今天以后。" in past.text


def test_cards_are_destroyed(app: Flask, campus: Campus, school_class: SchoolClass, signed_in: Browser) -> None:
    client = signed_in(make_person(campus, roles=[Role.CAMPUS_ADMIN]))
    page = make(client, school_class)
    assert "还没有销毁" in client.get(f"/manage/cards/{school_class.id}").text
    client.post(f"{page}/destroy")
    assert "卡片已经销毁" in client.get(page).text


def test_an_empty_class_says_so(app: Flask, campus: Campus, signed_in: Browser) -> None:
    empty = make_class(campus)
    client = signed_in(make_person(campus, roles=[Role.CAMPUS_ADMIN]))
    assert "班里还没有学生" in client.get(f"/manage/cards/{empty.id}").text
    assert "没有这样的班级" in client.get("/manage/cards?q=nothing").text


def test_cards_end_with_the_school_year() -> None:
    assert end_of_school_year(date(2026, 9, 1)) == date(2027, 8, 31)
    assert end_of_school_year(date(2027, 3, 1)) == date(2027, 8, 31)
    assert end_of_school_year(date(2027, 8, 25)) == date(2028, 8, 31)


def test_a_card_counts_until_its_day(app: Flask, campus: Campus, school_class: SchoolClass, signed_in: Browser) -> None:
    client = signed_in(make_person(campus, roles=[Role.CAMPUS_ADMIN]))
    soon = make(client, school_class, everyone="1", ends_on="2099-08-31")
    code, pin = re.findall(r'paper-secret">([^<]+)<', client.get(soon).text)[:2]
    sent = {"class_code": code, "who": "1", "pin": pin}
    with travel_to(datetime(2099, 8, 31, 12, tzinfo=UTC)):
        assert app.test_client().post("/sign-in/pupil", data=sent).status_code == 422
    with travel_to(datetime(2099, 8, 30, 12, tzinfo=UTC)):
        assert app.test_client().post("/sign-in/pupil", data=sent).status_code == 303
