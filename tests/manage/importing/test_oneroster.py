"""OneRoster 1.2: what is written out comes back as the same, and brings a new installation what the old one had."""

import csv
import io
import zipfile
from collections.abc import Callable, Mapping

import pytest
from flask import Flask
from flask.testing import FlaskClient

from foundation.database import db
from manage.importing.access import reach_of
from schools.models import (
    AuditEntry,
    Campus,
    Enrolment,
    Group,
    Person,
    Posting,
    Pupil,
    Role,
    RoleGrant,
    SchoolClass,
    SourcedId,
    Subject,
    TeachingAssignment,
)
from tests.factories import grant, make_campus, make_group, make_person
from tests.manage.importing.sheets import apply, bring_in, fates, job_of, says, upload, work

HOME = {
    "校区": [["校区名称", "学段"], ["城关校区", "小学"], ["云溪小学", "小学"]],
    "教师": [
        ["姓名", "工号", "校区", "起始日期", "角色"],
        ["王敏", "1001", "城关校区", "2024-09-01", "校区管理员"],
        ["欧阳修远", "1002", "云溪小学", "", ""],
        ["王敏", "1001", "云溪小学", "", ""],
    ],
    "班级": [["校区", "班级", "班主任"], ["城关校区", "三(2)班", "王敏"], ["云溪小学", "五(1)班", ""]],
    "学生": [["校区", "班级", "姓名", "座号"], ["城关校区", "三(2)班", "张三", 1], ["城关校区", "三(2)班", "张三", 2], ["云溪小学", "五(1)班", "司马光", 7]],
    "任课": [["校区", "班级", "学科", "教师"], ["城关校区", "三(2)班", "语文", "王敏"], ["云溪小学", "五(1)班", "语文", "欧阳修远"]],
}  # fmt: skip


@pytest.fixture
def group(app: Flask) -> Group:
    """A group with a subject, without campuses."""
    db.session.add(Subject(code="chinese", name="语文"))
    return make_group("云溪教育集团")


@pytest.fixture
def admin(group: Group) -> Person:
    """The administrator of the group."""
    admin = make_person(name="陈管", posted=False, staff_number="A1")
    grant(admin, Role.GROUP_ADMIN, group_id=group.id)
    return admin


@pytest.fixture
def client(admin: Person, signed_in: Callable[[Person], FlaskClient]) -> FlaskClient:
    """The administrator's browser."""
    return signed_in(admin)


def taken_out(client: FlaskClient) -> bytes:
    """The package that the export writes."""
    begun = job_of(client.post("/manage/import/roster").location)
    work()
    assert client.get(f"/jobs/{begun.code}").location.endswith(f"/manage/import/roster/{begun.code}")
    assert "oneroster.zip" in client.get(f"/manage/import/roster/{begun.code}").text
    with client.get(f"/manage/import/roster/{begun.code}/oneroster.zip") as answer:
        return answer.data


def tables(package: bytes) -> dict[str, list[dict[str, str]]]:
    with zipfile.ZipFile(io.BytesIO(package)) as opened:
        return {
            name.removesuffix(".csv"): list(csv.DictReader(io.StringIO(opened.read(name).decode())))
            for name in opened.namelist()
        }


def packed(tables: Mapping[str, str], version: str = "1.2") -> bytes:
    manifest = f"propertyName,value\nmanifest.version,1.0\noneroster.version,{version}\n"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as opened:
        for name, text in {"manifest": manifest, **tables}.items():
            opened.writestr(f"{name}.csv", text)
    return file.getvalue()


def forget_everything(group: Group) -> None:
    """As if it were another installation: the group and its administrator only."""
    for model in (SourcedId, TeachingAssignment, Enrolment, Pupil, SchoolClass, Posting):
        db.session.query(model).delete()
    db.session.query(RoleGrant).filter(RoleGrant.group_id.is_(None)).delete()
    db.session.query(Person).filter(Person.staff_number != "A1").delete()
    for campus in db.session.query(Campus):
        db.session.delete(campus)
    db.session.commit()


def test_the_package_holds_what_the_standard_asks_for(client: FlaskClient) -> None:
    bring_in(client, HOME)
    found = tables(taken_out(client))
    told = {line["propertyName"]: line["value"] for line in found["manifest"]}
    assert (told["manifest.version"], told["oneroster.version"]) == ("1.0", "1.2")
    given = {name.removeprefix("file.") for name, value in told.items() if value == "bulk"}
    assert given == set(found) - {"manifest"}
    assert [org["type"] for org in found["orgs"]] == ["district", "school", "school"]
    assert {session["type"] for session in found["academicSessions"]} == {"schoolYear", "term"}
    known = {line["sourcedId"] for name, lines in found.items() if name != "manifest" for line in lines}
    assert len(known) == sum(len(lines) for name, lines in found.items() if name != "manifest")
    for name, columns in {
        "roles": ("userSourcedId", "orgSourcedId"),
        "classes": ("courseSourcedId", "schoolSourcedId"),
        "enrollments": ("classSourcedId", "schoolSourcedId", "userSourcedId"),
    }.items():
        assert {line[column] for line in found[name] for column in columns} <= known


def test_only_names_and_numbers_leave(client: FlaskClient) -> None:
    bring_in(client, HOME)
    users = tables(taken_out(client))["users"]
    assert {(user["familyName"], user["givenName"]) for user in users} == {
        ("王", "敏"),
        ("欧阳", "修远"),
        ("张", "三"),
        ("司马", "光"),
    }
    assert {user["identifier"] for user in users} == {"1001", "1002", ""}
    assert not any(user[column] for user in users for column in ("email", "sms", "phone", "password", "userIds"))


def test_the_export_is_written_down_for_each_campus(client: FlaskClient) -> None:
    bring_in(client, HOME)
    taken_out(client)
    entries = db.session.query(AuditEntry).filter_by(action="roster_exported").all()
    assert {entry.campus_id for entry in entries} == {campus.id for campus in db.session.query(Campus)}


def test_a_second_export_names_everything_as_the_first(client: FlaskClient) -> None:
    bring_in(client, HOME)
    assert tables(taken_out(client)) == tables(taken_out(client))


def test_what_was_taken_out_comes_back_as_the_same(client: FlaskClient) -> None:
    bring_in(client, HOME)
    looked = upload(client, taken_out(client), "oneroster.zip")
    assert {fate for *_, fate in fates(looked)} == {"same"}


def test_another_installation_gets_everything(client: FlaskClient, group: Group) -> None:
    bring_in(client, HOME)
    package = taken_out(client)
    forget_everything(group)
    bring_in(client, package, "oneroster.zip")
    assert {campus.name for campus in db.session.query(Campus)} == {"城关校区", "云溪小学"}
    teacher = db.session.query(Person).filter_by(staff_number="1001").one()
    assert (teacher.name, len(teacher.postings)) == ("王敏", 2)
    assert teacher.grants == []  # roles are given here, not by files of other systems
    school_class = db.session.query(SchoolClass).filter_by(name="三(2)班").one()
    assert school_class.homeroom_teacher_id == teacher.id
    assert {enrolment.seat for enrolment in db.session.query(Enrolment).filter_by(class_id=school_class.id)} == {1, 2}
    assert db.session.query(TeachingAssignment).count() == 2
    again = upload(client, package, "oneroster.zip")
    assert {fate for *_, fate in fates(again)} == {"same"}
    first, second = tables(package), tables(taken_out(client))
    for name in ("orgs", "users", "roles", "classes", "enrollments"):
        assert len(first[name]) == len(second[name]), name


def test_a_sourced_id_finds_somebody_whose_name_has_changed(client: FlaskClient, group: Group) -> None:
    make_campus(group, "城关校区", code="ck")
    orgs = "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\no1,,,城关校区,school,ck,\n"
    roles = "sourcedId,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId\nr1,u1,primary,teacher,,,o1\n"
    users = (
        "sourcedId,username,givenName,familyName,identifier,email,phone\nu1,t1,敏,王,,wang@example.com,13800000000\n"
    )
    bring_in(client, packed({"orgs": orgs, "users": users, "roles": roles}), "a.zip")
    looked = upload(client, packed({"orgs": orgs, "users": users.replace("敏", "小敏"), "roles": roles}), "b.zip")
    assert fates(looked) == [("orgs", 2, "same"), ("roles", 2, "changed")]
    assert "姓名：王敏 → 王小敏" in says(looked, 2)
    apply(client, looked)
    person = db.session.query(Person).filter_by(staff_number="t1").one()
    assert person.name == "王小敏"


def test_rows_to_be_deleted_are_left_alone_and_said(client: FlaskClient, group: Group) -> None:
    orgs = "sourcedId,status,name,type\no1,active,城关校区,school\no2,tobedeleted,云溪小学,school\n"
    looked = upload(client, packed({"orgs": orgs}), "a.zip")
    assert fates(looked) == [("orgs", 2, "new")]
    assert "1 行标记为删除" in looked.outcome["notes"][0]


def test_another_version_is_refused(client: FlaskClient) -> None:
    looked = upload(client, packed({}, version="1.1"), "a.zip")
    assert looked.state == "failed"
    assert "OneRoster 1.1" in looked.sentence


def test_a_campus_that_keeps_its_people_to_itself_is_not_taken_out(
    client: FlaskClient, group: Group, admin: Person
) -> None:
    bring_in(client, HOME)
    campus = db.session.query(Campus).filter_by(name="云溪小学").one()
    campus.memberships[0].group_manages = False
    found = tables(taken_out(client))
    assert [org["name"] for org in found["orgs"]] == ["云溪教育集团", "城关校区"]
    assert "司马" not in {user["familyName"] for user in found["users"]}
    assert campus.id not in reach_of(admin, group.id).administered


def test_who_administers_nobody_cannot_take_rosters_out(
    group: Group, signed_in: Callable[[Person], FlaskClient]
) -> None:
    campus = make_campus(group)
    office = signed_in(make_person(campus, roles=[Role.ACADEMIC_OFFICE]))
    assert office.post("/manage/import/roster").status_code == 404
    assert "导出给别的系统" not in office.get("/manage/import").text
