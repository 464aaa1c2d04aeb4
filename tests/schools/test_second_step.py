"""The second step of signing in: codes of a phone, recovery codes, who must have one, who may reset it."""

import re
from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app import create_app
from foundation.clock import now, travel_to
from foundation.config import Settings
from foundation.database import db
from schools.models import AuditEntry, Campus, Person, RecoveryCode, Role
from schools.sealing import unseal
from tests.databases import on_both_databases
from tests.factories import PASSWORD, grant, make_campus, make_person

Browser = Callable[[Person], FlaskClient]


@pytest.fixture
def campus(app: Flask) -> Campus:
    return make_campus()


@pytest.fixture
def admin(campus: Campus) -> Person:
    return make_person(campus, "管理员甲", staff_number="A1", roles=[Role.CAMPUS_ADMIN], password=PASSWORD)


def code_of(person: Person, later: int = 0) -> str:
    db.session.refresh(person)
    secret = unseal(person.totp_secret)
    assert secret
    return pyotp.TOTP(secret).generate_otp(int(now().timestamp()) // 30 + later)


def turn_on(client: FlaskClient, person: Person) -> list[str]:
    """Set the second step up; the recovery codes."""
    client.post("/account/second-step")
    page = client.post("/account/second-step/confirm", data={"code": code_of(person)})
    assert page.status_code == 200, page.text
    return re.findall(r"<code>([^<]+)</code>", page.text)


def knock(client: FlaskClient, person: Person) -> TestResponse:
    return client.post("/sign-in", data={"login": person.staff_number or "", "password": PASSWORD})


def is_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


@on_both_databases
def test_after_the_password_comes_the_code(app: Flask, admin: Person, signed_in: Browser) -> None:
    assert len(turn_on(signed_in(admin), admin)) == 10
    visitor = app.test_client()
    step = knock(visitor, admin)
    assert "还差一步" in step.text
    assert not is_in(visitor)
    assert visitor.get("/sign-in/next").status_code == 200
    wrong = visitor.post("/sign-in/second-step", data={"code": "000000"})
    assert (wrong.status_code, "验证码不对" in wrong.text) == (422, True)
    assert not is_in(visitor)
    with travel_to(now() + timedelta(seconds=60)):
        done = visitor.post("/sign-in/second-step", data={"code": code_of(admin), "next": "/help"})
        assert (done.status_code, done.location) == (303, "/help")
        assert is_in(visitor)


def test_a_code_counts_once_and_for_its_neighbouring_half_minutes(
    app: Flask, admin: Person, signed_in: Browser
) -> None:
    turn_on(signed_in(admin), admin)
    with travel_to(now() + timedelta(minutes=5)):
        first, second = app.test_client(), app.test_client()
        knock(first, admin)
        knock(second, admin)
        late = code_of(admin, -1)
        assert first.post("/sign-in/second-step", data={"code": late}).status_code == 303
        used = second.post("/sign-in/second-step", data={"code": late})
        assert (used.status_code, "这个验证码已经用过了" in used.text) == (422, True)
        assert second.post("/sign-in/second-step", data={"code": code_of(admin, 2)}).status_code == 422
        assert second.post("/sign-in/second-step", data={"code": f" {code_of(admin, 1)}"}).status_code == 303


@on_both_databases
def test_a_recovery_code_counts_once(app: Flask, admin: Person, signed_in: Browser) -> None:
    codes = turn_on(signed_in(admin), admin)
    first, second = app.test_client(), app.test_client()
    knock(first, admin)
    knock(second, admin)
    assert first.post("/sign-in/second-step", data={"code": codes[0].upper()}).status_code == 303
    assert second.post("/sign-in/second-step", data={"code": codes[0]}).status_code == 422
    assert second.post("/sign-in/second-step", data={"code": codes[1]}).status_code == 303
    assert "还有 8 个恢复码没有用过" in second.get("/account/second-step").text
    assert codes[0] not in str(db.session.scalars(select(RecoveryCode.code_hash)).all())


def test_guessing_codes_has_to_wait(app: Flask, admin: Person, signed_in: Browser) -> None:
    turn_on(signed_in(admin), admin)
    visitor = app.test_client()
    knock(visitor, admin)
    for _ in range(8):
        assert visitor.post("/sign-in/second-step", data={"code": "000000"}).status_code == 422
    assert visitor.post("/sign-in/second-step", data={"code": code_of(admin, 1)}).status_code == 429


def test_the_way_in_ends_after_a_while_and_with_a_new_password(app: Flask, admin: Person, signed_in: Browser) -> None:
    turn_on(signed_in(admin), admin)
    visitor = app.test_client()
    knock(visitor, admin)
    with travel_to(now() + timedelta(minutes=16)):
        late = visitor.post("/sign-in/second-step", data={"code": code_of(admin)})
        assert (late.status_code, "登录中途停得太久了" in late.text) == (401, True)
    knock(visitor, admin)
    admin.password_hash = "changed"
    db.session.commit()
    assert visitor.post("/sign-in/second-step", data={"code": code_of(admin, 1)}).status_code == 401


def test_nobody_comes_to_the_second_step_without_the_first(app: Flask, admin: Person, signed_in: Browser) -> None:
    turn_on(signed_in(admin), admin)
    visitor = app.test_client()
    assert visitor.get("/sign-in/next").status_code == 302
    for path in ("second-step", "new-second-step", "new-password", "go-on"):
        assert visitor.post(f"/sign-in/{path}", data={"code": code_of(admin, 1)}).status_code == 401


def test_the_secret_lies_sealed(app: Flask, admin: Person, signed_in: Browser) -> None:
    client = signed_in(admin)
    client.post("/account/second-step")
    shown = re.findall(r'totp-secret">([A-Z2-7 ]+)<', client.get("/account/second-step").text)
    db.session.refresh(admin)
    assert shown[0].replace(" ", "") == unseal(admin.totp_secret)
    assert shown[0].replace(" ", "") not in admin.totp_secret
    assert admin.totp_since is None
    assert knock(app.test_client(), admin).status_code == 303  # it does not count yet


def test_turning_it_off_and_new_recovery_codes_ask_for_a_code(app: Flask, admin: Person, signed_in: Browser) -> None:
    client = signed_in(admin)
    old = turn_on(client, admin)
    assert client.post("/account/second-step/codes", data={"code": "000000"}).status_code == 422
    with travel_to(now() + timedelta(minutes=1)):
        page = client.post("/account/second-step/codes", data={"code": code_of(admin)}).text
    assert not set(old) & set(re.findall(r"<code>([^<]+)</code>", page))
    assert client.post("/account/second-step/off", data={"code": "000000"}).status_code == 422
    with travel_to(now() + timedelta(minutes=2)):
        assert client.post("/account/second-step/off", data={"code": code_of(admin)}).status_code == 303
    assert knock(app.test_client(), admin).status_code == 303
    told = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert list(told) == ["second_step_on", "second_step_off"]


def test_administrators_are_reminded_and_others_are_not(app: Flask, admin: Person, campus: Campus) -> None:
    client = app.test_client()
    knock(client, admin)
    assert "建议在“我的账号”里开启两步登录" in client.get("/").text
    teacher = app.test_client()
    knock(teacher, make_person(campus, password=PASSWORD))
    assert "建议在" not in teacher.get("/").text


def test_where_it_is_required_administrators_set_it_up_before_they_come_in(
    settings: Settings, app: Flask, admin: Person, campus: Campus
) -> None:
    strict = create_app(Settings(**{**settings.__dict__, "two_step": "required"}))
    strict.test_client_class = app.test_client_class
    strict.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    assert knock(strict.test_client(), make_person(campus, password=PASSWORD)).status_code == 303
    visitor = strict.test_client()
    assert "设置两步登录" in knock(visitor, admin).text
    assert not is_in(visitor)
    assert "data:image/svg+xml" in visitor.post("/sign-in/new-second-step").text
    page = visitor.post("/sign-in/new-second-step", data={"code": code_of(admin)})
    assert len(re.findall(r"<code>([^<]+)</code>", page.text)) == 10
    assert not is_in(visitor)
    assert visitor.post("/sign-in/go-on").status_code == 303
    assert is_in(visitor)
    assert visitor.post("/account/second-step/off", data={"code": code_of(admin, 1)}).status_code == 403


def test_an_administrator_resets_the_second_step_of_those_she_looks_after(
    app: Flask, admin: Person, campus: Campus, signed_in: Browser
) -> None:
    teacher = make_person(campus, "丢了手机", password=PASSWORD)
    there = signed_in(teacher)
    turn_on(there, teacher)
    boss = make_person(campus, "集团的")
    grant(boss, Role.GROUP_ADMIN, group_id=campus.memberships[0].group_id)
    turn_on(signed_in(boss), boss)
    client = signed_in(admin)
    assert "两步登录" in client.get("/manage/slips?q=丢了手机").text
    assert client.post(f"/manage/slips/people/{teacher.id}/second-step/reset").status_code == 303
    assert not is_in(there)
    assert knock(app.test_client(), teacher).status_code == 303
    refused = client.post(f"/manage/slips/people/{boss.id}/second-step/reset")
    assert (refused.status_code, "只能重置归您管理的人" in refused.text) == (403, True)
    assert signed_in(teacher).post(f"/manage/slips/people/{admin.id}/second-step/reset").status_code == 404
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "second_step_reset")).one()
    assert (entry.person_id, entry.object_id, entry.campus_id) == (admin.id, teacher.id, campus.id)
