"""Pupils: signing in with the card of a class, and reaching nothing but their own page."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from foundation import allow
from foundation.clock import now, today, travel_to
from foundation.database import db
from schools import pupils, signing_in
from schools.models import Enrolment, Pupil, PupilSignIn, SchoolClass
from schools.passwords import hash_password
from tests.databases import on_both_databases
from tests.factories import LONG_AGO, PASSWORD, make_campus, make_class, make_person

PIN = "483920"
SAME_SENTENCE = "班级码、姓名（座号）或 PIN 码不对，请看着卡片再试一次。"


@pytest.fixture
def school_class(app: Flask) -> SchoolClass:
    school_class = make_class(make_campus())
    school_class.code = "k7m2xp"
    db.session.commit()
    return school_class


@pytest.fixture
def li(school_class: SchoolClass) -> Pupil:
    return add(school_class, "李小雨", 7)


def add(school_class: SchoolClass, name: str, seat: int | None, pin: str = PIN) -> Pupil:
    pupil = Pupil(name=name, pin_hash=hash_password(pin))
    db.session.add(pupil)
    db.session.flush()
    db.session.add(Enrolment(pupil_id=pupil.id, class_id=school_class.id, seat=seat, from_day=LONG_AGO))
    db.session.commit()
    return pupil


def knock(client: FlaskClient, who: str = "李小雨", pin: str = PIN, class_code: str = "k7m2xp") -> int:
    return client.post("/sign-in/pupil", data={"class_code": class_code, "who": who, "pin": pin}).status_code


def is_in(client: FlaskClient) -> bool:
    return client.get("/class").status_code == 200


@on_both_databases
@pytest.mark.parametrize("who", ["李小雨", "7", "７", " 李小雨 "])
def test_a_pupil_signs_in_with_class_code_name_or_seat_and_pin(app: Flask, li: Pupil, who: str) -> None:
    client = app.test_client()
    assert knock(client, who, class_code=" Ｋ7M2XP") == 303
    page = client.get("/class").text
    assert "李小雨" in page
    assert client.get("/sign-in/pupil").location == "/class"


@pytest.mark.parametrize(
    ("who", "pin", "class_code"),
    [
        ("李小雨", "000000", "k7m2xp"),
        ("王小雨", PIN, "k7m2xp"),
        ("李小雨", PIN, "zzzzzz"),
        ("8", PIN, "k7m2xp"),
        ("", "", ""),
    ],
)
def test_whatever_is_wrong_the_answer_is_the_same(app: Flask, li: Pupil, who: str, pin: str, class_code: str) -> None:
    client = app.test_client()
    answer = client.post("/sign-in/pupil", data={"class_code": class_code, "who": who, "pin": pin})
    assert (answer.status_code, SAME_SENTENCE in answer.text) == (422, True)


def test_pupils_of_one_name_are_asked_for_their_seat(app: Flask, school_class: SchoolClass, li: Pupil) -> None:
    add(school_class, "李小雨", 8, "111222")
    client = app.test_client()
    answer = client.post("/sign-in/pupil", data={"class_code": "k7m2xp", "who": "李小雨", "pin": PIN})
    assert (answer.status_code, "请改填座号" in answer.text) == (422, True)
    assert knock(client, "李小雨", "999999") == 422
    assert knock(client, "8", "111222") == 303


def test_a_pupil_without_a_card_does_not_get_in(app: Flask, school_class: SchoolClass, li: Pupil) -> None:
    li.pin_hash = ""
    assert knock(app.test_client(), pin="") == 422


def test_a_card_ends_with_its_day_with_the_enrolment_and_with_the_class(
    app: Flask, school_class: SchoolClass, li: Pupil
) -> None:
    client = app.test_client()
    knock(client)
    enrolment = db.session.scalars(select(Enrolment)).one()
    for thing, field in ((li, "ends_on"), (enrolment, "to_day"), (school_class, "left_on")):
        setattr(thing, field, today())
        assert not is_in(client)
        assert knock(app.test_client()) == 422
        setattr(thing, field, today() + timedelta(days=1))
        assert is_in(client)
        assert knock(app.test_client()) == 303


def test_a_sign_in_ends_after_a_school_day_and_by_signing_out(app: Flask, li: Pupil) -> None:
    client = app.test_client()
    knock(client)
    with travel_to(now() + timedelta(hours=13)):
        assert not is_in(client)
        pupils.forget_old_sign_ins()
    assert db.session.scalar(select(func.count()).select_from(PupilSignIn)) == 0
    knock(client)
    assert client.post("/sign-out").location == "/sign-in/pupil"
    assert not is_in(client)
    assert db.session.scalar(select(func.count()).select_from(PupilSignIn)) == 0


def test_the_cookie_of_a_pupil_ends_with_the_browser(app: Flask, li: Pupil) -> None:
    client = app.test_client()
    answer = client.post("/sign-in/pupil", data={"class_code": "k7m2xp", "who": "7", "pin": PIN})
    assert "Expires" not in answer.headers["Set-Cookie"]


def test_guessing_a_pin_has_to_wait_by_pupil_by_class_and_by_address(
    app: Flask, school_class: SchoolClass, li: Pupil, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(pupils.FAILURES_OF_PUPIL):
        assert knock(app.test_client(), pin="000000") == 422
    assert knock(app.test_client()) == 429
    assert knock(app.test_client(), "7") == 303  # each way of naming a pupil is counted
    monkeypatch.setattr(pupils, "FAILURES_OF_CLASS", pupils.FAILURES_OF_PUPIL)
    assert knock(app.test_client(), "7") == 429
    other = make_class(make_campus())
    other.code = "abcdef"
    add(other, "赵一鸣", 1)
    assert knock(app.test_client(), "1", class_code="abcdef") == 303
    monkeypatch.setattr(pupils, "FAILURES_OF_ADDRESS", pupils.FAILURES_OF_PUPIL)
    assert knock(app.test_client(), "1", class_code="abcdef") == 429


def test_a_teacher_at_the_same_computer_is_signed_out_first(app: Flask, li: Pupil) -> None:
    person = make_person(staff_number="1001", password=PASSWORD)
    client = app.test_client()
    client.post("/sign-in", data={"login": "1001", "password": PASSWORD})
    assert knock(client) == 303
    assert is_in(client)
    assert client.get("/account").location == "/class"
    assert signing_in.sign_ins_of(person) == []


def test_a_pupil_reaches_no_page_but_their_own(app: Flask, li: Pupil) -> None:
    client = app.test_client()
    knock(client)
    with app.test_request_context():
        reached = [
            (rule.rule, method, answer.status_code)
            for rule in app.url_map.iter_rules()
            if rule.endpoint not in signing_in.FOR_PUPILS_TOO | {"static"}
            if allow.rule_of(app.view_functions[rule.endpoint]) != allow.PUPIL
            for method in ("GET", "POST")
            if method in (rule.methods or ())
            for address in [app.url_for(rule.endpoint, **dict.fromkeys(rule.arguments, "1"))]
            for answer in [client.open(address, method=method)]
            if (answer.status_code, answer.location) != (303, "/class")
        ]
    assert reached == []


def test_what_pupils_reach_beside_their_page_is_open_to_anyone(app: Flask) -> None:
    rules = {name: allow.rule_of(app.view_functions[name]) for name in signing_in.FOR_PUPILS_TOO}
    assert set(rules.values()) == {allow.ANYONE}


def test_sockets_do_not_know_pupils(app: Flask, li: Pupil) -> None:
    client = app.test_client()
    knock(client)
    kept = client.get_cookie("session")
    assert kept
    assert signing_in.who_is(f"session={kept.value}") is None


def test_the_page_of_pupils_is_for_nobody_else(app: Flask, li: Pupil) -> None:
    make_person(staff_number="1001", password=PASSWORD)
    client = app.test_client()
    assert client.get("/class").location == "/sign-in/pupil"
    client.post("/sign-in", data={"login": "1001", "password": PASSWORD})
    assert client.get("/class").location == "/"


def test_the_page_shows_name_and_class_only(app: Flask, school_class: SchoolClass, li: Pupil) -> None:
    client = app.test_client()
    knock(client)
    page = client.get("/class").text
    assert "李小雨" in page
    assert school_class.name in page
    assert school_class.campus.name not in page
    assert "k7m2xp" not in page.lower()


def test_the_picture_on_a_card_fills_the_class_in(app: Flask, li: Pupil) -> None:
    assert 'value="K7M2XP"' in app.test_client().get("/sign-in/pupil?class=k7m2xp").text
