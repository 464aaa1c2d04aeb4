"""Campuses with their profile and rooms, divisions, departments: pages and who may change them."""

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from foundation.database import db
from schools.access import may_administer, standing_of
from schools.models import (
    AuditEntry,
    Campus,
    Division,
    Group,
    MemberKind,
    Membership,
    OrgUnit,
    OrgUnitMember,
    Person,
    Role,
    Room,
)
from tests.factories import LONG_AGO, grant, make_campus, make_class, make_group, make_person
from tests.lessons.queries_counted import queries_counted

SignedIn = Callable[[Person], FlaskClient]
PROFILE = {"name": "罗溪中心小学", "short_name": "罗溪", "stages": ["primary"]}


@pytest.fixture
def group(app: Flask) -> Group:
    return make_group("一中教育集团")


@pytest.fixture
def core(group: Group) -> Campus:
    return make_campus(group, "总校", kind=MemberKind.CORE)


@pytest.fixture
def admin(group: Group, core: Campus) -> Person:
    admin = make_person(core, "陈明")
    grant(admin, Role.GROUP_ADMIN, group_id=group.id)
    return admin


def membership_of(campus: Campus) -> Membership:
    return db.session.scalars(select(Membership).where(Membership.campus_id == campus.id)).one()


def done(*actions: str) -> list[str]:
    return list(db.session.scalars(select(AuditEntry.action).where(AuditEntry.action.in_(actions))))


def test_the_core_campus_stands_first_with_its_numbers(
    group: Group, core: Campus, admin: Person, signed_in: SignedIn
) -> None:
    other = make_campus(group, "安平校区", rural=True)
    make_class(other)
    page = signed_in(admin).get("/manage/campuses").text
    assert page.index("总校") < page.index("安平校区")
    assert "乡村" in page
    assert "核心校" in page


def test_the_list_of_campuses_asks_the_same_few_questions_however_long_it_is(
    group: Group, core: Campus, admin: Person, signed_in: SignedIn
) -> None:
    browser = signed_in(admin)
    with queries_counted() as few:
        browser.get("/manage/campuses")
    for number in range(15):
        make_class(make_campus(group, f"第{number}小学分校区中心学校"))
    with queries_counted() as many:
        browser.get("/manage/campuses")
    assert len(many) == len(few) <= 14


def test_teachers_have_no_campuses_to_manage(core: Campus, signed_in: SignedIn) -> None:
    browser = signed_in(make_person(core))
    assert browser.get("/manage/campuses").status_code == 404
    assert browser.get(f"/manage/campuses/{core.id}").status_code == 404


def test_campuses_of_other_groups_do_not_exist(admin: Person, signed_in: SignedIn) -> None:
    assert signed_in(admin).get(f"/manage/campuses/{make_campus().id}").status_code == 404


def test_the_group_admin_adds_a_campus(group: Group, admin: Person, signed_in: SignedIn) -> None:
    answer = signed_in(admin).post(
        f"/manage/campuses/new?group={group.id}", data={**PROFILE, "kind": "member", "rural": "1"}
    )
    campus = db.session.scalars(select(Campus).where(Campus.name == "罗溪中心小学")).one()
    assert answer.location == f"/manage/campuses/{campus.id}"
    assert (campus.rural, campus.short_name, membership_of(campus).group_id) == (True, "罗溪", group.id)
    assert done("campus_added") == ["campus_added"]


def test_a_campus_admin_adds_none(group: Group, core: Campus, signed_in: SignedIn) -> None:
    browser = signed_in(make_person(core, roles=[Role.CAMPUS_ADMIN]))
    assert browser.get(f"/manage/campuses/new?group={group.id}").status_code == 404
    assert browser.post(f"/manage/campuses/new?group={group.id}", data=PROFILE).status_code == 404


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"name": ""}, "请填写校区名称"),
        ({"school_code": "12345"}, "10 位数字"),
        ({"stages": []}, "请至少选一个学段"),
        ({"name": "总校"}, "已经有这个名称的校区"),
        ({"uplink_mbps": "很快"}, "之间的整数"),
    ],
)
def test_what_cannot_be_used_is_said_beside_its_field(
    group: Group, admin: Person, signed_in: SignedIn, changed: dict[str, object], sentence: str
) -> None:
    answer = signed_in(admin).post(
        f"/manage/campuses/new?group={group.id}", data={**PROFILE, "kind": "member", **changed}
    )
    assert answer.status_code == 422
    assert sentence in answer.text


def test_the_profile_is_changed_by_who_looks_after_the_campus(
    group: Group, core: Campus, admin: Person, signed_in: SignedIn
) -> None:
    sent = {**PROFILE, "strengths": "足球", "school_code": "2134000001", "former_names": "罗溪小学\n罗溪村小"}
    signed_in(admin).post(f"/manage/campuses/{core.id}/edit", data=sent)
    db.session.expire_all()
    assert (core.strengths, core.school_code, core.former_names) == ("足球", "2134000001", ["罗溪小学", "罗溪村小"])
    page = signed_in(admin).get(f"/manage/campuses/{core.id}").text
    assert "2134000001" in page
    assert "罗溪村小" in page
    stranger = make_person(make_campus(group), roles=[Role.CAMPUS_ADMIN])
    assert signed_in(stranger).post(f"/manage/campuses/{core.id}/edit", data=sent).status_code == 404


def test_only_the_campus_itself_decides_who_looks_after_its_data(
    group: Group, admin: Person, signed_in: SignedIn
) -> None:
    campus = make_campus(group)
    head = make_person(campus, roles=[Role.HEAD])
    address = f"/manage/memberships/{membership_of(campus).id}/keep"
    assert signed_in(admin).post(address, data={"to_itself": "1"}).status_code == 403
    assert may_administer(standing_of(admin), campus_id=campus.id)

    assert signed_in(head).post(address, data={"to_itself": "1"}).status_code == 303
    db.session.expire_all()
    assert not may_administer(standing_of(admin), campus_id=campus.id)
    assert done("data_kept") == ["data_kept"]
    assert "更改数据由谁管理" in signed_in(admin).get("/manage/audit").text
    assert signed_in(admin).get(f"/manage/campuses/{campus.id}/edit").status_code == 404
    assert "数据自管" in signed_in(admin).get("/manage/campuses").text


def test_a_membership_ends_on_its_day(group: Group, core: Campus, admin: Person, signed_in: SignedIn) -> None:
    campus = make_campus(group)
    address = f"/manage/memberships/{membership_of(campus).id}"
    sent = {"kind": "member", "from_day": "2021-09-01", "to_day": "2021-09-01"}
    assert signed_in(admin).post(address, data=sent).status_code == 422
    assert signed_in(admin).post(address, data={**sent, "to_day": "2022-07-01"}).status_code == 303
    db.session.expire_all()
    assert membership_of(campus).to_day == date(2022, 7, 1)
    assert "已离开" in signed_in(admin).get("/manage/campuses").text
    assert signed_in(make_person(core, roles=[Role.CAMPUS_ADMIN])).post(address, data=sent).status_code == 404


def test_rooms_come_change_and_go(core: Campus, admin: Person, signed_in: SignedIn) -> None:
    browser = signed_in(admin)
    address = f"/manage/campuses/{core.id}/rooms"
    sent = {"room_name": "录播室一", "room_kind": "recording", "seats": "48", "cameras": "3"}
    assert browser.post(address, data=sent).status_code == 303
    assert "已经有“录播室一”这个教室" in browser.post(address, data=sent).text
    room = db.session.scalars(select(Room)).one()
    browser.post(address, data={**sent, "room": room.id, "seats": "60"})
    db.session.expire_all()
    assert (room.seats, room.cameras) == (60, 3)
    browser.post(address, data={"room": room.id, "delete": "1"})
    assert db.session.scalar(select(Room.id)) is None


def test_a_division_joins_grades_of_several_campuses(
    group: Group, core: Campus, admin: Person, signed_in: SignedIn
) -> None:
    other = make_campus(group)
    browser = signed_in(admin)
    sent = {"name": "第一学段级部", "grades": ["1", "2"], "campuses": [core.id, other.id]}
    assert browser.post(f"/manage/divisions/new?group={group.id}", data=sent).status_code == 303
    division = db.session.scalars(select(Division)).one()
    assert (division.grades, len(division.campuses)) == ([1, 2], 2)
    assert "第一学段级部" in browser.get("/manage/divisions").text

    elsewhere = {**sent, "campuses": [make_campus().id]}
    assert "已经不在集团里" in browser.post(f"/manage/divisions/{division.id}", data=elsewhere).text
    browser.post(f"/manage/divisions/{division.id}", data={**sent, "grades": ["3"]})
    db.session.expire_all()
    assert division.grades == [3]


def test_a_division_that_roles_were_given_for_stays(
    group: Group, core: Campus, admin: Person, signed_in: SignedIn
) -> None:
    division = Division(group_id=group.id, name="低年级部", grades=[1], campuses=[core])
    db.session.add(division)
    db.session.commit()
    held = grant(make_person(core), Role.HEAD, group_id=group.id, division_id=division.id)
    answer = signed_in(admin).post(f"/manage/divisions/{division.id}/delete")
    assert answer.status_code == 409
    assert "有 1 项角色" in answer.text
    db.session.delete(held)
    assert signed_in(admin).post(f"/manage/divisions/{division.id}/delete").status_code == 303
    assert db.session.scalar(select(Division.id)) is None


def test_a_department_has_members_with_duties_for_a_time(
    group: Group, core: Campus, admin: Person, signed_in: SignedIn
) -> None:
    browser = signed_in(admin)
    sent = {"place": f"campus-{core.id}", "name": "教务处", "kind": "department", "duties": "排课、调课"}
    made = browser.post("/manage/departments/new", data=sent)
    unit = db.session.scalars(select(OrgUnit)).one()
    assert made.location == f"/manage/departments/{unit.id}"

    members = f"/manage/departments/{unit.id}/members"
    assert "没有找到“王芳”" in browser.post(members, data={"person": "王芳"}).text
    person = make_person(core, "王芳", staff_number="W1")
    make_person(core, "王芳", staff_number="W2")
    assert "有 2 位：王芳 W1、王芳 W2" in browser.post(members, data={"person": "王芳"}).text
    assert (
        browser.post(members, data={"person": "王芳 W1", "duty": "主任", "from_day": "2024-09-01"}).status_code == 303
    )
    assert "已经在这个部门里" in browser.post(members, data={"person": "W1"}).text
    member = db.session.scalars(select(OrgUnitMember)).one()
    assert (member.person_id, member.duty) == (person.id, "主任")

    refused = browser.post(f"/manage/departments/{unit.id}/delete")
    assert (refused.status_code, "1 条成员记录" in refused.text) == (409, True)
    browser.post(f"{members}/{member.id}/end")
    page = browser.get(made.location).text
    assert "以前的成员" in page
    assert done("unit_joined", "unit_left") == ["unit_joined", "unit_left"]


def test_a_department_cannot_lie_below_itself(group: Group, core: Campus, admin: Person, signed_in: SignedIn) -> None:
    upper = OrgUnit(group_id=group.id, name="理事会", kind="council")
    db.session.add(upper)
    db.session.flush()
    lower = OrgUnit(group_id=group.id, name="秘书处", parent_id=upper.id)
    db.session.add(lower)
    db.session.commit()
    sent = {"name": "理事会", "kind": "council", "parent": lower.id}
    answer = signed_in(admin).post(f"/manage/departments/{upper.id}/edit", data=sent)
    assert (answer.status_code, "部门不能放在自己下面" in answer.text) == (422, True)
    assert "下面还有 1 个部门" in signed_in(admin).post(f"/manage/departments/{upper.id}/delete").text
    page = signed_in(admin).get("/manage/departments").text
    assert page.index("理事会") < page.index("秘书处")


def test_a_campus_admin_never_touches_departments_of_others(group: Group, core: Campus, signed_in: SignedIn) -> None:
    unit = OrgUnit(campus_id=core.id, name="教务处")
    db.session.add(unit)
    stranger = make_person(make_campus(group), roles=[Role.CAMPUS_ADMIN])
    browser = signed_in(stranger)
    address = f"/manage/departments/{unit.id}"
    assert browser.get(address).status_code == 200
    assert browser.get(f"{address}/edit").status_code == 404
    assert browser.post(f"{address}/members", data={"person": stranger.name}).status_code == 403
    assert browser.post(f"{address}/delete").status_code == 403
    sent = {"place": f"group-{group.id}", "name": "理事会", "kind": "council"}
    assert browser.post("/manage/departments/new", data=sent).status_code == 404


def test_who_left_long_ago_is_not_counted(group: Group, core: Campus, admin: Person, signed_in: SignedIn) -> None:
    gone = make_person(core)
    gone.postings[0].to_day = date(2021, 1, 1)
    assert gone.postings[0].from_day == LONG_AGO
    assert "1 位教职工" in signed_in(admin).get(f"/manage/campuses/{core.id}").text
