"""Moving in with Excel files: the dry run says what becomes of every row, and the import does just that."""

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from curriculum.models import LessonTopic
from foundation.clock import now
from foundation.database import db
from foundation.jobs import Job, folder_of
from schools.models import (
    AuditEntry,
    Campus,
    Enrolment,
    Group,
    MemberKind,
    Person,
    Posting,
    PrepGroup,
    Pupil,
    Role,
    RoleGrant,
    SchoolClass,
    Stage,
    Subject,
    TeachingAssignment,
)
from tests.databases import on_both_databases
from tests.factories import grant, make_campus, make_class, make_group, make_person
from tests.lessons.queries_counted import queries_counted
from tests.manage.importing.sheets import apply, bring_in, fates, outcomes, says, upload, work, workbook

SignedIn = Callable[[Person], FlaskClient]

STAFF = ["姓名", "工号", "校区"]
MOVE_IN = {
    "校区": [["校区名称", "简称", "学段", "乡村", "核心校"], ["城关校区", "城关", "小学", "否", "是"], ["云溪小学", "云溪", "小学", "是", ""]],
    "教师": [
        ["姓名", "工号", "校区", "派驻方式", "角色", "学科", "荣誉称号"],
        ["王敏", 1001, "城关校区", "本校", "教研组长", "语文", "骨干教师"],
        ["李娜", 1002, "云溪小学", "", "校长", "", ""],
        ["王敏", 1001, "云溪", "走教", "", "", ""],
    ],
    "班级": [["校区", "班级", "班主任"], ["城关", "三(2)班", "王敏"], ["云溪", "三年级1班", "李娜"]],
    "学生": [["校区", "班级", "姓名", "座号"], ["城关", "3.2班", "张三", 1], ["城关", "三（2）班", "张三", 2], ["云溪", "301班", "欧阳小禾", 1]],
    "任课": [["校区", "班级", "学科", "教师"], ["城关", "三2班", "语文", "王敏"], ["云溪", "三(1)班", "语文", "李娜"]],
    "教材目录": [
        ["学科", "版本", "册", "单元", "课题", "课时"],
        ["语文", "统编版", "三年级上册", "第一单元", "大青树下的小学", 2],
        ["语文", "统编版", "三年级上册", "第一单元", "花的学校", 2],
    ],
    "备课组": [["备课组", "学科", "年级", "组长"], ["三年级语文备课组", "语文", "三年级", "王敏"]],
}  # fmt: skip


@pytest.fixture
def group(app: Flask) -> Group:
    """A group with the subjects 语文 and 数学, without campuses."""
    db.session.add_all([Subject(code="chinese", name="语文"), Subject(code="mathematics", name="数学", rank=1)])
    return make_group("云溪教育集团")


@pytest.fixture
def admin(group: Group) -> Person:
    """The administrator of the group, who works at no campus."""
    admin = make_person(name="陈管", posted=False)
    grant(admin, Role.GROUP_ADMIN, group_id=group.id)
    return admin


@pytest.fixture
def client(admin: Person, signed_in: SignedIn) -> FlaskClient:
    """The administrator's browser."""
    return signed_in(admin)


@on_both_databases
def test_a_whole_group_moves_in(client: FlaskClient, group: Group) -> None:
    looked = upload(client, workbook(MOVE_IN))
    assert [fate for fate in fates(looked) if fate[2] not in ("new", "changed")] == []
    assert db.session.scalar(db.select(db.func.count()).select_from(Person)) == 1  # nothing was written yet
    apply(client, looked)
    core = db.session.query(Campus).filter_by(name="城关校区").one()
    assert (core.short_name, core.stages, core.memberships[0].kind) == ("城关", ["primary"], MemberKind.CORE)
    assert core.memberships[0].group_id == group.id
    teacher = db.session.query(Person).filter_by(staff_number="1001").one()
    assert {(posting.campus.name, posting.kind.value) for posting in teacher.postings} == {
        ("城关校区", "home"),
        ("云溪小学", "travelling"),
    }
    assert {grant.role for grant in teacher.grants} == {Role.SUBJECT_LEAD, Role.PREP_LEAD}
    assert "wangmin" in teacher.pinyin
    school_class = db.session.query(SchoolClass).filter_by(campus=core).one()
    assert (school_class.grade, school_class.number, school_class.homeroom_teacher_id) == (3, 2, teacher.id)
    assert {(enrolment.seat) for enrolment in db.session.query(Enrolment).filter_by(class_id=school_class.id)} == {1, 2}
    assert db.session.query(TeachingAssignment).filter_by(person_id=teacher.id).count() == 1
    assert [topic.title for topic in db.session.query(LessonTopic).order_by(LessonTopic.rank)] == [
        "大青树下的小学",
        "花的学校",
    ]
    assert db.session.query(PrepGroup).one().whole_group


@on_both_databases
def test_importing_again_changes_nothing(client: FlaskClient) -> None:
    bring_in(client, MOVE_IN)
    assert bring_in(client, MOVE_IN) == {"same": 15}


@on_both_databases
def test_a_changed_file_changes_what_was_changed_and_deletes_nothing(client: FlaskClient) -> None:
    bring_in(client, MOVE_IN)
    people = db.session.query(Person).count()
    looked = upload(
        client,
        workbook(
            {
                "教师": [STAFF, ["李娜娜", "1002", "云溪"]],
                "学生": [["校区", "班级", "姓名", "座号"], ["云溪", "三1班", "欧阳小禾", 7]],
            }
        ),
    )
    assert fates(looked) == [("教师", 2, "changed"), ("学生", 2, "changed")]
    assert says(looked, 2) == "姓名：李娜 → 李娜娜 座号：1 → 7"
    apply(client, looked)
    assert db.session.query(Person).count() == people
    assert db.session.query(Person).filter_by(staff_number="1002").one().name == "李娜娜"
    assert db.session.query(Pupil).count() == 3


def test_who_alone_teaches_a_subject_follows_who_did_so_before(client: FlaskClient) -> None:
    bring_in(client, MOVE_IN)
    db.session.query(TeachingAssignment).update({"from_day": date(2025, 9, 1)})
    new = {
        "教师": [STAFF, ["赵云", "1003", "城关"]],
        "任课": [["校区", "班级", "学科", "教师"], ["城关", "三(2)班", "语文", "赵云"]],
    }
    looked = upload(client, workbook(new))
    assert says(looked, 2).endswith("三(2)班：王敏 → 赵云")
    apply(client, looked)
    held = db.session.query(TeachingAssignment).join(Person, Person.id == TeachingAssignment.person_id)
    assert held.filter(Person.name == "王敏").one().to_day is not None
    assert held.filter(Person.name == "赵云").one().to_day is None


def test_two_teachers_of_one_name_are_asked_about_and_block_nothing_else(client: FlaskClient, group: Group) -> None:
    campus = make_campus(group, "城关校区", short_name="城关")
    first, second = make_person(campus, "王敏"), make_person(campus, "王敏")
    sheets = {"教师": [STAFF, ["王敏", "", "城关"], ["李娜", "1002", "城关"]]}
    looked = upload(client, workbook(sheets))
    assert fates(looked) == [("教师", 2, "asked"), ("教师", 3, "new")]
    page = client.get(f"/manage/import/{looked.code}").text
    assert first.staff_number in page
    assert second.staff_number in page
    apply(client, looked)
    assert db.session.query(Person).filter_by(name="王敏").count() == 2
    assert db.session.query(Person).filter_by(name="李娜").count() == 1


@pytest.mark.parametrize(("answer", "people"), [("the first", 2), ("new", 3)])
def test_the_answer_decides_who_is_meant(client: FlaskClient, group: Group, answer: str, people: int) -> None:
    campus = make_campus(group, "城关校区", short_name="城关")
    first, _ = make_person(campus, "王敏"), make_person(campus, "王敏")
    looked = upload(client, workbook({"教师": [[*STAFF, "荣誉称号"], ["王敏", "", "城关", "名师"]]}))
    said = "new" if answer == "new" else str(first.id)
    client.post(f"/manage/import/{looked.code}/answers", data={f"answer-staff|{campus.code}|王敏|": said})
    work()
    db.session.refresh(looked)
    assert outcomes(looked)[0].fate == ("new" if answer == "new" else "changed")
    apply(client, looked)
    assert db.session.query(Person).filter_by(name="王敏").count() == people


def test_a_child_of_a_known_name_in_another_class_is_asked_about(client: FlaskClient) -> None:
    bring_in(client, MOVE_IN)
    campus = db.session.query(Campus).filter_by(name="云溪小学").one()
    make_class(campus, grade=4, number=1)
    looked = upload(client, workbook({"学生": [["校区", "班级", "姓名"], ["云溪", "四(1)班", "欧阳小禾"]]}))
    assert fates(looked) == [("学生", 2, "asked")]
    child = db.session.query(Pupil).filter_by(name="欧阳小禾").one()
    client.post(
        f"/manage/import/{looked.code}/answers",
        data={f"answer-pupil|{campus.code}|四(1)班|欧阳小禾|": str(child.id)},
    )
    work()
    db.session.refresh(looked)
    assert says(looked, 2) == "班级：三(1)班 → 四(1)班"
    apply(client, looked)
    assert db.session.query(Pupil).filter_by(name="欧阳小禾").count() == 1
    assert db.session.query(Enrolment).filter_by(pupil_id=child.id).count() == 2


def test_who_looks_after_one_campus_cannot_touch_another(group: Group, signed_in: SignedIn) -> None:
    own, other = make_campus(group, "城关校区"), make_campus(group, "云溪小学")
    head = make_person(own, roles=[Role.CAMPUS_ADMIN])
    stranger = make_person(other, "李娜", staff_number="T9")
    looked = upload(
        signed_in(head),
        workbook({"教师": [STAFF, ["赵云", "1", "云溪小学"], ["钱多", "2", "城关校区"], ["李改", "T9", "城关校区"]]}),
    )
    assert [fate for *_, fate in fates(looked)] == ["refused", "new", "refused"]
    assert "云溪小学" in says(looked, 2)
    assert stranger.name not in says(looked, 4)


def test_the_group_cannot_change_a_campus_that_keeps_its_people_to_itself(client: FlaskClient, group: Group) -> None:
    campus = make_campus(group, "云溪小学")
    campus.memberships[0].group_manages = False
    looked = upload(client, workbook({"教师": [STAFF, ["赵云", "1", "云溪小学"]]}))
    assert [fate for *_, fate in fates(looked)] == ["refused"]


def test_the_academic_office_arranges_classes_but_neither_people_nor_roles(group: Group, signed_in: SignedIn) -> None:
    campus = make_campus(group, "城关校区")
    office = make_person(campus, "教务", roles=[Role.ACADEMIC_OFFICE])
    sheets = {
        "教师": [STAFF, ["赵云", "1", "城关校区"]],
        "班级": [["班级"], ["三(1)班"]],
        "备课组": [["备课组", "学科", "年级", "校区", "组长"], ["三年级数学", "数学", "三", "城关校区", "教务"]],
    }
    looked = upload(signed_in(office), workbook(sheets))
    assert [fate for *_, fate in fates(looked)] == ["refused", "new", "refused"]


def test_who_manages_nothing_finds_no_import(group: Group, signed_in: SignedIn) -> None:
    teacher = signed_in(make_person(make_campus(group)))
    for address in ("/manage/import", "/manage/import/template.xlsx", "/manage/import/abc"):
        assert teacher.get(address).status_code == 404
    assert teacher.post("/manage/import", data={}).status_code == 404


def test_an_import_is_its_askers_own(client: FlaskClient, group: Group, signed_in: SignedIn) -> None:
    looked = upload(client, workbook(MOVE_IN))
    other = make_person(make_campus(group), roles=[Role.CAMPUS_ADMIN])
    assert signed_in(other).get(f"/manage/import/{looked.code}").status_code == 404
    assert signed_in(other).post(f"/manage/import/{looked.code}/apply").status_code == 404


def test_when_the_data_has_changed_meanwhile_it_is_looked_at_anew(client: FlaskClient, group: Group) -> None:
    campus = make_campus(group, "城关校区")
    looked = upload(client, workbook({"教师": [STAFF, ["赵云", "1", "城关校区"]]}))
    make_person(campus, "赵云", staff_number="1")
    apply(client, looked)
    assert "applied_at" not in looked.outcome
    assert fates(looked) == [("教师", 2, "same")]
    assert "重新核对" in client.get(f"/manage/import/{looked.code}").text


def test_rights_that_are_lost_before_the_import_count(client: FlaskClient, admin: Person, group: Group) -> None:
    make_campus(group, "城关校区")
    looked = upload(client, workbook({"教师": [STAFF, ["赵云", "1", "城关校区"]]}))
    db.session.query(RoleGrant).filter_by(person_id=admin.id).delete()
    client.post(f"/manage/import/{looked.code}/apply")
    work()
    assert db.session.query(Person).filter_by(name="赵云").count() == 0


def test_a_file_that_was_given_up_leaves_nothing(client: FlaskClient) -> None:
    looked = upload(client, workbook(MOVE_IN))
    code = looked.code
    assert client.post(f"/manage/import/{code}/give-up").status_code == 303
    assert client.get(f"/manage/import/{code}").status_code == 404
    assert db.session.query(Job).count() == 0


def test_a_file_that_could_not_be_read_can_be_given_up_where_its_job_says_so(client: FlaskClient) -> None:
    looked = upload(client, b"no workbook")
    give_up = f"/manage/import/{looked.code}/give-up"
    assert give_up in client.get(f"/jobs/{looked.code}").text
    assert client.post(give_up).status_code == 303
    assert db.session.query(Job).count() == 0


def test_what_was_imported_can_be_left_come_back_to_and_looked_up(client: FlaskClient, admin: Person) -> None:
    looked = upload(client, workbook(MOVE_IN), "花名册.xlsx")
    assert "花名册.xlsx" in client.get("/manage/import").text
    apply(client, looked)
    page = client.get("/manage/import").text
    assert "核对过、还没有导入的" not in page
    assert page.count("花名册.xlsx") == 3  # for either campus, and for what is no campus' own
    assert admin.name in page
    assert client.get(f"/manage/import/{looked.code}").status_code == 200
    assert client.post(f"/manage/import/{looked.code}/apply").status_code == 409


@on_both_databases
def test_every_right_that_was_given_stands_in_the_audit(client: FlaskClient, admin: Person) -> None:
    bring_in(client, MOVE_IN)
    entries = db.session.query(AuditEntry).all()
    assert sorted(entry.action for entry in entries) == sorted(
        [*["campus_added"] * 2, *["posting_made"] * 3, *["grant_made"] * 3, *["imported"] * 3]
    )
    assert {entry.person_id for entry in entries} == {admin.id}
    assert sum(entry.details["new"] for entry in entries if entry.action == "imported") == 14


def test_rows_are_found_by_sheet_and_fate_and_paged(client: FlaskClient, group: Group) -> None:
    make_campus(group, "城关校区")
    rows = [[f"老师{number}", str(number), "城关校区"] for number in range(40)] + [["", "99", "城关校区"]]
    looked = upload(client, workbook({"教师": [STAFF, *rows]}))
    address = f"/manage/import/{looked.code}"
    assert client.get(address).text.count("<tr>") == 31
    assert client.get(f"{address}?page=2").text.count("<tr>") == 12
    assert client.get(f"{address}?fate=refused").text.count("<tr>") == 2
    assert "没有这样的行" in client.get(f"{address}?sheet=学生").text


def test_the_number_of_statements_does_not_grow_with_the_rows(client: FlaskClient, group: Group) -> None:
    make_campus(group, "城关校区", stages=["primary"])

    def counted(first: int, last: int) -> int:
        sheets = {
            "教师": [STAFF, *[[f"老师{number}", str(number), "城关校区"] for number in range(first, last)]],
            "班级": [
                ["班级", "班主任工号"],
                *[[f"二({number})班", str(first)] for number in range(first, min(last, first + 5))],
            ],
            "学生": [["班级", "姓名"], *[[f"二({first})班", f"学生{number}"] for number in range(first, last)]],
        }
        with queries_counted() as statements:
            bring_in(client, workbook(sheets))
        return len(statements)

    assert counted(1, 6) == counted(10, 90)


def test_classes_of_a_stage_that_counts_anew(client: FlaskClient, group: Group) -> None:
    make_campus(group, "实验中学", stages=["junior", "senior"])
    bring_in(client, {"班级": [["班级", "学段"], ["初一3班", ""], ["高二（12）班", ""], ["2(1)班", "初中"]]})
    assert {(each.stage, each.grade, each.number, each.name) for each in db.session.query(SchoolClass)} == {
        (Stage.JUNIOR, 7, 3, "七(3)班"),
        (Stage.SENIOR, 11, 12, "高二(12)班"),
        (Stage.JUNIOR, 8, 1, "八(1)班"),
    }


def test_days_and_kinds_of_a_posting(client: FlaskClient, group: Group) -> None:
    make_campus(group, "城关校区")
    heads = ["姓名", "工号", "派驻方式", "开始日期", "截止日期"]
    bring_in(client, {"教师": [heads, ["赵云", "1", "轮岗", "2025.9.1", "2028年7月1日"]]})
    posting = db.session.query(Posting).filter(Posting.kind == "rotation").one()
    assert (posting.from_day, posting.to_day) == (date(2025, 9, 1), date(2028, 7, 1))
    looked = upload(
        client, workbook({"教师": [heads, ["赵云", "1", "", "", "2027-07-01"], ["钱多", "2", "", "明年", ""]]})
    )
    assert says(looked, 2) == "结束日期：2028年7月1日 → 2027年7月1日"
    assert "“开始日期”一栏的“明年”" in says(looked, 3)


def test_who_has_left_and_classes_that_have_left_are_not_brought_back(client: FlaskClient, group: Group) -> None:
    campus = make_campus(group, "城关校区", stages=["primary"])
    make_person(campus, "李娜", staff_number="T9", left_at=now())
    left = make_class(campus, grade=6, number=1)
    left.entry_year, left.left_on = 2019, date(2025, 7, 1)
    sheets = {"教师": [STAFF, ["李娜", "T9", "城关校区"]], "班级": [["班级"], ["2019级1班"]]}
    looked = upload(client, workbook(sheets | {"学生": [["班级", "姓名"], ["2019级1班", "张三"]]}))
    assert [fate for *_, fate in fates(looked)] == ["refused"] * 3


def test_a_file_that_could_not_be_read_is_not_kept(client: FlaskClient, group: Group) -> None:
    looked = upload(client, workbook({"食堂": [["菜"], ["面"]]}))
    assert looked.state == "failed"
    assert not (folder_of(looked) / "upload").exists()
