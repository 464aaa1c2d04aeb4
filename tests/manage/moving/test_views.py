"""升级: the preview and what is done."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from foundation.clock import travel_to
from foundation.database import db
from schools.access import prep_group_members
from schools.models import AuditEntry, Campus, Enrolment, Group, Moving, Person, Pupil, Role, SchoolClass, Stage
from tests.factories import (
    LONG_AGO,
    make_assignment,
    make_campus,
    make_class,
    make_group,
    make_person,
    make_prep_group,
    make_subject,
)

SignedIn = Callable[[Person], FlaskClient]
DAY = date(2026, 8, 20)


@pytest.fixture(autouse=True)
def late_in_august() -> Iterator[None]:
    with travel_to(datetime(2026, 8, 20, 2, tzinfo=UTC)):
        yield


@pytest.fixture
def group(app: Flask) -> Group:
    return make_group()


@pytest.fixture
def campus(group: Group) -> Campus:
    return make_campus(group, "安平校区", stages=["primary"])


@pytest.fixture
def admin(campus: Campus) -> Person:
    return make_person(campus, roles=[Role.CAMPUS_ADMIN])


def make(campus: Campus, grade: int, number: int, name: str) -> SchoolClass:
    """A class as it was in the school year 2025."""
    made = SchoolClass(
        campus_id=campus.id, stage=Stage.PRIMARY, entry_year=2025 - (grade - 1), grade=grade, number=number, name=name
    )
    db.session.add(made)
    db.session.flush()
    place = Enrolment(class_id=made.id, seat=1, from_day=LONG_AGO)
    db.session.add(Pupil(name=f"{name}的学生", enrolments=[place]))
    db.session.commit()
    return made


def move_up(browser: FlaskClient, campus: Campus, **new: str) -> int:
    page = browser.get(f"/manage/moving/{campus.id}").text
    found = re.search(r'name="seen" value="([^"]*)"', page)
    seen = found[1] if found else ""
    return browser.post(f"/manage/moving/{campus.id}", data={"seen": seen, **new}).status_code


def test_the_preview_shows_the_fate_of_every_class_and_changes_nothing(
    campus: Campus, admin: Person, signed_in: SignedIn
) -> None:
    third, top = make(campus, 3, 2, "三(2)班"), make(campus, 6, 1, "六(1)班")
    make(campus, 4, 1, "向日葵班")
    make_assignment(make_person(campus), third, make_subject())
    page = signed_in(admin).get(f"/manage/moving/{campus.id}").text
    assert page.index("三(2)班") < page.index("四(2)班")
    assert "2 个班升级" in page
    assert "1 个班毕业" in page
    assert "1 项任课从今天起结束" in page
    assert "1 名毕业班学生" in page
    assert "不能撤销" in page
    db.session.expire_all()
    assert (third.grade, top.left_on) == (3, None)


def test_classes_move_up_and_nothing_old_is_lost(
    campus: Campus, group: Group, admin: Person, signed_in: SignedIn
) -> None:
    third, top = make(campus, 3, 2, "三(2)班"), make(campus, 6, 1, "六(1)班")
    named = make(campus, 4, 1, "向日葵班")
    subject = make_subject("语文")
    teacher = make_person(campus, "李芳")
    prep_group = make_prep_group(group, subject)
    assignment = make_assignment(teacher, third, subject)
    assert prep_group_members(prep_group.id) == {teacher.id}
    browser = signed_in(admin)
    assert move_up(browser, campus, **{"new-primary": "2"}) == 303

    db.session.expire_all()
    assert (third.name, third.grade, third.entry_year, third.left_on) == ("四(2)班", 4, 2023, None)
    assert (named.name, named.grade) == ("向日葵班", 5)
    assert (top.name, top.grade, top.left_on) == ("六(1)班", 6, DAY)
    assert assignment.to_day == DAY
    assert prep_group_members(prep_group.id) == frozenset()

    left = db.session.scalars(select(Enrolment).where(Enrolment.class_id == top.id)).one()
    stays = db.session.scalars(select(Enrolment).where(Enrolment.class_id == third.id)).one()
    assert (left.to_day, db.session.get_one(Pupil, left.pupil_id).ends_on) == (DAY, DAY)
    assert (stays.to_day, db.session.get_one(Pupil, stays.pupil_id).ends_on) == (None, None)

    new = db.session.scalars(select(SchoolClass).where(SchoolClass.entry_year == 2026)).all()
    assert sorted(each.name for each in new) == ["一(1)班", "一(2)班"]
    assert "李芳" in browser.get(f"/manage/classes/{third.id}").text
    assert "六(1)班的学生" in browser.get(f"/manage/classes/{top.id}").text
    assert "六(1)班" in browser.get("/manage/classes?left=1").text
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "classes_moved_up")).one()
    assert (entry.details["moved"], entry.details["left"], entry.details["made"]) == (2, 1, 2)


def test_it_is_done_once_a_year(campus: Campus, admin: Person, signed_in: SignedIn) -> None:
    third = make(campus, 3, 2, "三(2)班")
    browser = signed_in(admin)
    assert move_up(browser, campus) == 303
    again = browser.post(f"/manage/moving/{campus.id}", data={"seen": f"{third.id}.4"})
    assert again.status_code == 409
    assert "已经升入 2026 学年，一年只能升一次" in again.text
    assert "已在 2026年8月20日升入" in browser.get(f"/manage/moving/{campus.id}").text
    db.session.expire_all()
    assert third.grade == 4
    with travel_to(datetime(2027, 8, 20, 2, tzinfo=UTC)):
        assert move_up(signed_in(admin), campus) == 303
    db.session.expire_all()
    assert third.grade == 5


def test_a_class_that_came_after_the_preview_stops_it(campus: Campus, admin: Person, signed_in: SignedIn) -> None:
    third = make(campus, 3, 2, "三(2)班")
    seen = f"{third.id}.3"
    make(campus, 5, 1, "五(1)班")
    answer = signed_in(admin).post(f"/manage/moving/{campus.id}", data={"seen": seen})
    assert answer.status_code == 409
    assert "什么都没有改" in answer.text
    db.session.expire_all()
    assert third.grade == 3
    assert db.session.scalar(select(Moving.id)) is None


def test_classes_that_are_in_the_new_years_grade_already_stay(
    campus: Campus, admin: Person, signed_in: SignedIn
) -> None:
    new = make(campus, 1, 1, "一(1)班")
    new.entry_year = 2026
    third = make(campus, 3, 2, "三(2)班")
    browser = signed_in(admin)
    page = browser.get(f"/manage/moving/{campus.id}").text
    assert "1 个班不动" in page
    assert "已经有：一(1)班" in page
    move_up(browser, campus, **{"new-primary": "1"})
    db.session.expire_all()
    assert (new.grade, third.grade) == (1, 4)
    names = db.session.scalars(select(SchoolClass.name).where(SchoolClass.entry_year == 2026))
    assert sorted(names) == ["一(1)班", "一(2)班"]


def test_there_is_nothing_to_move_in_a_campus_whose_classes_are_new(
    campus: Campus, admin: Person, signed_in: SignedIn
) -> None:
    make(campus, 1, 1, "一(1)班").entry_year = 2026
    assert "没有要升的班级" in signed_in(admin).get(f"/manage/moving/{campus.id}").text


def test_a_kindergarten_and_a_junior_school_have_their_own_last_years(group: Group, signed_in: SignedIn) -> None:
    campus = make_campus(group, stages=["kindergarten", "junior"])
    admin = make_person(campus, roles=[Role.CAMPUS_ADMIN])
    big = make_class(campus, stage=Stage.KINDERGARTEN, grade=3, number=1)
    nine = make_class(campus, stage=Stage.JUNIOR, grade=9, number=9)
    seven = make_class(campus, stage=Stage.JUNIOR, grade=7, number=1)
    assert move_up(signed_in(admin), campus, **{"new-junior": "1", "new-kindergarten": "1"}) == 303
    db.session.expire_all()
    assert (big.left_on, nine.left_on, seven.left_on, seven.grade) == (DAY, DAY, None, 8)
    names = db.session.scalars(select(SchoolClass.name).where(SchoolClass.entry_year == 2026))
    assert sorted(names) == ["七(1)班", "小(1)班"]


def test_only_who_looks_after_the_pupils_moves_them_up(campus: Campus, group: Group, signed_in: SignedIn) -> None:
    third = make(campus, 3, 2, "三(2)班")
    office = signed_in(make_person(campus, roles=[Role.ACADEMIC_OFFICE]))
    assert "由这个校区的管理员来做" in office.get(f"/manage/moving/{campus.id}").text
    assert office.post(f"/manage/moving/{campus.id}", data={"seen": f"{third.id}.3"}).status_code == 403
    stranger = signed_in(make_person(make_campus(group), roles=[Role.CAMPUS_ADMIN]))
    assert stranger.get(f"/manage/moving/{campus.id}").status_code == 404
    assert stranger.post(f"/manage/moving/{campus.id}").status_code == 404


def test_how_many_new_classes_must_be_a_number(campus: Campus, admin: Person, signed_in: SignedIn) -> None:
    make(campus, 3, 2, "三(2)班")
    assert move_up(signed_in(admin), campus, **{"new-primary": "很多"}) == 422
    assert db.session.scalar(select(Moving.id)) is None
