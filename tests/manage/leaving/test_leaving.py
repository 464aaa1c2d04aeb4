import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zipfile import ZipFile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from foundation import jobs
from foundation.clock import today, travel_to
from foundation.config import Settings
from foundation.database import db, writing
from foundation.errors import Conflict, Invalid, NotAllowed, NotFound
from lessons.access import may_edit_plan, may_read_plan, readable_plans
from lessons.models import Plan, PlanOriginal
from lessons.reading import content_of
from lessons.text.markdown import markdown_to_plan
from manage.leaving import actions
from manage.leaving.access import membership_for_leaving
from schools.access import standing_of
from schools.models import AuditEntry, Campus, Enrolment, Group, Membership, Person, Pupil, Role, Visibility
from tests.databases import on_both_databases
from tests.factories import (
    LONG_AGO,
    PASSWORD,
    grant,
    make_assignment,
    make_campus,
    make_class,
    make_group,
    make_person,
    make_plan,
    make_prep_group,
)

Browser = Callable[[Person], FlaskClient]


class School:
    """A school of a group, with its admin; a colleague at another school, and the group's admin."""

    def __init__(self) -> None:
        self.group: Group = make_group("罗溪片区")
        self.campus: Campus = make_campus(self.group, "丹江路校区", code="dan")
        self.other: Campus = make_campus(self.group, "松林校区", code="song")
        self.admin: Person = make_person(self.campus, "林晓雯", roles=[Role.CAMPUS_ADMIN])
        self.teacher: Person = make_person(self.campus, "周敏", password=PASSWORD)
        self.colleague: Person = make_person(self.other, "邓志远")
        self.group_admin: Person = make_person(self.other, "何平")
        grant(self.group_admin, Role.GROUP_ADMIN, group_id=self.group.id)

    @property
    def membership(self) -> Membership:
        return self.campus.memberships[0]

    def plan(self, visibility: Visibility, **more: object) -> Plan:
        return make_plan(self.teacher, visibility=visibility, **more)  # type: ignore[arg-type]


@pytest.fixture
def school(app: Flask) -> School:
    return School()


def leave(school: School, on: date | None = None) -> None:
    with writing():
        actions.leave_group(school.admin, school.membership, on or today())


def reads(person: Person, plan: Plan) -> bool:
    """Whether the list and the page agree that somebody reads a plan."""
    db.session.expire_all()
    standing = standing_of(person)
    listed = db.session.scalar(readable_plans(standing).where(Plan.id == plan.id)) is not None
    assert listed == may_read_plan(standing, plan)
    return listed


def pack(browser: FlaskClient, school: School) -> ZipFile:
    """The package as it is downloaded."""
    asked = browser.post(f"/manage/leaving/{school.membership.id}/export")
    assert asked.status_code == 303
    with writing():
        jobs.do_waiting_jobs()
    page = browser.get(f"/manage/leaving/{school.membership.id}").text
    code = asked.location.rpartition("/")[2]
    assert f"/manage/leaving/packages/{code}" in page
    with browser.get(f"/manage/leaving/packages/{code}") as answer:
        assert answer.status_code == 200
        return ZipFile(io.BytesIO(answer.data))


@on_both_databases
def test_what_was_shared_stays_readable_and_can_no_longer_be_changed_by_the_group(school: School) -> None:
    prep_group = make_prep_group(school.group, members=[school.teacher, school.colleague])
    for_all = school.plan(Visibility.GROUP, prep_group=prep_group)
    prepared = school.plan(Visibility.PREP_GROUP, prep_group=prep_group)
    for_campus = school.plan(Visibility.CAMPUS)
    assert may_edit_plan(standing_of(school.colleague), for_all)
    leave(school)
    assert reads(school.colleague, for_all)
    assert reads(school.colleague, prepared)
    assert not may_edit_plan(standing_of(school.colleague), for_all)
    assert not reads(school.colleague, for_campus)
    assert may_edit_plan(standing_of(school.teacher), for_all), "its author goes on writing"


@on_both_databases
def test_what_was_shared_vanishes_from_the_group_where_that_was_agreed(school: School) -> None:
    plan = school.plan(Visibility.GROUP)
    with writing():
        actions.change_terms(school.admin, school.membership, keeps_shared=False, licence_note="")
    guest = make_person(posted=False)
    grant(guest, Role.GUEST_RESEARCHER, group_id=school.group.id)
    assert reads(guest, plan)
    leave(school)
    assert not reads(school.colleague, plan)
    assert not reads(guest, plan)
    assert reads(school.teacher, plan)
    assert reads(school.admin, plan), "colleagues of the same campus still read it"


def test_rights_follow_on_the_day_by_themselves(school: School) -> None:
    theirs = make_plan(school.colleague, visibility=Visibility.GROUP)
    day = today() + timedelta(days=10)
    leave(school, day)
    assert reads(school.teacher, theirs)
    with travel_to(datetime(day.year, day.month, day.day, 1, tzinfo=UTC)):
        assert not reads(school.teacher, theirs)


def test_a_leaving_is_taken_back_before_its_day(school: School) -> None:
    leave(school, today() + timedelta(days=10))
    with writing():
        actions.stay_in_group(school.group_admin, school.membership)
    assert school.membership.to_day is None
    leave(school)
    with writing(), pytest.raises(Conflict):
        actions.stay_in_group(school.admin, school.membership)


def test_a_school_leaves_today_or_later(school: School) -> None:
    with writing(), pytest.raises(Invalid):
        actions.leave_group(school.admin, school.membership, today() - timedelta(days=1))


def test_only_the_group_and_the_school_itself_may_let_it_leave(school: School) -> None:
    for person in (school.teacher, school.colleague, make_person(school.other, roles=[Role.CAMPUS_ADMIN, Role.HEAD])):
        with pytest.raises(NotFound):
            membership_for_leaving(standing_of(person), school.membership.id)
    for person in (school.admin, school.group_admin, make_person(school.campus, roles=[Role.HEAD])):
        assert membership_for_leaving(standing_of(person), school.membership.id) is school.membership


def test_the_group_cannot_take_the_data_of_a_school_that_keeps_it_to_itself(school: School, signed_in: Browser) -> None:
    school.membership.group_manages = False
    with writing(), pytest.raises(NotAllowed):
        actions.ask_for_export(school.group_admin, school.membership, "")
    browser = signed_in(school.group_admin)
    assert "打包学校的数据" not in browser.get(f"/manage/leaving/{school.membership.id}").text
    assert browser.post(f"/manage/leaving/{school.membership.id}/export").status_code == 403


def test_the_package_holds_people_classes_and_plans_and_can_be_read_again(
    school: School, settings: Settings, signed_in: Browser
) -> None:
    room = make_class(school.campus, grade=3, number=2)
    room.homeroom_teacher_id = school.teacher.id
    pupil = Pupil(name="=李小禾", enrolments=[Enrolment(class_id=room.id, seat=7, from_day=LONG_AGO)])
    db.session.add(pupil)
    shared = school.plan(Visibility.GROUP, title="富饶的西沙群岛/一")
    make_assignment(school.teacher, room, shared.subject)
    school.plan(Visibility.PERSONAL, title="个人的草稿")
    make_plan(school.colleague, title="别校的", visibility=Visibility.GROUP)
    (settings.data_dir / "originals").mkdir()
    (settings.data_dir / "originals/0a").write_bytes(b"as it came")
    db.session.add(PlanOriginal(plan_id=shared.id, name="西沙.docx", size=10, sha256="", stored_name="0a"))
    db.session.commit()
    archive = pack(signed_in(school.admin), school)

    told = json.loads(archive.read("数据.json"))
    assert [plan["title"] for plan in told["plans"]] == ["富饶的西沙群岛/一"]
    assert archive.read(told["plans"][0]["original"]) == b"as it came"
    read_again = markdown_to_plan(archive.read(told["plans"][0]["file"]).decode())
    assert read_again == content_of(shared)
    assert {row["name"] for row in told["staff"]} == {"林晓雯", "周敏"}
    assert told["pupils"] == [
        {"campus": "丹江路校区", "class": room.name, "name": "=李小禾", "seat": 7, "from_day": LONG_AGO.isoformat()}
    ]

    book = load_workbook(io.BytesIO(archive.read("人员与班级.xlsx")))
    assert book.sheetnames == ["校区", "教师", "班级", "学生", "任课"]
    staff = list(book["教师"].iter_rows(values_only=True))
    assert staff[0][:3] == ("姓名", "工号", "校区")
    assert ("林晓雯", school.admin.staff_number, "丹江路校区") in [row[:3] for row in staff[1:]]
    assert book["学生"]["C2"].data_type == "s", "no name is a formula"
    assert book["任课"]["D2"].value == "周敏"

    notes = archive.read("说明.md").decode()
    assert "丹江路校区" in notes
    assert "教案 1 份" in notes
    listed = {each["name"] for each in json.loads(archive.read("清单.json"))}
    assert listed == set(archive.namelist()) - {"清单.json"}
    assert PASSWORD not in str(told)
    assert "argon2" not in str(told)


def test_a_package_is_for_whoever_had_it_made(school: School, signed_in: Browser) -> None:
    browser = signed_in(school.admin)
    code = browser.post(f"/manage/leaving/{school.membership.id}/export").location.rpartition("/")[2]
    with writing():
        jobs.do_waiting_jobs()
    with browser.get(f"/manage/leaving/packages/{code}") as answer:
        assert answer.status_code == 200
    assert signed_in(school.group_admin).get(f"/manage/leaving/packages/{code}").status_code == 404
    held = school.admin.grants[0]
    held.to_day = today()
    assert browser.get(f"/manage/leaving/packages/{code}").status_code == 404


def test_who_leaves_and_who_exports_is_written_down(school: School) -> None:
    with writing():
        actions.change_terms(school.admin, school.membership, keeps_shared=True, licence_note="请注明出处")
        actions.ask_for_export(school.admin, school.membership, "")
    leave(school)
    entries = db.session.scalars(db.select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [entry.action for entry in entries] == ["leaving_terms", "campus_exported", "campus_leaves"]
    assert {(entry.campus_id, entry.object_name) for entry in entries} == {(school.campus.id, "丹江路校区")}


def test_people_of_a_school_that_left_still_sign_in(school: School, client: FlaskClient) -> None:
    leave(school)
    answer = client.post("/sign-in", data={"login": "周敏", "password": PASSWORD})
    assert answer.status_code == 303
    assert client.get("/").status_code == 200


def test_a_plan_left_behind_says_under_which_words(school: School, signed_in: Browser) -> None:
    plan = school.plan(Visibility.GROUP)
    with writing():
        actions.change_terms(school.admin, school.membership, keeps_shared=True, licence_note="可在集团内教学使用")
    browser = signed_in(school.colleague)
    assert "可在集团内教学使用" not in browser.get(f"/plans/{plan.code}").text
    leave(school)
    page = browser.get(f"/plans/{plan.code}").text
    assert "可在集团内教学使用" in page
    assert "已退出罗溪片区" in page


def test_a_school_leaves_by_its_pages(school: School, signed_in: Browser) -> None:
    browser = signed_in(school.admin)
    assert "丹江路校区" in browser.get("/manage/leaving").text
    assert "松林校区" not in browser.get("/manage/leaving").text
    address = f"/manage/leaving/{school.membership.id}"
    assert browser.post(f"{address}/terms", data={"keeps_shared": "0", "licence_note": ""}).status_code == 303
    assert browser.post(f"{address}/terms", data={"keeps_shared": "1", "licence_note": "长" * 201}).status_code == 422
    refused = browser.post(f"{address}/leave", data={"on": "soon"})
    assert refused.status_code == 422
    day = today() + timedelta(days=3)
    assert browser.post(f"{address}/leave", data={"on": day.isoformat()}).status_code == 303
    assert "取消退出" in browser.get(address).text
    assert browser.post(f"{address}/stay").status_code == 303
    assert browser.post(f"{address}/leave", data={"on": today().isoformat()}).status_code == 303
    assert "退出集团" in browser.get(address).text
    assert signed_in(school.teacher).get("/manage/leaving").status_code == 404
