"""The first visit: two doors, and three steps to a group of one's own."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from foundation.database import db
from lessons.access import rights_sentence
from lessons.models import Plan
from schools import actions, signing_in
from schools.access import standing_of
from schools.models import Campus, Group, MemberKind, Membership, Person, PrepGroup, Role, Subject
from tests.databases import on_both_databases
from tests.factories import PASSWORD, make_campus, make_group, make_person

GROUP = {"name": "罗溪片区", "kind": "area", "lesson_minutes": "45"}
CAMPUSES: dict[str, Any] = {"campus": ["丹江路校区", "西湖校区", ""], "core": "1", "rural": ["0"]}
PERSON = {"person_name": "王秀英", "staff_number": "1001", "password": PASSWORD, "password_again": PASSWORD}
TEACHES = {"subject": "mathematics", "grade": "junior-7"}
ALL = {**GROUP, **CAMPUSES, **PERSON, **TEACHES}


def step(client: FlaskClient, number: int, go: str = "next", **sent: Any) -> TestResponse:
    return client.post("/welcome/group", data={"step": number, "go": go, **sent})


def hidden(page: str, name: str) -> list[str]:
    return re.findall(rf'<input type="hidden" name="{name}" value="([^"]*)"', page)


def test_an_empty_installation_shows_its_two_doors_first(client: FlaskClient) -> None:
    for address in ("/", "/sign-in"):
        assert client.get(address).location == "/welcome"
    page = client.get("/welcome").text
    assert "新建集团" in page
    assert "看看演示" in page


def test_the_doors_are_gone_once_there_is_a_group(client: FlaskClient) -> None:
    make_group()
    for answer in (client.get("/welcome"), client.get("/welcome/group"), step(client, 3, **ALL)):
        assert (answer.status_code, answer.location) == (302, "/")
    assert db.session.scalar(select(func.count()).select_from(Group)) == 1


@on_both_databases
def test_three_steps_make_a_group_in_which_one_can_write_at_once(app: Flask, client: FlaskClient) -> None:
    second = step(client, 1, **GROUP)
    assert "核心校" in second.text
    third = step(client, 2, **GROUP, **CAMPUSES)
    assert "工号" in third.text
    done = step(client, 3, **ALL)
    assert (done.status_code, done.location) == (303, "/")

    person = db.session.scalars(select(Person)).one()
    group = db.session.scalars(select(Group)).one()
    prep_group = db.session.scalars(select(PrepGroup)).one()
    members = db.session.execute(
        select(Campus.name, Campus.rural, Membership.kind).join(Membership.campus).order_by(Campus.id)
    ).all()
    assert (group.name, group.kind, group.lesson_minutes) == ("罗溪片区", "area", 45)
    assert members == [("丹江路校区", True, MemberKind.MEMBER), ("西湖校区", False, MemberKind.CORE)]
    assert prep_group.name == "七年级数学备课组"
    standing = standing_of(person)
    assert standing.holds(Role.GROUP_ADMIN, group_id=group.id)
    assert standing.campus_ids == {db.session.scalar(select(Campus.id).where(Campus.name == "西湖校区"))}
    assert standing.led_prep_group_ids == {prep_group.id}
    assert "王秀英" in client.get("/account").text  # signed in already
    assert client.get("/plans/new").status_code == 200


def test_a_group_can_be_set_up_without_teaching(client: FlaskClient) -> None:
    assert step(client, 3, **GROUP, **CAMPUSES, **PERSON).status_code == 303
    assert db.session.scalars(select(PrepGroup)).all() == []
    assert db.session.scalar(select(func.count()).select_from(Subject)) > 10


def test_the_administrator_signs_in_again_with_the_password_chosen(app: Flask, client: FlaskClient) -> None:
    step(client, 3, **ALL)
    answer = app.test_client().post("/sign-in", data={"login": "王秀英", "password": PASSWORD})
    assert answer.status_code == 303


def test_going_back_keeps_what_was_typed_but_passwords(client: FlaskClient) -> None:
    page = step(client, 3, "back", **ALL).text
    assert 'value="丹江路校区"' in page
    assert 'value="1" checked' in page
    assert hidden(page, "person_name") == ["王秀英"]
    assert hidden(page, "grade") == ["junior-7"]
    assert hidden(page, "name") == ["罗溪片区"]
    assert PASSWORD not in page
    page = step(client, 2, "back", **ALL).text
    assert 'value="罗溪片区"' in page
    assert hidden(page, "campus") == ["丹江路校区", "西湖校区", ""]
    assert hidden(page, "rural") == ["0"]


def test_more_campuses_get_more_lines(client: FlaskClient) -> None:
    page = step(client, 2, "add", **GROUP, **CAMPUSES).text
    assert page.count('name="campus"') == 5
    assert 'value="西湖校区"' in page


@pytest.mark.parametrize(
    ("number", "sent", "field", "sentence"),
    [
        (1, {"name": " "}, "name", "请填写集团名称。"),
        (1, {"name": "长" * 81}, "name", "最多 80 个字"),
        (1, {"kind": "mafia"}, "kind", "请选择集团类型。"),
        (1, {"lesson_minutes": "四十"}, "lesson_minutes", "应在 10 到 120 分钟之间"),
        (1, {"lesson_minutes": "500"}, "lesson_minutes", "应在 10 到 120 分钟之间"),
        (2, {"campus": ["", ""]}, "campus-0", "请至少填写一个校区。"),
        (2, {"campus": ["丹江路", "丹江路"]}, "campus-1", "重名"),
        (2, {"campus": ["丹江路", ""]}, "campus-1", "选作了核心校"),
        (3, {"person_name": ""}, "person_name", "请填写您的姓名。"),
        (3, {"staff_number": ""}, "staff_number", "请填写您的工号"),
        (3, {"grade": ""}, "grade", "请再选年级"),
        (3, {"grade": "junior-99"}, "grade", "请再选年级"),
        (3, {"subject": "alchemy"}, "subject", "请从列表里选择学科。"),
        (3, {"password": "短", "password_again": "短"}, "password", "至少要 8 个字符"),
        (3, {"password_again": "另外一个"}, "password_again", "两次输入的密码不一样。"),
    ],
)
def test_what_cannot_be_used_is_said_beside_its_field(
    client: FlaskClient, number: int, sent: dict[str, Any], field: str, sentence: str
) -> None:
    answer = step(client, number, **{**ALL, **sent})
    assert answer.status_code == 422
    beside = re.search(rf'<div class="field-error" id="{field}-error">.*?</div>', answer.text, re.DOTALL)
    assert beside
    assert sentence in beside[0]
    assert re.search(rf'id="{field}"[^>]*aria-describedby="{field}-error[^>]*aria-invalid="true"', answer.text)
    assert db.session.scalars(select(Group)).all() == []


def test_a_last_step_that_skips_the_others_is_led_back_to_them(client: FlaskClient) -> None:
    answer = step(client, 3, **PERSON)
    assert answer.status_code == 422
    assert "请填写集团名称。" in answer.text


def test_what_is_typed_is_never_taken_for_markup(client: FlaskClient) -> None:
    page = step(client, 1, **{**GROUP, "name": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in page


def test_the_first_plan_says_who_sees_it(app: Flask, client: FlaskClient) -> None:
    step(client, 3, **ALL)
    group, prep_group = db.session.scalars(select(Group)).one(), db.session.scalars(select(PrepGroup)).one()
    plan = Plan(
        code="first00001",
        owner=db.session.scalars(select(Person)).one(),
        group=group,
        campus=group.memberships[0].campus,
        prep_group=prep_group,
        subject=prep_group.subject,
        visibility="prep_group",
        state="draft",
    )
    db.session.add(plan)
    db.session.commit()
    with app.test_request_context():
        assert rights_sentence(plan) == "可见：备课组 1 人和主管领导；可改：备课组 1 人"


@on_both_databases
def test_of_two_who_set_up_at_once_the_second_is_told(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    first = step(app.test_client(), 3, **ALL)
    assert first.status_code == 303
    for module in (actions, signing_in):
        monkeypatch.setattr(module, "any_group", lambda: False)
    visitor = app.test_client()
    second = step(visitor, 3, **{**ALL, "name": "第二个集团", "staff_number": "2002"})
    assert (second.status_code, second.location) == (303, "/sign-in")
    assert "集团已经建立好了，请直接登录。" in visitor.get("/sign-in").text
    assert db.session.scalar(select(func.count()).select_from(Group)) == 1


def test_who_forgot_a_password_is_told_whom_to_ask_and_no_names(client: FlaskClient) -> None:
    campus = make_campus(name="丹江路校区")
    make_person(campus, "管理员甲", roles=[Role.CAMPUS_ADMIN])
    make_campus(name="没有管理员的校区")
    page = client.get("/sign-in/forgotten").text
    assert re.search("丹江路校区.*找校区管理员.*没有管理员的校区.*找集团管理员", page, re.DOTALL)
    assert "管理员甲" not in page
