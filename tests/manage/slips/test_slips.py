"""Password slips for staff, many at once: who may make them, what they change, how long they are kept."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from foundation.clock import now, travel_to
from foundation.config import Settings
from foundation.database import db, writing
from foundation.jobs import Job, do_waiting_jobs, folder_of
from manage.slips import papers
from schools.models import AuditEntry, Campus, Membership, Person, Role, SignIn
from tests.databases import on_both_databases
from tests.factories import PASSWORD, grant, make_campus, make_group, make_person, make_posting

Browser = Callable[[Person], FlaskClient]


@pytest.fixture
def campus(app: Flask) -> Campus:
    return make_campus(name="丹江路校区")


@pytest.fixture
def admin(campus: Campus) -> Person:
    return make_person(campus, "管理员甲", roles=[Role.CAMPUS_ADMIN], password=PASSWORD)


def make(client: FlaskClient, *people: Person, **more: str) -> str:
    """Have slips made; the address of the page that prints them."""
    asked = client.post("/manage/slips", data={"person": [person.id for person in people], **more})
    assert asked.status_code == 303, asked.text
    with writing():
        assert do_waiting_jobs() == 1
        db.session.commit()
    printed = client.get(asked.location)
    assert printed.status_code == 302, printed.text
    return str(printed.location)


def secrets_on(page: str) -> list[str]:
    return re.findall(r'paper-secret">([^<]+)<', page)


@on_both_databases
def test_a_slip_lets_somebody_in_who_then_chooses_a_password(
    app: Flask, admin: Person, campus: Campus, signed_in: Browser
) -> None:
    new = make_person(campus, "新来的", staff_number="T8001")
    client = signed_in(admin)
    page = client.get(make(client, new)).text
    for words in ("新来的", "丹江路校区", "T8001", "http://localhost/sign-in", "data:image/svg+xml"):
        assert words in page
    (secret,) = secrets_on(page)
    visitor = app.test_client()
    step = visitor.post("/sign-in", data={"login": "T8001", "password": secret})
    assert "设置自己的密码" in step.text
    assert visitor.get("/account").status_code == 302
    new_password = {"new_password": PASSWORD, "new_password_again": PASSWORD}
    assert visitor.post("/sign-in/new-password", data=new_password).status_code == 303
    assert visitor.get("/account").status_code == 200
    assert visitor.get("/sign-in").status_code == 302
    again = app.test_client().post("/sign-in", data={"login": "T8001", "password": PASSWORD})
    assert again.status_code == 303
    assert app.test_client().post("/sign-in", data={"login": "T8001", "password": secret}).status_code == 422


def test_the_password_of_the_slip_is_not_taken_again(
    app: Flask, admin: Person, campus: Campus, signed_in: Browser
) -> None:
    new = make_person(campus, staff_number="T8001")
    client = signed_in(admin)
    (secret,) = secrets_on(client.get(make(client, new)).text)
    visitor = app.test_client()
    visitor.post("/sign-in", data={"login": "T8001", "password": secret})
    same = visitor.post("/sign-in/new-password", data={"new_password": secret, "new_password_again": secret})
    assert same.status_code == 422
    assert "请换一个和密码条上不同的密码。" in same.text
    differing = visitor.post("/sign-in/new-password", data={"new_password": PASSWORD, "new_password_again": "x"})
    assert "两次输入的新密码不一样。" in differing.text
    assert visitor.get("/account").status_code == 302


def test_a_slip_ends_the_old_password_all_sign_ins_and_a_lock(
    app: Flask, admin: Person, campus: Campus, signed_in: Browser
) -> None:
    teacher = make_person(campus, "王秀英", password=PASSWORD)
    there = signed_in(teacher)
    for _ in range(9):
        app.test_client().post("/sign-in", data={"login": "王秀英", "password": "不对"})
    locked = app.test_client().post("/sign-in", data={"login": "王秀英", "password": PASSWORD})
    assert locked.status_code == 429
    client = signed_in(admin)
    (secret,) = secrets_on(client.get(make(client, teacher)).text)
    assert there.get("/account").status_code == 302
    assert db.session.scalar(select(SignIn).where(SignIn.person_id == teacher.id)) is None
    assert app.test_client().post("/sign-in", data={"login": "王秀英", "password": PASSWORD}).status_code == 422
    assert "设置自己的密码" in app.test_client().post("/sign-in", data={"login": "王秀英", "password": secret}).text
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "password_slip_made")).one()
    assert (entry.person_name, entry.object_id, entry.campus_id) == ("管理员甲", teacher.id, campus.id)
    assert secret not in str(entry.details)


def test_slips_for_everybody_in_the_list(app: Flask, admin: Person, campus: Campus, signed_in: Browser) -> None:
    for number in range(3):
        make_person(campus, f"没有密码{number}")
    make_person(campus, "已有密码", password=PASSWORD)
    client = signed_in(admin)
    page = client.get(make(client, everyone="1", which="new")).text
    assert len(secrets_on(page)) == 3
    assert len(set(secrets_on(page))) == 3
    assert "已有密码" not in page


def test_slips_are_destroyed_when_printed_and_after_a_day(
    app: Flask, settings: Settings, admin: Person, campus: Campus, signed_in: Browser
) -> None:
    first, second = make_person(campus), make_person(campus)
    client = signed_in(admin)
    page = make(client, first)
    (secret,) = secrets_on(client.get(page).text)
    files = [file for file in Path(settings.data_dir).rglob("*") if file.is_file()]
    assert [file for file in files if secret.encode() in file.read_bytes()] == []
    assert client.post(f"{page}/destroy").status_code == 303
    assert "密码条已经销毁" in client.get(page).text
    kept = make(client, second)
    assert "还没有销毁" in client.get("/manage/slips").text
    with travel_to(now() + timedelta(hours=25)):
        assert "密码条已经销毁" in client.get(kept).text
        papers.destroy_old()
    job = db.session.scalars(select(Job).order_by(Job.id.desc())).first()
    assert job
    assert not (folder_of(job) / papers.FILE).exists()


def test_nobody_else_opens_the_slips(app: Flask, admin: Person, campus: Campus, signed_in: Browser) -> None:
    page = make(signed_in(admin), make_person(campus))
    other = make_person(campus, roles=[Role.CAMPUS_ADMIN])
    assert signed_in(other).get(page).status_code == 404
    assert app.test_client().get(page).status_code == 302


@pytest.mark.parametrize("role", [Role.TEACHER, Role.ACADEMIC_OFFICE, Role.HEAD])
def test_only_administrators_make_slips(app: Flask, campus: Campus, signed_in: Browser, role: Role) -> None:
    client = signed_in(make_person(campus, roles=[role]))
    assert client.get("/manage/slips").status_code == 404
    assert client.post("/manage/slips", data={"person": make_person(campus).id}).status_code == 404


def test_a_campus_admin_gives_no_password_to_others_people_nor_to_those_above(
    app: Flask, admin: Person, campus: Campus, signed_in: Browser
) -> None:
    group = campus.memberships[0].group
    elsewhere = make_campus(group)
    at_home_elsewhere = make_person(elsewhere, "外校的")
    make_posting(at_home_elsewhere, campus)
    group_admin = make_person(campus, "集团的")
    grant(group_admin, Role.GROUP_ADMIN, group_id=group.id)
    admin_elsewhere = make_person(campus, "兼管外校的")
    grant(admin_elsewhere, Role.CAMPUS_ADMIN, campus_id=elsewhere.id)
    client = signed_in(admin)
    page = client.get("/manage/slips").text
    for person in (at_home_elsewhere, group_admin, admin_elsewhere, admin):
        assert f'value="{person.id}" aria-label' not in page
        assert client.post("/manage/slips", data={"person": person.id}).status_code == 404
        assert client.post(f"/manage/slips/people/{person.id}/second-step/reset").status_code in (403, 404)


def test_a_group_admin_gives_passwords_where_the_campus_lets_the_group_manage(app: Flask, signed_in: Browser) -> None:
    group = make_group()
    open_campus, closed = make_campus(group), make_campus(group)
    db.session.scalars(select(Membership).where(Membership.campus_id == closed.id)).one().group_manages = False
    db.session.commit()
    boss = make_person(open_campus)
    grant(boss, Role.GROUP_ADMIN, group_id=group.id)
    client = signed_in(boss)
    assert client.post("/manage/slips", data={"person": make_person(open_campus).id}).status_code == 303
    assert client.post("/manage/slips", data={"person": make_person(closed).id}).status_code == 404


def test_a_change_of_posting_while_slips_are_made_keeps_them_from_counting(
    app: Flask, admin: Person, campus: Campus, signed_in: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher = make_person(campus, "王秀英", password=PASSWORD)
    client = signed_in(admin)
    asked = client.post("/manage/slips", data={"person": teacher.id})
    real = papers.keep

    def keep(*given: object) -> None:
        real(*given)  # type: ignore[arg-type]
        teacher.postings[0].campus = make_campus(campus.memberships[0].group)
        db.session.commit()

    monkeypatch.setattr(papers, "keep", keep)
    with writing():
        do_waiting_jobs()
        db.session.commit()
    assert "制作期间有人调动或离开" in client.get(asked.location).text
    assert app.test_client().post("/sign-in", data={"login": "王秀英", "password": PASSWORD}).status_code == 303


def test_choosing_nobody_is_told(app: Flask, admin: Person, campus: Campus, signed_in: Browser) -> None:
    make_person(campus)
    answer = signed_in(admin).post("/manage/slips", data={})
    assert (answer.status_code, "请先勾选要打印密码条的人。" in answer.text) == (422, True)


def test_people_are_found_by_name_pinyin_and_number_and_paged(
    app: Flask, admin: Person, campus: Campus, signed_in: Browser
) -> None:
    make_person(campus, "欧阳修远", staff_number="D-77")
    for number in range(40):
        make_person(campus, f"某人{number}")
    client = signed_in(admin)
    for words in ("欧阳", "ouyang", "D-77"):
        assert "欧阳修远" in client.get(f"/manage/slips?q={words}").text
    assert "第 1 页，共 2 页" in client.get("/manage/slips").text
    assert "没有这样的人" in client.get("/manage/slips?q=nobody").text
