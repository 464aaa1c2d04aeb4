"""Classes with their pupils, homeroom teachers and teaching assignments."""

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from foundation.clock import today
from foundation.database import db
from schools.access import prep_group_members
from schools.models import (
    AuditEntry,
    Campus,
    Enrolment,
    Group,
    Membership,
    Person,
    Pupil,
    Role,
    SchoolClass,
    Stage,
    TeachingAssignment,
)
from schools.years import school_year_of
from tests.factories import (
    LONG_AGO,
    grant,
    make_assignment,
    make_campus,
    make_class,
    make_group,
    make_person,
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
def admin(campus: Campus) -> Person:
    return make_person(campus, "陈明", roles=[Role.CAMPUS_ADMIN])


@pytest.fixture
def school_class(campus: Campus) -> SchoolClass:
    return make_class(campus, grade=3, number=2)


def sit(school_class: SchoolClass, name: str, seat: int | None = None) -> Enrolment:
    place = Enrolment(class_id=school_class.id, seat=seat, from_day=LONG_AGO)
    db.session.add(Pupil(name=name, enrolments=[place]))
    db.session.commit()
    return place


def names_in(school_class: SchoolClass) -> list[str]:
    return list(
        db.session.scalars(
            select(Pupil.name)
            .join(Enrolment)
            .where(Enrolment.class_id == school_class.id, Enrolment.holding_on(today()))
            .order_by(Enrolment.id)
        )
    )


def test_a_class_is_named_after_its_grade_and_number(campus: Campus, admin: Person, signed_in: SignedIn) -> None:
    browser = signed_in(admin)
    sent = {"campus": campus.id, "grade": "primary-3", "number": "2", "homeroom": "陈明"}
    answer = browser.post("/manage/classes/new", data=sent)
    made = db.session.scalars(select(SchoolClass)).one()
    assert answer.location == f"/manage/classes/{made.id}"
    assert (made.name, made.entry_year) == ("三(2)班", school_year_of(today()) - 2)
    assert made.homeroom_teacher_id == admin.id
    assert "已经有 2 班" in browser.post("/manage/classes/new", data=sent).text
    page = browser.get("/manage/classes").text
    assert "三(2)班" in page
    assert f"{made.entry_year}级" in page


@pytest.mark.parametrize(
    ("stage", "grade", "name"),
    [
        ("kindergarten", 3, "大(1)班"),
        ("junior", 7, "七(1)班"),
        ("senior", 10, "高一(1)班"),
        ("vocational", 12, "中职三(1)班"),
    ],
)
def test_every_stage_has_its_own_names(group: Group, signed_in: SignedIn, stage: str, grade: int, name: str) -> None:
    campus = make_campus(group, stages=[stage])
    admin = make_person(campus, roles=[Role.CAMPUS_ADMIN])
    sent = {"campus": campus.id, "grade": f"{stage}-{grade}", "number": "1"}
    signed_in(admin).post("/manage/classes/new", data=sent)
    assert db.session.scalars(select(SchoolClass.name)).one() == name


def test_a_name_of_its_own_and_the_entry_year_stay_when_the_class_is_changed(
    school_class: SchoolClass, admin: Person, signed_in: SignedIn
) -> None:
    sent = {"grade": "primary-3", "number": "2", "name": "向日葵班"}
    signed_in(admin).post(f"/manage/classes/{school_class.id}/edit", data=sent)
    db.session.expire_all()
    assert (school_class.name, school_class.entry_year) == ("向日葵班", 2020)


def test_a_class_without_a_past_can_be_deleted_and_no_other(
    school_class: SchoolClass, admin: Person, signed_in: SignedIn
) -> None:
    browser = signed_in(admin)
    place = sit(school_class, "王小明")
    assert browser.post(f"/manage/classes/{school_class.id}/delete").status_code == 409
    db.session.delete(place)
    db.session.commit()
    assert browser.post(f"/manage/classes/{school_class.id}/delete").status_code == 303
    assert db.session.scalar(select(SchoolClass.id)) is None


def test_pupils_are_pasted_with_and_without_seats(
    school_class: SchoolClass, admin: Person, signed_in: SignedIn
) -> None:
    text = "1 王小明\n李小红\t2\n\n阿依古丽·买买提\n3，张 三"
    signed_in(admin).post(f"/manage/classes/{school_class.id}/pupils", data={"pupils": text})
    assert names_in(school_class) == ["王小明", "李小红", "阿依古丽·买买提", "张 三"]
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "pupils_added")).one()
    assert entry.details == {"count": 4}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "请每行写一名学生"),
        ("王小明 13800138000", "第 1 行不像姓名"),
        ("1 2 王小明", "第 1 行看不懂"),
        ("王小明\n王小明", "第 2 行：班里已有“王小明”"),
        ("5 赵一\n5 赵二", "第 2 行：5 号座位已经有人"),
        ("7 钱七", "第 1 行：7 号座位已经有人"),
        ("\n".join(f"孙{n}" for n in ["甲", "乙"] * 101), "一次最多 200 行"),
    ],
)
def test_a_line_that_cannot_be_a_pupil_is_named_and_nobody_is_added(
    school_class: SchoolClass, admin: Person, signed_in: SignedIn, text: str, sentence: str
) -> None:
    sit(school_class, "周七", 7)
    answer = signed_in(admin).post(f"/manage/classes/{school_class.id}/pupils", data={"pupils": text})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert names_in(school_class) == ["周七"]


def test_pupils_move_to_another_class_and_the_old_place_stays_on_record(
    school_class: SchoolClass, campus: Campus, admin: Person, signed_in: SignedIn
) -> None:
    other = make_class(campus, grade=3, number=4)
    place, _ = sit(school_class, "王小明", 1), sit(school_class, "李小红", 2)
    browser = signed_in(admin)
    address = f"/manage/classes/{school_class.id}/pupils/chosen"
    assert "请先勾选学生" in browser.post(address, data={"class": other.id}).text
    assert "请选择转到哪个班" in browser.post(address, data={"place": place.id}).text
    browser.post(address, data={"place": place.id, "class": other.id})
    assert names_in(school_class) == ["李小红"]
    assert names_in(other) == ["王小明"]
    page = browser.get(f"/manage/classes/{school_class.id}").text
    assert "以前的学生" in page
    assert "王小明" in page


def test_a_pupil_who_leaves_keeps_a_record_and_loses_the_card(
    school_class: SchoolClass, admin: Person, signed_in: SignedIn
) -> None:
    place = sit(school_class, "王小明", 1)
    address = f"/manage/classes/{school_class.id}/pupils/chosen"
    assert signed_in(admin).post(address, data={"place": place.id, "leave": "1"}).status_code == 303
    db.session.expire_all()
    assert (place.to_day, db.session.get_one(Pupil, place.pupil_id).ends_on) == (today(), today())
    assert signed_in(admin).post(address, data={"place": place.id, "leave": "1"}).status_code == 409


def test_a_pupil_is_corrected(school_class: SchoolClass, admin: Person, signed_in: SignedIn) -> None:
    place, _ = sit(school_class, "王小名", 1), sit(school_class, "李小红", 2)
    address = f"/manage/classes/{school_class.id}/pupils/{place.id}"
    assert "2 号座位已经有人" in signed_in(admin).post(address, data={"pupil_name": "王小明", "seat": "2"}).text
    signed_in(admin).post(address, data={"pupil_name": "王小明", "seat": "3"})
    assert "王小明" in names_in(school_class)


def test_teaching_a_class_makes_a_member_of_the_prep_group_until_it_ends(
    school_class: SchoolClass, campus: Campus, group: Group, admin: Person, signed_in: SignedIn
) -> None:
    subject = make_subject("语文")
    prep_group = make_prep_group(group, subject)
    teacher = make_person(campus, "李芳")
    browser = signed_in(admin)
    address = f"/manage/classes/{school_class.id}/teachers"
    browser.post(address, data={"person": "李芳", "subject": subject.id, "from_day": "2024-09-01"})
    assert prep_group_members(prep_group.id) == {teacher.id}
    assert "已经在教" in browser.post(address, data={"person": "李芳", "subject": subject.id}).text
    assignment = db.session.scalars(select(TeachingAssignment)).one()
    browser.post(f"{address}/{assignment.id}/end")
    assert prep_group_members(prep_group.id) == frozenset()
    assert "以前的任课" in browser.get(f"/manage/classes/{school_class.id}").text
    done = select(AuditEntry.action).where(AuditEntry.object_name == "李芳").order_by(AuditEntry.id)
    assert list(db.session.scalars(done)) == ["assignment_made", "assignment_ended"]


def test_somebody_who_does_not_work_at_the_campus_cannot_teach_there(
    school_class: SchoolClass, group: Group, admin: Person, signed_in: SignedIn
) -> None:
    make_person(make_campus(group), "李芳")
    sent = {"person": "李芳", "subject": make_subject().id}
    answer = signed_in(admin).post(f"/manage/classes/{school_class.id}/teachers", data=sent)
    assert (answer.status_code, "没有找到“李芳”" in answer.text) == (422, True)


def test_the_academic_office_arranges_classes_but_not_pupils(
    school_class: SchoolClass, campus: Campus, signed_in: SignedIn
) -> None:
    browser = signed_in(make_person(campus, roles=[Role.ACADEMIC_OFFICE]))
    address = f"/manage/classes/{school_class.id}"
    assert browser.get(f"{address}/edit").status_code == 200
    assert browser.post(f"{address}/pupils", data={"pupils": "王小明"}).status_code == 403


def test_a_head_looks_and_changes_nothing(school_class: SchoolClass, campus: Campus, signed_in: SignedIn) -> None:
    browser = signed_in(make_person(campus, roles=[Role.HEAD]))
    address = f"/manage/classes/{school_class.id}"
    assert browser.get(address).status_code == 200
    assert browser.get(f"{address}/edit").status_code == 404
    assert browser.post(f"{address}/pupils", data={"pupils": "王小明"}).status_code == 403
    assert browser.post(f"{address}/delete").status_code == 403


def test_classes_of_other_campuses_do_not_exist(school_class: SchoolClass, group: Group, signed_in: SignedIn) -> None:
    stranger = make_person(make_campus(group), roles=[Role.CAMPUS_ADMIN])
    browser = signed_in(stranger)
    assert browser.get(f"/manage/classes/{school_class.id}").status_code == 404
    assert browser.post(f"/manage/classes/{school_class.id}/pupils", data={"pupils": "王小明"}).status_code == 404
    assert school_class.name not in browser.get("/manage/classes").text


def test_the_group_sees_no_classes_of_a_campus_that_keeps_its_data(
    school_class: SchoolClass, campus: Campus, group: Group, signed_in: SignedIn
) -> None:
    admin = make_person(make_campus(group))
    grant(admin, Role.GROUP_ADMIN, group_id=group.id)
    sit(school_class, "王小明")
    assert signed_in(admin).get(f"/manage/classes/{school_class.id}").status_code == 200
    membership = db.session.scalars(select(Membership).where(Membership.campus_id == campus.id)).one()
    membership.group_manages = False
    browser, address = signed_in(admin), f"/manage/classes/{school_class.id}"
    assert browser.get(address).status_code == 404
    assert school_class.name not in browser.get("/manage/classes").text
    for part in ("pupils", "pupils/chosen", "delete"):
        assert browser.post(f"{address}/{part}", data={"pupils": "李小红"}).status_code == 404
    assert browser.get(f"/manage/cards/{school_class.id}").status_code == 404
    assert "看不到学生和班级名单" in browser.get(f"/manage/campuses/{campus.id}").text


def test_a_pupil_cannot_be_moved_into_a_class_of_another_campus(
    school_class: SchoolClass, group: Group, admin: Person, signed_in: SignedIn
) -> None:
    place = sit(school_class, "王小明")
    other = make_class(make_campus(group))
    address = f"/manage/classes/{school_class.id}/pupils/chosen"
    assert signed_in(admin).post(address, data={"place": place.id, "class": other.id}).status_code == 404
    stolen = sit(other, "李小红")
    assert signed_in(admin).post(address, data={"place": stolen.id, "leave": "1"}).status_code == 404


def test_a_class_of_sixty_asks_no_more_than_one_of_two(
    school_class: SchoolClass, campus: Campus, admin: Person, signed_in: SignedIn
) -> None:
    browser = signed_in(admin)
    sit(school_class, "王一", 1)
    make_assignment(make_person(campus), school_class, make_subject())
    address = f"/manage/classes/{school_class.id}"
    with queries_counted() as few:
        browser.get(address)
    for number in range(60):
        sit(school_class, f"学生{number}" * 5, number + 2)
    for _ in range(12):
        make_assignment(make_person(campus), school_class, make_subject())
    with queries_counted() as many:
        browser.get(address)
    assert len(many) == len(few) <= 13


def test_a_long_list_of_classes_is_paged_and_filtered(campus: Campus, admin: Person, signed_in: SignedIn) -> None:
    for number in range(1, 61):
        make_class(campus, grade=1 + number % 6, number=number, stage=Stage.PRIMARY)
    browser = signed_in(admin)
    with queries_counted() as asked:
        page = browser.get("/manage/classes").text
    assert "共 60 个班" in page
    assert "第 1 页" in page
    assert len(asked) <= 14
    assert "共 10 个班" in browser.get("/manage/classes?grade=3").text
    assert "没有符合条件的班级" in browser.get("/manage/classes?words=向日葵").text
    assert "还没有毕业的班级" in browser.get("/manage/classes?left=1").text


def test_the_past_is_not_changed_by_a_class_that_left(
    school_class: SchoolClass, campus: Campus, admin: Person, signed_in: SignedIn
) -> None:
    school_class.left_on = date(2024, 7, 1)
    browser = signed_in(admin)
    assert browser.post(f"/manage/classes/{school_class.id}/pupils", data={"pupils": "王小明"}).status_code == 409
    assert "2024年7月1日毕业" in browser.get(f"/manage/classes/{school_class.id}").text
