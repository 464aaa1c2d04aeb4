"""Prep groups: who is in them, why, and who changes that."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from foundation.clock import today
from foundation.database import db
from schools.access import prep_group_leads, prep_group_members
from schools.models import AuditEntry, Campus, Group, Person, PrepGroup, PrepGroupPick, Role, RoleGrant, Subject
from tests.factories import (
    grant,
    make_assignment,
    make_campus,
    make_class,
    make_group,
    make_person,
    make_plan,
    make_prep_group,
    make_subject,
)
from tests.lessons.queries_counted import queries_counted

SignedIn = Callable[[Person], FlaskClient]


@pytest.fixture
def group(app: Flask) -> Group:
    return make_group()


@pytest.fixture
def campus(group: Group) -> Campus:
    return make_campus(group, "安平校区", stages=["primary"])


@pytest.fixture
def admin(campus: Campus, group: Group) -> Person:
    admin = make_person(campus)
    grant(admin, Role.GROUP_ADMIN, group_id=group.id)
    return admin


@pytest.fixture
def subject(app: Flask) -> Subject:
    return make_subject("语文")


@pytest.fixture
def prep_group(group: Group, subject: Subject) -> PrepGroup:
    return make_prep_group(group, subject, name="三年级语文备课组")


def test_the_page_says_who_is_in_by_which_class_and_who_by_hand(
    prep_group: PrepGroup, campus: Campus, subject: Subject, admin: Person, signed_in: SignedIn
) -> None:
    make_assignment(make_person(campus, "李芳"), make_class(campus, grade=3, number=2), subject)
    make_assignment(make_person(campus, "张远"), make_class(campus, grade=4, number=1), subject)
    browser = signed_in(admin)
    make_person(campus, "王强")
    browser.post(f"/manage/prep-groups/{prep_group.id}/picks", data={"person": "王强"})
    page = browser.get(f"/manage/prep-groups/{prep_group.id}").text
    assert "3（2）班" in page
    assert "李芳" in page
    assert "张远" not in page
    assert page.index("因任课进组") < page.index("点名加入") < page.index("王强")


def test_a_pick_holds_until_its_day(prep_group: PrepGroup, campus: Campus, admin: Person, signed_in: SignedIn) -> None:
    person = make_person(campus, "王强")
    tomorrow = today() + timedelta(days=1)
    address = f"/manage/prep-groups/{prep_group.id}/picks"
    browser = signed_in(admin)
    browser.post(address, data={"person": "王强", "to_day": tomorrow.isoformat()})
    assert prep_group_members(prep_group.id) == {person.id}
    assert prep_group_members(prep_group.id, tomorrow) == frozenset()
    assert "已经点名加入" in browser.post(address, data={"person": "王强"}).text
    wrong = {"person": "王强", "from_day": tomorrow.isoformat(), "to_day": tomorrow.isoformat()}
    assert "结束日期应在开始日期之后" in browser.post(address, data=wrong).text

    picked = db.session.scalars(select(PrepGroupPick)).one()
    picked.from_day = today() - timedelta(days=3)
    browser.post(f"{address}/{picked.id}/end")
    assert prep_group_members(prep_group.id) == frozenset()
    assert "以前的" in browser.get(f"/manage/prep-groups/{prep_group.id}").text
    done = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id))
    assert [action for action in done if action.startswith("pick_")] == ["pick_made", "pick_ended"]


def test_a_lead_is_named_and_leaves(prep_group: PrepGroup, campus: Campus, admin: Person, signed_in: SignedIn) -> None:
    person = make_person(campus, "王强")
    browser = signed_in(admin)
    address = f"/manage/prep-groups/{prep_group.id}/leads"
    assert "请填写姓名或工号" in browser.post(address, data={}).text
    browser.post(address, data={"lead": "王强"})
    assert prep_group_leads(prep_group.id) == {person.id}
    assert "王强已经是组长" in browser.post(address, data={"lead": "王强"}).text
    assert "王强" in browser.get("/manage/prep-groups").text
    held = db.session.scalars(select(RoleGrant).where(RoleGrant.role == Role.PREP_LEAD)).one()
    browser.post(f"{address}/{held.id}/end")
    assert prep_group_leads(prep_group.id) == frozenset()


def test_the_academic_office_arranges_prep_groups_but_names_no_leads(
    prep_group: PrepGroup, campus: Campus, group: Group, signed_in: SignedIn
) -> None:
    office = make_person(campus)
    grant(office, Role.ACADEMIC_OFFICE, group_id=group.id)
    browser = signed_in(office)
    assert browser.post(f"/manage/prep-groups/{prep_group.id}/picks", data={"person": office.name}).status_code == 303
    assert browser.post(f"/manage/prep-groups/{prep_group.id}/leads", data={"lead": office.name}).status_code == 403


def test_a_prep_group_is_named_after_grade_and_subject(
    group: Group, subject: Subject, admin: Person, signed_in: SignedIn
) -> None:
    sent = {"subject": subject.id, "grade": "primary-5", "reach": "group"}
    browser = signed_in(admin)
    assert browser.post(f"/manage/prep-groups/new?group={group.id}", data=sent).status_code == 303
    made = db.session.scalars(select(PrepGroup)).one()
    assert (made.name, made.grade, made.whole_group) == ("五年级语文备课组", 5, True)
    assert "请换个名字" in browser.post(f"/manage/prep-groups/new?group={group.id}", data=sent).text
    sent = {**sent, "grade": "primary-0", "name": "小学语文"}
    browser.post(f"/manage/prep-groups/{made.id}/edit", data=sent)
    db.session.expire_all()
    assert (made.name, made.grade) == ("小学语文", None)


def test_a_campus_makes_prep_groups_of_its_own_only(
    group: Group, campus: Campus, prep_group: PrepGroup, subject: Subject, signed_in: SignedIn
) -> None:
    browser = signed_in(make_person(campus, roles=[Role.ACADEMIC_OFFICE]))
    address = f"/manage/prep-groups/new?group={group.id}"
    sent = {"subject": subject.id, "grade": "primary-5"}
    assert browser.post(address, data={**sent, "reach": "group"}).status_code == 403
    other = make_campus(group)
    assert (
        browser.post(address, data={**sent, "reach": "campuses", "campuses": [campus.id, other.id]}).status_code == 403
    )
    assert browser.post(address, data={**sent, "reach": "campuses", "campuses": [campus.id]}).status_code == 303
    assert browser.get(f"/manage/prep-groups/{prep_group.id}").status_code == 200
    assert browser.get(f"/manage/prep-groups/{prep_group.id}/edit").status_code == 404
    assert browser.post(f"/manage/prep-groups/{prep_group.id}/delete").status_code == 403


def test_missing_prep_groups_are_made_in_one_step(
    group: Group, campus: Campus, subject: Subject, prep_group: PrepGroup, admin: Person, signed_in: SignedIn
) -> None:
    teacher = make_person(campus)
    make_assignment(teacher, make_class(campus, grade=3), subject)
    make_assignment(teacher, make_class(campus, grade=4), subject)
    make_assignment(make_person(), make_class(make_campus(), grade=5), subject)
    browser = signed_in(admin)
    assert "有 1 个年级学科有人任课，却没有备课组" in browser.get("/manage/prep-groups").text
    page = browser.get(f"/manage/prep-groups/fill?group={group.id}").text
    assert "四年级语文备课组" in page
    assert "三年级语文备课组" not in page
    sent = {"wanting": [f"{subject.id}-primary-4", f"{subject.id}-primary-3"]}
    browser.post(f"/manage/prep-groups/fill?group={group.id}", data=sent)
    made = db.session.scalars(select(PrepGroup).where(PrepGroup.grade == 4)).one()
    assert prep_group_members(made.id) == {teacher.id}
    assert "已经齐了" in browser.get(f"/manage/prep-groups/fill?group={group.id}").text


def test_a_prep_group_with_plans_or_people_stays(
    prep_group: PrepGroup, campus: Campus, admin: Person, signed_in: SignedIn
) -> None:
    plan = make_plan(make_person(campus), prep_group=prep_group)
    browser = signed_in(admin)
    address = f"/manage/prep-groups/{prep_group.id}/delete"
    assert "有 1 份教案属于这个备课组" in browser.post(address).text
    plan.prep_group_id = None
    picked = PrepGroupPick(prep_group_id=prep_group.id, person_id=admin.id, from_day=today())
    db.session.add(picked)
    assert "备课组里还有 1 人" in browser.post(address).text
    db.session.delete(picked)
    assert browser.post(address).status_code == 303
    assert db.session.scalar(select(PrepGroup.id)) is None


def test_prep_groups_of_other_groups_do_not_exist(admin: Person, signed_in: SignedIn) -> None:
    strange = make_prep_group(make_group())
    assert signed_in(admin).get(f"/manage/prep-groups/{strange.id}").status_code == 404


def test_a_long_list_asks_no_more_and_is_filtered(
    group: Group, campus: Campus, subject: Subject, admin: Person, signed_in: SignedIn
) -> None:
    make_prep_group(group, subject, name="一个备课组", grade=6)
    browser = signed_in(admin)
    with queries_counted() as few:
        browser.get("/manage/prep-groups")
    for number in range(30):
        prep_group = make_prep_group(
            group, subject, name=f"名字很长的跨校区联合教研备课组第{number}组", campuses=[campus]
        )
        make_assignment(make_person(campus), make_class(campus, grade=3), subject)
        grant(admin, Role.PREP_LEAD, prep_group_id=prep_group.id)
    with queries_counted() as many:
        browser.get("/manage/prep-groups")
    assert len(many) - len(few) <= 1  # the campuses of those that are not of the whole group
    assert len(many) <= 16
    assert "共 1 个备课组" in browser.get("/manage/prep-groups?grade=6").text
    assert "没有符合条件的备课组" in browser.get("/manage/prep-groups?words=没有这个").text
